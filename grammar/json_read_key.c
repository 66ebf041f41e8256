/* SPDX-License-Identifier: GPL-2.0-only */
/* json_read_key.c - fields of the packet, and operators. */
#include <grammar/json_read.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>

#define MAX_OPERANDS 64 /* of one operator */

static const char *const operators[] = {
	[BINARY_AND] = "&", [BINARY_OR] = "|", [BINARY_XOR] = "^", [BINARY_LSHIFT] = "<<", [BINARY_RSHIFT] = ">>", NULL,
};

int json_operator_of(const char *key)
{
	return node_find(operators, key);
}

/* ---- operators ---- */

struct ast_value *json_binary(struct json_reader *r, const struct json_node *n, enum ast_binary op,
			      struct ast_value *first, const struct json_node *rest, const struct json_types *types,
			      json_value_fn make)
{
	struct ast_value *v = first;

	for (; v && rest; rest = rest->next) {
		struct ast_value *both = json_new_value(r, n, VALUE_BINARY);

		both->op = op;
		both->left = v;
		both->right = make(r, rest, types);
		v = both->right ? both : NULL;
	}
	return v;
}

int json_need_operands(struct json_reader *r, const struct json_node *n)
{
	if (n->kind != NODE_ARRAY)
		return node_wrong_kind(r, n, "an array");
	if (n->n_items < 2 || n->n_items > MAX_OPERANDS)
		return diag_error(r->diag, DIAG_JSON_SHAPE, node_place(n), "expected 2 to %d operands, found %zu",
				  MAX_OPERANDS, n->n_items);
	return 0;
}

/* ---- fields ---- */

static struct ast_value *field_value(struct json_reader *r, const struct json_node *n, enum ast_field field)
{
	struct ast_value *v = json_new_value(r, n, VALUE_FIELD);

	v->field = field;
	return v;
}

/* The field "first second", or the one that is spelt "second" after "meta". */
static struct ast_value *named_field(struct json_reader *r, const struct json_node *object, const char *first,
				     const struct json_node *second)
{
	const char *name = node_text(r, second), *guess;
	const struct word *word;

	if (!name)
		return NULL;
	word = words_find_pair(&r->words, first, strlen(first), name, strlen(name));
	if (word && word->field >= 0)
		return field_value(r, object, (enum ast_field)word->field);
	json_refuse(r, second, arena_printf(r->arena, "%s %s", first, name), "field");
	if (!word && (guess = words_suggest(&r->words, r->arena, first, name)))
		diag_did_you_mean(r->diag, second->span, guess, SPAN_NONE);
	return NULL;
}

static struct ast_value *payload(struct json_reader *r, const struct json_node *n)
{
	enum { PROTOCOL, FIELD, BASE, OFFSET, LEN, N };
	static const char *const keys[] = { "protocol", "field", "base", "offset", "len", NULL };
	const struct json_node *m[N];
	const char *protocol;

	if (node_members(r, n, keys, m))
		return NULL;
	if (m[BASE] || m[OFFSET] || m[LEN]) {
		json_refuse(r, n, "@th", "expression");
		return NULL;
	}
	if (node_need(r, n, m[PROTOCOL], "protocol") || node_need(r, n, m[FIELD], "field"))
		return NULL;
	protocol = node_text(r, m[PROTOCOL]);
	return protocol ? named_field(r, n, protocol, m[FIELD]) : NULL;
}

/* {"meta": {"key": "mark"}}, and likewise "socket" and "ct". */
static struct ast_value *keyed_field(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "key", "dir", "family", NULL };
	const struct json_node *m[3];

	if (node_members(r, n, keys, m) || node_need(r, n, m[0], "key"))
		return NULL;
	if (m[1] || m[2]) {
		diag_error(r->diag, DIAG_UNSUPPORTED, m[1] ? m[1]->key_span : m[2]->key_span,
			   "'%s' is not supported: only 'ct state' can be matched", m[1] ? "dir" : "family");
		return NULL;
	}
	return named_field(r, n, n->key, m[0]);
}

