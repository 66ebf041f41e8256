/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_element.c - commands about elements of named sets.
 *
 * Elements of a set are a list, which is sorted when all is read.  The first
 * command that must know whether an element is there makes a table of them by
 * value.  A deleted element leaves the list at the end, or at once where a
 * command takes a part of an interval, in a set that merges them. */
#include <compiler/resolve.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>
#include <compiler/value.h>

/* One key that was in the set at some time. */
struct known_element {
	const struct ast_value *key;
	struct ast_value *value; /* NULL: it isn't there now */
};

static const struct ast_value *key_part(const struct ast_value *v)
{
	return v->kind == VALUE_MAPPING ? v->left : v;
}

/* ---- which there are ---- */

static uint64_t hash_range(struct addr_range range)
{
	return hash_u64(hash_u64(hash_u64((uint64_t)(range.lo >> 64), (uint64_t)range.lo), (uint64_t)(range.hi >> 64)),
			(uint64_t)range.hi);
}

static uint64_t hash_value(const struct ast_value *v)
{
	uint64_t h = 0;

	if (v->kind == VALUE_CATCHALL)
		return 0;
	if (v->kind != VALUE_CONCAT)
		return hash_range(value_range(v));
	for (v = v->items; v; v = v->next)
		h = hash_u64(h, hash_value(v));
	return h;
}

static struct known_element *entry(struct resolve *r, const struct known_set *known, const struct ast_value *v)
{
	const struct ast_value *key = key_part(v);
	struct known_element **slot;

	for (uint64_t hash = hash_value(key);; hash++) {
		slot = (struct known_element **)table_at(known->elements, hash);
		if (!*slot)
			break;
		if (value_equal((*slot)->key, key))
			return *slot;
	}
	*slot = arena_make(r->a, struct known_element);
	(*slot)->key = key;
	return *slot;
}

void resolve_settle_elements(struct resolve *r, struct known_set *known)
{
	struct ast_value **at = &known->set->elements;

	if (!known->elements)
		return;
	while (*at) {
		if (entry(r, known, *at)->value == *at)
			at = &(*at)->next;
		else
			*at = (*at)->next;
	}
	known->elements_end = at;
	known->elements = NULL;
}

void resolve_flush_elements(struct resolve *r, struct known_set *known)
{
	resolve_settle_elements(r, known);
	resolve_use_elements(r, known->set->elements, -1);
	known->set->elements = NULL;
	known->elements_end = &known->set->elements;
}

/* ---- add and create ---- */

static bool same_data(const struct ast_value *x, const struct ast_value *y)
{
	return x->kind != VALUE_MAPPING || y->kind != VALUE_MAPPING || value_equal(x->right, y->right);
}

static void refuse_element(struct resolve *r, const struct ast_value *v, const struct ast_value *first, const char *how)
{
	diag_error(r->d, DIAG_EXISTS, v->span, "%s", how);
	diag_note(r->d, first->span, "the one that is there");
}

/* True when it is new. */
static bool note_element(struct resolve *r, struct known_set *known, struct ast_value *v, bool create)
{
	struct known_element *e = entry(r, known, v);

	if (!e->value) {
		e->value = v;
		return true;
	}
	if (create)
		refuse_element(r, v, e->value, "the element exists already");
	else if (!same_data(v, e->value))
		refuse_element(r, v, e->value, "the element exists already with another value");
	return false;
}

static void note_elements(struct resolve *r, struct known_set *known, struct ast_value **from, bool create)
{
	while (*from) {
		if (note_element(r, known, *from, create))
			from = &(*from)->next;
		else
			*from = (*from)->next;
	}
	known->elements_end = from;
}

/* From the elements that there are: those of maps may contradict one another. */
static void make_table(struct resolve *r, struct known_set *known)
{
	if (known->elements)
		return;
	known->elements = arena_make(r->a, struct table);
	known->elements->arena = r->a;
	resolve_use_elements(r, known->set->elements, -1);
	note_elements(r, known, &known->set->elements, false);
	resolve_use_elements(r, known->set->elements, 1);
}

