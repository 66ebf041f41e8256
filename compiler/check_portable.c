/* SPDX-License-Identifier: GPL-2.0-only */
/* check_portable.c - what nft would refuse: zfwc's own statements, and nft's in
 * places where only zfwc has them. */
#include <compiler/check.h>

#include <compiler/base/arena.h>
#include <compiler/compile.h>
#include <compiler/references.h>
#include <compiler/table.h>
#include <grammar/ast.h>

struct portable {
	enum ast_family family; /* of the table that is looked at */
	struct diag *d;
	struct table seen; /* chains that packets get to from an ingress hook */
};

static void visit_chain(struct portable *p, const struct ast_chain *chain);

/* ---- what is said ---- */

static void own_statement(struct portable *p, const struct ast_stmt *s, const char *name)
{
	diag_warning(p->d, DIAG_NOT_PORTABLE, s->span, "nft has no '%s'", name);
}

static void misplaced(struct portable *p, struct span at, const char *name)
{
	diag_warning(p->d, DIAG_NOT_PORTABLE, at,
		     "'%s' in an ingress chain, or in one that it jumps to, works in zfwc only", name);
}

static void check_own(struct portable *p, const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		if (s->kind == STMT_SSH_LOCAL)
			own_statement(p, s, "ssh-local");
		else if (s->kind == STMT_DHCP)
			own_statement(p, s, "dhcp");
	}
}

/* ---- what is misplaced ---- */

static void check_expression(struct portable *p, const struct ast_value *v)
{
	switch (v->kind) {
	case VALUE_FIELD:
		if (v->field == FIELD_CT_STATE || v->field == FIELD_SOCKET_TRANSPARENT ||
		    v->field == FIELD_SOCKET_WILDCARD || v->field == FIELD_SOCKET_MARK ||
		    (v->field == FIELD_FIB_TYPE && p->family == AST_INET))
			misplaced(p, v->span, ast_field_name(v->field));
		break;
	case VALUE_BINARY:
	case VALUE_MAP:
		check_expression(p, v->left);
		break;
	case VALUE_CONCAT:
		for (const struct ast_value *i = v->items; i; i = i->next)
			check_expression(p, i);
		break;
	default:
		break;
	}
}

static void check_place(struct portable *p, const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		if (s->kind == STMT_MATCH)
			check_expression(p, s->match.lhs);
		else if (s->kind == STMT_VMAP)
			check_expression(p, s->vmap.key);
		else if (s->kind == STMT_SET)
			check_expression(p, s->set.value);
		else if (s->kind == STMT_TPROXY)
			misplaced(p, s->span, "tproxy");
	}
}

/* ---- from chain to chain ---- */

static bool follow(const struct reference *ref, void *ctx)
{
	if (ref->kind == REFERENCE_CHAIN)
		visit_chain(ctx, ref->chain);
	else if (ref->kind == REFERENCE_SET && ref->set->is_vmap)
		for (const struct ast_value *v = ref->set->elements; v; v = v->next)
			references_of_element(v, follow, ctx);
	return true;
}

static void visit_chain(struct portable *p, const struct ast_chain *chain)
{
	void **seen = table_at(&p->seen, (uintptr_t)chain);

	if (*seen)
		return;
	*seen = p;
	for (const struct ast_rule *rule = chain->rules; rule; rule = rule->next) {
		check_place(p, rule);
		references_of_rule(rule, follow, p);
	}
}

void compile_check_portable(const struct ruleset *rs, struct diag *d, struct arena *a)
{
	struct portable p = { .d = d, .seen = { .arena = a } };

	for (const struct ast_table *t = rs->tables; t; t = t->next)
		for (const struct ast_chain *c = t->chains; c; c = c->next)
			for (const struct ast_rule *rule = c->rules; rule; rule = rule->next)
				check_own(&p, rule);
	for (size_t i = 0; i < rs->n_base_chains; i++)
		if (rs->base_chains[i]->hook == HOOK_INGRESS) {
			p.family = rs->base_chains[i]->table->family;
			visit_chain(&p, rs->base_chains[i]);
		}
}
