/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_sort.c - order, duplicates and overlaps of the elements of a set.
 *
 *	{ 10.0.0.5, 10.0.0.0/30, 10.0.0.4 }	-> { 10.0.0.0-10.0.0.5 } */
#include <compiler/resolve.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/value.h>

/* Small, as there may be millions; values themselves are looked at as little as
 * can be, as they lie scattered in memory once they are sorted. */
struct element {
	u128 lo;
	uint64_t more; /* how many values behind 'lo'; UINT64_MAX: that many or more */
	struct ast_value *value;
};

struct elements {
	struct ast_datatype type;
	bool intervals; /* there are some */
	struct element *v;
	size_t n;
	struct ast_value *rest; /* of any value, which come behind all others */
};

/* Elements that became one so far. */
struct group {
	struct addr_range range;
	struct ast_value *value; /* of the first of them */
	bool grown;		 /* the range is more than that value */
};

static struct ast_value *key_of(struct ast_value *v)
{
	return v->kind == VALUE_MAPPING ? v->left : v;
}

/* ---- what is the matter with two elements ---- */

static bool data_differ(const struct ast_value *x, const struct ast_value *y)
{
	return x->kind == VALUE_MAPPING && !value_equal(x->right, y->right);
}

/* In text order. */
static void order_two(const struct ast_value **x, const struct ast_value **y)
{
	const struct ast_value *z = *x;

	if ((*x)->span.at <= (*y)->span.at)
		return;
	*x = *y;
	*y = z;
}

bool resolve_same_element(struct resolve *r, const struct ast_value *x, const struct ast_value *y)
{
	order_two(&x, &y);
	if (data_differ(x, y)) {
		diag_error(r->d, DIAG_OVERLAP, y->span, "this key is in the map already, with another value");
		diag_note(r->d, x->span, "first given here");
		return false;
	}
	if (x->span.at == y->span.at) /* the same variable, used twice */
		return true;
	diag_warning(r->d, DIAG_DUPLICATE_ELEMENT, y->span, "this element is in the set already");
	diag_note(r->d, x->span, "first given here");
	return true;
}

void resolve_refuse_overlap(struct resolve *r, const struct ast_value *x, const struct ast_value *y)
{
	order_two(&x, &y);
	if (x->kind == VALUE_MAPPING)
		diag_error(r->d, DIAG_OVERLAP, y->span, "element overlaps another one of the map");
	else if (key_of((struct ast_value *)x)->kind == VALUE_CONCAT)
		diag_error(r->d, DIAG_OVERLAP, y->span, "element overlaps another one before it");
	else
		diag_error(r->d, DIAG_OVERLAP, y->span,
			   "element overlaps another one, and the set has no 'auto-merge'");
	diag_note(r->d, x->span, "the other one is this");
}

static void warn_overlap(struct resolve *r, const struct ast_value *x, const struct ast_value *y)
{
	order_two(&x, &y);
	if (x->span.at == y->span.at)
		return;
	diag_warning(r->d, DIAG_OVERLAPPING_ELEMENTS, y->span, "element overlaps another one, they are merged");
	diag_note(r->d, x->span, "the other one is this");
}

/* ---- sorting ---- */

static struct element element_of(const struct elements *e, struct ast_value *v)
{
	struct addr_range range = value_order(key_of(v), e->type.type, e->intervals);
	u128 more = range.hi - range.lo;

	return (struct element){ range.lo, more < UINT64_MAX ? (uint64_t)more : UINT64_MAX, v };
}

static u128 last_of(const struct element *e)
{
	return e->more < UINT64_MAX ? e->lo + e->more : value_range(key_of(e->value)).hi;
}

/* Of two that begin together the longer one is the first; text order decides
 * between equals, so that the result doesn't depend on qsort. */
static int compare_elements(const void *x, const void *y)
{
	const struct element *p = x, *q = y;

	if (p->lo != q->lo)
		return p->lo < q->lo ? -1 : 1;
	if (last_of(p) != last_of(q))
		return last_of(p) > last_of(q) ? -1 : 1;
	return p->value->span.at < q->value->span.at ? -1 : p->value->span.at > q->value->span.at;
}

static void add_rest(struct resolve *r, struct elements *e, struct ast_value *v)
{
	if (e->rest)
		resolve_same_element(r, e->rest, v);
	else
		e->rest = v;
}

static void sort_elements(struct resolve *r, struct elements *e, struct ast_value *items)
{
	bool sorted = true;
	size_t n = 0;

	for (const struct ast_value *v = items; v; v = v->next)
		n++;
	e->v = arena_make_array(r->a, n, struct element);
	for (struct ast_value *v = items; v; v = v->next) {
		if (key_of(v)->kind == VALUE_CATCHALL) {
			add_rest(r, e, v);
			continue;
		}
		e->v[e->n] = element_of(e, v);
		if (e->n && compare_elements(&e->v[e->n - 1], &e->v[e->n]) > 0)
			sorted = false;
		e->n++;
	}
	if (!sorted)
		qsort(e->v, e->n, sizeof(*e->v), compare_elements);
}

