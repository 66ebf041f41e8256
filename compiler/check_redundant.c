/* SPDX-License-Identifier: GPL-2.0-only */
/* check_redundant.c - rules without which every packet would fare the same.
 *
 *	tcp dport 22 accept		<- redundant
 *	tcp dport 22-25 accept
 *
 * A rule isn't needed if it does nothing but decide, and all that it matches
 * would meet, further down, only rules that do nothing but decide in the same
 * way. */
#include <compiler/check.h>

#include <compiler/base/arena.h>
#include <compiler/box.h>
#include <grammar/ast.h>

#define ALL_STEPS 2000000 /* rules looked at, for all rules */
#define MIN_STEPS 16	  /* and for one */
#define MAX_STEPS 4096

/* ---- what rules decide ---- */

static bool same_reject(const struct ir_reject *x, const struct ir_reject *y)
{
	return x->tcp_reset == y->tcp_reset && x->icmp_code == y->icmp_code && x->icmp6_code == y->icmp6_code;
}

static bool same_verdict(const struct ir_rule *x, const struct ir_rule *y)
{
	if (x->verdict != y->verdict)
		return false;
	if (x->verdict == IR_REJECT)
		return same_reject(&x->reject, &y->reject);
	return x->verdict == IR_DROP || x->resume == y->resume;
}

static bool goes_on(const struct ir_rule *r)
{
	return r->verdict == IR_RESUME && !r->resume && !r->otherwise && !check_has_effect(r);
}

/* Decides, and does nothing else; packets that fail a condition go on. */
static bool only_decides(const struct ir_rule *r)
{
	return r->kind == IR_RULE && r->source && !check_has_effect(r) && !r->otherwise;
}

/* ---- what follows ---- */

/* The rule that decides in place of 'r' about what no rule between does: also the
 * mark where 'r' resumes, when nothing else is met on the way there.  NULL when
 * something would change without 'r'. */
static const struct ir_rule *replacement(const struct ir *ir, const struct ir_rule *r, long *steps)
{
	for (size_t i = r->index + 1; i < ir->n_rules && --*steps > 0; i++) {
		const struct ir_rule *next = ir->rules[i];

		if (r->verdict == IR_RESUME && next == r->resume)
			return next;
		if (next->kind == IR_MARK || next->source == r->source || !box_meets(next, r) || goes_on(next))
			continue;
		if (check_has_effect(next) || next->otherwise || !same_verdict(next, r))
			return NULL;
		if (!ir_is_conditional(next) && box_contains(next, r))
			return next;
	}
	return NULL;
}

/* ---- the rules of the text ---- */

static bool is_verdict_alone(const struct ast_rule *rule)
{
	return rule->stmts && rule->stmts->kind == STMT_VERDICT;
}

static void look_at(struct check *c, struct rule_state *state, const struct ir_rule *r, long *all_steps, long most)
{
	long left = *all_steps < most ? *all_steps : most, before = left;
	const struct ir_rule *same = NULL;

	if (only_decides(r))
		same = goes_on(r) ? r : replacement(c->ir, r, &left);
	*all_steps -= before - left;
	if (same)
		state->same = same;
	else
		state->needed++;
}

static void say(struct check *c, const struct ast_rule *rule, const struct ir_rule *same)
{
	diag_warning(c->d, DIAG_REDUNDANT, rule->span, "nothing would change without this rule");
	if (same->kind == IR_MARK)
		diag_note(c->d, SPAN_NONE, "no rule behind it decides otherwise about what it matches");
	else if (same->source == rule)
		diag_note(c->d, SPAN_NONE, "it does nothing");
	else
		check_note(c, same, "does the same");
}

void check_redundant(struct check *c)
{
	long steps = ALL_STEPS, most;

	most = ALL_STEPS / (long)(c->ir->n_rules + 1);
	most = most < MIN_STEPS ? MIN_STEPS : most > MAX_STEPS ? MAX_STEPS : most;
	for (size_t i = 0; i < c->ir->n_rules; i++) {
		struct rule_state *state = check_state_of(c, c->ir->rules[i]);

		if (state && !c->dead[i])
			look_at(c, state, c->ir->rules[i], &steps, most);
	}
	for (size_t i = 0; i < c->ir->n_rules; i++) {
		const struct ast_rule *rule = c->ir->rules[i]->source;
		struct rule_state *state = rule ? &c->rules[rule->number] : NULL;

		if (!state || state->said || !state->same || state->needed || is_verdict_alone(rule))
			continue;
		state->said = true;
		say(c, rule, state->same);
	}
}
