/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_concat.c - order and overlaps of concatenated elements.
 *
 * Without intervals they are sorted as nft shows them.  With intervals their
 * order means something, as the first one that matches counts, so they stay as
 * they are written.  Like the kernel, refuses an element whose first or last key
 * lies in one before it; another overlap is allowed. */
#include <compiler/resolve.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>
#include <compiler/value.h>

/* One element as a box. */
struct box {
	struct addr_range *side; /* one for each part */
	struct ast_value *value;
	size_t number; /* in text order */
	bool gone;
};

struct boxes {
	struct box *v;
	size_t n;
	unsigned int dims;
	struct ast_value *rest; /* of any value */
};

static const struct ast_value *key_of(const struct ast_value *v)
{
	return v->kind == VALUE_MAPPING ? v->left : v;
}

static void fill_box(struct resolve *r, struct box *b, struct ast_value *v, unsigned int dims)
{
	unsigned int dim = 0;

	b->value = v;
	b->side = arena_make_array(r->a, dims, struct addr_range);
	for (const struct ast_value *i = key_of(v)->items; i; i = i->next)
		b->side[dim++] = value_range(i);
}

static struct boxes boxes_of(struct resolve *r, struct ast_value *items, unsigned int dims)
{
	struct boxes b = { .dims = dims };
	size_t n = 0;

	for (const struct ast_value *v = items; v; v = v->next)
		n++;
	b.v = arena_make_array(r->a, n, struct box);
	for (struct ast_value *v = items; v; v = v->next) {
		if (key_of(v)->kind == VALUE_CATCHALL) {
			if (b.rest)
				resolve_same_element(r, b.rest, v);
			else
				b.rest = v;
			continue;
		}
		b.v[b.n].number = b.n;
		fill_box(r, &b.v[b.n++], v, dims);
	}
	return b;
}

static struct ast_value *list_of(const struct boxes *b)
{
	struct ast_value *first = NULL, **end = &first;

	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].gone)
			continue;
		*end = b->v[i].value;
		end = &(*end)->next;
	}
	*end = b->rest;
	if (b->rest)
		b->rest->next = NULL;
	return first;
}

/* ---- duplicates ---- */

static bool same_box(const struct box *x, const struct box *y, unsigned int dims)
{
	for (unsigned int dim = 0; dim < dims; dim++)
		if (x->side[dim].lo != y->side[dim].lo || x->side[dim].hi != y->side[dim].hi)
			return false;
	return true;
}

static void drop_duplicates(struct resolve *r, struct boxes *b)
{
	struct table known = { .arena = r->a };
	struct box **slot;

	for (size_t i = 0; i < b->n; i++) {
		uint64_t key = hash_bytes(0, b->v[i].side, b->dims * sizeof(*b->v[i].side));

		while (*(slot = (struct box **)table_at(&known, key)) && !same_box(*slot, &b->v[i], b->dims))
			key++;
		if (!*slot) {
			*slot = &b->v[i];
			continue;
		}
		resolve_same_element(r, (*slot)->value, b->v[i].value);
		b->v[i].gone = true;
	}
}

/* ---- overlaps ---- */

static bool overlap(const struct box *x, const struct box *y, unsigned int dims)
{
	for (unsigned int dim = 0; dim < dims; dim++)
		if (x->side[dim].lo > y->side[dim].hi || y->side[dim].lo > x->side[dim].hi)
			return false;
	return true;
}

static bool holds(const struct box *b, const struct box *of, bool last, unsigned int dims)
{
	for (unsigned int dim = 0; dim < dims; dim++) {
		u128 point = last ? of->side[dim].hi : of->side[dim].lo;

		if (point < b->side[dim].lo || point > b->side[dim].hi)
			return false;
	}
	return true;
}

static void check_pair(struct resolve *r, const struct box *x, struct box *y, unsigned int dims)
{
	if (!overlap(x, y, dims))
		return;
	if (holds(x, y, false, dims) || holds(x, y, true, dims))
		resolve_refuse_overlap(r, x->value, y->value);
}

struct edge {
	u128 at;
	struct box *box;
};

static int compare_edges(const void *x, const void *y)
{
	const struct edge *p = x, *q = y;

	if (p->at != q->at)
		return p->at < q->at ? -1 : 1;
	return p->box->number < q->box->number ? -1 : 1;
}

static struct edge *lower_edges(struct resolve *r, const struct boxes *b, unsigned int dim, size_t *n)
{
	struct edge *v = arena_make_array(r->a, b->n, struct edge);

