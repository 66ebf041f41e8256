/* SPDX-License-Identifier: GPL-2.0-only */
/* parse.h - from a frame to its headers.
 *
 * Headers are copied out: straight from the linear part of the frame where they
 * lie there, which is nearly always, else by a helper; the frame itself is never
 * changed.  The functions that walk are global ones, so that the verifier looks
 * at each once, whoever calls it. */
#ifndef ZFWC_BPF_PARSE_H
#define ZFWC_BPF_PARSE_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <bpf/abi.h>

#define VLAN_TAGS_MAX	 2	/* in the frame; one more may be beside it */
#define EXTENSIONS_MAX	 8	/* IPv6 extension headers that are walked */
#define OFFSET_MAX	 0x3fff /* no header that counts begins behind it */
#define IPV4_OFFSET_MASK 0x1fff /* of the fragment word; the kernel keeps these names to itself */
#define IPV4_FRAGMENT	 0x3fff /* more follow, or an offset */
#define IPV6_OFFSET_MASK 0xfff8

#define ICMP_ECHOREPLY	   0
#define ICMP_ECHO	   8
#define ICMP_TIMESTAMP	   13
#define ICMP_INFORMATION   15
#define ICMP_ADDRESS_MASK  17
#define ICMPV6_ECHO	   128
#define ICMPV6_ECHOREPLY   129
#define ICMPV6_NODE_INFO   139
#define ND_FIRST	   133 /* router solicitation */
#define ND_LAST		   137 /* redirect */
#define MLD_FIRST	   130
#define MLD2_REPORT	   143
#define ND_HOP_LIMIT	   255 /* cannot have crossed a router */
#define EXTENSION_HOP	   0
#define EXTENSION_ROUTING  43
#define EXTENSION_FRAGMENT 44
#define EXTENSION_DEST	   60

enum frame_kind {
	FRAME_IPV4 = ZF_IPV4,
	FRAME_IPV6 = ZF_IPV6,
	FRAME_BAD4, /* in the order of enum zf_family, as config.bad has them */
	FRAME_BAD6,
	FRAME_OTHER,
	FRAME_ARP,
};

/* What offsets count from. */
enum start {
	FROM_DATA,    /* the first byte of the frame */
	FROM_NETWORK, /* the network header: right on the way out, whatever the device puts before it */
};

struct headers {
	struct zf_flow_key flow; /* ports only if has_l4; of ICMP only the identifier of an echo */
	__u16 dport, sport;	 /* host order; of ICMP: type << 8 | code, and 0 */
	__u8 kind;		 /* enum frame_kind */
	__u8 has_l4;		 /* the first bytes of the transport header are here, whatever they mean */
	__u8 hop_limit;
	__u8 from;     /* enum start */
	__u8 fragment; /* one of several, or could be */
	__u8 link;     /* bytes before the network header */
	__u16 type;    /* ethertype behind VLAN tags, host order */
	__u16 l3;      /* offset of the network header */
	__u16 end;     /* of the packet, as its header says; or the highest number */
	__u32 l4;      /* offset of the transport header; 0 in later fragments */
};

/* How far the lengths that a header states are believed. */
enum trust {
	WHOLE,	/* the packet must be here as long as it says */
	QUOTED, /* in an ICMP error: the beginning of it will do */
};

/* What the compiler doesn't know of x it can't leave out for the verifier. */
#define OPAQUE(x) __asm__ volatile("" : "+r"(x))

/* Copies 'len' bytes at 'off'; non-zero if they aren't there. */
static __always_inline long fetch(struct __sk_buff *skb, __u32 off, void *to, const __u32 len, __u8 from)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	if (off > OFFSET_MAX)
		return -1;
	if (from == FROM_NETWORK)
		return bpf_skb_load_bytes_relative(skb, off, to, len, BPF_HDR_START_NET);
	if (data + off + len > end)
		return bpf_skb_load_bytes(skb, off, to, len);
	__builtin_memcpy(to, __builtin_assume_aligned(data + off, 2), len);
	return 0;
}

