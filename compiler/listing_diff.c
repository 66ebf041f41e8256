/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/listing_diff.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/sequence_diff.h>
#include <compiler/table.h>

/* A line of a block, and when it opens a block what is in that. */
struct entry {
	const struct listing_line *line;
	const char *text; /* of a block without " {" */
	struct block *block;
};

struct block {
	struct {
		struct entry *v;
		size_t n, cap;
	} entries;
	uint32_t *numbers; /* of their texts */
	bool *kept;
};

struct diff {
	struct arena *a;
	listing_diff_fn fn;
	void *ctx;
	struct table numbers; /* of texts, as pointers */
	bool differs;
};

/* ---- lines to blocks ---- */

static const char *opening(struct arena *a, const char *text)
{
	size_t len = strlen(text);

	while (len && (text[len - 1] == '{' || text[len - 1] == ' ' || text[len - 1] == '='))
		len--;
	return arena_strndup(a, text, len);
}

/* The lines from '*at' to the end of the block, which is skipped. */
static struct block *read_block(struct arena *a, const struct listing *l, size_t *at)
{
	struct block *b = arena_make(a, struct block);

	while (*at < l->n) {
		const struct listing_line *line = &l->v[(*at)++];
		struct entry *e;

		if (line->kind == LISTING_CLOSE)
			break;
		if (!*line->text)
			continue;
		e = vec_push(a, &b->entries);
		*e = (struct entry){ .line = line, .text = line->text };
		if (line->kind == LISTING_OPEN) {
			e->text = opening(a, line->text);
			e->block = read_block(a, l, at);
		}
	}
	return b;
}

static uint32_t number_of(struct diff *d, const char *text)
{
	void **slot = table_at_word(&d->numbers, text);

	if (!*slot)
		*slot = (void *)(uintptr_t)d->numbers.n;
	return (uint32_t)(uintptr_t)*slot;
}

static void prepare(struct diff *d, struct block *b)
{
	b->numbers = arena_make_array(d->a, b->entries.n, uint32_t);
	b->kept = arena_make_array(d->a, b->entries.n, bool);
	for (size_t i = 0; i < b->entries.n; i++)
		b->numbers[i] = number_of(d, b->entries.v[i].text);
}

/* ---- reporting ---- */

/* Where the walk is; its heading is reported before its first difference. */
struct place {
	const char *path; /* "table inet fw chain in", "" for the whole */
	bool reported;
};

static void report(struct diff *d, struct place *p, enum listing_change change, const struct entry *e)
{
	d->differs = true;
	if (!d->fn)
		return;
	if (!p->reported && *p->path)
		d->fn(d->ctx, LISTING_BLOCK, p->path, NULL, 0);
	p->reported = true;
	d->fn(d->ctx, change, e->text, e->line->file, e->line->line);
}

static struct place inside(struct diff *d, const struct place *p, const struct entry *e)
{
	return (struct place){ .path = *p->path ? arena_printf(d->a, "%s %s", p->path, e->text) : e->text };
}

static void report_all(struct diff *d, const struct place *outer, enum listing_change change, const struct entry *e)
{
	struct place p = inside(d, outer, e);

	for (size_t i = 0; i < e->block->entries.n; i++)
		report(d, &p, change, &e->block->entries.v[i]);
	for (size_t i = 0; i < e->block->entries.n; i++)
		if (e->block->entries.v[i].block)
			report_all(d, &p, change, &e->block->entries.v[i]);
}

/* ---- comparing ---- */

static void report_lines(struct diff *d, struct place *p, const struct block *old, const struct block *new)
{
	size_t i = 0, j = 0;

	while (i < old->entries.n || j < new->entries.n) {
		for (; i < old->entries.n && !old->kept[i]; i++)
			report(d, p, LISTING_REMOVED, &old->entries.v[i]);
		for (; j < new->entries.n && !new->kept[j]; j++)
			report(d, p, LISTING_ADDED, &new->entries.v[j]);
		i++;
		j++;
	}
}

static void blocks_by_text(struct table *t, const struct block *b)
{
	for (size_t i = 0; i < b->entries.n; i++)
		if (b->entries.v[i].block)
			*table_at_word(t, b->entries.v[i].text) = &b->entries.v[i];
}

static void diff_blocks(struct diff *d, struct place *p, struct block *old, struct block *new);

/* Blocks are compared by name, wherever they stand. */
static void diff_inner(struct diff *d, struct place *p, const struct block *old, const struct block *new)
{
	struct table olds = { .arena = d->a }, news = { .arena = d->a };

	blocks_by_text(&olds, old);
	blocks_by_text(&news, new);
	for (size_t i = 0; i < old->entries.n; i++)
		if (old->entries.v[i].block && !table_get_word(&news, old->entries.v[i].text))
			report_all(d, p, LISTING_REMOVED, &old->entries.v[i]);
	for (size_t i = 0; i < new->entries.n; i++) {
		const struct entry *e = &new->entries.v[i], *was;
		struct place inner;

		if (!e->block)
			continue;
		was = table_get_word(&olds, e->text);
		if (!was) {
			report_all(d, p, LISTING_ADDED, e);
			continue;
		}
		inner = inside(d, p, e);
		diff_blocks(d, &inner, was->block, e->block);
	}
}

static void diff_blocks(struct diff *d, struct place *p, struct block *old, struct block *new)
{
	prepare(d, old);
	prepare(d, new);
	sequence_diff(d->a, old->numbers, old->entries.n, old->kept, new->numbers, new->entries.n, new->kept);
	report_lines(d, p, old, new);
	diff_inner(d, p, old, new);
}

bool listing_diff(const struct listing *old, const struct listing *new, struct arena *a, listing_diff_fn fn, void *ctx)
{
	struct diff d = { .a = a, .fn = fn, .ctx = ctx, .numbers.arena = a };
	struct place whole = { .path = "" };
	size_t at_old = 0, at_new = 0;
	struct block *was = read_block(a, old, &at_old), *is = read_block(a, new, &at_new);

	diff_blocks(&d, &whole, was, is);
	return d.differs;
}

static void print_change(void *ctx, enum listing_change change, const char *text, const char *file, uint32_t line)
{
	struct buf *out = ctx;

	if (change == LISTING_BLOCK) {
		buf_printf(out, "%s\n", text);
		return;
	}
	buf_puts(out, change == LISTING_ADDED ? "+ " : "- ");
	if (file)
		buf_printf(out, "%s:%u: ", file, line);
	buf_printf(out, "%s\n", text);
}

bool listing_diff_print(const struct listing *old, const struct listing *new, struct arena *a, struct buf *out)
{
	return listing_diff(old, new, a, print_change, out);
}
