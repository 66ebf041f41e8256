/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_elements.c - one map of an image, collected in any order. */
#include <compiler/emit_elements.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>

static size_t record_size(const struct map_desc *m)
{
	return m->key_size + m->value_size + sizeof(uint32_t);
}

static int compare_records(const void *x, const void *y, void *ctx)
{
	return map_key_compare(ctx, x, y);
}

struct elements elements_of(enum map_id map, struct arena *a)
{
	return (struct elements){ .map = map, .arena = a, .sorted = true };
}

void elements_reserve(struct elements *e, size_t n)
{
	e->records = arena_array(e->arena, n, record_size(&map_descs[e->map]));
	e->cap = n;
}

static bool is_zero(const uint8_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i])
			return false;
	return true;
}

void elements_add(struct elements *e, const void *key, const void *value, uint32_t origin)
{
	const struct map_desc *m = &map_descs[e->map];
	size_t size = record_size(m);
	uint8_t *record;

	if (m->is_array && is_zero(value, m->value_size))
		return;
	if (e->n == e->cap)
		e->records = vec_double(e->arena, e->records, size, &e->cap);
	record = e->records + e->n * size;
	memcpy(record, key, m->key_size);
	memcpy(record + m->key_size, value, m->value_size);
	memcpy(record + m->key_size + m->value_size, &origin, sizeof(origin));
	if (e->n && e->sorted)
		e->sorted = compare_records(record - size, record, (void *)m) < 0;
	e->n++;
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
	const struct map_desc *m = &map_descs[e->map];
	size_t size = record_size(m);

	*ret = (struct map_image){ 0 };
	if (!e->sorted)
		qsort_r(e->records, e->n, size, compare_records, (void *)m);
	ret->keys = arena_array(e->arena, e->n, m->key_size);
	ret->values = arena_array(e->arena, e->n, m->value_size);
	ret->origins = arena_make_array(e->arena, e->n, uint32_t);
	for (size_t i = 0; i < e->n; i++) {
		const uint8_t *record = e->records + i * size;

		if (i > 0 && memcmp(record - size, record, m->key_size) == 0)
			continue;
		memcpy(ret->keys + ret->n * m->key_size, record, m->key_size);
		memcpy(ret->values + ret->n * m->value_size, record + m->key_size, m->value_size);
		memcpy(&ret->origins[ret->n], record + m->key_size + m->value_size, sizeof(uint32_t));
		ret->n++;
	}
	ret->capacity = capacity_for(m, ret);
}
