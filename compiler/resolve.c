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
#include <compiler/normal.h>

/* ---- scopes ---- */

static void open_scope(struct resolve *r, struct ast_define *defines)
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

/* ---- rules ---- */

static void link_rule(struct known_chain *known, struct ast_rule *rule, struct ast_rule *next)
{
	rule->chain = known->chain;
	rule->next = next;
	rule->prev = next ? next->prev : known->last;
	*(rule->prev ? &rule->prev->next : &known->chain->rules) = rule;
	*(next ? &next->prev : &known->last) = rule;
}

/* The sets of a rule that have no name are sets of the table all the same. */
static void number_rule(struct resolve *r, struct ast_rule *rule)
{
	r->table->last_handle += resolve_anonymous_sets(rule) + r->merged_sets + 1;
	rule->handle = r->table->last_handle;
	if (r->table->rules)
		*table_at(r->table->rules, rule->handle) = rule;
}

bool resolve_insert_rule(struct resolve *r, struct known_chain *known, struct ast_rule *rule, struct ast_rule *next)
{
	for (struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (s->kind == STMT_MATCH)
			s->match.several = resolve_is_several(r, s->match.rhs);
	resolve_rule(r, rule);
	if (!rule->stmts)
		return false;
	rule_normalize(rule, r->table->table->family, r->a);
	number_rule(r, rule);
	link_rule(known, rule, next);
	resolve_use_rule(r, rule, 1);
	resolve_check_direction(r, known->chain, rule);
	return true;
}

/* ---- blocks ---- */

void resolve_chain_head(struct resolve *r, struct ast_chain *block)
{
	enter_chain(r, block);
	resolve_declare_chain(r, block);
	close_scope(r);
}

/* Binds the rules of a block and appends those that are right to the known chain. */
void resolve_chain_rules(struct resolve *r, struct ast_chain *block)
{
	struct known_chain *known = resolve_find_chain(r, block->name);
	struct ast_rule *next;

	enter_chain(r, block);
	for (struct ast_rule *rule = block->rules; rule; rule = next) {
		next = rule->next;
		resolve_insert_rule(r, known, rule, NULL);
	}
	close_scope(r);
}

void resolve_block_elements(struct resolve *r, struct ast_set *block)
{
	struct ast_value *items = block->elements;

	block->elements = NULL;
	if (items)
		resolve_add_elements(r, resolve_find_set(r, block->name), items, false);
}

/* In the order in which nft hands the parts of a block to the kernel, which is
 * that of their handles. */
void resolve_block(struct resolve *r, struct ast_table *block)
{
	r->table = resolve_declare_table(r, block);
	open_scope(r, block->defines);
	for (struct ast_chain *c = block->chains; c; c = c->next)
		resolve_chain_head(r, c);
	for (struct ast_object *o = block->objects; o; o = o->next)
		resolve_declare_object(r, o);
	for (struct ast_set *s = block->sets; s; s = s->next)
		resolve_declare_set(r, s);
	for (struct ast_set *s = block->sets; s; s = s->next)
		resolve_block_elements(r, s);
	for (struct ast_chain *c = block->chains; c; c = c->next)
		resolve_chain_rules(r, c);
	close_scope(r);
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
		resolve_command(r, item->command);
		break;
	case ITEM_INCLUDE:
		break;
	}
}

/* ---- what is left ---- */

static void finish_chains(struct resolve *r)
{
	struct ast_chain **at = &r->table->table->chains;
	const struct known_chain *known;

	while (*at) {
		known = resolve_find_chain(r, (*at)->name);
		if (known && known->chain == *at) {
			known->chain->used = known->known.uses;
			at = &(*at)->next;
		} else {
			*at = (*at)->next;
		}
	}
}

static void finish_sets(struct resolve *r)
{
	struct ast_set **at = &r->table->table->sets;
	struct known_set *known;

	while (*at) {
		known = resolve_find_set(r, (*at)->name);
		if (known && known->set == *at) {
			known->set->used = known->known.uses;
			resolve_settle_elements(r, known);
			resolve_set_finish(r, known->set);
			at = &(*at)->next;
		} else {
			*at = (*at)->next;
		}
	}
}

static void finish_objects(struct resolve *r)
{
	struct ast_object **at = &r->table->table->objects;
	const struct known_object *known;

	while (*at) {
		known = resolve_find_object(r, (*at)->kind, (*at)->name);
		if (known && known->object == *at) {
			known->object->used = known->known.uses;
			at = &(*at)->next;
		} else {
			*at = (*at)->next;
		}
	}
}

/* Takes what is gone out of the lists. */
static void finish_tables(struct resolve *r)
{
	struct ast_table **at = &r->first;

	while (*at) {
		r->table = resolve_find_table(r, (*at)->family, (*at)->name);
		if (r->table && r->table->table == *at) {
			finish_chains(r);
			finish_sets(r);
			finish_objects(r);
			at = &(*at)->next;
		} else {
			*at = (*at)->next;
		}
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
		return p->chain->hook < q->chain->hook ? -1 : 1;
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
	finish_tables(&r);
	if (resolve_jumps(&r))
		resolve_egress(&r);
	rs->tables = r.first;
	order_base_chains(rs, a);
	number_rules(rs);
	*ret = rs;
	return d->errors ? -1 : 0;
}
