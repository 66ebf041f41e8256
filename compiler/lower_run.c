/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/lower_run.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>

/* In identities, apart from the numbers of pieces. */
#define FOR_JOIN  0x6a6f6900u
#define FOR_CATCH 0x63617400u

#define FEW_CHOICES 2 /* are carried along, and not joined */

void run_begin(struct run *r, struct lower *l, const struct ast_rule *rule, const struct frame *f)
{
	*r = (struct run){ .l = l, .rule = rule, .f = f, .match = f->match, .ops = { r->few_ops, 0, FEW_OPS } };
	r->behind.identity = hash_u64(run_identity(r), UINT64_MAX);
	r->miss = &r->behind;
}

uint64_t run_identity(const struct run *r)
{
	return hash_u64(r->f->path, r->l->info[r->rule->number].content);
}

uint64_t run_piece_identity(const struct run *r, unsigned int piece)
{
	return hash_u64(hash_u64(run_identity(r), piece), r->salt);
}

/* ---- ops ---- */

static bool has_effect(const struct ir_op *op)
{
	return !ir_op_is_condition(op) || op->kind == IR_LIMIT || op->kind == IR_TPROXY;
}

void run_note_op(struct run *r, const struct ir_op *op)
{
	struct ir *ir = r->l->ir;

	ir->uses_ct |= op->kind == IR_CT;
	ir->uses_tproxy |= op->kind == IR_TPROXY;
	ir->uses_local |= op->kind == IR_LOCAL;
	r->impure |= has_effect(op);
	r->changed |= op->kind == IR_SET || op->kind == IR_TPROXY;
}

/* "ct state established ct state related": what both allow. */
static bool join_states(struct run *r, const struct ir_op *op)
{
	for (size_t i = 0; i < r->ops.n && !r->impure; i++) {
		if (r->ops.v[i].kind != IR_CT)
			continue;
		r->ops.v[i].ct_states &= op->ct_states;
		r->never |= !r->ops.v[i].ct_states;
		return true;
	}
	return false;
}

/* A packet for which an op of a choice fails tries the next ones.  That does no
 * harm if it can't fulfil their conditions, or if nothing has happened to it. */
static bool may_try_others(const struct run *r, const struct ir_op *op)
{
	return r->exclusive ? !r->changed : !r->impure && !has_effect(op);
}

void run_op(struct run *r, const struct ir_op *op)
{
	if (r->selective && ir_op_is_condition(op) && !may_try_others(r, op))
		run_join(r);
	if (op->kind == IR_CT && join_states(r, op))
		return;
	*vec_push(r->l->a, &r->ops) = *op;
	run_note_op(r, op);
}

/* Those of before, of the choice, and of behind. */
void run_put_ops(const struct run *r, const struct choice *c, struct ir_rule *rule)
{
	size_t at = c ? r->at : 0, own = c ? c->n_ops : 0;
	struct ir_op *v;

	rule->n_ops = r->ops.n + own;
	if (!rule->n_ops)
		return;
	rule->ops = v = arena_make_array(r->l->a, rule->n_ops, struct ir_op);
	if (at)
		memcpy(v, r->ops.v, at * sizeof(*v));
	if (own)
		memcpy(v + at, c->ops, own * sizeof(*v));
	if (r->ops.n > at)
		memcpy(v + at + own, r->ops.v + at, (r->ops.n - at) * sizeof(*v));
}

/* ---- IR rules ---- */

struct ir_rule *run_emit_choice(struct run *r, const struct choice *c, uint64_t identity)
{
	struct ir_rule *rule = emit_rule(r->l, r->f, r->rule, &c->match, hash_u64(identity, c->identity));

	if (rule && span_known(c->span))
		rule->span = c->span;
	return rule;
}

bool run_carries_choices(const struct run *r)
{
	return r->choices.n && r->choices.n <= FEW_CHOICES && r->exclusive && !r->selective;
}

void run_finish(struct run *r, struct ir_rule *rule, enum ir_verdict verdict, struct place *resume,
		struct place *otherwise)
{
	rule->verdict = verdict;
	if (resume)
		rule->resume = place_mark(r->l, resume);
	if (otherwise && ir_is_conditional(rule))
		rule->otherwise = place_mark(r->l, otherwise);
	if (verdict == IR_REJECT)
		rule->reject = r->reject;
	rule->spares_neighbour_discovery = r->blind && (r->drops || verdict != IR_RESUME);
}

static void emit_box(struct run *r, enum ir_verdict verdict, struct place *resume, bool last)
{
	struct choice c = { .match = r->match, .identity = r->only };
	struct ir_rule *rule = run_emit_choice(r, &c, run_piece_identity(r, r->n_pieces));

	if (!rule)
		return;
	run_put_ops(r, NULL, rule);
	run_finish(r, rule, verdict, resume, last ? NULL : r->miss);
}

/* Where choices may overlap, a packet that one of them took goes behind them all.
 * One that doesn't fulfil the conditions of a choice goes on to the next. */