/* Binds 'items' as elements of a set and appends them to its list. */
static void append(struct resolve *r, struct known_set *known, struct ast_value *items)
{
	struct ast_set block = *known->set;

	block.elements = items;
	resolve_set_elements(r, known, &block);
}

void resolve_add_elements(struct resolve *r, struct known_set *known, struct ast_value *items, bool create)
{
	struct ast_value **from = known->elements_end;

	if (create)
		make_table(r, known);
	append(r, known, items);
	if (known->elements)
		note_elements(r, known, from, create);
	resolve_use_elements(r, *from, 1);
}

/* ---- delete and destroy ---- */

static void refuse_missing(struct resolve *r, const struct known_set *known, const struct ast_value *v)
{
	diag_error(r->d, DIAG_UNKNOWN_ELEMENT, v->span, "%s '%s' has no such element",
		   known->set->is_map ? "map" : "set", known->known.name);
	diag_note(r->d, known->known.declared, "%s '%s' is declared here", known->set->is_map ? "map" : "set",
		  known->known.name);
}

static void delete_element(struct resolve *r, struct known_set *known, struct ast_value *v, bool missing_ok)
{
	struct known_element *e = entry(r, known, v);

	if (!e->value) {
		if (!missing_ok)
			refuse_missing(r, known, v);
	} else if (!same_data(v, e->value)) {
		diag_error(r->d, DIAG_UNKNOWN_ELEMENT, v->span, "map '%s' has this element with another value",
			   known->known.name);
		diag_note(r->d, e->value->span, "the one that is there");
	} else {
		resolve_use_element(r, e->value, -1);
		e->value = NULL;
	}
}

/* Appends what is left of 'v'. */
static void keep(struct resolve *r, const struct known_set *known, struct addr_range left, const struct ast_value *v,
		 struct ast_value ***end)
{
	struct ast_value *kept = value_from_range(r->a, known->set->key.part[0], left, v->span);

	kept->attr = v->attr;
	**end = kept;
	*end = &kept->next;
}

/* Takes sorted values out of the sorted intervals of a set. */
static void subtract(struct resolve *r, struct known_set *known, const struct ast_value *items, bool missing_ok)
{
	struct ast_value *v = known->set->elements, **end = &known->set->elements;
	struct addr_range range = v ? value_range(v) : (struct addr_range){ 1, 0 }, gone;

	for (; items; items = items->next) {
		gone = value_range(items);
		while (v && range.hi < gone.lo) {
			keep(r, known, range, v, &end);
			v = v->next;
			range = v ? value_range(v) : range;
		}
		if (!v || gone.lo < range.lo || gone.hi > range.hi) {
			if (!missing_ok)
				refuse_missing(r, known, items);
			continue;
		}
		if (gone.lo > range.lo)
			keep(r, known, (struct addr_range){ range.lo, gone.lo - 1 }, v, &end);
		range.lo = gone.hi + 1;
		if (gone.hi == range.hi) {
			v = v->next;
			range = v ? value_range(v) : range;
		}
	}
	for (; v; v = v->next, range = v ? value_range(v) : range)
		keep(r, known, range, v, &end);
	*end = NULL;
	known->elements_end = end;
}

/* nft lets go of a part of an interval where it merges them. */
static bool takes_parts(const struct ast_set *set)
{
	return set->interval && set->auto_merge && !set->is_map && type_width(set->type);
}

void resolve_delete_elements(struct resolve *r, struct known_set *known, struct ast_value *items, bool missing_ok)
{
	struct ast_value *list = NULL;
	struct known_set deleted = { .known = known->known, .set = known->set, .elements_end = &list, .keys = true };

	append(r, &deleted, items);
	if (takes_parts(known->set)) {
		resolve_settle_elements(r, known);
		resolve_set_finish(r, known->set);
		subtract(r, known, resolve_sort(r, list, &known->set->key, SET_KEEP), missing_ok);
		return;
	}
	make_table(r, known);
	for (; list; list = list->next)
		delete_element(r, known, list, missing_ok);
}
