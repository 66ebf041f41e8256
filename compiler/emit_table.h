/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_table.h - a hash table of numbers, in an arena.
 *
 * It holds only numbers (from 1); what they stand for lies in an array of the
 * caller, who compares. */
#ifndef ZFWC_EMIT_TABLE_H
#define ZFWC_EMIT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct emit_table_slot {
	uint32_t hash;
	uint32_t number; /* 0: free */
};

struct emit_table {
	struct emit_table_slot *v;
	size_t size, n; /* size: a power of two, or 0 */
};

/* Does 'number' stand for what 'ctx' describes? */
typedef bool (*emit_table_same)(const void *ctx, uint32_t number);

/* The number of what 'ctx' describes, or 0. */
uint32_t emit_table_find(const struct emit_table *t, uint64_t hash, emit_table_same same, const void *ctx);
/* The same, but enters it as 'number' when it isn't there. */
uint32_t emit_table_add(struct arena *a, struct emit_table *t, uint64_t hash, emit_table_same same, const void *ctx,
			uint32_t number);

/* Room for 'n' in all, so that nothing has to grow. */
void emit_table_reserve(struct arena *a, struct emit_table *t, size_t n);

/* 'size' is a multiple of eight. */
uint64_t hash_words(const void *v, size_t size);

#endif
