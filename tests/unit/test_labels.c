/* SPDX-License-Identifier: GPL-2.0-only */
/* test_labels.c - labels ascend, and stay what they are while there is room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/emit.h>

static void assert_ascending(const uint32_t *labels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_in_range(labels[i], 1, ZF_LABEL_MAX);
		assert_true(i == 0 || labels[i - 1] < labels[i]);
	}
}

static void test_labels_in_small_gaps(void **state)
{
	uint32_t none[4] = { 100, 0, 0, 103 }, one_short[5] = { 100, 0, 0, 0, 103 };
	uint32_t first[3] = { 0, 0, 1 }, last[3] = { ZF_LABEL_MAX - 1, 0, 0 };

	(void)state;
	labels_fill(none, 4);
	assert_int_equal(none[1], 101);
	assert_int_equal(none[2], 102);
	labels_fill(one_short, 5);
	assert_ascending(one_short, 5);
	labels_fill(first, 3);
	assert_ascending(first, 3);
	labels_fill(last, 3);
	assert_ascending(last, 3);
}

static void test_labels_of_many(void **state)
{
	const size_t n = 3000000;
	uint32_t *labels = calloc(n, sizeof(*labels));

	(void)state;
	labels_fill(labels, n);
	assert_ascending(labels, n);
	/* All the room in one place is taken. */
	for (size_t i = 0; i < n; i++)
		labels[i] = i < n / 2 ? (uint32_t)i + 1 : i < n / 2 + 1000 ? 0 : (uint32_t)i - 999;
	labels_fill(labels, n);
	assert_ascending(labels, n);
	free(labels);
}

/* Always in one place: how many labels change for one insertion? */
static void test_labels_change_seldom(void **state)
{
	enum { AT = 500, ROUNDS = 20000 };
	static uint32_t labels[ROUNDS + 2 * AT], before[ROUNDS + 2 * AT];
	size_t n = (size_t)2 * AT, changed = 0, most = 0, most_of_100 = 0;

	(void)state;
	labels_fill(labels, n);
	for (size_t i = 0; i < ROUNDS; i++) {
		size_t now_changed = 0;

		memmove(&labels[AT + 1], &labels[AT], (n - AT) * sizeof(*labels));
		labels[AT] = 0;
		n++;
		memcpy(before, labels, n * sizeof(*labels));
		labels_fill(labels, n);
		for (size_t j = 0; j < n; j++)
			now_changed += before[j] && before[j] != labels[j];
		changed += now_changed;
		most = now_changed > most ? now_changed : most;
		most_of_100 = i < 100 ? most : most_of_100;
	}
	assert_ascending(labels, n);
	print_message(
		"# %d insertions in one place: %.2f labels changed by each, at most %zu; by the first 100 at most %zu\n",
		ROUNDS, (double)changed / ROUNDS, most, most_of_100);
	assert_in_range(most_of_100, 1, 100);
	assert_in_range(changed, 0, 12 * ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels_in_small_gaps),
		cmocka_unit_test(test_labels_of_many),
		cmocka_unit_test(test_labels_change_seldom),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("labels", tests, NULL, NULL);
}
