/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_elements.h - one map of an image, collected in any order. */
#ifndef ZFWC_EMIT_ELEMENTS_H
#define ZFWC_EMIT_ELEMENTS_H

#include <compiler/image.h>

struct elements {
	enum map_id map;
	struct arena *arena;
	size_t n, cap;
	uint8_t *keys, *values;
	uint32_t *origins;
	bool sorted; /* as they came, each key once */
};

struct elements elements_of(enum map_id map, struct arena *a);
/* Room for 'n', so that nothing has to grow. */
void elements_reserve(struct elements *e, size_t n);
/* Copies key and value.  Of an array, a value of zeros is left out. */
void elements_add(struct elements *e, const void *key, const void *value, uint32_t origin);
/* Sorts, and drops keys that came again; gives the least capacity. */
void elements_finish(struct elements *e, struct map_image *ret);

#endif
