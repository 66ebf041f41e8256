/* SPDX-License-Identifier: GPL-2.0-only */
/* image.c - the table of maps, and the difference of two images. */
#include <compiler/image.h>

#include <linux/bpf.h>
#include <string.h>

#include <compiler/base/arena.h>

#define IS_ARRAY(type) ((type) == BPF_MAP_TYPE_ARRAY || (type) == BPF_MAP_TYPE_PERCPU_ARRAY)

const struct map_desc map_descs[MAP_COUNT] = {
/* clang-format off */
#define MAP(id, map_type, key, value, map_flags, map_scope, text)                                                      \
	[MAP_##id] = {                                                                                                 \
		.name = #id, .type = #map_type, .type_nr = BPF_MAP_TYPE_##map_type, .key_size = sizeof(key),           \
		.value_size = sizeof(value), .flags = (map_flags), .scope = SCOPE_##map_scope,                         \
		.is_array = IS_ARRAY(BPF_MAP_TYPE_##map_type), .doc = (text),                                          \
	},
#include <bpf/maps.def>
#undef MAP
	/* clang-format on */
};

#define SMALLEST_CAPACITY 64

uint32_t image_suggest_capacity(enum map_id map, uint32_t need)
{
	uint64_t room = (uint64_t)need + need / 4 + 16, capacity = SMALLEST_CAPACITY;

	/* Their size doesn't depend on the number of rules. */
	if (map == MAP_CONFIG || map == MAP_TUPLE || map == MAP_FLOW || map == MAP_LOG)
		return need;
	while (capacity < room)
		capacity *= 2;
	return capacity > UINT32_MAX ? need : (uint32_t)capacity;
}

int map_key_compare(const struct map_desc *m, const void *x, const void *y)
{
	uint32_t i, j;

	if (!m->is_array)
		return memcmp(x, y, m->key_size);
	memcpy(&i, x, sizeof(i));
	memcpy(&j, y, sizeof(j));
	return i < j ? -1 : i > j;
}

/* A walk along both images.  'order' is that of the next keys: below zero when
 * the next one is only in 'found', above when it is only in 'wanted'. */
struct walk {
	const struct map_desc *desc;
	const struct map_image *found, *wanted;
	size_t i, j;
};

static int walk_order(const struct walk *w)
{
	if (w->i == w->found->n)
		return 1;
	if (w->j == w->wanted->n)
		return -1;
	return map_key_compare(w->desc, w->found->keys + w->i * w->desc->key_size,
			       w->wanted->keys + w->j * w->desc->key_size);
}

/* Moves both sides past the next key.  False when nothing has to be done for it. */
static bool walk_step(struct walk *w, struct change *c)
{
	const struct map_desc *m = w->desc;
	int order = walk_order(w);

	if (order <= 0) {
		c->kind = CHANGE_DELETE;
		c->key = w->found->keys + w->i * m->key_size;
		c->old = w->found->values + w->i * m->value_size;
		w->i++;
	}
	if (order >= 0) {
		c->kind = order == 0 ? CHANGE_SET : CHANGE_ADD;
		c->key = w->wanted->keys + w->j * m->key_size;
		c->value = w->wanted->values + w->j * m->value_size;
		c->origin = w->wanted->origins ? w->wanted->origins[w->j] : ORIGIN_NONE;
		w->j++;
	}
	switch (c->kind) {
	case CHANGE_ADD:
		return true;
	case CHANGE_SET:
		return memcmp(c->old, c->value, m->value_size) != 0;
	case CHANGE_DELETE:
		return m->scope != SCOPE_SHARED;
	}
	return false;
}

int map_diff(enum map_id map, const struct map_image *found, const struct map_image *wanted, change_fn fn, void *ctx)
{
	struct walk w = { .desc = &map_descs[map], .found = found, .wanted = wanted };
	int r;

	while (w.i < found->n || w.j < wanted->n) {
		struct change c = { .map = map, .origin = ORIGIN_NONE };

		if (!walk_step(&w, &c))
			continue;
		r = fn(&c, ctx);
		if (r)
			return r;
	}
	return 0;
}

int image_diff(const struct image *found, const struct image *wanted, change_fn fn, void *ctx)
{
	int r;

	for (int i = 0; i < MAP_COUNT; i++) {
		r = map_diff(i, &found->maps[i], &wanted->maps[i], fn, ctx);
		if (r)
			return r;
	}
	return 0;
}
