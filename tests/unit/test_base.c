/* SPDX-License-Identifier: GPL-2.0-only */
/* test_base.c - memory, texts and places, characters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/source.h>
#include <compiler/base/utf8.h>

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	struct arena *a = *state;

	arena_free(&a);
	assert_null(a);
	arena_free(&a);
	return 0;
}

/* ---- arena ---- */

static void test_arena_zeroed_and_aligned(void **state)
{
	struct arena *a = *state;

	for (size_t size = 0; size < 300000; size = size * 3 + 1) {
		unsigned char *p = arena_alloc(a, size);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	assert_true(arena_bytes(a) > 300000);
}

static void test_arena_grow_keeps(void **state)
{
	struct arena *a = *state;
	char *p = NULL;

	for (size_t size = 1; size < 1000000; size *= 2) {
		p = arena_grow(a, p, size / 2, size);
		for (size_t i = 0; i < size / 2; i++)
			assert_int_equal(p[i], 'x');
		for (size_t i = size / 2; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 'x', size);
		if (size % 3 == 1) /* another allocation behind it, so that it must move */
			memset(arena_alloc(a, 100), 0xff, 100);
	}
	assert_ptr_equal(arena_grow(a, p, 100, 50), p);
}

static void test_vec_push(void **state)
{
	struct arena *a = *state;
	struct {
		uint32_t *v;
		size_t n, cap;
	} list = { 0 };

	for (uint32_t i = 0; i < 100000; i++)
		*vec_push(a, &list) = i;
	assert_int_equal(list.n, 100000);
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(list.v[i], i);
}

static void test_text(void **state)
{
	struct arena *a = *state;
	struct buf b = { .arena = a };
	char *s;

	assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
	s = arena_printf(a, "%s-%d", "x", 5);
	assert_string_equal(s, "x-5");
	buf_puts(&b, "");
	assert_string_equal(b.text, "");
	for (int i = 0; i < 1000; i++) {
		buf_printf(&b, "%d", i % 10);
		buf_putc(&b, ',');
		buf_write(&b, "a\0b", 3);
	}
	assert_int_equal(b.len, 5000);
	assert_memory_equal(b.text + 4995, "9,a\0b", 6);
	buf_printf(&b, "%0500d", 7);
	assert_int_equal(b.len, 5500);
	assert_int_equal(b.text[5499], '7');
}

/* ---- places ---- */

static void check_place(struct sources *s, uint32_t at, const char *name, uint32_t line, uint32_t column,
			const char *text)
{
	struct position p;

	assert_true(sources_locate(s, at, &p));
	assert_string_equal(p.source->name, name);
	assert_int_equal(p.line, line);
	assert_int_equal(p.column, column);
	assert_int_equal(p.line_len, strlen(text));
	assert_memory_equal(p.line_text, text, p.line_len);
}

static void test_places(void **state)
{
	struct sources s = { .arena = *state };
	struct position p;
	uint32_t a = sources_add(&s, "a", "one\n\n\tthree", 11, SPAN_NONE)->base;
	uint32_t b = sources_add(&s, "b", "", 0, SPAN_NONE)->base;
	uint32_t c = sources_add(&s, "c", "x\n", 2, SPAN_NONE)->base;

	check_place(&s, a, "a", 1, 1, "one");
	check_place(&s, a + 3, "a", 1, 4, "one");
	check_place(&s, a + 4, "a", 2, 1, "");
	check_place(&s, a + 6, "a", 3, 2, "\tthree");
	check_place(&s, a + 11, "a", 3, 7, "\tthree");
	check_place(&s, b, "b", 1, 1, "");
	check_place(&s, c, "c", 1, 1, "x");
	check_place(&s, c + 2, "c", 2, 1, "");
	assert_false(sources_locate(&s, 0, &p));
	assert_false(sources_locate(&s, c + 3, &p));
	assert_false(sources_locate(&s, UINT32_MAX, &p));
}

static void test_address_space_is_limited(void **state)
{
	struct sources s = { .arena = *state };

	assert_non_null(sources_add(&s, "a", "", 0, SPAN_NONE));
	s.v[0].len = UINT32_MAX - 10; /* as if it were that long */
	assert_null(sources_add(&s, "b", "0123456789", 10, SPAN_NONE));
	assert_non_null(sources_add(&s, "c", "0123", 4, SPAN_NONE));
}

/* ---- characters ---- */

static void test_utf8(void **state)
{
	(void)state;
	assert_int_equal(utf8_length("a", 1), 1);
	assert_int_equal(utf8_length("\xc3\xa9", 2), 2);
	assert_int_equal(utf8_length("\xe2\x82\xac", 3), 3);
	assert_int_equal(utf8_length("\xf0\x9f\x98\x80", 4), 4);
	assert_int_equal(utf8_length("\xe2\x82\xac", 2), 0);	 /* cut off */
	assert_int_equal(utf8_length("\xc0\x80", 2), 0);	 /* overlong */
	assert_int_equal(utf8_length("\xed\xa0\x80", 3), 0);	 /* surrogate */
	assert_int_equal(utf8_length("\xf4\x90\x80\x80", 4), 0); /* beyond Unicode */
	assert_int_equal(utf8_length("\x80", 1), 0);
	assert_int_equal(utf8_length("\xc2\x9b", 2), 0); /* a control that terminals obey */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_arena_zeroed_and_aligned, setup, teardown),
		cmocka_unit_test_setup_teardown(test_arena_grow_keeps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_vec_push, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_address_space_is_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(test_utf8, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
