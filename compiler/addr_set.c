/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/addr_set.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>

static u128 highest(unsigned int width)
{
	return width == 128 ? ~(u128)0 : ((u128)1 << width) - 1;
}

static uint64_t hash_ranges(unsigned int width, const struct addr_range *v, size_t n)
{
	uint64_t h = hash_u64(width, n);

	for (size_t i = 0; i < n; i++) {
		h = hash_u64(h, (uint64_t)v[i].lo);
		h = hash_u64(h, (uint64_t)v[i].hi);
		if (width == 128) {
			h = hash_u64(h, (uint64_t)(v[i].lo >> 64));
			h = hash_u64(h, (uint64_t)(v[i].hi >> 64));
		}
	}
	return h;
}

/* 'v' is sorted, disjoint and not adjacent. */
static const struct addr_set *set_new(struct arena *a, unsigned int width, const struct addr_range *v, size_t n)
{
	struct addr_set *s = arena_make(a, struct addr_set);

	*s = (struct addr_set){ .width = width, .n = n, .v = v, .hash = hash_ranges(width, v, n) };
	return s;
}

static int compare_ranges(const void *x, const void *y)
{
	const struct addr_range *p = x, *q = y;

	return p->lo < q->lo ? -1 : p->lo > q->lo;
}

static bool is_sorted(const struct addr_range *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (v[i].lo < v[i - 1].lo)
			return false;
	return true;
}

const struct addr_set *addr_set_make(struct arena *a, unsigned int width, struct addr_range *v, size_t n)
{
	size_t last = 0;

	if (!n)
		return set_new(a, width, v, 0);
	if (!is_sorted(v, n))
		qsort(v, n, sizeof(*v), compare_ranges);
	for (size_t i = 0; i < n; i++) {
		assert(v[i].lo <= v[i].hi && v[i].hi <= highest(width));
		if (i && (v[i].lo <= v[last].hi || v[i].lo - 1 == v[last].hi)) {
			if (v[i].hi > v[last].hi)
				v[last].hi = v[i].hi;
		} else if (i) {
			v[++last] = v[i];
		}
	}
	return set_new(a, width, v, last + 1);
}

const struct addr_set *addr_set_complement(struct arena *a, const struct addr_set *s)
{
	struct addr_range *v = arena_make_array(a, s->n + 1, struct addr_range);
	u128 next = 0; /* the lowest address that isn't dealt with yet */
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].lo > next)
			v[n++] = (struct addr_range){ next, s->v[i].lo - 1 };
		if (s->v[i].hi == highest(s->width))
			return set_new(a, s->width, v, n);
		next = s->v[i].hi + 1;
	}
	v[n++] = (struct addr_range){ next, highest(s->width) };
	return set_new(a, s->width, v, n);
}

