/* SPDX-License-Identifier: GPL-2.0-only */
/* intercept.h - tproxy, and the packets of connections that it has made. */
#ifndef ZFWC_BPF_INTERCEPT_H
#define ZFWC_BPF_INTERCEPT_H

#include <bpf/classify.h>
#include <bpf/flow.h>
#include <bpf/load.h>
#include <bpf/maps.h>
#include <bpf/socket.h>

/* Lets the routing of interception deliver the packet here. */
static __always_inline void divert(struct __sk_buff *skb)
{
	const struct zf_config *config = config_get();

	if (config)
		skb->mark |= config->mark;
}

/* The address where a rule looks for its listener: the one it names, else the
 * interface's first, else the packet's own, which is what k holds. */
static __always_inline int listener_address(struct zf_flow_key *k, const struct zf_tproxy *t, __u32 ifindex)
{
	const struct zf_interface *i;

	if (t->family) {
		if (t->family != (k->family == ZF_IPV4 ? 4 : 6))
			return -1;
		__builtin_memcpy(k->dst, t->addr, 16);
		return 0;
	}
	i = bpf_map_lookup_elem(&INTERFACE, &ifindex);
	if (i && k->family == ZF_IPV4 && i->flags & ZF_HAS_ADDR4)
		__builtin_memcpy(k->dst, i->addr4, 4);
	if (i && k->family == ZF_IPV6 && i->flags & ZF_HAS_ADDR6)
		__builtin_memcpy(k->dst, i->addr6, 16);
	return 0;
}

/* tproxy: to the connection that the packet belongs to, else to the listener
 * that 't' names.  0 unless the packet has a socket now. */
__noinline int intercept(struct __sk_buff *skb, struct packet *p, const struct zf_tproxy *t)
{
	struct zf_flow_key k;
	int found;

	if (!p || !t || p->out || !p->h.has_l4 || p->h.kind > FRAME_IPV6)
		return 0;
	k = p->h.flow;
	k.sport = 0;
	if (t->port)
		k.dport = bpf_htons(t->port);
	if (listener_address(&k, t, skb->ifindex))
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

#endif
