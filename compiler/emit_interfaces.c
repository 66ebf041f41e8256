/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_interfaces.c - numbers for the sets of interfaces that rules are limited to.
 *
 * The number of a set stands in every entry of its rules; a set found again
 * keeps it.  So does, if it can be told, one that gained or lost interfaces:
 * then only INTERFACE changes. */
#include <compiler/emit.h>

#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <compiler/emit_elements.h>
#include <compiler/facts.h>

#define NO_SET UINT32_MAX

struct set {
	const struct ir_interfaces *interfaces;
	uint32_t number; /* NO_SET: not yet */
};

struct sets {
	struct set v[ZF_INTERFACE_SETS];
	uint32_t n;
	bool taken[ZF_INTERFACE_SETS]; /* by number */
	uint32_t old_size[ZF_INTERFACE_SETS];
};

static bool same_members(const struct ir_interfaces *x, const struct ir_interfaces *y)
{
	return x == y || (x->n == y->n && memcmp(x->v, y->v, x->n * sizeof(*x->v)) == 0);
}

/* Index in 's' of the rule's set, ZF_INTERFACE_SETS when there is no room. */
static uint32_t find_or_add(struct sets *s, const struct ir_interfaces *interfaces)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (same_members(s->v[i].interfaces, interfaces))
			return i;
	if (s->n == ZF_INTERFACE_SETS)
		return ZF_INTERFACE_SETS;
	s->v[s->n] = (struct set){ interfaces, NO_SET };
	return s->n++;
}

/* For each rule the index of its set, for now. */
static int collect(struct emit *e, struct sets *s)
{
	const struct ir_interfaces *before = NULL;
	uint32_t i = 0;

	e->interface_sets = arena_make_array(e->a, e->ir->n_rules, uint8_t);
	for (size_t j = 0; j < e->ir->n_rules; j++) {
		const struct ir_rule *r = e->ir->rules[j];

		if (!e->wanted[j] || r->kind != IR_RULE)
			continue;
		if (r->interfaces != before)
			i = find_or_add(s, r->interfaces);
		if (i == ZF_INTERFACE_SETS)
			return diag_error(e->d, DIAG_TOO_MANY_COMBINATIONS, r->span,
					  "rules are limited to more than %d different sets of interfaces",
					  ZF_INTERFACE_SETS);
		before = r->interfaces;
		e->interface_sets[j] = (uint8_t)i;
	}
	return 0;
}

static const struct zf_interface *found_interface(const struct map_image *m, size_t i, uint32_t *index)
{
	memcpy(index, m->keys + i * sizeof(*index), sizeof(*index));
	return (const struct zf_interface *)(m->values + i * sizeof(struct zf_interface));
}

static bool has_bit(const struct zf_interface *i, uint32_t number)
{
	return i->sets[number / 64] >> number % 64 & 1;
}

static bool contains(const struct ir_interfaces *s, uint32_t index)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->v[mid] == index)
			return true;
		if (s->v[mid] < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

/* How many interfaces were in each set found; 'common': that are in 'set' too. */
static void count_members(const struct map_image *m, const struct ir_interfaces *set, uint32_t *common)
{
	for (size_t i = 0; i < m->n; i++) {
		uint32_t index;
		const struct zf_interface *v = found_interface(m, i, &index);

		if (set && !contains(set, index))
			continue;
		for (uint32_t number = 0; number < ZF_INTERFACE_SETS; number++)
			common[number] += has_bit(v, number);
	}
}

/* The number of the set found that has most in common with 's', or NO_SET. */
static uint32_t best_number(const struct sets *s, const struct set *set, const uint32_t *common, bool exact)
{
	uint32_t best = NO_SET;

	for (uint32_t i = 0; i < ZF_INTERFACE_SETS; i++) {
		if (s->taken[i] || common[i] == 0)
			continue;
		if (exact && (common[i] != s->old_size[i] || common[i] != set->interfaces->n))
			continue;
		if (best == NO_SET || common[i] > common[best])
			best = i;
	}
	return best;
}

static void match_found(const struct map_image *m, struct sets *s, bool exact)
{
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t common[ZF_INTERFACE_SETS] = { 0 };

		if (s->v[i].number != NO_SET)
			continue;
		count_members(m, s->v[i].interfaces, common);
		s->v[i].number = best_number(s, &s->v[i], common, exact);
		if (s->v[i].number != NO_SET)
			s->taken[s->v[i].number] = true;
	}
}

