// SPDX-License-Identifier: GPL-2.0-only
/* fuzz_json.c - any bytes as JSON: refused with a place, or accepted, and then
 * the rules are the same as text and as JSON again. */
#include "fuzz.h"

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/json_write.h>
#include <grammar/ast.h>
#include <grammar/parse.h>

#include "spans.h"

static int bind(struct fuzz *f)
{
	static const struct compile_options options;

	compile_parse(0, &f->sources, &options, &f->diag, f->arena, &f->compiled.ast);
	return compile_resolve(f->compiled.ast, &f->diag, f->arena, &f->compiled.ruleset);
}

static const char *json_of(struct fuzz *f)
{
	struct buf out = { .arena = f->arena };

	json_write(f->compiled.ruleset, NULL, NULL, f->arena, &out);
	return out.text;
}

/* 'text' must have the rules of 'f'. */
static void same_rules(struct fuzz *f, const char *text, const char *what)
{
	const char *listing = fuzz_listing(f);
	struct fuzz again;

	fuzz_begin(&again, text, strlen(text));
	if (bind(&again))
		fuzz_fail(what, f->sources.v[0].text, text);
	if (strcmp(listing, fuzz_listing(&again)) != 0)
		fuzz_fail(what, listing, fuzz_listing(&again));
	fuzz_end(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf dump = { 0 };
	struct fuzz f;

	fuzz_begin(&f, data, size);
	dump.arena = f.arena;
	if (json_source_begins(&f.sources.v[0])) {
		if (!bind(&f)) {
			same_rules(&f, fuzz_listing(&f), "the listing says otherwise");
			same_rules(&f, json_of(&f), "the JSON says otherwise");
		}
		spans_check_tree(f.compiled.ast, &f.sources);
		spans_check_messages(&f.diag);
		ast_dump(f.compiled.ast, &f.sources, &dump);
		diag_print(&f.diag, &dump);
	}
	fuzz_end(&f);
	return 0;
}
