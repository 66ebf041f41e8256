/* SPDX-License-Identifier: GPL-2.0-only */
/* json_read_value.c - expressions. */
#include <grammar/json_read.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>

#define MAX_STRING 255

static const char *const verdicts[] = {
	[VERDICT_ACCEPT] = "accept",
	[VERDICT_DROP] = "drop",
	[VERDICT_CONTINUE] = "continue",
	[VERDICT_RETURN] = "return",
	[VERDICT_JUMP] = "jump",
	[VERDICT_GOTO] = "goto",
	NULL,
};

struct ast_value *json_new_value(struct json_reader *r, const struct json_node *n, enum ast_value_kind kind)
{
	struct ast_value *v = arena_make(r->arena, struct ast_value);

	v->span = n->span;
	v->kind = kind;
	return v;
}

/* ---- constants ---- */

static bool is_interface(enum ast_type type)
{
	return type == TYPE_IFNAME || type == TYPE_IFINDEX;
}

static bool parse_mac(const char *s, uint8_t *ret)
{
	for (int i = 0; i < 6; i++) {
		char *end;
		unsigned long byte = strtoul(s, &end, 16);

		if (end == s || end > s + 2 || *s == '-' || *s == '+' || *end != (i < 5 ? ':' : '\0'))
			return false;
		ret[i] = (uint8_t)byte;
		s = end + 1;
	}
	return true;
}

/* 1:10, in hexadecimal. */
static bool parse_classid(const char *s, uint64_t *ret)
{
	static const char hex[] = "0123456789abcdefABCDEF";
	size_t major = strspn(s, hex), minor = s[major] == ':' ? strspn(s + major + 1, hex) : 0;

	if (!major || major > 4 || !minor || minor > 4 || s[major + 1 + minor])
		return false;
	*ret = strtoull(s, NULL, 16) << 16 | strtoull(s + major + 1, NULL, 16);
	return true;
}

static bool parse_number(const char *s, uint64_t *ret)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	size_t n = strspn(s + 2 * hex, hex ? "0123456789abcdefABCDEF" : "0123456789");

	*ret = strtoull(s, NULL, hex ? 16 : 10);
	return n && n <= (hex ? 16 : 19) && !s[2 * hex + n];
}

/* A string that isn't said to be the name of an interface: what it is shows in its form. */
static struct ast_value *formed_value(struct json_reader *r, const struct json_node *n)
{
	struct ast_value *v = json_new_value(r, n, VALUE_STRING);
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

	if (inet_pton(AF_INET, n->text, v->addr) == 1) {
		v->kind = VALUE_ADDR4;
	} else if (inet_pton(AF_INET6, n->text, v->addr) == 1) {
		v->kind = VALUE_ADDR6;
	} else if (parse_mac(n->text, v->addr)) {
		v->kind = VALUE_MAC;
	} else if (parse_classid(n->text, &v->number)) {
		v->kind = VALUE_CLASSID;
	} else if (parse_number(n->text, &v->number)) {
		v->kind = VALUE_NUMBER;
	} else {
		v->kind = *n->text && strchr(first, *n->text) ? VALUE_WORD : VALUE_STRING;
		v->text = n->text;
	}
	return v;
}

static struct ast_value *string_value(struct json_reader *r, const struct json_node *n, enum ast_type type)
{
	struct ast_value *v;

	if (strlen(n->text) > MAX_STRING) {
		diag_error(r->diag, DIAG_TOO_LONG, n->span, "string of %zu bytes is too long, at most %d are allowed",
			   strlen(n->text), MAX_STRING);
		return NULL;
	}
	if (!is_interface(type))
		return formed_value(r, n);
	v = json_new_value(r, n, VALUE_STRING);
	v->text = n->text;
	return v;
}

static struct ast_value *number_value(struct json_reader *r, const struct json_node *n)
{
	struct ast_value *v = json_new_value(r, n, VALUE_NUMBER);

	if (n->kind == NODE_TRUE || n->kind == NODE_FALSE)
		v->number = n->kind == NODE_TRUE;
	else if (node_number(r, n, UINT64_MAX, &v->number))
		return NULL;
	return v;
}

