/* SPDX-License-Identifier: GPL-2.0-only */
/* states.h - limits and timers: what they have come to, from one apply to the
 * next. */
#ifndef ZFWC_STATES_H
#define ZFWC_STATES_H

#include <compiler/image.h>
#include <compiler/ir.h>
#include <runtime/copy.h>
#include <runtime/live.h>

/* Before 'to' is committed: limits and timers that are new in 'wanted' begin,
 * full and with all of their time; those that 'from' has in maps of its own are
 * copied to those of 'to'. */
int states_begin(const struct copy *from, const struct copy *to, const struct ir *ir, const struct image *wanted,
		 struct live_stats *stats, struct trouble *t);

#endif
