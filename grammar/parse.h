/* SPDX-License-Identifier: GPL-2.0-only */
/* parse.h - text to tree.  Pure: files are read through the caller. */
#ifndef ZFWC_PARSE_H
#define ZFWC_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include <compiler/base/source.h>

struct arena;
struct ast;
struct buf;
struct diag;
struct include_reader; /* compiler/base/reader.h */

#define PARSE_MAX_INCLUDE_DEPTH 16 /* as nft's */

/* Parses 'source' (an index into sources->v, already added) and what it
 * includes.  Always returns a tree, of what could be parsed; errors are in 'd'.
 * 'reader' NULL refuses includes. */
struct ast *parse_source(size_t source, struct sources *sources, const struct include_reader *reader, struct diag *d,
			 struct arena *a);

/* Does it begin as JSON does? */
bool json_source_begins(const struct source *source);
/* The same for libnftables JSON, of commands or as 'list -j' prints it.  Places
 * are those in the JSON text. */
struct ast *json_parse_source(size_t source, struct sources *sources, struct diag *d, struct arena *a);

/* The scanner's view: one token a line, "line:col kind text". Includes are not followed. */
void scan_dump(size_t source, struct sources *sources, struct diag *d, struct arena *a, struct buf *out);

#endif
