/* SPDX-License-Identifier: GPL-2.0-only */
/* json_read_set.c - sets, maps and their elements. */
#include <grammar/json_read.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>

enum {
	S_COMMENT = JSON_OWN,
	S_TYPE,
	S_TYPEOF,
	S_MAP,
	S_MAP_TYPEOF,
	S_FLAGS,
	S_POLICY,
	S_ELEM,
	S_TIMEOUT,
	S_GC,
	S_SIZE,
	S_AUTO_MERGE,
	S_DYNAMIC,
	S_STMT,
	S_COUNT
};
static const char *const set_keys[] = { JSON_COMMON_KEYS, "comment", "type", "typeof",	"map",	       "map-typeof",
					"flags",	  "policy",  "elem", "timeout", "gc-interval", "size",
					"auto-merge",	  "dynamic", "stmt", NULL };

static struct ast_value *type_word(struct json_reader *r, const struct json_node *n, const char *text, size_t len)
{
	struct ast_value *v = json_new_value(r, n, VALUE_WORD);

	v->text = arena_strndup(r->arena, text, len);
	return v;
}

/* "a", "a . b", or an array of those: words of a type, more than one as a VALUE_CONCAT. */
static struct ast_value *type_words(struct json_reader *r, const struct json_node *n)
{
	struct ast_value *all = json_new_value(r, n, VALUE_CONCAT), **end = &all->items;
	const char *text, *dot;

	for (const struct json_node *i = node_first(n); i; i = node_next(n, i)) {
		text = node_text(r, i);
		for (; text; text = dot ? dot + 3 : NULL) {
			dot = strstr(text, " . ");
			*end = type_word(r, i, text, dot ? (size_t)(dot - text) : strlen(text));
			end = &(*end)->next;
		}
		if (i->kind != NODE_STRING)
			return NULL;
	}
	if (all->items)
		return all->items->next ? all : all->items;
	diag_error(r->diag, DIAG_INCOMPLETE, node_place(n), "'%s' names no type", n->key);
	return NULL;
}

/* The type by words, or by what an expression has: {"typeof": ...}, or a member of its own beside it. */
static int read_type_of(struct json_reader *r, const struct json_node *type, const struct json_node *of,
			struct ast_value **words, struct ast_value **type_of)
{
	const struct json_node *inner = type->kind == NODE_OBJECT ? node_only_member(r, type, "a type") : NULL;

	if (type->kind == NODE_OBJECT) {
		if (!inner)
			return -1;
		if (strcmp(inner->key, "typeof") != 0)
			return json_refuse(r, inner, inner->key, "kind of type");
		if (of)
			return diag_error(r->diag, DIAG_GIVEN_TWICE, of->key_span, "the type is given already");
		of = inner;
	} else {
		*words = type_words(r, type);
		if (!*words)
			return -1;
	}
	if (!of)
		return 0;
	*words = NULL;
	*type_of = json_key(r, of);
	return *type_of ? 0 : -1;
}

/* What is known of the elements' strings. */
static struct json_types element_types(const struct ast_set *s)
{
	const struct ast_value *word = !s->type_words			     ? NULL
				       : s->type_words->kind == VALUE_CONCAT ? s->type_words->items
									     : s->type_words;
	struct json_types types = { 0 };

	if (s->type_of)
		return json_types_of(s->type_of);
	for (; word && types.n < AST_MAX_CONCAT; word = word->next)
		types.v[types.n++] = ast_type_by_name(word->text);
	return types;
}

static int read_flags(struct json_reader *r, const struct json_node *n, struct ast_set *s)
{
	static const char *const flags[] = { "constant", "interval", "timeout", "dynamic", NULL };
	bool *const slots[] = { &s->constant, &s->interval, &s->has_timeout_flag, &s->dynamic };

	s->flags_span = n->span;
	for (const struct json_node *i = node_first(n); i; i = node_next(n, i)) {
		int flag = node_word(r, i, flags, "flag of a set");

		if (flag < 0)
			return -1;
		*slots[flag] = true;
	}
	return 0;
}

/* [{"counter": null}] */
static int read_set_statements(struct json_reader *r, const struct json_node *n, struct ast_set *s)
{
	if (n->kind != NODE_ARRAY)
		return node_wrong_kind(r, n, "an array of statements");
	for (const struct json_node *i = n->items; i; i = i->next) {
		const struct json_node *m = node_only_member(r, i, "a statement");

		if (!m)
			return -1;
		if (strcmp(m->key, "counter") != 0)
			return diag_error(r->diag, DIAG_UNSUPPORTED, m->key_span,
					  "'%s' is not supported: elements can only have counters", m->key);
		if (m->kind != NODE_NULL && m->kind != NODE_OBJECT)
			return node_wrong_kind(r, m, "null");
		s->counter = true;
	}
	return 0;
}

