/* SPDX-License-Identifier: GPL-2.0-only */
#include "compile_fixture.h"

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/image.h>
#include <compiler/ir.h>

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
