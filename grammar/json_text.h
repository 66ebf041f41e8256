/* SPDX-License-Identifier: GPL-2.0-only */
/* json_text.h - JSON text (RFC 8259) as a tree in which everything has its place.
 *
 * A library would read it too, but without places, and an error in a ruleset is
 * worth little when nobody says where it is. */
#ifndef ZFWC_JSON_TEXT_H
#define ZFWC_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <compiler/base/source.h>

struct arena;
struct diag;

#define JSON_TEXT_MAX_DEPTH 64 /* of arrays and objects in one another */

enum node_kind { NODE_NULL, NODE_TRUE, NODE_FALSE, NODE_NUMBER, NODE_STRING, NODE_ARRAY, NODE_OBJECT };

struct json_node {
	struct json_node *next; /* in an array or object */
	struct span span;
	struct span key_span;
	const char *key; /* of a member of an object, else NULL */
	enum node_kind kind;
	bool negative, fraction; /* NODE_NUMBER; 'fraction': it has a '.' or an exponent */
	union {
		struct {
			uint64_t number;  /* NODE_NUMBER without fraction: its amount */
			const char *text; /* NODE_STRING; NODE_NUMBER with fraction: as written */
		};
		struct {
			struct json_node *items; /* NODE_ARRAY, NODE_OBJECT */
			size_t n_items;
		};
	};
};

/* NULL when the text isn't JSON: reported.  Strings hold no control characters
 * and no double quotes: what they become in a ruleset couldn't be written. */
struct json_node *json_text_parse(const struct source *src, struct diag *d, struct arena *a);

/* Does the text begin as JSON does, with '{' or '['? */
bool json_text_begins(const char *text, size_t len);

#endif
