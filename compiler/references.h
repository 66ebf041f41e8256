/* SPDX-License-Identifier: GPL-2.0-only */
/* references.h - what a bound rule, or an element, names: chains, sets and
 * objects. */
#ifndef ZFWC_REFERENCES_H
#define ZFWC_REFERENCES_H

#include <grammar/ast.h>

enum reference_kind { REFERENCE_CHAIN, REFERENCE_SET, REFERENCE_OBJECT };

struct reference {
	enum reference_kind kind;
	enum ast_verdict verdict; /* of a chain: jump or goto */
	union {
		struct ast_chain *chain;
		struct ast_set *set;
		struct ast_object *object;
		const void *target; /* any of them */
	};
	struct span span;
};

/* Calls fn once per reference, in text order, until it returns false; what
 * stands in a variable is met at each use. */
typedef bool (*reference_fn)(const struct reference *ref, void *ctx);
bool references_of_rule(const struct ast_rule *rule, reference_fn fn, void *ctx);
/* Of one element, not of those behind it. */
bool references_of_element(const struct ast_value *v, reference_fn fn, void *ctx);

#endif