/* ---- combining ---- */

static bool same_range(struct addr_range x, struct addr_range y)
{
	return x.lo == y.lo && x.hi == y.hi;
}

/* True when the element went into the group before it. */
static bool combine(struct resolve *r, struct group *last, struct addr_range range, const struct ast_value *v,
		    enum set_merge merge)
{
	if (same_range(last->range, range)) {
		resolve_same_element(r, last->value, v);
		return true;
	}
	if (merge == SET_KEEP || (merge == SET_REFUSE_OVERLAP && range.lo > last->range.hi))
		return false;
	if (merge == SET_REFUSE_OVERLAP) {
		resolve_refuse_overlap(r, last->value, v);
		return true;
	}
	if (range.lo > last->range.hi && range.lo - 1 != last->range.hi)
		return false;
	if (merge == SET_ANONYMOUS && range.lo <= last->range.hi)
		warn_overlap(r, last->value, v);
	if (range.hi > last->range.hi) {
		last->range.hi = range.hi;
		last->grown = true;
	}
	return true;
}

static bool is_interval(const struct ast_value *v)
{
	size_t len;

	if (v->kind == VALUE_STRING) {
		len = strlen(v->text);
		return len > 1 && v->text[len - 1] == '*' && v->text[len - 2] != '\\';
	}
	return v->kind == VALUE_RANGE || v->kind == VALUE_PREFIX;
}

bool resolve_has_interval(const struct ast_value *v)
{
	if (v->kind == VALUE_MAPPING)
		return resolve_has_interval(v->left);
	if (v->kind != VALUE_CONCAT)
		return is_interval(v);
	for (const struct ast_value *i = v->items; i; i = i->next)
		if (is_interval(i))
			return true;
	return false;
}

static bool have_interval(const struct ast_value *items)
{
	for (; items; items = items->next)
		if (resolve_has_interval(items))
			return true;
	return false;
}

/* ---- the list again ---- */

/* nft shows a range that is a prefix, or one value, as such. */
static struct ast_value *shown(struct resolve *r, const struct elements *e, const struct group *g)
{
	struct ast_value *key = key_of(g->value), *v;

	if (!e->intervals || ast_type_kind(e->type.type) == KIND_STRING || e->type.type == TYPE_IFINDEX)
		return g->value;
	if (!g->grown && key->kind != VALUE_RANGE && (key->kind != VALUE_PREFIX || e->type.type != TYPE_ETHER))
		return g->value;
	v = value_from_range(r->a, e->type, g->range, key->span);
	if (g->value->kind == VALUE_MAPPING) {
		g->value->left = v;
		return g->value;
	}
	v->attr = g->value->attr;
	return v;
}

static struct ast_value *combined(struct resolve *r, const struct elements *e, enum set_merge merge)
{
	struct ast_value *first = NULL, **end = &first;
	struct group g = { 0 };

	for (size_t i = 0; i < e->n; i++) {
		struct addr_range range = { e->v[i].lo, last_of(&e->v[i]) };

		if (i && combine(r, &g, range, e->v[i].value, merge))
			continue;
		if (i) {
			*end = shown(r, e, &g);
			end = &(*end)->next;
		}
		g = (struct group){ range, e->v[i].value, false };
	}
	if (e->n) {
		*end = shown(r, e, &g);
		end = &(*end)->next;
	}
	*end = e->rest;
	if (e->rest)
		e->rest->next = NULL;
	return first;
}

static struct ast_value *sort_single(struct resolve *r, struct ast_value *items, struct ast_datatype t,
				     enum set_merge merge)
{
	struct elements e = {
		.type = t,
		.intervals = merge == SET_MERGE || merge == SET_REFUSE_OVERLAP || have_interval(items),
	};

	if (merge == SET_ANONYMOUS && !items->next)
		return items; /* as it is written */
	if (merge == SET_ANONYMOUS && !e.intervals)
		merge = SET_KEEP;
	else if (merge == SET_ANONYMOUS && items->kind == VALUE_MAPPING)
		merge = SET_REFUSE_OVERLAP;
	sort_elements(r, &e, items);
	return combined(r, &e, merge);
}

struct ast_value *resolve_sort(struct resolve *r, struct ast_value *items, const struct ast_datatypes *types,
			       enum set_merge merge)
{
	if (!items)
		return NULL;
	if (types->n == 1)
		return sort_single(r, items, types->part[0], merge);
	if (merge == SET_MERGE || merge == SET_REFUSE_OVERLAP || (merge == SET_ANONYMOUS && have_interval(items)))
		return resolve_concat_intervals(r, items, types);
	return resolve_concat_sort(r, items, types);
}
