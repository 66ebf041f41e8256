/* SPDX-License-Identifier: GPL-2.0-only */
/* map_read.h - the elements of one map as sorted arrays. */
#ifndef ZFWC_MAP_READ_H
#define ZFWC_MAP_READ_H

#include <compiler/image.h>

/* Of an array, elements of zeros are left out.  Returns 0 or -errno. */
int map_read(enum map_id id, int fd, uint32_t capacity, struct arena *a, struct map_image *ret);
/* Number of elements that map_read would find. */
int map_count(enum map_id id, int fd, uint32_t capacity, uint32_t *ret);

#endif
