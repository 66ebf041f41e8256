/* SPDX-License-Identifier: GPL-2.0-only */
/* test_compile_golden.c - texts in, IR, images, listings and messages out.
 *
 * For each tests/golden/ir/CASE.nft: CASE.ir is its IR, CASE.image the contents of
 * the maps, CASE.list its listing, CASE.err its messages; a missing file stands for an empty one.  Besides, every
 * listing parses to itself and to the same IR, in both layouts, and comes back
 * from its packed form.  With GOLDEN_UPDATE set in the environment the files are
 * rewritten instead; read the difference then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/ir.h>
#include <compiler/listing_diff.h>

#include "compile_fixture.h"

static struct arena *arena;
static const char *folder; /* where the cases are */

/* NULL when there is no such file. */
static char *read_whole(const char *path)
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
	return b.text;
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
	const char *path = arena_printf(arena, "%s/%s%s", folder, name, suffix), *golden;

	if (getenv("GOLDEN_UPDATE")) {
		update(path, text);
		return;
	}
	golden = read_whole(path);
	if (strcmp(golden ? golden : "", text))
		print_message("# %s%s differs, it is now:\n%s\n", name, suffix, text);
	assert_string_equal(text, golden ? golden : "");
}

/* ---- damaged texts ---- */

static uint32_t seed;

static uint32_t roll(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

/* Leaves out or repeats a piece of the text, or puts one piece in another's place. */
static const char *damaged(struct arena *a, const char *text)
{
	uint32_t len = (uint32_t)strlen(text), at = roll(len), from = roll(len), size = 1 + roll(30);

	return arena_printf(a, "%.*s%.*s%s", (int)at, text, (int)(roll(2) ? size : 0), text + from,
			    text + (at + size < len && roll(2) ? at + size : at));
}

/* Every stage takes what the one before it left, whatever it said. */
static void check_damaged(const char *text)
{
	static const struct compile_options none;
	struct facts facts = fixture_facts;
	struct fixture f = { .arena = arena_new() };
	struct listing l;

	facts.assume = roll(2);
	f.sources.arena = f.diag.arena = f.arena;
	f.diag.sources = &f.sources;
	text = damaged(f.arena, text);
	sources_add(&f.sources, "t.nft", text, strlen(text), SPAN_NONE);
	compile_parse(0, &f.sources, &none, &f.diag, f.arena, &f.compiled.ast);
	compile_resolve(f.compiled.ast, &f.diag, f.arena, &f.compiled.ruleset);
	compile_lower(f.compiled.ruleset, &facts, &f.diag, f.arena, &f.compiled.ir);
	listing_make(f.compiled.ruleset, &f.sources, &(struct listing_options){ 0 }, f.arena, &l);
	fixture_ir(&f, &facts);
	fixture_messages(&f);
	if (!f.diag.errors)
		fixture_check_reads_back(&f, &facts, roll(2));
	fixture_free(&f);
}

static void test_damaged_case(void **state)
{
	const char *text = read_whole(arena_printf(arena, "%s/%s.nft", folder, (const char *)*state));

	assert_non_null(text);
	for (uint32_t round = 1; *text && round < 300; round++) {
		seed = round;
		check_damaged(text);
	}
}

static void test_case(void **state)
{
	const char *name = *state, *text = read_whole(arena_printf(arena, "%s/%s.nft", folder, name));
	struct fixture f;

	assert_non_null(text);
	fixture_compile(&f, arena_printf(arena, "%s.nft", name), text, &fixture_facts, NULL);
	check_golden(name, ".err", fixture_messages(&f));
	check_golden(name, ".ir", fixture_ir(&f, &fixture_facts));
	check_golden(name, ".image", f.diag.errors ? "" : fixture_image(&f, &fixture_facts));
	check_golden(name, ".list", f.diag.errors ? "" : fixture_listing(&f, false));
	if (!f.diag.errors) {
		fixture_check_reads_back(&f, &fixture_facts, false);
		fixture_check_reads_back(&f, &fixture_facts, true);
	}
	fixture_free(&f);
}

/* "a" of "tests/golden/ir/a.nft". */
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
	folder = arena_printf(arena, "%s/tests/golden/ir", src ? src : ".");
	if (glob(arena_printf(arena, "%s/*.nft", folder), 0, NULL, &found)) {
		fprintf(stderr, "no cases in %s, set SRCDIR\n", folder);
		return 1;
	}
	tests = arena_make_array(arena, 2 * found.gl_pathc, struct CMUnitTest);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *name = case_name(found.gl_pathv[i]);

		tests[2 * i] = (struct CMUnitTest){ .name = name, .test_func = test_case, .initial_state = name };
		tests[2 * i + 1] = (struct CMUnitTest){ .name = arena_printf(arena, "%s, damaged", name),
							.test_func = test_damaged_case,
							.initial_state = name };
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	r = _cmocka_run_group_tests("compile golden", tests, 2 * found.gl_pathc, NULL, NULL);
	globfree(&found);
	arena_free(&arena);
	return r;
}
