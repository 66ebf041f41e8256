/* SPDX-License-Identifier: GPL-2.0-only */
/* test_parse_golden.c - texts in, tokens, trees and messages out.
 *
 * For each tests/golden/parse/CASE.nft: CASE.ast is its tree, CASE.err its
 * messages, CASE.tokens its tokens.  A missing .ast or .err stands for an empty
 * one; tokens are compared where the file is there.  With GOLDEN_UPDATE set in
 * the environment the files are rewritten instead; read the difference then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

#include "parse_fixture.h"

static struct arena *arena;
static const char *folder; /* where the cases are */

/* NULL when there is no such file. */
static char *read_whole(const char *path, size_t *len)
{
	struct buf b = { .arena = arena };
	FILE *f = fopen(path, "r");
	char block[4096];
	size_t n;

	if (!f)
		return NULL;
	buf_puts(&b, "");
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_write(&b, block, n);
	fclose(f);
	*len = b.len;
	return b.text;
}

static int read_included(void *ctx, const char *pattern,
			 int (*add)(void *add_ctx, const char *name, const char *text, size_t len), void *add_ctx)
{
	size_t len = 0, n = 0;
	glob_t found;

	(void)ctx;
	glob(arena_printf(arena, "%s/%s", folder, pattern), 0, NULL, &found);
	for (; n < found.gl_pathc; n++) {
		char *text = read_whole(found.gl_pathv[n], &len);

		assert_non_null(text);
		if (add(add_ctx, arena_printf(arena, "%s", found.gl_pathv[n] + strlen(folder) + 1), text, len))
			break;
	}
	globfree(&found);
	return n || strchr(pattern, '*') ? (int)n : -ENOENT;
}

static void update(const char *path, const char *text)
{
	FILE *f;

	if (!*text) {
		unlink(path);
		return;
	}
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0 && !fclose(f));
}

/* Compares 'text' with the file, or makes it the file's. */
static void check_golden(const char *name, const char *suffix, const char *text)
{
	const char *path = arena_printf(arena, "%s/%s%s", folder, name, suffix);
	size_t len;
	const char *golden;

	if (getenv("GOLDEN_UPDATE")) {
		update(path, text);
		return;
	}
	golden = read_whole(path, &len);
	if (strcmp(golden ? golden : "", text))
		print_message("# %s%s differs, it is now:\n%s\n", name, suffix, text);
	assert_string_equal(text, golden ? golden : "");
}

static void test_case(void **state)
{
	static const struct include_reader reader = { .read = read_included };
	const char *name = *state;
	struct parsed p;
	size_t len = 0;
	char *text = read_whole(arena_printf(arena, "%s/%s.nft", folder, name), &len);

	assert_non_null(text);
	parse_named(&p, arena_printf(arena, "%s.nft", name), text, len, &reader);
	check_spans(&p);
	check_golden(name, ".ast", parsed_dump(&p));
	check_golden(name, ".err", parsed_messages(&p));
	if (!access(arena_printf(arena, "%s/%s.tokens", folder, name), F_OK))
		check_golden(name, ".tokens", parsed_tokens(&p));
	parsed_free(&p);
}

/* "a" of "tests/golden/parse/a.nft". */
static char *case_name(const char *path)
{
	const char *base = strrchr(path, '/') + 1;

	return arena_strndup(arena, base, strlen(base) - strlen(".nft"));
}

int main(void)
{
	const char *src = getenv("SRCDIR");
	struct CMUnitTest *tests;
	glob_t found;
	int r;

	arena = arena_new();
	folder = arena_printf(arena, "%s/tests/golden/parse", src ? src : ".");
	if (glob(arena_printf(arena, "%s/*.nft", folder), 0, NULL, &found)) {
		fprintf(stderr, "no cases in %s, set SRCDIR\n", folder);
		return 1;
	}
	tests = arena_make_array(arena, found.gl_pathc, struct CMUnitTest);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *name = case_name(found.gl_pathv[i]);

		tests[i] = (struct CMUnitTest){ .name = name, .test_func = test_case, .initial_state = name };
	}
	r = _cmocka_run_group_tests("parse golden", tests, found.gl_pathc, NULL, NULL);
	globfree(&found);
	arena_free(&arena);
	return r;
}
