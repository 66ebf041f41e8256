/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_classes.c - classes for the elements of the tries.
 *
 * Elements of one trie with the same mask share a class.  A class keeps its
 * number as long as most of its elements keep it. */
#include <compiler/emit_trie.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/emit_elements.h>
#include <compiler/hash.h>

#define TRIES (ZF_FAMILIES * EMIT_SIDES)

/* A new broad prefix adds a tuple to everything below it.  When that would move
 * more than MOVE_MOST elements to another class, the tuple is added to the class
 * instead, and so to its other elements too, which costs a packet a futile
 * lookup at most.  WIDEN_MOST limits by how many tuples. */
#define MOVE_MOST  8
#define WIDEN_MOST 8

#define CLASS_END (1u << 24) /* higher numbers found are not ours */

/* ---- what was found ---- */

union lpm_key {
	struct zf_lpm4 v4;
	struct zf_lpm6 v6;
};

static union lpm_key element_key(const struct trie *t, const struct element *x)
{
	union lpm_key k = { .v6 = { .prefixlen = x->len } };

	addr_to_bytes(x->addr, t->family->width, t->family->family == ZF_IPV4 ? k.v4.addr : k.v6.addr);
	return k;
}

static void match_found(struct trie *t)
{
	const struct map_image *m = &t->e->found.image->maps[t->map];
	size_t key_size = map_descs[t->map].key_size, i = 0;

	for (size_t j = 0; j < t->elements.n && i < m->n; j++) {
		struct element *x = &t->elements.v[j];
		union lpm_key key = element_key(t, x);
		uint32_t class;

		while (i < m->n && memcmp(m->keys + i * key_size, &key, key_size) < 0)
			i++;
		if (i == m->n || memcmp(m->keys + i * key_size, &key, key_size) != 0)
			continue;
		memcpy(&class, m->values + i * sizeof(class), sizeof(class));
		x->found = class > 0 && class < CLASS_END ? class : NO_CLASS;
	}
}

/* ---- groups ---- */

struct group_lookup {
	const struct trie *t;
	uint32_t found, mask;
};

static bool same_group(const void *ctx, uint32_t number)
{
	const struct group_lookup *l = ctx;
	const struct group *g = &l->t->groups.v[number - 1];

	return g->found == l->found && g->mask == l->mask;
}

static uint32_t mask_by_set(struct trie *t, uint32_t mask)
{
	struct zf_class m = t->masks.v[mask];

	for (int i = 0; i < ZF_TUPLE_WORDS; i++)
		m.tuples[i] &= t->by_set.tuples[i];
	return mask_find_or_add(t, &m);
}

static void make_groups(struct trie *t)
{
	for (size_t i = 0; i < t->elements.n; i++) {
		struct element *x = &t->elements.v[i];
		struct group_lookup l = { t, x->found, x->mask };
		uint32_t number = emit_table_add(t->e->a, &t->groups.table, hash_u64(x->found, x->mask), same_group, &l,
						 (uint32_t)t->groups.n + 1);

		if (number > t->groups.n)
			*vec_push(t->e->a, &t->groups) = (struct group){
				.found = x->found,
				.mask = x->mask,
				.by_set = mask_by_set(t, x->mask),
				.widened = x->mask,
				.class = NO_CLASS,
			};
		t->groups.v[number - 1].n++;
		x->group = number - 1;
	}
}

static int compare_groups(const void *x, const void *y, void *ctx)
{
	const struct group *v = ctx, *i = &v[*(const uint32_t *)x], *j = &v[*(const uint32_t *)y];

	if (i->found != j->found)
		return i->found < j->found ? -1 : 1;
	if (i->by_set != j->by_set)
		return i->by_set < j->by_set ? -1 : 1;
	return i->mask < j->mask ? -1 : i->mask > j->mask;
}

static void sort_groups(struct trie *t)
{
	t->groups.sorted = arena_make_array(t->e->a, t->groups.n, uint32_t);
	for (size_t i = 0; i < t->groups.n; i++)
		t->groups.sorted[i] = (uint32_t)i;
	qsort_r(t->groups.sorted, t->groups.n, sizeof(uint32_t), compare_groups, t->groups.v);
}

static struct group *group_at(struct trie *t, size_t i)
{
	return &t->groups.v[t->groups.sorted[i]];
}

static unsigned int count_bits(const struct zf_class *m)
{
	unsigned int n = 0;

	for (int i = 0; i < ZF_TUPLE_WORDS; i++)
		n += (unsigned int)__builtin_popcountll(m->tuples[i]);
	return n;
}

/* Groups [begin, end) were one class and differ in what only prunes: leaves them
 * one class, when that moves fewer elements. */
static void widen(struct trie *t, size_t begin, size_t end)
{
	struct zf_class all = { { 0 } };
	unsigned int least = ZF_TUPLES;
	uint32_t n = 0, largest = 0, mask;

	for (size_t i = begin; i < end; i++) {
		const struct group *g = group_at(t, i);
		const struct zf_class *m = &t->masks.v[g->mask];

		for (int j = 0; j < ZF_TUPLE_WORDS; j++)
			all.tuples[j] |= m->tuples[j];
		least = count_bits(m) < least ? count_bits(m) : least;
		largest = g->n > largest ? g->n : largest;
		n += g->n;
	}
	if (n - largest <= MOVE_MOST || count_bits(&all) - least > WIDEN_MOST)
		return;
	mask = mask_find_or_add(t, &all);
	for (size_t i = begin; i < end; i++)
		group_at(t, i)->widened = mask;
}

