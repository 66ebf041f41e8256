/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_rule.h - what the files that bind rules share.  Internal.
 *
 *	resolve_rule.c		rules, verdicts, and which statements may stand together
 *	resolve_context.c	protocols that statements need or imply
 *	resolve_expr.c		what is looked at: fields, masks, concatenations
 *	resolve_match.c		matches
 *	resolve_statement.c	the other statements
 *	resolve_tproxy.c	tproxy */
#ifndef ZFWC_RESOLVE_RULE_H
#define ZFWC_RESOLVE_RULE_H

#include <compiler/addr_set.h>
#include <compiler/resolve.h>

/* What the statements of a rule have said about the packet so far: what nft
 * calls its protocol context. */
struct context {
	int net;		     /* 0, AF_INET, AF_INET6 or NET_OTHER */
	int l4;			     /* IP protocol, or -1 */
	const struct ast_value *l4s; /* or a set of them, sorted */
	bool l4_in_header;	     /* as 'ip protocol' or 'ip6 nexthdr' has it */
	const struct ast_value *icmp_types;
	struct span net_span, l4_span, icmp_span;
};
#define NET_OTHER (-1)

/* resolve_context.c: 0, or -1 when an error has been reported. */
/* Can the packet have this VALUE_FIELD?  Then it does from here on. */
int context_require(struct resolve *r, struct context *c, const struct ast_value *v);
int context_require_l4(struct resolve *r, struct context *c, int l4, struct span at);
/* Takes note of what a bound match says. */
void context_learn(struct resolve *r, struct context *c, const struct ast_stmt *s);
int context_conflict(struct resolve *r, struct span at, struct span other, const char *x, const char *y);
const char *context_net_name(int net);

/* resolve_expr.c */
/* Binds what is looked at, see value.h, and says what its values are like; NULL
 * after an error.  'c' is NULL in a 'typeof'. */
struct ast_value *resolve_looked_at(struct resolve *r, struct context *c, struct ast_value *v,
				    struct ast_datatypes *types);
/* "field map { ... }": 'data' are the types that are wanted of it. */
struct ast_value *resolve_map(struct resolve *r, struct context *c, struct ast_value *v,
			      const struct ast_datatypes *data);
/* A VALUE_BINARY in the form that nft shows: no more than one '&', '^' and '|'. */
struct ast_value *resolve_masked(struct resolve *r, struct ast_value *field, u128 mask, u128 flip, struct span span);

/* resolve_match.c */
int resolve_match(struct resolve *r, struct context *c, struct ast_stmt *s);

/* resolve_statement.c */
int resolve_vmap(struct resolve *r, struct context *c, struct ast_stmt *s);
int resolve_meta_set(struct resolve *r, struct context *c, struct ast_stmt *s);
int resolve_reject(struct resolve *r, struct context *c, struct ast_stmt *s);
int resolve_log(struct resolve *r, struct ast_stmt *s);
int resolve_limit(struct resolve *r, struct ast_stmt *s);
int resolve_counter(struct resolve *r, struct ast_stmt *s);

/* resolve_tproxy.c */
int resolve_tproxy(struct resolve *r, struct context *c, struct ast_stmt *s);

#endif
