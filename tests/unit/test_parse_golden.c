/* SPDX-License-Identifier: GPL-2.0-only */
/* test_parse_golden.c - texts in, tokens, trees and messages out.
 *
 * For each tests/golden/parse/CASE.nft: CASE.ast is its tree, CASE.err its
 * messages, CASE.tokens its tokens.  A missing .ast or .err stands for an empty
 * one; tokens are compared where the file is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include <compiler/base/arena.h>

#include "golden.h"
#include "parse_fixture.h"

static struct arena *arena;
static struct golden golden;

static int read_included(void *ctx, const char *pattern,
			 int (*add)(void *add_ctx, const char *name, const char *text, size_t len), void *add_ctx)
{
	size_t len = 0, n = 0;
	glob_t found;

	(void)ctx;
	glob(arena_printf(arena, "%s/%s", golden.folder, pattern), 0, NULL, &found);
	for (; n < found.gl_pathc; n++) {
		char *text = read_whole(arena, found.gl_pathv[n], &len);

		assert_non_null(text);
		if (add(add_ctx, arena_printf(arena, "%s", found.gl_pathv[n] + strlen(golden.folder) + 1), text, len))
			break;
	}
	globfree(&found);
	return n || strchr(pattern, '*') ? (int)n : -ENOENT;
}

static void test_case(void **state)
{
	static const struct include_reader reader = { .read = read_included };
	const char *name = *state;
	struct parsed p;
	size_t len;
	const char *text = golden_text(&golden, name, &len);

	parse_named(&p, arena_printf(arena, "%s.nft", name), text, len, &reader);
	check_spans(&p);
	golden_check(&golden, name, ".ast", parsed_dump(&p));
	golden_check(&golden, name, ".err", parsed_messages(&p));
	if (!access(arena_printf(arena, "%s/%s.tokens", golden.folder, name), F_OK))
		golden_check(&golden, name, ".tokens", parsed_tokens(&p));
	parsed_free(&p);
}

int main(void)
{
	struct CMUnitTest *tests;
	int r;

	arena = arena_new();
	golden_open(&golden, arena, "tests/golden/parse");
	tests = arena_make_array(arena, golden.n, struct CMUnitTest);
	for (size_t i = 0; i < golden.n; i++)
		tests[i] = (struct CMUnitTest){
			.name = golden.cases[i],
			.test_func = test_case,
			.initial_state = (void *)golden.cases[i],
		};
	r = _cmocka_run_group_tests("parse golden", tests, golden.n, NULL, NULL);
	arena_free(&arena);
	return r;
}
