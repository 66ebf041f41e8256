/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_rule.c - the statements of a rule, in turn. */
#include <compiler/resolve_rule.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <compiler/value.h>

/* ---- verdicts ---- */

struct ast_chain *resolve_target(struct resolve *r, const char *name, struct span at)
{
	struct known_chain *known = resolve_need_chain(r, name, at);

	if (!known || !known->chain->is_base)
		return known ? known->chain : NULL;
	diag_error(r->d, DIAG_BAD_JUMP, at, "chain '%s' has a hook, it can't be jumped to", name);
	diag_note(r->d, known->chain->name_span, "chain '%s' is declared here", name);
	return NULL;
}

static int bind_verdict(struct resolve *r, struct ast_stmt *s)
{
	struct span at = span_known(s->verdict.chain_span) ? s->verdict.chain_span : s->span;

	if (s->verdict.verdict != VERDICT_JUMP && s->verdict.verdict != VERDICT_GOTO)
		return 0;
	if (s->verdict.variable)
		s->verdict.chain = resolve_text(r, s->verdict.variable, "the name of a chain");
	if (!s->verdict.chain)
		return -1;
	s->verdict.target = resolve_target(r, s->verdict.chain, at);
	return s->verdict.target ? 0 : -1;
}

/* ---- extensions ---- */

static int bind_ssh_local(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	struct ast_datatype port = ast_field_datatype(FIELD_TCP_DPORT);
	struct shape shape = { .key = { 1, &port } };

	if (context_require_l4(r, c, IPPROTO_TCP, s->span))
		return -1;
	if (!s->ssh_local.ports)
		return 0;
	s->ssh_local.ports = resolve_value(r, s->ssh_local.ports, &shape);
	return s->ssh_local.ports ? 0 : -1;
}

/* ---- the rule ---- */

static int bind_statement(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH:
		return resolve_match(r, c, s);
	case STMT_VMAP:
		return resolve_vmap(r, c, s);
	case STMT_COUNTER:
		return resolve_counter(r, s);
	case STMT_LIMIT:
		return resolve_limit(r, s);
	case STMT_LOG:
		return resolve_log(r, s);
	case STMT_SET:
		return resolve_meta_set(r, c, s);
	case STMT_REJECT:
		return resolve_reject(r, c, s);
	case STMT_VERDICT:
		return bind_verdict(r, s);
	case STMT_TPROXY:
		return resolve_tproxy(r, c, s);
	case STMT_SSH_LOCAL:
		return bind_ssh_local(r, c, s);
	case STMT_DHCP:
		return context_require_l4(r, c, IPPROTO_UDP, s->span);
	}
	return 0;
}

static bool is_terminal(const struct ast_stmt *s)
{
	return s->kind == STMT_REJECT || (s->kind == STMT_VERDICT && s->verdict.verdict != VERDICT_CONTINUE);
}

static void check_order(struct resolve *r, const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		if (!is_terminal(s) || !s->next)
			continue;
		diag_error(r->d, DIAG_AFTER_VERDICT, s->next->span, "statement after a verdict has no effect");
		diag_note(r->d, s->span, "the verdict is this");
		return;
	}
}

/* A vmap may be the verdict that it needs. */
static void check_tproxy(struct resolve *r, const struct ast_rule *rule)
{
	const struct ast_stmt *tproxy = NULL;
	bool decides = false;

	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		if (s->kind == STMT_TPROXY)
			tproxy = s;
		decides |= is_terminal(s) || s->kind == STMT_VMAP || s->kind == STMT_SSH_LOCAL || s->kind == STMT_DHCP;
	}
	if (!tproxy || decides)
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
	r->merged_sets = 0;
	for (struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (bind_statement(r, &c, s)) {
			rule->stmts = NULL;
			return;
		}
	check_order(r, rule);
	check_tproxy(r, rule);
}
