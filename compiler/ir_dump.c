/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/ir.h>

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/buf.h>
#include <compiler/facts.h>
#include <compiler/value.h>
#include <grammar/ast.h>

#define SHOW_RANGES 8 /* of a set; the rest is counted */

static void put_families(uint8_t families, struct buf *out)
{
	static const char *const names[] = { "v4", "v6", "other", "bad4", "bad6" };
	const char *sep = " ";

	if (families == IR_ANY_FRAME) {
		buf_puts(out, " any");
		return;
	}
	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (families & 1u << i) {
			buf_printf(out, "%s%s", sep, names[i]);
			sep = ",";
		}
}

static void put_addr(int family, const uint8_t *addr, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];

	buf_puts(out, inet_ntop(family, addr, text, sizeof(text)));
}

static void put_address(unsigned int width, u128 addr, struct buf *out)
{
	uint8_t bytes[16];

	addr_to_bytes(addr, width, bytes);
	put_addr(width == 32 ? AF_INET : AF_INET6, bytes, out);
}

static void put_addr_range(unsigned int width, struct addr_range r, struct buf *out)
{
	u128 hosts = r.lo ^ r.hi;
	unsigned int len = width;

	put_address(width, r.lo, out);
	if (!hosts)
		return;
	if ((hosts & (hosts + 1)) || (r.lo & hosts)) {
		buf_putc(out, '-');
		put_address(width, r.hi, out);
		return;
	}
	for (; hosts; hosts >>= 1)
		len--;
	buf_printf(out, "/%u", len);
}

static void put_set(const char *what, const struct addr_set *s, struct buf *out)
{
	if (!s)
		return;
	buf_printf(out, " %s ", what);
	for (size_t i = 0; i < s->n && i < SHOW_RANGES; i++) {
		buf_puts(out, i ? "," : "");
		put_addr_range(s->width, s->v[i], out);
	}
	if (s->n > SHOW_RANGES)
		buf_printf(out, ",+%zu", s->n - SHOW_RANGES);
}

static void put_ranges(const char *what, const struct ir_ranges *r, struct buf *out)
{
	if (!r->n)
		return;
	buf_printf(out, " %s ", what);
	for (size_t i = 0; i < r->n && i < SHOW_RANGES; i++) {
		buf_printf(out, "%s%u", i ? "," : "", r->v[i].lo);
		if (r->v[i].hi != r->v[i].lo)
			buf_printf(out, "-%u", r->v[i].hi);
	}
	if (r->n > SHOW_RANGES)
		buf_printf(out, ",+%zu", r->n - SHOW_RANGES);
}

static const char *interface_name(const struct ir *ir, const struct facts *facts, uint32_t number)
{
	uint32_t index = number & ~IR_EGRESS;

	for (size_t i = 0; i < ir->n_attach; i++)
		if (ir->attach[i].index == index)
			return ir->attach[i].name;
	for (size_t i = 0; i < facts->n; i++)
		if (facts->v[i].index == index)
			return facts->v[i].name;
	return "?";
}

static void put_interfaces(const struct ir *ir, const struct facts *facts, const struct ir_interfaces *s,
			   struct buf *out)
{
	buf_puts(out, s->n && s->v[0] & IR_EGRESS ? " out " : " on ");
	for (size_t i = 0; i < s->n; i++)
		buf_printf(out, "%s%s", i ? "," : "", interface_name(ir, facts, s->v[i]));
}

static void put_static(const struct ir *ir, const struct facts *facts, const struct ir_rule *r, struct buf *out)
{
	put_families(r->families, out);
	put_interfaces(ir, facts, r->interfaces, out);
	put_set("src", r->src4, out);
	put_set("dst", r->dst4, out);
	put_set("src", r->src6, out);
	put_set("dst", r->dst6, out);
	put_ranges("proto", &r->protos, out);
	put_ranges("sport", &r->sports, out);
	put_ranges("dport", &r->dports, out);
	if (r->need_l4)
		buf_puts(out, " l4");
}

static void put_tproxy(const struct ir_tproxy *t, struct buf *out)
{
	buf_printf(out, " tproxy %s", t->family == AF_INET ? "ip" : t->family == AF_INET6 ? "ip6" : "any");
	if (t->has_addr) {
		buf_putc(out, ' ');
		put_addr(t->family, t->addr, out);
	}
	if (t->port)
		buf_printf(out, " port %u", t->port);
}

static void put_states(uint8_t states, struct buf *out)
{
	static const char *const names[] = { "invalid", "established", "related", "new", "", "", "untracked" };

	buf_puts(out, " ct");
	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (states & 1u << i)
			buf_printf(out, " %s", names[i]);
}

static const char *const meta_names[] = {
	[IR_META_LENGTH] = "length",
	[IR_META_PROTOCOL] = "protocol",
	[IR_META_NFPROTO] = "nfproto",
	[IR_META_L4PROTO] = "l4proto",
	[IR_META_MARK] = "mark",
	[IR_META_PRIORITY] = "priority",
	[IR_META_PKTTYPE] = "pkttype",
	[IR_META_CPU] = "cpu",
	[IR_META_IIF] = "iif",
	[IR_META_OIF] = "oif",
	[IR_META_SOCKET_TRANSPARENT] = "socket-transparent",
	[IR_META_SOCKET_WILDCARD] = "socket-wildcard",
	[IR_META_SOCKET_MARK] = "socket-mark",
	[IR_META_FIB_DADDR] = "fib-daddr",
	[IR_META_FIB_DADDR_IIF] = "fib-daddr-iif",
	[IR_META_FIB_SADDR] = "fib-saddr",
	[IR_META_FIB_SADDR_IIF] = "fib-saddr-iif",
};

