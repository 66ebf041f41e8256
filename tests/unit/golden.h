/* SPDX-License-Identifier: GPL-2.0-only */
/* golden.h - results compared with files that somebody has read.
 *
 * With GOLDEN_UPDATE set in the environment the files are rewritten instead; read
 * the difference then. */
#ifndef ZFWC_GOLDEN_H
#define ZFWC_GOLDEN_H

#include <stddef.h>

struct arena;

/* The contents of a file; NULL when there is none.  'len' may be NULL. */
char *read_whole(struct arena *a, const char *path, size_t *len);

/* Below the top of the source tree. */
const char *source_path(struct arena *a, const char *below);

/* A folder's cases: "a" of a.nft, in the order of names. */
struct golden {
	struct arena *arena;
	const char *folder;
	const char **cases;
	size_t n;
};

/* 'below' the top of the source tree.  Fails the test when there are no cases. */
void golden_open(struct golden *g, struct arena *a, const char *below);
/* The text of CASE.nft, which must be there. */
char *golden_text(const struct golden *g, const char *name, size_t *len);
/* Fails the test when 'text' isn't what the file CASE with 'suffix' holds; no file
 * stands for an empty one. */
void golden_check(const struct golden *g, const char *name, const char *suffix, const char *text);

#endif
