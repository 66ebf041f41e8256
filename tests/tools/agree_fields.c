/* SPDX-License-Identifier: GPL-2.0-only */
/* agree_fields.c - fields, values and comparisons of random rules. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "agree_fields.h"

#define V4  FAMILIES_V4
#define V6  FAMILIES_V6
#define IP  FAMILIES_IP
#define ANY FAMILIES_ANY

static const struct field fields[] = {
#define FIELD(id, spelling, type, families, protocol, base, offset, bits, doc) \
	{ spelling, TYPE_##type, families, protocol, BASE_##base, bits },
#include <grammar/fields.def>
#undef FIELD
};

static const struct {
	const char *name;
	bool numbers; /* that may be compared with < and > */
} types[] = {
#define ADDRESS				 true
#define NUMBER				 true
#define FLAGS				 false
#define SYMBOL				 false
#define STRING				 false
#define TYPE(id, name, bits, kind, what) { name, kind },
#include <grammar/types.def>
#undef TYPE
};

const char *field_type_name(const struct field *f)
{
	return types[f->type].name;
}

/* ---- which ---- */

static bool is(const struct field *f, const char *text)
{
	return !strcmp(f->text, text);
}

/* What the kernel has on this hook, and what is the same in both namespaces. */
static bool hook_has(const struct shape *s, const struct field *f)
{
	if (is(f, "meta cpu") || is(f, "socket mark"))
		return false;
	if (f->type == TYPE_CT_STATE || f->type == TYPE_BOOLEAN)
		return s->hook == HOOK_PREROUTING;
	if (f->type == TYPE_FIB_ADDRTYPE)
		return s->hook == HOOK_PREROUTING;
	if (is(f, "th sport") || is(f, "th dport"))
		return s->any_ports;
	if (is(f, "meta nfproto"))
		return !strcmp(s->table, "inet");
	if (is(f, "meta protocol") || f->base == BASE_LINK)
		return s->hook == HOOK_INGRESS || s->hook == HOOK_EGRESS;
	return true;
}

static bool shape_allows(const struct shape *s, const struct field *f, bool for_set)
{
	if (!hook_has(s, f) || (f->base != BASE_META && s->busy[f->base]))
		return false;
	if (is(f, "meta protocol") || is(f, "ether type") || is(f, "meta nfproto"))
		return !s->family && !s->protocol;
	/* nft 1.0.6 can't list 'th' behind a match of another protocol. */
	if (f->type == TYPE_PROTO && (s->protocol || s->busy[BASE_TRANSPORT]))
		return false;
	if (f->protocol >= 0 && f->protocol != s->protocol)
		return false;
	if (for_set &&
	    (f->bits % 8 || f->type == TYPE_CT_STATE || f->type == TYPE_TCP_FLAG || f->type == TYPE_FIB_ADDRTYPE ||
	     f->type == TYPE_BOOLEAN || f->type == TYPE_IFINDEX || f->type == TYPE_NFPROTO))
		return false;
	return (f->families != V4 || s->family == 4) && (f->families != V6 || s->family == 6);
}

/* The same for all frames, here. */
static bool is_dull(const struct field *f)
{
	return f->type == TYPE_CLASSID || is(f, "oif") || is(f, "oifname");
}

const struct field *any_field(const struct shape *s, bool for_set)
{
	const struct field *some[N_OF(fields)];
	bool transport = s->protocol && !s->busy[BASE_TRANSPORT] && chance(50);
	bool addresses = s->family && !s->busy[BASE_NETWORK] && chance(40);
	uint32_t n = 0;

	for (size_t i = 0; i < N_OF(fields); i++)
		if (shape_allows(s, fields + i, for_set) && (!is_dull(fields + i) || chance(30)) &&
		    (!transport || fields[i].base == BASE_TRANSPORT) &&
		    (transport || !addresses || fields[i].type == (s->family == 4 ? TYPE_ADDR4 : TYPE_ADDR6)))
			some[n++] = fields + i;
	return some[draw(n)];
}

/* In concatenations without a declaration, nft 1.0.6 dies of plain numbers. */
static bool may_be_part(const struct field *f, const struct named *n)
{
	return f->type != TYPE_INTEGER || *n->name;
}

void any_parts(const struct shape *s, struct named *ret)
{
	bool concatenated = chance(50);

	ret->n_parts = concatenated ? 2 + (int)draw(PARTS_MAX - 1) : 1;
	for (int i = 0; i < ret->n_parts; i++)
		do
			ret->parts[i] = any_field(s, true);
		while (concatenated && !may_be_part(ret->parts[i], ret));
}