static __always_inline int is_icmp(const struct headers *h)
{
	return h->flow.proto == (h->flow.family == ZF_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

static __always_inline int is_echo_request(const struct headers *h)
{
	return h->dport >> 8 == (h->flow.family == ZF_IPV4 ? ICMP_ECHO : ICMPV6_ECHO);
}

static __always_inline int is_echo_reply(const struct headers *h)
{
	return h->dport >> 8 == (h->flow.family == ZF_IPV4 ? ICMP_ECHOREPLY : ICMPV6_ECHOREPLY);
}

static __always_inline int is_neighbour_discovery(const struct headers *h)
{
	__u8 type = h->dport >> 8, code = h->dport;

	return h->kind == FRAME_IPV6 && h->flow.proto == IPPROTO_ICMPV6 && h->has_l4 && type >= ND_FIRST &&
	       type <= ND_LAST && code == 0 && h->hop_limit == ND_HOP_LIMIT;
}

static __always_inline int has_ports(__u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_UDPLITE || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_DCCP;
}

/* The first bytes of the transport header, when 'room' of the packet holds
 * them.  Four are asked for, as many as rules look at: a first fragment may be
 * too short for the whole header, and must still be seen as what it is. */
static __always_inline void parse_l4(struct __sk_buff *skb, struct headers *h, __u32 room)
{
	__be16 word[2];

	if (room < sizeof(word) || fetch(skb, h->l4, word, sizeof(word), h->from))
		return;
	if (has_ports(h->flow.proto)) {
		h->flow.sport = word[0];
		h->flow.dport = word[1];
		h->sport = bpf_ntohs(word[0]);
		h->dport = bpf_ntohs(word[1]);
		h->has_l4 = 1;
	} else if (is_icmp(h)) {
		h->dport = bpf_ntohs(word[0]);
		h->has_l4 = 1;
		if ((is_echo_request(h) || is_echo_reply(h)) && room >= 2 * sizeof(word) &&
		    !fetch(skb, h->l4 + sizeof(word), word, sizeof(word), h->from))
			h->flow.sport = h->flow.dport = word[0];
	} else {
		h->has_l4 = 1;
	}
}

/* Bytes of the packet that begins at 'off', as its header says, which 'stated'
 * is.  A segment yet to be cut may be too long for its header to say. */
static __always_inline __u32 packet_length(const struct __sk_buff *skb, __u32 off, __u32 stated, __u32 unsaid)
{
	return stated == unsaid && skb->gso_size ? skb->len - off : stated;
}

static __always_inline __u16 clamp(__u32 off)
{
	return off < 0xffff ? off : 0xffff;
}

static __always_inline __u8 parse_ipv4(struct __sk_buff *skb, struct headers *h, __u32 off, enum trust trust)
{
	struct iphdr ip;
	__u32 head, total;

	if (fetch(skb, off, &ip, sizeof(ip), h->from))
		return FRAME_BAD4;
	head = ip.ihl * 4;
	total = packet_length(skb, off, bpf_ntohs(ip.tot_len), 0);
	if (ip.version != 4 || head < sizeof(ip) || total < head)
		return FRAME_BAD4;
	if (trust == WHOLE && h->from == FROM_DATA && off + total > skb->len)
		return FRAME_BAD4;
	h->l3 = off;
	h->end = clamp(off + total);
	h->fragment = (ip.frag_off & bpf_htons(IPV4_FRAGMENT)) != 0;
	h->flow.family = ZF_IPV4;
	h->flow.proto = ip.protocol;
	__builtin_memcpy(h->flow.src, &ip.saddr, 4);
	__builtin_memcpy(h->flow.dst, &ip.daddr, 4);
	h->hop_limit = ip.ttl;
	if (ip.frag_off & bpf_htons(IPV4_OFFSET_MASK))
		return FRAME_IPV4;
	h->l4 = off + head;
	parse_l4(skb, h, total - head);
	return FRAME_IPV4;
}

/* Not the authentication header: as in nft, that is a protocol of its own, and
 * what lies behind it is for who can check it. */
static __always_inline int is_extension(__u8 proto)
{
	return proto == EXTENSION_HOP || proto == EXTENSION_ROUTING || proto == EXTENSION_FRAGMENT ||
	       proto == EXTENSION_DEST;
}

/* Goes from the extension header at h->l4, of kind h->flow.proto, to the
 * transport header or to the fragment that it isn't in, and leaves h there.
 * Non-zero if the chain is broken, longer than 'room' bytes or too long to walk. */
__noinline int walk_extensions(struct __sk_buff *skb, struct headers *h, __u32 room)
{
	struct {
		__u8 next, len;
		__be16 offset; /* of a fragment */
	} ext;
	__u32 off, len;
	__u8 proto;

	if (!h)
		return -1;
	off = h->l4;
	proto = h->flow.proto;
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		if (room < 8 || fetch(skb, off, &ext, sizeof(ext), h->from))
			return -1;
		h->flow.proto = ext.next;
		h->fragment |= proto == EXTENSION_FRAGMENT;
		if (proto == EXTENSION_FRAGMENT && ext.offset & bpf_htons(IPV6_OFFSET_MASK)) {
			h->l4 = 0;
			return 0;
		}
		len = proto == EXTENSION_FRAGMENT ? 8 : (ext.len + 1) * 8;
		if (len > room)
			return -1;
		room -= len;
		off += len;
		proto = ext.next;
		if (!is_extension(proto)) {
			h->l4 = off;
			return 0;
		}
	}
	return -1;
}

static __always_inline __u8 parse_ipv6(struct __sk_buff *skb, struct headers *h, __u32 off, enum trust trust)
{
	struct ipv6hdr ip;
	__u32 room;

	if (fetch(skb, off, &ip, sizeof(ip), h->from) || ip.version != 6)
		return FRAME_BAD6;
	room = packet_length(skb, off, bpf_ntohs(ip.payload_len) + sizeof(ip), sizeof(ip)) - sizeof(ip);
	if (trust == WHOLE && h->from == FROM_DATA && off + sizeof(ip) + room > skb->len)
		return FRAME_BAD6;
	h->l3 = off;
	h->end = clamp(off + sizeof(ip) + room);
	h->flow.family = ZF_IPV6;
	h->flow.proto = ip.nexthdr;
	__builtin_memcpy(h->flow.src, &ip.saddr, 16);
	__builtin_memcpy(h->flow.dst, &ip.daddr, 16);
	h->hop_limit = ip.hop_limit;
	h->l4 = off + sizeof(ip);
	if (is_extension(ip.nexthdr)) {
		if (walk_extensions(skb, h, room))
			return FRAME_BAD6;
		if (!h->l4)
			return FRAME_IPV6;
		room -= h->l4 - off - sizeof(ip);
	}
	parse_l4(skb, h, room);
	return FRAME_IPV6;
}

/* Sees through the Ethernet header and VLAN tags.  Where the network header
 * begins, 0 if that isn't here. */
static __always_inline __u32 parse_ethernet(struct __sk_buff *skb, __be16 *type)
{
	__u32 off = ETH_HLEN;

	if (fetch(skb, 2 * ETH_ALEN, type, sizeof(*type), FROM_DATA))
		return 0;
	for (int i = 0; i < VLAN_TAGS_MAX; i++) {
		if (*type != bpf_htons(ETH_P_8021Q) && *type != bpf_htons(ETH_P_8021AD))
			break;
		if (fetch(skb, off + 2, type, sizeof(*type), FROM_DATA))
			return 0;
		off += 4;
	}
	return off;
}

/* Fills h from a frame.  h is zero before but for h->from, which is FROM_NETWORK
 * on the way out: the frame then is what this host made, its network header
 * where the kernel says. */
__noinline int parse_frame(struct __sk_buff *skb, struct headers *h, int no_ethernet)
{
	__be16 type = skb->protocol;
	__u32 off = 0;

	if (!h)
		return -1;
	h->kind = FRAME_OTHER;
	if (!no_ethernet) {
		off = parse_ethernet(skb, &type);
		if (!off)
			return 0;
	}
	h->link = off;
	if (h->from == FROM_NETWORK)
		off = 0;
	h->type = bpf_ntohs(type);
	if (type == bpf_htons(ETH_P_IP))
		h->kind = parse_ipv4(skb, h, off, WHOLE);
	else if (type == bpf_htons(ETH_P_IPV6))
		h->kind = parse_ipv6(skb, h, off, WHOLE);
	else if (type == bpf_htons(ETH_P_ARP))
		h->kind = FRAME_ARP;
	return 0;
}

/* Fills q from the packet that begins at 'off', of the family of its first
 * four bits.  q is zero before, but for q->from. */
__noinline int parse_packet(struct __sk_buff *skb, struct headers *q, __u32 off)
{
	__u8 version;

	if (!q)
		return -1;
	q->kind = FRAME_OTHER;
	if (fetch(skb, off, &version, 1, q->from))
		return 0;
	if (version >> 4 == 4)
		q->kind = parse_ipv4(skb, q, off, QUOTED);
	else if (version >> 4 == 6)
		q->kind = parse_ipv6(skb, q, off, QUOTED);
	return 0;
}

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10
#define TCP_URG 0x20

/* 0 when they aren't here. */
static __always_inline __u8 tcp_flags(struct __sk_buff *skb, const struct headers *h)
{
	__u8 flags = 0;

	if (h->flow.proto != IPPROTO_TCP || !h->has_l4 || fetch(skb, h->l4 + 13, &flags, 1, h->from))
		return 0;
	return flags;
}

/* Combinations that can't be, as conntrack sees it. */
static __always_inline int is_odd(__u8 flags)
{
	const __u64 sane = 1ull << TCP_SYN | 1ull << (TCP_SYN | TCP_URG) | 1ull << (TCP_SYN | TCP_ACK) |
			   1ull << TCP_RST | 1ull << (TCP_RST | TCP_ACK) | 1ull << (TCP_FIN | TCP_ACK) |
			   1ull << (TCP_FIN | TCP_ACK | TCP_URG) | 1ull << TCP_ACK | 1ull << (TCP_ACK | TCP_URG);

	return !(sane >> (flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK | TCP_URG)) & 1);
}

/* The first packet of a new connection. */
static __always_inline int is_fresh_syn(__u8 flags)
{
	return (flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

#endif
