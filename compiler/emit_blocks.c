/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_blocks.c - the rules of a pair as lists, and tries over ports.
 *
 *	tcp dport 80; udp dport 53; ip protocol gre; th sport 1024-65535
 *	dport: { 80, 53 } as a trie or, being few, a list; list: gre, 1024-65535
 *
 * Each combination of a rule's ranges is one entry.  Ranges of ports that are
 * wider than NARROW_MOST stand at many places of a trie, so as long as a block
 * has few of them they go to its list: then a change of one is a small change.
 *
 * Lists are cut into cells from their ends, so that lists with the same end share
 * cells. */
#include <compiler/emit.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <compiler/emit_elements.h>

#define NARROW_MOST  16
#define FEW_WIDE     8
#define COMBINATIONS 65536	/* of the ranges of one rule */
#define CELLS_MOST   (1u << 22) /* in the whole map: 256 MiB */

struct port_entry {
	struct zf_entry entry;
	uint32_t rule; /* index in ir */
};

enum place { PLACE_LIST, PLACE_DPORT, PLACE_SPORT, PLACES };

struct blocks {
	struct emit *e;
	struct pool cells;
	struct {
		struct port_entry *v;
		size_t n, cap;
	} entries; /* of the block being made */
	struct {
		uint32_t *v;
		size_t n, cap;
	} stack; /* indexes of entries; each node being made has its own on top */
	bool failed;
};

/* ---- lists ---- */

/* [at, at + n) of the stack as a list.  The reference, 0 when it is empty. */
static uint32_t make_list(struct blocks *b, size_t at, size_t n)
{
	uint32_t next = 0;

	if (b->failed)
		return 0;
	if (n > ZF_LIST_CELLS * ZF_CELL_ENTRIES) {
		const struct port_entry *over = &b->entries.v[b->stack.v[at + ZF_LIST_CELLS * ZF_CELL_ENTRIES]];

		diag_error(b->e->d, DIAG_TOO_MANY_COMBINATIONS, b->e->ir->rules[over->rule]->span,
			   "more than %d rules for the same addresses and ports must be looked at one by one (%zu "
			   "with this one and those behind it)",
			   ZF_LIST_CELLS * ZF_CELL_ENTRIES, n);
		diag_note(
			b->e->d, SPAN_NONE,
			"rules that differ in an address, or in a tcp or udp port, have no such limit; a set '{ ... }' "
			"takes many values in one rule");
		b->failed = true;
		return 0;
	}
	while (n > 0) {
		size_t in_cell = n < ZF_CELL_ENTRIES ? n : ZF_CELL_ENTRIES;
		struct zf_cell cell = { .next = next };

		n -= in_cell;
		for (size_t i = 0; i < in_cell; i++)
			cell.entries[i] = b->entries.v[b->stack.v[at + n + i]].entry;
		next = pool_intern(&b->cells, &cell, b->entries.v[b->stack.v[at + n]].rule);
	}
	return next;
}

/* ---- tries ---- */

static struct ir_range port_range(const struct zf_entry *e, enum place place)
{
	if (place == PLACE_DPORT)
		return (struct ir_range){ e->dport_lo, e->dport_hi };
	return (struct ir_range){ e->sport_lo, e->sport_hi };
}

/* Puts those of [at, at + n) that have ports in [lo, hi] on the stack; gives how
 * many, and in 'whole' how many have all of them. */
static size_t push_overlapping(struct blocks *b, size_t at, size_t n, enum place place, uint32_t lo, uint32_t hi,
			       size_t *whole)
{
	size_t before = b->stack.n;

	*whole = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t index = b->stack.v[at + i];
		struct ir_range r = port_range(&b->entries.v[index].entry, place);

		if (r.hi < lo || r.lo > hi)
			continue;
		*vec_push(b->e->a, &b->stack) = index;
		*whole += r.lo <= lo && r.hi >= hi;
	}
	return b->stack.n - before;
}

/* Of the 1 << bits ports from 'first', those of [at, at + n): a list when they
 * are few or each has all of those ports, else a node. */
static uint32_t make_trie(struct blocks *b, size_t at, size_t n, enum place place, uint32_t first, unsigned int bits)
{
	struct zf_cell node = { .slots = { 0 } };
	uint32_t origin, size = 1u << (bits - 4);

	if (b->failed)
		return 0;
	if (b->cells.n_wanted > CELLS_MOST) {
		diag_error(b->e->d, DIAG_TOO_MANY_COMBINATIONS,
			   b->e->ir->rules[b->entries.v[b->stack.v[at]].rule]->span,
			   "the port ranges of the rules for these addresses overlap too much");
		b->failed = true;
		return 0;
	}
	origin = b->entries.v[b->stack.v[at]].rule;
	for (uint32_t i = 0; i < 16; i++) {
		uint32_t lo = first + i * size;
		size_t top = b->stack.n, whole, n_slot;

		n_slot = push_overlapping(b, at, n, place, lo, lo + size - 1, &whole);
		if (n_slot <= ZF_BUCKET || whole == n_slot)
			node.slots[i] = make_list(b, top, n_slot);
		else
			node.slots[i] = make_trie(b, top, n_slot, place, lo, bits - 4);
		b->stack.n = top;
	}
	return pool_intern(&b->cells, &node, origin) | ZF_REF_NODE;
}

