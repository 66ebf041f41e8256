/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/compile.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/ast.h>
#include <grammar/parse.h>

/* Every text is numbered from 1; these are seen from everywhere. */
static void accept_define(struct ast_item *item, struct diag *d)
{
	if (item->kind == ITEM_DEFINE)
		item->define->order = 0;
	else
		diag_error(d, DIAG_MISPLACED, item->span, "only a value can be given on the command line");
}

/* Definitions of the command line are a text of their own, read before the
 * file: "define name = value". */
static struct ast *parse_defines(struct sources *sources, const struct compile_options *options, struct diag *d,
				 struct arena *a)
{
	struct ast *all = arena_make(a, struct ast), *one;
	struct ast_item **end = &all->items;
	const char *text;

	for (size_t i = 0; i < options->n_defines; i++) {
		text = arena_printf(a, "define %s = %s\n", options->defines[i].name, options->defines[i].value);
		if (!sources_add(sources, COMPILE_COMMAND_LINE, text, strlen(text), SPAN_NONE)) {
			diag_error(d, DIAG_TOO_LARGE, SPAN_NONE, "the text is too large");
			break;
		}
		one = parse_source(sources->n - 1, sources, NULL, d, a);
		for (*end = one->items; *end; end = &(*end)->next)
			accept_define(*end, d);
	}
	return all;
}

int compile_parse(size_t source, struct sources *sources, const struct compile_options *options, struct diag *d,
		  struct arena *a, struct ast **ret)
{
	struct ast *ast = parse_defines(sources, options, d, a), *file;
	struct ast_item **end = &ast->items;

	file = json_source_begins(&sources->v[source]) ? json_parse_source(source, sources, d, a)
						       : parse_source(source, sources, options->reader, d, a);
	while (*end)
		end = &(*end)->next;
	*end = file->items;
	ast->comments = file->comments;
	ast->dropped = file->dropped;
	*ret = ast;
	d->text_damaged = d->errors;
	return d->errors ? -1 : 0;
}

int compile(size_t source, struct sources *sources, const struct facts *facts, const struct compile_options *options,
	    struct diag *d, struct arena *a, struct compiled *ret)
{
	compile_parse(source, sources, options, d, a, &ret->ast);
	compile_resolve(ret->ast, d, a, &ret->ruleset);
	return compile_lower(ret->ruleset, facts, d, a, &ret->ir);
}

void compile_dump_tokens(size_t source, struct sources *sources, struct diag *d, struct arena *a, struct buf *out)
{
	scan_dump(source, sources, d, a, out);
}

void compile_dump_ast(const struct ast *ast, struct sources *sources, struct buf *out)
{
	ast_dump(ast, sources, out);
}
