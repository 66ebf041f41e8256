/* SPDX-License-Identifier: GPL-2.0-only */
/* json_read_block.c - tables, chains, sets, maps, counters, limits, rules: what
 * names them, and what they consist of. */
#include <grammar/json_read.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>

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

struct span json_whole_span(const struct json_node *n)
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

/* Something to be added has a name; anything else may be known by its handle. */
static const char *name_key(const struct json_object *o, bool whole)
{
	if (o->target == TARGET_RULE)
		return "chain";
	return !whole && o->has_handle && o->target != TARGET_ELEMENT ? NULL : "name";
}

int json_read_common(struct json_reader *r, const struct json_node *const *member, bool whole, struct json_object *o)
{
	bool table = o->target == TARGET_TABLE;

	if (node_need(r, o->node, member[JSON_FAMILY], "family") || read_family(r, member[JSON_FAMILY], o) ||
	    (!table && node_need(r, o->node, member[JSON_TABLE], "table")) ||
	    take_name(r, member[table ? JSON_NAME : JSON_TABLE], &o->table, &o->table_span) ||
	    (!table && take_name(r, member[JSON_NAME], &o->name, &o->name_span)) ||
	    read_handle(r, member[JSON_HANDLE], &o->has_handle, &o->handle, &o->handle_span))
		return -1;
	return name_key(o, whole) ? node_need(r, o->node, member[JSON_NAME], name_key(o, whole)) : 0;
}

/* ---- tables ---- */

static int read_table(struct json_reader *r, bool whole, struct json_object *o)
{
	static const char *const keys[] = { JSON_COMMON_KEYS, "comment", "flags", NULL };
	const struct json_node *m[JSON_OWN + 2];

	if (node_members(r, o->node, keys, m))
		return -1;
	if (m[JSON_TABLE])
		return diag_error(r->diag, DIAG_JSON_KEY, m[JSON_TABLE]->key_span,
				  "unknown member 'table' of 'table', its name is 'name'");
	if (m[JSON_OWN + 1])
		return json_refuse(r, m[JSON_OWN + 1], "flags dormant", "member");
	if (json_read_common(r, m, whole, o))
		return -1;
	if (!whole)
		return 0;
	o->block = arena_make(r->arena, struct ast_table);
	o->block->span = json_whole_span(o->node);
	o->block->family = o->family;
	o->block->name = o->table;
	o->block->name_span = o->table_span;
	if (m[JSON_OWN] && !(o->block->comment = node_comment(r, m[JSON_OWN])))
		return -1;
	return 0;
}

/* ---- chains ---- */

enum { C_COMMENT = JSON_OWN, C_NEWNAME, C_TYPE, C_HOOK, C_PRIO, C_DEV, C_POLICY, C_COUNT };
static const char *const chain_keys[] = { JSON_COMMON_KEYS, "comment", "newname", "type", "hook",
					  "prio",	    "dev",     "policy",  NULL };

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

	if (node_members(r, o->node, chain_keys, m) || json_read_common(r, m, whole, o) ||
	    take_name(r, m[C_NEWNAME], &o->new_name, &o->new_name_span))
		return -1;
	if (!whole)
		return 0;
	o->chain = c;
	c->span = json_whole_span(o->node);
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
	enum { R_CHAIN = JSON_NAME, R_COMMENT = JSON_OWN, R_INDEX, R_EXPR, R_SOURCE, R_COUNT };
	static const char *const keys[] = { "family", "table", "chain",	 "handle", "comment",
					    "index",  "expr",  "source", NULL };
	const struct json_node *m[R_COUNT];
	struct ast_rule *rule = arena_make(r->arena, struct ast_rule);

	if (node_members(r, o->node, keys, m) || json_read_common(r, m, whole, o) ||
	    read_handle(r, m[R_INDEX], &o->has_index, &o->index, &o->index_span) ||
	    (m[R_SOURCE] && check_source(r, m[R_SOURCE])))
		return -1;
	if (!whole)
		return 0;
	o->rule = rule;
	rule->span = json_whole_span(o->node);
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

/* ---- counters and limits ---- */

static int read_stateful(struct json_reader *r, bool whole, struct json_object *o)
{
	enum { O_COMMENT = JSON_OWN, O_FIRST, O_COUNT = O_FIRST + 6 };
	static const char *const counter_keys[] = { JSON_COMMON_KEYS, "comment", "packets", "bytes", NULL };
	static const char *const limit_keys[] = { JSON_COMMON_KEYS, "comment", JSON_LIMIT_KEYS, NULL };
	bool counter = o->target == TARGET_COUNTER;
	const struct json_node *m[O_COUNT];
	struct ast_object *object = arena_make(r->arena, struct ast_object);

	if (node_members(r, o->node, counter ? counter_keys : limit_keys, m) || json_read_common(r, m, whole, o))
		return -1;
	if (!whole)
		return 0;
	o->object = object;
	object->span = json_whole_span(o->node);
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
		return json_read_set(r, whole, ret);
	case TARGET_ELEMENT:
		return json_read_element(r, ret);
	case TARGET_COUNTER:
	case TARGET_LIMIT:
		return read_stateful(r, whole, ret);
	default:
		return json_refuse(r, n, n->key, "object");
	}
}
