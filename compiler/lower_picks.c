/* SPDX-License-Identifier: GPL-2.0-only */
/* lower_picks.c - the elements of a set or map as few boxes.
 *
 *	{ 10.0.0.1 . 22, 10.0.0.2 . 22, 10.0.0.3 . 80 }		10.0.0.1-10.0.0.2 x 22
 *								10.0.0.3 x 80
 *	{ 22 : accept, 80 : accept, 25 : drop }			22, 80: accept
 *								25: drop
 *
 * Elements that differ in one part of their key only, always the same, are one
 * box: the part that leaves the fewest.  Elements with a timeout stay alone. */
#include <compiler/lower.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>
#include <compiler/value.h>

struct element {
	const struct ast_value *item, *data;
	const struct ast_value **parts; /* NULL: the catch-all */
	uint64_t *hashes;		/* of the parts */
	uint64_t other;			/* of data and timer */
	uint32_t timer;
	size_t next; /* of its group, + 1 */
};

struct group {
	size_t first, last, n;
	uint64_t hash;
};

struct sorting {
	struct lower *l;
	const struct views *views;
	const struct ast_rule *rule;
	const struct ast_set *set;
	struct element *v;
	size_t n;
	struct {
		struct group *v;
		size_t n, cap;
	} groups;
	unsigned int merged; /* part */
	bool is_map, has_ranges;
};

/* ---- reading the elements ---- */

static bool names_many(const struct ast_value *v)
{
	return v->kind == VALUE_RANGE || v->kind == VALUE_PREFIX || (v->kind == VALUE_STRING && strchr(v->text, '*'));
}

static void read_key(struct sorting *s, struct element *e, const struct ast_value *key)
{
	unsigned int n = s->views->n, i = 0;

	if (key->kind == VALUE_CATCHALL)
		return;
	e->parts = arena_make_array(s->l->a, n, const struct ast_value *);
	e->hashes = arena_make_array(s->l->a, n, uint64_t);
	if (n == 1) {
		e->parts[0] = key;
		return; /* there are no others to compare */
	}
	for (const struct ast_value *part = key->items; part && i < n; part = part->next, i++) {
		e->parts[i] = part;
		e->hashes[i] = content_of_value(part);
		s->has_ranges |= names_many(part);
	}
}

static void read_element(struct sorting *s, struct element *e, const struct ast_value *item)
{
	bool is_mapping = item->kind == VALUE_MAPPING;

	e->item = item;
	e->data = is_mapping ? item->right : NULL;
	s->is_map |= is_mapping;
	if (element_is_timed(s->set, item))
		e->timer = timer_of_element(s->l, s->rule, s->set, item) + 1;
	e->other = hash_u64(e->data ? content_of_value(e->data) : 0, e->timer);
	read_key(s, e, is_mapping ? item->left : item);
}

/* ---- grouping ---- */

static uint64_t group_hash(const struct sorting *s, const struct element *e, unsigned int merged)
{
	uint64_t h = e->other;

	for (unsigned int i = 0; i < s->views->n; i++)
		if (i != merged)
			h = hash_u64(h, e->hashes[i]);
	return h;
}

/* How many groups there would be. */
static size_t count_groups(const struct sorting *s, unsigned int merged, uint64_t *slots, size_t size)
{
	size_t n = 0, at;

	memset(slots, 0, size * sizeof(*slots));
	for (size_t i = 0; i < s->n; i++) {
		uint64_t h = s->v[i].parts ? group_hash(s, &s->v[i], merged) | 1 : 0;

		for (at = h >> 20 & (size - 1); h && slots[at] && slots[at] != h; at = (at + 1) & (size - 1))
			;
		if (h && !slots[at]) {
			slots[at] = h;
			n++;
		}
	}
	return n;
}

/* Of equally good ones the last: ports are cheaper than addresses. */
static unsigned int best_part(const struct sorting *s)
{
	size_t size = 16, fewest = SIZE_MAX, n;
	unsigned int best = 0;
	uint64_t *slots;

	if (s->views->n == 1)
		return 0;
	while (size < 2 * s->n)
		size *= 2;
	slots = arena_make_array(s->l->a, size, uint64_t);
	for (unsigned int i = s->views->n; i-- > 0;) {
		n = count_groups(s, i, slots, size);
		if (n < fewest) {
			fewest = n;
			best = i;
		}
	}
	return best;
}

