/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/json_index.h>

#include <stdint.h>
#include <string.h>

#include <compiler/base/arena.h>

static uint32_t hash(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h ^ h >> 15;
}

/* The slot that holds the name, or the free one where it belongs. */
static struct json_index_slot *slot_of(const struct json_index *x, const char *name)
{
	size_t i = hash(name) & (x->n_slots - 1);

	while (x->slots[i].name && strcmp(x->slots[i].name, name) != 0)
		i = (i + 1) & (x->n_slots - 1);
	return &x->slots[i];
}

void *json_index_find(const struct json_index *x, const char *name)
{
	return x->n_slots ? slot_of(x, name)->thing : NULL;
}

static void grow(struct json_index *x, struct arena *a)
{
	struct json_index old = *x;

	x->n_slots = old.n_slots ? 2 * old.n_slots : 16;
	x->slots = arena_make_array(a, x->n_slots, struct json_index_slot);
	for (size_t i = 0; i < old.n_slots; i++)
		if (old.slots[i].name)
			*slot_of(x, old.slots[i].name) = old.slots[i];
}

void json_index_add(struct json_index *x, struct arena *a, const char *name, void *thing)
{
	if (2 * (x->n + 1) > x->n_slots)
		grow(x, a);
	*slot_of(x, name) = (struct json_index_slot){ name, thing };
	x->n++;
}
