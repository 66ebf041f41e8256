/* SPDX-License-Identifier: GPL-2.0-only */
/* check_chains.c - what can be seen in a chain alone: rules behind one that ends
 * it for all packets, rules that do nothing, and jumps to chains without rules. */
#include <compiler/check.h>

#include <compiler/compile.h>
#include <grammar/ast.h>

/* Does the verdict take all packets out of the chain?  A rule that drops and looks
 * at nothing leaves neighbour discovery alone. */
static bool is_final(const struct ast_rule *rule, const struct ast_stmt *s)
{
	if (s->kind == STMT_REJECT)
		return false;
	switch (s->verdict.verdict) {
	case VERDICT_ACCEPT:
	case VERDICT_RETURN:
	case VERDICT_GOTO:
		return true;
	case VERDICT_DROP:
		return rule->chain->table->family == AST_IP;
	default:
		return false;
	}
}

static bool ends_chain(const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		if (s->kind == STMT_VERDICT || s->kind == STMT_REJECT)
			return is_final(rule, s);
		if (s->kind != STMT_COUNTER && s->kind != STMT_LOG && s->kind != STMT_SET)
			return false;
	}
	return false;
}

static void check_behind(struct check *c, const struct ast_rule *end)
{
	unsigned int others = 0;

	if (!end->next)
		return;
	for (const struct ast_rule *rule = end->next; rule; rule = rule->next) {
		others += rule != end->next;
		c->rules[rule->number].said = true;
	}
	if (others > 1)
		diag_warning(c->d, DIAG_UNREACHABLE, end->next->span,
			     "no packet gets to this rule and the %u behind it", others);
	else
		diag_warning(c->d, DIAG_UNREACHABLE, end->next->span, "no packet gets to this rule%s",
			     others ? " and the one behind it" : "");
	diag_note(c->d, end->span, "this rule decides about all of them");
}

static void check_jump(struct check *c, const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		const struct ast_chain *target = s->kind == STMT_VERDICT ? s->verdict.target : NULL;

		if (!target || target->rules || s->verdict.verdict != VERDICT_JUMP)
			continue;
		diag_warning(c->d, DIAG_DEAD_JUMP, s->span, "this jump does nothing, chain '%s' has no rules",
			     target->name);
		diag_note(c->d, target->name_span, "chain '%s' is declared here", target->name);
	}
}

/* Matches alone, or "continue" behind them. */
static void check_idle(struct check *c, const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (s->kind != STMT_MATCH && !(s->kind == STMT_VERDICT && s->verdict.verdict == VERDICT_CONTINUE))
			return;
	c->rules[rule->number].said = true;
	diag_warning(c->d, DIAG_REDUNDANT, rule->span, "this rule does nothing");
	diag_note(c->d, SPAN_NONE, "it has neither a verdict that ends anything, nor a statement that acts");
}

static void check_chain(struct check *c, const struct ast_chain *chain)
{
	for (const struct ast_rule *rule = chain->rules; rule; rule = rule->next) {
		check_jump(c, rule);
		check_idle(c, rule);
		if (ends_chain(rule)) {
			check_behind(c, rule);
			return;
		}
	}
}

void check_chains(struct check *c)
{
	for (const struct ast_table *t = c->rs->tables; t; t = t->next)
		for (const struct ast_chain *chain = t->chains; chain; chain = chain->next)
			check_chain(c, chain);
}
