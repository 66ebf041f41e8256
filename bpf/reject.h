/* SPDX-License-Identifier: GPL-2.0-only */
/* reject.h - the answer to a packet that a rule rejects: the packet itself,
 * rewritten and sent back by the interface that it came from.
 *
 * Whom nothing is said to is as in net/ipv4/netfilter/nf_reject_ipv4.c and its
 * twin for IPv6: other fragments than the first, resets, ICMP errors, and what is
 * sent to or comes from more than one host.  Unlike there, the checksum of the packet isn't
 * looked at. */
#ifndef ZFWC_BPF_REJECT_H
#define ZFWC_BPF_REJECT_H

#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>

#include <bpf/classify.h>
#include <bpf/flow.h>
#include <bpf/load.h>
#include <bpf/parse.h>

#define QUOTE4	      536 /* bytes of the packet that an error has */
#define QUOTE6	      1220
#define ANSWER_TTL    64
#define UNREACHABLE   3
#define UNREACHABLE6  1
#define DONT_FRAGMENT 0x4000

struct icmp_head { /* of an error: linux/icmp.h wants headers of user space */
	__u8 type, code;
	__sum16 checksum;
	__be32 unused;
};

/* ---- checksums ---- */

static __always_inline __sum16 fold(__wsum sum)
{
	__u32 x = (__u32)sum;

	x = (x & 0xffff) + (x >> 16);
	x = (x & 0xffff) + (x >> 16);
	return (__sum16)~x;
}

#define SUM_BYTES 64 /* at a time */

/* Adds 'len' bytes of the frame. */
__noinline __s64 sum_frame(struct __sk_buff *skb, __u32 off, __u32 len, __u32 sum)
{
	for (int i = 0; i < QUOTE6 / SUM_BYTES + 1 && len > 0; i++) {
		__u8 bytes[SUM_BYTES] = {};
		__u32 n = len < SUM_BYTES ? len : SUM_BYTES;

		OPAQUE(n);
		n = ((n - 1) & (SUM_BYTES - 1)) + 1; /* never 0, as the verifier sees */
		if (bpf_skb_load_bytes(skb, off, bytes, n))
			return -1;
		sum = bpf_csum_diff(NULL, 0, (__be32 *)bytes, SUM_BYTES, sum);
		off += n;
		len -= n;
	}
	return sum;
}

/* The pseudo header of the answer. */
static __always_inline __wsum sum_ends(const struct packet *p, __u8 proto, __u32 len)
{
	struct {
		__u8 src[16], dst[16];
		__be32 len, proto;
	} ends = { .len = bpf_htonl(len), .proto = bpf_htonl(proto) };

	__builtin_memcpy(ends.src, p->h.flow.dst, 16);
	__builtin_memcpy(ends.dst, p->h.flow.src, 16);
	return bpf_csum_diff(NULL, 0, (__be32 *)&ends, sizeof(ends), 0);
}

/* ---- headers ---- */

static __always_inline long store(struct __sk_buff *skb, __u32 off, const void *from, const __u32 len)
{
	return bpf_skb_store_bytes(skb, off, from, len, BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH);
}

static __always_inline long store_ipv4(struct __sk_buff *skb, const struct packet *p, __u8 proto, __u32 len)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.tot_len = bpf_htons(sizeof(ip) + len),
		.frag_off = bpf_htons(DONT_FRAGMENT),
		.ttl = ANSWER_TTL,
		.protocol = proto,
	};

	__builtin_memcpy(&ip.saddr, p->h.flow.dst, 4);
	__builtin_memcpy(&ip.daddr, p->h.flow.src, 4);
	ip.check = fold(bpf_csum_diff(NULL, 0, (__be32 *)&ip, sizeof(ip), 0));
	return store(skb, p->h.l3, &ip, sizeof(ip));
}

static __always_inline long store_ipv6(struct __sk_buff *skb, const struct packet *p, __u8 proto, __u32 len)
{
	struct ipv6hdr ip = {
		.version = 6,
		.payload_len = bpf_htons(len),
		.nexthdr = proto,
		.hop_limit = ANSWER_TTL,
	};

	__builtin_memcpy(&ip.saddr, p->h.flow.dst, 16);
	__builtin_memcpy(&ip.daddr, p->h.flow.src, 16);
	return store(skb, p->h.l3, &ip, sizeof(ip));
}

