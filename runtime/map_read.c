/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <compiler/base/arena.h>
#include <runtime/map_read.h>
#include <runtime/owned.h>

#define BATCH 8192

/* ENOTSUPP, which the kernel lets out though it isn't in errno.h. */
#define NOT_SUPPORTED 524

/* ---- arrays ---- */

static bool is_zero(const uint8_t *v, size_t size)
{
	return !v[0] && !memcmp(v, v + 1, size - 1);
}

static void take_array(const struct map_desc *d, const uint8_t *v, size_t stride, uint32_t capacity, struct arena *a,
		       struct map_image *ret)
{
	uint32_t i, *keys;
	size_t n = 0;

	for (i = 0; i < capacity; i++)
		n += !is_zero(v + i * stride, d->value_size);
	keys = arena_make_array(a, n, uint32_t);
	ret->values = arena_array(a, n, d->value_size);
	for (i = 0; i < capacity; i++) {
		if (is_zero(v + i * stride, d->value_size))
			continue;
		if (ret->n == n) /* written to meanwhile */
			break;
		memcpy(ret->values + ret->n * d->value_size, v + i * stride, d->value_size);
		keys[ret->n++] = i;
	}
	ret->keys = (uint8_t *)keys;
}

static int read_mapped(const struct map_desc *d, int fd, uint32_t capacity, struct arena *a, struct map_image *ret)
{
	size_t stride = (d->value_size + 7) & ~7ul;
	size_t page = sysconf(_SC_PAGESIZE);
	size_t size = (stride * capacity + page - 1) & ~(page - 1);
	void *v = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);

	if (v == MAP_FAILED)
		return -errno;
	take_array(d, v, stride, capacity, a, ret);
	munmap(v, size);
	return 0;
}

static int read_array(const struct map_desc *d, int fd, uint32_t capacity, struct arena *a, struct map_image *ret)
{
	_free_ uint8_t *v = calloc(capacity, d->value_size);
	uint32_t i;
	int r;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < capacity; i++) {
		r = bpf_map_lookup_elem(fd, &i, v + (size_t)i * d->value_size);
		if (r)
			return r;
	}
	take_array(d, v, d->value_size, capacity, a, ret);
	return 0;
}

/* ---- maps with keys ---- */

/* Elements as they come, key and value side by side so that they sort together. */
struct found {
	const struct map_desc *desc;
	uint8_t *v;
	size_t n, cap, stride;
};

static int found_room(struct found *f, size_t more)
{
	size_t cap = f->cap ? f->cap : 256;
	uint8_t *v;

	while (cap < f->n + more)
		cap *= 2;
	if (cap == f->cap)
		return 0;
	v = realloc(f->v, cap * f->stride);
	if (!v)
		return -ENOMEM;
	f->v = v;
	f->cap = cap;
	return 0;
}

static int found_add(struct found *f, const uint8_t *keys, const uint8_t *values, size_t n)
{
	size_t ks = f->desc->key_size, vs = f->desc->value_size, i;
	int r = found_room(f, n);

	for (i = 0; !r && i < n; i++, f->n++) {
		memcpy(f->v + f->n * f->stride, keys + i * ks, ks);
		memcpy(f->v + f->n * f->stride + ks, values + i * vs, vs);
	}
	return r;
}

static int read_batches(int fd, struct found *f, size_t *batch)
{
	_free_ uint8_t *keys = calloc(*batch, f->desc->key_size), *values = calloc(*batch, f->desc->value_size);
	/* What the kernel keeps its place in: a bucket number or a key. */
	_Alignas(8) uint8_t place[64];
	bool first = true;
	int r, e;

	if (!keys || !values)
		return -ENOMEM;
	do {
		uint32_t n = *batch;

		r = bpf_map_lookup_batch(fd, first ? NULL : place, place, keys, values, &n, NULL);
		if (r && r != -ENOENT)
			return r;
		first = false;
		e = found_add(f, keys, values, n);
		if (e)
			return e;
	} while (!r);
	return 0;
}

static int read_singly(int fd, struct found *f)
{
	_Alignas(8) uint8_t key[64], value[256];
	bool first = true;
	int r = 0;

	while (!bpf_map_get_next_key(fd, first ? NULL : key, key)) {
		first = false;
		if (bpf_map_lookup_elem(fd, key, value))
			continue;
		r = found_add(f, key, value, 1);
		if (r)
			return r;
	}
	return errno == ENOENT ? 0 : -errno;
}

static int read_elements(int fd, uint32_t capacity, struct found *f)
{
	size_t batch = capacity < BATCH ? capacity + 1 : BATCH;
	int r;

	do {
		f->n = 0;
		r = read_batches(fd, f, &batch);
		batch *= 4; /* ENOSPC: a bucket of the hash doesn't fit in */
	} while (r == -ENOSPC && batch < 1u << 24);
	if (r != -EINVAL && r != -NOT_SUPPORTED && r != -EOPNOTSUPP)
		return r;
	f->n = 0;
	return read_singly(fd, f);
}

static int by_key(const void *x, const void *y, void *size)
{
	return memcmp(x, y, *(const size_t *)size);
}

/* Batches of a hash that is being changed, and kernels that begin a batch at the
 * key they ended the last one with, may give a key twice. */
static void take_sorted(struct found *f, struct arena *a, struct map_image *ret)
{
	size_t ks = f->desc->key_size, vs = f->desc->value_size, i;

	if (f->n)
		qsort_r(f->v, f->n, f->stride, by_key, &ks);
	ret->keys = arena_array(a, f->n, ks);
	ret->values = arena_array(a, f->n, vs);
	for (i = 0; i < f->n; i++) {
		const uint8_t *e = f->v + i * f->stride;

		if (ret->n && !memcmp(ret->keys + (ret->n - 1) * ks, e, ks))
			continue;
		memcpy(ret->keys + ret->n * ks, e, ks);
		memcpy(ret->values + ret->n * vs, e + ks, vs);
		ret->n++;
	}
}

static int read_keyed(const struct map_desc *d, int fd, uint32_t capacity, struct arena *a, struct map_image *ret)
{
	struct found f = { .desc = d, .stride = d->key_size + d->value_size };
	int r = read_elements(fd, capacity, &f);

	if (!r)
		take_sorted(&f, a, ret);
	free(f.v);
	return r;
}

/* ---- both ---- */

int map_read(enum map_id id, int fd, uint32_t capacity, struct arena *a, struct map_image *ret)
{
	const struct map_desc *d = &map_descs[id];
	struct map_image image = { .capacity = capacity };
	int r;

	if (!d->is_array)
		r = read_keyed(d, fd, capacity, a, &image);
	else if (d->flags & BPF_F_MMAPABLE)
		r = read_mapped(d, fd, capacity, a, &image);
	else
		r = read_array(d, fd, capacity, a, &image);
	if (!r)
		*ret = image;
	return r;
}

int map_count(enum map_id id, int fd, uint32_t capacity, uint32_t *ret)
{
	struct arena *a = arena_new();
	struct map_image image;
	int r = map_read(id, fd, capacity, a, &image);

	if (!r)
		*ret = image.n;
	arena_free(&a);
	return r;
}
