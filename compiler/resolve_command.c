/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_command.c - commands, carried out one by one on what stands above them.
 *
 *	table ip t { chain c { accept } }	table ip t {
 *	insert rule ip t c drop		 ->		chain c { drop; accept } }
 *
 * Handles are those that the kernel gives in a table made by this text, so that
 * a command may use the number that a listing shows. */
#include <compiler/resolve.h>

#include <compiler/base/arena.h>

static bool creates(const struct ast_command *c)
{
	return c->verb == VERB_CREATE;
}

static void refuse_existing(struct resolve *r, struct span at, const struct known *first, const char *what)
{
	diag_error(r->d, DIAG_EXISTS, at, "%s '%s' exists already", what, first->name);
	diag_note(r->d, first->declared, "first declared here");
}

static bool refuse_used(struct resolve *r, const struct ast_command *c, const struct known *known, const void *target,
			const char *what)
{
	if (!known->uses)
		return false;
	diag_error(r->d, DIAG_IN_USE, span_known(c->name_span) ? c->name_span : c->handle_span,
		   "%s '%s' is in use, so it can't be deleted", what, known->name);
	if (resolve_may_suggest(r))
		diag_note(r->d, resolve_user(r, target), "it is used here");
	return true;
}

static bool enter_table(struct resolve *r, const struct ast_command *c)
{
	r->table = resolve_need_table(r, c->family, c->table, c->table_span);
	return r->table;
}

/* ---- add and create ---- */

static void add_table(struct resolve *r, const struct ast_command *c)
{
	struct known_table *known = resolve_find_table(r, c->family, c->table);
	struct ast_table bare = {
		.span = c->span,
		.name_span = c->table_span,
		.family = c->family,
		.name = c->table,
	};

	if (known && creates(c))
		refuse_existing(r, c->table_span, &known->known, "table");
	else
		resolve_block(r, c->block ? c->block : &bare);
}

static void add_chain(struct resolve *r, const struct ast_command *c)
{
	struct known_chain *known = resolve_find_chain(r, c->name);
	struct ast_chain *block = c->chain;

	if (known && creates(c)) {
		refuse_existing(r, c->name_span, &known->known, "chain");
		return;
	}
	if (!block) {
		block = arena_make(r->a, struct ast_chain);
		*block = (struct ast_chain){ .span = c->span, .name_span = c->name_span, .name = c->name };
	}
	resolve_chain_head(r, block);
	resolve_chain_rules(r, block);
}

static void add_set(struct resolve *r, const struct ast_command *c)
{
	struct known_set *known = resolve_find_set(r, c->name);

	if (!c->set)
		return; /* what is wrong with it has been said */
	if (known && creates(c)) {
		refuse_existing(r, c->name_span, &known->known, known->set->is_map ? "map" : "set");
		return;
	}
	resolve_declare_set(r, c->set);
	resolve_block_elements(r, c->set);
}

static enum ast_object_kind object_kind(const struct ast_command *c)
{
	return c->target == TARGET_COUNTER ? OBJECT_COUNTER : OBJECT_LIMIT;
}

static void add_object(struct resolve *r, const struct ast_command *c)
{
	struct known_object *known = resolve_find_object(r, object_kind(c), c->name);

	if (known && creates(c))
		refuse_existing(r, c->name_span, &known->known, resolve_object_word(known->object->kind));
	else if (c->object)
		resolve_declare_object(r, c->object);
}

static struct ast_value *items_of(const struct ast_command *c)
{
	return c->elements && c->elements->kind == VALUE_SET ? c->elements->items : c->elements;
}

static void add_elements(struct resolve *r, const struct ast_command *c)
{
	struct known_set *known = resolve_need_set(r, c->name, c->name_span, false);

	if (known)
		resolve_add_elements(r, known, items_of(c), creates(c));
}

/* ---- delete and destroy ---- */

static void unknown_handle(struct resolve *r, const struct ast_command *c, enum diag_code code, const char *what)
{
	if (!resolve_missing_ok(c))
		diag_error(r->d, code, c->handle_span, "no %s has handle %llu", what, (unsigned long long)c->handle);
}

