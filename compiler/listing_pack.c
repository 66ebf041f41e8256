/* SPDX-License-Identifier: GPL-2.0-only */
/* listing_pack.c - a listing as one text and back.
 *
 *	zfwc-listing 1 <hash of what follows> <files> <lines>
 *	<length>:<name of file>
 *	...
 *	<kind> <depth> <file, from 1; 0: unknown> <line> <length>:<text>
 *	...
 *
 * Numbers are decimal, the hash is hexadecimal. */
#include <compiler/listing.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/hash.h>
#include <compiler/table.h>

#define MAGIC "zfwc-listing 1 "

static const char kinds[] = {
	[LISTING_OPEN] = '{',
	[LISTING_CLOSE] = '}',
	[LISTING_ITEM] = 'i',
	[LISTING_RULE] = 'r',
};

/* ---- pack ---- */

/* From 1; files are written down when first met. */
static uintptr_t file_number(struct table *files, const char *name, struct buf *names)
{
	void **slot = table_at_word(files, name);

	if (!*slot) {
		*slot = (void *)(uintptr_t)files->n;
		buf_printf(names, "%zu:%s\n", strlen(name), name);
	}
	return (uintptr_t)*slot;
}

void listing_pack(const struct listing *l, struct buf *out)
{
	struct table files = { .arena = out->arena };
	struct buf names = { .arena = out->arena }, lines = { .arena = out->arena };

	buf_puts(&names, "");
	buf_puts(&lines, "");
	for (size_t i = 0; i < l->n; i++) {
		const struct listing_line *line = &l->v[i];
		uintptr_t file = line->file ? file_number(&files, line->file, &names) : 0;

		buf_printf(&lines, "%c %u %" PRIuPTR " %" PRIu32 " %zu:", kinds[line->kind], line->depth, file,
			   line->line, strlen(line->text));
		buf_puts(&lines, line->text);
		buf_putc(&lines, '\n');
	}
	buf_write(&names, lines.text, lines.len);
	buf_printf(out, MAGIC "%016" PRIx64 " %zu %zu\n", hash_bytes(0, names.text, names.len), files.n, l->n);
	buf_write(out, names.text, names.len);
}

/* ---- unpack ---- */

struct reader {
	const char *at, *end;
	struct arena *a;
	bool bad;
};

static void expect(struct reader *r, char c)
{
	if (r->at < r->end && *r->at == c)
		r->at++;
	else
		r->bad = true;
}

static uint64_t read_number(struct reader *r, unsigned int base, uint64_t max)
{
	static const char digits[] = "0123456789abcdef";
	const char *begin = r->at, *digit;
	uint64_t n = 0;

	for (; !r->bad && r->at < r->end; r->at++) {
		digit = *r->at ? strchr(digits, *r->at) : NULL;
		if (!digit || (unsigned int)(digit - digits) >= base)
			break;
		if (n > (max - (uint64_t)(digit - digits)) / base)
			r->bad = true;
		else
			n = n * base + (uint64_t)(digit - digits);
	}
	if (r->at == begin)
		r->bad = true;
	return n;
}

static const char *read_text(struct reader *r)
{
	uint64_t len = read_number(r, 10, UINT32_MAX);
	const char *text;

	expect(r, ':');
	if (r->bad || len > (uint64_t)(r->end - r->at) || memchr(r->at, '\0', len) || memchr(r->at, '\n', len)) {
		r->bad = true;
		return "";
	}
	text = arena_strndup(r->a, r->at, len);
	r->at += len;
	expect(r, '\n');
	return text;
}

static enum listing_kind read_kind(struct reader *r)
{
	const char *kind = r->at < r->end && *r->at ? memchr(kinds, *r->at, sizeof(kinds)) : NULL;

	if (!kind) {
		r->bad = true;
		return LISTING_ITEM;
	}
	r->at++;
	return (enum listing_kind)(kind - kinds);
}

static void read_line(struct reader *r, const char *const *files, size_t n_files, struct listing_line *line)
{
	uint64_t file;

	line->kind = read_kind(r);
	expect(r, ' ');
	line->depth = (unsigned int)read_number(r, 10, 16);
	expect(r, ' ');
	file = read_number(r, 10, n_files);
	expect(r, ' ');
	line->line = (uint32_t)read_number(r, 10, UINT32_MAX);
	expect(r, ' ');
	line->text = read_text(r);
	line->file = file && !r->bad ? files[file - 1] : NULL;
}

static bool read_head(struct reader *r, size_t *n_files, size_t *n_lines)
{
	uint64_t hash;

	if ((size_t)(r->end - r->at) < strlen(MAGIC) || memcmp(r->at, MAGIC, strlen(MAGIC)) != 0)
		return false;
	r->at += strlen(MAGIC);
	hash = read_number(r, 16, UINT64_MAX);
	expect(r, ' ');
	*n_files = read_number(r, 10, UINT32_MAX);
	expect(r, ' ');
	*n_lines = read_number(r, 10, UINT32_MAX);
	expect(r, '\n');
	/* Each takes some bytes: a number that is too large isn't believed. */
	if (r->bad || *n_files > (size_t)(r->end - r->at) || *n_lines > (size_t)(r->end - r->at))
		return false;
	return hash == hash_bytes(0, r->at, (size_t)(r->end - r->at));
}

int listing_unpack(const char *blob, size_t len, struct arena *a, struct listing *ret)
{
	struct reader r = { .at = blob, .end = blob + len, .a = a };
	size_t n_files, n_lines;
	const char **files;
	struct listing l;

	if (!read_head(&r, &n_files, &n_lines))
		return -1;
	files = arena_make_array(a, n_files, const char *);
	for (size_t i = 0; i < n_files && !r.bad; i++)
		files[i] = read_text(&r);
	l = (struct listing){ arena_make_array(a, n_lines, struct listing_line), n_lines };
	for (size_t i = 0; i < n_lines && !r.bad; i++)
		read_line(&r, files, n_files, &l.v[i]);
	if (r.bad || r.at != r.end)
		return -1;
	*ret = l;
	return 0;
}
