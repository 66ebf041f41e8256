/* SPDX-License-Identifier: GPL-2.0-only */
/* lower_view.c - what an expression looks at, as bits of a header.
 *
 *	ip saddr & 255.0.0.0 == 10.0.0.0	10.0.0.0/8 of the dimension of source addresses
 *	ip dscp cs1				network[0:2] & 0xfc0 in { 0x200 }
 *	ct state established			the states that are 2 */
#include <compiler/lower.h>

#include <assert.h>

#include <compiler/base/arena.h>
#include <compiler/value.h>

#define INDEX_BITS 32
#define MAX_RANGES 16 /* of a masked address, port or protocol that a box can hold */

static const struct {
	enum ir_base base;
	uint16_t offset, bits;
} places[FIELD_COUNT] = {
#define BASE_LINK      IR_LINK
#define BASE_NETWORK   IR_NETWORK
#define BASE_TRANSPORT IR_TRANSPORT
#define BASE_META      IR_META
#define FIELD(id, spelling, type, families, protocol, base, offset, bits, doc) \
	[FIELD_##id] = { BASE_##base, offset, bits },
#include <grammar/fields.def>
#undef FIELD
};

static u128 ones(unsigned int bits)
{
	return bits ? ~(u128)0 >> (128 - bits) : 0;
}

bool field_is_blind(enum ast_field f)
{
	return field_is_interface(f) || f == FIELD_META_MARK || f == FIELD_META_PRIORITY || f == FIELD_META_CPU;
}

static struct view view_of(const struct ast_value *e)
{
	struct view v;
	u128 operand;

	if (e->kind == VALUE_FIELD) {
		v = (struct view){ .field = e->field, .fib = e->field == FIELD_FIB_TYPE ? e->prefix_len : 0 };
		v.width = field_is_interface(e->field) ? INDEX_BITS : places[e->field].bits;
		v.mask = ones(v.width);
		return v;
	}
	assert(e->kind == VALUE_BINARY);
	v = view_of(e->left);
	operand = value_range(e->right).lo & ones(v.width);
	if (e->op == BINARY_AND) {
		v.mask &= operand;
		v.flip &= operand;
	} else if (e->op == BINARY_OR) {
		v.mask &= ~operand;
		v.flip |= operand;
	} else {
		assert(e->op == BINARY_XOR);
		v.flip ^= operand;
	}
	return v;
}

void views_of(const struct ast_value *expression, struct views *ret)
{
	ret->n = 0;
	if (expression->kind != VALUE_CONCAT) {
		ret->v[ret->n++] = view_of(expression);
		return;
	}
	for (const struct ast_value *i = expression->items; i; i = i->next) {
		assert(ret->n < MAX_VIEWS);
		ret->v[ret->n++] = view_of(i);
	}
}

/* ---- as values of the field ---- */

struct ranges {
	struct addr_range *v;
	size_t n, cap;
};

static unsigned int count_ones(u128 x)
{
	return (unsigned int)(__builtin_popcountll((uint64_t)x) + __builtin_popcountll((uint64_t)(x >> 64)));
}

static unsigned int low_zeros(u128 x)
{
	return (uint64_t)x ? (unsigned int)__builtin_ctzll((uint64_t)x)
			   : 64 + (unsigned int)__builtin_ctzll((uint64_t)(x >> 64));
}

/* The mask leaves the upper bits, and the lower 'low' ones are 0. */
static void add_blocks(struct lower *l, struct addr_range r, unsigned int low, struct ranges *ret)
{
	u128 first = r.lo + ones(low), last = r.hi | ones(low);

	if (first < r.lo)
		return;
	first &= ~ones(low); /* the next multiple */
	if (first <= r.hi)
		*vec_push(l->a, ret) = (struct addr_range){ first, last };
}

/* The bits of 'number' at those of 'mask', lowest first. */
static u128 spread(u128 number, u128 mask)
{
	u128 spread = 0;

	for (u128 bit; mask; mask &= ~bit, number >>= 1) {
		bit = mask & -mask;
		if (number & 1)
			spread |= bit;
	}
	return spread;
}

/* Any mask, one value: the bits between those of the mask may be anything. */
static void add_combinations(struct lower *l, const struct view *v, u128 value, struct ranges *ret)
{
	unsigned int low = low_zeros(v->mask);
	u128 holes = ones(v->width) & ~v->mask & ~ones(low), base = value ^ v->flip;

	if (base & ~v->mask)
		return;
	for (u128 i = 0; i >> count_ones(holes) == 0; i++) {
		u128 lo = base | spread(i, holes);

		*vec_push(l->a, ret) = (struct addr_range){ lo, lo | ones(low) };
	}
}

static bool is_few(const struct view *v, const struct addr_set *set)
{
	unsigned int low = low_zeros(v->mask);
	unsigned int holes = count_ones(ones(v->width) & ~v->mask & ~ones(low));

	if (holes > 4 || (set->n << holes) > MAX_RANGES)
		return false;
	for (size_t i = 0; i < set->n; i++)
		if (set->v[i].lo != set->v[i].hi)
			return false;
	return true;
}

const struct addr_set *view_values(struct lower *l, const struct view *v, const struct addr_set *set)
{
	u128 full = ones(v->width);
	struct ranges ranges = { 0 };

	if (v->mask == full && !v->flip)
		return set;
	if (!v->mask)
		return addr_set_contains(set, v->flip) ? set_of_range(l, v->width, 0, full)
						       : addr_set_make(l->a, v->width, NULL, 0);
	if (!v->flip && v->mask == (full & ~ones(low_zeros(v->mask)))) {
		for (size_t i = 0; i < set->n; i++)
			add_blocks(l, set->v[i], low_zeros(v->mask), &ranges);
	} else if (is_few(v, set)) {
		for (size_t i = 0; i < set->n; i++)
			add_combinations(l, v, set->v[i].lo, &ranges);
	} else {
		return NULL;
	}
	return addr_set_make(l->a, v->width, ranges.v, ranges.n);
}

/* ---- as an op ---- */

/* Each state is one bit, and a packet has one of them. */
uint8_t view_states(const struct view *v, const struct addr_set *set)
{
	static const uint8_t states[] = { IR_CT_INVALID, IR_CT_ESTABLISHED, IR_CT_RELATED, IR_CT_NEW, IR_CT_UNTRACKED };
	uint8_t found = 0;

	for (size_t i = 0; i < sizeof(states); i++)
		if (addr_set_contains(set, (states[i] & v->mask) ^ v->flip))
			found |= states[i];
	return found;
}

static struct ir_load meta_load(const struct view *v)
{
	static const struct {
		uint16_t what;
		uint8_t len;
	} loads[FIELD_COUNT] = {
		[FIELD_META_L4PROTO] = { IR_META_L4PROTO, 1 },
		[FIELD_META_NFPROTO] = { IR_META_NFPROTO, 1 },
		[FIELD_META_PROTOCOL] = { IR_META_PROTOCOL, 2 },
		[FIELD_META_LENGTH] = { IR_META_LENGTH, 4 },
		[FIELD_META_MARK] = { IR_META_MARK, 4 },
		[FIELD_META_PRIORITY] = { IR_META_PRIORITY, 4 },
		[FIELD_META_PKTTYPE] = { IR_META_PKTTYPE, 1 },
		[FIELD_META_CPU] = { IR_META_CPU, 4 },
		[FIELD_SOCKET_TRANSPARENT] = { IR_META_SOCKET_TRANSPARENT, 1 },
		[FIELD_SOCKET_WILDCARD] = { IR_META_SOCKET_WILDCARD, 1 },
		[FIELD_SOCKET_MARK] = { IR_META_SOCKET_MARK, 4 },
		[FIELD_FIB_TYPE] = { IR_META_FIB_DADDR, 4 },
	};
	uint16_t what = loads[v->field].what;

	assert(loads[v->field].len);
	if (v->field == FIELD_FIB_TYPE) {
		if (v->fib & FIB_SADDR)
			what = v->fib & FIB_IIF ? IR_META_FIB_SADDR_IIF : IR_META_FIB_SADDR;
		else
			what = v->fib & FIB_IIF ? IR_META_FIB_DADDR_IIF : IR_META_FIB_DADDR;
	}
	return (struct ir_load){ IR_META, what, loads[v->field].len };
}

/* Fields that don't begin and end at bytes: the number that their bytes make has
 * them 'shift' bits further up. */
static const struct addr_set *shifted(struct lower *l, const struct addr_set *set, unsigned int width,
				      unsigned int shift)
{
	struct addr_range *v;

	if (set->width == width && !shift)
		return set;
	v = arena_make_array(l->a, set->n, struct addr_range);
	for (size_t i = 0; i < set->n; i++)
		v[i] = (struct addr_range){ set->v[i].lo << shift, set->v[i].hi << shift | ones(shift) };
	return addr_set_make(l->a, width, v, set->n);
}

struct ir_op view_op(struct lower *l, const struct view *v, const struct addr_set *set)
{
	unsigned int offset = places[v->field].offset, end = offset + places[v->field].bits, shift = 0;
	struct ir_op op = { .kind = IR_COMPARE };
	struct ir_load *load = &op.compare.load;

	if (v->field == FIELD_CT_STATE)
		return (struct ir_op){ .kind = IR_CT, .ct_states = view_states(v, set) };
	if (places[v->field].base == IR_META) {
		*load = meta_load(v);
	} else {
		*load = (struct ir_load){ places[v->field].base, (uint16_t)(offset / 8),
					  (uint8_t)((end + 7) / 8 - offset / 8) };
		shift = (8 - end % 8) % 8;
	}
	op.compare.mask = v->mask << shift;
	op.compare.flip = v->flip << shift;
	op.compare.allowed = shifted(l, set, 8u * load->len, shift);
	return op;
}

/* A box has a transport header's first bytes, if it asks for them, and no others. */
#define BITS_IN_BOX 32

bool view_may_be_missing(const struct view *v)
{
	switch (places[v->field].base) {
	case IR_LINK:
		return true;
	case IR_TRANSPORT:
		return places[v->field].offset + places[v->field].bits > BITS_IN_BOX;
	case IR_META:
		return v->field == FIELD_SOCKET_TRANSPARENT || v->field == FIELD_SOCKET_WILDCARD ||
		       v->field == FIELD_SOCKET_MARK;
	default:
		return false;
	}
}
