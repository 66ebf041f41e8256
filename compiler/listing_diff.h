/* SPDX-License-Identifier: GPL-2.0-only */
/* listing_diff.h - what differs between two listings, block by block.
 *
 * Both have one element a line.  Where a line was written is not a difference. */
#ifndef ZFWC_LISTING_DIFF_H
#define ZFWC_LISTING_DIFF_H

#include <stdbool.h>
#include <stdint.h>

#include <compiler/listing.h>

struct arena;
struct buf;

enum listing_change {
	LISTING_BLOCK,	 /* the lines that follow are in this block: "table inet fw chain in" */
	LISTING_REMOVED, /* a line of the old listing */
	LISTING_ADDED,	 /* a line of the new one */
};

/* 'text' is without indentation and without the '{' of a block; 'file' is NULL
 * when it isn't known, and for LISTING_BLOCK. */
typedef void (*listing_diff_fn)(void *ctx, enum listing_change change, const char *text, const char *file,
				uint32_t line);

/* Calls 'fn' (if it isn't NULL) for the lines of the smallest difference, or of
 * a small one where listings are large.  What only moved is removed and added.
 * Returns whether anything differs. */
bool listing_diff(const struct listing *old, const struct listing *new, struct arena *a, listing_diff_fn fn, void *ctx);
/* The same as text:
 *
 *	table inet fw chain in
 *	- fw.nft:12: tcp dport 22 accept
 *	+ fw.nft:12: tcp dport 2222 accept */
bool listing_diff_print(const struct listing *old, const struct listing *new, struct arena *a, struct buf *out);

#endif