static void number_rest(struct sets *s)
{
	uint32_t next = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		if (s->v[i].number != NO_SET)
			continue;
		while (s->taken[next])
			next++;
		s->v[i].number = next;
		s->taken[next] = true;
	}
}

/* ---- elements ---- */

static const struct fact_interface *facts_by_index(const struct facts *f, uint32_t index)
{
	for (size_t i = 0; f && i < f->n; i++)
		if (f->v[i].index == index)
			return &f->v[i];
	return NULL;
}

/* Where 'tproxy to :port' looks: the addresses that the kernel would choose. */
static void set_addresses(const struct fact_interface *f, struct zf_interface *ret)
{
	for (size_t i = 0; i < f->n_addrs; i++) {
		const struct fact_address *a = &f->addrs[i];

		if (a->family == AF_INET && !a->secondary && !(ret->flags & ZF_HAS_ADDR4)) {
			memcpy(ret->addr4, a->addr, sizeof(ret->addr4));
			ret->flags |= ZF_HAS_ADDR4;
		} else if (a->family == AF_INET6 && !a->unusable && !(ret->flags & ZF_HAS_ADDR6)) {
			memcpy(ret->addr6, a->addr, sizeof(ret->addr6));
			ret->flags |= ZF_HAS_ADDR6;
		}
	}
}

/* As packets arrive by it, or, with IR_EGRESS as 'direction', leave. */
static void add_interface(struct emit *e, struct elements *elements, const struct sets *s, uint32_t index,
			  uint32_t direction)
{
	const struct fact_interface *f = facts_by_index(e->facts, index);
	struct zf_interface v = { .flags = f && f->no_ethernet ? ZF_NO_ETHERNET : 0 };
	uint32_t key = index | direction;

	_Static_assert(IR_EGRESS == ZF_EGRESS, "the same bit");
	for (uint32_t j = 0; j < s->n; j++)
		if (contains(s->v[j].interfaces, key))
			v.sets[s->v[j].number / 64] |= 1ull << s->v[j].number % 64;
	if (f && !direction)
		set_addresses(f, &v);
	elements_add(elements, &key, &v, ORIGIN_NONE);
}

static void interfaces_finish(struct emit *e, const struct sets *s)
{
	struct elements elements = elements_of(MAP_INTERFACE, e->a);

	for (size_t i = 0; i < e->ir->n_attach; i++) {
		const struct ir_attach *at = &e->ir->attach[i];

		if (at->ingress)
			add_interface(e, &elements, s, at->index, 0);
		if (at->egress)
			add_interface(e, &elements, s, at->index, IR_EGRESS);
	}
	elements_finish(&elements, &e->ret->maps[MAP_INTERFACE]);
}

int emit_interfaces(struct emit *e)
{
	const struct map_image *m = &e->found.image->maps[MAP_INTERFACE];
	struct sets s = { .n = 0 };

	if (collect(e, &s) < 0)
		return -1;
	count_members(m, NULL, s.old_size);
	match_found(m, &s, true);
	match_found(m, &s, false);
	number_rest(&s);
	for (size_t i = 0; i < e->ir->n_rules; i++)
		if (e->wanted[i] && e->ir->rules[i]->kind == IR_RULE)
			e->interface_sets[i] = (uint8_t)s.v[e->interface_sets[i]].number;
	interfaces_finish(e, &s);
	return 0;
}
