/* SPDX-License-Identifier: GPL-2.0-only */
/* abi.h - what the program and user space agree on: the layout of the maps.
 *
 * Included by BPF code and by C alike.  Integers are in host byte order and
 * addresses in network byte order unless said otherwise.  All padding is
 * explicit and zero, so that elements compare with memcmp.  A change of any
 * layout or meaning changes ZF_ABI.
 *
 * How a packet finds its rule (IPv4 shown; IPv6 is the same with other maps):
 *
 *	dc = DST4[daddr], sc = SRC4[saddr]		longest prefix to class; a miss is class 0
 *	for each bit t of (CLASS[dc] | config.any_dst) & (CLASS[sc] | config.any_src):
 *		skip t unless TUPLE[t] can hold a label in [lower, best)
 *		block = PAIR4[t, daddr masked to dst_len, saddr masked to src_len]
 *		best = least label >= lower of an entry of the block that matches
 *	RULE[rule of best] says what to do
 *
 * A tuple is a pair of selectors, one for each address.  A selector is a prefix
 * length, and then the pair's key holds the masked address; or it is membership
 * in a set too large to expand, and then the class bit alone decides and the
 * key holds zero (dst_len or src_len is 0).  For prefix lengths the class bits
 * only prune, and may be set where no pair exists.
 *
 * Tuples are numbered from 0 within a family; TUPLE alone has those of IPv6
 * from ZF_TUPLES on. */
#ifndef ZFWC_ABI_H
#define ZFWC_ABI_H

#include <linux/types.h>

#define ZF_ABI 1

#define ZF_TUPLES	  512 /* tuples in a family */
#define ZF_TUPLE_WORDS	  (ZF_TUPLES / 64)
#define ZF_INTERFACE_SETS 256 /* distinct sets of interfaces that rules are limited to */
#define ZF_LIST_CELLS	  512 /* cells in one list */
#define ZF_CELL_ENTRIES	  3
#define ZF_LABEL_MAX	  0xfffffffeu /* labels of rules: 1 .. ZF_LABEL_MAX */
#define ZF_LABEL_NONE	  0xffffffffu /* behind every rule: resuming there accepts */
#define ZF_FLOWS	  65536

enum zf_family { ZF_IPV4, ZF_IPV6, ZF_FAMILIES };

/* ---- switched ---- */

enum zf_config_flag {
	ZF_HAS_DST = 1 << 0, /* of flags[family]: the trie is to be looked at */
	ZF_HAS_SRC = 1 << 1,
	ZF_USES_CT = 1 << 2,	 /* of flags[ZF_IPV4] alone: flows are recorded */
	ZF_USES_TPROXY = 1 << 3, /* of flags[ZF_IPV4] alone: accepted packets may belong to intercepted connections */
};

struct zf_config {
	/* Tuples that are tried whatever the class: those that take any address, or
	 * all of a few, when the trie isn't worth a look-up. */
	__u64 any_dst[ZF_FAMILIES][ZF_TUPLE_WORDS];
	__u64 any_src[ZF_FAMILIES][ZF_TUPLE_WORDS];
	__u32 words[ZF_FAMILIES]; /* words of tuples in use */
	__u32 flags[ZF_FAMILIES];
	__u32 other;		/* list for frames that are neither IP nor ARP */
	__u32 bad[ZF_FAMILIES]; /* list for malformed packets */
	__u32 mark;		/* or'ed into the mark of an intercepted packet */
};

enum zf_interface_flag {
	ZF_NO_ETHERNET = 1 << 0, /* frames begin with the network header */
	ZF_HAS_ADDR4 = 1 << 1,
	ZF_HAS_ADDR6 = 1 << 2,
};

struct zf_interface {
	__u64 sets[ZF_INTERFACE_SETS / 64]; /* bit: this interface is in that set */
	__u32 flags;
	__u8 addr4[4];	/* first primary address: where 'tproxy to :port' looks for a listener */
	__u8 addr6[16]; /* first usable one */
};

struct zf_lpm4 {
	__u32 prefixlen;
	__u8 addr[4];
};

struct zf_lpm6 {
	__u32 prefixlen;
	__u8 addr[16];
};

struct zf_class {
	__u64 tuples[ZF_TUPLE_WORDS];
};

struct zf_tuple {
	__u32 min_label, max_label; /* of the rules in its pairs; 0, 0: not in use */
	__u8 dst_len, src_len;
	__u8 pad[2];
	/* Fingerprint of the set when the selector is membership, else 0.  The
	 * program doesn't read it: the next apply finds the tuple again by it. */
	__u32 dst_set, src_set;
};

struct zf_pair4 {
	__u8 dst[4], src[4];
	__u32 tuple;
};

