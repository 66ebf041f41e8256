/* SPDX-License-Identifier: GPL-2.0-only */
/* test_diag.c - messages, their codes, and what the user wants of them. */
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
	arena_free((struct arena **)state);
	return 0;
}

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
	assert_null(diag_suggest("ip6", words, N)); /* another one */
	assert_string_equal(diag_suggest("sorpt1", (const char *[]){ "sport1", "sport2" }, 2), "sport1");
	assert_null(diag_suggest("xyz", words, N));
	assert_null(diag_suggest("x", words, N));
	assert_null(diag_suggest("", words, N));
}

/* The line of a note is cut like that of its message, tabs and what is no text included. */
static void test_a_note_elsewhere_shows_its_line(void **state)
{
	struct buf text = { .arena = *state }, out = { .arena = *state };
	const char *line, *marks;
	struct page p;

	for (int i = 0; i < 20000; i++)
		buf_puts(&text, "\t\xc3\xa9\r");
	buf_puts(&text, "\nhere\n");
	page_open(&p, *state, text.text, text.len);
	diag_error(&p.diag, DIAG_REDEFINED, at(&p, 80001, 80005), "again");
	diag_note(&p.diag, at(&p, 40001, 40003), "first declared here");
	diag_print(&p.diag, &out);
	assert_memory_equal(out.text, "t.nft:2:1: error: again [redefined]\n    here\n    ^~~~\n", 54);
	line = strstr(out.text, "t.nft:1:40002: note: first declared here\n");
	assert_non_null(line);
	line = strchr(line, '\n') + 1;
	marks = strchr(line, '\n') + 1;
	assert_memory_equal(line, "    ...", 7);
	assert_true(marks - line - 1 <= 4 + 100);
	assert_null(strchr(line, '\r'));
	/* Under the same number of tabs and of other characters, of which an accent has two bytes. */
	for (; *marks != '^'; line += utf8_length(line, 2) > 1 ? 2 : 1, marks++)
		assert_int_equal(*marks, *line == '\t' ? '\t' : ' ');
	assert_memory_equal(line, "\xc3\xa9", 2);
}

static void test_all_errors_on_request(void **state)
{
	struct page p;

	page_open(&p, *state, "x", 1);
	p.diag.max_errors = DIAG_NO_LIMIT;
	for (int i = 0; i < 1000; i++)
		diag_error(&p.diag, DIAG_SYNTAX, at(&p, 0, 1), "error %d", i);
	assert_int_equal(p.diag.n, 1000);
}

static void test_colours(void **state)
{
	struct page p;

	page_open(&p, *state, "x", 1);
	p.diag.colour = true;
	diag_error(&p.diag, DIAG_SYNTAX, at(&p, 0, 1), "here");
	diag_note(&p.diag, SPAN_NONE, "so");
	check_print(&p, "\033[1mt.nft:1:1: \033[1;31merror:\033[m here [syntax]\n    x\n    \033[1;32m^\033[m\n"
			"\033[1mt.nft:1:1: \033[1;36mnote:\033[m so\n");
}

/* ---- what the user wants of warnings ---- */

static void test_wills(void **state)
{
	struct diag_wills w = { 0 };
	struct page p;

	page_open(&p, *state, "x", 1);
	p.diag.wills = &w;
	assert_null(diag_wills_add(&w, "no-host-bits", *state));
	assert_null(diag_wills_add(&w, "error=never-matches", *state));
	diag_warning(&p.diag, DIAG_HOST_BITS, at(&p, 0, 1), "hidden");
	diag_note(&p.diag, at(&p, 0, 1), "hidden too");
	diag_warning(&p.diag, DIAG_TPROXY_NO_VERDICT, at(&p, 0, 1), "shown");
	assert_false(diag_failed(&p.diag));
	diag_warning(&p.diag, DIAG_NEVER_MATCHES, at(&p, 0, 1), "refused");
	assert_true(diag_failed(&p.diag));
	assert_int_equal(p.diag.errors, 0); /* no stage stops */
	assert_int_equal(p.diag.warnings, 1);
	assert_int_equal(p.diag.refused, 1);
	check_print(&p, "t.nft:1:1: warning: shown [tproxy-no-verdict]\n    x\n    ^\n"
			"t.nft:1:1: error: refused [never-matches]\n    x\n    ^\n");
	diag_clear(&p.diag);
	assert_false(diag_failed(&p.diag));
	check_print(&p, "");
}

static void test_the_last_will_counts(void **state)
{
	struct diag_wills w = { 0 };

	assert_int_equal(diag_will_of(NULL, DIAG_HOST_BITS), DIAG_WILL_SHOW);
	assert_int_equal(diag_will_of(&w, DIAG_HOST_BITS), DIAG_WILL_SHOW);
	assert_null(diag_wills_add(&w, "error", *state));
	assert_int_equal(diag_will_of(&w, DIAG_HOST_BITS), DIAG_WILL_REFUSE);
	assert_null(diag_wills_add(&w, "no-error=host-bits", *state));
	assert_int_equal(diag_will_of(&w, DIAG_HOST_BITS), DIAG_WILL_SHOW);
	assert_int_equal(diag_will_of(&w, DIAG_NEVER_MATCHES), DIAG_WILL_REFUSE);
	assert_null(diag_wills_add(&w, "no-host-bits", *state));
	assert_int_equal(diag_will_of(&w, DIAG_HOST_BITS), DIAG_WILL_HIDE);
	assert_null(diag_wills_add(&w, "host-bits", *state));
	assert_int_equal(diag_will_of(&w, DIAG_HOST_BITS), DIAG_WILL_SHOW);
	assert_null(diag_wills_add(&w, "no-error", *state));
	assert_int_equal(diag_will_of(&w, DIAG_NEVER_MATCHES), DIAG_WILL_SHOW);
}

