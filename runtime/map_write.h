/* SPDX-License-Identifier: GPL-2.0-only */
/* map_write.h - the difference of two images, written to one copy in batches. */
#ifndef ZFWC_MAP_WRITE_H
#define ZFWC_MAP_WRITE_H

#include <compiler/image.h>
#include <runtime/live.h>

/* Makes the map hold what is wanted, given that it holds what was found.
 * Deletes come first, so that a map with room for either image never overflows.
 * A refusal is reported with the ir rule that wants the element. */
int map_write(enum map_id id, int fd, uint32_t capacity, const struct map_image *found, const struct map_image *wanted,
	      struct live_stats *stats, struct trouble *t);

#endif
