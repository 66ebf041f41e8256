/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_labels.c - ascending numbers for a list in which some elements have theirs.
 *
 *	before	0x40000000 0x40100000 0 0 0x40200000
 *	after	0x40000000 0x40100000 0x40155555 0x401aaaaa 0x40200000
 *
 * A label is left as it is unless there is no room between its neighbours.  Then
 * the labels in the smallest aligned window around the place that is not crowded
 * are spread anew: the wider the window, the thinner it must be, so that the
 * next insertions find room (as order-maintenance structures do it). */
#include <compiler/emit.h>

#include <assert.h>

#define LABELS_END  ((uint64_t)ZF_LABEL_MAX + 1)
#define FIRST	    0x40000000u /* of a new list that isn't huge: so there is room before it */
#define SPACING	    (1u << 20)	/* of a new list, if there is room */
#define END_SPACING (1u << 16)	/* of what is added before the first or behind the last */

static uint64_t min_u64(uint64_t x, uint64_t y)
{
	return x < y ? x : y;
}

/* Gives [lo, hi) labels between 'before' and 'behind', both exclusive. */
static void spread(uint32_t *labels, size_t lo, size_t hi, uint64_t before, uint64_t behind)
{
	uint64_t n = hi - lo;

	assert(behind - before > n);
	for (size_t i = lo; i < hi; i++)
		labels[i] = (uint32_t)(before + (behind - before) * (i - lo + 1) / (n + 1));
}

static void fill_empty(uint32_t *labels, size_t n)
{
	uint64_t spacing = min_u64(SPACING, LABELS_END / 2 / (n + 2));
	uint64_t first = FIRST;

	if (first + n * spacing > LABELS_END - FIRST)
		first = (LABELS_END - n * spacing) / 2;
	for (size_t i = 0; i < n; i++)
		labels[i] = (uint32_t)(first + i * spacing);
}

/* How far apart labels must be on average in a window of 1 << bits to be spread
 * there, as a power of two: from next to nothing in small windows to, in the
 * whole space, a quarter of what 'n' labels can have. */
static unsigned int least_spacing(size_t n, unsigned int bits)
{
	unsigned int whole = 30;

	while (whole > 0 && n >> (30 - whole) > 1)
		whole--;
	return whole * bits / 32;
}

/* Makes room for the unlabelled [lo, hi). */
static void relabel(uint32_t *labels, size_t n, size_t lo, size_t hi)
{
	uint64_t at = lo ? labels[lo - 1] : 0;

	for (unsigned int bits = 4;; bits++) {
		uint64_t size = (uint64_t)1 << bits, begin = at & ~(size - 1);
		uint64_t end = min_u64(begin + size, LABELS_END);

		while (lo > 0 && labels[lo - 1] >= begin)
			lo--;
		while (hi < n && labels[hi] < end)
			hi++;
		if ((uint64_t)(hi - lo) << least_spacing(n, bits) > size && bits < 32)
			continue;
		spread(labels, lo, hi, begin ? begin - 1 : 0, end);
		return;
	}
}

/* [lo, hi) have no label, their neighbours do. */
static void fill_run(uint32_t *labels, size_t n, size_t lo, size_t hi)
{
	uint64_t wide = (uint64_t)(hi - lo + 1) * END_SPACING;
	uint64_t before = lo ? labels[lo - 1] : 0;
	uint64_t behind = hi < n ? labels[hi] : LABELS_END;

	if (hi == n)
		behind = min_u64(behind, before + wide);
	else if (lo == 0 && behind > wide)
		before = behind - wide;
	if (behind - before > hi - lo)
		spread(labels, lo, hi, before, behind);
	else
		relabel(labels, n, lo, hi);
}

void labels_fill(uint32_t *labels, size_t n)
{
	size_t labelled = 0;

	for (size_t i = 0; i < n; i++)
		labelled += labels[i] != 0;
	if (labelled == 0) {
		fill_empty(labels, n);
		return;
	}
	for (size_t lo = 0, hi; lo < n; lo = hi + 1) {
		for (hi = lo; hi < n && labels[hi] == 0; hi++)
			;
		if (hi > lo)
			fill_run(labels, n, lo, hi);
	}
}
