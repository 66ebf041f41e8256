/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/box.h>

#define PROTO_ICMPV6 58
#define IP_KINDS     ((unsigned int)(IR_V4 | IR_V6 | BOX_ND))

unsigned int box_kinds(const struct ir_rule *r)
{
	unsigned int kinds = r->families;

	if (!(kinds & IR_V6) || r->spares_neighbour_discovery)
		return kinds;
	for (size_t i = 0; i < r->protos.n; i++)
		if (r->protos.v[i].lo <= PROTO_ICMPV6 && r->protos.v[i].hi >= PROTO_ICMPV6)
			return kinds | BOX_ND;
	return r->protos.n ? kinds : kinds | BOX_ND;
}

/* ---- sets of addresses; NULL is any ---- */

bool box_set_contains(const struct addr_set *outer, const struct addr_set *inner)
{
	if (outer == inner || !outer || addr_set_is_all(outer))
		return true;
	if (!inner)
		return false;
	for (size_t i = 0; i < inner->n; i++) {
		size_t at = addr_set_first(outer, 0, inner->v[i].lo);

		if (at == outer->n || outer->v[at].lo > inner->v[i].lo || outer->v[at].hi < inner->v[i].hi)
			return false;
	}
	return true;
}

static bool sets_meet(const struct addr_set *x, const struct addr_set *y)
{
	const struct addr_set *few = x, *many = y;

	if (!x || !y || x == y)
		return true;
	if (x->n > y->n) {
		few = y;
		many = x;
	}
	for (size_t i = 0; i < few->n; i++) {
		size_t at = addr_set_first(many, 0, few->v[i].lo);

		if (at < many->n && many->v[at].lo <= few->v[i].hi)
			return true;
	}
	return false;
}

/* ---- ranges of ports and protocols; n == 0 is any ---- */

static bool ranges_contain(const struct ir_ranges *outer, const struct ir_ranges *inner)
{
	size_t at = 0;

	if (!outer->n)
		return true;
	if (!inner->n)
		return false;
	for (size_t i = 0; i < inner->n; i++) {
		while (at < outer->n && outer->v[at].hi < inner->v[i].lo)
			at++;
		if (at == outer->n || outer->v[at].lo > inner->v[i].lo || outer->v[at].hi < inner->v[i].hi)
			return false;
	}
	return true;
}

static bool ranges_meet(const struct ir_ranges *x, const struct ir_ranges *y)
{
	size_t i = 0, j = 0;

	if (!x->n || !y->n)
		return true;
	while (i < x->n && j < y->n) {
		if (x->v[i].hi < y->v[j].lo)
			i++;
		else if (y->v[j].hi < x->v[i].lo)
			j++;
		else
			return true;
	}
	return false;
}

/* ---- interfaces ---- */

static bool interfaces_contain(const struct ir_interfaces *outer, const struct ir_interfaces *inner)
{
	size_t at = 0;

	if (outer == inner)
		return true;
	for (size_t i = 0; i < inner->n; i++) {
		while (at < outer->n && outer->v[at] < inner->v[i])
			at++;
		if (at == outer->n || outer->v[at] != inner->v[i])
			return false;
	}
	return true;
}

bool box_interfaces_meet(const struct ir_interfaces *x, const struct ir_interfaces *y)
{
	size_t i = 0, j = 0;

	while (i < x->n && j < y->n) {
		if (x->v[i] == y->v[j])
			return true;
		if (x->v[i] < y->v[j])
			i++;
		else
			j++;
	}
	return false;
}

/* ---- boxes ---- */

/* What costs least is looked at first. */
bool box_contains(const struct ir_rule *outer, const struct ir_rule *inner)
{
	unsigned int kinds = box_kinds(inner);

	if (kinds & ~box_kinds(outer) || !interfaces_contain(outer->interfaces, inner->interfaces))
		return false;
	if (!(kinds & IP_KINDS))
		return true;
	if (!ranges_contain(&outer->protos, &inner->protos))
		return false;
	if (outer->need_l4 && !(inner->need_l4 && ranges_contain(&outer->dports, &inner->dports) &&
				ranges_contain(&outer->sports, &inner->sports)))
		return false;
	if (kinds & IR_V4 &&
	    !(box_set_contains(outer->dst4, inner->dst4) && box_set_contains(outer->src4, inner->src4)))
		return false;
	return !(kinds & IR_V6) ||
	       (box_set_contains(outer->dst6, inner->dst6) && box_set_contains(outer->src6, inner->src6));
}

static bool headers_meet(const struct ir_rule *x, const struct ir_rule *y)
{
	if (!ranges_meet(&x->protos, &y->protos))
		return false;
	return !x->need_l4 || !y->need_l4 ||
	       (ranges_meet(&x->dports, &y->dports) && ranges_meet(&x->sports, &y->sports));
}

bool box_meets(const struct ir_rule *x, const struct ir_rule *y)
{
	unsigned int kinds = box_kinds(x) & box_kinds(y);

	if (!kinds || !box_interfaces_meet(x->interfaces, y->interfaces))
		return false;
	if (kinds & ~IP_KINDS)
		return true;
	if (!headers_meet(x, y))
		return false;
	if (kinds & IR_V4 && sets_meet(x->dst4, y->dst4) && sets_meet(x->src4, y->src4))
		return true;
	return kinds & (IR_V6 | BOX_ND) && sets_meet(x->dst6, y->dst6) && sets_meet(x->src6, y->src6);
}
