/* SPDX-License-Identifier: GPL-2.0-only */
/* describe.h - the objects of a ruleset in plain words, for listings that
 * aren't text. */
#ifndef ZFWC_DESCRIBE_H
#define ZFWC_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct ast_rule;
struct ruleset;

enum object_kind { OBJECT_TABLE, OBJECT_SET, OBJECT_CHAIN, OBJECT_RULE };

struct object {
	enum object_kind kind;
	const char *family, *table; /* of the table that it is or is in */
	const char *name;	    /* of the table, set or chain; of a rule the chain's */
	const char *comment;	    /* or NULL */

	/* A set's elements, or a base chain's devices, as they are listed. */
	const char **words;
	size_t n_words;

	/* a set: */
	const char *type;
	bool interval, constant, auto_merge;

	/* a base chain, else hook is NULL: */
	const char *hook, *policy;
	int32_t priority;

	const struct ast_rule *rule; /* OBJECT_RULE */
};

struct objects {
	struct object *v;
	size_t n, cap;
};

/* In the order of the listing: each table is followed by its sets, then its
 * chains; a chain is followed by its rules. */
void describe(const struct ruleset *rs, struct arena *a, struct objects *ret);

#endif
