/* SPDX-License-Identifier: GPL-2.0-only */
/* cover.c - rules by what they match.
 *
 * Each rule lies under a key, made of a short prefix of its destinations, one of
 * its sources, its protocol, its port and its interface; a rule of many values
 * has the prefix that is common to them, which may be empty.  The lengths of the
 * prefixes make the shape of the key, and there are few different shapes.  A
 * packet's rules are below the keys of its own values cut to each shape.
 *
 * A later rule is covered only if some packet of it is matched by an earlier
 * rule.  So one of its packets is looked up; most rules are done with then. */
#include <compiler/cover.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/box.h>
#include <compiler/hash.h>

#define MAX_SHAPES     48
#define MAX_TRIES      16      /* rules looked at below one key */
#define MAX_NEIGHBOURS 128     /* rules tried for a union: the last ones added */
#define ALL_LOOKUPS    4000000 /* of keys, for all rules */
#define ALL_WORK       1000000 /* of unions, about in ranges */

/* Kinds of frame whose rules lie under keys of their own. */
enum family { FAMILY_V4, FAMILY_V6, FAMILY_OTHER, FAMILIES };

/* How much of each value is part of the key. */
struct shape {
	uint8_t family, dst, src, proto, port, interface;
};

/* A packet, or the values that are common to those of a rule. */
struct values {
	struct shape shape;
	u128 dst, src;
	uint16_t proto, port;
	uint32_t interface;
};

struct entry {
	const struct ir_rule *rule;
	uint32_t slot, next; /* next + 1 of the entry before it under its key */
};

struct cover {
	struct arena *a;
	struct shape shapes[MAX_SHAPES];
	size_t n_shapes;
	struct slot {
		uint64_t key;
		uint32_t last; /* entry + 1 */
	} * slots;
	size_t n_slots, size; /* used; a power of two */
	struct {
		struct entry *v; /* a rule of several families has several */
		size_t n, cap;
	} entries;
	long lookups, work;
};

struct cover *cover_new(struct arena *a)
{
	struct cover *c = arena_make(a, struct cover);

	c->a = a;
	c->lookups = ALL_LOOKUPS;
	c->work = ALL_WORK;
	return c;
}

/* ---- values of a rule ---- */

static unsigned int common_length(u128 lo, u128 hi, unsigned int width)
{
	u128 differs = lo ^ hi;
	unsigned int bits = 0;

	for (; differs >> 32; differs >>= 32)
		bits += 32;
	return width - bits - (differs ? 32 - (unsigned int)__builtin_clz((uint32_t)differs) : 0);
}

/* Few different lengths make few shapes. */
static uint8_t rounded(unsigned int len, unsigned int width)
{
	return (uint8_t)(width == 32 ? len & ~7u : len == 128 ? 128 : len >= 64 ? 64 : len >= 32 ? 32 : 0);
}

static void put_address(const struct addr_set *s, unsigned int width, u128 *addr, uint8_t *len)
{
	*addr = s && s->n ? s->v[0].lo : 0;
	*len = s && s->n ? rounded(common_length(s->v[0].lo, s->v[s->n - 1].hi, width), width) : 0;
}

static void put_number(const struct ir_ranges *r, uint16_t *number, uint8_t *len)
{
	*number = r->n ? r->v[0].lo : 0;
	*len = r->n == 1 && r->v[0].lo == r->v[0].hi;
}

static struct values values_of(const struct ir_rule *r, enum family f)
{
	struct values v = { .shape.family = (uint8_t)f };

	v.interface = r->interfaces->n ? r->interfaces->v[0] : 0;
	v.shape.interface = r->interfaces->n == 1;
	if (f == FAMILY_OTHER)
		return v;
	put_address(f == FAMILY_V4 ? r->dst4 : r->dst6, f == FAMILY_V4 ? 32 : 128, &v.dst, &v.shape.dst);
	put_address(f == FAMILY_V4 ? r->src4 : r->src6, f == FAMILY_V4 ? 32 : 128, &v.src, &v.shape.src);
	put_number(&r->protos, &v.proto, &v.shape.proto);
	if (r->need_l4)
		put_number(&r->dports, &v.port, &v.shape.port);
	return v;
}

