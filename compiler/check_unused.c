/* SPDX-License-Identifier: GPL-2.0-only */
/* check_unused.c - names that nothing refers to.
 *
 * Variables of included files and of the command line are for several rulesets:
 * not each of them uses all. */
#include <compiler/check.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/compile.h>
#include <compiler/table.h>
#include <grammar/ast.h>

static void check_table(struct check *c, const struct ast_table *t)
{
	for (const struct ast_set *s = t->sets; s; s = s->next)
		if (!s->used)
			diag_warning(c->d, s->is_map ? DIAG_UNUSED_MAP : DIAG_UNUSED_SET, s->name_span,
				     "no rule uses %s '%s'", s->is_map ? "map" : "set", s->name);
	for (const struct ast_object *o = t->objects; o; o = o->next)
		if (!o->used)
			diag_warning(c->d, DIAG_UNUSED_OBJECT, o->name_span, "no rule uses %s '%s'",
				     o->kind == OBJECT_COUNTER ? "counter" : "limit", o->name);
	for (const struct ast_chain *chain = t->chains; chain; chain = chain->next)
		if (!chain->is_base && !chain->used)
			diag_warning(c->d, DIAG_UNUSED_CHAIN, chain->name_span, "no rule jumps to chain '%s'",
				     chain->name);
}

/* ---- variables ---- */

static bool is_of_this_file(struct check *c, const struct ast_define *define)
{
	struct position p;

	return sources_locate(c->d->sources, define->name_span.at, &p) && !span_known(p.source->included_from) &&
	       strcmp(p.source->name, COMPILE_COMMAND_LINE);
}

/* One that is defined again is in use when one of its definitions is. */
static void note_used(struct table *used, const struct ast_define *define)
{
	for (; define; define = define->next)
		if (define->used)
			*table_at_word(used, define->name) = used;
}

static void say_unused(struct check *c, const struct table *used, const struct ast_define *define)
{
	for (; define; define = define->next)
		if (define->kind == DEFINE_NEW && !table_get_word(used, define->name) && is_of_this_file(c, define))
			diag_warning(c->d, DIAG_UNUSED_DEFINE, define->name_span, "nothing uses variable '%s'",
				     define->name);
}

static void check_scope(struct check *c, const struct ast_define *defines)
{
	struct table used = { .arena = c->a };

	note_used(&used, defines);
	say_unused(c, &used, defines);
}

static void check_defines(struct check *c, const struct ast *ast)
{
	struct table used = { .arena = c->a };

	for (const struct ast_item *i = ast->items; i; i = i->next)
		if (i->kind == ITEM_DEFINE)
			note_used(&used, i->define);
	for (const struct ast_item *i = ast->items; i; i = i->next) {
		if (i->kind == ITEM_DEFINE)
			say_unused(c, &used, i->define);
		if (i->kind != ITEM_TABLE)
			continue;
		check_scope(c, i->table->defines);
		for (const struct ast_chain *chain = i->table->chains; chain; chain = chain->next)
			check_scope(c, chain->defines);
	}
}

void check_unused(struct check *c, const struct ast *ast)
{
	for (const struct ast_table *t = c->rs->tables; t; t = t->next)
		check_table(c, t);
	check_defines(c, ast);
}
