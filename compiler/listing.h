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

struct arena;
struct ast_rule;
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
	const struct ast_rule *rule; /* LISTING_RULE */
};

struct listing {
	struct listing_line *v;
	size_t n;
};

struct listing_options {
	/* Values to print behind "counter", or NULL for none.  Returns false for "none for this one". */
	bool (*counter)(void *ctx, const struct ast_rule *rule, unsigned int nth, uint64_t *packets, uint64_t *bytes);
	void *ctx;
	/* One set element per line (for diff) instead of as many as fit. */
	bool element_per_line;
};

/* Tables, sets, chains and rules in text order, as nft 1.0.6 lists them:
 * variables and includes resolved, services and protocols as nft prints them. */
void listing_make(const struct ruleset *rs, struct sources *sources, const struct listing_options *options,
		  struct arena *a, struct listing *ret);
void listing_print(const struct listing *l, struct buf *out);

/* The listing and the places of its lines as one text, and back: what the store
 * keeps.  unpack gives the canonical text as a source to compile, and the file
 * and line of each of its lines.  Returns 0, or -1 when 'blob' is not one. */
void listing_pack(const struct listing *l, struct buf *out);
int listing_unpack(const char *blob, size_t len, struct arena *a, struct listing *ret);

#endif
