/* SPDX-License-Identifier: GPL-2.0-only */
/* listing_write.h - the lines of blocks, for listings of rulesets and for 'fmt'.
 * Internal.
 *
 *	listing.c	chains, tables and the whole
 *	listing_set.c	sets, maps and objects */
#ifndef ZFWC_LISTING_WRITE_H
#define ZFWC_LISTING_WRITE_H

#include <compiler/listing.h>
#include <compiler/print.h>

struct writer {
	struct sources *sources;
	const struct listing_options *options; /* never NULL */
	struct arena *a;
	struct printer printer; /* 'out' is set for each line */
	unsigned int depth;
	struct {
		struct listing_line *v;
		size_t n, cap;
	} lines;
	/* Writes a set's elements in a way of its own and returns true; NULL: there is none. */
	bool (*elements)(struct writer *w, const struct ast_set *set);
};

struct listing_line *write_line(struct writer *w, enum listing_kind kind, const char *text, struct span span);
/* "head {"; handle 0: none. */
void write_open(struct writer *w, const char *head, uint64_t handle, struct span span);
/* "chain NAME" */
const char *head_of_block(struct writer *w, const char *word, const char *name);
/* 'span' is that of the block it closes. */
void write_close(struct writer *w, struct span span);
void write_comment(struct writer *w, const char *comment);

/* The printer, with an empty text to print into. */
struct printer *write_begin(struct writer *w, struct buf *text);

/* 'head' is what stands before the '{': "set NAME". */
void write_set(struct writer *w, const char *head, const struct ast_set *set);
void write_object(struct writer *w, const char *head, const struct ast_object *object);
/* What stands before the rules of a chain. */
void write_chain_head(struct writer *w, const struct ast_chain *chain, enum ast_family family);
void write_rule(struct writer *w, const struct ast_rule *rule);
void write_table(struct writer *w, const struct ast_table *t);
const char *object_word(enum ast_object_kind kind); /* "counter" */

#endif
