/* SPDX-License-Identifier: GPL-2.0-only */
#include <tests/unit/random_ir.h>

#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>

#define N_INTERFACES 4
#define COUNTERS     1000
#define STATES	     200 /* limits, timers and log statements, each */

static struct fact_address addresses[] = {
	{ .family = AF_INET6, .addr = { 0xfe, 0x80, [15] = 1 }, .unusable = true },
	{ .family = AF_INET, .addr = { 10, 0, 0, 2 }, .secondary = true },
	{ .family = AF_INET, .addr = { 10, 0, 0, 1 } },
	{ .family = AF_INET6, .addr = { 0x20, 0x01, [15] = 2 } },
	{ .family = AF_INET, .addr = { 10, 0, 0, 1 } },
};
static struct fact_interface interfaces[N_INTERFACES] = {
	{ .name = "one", .index = 1, .addrs = addresses, .n_addrs = 5 },
	{ .name = "two", .index = 2, .no_ethernet = true, .addrs = addresses, .n_addrs = 2 },
	{ .name = "three", .index = 3 },
	{ .name = "four", .index = 4, .addrs = addresses, .n_addrs = 1 },
};
const struct facts random_facts = { .v = interfaces, .n = N_INTERFACES };

uint64_t random_u64(struct random *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * 0x2545f4914f6cdd1du;
}

uint32_t random_below(struct random *r, uint32_t n)
{
	return (uint32_t)((random_u64(r) >> 32) * n >> 32);
}

/* ---- addresses ---- */

static unsigned int width_of(int family)
{
	return family == ZF_IPV4 ? 32 : 128;
}

/* One of few addresses that have long common prefixes. */
static u128 base(const struct rule_list *l, int family, uint32_t i)
{
	u128 x = (u128)i * 0x9e3779b9u;

	if (family == ZF_IPV4)
		return 0x0a000000u | (i % 3) << 22 | ((uint32_t)x & (i & 1 ? 0xffff : 0xffffff));
	return (u128)0x20010db800000000u << 64 | (u128)(i % 3) << 70 | (x * x << 20) | (x & (l->shape.n_bases | 0xff));
}

static u128 random_base(const struct rule_list *l, int family)
{
	return base(l, family, random_below(l->random, l->shape.n_bases));
}

static u128 low_bits(unsigned int n)
{
	return n >= 128 ? ~(u128)0 : ((u128)1 << n) - 1;
}

static struct addr_range random_prefix(const struct rule_list *l, int family)
{
	static const unsigned int common[] = { 8, 16, 24, 24, 32, 32, 0, 0 };
	struct random *r = l->random;
	unsigned int width = width_of(family), len = common[random_below(r, 8)] * (width / 32);
	u128 addr = random_base(l, family);

	if (len == 0)
		len = 1 + random_below(r, width);
	return (struct addr_range){ addr & ~low_bits(width - len), addr | low_bits(width - len) };
}

static struct addr_range random_range(const struct rule_list *l, int family)
{
	struct addr_range x = random_prefix(l, family);
	u128 room = low_bits(width_of(family)) - x.lo, size = random_below(l->random, 70000);

	x.hi = x.lo + (size < room ? size : room);
	return x;
}

static const struct addr_set *random_set(const struct rule_list *l, int family)
{
	struct random *r = l->random;
	uint32_t kind = random_below(r, 16);
	size_t n = kind < 8 ? 1 : kind < 10 ? 2 + random_below(r, 30) : 1 + random_below(r, 3);
	struct addr_range *v = arena_make_array(l->a, n, struct addr_range);
	const struct addr_set *s;

	if (l->shape.large_sets && kind == 15)
		return l->large[family][random_below(r, 4)];
	for (size_t i = 0; i < n; i++)
		v[i] = kind == 10 ? random_range(l, family) : random_prefix(l, family);
	s = addr_set_make(l->a, width_of(family), v, n);
	if (kind == 11 && !addr_set_is_all(s))
		s = addr_set_complement(l->a, s);
	if (kind == 12 && random_one_in(r, 8))
		s = addr_set_make(l->a, width_of(family), v, 0);
	return s;
}

