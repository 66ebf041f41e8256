/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/ast.h>

static bool one(const struct ast_value *v, ast_value_fn fn, void *ctx)
{
	return !v || fn(v, ctx);
}

static bool each(const struct ast_value *v, ast_value_fn fn, void *ctx)
{
	for (; v; v = v->next)
		if (!fn(v, ctx))
			return false;
	return true;
}

bool ast_each_part(const struct ast_value *v, ast_value_fn fn, void *ctx)
{
	switch (v->kind) {
	case VALUE_PREFIX:
		return one(v->left, fn, ctx);
	case VALUE_RANGE:
	case VALUE_MAPPING:
	case VALUE_MASKED:
	case VALUE_BINARY:
	case VALUE_MAP:
		return one(v->left, fn, ctx) && one(v->right, fn, ctx);
	case VALUE_LIST:
	case VALUE_SET:
	case VALUE_CONCAT:
		return each(v->items, fn, ctx);
	case VALUE_VERDICT: /* with a text, what is there is the chain */
		return v->text || one(v->variable, fn, ctx);
	case VALUE_NUMBER:
	case VALUE_WORD:
	case VALUE_STRING:
	case VALUE_ADDR4:
	case VALUE_ADDR6:
	case VALUE_MAC:
	case VALUE_CLASSID:
	case VALUE_CATCHALL:
	case VALUE_SETREF:
	case VALUE_VARIABLE:
	case VALUE_FIELD:
		break;
	}
	return true;
}

bool ast_each_value(const struct ast_stmt *s, ast_value_fn fn, void *ctx)
{
	switch (s->kind) {
	case STMT_MATCH:
		return one(s->match.lhs, fn, ctx) && one(s->match.rhs, fn, ctx);
	case STMT_VMAP:
		return one(s->vmap.key, fn, ctx) && one(s->vmap.map, fn, ctx);
	case STMT_COUNTER:
		return one(s->counter.variable, fn, ctx);
	case STMT_LIMIT:
		return one(s->limit.variable, fn, ctx);
	case STMT_SET:
		return one(s->set.value, fn, ctx);
	case STMT_REJECT:
		return one(s->reject.code, fn, ctx);
	case STMT_VERDICT:
		return one(s->verdict.variable, fn, ctx);
	case STMT_TPROXY:
		return one(s->tproxy.addr, fn, ctx) && one(s->tproxy.port, fn, ctx);
	case STMT_SSH_LOCAL:
		return one(s->ssh_local.ports, fn, ctx);
	case STMT_LOG:
	case STMT_DHCP:
		break;
	}
	return true;
}
