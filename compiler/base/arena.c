/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/base/arena.h>

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK_MIN ((size_t)64 << 10)
#define CHUNK_MAX ((size_t)4 << 20)
#define ALIGNMENT _Alignof(max_align_t)

struct chunk {
	struct chunk *next;
	size_t used, size; /* of data */
	size_t mapped;	   /* by pages_new; 0: by calloc */
	_Alignas(max_align_t) unsigned char data[];
};

/* By many allocations, or made for one. */
enum chunk_use { CHUNK_FILLED, CHUNK_SINGLE };

struct arena {
	struct chunk *chunks; /* the first one is being filled */
	size_t next_size;
	size_t bytes;
};

static _Noreturn void out_of_memory(void)
{
	fputs("zfwc: out of memory\n", stderr);
	exit(2);
}

static size_t round_up(size_t size)
{
	if (size > SIZE_MAX - 2 * ALIGNMENT)
		out_of_memory();
	return (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (!a)
		out_of_memory();
	a->next_size = CHUNK_MIN;
	a->bytes = sizeof(*a);
	return a;
}

void arena_free(struct arena **a)
{
	struct chunk *next;

	if (!*a)
		return;
	for (struct chunk *c = (*a)->chunks; c; c = next) {
		next = c->next;
		if (c->mapped)
			munmap(c, c->mapped);
		else
			free(c);
	}
	free(*a);
	*a = NULL;
}

/* Zeroed memory.  What will be filled is populated: finding out page by page
 * that it is not there takes longer than all of them together.  Huge pages would
 * be faster still, but only while the system has some at hand; a guest that gave
 * its free memory back to the host waits for them several times as long. */
static void *pages_new(size_t size, enum chunk_use use)
{
	int populate = use == CHUNK_FILLED ? MAP_POPULATE : 0;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | populate, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static struct chunk *chunk_new(struct arena *a, size_t size, enum chunk_use use)
{
	size_t total = sizeof(struct chunk) + size, mapped = 0;
	struct chunk *c;

	if (size > SIZE_MAX - sizeof(*c))
		out_of_memory();
	if (size >= CHUNK_MAX / 4)
		mapped = total;
	c = mapped ? pages_new(mapped, use) : calloc(1, total);
	if (!c)
		out_of_memory();
	c->size = size;
	c->mapped = mapped;
	a->bytes += total;
	return c;
}

/* A chunk with room for 'size' bytes.  What is large gets a chunk of its own,
 * put behind the one being filled, so that the room left there is not lost. */
static struct chunk *chunk_for(struct arena *a, size_t size)
{
	struct chunk *c = a->chunks;

	if (c && c->size - c->used >= size)
		return c;
	if (c && size >= a->next_size / 4) {
		struct chunk *own = chunk_new(a, size, CHUNK_SINGLE);

		own->next = c->next;
		c->next = own;
		return own;
	}
	c = chunk_new(a, size > a->next_size ? size : a->next_size, CHUNK_FILLED);
	if (a->next_size < CHUNK_MAX)
		a->next_size *= 2;
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct chunk *c;
	void *p;

	size = round_up(size ? size : 1);
	c = chunk_for(a, size);
	p = c->data + c->used;
	c->used += size;
	return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		out_of_memory();
	return arena_alloc(a, total);
}

/* Makes the last allocation of the chunk being filled larger where it is. */
static bool grow_in_place(struct arena *a, void *old, size_t old_size, size_t new_size)
{
	struct chunk *c = a->chunks;
	size_t more = round_up(new_size) - round_up(old_size);

	if (!c || !old_size || (unsigned char *)old + round_up(old_size) != c->data + c->used)
		return false;
	if (c->size - c->used < more)
		return false;
	c->used += more;
	return true;
}

/* Pages of an allocation that has a chunk of its own are moved, not copied.
 * NULL: it has none. */
static void *grow_by_pages(struct arena *a, void *old, size_t old_size, size_t new_size)
{
	size_t size = round_up(new_size), total = sizeof(struct chunk) + size;

	if (old_size < CHUNK_MAX / 4)
		return NULL;
	if (size > SIZE_MAX - sizeof(struct chunk))
		out_of_memory();
	for (struct chunk **at = &a->chunks; *at; at = &(*at)->next) {
		struct chunk *c = *at;

		if (c->data != old || !c->mapped || c->used != round_up(old_size))
			continue;
		c = mremap(c, c->mapped, total, MREMAP_MAYMOVE);
		if (c == MAP_FAILED)
			out_of_memory();
		a->bytes += total - c->mapped;
		c->mapped = total;
		c->size = c->used = size;
		*at = c;
		return c->data;
	}
	return NULL;
}

void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size)
{
	void *p;

	if (new_size <= old_size)
		return old;
	if (old && grow_in_place(a, old, old_size, new_size))
		return old;
	p = old ? grow_by_pages(a, old, old_size, new_size) : NULL;
	if (p)
		return p;
	p = arena_alloc(a, new_size);
	if (old)
		memcpy(p, old, old_size);
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = arena_alloc(a, len + 1);

	memcpy(p, s, len);
	return p;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	assert(len >= 0);
	p = arena_alloc(a, (size_t)len + 1);
	vsnprintf(p, (size_t)len + 1, fmt, again);
	va_end(again);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

size_t arena_bytes(const struct arena *a)
{
	return a->bytes;
}

void *vec_double(struct arena *a, void *v, size_t size, size_t *cap)
{
	size_t new_cap = *cap ? *cap * 2 : 8;
	size_t bytes;

	if (__builtin_mul_overflow(new_cap, size, &bytes))
		out_of_memory();
	v = arena_grow(a, v, *cap * size, bytes);
	*cap = new_cap;
	return v;
}
