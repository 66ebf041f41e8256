/* SPDX-License-Identifier: GPL-2.0-only */
/* ir.h - the ruleset as one list of rules in evaluation order.
 *
 * Lowering lays the base chains of the ruleset out one behind the other, in
 * priority order, with every jump and goto replaced by the rules of its target,
 * each narrowed by the match of the jump.  What remains is a list in which a
 * packet looks for the first rule that matches it, acts on it, and is done or
 * resumes the search further down:
 *
 *	accept (base chain)	resumes behind the end of its base chain
 *	return			resumes behind the jump, or at the base chain's policy
 *	no verdict, continue	resumes at the next rule
 *	drop			ends
 *	nothing left		accept
 *
 * "ip saddr != X" is no set of addresses but a rule for X in front of the
 * others, which resumes behind them.
 *
 * The places to resume at are rules of kind IR_MARK, which match nothing.
 * A policy of accept is no rule; a policy of drop is a last rule with origin
 * IR_POLICY.
 *
 * A rule has a static part, a box in the space of headers and interfaces, which
 * the tuple space searches; then ops, which are carried out in their order when
 * the static part has matched; then a verdict.  An op is a condition or an
 * effect.  When a condition fails, what stands before it has taken place, what
 * stands behind it hasn't, and the search resumes at 'otherwise'.
 *
 * Sets, maps, verdict maps and concatenations have no form of their own: an
 * element that is more than a set of one dimension is a box, and so a rule.
 *
 * Rules of the ingress and the egress hooks stand in one list; a packet is seen
 * by those whose interfaces it meets, see IR_EGRESS. */
#ifndef ZFWC_IR_H
#define ZFWC_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <compiler/addr_set.h>
#include <compiler/base/source.h>

struct arena;
struct ast_chain;
struct ast_object;
struct ast_rule;
struct ast_value;
struct buf;

/* Kinds of frame, as bits.  A malformed header, or an IPv6 extension header
 * chain too long to walk, makes a frame BAD4 or BAD6: it matches only rules
 * that look at no header. */
enum ir_family {
	IR_V4 = 1 << 0,
	IR_V6 = 1 << 1,
	IR_OTHER = 1 << 2, /* neither IPv4, IPv6 nor ARP */
	IR_BAD4 = 1 << 3,
	IR_BAD6 = 1 << 4,
};
#define IR_ANY_FRAME 0x1f

struct ir_range {
	uint16_t lo, hi; /* both included */
};
struct ir_ranges { /* sorted, disjoint, not adjacent; n == 0 in a rule means "any" */
	size_t n;
	const struct ir_range *v;
};

/* An interface as packets leave by it; without the bit, as they arrive. */
#define IR_EGRESS 0x80000000u

struct ir_interfaces { /* sorted ifindexes, with IR_EGRESS or all without; NULL in a rule is not allowed, every chain has devices */
	size_t n;
	const uint32_t *v;
	uint64_t hash; /* of the names, not the indexes */
};

/* ---- ops ---- */

/* ct states, as bits: nft's values (include/uapi/linux/netfilter/nf_conntrack_common.h). */
#define IR_CT_INVALID	  (1u << 0)
#define IR_CT_ESTABLISHED (1u << 1)
#define IR_CT_RELATED	  (1u << 2)
#define IR_CT_NEW	  (1u << 3)
#define IR_CT_UNTRACKED	  (1u << 6)

/* What a comparison looks at: bytes of a header as one number, first byte
 * highest, or a fact about the packet. */
enum ir_base { IR_LINK, IR_NETWORK, IR_TRANSPORT, IR_META };

