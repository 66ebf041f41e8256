/* SPDX-License-Identifier: GPL-2.0-only */
/* live.c - looking at an instance, and removing it.  live_open is in store.c,
 * live_apply in apply.c. */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include <bpf/bpf.h>

#include <compiler/base/arena.h>
#include <runtime/attach.h>
#include <runtime/attached.h>
#include <runtime/bpf_sys.h>
#include <runtime/counters.h>
#include <runtime/map_read.h>
#include <runtime/store.h>
#include <runtime/trouble.h>

#define READ_TRIES 10

static const struct copy *live_copy(const struct live *l)
{
	return &l->copies[l->current];
}

/* ---- reading ---- */

static int check_live(const struct live *l, struct trouble *t)
{
	int r = store_check(l, t);

	if (!r && l->current < 0)
		return trouble(t, -ENOENT, "nothing has been applied to instance '%s' yet", l->pins.instance);
	return r;
}

/* As the kernel has it now, 0 when it can't be read. */
static uint64_t generation_now(const struct live *l)
{
	struct meta m = l->meta;

	if (l->meta_fd >= 0)
		store_read_meta(&l->pins, &m);
	return m.generation;
}

/* Without the lock, somebody may commit while the copy is read, and then bring
 * it level under our hands.  What was read is whole if the slot is the same
 * before and after, and not because it was stored twice: then the first of the
 * two has been counted.  So the count is read before the first look at the slot
 * (store_refresh does) and behind the last one. */
static int read_stable(struct live *l, int (*fn)(struct live *l, void *ctx, struct trouble *t), void *ctx,
		       struct trouble *t)
{
	int i, r, e;

	for (i = 0; i < READ_TRIES; i++) {
		uint32_t slot = l->slot;
		uint64_t generation = l->meta.generation;

		r = check_live(l, t);
		if (!r)
			r = fn(l, ctx, t);
		if (l->writes)
			return r;
		e = store_refresh(l, t);
		if (e)
			return e;
		if (l->slot == slot && generation_now(l) == generation)
			return r;
	}
	return trouble(t, -EAGAIN, "the rules of instance '%s' change too fast to be read", l->pins.instance);
}

struct image_read {
	struct arena *arena;
	struct image *ret;
};

static int read_image(struct live *l, void *ctx, struct trouble *t)
{
	struct live_stats not_counted = { 0 };
	struct image_read *q = ctx;

	return copy_read_image(live_copy(l), q->arena, q->ret, &not_counted, t);
}

int live_read_image(struct live *l, struct arena *a, struct image *ret, struct trouble *t)
{
	return read_stable(l, read_image, &(struct image_read){ a, ret }, t);
}

struct source_read {
	struct arena *arena;
	const char **blob;
	size_t *len;
};

static int read_source(struct live *l, void *ctx, struct trouble *t)
{
	struct source_read *q = ctx;

	return copy_read_source(&l->pins, live_copy(l), q->arena, q->blob, q->len, t);
}

int live_read_source(struct live *l, struct arena *a, const char **blob, size_t *len, struct trouble *t)
{
	return read_stable(l, read_source, &(struct source_read){ a, blob, len }, t);
}

int live_read_counter(struct live *l, uint32_t counter, uint64_t *packets, uint64_t *bytes)
{
	struct zf_counter v;
	int r = l->current < 0 ? -ENOENT : counters_read(live_copy(l), counter, &v);

	if (r)
		return r;
	*packets = v.packets;
	*bytes = v.bytes;
	return 0;
}

/* ---- status ---- */

int live_interfaces(struct live *l, struct arena *a, struct live_interface **v, size_t *n)
{
	struct {
		struct live_interface *v;
		size_t n, cap;
	} list = { 0 };
	struct attachment *at;
	struct trouble ignored = { 0 };
	size_t count, i;
	int r;

	r = attach_list(&l->pins, a, &at, &count, &ignored);
	if (r)
		return r;
	for (i = 0; i < count; i++) {
		struct live_interface *f = list.n ? &list.v[list.n - 1] : NULL;

		if (!f || f->index != at[i].ifindex) {
			f = vec_push(a, &list);
			*f = (struct live_interface){ .index = at[i].ifindex };
			if (!if_indextoname(f->index, f->name))
				f->name[0] = 0;
		}
		f->tcx |= at[i].tcx;
		f->ingress |= at[i].hook == ATTACH_IN && at[i].active;
		f->egress |= at[i].hook == ATTACH_OUT && at[i].active;
	}
	*v = list.v;
	*n = list.n;
	return 0;
}

