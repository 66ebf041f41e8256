/* SPDX-License-Identifier: GPL-2.0-only */
/* box_rest.c - what is left of a box when others are taken away.
 *
 *	 ______________			 ______________
 *	|    ______    |		|______________|
 *	|   |######|   |	->	|___|      |___|
 *	|   |######|   |		|   |######|   |
 *	|______________|		|______________|
 *
 * A cell is a box of one kind of frame, with a set in each dimension.  Taking
 * away another box leaves, dimension by dimension, what is outside of it. */
#include <compiler/box.h>

#include <compiler/base/arena.h>

#define MAX_CELLS 64

/* Frames without a transport header have HEADER 0, and any port in DPORT and
 * SPORT.  Those of no protocol have NO_PROTO. */
enum dimension { DST, SRC, PROTO, INTERFACE, HEADER, DPORT, SPORT, DIMENSIONS };
#define NO_PROTO 256
static const unsigned int widths[DIMENSIONS] = { 128, 128, 16, 32, 8, 16, 16 };

struct cell {
	unsigned int kind;
	const struct addr_set *v[DIMENSIONS];
};

struct box_rest {
	struct arena *a;
	struct cell v[MAX_CELLS];
	size_t n;
};

/* ---- a rule as cells ---- */

static const struct addr_set *one_range(struct arena *a, enum dimension d, u128 lo, u128 hi)
{
	struct addr_range *v = arena_make(a, struct addr_range);

	*v = (struct addr_range){ lo, hi };
	return addr_set_make(a, widths[d], v, 1);
}

/* IPv4 addresses are numbers among those of IPv6 here. */
static const struct addr_set *of_addresses(struct arena *a, enum dimension d, const struct addr_set *s, bool v4)
{
	struct addr_range *v;

	if (!s)
		return one_range(a, d, 0, v4 ? UINT32_MAX : ~(u128)0);
	if (s->width == widths[d])
		return s;
	v = arena_make_array(a, s->n, struct addr_range);
	for (size_t i = 0; i < s->n; i++)
		v[i] = s->v[i];
	return addr_set_make(a, widths[d], v, s->n);
}

static const struct addr_set *of_ranges(struct arena *a, enum dimension d, const struct ir_ranges *r, u128 max)
{
	struct addr_range *v;

	if (!r->n)
		return one_range(a, d, 0, max);
	v = arena_make_array(a, r->n, struct addr_range);
	for (size_t i = 0; i < r->n; i++)
		v[i] = (struct addr_range){ r->v[i].lo, r->v[i].hi };
	return addr_set_make(a, widths[d], v, r->n);
}

static const struct addr_set *of_interfaces(struct arena *a, const struct ir_interfaces *s)
{
	struct addr_range *v = arena_make_array(a, s->n, struct addr_range);

	for (size_t i = 0; i < s->n; i++)
		v[i] = (struct addr_range){ s->v[i], s->v[i] };
	return addr_set_make(a, widths[INTERFACE], v, s->n);
}

static struct cell make_cell(struct arena *a, const struct ir_rule *r, unsigned int kind)
{
	static const struct ir_ranges any;
	bool v4 = kind == IR_V4, ip = kind & (IR_V4 | IR_V6 | BOX_ND), l4 = ip && r->need_l4;

	return (struct cell){
		.kind = kind,
		.v = {
			[DST] = of_addresses(a, DST, !ip ? NULL : v4 ? r->dst4 : r->dst6, v4),
			[SRC] = of_addresses(a, SRC, !ip ? NULL : v4 ? r->src4 : r->src6, v4),
			[PROTO] = of_ranges(a, PROTO, ip ? &r->protos : &any, NO_PROTO),
			[INTERFACE] = of_interfaces(a, r->interfaces),
			[HEADER] = one_range(a, HEADER, l4, 1),
			[DPORT] = of_ranges(a, DPORT, l4 ? &r->dports : &any, UINT16_MAX),
			[SPORT] = of_ranges(a, SPORT, l4 ? &r->sports : &any, UINT16_MAX),
		},
	};
}

struct box_rest *box_rest_new(const struct ir_rule *r, struct arena *a)
{
	struct box_rest *rest = arena_make(a, struct box_rest);
	unsigned int kinds = box_kinds(r);

	rest->a = a;
	for (; kinds; kinds &= kinds - 1)
		rest->v[rest->n++] = make_cell(a, r, kinds & -kinds);
	return rest;
}

bool box_rest_is_empty(const struct box_rest *rest)
{
	return !rest->n;
}

/* ---- taking away ---- */

static bool add_cell(struct box_rest *rest, const struct cell *c)
{
	if (rest->n == MAX_CELLS)
		return false;
	rest->v[rest->n++] = *c;
	return true;
}

static bool cells_meet(struct arena *a, const struct cell *x, const struct cell *y, struct cell *common)
{
	*common = *x;
	for (unsigned int d = 0; d < DIMENSIONS; d++) {
		common->v[d] = addr_set_intersect(a, x->v[d], y->v[d]);
		if (!common->v[d]->n)
			return false;
	}
	return true;
}

/* Adds what is in 'c' and outside of 'common', which lies in it. */
static bool add_outside(struct box_rest *rest, struct cell c, const struct cell *common)
{
	for (unsigned int d = 0; d < DIMENSIONS; d++) {
		struct cell part = c;

		c.v[d] = common->v[d];
		if (addr_set_equal(part.v[d], common->v[d]))
			continue;
		part.v[d] = addr_set_intersect(rest->a, part.v[d], addr_set_complement(rest->a, common->v[d]));
		if (part.v[d]->n && !add_cell(rest, &part))
			return false;
	}
	return true;
}

static long size_of(const struct cell *c)
{
	size_t n = 0;

	for (unsigned int d = 0; d < DIMENSIONS; d++)
		n += c->v[d]->n;
	return (long)n;
}

static bool take_cell(struct box_rest *rest, const struct cell *taken, bool *any, long *work)
{
	struct cell common;

	for (size_t i = 0; i < rest->n;) {
		struct cell c = rest->v[i];

		if (c.kind != taken->kind || !cells_meet(rest->a, &c, taken, &common)) {
			i++;
			continue;
		}
		*any = true;
		*work -= size_of(&c) + size_of(taken);
		rest->v[i] = rest->v[--rest->n];
		if (*work < 0 || !add_outside(rest, c, &common))
			return false;
	}
	return true;
}

bool box_rest_take(struct box_rest *rest, const struct ir_rule *r, bool *taken, long *work)
{
	unsigned int kinds = box_kinds(r);

	*taken = false;
	for (; kinds; kinds &= kinds - 1) {
		struct cell c = make_cell(rest->a, r, kinds & -kinds);

		*work -= size_of(&c);
		if (*work < 0 || !take_cell(rest, &c, taken, work))
			return false;
	}
	return true;
}
