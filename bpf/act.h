/* SPDX-License-Identifier: GPL-2.0-only */
/* act.h - what a rule does once its static part matches, and what happens to a
 * packet that no rule dropped. */
#ifndef ZFWC_BPF_ACT_H
#define ZFWC_BPF_ACT_H

#include <linux/pkt_cls.h>

#include <bpf/classify.h>
#include <bpf/flow.h>
#include <bpf/maps.h>
#include <bpf/parse.h>
#include <bpf/socket.h>

/* Beside these, GO_ON: the search resumes at p->lower. */
#define PASS  TC_ACT_UNSPEC /* the next program decides, and in the end the kernel goes on */
#define DROP  TC_ACT_SHOT
#define GO_ON 100

/* Is the packet's destination an address of this interface?  0: of any. */
static __always_inline int is_local(const struct packet *p, __u32 ifindex)
{
	struct zf_local key = { .ifindex = ifindex, .family = p->h.flow.family };

	__builtin_memcpy(key.addr, p->h.flow.dst, 16);
	return bpf_map_lookup_elem(&LOCAL, &key) != NULL;
}

static __always_inline void count(const struct packet *p, __u32 nr)
{
	struct zf_counter *c = nr ? bpf_map_lookup_elem(&COUNTER, &nr) : NULL;

	if (c) {
		c->packets++;
		c->bytes += p->bytes;
	}
}

static __always_inline const struct zf_rule *rule_get(const struct packet *p)
{
	__u32 nr = p->rule;

	return bpf_map_lookup_elem(&RULE, &nr);
}

/* Lets the routing of interception deliver the packet here. */
static __always_inline void divert(struct __sk_buff *skb)
{
	const struct zf_config *config = config_get();

	if (config)
		skb->mark |= config->mark;
}

/* The address where a rule looks for its listener: the one it names, else the
 * interface's first, else the packet's own, which is what k holds. */
static __always_inline int listener_address(struct zf_flow_key *k, const struct zf_rule *r, __u32 ifindex)
{
	const struct zf_interface *i;

	if (r->flags & (ZF_TPROXY_ADDR4 | ZF_TPROXY_ADDR6)) {
		if (!(r->flags & (k->family == ZF_IPV4 ? ZF_TPROXY_ADDR4 : ZF_TPROXY_ADDR6)))
			return -1;
		__builtin_memcpy(k->dst, r->tproxy_addr, 16);
		return 0;
	}
	i = bpf_map_lookup_elem(&INTERFACE, &ifindex);
	if (i && k->family == ZF_IPV4 && i->flags & ZF_HAS_ADDR4)
		__builtin_memcpy(k->dst, i->addr4, 4);
	if (i && k->family == ZF_IPV6 && i->flags & ZF_HAS_ADDR6)
		__builtin_memcpy(k->dst, i->addr6, 16);
	return 0;
}

/* tproxy: to the connection that the packet belongs to, else to the listener of
 * rule p->rule.  0 unless the packet has a socket now. */
__noinline int intercept(struct __sk_buff *skb, struct packet *p)
{
	const struct zf_rule *r;
	struct zf_flow_key k;
	int found;

	if (!p || !p->h.has_l4 || p->h.kind > FRAME_IPV6)
		return 0;
	r = rule_get(p);
	if (!r)
		return 0;
	k = p->h.flow;
	k.sport = 0;
	if (r->tproxy_port)
		k.dport = bpf_htons(r->tproxy_port);
	if (listener_address(&k, r, skb->ifindex))
		return 0;
	if (k.proto == IPPROTO_TCP)
		found = tcp_connection(skb, &p->h.flow, tcp_flags(skb, &p->h), ASSIGN) || tcp_listener(skb, &k);
	else if (k.proto == IPPROTO_UDP)
		found = udp_connection(skb, &p->h.flow, ASSIGN) || udp_listener(skb, &k);
	else
		return 0;
	if (!found)
		return 0;
	divert(skb);
	p->assigned = 1;
	return 1;
}

/* Do the conditions hold that are looked at only now? */
static __always_inline int conditions(struct __sk_buff *skb, struct packet *p, const struct zf_rule *r)
{
	if (r->ct_states) {
		find_state(skb, p);
		if (!(p->state & r->ct_states))
			return 0;
	}
	if (r->flags & ZF_LOCAL_ADDRESS && (p->h.kind > FRAME_IPV6 || !is_local(p, skb->ifindex)))
		return 0;
	return !(r->flags & ZF_SPARES_ND && is_neighbour_discovery(&p->h));
}

/* Carries out rule p->rule.  Returns DROP, or GO_ON with p->lower set. */
__noinline int act(struct __sk_buff *skb, struct packet *p)
{
	const struct zf_rule *r;

	if (!p)
		return DROP;
	r = rule_get(p);
	if (!r)
		return DROP;
	p->lower = r->otherwise;
	if (!conditions(skb, p, r))
		return GO_ON;
	if (r->flags & ZF_COUNT_FIRST)
		count(p, r->counter);
	if (r->flags & ZF_TPROXY && !intercept(skb, p))
		return GO_ON;
	if (!(r->flags & ZF_COUNT_FIRST))
		count(p, r->counter);
	if (r->verdict == ZF_DROP)
		return DROP;
	p->lower = r->resume;
	return GO_ON;
}

/* An accepted packet of an intercepted connection gets to its socket whichever
 * rule accepted it: the socket holds an address that isn't of this host, so
 * without the mark the packet would be forwarded.  ICMP errors about such a
 * connection find their socket themselves, once they are delivered here. */
__noinline int keep_intercepted(struct __sk_buff *skb, struct packet *p)
{
	if (!p || p->assigned || p->h.kind > FRAME_IPV6 || !p->h.has_l4 || is_local(p, 0))
		return 0;
	if (is_icmp_error(&p->h)) {
		if (quoted_by(skb, &p->h) == QUOTES_CONNECTION)
			divert(skb);
	} else if (connection(skb, &p->h.flow, tcp_flags(skb, &p->h), ASSIGN)) {
		divert(skb);
	}
	return 0;
}

/* No rule dropped it. */
static __always_inline int pass(struct __sk_buff *skb, struct packet *p)
{
	const struct zf_config *config = config_get();

	if (!config)
		return DROP;
	if (config->flags[ZF_IPV4] & ZF_USES_TPROXY)
		keep_intercepted(skb, p);
	if (config->flags[ZF_IPV4] & ZF_USES_CT && !p->own_socket)
		flow_record(skb, &p->h);
	return PASS;
}

#endif
