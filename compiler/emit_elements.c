/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_elements.c - one map of an image, collected in any order. */
#include <compiler/emit_elements.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>

struct elements elements_of(enum map_id map, struct arena *a)
{
	return (struct elements){ .map = map, .arena = a, .sorted = true };
}

void elements_reserve(struct elements *e, size_t n)
{
	const struct map_desc *m = &map_descs[e->map];

	e->keys = arena_grow(e->arena, e->keys, e->cap * m->key_size, n * m->key_size);
	e->values = arena_grow(e->arena, e->values, e->cap * m->value_size, n * m->value_size);
	e->origins = arena_grow(e->arena, e->origins, e->cap * sizeof(uint32_t), n * sizeof(uint32_t));
	e->cap = n;
}

static bool is_zero(const uint8_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i])
			return false;
	return true;
}

static const uint8_t *key_at(const struct elements *e, size_t i)
{
	return e->keys + i * map_descs[e->map].key_size;
}

void elements_add(struct elements *e, const void *key, const void *value, uint32_t origin)
{
	const struct map_desc *m = &map_descs[e->map];

	if (m->is_array && is_zero(value, m->value_size))
		return;
	if (e->n == e->cap)
		elements_reserve(e, e->cap ? e->cap * 2 : 8);
	memcpy(e->keys + e->n * m->key_size, key, m->key_size);
	memcpy(e->values + e->n * m->value_size, value, m->value_size);
	e->origins[e->n] = origin;
	if (e->n && e->sorted)
		e->sorted = map_key_compare(m, key_at(e, e->n - 1), key_at(e, e->n)) < 0;
	e->n++;
}

/* Of equal keys, the one that came first is first. */
static int compare_elements(const void *x, const void *y, void *ctx)
{
	const struct elements *e = ctx;
	uint32_t i = *(const uint32_t *)x, j = *(const uint32_t *)y;
	int order = map_key_compare(&map_descs[e->map], key_at(e, i), key_at(e, j));

	return order ? order : i < j ? -1 : i > j;
}

static void sort_elements(struct elements *e)
{
	const struct map_desc *m = &map_descs[e->map];
	struct elements sorted = elements_of(e->map, e->arena);
	uint32_t *order = arena_make_array(e->arena, e->n, uint32_t);

	for (size_t i = 0; i < e->n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, e->n, sizeof(*order), compare_elements, e);
	elements_reserve(&sorted, e->n);
	for (size_t i = 0; i < e->n; i++) {
		const uint8_t *key = key_at(e, order[i]);

		if (i == 0 || memcmp(key_at(&sorted, sorted.n - 1), key, m->key_size) != 0)
			elements_add(&sorted, key, e->values + order[i] * m->value_size, e->origins[order[i]]);
	}
	*e = sorted;
}

static uint32_t capacity_for(const struct map_desc *m, const struct map_image *image)
{
	uint32_t last = 0;

	if (!m->is_array)
		return image->n ? (uint32_t)image->n : 1;
	if (image->n)
		memcpy(&last, image->keys + (image->n - 1) * m->key_size, sizeof(last));
	return last + 1;
}

void elements_finish(struct elements *e, struct map_image *ret)
{
	if (!e->sorted)
		sort_elements(e);
	*ret = (struct map_image){ .n = e->n, .keys = e->keys, .values = e->values, .origins = e->origins };
	ret->capacity = capacity_for(&map_descs[e->map], ret);
}
