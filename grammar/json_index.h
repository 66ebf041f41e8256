/* SPDX-License-Identifier: GPL-2.0-only */
/* json_index.h - things found by their names; private to grammar/. */
#ifndef ZFWC_JSON_INDEX_H
#define ZFWC_JSON_INDEX_H

#include <stddef.h>

struct arena;

struct json_index {
	struct json_index_slot {
		const char *name; /* NULL: free */
		void *thing;
	} * slots;
	size_t n, n_slots; /* a power of two, or 0 */
};

/* NULL: no such name. */
void *json_index_find(const struct json_index *x, const char *name);
/* 'name' is borrowed and not in it yet. */
void json_index_add(struct json_index *x, struct arena *a, const char *name, void *thing);

#endif
