/* SPDX-License-Identifier: GPL-2.0-only */
/* json_read.c - commands, and the objects of what 'list' prints.
 *
 * An object without a command, as in a listing, belongs into the block of its
 * table when that stands before it, so that the tree is the one of the same
 * listing as text.  Everything else is a command. */
#include <grammar/parse.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/json_read.h>

#define SCHEMA_VERSION 1
#define MAX_TEXT       ((size_t)1 << 30)

static struct ast_item *add_item(struct json_reader *r, struct span at, enum ast_item_kind kind)
{
	struct ast_item *item = arena_make(r->arena, struct ast_item);

	item->span = at;
	item->kind = kind;
	*r->next_item = item;
	r->next_item = &item->next;
	return item;
}

/* ---- commands ---- */

static const char *const verbs[] = {
	[VERB_ADD] = "add",	    [VERB_CREATE] = "create", [VERB_INSERT] = "insert",
	[VERB_REPLACE] = "replace", [VERB_DELETE] = "delete", [VERB_DESTROY] = "destroy",
	[VERB_FLUSH] = "flush",	    [VERB_RENAME] = "rename", NULL,
};

static int verb_of(const char *key)
{
	for (int i = 0; verbs[i]; i++)
		if (!strcmp(verbs[i], key))
			return i;
	return -1;
}

static struct ast_command *add_command(struct json_reader *r, struct span at, enum ast_verb verb,
				       enum ast_target target)
{
	struct ast_command *c = arena_make(r->arena, struct ast_command);

	c->verb = verb;
	c->target = target;
	c->span = at;
	add_item(r, at, ITEM_COMMAND)->command = c;
	r->tables = (struct json_index){ 0 }; /* what follows is evaluated after it */
	return c;
}

static void command_of_object(struct json_reader *r, struct span at, enum ast_verb verb, const struct json_object *o)
{
	struct ast_command *c = add_command(r, at, verb, o->target);

	c->has_family = true;
	c->family = o->family;
	c->table = o->table;
	c->table_span = o->table_span;
	c->name = o->name;
	c->name_span = o->name_span;
	c->new_name = o->new_name;
	c->new_name_span = o->new_name_span;
	c->has_handle = o->has_handle;
	c->has_index = o->has_index;
	c->handle = o->handle;
	c->index = o->index;
	c->handle_span = o->has_handle ? o->handle_span : o->index_span;
	c->block = o->block;
	c->chain = o->chain;
	c->rule = o->rule;
	c->set = o->set;
	c->object = o->object;
	c->elements = o->elements;
}

/* {"flush": {"ruleset": null}}, or of one family */
static int flush_ruleset(struct json_reader *r, const struct json_node *n, struct span at)
{
	static const char *const keys[] = { "family", NULL };
	static const char *const families[] = {
		[AST_IP] = "ip", [AST_IP6] = "ip6", [AST_INET] = "inet", [AST_NETDEV] = "netdev", NULL
	};
	const struct json_node *family = NULL;
	struct ast_command *c;
	int which = 0;

	if (n->kind != NODE_NULL && node_members(r, n, keys, &family))
		return -1;
	if (family)
		which = node_word(r, family, families, "family");
	if (which < 0)
		return -1;
	c = add_command(r, at, VERB_FLUSH, TARGET_RULESET);
	c->has_family = family;
	c->family = (enum ast_family)which;
	return 0;
}

/* What each verb can be said of, as bits of enum ast_target. */
static unsigned int targets_of(enum ast_verb verb)
{
	switch (verb) {
	case VERB_INSERT:
	case VERB_REPLACE:
		return 1u << TARGET_RULE;
	case VERB_RENAME:
		return 1u << TARGET_CHAIN;
	case VERB_FLUSH:
		return 1u << TARGET_TABLE | 1u << TARGET_CHAIN | 1u << TARGET_SET | 1u << TARGET_MAP;
	default:
		return ~(1u << TARGET_RULESET);
	}
}

/* What the verb needs besides the object. */
static int check_command(struct json_reader *r, enum ast_verb verb, const struct json_object *o)
{
	bool rule = o->target == TARGET_RULE;

	if ((verb == VERB_REPLACE || (rule && (verb == VERB_DELETE || verb == VERB_DESTROY))) && !o->has_handle)
		return node_need(r, o->node, NULL, "handle");
	if (verb == VERB_RENAME)
		return node_need(r, o->node, o->new_name ? o->node : NULL, "newname");
	if (o->new_name)
		return diag_error(r->diag, DIAG_JSON_KEY, o->new_name_span, "'newname' is for 'rename' only");
	return 0;
}

static int read_command(struct json_reader *r, const struct json_node *n, enum ast_verb verb)
{
	const struct json_node *m = node_only_member(r, n, "the object of a command");
	bool whole = verb == VERB_ADD || verb == VERB_CREATE || verb == VERB_INSERT || verb == VERB_REPLACE;
	struct span at = { n->key_span.at, n->span.end };
	struct json_object o;

	if (!m)
		return -1;
	if (verb == VERB_FLUSH && !strcmp(m->key, "ruleset"))
		return flush_ruleset(r, m, at);
	if (json_target_of(m->key) >= 0 && !(targets_of(verb) & 1u << json_target_of(m->key)))
		return diag_error(r->diag, DIAG_JSON_SHAPE, m->key_span, "'%s' can't be said of a '%s'", verbs[verb],
				  m->key);
	if (json_object_read(r, m, whole, &o) || check_command(r, verb, &o))
		return -1;
	command_of_object(r, at, verb, &o);
	return 0;
}