/* More elements than a rule is expanded to; the last one is the complement of such. */
static const struct addr_set *large_set(const struct rule_list *l, int family, int i)
{
	size_t n = 300 + 200 * (size_t)i;
	struct addr_range *v = arena_make_array(l->a, n, struct addr_range);
	const struct addr_set *s;

	for (size_t j = 0; j < n; j++) {
		u128 addr = random_base(l, family) ^ random_below(l->random, 100000);

		v[j] = random_one_in(l->random, 20) ? random_prefix(l, family) : (struct addr_range){ addr, addr };
	}
	s = addr_set_make(l->a, width_of(family), v, n);
	return i == 3 ? addr_set_complement(l->a, s) : s;
}

/* ---- ranges ---- */

static uint16_t random_port(struct random *r)
{
	static const uint16_t common[] = { 0, 22, 53, 80, 443, 8080, 32768, 65535 };

	switch (random_below(r, 4)) {
	case 0:
		return common[random_below(r, 8)];
	case 1:
		return (uint16_t)random_below(r, 65536);
	default:
		return (uint16_t)(8000 + random_below(r, 100));
	}
}

static uint16_t random_hi(struct random *r, uint16_t lo, uint32_t max)
{
	static const uint32_t sizes[] = { 0, 0, 0, 3, 20, 300, 5000, 65535 };
	uint32_t hi = lo + random_below(r, sizes[random_below(r, 8)] + 1);

	return (uint16_t)(hi > max ? max : hi);
}

/* Sorted, disjoint and not adjacent. */
static struct ir_ranges random_ranges(const struct rule_list *l, size_t n, uint32_t max)
{
	struct ir_range *v = arena_make_array(l->a, n, struct ir_range);
	struct ir_ranges ret = { .v = v };
	uint32_t next = 0;

	for (size_t i = 0; i < n && next <= max; i++) {
		uint32_t lo = i == 0 || random_one_in(l->random, 2) ? random_port(l->random) : next + 1;

		if (lo < next || lo > max)
			lo = next + (i > 0);
		if (lo > max)
			break;
		v[ret.n].lo = (uint16_t)lo;
		v[ret.n].hi = random_hi(l->random, (uint16_t)lo, max);
		next = v[ret.n].hi + 2u;
		ret.n++;
	}
	return ret;
}

static void random_l4(struct rule_list *l, struct ir_rule *r)
{
	struct random *rnd = l->random;

	switch (random_below(rnd, 6)) {
	case 0:
		break;
	case 1:
		r->protos = random_ranges(l, 1 + random_below(rnd, 3), 255);
		break;
	default: {
		static const struct ir_range protos[] = { { 6, 6 }, { 17, 17 }, { 1, 1 } };

		r->protos = (struct ir_ranges){ 1, &protos[random_below(rnd, 3)] };
	}
	}
	r->need_l4 = random_one_in(rnd, 3) || l->shape.many_ports;
	if (!r->need_l4)
		return;
	if (!random_one_in(rnd, 4))
		r->dports = random_ranges(l, 1 + random_below(rnd, 3) * random_below(rnd, 3), 65535);
	if (random_one_in(rnd, 4))
		r->sports = random_ranges(l, 1 + random_below(rnd, 2), 65535);
}

/* ---- rules ---- */

void set_ops(struct arena *a, struct ir_rule *r, const struct ir_op *ops, size_t n)
{
	r->ops = n ? memcpy(arena_make_array(a, n, struct ir_op), ops, n * sizeof(*ops)) : NULL;
	r->n_ops = n;
}

