/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/check.h>

#include <compiler/base/arena.h>
#include <compiler/compile.h>
#include <compiler/cover.h>
#include <grammar/ast.h>

#define NOTES 4 /* covering rules that are shown */

bool check_has_effect(const struct ir_rule *r)
{
	for (size_t i = 0; i < r->n_ops; i++)
		switch (r->ops[i].kind) {
		case IR_COMPARE:
		case IR_CT:
		case IR_LOCAL:
		case IR_ALIVE:
			break;
		default:
			return true;
		}
	return false;
}

/* ---- what IR rules tell about rules of the text ---- */

static bool is_jump(enum ast_verdict verdict)
{
	return verdict == VERDICT_JUMP || verdict == VERDICT_GOTO;
}

/* Not of one that has verdicts besides accept and drop: some of those need no rule
 * of the IR. */
static enum rule_tale tale_of_map(const struct ast_value *map)
{
	const struct ast_value *v = map->kind == VALUE_SETREF ? map->set->elements
				    : map->kind == VALUE_SET  ? map->items
							      : NULL;

	if (!v)
		return TALE_NONE;
	for (; v; v = v->next)
		if (v->kind != VALUE_MAPPING || v->right->kind != VALUE_VERDICT ||
		    (v->right->number != VERDICT_ACCEPT && v->right->number != VERDICT_DROP))
			return TALE_NONE;
	return TALE_WHOLE;
}

static enum rule_tale tale_of(const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		if (s->kind == STMT_VMAP)
			return tale_of_map(s->vmap.map);
		if (s->kind == STMT_VERDICT && is_jump(s->verdict.verdict))
			return TALE_EFFECTS;
	}
	return TALE_WHOLE;
}

static bool has_verdict_map(const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (s->kind == STMT_VMAP)
			return true;
	return false;
}

/* The last of the IR rules of one rule of the text that stand together with 'r'.
 * Remembered, as it is asked for each of them. */
static const struct ir_rule *last_of_run(const struct ir *ir, struct rule_state *state, const struct ir_rule *r)
{
	if (r->index >= state->run && r->index < state->run_end)
		return state->main;
	state->run = r->index;
	state->main = r;
	for (size_t i = r->index + 1; i < ir->n_rules; i++) {
		if (ir->rules[i]->kind == IR_MARK || ir->rules[i]->source != r->source)
			break;
		state->main = ir->rules[i];
	}
	state->run_end = state->main->index + 1;
	return state->main;
}

/* All of them have one verdict, but for the exceptions before them, and but for
 * those of a verdict map. */
static bool is_exception(const struct ir *ir, struct rule_state *state, const struct ir_rule *r)
{
	const struct ir_rule *last;

	if (check_has_effect(r) || r->verdict != IR_RESUME || !r->resume || has_verdict_map(r->source))
		return false;
	last = last_of_run(ir, state, r);
	return last->verdict != r->verdict || last->resume != r->resume;
}

struct rule_state *check_state_of(struct check *c, const struct ir_rule *r)
{
	struct rule_state *state;

	if (r->kind == IR_MARK || !r->source)
		return NULL;
	state = &c->rules[r->source->number];
	if (state->tale == TALE_UNKNOWN)
		state->tale = tale_of(r->source);
	if (state->tale == TALE_NONE || (state->tale == TALE_EFFECTS && !check_has_effect(r)))
		return NULL;
	return is_exception(c->ir, state, r) ? NULL : state;
}

/* ---- */

void check_note(struct check *c, const struct ir_rule *r, const char *what)
{
	if (r->origin == IR_FROM_POLICY)
		diag_note(c->d, r->span, "the policy of chain '%s' %s", r->chain->name, what);
	else
		diag_note(c->d, r->span, "this rule %s", what);
}

/* The same rule of the text may cover in several places. */
static bool is_first(const struct cover_found *found, size_t at)
{
	for (size_t i = at + 1; i < found->n; i++)
		if (found->v[i]->source == found->v[at]->source && found->v[i]->origin == found->v[at]->origin)
			return false;
	return true;
}

void check_note_cover(struct check *c, const struct cover_found *found)
{
	size_t shown = 0;

	for (size_t i = found->n; i-- > 0;) /* the last ones were found first */
		if (is_first(found, i) && shown++ < NOTES)
			check_note(c, found->v[i],
				   found->n == 1 ? "decides about all that it matches"
						 : "decides about some that it matches");
	if (shown > NOTES)
		diag_note(c->d, SPAN_NONE, "and %zu more", shown - NOTES);
}

void compile_check(const struct compiled *compiled, const struct facts *facts, struct diag *d, struct arena *a)
{
	struct check c = {
		.rs = compiled->ruleset,
		.ir = compiled->ir,
		.facts = facts,
		.d = d,
		.a = a,
		.rules = arena_make_array(a, compiled->ruleset->n_rules, struct rule_state),
		.dead = arena_make_array(a, compiled->ir->n_rules, bool),
		.covers = arena_make_array(a, compiled->ir->n_rules, const struct cover_found *),
	};

	check_unused(&c, compiled->ast);
	check_chains(&c);
	check_reach(&c);
	check_jumps(&c);
	check_dead(&c);
	check_redundant(&c);
	check_traps(&c);
}
