/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/references.h>

/* ---- values ---- */

static bool of_verdict(const struct ast_value *v, reference_fn fn, void *ctx)
{
	const struct reference ref = {
		.kind = REFERENCE_CHAIN,
		.verdict = (enum ast_verdict)v->number,
		.chain = v->target,
		.span = v->span,
	};

	return !v->target || fn(&ref, ctx);
}

static bool of_set(const struct ast_value *v, reference_fn fn, void *ctx)
{
	const struct reference ref = { .kind = REFERENCE_SET, .set = v->set, .span = v->span };

	return !v->set || fn(&ref, ctx);
}

static bool of_value(const struct ast_value *v, reference_fn fn, void *ctx)
{
	switch (v ? v->kind : VALUE_NUMBER) {
	case VALUE_VERDICT:
		return of_verdict(v, fn, ctx);
	case VALUE_SETREF:
		return of_set(v, fn, ctx);
	case VALUE_MAPPING:
	case VALUE_MAP:
	case VALUE_BINARY:
		return of_value(v->left, fn, ctx) && of_value(v->right, fn, ctx);
	case VALUE_SET:
	case VALUE_CONCAT:
		for (const struct ast_value *i = v->items; i; i = i->next)
			if (!of_value(i, fn, ctx))
				return false;
		return true;
	default:
		return true;
	}
}

bool references_of_element(const struct ast_value *v, reference_fn fn, void *ctx)
{
	return of_value(v, fn, ctx);
}

/* ---- statements ---- */

static bool of_jump(const struct ast_stmt *s, reference_fn fn, void *ctx)
{
	const struct reference ref = {
		.kind = REFERENCE_CHAIN,
		.verdict = s->verdict.verdict,
		.chain = s->verdict.target,
		.span = span_known(s->verdict.chain_span) ? s->verdict.chain_span : s->span,
	};

	return !s->verdict.target || fn(&ref, ctx);
}

static bool of_object(struct ast_object *object, struct span at, reference_fn fn, void *ctx)
{
	const struct reference ref = { .kind = REFERENCE_OBJECT, .object = object, .span = at };

	return !object || fn(&ref, ctx);
}

static bool of_statement(const struct ast_stmt *s, reference_fn fn, void *ctx)
{
	switch (s->kind) {
	case STMT_MATCH:
		return of_value(s->match.lhs, fn, ctx) && of_value(s->match.rhs, fn, ctx);
	case STMT_VMAP:
		return of_value(s->vmap.key, fn, ctx) && of_value(s->vmap.map, fn, ctx);
	case STMT_COUNTER:
		return of_object(s->counter.object, s->counter.name_span, fn, ctx);
	case STMT_LIMIT:
		return of_object(s->limit.object, s->limit.name_span, fn, ctx);
	case STMT_SET:
		return of_value(s->set.value, fn, ctx);
	case STMT_VERDICT:
		return of_jump(s, fn, ctx);
	case STMT_TPROXY:
		return of_value(s->tproxy.addr, fn, ctx) && of_value(s->tproxy.port, fn, ctx);
	case STMT_SSH_LOCAL:
		return of_value(s->ssh_local.ports, fn, ctx);
	case STMT_LOG:
	case STMT_REJECT:
	case STMT_DHCP:
		break;
	}
	return true;
}

bool references_of_rule(const struct ast_rule *rule, reference_fn fn, void *ctx)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (!of_statement(s, fn, ctx))
			return false;
	return true;
}
