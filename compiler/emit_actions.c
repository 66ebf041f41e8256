/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_actions.c - the ops of a rule as an element of RULE and a list in OPS.
 *
 *	ct local ... count tproxy	the states, the flag and the counter are in the element
 *
 * What most rules have is in the element: conditions on the flow and on the
 * local address at the beginning, a counter and a tproxy at the end.  A rule that
 * has anything else has that in a list, and its tproxy too. */
#include <compiler/emit.h>

#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>

/* ---- the element ---- */

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
	struct actions head = { .rest = r->ops, .n_rest = r->n_ops }, ret;

	take_head(r, &head);
	ret = head;
	ret.count = take_last(&ret, IR_COUNT);
	if (r->verdict != IR_REJECT) /* whose codes are in the place of tproxy */
		ret.tproxy = take_last(&ret, IR_TPROXY);
	ret.count_first = ret.count && !ret.tproxy;
	if (!ret.count && ret.tproxy) {
		ret.count = take_last(&ret, IR_COUNT);
		ret.count_first = ret.count;
	}
	if (!ret.n_rest || !ret.tproxy)
		return ret;
	head.count = take_last(&head, IR_COUNT);
	head.count_first = head.count;
	return head;
}

void tproxy_make(const struct ir_tproxy *t, struct zf_tproxy *ret)
{
	ret->port = t->port;
	if (!t->has_addr)
		return;
	ret->family = t->family == AF_INET ? 4 : 6;
	memcpy(ret->addr, t->addr, t->family == AF_INET ? 4 : 16);
}

/* ---- the list ---- */

struct op_list {
	struct emit *e;
	const struct ir_rule *rule;
	struct pool *pool;
	uint32_t first; /* of those made so far; they are made from the last one on */
	size_t n;
};

static void push_op(struct op_list *l, struct zf_op *op)
{
	op->next = l->first;
	l->first = pool_intern(l->pool, op, l->rule->index);
	l->n++;
}

static struct zf_number number(u128 x)
{
	return (struct zf_number){ (uint64_t)(x >> 64), (uint64_t)x };
}

static struct zf_range range(const struct addr_set *s, size_t i)
{
	if (i >= s->n)
		return (struct zf_range){ .lo = { 0, 1 } };
	return (struct zf_range){ number(s->v[i].lo), number(s->v[i].hi) };
}

/* The first range is in the comparison, two in each op behind it. */
static void push_more(struct op_list *l, const struct addr_set *s)
{
	size_t last = s->n;

	while (last > 1) {
		size_t at = last % 2 ? last - 2 : last - 1;
		struct zf_op op = { .kind = ZF_OP_MORE, .flags = last < s->n ? ZF_OP_GOES_ON : 0 };

		op.more[0] = range(s, at);
		op.more[1] = range(s, at + 1);
		push_op(l, &op);
		last = at;
	}
}

static void push_compare(struct op_list *l, const struct ir_op *ir)
{
	const struct ir_compare *c = &ir->compare;
	struct zf_op op = {
		.kind = ZF_OP_COMPARE,
		.base = (uint8_t)c->load.base,
		.at = c->load.at,
		.len = c->load.len,
		.mask = number(c->mask),
		.flip = number(c->flip),
	};

	_Static_assert((int)IR_META == (int)ZF_META && (int)IR_TRANSPORT == (int)ZF_TRANSPORT &&
			       (int)IR_META_FIB_SADDR_IIF == (int)ZF_META_FIB_SADDR_IIF,
		       "the same numbers");
	if (c->allowed->n > INLINE_RANGES) {
		op.flags = ZF_OP_IN_SET;
		op.number = value_set_number(l->e, c->allowed);
		op.identity = value_set_identity(l->rule, ir);
	} else {
		push_more(l, c->allowed);
		op.flags = c->allowed->n > 1 ? ZF_OP_GOES_ON : 0;
		op.range = range(c->allowed, 0);
	}
	push_op(l, &op);
}

/* What nft_limit.c computes from the same numbers. */
static void push_limit(struct op_list *l, uint32_t index)
{
	const struct ir_limit *limit = &l->e->ir->limits[index];
	struct zf_op op = {
		.kind = ZF_OP_LIMIT,
		.flags = (limit->over ? ZF_OP_OVER : 0) | (limit->bytes ? ZF_OP_BYTES : 0),
		.number = l->e->ret->limit_ids[index],
		.identity = limit->identity,
		.limit = { .nsecs = limit->per, .rate = limit->rate },
	};

	if (limit->rate && limit->bytes)
		op.limit.most = limit->per * (limit->rate + limit->burst) / limit->rate;
	else if (limit->rate)
		op.limit.most = limit->per / limit->rate * limit->burst;
	push_op(l, &op);
}

static void push_log(struct op_list *l, uint32_t index)
{
	const struct ir_log *log = &l->e->ir->logs[index];

	push_op(l, &(struct zf_op){ .kind = ZF_OP_LOG, .number = log->snaplen, .identity = log->identity });
}

static void push_set(struct op_list *l, const struct ir_op *ir)
{
	push_op(l, &(struct zf_op){
			   .kind = ir->set.what == IR_META_MARK ? ZF_OP_SET_MARK : ZF_OP_SET_PRIORITY,
			   .set = { ir->set.and, ir->set.xor },
		   });
}

static void push_tproxy(struct op_list *l, const struct ir_op *ir)
{
	struct zf_op op = { .kind = ZF_OP_TPROXY };

	tproxy_make(&ir->tproxy, &op.tproxy);
	push_op(l, &op);
}

static void push(struct op_list *l, const struct ir_op *ir)
{
	const struct emit *e = l->e;

	switch (ir->kind) {
	case IR_COMPARE:
		push_compare(l, ir);
		break;
	case IR_CT:
		push_op(l, &(struct zf_op){ .kind = ZF_OP_CT, .states = ir->ct_states });
		break;
	case IR_LOCAL:
		push_op(l, &(struct zf_op){ .kind = ZF_OP_LOCAL });
		break;
	case IR_LIMIT:
		push_limit(l, ir->index);
		break;
	case IR_ALIVE:
		push_op(l, &(struct zf_op){ .kind = ZF_OP_ALIVE,
					    .number = e->ret->timer_ids[ir->index],
					    .identity = e->ir->timers[ir->index].identity });
		break;
	case IR_TPROXY:
		push_tproxy(l, ir);
		break;
	case IR_COUNT:
		push_op(l, &(struct zf_op){ .kind = ZF_OP_COUNT,
					    .number = e->ret->counter_ids[ir->index],
					    .identity = e->ir->counters[ir->index].identity });
		break;
	case IR_LOG:
		push_log(l, ir->index);
		break;
	case IR_SET:
		push_set(l, ir);
		break;
	}
}

uint32_t actions_emit(struct emit *e, struct pool *ops, const struct ir_rule *r, const struct actions *a)
{
	struct op_list l = { .e = e, .rule = r, .pool = ops };

	for (size_t i = a->n_rest; i-- > 0;)
		push(&l, &a->rest[i]);
	if (l.n <= ZF_OPS)
		return l.first;
	e->failed = true;
	diag_error(e->d, DIAG_TOO_MANY_COMBINATIONS, r->span,
		   "the rule has more than %d conditions and effects (%zu) that must be carried out one by one", ZF_OPS,
		   l.n);
	return 0;
}
