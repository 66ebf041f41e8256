/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/lower.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>
#include <compiler/value.h>

/* Those used last are kept: many rules look at the same few protocols and ports,
 * and where chains are inlined in many places, again and again. */
const struct addr_set *set_of_range(struct lower *l, unsigned int width, u128 lo, u128 hi)
{
	struct addr_range wanted = { lo, hi }, *v;
	const struct addr_set **slot = &l->single[hash_bytes(width, &wanted, sizeof(wanted)) % N_SINGLE];
	const struct addr_set *last = *slot;

	if (last && last->width == width && last->v->lo == lo && last->v->hi == hi)
		return last;
	v = arena_make(l->a, struct addr_range);
	*v = wanted;
	*slot = addr_set_make(l->a, width, v, 1);
	return *slot;
}

/* One walk along the list: of a large set its values lie scattered in memory. */
static const struct addr_set *set_of_items(struct lower *l, const struct ast_value *items, unsigned int width)
{
	struct {
		struct addr_range *v;
		size_t n, cap;
	} ranges = { 0 };

	for (const struct ast_value *i = items; i; i = i->next)
		*vec_push(l->a, &ranges) = value_range(i);
	return addr_set_make(l->a, width, ranges.v, ranges.n);
}

/* Where sets are kept: by their elements and what was done to them. */
enum derived { AS_IT_IS, COMPLEMENT, DERIVED_COUNT };

static struct addr_set **shared(struct lower *l, const struct ast_value *items, enum derived what)
{
	return (struct addr_set **)table_at(&l->sets, (uintptr_t)items * DERIVED_COUNT + what);
}

static const struct addr_set *shared_items(struct lower *l, const struct ast_value *items, unsigned int width)
{
	struct addr_set *s = items ? table_get(&l->sets, (uintptr_t)items * DERIVED_COUNT + AS_IT_IS) : NULL;

	if (s)
		return s;
	s = (struct addr_set *)set_of_items(l, items, width);
	if (s->n > SHARE_FROM)
		*shared(l, items, AS_IT_IS) = s;
	return s;
}

static const struct ast_value *items_of(const struct ast_value *v)
{
	return v->kind == VALUE_SETREF ? v->set->elements : v->kind == VALUE_SET ? v->items : NULL;
}

const struct addr_set *set_of_value(struct lower *l, const struct ast_value *v, enum ast_type type)
{
	unsigned int width = type_width(type);
	struct addr_range r;

	if (v->kind == VALUE_SETREF || v->kind == VALUE_SET)
		return shared_items(l, items_of(v), width);
	r = value_range(v);
	return set_of_range(l, width, r.lo, r.hi);
}

static const struct addr_set *complement(struct lower *l, const struct ast_value *v, const struct addr_set *s)
{
	const struct ast_value *items = items_of(v);
	struct addr_set **slot;

	if (!items || s->n <= SHARE_FROM)
		return addr_set_complement(l->a, s);
	slot = shared(l, items, COMPLEMENT);
	if (!*slot)
		*slot = (struct addr_set *)addr_set_complement(l->a, s);
	return *slot;
}

static const struct addr_set *ordered(struct lower *l, enum ast_op op, u128 value, unsigned int width)
{
	u128 max = width == 128 ? ~(u128)0 : ((u128)1 << width) - 1;
	bool below = op == OP_LT || op == OP_LE, with = op == OP_LE || op == OP_GE;

	if (!with && value == (below ? 0 : max))
		return addr_set_make(l->a, width, NULL, 0);
	if (below)
		return set_of_range(l, width, 0, with ? value : value - 1);
	return set_of_range(l, width, with ? value : value + 1, max);
}

const struct addr_set *set_of_match(struct lower *l, const struct ast_stmt *s)
{
	enum ast_type type = ast_field_type(s->match.field);
	const struct ast_value *v = s->match.rhs;

	if (s->match.op != OP_IMPLICIT && s->match.op != OP_EQ && s->match.op != OP_NE)
		return ordered(l, s->match.op, value_range(v).lo, type_width(type));
	if (s->match.op == OP_NE)
		return complement(l, v, set_of_value(l, v, type));
	return set_of_value(l, v, type);
}

static void fill_ranges(struct lower *l, const struct addr_set *s, struct ir_ranges *ret)
{
	struct ir_range *v = arena_make_array(l->a, s->n, struct ir_range);

	for (size_t i = 0; i < s->n; i++)
		v[i] = (struct ir_range){ (uint16_t)s->v[i].lo, (uint16_t)s->v[i].hi };
	*ret = (struct ir_ranges){ s->n, v };
}

struct ir_ranges ranges_of_set(struct lower *l, const struct addr_set *s)
{
	struct ir_ranges one = { 0 }, **slot;

	if (!s)
		return one;
	if (s->n <= SHARE_FROM) {
		fill_ranges(l, s, &one);
		return one;
	}
	slot = (struct ir_ranges **)table_at(&l->ranges, (uintptr_t)s);
	if (!*slot) {
		*slot = arena_make(l->a, struct ir_ranges);
		fill_ranges(l, s, *slot);
	}
	return **slot;
}
