/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/resolve.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/names.h>
#include <compiler/value.h>

/* What the statements of a rule have said about the packet so far: what nft
 * calls its protocol context. */
struct context {
	int net;		     /* 0, AF_INET or AF_INET6 */
	int l4;			     /* IP protocol, or -1 */
	const struct ast_value *l4s; /* or a set of them, sorted */
	struct span net_span, l4_span;
};

static const struct {
	enum ast_type type;
	short protocol;
	bool v4, v6;
} fields[FIELD_COUNT] = {
#define V4  true, false
#define V6  false, true
#define IP  true, true
#define ANY true, true
#define FIELD(id, spelling, type_, families, protocol_, base, offset, bits, doc) \
	[FIELD_##id] = { TYPE_##type_, protocol_, families },
#include <grammar/fields.def>
#undef FIELD
#undef V4
#undef V6
#undef IP
#undef ANY
};

/* ---- conflicts ---- */

static const char *net_name(int net)
{
	return net == AF_INET ? "ip" : "ip6";
}

static const char *l4_name(uint64_t l4)
{
	const char *name = names_print(TYPE_PROTO, l4);

	return name ? name : "unknown";
}

static int conflict(struct resolve *r, struct span at, struct span other, const char *x, const char *y)
{
	diag_error(r->d, DIAG_CONFLICTING_PROTOCOLS, at, "conflicting protocols: %s and %s", x, y);
	if (span_known(other))
		diag_note(r->d, other, "%s is required here", x);
	return -1;
}

/* Headers of IP itself; ICMP is checked by its protocol. */
static bool is_ip_header(enum ast_field f)
{
	return fields[f].v4 != fields[f].v6 && fields[f].protocol < 0;
}

static int check_net(struct resolve *r, struct context *c, const struct ast_stmt *s)
{
	int net = fields[s->match.field].v4 ? AF_INET : AF_INET6;

	if (!is_ip_header(s->match.field))
		return 0;
	if (c->net && c->net != net)
		return conflict(r, s->match.field_span, c->net_span, net_name(c->net), net_name(net));
	c->net = net;
	c->net_span = s->match.field_span;
	return 0;
}

static int require_l4(struct resolve *r, struct context *c, int l4, struct span at)
{
	if (c->l4 >= 0 && c->l4 != l4)
		return conflict(r, at, c->l4_span, l4_name((uint64_t)c->l4), l4_name((uint64_t)l4));
	for (const struct ast_value *v = c->l4s; v; v = v->next)
		if (v->kind == VALUE_NUMBER && v->number != (uint64_t)l4)
			return conflict(r, at, c->l4_span, l4_name(v->number), l4_name((uint64_t)l4));
	c->l4 = l4;
	c->l4s = NULL;
	c->l4_span = at;
	return 0;
}

/* What a match that holds says about the packet. */
static void learn(struct context *c, const struct ast_stmt *s)
{
	const struct ast_value *v = s->match.rhs;
	bool single = v->kind == VALUE_NUMBER;

	if (s->match.op != OP_IMPLICIT || (!single && v->kind != VALUE_SET))
		return;
	if (s->match.field == FIELD_META_NFPROTO) {
		if (!single) /* of several nft takes the last */
			for (v = v->items; v->next;)
				v = v->next;
		c->net = v->number == 2 ? AF_INET : AF_INET6;
		c->net_span = s->span;
	} else if (s->match.field == FIELD_META_L4PROTO || s->match.field == FIELD_IP_PROTOCOL) {
		c->l4 = single ? (int)v->number : -1;
		c->l4s = single ? NULL : v->items;
		c->l4_span = s->span;
	}
}

/* ---- matches ---- */

static int check_op(struct resolve *r, const struct ast_stmt *s)
{
	const struct ast_value *v = s->match.rhs;
	enum ast_type type = fields[s->match.field].type;
	bool orders = s->match.op != OP_IMPLICIT && s->match.op != OP_NE;

	if (orders && (!type_width(type) || type == TYPE_NFPROTO))
		return diag_error(r->d, DIAG_BAD_OPERATOR, s->span, "'%s' makes no sense with '%s'",
				  ast_op_name(s->match.op), ast_field_name(s->match.field));
	if (orders && v->kind != VALUE_NUMBER && v->kind != VALUE_ADDR4 && v->kind != VALUE_ADDR6)
		return diag_error(r->d, DIAG_BAD_OPERATOR, v->span, "'%s' needs a single value, this is %s",
				  ast_op_name(s->match.op), value_describe(v));
	return 0;
}

/* In nft '!= established,related' compares with both bits at once, which no packet has. */
static int check_ct_list(struct resolve *r, const struct ast_stmt *s)
{
	if (s->match.op == OP_IMPLICIT || s->match.rhs->kind != VALUE_LIST)
		return 0;
	diag_error(r->d, DIAG_BAD_OPERATOR, s->match.rhs->span,
		   "'%s' with a list of states doesn't mean what it says in nft", ast_op_name(s->match.op));
	diag_note(r->d, s->match.rhs->span, "write '%s{ established, related }'", s->match.op == OP_NE ? "!= " : "");
	return -1;
}

static int bind_match(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	enum ast_field f = s->match.field;
	struct span at = span_known(s->match.field_span) ? s->match.field_span : s->span;

	if (f == FIELD_META_NFPROTO && r->table->table->family != AST_INET) {
		diag_error(r->d, DIAG_BAD_STATEMENT, at, "'meta nfproto' is only useful in family 'inet'");
		return -1;
	}
	if (check_net(r, c, s) || (fields[f].protocol >= 0 && require_l4(r, c, fields[f].protocol, at)))
		return -1;
	s->match.rhs = resolve_value(r, s->match.rhs, fields[f].type);
	if (!s->match.rhs)
		return -1;
	if (check_ct_list(r, s))
		return -1;
	if (s->match.op == OP_EQ)
		s->match.op = OP_IMPLICIT;
	if (check_op(r, s))
		return -1;
	learn(c, s);
	return 0;
}

/* ---- tproxy ---- */

static bool has_transport(const struct context *c)
{
	if (c->l4 >= 0)
		return c->l4 == IPPROTO_TCP || c->l4 == IPPROTO_UDP;
	for (const struct ast_value *v = c->l4s; v; v = v->next)
		if (v->kind == VALUE_NUMBER && (v->number == IPPROTO_TCP || v->number == IPPROTO_UDP))
			return true;
	return false;
}

/* In tables of one family that is the family; elsewhere none means both. */
static int bind_tproxy_family(struct resolve *r, const struct context *c, struct ast_stmt *s)
{
	enum ast_family table = r->table->table->family;
	int family = s->tproxy.family;

	if (!family && (table == AST_IP || table == AST_IP6))
		family = table == AST_IP ? AF_INET : AF_INET6;
	if (!family && s->tproxy.addr) {
		diag_error(r->d, DIAG_MISSING_PROTOCOL, s->span,
			   "'ip' or 'ip6' must be given with an address in tables of family '%s'",
			   ast_family_name(table));
		diag_note(r->d, s->span, "write 'tproxy ip to ...' or 'tproxy ip6 to ...'");
		return -1;
	}
	if (c->net && !family) {
		diag_error(r->d, DIAG_MISSING_PROTOCOL, s->span, "this rule is for %s only, tproxy must say so",
			   net_name(c->net));
		diag_note(r->d, s->span, "write 'tproxy %s to ...'", net_name(c->net));
		return -1;
	}
	if (c->net && c->net != family)
		return conflict(r, s->span, c->net_span, net_name(c->net), net_name(family));
	s->tproxy.family = family;
	return 0;
}

static int bind_tproxy_target(struct resolve *r, struct ast_stmt *s)
{
	struct ast_value *addr = s->tproxy.addr, *port = s->tproxy.port;

	if (!addr && !port)
		return diag_error(r->d, DIAG_INCOMPLETE, s->span, "tproxy needs an address, a port, or both");
	if (addr)
		addr = resolve_value(r, addr, s->tproxy.family == AF_INET ? TYPE_ADDR4 : TYPE_ADDR6);
	if (port)
		port = resolve_value(r, port, TYPE_PORT);
	if ((s->tproxy.addr && !addr) || (s->tproxy.port && !port))
		return -1;
	if (addr && addr->kind != VALUE_ADDR4 && addr->kind != VALUE_ADDR6)
		return diag_error(r->d, DIAG_TYPE_MISMATCH, addr->span, "tproxy goes to one address, this is %s",
				  value_describe(addr));
	if (port && port->kind != VALUE_NUMBER)
		return diag_error(r->d, DIAG_TYPE_MISMATCH, port->span, "tproxy goes to one port, this is %s",
				  value_describe(port));
	s->tproxy.addr = addr;
	s->tproxy.port = port;
	return 0;
}

static int bind_tproxy(struct resolve *r, const struct context *c, struct ast_stmt *s)
{
	if (!has_transport(c)) {
		diag_error(r->d, DIAG_MISSING_PROTOCOL, s->span,
			   "tproxy requires a transport protocol match before it");
		diag_note(r->d, s->span, "it works on tcp and udp: write 'meta l4proto { tcp, udp }' or match a port");
		return -1;
	}
	if (bind_tproxy_family(r, c, s))
		return -1;
	return bind_tproxy_target(r, s);
}

/* ---- verdicts ---- */

struct known_chain *resolve_target(struct resolve *r, const char *name, struct span at)
{
	return resolve_need_chain(r, name, at);
}

static int bind_verdict(struct resolve *r, struct ast_stmt *s)
{
	struct span at = span_known(s->verdict.chain_span) ? s->verdict.chain_span : s->span;
	struct known_chain *known;

	if (s->verdict.verdict != VERDICT_JUMP && s->verdict.verdict != VERDICT_GOTO)
		return 0;
	if (s->verdict.variable)
		s->verdict.chain = resolve_text(r, s->verdict.variable, "the name of a chain");
	if (!s->verdict.chain)
		return -1;
	known = resolve_target(r, s->verdict.chain, at);
	if (!known)
		return -1;
	s->verdict.target = known->chain;
	if (!known->chain->is_base)
		return 0;
	diag_error(r->d, DIAG_BAD_JUMP, at, "chain '%s' has a hook, it can't be jumped to", s->verdict.chain);
	diag_note(r->d, known->chain->name_span, "chain '%s' is declared here", s->verdict.chain);
	return -1;
}

/* ---- the rule ---- */

static int bind_ssh_local(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	if (require_l4(r, c, IPPROTO_TCP, s->span))
		return -1;
	if (!s->ssh_local.ports)
		return 0;
	s->ssh_local.ports = resolve_value(r, s->ssh_local.ports, TYPE_PORT);
	return s->ssh_local.ports ? 0 : -1;
}

static int bind_statement(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH:
		return bind_match(r, c, s);
	case STMT_TPROXY:
		return bind_tproxy(r, c, s);
	case STMT_VERDICT:
		return bind_verdict(r, s);
	case STMT_SSH_LOCAL:
		return bind_ssh_local(r, c, s);
	case STMT_DHCP:
		return require_l4(r, c, IPPROTO_UDP, s->span);
	default:
		return 0;
	}
}

