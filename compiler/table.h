/* SPDX-License-Identifier: GPL-2.0-only */
/* table.h - from a number or a word to a pointer, in an arena. */
#ifndef ZFWC_TABLE_H
#define ZFWC_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct table_slot {
	uint64_t key; /* the number, or the word's hash */
	const char *word;
	void *value; /* NULL: not in use */
};

/* All zero but 'arena' is an empty table. */
struct table {
	struct arena *arena;
	struct table_slot *v;
	size_t n, size;
};

/* Room for 'n' in all, so that nothing has to grow. */
void table_reserve(struct table *t, size_t n);
/* The place of the value for a key, made when it isn't there yet (then it holds
 * NULL, and must be set before the next call).  Good until the next call. */
void **table_at(struct table *t, uint64_t key);
void **table_at_word(struct table *t, const char *word);
/* NULL when there is none. */
void *table_get(const struct table *t, uint64_t key);
void *table_get_word(const struct table *t, const char *word);

#endif