static struct ast_value *prefix(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "addr", "len", NULL };
	struct ast_value *v = json_new_value(r, n, VALUE_PREFIX);
	const struct json_node *m[2];
	uint64_t len;

	if (node_members(r, n, keys, m) || node_need(r, n, m[0], "addr") || node_need(r, n, m[1], "len"))
		return NULL;
	v->left = json_constant(r, m[0], NULL);
	if (!v->left)
		return NULL;
	if (v->left->kind != VALUE_ADDR4 && v->left->kind != VALUE_ADDR6 && v->left->kind != VALUE_NUMBER) {
		diag_error(r->diag, DIAG_BAD_PREFIX, m[0]->span, "only an address or a number has a prefix length");
		return NULL;
	}
	if (node_number(r, m[1], v->left->kind == VALUE_ADDR6 ? 128 : 32, &len))
		return NULL;
	v->prefix_len = (unsigned int)len;
	return v;
}

static struct ast_value *range(struct json_reader *r, const struct json_node *n, const struct json_types *types)
{
	struct ast_value *v = json_new_value(r, n, VALUE_RANGE);

	if (n->kind != NODE_ARRAY || n->n_items != 2) {
		node_wrong_kind(r, n, "an array of two values");
		return NULL;
	}
	v->left = json_constant(r, n->items, types);
	v->right = v->left ? json_constant(r, n->items->next, types) : NULL;
	return v->right ? v : NULL;
}

/* Each part of a concatenation has its type. */
static struct ast_value *constant_concat(struct json_reader *r, const struct json_node *n,
					 const struct json_types *types)
{
	struct ast_value *v = json_new_value(r, n, VALUE_CONCAT), **end = &v->items;
	const struct json_node *item = n->items;
	struct json_types part = { .n = 1 };

	if (json_need_parts(r, n))
		return NULL;
	for (unsigned int i = 0; item; item = item->next, i++) {
		part.v[0] = types && i < types->n ? types->v[i] : TYPE_NONE;
		*end = json_constant(r, item, &part);
		if (!*end)
			return NULL;
		if ((*end)->kind == VALUE_CONCAT) {
			diag_error(r->diag, DIAG_JSON_SHAPE, node_place(item),
				   "a concatenation can't be part of another one");
			return NULL;
		}
		end = &(*end)->next;
	}
	return v;
}

static struct ast_value *constant_object(struct json_reader *r, const struct json_node *n,
					 const struct json_types *types)
{
	const struct json_node *m = node_only_member(r, n, "a value");
	int op;

	if (!m)
		return NULL;
	if (!strcmp(m->key, "prefix"))
		return prefix(r, m);
	if (!strcmp(m->key, "range"))
		return range(r, m, types);
	if (!strcmp(m->key, "concat"))
		return constant_concat(r, m, types);
	op = json_operator_of(m->key);
	if (op >= 0)
		return json_need_operands(r, m)
			       ? NULL
			       : json_binary(r, m, (enum ast_binary)op, json_constant(r, m->items, types),
					     m->items->next, types, json_constant);
	json_refuse(r, m, m->key, "value");
	return NULL;
}

/* One flag, or more of them as one value. */
static struct ast_value *flags(struct json_reader *r, const struct json_node *n, const struct json_types *types)
{
	if (n->n_items == 1)
		return json_constant(r, n->items, types);
	return json_need_operands(r, n) ? NULL
					: json_binary(r, n, BINARY_OR, json_constant(r, n->items, types),
						      n->items->next, types, json_constant);
}

struct ast_value *json_constant(struct json_reader *r, const struct json_node *n, const struct json_types *types)
{
	switch (n->kind) {
	case NODE_STRING:
		return string_value(r, n, types && types->n ? types->v[0] : TYPE_NONE);
	case NODE_NUMBER:
	case NODE_TRUE:
	case NODE_FALSE:
		return number_value(r, n);
	case NODE_OBJECT:
		return constant_object(r, n, types);
	case NODE_ARRAY: /* flags, all of them */
		return flags(r, n, types);
	case NODE_NULL:
		break;
	}
	node_wrong_kind(r, n, "a value");
	return NULL;
}

/* ---- verdicts ---- */

int json_verdict_of(const char *key)
{
	return node_find(verdicts, key);
}

