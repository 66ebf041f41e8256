/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/base/source.h>

#include <string.h>

#include <compiler/base/arena.h>

struct source *sources_add(struct sources *s, const char *name, const char *text, size_t len, struct span included_from)
{
	/* One place more than there are bytes: the end of a text is a place too. */
	uint64_t base = s->n ? (uint64_t)s->v[s->n - 1].base + s->v[s->n - 1].len + 1 : 1;

	if (len >= UINT32_MAX || base + len >= UINT32_MAX)
		return NULL;
	*vec_push(s->arena, s) = (struct source){
		.name = name,
		.text = text,
		.len = (uint32_t)len,
		.base = (uint32_t)base,
		.included_from = included_from,
	};
	return &s->v[s->n - 1];
}

/* The text that 'at' lies in, or NULL. */
static struct source *source_of(struct sources *s, uint32_t at)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->v[mid].base <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || at - s->v[lo - 1].base > s->v[lo - 1].len)
		return NULL;
	return &s->v[lo - 1];
}

static void find_lines(struct arena *a, struct source *src)
{
	const char *end = src->text + src->len;
	const char *nl = src->text;
	uint32_t n = 1;

	while ((nl = memchr(nl, '\n', (size_t)(end - nl)))) {
		nl++;
		n++;
	}
	src->lines = arena_make_array(a, n, uint32_t);
	src->n_lines = n;
	nl = src->text;
	for (uint32_t i = 1; i < n; i++) {
		nl = (const char *)memchr(nl, '\n', (size_t)(end - nl)) + 1;
		src->lines[i] = (uint32_t)(nl - src->text);
	}
}

/* Index of the line that the offset lies in. */
static uint32_t line_of(const struct source *src, uint32_t offset)
{
	uint32_t lo = 0, hi = src->n_lines;

	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (src->lines[mid] <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

bool sources_locate(struct sources *s, uint32_t at, struct position *ret)
{
	struct source *src = at ? source_of(s, at) : NULL;
	uint32_t offset, line, end;

	if (!src)
		return false;
	if (!src->lines)
		find_lines(s->arena, src);
	offset = at - src->base;
	line = line_of(src, offset);
	end = line + 1 < src->n_lines ? src->lines[line + 1] - 1 : src->len;
	*ret = (struct position){
		.source = src,
		.line = line + 1,
		.column = offset - src->lines[line] + 1,
		.line_text = src->text + src->lines[line],
		.line_len = end - src->lines[line],
	};
	return true;
}