static void widen_groups(struct trie *t)
{
	for (size_t i = 0, end; i < t->groups.n; i = end) {
		const struct group *g = group_at(t, i);

		for (end = i + 1;
		     end < t->groups.n && group_at(t, end)->found == g->found && group_at(t, end)->by_set == g->by_set;)
			end++;
		if (g->found != NO_CLASS && end > i + 1)
			widen(t, i, end);
	}
}

/* ---- numbers ---- */

/* Groups [begin, end) were one class: its number goes to the mask that most of
 * their elements have.  Groups with one widened mask are neighbours. */
static void keep_class(struct trie *t, size_t begin, size_t end)
{
	uint32_t best = 0, best_n = 0, n = 0, class = group_at(t, begin)->found;

	for (size_t i = begin; i < end; i++) {
		const struct group *g = group_at(t, i);

		n = i > begin && group_at(t, i - 1)->widened == g->widened ? n + g->n : g->n;
		if (n <= best_n)
			continue;
		best = g->widened;
		best_n = n;
	}
	for (size_t i = begin; i < end; i++)
		if (group_at(t, i)->widened == best)
			group_at(t, i)->class = class;
	if (t->class_of_mask[best] == NO_CLASS)
		t->class_of_mask[best] = class;
}

/* Lets classes keep their numbers, and takes note in 'used'. */
static void keep_classes(struct trie *t, uint8_t *used)
{
	t->class_of_mask = arena_make_array(t->e->a, t->masks.n, uint32_t);
	memset(t->class_of_mask, 0xff, t->masks.n * sizeof(*t->class_of_mask));
	for (size_t i = 0, end; i < t->groups.n; i = end) {
		uint32_t found = group_at(t, i)->found;

		for (end = i + 1; end < t->groups.n && group_at(t, end)->found == found;)
			end++;
		if (found == NO_CLASS || used[found])
			continue;
		keep_class(t, i, end);
		used[found] = 1;
	}
}

static void number_rest(struct trie *t, struct free_numbers *numbers)
{
	for (size_t i = 0; i < t->groups.n; i++) {
		struct group *g = &t->groups.v[i];
		uint32_t *class = &t->class_of_mask[g->widened];

		if (g->class != NO_CLASS)
			continue;
		if (*class == NO_CLASS)
			*class = free_numbers_take(numbers);
		g->class = *class;
	}
}

/* ---- elements ---- */

static void trie_finish(struct trie *t, uint8_t *written, struct elements *classes)
{
	struct elements elements = elements_of(t->map, t->e->a);

	elements_reserve(&elements, t->elements.n);
	for (size_t i = 0; i < t->elements.n; i++) {
		const struct element *x = &t->elements.v[i];
		const struct group *g = &t->groups.v[x->group];
		union lpm_key key = element_key(t, x);

		elements_add(&elements, &key, &g->class, x->rule);
		if (!written[g->class])
			elements_add(classes, &g->class, &t->masks.v[g->widened], x->rule);
		written[g->class] = 1;
	}
	elements_finish(&elements, &t->e->ret->maps[t->map]);
}

static void trie_class(struct trie *t)
{
	match_found(t);
	make_groups(t);
	sort_groups(t);
	widen_groups(t);
}

static uint32_t highest_class(const struct trie *t)
{
	uint32_t highest = 0;

	for (size_t i = 0; i < t->groups.n; i++)
		if (t->groups.v[i].found != NO_CLASS && t->groups.v[i].found > highest)
			highest = t->groups.v[i].found;
	return highest;
}

void emit_address_classes(struct emit *e)
{
	static const enum map_id maps[TRIES] = { MAP_DST4, MAP_SRC4, MAP_DST6, MAP_SRC6 };
	struct trie tries[TRIES] = { 0 };
	struct elements classes = elements_of(MAP_CLASS, e->a);
	struct free_numbers numbers = { 0 };
	uint32_t highest = 0, last;
	uint8_t *used, *written;

	for (int i = 0; i < TRIES; i++) {
		tries[i].e = e;
		tries[i].family = &e->families[i / EMIT_SIDES];
		tries[i].side = i % EMIT_SIDES;
		tries[i].map = maps[i];
		trie_make(&tries[i]);
		trie_class(&tries[i]);
		last = highest_class(&tries[i]);
		highest = last > highest ? last : highest;
	}
	numbers.n = highest + 1;
	numbers.used = used = arena_make_array(e->a, numbers.n, uint8_t);
	for (int i = 0; i < TRIES; i++)
		keep_classes(&tries[i], used);
	for (int i = 0; i < TRIES; i++)
		number_rest(&tries[i], &numbers);
	last = numbers.last > highest ? numbers.last : highest;
	written = arena_make_array(e->a, last + 1, uint8_t);
	for (int i = 0; i < TRIES; i++)
		trie_finish(&tries[i], written, &classes);
	elements_finish(&classes, &e->ret->maps[MAP_CLASS]);
	/* A class without tuples is left out, but looked up. */
	while (last > 0 && !written[last])
		last--;
	e->ret->maps[MAP_CLASS].capacity = last + 1;
}
