/* SPDX-License-Identifier: GPL-2.0-only */
/* diag_print.c - messages as text.
 *
 *	fw.nft:5:12: error: no set named 'bda' in table 'fw' [unknown-set]
 *	    		ip saddr @bda drop
 *	    		         ^~~~
 *	fw.nft:2:6: note: did you mean 'bad'?
 */
#include <compiler/base/diag.h>

#include <stdlib.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/utf8.h>

#define INDENT	     "    "
#define MAX_COLUMNS  100
#define CUT	     "..."
#define CUT_COLUMNS  3
#define LEAD_COLUMNS 30 /* shown before the span when a line is cut */

/* ---- colour ---- */

#define BOLD	"\033[1m"
#define RED	"\033[1;31m"
#define MAGENTA "\033[1;35m"
#define CYAN	"\033[1;36m"
#define GREEN	"\033[1;32m"
#define RESET	"\033[m"

static const char *paint(const struct diag *d, const char *colour)
{
	return d->colour ? colour : "";
}

/* ---- order ---- */

static int by_place(const void *x, const void *y)
{
	const struct diag_message *a = ((const struct diag_group *)x)->v, *b = ((const struct diag_group *)y)->v;

	if (a->span.at != b->span.at)
		return a->span.at < b->span.at ? -1 : 1;
	return a < b ? -1 : a > b;
}

struct diag_group *diag_groups(const struct diag *d, size_t *n)
{
	struct diag_group *groups = arena_make_array(d->arena, d->n, struct diag_group);

	*n = 0;
	for (size_t i = 0; i < d->n; i++) {
		if (*n && d->v[i].severity == DIAG_NOTE)
			groups[*n - 1].n++;
		else
			groups[(*n)++] = (struct diag_group){ &d->v[i], 1 };
	}
	if (*n)
		qsort(groups, *n, sizeof(*groups), by_place);
	return groups;
}

/* ---- the source line ---- */

/* The bytes [from, to) of a source line, and whether something was left out. */
struct window {
	uint32_t from, to;
	bool cut_left, cut_right;
};

/* Bytes are at least as many as columns, so a window of bytes is never too wide. */
static struct window window_around(const struct position *p, uint32_t from, uint32_t to)
{
	struct window w = { .to = p->line_len };
	uint32_t room = MAX_COLUMNS - 2 * CUT_COLUMNS;

	if (p->line_len <= MAX_COLUMNS)
		return w;
	if (from > LEAD_COLUMNS + CUT_COLUMNS && to > MAX_COLUMNS - CUT_COLUMNS) {
		w.from = from - LEAD_COLUMNS;
		w.cut_left = true;
	} else {
		room += CUT_COLUMNS;
	}
	if (p->line_len - w.from > room) {
		w.to = w.from + room;
		w.cut_right = true;
	}
	while (w.from < from && utf8_continues(p->line_text[w.from]))
		w.from++;
	while (w.to > from + 1 && w.cut_right && utf8_continues(p->line_text[w.to]))
		w.to--;
	return w;
}

/* One character of a source line into 'line' and, as the blank or the mark
 * under it, into 'marks'.  Returns its length in bytes. */
static uint32_t put_character(const char *s, uint32_t len, char mark, struct buf *line, struct buf *marks)
{
	size_t n = utf8_length(s, len);

	if (n > 1) {
		buf_write(line, s, n);
	} else {
		buf_putc(line, *s == '\t' || (n && *s >= ' ' && *s < 0x7f) ? *s : '?');
		n = 1;
	}
	buf_putc(marks, mark == ' ' && *s == '\t' ? '\t' : mark);
	return (uint32_t)n;
}

static void print_excerpt(const struct diag *d, const struct position *p, uint32_t length, struct buf *out)
{
	struct arena *a = d->arena;
	struct buf line = { .arena = a }, marks = { .arena = a };
	uint32_t from = p->column - 1;
	uint32_t to = length < p->line_len - from ? from + length : p->line_len;
	struct window w = window_around(p, from, to);

	buf_puts(&line, w.cut_left ? CUT : "");
	buf_puts(&marks, w.cut_left ? "   " : "");
	for (uint32_t i = w.from; i < w.to;) {
		char mark = i == from ? '^' : i > from && i < to ? '~' : i < from ? ' ' : '\0';

		if (mark)
			i += put_character(p->line_text + i, w.to - i, mark, &line, &marks);
		else
			i += put_character(p->line_text + i, w.to - i, ' ', &line, &(struct buf){ .arena = a });
	}
	if (from >= w.to) /* the end of the line */
		buf_putc(&marks, '^');
	buf_printf(out, INDENT "%s%s\n" INDENT "%s%s%s\n", line.text, w.cut_right ? CUT : "", paint(d, GREEN),
		   marks.text, paint(d, RESET));
}

static bool same_span(struct span a, struct span b)
{
	return a.at == b.at && a.end == b.end;
}

/* A note without a place of its own, or with that of its message, shows the
 * line no second time. */
static void print_message(const struct diag *d, const struct diag_message *m, const struct diag_message *head,
			  struct buf *out)
{
	static const struct {
		const char *word, *colour;
	} severities[] = {
		[DIAG_ERROR] = { "error", RED },
		[DIAG_WARNING] = { "warning", MAGENTA },
		[DIAG_NOTE] = { "note", CYAN },
	};
	struct span span = span_known(m->span) ? m->span : head->span;
	struct position p;
	bool located = sources_locate(d->sources, span.at, &p);

	if (located)
		buf_printf(out, "%s%s:%u:%u: ", paint(d, BOLD), p.source->name, p.line, p.column);
	buf_printf(out, "%s%s:%s %s", paint(d, severities[m->severity].colour), severities[m->severity].word,
		   paint(d, RESET), m->text);
	if (m == head)
		buf_printf(out, " [%s]", diag_codes[m->code].name);
	buf_putc(out, '\n');
	if (located && (m == head || !same_span(span, head->span)))
		print_excerpt(d, &p, span.end > span.at ? span.end - span.at : 1, out);
}

static void print_left_out(unsigned int n, unsigned int limit, const char *what, struct buf *out)
{
	if (n > limit)
		buf_printf(out, "%u more %s%s not shown\n", n - limit, what, n - limit == 1 ? "" : "s");
}

void diag_print(const struct diag *d, struct buf *out)
{
	size_t n;
	const struct diag_group *groups = diag_groups(d, &n);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < groups[i].n; j++)
			print_message(d, groups[i].v + j, groups[i].v, out);
	print_left_out(d->errors, diag_limit(d), "error", out);
	print_left_out(d->warnings + d->refused, diag_limit(d), "warning", out);
}
