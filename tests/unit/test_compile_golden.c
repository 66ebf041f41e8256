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
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/ir.h>
#include <compiler/listing_diff.h>

#include "compile_fixture.h"
#include "golden.h"

static struct golden golden;

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
	const char *text = golden_text(&golden, *state, NULL);

	for (uint32_t round = 1; *text && round < 300; round++) {
		seed = round;
		check_damaged(text);
	}
}

/* ---- as they are ---- */

static void test_case(void **state)
{
	const char *name = *state, *text = golden_text(&golden, name, NULL);
	struct fixture f;

	fixture_compile(&f, arena_printf(golden.arena, "%s.nft", name), text, &fixture_facts, NULL);
	golden_check(&golden, name, ".err", fixture_messages(&f));
	golden_check(&golden, name, ".ir", fixture_ir(&f, &fixture_facts));
	golden_check(&golden, name, ".image", f.diag.errors ? "" : fixture_image(&f, &fixture_facts));
	golden_check(&golden, name, ".list", f.diag.errors ? "" : fixture_listing(&f, false));
	if (!f.diag.errors) {
		fixture_check_reads_back(&f, &fixture_facts, false);
		fixture_check_reads_back(&f, &fixture_facts, true);
	}
	fixture_free(&f);
}

static struct CMUnitTest test_of(const char *title, CMUnitTestFunction fn, const char *name)
{
	return (struct CMUnitTest){ .name = title, .test_func = fn, .initial_state = (void *)name };
}

int main(void)
{
	struct arena *arena = arena_new();
	struct CMUnitTest *tests;
	int r;

	golden_open(&golden, arena, "tests/golden/ir");
	tests = arena_make_array(arena, 2 * golden.n, struct CMUnitTest);
	for (size_t i = 0; i < golden.n; i++) {
		const char *name = golden.cases[i];

		tests[2 * i] = test_of(name, test_case, name);
		tests[2 * i + 1] = test_of(arena_printf(arena, "%s, damaged", name), test_damaged_case, name);
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	r = _cmocka_run_group_tests("compile golden", tests, 2 * golden.n, NULL, NULL);
	arena_free(&arena);
	return r;
}