bool shape_allows_parts(const struct shape *s, const struct named *n)
{
	for (int i = 0; i < n->n_parts; i++)
		if (!shape_allows(s, n->parts[i], true))
			return false;
	return true;
}

bool named_fits(const struct named *n, const struct field *f)
{
	if (n->n_parts != 1 || n->map || n->verdicts)
		return false;
	return n->parts[0] == f || (n->parts[0]->type == f->type && f->type != TYPE_INTEGER);
}

/* ---- values ---- */

static void put_address(int family, const uint8_t *a)
{
	char text[INET6_ADDRSTRLEN];

	printf("%s", inet_ntop(family == 4 ? AF_INET : AF_INET6, a, text, sizeof(text)));
}

static void put_ether(const uint8_t *a)
{
	for (int i = 0; i < 6; i++)
		printf("%s%02x", i ? ":" : "", a[i]);
}

static void put_bytes(enum type type, const uint8_t *a)
{
	if (type == TYPE_ETHER)
		put_ether(a);
	else
		put_address(type == TYPE_ADDR4 ? 4 : 6, a);
}

static void mask(uint8_t *a, unsigned int len, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		a[i] &= len >= 8 * (i + 1) ? 0xff : len <= 8 * i ? 0 : (uint8_t)(0xff << (8 * (i + 1) - len));
}

static void put_addresses(enum type type, bool interval)
{
	unsigned int bytes = type == TYPE_ADDR4 ? 4 : type == TYPE_ADDR6 ? 16 : 6, len = draw(8 * bytes) + 1;
	uint8_t a[16] = { 0 }, b[16] = { 0 };
	int order;

	for (int i = 0; i < 2; i++) {
		if (type == TYPE_ETHER)
			any_ether(i ? b : a);
		else
			any_address(type == TYPE_ADDR4 ? 4 : 6, i ? b : a);
	}
	order = memcmp(a, b, bytes);
	if (interval && type != TYPE_ETHER && chance(40)) {
		mask(a, len, bytes);
		put_bytes(type, a);
		printf("/%u", len);
	} else if (interval && order && chance(40)) {
		put_bytes(type, order < 0 ? a : b);
		printf("-");
		put_bytes(type, order < 0 ? b : a);
	} else {
		put_bytes(type, a);
	}
}

static const char *const flags[] = { "fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr" };

static const char *word(const struct field *f)
{
	static const char *const packet[] = { "host", "broadcast", "multicast", "other" };
	static const char *const interfaces[] = { "\"eth0\"", "\"eth1\"" };
	static const char *const names[] = { "\"eth0\"", "\"eth1\"", "\"eth9\"", "\"eth0\"", "\"eth1\"", "\"eth*\"" };
	static const char *const states[] = { "new", "new", "established", "related", "invalid", "untracked" };
	static const char *const kinds[] = { "local", "unicast", "broadcast", "multicast" };
	static const char *const classes[] = { "none", "1:2", "0:1", "ffff:ffff" };

	switch (f->type) {
	case TYPE_PKT_TYPE:
		return ONE_OF(packet);
	case TYPE_IFINDEX:
		return ONE_OF(interfaces);
	case TYPE_IFNAME:
		return ONE_OF(names);
	case TYPE_CT_STATE:
		return ONE_OF(states);
	case TYPE_FIB_ADDRTYPE:
		return ONE_OF(kinds);
	case TYPE_CLASSID:
		return ONE_OF(classes);
	case TYPE_TCP_FLAG:
		return ONE_OF(flags);
	case TYPE_NFPROTO:
		return chance(50) ? "ipv4" : "ipv6";
	case TYPE_BOOLEAN:
		return chance(50) ? "1" : "0";
	default:
		return NULL;
	}
}

static uint32_t number(const struct field *f)
{
	static const uint16_t kinds[] = { 0x0800, 0x86dd, 0x88cc, 0x8864, 0x8100 };

	switch (f->type) {
	case TYPE_PORT:
		return any_port();
	case TYPE_PROTO:
		return chance(80) ? any_protocol() : draw(256);
	case TYPE_ICMP_TYPE:
		return any_icmp_type(4);
	case TYPE_ICMPV6_TYPE:
		return any_icmp_type(6);
	case TYPE_MARK:
		return any_mark();
	case TYPE_ETHERTYPE:
		return ONE_OF(kinds);
	default:
		return any_number(f->bits);
	}
}

static void put_value(const struct field *f, bool interval)
{
	const char *w = word(f);
	uint32_t a, b;

	if (w) {
		printf("%s", w);
		return;
	}
	if (f->type == TYPE_ADDR4 || f->type == TYPE_ADDR6 || f->type == TYPE_ETHER) {
		put_addresses(f->type, interval);
		return;
	}
	a = number(f);
	b = number(f);
	if (interval && a != b && f->type != TYPE_ETHERTYPE && chance(40))
		printf("%u-%u", a < b ? a : b, a < b ? b : a);
	else
		printf(f->type == TYPE_ETHERTYPE || f->type == TYPE_MARK ? "0x%x" : "%u", a);
}

