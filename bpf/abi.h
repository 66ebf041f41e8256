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

#define ZF_ABI 2

#define ZF_TUPLES	  512 /* tuples in a family */
#define ZF_TUPLE_WORDS	  (ZF_TUPLES / 64)
#define ZF_INTERFACE_SETS 256 /* distinct sets of interfaces that rules are limited to */
#define ZF_LIST_CELLS	  512 /* cells in one list */
#define ZF_CELL_ENTRIES	  3
#define ZF_LABEL_MAX	  0xfffffffeu /* labels of rules: 1 .. ZF_LABEL_MAX */
#define ZF_LABEL_NONE	  0xffffffffu /* behind every rule: resuming there accepts */
#define ZF_FLOWS	  65536
#define ZF_OPS		  64	 /* ops of one rule */
#define ZF_LOG_RING	  262144 /* bytes */
#define ZF_LOG_RATE	  10000	 /* events a second, all log statements together; more are counted as lost */
#define ZF_LOG_BURST	  1000

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

/* Keys of INTERFACE: an ifindex, for packets that arrive; with this bit, for
 * those that leave. */
#define ZF_EGRESS 0x80000000u

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

/* What an address is for this host: as RTN_UNICAST and its like in
 * linux/rtnetlink.h. */
enum zf_address_type {
	ZF_UNSPECIFIED = 0,
	ZF_UNICAST = 1,
	ZF_LOCAL = 2,
	ZF_BROADCAST = 3,
	ZF_MULTICAST = 5,
};

/* Value: ZF_LOCAL or ZF_BROADCAST. */
struct zf_local {
	__u32 ifindex;
	__u8 addr[16]; /* IPv4 in the first four bytes, the rest zero */
	__u8 family;   /* enum zf_family */
	__u8 pad[3];
};

/* A member of a set of numbers that an op compares with: the highest bytes of
 * the number, as many as it has, then zeros. */
struct zf_value {
	__u32 prefixlen; /* 32 more than bits of the number */
	__u32 set;
	__u8 bytes[16];
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

enum zf_verdict {
	ZF_DROP,
	ZF_RESUME,
	ZF_REJECT, /* an ICMP error goes back */
	ZF_RESET,  /* a TCP reset does */
};

enum zf_rule_flag {
	ZF_COUNT_FIRST = 1 << 0,   /* count before tproxy, else after it succeeded */
	ZF_LOCAL_ADDRESS = 1 << 1, /* destination must be an address of the arrival interface */
	ZF_SPARES_ND = 1 << 2,	   /* doesn't match neighbour discovery: goes on at otherwise */
	ZF_TPROXY = 1 << 3,
	ZF_HAS_OPS = 1 << 4,
	ZF_MARK = 1 << 5, /* a place to resume at; no entry refers to it */
};

/* Bits as nft has them. */
enum zf_ct_state {
	ZF_CT_INVALID = 1 << 0,
	ZF_CT_ESTABLISHED = 1 << 1,
	ZF_CT_RELATED = 1 << 2,
	ZF_CT_NEW = 1 << 3,
	ZF_CT_UNTRACKED = 1 << 6,
};

struct zf_tproxy {
	__u16 port;  /* host byte order; 0: the packet's own */
	__u8 family; /* 4 or 6: addr is of that family, and so is the rule; 0: no address */
	__u8 pad;
	__u8 addr[16];
};

/* What a rule does: first the conditions ct_states, ZF_LOCAL_ADDRESS and
 * ZF_SPARES_ND; then the ops, in their order; then it counts, and tries tproxy. */
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
	union {
		struct zf_tproxy tproxy; /* with ZF_TPROXY, else: */
		struct {
			__u32 ops;		    /* the first of them, 0: none */
			__u8 icmp_code, icmp6_code; /* of ZF_REJECT */
			__u8 pad2[14];
		};
	};
	__u64 counter_identity; /* of the counter, 0 when there is none */
	/* The marks that resume and otherwise stand for, 0 for the next rule or the
	 * end.  The program doesn't read them: they say which marks are in use. */
	__u32 resume_mark, otherwise_mark;
};

enum zf_op_kind {
	/* conditions */
	ZF_OP_COMPARE = 1,
	ZF_OP_MORE, /* goes on with the comparison before it */
	ZF_OP_CT,
	ZF_OP_LOCAL,
	ZF_OP_LIMIT,
	ZF_OP_ALIVE,
	ZF_OP_TPROXY,
	/* effects */
	ZF_OP_COUNT,
	ZF_OP_LOG,
	ZF_OP_SET_MARK,
	ZF_OP_SET_PRIORITY,
};

