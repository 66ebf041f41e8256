/* SPDX-License-Identifier: GPL-2.0-only */
/* counters.h - a counter's value is the sum over all CPUs in COUNTER, which the
 * program writes, plus its element of BASE, which user space writes.
 *
 * A COUNTER element is never set back: when its number is used again, BASE makes
 * up for what is in it, modulo 2^64. */
#ifndef ZFWC_COUNTERS_H
#define ZFWC_COUNTERS_H

#include <compiler/image.h>
#include <compiler/ir.h>
#include <runtime/copy.h>
#include <runtime/live.h>

/* Calls fn for every counter that a rule or op refers to, again for each that
 * does.  Stops at, and returns, fn's first non-zero result. */
typedef int (*counter_fn)(uint32_t counter, uint64_t identity, void *ctx);
int counters_each(const struct image *image, counter_fn fn, void *ctx);

int counters_read(const struct copy *c, uint32_t counter, struct zf_counter *ret);

/* Gives the counters that are new in 'wanted' the values that the text says.
 * Nothing in the kernel refers to them yet. */
int counters_begin(const struct copy *c, const struct ir *ir, const struct image *wanted, struct live_stats *stats,
		   struct trouble *t);

/* 'from' has COUNTER and BASE of its own, smaller ones, and no packet uses it
 * any more: what it has counted becomes the base of the same counters of 'to'.
 * Done twice it does the same again.  'ir' belongs to to_image if that is a
 * wanted one: then new counters are left alone; else it is NULL. */
int counters_carry(const struct copy *from, const struct image *from_image, const struct copy *to,
		   const struct image *to_image, const struct ir *ir, struct live_stats *stats, struct trouble *t);

#endif