/* ---- entries ---- */

static __u8 entry_flags(const struct ir_rule *r)
{
	bool just_drops = r->verdict == IR_DROP && !r->n_ops && !r->spares_neighbour_discovery;

	return (r->need_l4 ? ZF_NEED_L4 : 0) | (just_drops ? ZF_JUST_DROPS : 0);
}

static bool add_entries(struct blocks *b, const struct ir_rule *r)
{
	static const struct ir_range any_proto = { 0, UINT8_MAX }, any_port = { 0, UINT16_MAX };
	const struct ir_range *protos = r->protos.n ? r->protos.v : &any_proto;
	const struct ir_range *dports = r->dports.n ? r->dports.v : &any_port;
	const struct ir_range *sports = r->sports.n ? r->sports.v : &any_port;
	size_t n_protos = r->protos.n ? r->protos.n : 1, n_dports = r->dports.n ? r->dports.n : 1,
	       n_sports = r->sports.n ? r->sports.n : 1;
	struct port_entry p = {
		.rule = r->index,
		.entry = {
			.flags = entry_flags(r),
			.interfaces = b->e->interface_sets[r->index],
			.label = b->e->rules[r->index].label,
			.rule = b->e->ret->rule_ids[r->index],
		},
	};

	if (n_protos > COMBINATIONS || n_dports > COMBINATIONS / n_protos ||
	    n_sports > COMBINATIONS / (n_protos * n_dports)) {
		diag_error(b->e->d, DIAG_TOO_MANY_COMBINATIONS, r->span,
			   "%zu protocols × %zu × %zu ranges of ports are too many for one rule", n_protos, n_dports,
			   n_sports);
		b->failed = true;
		return false;
	}
	for (size_t i = 0; i < n_protos * n_dports * n_sports; i++) {
		const struct ir_range *proto = &protos[i / n_sports / n_dports];
		const struct ir_range *dport = &dports[i / n_sports % n_dports], *sport = &sports[i % n_sports];

		p.entry.proto_lo = (__u8)proto->lo;
		p.entry.proto_hi = (__u8)proto->hi;
		p.entry.dport_lo = dport->lo;
		p.entry.dport_hi = dport->hi;
		p.entry.sport_lo = sport->lo;
		p.entry.sport_hi = sport->hi;
		*vec_push(b->e->a, &b->entries) = p;
	}
	return true;
}

static void add_headerless_entry(struct blocks *b, const struct ir_rule *r)
{
	*vec_push(b->e->a, &b->entries) = (struct port_entry){
		.rule = r->index,
		.entry = {
			.proto_hi = UINT8_MAX,
			.flags = entry_flags(r),
			.dport_hi = UINT16_MAX,
			.sport_hi = UINT16_MAX,
			.interfaces = b->e->interface_sets[r->index],
			.label = b->e->rules[r->index].label,
			.rule = b->e->ret->rule_ids[r->index],
		},
	};
}

/* ---- blocks ---- */

static unsigned int range_size(struct ir_range r)
{
	return (unsigned int)r.hi - r.lo + 1;
}

static enum place entry_place(const struct zf_entry *e)
{
	if (!(e->flags & ZF_NEED_L4))
		return PLACE_LIST;
	if (range_size(port_range(e, PLACE_DPORT)) <= ZF_NARROW)
		return PLACE_DPORT;
	return range_size(port_range(e, PLACE_SPORT)) <= ZF_NARROW ? PLACE_SPORT : PLACE_LIST;
}

static bool is_wide(const struct zf_entry *e)
{
	enum place place = entry_place(e);

	return place != PLACE_LIST && range_size(port_range(e, place)) > NARROW_MOST;
}

/* All entries that belong there, on the stack. */
static void push_place(struct blocks *b, enum place wanted, bool wide_in_list)
{
	b->stack.n = 0;
	for (size_t i = 0; i < b->entries.n; i++) {
		const struct zf_entry *e = &b->entries.v[i].entry;
		enum place place = wide_in_list && is_wide(e) ? PLACE_LIST : entry_place(e);

		if (place == wanted)
			*vec_push(b->e->a, &b->stack) = (uint32_t)i;
	}
}

/* Of the entries collected. */
static struct zf_block make_block(struct blocks *b)
{
	uint32_t refs[PLACES];
	size_t n_wide = 0;

