/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_numbers.h - by which numbers the maps know the counters of the live text. */
#ifndef ZFWC_CMD_NUMBERS_H
#define ZFWC_CMD_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct installed;

struct number {
	const void *owner; /* the rule, the counter with a name, or the element of a set */
	unsigned int nth;  /* of the counters of that rule, else 0 */
	uint32_t id;	   /* 0: no packet can reach it, so the maps don't have it */
};

struct numbers { /* sorted by owner and nth, unique */
	struct number *v;
	size_t n;
};

struct numbers numbers_of_counters(const struct installed *i, struct arena *a);
/* NULL: there is no such counter. */
const struct number *number_find(const struct numbers *numbers, const void *owner, unsigned int nth);

#endif