static uint64_t copies_memory(const struct live *l, enum map_id id)
{
	uint64_t bytes = 0;
	int i;

	for (i = 0; i < 2; i++)
		if (l->copies[i].maps[id] >= 0 && (!i || l->copies[0].map_ids[id] != l->copies[1].map_ids[id]))
			bytes += sys_map_memory(l->copies[i].maps[id]);
	return bytes;
}

struct counters_seen {
	bool *v; /* by number */
	uint32_t n, count;
};

static int see_counter(uint32_t counter, uint64_t identity, void *ctx)
{
	struct counters_seen *s = ctx;

	(void)identity;
	if (counter >= s->n || s->v[counter])
		return 0;
	s->v[counter] = true;
	s->count++;
	return 0;
}

static uint32_t counters_in_use(const struct live *l, const struct image *image)
{
	struct arena *a = arena_new();
	struct counters_seen s = { .n = live_copy(l)->capacity[MAP_COUNTER] };

	s.v = arena_make_array(a, s.n, bool);
	counters_each(image, see_counter, &s);
	arena_free(&a);
	return s.count;
}

static int count_elements(struct live *l, struct live_status *ret, struct trouble *t)
{
	struct arena *a = arena_new();
	const struct copy *c = live_copy(l);
	struct image image;
	int i, r;

	r = live_read_image(l, a, &image, t);
	for (i = 0; !r && i < MAP_COUNT; i++) {
		ret->capacity[i] = c->capacity[i];
		ret->entries[i] = image.maps[i].n;
	}
	if (!r) {
		ret->entries[MAP_COUNTER] = ret->entries[MAP_BASE] = counters_in_use(l, &image);
		r = map_count(MAP_FLOW, c->maps[MAP_FLOW], c->capacity[MAP_FLOW], &ret->flows);
		ret->entries[MAP_FLOW] = ret->flows;
		if (r)
			trouble(t, r, "can't read map FLOW: %s", errno_words(r));
	}
	arena_free(&a);
	return r;
}

static int routing_status(struct live *l, struct live_status *ret, struct trouble *t)
{
	struct routing routing = store_routing(l);
	struct routing_state s;
	int r = routing_read(&routing, &s, t);

	if (r)
		return r;
	ret->mark = routing.mark;
	ret->table = routing.table;
	ret->rule_priority = routing.priority;
	ret->rule4 = s.rule4;
	ret->rule6 = s.rule6;
	ret->route4 = s.route4;
	ret->route6 = s.route6;
	ret->no_ipv6 = s.no_ipv6;
	ret->lo_down = s.lo_down;
	ret->src_valid_mark = s.src_valid_mark;
	return 0;
}

int live_status(struct live *l, struct live_status *ret, struct trouble *t)
{
	int i, r;

	*ret = (struct live_status){ 0 };
	r = store_check(l, t);
	if (r || l->meta_fd < 0)
		return r;
	ret->generation = store_generation(l);
	for (i = 0; i < MAP_COUNT; i++)
		*(i == MAP_FLOW ? &ret->flow_memory : &ret->memory) += copies_memory(l, i);
	r = routing_status(l, ret, t);
	return r || l->current < 0 ? r : count_elements(l, ret, t);
}

/* ---- removing ---- */

/* The programs first: from then on packets pass as before, and nothing marks
 * them any more.  Killed in the middle, both apply and detach go on from there. */
int live_detach(struct live *l, struct live_stats *stats, struct trouble *t)
{
	struct routing routing = store_routing(l);
	struct arena *a = arena_new();
	int r;

	*stats = (struct live_stats){ 0 };
	r = attached_prune(l, NULL, a, t);
	if (!r)
		r = routing_remove(&routing, t);
	if (!r) {
		r = pins_destroy(&l->pins);
		if (r)
			trouble(t, r, "can't remove the pins of instance '%s': %s", l->pins.instance, errno_words(r));
	}
	arena_free(&a);
	return r;
}
