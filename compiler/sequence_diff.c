/* SPDX-License-Identifier: GPL-2.0-only */
/* sequence_diff.c - common ends first, then small parts exactly, and large ones
 * by the elements that occur once on each side ("patience"):
 *
 *	x: a b c b d		c and d occur once in both: they belong together,
 *	y: a b b c d		and a b | b and a b b | are compared in the same way. */
#include <compiler/sequence_diff.h>

#include <assert.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/table.h>

#define EXACT_CELLS ((size_t)1 << 20) /* a part of at most so many pairs is compared exactly */
#define MAX_DEPTH   64

struct part {
	size_t x, x_end, y, y_end;
};

struct diff {
	struct arena *a;
	const uint32_t *x, *y;
	bool *keep_x, *keep_y;
	uint32_t *cells; /* of the exact comparison, reused */
};

static void keep(struct diff *d, size_t x, size_t y)
{
	d->keep_x[x] = true;
	d->keep_y[y] = true;
}

/* ---- exactly ---- */

/* cell(i, j): the longest common subsequence of what is behind i and j. */
static void fill_cells(struct diff *d, const struct part *p, size_t width)
{
	for (size_t i = p->x_end - p->x + 1; i-- > 0;)
		for (size_t j = width; j-- > 0;) {
			uint32_t *cell = &d->cells[i * width + j];

			if (i == p->x_end - p->x || j == width - 1)
				*cell = 0;
			else if (d->x[p->x + i] == d->y[p->y + j])
				*cell = cell[width + 1] + 1;
			else
				*cell = cell[width] > cell[1] ? cell[width] : cell[1];
		}
}

static void compare_exactly(struct diff *d, const struct part *p)
{
	size_t width = p->y_end - p->y + 1, i = 0, j = 0;

	if (!d->cells)
		d->cells = arena_make_array(d->a, EXACT_CELLS, uint32_t);
	fill_cells(d, p, width);
	while (p->x + i < p->x_end && p->y + j < p->y_end) {
		const uint32_t *cell = &d->cells[i * width + j];

		if (d->x[p->x + i] == d->y[p->y + j])
			keep(d, p->x + i++, p->y + j++);
		else if (cell[width] >= cell[1])
			i++;
		else
			j++;
	}
}

/* ---- by unique elements ---- */

struct occurrence {
	size_t n_x, n_y, at_x, at_y;
};

struct anchor {
	size_t x, y;
	size_t before; /* index + 1 of the anchor before it on the best way, or 0 */
};

static struct occurrence *occurrence_of(struct diff *d, struct table *t, uint32_t value)
{
	struct occurrence **slot = (struct occurrence **)table_at(t, value);

	if (!*slot)
		*slot = arena_make(d->a, struct occurrence);
	return *slot;
}

/* The pairs of unique elements, in the order of x. */
static size_t find_anchors(struct diff *d, const struct part *p, struct anchor **ret)
{
	struct table t = { .arena = d->a };
	struct {
		struct anchor *v;
		size_t n, cap;
	} list = { 0 };

	for (size_t i = p->x; i < p->x_end; i++) {
		struct occurrence *o = occurrence_of(d, &t, d->x[i]);

		o->n_x++;
		o->at_x = i;
	}
	for (size_t j = p->y; j < p->y_end; j++) {
		struct occurrence *o = occurrence_of(d, &t, d->y[j]);

		o->n_y++;
		o->at_y = j;
	}
	for (size_t i = p->x; i < p->x_end; i++) {
		struct occurrence *o = occurrence_of(d, &t, d->x[i]);

		if (o->n_x == 1 && o->n_y == 1)
			*vec_push(d->a, &list) = (struct anchor){ .x = o->at_x, .y = o->at_y };
	}
	*ret = list.v;
	return list.n;
}

/* The most anchors that ascend in y as well (patience sorting); gives the index
 * + 1 of the last one, from which 'before' leads back. */
static size_t longest_ascent(struct diff *d, struct anchor *v, size_t n)
{
	size_t *piles = arena_make_array(d->a, n, size_t), n_piles = 0;

	for (size_t i = 0; i < n; i++) {
		size_t lo = 0, hi = n_piles;

		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;

			if (v[piles[mid]].y < v[i].y)
				lo = mid + 1;
			else
				hi = mid;
		}
		v[i].before = lo ? piles[lo - 1] + 1 : 0;
		piles[lo] = i;
		if (lo == n_piles)
			n_piles++;
	}
	return n_piles ? piles[n_piles - 1] + 1 : 0;
}

static void compare(struct diff *d, struct part p, unsigned int depth);

static void compare_by_anchors(struct diff *d, const struct part *p, unsigned int depth)
{
	struct anchor *v;
	size_t n = find_anchors(d, p, &v);
	struct part rest = *p;

	for (size_t at = longest_ascent(d, v, n); at; at = v[at - 1].before) {
		const struct anchor *anchor = &v[at - 1];

		assert(anchor); /* an ascent is made of anchors */
		keep(d, anchor->x, anchor->y);
		compare(d, (struct part){ anchor->x + 1, rest.x_end, anchor->y + 1, rest.y_end }, depth + 1);
		rest.x_end = anchor->x;
		rest.y_end = anchor->y;
	}
	if (rest.x_end != p->x_end || rest.y_end != p->y_end)
		compare(d, rest, depth + 1);
}

static void compare(struct diff *d, struct part p, unsigned int depth)
{
	while (p.x < p.x_end && p.y < p.y_end && d->x[p.x] == d->y[p.y])
		keep(d, p.x++, p.y++);
	while (p.x < p.x_end && p.y < p.y_end && d->x[p.x_end - 1] == d->y[p.y_end - 1])
		keep(d, --p.x_end, --p.y_end);
	if (p.x == p.x_end || p.y == p.y_end)
		return;
	if (p.x_end - p.x + 1 <= EXACT_CELLS / (p.y_end - p.y + 1))
		compare_exactly(d, &p);
	else if (depth < MAX_DEPTH)
		compare_by_anchors(d, &p, depth);
}

void sequence_diff(struct arena *a, const uint32_t *x, size_t n_x, bool *keep_x, const uint32_t *y, size_t n_y,
		   bool *keep_y)
{
	struct diff d = { .a = a, .x = x, .y = y, .keep_x = keep_x, .keep_y = keep_y };

	compare(&d, (struct part){ 0, n_x, 0, n_y }, 0);
}
