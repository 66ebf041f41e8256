/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/resolve.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/value.h>

#define MAX_COPIES 4000000 /* of values that variables hold: some 500 MB */

/* ---- items to a list of bound elements ---- */

struct list {
	struct ast_value *first, **end;
};

static void append(struct list *l, struct ast_value *v)
{
	v->next = NULL;
	*l->end = v;
	l->end = &v->next;
}

/* Variables that hold variables multiply; this is where it would be felt. */
static bool may_copy(struct resolve *r, const struct ast_value *written)
{
	if (r->copies++ < MAX_COPIES)
		return true;
	if (r->copies == MAX_COPIES + 1) {
		diag_error(r->d, DIAG_TOO_LARGE, written->span,
			   "variables in sets stand for too many values: more than %d in all", MAX_COPIES);
		diag_note(r->d, written->span, "put the values into a named set once, and match '@name'");
	}
	return false;
}

/* What a variable holds is shared by its uses, so it's copied into the list. */
static void append_copies(struct resolve *r, struct list *l, const struct ast_value *v, const struct ast_value *written)
{
	struct ast_value *c;

	if (v->kind == VALUE_SET || v->kind == VALUE_LIST) {
		for (const struct ast_value *i = v->items; i && r->copies <= MAX_COPIES; i = i->next)
			append_copies(r, l, i, written);
		return;
	}
	if (!may_copy(r, written))
		return;
	c = arena_make(r->a, struct ast_value);
	*c = *v;
	if (written->attr)
		c->attr = written->attr;
	append(l, c);
}

struct ast_value *resolve_items(struct resolve *r, struct ast_value *items, enum ast_type type)
{
	struct list l = { NULL, &l.first };
	struct ast_value *next, *bound;

	for (struct ast_value *v = items; v; v = next) {
		next = v->next;
		bound = resolve_element(r, v, type);
		if (!bound)
			continue;
		if (bound == v && v->kind != VALUE_SET && v->kind != VALUE_LIST)
			append(&l, v);
		else
			append_copies(r, &l, bound, v);
	}
	return l.first;
}

/* ---- order, duplicates, overlap ---- */

struct element {
	struct addr_range range;
	struct ast_value *value;
};

/* Text order decides between equals, so that the result doesn't depend on qsort. */
static int compare_elements(const void *x, const void *y)
{
	const struct element *p = x, *q = y;

	if (p->range.lo != q->range.lo)
		return p->range.lo < q->range.lo ? -1 : 1;
	if (p->range.hi != q->range.hi)
		return p->range.hi > q->range.hi ? -1 : 1;
	return p->value->span.at < q->value->span.at ? -1 : p->value->span.at > q->value->span.at;
}

static struct element *elements_of(struct resolve *r, struct ast_value *items, enum ast_type type, size_t *n)
{
	struct element *v;
	bool sorted = true;
	size_t i = 0;

	*n = 0;
	for (struct ast_value *e = items; e; e = e->next)
		++*n;
	v = arena_make_array(r->a, *n, struct element);
	for (struct ast_value *e = items; e; e = e->next, i++) {
		v[i] = (struct element){ value_sort_range(e, type), e };
		if (i && compare_elements(&v[i - 1], &v[i]) > 0)
			sorted = false;
	}
	if (!sorted)
		qsort(v, *n, sizeof(*v), compare_elements);
	return v;
}

static bool same_range(struct addr_range x, struct addr_range y)
{
	return x.lo == y.lo && x.hi == y.hi;
}

static void refuse_overlap(struct resolve *r, const struct element *first, const struct element *second)
{
	const struct ast_value *later = first->value, *earlier = second->value;

	if (second->value->span.at > first->value->span.at) {
		later = second->value;
		earlier = first->value;
	}
	diag_error(r->d, DIAG_OVERLAP, later->span, "element overlaps another one, and the set has no 'auto-merge'");
	diag_note(r->d, earlier->span, "the other one is this");
}

static bool has_interval(const struct ast_value *items)
{
	for (; items; items = items->next)
		if (items->kind == VALUE_RANGE || items->kind == VALUE_PREFIX)
			return true;
	return false;
}

/* True when 'e' went into 'last', the one before it. */
static bool combine(struct resolve *r, struct element *last, const struct element *e, enum set_merge merge)
{
	if (same_range(last->range, e->range))
		return true;
	if (merge == SET_KEEP || (merge == SET_REFUSE_OVERLAP && e->range.lo > last->range.hi))
		return false;
	if (merge == SET_REFUSE_OVERLAP) {
		refuse_overlap(r, last, e);
		return true;
	}
	if (e->range.lo > last->range.hi && e->range.lo - 1 != last->range.hi)
		return false;
	if (e->range.hi > last->range.hi)
		last->range.hi = e->range.hi;
	return true;
}