/* What is looked up: one address, and where. */
static int fib_flags(struct json_reader *r, const struct json_node *n, struct ast_value *v)
{
	static const char *const flags[] = { "saddr", "daddr", "mark", "iif", "oif", NULL };
	unsigned int given = 0;

	for (const struct json_node *i = node_first(n); i; i = node_next(n, i)) {
		int flag = node_word(r, i, flags, "flag of a look-up");

		if (flag < 0)
			return -1;
		given |= 1u << flag;
	}
	v->prefix_len = given & (FIB_SADDR | FIB_DADDR | FIB_MARK | FIB_IIF | FIB_OIF);
	if (!(given & FIB_SADDR) == !(given & FIB_DADDR))
		return diag_error(r->diag, DIAG_BAD_STATEMENT, node_place(n),
				  "'fib' looks up one address: write either 'saddr' or 'daddr'");
	if (given & FIB_IIF && given & FIB_OIF)
		return diag_error(r->diag, DIAG_BAD_STATEMENT, node_place(n),
				  "'fib' looks at one interface: write either 'iif' or 'oif'");
	return 0;
}

static struct ast_value *fib(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "result", "flags", NULL };
	const struct json_node *m[2];
	struct ast_value *v;
	const char *result;

	if (node_members(r, n, keys, m) || node_need(r, n, m[0], "result") || node_need(r, n, m[1], "flags"))
		return NULL;
	result = node_text(r, m[0]);
	if (!result || strcmp(result, "type") != 0) {
		if (result)
			diag_error(r->diag, DIAG_UNSUPPORTED, m[0]->span,
				   "only the 'type' of an address can be looked up, routes can't be matched");
		return NULL;
	}
	v = field_value(r, n, FIELD_FIB_TYPE);
	return fib_flags(r, m[1], v) ? NULL : v;
}

static struct ast_value *masked_field(struct json_reader *r, const struct json_node *n)
{
	struct ast_value *first;
	struct json_types types;

	if (json_need_operands(r, n))
		return NULL;
	first = json_key(r, n->items);
	if (!first)
		return NULL;
	if (first->kind == VALUE_CONCAT) {
		diag_error(r->diag, DIAG_JSON_SHAPE, node_place(n->items), "a concatenation can't be an operand");
		return NULL;
	}
	types = json_types_of(first);
	return json_binary(r, n, (enum ast_binary)json_operator_of(n->key), first, n->items->next, &types,
			   json_constant);
}

int json_need_parts(struct json_reader *r, const struct json_node *n)
{
	if (n->kind != NODE_ARRAY)
		return node_wrong_kind(r, n, "an array");
	if (n->n_items < 2 || n->n_items > AST_MAX_CONCAT)
		return diag_error(r->diag, DIAG_JSON_SHAPE, node_place(n),
				  "a concatenation has 2 to %d parts, found %zu", AST_MAX_CONCAT, n->n_items);
	return 0;
}

static struct ast_value *key_part(struct json_reader *r, const struct json_node *n)
{
	struct ast_value *v = json_key(r, n);

	if (v && v->kind == VALUE_CONCAT) {
		diag_error(r->diag, DIAG_JSON_SHAPE, node_place(n), "a concatenation can't be part of another one");
		return NULL;
	}
	return v;
}

static struct ast_value *key_concat(struct json_reader *r, const struct json_node *n)
{
	struct ast_value *v = json_new_value(r, n, VALUE_CONCAT), **end = &v->items;

	if (json_need_parts(r, n))
		return NULL;
	for (const struct json_node *i = n->items; i; i = i->next) {
		*end = key_part(r, i);
		if (!*end)
			return NULL;
		end = &(*end)->next;
	}
	return v;
}

struct ast_value *json_key(struct json_reader *r, const struct json_node *n)
{
	const struct json_node *m = node_only_member(r, n, "a field");

	if (!m)
		return NULL;
	if (!strcmp(m->key, "payload"))
		return payload(r, m);
	if (!strcmp(m->key, "meta") || !strcmp(m->key, "ct") || !strcmp(m->key, "socket"))
		return keyed_field(r, m);
	if (!strcmp(m->key, "fib"))
		return fib(r, m);
	if (json_operator_of(m->key) >= 0)
		return masked_field(r, m);
	if (!strcmp(m->key, "concat"))
		return key_concat(r, m);
	json_refuse(r, m, m->key, "expression");
	return NULL;
}

static enum ast_type type_of(const struct ast_value *part)
{
	while (part->kind == VALUE_BINARY)
		part = part->left;
	return part->kind == VALUE_FIELD ? ast_field_type(part->field) : TYPE_NONE;
}

struct json_types json_types_of(const struct ast_value *key)
{
	struct json_types types = { 0 };

	if (key->kind != VALUE_CONCAT)
		return (struct json_types){ .n = 1, .v = { type_of(key) } };
	for (const struct ast_value *i = key->items; i && types.n < AST_MAX_CONCAT; i = i->next)
		types.v[types.n++] = type_of(i);
	return types;
}
