/* SPDX-License-Identifier: GPL-2.0-only */
/* apply.c - live_apply: the order in which an instance is changed.
 *
 * At every moment the copy in the slot of 'jump' is whole and unchanging, and
 * the other one is used by no packet.  Killed after any system call:
 *
 *	1 meta.busy = 1			from here on the next apply knows
 *	2 shared maps, other copy	no packet looks there
 *	3 routing, new interfaces	the live rules don't mark packets and don't know the interfaces
 *	4 slot := other copy		the commit
 *	5 grace period			packets that began before are done with the old copy
 *	6 counters carried over, old copy brought level, unwanted interfaces and routing removed
 *	7 meta.busy = 0
 *
 * Killed before 4 the old rules are in force, and the next apply writes the
 * other copy again, whatever is in it.  Killed behind 4 the new ones are: the
 * program in the slot is another than meta.before, and the next apply begins
 * with 5 and 6.
 *
 * When nothing has been committed before, 4 goes before 3: the program at the
 * interface drops what it finds no rules for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>

#include <compiler/base/arena.h>
#include <compiler/ir.h>
#include <runtime/attached.h>
#include <runtime/bpf_sys.h>
#include <runtime/counters.h>
#include <runtime/load.h>
#include <runtime/map_write.h>
#include <runtime/owned.h>
#include <runtime/states.h>
#include <runtime/store.h>
#include <runtime/trouble.h>

struct apply {
	struct live *l;
	const struct live_wanted *w;
	struct live_stats *stats;
	struct trouble *t;
	struct arena *arena;
	struct image found; /* of the live copy; without elements when there is none */
	struct image wanted;
	uint32_t found_maps[MAP_COUNT]; /* ids of the maps that found was read from */
	struct routing routing;		/* as it will be */
	bool new_routing;		/* chosen by this apply */
	int source;			/* map of the wanted source text, -1: the live copy has it already */
	bool first;			/* nothing has been committed before */
	bool committed;
	struct attached attached;
};

static const struct image no_image;
static const struct copy no_copy = COPY_NONE("");

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static struct copy *live_copy(const struct apply *p)
{
	return &p->l->copies[p->l->current];
}

/* The copy that no packet uses; before the first commit, one of them. */
static struct copy *other_copy(const struct apply *p)
{
	return &p->l->copies[p->l->current == 0];
}

/* The copy whose maps the other one uses too. */
static const struct copy *sharer(const struct apply *p)
{
	return p->l->current < 0 ? &no_copy : live_copy(p);
}

static int grace(struct apply *p)
{
	double begin = seconds();
	int r = sys_grace_period();

	p->stats->grace_s += seconds() - begin;
	return r ? trouble(p->t, r, "can't wait for packets under way: %s", errno_words(r)) : 0;
}

/* ---- what is there and what is wanted ---- */

static int read_found(struct apply *p)
{
	double begin = seconds();
	int r = 0;

	if (!p->first) {
		memcpy(p->found_maps, live_copy(p)->map_ids, sizeof(p->found_maps));
		r = copy_read_image(live_copy(p), p->arena, &p->found, p->stats, p->t);
	}
	p->stats->read_s += seconds() - begin;
	return r;
}

static int choose_routing(struct apply *p)
{
	p->routing = store_routing(p->l);
	if (!p->w->ir->uses_tproxy || p->routing.mark)
		return 0;
	p->new_routing = true;
	return routing_choose(&p->routing, p->t);
}

static int emit(struct apply *p, struct diag *d)
{
	struct emit_options options = { .mark = p->w->ir->uses_tproxy ? p->routing.mark : 0 };
	double begin = seconds();
	int r = emit_image(p->w->ir, p->w->facts, &options, p->first ? NULL : &p->found, d, p->arena, &p->wanted);

	p->stats->emit_s += seconds() - begin;
	return r ? trouble(p->t, -EINVAL, "%s", "") : 0;
}

