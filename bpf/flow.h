/* SPDX-License-Identifier: GPL-2.0-only */
/* flow.h - what 'ct state' knows: sockets, and the flows that were seen.
 *
 * Fragments behind the first have no ports and so belong to no flow. */
#ifndef ZFWC_BPF_FLOW_H
#define ZFWC_BPF_FLOW_H

#include <bpf/classify.h>
#include <bpf/maps.h>
#include <bpf/parse.h>
#include <bpf/socket.h>

/* Idle times, as conntrack's defaults. */
#define SECOND		  1000000000ll
#define TCP_TIMEOUT	  (5 * 24 * 3600 * SECOND)
#define TCP_OTHER_TIMEOUT (120 * SECOND) /* not replied to, or closing */
#define UDP_TIMEOUT	  (120 * SECOND)
#define UDP_NEW_TIMEOUT	  (30 * SECOND)
#define ICMP_TIMEOUT	  (30 * SECOND)
#define GENERIC_TIMEOUT	  (600 * SECOND)

#define ICMPV6_ERRORS 128 /* types below are errors */

static __always_inline __s64 flow_timeout(const struct zf_flow_key *k, __u32 flags)
{
	switch (k->proto) {
	case IPPROTO_TCP:
		return (flags & (ZF_FLOW_REPLIED | ZF_FLOW_CLOSING)) == ZF_FLOW_REPLIED ? TCP_TIMEOUT
											: TCP_OTHER_TIMEOUT;
	case IPPROTO_UDP:
		return flags & ZF_FLOW_REPLIED ? UDP_TIMEOUT : UDP_NEW_TIMEOUT;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return ICMP_TIMEOUT;
	default:
		return GENERIC_TIMEOUT;
	}
}

/* The same ends as the other one sees them. */
static __always_inline void flow_turn(struct zf_flow_key *k)
{
	__u8 src[16];
	__be16 sport = k->sport;

	__builtin_memcpy(src, k->src, 16);
	__builtin_memcpy(k->src, k->dst, 16);
	__builtin_memcpy(k->dst, src, 16);
	k->sport = k->dport;
	k->dport = sport;
}

/* A flow that still lives.  Another CPU may have seen a packet just after 'now'. */
static __always_inline struct zf_flow *flow_find(const struct zf_flow_key *k, __u64 now)
{
	struct zf_flow *f = bpf_map_lookup_elem(&FLOW, k);

	return f && (__s64)(now - f->seen) <= flow_timeout(k, f->flags) ? f : NULL;
}

/* Of ICMP only echoes make flows: a request one of its own, to which replies
 * belong; TCP and UDP need ports; other protocols have addresses alone. */
static __always_inline int flow_exists_for(const struct headers *h)
{
	if (h->kind != FRAME_IPV4 && h->kind != FRAME_IPV6)
		return 0;
	if (is_icmp(h))
		return h->has_l4 && (is_echo_request(h) || is_echo_reply(h));
	if (has_ports(h->flow.proto))
		return h->has_l4;
	return h->l4 != 0;
}

enum flow_side {
	FLOW_SAME = 1 << 0,  /* the packet may be of a flow in its own direction */
	FLOW_REPLY = 1 << 1, /* or an answer */
};

static __always_inline enum flow_side flow_sides(const struct headers *h)
{
	if (!is_icmp(h))
		return FLOW_SAME | FLOW_REPLY;
	return is_echo_request(h) ? FLOW_SAME : FLOW_REPLY;
}

/* Has the flow of these headers been seen in both directions, this packet
 * included? */
__noinline int flow_established(struct __sk_buff *skb, const struct headers *h)
{
	const struct zf_flow *f = NULL;
	struct zf_flow_key k;
	__u64 now;

	if (!h || !flow_exists_for(h))
		return 0;
	now = bpf_ktime_get_coarse_ns();
	k = h->flow;
	flow_turn(&k);
	if (flow_sides(h) & FLOW_REPLY)
		f = flow_find(&k, now);
	flow_turn(&k);
	if (!f && flow_sides(h) & FLOW_SAME) {
		f = flow_find(&k, now);
		if (f && !(f->flags & ZF_FLOW_REPLIED))
			return 0;
	}
	return f && !(f->flags & ZF_FLOW_CLOSING && is_fresh_syn(tcp_flags(skb, h)));
}