static const struct ir_interfaces *random_interfaces(struct rule_list *l)
{
	uint32_t bits = random_one_in(l->random, 2) ? 15 : 1 + random_below(l->random, 15);
	struct ir_interfaces *s = arena_make(l->a, struct ir_interfaces);
	uint32_t *v = arena_make_array(l->a, N_INTERFACES, uint32_t);

	for (uint32_t i = 0; i < N_INTERFACES; i++)
		if (bits >> i & 1)
			v[s->n++] = i + 1;
	s->v = v;
	s->hash = bits;
	return s;
}

static const struct ir_rule *random_mark(struct rule_list *l)
{
	for (int i = 0; i < 8 && l->rules.n; i++) {
		const struct ir_rule *r = l->rules.v[random_below(l->random, (uint32_t)l->rules.n)];

		if (r->kind == IR_MARK)
			return r;
	}
	return NULL;
}

static struct ir_tproxy random_tproxy(struct random *rnd, uint8_t families)
{
	struct ir_tproxy t = { .port = random_port(rnd), .addr = { 127 } };

	t.has_addr = families == IR_V4 && random_one_in(rnd, 2);
	t.family = t.has_addr ? AF_INET : 0;
	return t;
}

/* Numbers of up to 16 bits, so that packets meet them. */
static const struct addr_set *random_numbers(const struct rule_list *l, unsigned int len)
{
	struct random *rnd = l->random;
	size_t n = random_one_in(rnd, 6) ? 10 + random_below(rnd, 40) : random_below(rnd, 12);
	struct addr_range *v = arena_make_array(l->a, n, struct addr_range);
	uint32_t most = len == 1 ? 0xff : 0xffff;

	for (size_t i = 0; i < n; i++) {
		v[i].lo = random_below(rnd, most + 1);
		v[i].hi = random_one_in(rnd, 3) ? v[i].lo + random_below(rnd, most + 1 - (uint32_t)v[i].lo) : v[i].lo;
	}
	return addr_set_make(l->a, 8 * len, v, n);
}

static struct ir_op random_compare(const struct rule_list *l)
{
	static const uint8_t lens[] = { 1, 1, 2, 4, 6, 8, 16 };
	struct random *rnd = l->random;
	struct ir_op op = { .kind = IR_COMPARE };
	struct ir_compare *c = &op.compare;

	c->load.base = random_below(rnd, 4);
	c->load.len = c->load.base == IR_META ? 4 : lens[random_below(rnd, 7)];
	c->load.at = (uint16_t)random_below(rnd, c->load.base == IR_META ? IR_META_IIF : 20);
	c->mask = random_one_in(rnd, 2) ? low_bits(8 * c->load.len) : random_u64(rnd) & low_bits(8 * c->load.len);
	c->flip = random_one_in(rnd, 4) ? random_u64(rnd) & low_bits(8 * c->load.len) : 0;
	c->allowed = random_numbers(l, c->load.len);
	if (random_one_in(rnd, 2))
		c->allowed = addr_set_complement(l->a, c->allowed);
	return op;
}

static struct ir_op random_op(struct rule_list *l, const struct ir_rule *r)
{
	struct random *rnd = l->random;
	static const uint8_t states[] = { IR_CT_ESTABLISHED | IR_CT_RELATED, IR_CT_NEW, IR_CT_INVALID };

	switch (random_below(rnd, 10)) {
	case 0:
		return (struct ir_op){ .kind = IR_CT, .ct_states = states[random_below(rnd, 3)] };
	case 1:
		return (struct ir_op){ .kind = IR_LOCAL };
	case 2:
		return (struct ir_op){ .kind = IR_LIMIT, .index = random_below(rnd, STATES) };
	case 3:
		return (struct ir_op){ .kind = IR_ALIVE, .index = random_below(rnd, STATES) };
	case 4:
		return (struct ir_op){ .kind = IR_TPROXY, .tproxy = random_tproxy(rnd, r->families) };
	case 5:
		return (struct ir_op){ .kind = IR_COUNT, .index = random_below(rnd, COUNTERS) };
	case 6:
		return (struct ir_op){ .kind = IR_LOG, .index = random_below(rnd, STATES) };
	case 7:
		return (struct ir_op){ .kind = IR_SET,
				       .set = { random_one_in(rnd, 2) ? IR_META_MARK : IR_META_PRIORITY,
						(uint32_t)random_u64(rnd), (uint32_t)random_u64(rnd) } };
	default:
		return random_compare(l);
	}
}

