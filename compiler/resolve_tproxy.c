/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/resolve_rule.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <compiler/value.h>

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
static int bind_family(struct resolve *r, const struct context *c, struct ast_stmt *s)
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
			   context_net_name(c->net));
		diag_note(r->d, s->span, "write 'tproxy %s to ...'", context_net_name(c->net));
		return -1;
	}
	if (c->net && c->net != family)
		return context_conflict(r, s->span, c->net_span, context_net_name(c->net), context_net_name(family));
	s->tproxy.family = family;
	return 0;
}

static struct ast_datatype address_type(const struct ast_stmt *s)
{
	return ast_field_datatype(s->tproxy.family == AF_INET ? FIELD_IP_DADDR : FIELD_IP6_DADDR);
}

static int bind_constant(struct resolve *r, struct ast_value **v, struct ast_datatype t, const char *what)
{
	*v = resolve_constant(r, *v, t);
	if (!*v)
		return -1;
	if (value_is_single(*v))
		return 0;
	return diag_error(r->d, DIAG_TYPE_MISMATCH, (*v)->span, "tproxy goes to one %s, this is %s", what,
			  value_describe(*v));
}

/* Whose data are an address and a port. */
static bool gives_both(struct resolve *r, const struct ast_value *v)
{
	struct known_set *known = v->right->kind == VALUE_SETREF ? resolve_find_set(r, v->right->text) : NULL;

	return known && known->set->data.n == 2;
}

static int bind_address(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	struct ast_datatype parts[2] = { address_type(s), ast_field_datatype(FIELD_TH_DPORT) };
	struct ast_datatypes data = { 1, parts };

	if (!s->tproxy.addr)
		return 0;
	if (s->tproxy.addr->kind != VALUE_MAP)
		return bind_constant(r, &s->tproxy.addr, parts[0], "address");
	if (!s->tproxy.port && gives_both(r, s->tproxy.addr))
		data.n = 2;
	return resolve_map(r, c, s->tproxy.addr, &data) ? 0 : -1;
}

static int bind_port(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	struct ast_datatype port = ast_field_datatype(FIELD_TH_DPORT);
	struct ast_datatypes data = { 1, &port };

	if (!s->tproxy.port)
		return 0;
	if (s->tproxy.port->kind != VALUE_MAP)
		return bind_constant(r, &s->tproxy.port, port, "port");
	return resolve_map(r, c, s->tproxy.port, &data) ? 0 : -1;
}

int resolve_tproxy(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	if (!has_transport(c)) {
		diag_error(r->d, DIAG_MISSING_PROTOCOL, s->span,
			   "tproxy requires a transport protocol match before it");
		diag_note(r->d, s->span, "it works on tcp and udp: write 'meta l4proto { tcp, udp }' or match a port");
		return -1;
	}
	if (bind_family(r, c, s))
		return -1;
	if (!s->tproxy.addr && !s->tproxy.port)
		return diag_error(r->d, DIAG_INCOMPLETE, s->span, "tproxy needs an address, a port, or both");
	return bind_address(r, c, s) || bind_port(r, c, s) ? -1 : 0;
}
