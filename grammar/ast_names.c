/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/ast.h>

#include <inttypes.h>
#include <string.h>

#include <compiler/base/buf.h>

const char *ast_field_name(enum ast_field f)
{
	static const char *const names[] = {
#define FIELD(id, spelling, ...) [FIELD_##id] = spelling,
#include <grammar/fields.def>
#undef FIELD
	};

	return names[f];
}

static const struct ast_datatype fields[] = {
#define FIELD(id, spelling, type, families, protocol, base, offset, bits, doc) \
	[FIELD_##id] = { TYPE_##type, bits, FIELD_##id },
#include <grammar/fields.def>
#undef FIELD
};

struct ast_datatype ast_field_datatype(enum ast_field f)
{
	return fields[f];
}

enum ast_type ast_field_type(enum ast_field f)
{
	return fields[f].type;
}

unsigned int ast_field_bits(enum ast_field f)
{
	return fields[f].bits;
}

static const struct {
	const char *name, *what;
	unsigned int bits;
	enum ast_type_kind kind;
} types[TYPE_COUNT] = {
	[TYPE_NONE] = { "", "a value", 0, KIND_NONE },
#define TYPE(id, name, bits, kind, what) [TYPE_##id] = { name, what, bits, KIND_##kind },
#include <grammar/types.def>
#undef TYPE
};

const char *ast_type_name(enum ast_type t)
{
	return types[t].name;
}

const char *ast_type_what(enum ast_type t)
{
	return types[t].what;
}

unsigned int ast_type_bits(enum ast_type t)
{
	return types[t].bits;
}

enum ast_type_kind ast_type_kind(enum ast_type t)
{
	return types[t].kind;
}

enum ast_type ast_type_by_name(const char *name)
{
	for (enum ast_type t = 0; t < TYPE_COUNT && *name; t++)
		if (!strcmp(types[t].name, name))
			return t;
	return TYPE_NONE;
}

const char *ast_family_name(enum ast_family f)
{
	static const char *const names[] = {
		[AST_IP] = "ip",
		[AST_IP6] = "ip6",
		[AST_INET] = "inet",
		[AST_NETDEV] = "netdev",
	};

	return names[f];
}

const char *ast_verdict_name(enum ast_verdict v)
{
	static const char *const names[] = {
		[VERDICT_ACCEPT] = "accept", [VERDICT_DROP] = "drop", [VERDICT_CONTINUE] = "continue",
		[VERDICT_RETURN] = "return", [VERDICT_JUMP] = "jump", [VERDICT_GOTO] = "goto",
	};

	return names[v];
}

const char *ast_op_name(enum ast_op op)
{
	static const char *const names[] = {
		[OP_IMPLICIT] = "", [OP_EQ] = "==", [OP_NE] = "!=", [OP_LT] = "<",
		[OP_GT] = ">",	    [OP_LE] = "<=", [OP_GE] = ">=", [OP_NOT] = "!",
	};

	return names[op];
}

const char *ast_hook_name(enum ast_hook h)
{
	static const char *const names[] = {
		[HOOK_NONE] = "",
		[HOOK_INGRESS] = "ingress",
		[HOOK_PREROUTING] = "prerouting",
		[HOOK_EGRESS] = "egress",
	};

	return names[h];
}

const char *ast_binary_name(enum ast_binary op)
{
	static const char *const names[] = {
		[BINARY_AND] = "&",	[BINARY_OR] = "|",	[BINARY_XOR] = "^",
		[BINARY_LSHIFT] = "<<", [BINARY_RSHIFT] = ">>",
	};

	return names[op];
}

const char *ast_rate_unit_name(enum ast_rate_unit u)
{
	static const char *const names[] = {
		[RATE_SECOND] = "second", [RATE_MINUTE] = "minute", [RATE_HOUR] = "hour",
		[RATE_DAY] = "day",	  [RATE_WEEK] = "week",
	};

	return names[u];
}

const char *ast_log_level_name(enum ast_log_level l)
{
	static const char *const names[] = {
		[LOG_LEVEL_EMERG] = "emerg", [LOG_LEVEL_ALERT] = "alert", [LOG_LEVEL_CRIT] = "crit",
		[LOG_LEVEL_ERR] = "err",     [LOG_LEVEL_WARN] = "warn",	  [LOG_LEVEL_NOTICE] = "notice",
		[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug", [LOG_LEVEL_AUDIT] = "audit",
	};

	return names[l];
}

void ast_put_name(const char *name, struct buf *out)
{
	buf_printf(out, ast_is_reserved(name) ? "\"%s\"" : "%s", name);
}

static void put_one_name(const char *name, struct buf *out)
{
	if (!name)
		return;
	buf_putc(out, ' ');
	ast_put_name(name, out);
}

void ast_put_command(const struct ast_command *c, struct buf *out)
{
	static const char *const verbs[] = {
		[VERB_ADD] = "add",	    [VERB_CREATE] = "create", [VERB_INSERT] = "insert",
		[VERB_REPLACE] = "replace", [VERB_DELETE] = "delete", [VERB_DESTROY] = "destroy",
		[VERB_FLUSH] = "flush",	    [VERB_RENAME] = "rename",
	};
	static const char *const targets[] = {
		[TARGET_RULESET] = "ruleset", [TARGET_TABLE] = "table",	    [TARGET_CHAIN] = "chain",
		[TARGET_RULE] = "rule",	      [TARGET_SET] = "set",	    [TARGET_MAP] = "map",
		[TARGET_ELEMENT] = "element", [TARGET_COUNTER] = "counter", [TARGET_LIMIT] = "limit",
	};

	buf_printf(out, "%s %s", verbs[c->verb], targets[c->target]);
	if (c->has_family)
		buf_printf(out, " %s", ast_family_name(c->family));
	put_one_name(c->table, out);
	put_one_name(c->name, out);
	put_one_name(c->new_name, out);
	if (c->has_handle)
		buf_printf(out, " handle %" PRIu64, c->handle);
	if (c->has_index)
		buf_printf(out, " index %" PRIu64, c->index);
}
