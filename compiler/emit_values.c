/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_values.c - the sets of numbers that ops compare with and that are too
 * large to stand in the ops.
 *
 *	ether saddr @macs	op: in set 1		VALUES: set 1, one prefix for each member
 *
 * A set keeps its number as long as one of the comparisons with it is in the
 * rule and place where it was, whatever its members are: then a member more is
 * an element more. */
#include <compiler/emit.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <compiler/emit_elements.h>
#include <compiler/hash.h>

#define MOST_VALUES (1u << 20) /* prefixes in all sets */

struct content {
	const struct value_sets *values;
	const struct addr_set *set;
};

static bool same_content(const void *ctx, uint32_t number)
{
	const struct content *c = ctx;

	return addr_set_equal(c->values->sets.v[number - 1].set, c->set);
}

static struct value_set *set_of(struct emit *e, const struct addr_set *set)
{
	struct content c = { &e->values, set };
	uint32_t number = emit_table_find(&e->values.by_content, set->hash, same_content, &c);

	return number ? &e->values.sets.v[number - 1] : NULL;
}

uint32_t value_set_number(struct emit *e, const struct addr_set *set)
{
	return set_of(e, set)->number;
}

uint64_t value_set_identity(const struct ir_rule *r, const struct ir_op *op)
{
	return hash_u64(r->identity, (uint64_t)(op - r->ops));
}

static void add_set(struct emit *e, const struct addr_set *set, uint32_t rule)
{
	struct content c = { &e->values, set };

	if (set_of(e, set))
		return;
	*vec_push(e->a, &e->values.sets) = (struct value_set){ .set = set, .rule = rule };
	emit_table_add(e->a, &e->values.by_content, set->hash, same_content, &c, (uint32_t)e->values.sets.n);
}

/* Calls fn for each comparison with a set of its own. */
typedef void (*use_fn)(struct emit *e, const struct ir_rule *r, const struct ir_op *op, void *ctx);

static void for_each_use(struct emit *e, use_fn fn, void *ctx)
{
	for (size_t i = 0; i < e->ir->n_rules; i++) {
		const struct ir_rule *r = e->ir->rules[i];

		for (size_t k = 0; e->wanted[i] && k < r->n_ops; k++)
			if (r->ops[k].kind == IR_COMPARE && r->ops[k].compare.allowed->n > INLINE_RANGES)
				fn(e, r, &r->ops[k], ctx);
	}
}

static void collect(struct emit *e, const struct ir_rule *r, const struct ir_op *op, void *ctx)
{
	(void)ctx;
	add_set(e, op->compare.allowed, r->index);
}

struct renumbering {
	struct state_numbers numbers;
	bool *claimed; /* by number found */
};

/* The number that this comparison had, if nobody else has it now. */
static void keep_number(struct emit *e, const struct ir_rule *r, const struct ir_op *op, void *ctx)
{
	struct renumbering *n = ctx;
	uint32_t old = state_numbers_find(&n->numbers, value_set_identity(r, op));
	struct value_set *s = set_of(e, op->compare.allowed);

	if (!old || s->number || n->claimed[old])
		return;
	n->claimed[old] = true;
	s->number = old;
}

void value_sets_make(struct emit *e)
{
	struct renumbering n;

	for_each_use(e, collect, NULL);
	state_numbers_init(e, STATE_SET, &n.numbers);
	n.claimed = arena_make_array(e->a, e->found.states[STATE_SET].n, bool);
	for_each_use(e, keep_number, &n);
	for (size_t i = 0; i < e->values.sets.n; i++)
		if (!e->values.sets.v[i].number)
			e->values.sets.v[i].number = free_numbers_take(&n.numbers.free);
}

static void add_members(struct emit *e, struct elements *elements, const struct value_set *s)
{
	static const uint32_t present = 1;
	size_t n = addr_set_prefixes(s->set, NULL);
	struct prefix *v = arena_make_array(e->a, n, struct prefix);

	addr_set_prefixes(s->set, v);
	for (size_t i = 0; i < n; i++) {
		struct zf_value key = { .prefixlen = 32 + v[i].len, .set = s->number };

		addr_to_bytes(v[i].addr, s->set->width, key.bytes);
		elements_add(elements, &key, &present, s->rule);
	}
}

int emit_values(struct emit *e)
{
	struct elements elements = elements_of(MAP_VALUES, e->a);

	for (size_t i = 0; i < e->values.sets.n; i++) {
		const struct value_set *s = &e->values.sets.v[i];

		if (elements.n + addr_set_prefixes(s->set, NULL) > MOST_VALUES)
			return diag_error(e->d, DIAG_TOO_MANY_COMBINATIONS, e->ir->rules[s->rule]->span,
					  "with the set of this rule there are more than %u members of sets that are "
					  "no addresses or ports",
					  MOST_VALUES);
		add_members(e, &elements, s);
	}
	elements_finish(&elements, &e->ret->maps[MAP_VALUES]);
	return 0;
}