/* Any, in any order. */
static void random_list_of_ops(struct rule_list *l, struct ir_rule *r)
{
	struct ir_op ops[6];
	size_t n = 1 + random_below(l->random, 6);

	for (size_t i = 0; i < n; i++)
		ops[i] = random_op(l, r);
	set_ops(l->a, r, ops, n);
}

/* Those that need no list, as most rules have them. */
static void random_ops(struct rule_list *l, struct ir_rule *r)
{
	struct random *rnd = l->random;
	struct ir_op ops[8], count = { .kind = IR_COUNT, .index = random_below(rnd, COUNTERS) };
	bool counts = random_one_in(rnd, 3), count_first = random_one_in(rnd, 2);
	size_t n = 0;

	if (random_one_in(rnd, 6))
		ops[n++] = (struct ir_op){ .kind = IR_CT, .ct_states = IR_CT_ESTABLISHED | IR_CT_RELATED };
	if (random_one_in(rnd, 10))
		ops[n++] = (struct ir_op){ .kind = IR_LOCAL };
	if (counts && count_first)
		ops[n++] = count;
	if (random_one_in(rnd, 6))
		ops[n++] = (struct ir_op){ .kind = IR_TPROXY, .tproxy = random_tproxy(rnd, r->families) };
	if (counts && !count_first)
		ops[n++] = count;
	set_ops(l->a, r, ops, n);
}

static void random_dynamic(struct rule_list *l, struct ir_rule *r)
{
	struct random *rnd = l->random;

	if (l->shape.ops && random_one_in(rnd, 3))
		random_list_of_ops(l, r);
	else
		random_ops(l, r);
	r->spares_neighbour_discovery = random_one_in(rnd, 12);
	r->verdict = random_one_in(rnd, 2) ? IR_DROP : IR_RESUME;
	if (l->shape.ops && random_one_in(rnd, 10)) {
		r->verdict = IR_REJECT;
		r->reject = (struct ir_reject){ random_one_in(rnd, 2), (uint8_t)random_below(rnd, 16), 1 };
	}
	if (!l->shape.marks)
		return;
	r->otherwise = random_mark(l);
	if (r->verdict == IR_RESUME)
		r->resume = random_mark(l);
}

struct ir_rule *random_rule(struct rule_list *l)
{
	struct ir_rule *r = arena_make(l->a, struct ir_rule);
	struct random *rnd = l->random;
	bool any = random_one_in(rnd, 10);

	r->identity = random_u64(rnd);
	if (l->shape.marks && random_one_in(rnd, 8)) {
		r->kind = IR_MARK;
		return r;
	}
	r->interfaces = random_interfaces(l);
	r->families = l->shape.v6 ? (uint8_t)(1 + random_below(rnd, 3)) : IR_V4;
	if (!any && !(l->shape.many_ports && !random_one_in(rnd, 10))) {
		r->dst4 = random_one_in(rnd, 4) ? NULL : random_set(l, ZF_IPV4);
		r->src4 = random_one_in(rnd, 2) ? NULL : random_set(l, ZF_IPV4);
		r->dst6 = random_one_in(rnd, 4) ? NULL : random_set(l, ZF_IPV6);
		r->src6 = random_one_in(rnd, 2) ? NULL : random_set(l, ZF_IPV6);
	}
	if (any && l->shape.headerless)
		r->families = IR_ANY_FRAME;
	else
		random_l4(l, r);
	random_dynamic(l, r);
	return r;
}

/* ---- the list ---- */

