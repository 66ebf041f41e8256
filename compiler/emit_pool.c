/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_pool.c - the elements of a shared array, each content once.
 *
 * Elements that the image found refers to are never written: one with the wanted
 * content is used as it is, and new contents go to free numbers.  Since what an
 * element refers to is numbered before the element itself, an unchanged list or
 * trie is found again from its end to its beginning. */
#include <compiler/emit.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/emit_elements.h>

static const uint8_t *value_of(const struct pool *p, size_t i)
{
	return p->values + i * p->size;
}

struct lookup {
	const struct pool *pool;
	const void *value;
};

static bool same_value(const void *ctx, uint32_t number)
{
	const struct lookup *l = ctx;

	return memcmp(value_of(l->pool, number - 1), l->value, l->pool->size) == 0;
}

static void add_known(struct pool *p, const void *value)
{
	if (p->known.n == p->values_cap)
		p->values = vec_double(p->arena, p->values, p->size, &p->values_cap);
	memcpy(p->values + p->known.n * p->size, value, p->size);
	*vec_push(p->arena, &p->known) = (struct pool_element){ .origin = ORIGIN_NONE };
}

/* Index in known; a new one is added without an id. */
static size_t known_index(struct pool *p, const void *value)
{
	struct lookup l = { p, value };
	uint32_t number = emit_table_add(p->arena, &p->table, hash_words(value, p->size), same_value, &l,
					 (uint32_t)p->known.n + 1);

	if (number > p->known.n)
		add_known(p, value);
	return number - 1;
}

void pool_init(struct emit *e, enum map_id map, const struct found_array *found, struct pool *ret)
{
	*ret = (struct pool){
		.arena = e->a,
		.map = map,
		.size = map_descs[map].value_size,
		.numbers = { .used = found->used, .n = found->n },
	};
	for (uint32_t id = 1; id < found->n; id++) {
		size_t i;

		if (!found->used[id])
			continue;
		i = known_index(ret, found_get(found, id));
		if (!ret->known.v[i].id)
			ret->known.v[i].id = id;
	}
}

uint32_t pool_intern(struct pool *p, const void *value, uint32_t origin)
{
	size_t i = known_index(p, value); /* which may move them */
	struct pool_element *known = &p->known.v[i];

	if (!known->id)
		known->id = free_numbers_take(&p->numbers);
	if (!known->wanted) {
		known->wanted = true;
		known->origin = origin;
		p->n_wanted++;
	}
	return known->id;
}

void pool_finish(struct pool *p, struct map_image *ret)
{
	struct elements elements = elements_of(p->map, p->arena);

	for (size_t i = 0; i < p->known.n; i++) {
		const struct pool_element *known = &p->known.v[i];

		if (known->wanted)
			elements_add(&elements, &known->id, value_of(p, i), known->origin);
	}
	elements_finish(&elements, ret);
}
