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

	for (const struct ast_value *i = items; i; i = i->next) {
		if (i->kind == VALUE_CATCHALL)
			return set_of_range(l, width, 0, ~(u128)0 >> (128 - width));
		*vec_push(l->a, &ranges) = value_range(i);
	}
	return addr_set_make(l->a, width, ranges.v, ranges.n);
}

/* Sets with more than a few ranges are kept, by the place of their elements. */
static const struct addr_set *shared_items(struct lower *l, const struct ast_value *items, unsigned int width)
{
	const struct addr_set *s = items ? table_get(&l->sets, (uintptr_t)items) : NULL;

	if (s)
		return s;
	s = set_of_items(l, items, width);
	if (s->n > SHARE_FROM)
		*table_at(&l->sets, (uintptr_t)items) = (void *)(uintptr_t)s;
	return s;
}

const struct addr_set *set_of_value(struct lower *l, const struct view *v, const struct ast_value *value)
{
	struct addr_range r;

	if (field_is_interface(v->field))
		return interface_indexes(l, value);
	if (value->kind == VALUE_SETREF)
		return shared_items(l, value->set->elements, v->width);
	if (value->kind == VALUE_SET)
		return shared_items(l, value->items, v->width);
	r = value_range(value);
	return set_of_range(l, v->width, r.lo, r.hi);
}

const struct addr_set *set_complement(struct lower *l, const struct addr_set *s)
{
	const struct addr_set **slot;

	if (s->n <= SHARE_FROM)
		return addr_set_complement(l->a, s);
	slot = (const struct addr_set **)table_at(&l->complements, (uintptr_t)s);
	if (!*slot)
		*slot = addr_set_complement(l->a, s);
	return *slot;
}

static const struct addr_set *ordered(struct lower *l, enum ast_op op, u128 value, unsigned int width)
{
	u128 max = ~(u128)0 >> (128 - width);
	bool below = op == OP_LT || op == OP_LE, with = op == OP_LE || op == OP_GE;

	if (!with && value == (below ? 0 : max))
		return addr_set_make(l->a, width, NULL, 0);
	if (below)
		return set_of_range(l, width, 0, with ? value : value - 1);
	return set_of_range(l, width, with ? value : value + 1, max);
}

/* "tcp flags syn,ack" looks at these bits only. */
static const struct addr_set *set_of_flags(struct lower *l, struct view *v, const struct ast_stmt *s)
{
	v->mask &= value_range(s->match.rhs).lo;
	if (s->match.op == OP_NOT)
		return set_of_range(l, v->width, 0, 0);
	return set_of_range(l, v->width, 1, ~(u128)0 >> (128 - v->width));
}

static const struct addr_set *set_of_masked(struct lower *l, struct view *v, const struct ast_value *masked)
{
	u128 bits = value_range(masked->left).lo;

	v->mask &= value_range(masked->right).lo;
	return set_of_range(l, v->width, bits, bits);
}

static bool is_of_flags(const struct ast_stmt *s)
{
	return s->match.lhs->kind == VALUE_FIELD && s->match.rhs->kind == VALUE_NUMBER &&
	       ast_type_kind(ast_field_type(s->match.lhs->field)) == KIND_FLAGS;
}

const struct addr_set *set_of_match(struct lower *l, struct view *v, const struct ast_stmt *s)
{
	const struct ast_value *rhs = s->match.rhs;
	const struct addr_set *set;

	switch (s->match.op) {
	case OP_LT:
	case OP_GT:
	case OP_LE:
	case OP_GE:
		return ordered(l, s->match.op, value_range(rhs).lo, v->width);
	case OP_NOT:
		return set_of_flags(l, v, s);
	case OP_IMPLICIT:
		if (is_of_flags(s))
			return set_of_flags(l, v, s);
		break;
	default:
		break;
	}
	set = rhs->kind == VALUE_MASKED ? set_of_masked(l, v, rhs) : set_of_value(l, v, rhs);
	return s->match.op == OP_NE ? set_complement(l, set) : set;
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