void rule_list_insert(struct rule_list *l, size_t at, struct ir_rule *r)
{
	*vec_push(l->a, &l->rules) = r;
	memmove(&l->rules.v[at + 1], &l->rules.v[at], (l->rules.n - 1 - at) * sizeof(*l->rules.v));
	l->rules.v[at] = r;
}

static struct ir_rule *take_out(struct rule_list *l, size_t at)
{
	struct ir_rule *r = l->rules.v[at];

	l->rules.n--;
	memmove(&l->rules.v[at], &l->rules.v[at + 1], (l->rules.n - at) * sizeof(*l->rules.v));
	return r;
}

void rule_list_make(struct rule_list *l, struct arena *a, struct random *random, const struct shape *shape)
{
	*l = (struct rule_list){ .a = a, .random = random, .shape = *shape };
	for (int family = 0; family < 2; family++)
		for (int i = 0; i < 4 && shape->large_sets; i++)
			l->large[family][i] = large_set(l, family, i);
	for (unsigned int i = 0; i < shape->n_rules; i++)
		rule_list_insert(l, l->rules.n ? random_below(random, (uint32_t)l->rules.n + 1) : 0, random_rule(l));
}

static struct ir_rule *modified(struct rule_list *l, const struct ir_rule *old)
{
	struct ir_rule *r = arena_make(l->a, struct ir_rule);

	*r = *old;
	if (r->kind == IR_MARK)
		return r;
	if (random_one_in(l->random, 2))
		r->identity = random_u64(l->random);
	if (random_one_in(l->random, 2))
		r->families |= IR_V4;
	if (r->families == IR_V4 && random_one_in(l->random, 2))
		r->dst4 = random_set(l, ZF_IPV4);
	else if (r->need_l4)
		r->dports = random_ranges(l, 1 + random_below(l->random, 4), 65535);
	else
		r->verdict = r->verdict == IR_DROP ? IR_RESUME : IR_DROP;
	return r;
}

void rule_list_edit(struct rule_list *l)
{
	struct random *r = l->random;
	uint32_t n = (uint32_t)l->rules.n, at = n ? random_below(r, n) : 0, kind = random_below(r, 6);

	/* Often at one place, so that labels get crowded. */
	if (random_one_in(r, 2))
		at = n / 2;
	if (n == 0 || kind < 3) {
		rule_list_insert(l, at, random_rule(l));
	} else if (kind == 3) {
		take_out(l, at);
	} else if (kind == 4) {
		struct ir_rule *moved = take_out(l, at);

		rule_list_insert(l, random_below(r, n), moved);
	} else {
		l->rules.v[at] = modified(l, l->rules.v[at]);
	}
}

static const struct ir_rule *mark_in(const struct ir *ir, const struct ir_rule *rule, const struct ir_rule *mark)
{
	for (size_t i = rule->index; mark && i < ir->n_rules; i++)
		if (ir->rules[i]->kind == IR_MARK && ir->rules[i]->identity == mark->identity)
			return ir->rules[i];
	return NULL;
}

static void make_states(const struct rule_list *l, struct ir *ir)
{
	ir->n_limits = ir->n_timers = ir->n_logs = STATES;
	ir->limits = arena_make_array(l->a, STATES, struct ir_limit);
	ir->timers = arena_make_array(l->a, STATES, struct ir_timer);
	ir->logs = arena_make_array(l->a, STATES, struct ir_log);
	for (size_t i = 0; i < STATES; i++) {
		ir->limits[i] = (struct ir_limit){
			.over = i & 1, .bytes = i & 2, .rate = 1 + i, .per = 1000000000, .burst = 5, .identity = i + 1
		};
		ir->timers[i] = (struct ir_timer){ .timeout_ms = 1000, .expires_ms = 1000, .identity = i + 1 };
		ir->logs[i] = (struct ir_log){ .identity = i + 1 };
	}
}

struct ir *rule_list_ir(const struct rule_list *l)
{
	struct ir *ir = arena_make(l->a, struct ir);