static void emit_choices(struct run *r, enum ir_verdict verdict, struct place *resume, bool last)
{
	bool apart = r->exclusive && !r->selective;

	for (size_t i = 0; i < r->choices.n; i++) {
		const struct choice *c = &r->choices.v[i];
		bool ends = last && i + 1 == r->choices.n;
		struct ir_rule *rule = run_emit_choice(r, c, run_piece_identity(r, r->n_pieces));
		struct place *otherwise = r->selective || (last && apart) || ends ? NULL : r->miss;

		if (!rule)
			return;
		run_put_ops(r, c, rule);
		run_finish(r, rule, verdict, resume || apart || ends || verdict != IR_RESUME ? resume : &r->behind,
			   otherwise);
	}
}

static void forget_ops(struct run *r)
{
	r->ops.n = r->at = 0;
	r->impure = r->changed = false;
	for (size_t i = 0; i < r->choices.n; i++)
		r->choices.v[i].n_ops = 0;
}

void run_emit(struct run *r, enum ir_verdict verdict, struct place *resume, bool last)
{
	run_skip_excluded(r);
	if (r->choices.n)
		emit_choices(r, verdict, resume, last);
	else
		emit_box(r, verdict, resume, last);
	r->n_pieces++;
	forget_ops(r);
}

/* ---- joins ---- */

struct place run_join_place(const struct run *r)
{
	return (struct place){ .identity = run_piece_identity(r, FOR_JOIN + r->n_joins) };
}

void run_catch(struct run *r, struct place *join)
{
	struct ir_rule *rule = emit_rule(r->l, r->f, r->rule, &r->match, run_piece_identity(r, FOR_CATCH + r->n_joins));

	if (rule)
		rule->resume = place_mark(r->l, r->miss);
	place_put(r->l, join, r->f);
	r->n_joins++;
	r->choices.n = 0;
	r->selective = false;
	forget_ops(r);
}

void run_join(struct run *r)
{
	struct place join = run_join_place(r);

	if (!r->choices.n)
		return;
	run_emit(r, IR_RESUME, &join, false);
	run_catch(r, &join);
}

void run_flush(struct run *r)
{
	if (r->choices.n && !run_carries_choices(r))
		run_join(r);
	else if (r->ops.n || (r->choices.n && r->choices.v[0].n_ops))
		run_emit(r, IR_RESUME, NULL, false);
}

void run_settle_effects(struct run *r)
{
	if (r->impure)
		run_flush(r);
}

/* ---- narrowing ---- */

static bool changes(struct run *r, const struct match *old, narrow_fn narrow, const void *ctx)
{
	struct match m = *old;

	return !narrow(r->l, &m, ctx) || !match_equal(&m, old);
}

static bool would_change(struct run *r, narrow_fn narrow, const void *ctx)
{
	if (changes(r, &r->match, narrow, ctx))
		return true;
	for (size_t i = 0; i < r->choices.n; i++)
		if (changes(r, &r->choices.v[i].match, narrow, ctx))
			return true;
	return false;
}

void run_narrow(struct run *r, narrow_fn narrow, const void *ctx)
{
	size_t n = 0;

	if (r->impure && would_change(r, narrow, ctx))
		run_flush(r);
	if (!narrow(r->l, &r->match, ctx)) {
		r->never = true;
		return;
	}
	if (!r->choices.n)
		return;
	for (size_t i = 0; i < r->choices.n; i++)
		if (narrow(r->l, &r->choices.v[i].match, ctx))
			r->choices.v[n++] = r->choices.v[i];
	r->choices.n = n;
	r->never = !n;
}

struct values {
	const struct view *view;
	const struct addr_set *set;
};

static bool narrow_values(struct lower *l, struct match *m, const void *ctx)
{
	const struct values *values = ctx;

	return match_view(l, m, values->view, values->set) != NARROWED_TO_NOTHING;
}

void run_match(struct run *r, const struct view *v, const struct addr_set *set)
{
	const struct values values = { v, set };
	struct match m = r->match;
	bool roughly = match_view(r->l, &m, v, set) == NARROWED_ROUGHLY;
	struct ir_op op;

	run_narrow(r, narrow_values, &values);
	if (r->never || !roughly)
		return;
	op = view_op(r->l, v, set);
	run_op(r, &op);
}

static bool narrow_field(struct lower *l, struct match *m, const void *ctx)
{
	return match_field(l, m, *(const enum ast_field *)ctx);
}

void run_need_fields(struct run *r, const struct views *views)
{
	for (unsigned int i = 0; i < views->n && !r->never; i++)
		run_narrow(r, narrow_field, &views->v[i].field);
}

void run_need_values(struct run *r, const struct views *views)
{
	const struct view *v = views->v;
	struct ir_op op;

	for (; v < views->v + views->n && !r->never; v++) {
		if (!view_may_be_missing(v))
			continue;
		op = view_op(r->l, v, set_complement(r->l, addr_set_make(r->l->a, v->width, NULL, 0)));
		run_op(r, &op);
	}
}
