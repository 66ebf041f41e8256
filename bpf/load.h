/* SPDX-License-Identifier: GPL-2.0-only */
/* load.h - the numbers that a comparison looks at: bytes of a header, and facts
 * about the packet. */
#ifndef ZFWC_BPF_LOAD_H
#define ZFWC_BPF_LOAD_H

#include <bpf/classify.h>
#include <bpf/maps.h>
#include <bpf/parse.h>
#include <bpf/socket.h>

#define NOTHING (-1) /* the packet doesn't have it */

/* ---- bytes ---- */

/* Bytes from the highest on, 'len' of them, as a number. */
static __always_inline void number_of_bytes(const __u8 *bytes, __u32 len, struct zf_number *ret)
{
	__u32 excess = 8 * (16 - len);
	__be64 words[2];

	__builtin_memcpy(words, bytes, sizeof(words));
	ret->high = bpf_be64_to_cpu(words[0]);
	ret->low = bpf_be64_to_cpu(words[1]);
	if (excess >= 64) {
		ret->low = ret->high >> (excess & 63);
		ret->high = 0;
	} else if (excess) {
		ret->low = ret->low >> excess | ret->high << (64 - excess);
		ret->high >>= excess;
	}
}

/* A VLAN tag that the device has taken off stands where it stood. */
static __always_inline int load_tag(const struct __sk_buff *skb, __u32 at, __u32 len, __u8 *bytes)
{
	__be16 tag[2] = { skb->vlan_proto, bpf_htons(skb->vlan_tci) };

	if (at == 12 && len == 4)
		__builtin_memcpy(bytes, tag, 4);
	else if (at == 12 && len == 2)
		__builtin_memcpy(bytes, &tag[0], 2);
	else if (at == 14 && len == 2)
		__builtin_memcpy(bytes, &tag[1], 2);
	else
		return NOTHING;
	return 0;
}

#define TAG_AT	 12 /* byte of an Ethernet header */
#define TAG_SIZE 4

static __always_inline int load_link(struct __sk_buff *skb, const struct packet *p, __u32 at, __u32 len, __u8 *bytes)
{
	if (p->no_ethernet)
		return NOTHING;
	if (skb->vlan_present && at + len > TAG_AT) {
		if (at < TAG_AT + TAG_SIZE)
			return load_tag(skb, at, len, bytes);
		at -= TAG_SIZE;
	}
	return bpf_skb_load_bytes(skb, at, bytes, len) ? NOTHING : 0;
}

static __always_inline int load_header(struct __sk_buff *skb, const struct packet *p, __u32 off, __u32 len, __u8 *bytes)
{
	long r;

	if (off > OFFSET_MAX || off + len > p->h.end)
		return NOTHING;
	if (p->h.from == FROM_NETWORK)
		r = bpf_skb_load_bytes_relative(skb, off, bytes, len, BPF_HDR_START_NET);
	else
		r = bpf_skb_load_bytes(skb, off, bytes, len);
	return r ? NOTHING : 0;
}

/* p->number becomes the bytes that 'op' names.  Not 0 if they aren't there. */
__noinline int load_bytes(struct __sk_buff *skb, struct packet *p, const struct zf_op *op)
{
	__u8 bytes[16] = {};
	__u32 len, at;
	int r = NOTHING;

	if (!p || !op)
		return NOTHING;
	len = ((op->len - 1u) & 15) + 1; /* never 0, as the verifier sees */
	at = op->at;
	if (op->base == ZF_LINK)
		r = load_link(skb, p, at, len, bytes);
	else if (p->h.kind > FRAME_IPV6)
		return NOTHING;
	else if (op->base == ZF_NETWORK)
		r = load_header(skb, p, p->h.l3 + at, len, bytes);
	else if (op->base == ZF_TRANSPORT && p->h.l4)
		r = load_header(skb, p, p->h.l4 + at, len, bytes);
	if (r)
		return NOTHING;
	number_of_bytes(bytes, len, &p->number);
	return 0;
}

/* ---- addresses ---- */

static __always_inline __u32 local_type(const __u8 *addr, __u8 family, __u32 ifindex)
{
	struct zf_local key = { .ifindex = ifindex, .family = family };
	const __u32 *type;

	__builtin_memcpy(key.addr, addr, 16);
	type = bpf_map_lookup_elem(&LOCAL, &key);
	return type ? *type : ZF_UNSPECIFIED;
}

/* Is the packet's destination an address of this interface?  0: of any. */
static __always_inline int is_local(const struct packet *p, __u32 ifindex)
{
	return local_type(p->h.flow.dst, p->h.flow.family, ifindex) == ZF_LOCAL;
}

/* The addresses that are special by themselves. */
static __always_inline __u32 special_type4(const __u8 *addr, __u32 ifindex)
{
	if ((addr[0] & 0xf0) == 0xe0)
		return ZF_MULTICAST;
	if (addr[0] == 0 || (addr[0] & addr[1] & addr[2] & addr[3]) == 0xff)
		return ZF_BROADCAST;
	if (addr[0] != 127 || ifindex)
		return ZF_UNSPECIFIED;
	return (addr[1] & addr[2] & addr[3]) == 0xff ? ZF_BROADCAST : ZF_LOCAL;
}

static __always_inline __u32 special_type6(const __u8 *addr, __u32 ifindex)
{
	__be64 words[2];

	if (addr[0] == 0xff)
		return ZF_MULTICAST;
	__builtin_memcpy(words, addr, 16);
	if (words[0] || words[1] & ~bpf_cpu_to_be64(1))
		return ZF_UNSPECIFIED;
	return words[1] && !ifindex ? ZF_LOCAL : ZF_UNSPECIFIED;
}

