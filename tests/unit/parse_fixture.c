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

static void check_value(struct parsed *p, const struct ast_value *v, struct span around)
{
	for (; v; v = v->next) {
		check_span(p, v->span, around);
		check_value(p, v->left, v->span);
		check_value(p, v->right, v->span);
		check_value(p, v->items, v->span);
	}
}

static void check_stmt(struct parsed *p, const struct ast_stmt *s, struct span around)
{
	check_span(p, s->span, around);
	switch (s->kind) {
	case STMT_MATCH:
		check_span(p, s->match.field_span, s->span);
		check_value(p, s->match.rhs, s->span);
		break;
	case STMT_VERDICT:
		if (s->verdict.chain)
			check_span(p, s->verdict.chain_span, s->span);
		break;
	case STMT_TPROXY:
		check_value(p, s->tproxy.addr, s->span);
		check_value(p, s->tproxy.port, s->span);
		break;
	case STMT_SSH_LOCAL:
		check_value(p, s->ssh_local.ports, s->span);
		break;
	case STMT_COUNTER:
	case STMT_DHCP:
		break;
	}
}

static void check_defines(struct parsed *p, const struct ast_define *d, struct span around)
{
	for (; d; d = d->next) {
		check_span(p, d->span, around);
		check_span(p, d->name_span, d->span);
		check_value(p, d->value, d->span);
	}
}

static void check_chain(struct parsed *p, const struct ast_chain *c, struct span around)
{
	check_span(p, c->span, around);
	check_span(p, c->name_span, c->span);
	if (c->is_base) {
		check_span(p, c->hook_span, c->span);
		check_span(p, c->priority_span, c->hook_span);
		check_value(p, c->devices, c->hook_span);
		check_value(p, c->priority_base, c->priority_span);
	}
	check_defines(p, c->defines, c->span);
	for (const struct ast_rule *r = c->rules; r; r = r->next) {
		check_span(p, r->span, c->span);
		if (r->comment)
			check_span(p, r->comment_span, r->span);
		for (const struct ast_stmt *s = r->stmts; s; s = s->next)
			check_stmt(p, s, r->span);
	}
}

static void check_table(struct parsed *p, const struct ast_table *t)
{
	check_span(p, t->span, SPAN_NONE);
	check_span(p, t->name_span, t->span);
	check_defines(p, t->defines, t->span);
	for (const struct ast_set *s = t->sets; s; s = s->next) {
		check_span(p, s->span, t->span);
		check_value(p, s->elements, s->span);
	}
	for (const struct ast_chain *c = t->chains; c; c = c->next)
		check_chain(p, c, t->span);
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
			check_table(p, item->table);
		else if (item->kind == ITEM_DEFINE)
			check_defines(p, item->define, SPAN_NONE);
	}
}
