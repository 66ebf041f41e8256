/* SPDX-License-Identifier: GPL-2.0-only */
/* json_write_internal.h - what the files that write JSON share.
 *
 *	json_write.c		objects: tables, chains, sets, rules
 *	json_write_stmt.c	statements
 *	json_write_value.c	expressions */
#ifndef ZFWC_JSON_WRITE_INTERNAL_H
#define ZFWC_JSON_WRITE_INTERNAL_H

#include <compiler/json_put.h>
#include <compiler/json_write.h>
#include <compiler/listing.h>
#include <compiler/print.h>
#include <grammar/ast.h>

/* How several flags look. */
enum json_flags {
	JSON_FLAGS_OR,	   /* {"|": ["syn", "ack"]} */
	JSON_FLAGS_LIST,   /* ["syn", "ack"] */
	JSON_FLAGS_NUMBER, /* 18 */
};

struct json_writer {
	struct jput json;
	struct arena *arena;
	const struct listing_options *options;
	const struct listing *places; /* NULL: not known */
	size_t place;		      /* of its lines, the next one to look at */
	enum ast_family family;	      /* of the table */
	enum json_flags flags;
	bool counting;		 /* each element has a counter */
	unsigned int n_counters; /* of the rule, so far */
};

void json_put_value(struct json_writer *w, const struct ast_value *v, const struct value_types *types);
/* A field, or what is computed of fields. */
void json_put_expression(struct json_writer *w, const struct ast_value *e);
/* An element of a set, with attributes; of a map [key, data]. */
void json_put_element(struct json_writer *w, const struct ast_value *v, const struct value_types *types);
/* "key": seconds */
void json_put_time(struct json_writer *w, const char *key, uint64_t milliseconds);
/* {"jump": {"target": "x"}} */
void json_put_verdict(struct json_writer *w, enum ast_verdict verdict, const char *chain);

void json_put_statement(struct json_writer *w, const struct ast_rule *rule, const struct ast_stmt *s);
/* The members of a limit, in braces that are open. */
void json_put_limit(struct json_writer *w, const struct ast_limit *limit, bool always_burst);

#endif
