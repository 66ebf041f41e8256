/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve.c - tree to bound tree: blocks of one name become one, words become
 * numbers, names become pointers.
 *
 *	define web = { 80, http }		table ip t {
 *	table ip t { chain c { ... } }			chain c {
 *	table ip t { chain c {		->			...
 *		tcp dport $web accept } }			tcp dport 80 accept
 *
 * Like nft, a block knows what stands above it and all of itself, nothing
 * further down. */
#include <compiler/resolve.h>

#include <stdlib.h>

#include <compiler/base/arena.h>
#include <compiler/compile.h>

/* ---- scopes ---- */

static void open_scope(struct resolve *r, const struct ast_define *defines)
{
	struct scope *s = arena_make(r->a, struct scope);

	s->outer = r->scope;
	s->names.arena = r->a;
	r->scope = s;
	for (; defines; defines = defines->next)
		resolve_define(r, defines);
}

static void close_scope(struct resolve *r)
{
	r->scope = r->scope->outer;
}

/* ---- tables, sets and chains, new or known ---- */

static struct known_table *declare_table(struct resolve *r, struct ast_table *block)
{
	const char *key = arena_printf(r->a, "%s %s", ast_family_name(block->family), block->name);
	struct known_table **slot = (struct known_table **)table_at_word(&r->tables, key);
	struct known_table *known = *slot;

	if (known) {
		if (block->comment)
			known->table->comment = block->comment;
		return known;
	}
	*slot = known = arena_make(r->a, struct known_table);
	known->table = arena_make(r->a, struct ast_table);
	*known->table = *block;
	known->table->next = NULL;
	known->table->sets = NULL;
	known->table->chains = NULL;
	known->table->defines = NULL;
	known->chains.arena = known->sets.arena = r->a;
	known->chains_end = &known->table->chains;
	known->sets_end = &known->table->sets;
	*r->end = known->table;
	r->end = &known->table->next;
	return known;
}

static void check_same_set(struct resolve *r, const struct ast_set *set, const struct ast_set *again)
{
	if (set->type == again->type && set->interval == again->interval && set->constant == again->constant)
		return;
	diag_error(r->d, DIAG_REDEFINED, again->name_span,
		   "set '%s' is declared again with another type or other flags", set->name);
	diag_note(r->d, set->name_span, "first declared here");
}

static void declare_set(struct resolve *r, const struct ast_set *block)
{
	struct known_set **slot = (struct known_set **)table_at_word(&r->table->sets, block->name);
	struct known_set *known = *slot;

	if (known) {
		check_same_set(r, known->set, block);
		if (block->comment)
			known->set->comment = block->comment;
		known->set->auto_merge |= block->auto_merge;
		return;
	}
	*slot = known = arena_make(r->a, struct known_set);
	resolve_set_header(r, block);
	known->set = arena_make(r->a, struct ast_set);
	*known->set = *block;
	known->set->next = NULL;
	known->set->elements = NULL;
	known->set->table = r->table->table;
	known->elements_end = &known->set->elements;
	*r->table->sets_end = known->set;
	r->table->sets_end = &known->set->next;
}

/* The scope of a chain's block is opened twice: for its head, when all chains
 * are declared, and for its rules, which may go to any of them. */
static void enter_chain(struct resolve *r, const struct ast_chain *block)
{
	struct scope *known = table_get(&r->chain_scopes, (uintptr_t)block);

	if (known) {
		r->scope = known;
		return;
	}
	open_scope(r, block->defines);
	*table_at(&r->chain_scopes, (uintptr_t)block) = r->scope;
}

static void declare_chain(struct resolve *r, struct ast_chain *block)
{
	struct known_chain **slot = (struct known_chain **)table_at_word(&r->table->chains, block->name);
	struct known_chain *known = *slot;

	if (known) {
		if (block->is_base)
			resolve_base_chain(r, block);
		resolve_chain_again(r, known->chain, block);
		return;
	}
	*slot = known = arena_make(r->a, struct known_chain);
	resolve_base_chain(r, block);
	known->chain = arena_make(r->a, struct ast_chain);
	*known->chain = *block;
	known->chain->next = NULL;
	known->chain->rules = NULL;
	known->chain->table = r->table->table;
	known->rules_end = &known->chain->rules;
	*r->table->chains_end = known->chain;
	r->table->chains_end = &known->chain->next;
}

/* ---- blocks ---- */

/* Binds the rules of a block and appends those that are right to the known chain. */
static void add_rules(struct resolve *r, struct ast_chain *block)
{
	struct known_chain *known = table_get_word(&r->table->chains, block->name);
	struct ast_rule *next;

	for (struct ast_rule *rule = block->rules; rule; rule = next) {
		next = rule->next;
		resolve_rule(r, rule);
		if (!rule->stmts)
			continue;
		rule->chain = known->chain;
		rule->next = NULL;
		*known->rules_end = rule;
		known->rules_end = &rule->next;
	}
}

static void resolve_block(struct resolve *r, struct ast_table *block)
{
	r->table = declare_table(r, block);
	open_scope(r, block->defines);
	for (struct ast_set *s = block->sets; s; s = s->next)
		declare_set(r, s);
	for (struct ast_chain *c = block->chains; c; c = c->next) {
		enter_chain(r, c);
		declare_chain(r, c);
		close_scope(r);
	}
	for (struct ast_set *s = block->sets; s; s = s->next)
		resolve_set_elements(r, table_get_word(&r->table->sets, s->name), s);
	for (struct ast_chain *c = block->chains; c; c = c->next) {
		enter_chain(r, c);
		add_rules(r, c);
		close_scope(r);
	}
	close_scope(r);
}

static void flush_ruleset(struct resolve *r)
{
	r->tables = (struct table){ .arena = r->a };
	r->first = NULL;
	r->end = &r->first;
}

static void resolve_item(struct resolve *r, struct ast_item *item)
{
	switch (item->kind) {
	case ITEM_TABLE:
		resolve_block(r, item->table);
		break;
	case ITEM_DEFINE:
		resolve_define(r, item->define);
		break;
	case ITEM_COMMAND:
		flush_ruleset(r);
		break;
	case ITEM_INCLUDE:
		break;
	}
}

/* ---- the whole ---- */

struct base_chain {
	struct ast_chain *chain;
	size_t number; /* in text order */
};

static int compare_base_chains(const void *x, const void *y)
{
	const struct base_chain *p = x, *q = y;

	if (p->chain->hook != q->chain->hook)
		return p->chain->hook == HOOK_INGRESS ? -1 : 1;
	if (p->chain->priority != q->chain->priority)
		return p->chain->priority < q->chain->priority ? -1 : 1;
	return p->number < q->number ? -1 : 1;
}

static void order_base_chains(struct ruleset *rs, struct arena *a)
{
	struct {
		struct base_chain *v;
		size_t n, cap;
	} list = { 0 };
	size_t number = 0;

	for (struct ast_table *t = rs->tables; t; t = t->next)
		for (struct ast_chain *c = t->chains; c; c = c->next)
			if (c->is_base)
				*vec_push(a, &list) = (struct base_chain){ c, number++ };
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), compare_base_chains);
	rs->base_chains = arena_make_array(a, list.n, struct ast_chain *);
	rs->n_base_chains = list.n;
	for (size_t i = 0; i < list.n; i++)
		rs->base_chains[i] = list.v[i].chain;
}

static void number_rules(struct ruleset *rs)
{
	for (struct ast_table *t = rs->tables; t; t = t->next)
		for (struct ast_chain *c = t->chains; c; c = c->next)
			for (struct ast_rule *rule = c->rules; rule; rule = rule->next)
				rule->number = (uint32_t)rs->n_rules++;
}

int compile_resolve(struct ast *ast, struct diag *d, struct arena *a, struct ruleset **ret)
{
	struct resolve r = {
		.d = d,
		.a = a,
		.tables.arena = a,
		.chain_scopes.arena = a,
		.end = &r.first,
	};
	struct ruleset *rs = arena_make(a, struct ruleset);

	open_scope(&r, NULL);
	for (struct ast_item *item = ast->items; item; item = item->next)
		resolve_item(&r, item);
	for (struct ast_table *t = r.first; t; t = t->next)
		for (struct ast_set *s = t->sets; s; s = s->next)
			resolve_set_finish(&r, s);
	resolve_jumps(&r);
	rs->tables = r.first;
	order_base_chains(rs, a);
	number_rules(rs);
	*ret = rs;
	return d->errors ? -1 : 0;
}
