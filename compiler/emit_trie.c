/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_trie.c - the elements of a trie, and which tuples each may be in.
 *
 * A trie has every prefix that is a key of a pair, and the members of every set
 * that is a selector.  An element's mask has the tuples for which it, or a prefix
 * around it, is such a key, and those in whose set it is:
 *
 *	pairs (10.0.0.0/8, any), (10.1.0.0/16, any), in tuples 0 and 1
 *	10.0.0.0/8 = { 0 }, 10.1.0.0/16 = { 0, 1 }
 *
 * A set of which the complement is smaller is stored the other way round: its
 * bit is on 0.0.0.0/0 and off at the members of the complement. */
#include <compiler/emit_trie.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>

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

uint32_t mask_find_or_add(struct trie *t, const struct zf_class *mask)
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

void trie_make(struct trie *t)
{
	claim_sets(t);
	claim_pairs(t);
	sort_claims(t);
	make_elements(t);
	sort_by_length(t);
}
