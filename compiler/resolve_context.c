/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_context.c - what the statements of a rule have said about the packet
 * so far, and whether the next one can go together with that. */
#include <compiler/resolve_rule.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/names.h>
#include <compiler/value.h>

enum base { LINK, NETWORK, TRANSPORT, META };

static const struct {
	short protocol;
	bool v4, v6;
	enum base base;
} fields[FIELD_COUNT] = {
#define V4  true, false
#define V6  false, true
#define IP  true, true
#define ANY true, true
#define FIELD(id, spelling, type_, families, protocol_, base_, offset, bits, doc) \
	[FIELD_##id] = { protocol_, families, base_ },
#include <grammar/fields.def>
#undef FIELD
#undef V4
#undef V6
#undef IP
#undef ANY
};

/* ---- conflicts ---- */

const char *context_net_name(int net)
{
	return net == AF_INET ? "ip" : net == AF_INET6 ? "ip6" : "neither ip nor ip6";
}

static const char *l4_name(uint64_t l4)
{
	const char *name = names_print(TYPE_PROTO, l4);

	return name ? name : "unknown";
}

int context_conflict(struct resolve *r, struct span at, struct span other, const char *x, const char *y)
{
	diag_error(r->d, DIAG_CONFLICTING_PROTOCOLS, at, "conflicting protocols: %s and %s", x, y);
	if (span_known(other))
		diag_note(r->d, other, "%s is required here", x);
	return -1;
}

/* Headers of IP itself; ICMP is checked by its protocol. */
static int require_net(struct resolve *r, struct context *c, enum ast_field f, struct span at)
{
	int net = fields[f].v4 ? AF_INET : AF_INET6;

	if (fields[f].base != NETWORK)
		return 0;
	if (c->net && c->net != net)
		return context_conflict(r, at, c->net_span, context_net_name(c->net), context_net_name(net));
	c->net = net;
	c->net_span = at;
	return 0;
}

/* 'ip protocol' and 'ip6 nexthdr' say nothing in nft of a protocol whose header it doesn't know. */
static bool nft_knows(uint64_t l4)
{
	static const uint8_t known[] = { 1, 2, 6, 17, 33, 50, 51, 58, 108, 132, 136 };

	return memchr(known, (int)l4, sizeof(known));
}

static bool excludes(const struct context *c, const struct ast_value *v, int l4)
{
	return v->kind == VALUE_NUMBER && v->number != (uint64_t)l4 && (!c->l4_in_header || nft_knows(v->number));
}

int context_require_l4(struct resolve *r, struct context *c, int l4, struct span at)
{
	if (c->l4 >= 0 && c->l4 != l4)
		return context_conflict(r, at, c->l4_span, l4_name((uint64_t)c->l4), l4_name((uint64_t)l4));
	for (const struct ast_value *v = c->l4s; v; v = v->next)
		if (excludes(c, v, l4))
			return context_conflict(r, at, c->l4_span, l4_name(v->number), l4_name((uint64_t)l4));
	if (c->l4 < 0 && !c->l4s && !c->net && (l4 == IPPROTO_ICMP || l4 == IPPROTO_ICMPV6)) {
		c->net = l4 == IPPROTO_ICMP ? AF_INET : AF_INET6;
		c->net_span = at;
	}
	c->l4 = l4;
	c->l4s = NULL;
	c->l4_span = at;
	return 0;
}

/* ---- fields that only some ICMP packets have ---- */

/* The only type of packets that have it, or -1. */
static int type_with(enum ast_field f)
{
	switch (f) {
	case FIELD_ICMP_GATEWAY:
		return 5; /* redirect */
	case FIELD_ICMP_MTU:
		return 3; /* destination-unreachable */
	case FIELD_ICMPV6_PPTR:
		return 4; /* parameter-problem */
	case FIELD_ICMPV6_MTU:
		return 2; /* packet-too-big */
	case FIELD_ICMPV6_MAX_DELAY:
		return 130; /* mld-listener-query */
	default:
		return -1;
	}
}

/* An identifier or a sequence number. */
static bool is_echo_field(enum ast_field f)
{
	return f == FIELD_ICMP_ID || f == FIELD_ICMP_SEQUENCE || f == FIELD_ICMPV6_ID || f == FIELD_ICMPV6_SEQUENCE;
}

static bool is_echo_type(enum ast_field f, uint64_t type)
{
	if (f == FIELD_ICMP_ID || f == FIELD_ICMP_SEQUENCE)
		return type == 0 || type == 8;
	return type == 128 || type == 129;
}

static bool has_field(enum ast_field f, uint64_t type)
{
	return is_echo_field(f) ? is_echo_type(f, type) : type == (uint64_t)type_with(f);
}

static int refuse_icmp_type(struct resolve *r, const struct context *c, enum ast_field f, struct span at)
{
	diag_error(r->d, DIAG_CONFLICTING_PROTOCOLS, at, "packets of this type have no '%s'", ast_field_name(f));
	diag_note(r->d, c->icmp_span, "the type is given here");
	return -1;
}

static int require_icmp_type(struct resolve *r, struct context *c, enum ast_field f, struct span at)
{
	int type;

	if (!is_echo_field(f) && type_with(f) < 0)
		return 0;
	for (const struct ast_value *v = c->icmp_types; v; v = v->next)
		if (v->kind == VALUE_NUMBER && !has_field(f, v->number))
			return refuse_icmp_type(r, c, f, at);
	if (c->icmp_types)
		return 0;
	type = is_echo_field(f) ? (fields[f].v4 ? 8 : 128) : type_with(f); /* one of two will do */
	c->icmp_types = value_number(r->a, ast_field_datatype(FIELD_ICMP_TYPE), (u128)type, at);
	c->icmp_span = at;
	return 0;
}

/* ---- fields ---- */

static int check_meta(struct resolve *r, const struct ast_value *v)
{
	if (v->field == FIELD_META_NFPROTO && r->table->table->family != AST_INET)
		return diag_error(r->d, DIAG_BAD_STATEMENT, v->span, "'meta nfproto' is only useful in family 'inet'");
	if (v->field == FIELD_FIB_TYPE && v->prefix_len & FIB_OIF)
		return diag_error(r->d, DIAG_BAD_STATEMENT, v->span,
				  "the interface that a packet leaves by isn't known yet: use 'iif'");
	return 0;
}

int context_require(struct resolve *r, struct context *c, const struct ast_value *v)
{
	enum ast_field f = v->field;

	if (check_meta(r, v) || require_net(r, c, f, v->span))
		return -1;
	if (fields[f].protocol >= 0 && context_require_l4(r, c, fields[f].protocol, v->span))
		return -1;
	return require_icmp_type(r, c, f, v->span);
}

/* ---- what a match that holds says ---- */

static int net_of_ethertype(uint64_t number)
{
	switch (number) {
	case 0x0800:
		return AF_INET;
	case 0x86dd:
		return AF_INET6;
	case 0x0806:
		return NET_OTHER;
	default: /* nft knows nothing of what is within */
		return 0;
	}
}

static void learn_net(struct context *c, int net, struct span at)
{
	if (!net)
		return;
	c->net = net;
	c->net_span = at;
}

static void learn_l4(struct context *c, const struct ast_stmt *s)
{
	const struct ast_value *v = s->match.rhs;
	bool single = v->kind == VALUE_NUMBER;

	c->l4_in_header = s->match.field != FIELD_META_L4PROTO;
	if (single && c->l4_in_header && !nft_knows(v->number))
		return;
	c->l4 = single ? (int)v->number : -1;
	c->l4s = single ? NULL : v->items;
	c->l4_span = s->span;
}

/* The number that nft goes by: of a set the last one.  False: it learns nothing. */
static bool number_learnt(const struct ast_value *v, uint64_t *ret)
{
	if (v->kind == VALUE_SET)
		for (v = v->items; v->next;)
			v = v->next;
	*ret = v->kind == VALUE_NUMBER ? v->number : 0;
	return v->kind == VALUE_NUMBER;
}

void context_learn(struct resolve *r, struct context *c, const struct ast_stmt *s)
{
	const struct ast_value *v = s->match.rhs;
	uint64_t number;

	if (s->match.op != OP_IMPLICIT || !number_learnt(v, &number))
		return;
	switch (s->match.field) {
	case FIELD_META_NFPROTO:
		learn_net(c, number == 2 ? AF_INET : AF_INET6, s->span);
		break;
	case FIELD_META_PROTOCOL:
		if (r->table->table->family == AST_NETDEV)
			learn_net(c, net_of_ethertype(number), s->span);
		break;
	case FIELD_ETHER_TYPE:
		learn_net(c, net_of_ethertype(number), s->span);
		break;
	case FIELD_META_L4PROTO:
	case FIELD_IP_PROTOCOL:
	case FIELD_IP6_NEXTHDR:
		learn_l4(c, s);
		break;
	case FIELD_ICMP_TYPE:
	case FIELD_ICMPV6_TYPE:
		c->icmp_types = v->kind == VALUE_SET ? v->items : v;
		c->icmp_span = s->span;
		break;
	default:
		break;
	}
}
