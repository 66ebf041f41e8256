/* SPDX-License-Identifier: GPL-2.0-only */
/* act.h - what a rule does once its static part matches, and what happens to a
 * packet that no rule dropped. */
#ifndef ZFWC_BPF_ACT_H
#define ZFWC_BPF_ACT_H

#include <linux/pkt_cls.h>

#include <bpf/classify.h>
#include <bpf/flow.h>
#include <bpf/intercept.h>
#include <bpf/maps.h>
#include <bpf/ops.h>
#include <bpf/parse.h>

/* Beside these, GO_ON: the search resumes at p->lower. */
#define PASS  TC_ACT_UNSPEC /* the next program decides, and in the end the kernel goes on */
#define DROP  TC_ACT_SHOT
#define GO_ON 100

/* Do the conditions hold that are looked at before the ops? */
static __always_inline int conditions(struct __sk_buff *skb, struct packet *p, const struct zf_rule *r)
{
	if (r->ct_states && !state_in(skb, p, r->ct_states))
		return 0;
	if (r->flags & ZF_LOCAL_ADDRESS && (p->h.kind > FRAME_IPV6 || !is_local(p, skb->ifindex)))
		return 0;
	return !(r->flags & ZF_SPARES_ND && is_neighbour_discovery(&p->h));
}

/* Its conditions hold, and it has counted. */
static __always_inline int verdict(struct packet *p, const struct zf_rule *r)
{
	if (r->verdict == ZF_RESUME) {
		p->lower = r->resume;
		return GO_ON;
	}
	p->answer = r->verdict;
	p->code = p->h.kind == FRAME_IPV6 ? r->icmp6_code : r->icmp_code;
	return DROP;
}

/* Carries out rule p->rule.  Returns DROP, or GO_ON: with p->op, or with
 * p->lower set. */
static __always_inline int act(struct __sk_buff *skb, struct packet *p)
{
	const struct zf_rule *r = rule_get(p);

	if (!r)
		return DROP;
	p->lower = r->otherwise;
	if (!conditions(skb, p, r))
		return GO_ON;
	if (r->flags & ZF_HAS_OPS) {
		p->op = r->ops;
		return GO_ON;
	}
	if (r->flags & ZF_COUNT_FIRST)
		count(p, r->counter);
	if (r->flags & ZF_TPROXY && !intercept(skb, p, &r->tproxy))
		return GO_ON;
	if (!(r->flags & ZF_COUNT_FIRST))
		count(p, r->counter);
	return verdict(p, r);
}

/* Carries out op p->op of rule p->rule; returns as act(). */
static __always_inline int act_on(struct __sk_buff *skb, struct packet *p)
{
	__u32 ref = p->op;
	const struct zf_op *op = bpf_map_lookup_elem(&OPS, &ref);
	const struct zf_rule *r = rule_get(p);

	p->op = 0;
	if (!op || !r)
		return DROP;
	if (!carry_out(skb, p, op))
		return GO_ON;
	p->op = op->next;
	if (p->op)
		return GO_ON;
	count(p, r->counter);
	return verdict(p, r);
}

/* No rule dropped it. */
static __always_inline int pass(struct __sk_buff *skb, struct packet *p, const struct zf_config *config)
{
	if (config->flags[ZF_IPV4] & ZF_USES_TPROXY && !p->out)
		keep_intercepted(skb, p);
	if (config->flags[ZF_IPV4] & ZF_USES_CT && !p->own_socket)
		flow_record(skb, &p->h);
	return PASS;
}

#endif
