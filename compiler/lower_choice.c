/* SPDX-License-Identifier: GPL-2.0-only */
/* lower_choice.c - what sets and maps make of a rule. */
#include <compiler/lower_run.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>

/* In identities, apart from the numbers of pieces. */
#define FOR_EXCLUSION 0x65786300u
#define FOR_COUNTED   0x636f7500u
#define FOR_TAKEN     0x74616b00u

void choice_op(struct run *r, struct choice *c, const struct ir_op *op)
{
	struct ir_op *v = arena_make_array(r->l->a, c->n_ops + 1, struct ir_op);

	if (c->n_ops)
		memcpy(v, c->ops, c->n_ops * sizeof(*v));
	v[c->n_ops++] = *op;
	c->ops = v;
	run_note_op(r, op);
}

/* The packets that a pick is about; false when there are none. */
static bool apply_value(struct run *r, const struct view *v, const struct addr_set *values, struct choice *c)
{
	enum narrowed narrowed = match_view(r->l, &c->match, v, values);
	struct ir_op op;

	if (narrowed == NARROWED_ROUGHLY) {
		op = view_op(r->l, v, values);
		choice_op(r, c, &op);
		c->selective = true;
	}
	return narrowed != NARROWED_TO_NOTHING;
}

/* What a box can say of them depends on the protocol, or on the ICMP type. */
static bool comes_second(const struct view *v)
{
	return v->field == FIELD_TH_SPORT || v->field == FIELD_TH_DPORT || v->field == FIELD_ICMP_CODE ||
	       v->field == FIELD_ICMPV6_CODE;
}

static bool apply_pick(struct run *r, const struct views *views, const struct pick *pick, struct choice *c)
{
	struct ir_op alive = { .kind = IR_ALIVE };

	for (unsigned int pass = 0; pick->values && pass < 2; pass++)
		for (unsigned int i = 0; i < views->n; i++)
			if (comes_second(&views->v[i]) == (pass == 1) &&
			    !apply_value(r, &views->v[i], pick->values[i], c))
				return false;
	if (pick->timer) {
		alive.index = pick->timer - 1;
		choice_op(r, c, &alive);
		c->selective = true;
	}
	return true;
}

/* ---- exclusions ----
 *
 *	ip saddr != X tcp dport 22 drop		X, tcp 22	resume behind the rule
 *						tcp 22		drop
 *
 * The addresses that aren't in X would be up to 32 or 128 prefixes, each of
 * another length, and the rest of several boxes is no box; so what is excluded
 * is sent behind the rule first. */

void run_exclude(struct run *r, const struct views *views, const struct picks *picks)
{
	run_settle_effects(r);
	if (picks->n)
		*vec_push(r->l->a, &r->excluded) = (struct exclusion){ views, picks };
	run_need_values(r, views);
}

static void skip_one(struct run *r, const struct match *m, size_t nth, const struct exclusion *e, unsigned int box)
{
	for (size_t i = 0; i < e->picks->n; i++) {
		const struct pick *pick = &e->picks->v[i];
		struct choice c = { .match = *m, .identity = hash_u64(pick->identity, box), .span = pick->span };
		struct ir_rule *rule;

		if (!apply_pick(r, e->views, pick, &c))
			continue;
		rule = run_emit_choice(r, &c, hash_u64(run_piece_identity(r, FOR_EXCLUSION + r->n_pieces), nth));
		if (!rule)
			return;
		rule->ops = c.ops;
		rule->n_ops = c.n_ops;
		rule->resume = place_mark(r->l, &r->behind);
	}
}

/* A box of which nothing is left stays: what stands behind its skip rule just
 * isn't reached. */
void run_skip_excluded(struct run *r)
{
	for (size_t k = 0; k < r->excluded.n; k++) {
		if (!run_carries_choices(r))
			skip_one(r, &r->match, k, &r->excluded.v[k], 0);
		else
			for (unsigned int i = 0; i < r->choices.n; i++)
				skip_one(r, &r->choices.v[i].match, k, &r->excluded.v[k], i);
	}
	r->excluded.n = 0;
}

/* ---- choices ---- */

void run_fold(struct run *r)
{
	struct choice c;
	size_t n_behind = r->ops.n - r->at;
	struct ir_op *v;

	if (r->choices.n != 1)
		return;
	c = r->choices.v[0];
	r->match = c.match;
	r->only = c.identity;
	r->choices.n = 0;
	r->selective = false;
	if (!c.n_ops)
		return;
	v = arena_make_array(r->l->a, r->ops.n + c.n_ops, struct ir_op);
	if (r->at)
		memcpy(v, r->ops.v, r->at * sizeof(*v));
	memcpy(v + r->at, c.ops, c.n_ops * sizeof(*v));
	if (n_behind)
		memcpy(v + r->at + c.n_ops, r->ops.v + r->at, n_behind * sizeof(*v));
	r->ops.v = v;
	r->ops.n = r->ops.cap = r->ops.n + c.n_ops;
}

static bool drops(const struct pick *pick)
{
	return pick->data && pick->data->kind == VALUE_VERDICT && pick->data->number == VERDICT_DROP;
}

