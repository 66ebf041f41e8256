// SPDX-License-Identifier: GPL-2.0-only
/* fuzz_ast.c - any bytes to a tree: it ends, all places are in the text, and
 * what is wrong is said. */
#include "fuzz.h"

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <grammar/ast.h>
#include <grammar/parse.h>

#include "spans.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = { 0 };
	struct fuzz f;
	struct ast *ast;

	fuzz_begin(&f, data, size);
	out.arena = f.arena;
	ast = parse_source(0, &f.sources, NULL, &f.diag, f.arena);
	spans_check_tree(ast, &f.sources);
	spans_check_messages(&f.diag);
	ast_dump(ast, &f.sources, &out);
	diag_print(&f.diag, &out);
	fuzz_end(&f);
	return 0;
}
