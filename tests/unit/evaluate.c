/* SPDX-License-Identifier: GPL-2.0-only */
#include "evaluate.h"

#include <assert.h>
#include <string.h>

/* ---- packets ---- */

static void put_number(uint8_t *bytes, u128 x, unsigned int n)
{
	while (n--) {
		bytes[n] = (uint8_t)x;
		x >>= 8;
	}
}

static void fill_network(struct packet *p)
{
	if (p->family == IR_V4) {
		p->network[0] = 0x45;
		p->network[9] = p->proto;
		put_number(p->network + 12, p->src, 4);
		put_number(p->network + 16, p->dst, 4);
	} else if (p->family == IR_V6) {
		p->network[0] = (uint8_t)(0x60 | (p->network[0] & 0xf));
		put_number(p->network + 8, p->src, 16);
		put_number(p->network + 24, p->dst, 16);
	}
}

static bool has_ports(unsigned int proto)
{
	return proto == 6 || proto == 17 || proto == 33 || proto == 132 || proto == 136;
}

void packet_fill(struct packet *p)
{
	fill_network(p);
	if (p->proto == 1 || p->proto == 58) {
		put_number(p->transport, p->dport, 2);
	} else if (has_ports(p->proto)) {
		put_number(p->transport, p->sport, 2);
		put_number(p->transport + 2, p->dport, 2);
	}
	if (p->family == IR_V4 || p->family == IR_BAD4)
		p->protocol = 0x0800;
	else if (p->family == IR_V6 || p->family == IR_BAD6)
		p->protocol = 0x86dd;
}

static unsigned int header_length(const struct packet *p, enum ir_base base)
{
	bool ip = p->family == IR_V4 || p->family == IR_V6;

	if (base == IR_LINK)
		return p->has_link ? 14 : 0;
	if (!ip)
		return 0;
	if (base == IR_NETWORK)
		return p->family == IR_V4 ? 20 : 40;
	return !p->has_l4 ? 0 : p->proto == 17 ? 8 : 20;
}

bool packet_bits(const struct packet *p, enum ir_base base, unsigned int offset, unsigned int bits, u128 *ret)
{
	const uint8_t *header = base == IR_LINK ? p->link : base == IR_NETWORK ? p->network : p->transport;

	if (offset + bits > 8 * header_length(p, base))
		return false;
	*ret = 0;
	for (unsigned int i = offset; i < offset + bits; i++)
		*ret = *ret << 1 | (header[i / 8] >> (7 - i % 8) & 1);
	return true;
}

/* ---- outcomes ---- */

void note_effect(struct outcome *o, enum ir_op_kind kind, uint32_t at, uint32_t value)
{
	if (o->n_effects < MAX_EFFECTS)
		o->effects[o->n_effects] = (struct effect){ .kind = kind, .at = at, .value = value };
	o->n_effects++;
}

void note_tproxy(struct outcome *o, u128 addr, uint16_t port)
{
	o->tproxy_port = port;
	note_effect(o, IR_TPROXY, 0, port);
	if (o->n_effects <= MAX_EFFECTS)
		o->effects[o->n_effects - 1].addr = addr;
}

static uint32_t mixed(uint32_t x, uint32_t y)
{
	uint64_t z = (x * 0x9e3779b97f4a7c15u) ^ (y + 0x632be59bd9b4e019u) * 0xd6e8feb86659fd93u;

	return (uint32_t)(z >> 40);
}

bool takes_token(struct outcome *o, const struct packet *p, uint32_t at)
{
	uint32_t before = 0;
	bool takes;

	for (unsigned int i = 0; i < o->n_effects && i < MAX_EFFECTS; i++)
		before += o->effects[i].kind == IR_LIMIT && o->effects[i].at == at;
	takes = mixed(p->chance + before, at) & 1;
	note_effect(o, IR_LIMIT, at, takes);
	return takes;
}

