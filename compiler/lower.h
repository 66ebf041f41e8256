/* SPDX-License-Identifier: GPL-2.0-only */
/* lower.h - what the files of the lower stage share.  Internal.
 *
 *	lower.c			base chains, inlining of jumps
 *	lower_rule.c		the statements of a rule in their order
 *	lower_verdict.c		how a rule ends
 *	lower_run.c		what is left of the packets within a rule; its IR rules
 *	lower_choice.c		sets and maps within a rule
 *	lower_picks.c		elements of sets and maps to boxes
 *	lower_view.c		expressions to loads and sets of numbers
 *	lower_match.c		boxes
 *	lower_value.c		values to sets of numbers
 *	lower_hosts.c		which interfaces there are
 *	lower_interfaces.c	devices, iif, iifname, oif and oifname
 *	lower_state.c		counters, limits, timers and logs
 *	lower_identity.c	what a rule is, wherever it stands
 *	lower_emit.c		IR rules and marks */
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

/* ---- boxes ---- */

enum dimension { DIM_SRC4, DIM_DST4, DIM_SRC6, DIM_DST6, DIM_PROTO, DIM_SPORT, DIM_DPORT, DIM_COUNT };

/* The packets that static matches leave, as ir_rule has them; NULL is any. */
struct match {
	uint8_t families;
	bool need_l4;
	bool looked; /* at something of the packet itself */
	const struct addr_set *dims[DIM_COUNT];
	const struct ir_interfaces *interfaces;
};

/* ---- what a match looks at: (field & mask) ^ flip ---- */

struct view {
	enum ast_field field;
	unsigned int fib;   /* FIB_ flags of FIELD_FIB_TYPE */
	unsigned int width; /* bits; of interfaces those of an ifindex */
	u128 mask, flip;
};
#define MAX_VIEWS AST_MAX_CONCAT

/* One field, or the parts of a concatenation. */
struct views {
	unsigned int n;
	struct view v[MAX_VIEWS];
};

/* ---- elements of a set or map ---- */

/* Elements that differ in at most one part of the key, as one box. */
struct pick {
	const struct addr_set **values; /* of each part; NULL: any key */
	const struct ast_value *data;	/* of a map, else NULL */
	uint32_t timer;			/* number + 1 in ir->timers, or 0 */
	uint32_t counter;		/* likewise in ir->counters; of 'counted' only */
	uint64_t identity;
	struct span span; /* of the only element, or SPAN_NONE */
};

/* The first that has the key is the one.  Those with equal data stand together. */
struct picks {
	struct pick *v;
	size_t n;
	bool exclusive;	      /* no key is in two of them */
	struct pick *counted; /* the elements with counters, once more */
	size_t n_counted;
};

/* ---- the run ---- */

struct host {
	const char *name;
	uint32_t index;
	bool loopback;
};

struct rule_info { /* by number of the rule */
	uint64_t content;
	uint32_t first_counter, first_limit, first_log;
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
		struct ir_counter *v;
		size_t n, cap;
	} counters;
	struct {
		struct ir_limit *v;
		size_t n, cap;
	} limits;
	struct {
		struct ir_timer *v;
		size_t n, cap;
	} timers;
	struct {
		struct ir_log *v;
		size_t n, cap;
	} logs;
	struct {
		struct host *v;
		size_t n, cap;
		struct table by_name; /* number + 1 */
	} hosts;
	struct rule_info *info;
	struct table objects;			 /* by struct ast_object, or element: number of its state + 1 */
	struct table timed;			 /* by element: likewise, in timers */
	struct table interface_sets;		 /* by hash: struct ir_interfaces */
	struct table sets;			 /* by place of the elements: struct addr_set */
	struct table complements;		 /* by struct addr_set: the rest */
	struct table picks;			 /* by place of the elements: struct picks */
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

/* lower_match.c */
enum narrowed {
	NARROWED_TO_NOTHING,
	NARROWED,	  /* to exactly what was asked for */
	NARROWED_ROUGHLY, /* an op must do the rest */
};
struct match match_of_chain(const struct ast_chain *base, const struct ir_interfaces *interfaces);
/* To packets for which the view is in 'set'. */
enum narrowed match_view(struct lower *l, struct match *m, const struct view *v, const struct addr_set *set);
/* Each is false when nothing is left. */
/* To packets that have the field. */
bool match_field(struct lower *l, struct match *m, enum ast_field f);
bool match_families(struct match *m, uint8_t families);
bool match_protocol(struct lower *l, struct match *m, unsigned int protocol);
bool match_tproxy(struct lower *l, struct match *m, int family);
bool match_ssh(struct lower *l, struct match *m, const struct ast_value *ports);
/* 'version': 0 or 1, DHCP for IPv4 or for IPv6. */
bool match_dhcp(struct lower *l, struct match *m, enum ast_dhcp_role role, unsigned int version);
/* An address that a box can hold: those of a packet that aren't in a set are too
 * many prefixes. */
