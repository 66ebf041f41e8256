/* SPDX-License-Identifier: GPL-2.0-only */
/* source.h - the texts of one run, and places in them.
 *
 * A place is a byte offset into one address space in which all texts of a run
 * lie one behind the other, so that a span is eight bytes and names its file
 * too.  Line and column are computed only when something is printed. */
#ifndef ZFWC_SOURCE_H
#define ZFWC_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Half open: [at, end).  at == end == 0 is "no place" (SPAN_NONE). */
struct span {
	uint32_t at, end;
};
#define SPAN_NONE ((struct span){ 0, 0 })

static inline bool span_known(struct span s)
{
	return s.at != 0;
}
/* From the beginning of 'a' to the end of 'b'; an unknown side gives the other. */
static inline struct span span_join(struct span a, struct span b)
{
	return !span_known(a) ? b : !span_known(b) ? a : (struct span){ a.at, b.end };
}

struct source {
	const char *name; /* as messages show it: path, "<stdin>", "<command line>" */
	const char *text; /* NUL-terminated behind text[len], may contain NULs */
	uint32_t len;
	uint32_t base;		   /* of text[0] in the common address space, never 0 */
	struct span included_from; /* the include statement, or SPAN_NONE */
	uint32_t *lines;	   /* offsets of line starts, made on first use */
	uint32_t n_lines;
};

struct sources {
	struct arena *arena;
	struct source *v;
	size_t n, cap;
};

struct position {
	const struct source *source;
	uint32_t line, column; /* from 1; columns count bytes, a tab is one */
	const char *line_text; /* not NUL-terminated */
	uint32_t line_len;
};

/* Adds a text; 'text' is borrowed for the life of the arena.  NULL when the
 * address space (4 GiB) is full.  Earlier 'struct source *' may move. */
struct source *sources_add(struct sources *s, const char *name, const char *text, size_t len,
			   struct span included_from);
/* False for SPAN_NONE and for places outside all texts. */
bool sources_locate(struct sources *s, uint32_t at, struct position *ret);

#endif