/* Elements with counters count whoever has their key, whatever stands behind. */
static void count_elements(struct run *r, const struct views *views, const struct picks *picks)
{
	struct place counted = { .identity = run_piece_identity(r, FOR_COUNTED + r->n_pieces) };

	if (!picks->n_counted)
		return;
	run_skip_excluded(r);
	for (size_t i = 0; i < picks->n_counted; i++) {
		const struct pick *pick = &picks->counted[i];
		const struct ir_op count = { .kind = IR_COUNT, .index = pick->counter - 1 };
		struct choice c = { .match = r->match, .identity = pick->identity, .span = pick->span };
		struct ir_rule *rule;

		if (!apply_pick(r, views, pick, &c))
			continue;
		choice_op(r, &c, &count);
		rule = run_emit_choice(r, &c, run_piece_identity(r, FOR_COUNTED + r->n_pieces));
		if (!rule)
			return;
		r->at = r->ops.n;
		run_put_ops(r, &c, rule);
		run_finish(r, rule, IR_RESUME, picks->exclusive ? NULL : &counted, NULL);
		rule->spares_neighbour_discovery |= r->blind && drops(pick);
	}
	r->impure = false;
	place_put(r->l, &counted, r->f);
}

static void choose_from(struct run *r, const struct choice *base, const struct views *views, const struct picks *picks,
			unsigned int nth)
{
	for (size_t i = 0; i < picks->n; i++) {
		const struct pick *pick = &picks->v[i];
		struct choice c = *base;

		if (!apply_pick(r, views, pick, &c))
			continue;
		c.data[nth] = pick->data;
		c.identity = nth ? hash_u64(base->identity, pick->identity) : pick->identity;
		c.span = pick->span;
		r->selective |= c.selective;
		*vec_push(r->l->a, &r->choices) = c;
		if (r->choices.n > LOWER_MAX_RULES) {
			limit_reached(r->l, r->f);
			return;
		}
	}
}

static void too_many_elements(struct run *r, size_t n)
{
	r->never = true;
	if (r->l->full)
		return;
	r->l->full = true;
	diag_error(
		r->l->d, DIAG_TOO_MANY_RULES, r->rule->span,
		"too many elements: a concatenation, a timeout or a counter makes them %zu rules, and at most %d can be",
		n, LOWER_MAX_RULES);
}

void run_choose(struct run *r, const struct views *views, const struct picks *picks)
{
	struct choice base = { .match = r->match }, *bases = r->choices.v;
	size_t n = r->choices.n;

	if (r->l->rules.n + picks->n + picks->n_counted > LOWER_MAX_RULES) {
		too_many_elements(r, picks->n + picks->n_counted);
		return;
	}
	if (!n) {
		count_elements(r, views, picks);
		r->exclusive = true;
		r->selective = false;
	}
	r->at = r->ops.n;
	r->exclusive &= picks->exclusive;
	memset(&r->choices, 0, sizeof(r->choices));
	if (!n)
		choose_from(r, &base, views, picks, 0);
	for (size_t i = 0; i < n && !r->l->full; i++)
		choose_from(r, &bases[i], views, picks, 1);
	r->never |= !r->choices.n;
}

static bool has_catchall(const struct picks *picks)
{
	return picks->n && !picks->v[picks->n - 1].values;
}

void run_look_up(struct run *r, const struct ast_value *key, const struct ast_value *set)
{
	const struct picks *picks;
	struct views views;

	views_of(key, &views);
	run_need_fields(r, &views);
	if (r->never)
		return;
	picks = picks_of(r->l, &views, set, r->rule);
	run_settle_effects(r);
	run_join(r);
	if (has_catchall(picks))
		run_need_values(r, &views);
	run_choose(r, &views, picks);
}

/* ---- conditions that a choice doesn't make ----
 *
 *	A, tcp 80, mark 1	next, else X
 *	A, tcp 80		tproxy: join, else behind
 *	X:
 *	A, tcp 80		tproxy: join, else behind
 *				behind
 *	join: */

static void emit_taken(struct run *r, const struct choice *c, const struct ir_op *op, struct place *join)
{
	struct place missed = { .identity = hash_u64(run_piece_identity(r, FOR_TAKEN + r->n_pieces), c->identity) };
	struct ir_rule *rule = run_emit_choice(r, c, missed.identity);
	struct ir_op *copy = arena_make(r->l->a, struct ir_op);

	if (!rule)
		return;
	run_put_ops(r, c, rule);
	run_finish(r, rule, IR_RESUME, NULL, &missed);
	rule = run_emit_choice(r, c, run_piece_identity(r, r->n_pieces));
	if (!rule)
		return;
	*copy = *op;
	rule->ops = copy;
	rule->n_ops = 1;
	run_finish(r, rule, IR_RESUME, join, &r->behind);
	place_put(r->l, &missed, r->f);
}

void run_choices_then(struct run *r, choice_op_fn op_of, const void *ctx)
{
	struct place join;
	struct ir_op op;

	op = op_of(&r->choices.v[0], ctx);
	if (!ir_op_is_condition(&op) || r->choices.n == 1 || r->exclusive) {
		for (size_t i = 0; i < r->choices.n; i++) {
			op = op_of(&r->choices.v[i], ctx);
			choice_op(r, &r->choices.v[i], &op);
		}
		run_fold(r);
		return;
	}
	join = run_join_place(r);
	run_skip_excluded(r);
	for (size_t i = 0; i < r->choices.n; i++) {
		op = op_of(&r->choices.v[i], ctx);
		run_note_op(r, &op);
		emit_taken(r, &r->choices.v[i], &op, &join);
	}
	r->n_pieces++;
	run_catch(r, &join);
}
