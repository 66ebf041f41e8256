/* SPDX-License-Identifier: GPL-2.0-only */
/* addr_set.h - sets of addresses as sorted ranges.  Immutable once made, so
 * rules that use one named set share one object.
 *
 * Addresses are 128-bit numbers; an IPv4 address is its 32-bit value (not
 * mapped).  'width' is 32 or 128.  Lowering uses it for protocols and ports as
 * well, of width 8 and 16. */
#ifndef ZFWC_ADDR_SET_H
#define ZFWC_ADDR_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

typedef unsigned __int128 u128;

struct addr_range {
	u128 lo, hi; /* both included */
};

struct addr_set {
	unsigned int width;
	size_t n;		    /* 0: the empty set */
	const struct addr_range *v; /* sorted, disjoint, not adjacent */
	uint64_t hash;		    /* of width and ranges: equal sets have equal hashes */
};

/* A NULL pointer in an IR rule means "any address". */
const struct addr_set *addr_set_make(struct arena *a, unsigned int width, struct addr_range *v,
				     size_t n); /* sorts and merges; keeps v */
const struct addr_set *addr_set_complement(struct arena *a, const struct addr_set *s);
/* Returns one of its arguments when that is the result; NULL (any) is neutral. */
const struct addr_set *addr_set_intersect(struct arena *a, const struct addr_set *x, const struct addr_set *y);
bool addr_set_contains(const struct addr_set *s, u128 addr);
/* The first of the ranges, beginning with 'from', that doesn't end before 'addr'; n if there is none. */
size_t addr_set_first(const struct addr_set *s, size_t from, u128 addr);
bool addr_set_equal(const struct addr_set *x, const struct addr_set *y);
bool addr_set_is_all(const struct addr_set *s);

struct prefix {
	u128 addr; /* host bits zero */
	unsigned int len;
};
/* The unique smallest cover by disjoint prefixes, in address order; counts when v is NULL. */
size_t addr_set_prefixes(const struct addr_set *s, struct prefix *v);

u128 addr_from_bytes(const uint8_t *bytes, unsigned int width); /* network byte order */
void addr_to_bytes(u128 addr, unsigned int width, uint8_t *bytes);

#endif
