/* SPDX-License-Identifier: GPL-2.0-only */
/* model.c - a linear search of the IR, and a model of the program's search. */
#include <tests/unit/model.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static uint64_t mixed(uint64_t x, uint64_t y)
{
	x = (x ^ y) * 0x9e3779b97f4a7c15u;
	return x ^ x >> 29;
}

/* Whether a condition holds whose outcome is not in the packet: anything will do
 * that both agree on. */
static bool holds(enum ir_op_kind kind, uint64_t what, uint64_t seed)
{
	return mixed(mixed(kind, what), seed) & 1;
}

/* What is in the packet there: small numbers, so that comparisons differ. */
static u128 loaded(unsigned int base, unsigned int at, unsigned int len, uint64_t seed)
{
	u128 x = mixed(mixed(base << 16 | at, len), seed) & 0xffff;

	return len == 1 ? x & 0xff : x;
}

static void trace_add(struct model_trace *t, uint64_t identity)
{
	assert_true(t->n < MODEL_TRACE_MAX);
	t->identities[t->n++] = identity;
}

static void trace_effect(struct model_trace *t, enum ir_op_kind kind, uint64_t what)
{
	trace_add(t, mixed(kind, what));
}

static void trace_set(struct model_trace *t, bool mark, uint32_t and, uint32_t xor)
{
	trace_effect(t, IR_SET, mixed((uint64_t) and << 32 | xor, mark));
}

static uint64_t tproxy_sum(uint16_t port, bool has_addr, const uint8_t *addr)
{
	return port | (has_addr ? (uint64_t)addr[0] << 16 : 0);
}

static void trace_reject(struct model_trace *t, bool reset, uint8_t code4, uint8_t code6)
{
	trace_effect(t, IR_SET, reset ? 1 : 2 + ((uint64_t)code4 << 8 | code6));
}

bool model_same(const struct model_trace *x, const struct model_trace *y)
{
	return x->n == y->n && x->dropped == y->dropped &&
	       memcmp(x->identities, y->identities, x->n * sizeof(*x->identities)) == 0;
}

/* ---- the IR ---- */

static bool in_ranges(const struct ir_ranges *r, uint16_t value)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].lo <= value && value <= r->v[i].hi)
			return true;
	return r->n == 0;
}

static bool in_set(const struct addr_set *s, u128 addr)
{
	size_t lo = 0, hi = s ? s->n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->v[mid].hi < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return !s || (lo < s->n && s->v[lo].lo <= addr);
}

static bool on_interface(const struct ir_rule *r, uint32_t ifindex)
{
	for (size_t i = 0; i < r->interfaces->n; i++)
		if (r->interfaces->v[i] == ifindex)
			return true;
	return false;
}

static bool rule_matches(const struct ir_rule *r, const struct model_packet *p)
{
	if (r->kind != IR_RULE || !(r->families & p->kind) || !on_interface(r, p->ifindex))
		return false;
	if (p->kind != IR_V4 && p->kind != IR_V6)
		return true;
	if (p->kind == IR_V4 && !(in_set(r->dst4, p->dst) && in_set(r->src4, p->src)))
		return false;
	if (p->kind == IR_V6 && !(in_set(r->dst6, p->dst) && in_set(r->src6, p->src)))
		return false;
	if (!in_ranges(&r->protos, p->proto))
		return false;
	return !r->need_l4 || (p->has_l4 && in_ranges(&r->dports, p->dport) && in_ranges(&r->sports, p->sport));
}

static bool compare_holds(const struct ir_compare *c, const struct model_packet *p)
{
	u128 x = loaded(c->load.base, c->load.at, c->load.len, p->seed);

	return in_set(c->allowed, (x & c->mask) ^ c->flip);
}

static bool op_of_ir(const struct ir *ir, const struct ir_op *op, const struct model_packet *p, struct model_trace *t)
{
	switch (op->kind) {
	case IR_COMPARE:
		return compare_holds(&op->compare, p);
	case IR_CT:
		return holds(IR_CT, op->ct_states, p->seed);
	case IR_LOCAL:
		return holds(IR_LOCAL, 0, p->seed);
	case IR_LIMIT:
		return holds(IR_LIMIT, ir->limits[op->index].identity, p->seed);
	case IR_ALIVE:
		return holds(IR_ALIVE, ir->timers[op->index].identity, p->seed);
	case IR_TPROXY:
		return holds(IR_TPROXY, tproxy_sum(op->tproxy.port, op->tproxy.has_addr, op->tproxy.addr), p->seed);
	case IR_COUNT:
		trace_effect(t, IR_COUNT, ir->counters[op->index].identity);
		return true;
	case IR_LOG:
		trace_effect(t, IR_LOG, ir->logs[op->index].identity);
		return true;
	case IR_SET:
		trace_set(t, op->set.what == IR_META_MARK, op->set.and, op->set.xor);
		return true;
	}
	return false;
}

