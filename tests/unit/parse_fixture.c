/* SPDX-License-Identifier: GPL-2.0-only */
#include "parse_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <grammar/ast.h>
#include <grammar/parse.h>

static int read_text_file(void *ctx, const char *pattern,
			  int (*add)(void *add_ctx, const char *name, const char *text, size_t len), void *add_ctx)
{
	for (const struct text_file *f = ctx; f && f->name; f++) {
		if (!strcmp(f->name, pattern)) {
			int r = add(add_ctx, f->name, f->text, strlen(f->text));

			return r ? r : 1;
		}
	}
	return -ENOENT;
}

void parse_named(struct parsed *p, const char *name, const char *text, size_t len, const struct include_reader *reader)
{
	*p = (struct parsed){ .arena = arena_new() };
	p->sources.arena = p->diag.arena = p->arena;
	p->diag.sources = &p->sources;
	p->diag.max_errors = 100;
	/* A copy that ends where the text ends, so that reading beyond it is noticed. */
	assert_non_null(sources_add(&p->sources, name, arena_strndup(p->arena, text, len), len, SPAN_NONE));
	p->ast = parse_source(0, &p->sources, reader, &p->diag, p->arena);
	assert_non_null(p->ast);
}

void parse_text(struct parsed *p, const char *text, size_t len, const struct text_file *files)
{
	struct include_reader reader = { .read = read_text_file, .ctx = (void *)files };

	parse_named(p, "t.nft", text, len, &reader);
}

void parsed_free(struct parsed *p)
{
	arena_free(&p->arena);
}

static const char *text_of(const struct buf *b)
{
	return b->text ? b->text : "";
}

const char *parsed_messages(struct parsed *p)
{
	struct buf b = { .arena = p->arena };

	diag_print(&p->diag, &b);
	return text_of(&b);
}

const char *parsed_dump(struct parsed *p)
{
	struct buf b = { .arena = p->arena };

	ast_dump(p->ast, &p->sources, &b);
	return text_of(&b);
}

const char *parsed_tokens(struct parsed *p)
{
	struct diag d = { .arena = p->arena, .sources = &p->sources };
	struct buf b = { .arena = p->arena };

	scan_dump(0, &p->sources, &d, p->arena, &b);
	return text_of(&b);
}

/* ---- spans ---- */

/* In one text, and when the node around it begins in the same text, within it. */
static void check_span(struct parsed *p, struct span span, struct span around)
{
	struct position at, end;

	assert_true(span.at <= span.end);
	assert_true(sources_locate(&p->sources, span.at, &at));
	assert_true(sources_locate(&p->sources, span.end, &end));
	assert_ptr_equal(at.source, end.source);
	if (!span_known(around) || !sources_locate(&p->sources, around.at, &end) || at.source != end.source)
		return;
	assert_true(span.at >= around.at && span.end <= around.end);
}

struct within {
	struct parsed *p;
	struct span around;
};

static bool check_value(const struct ast_value *v, void *ctx)
{
	const struct within *w = ctx;

	check_span(w->p, v->span, w->around);
	return ast_each_part(v, check_value, &(struct within){ w->p, v->span });
}

static void check_values(struct parsed *p, const struct ast_value *v, struct span around)
{
	for (; v; v = v->next)
		check_value(v, &(struct within){ p, around });
}

static void check_stmt(struct parsed *p, const struct ast_stmt *s, struct span around)
{
	check_span(p, s->span, around);
	if (s->kind == STMT_MATCH)
		check_span(p, s->match.field_span, s->span);
	if (s->kind == STMT_VERDICT && s->verdict.chain)
		check_span(p, s->verdict.chain_span, s->span);
	if (s->kind == STMT_LOG && s->log.prefix)
		check_span(p, s->log.prefix_span, s->span);
	ast_each_value(s, check_value, &(struct within){ p, s->span });
}

static void check_defines(struct parsed *p, const struct ast_define *d, struct span around)
{
	for (; d; d = d->next) {
		check_span(p, d->span, around);
		check_span(p, d->name_span, d->span);
		check_values(p, d->value, d->span);
	}
}

static void check_rules(struct parsed *p, const struct ast_rule *r, struct span around)
{
	for (; r; r = r->next) {
		check_span(p, r->span, around);
		if (r->comment)
			check_span(p, r->comment_span, r->span);
		for (const struct ast_stmt *s = r->stmts; s; s = s->next)
			check_stmt(p, s, r->span);
	}
}

static void check_chain(struct parsed *p, const struct ast_chain *c, struct span around)
{
	check_span(p, c->span, around);
	check_span(p, c->name_span, c->span);
	if (c->is_base) {
		check_span(p, c->hook_span, c->span);
		check_span(p, c->priority_span, c->hook_span);
		check_values(p, c->devices, c->hook_span);
		check_values(p, c->priority_base, c->priority_span);
	}
	if (c->has_policy)
		check_span(p, c->policy_span, c->span);
	check_values(p, c->policy_variable, c->span);
	check_defines(p, c->defines, c->span);
	check_rules(p, c->rules, c->span);
}

static void check_set(struct parsed *p, const struct ast_set *s, struct span around)
{
	check_span(p, s->span, around);
	check_values(p, s->type_words, s->type_span);
	check_values(p, s->type_of, s->type_span);
	check_values(p, s->data_words, s->type_span);
	check_values(p, s->data_type_of, s->type_span);
	check_values(p, s->elements, s->span);
}

static void check_table(struct parsed *p, const struct ast_table *t, struct span around)
{
	check_span(p, t->span, around);
	check_span(p, t->name_span, t->span);
	check_defines(p, t->defines, t->span);
	for (const struct ast_set *s = t->sets; s; s = s->next)
		check_set(p, s, t->span);
	for (const struct ast_object *o = t->objects; o; o = o->next)
		check_span(p, o->span, t->span);
	for (const struct ast_chain *c = t->chains; c; c = c->next)
		check_chain(p, c, t->span);
}

static void check_command(struct parsed *p, const struct ast_command *c)
{
	check_span(p, c->span, SPAN_NONE);
	if (c->table)
		check_span(p, c->table_span, c->span);
	if (c->name)
		check_span(p, c->name_span, c->span);
	if (c->has_handle || c->has_index)
		check_span(p, c->handle_span, c->span);
	if (c->block)
		check_table(p, c->block, c->span);
	if (c->chain)
		check_chain(p, c->chain, c->span);
	if (c->set)
		check_set(p, c->set, c->span);
	if (c->object)
		check_span(p, c->object->span, c->span);
	check_rules(p, c->rule, c->span);
	check_values(p, c->elements, c->span);
}

void check_spans(struct parsed *p)
{
	for (size_t i = 0; i < p->diag.n; i++) {
		if (span_known(p->diag.v[i].span) || p->diag.v[i].severity != DIAG_NOTE)
			check_span(p, p->diag.v[i].span, SPAN_NONE);
	}
	for (const struct ast_item *item = p->ast->items; item; item = item->next) {
		check_span(p, item->span, SPAN_NONE);
		if (item->kind == ITEM_TABLE)
			check_table(p, item->table, item->span);
		else if (item->kind == ITEM_DEFINE)
			check_defines(p, item->define, item->span);
		else if (item->kind == ITEM_COMMAND)
			check_command(p, item->command);
	}
}
