/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_tuples.c - the pairs of addresses that rules are filed under.
 *
 *	ip daddr 10.0.0.0/8			pair (10.0.0.0/8, any)
 *	ip daddr { 10.0.0.1, 10.2.0.0/16 }	pairs (10.0.0.1/32, any) and (10.2.0.0/16, any)
 *	ip daddr @large ip saddr 10.0.0.0/8	pair (member of @large, 10.0.0.0/8)
 *
 * A rule is filed under every combination of its destination and source
 * prefixes, unless those are too many: then the larger set, if need be both,
 * stays a set, and the class of an address says whether it is a member. */
#include <compiler/emit.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <compiler/emit_elements.h>
#include <compiler/hash.h>

#define NO_NUMBER  UINT32_MAX
#define MOST_PAIRS 4096	      /* of one rule */
#define MOST_LINKS (1u << 22) /* of rules to pairs, in a family */

/* How far sets are expanded: a rule is filed under at most so many pairs, which
 * are of at most so many tuples.  The first that fits all rules of a family into
 * the limits below is taken. */
struct expansion {
	unsigned int pairs, tuples;
};
static const struct expansion expansions[] = {
	{ 256, 256 }, { 256, 32 }, { 256, 4 }, { MOST_PAIRS, 256 }, { MOST_PAIRS, 32 }, { 16, 16 },
};

static const struct prefix any_prefix;

/* One side of a rule. */
struct side {
	struct emit_set *set; /* NULL: any address */
	bool as_set;
	size_t n;	     /* keys on this side */
	unsigned int n_lens; /* different lengths of those */
};

/* ---- sets ---- */

struct set_lookup {
	const struct emit_family *f;
	const struct addr_set *set;
};

static bool same_set(const void *ctx, uint32_t number)
{
	const struct set_lookup *l = ctx;

	return addr_set_equal(l->f->sets.v[number - 1]->set, l->set);
}

static struct emit_set *set_find(struct emit *e, struct emit_family *f, const struct addr_set *set)
{
	struct set_lookup l = { f, set };
	uint32_t number = emit_table_add(e->a, &f->sets.table, set->hash, same_set, &l, (uint32_t)f->sets.n + 1);
	struct emit_set *s;

	if (number <= f->sets.n)
		return f->sets.v[number - 1];
	s = arena_make(e->a, struct emit_set);
	*s = (struct emit_set){ .set = set, .n = addr_set_prefixes(set, NULL) };
	*vec_push(e->a, &f->sets) = s;
	return s;
}

const struct prefix *set_prefixes(struct emit *e, struct emit_set *s)
{
	if (!s->prefixes) {
		s->prefixes = arena_make_array(e->a, s->n, struct prefix);
		addr_set_prefixes(s->set, s->prefixes);
	}
	return s->prefixes;
}

static unsigned int count_lens(struct emit *e, struct emit_set *s)
{
	const struct prefix *v;
	bool seen[129] = { false };

	if (s->n > MOST_PAIRS || s->n_lens)
		return s->n_lens;
	v = set_prefixes(e, s);
	for (size_t i = 0; i < s->n; i++) {
		s->n_lens += !seen[v[i].len];
		seen[v[i].len] = true;
	}
	return s->n_lens;
}

/* A number that other selectors of the family don't have. */
static void set_make_selector(struct emit_family *f, struct emit_set *s)
{
	bool taken;

	if (s->fingerprint)
		return;
	s->fingerprint = (uint32_t)(s->set->hash ^ s->set->hash >> 32);
	do {
		taken = s->fingerprint == 0;
		for (size_t i = 0; i < f->tuples.n && !taken; i++)
			for (int j = 0; j < EMIT_SIDES; j++) {
				const struct emit_set *other = f->tuples.v[i].side[j].set;

				taken = taken || (other && other != s && other->fingerprint == s->fingerprint);
			}
		s->fingerprint += taken;
	} while (taken);
}

/* ---- tuples ---- */

struct tuple_lookup {
	const struct emit_family *f;
	struct selector side[EMIT_SIDES];
};

static bool same_tuple(const void *ctx, uint32_t number)
{
	const struct tuple_lookup *l = ctx;
	const struct emit_tuple *t = &l->f->tuples.v[number - 1];

	for (int i = 0; i < EMIT_SIDES; i++)
		if (t->side[i].set != l->side[i].set || t->side[i].len != l->side[i].len)
			return false;
	return true;
}

