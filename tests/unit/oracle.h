/* SPDX-License-Identifier: GPL-2.0-only */
/* oracle.h - rules and what they mean, told a second time.
 *
 * Chains of rules as structures of their own, a walk over them that takes the
 * first match, rule by rule, and their text.  Nothing here is shared with the
 * compiler or the program, so that both can be wrong only in the same way by
 * chance. */
#ifndef ZFWC_TESTS_ORACLE_H
#define ZFWC_TESTS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <tests/unit/frames.h>

typedef unsigned __int128 o_number;

#define O_INTERFACES 3 /* named i0, i1, i2 */

enum o_field {
	O_SADDR4,
	O_DADDR4,
	O_SADDR6,
	O_DADDR6,
	O_PROTOCOL4, /* ip protocol */
	O_L4PROTO,   /* meta l4proto */
	O_NFPROTO,   /* 4 or 6 */
	O_TCP_SPORT,
	O_TCP_DPORT,
	O_UDP_SPORT,
	O_UDP_DPORT,
	O_ICMP_TYPE,
	O_ICMPV6_TYPE,
	O_IIFNAME, /* number of an interface */
	O_FIELDS
};

struct o_range {
	o_number lo, hi;
};

struct o_values { /* disjoint, ascending */
	struct o_range *v;
	size_t n;
};

struct o_match {
	enum o_field field;
	bool negated;
	int set; /* number of a named set that holds the values, or -1 */
	struct o_values values;
};

enum o_verdict { O_NONE, O_CONTINUE, O_ACCEPT, O_DROP, O_RETURN, O_JUMP, O_GOTO };

#define O_MATCHES 5

struct o_rule {
	struct o_match matches[O_MATCHES];
	size_t n_matches;
	bool counter;
	enum o_verdict verdict;
	size_t target; /* chain */
	uint64_t packets;
};

struct o_chain {
	bool base;
	int priority;
	bool drops; /* policy */
	bool devices[O_INTERFACES];
	struct o_rule *rules;
	size_t n;
};

struct o_set {
	enum o_field type; /* a field that it is used with */
	struct o_values values;
};

#define O_CHAINS 8
#define O_SETS	 6

struct o_ruleset {
	bool inet; /* table inet, else netdev */
	struct o_set sets[O_SETS];
	size_t n_sets;
	struct o_chain chains[O_CHAINS]; /* in text order; jumps lead to later ones */
	size_t n_chains;
};

enum o_kind { O_IP, O_BAD, O_OTHER, O_ARP };

/* A packet, with what it is known to be from how it was made. */
struct o_packet {
	struct packet_spec spec;
	enum o_kind kind;
	bool has_l4;
	unsigned int interface;
	struct frame frame;
};

/* PASS or DROP as the program says it (TC_ACT_UNSPEC, TC_ACT_SHOT).  Counts. */
int oracle_verdict(struct o_ruleset *rs, const struct o_packet *p);
void oracle_print(const struct o_ruleset *rs, FILE *to);
void oracle_print_packet(const struct o_packet *p, FILE *to);

/* ---- at random ---- */

struct arena;

struct o_random {
	uint64_t state;
	struct arena *arena; /* of the rulesets made */
};
uint32_t random_below(struct o_random *r, uint32_t n);

/* A ruleset in memory that lives as long as the process. */
void random_ruleset(struct o_random *r, struct o_ruleset *rs);
/* A packet near the edges of what some rule matches. */
void random_packet(struct o_random *r, const struct o_ruleset *rs, struct o_packet *p);

#endif