/* nft shows a range that is a prefix, or one value, as such. */
static struct ast_value *shown(struct resolve *r, const struct element *e, enum ast_type type, bool interval)
{
	struct ast_value *v;

	if (!interval || !type_width(type))
		return e->value;
	if (same_range(value_range(e->value), e->range) && e->value->kind != VALUE_RANGE)
		return e->value;
	v = value_from_range(r->a, type, e->range, e->value->span);
	v->attr = e->value->attr;
	return v;
}

/* Sorts by value.  With SET_MERGE, as nft does with anonymous sets: once one
 * element is a range or prefix, what touches becomes one. */
struct ast_value *resolve_sort(struct resolve *r, struct ast_value *items, enum ast_type type, enum set_merge merge)
{
	bool interval = has_interval(items) || merge == SET_REFUSE_OVERLAP;
	struct list l = { NULL, &l.first };
	struct element *v;
	size_t n, last = 0;

	if (!items || (!items->next && merge == SET_MERGE))
		return items;
	if (merge == SET_MERGE && !interval)
		merge = SET_KEEP;
	v = elements_of(r, items, type, &n);
	for (size_t i = 1; i < n; i++)
		if (!combine(r, &v[last], &v[i], merge))
			v[++last] = v[i];
	for (size_t i = 0; i <= last; i++)
		append(&l, shown(r, &v[i], type, interval));
	return l.first;
}

/* ---- named sets ---- */

/* Without a type the parser has said what is wrong. */
void resolve_set_header(struct resolve *r, const struct ast_set *set)
{
	struct span at = span_known(set->type_span) ? set->type_span : set->name_span;

	if (set->type == TYPE_NFPROTO || set->type == TYPE_CT_STATE)
		diag_error(r->d, DIAG_BAD_SET, at, "a set can't have type %s", ast_type_name(set->type));
	if (set->type == TYPE_IFINDEX && set->interval)
		diag_error(r->d, DIAG_BAD_SET, at, "a set of type %s can't have intervals", ast_type_name(set->type));
}

static bool has_refused_intervals(struct resolve *r, const struct ast_set *set, const struct ast_value *items)
{
	bool found = false;

	if (set->interval)
		return false;
	for (; items; items = items->next) {
		if (items->kind != VALUE_RANGE && items->kind != VALUE_PREFIX)
			continue;
		diag_error(r->d, DIAG_NEEDS_INTERVAL, items->span, "a %s needs 'flags interval' in the set",
			   items->kind == VALUE_RANGE ? "range" : "prefix");
		diag_note(r->d, set->name_span, "set '%s' is declared here", set->name);
		found = true;
	}
	return found;
}

/* Adds the elements that a block writes to what is known of its set. */
void resolve_set_elements(struct resolve *r, struct known_set *known, struct ast_set *block)
{
	const struct ast_set *set = known->set;
	struct ast_value *items = block->elements;

	block->elements = NULL;
	if (set->type == TYPE_NONE)
		return;
	if (has_refused_intervals(r, set, items))
		return;
	items = resolve_items(r, items, set->type);
	if (has_refused_intervals(r, set, items)) /* out of variables */
		return;
	for (*known->elements_end = items; *known->elements_end;)
		known->elements_end = &(*known->elements_end)->next;
}

void resolve_set_finish(struct resolve *r, struct ast_set *set)
{
	enum set_merge merge = set->auto_merge && set->interval ? SET_MERGE
			       : set->interval			? SET_REFUSE_OVERLAP
								: SET_KEEP;

	if (merge == SET_MERGE && set->elements && !set->elements->next && set->elements->kind == VALUE_RANGE)
		merge = SET_REFUSE_OVERLAP; /* of one element, which is shown as a prefix all the same */
	set->elements = resolve_sort(r, set->elements, set->type, merge);
}

struct ast_value *resolve_setref(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	struct known_set *known = resolve_need_set(r, v->text, v->span, false);

	if (!known)
		return NULL;
	if (known->set->type == TYPE_NONE) /* that was said where it is declared */
		return NULL;
	if (known->set->type != type) {
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "set '%s' has type %s, this needs %s", v->text,
			   ast_type_name(known->set->type), ast_type_name(type));
		diag_note(r->d, known->set->name_span, "set '%s' is declared here", v->text);
		return NULL;
	}
	v->set = known->set;
	return v;
}