static uint32_t tuple_find_or_add(struct emit *e, struct emit_family *f, const struct selector *dst,
				  const struct selector *src, uint32_t rule)
{
	struct tuple_lookup l = { f, { *dst, *src } };
	uint32_t label = e->rules[rule].label, number;
	uint64_t hash = 0;

	for (int i = 0; i < EMIT_SIDES; i++)
		hash = hash_u64(hash_u64(hash, l.side[i].len), (uintptr_t)l.side[i].set);
	number = emit_table_add(e->a, &f->tuples.table, hash, same_tuple, &l, (uint32_t)f->tuples.n + 1);
	if (number > f->tuples.n)
		*vec_push(e->a, &f->tuples) = (struct emit_tuple){
			.side = { *dst, *src },
			.min_label = label,
			.rule = rule,
			.number = NO_NUMBER,
		};
	f->tuples.v[number - 1].max_label = label;
	return number - 1;
}

/* ---- pairs ---- */

struct pair_lookup {
	const struct emit_family *f;
	u128 addr[EMIT_SIDES];
	uint32_t tuple;
};

static bool same_pair(const void *ctx, uint32_t number)
{
	const struct pair_lookup *l = ctx;
	const struct emit_pair *p = &l->f->pairs.v[number - 1];

	return p->tuple == l->tuple && p->addr[EMIT_DST] == l->addr[EMIT_DST] && p->addr[EMIT_SRC] == l->addr[EMIT_SRC];
}

static struct emit_pair *pair_find_or_add(struct emit *e, struct emit_family *f, uint32_t tuple, u128 dst, u128 src)
{
	struct pair_lookup l = { f, { dst, src }, tuple };
	uint64_t hash = tuple;
	uint32_t number;

	for (int i = 0; i < EMIT_SIDES; i++)
		hash = hash_u64(hash_u64(hash, (uint64_t)l.addr[i]), (uint64_t)(l.addr[i] >> 64));
	number = emit_table_add(e->a, &f->pairs.table, hash, same_pair, &l, (uint32_t)f->pairs.n + 1);
	if (number > f->pairs.n)
		*vec_push(e->a, &f->pairs) = (struct emit_pair){ .addr = { dst, src }, .tuple = tuple };
	return &f->pairs.v[number - 1];
}

static void pair_append(struct emit *e, struct emit_family *f, struct emit_pair *p, uint32_t rule)
{
	*vec_push(e->a, &f->links) = (struct rule_link){ .rule = rule };
	if (p->last)
		f->links.v[p->last - 1].next = (uint32_t)f->links.n;
	else
		p->first = (uint32_t)f->links.n;
	p->last = (uint32_t)f->links.n;
	p->n++;
	p->hash = hash_u64(p->hash, rule);
}

/* ---- rules ---- */

static struct side side_make(struct emit *e, struct emit_family *f, const struct addr_set *set)
{
	struct side s = { .n = 1, .n_lens = 1 };

	if (set && !addr_set_is_all(set)) {
		s.set = set_find(e, f, set);
		s.n = s.set->n;
		s.n_lens = count_lens(e, s.set);
	}
	return s;
}

static void side_make_set(struct emit_family *f, struct side *s)
{
	set_make_selector(f, s->set);
	s->as_set = true;
	s->n = s->n_lens = 1;
}

/* Leaves no more pairs and tuples than 'most' allows. */
static void choose_sets(struct emit_family *f, struct side *dst, struct side *src, const struct expansion *most)
{
	while (dst->n > most->pairs / src->n)
		side_make_set(f, src->n > dst->n ? src : dst);
	while (dst->n_lens * src->n_lens > most->tuples)
		side_make_set(f, src->n_lens > dst->n_lens ? src : dst);
}

/* The keys of one side, with the selector of each. */
static const struct prefix *side_keys(struct emit *e, const struct side *s)
{
	return s->set && !s->as_set ? set_prefixes(e, s->set) : &any_prefix;
}

static struct selector side_selector(const struct side *s, const struct prefix *p)
{
	return (struct selector){ .set = s->as_set ? s->set : NULL, .len = p->len };
}