static bool ops_of_ir(const struct ir *ir, const struct ir_rule *r, const struct model_packet *p, struct model_trace *t)
{
	for (size_t i = 0; i < r->n_ops; i++)
		if (!op_of_ir(ir, &r->ops[i], p, t))
			return false;
	return true;
}

static bool is_attached(const struct ir *ir, uint32_t ifindex)
{
	for (size_t i = 0; i < ir->n_attach; i++)
		if (ir->attach[i].index == ifindex)
			return true;
	return false;
}

void model_judge_ir(const struct ir *ir, const struct model_packet *p, struct model_trace *ret)
{
	size_t i = 0;

	ret->n = 0;
	ret->dropped = false;
	if (!is_attached(ir, p->ifindex))
		return;
	while (i < ir->n_rules) {
		const struct ir_rule *r = ir->rules[i++], *next = NULL;

		if (!rule_matches(r, p))
			continue;
		trace_add(ret, r->identity);
		if ((r->spares_neighbour_discovery && p->is_nd) || !ops_of_ir(ir, r, p, ret)) {
			next = r->otherwise;
		} else if (r->verdict != IR_RESUME) {
			if (r->verdict == IR_REJECT)
				trace_reject(ret, r->reject.tcp_reset, r->reject.icmp_code, r->reject.icmp6_code);
			ret->dropped = true;
			return;
		} else {
			next = r->resume;
		}
		if (next)
			i = next->index;
	}
}

/* ---- the image ---- */

static int compare_key(const struct map_desc *m, const void *x, const void *y)
{
	uint32_t i, j;

	if (!m->is_array)
		return memcmp(x, y, m->key_size);
	memcpy(&i, x, sizeof(i));
	memcpy(&j, y, sizeof(j));
	return i < j ? -1 : i > j;
}

