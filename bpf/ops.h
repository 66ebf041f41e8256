/* SPDX-License-Identifier: GPL-2.0-only */
/* ops.h - the steps of a rule that has more than its element of RULE holds. */
#ifndef ZFWC_BPF_OPS_H
#define ZFWC_BPF_OPS_H

#include <bpf/classify.h>
#include <bpf/flow.h>
#include <bpf/intercept.h>
#include <bpf/load.h>
#include <bpf/maps.h>

/* ---- comparisons ---- */

static __always_inline int below(const struct zf_number *x, const struct zf_number *y)
{
	return x->high < y->high || (x->high == y->high && x->low < y->low);
}

static __always_inline int in_range(const struct zf_number *x, const struct zf_range *r)
{
	return !below(x, &r->lo) && !below(&r->hi, x);
}

/* The set has the number left-aligned, and so are its prefixes. */
static __always_inline int in_set(const struct zf_number *x, __u32 set, __u32 len)
{
	struct zf_value key = { .prefixlen = 32 + 8 * len, .set = set };
	__u32 room = 8 * (16 - len);
	__be64 words[2];

	if (room >= 64) {
		words[0] = bpf_cpu_to_be64(x->low << (room & 63));
		words[1] = 0;
	} else {
		words[0] = bpf_cpu_to_be64(room ? x->high << room | x->low >> (64 - room) : x->high);
		words[1] = bpf_cpu_to_be64(x->low << room);
	}
	__builtin_memcpy(key.bytes, words, sizeof(words));
	return bpf_map_lookup_elem(&VALUES, &key) != NULL;
}

static __always_inline int load(struct __sk_buff *skb, struct packet *p, const struct zf_op *op)
{
	__s64 fact;

	if (op->base != ZF_META)
		return load_bytes(skb, p, op);
	fact = load_meta(skb, p, op->at);
	p->number.high = 0;
	p->number.low = fact;
	return fact == NOTHING ? NOTHING : 0;
}

/* One op of a comparison.  While ranges are to come it holds, so that the next
 * one is looked at; what can't be loaded is in no range. */
__noinline int compare(struct __sk_buff *skb, struct packet *p, const struct zf_op *op)
{
	if (!p || !op)
		return 0;
	if (op->kind == ZF_OP_MORE) {
		p->matched |= in_range(&p->number, &op->more[0]) || in_range(&p->number, &op->more[1]);
		return p->matched || op->flags & ZF_OP_GOES_ON;
	}
	p->matched = 0;
	if (load(skb, p, op))
		return 0;
	p->number.high = (p->number.high & op->mask.high) ^ op->flip.high;
	p->number.low = (p->number.low & op->mask.low) ^ op->flip.low;
	if (op->flags & ZF_OP_IN_SET)
		return op->len <= 16 && in_set(&p->number, op->number, op->len);
	p->matched = in_range(&p->number, &op->range);
	return p->matched || op->flags & ZF_OP_GOES_ON;
}

/* ---- tokens ---- */

#define TRIES 32 /* when other CPUs take from the same bucket in between */

/* Takes a token that costs so much, if the bucket has as much.  The arithmetic
 * is that of net/netfilter/nft_limit.c, with one number for its two. */
static __always_inline int take(struct zf_limit *l, __u64 most, __u64 cost)
{
	for (int i = 0; i < TRIES; i++) {
		__u64 now = bpf_ktime_get_ns(), empty = l->empty, tokens = empty ? now - empty : most, next;

		if ((__s64)tokens < 0) /* another CPU's clock was read later */
			tokens = 0;
		if (tokens > most)
			tokens = most;
		if (tokens < cost)
			return 0;
		next = now - tokens + cost;
		if (__sync_val_compare_and_swap(&l->empty, empty, next ? next : 1) == empty)
			return 1;
	}
	return 0;
}