void put_element(const struct named *n)
{
	for (int i = 0; i < n->n_parts; i++) {
		printf("%s", i ? " . " : "");
		put_value(n->parts[i], n->interval);
	}
}

/* ---- comparisons ---- */

static void put_flags(const char *between)
{
	uint32_t first = draw(N_OF(flags)), n = 1 + draw(3);

	for (uint32_t i = 0; i < n; i++)
		printf("%s%s", i ? between : "", flags[(first + i * 3) % N_OF(flags)]);
}

static void put_tcp_flags(void)
{
	uint32_t form = draw(7);

	printf("tcp flags ");
	if (form == 0)
		put_flags(",");
	else if (form == 1)
		printf("%s%s", chance(50) ? "!= " : "== ", ONE_OF(flags));
	else if (form == 2)
		printf("! "), put_flags(",");
	else if (form == 3)
		printf("%s / ", ONE_OF(flags)), put_flags(",");
	else if (form == 4)
		printf("& ("), put_flags(" | "), printf(") %s %s", chance(50) ? "==" : "!=", ONE_OF(flags));
	else if (form == 5)
		printf("& ("), put_flags(" | "), printf(") %s 0", chance(50) ? "==" : "!=");
	else
		printf("%s{ syn, ack, syn | ack, %s }", chance(50) ? "!= " : "", flags[2 + draw(2)]);
}

/* Nothing is below 0 or above the last: both refuse that. */
static void put_order(const struct field *f)
{
	static const char *const orders[] = { "<", ">", "<=", ">=" };
	uint32_t most = f->bits < 32 ? (1u << f->bits) - 2 : 0xfffffffe;

	printf("%s ", ONE_OF(orders));
	if (f->type == TYPE_ADDR4)
		printf("10.0.0.255");
	else if (f->type == TYPE_ADDR6)
		printf("fd00::1");
	else
		printf("%u", 1 + any_number(f->bits) % most);
}

static void put_masked(const struct field *f)
{
	uint32_t bits = 1 + any_number(f->bits) % (f->bits < 32 ? (1u << f->bits) - 1 : UINT32_MAX);

	if (f->type == TYPE_ADDR4)
		printf("& 0.0.%u.255 %s 0.0.0.%u", draw(2) * 255, chance(70) ? "==" : "!=", draw(2));
	else
		printf("& 0x%x %s 0x%x", bits, chance(70) ? "==" : "!=", any_number(f->bits) & bits);
}

static bool may_be_masked(const struct field *f)
{
	return f->type == TYPE_ADDR4 || f->type == TYPE_MARK || (f->type == TYPE_INTEGER && f->bits % 8 == 0);
}

static void put_set(const struct field *f)
{
	struct named one = { .parts = { f }, .n_parts = 1, .interval = types[f->type].numbers };

	printf("{ ");
	for (uint32_t i = 0, n = 1 + draw(4); i < n; i++) {
		printf("%s", i ? ", " : "");
		put_element(&one);
	}
	printf(" }");
}

static bool put_named(const struct field *f, const struct named *sets, int n_sets)
{
	for (int tries = 0; tries < 4 && n_sets; tries++) {
		const struct named *n = sets + draw((uint32_t)n_sets);

		if (named_fits(n, f)) {
			printf("@%s", n->name);
			return true;
		}
	}
	return false;
}

void put_match_of(const struct field *f, const struct named *sets, int n_sets)
{
	static const char *const operators[] = { "", "", "", "", "== ", "!= ", "!= ", "!= " };
	bool numbers = types[f->type].numbers && f->type != TYPE_ETHERTYPE && f->type != TYPE_ETHER;

	if (f->type == TYPE_TCP_FLAG) {
		put_tcp_flags();
		return;
	}
	if (f->type == TYPE_FIB_ADDRTYPE)
		printf("fib %s type ", chance(60) ? "daddr" : "saddr");
	else
		printf("%s ", f->text);
	if (numbers && f->bits > 1 && chance(12)) {
		put_order(f);
	} else if (may_be_masked(f) && chance(15)) {
		put_masked(f);
	} else {
		printf("%s", ONE_OF(operators));
		if (chance(50) && put_named(f, sets, n_sets))
			return;
		if (f->type != TYPE_BOOLEAN && f->type != TYPE_NFPROTO && chance(30))
			put_set(f);
		else
			put_value(f, numbers);
	}
}