enum ir_meta {
	IR_META_LENGTH,	  /* of the packet, without the link-layer header */
	IR_META_PROTOCOL, /* ethertype behind VLAN tags */
	IR_META_NFPROTO,  /* AF_INET or AF_INET6; other frames have none */
	IR_META_L4PROTO,  /* none: not IP, malformed, or an IPv6 fragment that isn't the first */
	IR_META_MARK,
	IR_META_PRIORITY,
	IR_META_PKTTYPE, /* PACKET_HOST, ... (include/uapi/linux/if_packet.h) */
	IR_META_CPU,
	IR_META_IIF, /* 0: sent by this host */
	IR_META_OIF, /* none at ingress */
	/* Of the socket that the packet belongs to or that listens for it; none: no socket. */
	IR_META_SOCKET_TRANSPARENT, /* 0 or 1 */
	IR_META_SOCKET_WILDCARD,
	IR_META_SOCKET_MARK,
	/* RTN_UNICAST, RTN_LOCAL, ... (include/uapi/linux/rtnetlink.h) of an address. */
	IR_META_FIB_DADDR,
	IR_META_FIB_DADDR_IIF, /* considering only the arrival interface */
	IR_META_FIB_SADDR,
	IR_META_FIB_SADDR_IIF,
};

struct ir_load {
	enum ir_base base;
	uint16_t at; /* byte in the header; IR_META: enum ir_meta */
	uint8_t len; /* bytes, 1 to 16; IR_META: of the number */
};

/* (load & mask) ^ flip is in 'allowed'.  What can't be loaded matches nothing:
 * bytes behind the end of the packet, the transport header of a fragment that
 * isn't the first, a socket that isn't there. */
struct ir_compare {
	struct ir_load load;
	u128 mask, flip;
	const struct addr_set *allowed; /* of width 8 * len; complemented already for != */
};

struct ir_tproxy {
	uint8_t family; /* AF_INET or AF_INET6: the frames it applies to; a rule for both has 0 */
	bool has_addr;
	uint8_t addr[16]; /* network byte order, by family */
	uint16_t port;	  /* host byte order; 0: the packet's own */
};

enum ir_op_kind {
	/* conditions */
	IR_COMPARE,
	IR_CT,	   /* the flow is in one of the states */
	IR_LOCAL,  /* the destination is an address of the arrival interface */
	IR_LIMIT,  /* takes a token; or, of a limit with 'over', finds none to take */
	IR_ALIVE,  /* the element hasn't timed out */
	IR_TPROXY, /* a socket is found, and assigned */
	/* effects */
	IR_COUNT,
	IR_LOG,
	IR_SET, /* (old & and) ^ xor */
};

struct ir_op {
	enum ir_op_kind kind;
	union {
		struct ir_compare compare;
		uint8_t ct_states;
		uint32_t index; /* IR_LIMIT, IR_ALIVE, IR_COUNT, IR_LOG: in ir->limits, timers, counters, logs */
		struct ir_tproxy tproxy;
		struct {
			enum ir_meta what; /* IR_META_MARK or IR_META_PRIORITY */
			uint32_t and, xor;
		} set;
	};
};

enum ir_kind { IR_RULE, IR_MARK };
enum ir_verdict {
	IR_DROP,
	IR_REJECT, /* answers as 'reject' says, and drops */
	IR_RESUME, /* at 'resume', NULL means the next rule */
};
enum ir_origin { IR_FROM_RULE, IR_FROM_POLICY };

struct ir_reject {
	bool tcp_reset;	    /* else an ICMP message */
	uint8_t icmp_code;  /* of a destination unreachable, for IPv4 */
	uint8_t icmp6_code; /* for IPv6 */
};

struct ir_rule {
	enum ir_kind kind;

	/* static */
	uint8_t families;		    /* IR_V4 | ... */
	const struct addr_set *dst4, *src4; /* NULL: any; used when families has IR_V4 */
	const struct addr_set *dst6, *src6;
	struct ir_ranges protos; /* 0-255 */
	/* Ports of TCP, UDP, UDP-Lite, SCTP and DCCP in host byte order; for ICMP and ICMPv6 'dports' is
	 * type << 8 | code.  A rule with need_l4 matches only frames that have their
	 * transport header (whole packets and first fragments), even when the
	 * ranges are empty, that is any. */
	bool need_l4;
	struct ir_ranges dports, sports;
	const struct ir_interfaces *interfaces;

	/* in this order */
	const struct ir_op *ops;
	size_t n_ops;
	const struct ir_rule *otherwise; /* mark to resume at when a condition fails; NULL: the next rule */

