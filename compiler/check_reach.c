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

#include <stddef.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/box.h>
#include <compiler/cover.h>
#include <grammar/ast.h>

struct reach {
	struct check *c;
	struct cover *cover;
	uint32_t *resumed_from; /* by index of a mark: the first rule that resumes there + 1 */
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

/* Packets that fail a condition may go on to the next rule, as long as the cover
 * takes the condition into account. */
static bool hides(const struct ir_rule *r)
{
	if (r->verdict == IR_RESUME && !r->resume)
		return false;
	return r->otherwise || box_conditions_are_lasting(r);
}

/* Most are covered by one. */
static const struct cover_found *keep(struct arena *a, const struct cover_found *found)
{
	size_t size = offsetof(struct cover_found, v) + found->n * sizeof(*found->v);

	return memcpy(arena_alloc(a, size), found, size);
}

static void reach_rule(struct reach *w, const struct ir_rule *r)
{
	struct cover_found found;

	cover_find(w->cover, r, &found);
	if (found.n) {
		w->c->covers[r->index] = keep(w->c->a, &found);
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

static bool has_condition(const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (s->kind == STMT_MATCH || s->kind == STMT_VMAP || s->kind == STMT_SSH_LOCAL || s->kind == STMT_DHCP)
			return true;
	return false;
}

/* One rule that ends their chain for all packets, or the policy of a chain before. */
static bool ends_everything(const struct cover_found *found, const struct ir_rule *r)
{
	const struct ir_rule *end = found->v[0];

	return found->n == 1 && (!end->source || (end->chain == r->chain && !has_condition(end->source)));
}

static void say_dead(struct check *c, const struct ir_rule *r)
{
	const struct cover_found *found = c->covers[r->index];

	if (ends_everything(found, r)) {
		diag_warning(c->d, DIAG_UNREACHABLE, r->source->span, "no packet gets to this rule");
		check_note(c, found->v[0], "decides about all of them");
		return;
	}
	diag_warning(c->d, DIAG_SHADOWED, r->source->span, "no packet is left for this rule by %s",
		     found->n == 1 ? "an earlier one" : "earlier ones");
	check_note_cover(c, found);
}

void check_dead(struct check *c)
{
	for (size_t i = 0; i < c->ir->n_rules; i++) {
		const struct ir_rule *r = c->ir->rules[i];
		struct rule_state *state = r->source ? &c->rules[r->source->number] : NULL;

		if (!state || state->said || state->live || !state->dead || state->first_dead != r->index)
			continue;
		state->said = true;
		if (!state->behind_dead_jumps)
			say_dead(c, r);
	}
}

void check_reach(struct check *c)
{
	const struct ir *ir = c->ir;
	struct reach w = {
		.c = c,
		.cover = cover_new(c->a),
		.resumed_from = arena_make_array(c->a, ir->n_rules, uint32_t),
	};

	for (size_t i = 0; i < ir->n_rules; i++)
		if (ir->rules[i]->kind == IR_MARK)
			reach_mark(&w, ir->rules[i]);
		else
			reach_rule(&w, ir->rules[i]);
	count_rules(&w);
}