bool is_alive(const struct packet *p, uint32_t at)
{
	return mixed(p->chance, at) & 2;
}

static bool effects_equal(const struct effect *x, const struct effect *y)
{
	return x->kind == y->kind && x->at == y->at && x->value == y->value && x->addr == y->addr;
}

bool outcomes_equal(const struct outcome *x, const struct outcome *y)
{
	if (x->accepted != y->accepted || x->answered != y->answered || x->code != y->code ||
	    x->tproxy_port != y->tproxy_port || x->n_effects != y->n_effects)
		return false;
	for (unsigned int i = 0; i < x->n_effects && i < MAX_EFFECTS; i++)
		if (!effects_equal(&x->effects[i], &y->effects[i]))
			return false;
	return true;
}

/* ---- the IR ---- */

struct judging {
	const struct ir *ir;
	struct packet p; /* as it is by now */
	struct outcome o;
};

static bool in_ranges(const struct ir_ranges *r, uint16_t x)
{
	for (size_t i = 0; i < r->n; i++)
		if (x >= r->v[i].lo && x <= r->v[i].hi)
			return true;
	return r->n == 0;
}

static bool on_interface(const struct ir_interfaces *s, const struct packet *p)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i] == (p->interface | (p->egress ? IR_EGRESS : 0)))
			return true;
	return false;
}

static bool matches(const struct ir_rule *r, const struct packet *p)
{
	bool v4 = p->family == IR_V4, ip = v4 || p->family == IR_V6;

	if (r->kind != IR_RULE || !(r->families & p->family) || !on_interface(r->interfaces, p))
		return false;
	if (r->spares_neighbour_discovery && p->neighbour_discovery)
		return false;
	if (!ip)
		return true;
	if (!addr_set_contains(v4 ? r->src4 : r->src6, p->src) || !addr_set_contains(v4 ? r->dst4 : r->dst6, p->dst))
		return false;
	if (!in_ranges(&r->protos, p->proto) || (r->need_l4 && !p->has_l4))
		return false;
	return !r->need_l4 || (in_ranges(&r->sports, p->sport) && in_ranges(&r->dports, p->dport));
}

/* What needs an IP packet. */
static bool ip_meta(const struct packet *p, enum ir_meta what, u128 *x)
{
	switch (what) {
	case IR_META_NFPROTO:
		*x = p->family == IR_V4 ? 2 : 10;
		return true;
	case IR_META_L4PROTO:
		*x = p->proto;
		return true;
	case IR_META_SOCKET_TRANSPARENT:
		*x = p->socket_transparent;
		return p->has_socket;
	case IR_META_SOCKET_WILDCARD:
		*x = p->socket_wildcard;
		return p->has_socket;
	case IR_META_SOCKET_MARK:
		*x = p->socket_mark;
		return p->has_socket;
	case IR_META_FIB_DADDR:
	case IR_META_FIB_DADDR_IIF:
	case IR_META_FIB_SADDR:
	case IR_META_FIB_SADDR_IIF:
		*x = p->fib[what - IR_META_FIB_DADDR];
		return true;
	default:
		assert(!"an interface is no op");
		return false;
	}
}

static bool meta(const struct packet *p, enum ir_meta what, u128 *x)
{
	switch (what) {
	case IR_META_LENGTH:
		*x = p->length;
		return true;
	case IR_META_PROTOCOL:
		*x = p->protocol;
		return true;
	case IR_META_MARK:
		*x = p->mark;
		return true;
	case IR_META_PRIORITY:
		*x = p->priority;
		return true;
	case IR_META_PKTTYPE:
		*x = p->pkttype;
		return true;
	case IR_META_CPU:
		*x = p->cpu;
		return true;
	default:
		return (p->family == IR_V4 || p->family == IR_V6) && ip_meta(p, what, x);
	}
}

