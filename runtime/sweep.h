/* SPDX-License-Identifier: GPL-2.0-only */
/* sweep.h - instances whose network namespace has ended.
 *
 * Nobody can detach them any more, and their pins keep the maps in memory.  An
 * instance is taken for dead when it has tcx links, all of them without an
 * interface, and its network namespace is neither that of a process nor one of
 * 'ip netns'.  (Where there is no tcx, nothing is swept.) */
#ifndef ZFWC_SWEEP_H
#define ZFWC_SWEEP_H

#include <stdint.h>

struct pins;

/* The inode number of this process's network namespace. */
uint64_t sweep_this_netns(void);
/* Removes the dead instances beside the one that 'p' is; never fails. */
void sweep_dead(const struct pins *p);

#endif