bool match_is_address(enum ast_field f);
bool match_equal(const struct match *x, const struct match *y);

/* lower_view.c */
void views_of(const struct ast_value *expression, struct views *ret);
/* The values of the field for which the view is in 'set'; NULL when they are
 * too many ranges. */
const struct addr_set *view_values(struct lower *l, const struct view *v, const struct addr_set *set);
/* The condition that the view is in 'set'. */
struct ir_op view_op(struct lower *l, const struct view *v, const struct addr_set *set);
/* Do some packets lack it although they have the headers? */
bool view_may_be_missing(const struct view *v);
/* Of a ct state: the states for which the view is in 'set'. */
uint8_t view_states(const struct view *v, const struct addr_set *set);
static inline bool field_is_interface(enum ast_field f)
{
	return f == FIELD_META_IIF || f == FIELD_META_IIFNAME || f == FIELD_META_OIF || f == FIELD_META_OIFNAME;
}
/* Does it depend on the interfaces, and on what was set for the packet, alone? */
bool field_is_blind(enum ast_field f);

/* lower_value.c */
const struct addr_set *set_of_range(struct lower *l, unsigned int width, u128 lo, u128 hi);
/* A constant, a set or a reference to one, without timeouts. */
const struct addr_set *set_of_value(struct lower *l, const struct view *v, const struct ast_value *value);
/* The rest; made once for a large set. */
const struct addr_set *set_complement(struct lower *l, const struct addr_set *s);
/* What the operator and the right side of a match allow.  A mask that they imply
 * is added to the view. */
const struct addr_set *set_of_match(struct lower *l, struct view *v, const struct ast_stmt *s);
struct ir_ranges ranges_of_set(struct lower *l, const struct addr_set *s);

/* lower_picks.c */
/* 'set' is a VALUE_SET or a VALUE_SETREF, with keys that are like 'views'. */
const struct picks *picks_of(struct lower *l, const struct views *views, const struct ast_value *set,
			     const struct ast_rule *rule);

/* lower_hosts.c */
/* Reports what 'iif' and 'oif' name and isn't there. */
void hosts_init(struct lower *l, const struct facts *facts);
const struct host *host_by_name(const struct lower *l, const char *name); /* NULL: none */
/* There is no interface of the name 'v', an error. */
void host_unknown(struct lower *l, const struct ast_value *v);

/* lower_interfaces.c */
const struct ir_interfaces *interfaces_of_chain(struct lower *l, const struct ast_chain *chain);
/* The indexes that a constant, a set or a reference to one names; 0 is no interface. */
const struct addr_set *interface_indexes(struct lower *l, const struct ast_value *v);
/* Those of 'from' for which the field is in 'indexes'. */
const struct ir_interfaces *interfaces_within(struct lower *l, const struct ir_interfaces *from, enum ast_field f,
					      const struct addr_set *indexes);

/* lower_state.c */
void state_make(struct lower *l);
uint32_t state_of_object(struct lower *l, const struct ast_object *object);
/* 'set' is NULL in an anonymous set, which 'rule' has. */
bool element_is_timed(const struct ast_set *set, const struct ast_value *item);
bool element_is_counted(const struct ast_set *set, const struct ast_value *item);
uint32_t timer_of_element(struct lower *l, const struct ast_rule *rule, const struct ast_set *set,
			  const struct ast_value *item);
uint32_t counter_of_element(struct lower *l, const struct ast_rule *rule, const struct ast_set *set,
			    const struct ast_value *item);

/* lower_identity.c */
uint64_t identity_of_chain(const struct ast_chain *chain);
uint64_t identity_of_table(const struct ast_table *table);
uint64_t content_of_rule(const struct ast_rule *rule);
uint64_t content_of_value(const struct ast_value *v);
/* 'wanted', or another number when it was given away before. */
uint64_t identity_unique(struct lower *l, uint64_t wanted);

/* lower_emit.c */
/* Appends; NULL when the limit is reached, which is reported at 'f'. */
struct ir_rule *emit_rule(struct lower *l, const struct frame *f, const struct ast_rule *source, const struct match *m,
			  uint64_t identity);
void emit_policy(struct lower *l, const struct frame *f);
const struct ir_rule *place_mark(struct lower *l, struct place *p);
void place_put(struct lower *l, struct place *p, const struct frame *f);
void limit_reached(struct lower *l, const struct frame *f);

#endif
