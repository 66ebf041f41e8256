/* SPDX-License-Identifier: GPL-2.0-only */
/* fmt_set.c - sets that take several lines.
 *
 * A set with comments in it keeps its lines:
 *
 *	ip saddr {
 *		192.0.2.1, # the old one
 *		192.0.2.2, 192.0.2.3
 *	} accept
 *
 * A definition that is too long for a line is filled up. */
#include <compiler/fmt_write.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

enum { COLUMNS = 80, TAB = 8 };

const char *fmt_text_at(const struct formatter *f, uint32_t at)
{
	return f->source->text + (at - f->source->base);
}

/* ---- comments ---- */

/* The first comment that begins at 'at' or behind it. */
static size_t first_note(const struct formatter *f, uint32_t at)
{
	size_t lo = 0, hi = f->notes.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->notes.v[mid].comment->span.at < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool fmt_has_notes(const struct formatter *f, uint32_t at, uint32_t end)
{
	for (size_t i = first_note(f, at); i < f->notes.n && f->notes.v[i].comment->span.at < end; i++)
		if (!f->notes.v[i].written)
			return true;
	return false;
}

static void put_indent(struct buf *out, unsigned int depth)
{
	buf_putc(out, '\n');
	while (depth--)
		buf_putc(out, '\t');
}

static void put_note(const struct formatter *f, struct note *n, struct buf *out)
{
	buf_write(out, fmt_text_at(f, n->comment->span.at), n->comment->span.end - n->comment->span.at);
	n->written = true;
}

/* Those in [at, end): behind what is in their line, or in lines of their own. */
static void put_notes(struct formatter *f, uint32_t at, uint32_t end, struct buf *out)
{
	for (size_t i = first_note(f, at); i < f->notes.n && f->notes.v[i].comment->span.at < end; i++) {
		if (f->notes.v[i].written)
			continue;
		if (f->notes.v[i].comment->alone)
			put_indent(out, f->w.depth);
		else
			buf_putc(out, ' ');
		put_note(f, &f->notes.v[i], out);
	}
}

/* ---- as written ---- */

static bool has_line_end(const struct formatter *f, uint32_t at, uint32_t end)
{
	return memchr(fmt_text_at(f, at), '\n', end - at);
}

/* Each item in the line where it was; 'braces' is what they stand in. */
static void put_lines(struct printer *p, const struct ast_value *items, struct span braces,
		      const struct value_types *types)
{
	struct formatter *f = p->ctx;
	uint32_t at = braces.at + 1;
	bool new_line = true;

	buf_putc(p->out, '{');
	f->w.depth++;
	for (const struct ast_value *v = items; v; v = v->next) {
		new_line |= has_line_end(f, at, v->span.at);
		put_notes(f, at, v->span.at, p->out);
		if (new_line)
			put_indent(p->out, f->w.depth);
		else
			buf_putc(p->out, ' ');
		put_element(p, v, types);
		if (v->next)
			buf_putc(p->out, ',');
		at = v->span.end;
		new_line = false;
	}
	put_notes(f, at, braces.end, p->out);
	f->w.depth--;
	put_indent(p->out, f->w.depth);
	buf_putc(p->out, '}');
}

/* ---- filled ---- */

static size_t text_width(const struct printer *p, const struct ast_value *set, const struct value_types *types)
{
	struct buf text = { .arena = p->out->arena };
	struct printer plain = *p;

	plain.out = &text;
	plain.set = NULL;
	put_value(&plain, set, types);
	return text.len;
}

static void put_filled(struct printer *p, const struct ast_value *set, const struct value_types *types)
{
	struct formatter *f = p->ctx;
	size_t column = COLUMNS, width;

	buf_putc(p->out, '{');
	f->w.depth++;
	for (const struct ast_value *v = set->items; v; v = v->next) {
		width = text_width(p, v, types) + 2;
		if (column + width > COLUMNS) {
			put_indent(p->out, f->w.depth);
			column = f->w.depth * TAB;
		} else {
			buf_putc(p->out, ' ');
		}
		put_element(p, v, types);
		if (v->next)
			buf_putc(p->out, ',');
		column += width;
	}
	f->w.depth--;
	put_indent(p->out, f->w.depth);
	buf_putc(p->out, '}');
}

/* ---- */

bool fmt_set(struct printer *p, const struct ast_value *set, const struct value_types *types)
{
	struct formatter *f = p->ctx;

	if (fmt_has_notes(f, set->span.at, set->span.end)) {
		put_lines(p, set->items, set->span, types);
		return true;
	}
	/* Of a definition; rules are one line in listings, too. */
	if (types->key.n || !f->in_define || text_width(p, set, types) + f->w.depth * TAB <= COLUMNS)
		return false;
	put_filled(p, set, types);
	return true;
}

/* The span of the braces around the elements; none around a variable. */
static struct span find_braces(const struct formatter *f, const struct ast_value *items, uint32_t begin, uint32_t end)
{
	struct span braces = { items->span.at, 0 };
	size_t n = first_note(f, items->span.at);

	while (braces.at > begin && *fmt_text_at(f, braces.at) != '{') {
		braces.at--;
		if (n && f->notes.v[n - 1].comment->span.end > braces.at)
			braces.at = f->notes.v[--n].comment->span.at;
		if (*fmt_text_at(f, braces.at) == '=')
			return SPAN_NONE;
	}
	for (const struct ast_value *v = items; v; v = v->next)
		braces.end = v->span.end;
	n = first_note(f, braces.end);
	while (braces.end < end && *fmt_text_at(f, braces.end) != '}') {
		braces.end++;
		if (n < f->notes.n && f->notes.v[n].comment->span.at == braces.end)
			braces.end = f->notes.v[n++].comment->span.end;
	}
	braces.end++;
	return braces;
}

/* "elements = $x", and those with comments. */
bool fmt_elements(struct writer *w, const struct ast_set *set)
{
	struct formatter *f = w->printer.ctx;
	struct value_types types = set_types(set, w->a);
	struct span braces;
	struct buf b;
	struct printer *p;

	if (!w->printer.sources)
		return false;
	braces = find_braces(f, set->elements, set->name_span.end, set->span.end);
	if (span_known(braces) && !fmt_has_notes(f, braces.at, braces.end))
		return false;
	p = write_begin(w, &b);
	p->flags = FLAGS_OR;
	buf_puts(&b, "elements = ");
	if (span_known(braces))
		put_lines(p, set->elements, braces, &types);
	else
		put_value(p, set->elements, &types);
	write_line(w, LISTING_ITEM, b.text, span_known(braces) ? braces : set->elements->span);
	return true;
}