static bool same_value(const struct ast_value *x, const struct ast_value *y)
{
	struct addr_range p, q;

	if (x->kind == VALUE_STRING || y->kind == VALUE_STRING)
		return x->kind == y->kind && !strcmp(x->text, y->text);
	p = value_range(x);
	q = value_range(y);
	return p.lo == q.lo && p.hi == q.hi;
}

static bool same_data(const struct ast_value *x, const struct ast_value *y)
{
	const struct ast_value *i, *j;

	if (!x || !y)
		return x == y;
	if (x->kind == VALUE_VERDICT)
		return x->number == y->number && x->target == y->target;
	if (x->kind != VALUE_CONCAT)
		return same_value(x, y);
	for (i = x->items, j = y->items; i && j; i = i->next, j = j->next)
		if (!same_value(i, j))
			return false;
	return !i && !j;
}

static bool fits(const struct sorting *s, const struct element *x, const struct element *y)
{
	if (x->timer != y->timer || !x->parts || !same_data(x->data, y->data))
		return false;
	for (unsigned int i = 0; i < s->views->n; i++)
		if (i != s->merged && !same_value(x->parts[i], y->parts[i]))
			return false;
	return true;
}

static void add_to_group(struct sorting *s, struct table *groups, size_t at)
{
	struct element *e = &s->v[at];
	uint64_t hash = e->parts ? group_hash(s, e, s->merged) : 0, key = hash;
	void **slot = table_at(groups, key);

	while (*slot) {
		struct group *g = &s->groups.v[(uintptr_t)*slot - 1];

		if (e->parts && g->hash == hash && fits(s, &s->v[g->first], e)) {
			s->v[g->last].next = at + 1;
			g->last = at;
			g->n++;
			return;
		}
		slot = table_at(groups, ++key);
	}
	*vec_push(s->l->a, &s->groups) = (struct group){ at, at, 1, hash };
	*slot = (void *)(uintptr_t)s->groups.n;
}

/* ---- boxes ---- */

static const struct addr_set *merged_values(struct sorting *s, const struct group *g)
{
	const struct view *view = &s->views->v[s->merged];
	struct {
		struct addr_range *v;
		size_t n, cap;
	} ranges = { 0 };

	if (g->n == 1)
		return set_of_value(s->l, view, s->v[g->first].parts[s->merged]);
	for (size_t i = g->first + 1; i; i = s->v[i - 1].next) {
		const struct ast_value *part = s->v[i - 1].parts[s->merged];

		if (!field_is_interface(view->field)) {
			*vec_push(s->l->a, &ranges) = value_range(part);
			continue;
		}
		const struct addr_set *indexes = interface_indexes(s->l, part);

		for (size_t k = 0; k < indexes->n; k++)
			*vec_push(s->l->a, &ranges) = indexes->v[k];
	}
	return addr_set_make(s->l->a, view->width, ranges.v, ranges.n);
}

static struct pick pick_of(struct sorting *s, const struct group *g)
{
	const struct element *e = &s->v[g->first];
	struct pick pick = {
		.data = e->data,
		.timer = e->timer,
		.identity = e->timer ? s->l->timers.v[e->timer - 1].identity : g->hash,
		.span = g->n == 1 ? e->item->span : SPAN_NONE,
	};

	if (!e->parts)
		return pick;
	pick.values = arena_make_array(s->l->a, s->views->n, const struct addr_set *);
	for (unsigned int i = 0; i < s->views->n; i++)
		pick.values[i] = i == s->merged ? merged_values(s, g)
						: set_of_value(s->l, &s->views->v[i], e->parts[i]);
	return pick;
}

/* Each with its counter, in the order of the text. */
static void pick_counted(struct sorting *s, struct picks *ret)
{
	struct group alone = { .n = 1 };

	for (size_t i = 0; i < s->n; i++)
		ret->n_counted += element_is_counted(s->set, s->v[i].item);
	if (!ret->n_counted)
		return;
	ret->counted = arena_make_array(s->l->a, ret->n_counted, struct pick);
	ret->n_counted = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (!element_is_counted(s->set, s->v[i].item))
			continue;
		struct pick *pick = &ret->counted[ret->n_counted++];

		alone.first = i;
		*pick = pick_of(s, &alone);
		pick->counter = counter_of_element(s->l, s->rule, s->set, s->v[i].item) + 1;
		pick->identity = s->l->counters.v[pick->counter - 1].identity;
	}
}