static bool is_terminal(const struct ast_stmt *s)
{
	return s->kind == STMT_VERDICT && s->verdict.verdict != VERDICT_CONTINUE;
}

static void check_order(struct resolve *r, const struct ast_rule *rule)
{
	const struct ast_stmt *tproxy = NULL;
	bool accepts = false; /* without saying so */

	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		if (s->kind == STMT_TPROXY)
			tproxy = s;
		accepts |= s->kind == STMT_SSH_LOCAL || s->kind == STMT_DHCP;
		if (!is_terminal(s))
			continue;
		tproxy = NULL;
		if (!s->next)
			continue;
		diag_error(r->d, DIAG_AFTER_VERDICT, s->next->span, "statement after a verdict has no effect");
		diag_note(r->d, s->span, "the verdict is this");
		return;
	}
	if (!tproxy || accepts)
		return;
	diag_warning(r->d, DIAG_TPROXY_NO_VERDICT, tproxy->span,
		     "tproxy without a verdict: the rules below decide about the packet");
	diag_note(r->d, tproxy->span, "'accept' behind it ends the search");
}

void resolve_rule(struct resolve *r, struct ast_rule *rule)
{
	enum ast_family family = r->table->table->family;
	struct context c = { .l4 = -1, .net_span = r->table->table->name_span };

	if (family == AST_IP || family == AST_IP6)
		c.net = family == AST_IP ? AF_INET : AF_INET6;
	for (struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (bind_statement(r, &c, s)) {
			rule->stmts = NULL;
			return;
		}
	check_order(r, rule);
}