static int read_source(struct apply *p)
{
	const char *text = "";
	size_t len = 0;
	int r = 0;

	p->source = -1;
	if (!p->first)
		r = copy_read_source(&p->l->pins, live_copy(p), p->arena, &text, &len, p->t);
	if (r)
		return r;
	if (!p->first && len == p->w->source_len && !memcmp(text, p->w->source, len))
		return 0;
	p->source = copy_make_source(p->w->source, p->w->source_len, p->t);
	if (p->source < 0)
		return p->source;
	p->stats->writes++;
	return 0;
}

static bool has_room(const struct apply *p, const struct copy *c)
{
	int i;

	for (i = 0; i < MAP_COUNT; i++) {
		uint32_t need = p->wanted.maps[i].capacity;

		if (i == MAP_FLOW ? c->capacity[i] != need : c->capacity[i] < need)
			return false;
	}
	return true;
}

/* Whether the copy can hold what is wanted as it is, without being built anew. */
static bool copy_fits(const struct apply *p, const struct copy *c)
{
	return c->usable && has_room(p, c) && p->l->meta.object[c - p->l->copies] == load_object_number();
}

static int any_change(const struct change *c, void *ctx)
{
	(void)c;
	(void)ctx;
	return 1;
}

static bool must_change(const struct apply *p)
{
	return p->first || !copy_fits(p, live_copy(p)) || image_diff(&p->found, &p->wanted, any_change, NULL);
}

/* ---- writing ---- */

static int begin_meta(struct apply *p)
{
	struct meta m = p->l->meta;
	int i;

	m.generation = store_generation(p->l);
	m.before = p->l->slot;
	m.busy = 1;
	m.mark = p->routing.mark;
	m.table = p->routing.table;
	m.priority = p->routing.priority;
	for (i = 0; i < 2; i++) /* what a build that is killed leaves must not pass for ours */
		if (m.object[i] != load_object_number())
			m.object[i] = 0;
	return store_write_meta(p->l, &m, p->stats, p->t);
}

static int end_meta(struct apply *p)
{
	struct meta m = p->l->meta;

	m.generation = store_generation(p->l);
	m.before = p->l->slot;
	m.busy = 0;
	m.attached_object = load_object_number();
	if (!p->w->ir->uses_tproxy)
		m.mark = m.table = m.priority = 0;
	return store_write_meta(p->l, &m, p->stats, p->t);
}

static void choose_capacity(const struct apply *p, uint32_t capacity[MAP_COUNT])
{
	int i;

	for (i = 0; i < MAP_COUNT; i++) {
		uint32_t need = p->wanted.maps[i].capacity ? p->wanted.maps[i].capacity : 1;

		capacity[i] = image_suggest_capacity(i, need);
		if (sharer(p)->capacity[i] >= need && i != MAP_FLOW)
			capacity[i] = sharer(p)->capacity[i];
	}
}

static int write_maps(struct apply *p, const struct copy *c, enum map_scope scope, const struct image *found)
{
	int i, r = 0;

	for (i = 0; !r && i < MAP_COUNT; i++)
		if (map_descs[i].scope == scope)
			r = map_write(i, c->maps[i], c->capacity[i], &found->maps[i], &p->wanted.maps[i], p->stats,
				      p->t);
	return r;
}

/* Elements that the live copy refers to are never changed by this: the image is
 * emitted against them. */
static int write_shared(struct apply *p, const struct copy *c)
{
	struct image found = p->found;
	int i;

	for (i = 0; i < MAP_COUNT; i++)
		if (c->map_ids[i] != sharer(p)->map_ids[i])
			found.maps[i] = no_image.maps[i];
	return write_maps(p, c, SCOPE_SHARED, &found);
}

static int pin_source(struct apply *p, const struct copy *c)
{
	_close_ int live = -1;
	char name[32];

	if (p->source >= 0)
		return copy_pin_source(&p->l->pins, c, p->source, p->t);
	snprintf(name, sizeof(name), "%s/source", live_copy(p)->name);
	live = pins_get(&p->l->pins, name);
	if (live < 0)
		return trouble(p->t, live, "can't open pin '%s': %s", name, errno_words(live));
	return copy_pin_source(&p->l->pins, c, live, p->t);
}

/* Built anew when it can't hold what is wanted, or hasn't the maps that both
 * copies use (unless those are too small: then it is their successors it has). */