	/* verdict */
	enum ir_verdict verdict;
	const struct ir_rule *resume;
	struct ir_reject reject;
	/* The policy, or a rule that drops and looks at nothing in the packet besides
	 * iif and iifname, doesn't match ARP and IPv6 neighbour discovery: those are
	 * dropped only by a rule that looks at them. */
	bool spares_neighbour_discovery;

	/* where it comes from */
	enum ir_origin origin;
	const struct ast_rule *source; /* NULL for policies and marks */
	const struct ast_chain *chain; /* for a policy: the base chain */
	struct span span;
	struct span jump; /* that led to its chain, or SPAN_NONE */

	/* What the rule is, wherever it stands: a hash of what its text says (with
	 * variables replaced, words as numbers, without comments and the values of
	 * counters), of its table and chain, and of the path of jumps that leads to it.
	 * The contents of a named set and the devices of a base chain are not part of
	 * it: adding an element or a device leaves the identity, while the static part
	 * changes.  Equal rules in one place are told apart by a running number; two
	 * rules of an ir never have the same identity. */
	uint64_t identity;
	uint32_t index; /* in ir->rules */
};

/* Counters, limits and timers have state that outlives an apply: it is found
 * again by identity, which is unique among those of a kind. */
struct ir_counter { /* one per counter statement, named counter, and set element with a counter; in text order */
	const struct ast_rule *source;	 /* of a statement */
	const struct ast_object *object; /* of a named one */
	const struct ast_value *element; /* of an element */
	unsigned int nth;		 /* among the counters of that rule */
	uint64_t packets, bytes;	 /* initial values, from the text */
	uint64_t identity;		 /* as of a rule, without the path of jumps */
	struct span span;
};

/* A token bucket as the kernel's nft_limit has it (net/netfilter/nft_limit.c):
 * packets cost nanoseconds of a bucket that fills with time. */
struct ir_limit {
	bool over, bytes;
	uint64_t rate, per; /* so many packets or bytes in so many nanoseconds */
	uint64_t burst;
	uint64_t identity;
	struct span span;
};

/* Of a set element with a timeout. */
struct ir_timer {
	uint64_t timeout_ms; /* from the first apply that has the element */
	uint64_t expires_ms; /* of 'expires' in the text, else equal to the timeout */
	uint64_t identity;
	struct span span;
};

struct ir_log {
	const char *prefix; /* or NULL */
	uint8_t level;	    /* syslog's, 0-7 */
	bool has_group;
	uint16_t group;
	uint32_t snaplen;
	uint64_t identity;
	struct span span;
};

struct ir_attach { /* one per interface that a base chain names */
	const char *name;
	uint32_t index;
	bool ingress, egress;
	struct span span; /* of the first mention */
};

struct ir {
	struct ir_rule **rules;
	size_t n_rules;
	struct ir_counter *counters;
	size_t n_counters;
	struct ir_limit *limits;
	size_t n_limits;
	struct ir_timer *timers;
	size_t n_timers;
	struct ir_log *logs;
	size_t n_logs;
	struct ir_attach *attach; /* sorted by index */
	size_t n_attach;
	bool uses_ct, uses_tproxy, uses_local;
};

/* Conditions come before effects in the enum. */
static inline bool ir_op_is_condition(const struct ir_op *op)
{
	return op->kind <= IR_TPROXY;
}

static inline bool ir_is_conditional(const struct ir_rule *r)
{
	for (size_t i = 0; i < r->n_ops; i++)
		if (ir_op_is_condition(&r->ops[i]))
			return true;
	return false;
}

static inline bool ir_has_op(const struct ir_rule *r, enum ir_op_kind kind)
{
	for (size_t i = 0; i < r->n_ops; i++)
		if (r->ops[i].kind == kind)
			return true;
	return false;
}

/* One rule a line: number, families, conditions, effects, verdict, origin as
 * file:line.  Interfaces by name.  Stable; no hashes. */
struct facts;
void ir_dump(const struct ir *ir, const struct facts *facts, struct sources *sources, struct buf *out);

#endif
