/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_states.c - numbers of what has a state that outlives an apply.
 *
 * Counters, limits and timers are found again by identity, wherever they stand. */
#include <compiler/emit.h>

#include <compiler/base/arena.h>

struct same_state {
	const struct found_states *found;
	uint64_t identity;
};

static bool same_state(const void *ctx, uint32_t number)
{
	const struct same_state *s = ctx;

	return s->found->list.v[number - 1].identity == s->identity;
}

void state_numbers_init(struct emit *e, enum state_kind kind, struct state_numbers *ret)
{
	const struct found_states *found = &e->found.states[kind];

	*ret = (struct state_numbers){ .found = found, .free = { .used = found->used, .n = found->n } };
	for (size_t i = 0; i < found->list.n; i++) {
		struct same_state s = { found, found->list.v[i].identity };

		emit_table_add(e->a, &ret->by_identity, s.identity, same_state, &s, (uint32_t)i + 1);
	}
}

uint32_t state_numbers_find(const struct state_numbers *s, uint64_t identity)
{
	struct same_state same = { s->found, identity };
	uint32_t i = emit_table_find(&s->by_identity, identity, same_state, &same);

	return i ? s->found->list.v[i - 1].number : 0;
}

static void number_state(struct state_numbers *s, uint64_t identity, uint32_t *id, bool *is_new)
{
	if (*id)
		return;
	*id = state_numbers_find(s, identity);
	*is_new = !*id;
	if (!*id)
		*id = free_numbers_take(&s->free);
}

static void number_states_of(struct emit *e, struct state_numbers numbers[STATE_KINDS], const struct ir_op *op)
{
	const struct ir *ir = e->ir;
	uint32_t i = op->index;

	switch (op->kind) {
	case IR_COUNT:
		number_state(&numbers[STATE_COUNTER], ir->counters[i].identity, &e->ret->counter_ids[i],
			     &e->ret->counter_new[i]);
		break;
	case IR_LIMIT:
		number_state(&numbers[STATE_LIMIT], ir->limits[i].identity, &e->ret->limit_ids[i],
			     &e->ret->limit_new[i]);
		break;
	case IR_ALIVE:
		number_state(&numbers[STATE_TIMER], ir->timers[i].identity, &e->ret->timer_ids[i],
			     &e->ret->timer_new[i]);
		break;
	default:
		break;
	}
}

void emit_states(struct emit *e)
{
	const struct ir *ir = e->ir;
	struct state_numbers numbers[STATE_KINDS];

	for (int kind = 0; kind < STATE_KINDS; kind++)
		state_numbers_init(e, kind, &numbers[kind]);
	e->ret->counter_ids = arena_make_array(e->a, ir->n_counters, uint32_t);
	e->ret->counter_new = arena_make_array(e->a, ir->n_counters, bool);
	e->ret->limit_ids = arena_make_array(e->a, ir->n_limits, uint32_t);
	e->ret->limit_new = arena_make_array(e->a, ir->n_limits, bool);
	e->ret->timer_ids = arena_make_array(e->a, ir->n_timers, uint32_t);
	e->ret->timer_new = arena_make_array(e->a, ir->n_timers, bool);
	for (size_t i = 0; i < ir->n_rules; i++)
		for (size_t k = 0; e->wanted[i] && k < ir->rules[i]->n_ops; k++)
			number_states_of(e, numbers, &ir->rules[i]->ops[k]);
}