/* Has a flow with these headers been seen at all, in whichever direction? */
__noinline int flow_known(const struct headers *h)
{
	struct zf_flow_key k;
	__u64 now;

	if (!h || !flow_exists_for(h))
		return 0;
	now = bpf_ktime_get_coarse_ns();
	k = h->flow;
	if (flow_find(&k, now))
		return 1;
	flow_turn(&k);
	return flow_find(&k, now) != NULL;
}

/* One more packet of a flow. */
static __always_inline void flow_update(struct zf_flow *f, __u32 flags, __u64 now)
{
	if ((f->flags & flags) != flags)
		__sync_fetch_and_or(&f->flags, flags);
	if ((__s64)(now - f->seen) > SECOND)
		f->seen = now;
}

/* Notes that a packet went through.  It is an answer to a flow, or one more of
 * it, or the first of one; a reset is never the first. */
__noinline int flow_record(struct __sk_buff *skb, const struct headers *h)
{
	struct zf_flow new = {}, *f = NULL;
	struct zf_flow_key k;
	__u32 closing;
	__u8 flags;

	if (!h || !flow_exists_for(h))
		return 0;
	flags = tcp_flags(skb, h);
	closing = flags & (TCP_FIN | TCP_RST) ? ZF_FLOW_CLOSING : 0;
	new.seen = bpf_ktime_get_coarse_ns();
	k = h->flow;
	flow_turn(&k);
	if (flow_sides(h) & FLOW_REPLY)
		f = flow_find(&k, new.seen);
	if (f && is_fresh_syn(flags) && f->flags & ZF_FLOW_CLOSING) { /* the ports are used anew */
		bpf_map_delete_elem(&FLOW, &k);
	} else if (f) {
		flow_update(f, closing | ZF_FLOW_REPLIED, new.seen);
		return 0;
	}
	flow_turn(&k);
	if (!(flow_sides(h) & FLOW_SAME))
		return 0;
	f = flow_find(&k, new.seen);
	if (f && !(is_fresh_syn(flags) && f->flags & ZF_FLOW_CLOSING))
		flow_update(f, closing, new.seen);
	else if (!(flags & TCP_RST))
		bpf_map_update_elem(&FLOW, &k, &new, BPF_ANY);
	return 0;
}

/* ---- ICMP errors ---- */

