/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/references.h>

struct visit {
	reference_fn fn;
	void *ctx;
};

static bool tell(const struct visit *visit, const struct reference *ref)
{
	return visit->fn(ref, visit->ctx);
}

/* ---- values ---- */

static bool of_verdict(const struct ast_value *v, const struct visit *visit)
{
	const struct reference ref = {
		.kind = REFERENCE_CHAIN,
		.verdict = (enum ast_verdict)v->number,
		.chain = v->target,
		.span = v->span,
	};

	return !v->target || tell(visit, &ref);
}

static bool of_set(const struct ast_value *v, const struct visit *visit)
{
	const struct reference ref = { .kind = REFERENCE_SET, .set = v->set, .span = v->span };

	return !v->set || tell(visit, &ref);
}

static bool of_value(const struct ast_value *v, void *ctx)
{
	if (v->kind == VALUE_VERDICT)
		return of_verdict(v, ctx);
	if (v->kind == VALUE_SETREF)
		return of_set(v, ctx);
	return ast_each_part(v, of_value, ctx);
}

bool references_of_element(const struct ast_value *v, reference_fn fn, void *ctx)
{
	return of_value(v, &(struct visit){ fn, ctx });
}

/* ---- statements ---- */

static bool of_jump(const struct ast_stmt *s, const struct visit *visit)
{
	const struct reference ref = {
		.kind = REFERENCE_CHAIN,
		.verdict = s->verdict.verdict,
		.chain = s->verdict.target,
		.span = span_known(s->verdict.chain_span) ? s->verdict.chain_span : s->span,
	};

	return !s->verdict.target || tell(visit, &ref);
}

static bool of_object(struct ast_object *object, struct span at, const struct visit *visit)
{
	const struct reference ref = { .kind = REFERENCE_OBJECT, .object = object, .span = at };

	return !object || tell(visit, &ref);
}

static bool of_statement(const struct ast_stmt *s, struct visit *visit)
{
	switch (s->kind) {
	case STMT_COUNTER:
		return of_object(s->counter.object, s->counter.name_span, visit);
	case STMT_LIMIT:
		return of_object(s->limit.object, s->limit.name_span, visit);
	case STMT_VERDICT:
		return of_jump(s, visit);
	default:
		return ast_each_value(s, of_value, visit);
	}
}

bool references_of_rule(const struct ast_rule *rule, reference_fn fn, void *ctx)
{
	struct visit visit = { fn, ctx };

	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (!of_statement(s, &visit))
			return false;
	return true;
}