static int read_set_policy(struct json_reader *r, const struct json_node *n, struct ast_set *s)
{
	static const char *const policies[] = { "performance", "memory", NULL };
	int policy = node_word(r, n, policies, "policy");

	s->policy_memory = policy > 0;
	return policy < 0 ? -1 : 0;
}

static int read_set_size(struct json_reader *r, const struct json_node *n, struct ast_set *s)
{
	if (node_number(r, n, UINT32_MAX, &s->size))
		return -1;
	return s->size ? 0 : diag_error(r->diag, DIAG_OUT_OF_RANGE, n->span, "size is out of range 1-%u", UINT32_MAX);
}

/* What isn't the type nor the elements. */
static int read_set_details(struct json_reader *r, const struct json_node *const *m, struct ast_set *s)
{
	if (m[S_COMMENT] && !(s->comment = node_comment(r, m[S_COMMENT])))
		return -1;
	if (m[S_POLICY] && read_set_policy(r, m[S_POLICY], s))
		return -1;
	if ((m[S_FLAGS] && read_flags(r, m[S_FLAGS], s)) ||
	    (m[S_TIMEOUT] && node_milliseconds(r, m[S_TIMEOUT], &s->timeout)) ||
	    (m[S_GC] && node_milliseconds(r, m[S_GC], &s->gc_interval)) ||
	    (m[S_SIZE] && read_set_size(r, m[S_SIZE], s)) ||
	    (m[S_AUTO_MERGE] && node_truth(r, m[S_AUTO_MERGE], &s->auto_merge)) ||
	    (m[S_DYNAMIC] && node_truth(r, m[S_DYNAMIC], &s->dynamic)) ||
	    (m[S_STMT] && read_set_statements(r, m[S_STMT], s)))
		return -1;
	return 0;
}

static int read_set_types(struct json_reader *r, const struct json_object *o, const struct json_node *const *m,
			  struct ast_set *s)
{
	if (node_need(r, o->node, m[S_TYPE], "type") ||
	    read_type_of(r, m[S_TYPE], m[S_TYPEOF], &s->type_words, &s->type_of))
		return -1;
	s->type_span = m[S_TYPE]->span;
	s->is_map = o->target == TARGET_MAP;
	if (!s->is_map && (m[S_MAP] || m[S_MAP_TYPEOF]))
		return diag_error(r->diag, DIAG_JSON_KEY, (m[S_MAP] ? m[S_MAP] : m[S_MAP_TYPEOF])->key_span,
				  "a set maps to nothing, with '%s' it is a 'map'",
				  (m[S_MAP] ? m[S_MAP] : m[S_MAP_TYPEOF])->key);
	if (!s->is_map)
		return 0;
	if (node_need(r, o->node, m[S_MAP], "map"))
		return -1;
	return read_type_of(r, m[S_MAP], m[S_MAP_TYPEOF], &s->data_words, &s->data_type_of);
}

int json_read_set(struct json_reader *r, bool whole, struct json_object *o)
{
	const struct json_node *m[S_COUNT];
	struct ast_set *s = arena_make(r->arena, struct ast_set);
	struct json_types types;

	if (node_members(r, o->node, set_keys, m) || json_read_common(r, m, whole, o))
		return -1;
	if (!whole)
		return 0;
	o->set = s;
	s->span = json_whole_span(o->node);
	s->name = o->name;
	s->name_span = o->name_span;
	if (read_set_types(r, o, m, s) || read_set_details(r, m, s))
		return -1;
	types = element_types(s);
	return m[S_ELEM] ? json_elements(r, m[S_ELEM], &types, &s->elements) : 0;
}

int json_read_element(struct json_reader *r, struct json_object *o)
{
	static const char *const keys[] = { JSON_COMMON_KEYS, "elem", NULL };
	const struct json_node *m[JSON_OWN + 1];

	if (node_members(r, o->node, keys, m) || json_read_common(r, m, true, o) ||
	    node_need(r, o->node, m[JSON_OWN], "elem"))
		return -1;
	o->elements = json_new_value(r, m[JSON_OWN], VALUE_SET);
	return json_elements(r, m[JSON_OWN], NULL, &o->elements->items);
}
