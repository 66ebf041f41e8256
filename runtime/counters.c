/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <compiler/base/arena.h>
#include <runtime/counters.h>
#include <runtime/map_read.h>
#include <runtime/map_write.h>
#include <runtime/owned.h>
#include <runtime/trouble.h>

/* ---- reading ---- */

static int read_sum(const struct copy *c, uint32_t counter, struct zf_counter *ret)
{
	int cpus = libbpf_num_possible_cpus(), i, r;
	_free_ struct zf_counter *v = NULL;

	*ret = (struct zf_counter){ 0 };
	if (cpus < 0)
		return cpus;
	v = calloc(cpus, sizeof(*v));
	if (!v)
		return -ENOMEM;
	r = bpf_map_lookup_elem(c->maps[MAP_COUNTER], &counter, v);
	for (i = 0; !r && i < cpus; i++) {
		ret->packets += v[i].packets;
		ret->bytes += v[i].bytes;
	}
	return r;
}

int counters_read(const struct copy *c, uint32_t counter, struct zf_counter *ret)
{
	struct zf_counter base, sum;
	int r;

	r = read_sum(c, counter, &sum);
	if (!r)
		r = bpf_map_lookup_elem(c->maps[MAP_BASE], &counter, &base);
	if (!r)
		*ret = (struct zf_counter){ base.packets + sum.packets, base.bytes + sum.bytes };
	return r;
}

/* ---- changing bases ---- */

/* All of BASE, with an element for each number, as it is and as it should be. */
struct bases {
	struct map_image found, wanted;
	struct zf_counter *v; /* of wanted */
};

static int bases_read(const struct copy *c, struct arena *a, struct bases *ret, struct trouble *t)
{
	uint32_t n = c->capacity[MAP_BASE], *keys = arena_make_array(a, n, uint32_t), i;
	struct zf_counter *found = arena_make_array(a, n, struct zf_counter);
	struct map_image sparse = { 0 };
	int r = map_read(MAP_BASE, c->maps[MAP_BASE], n, a, &sparse);

	if (r)
		return trouble(t, r, "can't read map BASE: %s", errno_words(r));
	for (i = 0; i < n; i++)
		keys[i] = i;
	for (i = 0; i < sparse.n; i++)
		memcpy(&found[((uint32_t *)sparse.keys)[i]], sparse.values + i * sizeof(*found), sizeof(*found));
	ret->v = arena_make_array(a, n, struct zf_counter);
	memcpy(ret->v, found, n * sizeof(*found));
	ret->found = (struct map_image){ .n = n, .keys = (uint8_t *)keys, .values = (uint8_t *)found };
	ret->wanted = (struct map_image){ .n = n, .keys = (uint8_t *)keys, .values = (uint8_t *)ret->v };
	return 0;
}

static int bases_write(const struct copy *c, const struct bases *b, struct live_stats *stats, struct trouble *t)
{
	return map_write(MAP_BASE, c->maps[MAP_BASE], c->capacity[MAP_BASE], &b->found, &b->wanted, stats, t);
}

static bool any_new(const struct ir *ir, const struct image *wanted)
{
	size_t i;

	for (i = 0; i < ir->n_counters; i++)
		if (wanted->counter_ids[i] && wanted->counter_new[i])
			return true;
	return false;
}

static int begin_all(const struct copy *c, const struct ir *ir, const struct image *wanted, struct bases *b,
		     struct trouble *t)
{
	struct zf_counter sum;
	size_t i;
	int r;

	for (i = 0; i < ir->n_counters; i++) {
		uint32_t id = wanted->counter_ids[i];

		if (!id || !wanted->counter_new[i])
			continue;
		r = read_sum(c, id, &sum);
		if (r)
			return trouble(t, r, "can't read map COUNTER: %s", errno_words(r));
		b->v[id].packets = ir->counters[i].packets - sum.packets;
		b->v[id].bytes = ir->counters[i].bytes - sum.bytes;
	}
	return 0;
}

int counters_begin(const struct copy *c, const struct ir *ir, const struct image *wanted, struct live_stats *stats,
		   struct trouble *t)
{
	struct arena *a;
	struct bases b = { 0 };
	int r;

	if (!any_new(ir, wanted))
		return 0;
	a = arena_new();
	r = bases_read(c, a, &b, t);
	if (!r)
		r = begin_all(c, ir, wanted, &b, t);
	if (!r)
		r = bases_write(c, &b, stats, t);
	arena_free(&a);
	return r;
}

/* ---- carrying over ---- */

int counters_each(const struct image *image, counter_fn fn, void *ctx)
{
	const struct map_image *rules = &image->maps[MAP_RULE], *ops = &image->maps[MAP_OPS];
	size_t i;
	int r = 0;

	for (i = 0; !r && i < rules->n; i++) {
		const struct zf_rule *rule = (const struct zf_rule *)rules->values + i;

		if (rule->counter)
			r = fn(rule->counter, rule->counter_identity, ctx);
	}
	for (i = 0; !r && i < ops->n; i++) {
		const struct zf_op *op = (const struct zf_op *)ops->values + i;

		if (op->kind == ZF_OP_COUNT && op->number)
			r = fn(op->number, op->identity, ctx);
	}
	return r;
}

struct identities {
	uint64_t *v; /* by number */
	uint32_t n;
};

static int note_identity(uint32_t counter, uint64_t identity, void *ctx)
{
	struct identities *ids = ctx;

	if (counter < ids->n)
		ids->v[counter] = identity;
	return 0;
}

/* Which counter each number is, 0: none that existed before. */
static uint64_t *identities(const struct image *image, const struct ir *ir, uint32_t n, struct arena *a)
{
	uint64_t *ret = arena_make_array(a, n, uint64_t);
	size_t i;

	counters_each(image, note_identity, &(struct identities){ ret, n });
	for (i = 0; ir && i < ir->n_counters; i++)
		if (image->counter_new[i])
			ret[image->counter_ids[i]] = 0;
	return ret;
}

struct carrying {
	const struct copy *from;
	const uint64_t *same; /* identity by number, where they go */
	struct bases *to;
};

static int carry_one(uint32_t counter, uint64_t identity, void *ctx)
{
	struct carrying *c = ctx;

	if (counter >= c->to->wanted.n || counter >= c->from->capacity[MAP_COUNTER] || c->same[counter] != identity)
		return 0;
	return counters_read(c->from, counter, &c->to->v[counter]);
}

static int carry_all(const struct copy *from, const struct image *image, const uint64_t *same, struct bases *b,
		     struct trouble *t)
{
	int r = counters_each(image, carry_one, &(struct carrying){ from, same, b });

	return r ? trouble(t, r, "can't read map COUNTER: %s", errno_words(r)) : 0;
}

int counters_carry(const struct copy *from, const struct image *from_image, const struct copy *to,
		   const struct image *to_image, const struct ir *ir, struct live_stats *stats, struct trouble *t)
{
	struct arena *a = arena_new();
	struct bases b = { 0 };
	int r = bases_read(to, a, &b, t);

	if (!r)
		r = carry_all(from, from_image, identities(to_image, ir, b.wanted.n, a), &b, t);
	if (!r)
		r = bases_write(to, &b, stats, t);
	arena_free(&a);
	return r;
}
