/* SPDX-License-Identifier: GPL-2.0-only */
/* address_classes.c - tries from prefix to class, and the tuples of each class.
 *
 * A trie has every prefix that is a key of a pair, and the members of every set
 * that is a selector.  An element's mask has the tuples for which it, or a prefix
 * around it, is such a key, and those in whose set it is:
 *
 *	pairs (10.0.0.0/8, any), (10.1.0.0/16, any), in tuples 0 and 1
 *	10.0.0.0/8 = { 0 }, 10.1.0.0/16 = { 0, 1 }
 *
 * A set of which the complement is smaller is stored the other way round: its
 * bit is on 0.0.0.0/0 and off at the members of the complement.
 *
 * Elements of one trie with the same mask share a class.  A class keeps its
 * number as long as most of its elements keep it. */
#include <compiler/emit.h>

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

#define NO_CLASS  UINT32_MAX
#define CLASS_END (1u << 24) /* higher numbers found are not ours */

/* A prefix adds 'bits' to its mask, or takes them off. */
struct claim {
	u128 addr;
	uint32_t bits; /* index in trie->bits */
	uint32_t rule;
	uint8_t len;
	bool clear;
};

struct element {
	u128 addr;
	uint32_t mask; /* index in trie->masks */
	uint32_t rule;
	union {
		uint32_t found; /* class, or NO_CLASS */
		uint32_t group; /* index in trie->groups, when those are made */
	};
	uint8_t len;
};

/* Elements with one mask that were in one class. */
struct group {
	uint32_t found; /* that class, or NO_CLASS */
	uint32_t mask;
	uint32_t by_set; /* the part of the mask that no element may have in vain */
	uint32_t n;
	uint32_t widened; /* the mask it will have */
	uint32_t class;	  /* NO_CLASS: not yet */
};

struct trie {
	struct emit *e;
	struct emit_family *family;
	enum emit_side side;
	enum map_id map;
	struct {
		struct claim *v;
		size_t n, cap;
	} claims;
	struct {
		struct zf_class *v;
		size_t n, cap;
	} bits;
	struct {
		struct zf_class *v;
		size_t n, cap;
		struct emit_table table;
	} masks;
	struct {
		struct element *v;
		size_t n;
	} elements;
	struct {
		struct group *v;
		size_t n, cap;
		struct emit_table table;
		uint32_t *sorted;
	} groups;
	struct zf_class by_set;	 /* tuples with a set on this side */
	uint32_t *class_of_mask; /* by mask; NO_CLASS: none yet */
};

/* ---- claims ---- */

static void add_bit(struct zf_class *c, uint32_t tuple)
{
	c->tuples[tuple / 64] |= 1ull << tuple % 64;
}

static void claim(struct trie *t, const struct prefix *p, uint32_t bits, bool clear, uint32_t rule)
{
	*vec_push(t->e->a, &t->claims) =
		(struct claim){ .addr = p->addr, .bits = bits, .rule = rule, .len = (uint8_t)p->len, .clear = clear };
}

/* Makes room for 'n' more. */
static void reserve_claims(struct trie *t, size_t n)
{
	if (t->claims.cap - t->claims.n >= n)
		return;
	t->claims.v = arena_grow(t->e->a, t->claims.v, t->claims.n * sizeof(*t->claims.v),
				 (t->claims.n + n) * sizeof(*t->claims.v));
	t->claims.cap = t->claims.n + n;
}

static void claim_set(struct trie *t, struct emit_set *s, uint32_t bits, uint32_t rule)
{
	static const struct prefix root;
	const struct addr_set *rest = NULL;
	const struct prefix *v;
	size_t n = s->n;

	/* The complement has no fewer prefixes than the set has ranges but one. */
	if (s->n > s->set->n)
		rest = addr_set_complement(t->e->a, s->set);
	if (rest && addr_set_prefixes(rest, NULL) + 1 < n) {
		struct emit_set outside = { .set = rest, .n = addr_set_prefixes(rest, NULL) };

		claim(t, &root, bits, false, rule);
		v = set_prefixes(t->e, &outside);
		n = outside.n;
	} else {
		rest = NULL;
		v = set_prefixes(t->e, s);
	}
	reserve_claims(t, n);
	for (size_t i = 0; i < n; i++)
		claim(t, &v[i], bits, rest != NULL, rule);
}

/* One claim per member for all tuples that have the set. */
static void claim_sets(struct trie *t)
{
	const struct emit_family *f = t->family;

	for (size_t i = 0; i < f->tuples.n; i++) {
		struct emit_set *s = f->tuples.v[i].side[t->side].set;
		struct zf_class *bits;
		bool seen = false;

		for (size_t j = 0; j < i && s && !seen; j++)
			seen = f->tuples.v[j].side[t->side].set == s;
		if (!s || seen)
			continue;
		bits = vec_push(t->e->a, &t->bits);
		*bits = (struct zf_class){ { 0 } };
		for (size_t j = i; j < f->tuples.n; j++)
			if (f->tuples.v[j].side[t->side].set == s) {
				add_bit(bits, f->tuples.v[j].number);
				add_bit(&t->by_set, f->tuples.v[j].number);
			}
		claim_set(t, s, (uint32_t)t->bits.n - 1, f->tuples.v[i].rule);
	}
}

