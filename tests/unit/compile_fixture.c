/* SPDX-License-Identifier: GPL-2.0-only */
#include "compile_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/image.h>
#include <compiler/ir.h>
#include <compiler/listing_diff.h>

static struct fact_interface interfaces[] = {
	{ .name = "lo", .index = 1, .loopback = true },
	{ .name = "eth0", .index = 2 },
	{ .name = "eth1", .index = 3 },
	{ .name = "wg0", .index = 4, .no_ethernet = true },
};
const struct facts fixture_facts = { .v = interfaces, .n = 4 };

void fixture_compile(struct fixture *f, const char *name, const char *text, const struct facts *facts,
		     const struct compile_options *options)
{
	static const struct compile_options none;
	size_t len = strlen(text);

	*f = (struct fixture){ .arena = arena_new() };
	f->sources.arena = f->diag.arena = f->arena;
	f->diag.sources = &f->sources;
	f->diag.max_errors = 100;
	sources_add(&f->sources, name, arena_strndup(f->arena, text, len), len, SPAN_NONE);
	compile(0, &f->sources, facts, options ? options : &none, &f->diag, f->arena, &f->compiled);
}

void fixture_free(struct fixture *f)
{
	arena_free(&f->arena);
}

const char *fixture_messages(struct fixture *f)
{
	struct buf b = { .arena = f->arena };

	f->diag.sources = &f->sources; /* a fixture may have been copied */
	buf_puts(&b, "");
	diag_print(&f->diag, &b);
	return b.text;
}

const char *fixture_ir(struct fixture *f, const struct facts *facts)
{
	struct buf b = { .arena = f->arena };

	buf_puts(&b, "");
	if (f->compiled.ir && !f->diag.errors)
		ir_dump(f->compiled.ir, facts, &f->sources, &b);
	return b.text;
}

struct listing fixture_lines(struct fixture *f, bool element_per_line)
{
	struct listing_options options = { .element_per_line = element_per_line };
	struct listing l = { 0 };

	if (f->compiled.ruleset && !f->diag.errors)
		listing_make(f->compiled.ruleset, &f->sources, &options, f->arena, &l);
	return l;
}

const char *fixture_image(struct fixture *f, const struct facts *facts)
{
	const struct emit_options options = { .mark = 0x04000000 };
	struct buf b = { .arena = f->arena };
	struct image image;

	buf_puts(&b, "");
	if (!emit_image(f->compiled.ir, facts, &options, NULL, &f->diag, f->arena, &image))
		image_dump(&image, &b);
	return b.text;
}

const char *fixture_listing(struct fixture *f, bool element_per_line)
{
	struct listing l = fixture_lines(f, element_per_line);
	struct buf b = { .arena = f->arena };

	listing_print(&l, &b);
	return b.text;
}

/* ---- listings and back ---- */

/* Rules without their numbers and places. */
static void check_same_identities(const struct ir *x, const struct ir *y)
{
	assert_int_equal(x->n_rules, y->n_rules);
	for (size_t i = 0; i < x->n_rules; i++)
		assert_true(x->rules[i]->identity == y->rules[i]->identity);
	assert_int_equal(x->n_counters, y->n_counters);
	for (size_t i = 0; i < x->n_counters; i++)
		assert_true(x->counters[i].identity == y->counters[i].identity);
}

static void check_packs(struct fixture *f, const struct listing *l)
{
	struct buf blob = { .arena = f->arena };
	struct listing back;

	listing_pack(l, &blob);
	assert_int_equal(listing_unpack(blob.text, blob.len, f->arena, &back), 0);
	assert_int_equal(back.n, l->n);
	for (size_t i = 0; i < l->n; i++) {
		assert_string_equal(back.v[i].text, l->v[i].text);
		assert_int_equal(back.v[i].kind, l->v[i].kind);
		assert_int_equal(back.v[i].line, l->v[i].line);
		assert_string_equal(back.v[i].file ? back.v[i].file : "-", l->v[i].file ? l->v[i].file : "-");
	}
}

void fixture_check_reads_back(struct fixture *f, const struct facts *facts, bool element_per_line)
{
	const char *text = fixture_listing(f, element_per_line);
	struct listing lines = fixture_lines(f, element_per_line), again_lines;
	struct fixture again;

	fixture_compile(&again, "again", text, facts, NULL);
	if (again.diag.errors)
		print_message("# %s\n", fixture_messages(&again));
	assert_int_equal(again.diag.errors, 0);
	assert_string_equal(fixture_listing(&again, element_per_line), text);
	check_same_identities(f->compiled.ir, again.compiled.ir);
	again_lines = fixture_lines(&again, element_per_line);
	assert_false(listing_diff(&lines, &again_lines, f->arena, NULL, NULL));
	check_packs(f, &lines);
	fixture_free(&again);
}
