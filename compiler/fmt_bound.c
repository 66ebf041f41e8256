/* SPDX-License-Identifier: GPL-2.0-only */
/* fmt_bound.c - what is written as it is bound.
 *
 * The text is parsed a second time and that tree bound: what has no variables in
 * it is looked up there by its place.  A text with includes can't be bound
 * without them, so its sets keep their order and its values their spelling. */
#include <compiler/fmt_write.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>

/* ---- variables ---- */

static bool lacks_variables(const struct ast_value *v, void *ctx)
{
	return v->kind != VALUE_VARIABLE && ast_each_part(v, lacks_variables, ctx);
}

static bool has_variable(const struct ast_value *v)
{
	return v && !lacks_variables(v, NULL);
}

static bool any_has_variable(const struct ast_value *items)
{
	for (; items; items = items->next)
		if (has_variable(items))
			return true;
	return false;
}

static bool statement_has_variable(const struct ast_stmt *s)
{
	if (s->kind == STMT_LOG)
		return s->log.prefix && strchr(s->log.prefix, '$');
	return !ast_each_value(s, lacks_variables, NULL);
}

static bool rule_has_variable(const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (statement_has_variable(s))
			return true;
	return false;
}

static bool chain_has_variable(const struct ast_chain *chain)
{
	if (chain->policy_variable || has_variable(chain->priority_base) || has_variable(chain->devices))
		return true;
	for (const struct ast_rule *r = chain->rules; r; r = r->next)
		if (rule_has_variable(r))
			return true;
	return false;
}

/* ---- the bound tree ---- */

static const char *table_key(struct formatter *f, enum ast_family family, const char *name)
{
	return arena_printf(f->w.a, "%s %s", ast_family_name(family), name);
}

static const char *set_key(struct formatter *f, enum ast_family family, const char *table, const char *name)
{
	return arena_printf(f->w.a, "%s %s %s", ast_family_name(family), table, name);
}

static bool is_flush_ruleset(const struct ast_command *c)
{
	return c->verb == VERB_FLUSH && c->target == TARGET_RULESET;
}

static void index_table(struct formatter *f, struct ast_table *t)
{
	*table_at_word(&f->bound.tables, table_key(f, t->family, t->name)) = t;
	for (struct ast_set *set = t->sets; set; set = set->next)
		*table_at_word(&f->bound.sets, set_key(f, t->family, t->name, set->name)) = set;
	for (const struct ast_chain *c = t->chains; c; c = c->next)
		for (struct ast_rule *r = c->rules; r; r = r->next)
			*table_at(&f->bound.rules, r->span.at) = r;
}

static void index_block(struct formatter *f, struct ast_table *block)
{
	const char *key = table_key(f, block->family, block->name);
	void **first = table_at_word(&f->bound.blocks, key);

	if (*first)
		*table_at_word(&f->bound.others, key) = block;
	else
		*first = block;
}

int fmt_bind(struct formatter *f, size_t source, struct sources *sources, const struct compile_options *options,
	     struct diag *d)
{
	struct compile_options alone = { NULL, options->defines, options->n_defines };
	struct ruleset *rs;
	struct ast *ast;

	if (compile_parse(source, sources, &alone, d, f->w.a, &ast) || compile_resolve(ast, d, f->w.a, &rs))
		return -1;
	f->bound.known = true;
	f->bound.ruleset = rs;
	f->bound.rules.arena = f->bound.tables.arena = f->bound.sets.arena = f->w.a;
	f->bound.blocks.arena = f->bound.others.arena = f->w.a;
	for (const struct ast_item *i = f->ast->items; i; i = i->next) {
		if (i->kind == ITEM_TABLE)
			index_block(f, i->table);
		else if (i->kind == ITEM_COMMAND && !is_flush_ruleset(i->command))
			f->bound.commands = true;
	}
	for (struct ast_table *t = rs->tables; t; t = t->next)
		index_table(f, t);
	return 0;
}

/* ---- looking things up ---- */

const struct ast_rule *fmt_bound_rule(struct formatter *f, const struct ast_rule *rule)
{
	const struct ast_rule *bound = f->bound.known ? table_get(&f->bound.rules, rule->span.at) : NULL;

	if (!bound || rule_has_variable(rule) || fmt_has_notes(f, rule->span.at, rule->span.end))
		return rule;
	return bound;
}

static const struct ast_table *find_table(struct formatter *f, enum ast_family family, const char *name)
{
	return f->bound.known ? table_get_word(&f->bound.tables, table_key(f, family, name)) : NULL;
}

const struct ast_set *fmt_find_set(struct formatter *f, enum ast_family family, const char *table, const char *name)
{
	return f->bound.known ? table_get_word(&f->bound.sets, set_key(f, family, table, name)) : NULL;
}

static bool is_within(struct span inner, struct span outer)
{
	return inner.at >= outer.at && inner.end <= outer.end;
}

const struct ast_set *fmt_bound_set(struct formatter *f, const struct ast_table *t, const struct ast_set *set)
{
	const struct ast_set *bound = fmt_find_set(f, t->family, t->name, set->name);

	if (!bound || f->bound.commands || any_has_variable(set->elements) ||
	    fmt_has_notes(f, set->span.at, set->span.end))
		return NULL;
	for (const struct ast_value *v = bound->elements; v; v = v->next)
		if (!is_within(v->span, set->span))
			return NULL;
	return bound;
}

/* Is this the only block of the table? */
static bool stands_alone(struct formatter *f, const struct ast_table *block)
{
	return !table_get_word(&f->bound.others, table_key(f, block->family, block->name));
}

const struct ast_table *fmt_bound_table(struct formatter *f, const struct ast_table *block)
{
	if (!f->bound.known || f->bound.commands || block->defines || !stands_alone(f, block) ||
	    fmt_has_notes(f, block->span.at, block->span.end))
		return NULL;
	for (const struct ast_chain *c = block->chains; c; c = c->next)
		if (c->defines || chain_has_variable(c))
			return NULL;
	for (const struct ast_set *s = block->sets; s; s = s->next)
		if (any_has_variable(s->elements))
			return NULL;
	return find_table(f, block->family, block->name);
}