static unsigned int families_of(const struct ir_rule *r)
{
	return (r->families & IR_V4 ? 1u << FAMILY_V4 : 0) | (r->families & IR_V6 ? 1u << FAMILY_V6 : 0) |
	       (r->families & ~(IR_V4 | IR_V6) ? 1u << FAMILY_OTHER : 0);
}

/* ---- keys ---- */

static u128 cut(u128 addr, unsigned int len, unsigned int width)
{
	return len ? addr >> (width - len) : 0;
}

/* Different keys may be equal: then rules are tried in vain. */
static uint64_t key_of(const struct values *v, const struct shape *s)
{
	unsigned int width = s->family == FAMILY_V4 ? 32 : 128;
	u128 dst = cut(v->dst, s->dst, width), src = cut(v->src, s->src, width);
	uint64_t h, small = (uint64_t)(s->proto ? v->proto : 0) << 48 | (uint64_t)(s->port ? v->port : 0) << 32 |
			    (s->interface ? v->interface : 0);

	h = hash_u64((uint64_t)s->family << 40 | (uint64_t)s->dst << 32 | (uint64_t)s->src << 24 |
			     (uint64_t)(s->proto << 16 | s->port << 8 | s->interface),
		     small);
	h = hash_u64(h, (uint64_t)dst);
	h = hash_u64(h, (uint64_t)src);
	if (width == 128)
		h = hash_u64(hash_u64(h, (uint64_t)(dst >> 64)), (uint64_t)(src >> 64));
	return h ? h : 1;
}

/* ---- slots ---- */

static struct slot *slot_at(const struct cover *c, uint64_t key)
{
	size_t i = key & (c->size - 1);

	while (c->slots[i].key && c->slots[i].key != key)
		i = (i + 1) & (c->size - 1);
	return &c->slots[i];
}

static void grow(struct cover *c)
{
	struct cover old = *c;

	c->size = old.size ? 2 * old.size : 1024;
	c->slots = arena_make_array(c->a, c->size, struct slot);
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].key)
			*slot_at(c, old.slots[i].key) = old.slots[i];
	for (size_t i = 0; i < old.entries.n; i++) {
		struct entry *e = &c->entries.v[i];

		e->slot = (uint32_t)(slot_at(c, old.slots[e->slot].key) - c->slots);
	}
}

static bool same_shape(const struct shape *x, const struct shape *y)
{
	return !memcmp(x, y, sizeof(*x));
}

static bool know_shape(struct cover *c, const struct shape *s)
{
	for (size_t i = 0; i < c->n_shapes; i++)
		if (same_shape(&c->shapes[i], s))
			return true;
	if (c->n_shapes == MAX_SHAPES)
		return false;
	c->shapes[c->n_shapes++] = *s;
	return true;
}

static void add_as(struct cover *c, const struct ir_rule *r, enum family f)
{
	struct values v = values_of(r, f);
	uint64_t key = key_of(&v, &v.shape);
	struct slot *slot;

	if (!know_shape(c, &v.shape))
		return;
	if (2 * c->n_slots >= c->size)
		grow(c);
	slot = slot_at(c, key);
	c->n_slots += !slot->key;
	slot->key = key;
	*vec_push(c->a, &c->entries) = (struct entry){ r, (uint32_t)(slot - c->slots), slot->last };
	slot->last = (uint32_t)c->entries.n;
}

void cover_add(struct cover *c, const struct ir_rule *r)
{
	unsigned int families = families_of(r);

	for (unsigned int f = 0; f < FAMILIES; f++)
		if (families & 1u << f)
			add_as(c, r, (enum family)f);
}