static bool compares(const struct ir_compare *c, const struct packet *p)
{
	u128 x;

	assert(c->allowed && c->allowed->width == 8u * c->load.len);
	if (c->load.base == IR_META) {
		if (!meta(p, (enum ir_meta)c->load.at, &x))
			return false;
	} else if (!packet_bits(p, c->load.base, 8u * c->load.at, 8u * c->load.len, &x)) {
		return false;
	}
	return addr_set_contains(c->allowed, (x & c->mask) ^ c->flip);
}

static bool find_socket(struct judging *j, const struct ir_tproxy *t)
{
	const struct packet *p = &j->p;
	u128 addr = 0;

	assert(!t->has_addr || t->family);
	if (!p->socket)
		return false;
	for (unsigned int i = 0; t->has_addr && i < (p->family == IR_V4 ? 4 : 16); i++)
		addr = addr << 8 | t->addr[i];
	note_tproxy(&j->o, addr, t->port ? t->port : p->dport);
	return true;
}

static void set_meta(struct judging *j, const struct ir_op *op)
{
	uint32_t *what = op->set.what == IR_META_MARK ? &j->p.mark : &j->p.priority;

	*what = (*what & op->set.and) ^ op->set.xor ;
	note_effect(&j->o, IR_SET, op->set.what, *what);
}

/* Carries out an op; false when it is a condition that doesn't hold. */
static bool carry_out(struct judging *j, const struct ir_op *op)
{
	const struct ir_limit *limit;

	switch (op->kind) {
	case IR_COMPARE:
		return compares(&op->compare, &j->p);
	case IR_CT:
		return op->ct_states & j->p.ct_state;
	case IR_LOCAL:
		return j->p.local;
	case IR_LIMIT:
		limit = &j->ir->limits[op->index];
		return takes_token(&j->o, &j->p, limit->span.at) != limit->over;
	case IR_ALIVE:
		return is_alive(&j->p, j->ir->timers[op->index].span.at);
	case IR_TPROXY:
		return find_socket(j, &op->tproxy);
	case IR_COUNT:
		if (op->index < MAX_COUNTERS)
			j->o.counts[op->index]++;
		note_effect(&j->o, IR_COUNT, j->ir->counters[op->index].span.at, 0);
		return true;
	case IR_LOG:
		note_effect(&j->o, IR_LOG, j->ir->logs[op->index].span.at, 0);
		return true;
	case IR_SET:
		set_meta(j, op);
		return true;
	}
	return false;
}

/* Whether the conditions hold, with the effects that come before a failure. */
static bool conditions_hold(struct judging *j, const struct ir_rule *r)
{
	for (size_t i = 0; i < r->n_ops; i++)
		if (!carry_out(j, &r->ops[i]))
			return false;
	return true;
}

static void answer(struct judging *j, const struct ir_reject *reject)
{
	bool v4 = j->p.family == IR_V4;

	j->o.answered = v4 || j->p.family == IR_V6;
	if (j->o.answered)
		j->o.code = reject->tcp_reset ? -1 : v4 ? reject->icmp_code : reject->icmp6_code;
}

struct outcome evaluate_ir(const struct ir *ir, const struct packet *p)
{
	struct judging j = { .ir = ir, .p = *p, .o = { .accepted = true } };
	size_t i = 0;

	packet_fill(&j.p);
	while (i < ir->n_rules) {
		const struct ir_rule *r = ir->rules[i], *next;

		i++;
		if (!matches(r, &j.p))
			continue;
		next = r->otherwise;
		if (conditions_hold(&j, r)) {
			if (r->verdict != IR_RESUME) {
				j.o.accepted = false;
				if (r->verdict == IR_REJECT)
					answer(&j, &r->reject);
				return j.o;
			}
			next = r->resume;
		}
		if (!next)
			continue;
		assert(next->kind == IR_MARK && next->index >= i && ir->rules[next->index] == next);
		i = next->index;
	}
	return j.o;
}