int json_verdict_target(struct json_reader *r, const struct json_node *n, int verdict, const char **chain,
			struct span *at)
{
	static const char *const keys[] = { "target", NULL };
	const struct json_node *target;

	*chain = NULL;
	*at = SPAN_NONE;
	if (verdict != VERDICT_JUMP && verdict != VERDICT_GOTO)
		return node_null(r, n);
	if (node_members(r, n, keys, &target) || node_need(r, n, target, "target"))
		return -1;
	*at = target->span;
	*chain = node_name(r, target);
	return *chain ? 0 : -1;
}

/* What an element of a map leads to. */
static struct ast_value *element_data(struct json_reader *r, const struct json_node *n)
{
	struct ast_value *v = json_new_value(r, n, VALUE_VERDICT);
	int verdict = n->kind == NODE_OBJECT && n->n_items == 1 ? json_verdict_of(n->items->key) : -1;
	struct span at;

	if (verdict < 0)
		return json_constant(r, n, NULL);
	v->number = (uint64_t)verdict;
	return json_verdict_target(r, n->items, verdict, &v->text, &at) ? NULL : v;
}

/* ---- elements ---- */

static int element_counter(struct json_reader *r, const struct json_node *n, struct ast_attributes *attr)
{
	static const char *const keys[] = { "packets", "bytes", NULL };
	const struct json_node *m[2];

	attr->has_counter = true;
	if (n->kind == NODE_NULL)
		return 0;
	if (node_members(r, n, keys, m) || (m[0] && node_number(r, m[0], UINT64_MAX, &attr->packets)) ||
	    (m[1] && node_number(r, m[1], UINT64_MAX, &attr->bytes)))
		return -1;
	return 0;
}

static struct ast_value *plain_element(struct json_reader *r, const struct json_node *n, const struct json_types *types)
{
	if (n->kind == NODE_STRING && !strcmp(n->text, "*"))
		return json_new_value(r, n, VALUE_CATCHALL);
	return json_constant(r, n, types);
}

/* {"elem": {"val": ..., "comment": ...}} */
static struct ast_value *element_with(struct json_reader *r, const struct json_node *n, const struct json_types *types)
{
	enum { VAL, COMMENT, TIMEOUT, EXPIRES, COUNTER, N };
	static const char *const keys[] = { "val", "comment", "timeout", "expires", "counter", NULL };
	struct ast_attributes *attr = arena_make(r->arena, struct ast_attributes);
	const struct json_node *m[N];
	struct ast_value *v;

	if (node_members(r, n, keys, m) || node_need(r, n, m[VAL], "val"))
		return NULL;
	v = plain_element(r, m[VAL], types);
	if (!v)
		return NULL;
	v->attr = attr;
	if (m[COMMENT]) {
		attr->comment = node_comment(r, m[COMMENT]);
		attr->comment_span = m[COMMENT]->span;
	}
	if ((m[COMMENT] && !attr->comment) || (m[TIMEOUT] && node_milliseconds(r, m[TIMEOUT], &attr->timeout)) ||
	    (m[EXPIRES] && node_milliseconds(r, m[EXPIRES], &attr->expires)) ||
	    (m[COUNTER] && element_counter(r, m[COUNTER], attr)))
		return NULL;
	return v;
}

static struct ast_value *element_key(struct json_reader *r, const struct json_node *n, const struct json_types *types)
{
	if (n->kind == NODE_OBJECT && n->n_items == 1 && !strcmp(n->items->key, "elem"))
		return element_with(r, n->items, types);
	return plain_element(r, n, types);
}

static struct ast_value *element(struct json_reader *r, const struct json_node *n, const struct json_types *types)
{
	struct ast_value *v;

	if (n->kind != NODE_ARRAY)
		return element_key(r, n, types);
	if (n->n_items != 2) {
		diag_error(r->diag, DIAG_JSON_SHAPE, node_place(n),
			   "an element of a map is an array of two, key and data; this one has %zu", n->n_items);
		return NULL;
	}
	v = json_new_value(r, n, VALUE_MAPPING);
	v->left = element_key(r, n->items, types);
	if (!v->left)
		return NULL;
	v->attr = v->left->attr; /* in JSON those of the key, in the tree those of the element */
	v->left->attr = NULL;
	v->right = element_data(r, n->items->next);
	return v->right ? v : NULL;
}

