/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/build.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/parser.h>

/* ---- what a command is about ---- */

struct ast_command *build_place(struct parser *p, const enum ast_family *family, const struct token *table)
{
	struct ast_command *c = arena_make(p->arena, struct ast_command);

	c->has_family = family;
	c->family = family ? *family : AST_IP;
	if (table) {
		c->table = text_of(p, table).text;
		c->table_span = table->span;
	}
	return c;
}

struct ast_command *build_place_name(struct parser *p, struct ast_command *c, const struct token *name)
{
	c->name = text_of(p, name).text;
	c->name_span = name->span;
	return c;
}

struct ast_command *build_handle(struct ast_command *c, const struct token *number)
{
	c->has_handle = true;
	c->handle = number->number;
	c->handle_span = number->span;
	return c;
}

struct ast_command *build_index(struct ast_command *c, const struct token *number)
{
	c->has_index = true;
	c->index = number->number;
	c->handle_span = number->span;
	return c;
}

/* ---- commands ---- */

void build_command(struct parser *p, struct span at, enum ast_verb verb, enum ast_target target, struct ast_command *c)
{
	c->verb = verb;
	c->target = target;
	c->span = at;
	add_item(p, at, ITEM_COMMAND)->command = c;
}

void build_rename(struct parser *p, struct span at, struct ast_command *c, const struct token *name)
{
	c->new_name = text_of(p, name).text;
	c->new_name_span = name->span;
	build_command(p, at, VERB_RENAME, TARGET_CHAIN, c);
}

void build_elements(struct parser *p, struct span at, enum ast_verb verb, struct ast_command *c,
		    struct ast_value *elements)
{
	c->elements = elements;
	build_command(p, at, verb, TARGET_ELEMENT, c);
}

void build_rule_command(struct parser *p, struct span at, enum ast_verb verb, struct ast_command *c,
			struct ast_rule *rule)
{
	if (verb == VERB_CREATE)
		diag_error(p->diag, DIAG_SYNTAX, at,
			   "rules have no names, so there is no 'create rule': write 'add rule'");
	c->rule = rule;
	if (rule)
		build_command(p, at, verb, TARGET_RULE, c);
}

/* ---- with a block ---- */

static void begin_added(struct parser *p, struct span at, enum ast_verb verb, enum ast_target target,
			struct ast_command *c)
{
	c->verb = verb;
	c->target = target;
	c->span = at;
	p->adding = add_item(p, at, ITEM_COMMAND);
	p->adding->command = c;
}

void end_added(struct parser *p, struct span at)
{
	if (!p->adding)
		return;
	p->adding->span = p->adding->command->span = at;
	p->adding = NULL;
}

void build_added_table(struct parser *p, struct span at, enum ast_verb verb, struct ast_command *c)
{
	struct ast_table *t = arena_make(p->arena, struct ast_table);

	begin_added(p, at, verb, TARGET_TABLE, c);
	t->span = at;
	t->family = c->family;
	t->name = c->table;
	t->name_span = c->table_span;
	c->block = t;
	enter_table(p, t);
}

void build_added_chain(struct parser *p, struct span at, enum ast_verb verb, struct ast_command *c)
{
	struct ast_chain *chain = arena_make(p->arena, struct ast_chain);

	begin_added(p, at, verb, TARGET_CHAIN, c);
	chain->span = at;
	chain->name = c->name;
	chain->name_span = c->name_span;
	c->chain = chain;
	enter_chain(p, chain);
}

void build_added_set(struct parser *p, struct span at, enum ast_verb verb, enum ast_target target,
		     struct ast_command *c)
{
	struct ast_set *set = arena_make(p->arena, struct ast_set);

	begin_added(p, at, verb, target, c);
	set->span = at;
	set->name = c->name;
	set->name_span = c->name_span;
	set->is_map = target == TARGET_MAP;
	c->set = set;
	enter_set(p, set);
}

void build_added_object(struct parser *p, struct span at, enum ast_verb verb, enum ast_target target,
			struct ast_command *c)
{
	struct ast_object *o = arena_make(p->arena, struct ast_object);

	begin_added(p, at, verb, target, c);
	o->span = at;
	o->kind = target == TARGET_LIMIT ? OBJECT_LIMIT : OBJECT_COUNTER;
	o->name = c->name;
	o->name_span = c->name_span;
	c->object = o;
	enter_object(p, o);
}