/* ---- objects without a command ---- */

static const char *table_key(struct json_reader *r, const struct json_object *o)
{
	return arena_printf(r->arena, "%s %s", ast_family_name(o->family), o->table);
}

static void open_table(struct json_reader *r, const struct json_object *o)
{
	struct json_table *t = arena_make(r->arena, struct json_table);

	t->table = o->block;
	t->next_set = &o->block->sets;
	t->next_object = &o->block->objects;
	t->next_chain = &o->block->chains;
	json_index_add(&r->tables, r->arena, table_key(r, o), t);
	add_item(r, o->block->span, ITEM_TABLE)->table = o->block;
}

static void put_chain(struct json_reader *r, struct json_table *t, struct ast_chain *chain)
{
	struct json_chain *c = arena_make(r->arena, struct json_chain);

	c->chain = chain;
	c->next_rule = &chain->rules;
	*t->next_chain = chain;
	t->next_chain = &chain->next;
	json_index_add(&t->chains, r->arena, chain->name, c);
}

/* True if the object found its place in a block. */
static bool put_object(struct json_reader *r, struct json_table *t, const struct json_object *o)
{
	struct json_chain *c;

	switch (o->target) {
	case TARGET_CHAIN:
		if (json_index_find(&t->chains, o->name))
			return false;
		put_chain(r, t, o->chain);
		return true;
	case TARGET_RULE:
		c = o->has_index ? NULL : json_index_find(&t->chains, o->name);
		if (!c)
			return false;
		*c->next_rule = o->rule;
		c->next_rule = &o->rule->next;
		return true;
	case TARGET_SET:
	case TARGET_MAP:
		*t->next_set = o->set;
		t->next_set = &o->set->next;
		return true;
	case TARGET_COUNTER:
	case TARGET_LIMIT:
		*t->next_object = o->object;
		t->next_object = &o->object->next;
		return true;
	default:
		return false;
	}
}

static int read_listed(struct json_reader *r, const struct json_node *n)
{
	struct json_table *t;
	struct json_object o;

	if (json_object_read(r, n, true, &o))
		return -1;
	if (o.new_name)
		return diag_error(r->diag, DIAG_JSON_KEY, o.new_name_span, "'newname' is for 'rename' only");
	t = json_index_find(&r->tables, table_key(r, &o));
	if (o.target == TARGET_TABLE && !t) {
		open_table(r, &o);
		return 0;
	}
	if (t && put_object(r, t, &o))
		return 0;
	o.has_handle = false; /* of a listing: it says nothing about where to add it */
	command_of_object(r, (struct span){ n->key_span.at, n->span.end }, VERB_ADD, &o);
	return 0;
}

/* ---- the whole ---- */

static int read_metainfo(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "version", "release_name", "json_schema_version", NULL };
	const struct json_node *m[3];
	uint64_t version;

	if (node_members(r, n, keys, m) || (m[0] && !node_text(r, m[0])) || (m[1] && !node_text(r, m[1])) || !m[2])
		return 0;
	if (node_number(r, m[2], UINT64_MAX, &version))
		return -1;
	return version <= SCHEMA_VERSION ? 0
					 : diag_error(r->diag, DIAG_UNSUPPORTED, m[2]->span,
						      "JSON schema version %llu is not known, only version %d is",
						      (unsigned long long)version, SCHEMA_VERSION);
}

static int read_item(struct json_reader *r, const struct json_node *n)
{
	const struct json_node *m = node_only_member(r, n, "a command or an object of a listing");
	const char *guess;

	if (!m)
		return -1;
	if (!strcmp(m->key, "metainfo"))
		return read_metainfo(r, m);
	if (verb_of(m->key) >= 0)
		return read_command(r, m, (enum ast_verb)verb_of(m->key));
	if (json_target_of(m->key) > TARGET_RULESET)
		return read_listed(r, m);
	json_refuse(r, m, m->key, "command");
	guess = diag_suggest(m->key, verbs, sizeof(verbs) / sizeof(*verbs) - 1);
	if (guess)
		diag_did_you_mean(r->diag, m->key_span, guess, SPAN_NONE);
	return -1;
}

static void read_whole(struct json_reader *r, const struct json_node *root)
{
	static const char *const keys[] = { "nftables", NULL };
	const struct json_node *list;

	if (node_members(r, root, keys, &list) || node_need(r, root, list, "nftables"))
		return;
	if (list->kind != NODE_ARRAY) {
		node_wrong_kind(r, list, "an array");
		return;
	}
	for (const struct json_node *i = list->items; i; i = i->next)
		if (read_item(r, i))
			r->ast->dropped++;
}

struct ast *json_parse_source(size_t source, struct sources *sources, struct diag *d, struct arena *a)
{
	const struct source *src = &sources->v[source];
	struct json_reader r = { .arena = a, .diag = d, .ast = arena_make(a, struct ast) };
	const struct json_node *root;

	if (src->len > MAX_TEXT) {
		diag_error(d, DIAG_TOO_LARGE, SPAN_NONE, "'%s' is too large, at most 1 GiB is allowed", src->name);
		return r.ast;
	}
	r.next_item = &r.ast->items;
	words_init(&r.words, a);
	root = json_text_parse(src, d, a);
	if (root)
		read_whole(&r, root);
	return r.ast;
}

bool json_source_begins(const struct source *source)
{
	return json_text_begins(source->text, source->len);
}
