/* SPDX-License-Identifier: GPL-2.0-only */
/* fmt.h - a rules file in the layout and spelling of a listing.
 *
 * What the file says stays as it is: comments, variables, includes and commands,
 * groups of lines with an empty line between them, and the order of blocks where
 * a table has some of those in it.  A table that has none is written as nft
 * would list it. */
#ifndef ZFWC_FMT_H
#define ZFWC_FMT_H

#include <stddef.h>

#include <compiler/compile.h>

/* Puts the text of a source, which isn't followed into its includes, behind
 * 'out'.  Returns 0, or -1 with errors in 'd'; then 'out' is of no use.  The
 * reader in 'options' isn't asked for anything. */
int fmt(size_t source, struct sources *sources, const struct compile_options *options, struct diag *d, struct arena *a,
	struct buf *out);

#endif
