/* SPDX-License-Identifier: GPL-2.0-only */
/* fmt_weave.c - lines and comments to text.
 *
 * Each line knows where in the source it comes from, or takes it that it comes
 * behind the one above it.  A comment goes before the first line that comes from
 * behind it, or behind the line that it shares a line of the source with. */
#include <compiler/fmt_write.h>

#include <string.h>

#include <compiler/base/buf.h>

struct loom {
	struct formatter *f;
	struct buf *out;
	size_t note;			 /* the next one */
	const struct listing_line *last; /* what is written last, NULL at the beginning */
};

/* ---- the source ---- */

/* Is the line above that of 'at' empty? */
static bool is_below_gap(const struct formatter *f, uint32_t at)
{
	const char *begin = f->source->text, *c = fmt_text_at(f, at);
	unsigned int ends = 0;

	while (c > begin && strchr(" \t\r\n;", c[-1]) && ends < 2)
		ends += *--c == '\n';
	return ends == 2;
}

static bool share_line(const struct formatter *f, uint32_t x, uint32_t y)
{
	return x <= y && !memchr(fmt_text_at(f, x), '\n', y - x);
}

/* ---- lines ---- */

static const struct listing_line comment_line = { .kind = LISTING_ITEM };

/* nft has one between blocks within blocks. */
static bool needs_gap(const struct loom *l, const struct listing_line *line)
{
	if (l->last == &comment_line || !line->depth)
		return false;
	return l->last->kind == LISTING_CLOSE || (line->kind == LISTING_OPEN && l->last->kind == LISTING_RULE);
}

/* 'at' is where what goes before 'line', or is it, comes from; 0: unknown. */
static void put_gap(struct loom *l, const struct listing_line *line, uint32_t at, bool is_comment)
{
	if (!l->last || l->last->kind == LISTING_OPEN || (line->kind == LISTING_CLOSE && !is_comment))
		return;
	if (needs_gap(l, line) || (at && is_below_gap(l->f, at)))
		buf_putc(l->out, '\n');
}

static void put_tabs(struct buf *out, unsigned int depth)
{
	while (depth--)
		buf_putc(out, '\t');
}

static void put_note_text(struct loom *l, struct note *n)
{
	uint32_t at = n->comment->span.at;
	uint32_t len = n->comment->span.end - at;
	const char *text = fmt_text_at(l->f, at);

	while (len && strchr(" \t\r", text[len - 1]))
		len--;
	buf_write(l->out, text, len);
	n->written = true;
}

/* ---- comments ---- */

static struct note *next_note(struct loom *l)
{
	while (l->note < l->f->notes.n && l->f->notes.v[l->note].written)
		l->note++;
	return l->note < l->f->notes.n ? &l->f->notes.v[l->note] : NULL;
}

/* What stands before 'end', in lines of its own. */
static void put_notes_before(struct loom *l, const struct listing_line *line, uint32_t end)
{
	unsigned int depth = line->depth + (line->kind == LISTING_CLOSE);

	for (struct note *n; (n = next_note(l)) && n->comment->span.at < end;) {
		put_gap(l, line, n->comment->span.at, true);
		put_tabs(l->out, depth);
		put_note_text(l, n);
		buf_putc(l->out, '\n');
		l->last = &comment_line;
	}
}

static uint32_t place_of_next(const struct listing_line *line, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (span_known(line[i].span))
			return line[i].span.at;
	return UINT32_MAX;
}

/* A comment that the line shares its line of the source with. */
static void put_note_behind(struct loom *l, const struct listing_line *line, size_t n)
{
	struct note *note = next_note(l);

	if (!note || note->comment->alone || !span_known(line->span) ||
	    !share_line(l->f, line->span.end, note->comment->span.at) ||
	    note->comment->span.at > place_of_next(line, n))
		return;
	buf_putc(l->out, ' ');
	put_note_text(l, note);
}

/* Gaps are kept between rules, definitions, commands and tables. */
static bool keeps_gap(const struct listing_line *line)
{
	return span_known(line->span) && (line->kind == LISTING_RULE || line->kind == LISTING_OPEN || !line->depth);
}

static void put_line(struct loom *l, const struct listing_line *line, size_t n)
{
	if (span_known(line->span))
		put_notes_before(l, line, line->kind == LISTING_OPEN ? line->span.at : line->span.end);
	put_gap(l, line, keeps_gap(line) ? line->span.at : 0, false);
	put_tabs(l->out, line->depth);
	buf_puts(l->out, line->text);
	put_note_behind(l, line, n);
	buf_putc(l->out, '\n');
	l->last = line;
}

void fmt_weave(struct formatter *f, struct buf *out)
{
	static const struct listing_line end = { .kind = LISTING_ITEM };
	struct loom l = { .f = f, .out = out };

	buf_puts(out, "");
	for (size_t i = 0; i < f->w.lines.n; i++)
		if (*f->w.lines.v[i].text)
			put_line(&l, &f->w.lines.v[i], f->w.lines.n - i);
	put_notes_before(&l, &end, UINT32_MAX);
}
