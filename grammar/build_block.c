/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/build.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/parser.h>

/* ---- the top ---- */

struct ast_item *add_item(struct parser *p, struct span at, enum ast_item_kind kind)
{
	struct ast_item *item = arena_make(p->arena, struct ast_item);

	item->span = at;
	item->kind = kind;
	*p->next_item = item;
	p->next_item = &item->next;
	return item;
}

/* A define in a set block belongs to the table, as in nft. */
void build_define(struct parser *p, struct span at, enum ast_define_kind kind, const struct token *name,
		  struct ast_value *value)
{
	struct ast_define *d = arena_make(p->arena, struct ast_define);

	d->span = at;
	d->name_span = name->span;
	d->kind = kind;
	d->name = text_of(p, name).text;
	d->value = value;
	d->order = ++p->order;
	if (p->chain) {
		*p->next_chain_define = d;
		p->next_chain_define = &d->next;
	} else if (p->table) {
		*p->next_table_define = d;
		p->next_table_define = &d->next;
	} else {
		add_item(p, at, ITEM_DEFINE)->define = d;
	}
}

/* ---- all blocks ---- */

void set_comment(struct parser *p, const char **slot, const struct word_text *comment)
{
	if (*slot)
		diag_error(p->diag, DIAG_GIVEN_TWICE, comment->span, "this block has a comment already");
	*slot = build_comment(p, comment);
}

void set_name(struct parser *p, const struct token *name, const char **ret, struct span *at)
{
	*ret = name ? text_of(p, name).text : "";
	*at = name ? name->span : SPAN_NONE;
}

static void needs_block(struct parser *p, struct span at, const char *what, const char *name)
{
	if (*name && p->diag->errors == p->errors_before)
		diag_error(p->diag, DIAG_INCOMPLETE, at, "%s '%s' has no '{ }'", what, name);
}

void build_without_block(struct parser *p, struct span at)
{
	if (p->chain) {
		needs_block(p, at, "chain", p->chain->name);
		build_chain_end(p, at);
	} else if (p->set) {
		needs_block(p, at, p->set->is_map ? "map" : "set", p->set->name);
		build_set_end(p, at);
	} else {
		needs_block(p, at, p->object->kind == OBJECT_LIMIT ? "limit" : "counter", p->object->name);
		build_object_end(p, at);
	}
}

/* ---- tables ---- */

void enter_table(struct parser *p, struct ast_table *t)
{
	p->table = t;
	p->next_table_define = &t->defines;
	p->next_set = &t->sets;
	p->next_object = &t->objects;
	p->next_chain = &t->chains;
}

void build_table(struct parser *p, struct span at, enum ast_family family, const struct token *name)
{
	struct ast_table *t = arena_make(p->arena, struct ast_table);

	t->span = at;
	t->family = family;
	set_name(p, name, &t->name, &t->name_span);
	if (name) {
		p->table_item = add_item(p, at, ITEM_TABLE);
		p->table_item->table = t;
	}
	enter_table(p, t);
}

void build_table_comment(struct parser *p, const struct word_text *comment)
{
	set_comment(p, &p->table->comment, comment);
}

void build_table_end(struct parser *p, struct span at)
{
	p->table->span = at;
	if (p->table_item)
		p->table_item->span = at;
	p->table = NULL;
	p->table_item = NULL;
	end_added(p, at);
}
