/* SPDX-License-Identifier: GPL-2.0-only */
/* copy.h - one of the two complete copies of the ruleset: its maps, the main
 * program that was loaded against them, and the source text. */
#ifndef ZFWC_COPY_H
#define ZFWC_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include <compiler/image.h>
#include <runtime/live.h>

struct pins;

struct copy {
	const char *name; /* of its folder */
	bool usable;	  /* everything below is there and of the right form */
	char missing[64]; /* else: the first pin that isn't */
	int maps[MAP_COUNT];
	uint32_t map_ids[MAP_COUNT];
	uint32_t capacity[MAP_COUNT];
	int program;
	uint32_t program_id;
};
#define COPY_NONE(folder) ((struct copy){ .name = (folder), .program = -1, .maps = { [0 ... MAP_COUNT - 1] = -1 } })

/* Opens the pins.  What isn't there leaves the copy not usable, which is no
 * error; the lack of privilege, descriptors or memory is. */
int copy_open(const struct pins *p, struct copy *c, struct trouble *t);
void copy_close(struct copy *c);

/* Builds the copy anew, in place of the one that is there, which no packet may
 * use any more.  Its SWITCHED maps stay, with what is in them, where they are
 * large enough; SHARED and RUNTIME maps are those of 'other' where it has them
 * large enough; the rest is new and empty.  Killed in the middle, the copy isn't usable and the
 * next one builds it again. */
int copy_build(const struct pins *p, struct copy *c, int jump, const struct copy *other,
	       const uint32_t capacity[MAP_COUNT], struct trouble *t);

/* Whether two copies have the same SHARED and RUNTIME maps. */
bool copy_shares(const struct copy *x, const struct copy *y);

/* The elements of all maps but RUNTIME ones, sorted. */
int copy_read_image(const struct copy *c, struct arena *a, struct image *ret, struct live_stats *stats,
		    struct trouble *t);

/* The source text; *len 0 when there is none. */
int copy_read_source(const struct pins *p, const struct copy *c, struct arena *a, const char **text, size_t *len,
		     struct trouble *t);
/* The id of the map that holds it; 0 when there is none. */
uint32_t copy_source_id(const struct pins *p, const struct copy *c);
/* A map that holds the text, to be pinned with copy_pin_source.  Returns its
 * file descriptor. */
int copy_make_source(const char *text, size_t len, struct trouble *t);
int copy_pin_source(const struct pins *p, const struct copy *c, int source, struct trouble *t);

#endif
