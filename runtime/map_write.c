/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <runtime/map_write.h>
#include <runtime/trouble.h>

#define BATCH 4096
#define FEW   4 /* not worth a batch */

#define PATIENCE 200000000 /* ns that the last pause may be long; all together are twice as long */

enum pass { DELETES, SETS };

struct writer {
	enum map_id id;
	const struct map_desc *desc;
	int fd;
	uint32_t capacity;
	enum pass pass;
	uint8_t *keys, *values;
	uint32_t *origins;
	size_t n;
	struct live_stats *stats;
	struct trouble *t;
};

/* ---- refusals ---- */

static bool is_full(int r)
{
	return r == -E2BIG || r == -ENOSPC;
}

static int refused(const struct writer *w, size_t i, int r)
{
	struct arena *a = arena_new();
	struct buf text = { .arena = a };

	element_print(w->id, w->keys + i * w->desc->key_size, w->values + i * w->desc->value_size, &text);
	if (is_full(r))
		trouble(w->t, r,
			"map %s is full (%u elements), there is no room for %.160s; make the rules fewer, or 'zfwc detach' and "
			"apply again to have the maps made anew",
			w->desc->name, w->capacity, text.text);
	else
		trouble(w->t, r, "map %s: can't %s %.160s: %s", w->desc->name, w->pass == DELETES ? "delete" : "set",
			text.text, errno_words(r));
	w->t->origin = w->origins[i];
	arena_free(&a);
	return r;
}

/* ---- writing ---- */

static int try_one(const struct writer *w, size_t i)
{
	const uint8_t *key = w->keys + i * w->desc->key_size;
	int r;

	if (w->pass == SETS || w->desc->is_array)
		return bpf_map_update_elem(w->fd, key, w->values + i * w->desc->value_size, BPF_ANY);
	r = bpf_map_delete_elem(w->fd, key);
	return r == -ENOENT ? 0 : r;
}

/* A trie takes its elements from a cache that the kernel fills in the
 * background (kernel/bpf/memalloc.c), so it may lack memory for a moment. */
static int write_one(const struct writer *w, size_t i)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	int r = try_one(w, i);

	for (; r == -ENOMEM && pause.tv_nsec < PATIENCE; pause.tv_nsec *= 2) {
		nanosleep(&pause, NULL);
		r = try_one(w, i);
	}
	return r;
}

static int write_singly(const struct writer *w)
{
	size_t i;
	int r;

	for (i = 0; i < w->n; i++) {
		r = write_one(w, i);
		if (r)
			return refused(w, i, r);
	}
	return 0;
}

static int write_batch(const struct writer *w)
{
	uint32_t n = w->n;

	if (w->pass == SETS || w->desc->is_array)
		return bpf_map_update_batch(w->fd, w->keys, w->values, &n, NULL);
	return bpf_map_delete_batch(w->fd, w->keys, &n, NULL);
}

/* A batch that failed, or that the kernel doesn't know for this type of map, is
 * written again one by one: writing an element twice does no harm, and so the
 * one at fault is known. */
static int flush(struct writer *w)
{
	int r = 0;

	if (w->n <= FEW || write_batch(w))
		r = write_singly(w);
	if (r)
		return r;
	if (w->pass == SETS)
		w->stats->writes += w->n;
	else
		w->stats->deletes += w->n;
	w->n = 0;
	return 0;
}

static int on_change(const struct change *c, void *ctx)
{
	struct writer *w = ctx;
	const struct map_desc *d = w->desc;

	if ((c->kind == CHANGE_DELETE) != (w->pass == DELETES))
		return 0;
	memcpy(w->keys + w->n * d->key_size, c->key, d->key_size);
	if (c->value)
		memcpy(w->values + w->n * d->value_size, c->value, d->value_size);
	else /* of an array, deleting is setting to zero */
		memset(w->values + w->n * d->value_size, 0, d->value_size);
	w->origins[w->n++] = c->origin;
	return w->n < BATCH ? 0 : flush(w);
}

static int run(struct writer *w, const struct map_image *found, const struct map_image *wanted)
{
	int r = 0;

	for (w->pass = DELETES; !r && w->pass <= SETS; w->pass++) {
		r = map_diff(w->id, found, wanted, on_change, w);
		if (!r)
			r = flush(w);
	}
	return r;
}

int map_write(enum map_id id, int fd, uint32_t capacity, const struct map_image *found, const struct map_image *wanted,
	      struct live_stats *stats, struct trouble *t)
{
	const struct map_desc *d = &map_descs[id];
	struct writer w = { id, d, fd, capacity, DELETES, NULL, NULL, NULL, 0, stats, t };
	int r = -ENOMEM;

	w.keys = calloc(BATCH, d->key_size);
	w.values = calloc(BATCH, d->value_size);
	w.origins = calloc(BATCH, sizeof(*w.origins));
	if (w.keys && w.values && w.origins)
		r = run(&w, found, wanted);
	else
		trouble(t, r, "out of memory");
	free(w.keys);
	free(w.values);
	free(w.origins);
	return r;
}
