/* SPDX-License-Identifier: GPL-2.0-only */
/* check_reach.c - rules that no packet gets to.
 *
 *	tcp dport 1-1023 accept
 *	tcp dport 22 drop		<- shadowed
 *
 * The list is read from its beginning.  A rule that lets nothing pass to the next
 * one hides what it matches from those behind it, up to the first place at which
 * some packet resumes that was led past it:
 *
 *	A  resume at M
 *	B  drop			hides what it matches ...
 *	C
 *	mark M			... but not from here on: A has led packets past B
 *	D
 *
 * So at a mark everything is forgotten that was added since the first rule that
 * resumes there. */
#include <compiler/check.h>

#include <compiler/base/arena.h>
#include <compiler/cover.h>
#include <grammar/ast.h>

#define NOTES 4 /* covering rules that are shown */

struct reach {
	struct check *c;
	struct cover *cover;
	uint32_t *resumed_from;		   /* by index of a mark: the first rule that resumes there + 1 */
	const struct cover_found **covers; /* by index, of dead rules */
};

/* ---- where packets go ---- */

static void resumes_at(struct reach *w, const struct ir_rule *from, const struct ir_rule *mark)
{
	if (mark && !w->resumed_from[mark->index])
		w->resumed_from[mark->index] = from->index + 1;
}

/* May a packet go past 'r' by its 'otherwise'? */
static bool may_fail(const struct ir_rule *r)
{
	return ir_is_conditional(r) || r->spares_neighbour_discovery;
}

static bool hides(const struct ir_rule *r)
{
	if (r->verdict == IR_RESUME && !r->resume)
		return false;
	return !ir_is_conditional(r) || r->otherwise;
}

static void reach_rule(struct reach *w, const struct ir_rule *r)
{
	struct cover_found found;

	cover_find(w->cover, r, &found);
	if (found.n) {
		struct cover_found *kept = arena_make(w->c->a, struct cover_found);

		*kept = found;
		w->covers[r->index] = kept;
		w->c->dead[r->index] = true;
		return;
	}
	if (r->verdict == IR_RESUME)
		resumes_at(w, r, r->resume);
	if (may_fail(r))
		resumes_at(w, r, r->otherwise);
	if (hides(r))
		cover_add(w->cover, r);
}

static void reach_mark(struct reach *w, const struct ir_rule *mark)
{
	if (w->resumed_from[mark->index])
		cover_forget_from(w->cover, w->resumed_from[mark->index] - 1);
}

/* ---- what it means for the rules of the text ---- */

static void count_rules(struct reach *w)
{
	const struct ir *ir = w->c->ir;

	for (size_t i = 0; i < ir->n_rules; i++) {
		const struct ir_rule *r = ir->rules[i];
		struct rule_state *state = check_state_of(w->c, r);

		if (!state)
			continue;
		if (!w->c->dead[i])
			state->live++;
		else if (!state->dead++)
			state->first_dead = r->index;
	}
}

/* The same rule of the text may cover in several places. */
static bool is_first(const struct cover_found *found, size_t at)
{
	for (size_t i = at + 1; i < found->n; i++)
		if (found->v[i]->source == found->v[at]->source && found->v[i]->origin == found->v[at]->origin)
			return false;
	return true;
}

static bool has_condition(const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (s->kind == STMT_MATCH || s->kind == STMT_VMAP || s->kind == STMT_SSH_LOCAL || s->kind == STMT_DHCP)
			return true;
	return false;
}

/* One rule that ends the chain for all packets, or the whole base chain. */
static bool ends_everything(const struct cover_found *found)
{
	return found->n == 1 && (!found->v[0]->source || !has_condition(found->v[0]->source));
}

static void say_dead(struct reach *w, const struct ir_rule *r)
{
	const struct cover_found *found = w->covers[r->index];
	struct diag *d = w->c->d;
	size_t shown = 0;

	if (ends_everything(found)) {
		diag_warning(d, DIAG_UNREACHABLE, r->span, "no packet gets to this rule");
		check_note(w->c, found->v[0], "decides about all of them");
		return;
	}
	diag_warning(d, DIAG_SHADOWED, r->span, "no packet is left for this rule by %s",
		     found->n == 1 ? "an earlier one" : "earlier ones");
	for (size_t i = found->n; i-- > 0;) /* the last ones were found first */
		if (is_first(found, i) && shown++ < NOTES)
			check_note(w->c, found->v[i],
				   found->n == 1 ? "decides about all that it matches"
						 : "decides about some that it matches");
	if (shown > NOTES)
		diag_note(d, SPAN_NONE, "and %zu more", shown - NOTES);
}

static void say_dead_rules(struct reach *w)
{
	const struct ir *ir = w->c->ir;

	for (size_t i = 0; i < ir->n_rules; i++) {
		const struct ir_rule *r = ir->rules[i];
		struct rule_state *state = r->source ? &w->c->rules[r->source->number] : NULL;

		if (!state || state->said || state->live || !state->dead || state->first_dead != r->index)
			continue;
		state->said = true;
		say_dead(w, r);
	}
}

void check_reach(struct check *c)
{
	const struct ir *ir = c->ir;
	struct reach w = {
		.c = c,
		.cover = cover_new(c->a),
		.resumed_from = arena_make_array(c->a, ir->n_rules, uint32_t),
		.covers = arena_make_array(c->a, ir->n_rules, const struct cover_found *),
	};

	for (size_t i = 0; i < ir->n_rules; i++)
		if (ir->rules[i]->kind == IR_MARK)
			reach_mark(&w, ir->rules[i]);
		else
			reach_rule(&w, ir->rules[i]);
	count_rules(&w);
	say_dead_rules(&w);
}
