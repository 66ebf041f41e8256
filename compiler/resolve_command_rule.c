/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_command_rule.c - commands about rules, and where in a chain they are. */
#include <compiler/resolve.h>

#include <compiler/base/arena.h>

/* Rules by handle, from the first time one is asked for. */
static struct table *rules_by_handle(struct resolve *r)
{
	if (r->table->rules)
		return r->table->rules;
	r->table->rules = arena_make(r->a, struct table);
	r->table->rules->arena = r->a;
	for (struct ast_chain *c = r->table->table->chains; c; c = c->next)
		for (struct ast_rule *rule = c->rules; rule; rule = rule->next)
			*table_at(r->table->rules, rule->handle) = rule;
	return r->table->rules;
}

static struct ast_rule *rule_by_handle(struct resolve *r, const struct ast_command *c, const struct known_chain *known)
{
	struct ast_rule *rule = table_get(rules_by_handle(r), c->handle);

	if (rule && rule->chain == known->chain)
		return rule;
	if (resolve_missing_ok(c))
		return NULL;
	diag_error(r->d, DIAG_UNKNOWN_RULE, c->handle_span, "chain '%s' has no rule with handle %llu",
		   known->known.name, (unsigned long long)c->handle);
	if (rule && rule->chain)
		diag_note(r->d, rule->span, "the rule with this handle is in chain '%s'", rule->chain->name);
	return NULL;
}

static struct ast_rule *rule_by_index(struct resolve *r, const struct ast_command *c, const struct known_chain *known)
{
	struct ast_rule *rule = known->chain->rules;
	uint64_t i;

	for (i = 0; rule && i < c->index; i++)
		rule = rule->next;
	if (rule)
		return rule;
	diag_error(r->d, DIAG_UNKNOWN_RULE, c->handle_span, "chain '%s' has no rule with index %llu", known->known.name,
		   (unsigned long long)c->index);
	diag_note(r->d, known->known.declared, "it has %llu rule%s here, counted from 0", (unsigned long long)i,
		  i == 1 ? "" : "s");
	return NULL;
}

static void add_rule(struct resolve *r, const struct ast_command *c, struct known_chain *known)
{
	bool before = c->verb == VERB_INSERT, placed = c->has_handle || c->has_index;
	struct ast_rule *at = before ? known->chain->rules : NULL;

	if (placed) {
		at = c->has_handle ? rule_by_handle(r, c, known) : rule_by_index(r, c, known);
		if (!at)
			return;
		at = before ? at : at->next;
	}
	resolve_insert_rule(r, known, c->rule, at);
}

static void unlink_rule(struct known_chain *known, struct ast_rule *rule)
{
	*(rule->prev ? &rule->prev->next : &known->chain->rules) = rule->next;
	*(rule->next ? &rule->next->prev : &known->last) = rule->prev;
}

static void remove_rule(struct resolve *r, struct known_chain *known, struct ast_rule *rule)
{
	resolve_use_rule(r, rule, -1);
	unlink_rule(known, rule);
	rule->chain = NULL;
}

/* The new rule has the handle of the old one, and its sets have new ones. */
static void replace_rule(struct resolve *r, const struct ast_command *c, struct known_chain *known)
{
	struct ast_rule *old = c->has_handle ? rule_by_handle(r, c, known) : NULL;

	if (!old || !resolve_insert_rule(r, known, c->rule, old))
		return;
	remove_rule(r, known, old);
	r->table->last_handle--;
	c->rule->handle = old->handle;
	*table_at(r->table->rules, old->handle) = c->rule;
}

void resolve_command_rule(struct resolve *r, const struct ast_command *c)
{
	struct known_chain *known = resolve_missing_ok(c) ? resolve_find_chain(r, c->name)
							  : resolve_need_chain(r, c->name, c->name_span);
	struct ast_rule *rule;

	if (!known)
		return;
	if (c->verb == VERB_DELETE || c->verb == VERB_DESTROY) {
		rule = rule_by_handle(r, c, known);
		if (rule)
			remove_rule(r, known, rule);
	} else if (c->rule && c->verb == VERB_REPLACE) {
		replace_rule(r, c, known);
	} else if (c->rule) {
		add_rule(r, c, known);
	}
}

void resolve_flush_rules(struct resolve *r, struct known_chain *known)
{
	while (known->chain->rules)
		remove_rule(r, known, known->chain->rules);
}