static struct known_table *table_to_delete(struct resolve *r, const struct ast_command *c)
{
	if (!c->has_handle)
		return resolve_missing_ok(c) ? resolve_find_table(r, c->family, c->table)
					     : resolve_need_table(r, c->family, c->table, c->table_span);
	for (const struct ast_table *t = r->first; t; t = t->next) {
		struct known_table *known = resolve_find_table(r, t->family, t->name);

		if (t->handle == c->handle && t->family == c->family && known && known->table == t)
			return known;
	}
	unknown_handle(r, c, DIAG_UNKNOWN_TABLE, "table");
	return NULL;
}

static void delete_table(struct resolve *r, const struct ast_command *c)
{
	struct known_table *known = table_to_delete(r, c);

	if (known)
		known->known.gone = true;
}

static void delete_chain(struct resolve *r, const struct ast_command *c, struct known_chain *known)
{
	if (refuse_used(r, c, &known->known, known->chain, "chain"))
		return;
	resolve_flush_rules(r, known);
	known->known.gone = true;
}

static void delete_set(struct resolve *r, const struct ast_command *c, struct known_set *known)
{
	if (refuse_used(r, c, &known->known, known->set, known->set->is_map ? "map" : "set"))
		return;
	resolve_flush_elements(r, known);
	known->known.gone = true;
}

static void delete_object(struct resolve *r, const struct ast_command *c, struct known_object *known)
{
	if (!refuse_used(r, c, &known->known, known->object, resolve_object_word(known->object->kind)))
		known->known.gone = true;
}

static struct known_chain *chain_to_delete(struct resolve *r, const struct ast_command *c)
{
	struct known_chain *known;

	if (!c->has_handle)
		return resolve_missing_ok(c) ? resolve_find_chain(r, c->name)
					     : resolve_need_chain(r, c->name, c->name_span);
	for (const struct ast_chain *i = r->table->table->chains; i; i = i->next) {
		known = i->handle == c->handle ? resolve_find_chain(r, i->name) : NULL;
		if (known && known->chain == i)
			return known;
	}
	unknown_handle(r, c, DIAG_UNKNOWN_CHAIN, "chain");
	return NULL;
}

static struct known_set *set_to_delete(struct resolve *r, const struct ast_command *c)
{
	bool map = c->target == TARGET_MAP;
	struct known_set *known;

	if (!c->has_handle)
		return resolve_missing_ok(c) ? resolve_find_set(r, c->name)
					     : resolve_need_set(r, c->name, c->name_span, map);
	for (const struct ast_set *i = r->table->table->sets; i; i = i->next) {
		known = i->handle == c->handle ? resolve_find_set(r, i->name) : NULL;
		if (known && known->set == i)
			return known;
	}
	unknown_handle(r, c, map ? DIAG_UNKNOWN_MAP : DIAG_UNKNOWN_SET, map ? "map" : "set");
	return NULL;
}

static struct known_object *object_to_delete(struct resolve *r, const struct ast_command *c)
{
	enum ast_object_kind kind = object_kind(c);
	struct known_object *known;

	if (!c->has_handle)
		return resolve_missing_ok(c) ? resolve_find_object(r, kind, c->name)
					     : resolve_need_object(r, kind, c->name, c->name_span);
	for (const struct ast_object *i = r->table->table->objects; i; i = i->next) {
		known = i->handle == c->handle ? resolve_find_object(r, kind, i->name) : NULL;
		if (known && known->object == i)
			return known;
	}
	unknown_handle(r, c, DIAG_UNKNOWN_OBJECT, resolve_object_word(kind));
	return NULL;
}

static void delete_elements(struct resolve *r, const struct ast_command *c)
{
	struct known_set *known = resolve_missing_ok(c) ? resolve_find_set(r, c->name)
							: resolve_need_set(r, c->name, c->name_span, false);

	if (known)
		resolve_delete_elements(r, known, items_of(c), resolve_missing_ok(c));
}