/* Those with equal data side by side, by the first of each; catch-alls last. */
static void put_in_order(struct lower *l, struct picks *picks)
{
	struct pick *v = arena_make_array(l->a, picks->n, struct pick);
	size_t *next = arena_make_array(l->a, picks->n, size_t), n = 0;
	size_t *last_of = arena_make_array(l->a, picks->n, size_t);
	bool *follows = arena_make_array(l->a, picks->n, bool);
	struct table firsts = { .arena = l->a };

	for (size_t i = 0; i < picks->n; i++) {
		if (!picks->v[i].values)
			continue;
		void **slot = table_at(&firsts, content_of_value(picks->v[i].data));
		size_t first = *slot ? (uintptr_t)*slot - 1 : i;

		if (*slot) {
			next[last_of[first]] = i;
			follows[i] = true;
		}
		*slot = (void *)(uintptr_t)(first + 1);
		last_of[first] = i;
	}
	for (size_t i = 0; i < picks->n; i++)
		for (size_t k = i; picks->v[i].values && !follows[i]; k = next[k]) {
			v[n++] = picks->v[k];
			if (!next[k])
				break;
		}
	for (size_t i = 0; i < picks->n; i++)
		if (!picks->v[i].values)
			v[n++] = picks->v[i];
	picks->v = v;
}

static struct picks *make_picks(struct sorting *s)
{
	struct picks *picks = arena_make(s->l->a, struct picks);
	struct table groups = { .arena = s->l->a };
	bool has_catchall = false;

	s->merged = best_part(s);
	for (size_t i = 0; i < s->n; i++) {
		add_to_group(s, &groups, i);
		has_catchall |= !s->v[i].parts;
	}
	picks->v = arena_make_array(s->l->a, s->groups.n, struct pick);
	for (size_t i = 0; i < s->groups.n; i++)
		picks->v[picks->n++] = pick_of(s, &s->groups.v[i]);
	/* Elements of a map don't overlap, nor do those of a set whose keys are one field. */
	picks->exclusive = !has_catchall && (s->is_map || s->views->n == 1 || !s->has_ranges);
	if (s->is_map)
		put_in_order(s->l, picks);
	pick_counted(s, picks);
	return picks;
}

/* ---- the common case: one set of numbers ---- */

static bool is_plain(const struct sorting *s, const struct ast_value *items)
{
	if (s->views->n != 1)
		return false;
	for (; items; items = items->next)
		if (items->kind == VALUE_MAPPING || element_is_timed(s->set, items) ||
		    element_is_counted(s->set, items))
			return false;
	return true;
}

static struct picks *plain_picks(struct sorting *s, const struct ast_value *set)
{
	struct picks *picks = arena_make(s->l->a, struct picks);

	picks->exclusive = true;
	picks->v = arena_make(s->l->a, struct pick);
	picks->v->values = arena_make(s->l->a, const struct addr_set *);
	*picks->v->values = set_of_value(s->l, s->views->v, set);
	picks->n = (*picks->v->values)->n ? 1 : 0;
	return picks;
}

const struct picks *picks_of(struct lower *l, const struct views *views, const struct ast_value *set,
			     const struct ast_rule *rule)
{
	struct sorting s = { .l = l, .views = views, .rule = rule };
	const struct ast_value *items = set->kind == VALUE_SETREF ? set->set->elements : set->items;
	void **slot = table_at(&l->picks, set->kind == VALUE_SETREF ? (uintptr_t)set->set : (uintptr_t)set);
	struct picks *picks = *slot;
	size_t n = 0;

	if (picks)
		return picks;
	s.set = set->kind == VALUE_SETREF ? set->set : NULL;
	if (is_plain(&s, items)) {
		picks = plain_picks(&s, set);
	} else {
		for (const struct ast_value *i = items; i; i = i->next)
			s.n++;
		s.v = arena_make_array(l->a, s.n, struct element);
		for (const struct ast_value *i = items; i; i = i->next)
			read_element(&s, &s.v[n++], i);
		picks = make_picks(&s);
	}
	*table_at(&l->picks, set->kind == VALUE_SETREF ? (uintptr_t)set->set : (uintptr_t)set) = picks;
	return picks;
}
