/* SPDX-License-Identifier: GPL-2.0-only */
/* box_conditions.c - conditions of rules, one against the other. */
#include <compiler/box.h>

static bool is_lasting_fact(unsigned int meta)
{
	switch (meta) {
	case IR_META_LENGTH:
	case IR_META_PROTOCOL:
	case IR_META_NFPROTO:
	case IR_META_L4PROTO:
	case IR_META_PKTTYPE:
	case IR_META_IIF:
	case IR_META_OIF:
		return true;
	default:
		return false;
	}
}

static bool is_lasting(const struct ir_op *op)
{
	switch (op->kind) {
	case IR_CT:
	case IR_LOCAL:
		return true;
	case IR_COMPARE:
		return op->compare.load.base != IR_META || is_lasting_fact(op->compare.load.at);
	default:
		return !ir_op_is_condition(op);
	}
}

bool box_conditions_are_lasting(const struct ir_rule *r)
{
	for (size_t i = 0; i < r->n_ops; i++)
		if (!is_lasting(&r->ops[i]))
			return false;
	return true;
}

static bool same_load(const struct ir_compare *x, const struct ir_compare *y)
{
	return x->load.base == y->load.base && x->load.at == y->load.at && x->load.len == y->load.len &&
	       x->mask == y->mask && x->flip == y->flip;
}

/* Does x hold whenever y does? */
static bool follows(const struct ir_op *x, const struct ir_op *y)
{
	if (x->kind != y->kind)
		return false;
	switch (x->kind) {
	case IR_CT:
		return !(y->ct_states & ~x->ct_states);
	case IR_LOCAL:
		return true;
	case IR_COMPARE:
		return same_load(&x->compare, &y->compare) && box_set_contains(x->compare.allowed, y->compare.allowed);
	default:
		return false;
	}
}

/* Among the conditions of 'r' that stand before its first effect. */
static bool follows_from_any(const struct ir_op *x, const struct ir_rule *r)
{
	for (size_t i = 0; i < r->n_ops && ir_op_is_condition(&r->ops[i]) && is_lasting(&r->ops[i]); i++)
		if (follows(x, &r->ops[i]))
			return true;
	return false;
}

bool box_conditions_follow(const struct ir_rule *outer, const struct ir_rule *inner)
{
	for (size_t i = 0; i < outer->n_ops; i++)
		if (ir_op_is_condition(&outer->ops[i]) && !follows_from_any(&outer->ops[i], inner))
			return false;
	return true;
}