struct zf_pair6 {
	__u8 dst[16], src[16];
	__u32 tuple;
};

/* The rules of a pair, each in one of three places: by destination port when
 * its range of those is narrow, else by source port when that is narrow, else
 * in a list.  A packet looks in all three; one without its transport header
 * only in the list, for what is placed by port has ZF_NEED_L4.  0 is empty. */
#define ZF_NARROW 4096 /* a range of at most so many ports */
struct zf_block {
	__u32 list;  /* reference to a list */
	__u32 dport; /* reference to a node or a list */
	__u32 sport;
};

struct zf_local {
	__u32 ifindex;
	__u8 addr[16]; /* IPv4 in the first four bytes, the rest zero */
	__u8 family;   /* enum zf_family */
	__u8 pad[3];
};

/* ---- shared ---- */

/* References to cells: bit 31 says node, else list; the rest is the cell. */
#define ZF_REF_NODE 0x80000000u

enum zf_entry_flag {
	ZF_NEED_L4 = 1 << 0,	/* only frames that have their transport header */
	ZF_JUST_DROPS = 1 << 1, /* the rule drops, without condition or counter: no need to look it up */
};

/* One rule, or one combination of its ranges. */
struct zf_entry {
	__u8 proto_lo, proto_hi;
	__u8 flags;
	__u8 interfaces;	  /* number of an interface set */
	__u16 dport_lo, dport_hi; /* ICMP: type << 8 | code */
	__u16 sport_lo, sport_hi;
	__u32 label;
	__u32 rule; /* 0: entry not in use */
};

/* List: entries by ascending label, cells chained by 'next'.  Only the first
 * cell may have unused entries, the last ones of it.
 * Node: 16 slots by the next four bits of the port, highest first; a slot is a
 * reference to a list (of at most ZF_BUCKET entries, or of any number when
 * further bits wouldn't tell them apart) or to a node of the next level. */
#define ZF_BUCKET 6
struct zf_cell {
	union {
		struct {
			__u32 next; /* reference to a list; 0: the last cell */
			struct zf_entry entries[ZF_CELL_ENTRIES];
		};
		__u32 slots[16];
	};
};

enum zf_verdict { ZF_DROP, ZF_RESUME };

enum zf_rule_flag {
	ZF_COUNT_FIRST = 1 << 0,   /* count before tproxy, else after it succeeded */
	ZF_LOCAL_ADDRESS = 1 << 1, /* destination must be an address of the arrival interface */
	ZF_SPARES_ND = 1 << 2,	   /* doesn't match neighbour discovery: goes on at otherwise */
	ZF_TPROXY = 1 << 3,
	ZF_TPROXY_ADDR4 = 1 << 4, /* tproxy_addr is an IPv4 address, the rule is for IPv4 */
	ZF_TPROXY_ADDR6 = 1 << 5,
	ZF_MARK = 1 << 6, /* a place to resume at; no entry refers to it */
};

enum zf_ct_state {
	ZF_CT_ESTABLISHED = 1 << 1,
	ZF_CT_RELATED = 1 << 2,
};

struct zf_rule {
	__u64 identity; /* what the rule is, wherever it stands */
	__u32 label;
	__u32 resume;	 /* label to search on from when verdict is ZF_RESUME */
	__u32 otherwise; /* the same when a condition fails */
	__u32 counter;	 /* 0: none */
	__u8 verdict;
	__u8 flags;
	__u8 ct_states; /* 0: no condition */
	__u8 pad;
	__u16 tproxy_port; /* host byte order; 0: the packet's own */
	__u16 pad2;
	__u8 tproxy_addr[16];
	__u64 counter_identity; /* of the counter, 0 when there is none */
	/* The marks that resume and otherwise stand for, 0 for the next rule or the
	 * end.  The program doesn't read them: they say which marks are in use. */
	__u32 resume_mark, otherwise_mark;
};

/* ---- runtime ---- */

struct zf_counter {
	__u64 packets, bytes;
};

/* As seen by the first packet.  Ports in network byte order; of an ICMP echo
 * both are its identifier. */
struct zf_flow_key {
	__u8 src[16], dst[16]; /* IPv4 in the first four bytes, the rest zero */
	__be16 sport, dport;
	__u8 proto;
	__u8 family; /* enum zf_family */
	__u8 pad[2];
};

enum zf_flow_flag {
	ZF_FLOW_REPLIED = 1 << 0, /* packets in both directions */
	ZF_FLOW_CLOSING = 1 << 1, /* FIN or RST seen */
};

struct zf_flow {
	__u64 seen; /* bpf_ktime_get_ns of the last packet, at most a second old */
	__u32 flags;
	__u32 pad;
};

#endif
