/* SPDX-License-Identifier: GPL-2.0-only */
/* arena.h - memory that is given back all at once.
 *
 * grammar/ and compiler/ allocate from nothing else, so they have no cleanup
 * code.  Memory is zeroed and aligned for any type.  An allocation never
 * returns NULL: when the system has no memory left the process says so on
 * standard error and exits with status 2.  That is the only place outside
 * runtime/ that ends the program, and nothing has been written then. */
#ifndef ZFWC_ARENA_H
#define ZFWC_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
/* Accepts NULL, leaves NULL. */
void arena_free(struct arena **a);

void *arena_alloc(struct arena *a, size_t size);
/* 'count' elements of 'size' bytes; the product is checked for overflow. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* Like realloc: the old memory must not be used any more. */
void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Bytes obtained from the system so far. */
size_t arena_bytes(const struct arena *a);

#define arena_make(a, type)	     ((type *)arena_alloc((a), sizeof(type)))
#define arena_make_array(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))

/* A growing array in an arena:  struct { type *v; size_t n, cap; } list = { 0 };
 * *vec_push(a, &list) = element;  Doubles, so pushing n elements is O(n). */
#define vec_push(a, list)                                                                                             \
	(((list)->n == (list)->cap ? (void)((list)->v = vec_double((a), (list)->v, sizeof(*(list)->v), &(list)->cap)) \
				   : (void)0),                                                                        \
	 &(list)->v[(list)->n++])
void *vec_double(struct arena *a, void *v, size_t size, size_t *cap);

#endif
