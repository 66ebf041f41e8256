/* SPDX-License-Identifier: GPL-2.0-only */
/* print.h - expressions, statements and rules as nft prints them, in one line.
 *
 * Bound trees (value.h) are printed as 'nft list ruleset' does.  Trees as parsed
 * are printed likewise: words stand for what they are bound to where the type is
 * known, and for themselves elsewhere. */
#ifndef ZFWC_PRINT_H
#define ZFWC_PRINT_H

#include <stdbool.h>

#include <grammar/ast.h>

struct arena;
struct buf;
struct sources;

/* What the elements of a set are like, or what stands on a side of a match; n is 0 when that isn't known. */
struct value_types {
	struct ast_datatypes key, data;
};

enum flags_style {
	FLAGS_COMMAS, /* "syn,ack": any of them */
	FLAGS_OR,     /* "syn | ack": one value */
	FLAGS_NUMBER, /* "syn", but "0x12" */
};

struct printer {
	struct buf *out;
	enum ast_family family; /* of the table */

	/* Of a tree as parsed, else NULL: numbers of unknown type are printed as they were written. */
	struct sources *sources;
	/* Prints a set that takes several lines and returns true; NULL: there is none. */
	bool (*set)(struct printer *p, const struct ast_value *set, const struct value_types *types);
	/* Gives the numbers behind 'counter', or returns false for "none"; NULL: those in the tree. */
	bool (*counter)(void *ctx, const struct ast_rule *rule, unsigned int nth, uint64_t *packets, uint64_t *bytes);
	bool (*element_counter)(void *ctx, const struct ast_value *element, uint64_t *packets, uint64_t *bytes);
	void *ctx; /* of all three */

	/* Where it is; zero at first. */
	enum flags_style flags;
	bool counting;		 /* each element of the set has a counter */
	unsigned int n_counters; /* of the rule, printed so far */
};

/* ---- print_types.c ---- */

/* What an expression, its elements in a set, or the data of a map are like. */
struct ast_datatypes expression_types(const struct ast_value *e, struct arena *a);
/* Of a set's keys, bound or not. */
struct value_types set_types(const struct ast_set *set, struct arena *a);
/* TYPE_NONE of several, and when it isn't known. */
enum ast_type only_type(const struct ast_datatypes *types);

/* ---- print_value.c ---- */

void put_value(struct printer *p, const struct ast_value *v, const struct value_types *types);
void put_expression(struct printer *p, const struct ast_value *e);
/* With attributes, and data if it has some. */
void put_element(struct printer *p, const struct ast_value *v, const struct value_types *types);
/* In double quotes. */
void put_string(struct buf *out, const char *s);
/* "1d2h30m" */
void put_time(struct buf *out, uint64_t milliseconds);

/* ---- print_stmt.c ---- */

void put_statement(struct printer *p, const struct ast_rule *rule, const struct ast_stmt *s);
/* "tcp dport 22 counter drop comment ..." */
void put_rule(struct printer *p, const struct ast_rule *rule);
/* "rate over 10/second burst 7 packets" */
void put_limit(struct buf *out, const struct ast_limit *limit);

#endif
