/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/normal.h>

#include <compiler/base/arena.h>

enum { NONE = -1, IPV4 = 4, IPV6 = 6 };
enum { PROTO_TCP = 6 };
enum { ETHERTYPE_IPV4 = 0x800, ETHERTYPE_IPV6 = 0x86dd, NFPROTO_4 = 2, NFPROTO_6 = 10 };

/* What the statements so far say of the packet. */
struct known {
	int protocol;			/* NONE, or the only one it can have */
	const struct ast_stmt *said_by; /* the first that says so; NULL: the family of the table does */
	struct ast_stmt *spare; /* says nothing else, and nothing was done since: a match behind it may imply it */
};

struct normal {
	struct ast_rule *rule;
	enum ast_family family;
	struct arena *a;
	struct known network, transport, icmp_type;
	bool acted; /* something was done by now, for the packets that matched so far */
};

/* ---- lists of statements ---- */

static void take_out(struct ast_rule *rule, const struct ast_stmt *s)
{
	struct ast_stmt **at = &rule->stmts;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

static struct ast_stmt *put_before(struct ast_rule *rule, struct ast_stmt *next, struct ast_stmt *s)
{
	struct ast_stmt **at = &rule->stmts;

	while (*at != next)
		at = &(*at)->next;
	s->next = next;
	*at = s;
	return s;
}

static struct ast_value *number_value(struct normal *n, uint64_t number, struct span span)
{
	struct ast_value *v = arena_make(n->a, struct ast_value);

	v->kind = VALUE_NUMBER;
	v->span = span;
	v->number = number;
	return v;
}

/* "field number", or "field { number, other }". */
static struct ast_stmt *new_match(struct normal *n, enum ast_field field, uint64_t number, uint64_t other,
				  struct span span)
{
	struct ast_stmt *s = arena_make(n->a, struct ast_stmt);
	struct ast_value *set;

	s->span = s->match.field_span = span;
	s->match.field = field;
	s->match.lhs = arena_make(n->a, struct ast_value);
	s->match.lhs->kind = VALUE_FIELD;
	s->match.lhs->span = span;
	s->match.lhs->field = field;
	s->match.rhs = number_value(n, number, span);
	if (other == number)
		return s;
	set = arena_make(n->a, struct ast_value);
	set->kind = VALUE_SET;
	set->span = span;
	set->items = s->match.rhs;
	set->items->next = number_value(n, other, span);
	s->match.rhs = set;
	return s;
}

/* ---- what is known ---- */

static void learn(struct known *k, int protocol, const struct ast_stmt *from)
{
	if (k->protocol != NONE)
		return;
	k->protocol = protocol;
	k->said_by = from;
}

/* A match that implies 'protocol' makes the spare one superfluous. */
static void drop_spare(struct normal *n, struct known *k, int protocol)
{
	if (!k->spare || k->protocol != protocol)
		return;
	take_out(n->rule, k->spare);
	if (k->said_by == k->spare)
		*k = (struct known){ .protocol = NONE };
	k->spare = NULL;
}

static bool has_one_family(const struct normal *n)
{
	return n->family == AST_IP || n->family == AST_IP6;
}

/* ---- fields ---- */

enum families { V4 = IPV4, V6 = IPV6, IP = 0, ANY = 0 };
enum base { LINK, NETWORK, TRANSPORT, META };

static const struct {
	int network, protocol;
	enum base base;
} fields[] = {
#define FIELD(id, name, type, families, protocol, base, offset, bits, doc) [FIELD_##id] = { families, protocol, base },
#include <grammar/fields.def>
#undef FIELD
};

/* Fields of messages that only some types of ICMP have; 'listed' where nft shows it. */
static const struct icmp_field {
	enum ast_field field, type;
	uint64_t one, other;
	bool listed;
} icmp_fields[] = {
	{ FIELD_ICMP_ID, FIELD_ICMP_TYPE, 0, 8, true },
	{ FIELD_ICMP_SEQUENCE, FIELD_ICMP_TYPE, 0, 8, true },
	{ FIELD_ICMP_GATEWAY, FIELD_ICMP_TYPE, 5, 5, false },
	{ FIELD_ICMP_MTU, FIELD_ICMP_TYPE, 3, 3, false },
	{ FIELD_ICMPV6_ID, FIELD_ICMPV6_TYPE, 128, 129, true },
	{ FIELD_ICMPV6_SEQUENCE, FIELD_ICMPV6_TYPE, 128, 129, true },
	{ FIELD_ICMPV6_MTU, FIELD_ICMPV6_TYPE, 2, 2, false },
	{ FIELD_ICMPV6_PPTR, FIELD_ICMPV6_TYPE, 4, 4, false },
	{ FIELD_ICMPV6_MAX_DELAY, FIELD_ICMPV6_TYPE, 130, 130, false },
};

static void need_icmp_type(struct normal *n, struct ast_stmt *s, enum ast_field field)
{
	const struct icmp_field *need = NULL;
	struct ast_stmt *match;

	for (size_t i = 0; i < sizeof(icmp_fields) / sizeof(icmp_fields[0]); i++)
		if (icmp_fields[i].field == field)
			need = &icmp_fields[i];
	if (!need)
		return;
	if (!need->listed)
		drop_spare(n, &n->icmp_type, (int)need->one);
	if (n->icmp_type.protocol != NONE)
		return;
	match = put_before(n->rule, s, new_match(n, need->type, need->one, need->other, s->span));
	match->implied = !need->listed;
	learn(&n->icmp_type, (int)need->one, match);
}

static void visit_field(struct normal *n, struct ast_stmt *s, struct ast_value *v)
{
	if (fields[v->field].protocol != NONE) {
		drop_spare(n, &n->transport, fields[v->field].protocol);
		learn(&n->transport, fields[v->field].protocol, s);
	}
	if (fields[v->field].network) {
		drop_spare(n, &n->network, fields[v->field].network);
		learn(&n->network, fields[v->field].network, s);
	} else if (fields[v->field].base == TRANSPORT && has_one_family(n)) {
		drop_spare(n, &n->network, n->network.protocol);
	}
	need_icmp_type(n, s, v->field);
}

static void visit_expression(struct normal *n, struct ast_stmt *s, struct ast_value *e)
{
	if (!e)
		return;
	switch (e->kind) {
	case VALUE_FIELD:
		visit_field(n, s, e);
		break;
	case VALUE_BINARY:
	case VALUE_MAP: /* on the right is no field */
		visit_expression(n, s, e->left);
		break;
	case VALUE_CONCAT:
		for (struct ast_value *i = e->items; i; i = i->next)
			visit_expression(n, s, i);
		break;
	default:
		break;
	}
}

/* ---- matches ---- */

static bool is_equal_to_number(const struct ast_stmt *s)
{
	return (s->match.op == OP_IMPLICIT || s->match.op == OP_EQ) && s->match.rhs->kind == VALUE_NUMBER;
}

static int network_of(uint64_t number, uint64_t v4, uint64_t v6)
{
	return number == v4 ? IPV4 : number == v6 ? IPV6 : NONE;
}

static void learn_spare(struct normal *n, struct known *k, int protocol, struct ast_stmt *s, bool may_go)
{
	if (protocol == NONE)
		return;
	if (may_go) /* said twice */
		drop_spare(n, k, protocol);
	learn(k, protocol, s);
	if (may_go && k->protocol == protocol)
		k->spare = s;
}

/* A match that says which protocol a packet has. */
static void learn_from(struct normal *n, struct ast_stmt *s)
{
	uint64_t number = s->match.rhs->number;

	switch (s->match.field) {
	case FIELD_META_NFPROTO:
		learn_spare(n, &n->network, network_of(number, NFPROTO_4, NFPROTO_6), s, true);
		break;
	case FIELD_META_PROTOCOL:
		if (n->family != AST_INET)
			learn_spare(n, &n->network, network_of(number, ETHERTYPE_IPV4, ETHERTYPE_IPV6), s, true);
		break;
	case FIELD_META_L4PROTO:
		learn_spare(n, &n->transport, (int)number, s, true);
		break;
	case FIELD_IP_PROTOCOL:
	case FIELD_IP6_NEXTHDR: /* elsewhere it says the family too */
		learn_spare(n, &n->transport, (int)number, s, has_one_family(n));
		break;
	case FIELD_ICMP_TYPE:
	case FIELD_ICMPV6_TYPE:
		learn_spare(n, &n->icmp_type, (int)number, s, true);
		break;
	default:
		break;
	}
}

/* Types of ICMP in a set that are all among those of an echo. */
static void learn_echo(struct normal *n, const struct ast_stmt *s)
{
	uint64_t reply = s->match.field == FIELD_ICMP_TYPE ? 0 : 129,
		 request = s->match.field == FIELD_ICMP_TYPE ? 8 : 128;

	for (const struct ast_value *v = s->match.rhs->items; v; v = v->next)
		if (v->kind != VALUE_NUMBER || (v->number != reply && v->number != request))
			return;
	learn(&n->icmp_type, (int)request, s);
}

static void visit_match(struct normal *n, struct ast_stmt *s)
{
	bool icmp_type = s->match.field == FIELD_ICMP_TYPE || s->match.field == FIELD_ICMPV6_TYPE;

	visit_expression(n, s, s->match.lhs);
	if (is_equal_to_number(s))
		learn_from(n, s);
	else if (icmp_type)
		n->icmp_type.spare = NULL;
	if (icmp_type && s->match.op == OP_IMPLICIT && s->match.rhs->kind == VALUE_SET)
		learn_echo(n, s);
}

/* ---- reject ---- */

static bool is_default_reject(const struct ast_stmt *s)
{
	enum { ICMPX_PORT = 1 };

	if (s->reject.with == REJECT_DEFAULT)
		return true;
	return s->reject.with == REJECT_ICMPX &&
	       (!s->reject.code || (s->reject.code->kind == VALUE_NUMBER && s->reject.code->number == ICMPX_PORT));
}

/* What nft means by it where the network protocol is known. */
static void choose_reject(struct normal *n, struct ast_stmt *s)
{
	enum { ICMP_PORT = 3, ICMPV6_PORT = 4 };
	bool v4 = n->network.protocol == IPV4;

	if (!is_default_reject(s))
		return;
	s->reject.with = REJECT_DEFAULT;
	s->reject.code = NULL;
	if (n->network.protocol == NONE)
		return;
	s->reject.with = v4 ? REJECT_ICMP : REJECT_ICMPV6;
	s->reject.code = number_value(n, v4 ? ICMP_PORT : ICMPV6_PORT, s->span);
}

/* At the very front, as nft: what is done before 'reject' is done for these packets only. */
static void put_in_front(struct normal *n, struct known *k, enum ast_field field, uint64_t number, int protocol,
			 const struct ast_stmt *reject, bool listed)
{
	struct ast_stmt *match = put_before(n->rule, n->rule->stmts, new_match(n, field, number, number, reject->span));

	match->implied = !listed;
	learn(k, protocol, match);
}

static void need_network(struct normal *n, const struct ast_stmt *reject, int protocol)
{
	if (!n->acted)
		drop_spare(n, &n->network, protocol);
	if (n->network.protocol != NONE)
		return;
	if (n->family == AST_NETDEV)
		put_in_front(n, &n->network, FIELD_META_PROTOCOL, protocol == IPV4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6,
			     protocol, reject, n->acted);
	else
		put_in_front(n, &n->network, FIELD_META_NFPROTO, protocol == IPV4 ? NFPROTO_4 : NFPROTO_6, protocol,
			     reject, n->acted);
}

static void need_tcp(struct normal *n, const struct ast_stmt *reject)
{
	bool listed = n->acted || !has_one_family(n);

	if (!listed)
		drop_spare(n, &n->transport, PROTO_TCP);
	if (n->transport.protocol == NONE)
		put_in_front(n, &n->transport, FIELD_META_L4PROTO, PROTO_TCP, PROTO_TCP, reject, listed);
}

static void visit_reject(struct normal *n, struct ast_stmt *s)
{
	choose_reject(n, s);
	if (s->reject.with == REJECT_TCP_RESET)
		need_tcp(n, s);
	else if (s->reject.with == REJECT_ICMP)
		need_network(n, s, IPV4);
	else if (s->reject.with == REJECT_ICMPV6)
		need_network(n, s, IPV6);
}

/* ---- ports ---- */

/* "th dport" where the protocol is known. */
static enum ast_field field_of_protocol(enum ast_field field, int protocol)
{
	static const struct {
		int protocol;
		enum ast_field sport, dport;
	} ports[] = {
		{ 6, FIELD_TCP_SPORT, FIELD_TCP_DPORT },	   { 17, FIELD_UDP_SPORT, FIELD_UDP_DPORT },
		{ 33, FIELD_DCCP_SPORT, FIELD_DCCP_DPORT },	   { 132, FIELD_SCTP_SPORT, FIELD_SCTP_DPORT },
		{ 136, FIELD_UDPLITE_SPORT, FIELD_UDPLITE_DPORT },
	};

	if (field != FIELD_TH_SPORT && field != FIELD_TH_DPORT)
		return field;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i].protocol == protocol)
			return field == FIELD_TH_SPORT ? ports[i].sport : ports[i].dport;
	return field;
}