size_t addr_set_first(const struct addr_set *s, size_t from, u128 addr)
{
	size_t lo = from, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->v[mid].hi < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Two sets can have at most this many common ranges. */
static size_t most_common(const struct addr_set *few, const struct addr_set *many)
{
	size_t n = 0;

	for (size_t i = 0, at = 0; i < few->n && at < many->n; i++) {
		size_t end;

		at = addr_set_first(many, at, few->v[i].lo);
		end = addr_set_first(many, at, few->v[i].hi);
		n += end - at + 1;
		at = end;
	}
	return n;
}

/* Of two that are one range each; makes nothing but what is new. */
static const struct addr_set *intersect_ranges(struct arena *a, const struct addr_set *x, const struct addr_set *y)
{
	const struct addr_range *p = x->v, *q = y->v;
	struct addr_range *v;

	if (p->lo >= q->lo && p->hi <= q->hi)
		return x;
	if (q->lo >= p->lo && q->hi <= p->hi)
		return y;
	if (p->lo > q->hi || q->lo > p->hi)
		return set_new(a, x->width, NULL, 0);
	v = arena_make(a, struct addr_range);
	*v = (struct addr_range){ p->lo > q->lo ? p->lo : q->lo, p->hi < q->hi ? p->hi : q->hi };
	return set_new(a, x->width, v, 1);
}

const struct addr_set *addr_set_intersect(struct arena *a, const struct addr_set *x, const struct addr_set *y)
{
	const struct addr_set *few, *many;
	struct addr_range *v;
	size_t n = 0;

	if (!x || !y || x == y)
		return x ? x : y;
	assert(x->width == y->width);
	if (x->n == 1 && y->n == 1)
		return intersect_ranges(a, x, y);
	few = x->n <= y->n ? x : y;
	many = few == x ? y : x;
	v = arena_make_array(a, most_common(few, many), struct addr_range);
	for (size_t i = 0, at = 0; i < few->n; i++) {
		at = addr_set_first(many, at, few->v[i].lo);
		for (; at < many->n && many->v[at].lo <= few->v[i].hi; at++) {
			v[n++] = (struct addr_range){
				few->v[i].lo > many->v[at].lo ? few->v[i].lo : many->v[at].lo,
				few->v[i].hi < many->v[at].hi ? few->v[i].hi : many->v[at].hi,
			};
			if (many->v[at].hi > few->v[i].hi)
				break; /* it may reach into the next one too */
		}
	}
	if (n == x->n && !memcmp(v, x->v, n * sizeof(*v)))
		return x;
	if (n == y->n && !memcmp(v, y->v, n * sizeof(*v)))
		return y;
	return set_new(a, x->width, v, n);
}

bool addr_set_contains(const struct addr_set *s, u128 addr)
{
	size_t i;

	if (!s)
		return true;
	i = addr_set_first(s, 0, addr);
	return i < s->n && s->v[i].lo <= addr;
}

bool addr_set_equal(const struct addr_set *x, const struct addr_set *y)
{
	if (!x || !y || x == y)
		return x == y;
	return x->width == y->width && x->n == y->n && x->hash == y->hash &&
	       (!x->n || !memcmp(x->v, y->v, x->n * sizeof(*x->v)));
}

bool addr_set_is_all(const struct addr_set *s)
{
	return !s || (s->n == 1 && !s->v[0].lo && s->v[0].hi == highest(s->width));
}

static unsigned int trailing_zeros(u128 x)
{
	if ((uint64_t)x)
		return __builtin_ctzll((uint64_t)x);
	return 64 + __builtin_ctzll((uint64_t)(x >> 64));
}

/* The largest block that begins at 'lo', is aligned and ends at or before 'hi', as its log2. */
static unsigned int block_bits(u128 lo, u128 hi, unsigned int width)
{
	unsigned int bits = lo ? trailing_zeros(lo) : width;

	while (bits && hi - lo < (bits == 128 ? ~(u128)0 : ((u128)1 << bits) - 1))
		bits--;
	return bits;
}

size_t addr_set_prefixes(const struct addr_set *s, struct prefix *v)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		u128 lo = s->v[i].lo, hi = s->v[i].hi;

		for (;;) {
			unsigned int bits = block_bits(lo, hi, s->width);
			u128 last = bits == 128 ? ~(u128)0 : lo + (((u128)1 << bits) - 1);

			if (v)
				v[n] = (struct prefix){ lo, s->width - bits };
			n++;
			if (last == hi)
				break;
			lo = last + 1;
		}
	}
	return n;
}

u128 addr_from_bytes(const uint8_t *bytes, unsigned int width)
{
	u128 addr = 0;

	for (unsigned int i = 0; i < width / 8; i++)
		addr = addr << 8 | bytes[i];
	return addr;
}

void addr_to_bytes(u128 addr, unsigned int width, uint8_t *bytes)
{
	for (unsigned int i = width / 8; i-- > 0; addr >>= 8)
		bytes[i] = (uint8_t)addr;
}