static void test_wills_that_are_none(void **state)
{
	struct diag_wills w = { 0 };

	assert_string_equal(diag_wills_add(&w, "no-host-bit", *state),
			    "no warning 'host-bit'; did you mean 'host-bits'?");
	assert_string_equal(diag_wills_add(&w, "error=", *state), "no warning ''; zfwc-diagnostics(7) lists them");
	assert_string_equal(diag_wills_add(&w, "error=syntax", *state), "'syntax' is an error in any case");
	assert_string_equal(diag_wills_add(&w, "no-syntax", *state), "'syntax' is an error in any case");
	assert_non_null(diag_wills_add(&w, "errors", *state));
	assert_non_null(diag_wills_add(&w, "", *state));
}

/* Names are read behind "-W", "no-" and "error=". */
static void test_codes_have_names_of_their_own(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < DIAG_CODES; i++) {
		const char *name = diag_codes[i].name;

		assert_int_equal(diag_code_find(name, strlen(name)), i);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		assert_int_not_equal(strncmp(name, "no-", 3), 0);
		assert_int_not_equal(strncmp(name, "error", 5), 0);
		assert_true(diag_codes[i].cause[0] && diag_codes[i].cure[0]);
	}
	assert_int_equal(diag_code_find("host", 4), DIAG_CODES);
	assert_int_equal(diag_code_find("host-bits-", 9), DIAG_HOST_BITS);
}

/* ---- suggestions as data ---- */

static void test_a_suggestion_belongs_to_its_message(void **state)
{
	struct page p;

	page_open(&p, *state, "set bad\n@bda", 12);
	diag_error(&p.diag, DIAG_UNKNOWN_SET, at(&p, 8, 12), "no set named 'bda'");
	diag_note(&p.diag, at(&p, 8, 12), "a note before it");
	diag_did_you_mean(&p.diag, at(&p, 8, 12), "bad", at(&p, 4, 7));
	assert_string_equal(p.diag.v[0].fix, "bad");
	assert_int_equal(p.diag.v[0].fix_at.at, p.base + 9);
	assert_null(p.diag.v[1].fix);
	check_print(&p, "t.nft:2:1: error: no set named 'bda' [unknown-set]\n    @bda\n    ^~~~\n"
			"t.nft:2:1: note: a note before it\n"
			"t.nft:1:5: note: did you mean 'bad'?\n    set bad\n        ^~~\n");
}

static void test_a_suggestion_is_for_what_is_within_quotes(void **state)
{
	struct page p;

	page_open(&p, *state, "\"eht0\"", 6);
	diag_error(&p.diag, DIAG_UNKNOWN_INTERFACE, at(&p, 0, 6), "no such interface");
	diag_did_you_mean(&p.diag, at(&p, 0, 6), "eth0", SPAN_NONE);
	assert_int_equal(p.diag.v[0].fix_at.at, p.base + 1);
	assert_int_equal(p.diag.v[0].fix_at.end, p.base + 5);
}

/* ---- names whose declaration is the one to mend ---- */

static bool is_said(struct page *p, const char *name)
{
	unsigned int errors = p->diag.errors;

	diag_unknown(&p->diag, DIAG_UNKNOWN_SET, at(p, 0, 1), name, "no set named '%s'", name);
	return p->diag.errors > errors;
}

static void test_names_in_damaged_declarations(void **state)
{
	static const char text[] = "table ip t {\n\tset bad { tpye x }\n\tip saddr @bda drop\n\tadd map ip t two_2 {\n"
				   "reset other\nset-x third\nchain c { ip saddr fourth";
	struct page p;

	page_open(&p, *state, text, strlen(text));
	assert_true(is_said(&p, "bad")); /* nothing is wrong with its declaration */
	p.diag.text_damaged = true;
	assert_false(is_said(&p, "bad"));
	assert_false(is_said(&p, "two_2"));
	assert_true(is_said(&p, "bda"));
	assert_true(is_said(&p, "two"));
	assert_true(is_said(&p, "2"));
	assert_true(is_said(&p, "other"));
	assert_true(is_said(&p, "third"));
	assert_true(is_said(&p, "fourth"));
	assert_true(is_said(&p, ""));
	assert_int_equal(p.diag.n, p.diag.errors);
}

static void test_searching_ends(void **state)
{
	struct page p;

	page_open(&p, *state, "x", 1);
	p.diag.text_damaged = true;
	p.diag.errors = 1;
	for (int i = 0; i < 1000; i++)
		is_said(&p, "y");
	assert_true(p.diag.errors < 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_messages_show_what_is_no_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_lines_are_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors_are_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(test_suggestions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_note_elsewhere_shows_its_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_errors_on_request, setup, teardown),
		cmocka_unit_test_setup_teardown(test_colours, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wills, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_last_will_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wills_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_codes_have_names_of_their_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_suggestion_belongs_to_its_message, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_suggestion_is_for_what_is_within_quotes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_in_damaged_declarations, setup, teardown),
		cmocka_unit_test_setup_teardown(test_searching_ends, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