void cover_forget_from(struct cover *c, uint32_t index)
{
	while (c->entries.n && c->entries.v[c->entries.n - 1].rule->index >= index) {
		const struct entry *e = &c->entries.v[--c->entries.n];

		c->slots[e->slot].last = e->next;
	}
}

/* ---- finding ---- */

/* Of the same family, and looking at nothing more than 'most' does. */
static bool fits(const struct shape *s, const struct shape *most)
{
	return s->family == most->family && s->dst <= most->dst && s->src <= most->src && s->proto <= most->proto &&
	       s->port <= most->port && s->interface <= most->interface;
}

/* What the rules below the keys of 'r' are to it. */
enum relation { STRANGERS, MEETING, CONTAINING };

/* Does 'e' lead past 'r' all that both match? */
static bool takes_all(const struct ir_rule *e, const struct ir_rule *r)
{
	return e->otherwise || box_conditions_follow(e, r);
}

static enum relation look_below(const struct cover *c, uint64_t key, const struct ir_rule *r, struct cover_found *ret)
{
	const struct slot *slot = slot_at(c, key);
	enum relation found = STRANGERS;
	uint32_t at = slot->key ? slot->last : 0;

	for (unsigned int tries = 0; at && tries < MAX_TRIES; tries++) {
		const struct entry *e = &c->entries.v[at - 1];

		at = e->next;
		if (!takes_all(e->rule, r))
			continue;
		if (box_contains(e->rule, r)) {
			ret->v[0] = e->rule;
			ret->n = 1;
			return CONTAINING;
		}
		if (found == STRANGERS && box_meets(e->rule, r))
			found = MEETING;
	}
	return found;
}

/* Looks at each rule that may match the packet which has the first value of 'r'
 * in each dimension. */
static enum relation look_up(struct cover *c, const struct ir_rule *r, struct cover_found *ret)
{
	unsigned int families = families_of(r);
	struct values v = values_of(r, (enum family)__builtin_ctz(families));
	const struct shape most = {
		v.shape.family, 128, 128, v.shape.proto || r->protos.n, r->need_l4 && r->dports.n, 1
	};
	enum relation found = STRANGERS;

	for (size_t i = 0; i < c->n_shapes && c->lookups > 0; i++) {
		enum relation now;

		if (!fits(&c->shapes[i], &most))
			continue;
		c->lookups--;
		now = look_below(c, key_of(&v, &c->shapes[i]), r, ret);
		if (now == CONTAINING)
			return now;
		found = now > found ? now : found;
	}
	return found;
}

/* All of the last rules together. */
static void find_union(struct cover *c, const struct ir_rule *r, struct cover_found *ret)
{
	struct arena *scratch = arena_new();
	struct box_rest *rest = box_rest_new(r, scratch);
	const struct ir_rule *last = NULL;
	bool taken, fine = true;

	ret->n = 0;
	for (size_t i = c->entries.n, tries = 0; i-- > 0 && tries < MAX_NEIGHBOURS && fine; tries++) {
		const struct ir_rule *other = c->entries.v[i].rule;

		c->work--;
		if (other == last || !takes_all(other, r) || !box_meets(other, r))
			continue;
		last = other;
		fine = box_rest_take(rest, other, &taken, &c->work) && ret->n < COVER_MAX;
		if (fine && taken)
			ret->v[ret->n++] = other;
		if (fine && box_rest_is_empty(rest))
			break;
	}
	if (!fine || !box_rest_is_empty(rest))
		ret->n = 0;
	arena_free(&scratch);
}

void cover_find(struct cover *c, const struct ir_rule *r, struct cover_found *ret)
{
	ret->n = 0;
	if (!c->size || !families_of(r))
		return;
	if (look_up(c, r, ret) == MEETING && c->work > 0)
		find_union(c, r, ret);
}