static bool must_build(const struct apply *p, const struct copy *c)
{
	return !copy_fits(p, c) || (p->l->current >= 0 && has_room(p, sharer(p)) && !copy_shares(c, sharer(p)));
}

static int build(struct apply *p, struct copy *c)
{
	uint32_t capacity[MAP_COUNT];
	int r;

	choose_capacity(p, capacity);
	r = copy_build(&p->l->pins, c, p->l->jump, sharer(p), capacity, p->t);
	if (!r)
		p->l->meta.object[c - p->l->copies] = load_object_number(); /* stored by end_meta */
	return r;
}

/* Makes the switched maps of the copy that no packet uses hold what is wanted.
 * 'known' is what is in them; NULL: that must be read. */
static int write_switched(struct apply *p, struct copy *c, const struct image *known)
{
	struct image read;
	double begin = seconds();
	int r = 0;

	if (!known) {
		r = copy_read_image(c, p->arena, &read, p->stats, p->t);
		p->stats->read_s += seconds() - begin;
		known = &read;
	}
	if (!r)
		r = write_maps(p, c, SCOPE_SWITCHED, known);
	return r ? r : pin_source(p, c);
}

/* Makes the other copy the same as the live one, which holds what is wanted. */
static int level(struct apply *p, struct copy *c, const struct image *known)
{
	int r = 0;

	if (must_build(p, c)) {
		r = build(p, c);
		known = NULL;
	}
	return r ? r : write_switched(p, c, known);
}

/* ---- before the commit ---- */

/* What an apply that was killed behind its commit has left: its packets may
 * still use the other copy, and counters may not have been carried over. */
static int recover(struct apply *p)
{
	const struct live *l = p->l;
	struct image old;
	int r;

	if (!l->meta.busy)
		return 0;
	r = grace(p);
	if (r || p->first || l->slot == l->meta.before || !other_copy(p)->usable ||
	    other_copy(p)->map_ids[MAP_COUNTER] == live_copy(p)->map_ids[MAP_COUNTER])
		return r;
	r = copy_read_image(other_copy(p), p->arena, &old, p->stats, p->t);
	return r ? r : counters_carry(other_copy(p), &old, live_copy(p), &p->found, NULL, p->stats, p->t);
}

static int install_routing(struct apply *p)
{
	return p->w->ir->uses_tproxy ? routing_install(&p->routing, p->t) : 0;
}

static int attach(struct apply *p)
{
	double begin = seconds();
	int r = attached_ensure(p->l, p->w->ir, p->w->force_clsact, p->arena, &p->attached, p->t);

	p->stats->attach_s += seconds() - begin;
	return r;
}

static int commit(struct apply *p, const struct copy *c)
{
	uint32_t key = 0;
	int r = bpf_map_update_elem(p->l->jump, &key, &c->program, BPF_ANY);

	if (r)
		return trouble(p->t, r, "can't switch to the new rules: %s", errno_words(r));
	p->stats->writes++;
	p->l->slot = c->program_id;
	p->l->current = c - p->l->copies;
	p->committed = true;
	return 0;
}

static int prepare(struct apply *p, struct copy *c)
{
	int r = must_build(p, c) ? build(p, c) : 0;

	if (!r)
		r = write_shared(p, c);
	if (!r)
		r = counters_begin(c, p->w->ir, &p->wanted, p->stats, p->t);
	if (!r)
		r = states_begin(sharer(p), c, p->w->ir, &p->wanted, p->stats, p->t);
	return r ? r : write_switched(p, c, NULL);
}

/* Undoes what can be seen from outside.  The other copy may stay as it is. */
static void undo(struct apply *p)
{
	struct trouble ignored = { 0 };

	attached_undo(p->l, &p->attached);
	if (p->new_routing)
		routing_remove(&p->routing, &ignored);
	if (p->first)
		pins_destroy(&p->l->pins);
}

/* ---- behind it ---- */

/* Rules and ops that nobody refers to are zeroed, so that no element says of a
 * counter what isn't true any more.  (Cells of PORTS may stay: they are reached
 * by reference only.) */