const void *model_lookup(const struct image *image, enum map_id map, const void *key)
{
	const struct map_desc *m = &map_descs[map];
	const struct map_image *v = &image->maps[map];
	size_t lo = 0, hi = v->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = compare_key(m, v->keys + mid * m->key_size, key);

		if (order == 0)
			return v->values + mid * m->value_size;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static u128 mask_addr(u128 addr, unsigned int len, unsigned int width)
{
	return len == 0 ? 0 : addr >> (width - len) << (width - len);
}

struct search {
	const struct image *image;
	const struct model_packet *p;
	const struct zf_interface *interface;
	uint32_t lower;
	uint32_t best, rule;
};

static const struct zf_class *class_of(const struct search *s, enum zf_family f, enum map_id map, u128 addr)
{
	static const struct zf_class none;
	unsigned int width = f == ZF_IPV4 ? 32 : 128;

	for (int len = (int)width; len >= 0; len--) {
		struct zf_lpm6 key = { .prefixlen = (uint32_t)len };
		const uint32_t *class;
		const void *v;

		addr_to_bytes(mask_addr(addr, (unsigned int)len, width), width, key.addr);
		class = model_lookup(s->image, map, &key);
		if (!class)
			continue;
		assert_true(*class < s->image->maps[MAP_CLASS].capacity);
		v = model_lookup(s->image, MAP_CLASS, class);
		return v ? v : &none;
	}
	return &none;
}

static bool entry_matches(const struct search *s, const struct zf_entry *e)
{
	const struct model_packet *p = s->p;

	return p->proto >= e->proto_lo && p->proto <= e->proto_hi && p->dport >= e->dport_lo &&
	       p->dport <= e->dport_hi && p->sport >= e->sport_lo && p->sport <= e->sport_hi &&
	       (p->has_l4 || !(e->flags & ZF_NEED_L4)) &&
	       s->interface->sets[e->interfaces / 64] >> e->interfaces % 64 & 1;
}

static void search_list(struct search *s, uint32_t ref)
{
	uint32_t label = 0;

	for (int cells = 0; ref; cells++) {
		const struct zf_cell *c = model_lookup(s->image, MAP_PORTS, &ref);

		assert_true(c && cells < ZF_LIST_CELLS);
		for (int i = 0; i < ZF_CELL_ENTRIES; i++) {
			const struct zf_entry *e = &c->entries[i];

			if (e->rule == 0) {
				assert_true(cells == 0 && i > 0);
				break;
			}
			assert_true(e->label >= label);
			label = e->label;
			if (e->label < s->lower || e->label >= s->best || !entry_matches(s, e))
				continue;
			s->best = e->label;
			s->rule = e->rule;
		}
		ref = c->next;
	}
}

static void search_ref(struct search *s, uint32_t ref, uint16_t port)
{
	for (int shift = 12; ref & ZF_REF_NODE; shift -= 4) {
		uint32_t index = ref & ~ZF_REF_NODE;
		const struct zf_cell *c = model_lookup(s->image, MAP_PORTS, &index);

		assert_true(c && shift >= 0);
		ref = c->slots[port >> shift & 15];
	}
	search_list(s, ref);
}

static void search_block(struct search *s, const struct zf_block *b)
{
	search_list(s, b->list);
	if (!s->p->has_l4)
		return;
	search_ref(s, b->dport, s->p->dport);
	search_ref(s, b->sport, s->p->sport);
}

static void search_tuple(struct search *s, enum zf_family f, uint32_t tuple)
{
	uint32_t index = f * ZF_TUPLES + tuple;
	const struct zf_tuple *t = model_lookup(s->image, MAP_TUPLE, &index);
	const struct zf_block *b;

	assert_true(t);
	if (t->max_label < s->lower || t->min_label >= s->best)
		return;
	if (f == ZF_IPV4) {
		struct zf_pair4 key = { .tuple = tuple };

		addr_to_bytes(mask_addr(s->p->dst, t->dst_len, 32), 32, key.dst);
		addr_to_bytes(mask_addr(s->p->src, t->src_len, 32), 32, key.src);
		b = model_lookup(s->image, MAP_PAIR4, &key);
	} else {
		struct zf_pair6 key = { .tuple = tuple };

		addr_to_bytes(mask_addr(s->p->dst, t->dst_len, 128), 128, key.dst);
		addr_to_bytes(mask_addr(s->p->src, t->src_len, 128), 128, key.src);
		b = model_lookup(s->image, MAP_PAIR6, &key);
	}
	if (b)
		search_block(s, b);
}

static void search_family(struct search *s, const struct zf_config *c, enum zf_family f)
{
	static const struct zf_class none;
	const struct zf_class *dst = &none, *src = &none;

	if (c->flags[f] & ZF_HAS_DST)
		dst = class_of(s, f, f == ZF_IPV4 ? MAP_DST4 : MAP_DST6, s->p->dst);
	if (c->flags[f] & ZF_HAS_SRC)
		src = class_of(s, f, f == ZF_IPV4 ? MAP_SRC4 : MAP_SRC6, s->p->src);

	for (uint32_t w = 0; w < c->words[f]; w++) {
		uint64_t bits = (dst->tuples[w] | c->any_dst[f][w]) & (src->tuples[w] | c->any_src[f][w]);

		for (uint32_t i = 0; i < 64; i++)
			if (bits >> i & 1)
				search_tuple(s, f, w * 64 + i);
	}
}

static void search(struct search *s)
{
	uint32_t zero = 0;
	const struct zf_config *c = model_lookup(s->image, MAP_CONFIG, &zero);

	s->best = ZF_LABEL_NONE;
	s->rule = 0;
	if (!c)
		return;
	switch (s->p->kind) {
	case IR_V4:
		search_family(s, c, ZF_IPV4);
		break;
	case IR_V6:
		search_family(s, c, ZF_IPV6);
		break;
	case IR_OTHER:
		search_list(s, c->other);
		break;
	case IR_BAD4:
		search_list(s, c->bad[ZF_IPV4]);
		break;
	case IR_BAD6:
		search_list(s, c->bad[ZF_IPV6]);
		break;
	}
}

/* ---- ops of the image ---- */

static u128 wide(const struct zf_number *x)
{
	return (u128)x->high << 64 | x->low;
}

static bool in_range(const struct zf_range *r, u128 x)
{
	return x >= wide(&r->lo) && x <= wide(&r->hi);
}

static bool in_values(const struct image *image, uint32_t set, unsigned int len, u128 x)
{
	for (unsigned int bits = 0; bits <= 8 * len; bits++) {
		struct zf_value key = { .prefixlen = 32 + bits, .set = set };

		addr_to_bytes(mask_addr(x, bits, 8 * len), 8 * len, key.bytes);
		if (model_lookup(image, MAP_VALUES, &key))
			return true;
	}
	return false;
}

struct op_state {
	u128 number;
	bool matched;
};

static bool compare_of_image(const struct image *image, const struct zf_op *op, const struct model_packet *p,
			     struct op_state *s)
{
	if (op->kind == ZF_OP_COMPARE) {
		s->number = (loaded(op->base, op->at, op->len, p->seed) & wide(&op->mask)) ^ wide(&op->flip);
		if (op->flags & ZF_OP_IN_SET)
			return in_values(image, op->number, op->len, s->number);
		s->matched = in_range(&op->range, s->number);
	} else {
		s->matched |= in_range(&op->more[0], s->number) || in_range(&op->more[1], s->number);
	}
	return s->matched || op->flags & ZF_OP_GOES_ON;
}

static bool op_of_image(const struct image *image, const struct zf_op *op, const struct model_packet *p,
			struct op_state *s, struct model_trace *t)
{
	switch (op->kind) {
	case ZF_OP_COMPARE:
	case ZF_OP_MORE:
		return compare_of_image(image, op, p, s);
	case ZF_OP_CT:
		return holds(IR_CT, op->states, p->seed);
	case ZF_OP_LOCAL:
		return holds(IR_LOCAL, 0, p->seed);
	case ZF_OP_LIMIT:
		return holds(IR_LIMIT, op->identity, p->seed);
	case ZF_OP_ALIVE:
		return holds(IR_ALIVE, op->identity, p->seed);
	case ZF_OP_TPROXY:
		return holds(IR_TPROXY, tproxy_sum(op->tproxy.port, op->tproxy.family, op->tproxy.addr), p->seed);
	case ZF_OP_COUNT:
		trace_effect(t, IR_COUNT, op->identity);
		return true;
	case ZF_OP_LOG:
		trace_effect(t, IR_LOG, op->identity);
		return true;
	case ZF_OP_SET_MARK:
	case ZF_OP_SET_PRIORITY:
		trace_set(t, op->kind == ZF_OP_SET_MARK, op->set.and, op->set.xor);
		return true;
	}
	fail_msg("an op of kind %u", op->kind);
	return false;
}

static bool list_of_image(const struct image *image, uint32_t id, const struct model_packet *p, struct model_trace *t)
{
	struct op_state s = { 0 };

	for (int n = 0; id; n++) {
		const struct zf_op *op = model_lookup(image, MAP_OPS, &id);

		assert_true(op && n < ZF_OPS);
		if (!op_of_image(image, op, p, &s, t))
			return false;
		id = op->next;
	}
	return true;
}

static void count_of_image(const struct zf_rule *r, struct model_trace *t)
{
	if (r->counter)
		trace_effect(t, IR_COUNT, r->counter_identity);
}

static bool actions_of_image(const struct image *image, const struct zf_rule *r, const struct model_packet *p,
			     struct model_trace *t)
{
	if (r->ct_states && !holds(IR_CT, r->ct_states, p->seed))
		return false;
	if (r->flags & ZF_LOCAL_ADDRESS && !holds(IR_LOCAL, 0, p->seed))
		return false;
	if (r->flags & ZF_SPARES_ND && p->is_nd)
		return false;
	assert_false(r->flags & ZF_HAS_OPS && r->flags & ZF_TPROXY);
	if (r->flags & ZF_HAS_OPS && !list_of_image(image, r->ops, p, t))
		return false;
	if (r->flags & ZF_COUNT_FIRST)
		count_of_image(r, t);
	if (r->flags & ZF_TPROXY &&
	    !holds(IR_TPROXY, tproxy_sum(r->tproxy.port, r->tproxy.family, r->tproxy.addr), p->seed))
		return false;
	if (!(r->flags & ZF_COUNT_FIRST))
		count_of_image(r, t);
	return true;
}

void model_judge_image(const struct image *image, const struct model_packet *p, struct model_trace *ret)
{
	struct search s = { .image = image, .p = p, .lower = 1 };

	ret->n = 0;
	ret->dropped = false;
	s.interface = model_lookup(image, MAP_INTERFACE, &p->ifindex);
	if (!s.interface)
		return;
	while (s.lower != ZF_LABEL_NONE) {
		const struct zf_rule *r;

		search(&s);
		if (s.rule == 0)
			return;
		r = model_lookup(image, MAP_RULE, &s.rule);
		assert_true(r && r->label == s.best && !(r->flags & ZF_MARK));
		trace_add(ret, r->identity);
		if (!actions_of_image(image, r, p, ret)) {
			assert_true(r->otherwise > s.best);
			s.lower = r->otherwise;
		} else if (r->verdict != ZF_RESUME) {
			if (r->verdict != ZF_DROP)
				trace_reject(ret, r->verdict == ZF_RESET, r->icmp_code, r->icmp6_code);
			ret->dropped = true;
			return;
		} else {
			assert_true(r->resume > s.best);
			s.lower = r->resume;
		}
	}
}
