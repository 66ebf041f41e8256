/* SPDX-License-Identifier: GPL-2.0-only */
/* json_read_block.c - tables, chains, sets, maps, counters, limits, rules: what
 * names them, and what they consist of. */
#include <grammar/json_read.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>

/* Members of all kinds of objects; which ones a kind has is in 'kinds'. */
enum {
	M_FAMILY,
	M_TABLE,
	M_NAME,
	M_HANDLE,
	M_OWN /* those of the kind */
};
#define COMMON "family", "table", "name", "handle"

static const char *const targets[] = {
	[TARGET_RULESET] = "ruleset", [TARGET_TABLE] = "table",
	[TARGET_CHAIN] = "chain",     [TARGET_RULE] = "rule",
	[TARGET_SET] = "set",	      [TARGET_MAP] = "map",
	[TARGET_ELEMENT] = "element", [TARGET_COUNTER] = "counter",
	[TARGET_LIMIT] = "limit",     NULL,
};

int json_target_of(const char *key)
{
	for (int i = 0; targets[i]; i++)
		if (!strcmp(targets[i], key))
			return i;
	return -1;
}

static struct span whole_span(const struct json_node *n)
{
	return (struct span){ n->key_span.at, n->span.end };
}

/* ---- what names it ---- */

static int read_family(struct json_reader *r, const struct json_node *n, struct json_object *o)
{
	static const char *const families[] = {
		[AST_IP] = "ip", [AST_IP6] = "ip6", [AST_INET] = "inet", [AST_NETDEV] = "netdev", NULL
	};
	int family;

	if (n->kind == NODE_STRING && (!strcmp(n->text, "arp") || !strcmp(n->text, "bridge")))
		return diag_error(r->diag, DIAG_UNSUPPORTED, n->span,
				  "family '%s' is not supported: only 'ip', 'ip6', 'inet' and 'netdev' are; keep the "
				  "table in nft",
				  n->text);
	family = node_word(r, n, families, "family");
	o->family = (enum ast_family)family;
	return family < 0 ? -1 : 0;
}

/* Takes a name with its place, unless there is none. */
static int take_name(struct json_reader *r, const struct json_node *n, const char **name, struct span *at)
{
	if (!n)
		return 0;
	*at = n->span;
	*name = node_name(r, n);
	return *name ? 0 : -1;
}

static int read_handle(struct json_reader *r, const struct json_node *n, bool *has, uint64_t *handle, struct span *at)
{
	if (!n)
		return 0;
	*has = true;
	*at = n->span;
	return node_number(r, n, UINT64_MAX, handle);
}

static int read_common(struct json_reader *r, const struct json_node *const *m, struct json_object *o)
{
	bool table = o->target == TARGET_TABLE;

	if (node_need(r, o->node, m[M_FAMILY], "family") || read_family(r, m[M_FAMILY], o) ||
	    (!table && node_need(r, o->node, m[M_TABLE], "table")) ||
	    take_name(r, m[table ? M_NAME : M_TABLE], &o->table, &o->table_span) ||
	    (!table && take_name(r, m[M_NAME], &o->name, &o->name_span)))
		return -1;
	return read_handle(r, m[M_HANDLE], &o->has_handle, &o->handle, &o->handle_span);
}

/* Something to be added has a name; anything else may be known by its handle. */
static int need_name(struct json_reader *r, const struct json_object *o, const struct json_node *name, bool whole)
{
	return !whole && o->has_handle ? 0 : node_need(r, o->node, name, "name");
}

/* ---- tables ---- */

