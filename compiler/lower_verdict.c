/* SPDX-License-Identifier: GPL-2.0-only */
/* lower_verdict.c - how a rule ends: verdicts, verdict maps, reject. */
#include <compiler/lower_run.h>

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>
#include <compiler/value.h>

/* A verdict of a statement or of a map's element. */
struct ending {
	enum ast_verdict verdict;
	const struct ast_chain *target;
	struct span span;
};

/* ---- jumps ---- */

static void inline_box(struct run *r, const struct ending *e, const struct match *m, unsigned int box,
		       struct place *on_return)
{
	struct frame inner = *r->f;

	inner.match = *m;
	inner.path = hash_u64(hash_u64(hash_string(run_identity(r), e->target->name), box), r->salt);
	inner.on_return = on_return;
	inner.depth++;
	inner.jump = e->span;
	if (!r->l->full && r->f->depth < LOWER_MAX_DEPTH)
		lower_chain(r->l, e->target, &inner);
}

/* Rules in front of the target's do what must be done before it. */
static void inline_target(struct run *r, const struct ending *e, struct place *on_return)
{
	run_flush(r);
	run_skip_excluded(r);
	if (!r->choices.n)
		inline_box(r, e, &r->match, 0, on_return);
	for (unsigned int i = 0; i < r->choices.n; i++)
		inline_box(r, e, &r->choices.v[i].match, i, on_return);
}

/* Whoever gets to the end of the target's rules returns from this chain; at the
 * end of this chain that needs no rule. */
static void lower_goto(struct run *r, const struct ending *e, bool at_end)
{
	inline_target(r, e, r->f->on_return);
	if (!at_end)
		run_emit(r, IR_RESUME, r->f->on_return, true);
}

/* 'at_end': no other IR rule of this chain follows. */
static void end(struct run *r, const struct ending *e, bool at_end)
{
	switch (e->verdict) {
	case VERDICT_ACCEPT:
		run_emit(r, IR_RESUME, r->f->on_accept, true);
		break;
	case VERDICT_DROP:
		run_emit(r, IR_DROP, NULL, true);
		break;
	case VERDICT_RETURN:
		if (!at_end)
			run_emit(r, IR_RESUME, r->f->on_return, true);
		else if (r->impure)
			run_emit(r, IR_RESUME, NULL, true);
		break;
	case VERDICT_JUMP:
		inline_target(r, e, &r->behind);
		break;
	case VERDICT_GOTO:
		lower_goto(r, e, at_end);
		break;
	case VERDICT_CONTINUE:
		break;
	}
}

void lower_verdict(struct run *r, const struct ast_stmt *s)
{
	const struct ending e = {
		.verdict = s->verdict.verdict,
		.target = s->verdict.target,
		.span = span_known(s->verdict.chain_span) ? s->verdict.chain_span : s->span,
	};

	end(r, &e, !r->rule->next);
	r->ended = e.verdict != VERDICT_CONTINUE;
}

/* ---- verdict maps ----
 *
 *	tcp dport vmap { 22 : accept, 23 : drop, 80 : jump web }
 *
 *		tcp 22		accept
 *		tcp 23		drop
 *		tcp 80, rules of web
 *
 * Whom no element is about gets by all of that, and so behind the rule. */

#define FOR_MISS 0x6d697300u /* in identities */

/* All choices of a map, and the ops that stand before it. */
struct branches {
	struct choice *v;
	size_t n;
	struct ir_op *ops;
	size_t n_ops;
};

static bool same_verdict(const struct choice *x, const struct choice *y)
{
	const struct ast_value *p = x->data[0], *q = y->data[0];

	return p->number == q->number && p->target == q->target;
}

/* Makes choices from..to those of the run. */
static void enter_branch(struct run *r, const struct branches *b, size_t from, size_t to)
{
	r->choices.v = b->v + from;
	r->choices.n = r->choices.cap = to - from;
	r->ops.v = b->ops;
	r->ops.n = r->ops.cap = r->at = b->n_ops;
	r->selective = false;
	for (size_t i = from; i < to; i++)
		r->selective |= b->v[i].selective;
	r->salt = hash_u64(content_of_value(b->v[from].data[0]), 1);
}