	for (size_t i = 0; i < b->entries.n; i++)
		n_wide += is_wide(&b->entries.v[i].entry);
	for (enum place place = 0; place < PLACES; place++) {
		push_place(b, place, n_wide <= FEW_WIDE);
		if (place == PLACE_LIST || b->stack.n <= ZF_BUCKET)
			refs[place] = make_list(b, 0, b->stack.n);
		else
			refs[place] = make_trie(b, 0, b->stack.n, place, 0, 16);
	}
	return (struct zf_block){
		.list = refs[PLACE_LIST],
		.dport = refs[PLACE_DPORT],
		.sport = refs[PLACE_SPORT],
	};
}

/* ---- pairs ---- */

struct rules_lookup {
	const struct emit_family *f;
	const struct emit_pair *pair;
};

static bool same_rules(const void *ctx, uint32_t number)
{
	const struct rules_lookup *l = ctx;
	const struct emit_pair *x = &l->f->pairs.v[number - 1], *y = l->pair;
	const struct rule_link *links = l->f->links.v;

	if (x->n != y->n || x->hash != y->hash)
		return false;
	for (uint32_t i = x->first, j = y->first; i; i = links[i - 1].next, j = links[j - 1].next)
		if (links[i - 1].rule != links[j - 1].rule)
			return false;
	return true;
}

static void pair_block(struct blocks *b, const struct emit_family *f, const struct emit_pair *p, struct zf_block *ret)
{
	b->entries.n = 0;
	for (uint32_t i = p->first; i; i = f->links.v[i - 1].next)
		if (!add_entries(b, b->e->ir->rules[f->links.v[i - 1].rule]))
			return;
	*ret = make_block(b);
}

union pair_key {
	struct zf_pair4 v4;
	struct zf_pair6 v6;
};

static union pair_key pair_key(const struct emit_family *f, const struct emit_pair *p)
{
	union pair_key k = { .v6 = { .tuple = 0 } };
	uint32_t tuple = f->tuples.v[p->tuple].number;

	if (f->family == ZF_IPV4) {
		addr_to_bytes(p->addr[EMIT_DST], f->width, k.v4.dst);
		addr_to_bytes(p->addr[EMIT_SRC], f->width, k.v4.src);
		k.v4.tuple = tuple;
	} else {
		addr_to_bytes(p->addr[EMIT_DST], f->width, k.v6.dst);
		addr_to_bytes(p->addr[EMIT_SRC], f->width, k.v6.src);
		k.v6.tuple = tuple;
	}
	return k;
}

/* Pairs with the same rules have the same block, made once. */
static void family_blocks(struct blocks *b, const struct emit_family *f, enum map_id map)
{
	struct zf_block *made = arena_make_array(b->e->a, f->pairs.n, struct zf_block);
	struct elements elements = elements_of(map, b->e->a);
	struct emit_table by_rules = { 0 };

	elements_reserve(&elements, f->pairs.n);
	emit_table_reserve(b->e->a, &by_rules, f->pairs.n);
	for (uint32_t i = 0; i < f->pairs.n && !b->failed; i++) {
		const struct emit_pair *p = &f->pairs.v[i];
		struct rules_lookup l = { f, p };
		uint32_t number = emit_table_add(b->e->a, &by_rules, p->hash, same_rules, &l, i + 1);
		union pair_key key = pair_key(f, p);

		if (number == i + 1)
			pair_block(b, f, p, &made[i]);
		elements_add(&elements, &key, &made[number - 1], f->links.v[p->first - 1].rule);
	}
	elements_finish(&elements, &b->e->ret->maps[map]);
}

/* The rules that frames of 'kind' match, whatever is in them. */
static uint32_t headerless_list(struct blocks *b, enum ir_family kind)
{
	b->entries.n = 0;
	b->stack.n = 0;
	for (size_t i = 0; i < b->e->ir->n_rules; i++) {
		const struct ir_rule *r = b->e->ir->rules[i];

		if (r->kind != IR_RULE || !(r->families & kind) || r->interfaces->n == 0)
			continue;
		*vec_push(b->e->a, &b->stack) = (uint32_t)b->entries.n;
		add_headerless_entry(b, r);
	}
	return make_list(b, 0, b->stack.n);
}

int emit_blocks(struct emit *e)
{
	struct blocks b = { .e = e };

	pool_init(e, MAP_PORTS, &e->found.cells, &b.cells);
	e->config.other = headerless_list(&b, IR_OTHER);
	e->config.bad[ZF_IPV4] = headerless_list(&b, IR_BAD4);
	e->config.bad[ZF_IPV6] = headerless_list(&b, IR_BAD6);
	family_blocks(&b, &e->families[ZF_IPV4], MAP_PAIR4);
	family_blocks(&b, &e->families[ZF_IPV6], MAP_PAIR6);
	pool_finish(&b.cells, &e->ret->maps[MAP_PORTS]);
	return b.failed ? -1 : 0;
}