static int read_table(struct json_reader *r, bool whole, struct json_object *o)
{
	static const char *const keys[] = { COMMON, "comment", "flags", NULL };
	const struct json_node *m[M_OWN + 2];

	if (node_members(r, o->node, keys, m))
		return -1;
	if (m[M_TABLE])
		return diag_error(r->diag, DIAG_JSON_KEY, m[M_TABLE]->key_span,
				  "unknown member 'table' of 'table', its name is 'name'");
	if (m[M_OWN + 1])
		return json_refuse(r, m[M_OWN + 1], "flags dormant", "member");
	if (read_common(r, m, o) || need_name(r, o, m[M_NAME], whole))
		return -1;
	if (!whole)
		return 0;
	o->block = arena_make(r->arena, struct ast_table);
	o->block->span = whole_span(o->node);
	o->block->family = o->family;
	o->block->name = o->table;
	o->block->name_span = o->table_span;
	if (m[M_OWN] && !(o->block->comment = node_comment(r, m[M_OWN])))
		return -1;
	return 0;
}

/* ---- chains ---- */

enum { C_COMMENT = M_OWN, C_NEWNAME, C_TYPE, C_HOOK, C_PRIO, C_DEV, C_POLICY, C_COUNT };
static const char *const chain_keys[] = { COMMON, "comment", "newname", "type", "hook", "prio", "dev", "policy", NULL };

static int read_type(struct json_reader *r, const struct json_node *n)
{
	const char *type = node_text(r, n);

	if (!type || !strcmp(type, "filter"))
		return type ? 0 : -1;
	if (!strcmp(type, "nat") || !strcmp(type, "route"))
		return diag_error(r->diag, DIAG_UNSUPPORTED, n->span,
				  "chain type '%s' is not supported: keep the chain in nft; only 'filter' is allowed",
				  type);
	return diag_error(r->diag, DIAG_UNKNOWN_HOOK, n->span, "unknown chain type '%s', only 'filter' is allowed",
			  type);
}

static int read_hook(struct json_reader *r, const struct json_node *n, enum ast_hook *ret)
{
	static const char *const of_nft[] = { "input", "forward", "output", "postrouting", NULL };
	static const enum ast_hook hooks[] = { HOOK_INGRESS, HOOK_PREROUTING, HOOK_EGRESS };
	const char *hook = node_text(r, n);

	if (!hook)
		return -1;
	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (!strcmp(hook, ast_hook_name(*ret = hooks[i])))
			return 0;
	for (size_t i = 0; of_nft[i]; i++)
		if (!strcmp(hook, of_nft[i]))
			return diag_error(r->diag, DIAG_UNSUPPORTED, n->span,
					  "hook '%s' is not supported: zfwc sees packets at the interfaces; use "
					  "'ingress', 'prerouting' or 'egress', or keep the chain in nft",
					  hook);
	return diag_error(r->diag, DIAG_UNKNOWN_HOOK, n->span,
			  "unknown hook '%s', only 'ingress', 'prerouting' and 'egress' are allowed", hook);
}

static int read_devices(struct json_reader *r, const struct json_node *n, struct ast_value **ret)
{
	static const struct json_types types = { .n = 1, .v = { TYPE_IFNAME } };
	struct ast_value *set = json_new_value(r, n, VALUE_SET), **end = &set->items;

	for (const struct json_node *i = node_first(n); i; i = node_next(n, i)) {
		if (!node_text(r, i))
			return -1;
		*end = json_constant(r, i, &types);
		if (!*end)
			return -1;
		end = &(*end)->next;
	}
	if (!set->items)
		return diag_error(r->diag, DIAG_EMPTY_SET, n->span, "'dev' names no interface");
	*ret = set->items->next ? set : set->items;
	return 0;
}

static int read_priority(struct json_reader *r, const struct json_node *n, struct ast_chain *c)
{
	int64_t number;

	if (n->kind != NODE_NUMBER || n->fraction)
		return node_wrong_kind(r, n, "a whole number");
	if (n->number > INT32_MAX)
		return diag_error(r->diag, DIAG_OUT_OF_RANGE, n->span,
				  "priority is out of range, at most %d is allowed", INT32_MAX);
	number = (int64_t)n->number;
	c->priority_span = n->span;
	c->priority_base = json_new_value(r, n, VALUE_NUMBER);
	if (n->negative)
		c->priority_offset = -number;
	else
		c->priority_base->number = n->number;
	return 0;
}

