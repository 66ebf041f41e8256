/* SPDX-License-Identifier: GPL-2.0-only */
/* test_base.c - memory, texts and places, messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
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

/* ---- messages ---- */

/* A text in which messages are put. */
struct page {
	struct sources sources;
	struct diag diag;
	uint32_t base;
};

static void page_open(struct page *p, struct arena *a, const char *text, size_t len)
{
	*p = (struct page){ .sources.arena = a, .diag.arena = a };
	p->diag.sources = &p->sources;
	p->base = sources_add(&p->sources, "t.nft", text, len, SPAN_NONE)->base;
}

static struct span at(const struct page *p, uint32_t from, uint32_t to)
{
	return (struct span){ p->base + from, p->base + to };
}

static void check_print(struct page *p, const char *expected)
{
	struct buf b = { .arena = p->diag.arena };

	diag_print(&p->diag, &b);
	assert_string_equal(b.text ? b.text : "", expected);
}

static void test_messages(void **state)
{
	static const char text[] = "first\n\tip saddr @bda drop\nlast";
	struct page p;

	page_open(&p, *state, text, strlen(text));
	check_print(&p, "");
	assert_int_equal(diag_warning(&p.diag, DIAG_HOST_BITS, at(&p, 26, 30), "late"), -1);
	assert_int_equal(diag_error(&p.diag, DIAG_UNKNOWN_SET, at(&p, 16, 20), "no set named '%s'", "bda"), -1);
	assert_int_equal(diag_note(&p.diag, SPAN_NONE, "did you mean 'bad'?"), -1);
	diag_note(&p.diag, at(&p, 0, 5), "it is here");
	diag_error(&p.diag, DIAG_SYNTAX, at(&p, 25, 25), "end of line");
	diag_error(&p.diag, DIAG_SYNTAX, at(&p, 10, 28), "over the end of the line");
	diag_error(&p.diag, DIAG_SYNTAX, SPAN_NONE, "nowhere");
	assert_int_equal(p.diag.errors, 4);
	assert_int_equal(p.diag.warnings, 1);
	check_print(&p, "error: nowhere [syntax]\n"
			"t.nft:2:5: error: over the end of the line [syntax]\n"
			"    \tip saddr @bda drop\n"
			"    \t   ^~~~~~~~~~~~~~~\n"
			"t.nft:2:11: error: no set named 'bda' [unknown-set]\n"
			"    \tip saddr @bda drop\n"
			"    \t         ^~~~\n"
			"t.nft:2:11: note: did you mean 'bad'?\n"
			"t.nft:1:1: note: it is here\n"
			"    first\n"
			"    ^~~~~\n"
			"t.nft:2:20: error: end of line [syntax]\n"
			"    \tip saddr @bda drop\n"
			"    \t                  ^\n"
			"t.nft:3:1: warning: late [host-bits]\n"
			"    last\n"
			"    ^~~~\n");
}

static void test_messages_show_what_is_no_text(void **state)
{
	static const char text[] = "a\0\x1b[1m\xff\xc3\xa9 \xe2\x82x";
	struct page p;

	page_open(&p, *state, text, sizeof(text) - 1);
	diag_error(&p.diag, DIAG_SYNTAX, at(&p, 9, 10), "here");
	check_print(&p, "t.nft:1:10: error: here [syntax]\n"
			"    a??[1m?\xc3\xa9 ??x\n"
			"            ^\n");
}

static void test_long_lines_are_cut(void **state)
{
	struct arena *a = *state;
	struct buf text = { .arena = a };
	struct page p;

	for (int i = 0; i < 100; i++)
		buf_printf(&text, "<%08d>", i);
	page_open(&p, a, text.text, text.len);
	for (uint32_t from = 0; from <= text.len; from += 7) {
		struct buf b = { .arena = a };
		const char *line, *marks;

		p.diag.n = p.diag.errors = 0;
		diag_error(&p.diag, DIAG_SYNTAX, at(&p, from, from + 10), "here");
		diag_print(&p.diag, &b);
		line = strchr(b.text, '\n') + 1;
		marks = strchr(line, '\n') + 1;
		assert_true(marks - line - 1 <= 4 + 100);
		/* The caret stands under the byte that it means. */
		if (from < text.len)
			assert_int_equal(line[strchr(marks, '^') - marks], text.text[from]);
		else
			assert_int_equal(strchr(marks, '^') - marks, marks - line - 1);
	}
}

static void test_errors_are_limited(void **state)
{
	struct page p;

	page_open(&p, *state, "x", 1);
	p.diag.max_errors = 2;
	for (int i = 0; i < 5; i++) {
		diag_error(&p.diag, DIAG_SYNTAX, at(&p, 0, 1), "error %d", i);
		diag_note(&p.diag, SPAN_NONE, "note %d", i);
	}
	assert_int_equal(p.diag.errors, 5);
	assert_int_equal(p.diag.n, 4);
	check_print(&p, "t.nft:1:1: error: error 0 [syntax]\n    x\n    ^\nt.nft:1:1: note: note 0\n"
			"t.nft:1:1: error: error 1 [syntax]\n    x\n    ^\nt.nft:1:1: note: note 1\n"
			"3 more errors not shown\n");
}

static void test_suggestions(void **state)
{
	static const char *const words[] = { "accept", "drop", "ip", "saddr", "daddr", "sport", "dport", "tcp" };
	enum { N = sizeof(words) / sizeof(*words) };

	(void)state;
	assert_string_equal(diag_suggest("acept", words, N), "accept");
	assert_string_equal(diag_suggest("accpet", words, N), "accept"); /* swapped */
	assert_string_equal(diag_suggest("dorp", words, N), "drop");
	assert_string_equal(diag_suggest("sadr", words, N), "saddr");
	assert_string_equal(diag_suggest("dprt", words, N), "dport");
	assert_null(diag_suggest("accept", words, N)); /* not misspelt */
	assert_null(diag_suggest("drpp1", words, 1));
	assert_null(diag_suggest("xyz", words, N));
	assert_null(diag_suggest("x", words, N));
	assert_null(diag_suggest("", words, N));
}

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
		cmocka_unit_test_setup_teardown(test_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_messages_show_what_is_no_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_lines_are_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors_are_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(test_suggestions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_utf8, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
