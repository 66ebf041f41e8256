/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_egress.c - what makes no sense where packets leave: answering them,
 * handing them to a socket of this host, or asking for what arrives. */
#include <compiler/references.h>
#include <compiler/resolve.h>

struct search {
	struct resolve *r;
	const struct ast_chain *base;
	struct table seen; /* chains and maps */
};

static bool is_new(struct search *s, void *what)
{
	void **slot = table_at(&s->seen, (uintptr_t)what);

	if (*slot)
		return false;
	*slot = what;
	return true;
}

/* ---- statements ---- */

static bool is_not_of_socket(const struct ast_value *v, void *ctx)
{
	if (v->kind == VALUE_FIELD)
		return v->field != FIELD_SOCKET_TRANSPARENT && v->field != FIELD_SOCKET_WILDCARD &&
		       v->field != FIELD_SOCKET_MARK;
	return ast_each_part(v, is_not_of_socket, ctx);
}

/* Its name when it is one of those, or NULL. */
static const char *needs_arrival(const struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_REJECT:
		return "reject";
	case STMT_TPROXY:
		return "tproxy";
	case STMT_SSH_LOCAL:
		return "ssh-local";
	case STMT_DHCP:
		return "dhcp";
	default:
		return ast_each_value(s, is_not_of_socket, NULL) ? NULL : "socket";
	}
}

static void check_rule(struct search *s, const struct ast_rule *rule)
{
	const char *name;

	for (const struct ast_stmt *stmt = rule->stmts; stmt; stmt = stmt->next) {
		name = needs_arrival(stmt);
		if (!name)
			continue;
		diag_error(s->r->d, DIAG_BAD_STATEMENT, stmt->span, "'%s' has no meaning in hook 'egress'", name);
		diag_note(s->r->d, s->base->hook_span, "chain '%s' sees packets that leave", s->base->name);
	}
}

/* ---- chains ---- */

static void check_chain(struct search *s, struct ast_chain *chain);

static bool follow(const struct reference *ref, void *ctx)
{
	struct search *s = ctx;

	if (ref->kind == REFERENCE_CHAIN && is_new(s, ref->chain))
		check_chain(s, ref->chain);
	if (ref->kind != REFERENCE_SET || !ref->set->is_vmap || !is_new(s, ref->set))
		return true;
	for (const struct ast_value *v = ref->set->elements; v; v = v->next)
		references_of_element(v, follow, s);
	return true;
}

/* Jumps are at most 16 deep: what is deeper has been refused. */
static void check_chain(struct search *s, struct ast_chain *chain)
{
	for (const struct ast_rule *rule = chain->rules; rule; rule = rule->next) {
		check_rule(s, rule);
		references_of_rule(rule, follow, s);
	}
}

void resolve_egress(struct resolve *r)
{
	struct search s = { .r = r, .seen.arena = r->a };

	for (struct ast_table *t = r->first; t; t = t->next)
		for (struct ast_chain *c = t->chains; c; c = c->next) {
			if (!c->is_base || c->hook != HOOK_EGRESS)
				continue;
			s.base = c;
			check_chain(&s, c);
		}
}