static int sweep(struct apply *p, enum map_id map)
{
	const struct map_image *found = &p->found.maps[map], *wanted = &p->wanted.maps[map];
	const struct copy *c = live_copy(p);
	const uint32_t *old = (const uint32_t *)found->keys, *new = (const uint32_t *)wanted->keys;
	static const union {
		struct zf_rule rule;
		struct zf_op op;
	} none;
	size_t i, k = 0;
	int r = 0;

	if (p->found_maps[map] != c->map_ids[map])
		return 0;
	for (i = 0; !r && i < found->n; i++) {
		while (k < wanted->n && new[k] < old[i])
			k++;
		if (k < wanted->n && new[k] == old[i])
			continue;
		r = bpf_map_update_elem(c->maps[map], &old[i], &none, BPF_ANY);
		p->stats->deletes++;
	}
	return r ? trouble(p->t, r, "can't write map %s: %s", map_descs[map].name, errno_words(r)) : 0;
}

static int release(struct apply *p)
{
	struct routing r = store_routing(p->l);
	int e = attached_prune(p->l, p->w->ir, p->arena, p->t);

	return e || p->w->ir->uses_tproxy ? e : routing_remove(&r, p->t);
}

static int settle(struct apply *p)
{
	struct copy *old = other_copy(p);
	int r = p->first ? 0 : grace(p);

	if (!r && !p->first && old->map_ids[MAP_COUNTER] != live_copy(p)->map_ids[MAP_COUNTER])
		r = counters_carry(old, &p->found, live_copy(p), &p->wanted, p->w->ir, p->stats, p->t);
	if (!r)
		r = level(p, old, p->first ? NULL : &p->found);
	if (!r)
		r = sweep(p, MAP_RULE);
	if (!r)
		r = sweep(p, MAP_OPS);
	if (!r)
		r = release(p);
	return r ? r : end_meta(p);
}

/* ---- all of it ---- */

static int change(struct apply *p)
{
	struct copy *c = other_copy(p);
	int r;

	r = begin_meta(p);
	if (!r)
		r = prepare(p, c);
	if (!r && p->first)
		r = commit(p, c);
	if (!r)
		r = install_routing(p);
	if (!r)
		r = attach(p);
	if (!r && !p->first)
		r = commit(p, c);
	if (r) {
		undo(p);
		return r;
	}
	r = settle(p);
	if (r)
		trouble_prefix(p->t, "the new rules are in force, but not all is done; apply again: ");
	return r;
}

/* The rules are live already: what is around them is looked at and repaired. */
static int keep(struct apply *p)
{
	struct copy *other = other_copy(p);
	bool unfinished = p->l->meta.busy || must_build(p, other) || p->new_routing ||
			  p->l->meta.attached_object != load_object_number();
	int r = unfinished ? begin_meta(p) : 0;

	if (!r && p->source >= 0)
		r = copy_pin_source(&p->l->pins, live_copy(p), p->source, p->t);
	if (!r && unfinished)
		r = level(p, other, NULL);
	else if (!r && p->source >= 0)
		r = copy_pin_source(&p->l->pins, other, p->source, p->t);
	if (!r)
		r = install_routing(p);
	if (!r)
		r = attach(p);
	if (!r)
		r = release(p);
	return r || !unfinished ? r : end_meta(p);
}

static int run(struct apply *p, struct diag *d)
{
	int r;

	r = read_found(p);
	if (!r)
		r = choose_routing(p);
	if (!r)
		r = emit(p, d);
	if (!r)
		r = store_create(p->l, p->t);
	if (!r)
		r = recover(p);
	if (!r)
		r = read_source(p);
	if (r)
		return r;
	return must_change(p) ? change(p) : keep(p);
}

int live_apply(struct live *l, const struct live_wanted *w, struct diag *d, struct live_stats *stats, struct trouble *t)
{
	struct apply p = { .l = l, .w = w, .stats = stats, .t = t, .arena = arena_new(), .source = -1 };
	double begin = seconds();
	int r;

	*stats = (struct live_stats){ 0 };
	p.first = l->slot == SLOT_EMPTY;
	r = store_check(l, t);
	if (!r)
		r = run(&p, d);
	owned_close(&p.source);
	arena_free(&p.arena);
	stats->write_s = seconds() - begin - stats->read_s - stats->emit_s - stats->grace_s - stats->attach_s;
	return r;
}