enum zf_op_flag {
	ZF_OP_GOES_ON = 1 << 0, /* COMPARE, MORE: the next op has further ranges */
	ZF_OP_IN_SET = 1 << 1,	/* COMPARE: with the members of a set, not a range */
	ZF_OP_OVER = 1 << 2,	/* LIMIT: holds when there is no token */
	ZF_OP_BYTES = 1 << 3,	/* LIMIT: of bytes */
};

enum zf_base { ZF_LINK, ZF_NETWORK, ZF_TRANSPORT, ZF_META };

/* Facts about a packet; of those that it doesn't have a comparison fails. */
enum zf_meta {
	ZF_META_LENGTH,
	ZF_META_PROTOCOL,
	ZF_META_NFPROTO,
	ZF_META_L4PROTO,
	ZF_META_MARK,
	ZF_META_PRIORITY,
	ZF_META_PKTTYPE,
	ZF_META_CPU,
	ZF_META_IIF,
	ZF_META_OIF,
	ZF_META_SOCKET_TRANSPARENT,
	ZF_META_SOCKET_WILDCARD,
	ZF_META_SOCKET_MARK,
	ZF_META_FIB_DADDR,
	ZF_META_FIB_DADDR_IIF,
	ZF_META_FIB_SADDR,
	ZF_META_FIB_SADDR_IIF,
};

struct zf_number { /* of up to 128 bits */
	__u64 high, low;
};

struct zf_range {
	struct zf_number lo, hi; /* both included */
};

/* A step of a rule that RULE has no room for.  Equal ones are one element. */
struct zf_op {
	__u32 next; /* 0: this is the last */
	__u8 kind;
	__u8 flags;
	__u16 at;    /* COMPARE: byte in the header, or enum zf_meta */
	__u8 base;   /* COMPARE: enum zf_base */
	__u8 len;    /* COMPARE: bytes of the number */
	__u8 states; /* CT */
	__u8 pad;
	__u32 number;	/* of the set, counter, limit or timer; LOG: bytes of the packet that are wanted */
	__u64 identity; /* of the counter, limit, timer or log statement; of a set, of who uses it first */
	union {
		struct { /* (number & mask) ^ flip is in the range, or the set */
			struct zf_number mask, flip;
			struct zf_range range;
		};
		struct zf_range more[2];   /* one that isn't used has lo above hi */
		struct {		   /* tokens are nanoseconds, see net/netfilter/nft_limit.c */
			__u64 most;	   /* that the bucket holds */
			__u64 nsecs, rate; /* a packet costs nsecs / rate, or that for each of its bytes */
		} limit;
		struct { /* (old & and) ^ xor */
			__u32 and, xor;
		} set;
		struct zf_tproxy tproxy;
		__u8 bytes[64];
	};
};

/* ---- runtime ---- */

struct zf_none {
}; /* keys and values of a ring buffer */

/* When the bucket would have been empty, had it been filling ever since:
 * it holds the time that has passed since then, but never more than it can hold.  By the
 * clock of bpf_ktime_get_ns; 0 is full. */
struct zf_limit {
	__u64 empty;
	__u64 lost; /* of limit 0, which is that of all logging: events there was no room or token for */
};

/* When an element times out, by the clock of bpf_ktime_get_boot_ns. */
struct zf_timer {
	__u64 end; /* 0: it has */
};

enum zf_event_flag {
	ZF_EVENT_EGRESS = 1 << 0, /* the packet leaves by the interface */
	ZF_EVENT_NO_ETHERNET = 1 << 1,
};

/* What a log statement says.  Prefix, level and group are those of the
 * statement in the text, found by its identity. */
#define ZF_EVENT_BYTES 256
struct zf_event {
	__u64 time;	/* bpf_ktime_get_boot_ns */
	__u64 identity; /* of the log statement */
	__u64 rule;	/* identity of the rule */
	__u64 lost;	/* events of all statements lost so far */
	__u32 ifindex;
	__u32 mark, priority;
	__u32 len;	/* of the frame */
	__u16 captured; /* bytes of it that follow */
	__u16 network;	/* byte at which the network header begins */
	__u16 protocol; /* ethertype behind VLAN tags */
	__u8 flags;
	__u8 packet_type; /* PACKET_HOST ... */
	__u8 bytes[ZF_EVENT_BYTES];
};

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