static void file_rule(struct emit *e, struct emit_family *f, const struct ir_rule *r, const struct expansion *most)
{
	struct side side[EMIT_SIDES];
	const struct prefix *keys[EMIT_SIDES];

	for (int i = 0; i < EMIT_SIDES; i++)
		side[i] = side_make(e, f, rule_addrs(r, f->family, i));
	choose_sets(f, &side[EMIT_DST], &side[EMIT_SRC], most);
	for (int i = 0; i < EMIT_SIDES; i++)
		keys[i] = side_keys(e, &side[i]);

	for (size_t i = 0; i < side[EMIT_DST].n; i++) {
		const struct prefix *dst = &keys[EMIT_DST][i];
		struct selector dst_selector = side_selector(&side[EMIT_DST], dst);

		for (size_t j = 0; j < side[EMIT_SRC].n; j++) {
			const struct prefix *src = &keys[EMIT_SRC][j];
			struct selector src_selector = side_selector(&side[EMIT_SRC], src);
			uint32_t tuple = tuple_find_or_add(e, f, &dst_selector, &src_selector, r->index);

			pair_append(e, f, pair_find_or_add(e, f, tuple, dst->addr, src->addr), r->index);
		}
	}
}

/* Stops behind a rule that needs too much. */
static void file_rules(struct emit *e, struct emit_family *f, const struct expansion *most)
{
	memset(&f->tuples, 0, sizeof(f->tuples));
	memset(&f->pairs, 0, sizeof(f->pairs));
	memset(&f->links, 0, sizeof(f->links));
	for (size_t i = 0; i < e->ir->n_rules && f->links.n <= MOST_LINKS; i++)
		if (rule_can_match(e->ir->rules[i], f->family))
			file_rule(e, f, e->ir->rules[i], most);
}

static bool files_fit(const struct emit_family *f)
{
	return f->tuples.n <= ZF_TUPLES && f->links.n <= MOST_LINKS;
}

static int report_misfit(struct emit *e, const struct emit_family *f)
{
	int family = f->family == ZF_IPV4 ? 4 : 6;

	if (f->tuples.n > ZF_TUPLES) {
		diag_error(e->d, DIAG_TOO_MANY_COMBINATIONS, e->ir->rules[f->tuples.v[ZF_TUPLES].rule]->span,
			   "more than %d combinations of destination and source prefix lengths or large sets in "
			   "the IPv%d rules (all of them need %zu)",
			   ZF_TUPLES, family, f->tuples.n);
		return diag_note(
			e->d, SPAN_NONE,
			"ranges of addresses are cut into prefixes of many lengths; one named set for rules with "
			"the same end needs one combination");
	}
	return diag_error(e->d, DIAG_TOO_MANY_COMBINATIONS, e->ir->rules[f->links.v[MOST_LINKS].rule]->span,
			  "more than %u combinations of destination and source prefixes in the IPv%d rules", MOST_LINKS,
			  family);
}

static int file_family(struct emit *e, struct emit_family *f)
{
	for (size_t i = 0; i < sizeof(expansions) / sizeof(expansions[0]); i++) {
		file_rules(e, f, &expansions[i]);
		if (files_fit(f))
			return 0;
	}
	file_rules(e, f, &expansions[0]);
	return report_misfit(e, f);
}

/* ---- numbers ---- */

static uint32_t fingerprint(const struct selector *s)
{
	return s->set ? s->set->fingerprint : 0;
}

static bool same_as_found(const struct emit_tuple *t, const struct zf_tuple *found)
{
	return t->side[EMIT_DST].len == found->dst_len && t->side[EMIT_SRC].len == found->src_len &&
	       fingerprint(&t->side[EMIT_DST]) == found->dst_set && fingerprint(&t->side[EMIT_SRC]) == found->src_set;
}

/* The same but for the members of a set? */
static bool like_found(const struct emit_tuple *t, const struct zf_tuple *found)
{
	return t->side[EMIT_DST].len == found->dst_len && t->side[EMIT_SRC].len == found->src_len &&
	       !!t->side[EMIT_DST].set == !!found->dst_set && !!t->side[EMIT_SRC].set == !!found->src_set;
}

/* Of the family alone, by number. */
static void read_found(const struct emit *e, const struct emit_family *f, struct zf_tuple *ret)
{
	const struct map_image *m = &e->found.image->maps[MAP_TUPLE];
	uint32_t first = f->family * ZF_TUPLES;

	for (size_t i = 0; i < m->n; i++) {
		uint32_t index;

		memcpy(&index, m->keys + i * sizeof(index), sizeof(index));
		if (index >= first && index - first < ZF_TUPLES)
			memcpy(&ret[index - first], m->values + i * sizeof(*ret), sizeof(*ret));
	}
}

