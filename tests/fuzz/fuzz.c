// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/facts.h>
#include <compiler/listing.h>

static const struct facts anywhere = { .assume = true };

void fuzz_begin(struct fuzz *f, const void *text, size_t len)
{
	*f = (struct fuzz){ .arena = arena_new() };
	f->sources.arena = f->diag.arena = f->arena;
	f->diag.sources = &f->sources;
	sources_add(&f->sources, "fuzz", arena_strndup(f->arena, text, len), len, SPAN_NONE);
}

void fuzz_end(struct fuzz *f)
{
	arena_free(&f->arena);
}

int fuzz_compile(struct fuzz *f)
{
	static const struct compile_options none;
	int r = compile(0, &f->sources, &anywhere, &none, &f->diag, f->arena, &f->compiled);

	if (!r != !f->diag.errors)
		fuzz_fail("refused without an error, or accepted with one", f->sources.v[0].text, "");
	return r;
}

const char *fuzz_listing(struct fuzz *f)
{
	struct listing_options options = { 0 };
	struct buf b = { .arena = f->arena };
	struct listing listing;

	listing_make(f->compiled.ruleset, &f->sources, &options, f->arena, &listing);
	buf_puts(&b, "");
	listing_print(&listing, &b);
	return b.text;
}

void fuzz_fail(const char *what, const char *text, const char *other)
{
	fprintf(stderr, "%s\n---- text\n%s\n---- other\n%s\n", what, text, other);
	abort();
}
