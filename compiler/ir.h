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
 * A rule has a static part, decided by headers and arrival interface, which the
 * tuple space searches, and dynamic conditions, which are looked at when the
 * rule is found.  When one fails, the search resumes at 'otherwise'. */
#ifndef ZFWC_IR_H
#define ZFWC_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <compiler/addr_set.h>
#include <compiler/base/source.h>

struct arena;
struct ast_chain;
struct ast_rule;
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

struct ir_interfaces { /* sorted ifindexes; NULL in a rule is not allowed, every chain has devices */
	size_t n;
	const uint32_t *v;
	uint64_t hash; /* of the names, not the indexes */
};

/* ct states, as bits: nft's values (include/uapi/linux/netfilter/nf_conntrack_common.h). */
#define IR_CT_ESTABLISHED (1u << 1)
#define IR_CT_RELATED	  (1u << 2)

enum ir_kind { IR_RULE, IR_MARK };
enum ir_verdict { IR_DROP, IR_RESUME }; /* IR_RESUME: at 'resume', NULL means the next rule */
enum ir_origin { IR_FROM_RULE, IR_FROM_POLICY };

struct ir_tproxy {
	bool present;
	uint8_t family; /* AF_INET or AF_INET6: the frames it applies to; a rule for both has 0 */
	bool has_addr;
	uint8_t addr[16]; /* network byte order, by family */
	uint16_t port;	  /* host byte order; 0: the packet's own */
};

struct ir_rule {
	enum ir_kind kind;

	/* static */
	uint8_t families;		    /* IR_V4 | ... */
	const struct addr_set *dst4, *src4; /* NULL: any; used when families has IR_V4 */
	const struct addr_set *dst6, *src6;
	struct ir_ranges protos; /* 0-255 */
	/* Ports of TCP and UDP in host byte order; for ICMP and ICMPv6 'dports' is
	 * type << 8 | code.  A rule with need_l4 matches only frames that have their
	 * transport header (whole packets and first fragments), even when the
	 * ranges are empty, that is any. */
	bool need_l4;
	struct ir_ranges dports, sports;
	const struct ir_interfaces *interfaces;

	/* dynamic: all must hold */
	uint8_t ct_states;		 /* one of these states; 0: no condition */
	bool local_address;		 /* the destination is an address of the arrival interface */
	struct ir_tproxy tproxy;	 /* a socket was found and assigned */
	const struct ir_rule *otherwise; /* mark to resume at when one fails; NULL: the next rule */

	/* effects */
	bool has_counter;
	bool count_first; /* before tproxy is tried (its failure doesn't uncount) */
	uint32_t counter; /* index into ir->counters */

	/* verdict */
	enum ir_verdict verdict;
	const struct ir_rule *resume;
	/* The policy, or a rule that drops and looks at nothing in the packet besides
	 * iif and iifname, doesn't match ARP and IPv6 neighbour discovery: those are
	 * dropped only by a rule that looks at them. */
	bool spares_neighbour_discovery;

	/* where it comes from */
	enum ir_origin origin;
	const struct ast_rule *source; /* NULL for policies and marks */
	const struct ast_chain *chain; /* for a policy: the base chain */
	struct span span;

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

struct ir_counter { /* one per counter statement of the text, in text order */
	const struct ast_rule *source;
	unsigned int nth;	 /* among the counters of that rule */
	uint64_t packets, bytes; /* initial values, from the text */
	uint64_t identity;	 /* as of a rule, without the path of jumps */
	struct span span;
};

struct ir_attach { /* one per interface that a base chain names */
	const char *name;
	uint32_t index;
	struct span span; /* of the first mention */
};

struct ir {
	struct ir_rule **rules;
	size_t n_rules;
	struct ir_counter *counters;
	size_t n_counters;
	struct ir_attach *attach; /* sorted by index */
	size_t n_attach;
	bool uses_ct, uses_tproxy, uses_local;
};

/* One rule a line: number, families, conditions, effects, verdict, origin as
 * file:line.  Interfaces by name.  Stable; no hashes. */
struct facts;
void ir_dump(const struct ir *ir, const struct facts *facts, struct sources *sources, struct buf *out);

#endif
