/* SPDX-License-Identifier: GPL-2.0-only */
/* load.h - from the object inside this binary to maps and programs in the
 * kernel.  Nothing is pinned here. */
#ifndef ZFWC_LOAD_H
#define ZFWC_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <compiler/image.h>

struct trouble;

/* Which object this binary has, as a number: programs of another one are
 * replaced by the next apply. */
uint64_t load_object_number(void);

/* The main program with its maps.  maps[m] >= 0 is used as it is, else the map
 * is made with capacity[m] elements and maps[m] set: the caller's to close, also
 * what was made before a failure.  Returns the program's file descriptor. */
int load_main(int jump, int maps[MAP_COUNT], const uint32_t capacity[MAP_COUNT], struct trouble *t);

/* The programs that are attached: all they know is 'jump'. */
int load_entry(int jump, struct trouble *t);
int load_egress(int jump, struct trouble *t);

#endif