	ir->n_rules = l->rules.n;
	ir->rules = arena_make_array(l->a, ir->n_rules, struct ir_rule *);
	for (uint32_t i = 0; i < ir->n_rules; i++) {
		ir->rules[i] = arena_make(l->a, struct ir_rule);
		*ir->rules[i] = *l->rules.v[i];
		ir->rules[i]->index = i;
	}
	for (uint32_t i = 0; i < ir->n_rules && l->shape.marks; i++) {
		ir->rules[i]->resume = mark_in(ir, ir->rules[i], ir->rules[i]->resume);
		ir->rules[i]->otherwise = mark_in(ir, ir->rules[i], ir->rules[i]->otherwise);
	}
	ir->n_counters = COUNTERS;
	ir->counters = arena_make_array(l->a, ir->n_counters, struct ir_counter);
	for (size_t i = 0; i < ir->n_counters; i++)
		ir->counters[i].identity = i + 1;
	make_states(l, ir);
	ir->n_attach = N_INTERFACES;
	ir->attach = arena_make_array(l->a, ir->n_attach, struct ir_attach);
	for (uint32_t i = 0; i < N_INTERFACES; i++)
		ir->attach[i] = (struct ir_attach){ .name = interfaces[i].name, .index = i + 1, .ingress = true };
	ir->uses_ct = ir->uses_tproxy = ir->uses_local = true;
	return ir;
}

/* ---- packets ---- */

static u128 edge_of(const struct rule_list *l, int family, const struct addr_set *s)
{
	struct random *r = l->random;
	const struct addr_range *range;
	u128 addr;

	if (!s || s->n == 0 || random_one_in(r, 4))
		return random_base(l, family) ^ (random_one_in(r, 2) ? random_below(r, 1000) : 0);
	range = &s->v[random_below(r, (uint32_t)s->n)];
	switch (random_below(r, 5)) {
	case 0:
		addr = range->lo - 1;
		break;
	case 1:
		addr = range->hi + 1;
		break;
	case 2:
		addr = range->hi;
		break;
	default:
		addr = range->lo;
	}
	return addr & low_bits(width_of(family));
}

static uint16_t edge_of_ranges(struct random *r, const struct ir_ranges *v)
{
	const struct ir_range *range;

	if (v->n == 0 || random_one_in(r, 4))
		return random_port(r);
	range = &v->v[random_below(r, (uint32_t)v->n)];
	switch (random_below(r, 6)) {
	case 0:
		return (uint16_t)(range->lo - 1);
	case 1:
		return (uint16_t)(range->hi + 1);
	case 2:
		return range->hi;
	case 3:
		return (uint16_t)(range->lo + random_below(r, range->hi - range->lo + 1u));
	default:
		return range->lo;
	}
}

void random_packet(const struct rule_list *l, struct model_packet *ret)
{
	static const struct ir_rule nothing = { .families = IR_V4 };
	struct random *r = l->random;
	const struct ir_rule *rule = l->rules.n ? l->rules.v[random_below(r, (uint32_t)l->rules.n)] : &nothing;
	bool v6 = rule->families & IR_V6 && (!(rule->families & IR_V4) || random_one_in(r, 2));

	*ret = (struct model_packet){
		.kind = v6 ? IR_V6 : IR_V4,
		.ifindex = 1 + random_below(r, N_INTERFACES + 1),
		.dst = edge_of(l, v6, v6 ? rule->dst6 : rule->dst4),
		.src = edge_of(l, v6, v6 ? rule->src6 : rule->src4),
		.proto = (uint8_t)edge_of_ranges(r, &rule->protos),
		.has_l4 = !random_one_in(r, 8),
		.is_nd = random_one_in(r, 8),
		.seed = random_u64(r),
	};
	if (l->shape.headerless && random_one_in(r, 10))
		ret->kind = IR_OTHER << random_below(r, 3);
	if (!ret->has_l4)
		return;
	ret->dport = edge_of_ranges(r, &rule->dports);
	ret->sport = edge_of_ranges(r, &rule->sports);
}