static void delete_from_table(struct resolve *r, const struct ast_command *c)
{
	struct known_object *object;
	struct known_chain *chain;
	struct known_set *set;

	switch (c->target) {
	case TARGET_RULE:
		resolve_command_rule(r, c);
		break;
	case TARGET_ELEMENT:
		delete_elements(r, c);
		break;
	case TARGET_CHAIN:
		chain = chain_to_delete(r, c);
		if (chain)
			delete_chain(r, c, chain);
		break;
	case TARGET_SET:
	case TARGET_MAP:
		set = set_to_delete(r, c);
		if (set)
			delete_set(r, c, set);
		break;
	default:
		object = object_to_delete(r, c);
		if (object)
			delete_object(r, c, object);
	}
}

static void delete_any(struct resolve *r, const struct ast_command *c)
{
	if (c->target == TARGET_TABLE)
		delete_table(r, c);
	else if (resolve_missing_ok(c) && !resolve_find_table(r, c->family, c->table))
		return;
	else if (enter_table(r, c))
		delete_from_table(r, c);
}

/* ---- flush ---- */

static void flush_ruleset(struct resolve *r, const struct ast_command *c)
{
	struct ast_table **at = &r->first;
	struct known_table *known;

	while (*at) {
		if (c->has_family && (*at)->family != c->family) {
			at = &(*at)->next;
			continue;
		}
		known = resolve_find_table(r, (*at)->family, (*at)->name);
		if (known)
			known->known.gone = true;
		*at = (*at)->next;
	}
	r->end = at;
}

static void flush_chains(struct resolve *r)
{
	for (const struct ast_chain *c = r->table->table->chains; c; c = c->next) {
		struct known_chain *known = resolve_find_chain(r, c->name);

		if (known)
			resolve_flush_rules(r, known);
	}
}

static void flush(struct resolve *r, const struct ast_command *c)
{
	struct known_chain *chain;
	struct known_set *set;

	if (c->target == TARGET_RULESET) {
		flush_ruleset(r, c);
		return;
	}
	if (!enter_table(r, c))
		return;
	if (c->target == TARGET_TABLE) {
		flush_chains(r);
	} else if (c->target == TARGET_CHAIN) {
		chain = resolve_need_chain(r, c->name, c->name_span);
		if (chain)
			resolve_flush_rules(r, chain);
	} else {
		set = resolve_need_set(r, c->name, c->name_span, c->target == TARGET_MAP);
		if (set)
			resolve_flush_elements(r, set);
	}
}

/* ---- rename ---- */

static void rename_chain(struct resolve *r, const struct ast_command *c)
{
	struct known_chain *known, *other;

	if (!enter_table(r, c))
		return;
	known = resolve_need_chain(r, c->name, c->name_span);
	other = known ? resolve_find_chain(r, c->new_name) : NULL;
	if (other)
		refuse_existing(r, c->new_name_span, &other->known, "chain");
	else if (known)
		resolve_rename_chain(r, known, c->new_name);
}

/* ---- all of them ---- */

static void add(struct resolve *r, const struct ast_command *c)
{
	if (c->target == TARGET_TABLE) {
		add_table(r, c);
		return;
	}
	if (!enter_table(r, c))
		return;
	switch (c->target) {
	case TARGET_CHAIN:
		add_chain(r, c);
		break;
	case TARGET_RULE:
		resolve_command_rule(r, c);
		break;
	case TARGET_SET:
	case TARGET_MAP:
		add_set(r, c);
		break;
	case TARGET_ELEMENT:
		add_elements(r, c);
		break;
	case TARGET_COUNTER:
	case TARGET_LIMIT:
		add_object(r, c);
		break;
	case TARGET_RULESET:
	case TARGET_TABLE:
		break;
	}
}

void resolve_command(struct resolve *r, const struct ast_command *c)
{
	switch (c->verb) {
	case VERB_ADD:
	case VERB_CREATE:
	case VERB_INSERT:
	case VERB_REPLACE:
		add(r, c);
		break;
	case VERB_DELETE:
	case VERB_DESTROY:
		delete_any(r, c);
		break;
	case VERB_FLUSH:
		flush(r, c);
		break;
	case VERB_RENAME:
		rename_chain(r, c);
		break;
	}
}