static __always_inline __u32 header_size(const struct packet *p)
{
	return p->h.kind == FRAME_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

static __always_inline long store_ip(struct __sk_buff *skb, const struct packet *p, __u8 proto, __u32 len)
{
	return p->h.kind == FRAME_IPV4 ? store_ipv4(skb, p, proto, len) : store_ipv6(skb, p, proto, len);
}

static __always_inline long turn_ethernet(struct __sk_buff *skb, const struct packet *p)
{
	__u8 old[2 * ETH_ALEN], new[2 * ETH_ALEN];

	if (p->no_ethernet)
		return 0;
	if (bpf_skb_load_bytes(skb, 0, old, sizeof(old)))
		return -1;
	__builtin_memcpy(new, old + ETH_ALEN, ETH_ALEN);
	__builtin_memcpy(new + ETH_ALEN, old, ETH_ALEN);
	return store(skb, 0, new, sizeof(new));
}

/* ---- answers ---- */

/* Without options and extension headers: the kernel lets no frame end before
 * the place where it saw the transport header. */
static __always_inline long cut_to(struct __sk_buff *skb, const struct packet *p, __u32 len)
{
	__s32 between = (__s32)(p->h.l4 - p->h.l3 - header_size(p));

	if (between > 0 && bpf_skb_adjust_room(skb, -between, BPF_ADJ_ROOM_NET, 0))
		return -1;
	return bpf_skb_change_tail(skb, len, 0);
}

/* The reset that a closed port would send.  Not 0 if there is none. */
__noinline int make_reset(struct __sk_buff *skb, struct packet *p)
{
	struct tcphdr old, tcp = { .doff = sizeof(tcp) / 4, .rst = 1 };
	__u32 l4;

	if (!p || p->h.flow.proto != IPPROTO_TCP || !p->h.has_l4 || p->h.fragment)
		return -1;
	if (fetch(skb, p->h.l4, &old, sizeof(old), FROM_DATA) || old.rst || p->h.l4 + old.doff * 4 > p->h.end)
		return -1;
	l4 = p->h.l3 + header_size(p);
	tcp.source = old.dest;
	tcp.dest = old.source;
	if (old.ack) {
		tcp.seq = old.ack_seq;
	} else {
		tcp.ack = 1;
		tcp.ack_seq = bpf_htonl(bpf_ntohl(old.seq) + old.syn + old.fin + p->h.end - p->h.l4 - old.doff * 4);
	}
	tcp.check = fold(bpf_csum_diff(NULL, 0, (__be32 *)&tcp, sizeof(tcp), sum_ends(p, IPPROTO_TCP, sizeof(tcp))));
	if (cut_to(skb, p, l4 + sizeof(tcp)) || store_ip(skb, p, IPPROTO_TCP, sizeof(tcp)))
		return -1;
	return store(skb, l4, &tcp, sizeof(tcp)) ? -1 : 0;
}

/* Makes the frame end behind what an error quotes, and room before that. */
static __always_inline long make_room(struct __sk_buff *skb, const struct packet *p, __u32 quoted)
{
	if (bpf_skb_change_tail(skb, p->h.l3 + quoted, 0))
		return -1;
	return bpf_skb_adjust_room(skb, header_size(p) + sizeof(struct icmp_head), BPF_ADJ_ROOM_MAC, 0);
}

/* A destination unreachable with code p->code. */
__noinline int make_unreachable(struct __sk_buff *skb, struct packet *p)
{
	struct icmp_head icmp = {};
	__u32 most, quoted, len, l4;
	__wsum ends = 0;
	__s64 sum;
	__u8 proto;

	if (!p || is_icmp_error(&p->h) || (p->h.kind == FRAME_IPV6 && is_icmp(&p->h) && p->h.dport >> 8 == ND_LAST))
		return -1;
	most = p->h.kind == FRAME_IPV4 ? QUOTE4 : QUOTE6;
	quoted = p->h.end - p->h.l3;
	if (quoted > most)
		quoted = most;
	if (make_room(skb, p, quoted))
		return -1;
	proto = p->h.kind == FRAME_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	len = sizeof(icmp) + quoted;
	l4 = p->h.l3 + header_size(p);
	icmp.type = p->h.kind == FRAME_IPV4 ? UNREACHABLE : UNREACHABLE6;
	icmp.code = p->code;
	if (p->h.kind == FRAME_IPV6)
		ends = sum_ends(p, proto, len);
	sum = sum_frame(skb, l4 + sizeof(icmp), quoted, ends);
	if (sum < 0)
		return -1;
	icmp.checksum = fold(bpf_csum_diff(NULL, 0, (__be32 *)&icmp, sizeof(icmp), (__wsum)sum));
	if (store_ip(skb, p, proto, len))
		return -1;
	return store(skb, l4, &icmp, sizeof(icmp)) ? -1 : 0;
}

/* Nobody is answered who didn't ask this host alone, or whom it can't reach. */
static __always_inline int may_answer(struct __sk_buff *skb, const struct packet *p)
{
	int type;

	if (p->out || p->h.kind > FRAME_IPV6 || !p->h.l4 || p->h.l3 != (p->no_ethernet ? 0 : ETH_HLEN))
		return 0;
	if (skb->pkt_type == PACKET_BROADCAST || skb->pkt_type == PACKET_MULTICAST)
		return 0;
	type = address_type(p, 0, 0);
	if (type == ZF_BROADCAST || type == ZF_MULTICAST)
		return 0;
	type = address_type(p, 1, 0);
	return type != ZF_BROADCAST && type != ZF_MULTICAST;
}

/* What becomes of a packet that a rule dropped in this way. */
__noinline int answer(struct __sk_buff *skb, struct packet *p)
{
	int r;

	if (!p || !may_answer(skb, p))
		return TC_ACT_SHOT;
	r = p->answer == ZF_RESET ? make_reset(skb, p) : make_unreachable(skb, p);
	if (r || turn_ethernet(skb, p))
		return TC_ACT_SHOT;
	skb->mark = 0;
	return bpf_redirect(skb->ifindex, 0);
}

#endif