static void claim_pairs(struct trie *t)
{
	const struct emit_family *f = t->family;
	uint32_t first = (uint32_t)t->bits.n;

	for (size_t i = 0; i < f->tuples.n; i++) {
		struct zf_class *bits = vec_push(t->e->a, &t->bits);

		*bits = (struct zf_class){ { 0 } };
		add_bit(bits, f->tuples.v[i].number);
	}
	reserve_claims(t, f->pairs.n);
	for (size_t i = 0; i < f->pairs.n; i++) {
		const struct emit_pair *p = &f->pairs.v[i];
		const struct selector *s = &f->tuples.v[p->tuple].side[t->side];
		struct prefix key = { .addr = p->addr[t->side], .len = s->len };

		if (!s->set && s->len > 0)
			claim(t, &key, first + p->tuple, false, f->links.v[p->first - 1].rule);
	}
}

static int compare_claims(const void *x, const void *y)
{
	const struct claim *i = x, *j = y;

	if (i->addr != j->addr)
		return i->addr < j->addr ? -1 : 1;
	if (i->len != j->len)
		return i->len < j->len ? -1 : 1;
	return i->rule < j->rule ? -1 : i->rule > j->rule;
}

static void sort_claims(struct trie *t)
{
	size_t i = 1;

	while (i < t->claims.n && compare_claims(&t->claims.v[i - 1], &t->claims.v[i]) <= 0)
		i++;
	if (i < t->claims.n)
		qsort(t->claims.v, t->claims.n, sizeof(*t->claims.v), compare_claims);
}

/* ---- masks ---- */

static bool same_mask(const void *ctx, uint32_t number)
{
	const struct trie *t = ctx;

	/* The one looked for is behind the last. */
	return memcmp(&t->masks.v[number - 1], &t->masks.v[t->masks.n], sizeof(*t->masks.v)) == 0;
}

/* The index of an equal mask. */
static uint32_t mask_find_or_add(struct trie *t, const struct zf_class *mask)
{
	uint32_t number;

	*vec_push(t->e->a, &t->masks) = *mask;
	t->masks.n--;
	number = emit_table_add(t->e->a, &t->masks.table, hash_words(mask, sizeof(*mask)), same_mask, t,
				(uint32_t)t->masks.n + 1);
	if (number > t->masks.n)
		t->masks.n++;
	return number - 1;
}

static void apply_claim(const struct trie *t, const struct claim *c, struct zf_class *mask)
{
	const struct zf_class *bits = &t->bits.v[c->bits];

	for (int i = 0; i < ZF_TUPLE_WORDS; i++)
		if (c->clear)
			mask->tuples[i] &= ~bits->tuples[i];
		else
			mask->tuples[i] |= bits->tuples[i];
}

static bool prefix_covers(const struct trie *t, const struct element *x, u128 addr)
{
	return x->len == 0 || (x->addr ^ addr) >> (t->family->width - x->len) == 0;
}

/* The mask of the element that claims [begin, end) make below 'parent'. */
static uint32_t mask_below(struct trie *t, uint32_t parent, size_t begin, size_t end)
{
	struct zf_class m = t->masks.v[parent];

	for (size_t i = begin; i < end; i++)
		apply_claim(t, &t->claims.v[i], &m);
	return mask_find_or_add(t, &m);
}

/* Does claim 'i', alone at its prefix as the one before it, say the same? */
static bool repeats_claim(const struct trie *t, size_t i, size_t end)
{
	const struct claim *c = &t->claims.v[i];

	return i > 0 && end == i + 1 && c[-1].bits == c->bits && c[-1].clear == c->clear;
}

static size_t end_of_prefix(const struct trie *t, size_t begin)
{
	const struct claim *c = t->claims.v;
	size_t end = begin + 1;

	while (end < t->claims.n && c[end].addr == c[begin].addr && c[end].len == c[begin].len)
		end++;
	return end;
}

/* Elements in address order from the sorted claims; 'open' are those around the
 * current one, the innermost last. */
static void make_elements(struct trie *t)
{
	static const struct zf_class none;
	uint32_t open[129], depth = 0, empty = mask_find_or_add(t, &none);
	uint32_t parent, last_parent = NO_CLASS, mask = empty;

	t->elements.v = arena_make_array(t->e->a, t->claims.n, struct element);
	for (size_t i = 0, end; i < t->claims.n; i = end) {
		const struct claim *c = &t->claims.v[i];

		end = end_of_prefix(t, i);
		while (depth && !prefix_covers(t, &t->elements.v[open[depth - 1]], c->addr))
			depth--;
		parent = depth ? t->elements.v[open[depth - 1]].mask : empty;
		if (parent != last_parent || !repeats_claim(t, i, end))
			mask = mask_below(t, parent, i, end);
		last_parent = end == i + 1 ? parent : NO_CLASS;
		open[depth++] = (uint32_t)t->elements.n;
		t->elements.v[t->elements.n++] = (struct element){
			.addr = c->addr, .mask = mask, .rule = c->rule, .found = NO_CLASS, .len = c->len
		};
	}
}

/* From address order to the order of keys, which begin with the length. */
static void sort_by_length(struct trie *t)
{
	struct element *sorted = arena_make_array(t->e->a, t->elements.n, struct element);
	size_t at[130] = { 0 };

	for (size_t i = 0; i < t->elements.n; i++)
		at[t->elements.v[i].len + 1]++;
	for (int i = 1; i < 130; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < t->elements.n; i++)
		sorted[at[t->elements.v[i].len]++] = t->elements.v[i];
	t->elements.v = sorted;
}

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

static void trie_make(struct trie *t)
{
	claim_sets(t);
	claim_pairs(t);
	sort_claims(t);
	make_elements(t);
	sort_by_length(t);
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
