/* SPDX-License-Identifier: GPL-2.0-only */
/* socket.h - from a packet to the socket that it belongs to, or shall.
 *
 * TCP and UDP have functions of their own, and each releases what it looked up:
 * the verifier wants one kind of socket pointer at one place. */
#ifndef ZFWC_BPF_SOCKET_H
#define ZFWC_BPF_SOCKET_H

#include <bpf/parse.h>

enum socket_use {
	ONLY_ASK,
	ASSIGN, /* the packet to the socket; a socket that refuses counts as none */
};

static __always_inline __u32 socket_tuple(struct bpf_sock_tuple *t, const struct zf_flow_key *k)
{
	if (k->family == ZF_IPV4) {
		__builtin_memcpy(&t->ipv4.saddr, k->src, 4);
		__builtin_memcpy(&t->ipv4.daddr, k->dst, 4);
		t->ipv4.sport = k->sport;
		t->ipv4.dport = k->dport;
		return sizeof(t->ipv4);
	}
	__builtin_memcpy(t->ipv6.saddr, k->src, 16);
	__builtin_memcpy(t->ipv6.daddr, k->dst, 16);
	t->ipv6.sport = k->sport;
	t->ipv6.dport = k->dport;
	return sizeof(t->ipv6);
}

/* Two calls, so that the verifier sees a constant size in each. */
static __always_inline struct bpf_sock *tcp_socket(struct __sk_buff *skb, const struct zf_flow_key *k)
{
	struct bpf_sock_tuple t = {};

	if (socket_tuple(&t, k) == sizeof(t.ipv4))
		return bpf_skc_lookup_tcp(skb, &t, sizeof(t.ipv4), BPF_F_CURRENT_NETNS, 0);
	return bpf_skc_lookup_tcp(skb, &t, sizeof(t.ipv6), BPF_F_CURRENT_NETNS, 0);
}

static __always_inline struct bpf_sock *udp_socket(struct __sk_buff *skb, const struct zf_flow_key *k)
{
	struct bpf_sock_tuple t = {};

	if (socket_tuple(&t, k) == sizeof(t.ipv4))
		return bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), BPF_F_CURRENT_NETNS, 0);
	return bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv6), BPF_F_CURRENT_NETNS, 0);
}

/* The connection of a TCP packet: established, or on its way to be.
 *
 * One in TIME_WAIT is over for the first packet of a new one, when it is only
 * asked for.  But that packet is still assigned to it: the kernel takes no
 * request at the listener while there is a socket with the same ends.  The old
 * socket challenges the client, is reset by it, and the second try gets to the
 * listener. */
__noinline int tcp_connection(struct __sk_buff *skb, const struct zf_flow_key *k, __u32 flags, int use)
{
	struct bpf_sock *sk;
	int found;

	if (!k)
		return 0;
	sk = tcp_socket(skb, k);
	if (!sk)
		return 0;
	if (use == ASSIGN)
		found = sk->state != BPF_TCP_LISTEN && !bpf_sk_assign(skb, sk, 0);
	else
		found = sk->state != BPF_TCP_LISTEN && !(sk->state == BPF_TCP_TIME_WAIT && is_fresh_syn(flags));
	bpf_sk_release(sk);
	return found;
}

/* Is there a connection with these ends, with both sides heard? */
__noinline int tcp_connected(struct __sk_buff *skb, const struct zf_flow_key *k)
{
	struct bpf_sock *sk;
	int found;

	if (!k)
		return 0;
	sk = tcp_socket(skb, k);
	if (!sk)
		return 0;
	found = sk->state != BPF_TCP_LISTEN && sk->state != BPF_TCP_SYN_SENT;
	bpf_sk_release(sk);
	return found;
}

/* Who listens for connections to k's destination; k's source port is 0, so
 * that no connection is found instead. */
__noinline int tcp_listener(struct __sk_buff *skb, const struct zf_flow_key *k)
{
	struct bpf_sock *sk;
	int found;

	if (!k)
		return 0;
	sk = tcp_socket(skb, k);
	if (!sk)
		return 0;
	found = sk->state == BPF_TCP_LISTEN && !bpf_sk_assign(skb, sk, 0);
	bpf_sk_release(sk);
	return found;
}

/* Is the socket's own address the destination?  Volatile, and all read before
 * it is decided which count: else the compiler chooses by adding to the pointer,
 * which the verifier doesn't allow with one to a socket. */
static __always_inline int socket_holds(const volatile struct bpf_sock *sk, const struct zf_flow_key *k)
{
	__u32 held4 = sk->src_ip4;
	__u32 held6[4] = { sk->src_ip6[0], sk->src_ip6[1], sk->src_ip6[2], sk->src_ip6[3] };
	__u32 addr[4];

	__builtin_memcpy(addr, k->dst, 16);
	if (k->family == ZF_IPV4)
		return held4 == addr[0];
	return held6[0] == addr[0] && held6[1] == addr[1] && held6[2] == addr[2] && held6[3] == addr[3];
}

/* A UDP socket is in state ESTABLISHED while it is connected. */
__noinline int udp_connection(struct __sk_buff *skb, const struct zf_flow_key *k, int use)
{
	struct bpf_sock *sk;
	int found;

	if (!k)
		return 0;
	sk = udp_socket(skb, k);
	if (!sk)
		return 0;
	found = sk->state == BPF_TCP_ESTABLISHED && socket_holds(sk, k);
	if (found && use == ASSIGN)
		found = !bpf_sk_assign(skb, sk, 0);
	bpf_sk_release(sk);
	return found;
}

__noinline int udp_listener(struct __sk_buff *skb, const struct zf_flow_key *k)
{
	struct bpf_sock *sk;
	int found;

	if (!k)
		return 0;
	sk = udp_socket(skb, k);
	if (!sk)
		return 0;
	found = sk->state != BPF_TCP_ESTABLISHED && !bpf_sk_assign(skb, sk, 0);
	bpf_sk_release(sk);
	return found;
}

/* The socket whose conversation a packet with these ends belongs to. */
static __always_inline int connection(struct __sk_buff *skb, const struct zf_flow_key *k, __u32 flags,
				      enum socket_use use)
{
	if (k->proto == IPPROTO_TCP)
		return tcp_connection(skb, k, flags, use);
	if (k->proto == IPPROTO_UDP)
		return udp_connection(skb, k, use);
	return 0;
}

#endif
