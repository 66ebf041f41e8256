/* SPDX-License-Identifier: GPL-2.0-only */
/* listing.h - a ruleset as canonical text, line by line.
 *
 * The text of a listing parses back to the same ruleset.  It is what 'list'
 * prints, what 'diff' compares, and what is kept beside the maps. */
#ifndef ZFWC_LISTING_H
#define ZFWC_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <compiler/base/source.h>

struct arena;
struct ast_object;
struct ast_rule;
struct ast_value;
struct buf;
struct ruleset;
struct sources;

enum listing_kind { LISTING_OPEN, LISTING_CLOSE, LISTING_ITEM, LISTING_RULE };

struct listing_line {
	enum listing_kind kind; /* OPEN ends in '{', CLOSE is '}' */
	unsigned int depth;	/* tabs before it */
	const char *text;	/* without indentation; counters as "counter" */
	const char *file;	/* where it was written, NULL when unknown */
	uint32_t line;
	struct span span;	     /* there */
	const struct ast_rule *rule; /* LISTING_RULE */
};

struct listing {
	struct listing_line *v;
	size_t n;
};

struct listing_options {
	/* Values to print behind "counter", or NULL for none.  Returns false for "none for this one". */
	bool (*counter)(void *ctx, const struct ast_rule *rule, unsigned int nth, uint64_t *packets, uint64_t *bytes);
	/* The same of counters with a name; NULL: what the text begins with. */
	bool (*named_counter)(void *ctx, const struct ast_object *object, uint64_t *packets, uint64_t *bytes);
	/* The same of elements of sets. */
	bool (*element_counter)(void *ctx, const struct ast_value *element, uint64_t *packets, uint64_t *bytes);
	void *ctx;
	/* One set element per line (for diff) instead of as many as fit. */
	bool element_per_line;
	bool handles; /* "# handle N" behind what has one, as nft -a */
};

/* Tables and what is in them as nft 1.0.6 lists them: objects, sets and maps,
 * chains, each in the order they were declared in. */
void listing_make(const struct ruleset *rs, struct sources *sources, const struct listing_options *options,
		  struct arena *a, struct listing *ret);
void listing_print(const struct listing *l, struct buf *out);

/* The listing and the places of its lines as one text, and back: what the store
 * keeps.  unpack gives the canonical text as a source to compile, and the file
 * and line of each of its lines.  Returns 0, or -1 when 'blob' is not one. */
void listing_pack(const struct listing *l, struct buf *out);
int listing_unpack(const char *blob, size_t len, struct arena *a, struct listing *ret);

#endif