/* What kind of address it is for this host; with an interface, for that alone. */
__noinline int address_type(const struct packet *p, int source, __u32 ifindex)
{
	__u8 addr[16];
	__u32 type;

	if (!p || p->h.kind > FRAME_IPV6)
		return NOTHING;
	__builtin_memcpy(addr, source ? p->h.flow.src : p->h.flow.dst, 16);
	if (p->h.kind == FRAME_IPV4)
		type = special_type4(addr, ifindex);
	else
		type = special_type6(addr, ifindex);
	if (!type)
		type = local_type(addr, p->h.flow.family, ifindex);
	return type ? type : ZF_UNICAST;
}

/* ---- sockets ---- */

/* Of a socket that is whole, not a request or what is left in TIME_WAIT. */
static __always_inline __s64 ask_socket(const volatile struct bpf_sock *sk, struct packet *p, __u32 what)
{
	__u32 mark = sk->mark;
	__u32 addr4 = sk->src_ip4;
	__u32 addr[4] = { sk->src_ip6[0], sk->src_ip6[1], sk->src_ip6[2], sk->src_ip6[3] };

	if (what == ZF_META_SOCKET_MARK)
		return mark;
	if (p->h.flow.family == ZF_IPV4) {
		addr[0] = addr4;
		addr[1] = addr[2] = addr[3] = 0;
	}
	if (what == ZF_META_SOCKET_WILDCARD)
		return !(addr[0] | addr[1] | addr[2] | addr[3]);
	if (!(addr[0] | addr[1] | addr[2] | addr[3]))
		return 0;
	return local_type((const __u8 *)addr, p->h.flow.family, 0) != ZF_LOCAL;
}

__noinline __s64 ask_tcp_socket(struct __sk_buff *skb, struct packet *p, __u32 what)
{
	struct bpf_sock *sk, *full;
	__s64 r = NOTHING;

	if (!p)
		return NOTHING;
	sk = tcp_socket(skb, &p->h.flow);
	if (!sk)
		return NOTHING;
	full = bpf_sk_fullsock(sk);
	if (full)
		r = ask_socket(full, p, what);
	else if (what == ZF_META_SOCKET_TRANSPARENT)
		r = !is_local(p, 0);
	bpf_sk_release(sk);
	return r;
}

__noinline __s64 ask_udp_socket(struct __sk_buff *skb, struct packet *p, __u32 what)
{
	struct bpf_sock *sk;
	__s64 r;

	if (!p)
		return NOTHING;
	sk = udp_socket(skb, &p->h.flow);
	if (!sk)
		return NOTHING;
	r = ask_socket(sk, p, what);
	bpf_sk_release(sk);
	return r;
}

static __always_inline __s64 load_socket(struct __sk_buff *skb, struct packet *p, __u32 what)
{
	if (p->out || p->h.kind > FRAME_IPV6 || !p->h.has_l4)
		return NOTHING;
	if (p->h.flow.proto == IPPROTO_TCP)
		return ask_tcp_socket(skb, p, what);
	if (p->h.flow.proto == IPPROTO_UDP)
		return ask_udp_socket(skb, p, what);
	return NOTHING;
}

/* ---- facts ---- */

static __always_inline __s64 nfproto(const struct packet *p)
{
	if (p->h.kind == FRAME_IPV4)
		return 2; /* AF_INET */
	return p->h.kind == FRAME_IPV6 ? 10 : NOTHING;
}

static __always_inline __s64 load_address_type(struct __sk_buff *skb, struct packet *p, __u32 what)
{
	int source = what == ZF_META_FIB_SADDR || what == ZF_META_FIB_SADDR_IIF;
	int here = what == ZF_META_FIB_DADDR_IIF || what == ZF_META_FIB_SADDR_IIF;

	return address_type(p, source, here ? skb->ifindex : 0);
}

/* A fact, or NOTHING. */
__noinline __s64 load_meta(struct __sk_buff *skb, struct packet *p, __u32 what)
{
	if (!p)
		return NOTHING;
	switch (what) {
	case ZF_META_LENGTH:
		return p->bytes;
	case ZF_META_PROTOCOL:
		return p->h.type;
	case ZF_META_NFPROTO:
		return nfproto(p);
	case ZF_META_L4PROTO:
		return p->h.kind > FRAME_IPV6 ? NOTHING : p->h.flow.proto;
	case ZF_META_MARK:
		return skb->mark;
	case ZF_META_PRIORITY:
		return skb->priority;
	case ZF_META_PKTTYPE:
		return skb->pkt_type;
	case ZF_META_CPU:
		return bpf_get_smp_processor_id();
	case ZF_META_IIF:
		return p->out ? 0 : skb->ifindex;
	case ZF_META_OIF:
		return p->out ? skb->ifindex : NOTHING;
	case ZF_META_SOCKET_TRANSPARENT:
	case ZF_META_SOCKET_WILDCARD:
	case ZF_META_SOCKET_MARK:
		return load_socket(skb, p, what);
	case ZF_META_FIB_DADDR:
	case ZF_META_FIB_DADDR_IIF:
	case ZF_META_FIB_SADDR:
	case ZF_META_FIB_SADDR_IIF:
		return load_address_type(skb, p, what);
	}
	return NOTHING;
}

#endif
