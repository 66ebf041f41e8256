/* SPDX-License-Identifier: GPL-2.0-only */
/* lower.h - what the files of the lower stage share.  Internal.
 *
 *	lower.c			base chains, inlining of jumps
 *	lower_rule.c		one rule to one or more IR rules
 *	lower_match.c		what matches leave of the packets
 *	lower_value.c		values to sets of numbers
 *	lower_interfaces.c	devices, iif and iifname
 *	lower_identity.c	what a rule is, wherever it stands
 *	lower_emit.c		IR rules, marks and counters */
#ifndef ZFWC_LOWER_H
#define ZFWC_LOWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <compiler/base/diag.h>
#include <compiler/ir.h>
#include <compiler/table.h>
#include <grammar/ast.h>

struct facts;
struct ruleset;

#define LOWER_MAX_DEPTH	 16 /* resolve has refused more, and loops */
#define LOWER_MAX_RULES	 1000000
#define LOWER_MAX_VISITS (8 * LOWER_MAX_RULES) /* rules looked at while inlining, also those that vanish */

#define N_SINGLE   512
#define SHARE_FROM 4 /* ranges: sets of more are made once and shared */

/* ---- matches ---- */

enum dimension { DIM_SRC4, DIM_DST4, DIM_SRC6, DIM_DST6, DIM_PROTO, DIM_SPORT, DIM_DPORT, DIM_COUNT };

/* The packets that static matches leave, as ir_rule has them; NULL is any. */
struct match {
	uint8_t families;
	bool need_l4;
	bool looked; /* at something of the packet itself */
	const struct addr_set *dims[DIM_COUNT];
	const struct ir_interfaces *interfaces;
};

/* Alternatives, no packet matches two of them; n == 0 matches nothing. */
#define MAX_ALTERNATIVES 2
struct matches {
	struct match v[MAX_ALTERNATIVES];
	unsigned int n;
};

/* Addresses that a rule doesn't match. */
struct exclusion {
	enum dimension dim;
	const struct addr_set *set;
};

/* ---- the run ---- */

struct host {
	const char *name;
	uint32_t index;
	bool loopback;
};

struct rule_info { /* by number of the rule */
	uint64_t content;
	uint32_t first_counter;
	bool checked; /* whether it can match at all */
};

struct lower {
	const struct ruleset *rs;
	const struct facts *facts;
	struct diag *d;
	struct arena *a;
	struct ir *ir;
	struct {
		struct ir_rule **v;
		size_t n, cap;
	} rules;
	struct {
		struct host *v;
		size_t n, cap;
		struct table by_name;
	} hosts;
	struct rule_info *info;
	struct table interface_sets;		 /* by hash: struct ir_interfaces */
	struct table sets;			 /* by place of the elements: struct addr_set */
	const struct addr_set *single[N_SINGLE]; /* by hash: of one range, see set_of_range */
	struct table common;			 /* by both sets: what they have in common */
	struct table ranges;			 /* by struct addr_set: struct ir_ranges */
	struct table identities;		 /* by identity: how often it was asked for, as a pointer */
	size_t visits;
	bool full; /* a limit was exceeded and reported */
};

/* A place to resume at.  Its mark is made when first used, and stands where the
 * place is put. */
struct place {
	uint64_t identity;
	struct ir_rule *mark;
};

/* A chain as it is inlined in one place. */
struct frame {
	const struct ast_chain *base;
	struct match match; /* what leads here */
	uint64_t path;
	struct place *on_accept, *on_return;
	struct span jump;   /* that led here, or SPAN_NONE */
	unsigned int depth; /* of jumps */
};

/* lower.c */
void lower_chain(struct lower *l, const struct ast_chain *chain, const struct frame *f);

/* lower_rule.c */
void lower_rule(struct lower *l, const struct ast_rule *rule, const struct frame *f);

/* lower_match.c: each is false when nothing is left. */
struct match match_of_chain(const struct ast_chain *base, const struct ir_interfaces *interfaces);
bool match_field(struct lower *l, struct match *m, const struct ast_stmt *s);
bool match_ip(struct match *m);
bool match_tproxy(struct lower *l, struct match *m, int family);
bool match_ssh(struct lower *l, struct match *m, const struct ast_value *ports);
/* Narrows each alternative to those of the role; there is at most one more than before. */
void matches_dhcp(struct lower *l, struct matches *m, enum ast_dhcp_role role);
/* "ip saddr != X", which narrows no set: the rest would be many prefixes. */
bool match_is_exclusion(const struct ast_stmt *s);
bool match_family(struct match *m, enum ast_field f);
enum dimension match_dimension(enum ast_field f);
/* The excluded part of what 'm' leaves; false when that is nothing. */
bool match_excluded(struct lower *l, const struct match *m, const struct exclusion *e, struct match *ret);
bool match_equal(const struct match *x, const struct match *y);

/* lower_value.c */
const struct addr_set *set_of_range(struct lower *l, unsigned int width, u128 lo, u128 hi);
/* What the right-hand side of a match and its operator allow. */
const struct addr_set *set_of_match(struct lower *l, const struct ast_stmt *s);
/* The same for the values of a type without an operator. */
const struct addr_set *set_of_value(struct lower *l, const struct ast_value *v, enum ast_type type);
struct ir_ranges ranges_of_set(struct lower *l, const struct addr_set *s);

/* lower_interfaces.c */
/* Reports what 'iif' and 'oif' name and isn't there. */
void hosts_init(struct lower *l, const struct facts *facts);
const struct ir_interfaces *interfaces_of_chain(struct lower *l, const struct ast_chain *chain);
/* Those of 'from' that a match of iif, iifname, oif or oifname leaves. */
const struct ir_interfaces *interfaces_narrow(struct lower *l, const struct ir_interfaces *from,
					      const struct ast_stmt *s);
/* Those for which field 'f' is 'v', which may be a set, or with 'wanted' false isn't.  The interface of the
 * other direction is none: it equals nothing. */
const struct ir_interfaces *interfaces_select(struct lower *l, const struct ir_interfaces *from, enum ast_field f,
					      const struct ast_value *v, bool wanted);
static inline bool field_is_interface(enum ast_field f)
{
	return f == FIELD_META_IIF || f == FIELD_META_IIFNAME || f == FIELD_META_OIF || f == FIELD_META_OIFNAME;
}
bool interfaces_meet(const struct ir_interfaces *x, const struct ir_interfaces *y);

/* lower_identity.c */
uint64_t identity_of_chain(const struct ast_chain *chain);
uint64_t content_of_rule(const struct ast_rule *rule);
/* 'wanted', or another number when it was given away before. */
uint64_t identity_unique(struct lower *l, uint64_t wanted);

/* lower_emit.c */
void counters_make(struct lower *l);
/* Appends; NULL when the limit is reached, which is reported at 'f'. */
struct ir_rule *emit_rule(struct lower *l, const struct frame *f, const struct ast_rule *source, const struct match *m,
			  uint64_t identity);
void emit_policy(struct lower *l, const struct frame *f);
const struct ir_rule *place_mark(struct lower *l, struct place *p);
void place_put(struct lower *l, struct place *p, const struct frame *f);
void limit_reached(struct lower *l, const struct frame *f);

#endif