static void name_ports_in(struct ast_value *e, int *protocol)
{
	if (!e)
		return;
	switch (e->kind) {
	case VALUE_FIELD:
		e->field = field_of_protocol(e->field, *protocol);
		if (*protocol == NONE)
			*protocol = fields[e->field].protocol;
		break;
	case VALUE_BINARY:
	case VALUE_MAP:
		name_ports_in(e->left, protocol);
		break;
	case VALUE_CONCAT:
		for (struct ast_value *i = e->items; i; i = i->next)
			name_ports_in(i, protocol);
		break;
	default:
		break;
	}
}

static void name_ports_of_match(struct ast_stmt *s, int *protocol)
{
	name_ports_in(s->match.lhs, protocol);
	if (s->match.lhs->kind == VALUE_FIELD)
		s->match.field = s->match.lhs->field;
	if (*protocol == NONE && is_equal_to_number(s) &&
	    (s->match.field == FIELD_META_L4PROTO || s->match.field == FIELD_IP_PROTOCOL ||
	     s->match.field == FIELD_IP6_NEXTHDR))
		*protocol = (int)s->match.rhs->number;
}

/* "th dport" becomes "tcp dport" where the protocol is known, in the order written. */
static void name_ports(struct ast_rule *rule)
{
	int protocol = NONE;

	for (struct ast_stmt *s = rule->stmts; s; s = s->next) {
		if (s->kind == STMT_MATCH)
			name_ports_of_match(s, &protocol);
		else if (s->kind == STMT_VMAP)
			name_ports_in(s->vmap.key, &protocol);
		else if (s->kind == STMT_SET)
			name_ports_in(s->set.value, &protocol);
	}
}

