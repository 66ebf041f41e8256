/* SPDX-License-Identifier: GPL-2.0-only */
/* attach.h - the programs of an instance at the interfaces.
 *
 * With tcx (Linux 6.6) they are links, pinned as links/<ifindex>-in and -out,
 * in front of what is there, so that no other program can let a
 * packet past the filter.  Elsewhere they are filters of a clsact qdisc, of
 * priority 1 or the next that is free, found again by the id of the program;
 * links/<ifindex>-in-tc and -out-tc are pins of the program that remember where,
 * and <ifindex>-qdisc that the qdisc was made here: then it is removed when no
 * filter of anybody is left in it.  Programs, filters and qdiscs of others are
 * never touched. */
#ifndef ZFWC_ATTACH_H
#define ZFWC_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct pins;
struct trouble;

enum attach_hook { ATTACH_IN, ATTACH_OUT, ATTACH_HOOKS };

/* What the pins say, and whether the kernel agrees. */
struct attachment {
	uint32_t ifindex;
	enum attach_hook hook;
	bool tcx;
	bool active; /* the program is at the interface now */
};
int attach_list(const struct pins *p, struct arena *a, struct attachment **v, size_t *n, struct trouble *t);

struct attach_programs {
	int fd[ATTACH_HOOKS];
	uint32_t id[ATTACH_HOOKS];
};

/* Attaches the hook's program; *added says that it wasn't there before (only
 * then must a later failure undo it).  One that is there with an older program
 * gets this one, in one step. */
int attach_add(const struct pins *p, uint32_t ifindex, enum attach_hook hook, const struct attach_programs *programs,
	       bool force_clsact, bool *added, struct trouble *t);
/* Detaches whatever of this instance is there. */
int attach_remove(const struct pins *p, uint32_t ifindex, enum attach_hook hook, struct trouble *t);

#endif