/* Those that "continue" go to 'next'.  Whoever comes back from a jump goes behind
 * the rule, by the other branches. */
static void lower_branch(struct run *r, const struct ending *e, struct place *next)
{
	bool apart = r->exclusive && !r->selective;

	run_fold(r);
	if (e->verdict == VERDICT_CONTINUE) {
		run_emit(r, IR_RESUME, next, true);
		return;
	}
	end(r, e, false);
	if (e->verdict == VERDICT_JUMP && !apart)
		run_emit(r, IR_RESUME, &r->behind, true);
}

static void lower_branches(struct run *r, const struct branches *b, struct place *next)
{
	const struct match all = r->match;
	struct place miss;

	for (size_t from = 0, to; from < b->n && !r->l->full; from = to) {
		const struct ast_value *v = b->v[from].data[0];
		const struct ending e = { (enum ast_verdict)v->number, v->target, v->span };

		for (to = from + 1; to < b->n && same_verdict(&b->v[from], &b->v[to]);)
			to++;
		enter_branch(r, b, from, to);
		miss = (struct place){ .identity = hash_u64(run_piece_identity(r, FOR_MISS), r->n_joins) };
		r->miss = &miss;
		lower_branch(r, &e, next);
		place_put(r->l, &miss, r->f);
		r->match = all;
		r->only = 0;
	}
	r->miss = &r->behind;
	r->salt = 0;
	r->choices.n = 0;
	r->selective = false;
	r->ops.n = r->at = 0;
}

void lower_vmap(struct run *r, const struct ast_stmt *s)
{
	struct branches b;
	struct place next;

	run_look_up(r, s->vmap.key, s->vmap.map);
	if (r->never)
		return;
	run_skip_excluded(r);
	b = (struct branches){ r->choices.v, r->choices.n, r->ops.v, r->ops.n };
	r->choices.v = NULL;
	r->ops.v = NULL;
	next = run_join_place(r);
	lower_branches(r, &b, s->next || r->accepts ? &next : &r->behind);
	if (next.mark)
		run_catch(r, &next);
	else
		r->ended = true;
}

/* ---- reject ---- */

static bool narrow_families(struct lower *l, struct match *m, const void *ctx)
{
	(void)l;
	return match_families(m, *(const uint8_t *)ctx);
}

static bool narrow_tcp(struct lower *l, struct match *m, const void *ctx)
{
	(void)ctx;
	return match_protocol(l, m, IPPROTO_TCP);
}

/* nft's codes for both: no route, port, host, prohibited. */
static void set_both_codes(struct ir_reject *reject, uint64_t code)
{
	static const uint8_t codes[][2] = {
		{ ICMP_NET_UNREACH, ICMP6_DST_UNREACH_NOROUTE },
		{ ICMP_PORT_UNREACH, ICMP6_DST_UNREACH_NOPORT },
		{ ICMP_HOST_UNREACH, ICMP6_DST_UNREACH_ADDR },
		{ ICMP_PKT_FILTERED, ICMP6_DST_UNREACH_ADMIN },
	};

	reject->icmp_code = codes[code % 4][0];
	reject->icmp6_code = codes[code % 4][1];
}

#define ICMPX_PORT_UNREACHABLE 1

void lower_reject(struct run *r, const struct ast_stmt *s)
{
	uint64_t code = s->reject.code ? s->reject.code->number : ICMPX_PORT_UNREACHABLE;
	uint8_t families = s->reject.with == REJECT_ICMP ? IR_V4 : IR_V6;

	set_both_codes(&r->reject, ICMPX_PORT_UNREACHABLE);
	if (s->reject.with == REJECT_TCP_RESET) {
		r->reject.tcp_reset = true;
		run_narrow(r, narrow_tcp, NULL);
	} else if (s->reject.with == REJECT_ICMP || s->reject.with == REJECT_ICMPV6) {
		run_narrow(r, narrow_families, &families);
		if (s->reject.code && families == IR_V4)
			r->reject.icmp_code = (uint8_t)code;
		else if (s->reject.code)
			r->reject.icmp6_code = (uint8_t)code;
	} else {
		set_both_codes(&r->reject, code);
	}
	if (!r->never)
		run_emit(r, IR_REJECT, NULL, true);
	r->ended = true;
}