static void put_load(const struct ir_load *l, struct buf *out)
{
	static const char *const bases[] = {
		[IR_LINK] = "link", [IR_NETWORK] = "network", [IR_TRANSPORT] = "transport"
	};

	if (l->base == IR_META)
		buf_printf(out, " %s", meta_names[l->at]);
	else
		buf_printf(out, " %s[%u:%u]", bases[l->base], l->at, l->len);
}

static void put_number(u128 x, struct buf *out)
{
	if (x >> 64)
		buf_printf(out, "0x%llx%016llx", (unsigned long long)(x >> 64), (unsigned long long)x);
	else
		buf_printf(out, x < 10 ? "%llu" : "0x%llx", (unsigned long long)x);
}

static void put_numbers(const struct addr_set *s, struct buf *out)
{
	buf_puts(out, " in {");
	for (size_t i = 0; i < s->n && i < SHOW_RANGES; i++) {
		buf_puts(out, i ? "," : "");
		put_number(s->v[i].lo, out);
		if (s->v[i].hi == s->v[i].lo)
			continue;
		buf_putc(out, '-');
		put_number(s->v[i].hi, out);
	}
	if (s->n > SHOW_RANGES)
		buf_printf(out, ",+%zu", s->n - SHOW_RANGES);
	buf_putc(out, '}');
}

static void put_compare(const struct ir_compare *c, struct buf *out)
{
	u128 all = c->load.len >= 16 ? ~(u128)0 : ((u128)1 << 8 * c->load.len) - 1;

	put_load(&c->load, out);
	if (c->mask != all) {
		buf_puts(out, "&");
		put_number(c->mask, out);
	}
	if (c->flip) {
		buf_puts(out, "^");
		put_number(c->flip, out);
	}
	put_numbers(c->allowed, out);
}

static void put_op(const struct ir_op *op, struct buf *out)
{
	switch (op->kind) {
	case IR_COMPARE:
		put_compare(&op->compare, out);
		break;
	case IR_CT:
		put_states(op->ct_states, out);
		break;
	case IR_LOCAL:
		buf_puts(out, " local");
		break;
	case IR_LIMIT:
		buf_printf(out, " limit #%u", op->index);
		break;
	case IR_ALIVE:
		buf_printf(out, " alive #%u", op->index);
		break;
	case IR_TPROXY:
		put_tproxy(&op->tproxy, out);
		break;
	case IR_COUNT:
		buf_printf(out, " count #%u", op->index);
		break;
	case IR_LOG:
		buf_printf(out, " log #%u", op->index);
		break;
	case IR_SET:
		buf_printf(out, " %s=&0x%x^0x%x", meta_names[op->set.what], op->set.and, op->set.xor);
		break;
	}
}

static void put_reject(const struct ir_reject *r, struct buf *out)
{
	if (r->tcp_reset)
		buf_puts(out, " -> reject tcp reset");
	else
		buf_printf(out, " -> reject icmp %u icmpv6 %u", r->icmp_code, r->icmp6_code);
}

static void put_verdict(const struct ir_rule *r, struct buf *out)
{
	if (r->verdict == IR_DROP)
		buf_puts(out, " -> drop");
	else if (r->verdict == IR_REJECT)
		put_reject(&r->reject, out);
	else if (r->resume)
		buf_printf(out, " -> %u", r->resume->index);
	else
		buf_puts(out, " -> next");
	if (r->otherwise)
		buf_printf(out, " else %u", r->otherwise->index);
	if (r->spares_neighbour_discovery)
		buf_puts(out, " sparing nd");
}

static void put_place(const struct ir_rule *r, struct sources *sources, struct buf *out)
{
	struct position at;

	if (r->origin == IR_FROM_POLICY)
		buf_printf(out, "  # policy of %s", r->chain->name);
	else
		buf_puts(out, "  #");
	if (sources_locate(sources, r->span.at, &at))
		buf_printf(out, " %s:%u", at.source->name, at.line);
}

void ir_dump(const struct ir *ir, const struct facts *facts, struct sources *sources, struct buf *out)
{
	for (size_t i = 0; i < ir->n_attach; i++)
		buf_printf(out, "attach %s\n", ir->attach[i].name);
	for (size_t i = 0; i < ir->n_rules; i++) {
		const struct ir_rule *r = ir->rules[i];

		buf_printf(out, "%u", r->index);
		if (r->kind == IR_MARK) {
			buf_puts(out, " mark\n");
			continue;
		}
		put_static(ir, facts, r, out);
		for (size_t k = 0; k < r->n_ops; k++)
			put_op(&r->ops[k], out);
		put_verdict(r, out);
		put_place(r, sources, out);
		buf_putc(out, '\n');
	}
}
