/* SPDX-License-Identifier: GPL-2.0-only */
/* actions.c - the ops of a rule as an element of RULE holds them.
 *
 *	ct local ... count tproxy	the states, the flag and the counter are in the element
 *
 * What most rules have is there: conditions on the flow and on the local
 * address at the beginning, a counter and a tproxy at the end. */
#include <compiler/emit.h>

#include <assert.h>

static void take_head(const struct ir_rule *r, struct actions *ret)
{
	for (size_t i = 0; i < r->n_ops; i++) {
		const struct ir_op *op = &r->ops[i];

		if (op->kind == IR_CT && op->ct_states && !ret->ct_states)
			ret->ct_states = op->ct_states;
		else if (op->kind == IR_LOCAL)
			ret->local = true;
		else
			break;
		ret->rest++;
		ret->n_rest--;
	}
}

/* Takes the last op if it is of this kind. */
static const struct ir_op *take_last(struct actions *a, enum ir_op_kind kind)
{
	if (a->n_rest == 0 || a->rest[a->n_rest - 1].kind != kind)
		return NULL;
	return &a->rest[--a->n_rest];
}

struct actions rule_actions(const struct ir_rule *r)
{
	struct actions ret = { .rest = r->ops, .n_rest = r->n_ops };

	take_head(r, &ret);
	ret.count = take_last(&ret, IR_COUNT);
	ret.tproxy = take_last(&ret, IR_TPROXY);
	ret.count_first = ret.count && !ret.tproxy;
	if (!ret.count && ret.tproxy) {
		ret.count = take_last(&ret, IR_COUNT);
		ret.count_first = ret.count;
	}
	assert(ret.n_rest == 0);
	return ret;
}