__noinline int within_limit(const struct packet *p, const struct zf_op *op)
{
	__u32 number;
	struct zf_limit *l;
	__u64 cost;
	int taken;

	if (!p || !op || !op->limit.rate)
		return 0;
	number = op->number;
	l = bpf_map_lookup_elem(&LIMIT, &number);
	if (!l)
		return 0;
	cost = op->flags & ZF_OP_BYTES ? op->limit.nsecs * p->bytes / op->limit.rate : op->limit.nsecs / op->limit.rate;
	taken = take(l, op->limit.most, cost);
	return op->flags & ZF_OP_OVER ? !taken : taken;
}

static __always_inline int alive(__u32 number)
{
	const struct zf_timer *t = bpf_map_lookup_elem(&TIMER, &number);

	return t && bpf_ktime_get_boot_ns() < t->end;
}

/* ---- logging ---- */

static __always_inline void fill_event(struct zf_event *e, struct __sk_buff *skb, const struct packet *p,
				       const struct zf_op *op)
{
	const struct zf_rule *r = rule_get(p);

	e->time = bpf_ktime_get_boot_ns();
	e->identity = op->identity;
	e->rule = r ? r->identity : 0;
	e->ifindex = skb->ifindex;
	e->mark = skb->mark;
	e->priority = skb->priority;
	e->len = skb->len;
	e->network = p->h.link;
	e->protocol = p->h.type;
	e->flags = (p->out ? ZF_EVENT_EGRESS : 0) | (p->no_ethernet ? ZF_EVENT_NO_ETHERNET : 0);
	e->packet_type = skb->pkt_type;
}

/* The event doesn't take place when there are too many, or nobody reads. */
__noinline int log_packet(struct __sk_buff *skb, const struct packet *p, const struct zf_op *op)
{
	__u32 zero = 0, len;
	struct zf_limit *l = bpf_map_lookup_elem(&LIMIT, &zero);
	struct zf_event *e = NULL;

	if (!p || !op || !l)
		return 0;
	if (take(l, (__u64)ZF_LOG_BURST * (1000000000 / ZF_LOG_RATE), 1000000000 / ZF_LOG_RATE))
		e = bpf_ringbuf_reserve(&LOG, sizeof(*e), 0);
	if (!e) {
		__sync_fetch_and_add(&l->lost, 1);
		return 0;
	}
	__builtin_memset(e, 0, sizeof(*e));
	fill_event(e, skb, p, op);
	e->lost = l->lost;
	len = skb->len;
	if (op->number && len > op->number)
		len = op->number;
	if (len > ZF_EVENT_BYTES)
		len = ZF_EVENT_BYTES;
	len = ((len - 1) & (ZF_EVENT_BYTES - 1)) + 1; /* never 0, as the verifier sees */
	if (!bpf_skb_load_bytes(skb, 0, e->bytes, len))
		e->captured = len;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* ---- all of them ---- */

/* Does one op: 0 when it is a condition that doesn't hold. */
static __always_inline int carry_out(struct __sk_buff *skb, struct packet *p, const struct zf_op *op)
{
	switch (op->kind) {
	case ZF_OP_COMPARE:
	case ZF_OP_MORE:
		return compare(skb, p, op);
	case ZF_OP_CT:
		return state_in(skb, p, op->states);
	case ZF_OP_LOCAL:
		return p->h.kind <= FRAME_IPV6 && is_local(p, skb->ifindex);
	case ZF_OP_LIMIT:
		return within_limit(p, op);
	case ZF_OP_ALIVE:
		return alive(op->number);
	case ZF_OP_TPROXY:
		return intercept(skb, p, &op->tproxy);
	case ZF_OP_COUNT:
		count(p, op->number);
		return 1;
	case ZF_OP_LOG:
		log_packet(skb, p, op);
		return 1;
	case ZF_OP_SET_MARK:
		skb->mark = (skb->mark & op->set.and) ^ op->set.xor ;
		return 1;
	case ZF_OP_SET_PRIORITY:
		skb->priority = (skb->priority & op->set.and) ^ op->set.xor ;
		return 1;
	}
	return 0;
}

#endif
