/* SPDX-License-Identifier: GPL-2.0-only */
/* test_addr_set.c - sets of addresses against sets of bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/addr_set.h>
#include <compiler/base/arena.h>

#define WIDTH	 8
#define UNIVERSE (1 << WIDTH)
#define ROUNDS	 5000

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* ---- a model: one flag for each address ---- */

struct model {
	bool has[UNIVERSE];
};

static uint32_t seed;

static uint32_t roll(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static const struct addr_set *random_set(struct model *m, uint32_t most)
{
	size_t n = roll(most + 1);
	struct addr_range *v = arena_make_array(arena, n, struct addr_range);

	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < n; i++) {
		v[i].lo = roll(UNIVERSE);
		v[i].hi = v[i].lo + roll((uint32_t)(UNIVERSE - v[i].lo < 40 ? UNIVERSE - v[i].lo : 40));
		for (u128 a = v[i].lo; a <= v[i].hi; a++)
			m->has[a] = true;
	}
	return addr_set_make(arena, WIDTH, v, n);
}

static void check_same(const struct addr_set *s, const struct model *m)
{
	for (unsigned int a = 0; a < UNIVERSE; a++)
		assert_int_equal(addr_set_contains(s, a), m->has[a]);
	for (size_t i = 0; i < s->n; i++) {
		assert_true(s->v[i].lo <= s->v[i].hi);
		assert_true(!i || s->v[i].lo > s->v[i - 1].hi + 1);
	}
}

/* Covers what the set has, each address once, in order, and no two prefixes
 * could be one. */
static void check_prefixes(const struct addr_set *s, const struct model *m)
{
	struct prefix v[UNIVERSE];
	size_t n = addr_set_prefixes(s, NULL);
	struct model covered = { 0 };

	assert_true(n <= UNIVERSE);
	assert_int_equal(addr_set_prefixes(s, v), n);
	for (size_t i = 0; i < n; i++) {
		u128 size = (u128)1 << (WIDTH - v[i].len);

		assert_true(v[i].addr % size == 0);
		for (u128 a = v[i].addr; a < v[i].addr + size; a++) {
			assert_false(covered.has[a]);
			covered.has[a] = true;
		}
		assert_true(!i || v[i].addr > v[i - 1].addr);
		assert_false(i && v[i].len == v[i - 1].len && v[i].addr == (v[i - 1].addr ^ size) && v[i].addr & size);
	}
	assert_memory_equal(&covered, m, sizeof(covered));
}

static void test_random_sets_match_the_model(void **state)
{
	(void)state;
	for (uint32_t round = 1; round <= ROUNDS; round++) {
		struct model x, y, both;
		const struct addr_set *s, *t, *u, *complement;

		seed = round;
		s = random_set(&x, 6);
		t = random_set(&y, 30);
		check_same(s, &x);
		check_prefixes(s, &x);
		u = addr_set_intersect(arena, s, t);
		for (unsigned int a = 0; a < UNIVERSE; a++)
			both.has[a] = x.has[a] && y.has[a];
		check_same(u, &both);
		assert_true(addr_set_equal(u, addr_set_intersect(arena, t, s)));
		complement = addr_set_complement(arena, s);
		for (unsigned int a = 0; a < UNIVERSE; a++)
			both.has[a] = !x.has[a];
		check_same(complement, &both);
		assert_true(addr_set_equal(s, addr_set_complement(arena, complement)));
		assert_int_equal(addr_set_equal(s, t), !memcmp(&x, &y, sizeof(x)));
	}
}

/* ---- edges ---- */

static const struct addr_set *set(unsigned int width, u128 lo, u128 hi)
{
	struct addr_range *v = arena_make(arena, struct addr_range);

	*v = (struct addr_range){ lo, hi };
	return addr_set_make(arena, width, v, 1);
}

static void test_whole_and_empty(void **state)
{
	static const unsigned int widths[] = { 8, 16, 32, 128 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		u128 max = ~(u128)0 >> (128 - widths[i]);
		const struct addr_set *all = set(widths[i], 0, max), *none;
		struct prefix p;

		assert_true(addr_set_is_all(all));
		none = addr_set_complement(arena, all);
		assert_int_equal(none->n, 0);
		assert_false(addr_set_is_all(none));
		assert_false(addr_set_contains(none, 0));
		assert_true(addr_set_equal(all, addr_set_complement(arena, none)));
		assert_int_equal(addr_set_prefixes(all, &p), 1);
		assert_true(p.addr == 0 && p.len == 0);
		assert_int_equal(addr_set_prefixes(set(widths[i], max, max), &p), 1);
		assert_true(p.addr == max && p.len == widths[i]);
		assert_int_equal(addr_set_prefixes(set(widths[i], 1, max), NULL), widths[i]);
	}
}

static void test_any_is_neutral(void **state)
{
	const struct addr_set *s = set(32, 5, 9);

	(void)state;
	assert_ptr_equal(addr_set_intersect(arena, NULL, s), s);
	assert_ptr_equal(addr_set_intersect(arena, s, NULL), s);
	assert_null(addr_set_intersect(arena, NULL, NULL));
	assert_true(addr_set_is_all(NULL));
	assert_true(addr_set_contains(NULL, 7));
	assert_true(addr_set_equal(NULL, NULL));
	assert_false(addr_set_equal(NULL, s));
}

static void test_intersection_gives_an_argument_back(void **state)
{
	const struct addr_set *inner = set(32, 5, 9), *outer = set(32, 0, 100);

	(void)state;
	assert_ptr_equal(addr_set_intersect(arena, inner, outer), inner);
	assert_ptr_equal(addr_set_intersect(arena, outer, inner), inner);
}

static void test_bytes(void **state)
{
	static const uint8_t v4[] = { 10, 1, 2, 3 }, v6[16] = { 0xfe, 0x80, [15] = 1 };
	uint8_t bytes[16];

	(void)state;
	assert_true(addr_from_bytes(v4, 32) == 0x0a010203);
	assert_true(addr_from_bytes(v6, 128) == ((u128)0xfe80 << 112 | 1));
	addr_to_bytes(0x0a010203, 32, bytes);
	assert_memory_equal(bytes, v4, 4);
	addr_to_bytes((u128)0xfe80 << 112 | 1, 128, bytes);
	assert_memory_equal(bytes, v6, 16);
}

static void test_a_million_elements(void **state)
{
	enum { MILLION = 1000000 };
	struct addr_range *v = arena_make_array(arena, MILLION, struct addr_range);
	const struct addr_set *s, *hole;

	(void)state;
	for (uint32_t i = 0; i < MILLION; i++) /* every other address, in no order */
		v[i].lo = v[i].hi = (u128)(i * (uint64_t)7919 % MILLION) * 2;
	s = addr_set_make(arena, 32, v, MILLION);
	assert_int_equal(s->n, MILLION);
	assert_int_equal(addr_set_prefixes(s, NULL), MILLION);
	assert_int_equal(addr_set_complement(arena, s)->n, MILLION);
	hole = addr_set_intersect(arena, s, set(32, 1000, 1010));
	assert_int_equal(hole->n, 6);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_sets_match_the_model),
		cmocka_unit_test(test_whole_and_empty),
		cmocka_unit_test(test_any_is_neutral),
		cmocka_unit_test(test_intersection_gives_an_argument_back),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_a_million_elements),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
