/* SPDX-License-Identifier: GPL-2.0-only */
/* sequence_diff.h - which elements of two sequences of numbers belong together. */
#ifndef ZFWC_SEQUENCE_DIFF_H
#define ZFWC_SEQUENCE_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Marks a common subsequence: keep_x[i] and keep_y[j] become true for its
 * elements, the k-th of one belonging to the k-th of the other; the arrays are
 * all false before.  It is a longest one where the parts that differ are small,
 * and a good one otherwise, in about linear time. */
void sequence_diff(struct arena *a, const uint32_t *x, size_t n_x, bool *keep_x, const uint32_t *y, size_t n_y,
		   bool *keep_y);

#endif