typedef bool (*tuple_match)(const struct emit_tuple *t, const struct zf_tuple *found);

static bool any_number(const struct emit_tuple *t, const struct zf_tuple *found)
{
	(void)t, (void)found;
	return true;
}

static void number_tuples_by(struct emit_family *f, const struct zf_tuple *found, bool *taken, tuple_match match)
{
	for (size_t i = 0; i < f->tuples.n; i++) {
		struct emit_tuple *t = &f->tuples.v[i];

		for (uint32_t j = 0; t->number == NO_NUMBER && j < ZF_TUPLES; j++) {
			if (taken[j] || (match != any_number && found[j].max_label == 0) || !match(t, &found[j]))
				continue;
			t->number = j;
			taken[j] = true;
		}
	}
}

static void number_tuples(struct emit *e, struct emit_family *f)
{
	struct zf_tuple found[ZF_TUPLES] = { 0 };
	bool taken[ZF_TUPLES] = { false };

	read_found(e, f, found);
	number_tuples_by(f, found, taken, same_as_found);
	number_tuples_by(f, found, taken, like_found);
	number_tuples_by(f, found, taken, any_number);
}

/* ---- elements ---- */

/* A look-up in a large trie costs as much as several in PAIR4.  With so few
 * tuples it isn't worth it, unless class bits decide on this side.  The tries are
 * filled all the same: one tuple more is then one write of CONFIG. */
#define FEW_TUPLES 4

static bool is_trie_needed(const struct emit_family *f, enum emit_side side)
{
	for (size_t i = 0; i < f->tuples.n; i++)
		if (f->tuples.v[i].side[side].set)
			return true;
	return f->tuples.n > FEW_TUPLES;
}

static void config_side(struct emit *e, const struct emit_family *f, enum emit_side side)
{
	struct zf_config *c = &e->config;
	__u64 *any = side == EMIT_DST ? c->any_dst[f->family] : c->any_src[f->family];
	bool needed = is_trie_needed(f, side);
	bool has_elements = false;

	for (size_t i = 0; i < f->tuples.n; i++) {
		const struct emit_tuple *t = &f->tuples.v[i];
		bool takes_any = !t->side[side].set && t->side[side].len == 0;

		has_elements = has_elements || !takes_any;
		if (takes_any || !needed)
			any[t->number / 64] |= 1ull << t->number % 64;
		if (c->words[f->family] < t->number / 64 + 1)
			c->words[f->family] = t->number / 64 + 1;
	}
	if (needed && has_elements)
		c->flags[f->family] |= side == EMIT_DST ? ZF_HAS_DST : ZF_HAS_SRC;
}

static void tuples_finish(struct emit *e)
{
	struct elements elements = elements_of(MAP_TUPLE, e->a);

	for (int i = 0; i < ZF_FAMILIES; i++) {
		for (int side = 0; side < EMIT_SIDES; side++)
			config_side(e, &e->families[i], side);
		for (size_t j = 0; j < e->families[i].tuples.n; j++) {
			const struct emit_tuple *t = &e->families[i].tuples.v[j];
			uint32_t index = i * ZF_TUPLES + t->number;
			struct zf_tuple v = {
				.min_label = t->min_label,
				.max_label = t->max_label,
				.dst_len = (__u8)t->side[EMIT_DST].len,
				.src_len = (__u8)t->side[EMIT_SRC].len,
				.dst_set = fingerprint(&t->side[EMIT_DST]),
				.src_set = fingerprint(&t->side[EMIT_SRC]),
			};

			elements_add(&elements, &index, &v, t->rule);
		}
	}
	elements_finish(&elements, &e->ret->maps[MAP_TUPLE]);
	e->ret->maps[MAP_TUPLE].capacity = ZF_FAMILIES * ZF_TUPLES;
}

int emit_tuples(struct emit *e)
{
	int r = 0;

	for (int i = 0; i < ZF_FAMILIES; i++) {
		struct emit_family *f = &e->families[i];

		f->family = i;
		f->width = i == ZF_IPV4 ? 32 : 128;
		if (file_family(e, f) < 0)
			r = -1;
		else
			number_tuples(e, f);
	}
	if (r == 0)
		tuples_finish(e);
	return r;
}