int json_elements(struct json_reader *r, const struct json_node *n, const struct json_types *types,
		  struct ast_value **ret)
{
	struct ast_value **end = ret;
	int bad = 0;

	for (const struct json_node *i = node_first(n); i; i = node_next(n, i)) {
		*end = element(r, i, types);
		if (*end)
			end = &(*end)->next;
		else
			bad = -1;
	}
	return bad;
}

/* ---- sets and maps ---- */

/* "@name" */
static struct ast_value *reference(struct json_reader *r, const struct json_node *n)
{
	struct ast_value *v;
	struct json_node name = *n;

	if (n->kind != NODE_STRING || *n->text != '@')
		return NULL;
	v = json_new_value(r, n, VALUE_SETREF);
	name.text = n->text + 1;
	v->text = node_name(r, &name);
	return v->text ? v : NULL;
}

static bool is_set(const struct json_node *n)
{
	return n->kind == NODE_OBJECT && n->n_items == 1 && !strcmp(n->items->key, "set");
}

/* {"set": [...]} */
static struct ast_value *set_value(struct json_reader *r, const struct json_node *n, const struct json_types *types)
{
	struct ast_value *v = json_new_value(r, n, VALUE_SET);

	return json_elements(r, n->items, types, &v->items) ? NULL : v;
}

static struct ast_value *flag_list(struct json_reader *r, const struct json_node *n, const struct json_types *types)
{
	struct ast_value *v = json_new_value(r, n, VALUE_LIST), **end = &v->items;

	for (const struct json_node *i = n->items; i; i = i->next) {
		*end = json_constant(r, i, types);
		if (!*end)
			return NULL;
		end = &(*end)->next;
	}
	return n->n_items == 1 ? v->items : v;
}

struct ast_value *json_rhs(struct json_reader *r, const struct json_node *n, const struct json_types *types, bool lists)
{
	if (n->kind == NODE_STRING && *n->text == '@')
		return reference(r, n);
	if (is_set(n))
		return set_value(r, n, types);
	if (lists && n->kind == NODE_ARRAY && n->items)
		return flag_list(r, n, types);
	return json_constant(r, n, types);
}

struct ast_value *json_map_data(struct json_reader *r, const struct json_node *n, const struct json_types *types)
{
	if (n->kind == NODE_STRING && *n->text == '@')
		return reference(r, n);
	if (is_set(n))
		return set_value(r, n, types);
	node_wrong_kind(r, n, "a set of elements, or '@' and the name of a map");
	return NULL;
}

/* {"map": {"key": ..., "data": ...}} */
static struct ast_value *map_value(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "key", "data", NULL };
	struct ast_value *v = json_new_value(r, n, VALUE_MAP);
	const struct json_node *m[2];
	struct json_types types;

	if (node_members(r, n, keys, m) || node_need(r, n, m[0], "key") || node_need(r, n, m[1], "data"))
		return NULL;
	v->left = json_key(r, m[0]);
	if (!v->left)
		return NULL;
	types = json_types_of(v->left);
	v->right = json_map_data(r, m[1], &types);
	return v->right ? v : NULL;
}

struct ast_value *json_mapped(struct json_reader *r, const struct json_node *n)
{
	if (n->kind == NODE_OBJECT && n->n_items == 1 && !strcmp(n->items->key, "map"))
		return map_value(r, n->items);
	return json_constant(r, n, NULL);
}

static struct ast_value *computed_operand(struct json_reader *r, const struct json_node *n,
					  const struct json_types *types)
{
	(void)types;
	return json_computed(r, n);
}

struct ast_value *json_computed(struct json_reader *r, const struct json_node *n)
{
	static const char *const fields[] = { "payload", "meta", "ct", "socket", "fib", NULL };
	const struct json_node *m = n->kind == NODE_OBJECT && n->n_items == 1 ? n->items : NULL;
	int op = m ? json_operator_of(m->key) : -1;

	if (m && node_find(fields, m->key) >= 0)
		return json_key(r, n);
	if (op < 0)
		return json_mapped(r, n);
	if (json_need_operands(r, m))
		return NULL;
	return json_binary(r, m, (enum ast_binary)op, json_computed(r, m->items), m->items->next, NULL,
			   computed_operand);
}
