/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_table.c - a hash table of numbers, in an arena. */
#include <compiler/emit_table.h>

#include <assert.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>

#define SMALLEST_TABLE 64

/* The slot of what 'ctx' describes, or the free one where it belongs. */
static struct emit_table_slot *find_slot(const struct emit_table *t, uint32_t hash, emit_table_same same,
					 const void *ctx)
{
	size_t i = hash & (t->size - 1);

	while (t->v[i].number && !(t->v[i].hash == hash && same(ctx, t->v[i].number)))
		i = (i + 1) & (t->size - 1);
	return &t->v[i];
}

static void table_resize(struct arena *a, struct emit_table *t, size_t size)
{
	struct emit_table old = *t;

	t->size = size;
	t->v = arena_make_array(a, t->size, struct emit_table_slot);
	for (size_t j = 0; j < old.size; j++) {
		size_t i = old.v[j].hash & (t->size - 1);

		if (!old.v[j].number)
			continue;
		while (t->v[i].number)
			i = (i + 1) & (t->size - 1);
		t->v[i] = old.v[j];
	}
}

void emit_table_reserve(struct arena *a, struct emit_table *t, size_t n)
{
	size_t size = SMALLEST_TABLE;

	while (size < n * 2)
		size *= 2;
	if (size > t->size)
		table_resize(a, t, size);
}

static uint32_t fold(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

uint32_t emit_table_find(const struct emit_table *t, uint64_t hash, emit_table_same same, const void *ctx)
{
	return t->size ? find_slot(t, fold(hash), same, ctx)->number : 0;
}

uint32_t emit_table_add(struct arena *a, struct emit_table *t, uint64_t hash, emit_table_same same, const void *ctx,
			uint32_t number)
{
	struct emit_table_slot *slot;

	assert(number != 0);
	if (t->n * 2 >= t->size)
		emit_table_reserve(a, t, t->n + 1);
	slot = find_slot(t, fold(hash), same, ctx);
	if (!slot->number) {
		*slot = (struct emit_table_slot){ .hash = fold(hash), .number = number };
		t->n++;
	}
	return slot->number;
}

uint64_t hash_words(const void *v, size_t size)
{
	const uint8_t *bytes = v;
	uint64_t hash = size;

	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, bytes + i, sizeof(word));
		hash = hash_u64(hash, word);
	}
	return hash;
}