/* ---- rules ---- */

/* What the statement looks at, and then what it is. */
static void visit(struct normal *n, struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH:
		visit_match(n, s);
		return;
	case STMT_SSH_LOCAL:
	case STMT_DHCP:
		return;
	case STMT_VMAP:
		visit_expression(n, s, s->vmap.key);
		break;
	case STMT_SET:
		visit_expression(n, s, s->set.value);
		break;
	case STMT_TPROXY:
		visit_expression(n, s, s->tproxy.addr);
		visit_expression(n, s, s->tproxy.port);
		break;
	case STMT_REJECT:
		visit_reject(n, s);
		break;
	case STMT_COUNTER:
	case STMT_LIMIT:
	case STMT_LOG:
	case STMT_VERDICT:
		break;
	}
	n->acted = true;
	n->network.spare = n->transport.spare = n->icmp_type.spare = NULL;
}

void rule_normalize(struct ast_rule *rule, enum ast_family family, struct arena *a)
{
	struct normal n = {
		.rule = rule,
		.family = family,
		.a = a,
		.network.protocol = family == AST_IP	? IPV4
				    : family == AST_IP6 ? IPV6
							: NONE,
		.transport.protocol = NONE,
		.icmp_type.protocol = NONE,
	};

	name_ports(rule);
	rule_order_matches(rule, a);
	for (struct ast_stmt *s = rule->stmts, *next; s; s = next) {
		next = s->next;
		visit(&n, s);
	}
}