static __always_inline int is_icmp_error(const struct headers *h)
{
	__u8 type = h->dport >> 8;

	if (!h->has_l4 || !is_icmp(h))
		return 0;
	if (h->kind == FRAME_IPV6)
		return type < ICMPV6_ERRORS;
	return h->kind == FRAME_IPV4 && (type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
}

static __always_inline int same_address(const __u8 *a, const __u8 *b)
{
	__u64 x[2], y[2];

	__builtin_memcpy(x, a, 16);
	__builtin_memcpy(y, b, 16);
	return x[0] == y[0] && x[1] == y[1];
}

enum quoted { QUOTES_NOTHING, QUOTES_FLOW, QUOTES_CONNECTION };

/* Whose packet an ICMP error is about.  It must be addressed to the one who
 * sent that packet.  The socket, if there is one, is the sender's, so it sees
 * the ends the other way round. */
__noinline int quoted_by(struct __sk_buff *skb, const struct headers *h)
{
	struct headers q = {};

	if (!h || !is_icmp_error(h))
		return QUOTES_NOTHING;
	q.from = h->from;
	parse_packet(skb, &q, h->l4 + 8);
	if (q.kind != h->kind || !same_address(q.flow.src, h->flow.dst))
		return QUOTES_NOTHING;
	flow_turn(&q.flow);
	if (q.has_l4 && connection(skb, &q.flow, 0, ONLY_ASK))
		return QUOTES_CONNECTION;
	return flow_known(&q) ? QUOTES_FLOW : QUOTES_NOTHING; /* be it turned or not */
}

/* ---- the state of a packet ---- */

/* On the way out, is there a socket of this host whose connection is made?  It
 * sees the ends the other way round. */
__noinline int sent_by_connection(struct __sk_buff *skb, const struct headers *h)
{
	struct zf_flow_key back;

	if (!h || !h->has_l4 || h->flow.proto != IPPROTO_TCP)
		return 0;
	back = h->flow;
	flow_turn(&back);
	return tcp_connected(skb, &back);
}

/* What conntrack leaves alone: neighbour discovery but for redirects, and what
 * multicast routers ask and are told. */
static __always_inline int is_untracked(const struct headers *h)
{
	__u8 type = h->dport >> 8;

	return h->kind == FRAME_IPV6 && h->flow.proto == IPPROTO_ICMPV6 && h->has_l4 &&
	       ((type >= MLD_FIRST && type < ND_LAST) || type == MLD2_REPORT);
}

/* Sets p->state, unless the packet is an ICMP error. */
__noinline int find_state(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return 0;
	if (is_untracked(&p->h)) {
		p->state = ZF_CT_UNTRACKED;
		return 0;
	}
	if (p->h.flow.proto == IPPROTO_TCP && p->h.has_l4 && !p->h.fragment && is_odd(tcp_flags(skb, &p->h))) {
		p->state = ZF_CT_INVALID;
		return 0;
	}
	if (p->out) {
		if (sent_by_connection(skb, &p->h) || flow_established(skb, &p->h))
			p->state = ZF_CT_ESTABLISHED;
		return 0;
	}
	if (p->h.has_l4 && connection(skb, &p->h.flow, tcp_flags(skb, &p->h), ONLY_ASK)) {
		p->own_socket = 1;
		p->state = ZF_CT_ESTABLISHED;
		return 0;
	}
	if (flow_established(skb, &p->h))
		p->state = ZF_CT_ESTABLISHED;
	return 0;
}

static __always_inline int icmp_begins_flow(const struct headers *h)
{
	__u8 type = h->dport >> 8;

	if (h->kind == FRAME_IPV6)
		return type == ICMPV6_ECHO || type == ICMPV6_NODE_INFO;
	return type == ICMP_ECHO || type == ICMP_TIMESTAMP || type == ICMP_INFORMATION || type == ICMP_ADDRESS_MASK;
}

/* As net/netfilter/nf_conntrack_proto_tcp.c with nf_conntrack_tcp_loose, which
 * is the default: a connection may be seen from its middle on. */
static __always_inline int tcp_begins_flow(struct __sk_buff *skb, const struct headers *h)
{
	__u8 b[2], flags;
	__u32 len;

	if (fetch(skb, h->l4 + 12, b, sizeof(b), h->from))
		return 0;
	len = (b[0] >> 4) * 4;
	if (len < 20 || h->l4 + len > h->end)
		return 0;
	flags = b[1] & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK);
	return flags == TCP_ACK || flags == TCP_SYN;
}

static __always_inline int udp_begins_flow(struct __sk_buff *skb, const struct headers *h)
{
	__be16 stated;
	__u32 len;

	if (fetch(skb, h->l4 + 4, &stated, sizeof(stated), h->from))
		return 0;
	len = bpf_ntohs(stated);
	return len >= 8 && (h->fragment || skb->gso_size || h->l4 + len <= h->end);
}

/* Could a packet that belongs to no flow be the first of one? */
__noinline int begins_flow(struct __sk_buff *skb, const struct headers *h)
{
	if (!h)
		return 0;
	if (is_icmp(h))
		return h->has_l4 && icmp_begins_flow(h);
	if (has_ports(h->flow.proto) && !h->has_l4)
		return 0;
	if (h->flow.proto == IPPROTO_TCP)
		return tcp_begins_flow(skb, h);
	return h->flow.proto != IPPROTO_UDP || udp_begins_flow(skb, h);
}

/* Sets p->state where find_state has left that open.  Packets that aren't IP,
 * malformed ones and later fragments have no state at all. */
__noinline int find_beginning(struct __sk_buff *skb, struct packet *p)
{
	if (!p || p->state || p->h.kind > FRAME_IPV6 || !p->h.l4)
		return 0;
	p->state = flow_known(&p->h) || begins_flow(skb, &p->h) ? ZF_CT_NEW : ZF_CT_INVALID;
	return 0;
}

static __always_inline int state_in(struct __sk_buff *skb, struct packet *p, __u8 states)
{
	if (!p->state_known) {
		p->state_known = 1;
		if (!is_icmp_error(&p->h))
			find_state(skb, p);
		else
			p->state = quoted_by(skb, &p->h) != QUOTES_NOTHING ? ZF_CT_RELATED : ZF_CT_INVALID;
	}
	if (!p->state && states & (ZF_CT_NEW | ZF_CT_INVALID))
		find_beginning(skb, p);
	return p->state & states;
}

#endif