static int read_policy(struct json_reader *r, const struct json_node *n, struct ast_chain *c)
{
	static const char *const policies[] = { [VERDICT_ACCEPT] = "accept", [VERDICT_DROP] = "drop", NULL };
	int policy = node_word(r, n, policies, "policy");

	c->has_policy = true;
	c->policy_span = n->span;
	c->policy = (enum ast_verdict)policy;
	return policy < 0 ? -1 : 0;
}

/* "type", "hook" and "prio" go together. */
static int read_base_chain(struct json_reader *r, const struct json_node *object, const struct json_node *const *m,
			   struct ast_chain *c)
{
	if (m[C_POLICY] && read_policy(r, m[C_POLICY], c))
		return -1;
	if (!m[C_TYPE] && !m[C_HOOK] && !m[C_PRIO]) {
		if (m[C_DEV])
			return node_need(r, object, NULL, "hook");
		return 0;
	}
	if (node_need(r, object, m[C_TYPE], "type") || node_need(r, object, m[C_HOOK], "hook") ||
	    node_need(r, object, m[C_PRIO], "prio"))
		return -1;
	c->is_base = true;
	c->hook_span = m[C_HOOK]->span;
	return read_type(r, m[C_TYPE]) || read_hook(r, m[C_HOOK], &c->hook) || read_priority(r, m[C_PRIO], c) ||
			       (m[C_DEV] && read_devices(r, m[C_DEV], &c->devices))
		       ? -1
		       : 0;
}

static int read_chain(struct json_reader *r, bool whole, struct json_object *o)
{
	const struct json_node *m[C_COUNT];
	struct ast_chain *c = arena_make(r->arena, struct ast_chain);

	if (node_members(r, o->node, chain_keys, m) || read_common(r, m, o) || need_name(r, o, m[M_NAME], whole) ||
	    take_name(r, m[C_NEWNAME], &o->new_name, &o->new_name_span))
		return -1;
	if (!whole)
		return 0;
	o->chain = c;
	c->span = whole_span(o->node);
	c->name = o->name;
	c->name_span = o->name_span;
	if (m[C_COMMENT] && !(c->comment = node_comment(r, m[C_COMMENT])))
		return -1;
	return read_base_chain(r, o->node, m, c);
}

/* ---- rules ---- */

static int check_source(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "file", "line", NULL };
	const struct json_node *m[2];
	uint64_t line;

	if (node_members(r, n, keys, m) || (m[0] && !node_text(r, m[0])) ||
	    (m[1] && node_number(r, m[1], UINT32_MAX, &line)))
		return -1;
	return 0;
}

static int read_rule(struct json_reader *r, bool whole, struct json_object *o)
{
	enum { R_CHAIN = M_NAME, R_COMMENT = M_OWN, R_INDEX, R_EXPR, R_SOURCE, R_COUNT };
	static const char *const keys[] = { "family", "table", "chain",	 "handle", "comment",
					    "index",  "expr",  "source", NULL };
	const struct json_node *m[R_COUNT];
	struct ast_rule *rule = arena_make(r->arena, struct ast_rule);

	if (node_members(r, o->node, keys, m) || read_common(r, m, o) || node_need(r, o->node, m[R_CHAIN], "chain") ||
	    read_handle(r, m[R_INDEX], &o->has_index, &o->index, &o->index_span) ||
	    (m[R_SOURCE] && check_source(r, m[R_SOURCE])))
		return -1;
	if (!whole)
		return 0;
	o->rule = rule;
	rule->span = whole_span(o->node);
	if (m[R_COMMENT]) {
		rule->comment_span = m[R_COMMENT]->span;
		rule->comment = node_comment(r, m[R_COMMENT]);
		if (!rule->comment)
			return -1;
	}
	if (node_need(r, o->node, m[R_EXPR], "expr"))
		return -1;
	rule->stmts = json_statements(r, m[R_EXPR]);
	return rule->stmts ? 0 : -1;
}

/* ---- sets and maps ---- */

