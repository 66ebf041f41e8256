// SPDX-License-Identifier: GPL-2.0-only
#include "spans.h"

#include <stdio.h>
#include <stdlib.h>

static void check(struct sources *sources, struct span span, const char *what)
{
	struct position p;

	if (!span_known(span))
		return;
	if (sources_locate(sources, span.at, &p) && span.at <= span.end && span.end <= p.source->base + p.source->len)
		return;
	fprintf(stderr, "the span %u-%u of a %s is in no text\n", span.at, span.end, what);
	abort();
}

static bool check_value(const struct ast_value *v, void *sources)
{
	check(sources, v->span, "value");
	if (v->attr)
		check(sources, v->attr->comment_span, "element's comment");
	return ast_each_part(v, check_value, sources);
}

static void check_values(struct sources *s, const struct ast_value *v)
{
	for (; v; v = v->next)
		check_value(v, s);
}

static void check_stmt(struct sources *s, const struct ast_stmt *stmt)
{
	check(s, stmt->span, "statement");
	if (stmt->kind == STMT_MATCH)
		check(s, stmt->match.field_span, "field");
	if (stmt->kind == STMT_VERDICT)
		check(s, stmt->verdict.chain_span, "chain's name");
	ast_each_value(stmt, check_value, s);
}

static void check_rules(struct sources *s, const struct ast_rule *r)
{
	for (; r; r = r->next) {
		check(s, r->span, "rule");
		check(s, r->comment_span, "comment");
		for (const struct ast_stmt *stmt = r->stmts; stmt; stmt = stmt->next)
			check_stmt(s, stmt);
	}
}

static void check_chains(struct sources *s, const struct ast_chain *c)
{
	for (; c; c = c->next) {
		check(s, c->span, "chain");
		check(s, c->name_span, "chain's name");
		check(s, c->hook_span, "hook");
		check(s, c->priority_span, "priority");
		check(s, c->policy_span, "policy");
		check_values(s, c->devices);
		check_rules(s, c->rules);
	}
}

static void check_sets(struct sources *s, const struct ast_set *set)
{
	for (; set; set = set->next) {
		check(s, set->span, "set");
		check(s, set->name_span, "set's name");
		check(s, set->type_span, "set's type");
		check_values(s, set->elements);
	}
}

static void check_tables(struct sources *s, const struct ast_table *t)
{
	for (; t; t = t->next) {
		check(s, t->span, "table");
		check(s, t->name_span, "table's name");
		check_sets(s, t->sets);
		check_chains(s, t->chains);
	}
}

static void check_command(struct sources *s, const struct ast_command *c)
{
	check(s, c->span, "command");
	check(s, c->table_span, "table's name");
	check(s, c->name_span, "name");
	check(s, c->handle_span, "handle");
	check_tables(s, c->block);
	check_chains(s, c->chain);
	check_sets(s, c->set);
	check_rules(s, c->rule);
	check_values(s, c->elements);
}

void spans_check_tree(const struct ast *ast, struct sources *sources)
{
	for (const struct ast_item *i = ast->items; i; i = i->next) {
		check(sources, i->span, "item");
		check_tables(sources, i->table);
		if (i->define)
			check_values(sources, i->define->value);
		if (i->command)
			check_command(sources, i->command);
	}
	for (const struct ast_comment *c = ast->comments; c; c = c->next)
		check(sources, c->span, "comment");
}

void spans_check_messages(const struct diag *d)
{
	for (size_t i = 0; i < d->n; i++) {
		check(d->sources, d->v[i].span, "message");
		if (d->v[i].severity != DIAG_ERROR || span_known(d->v[i].span))
			continue;
		fprintf(stderr, "an error without a place: %s\n", d->v[i].text);
		abort();
	}
}