	*n = 0;
	for (size_t i = 0; i < b->n; i++)
		if (!b->v[i].gone)
			v[(*n)++] = (struct edge){ b->v[i].side[dim].lo, &b->v[i] };
	qsort(v, *n, sizeof(*v), compare_edges);
	return v;
}

/* How many pairs a walk along 'dim' looks at, or more than 'enough'. */
static size_t count_pairs(const struct edge *v, size_t n, unsigned int dim, size_t enough)
{
	size_t pairs = 0;

	for (size_t i = 0; i < n && pairs <= enough; i++) {
		size_t lo = i + 1, hi = n;

		while (lo < hi) {
			size_t mid = (lo + hi) / 2;

			if (v[mid].at <= v[i].box->side[dim].hi)
				lo = mid + 1;
			else
				hi = mid;
		}
		pairs += lo - i - 1;
	}
	return pairs;
}

/* Pairs are looked for along the part that tells most elements apart. */
static void check_overlaps(struct resolve *r, const struct boxes *b)
{
	size_t best = SIZE_MAX, pairs, n = 0;
	struct edge *v, *edges = NULL;
	unsigned int along = 0;

	for (unsigned int dim = 0; dim < b->dims; dim++) {
		v = lower_edges(r, b, dim, &n);
		pairs = count_pairs(v, n, dim, best);
		if (pairs >= best)
			continue;
		best = pairs;
		edges = v;
		along = dim;
	}
	for (size_t i = 0; i < n && best; i++)
		for (size_t k = i + 1; k < n && edges[k].at <= edges[i].box->side[along].hi; k++) {
			bool before = edges[i].box->number < edges[k].box->number;

			check_pair(r, edges[before ? i : k].box, edges[before ? k : i].box, b->dims);
		}
}

struct ast_value *resolve_concat_intervals(struct resolve *r, struct ast_value *items,
					   const struct ast_datatypes *types)
{
	struct boxes b = boxes_of(r, items, types->n);

	drop_duplicates(r, &b);
	if (b.n)
		check_overlaps(r, &b);
	return list_of(&b);
}

/* ---- without intervals ---- */

/* The key as the kernel holds it, which nft reads as one little-endian number. */
struct flat {
	uint8_t bytes[RESOLVE_MAX_KEY];
	size_t len;
	struct box *box;
};

static bool is_big_endian(struct ast_datatype t)
{
	switch (t.type) {
	case TYPE_INTEGER:
		return t.field != FIELD_META_LENGTH && t.field != FIELD_META_CPU;
	case TYPE_MARK:
	case TYPE_CLASSID:
	case TYPE_IFINDEX:
	case TYPE_CT_STATE:
	case TYPE_FIB_ADDRTYPE:
		return false;
	default:
		return true;
	}
}

static void flatten(struct flat *f, struct box *b, const struct ast_datatypes *types)
{
	f->box = b;
	f->len = 0;
	for (unsigned int dim = 0; dim < types->n; dim++) {
		unsigned int len = (types->part[dim].bits + 7u) / 8u;
		bool big = is_big_endian(types->part[dim]);

		for (unsigned int i = 0; i < len; i++)
			f->bytes[f->len++] = (uint8_t)(b->side[dim].lo >> (8 * (big ? len - 1 - i : i)));
	}
}

static int compare_flat(const void *x, const void *y)
{
	const struct flat *const *p = x, *const *q = y;

	for (size_t i = (*p)->len; i--;)
		if ((*p)->bytes[i] != (*q)->bytes[i])
			return (*p)->bytes[i] < (*q)->bytes[i] ? -1 : 1;
	return 0;
}

struct ast_value *resolve_concat_sort(struct resolve *r, struct ast_value *items, const struct ast_datatypes *types)
{
	struct boxes b = boxes_of(r, items, types->n), sorted = b;
	struct flat *flat = arena_make_array(r->a, b.n, struct flat);
	struct flat **order = arena_make_array(r->a, b.n, struct flat *);

	drop_duplicates(r, &b);
	sorted.v = arena_make_array(r->a, b.n, struct box);
	sorted.n = 0;
	for (size_t i = 0; i < b.n; i++) {
		if (b.v[i].gone)
			continue;
		flatten(&flat[i], &b.v[i], types);
		order[sorted.n++] = &flat[i];
	}
	if (sorted.n)
		qsort(order, sorted.n, sizeof(struct flat *), compare_flat);
	for (size_t i = 0; i < sorted.n; i++)
		sorted.v[i] = *order[i]->box;
	return list_of(&sorted);
}