enum {
	S_COMMENT = M_OWN,
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
static const char *const set_keys[] = { COMMON,	      "comment", "type", "typeof",  "map",	   "map-typeof",
					"flags",      "policy",	 "elem", "timeout", "gc-interval", "size",
					"auto-merge", "dynamic", "stmt", NULL };

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

static int read_set(struct json_reader *r, bool whole, struct json_object *o)
{
	const struct json_node *m[S_COUNT];
	struct ast_set *s = arena_make(r->arena, struct ast_set);
	struct json_types types;

	if (node_members(r, o->node, set_keys, m) || read_common(r, m, o) || need_name(r, o, m[M_NAME], whole))
		return -1;
	if (!whole)
		return 0;
	o->set = s;
	s->span = whole_span(o->node);
	s->name = o->name;
	s->name_span = o->name_span;
	if (read_set_types(r, o, m, s) || read_set_details(r, m, s))
		return -1;
	types = element_types(s);
	return m[S_ELEM] ? json_elements(r, m[S_ELEM], &types, &s->elements) : 0;
}

static int read_element(struct json_reader *r, struct json_object *o)
{
	static const char *const keys[] = { COMMON, "elem", NULL };
	const struct json_node *m[M_OWN + 1];

	if (node_members(r, o->node, keys, m) || read_common(r, m, o) || node_need(r, o->node, m[M_NAME], "name") ||
	    node_need(r, o->node, m[M_OWN], "elem"))
		return -1;
	o->elements = json_new_value(r, m[M_OWN], VALUE_SET);
	return json_elements(r, m[M_OWN], NULL, &o->elements->items);
}

/* ---- counters and limits ---- */

static int read_stateful(struct json_reader *r, bool whole, struct json_object *o)
{
	enum { O_COMMENT = M_OWN, O_FIRST, O_COUNT = O_FIRST + 6 };
	static const char *const counter_keys[] = { COMMON, "comment", "packets", "bytes", NULL };
	static const char *const limit_keys[] = { COMMON, "comment", JSON_LIMIT_KEYS, NULL };
	bool counter = o->target == TARGET_COUNTER;
	const struct json_node *m[O_COUNT];
	struct ast_object *object = arena_make(r->arena, struct ast_object);

	if (node_members(r, o->node, counter ? counter_keys : limit_keys, m) || read_common(r, m, o) ||
	    need_name(r, o, m[M_NAME], whole))
		return -1;
	if (!whole)
		return 0;
	o->object = object;
	object->span = whole_span(o->node);
	object->kind = counter ? OBJECT_COUNTER : OBJECT_LIMIT;
	object->name = o->name;
	object->name_span = o->name_span;
	if (m[O_COMMENT] && !(object->comment = node_comment(r, m[O_COMMENT])))
		return -1;
	if (!counter)
		return json_limit(r, o->node, m + O_FIRST, &object->limit);
	return (m[O_FIRST] && node_number(r, m[O_FIRST], UINT64_MAX, &object->packets)) ||
			       (m[O_FIRST + 1] && node_number(r, m[O_FIRST + 1], UINT64_MAX, &object->bytes))
		       ? -1
		       : 0;
}

int json_object_read(struct json_reader *r, const struct json_node *n, bool whole, struct json_object *ret)
{
	int target = json_target_of(n->key);

	*ret = (struct json_object){ .node = n, .target = (enum ast_target)target };
	switch (target) {
	case TARGET_TABLE:
		return read_table(r, whole, ret);
	case TARGET_CHAIN:
		return read_chain(r, whole, ret);
	case TARGET_RULE:
		return read_rule(r, whole, ret);
	case TARGET_SET:
	case TARGET_MAP:
		return read_set(r, whole, ret);
	case TARGET_ELEMENT:
		return read_element(r, ret);
	case TARGET_COUNTER:
	case TARGET_LIMIT:
		return read_stateful(r, whole, ret);
	default:
		return json_refuse(r, n, n->key, "object");
	}
}
