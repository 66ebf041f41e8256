/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/parse.h>

#include <errno.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <compiler/base/reader.h>
#include <grammar/build.h>
#include <grammar/parse.tab.h>
#include <grammar/parser.h>
#include <grammar/scan.h>
#include <grammar/text.h>

#define MAX_FILES 4096 /* of a run: files that include each other twice multiply */

/* ---- include ---- */

/* The files that one include statement names. */
struct found {
	struct parser *parser;
	struct span at;
	size_t *v; /* indexes of sources */
	size_t n, cap;
};

/* Is a file of this name being read, so that including it would never end? */
static bool being_read(struct parser *p, struct span at, const char *name)
{
	struct position pos;

	for (; sources_locate(p->sources, at.at, &pos); at = pos.source->included_from) {
		if (!strcmp(pos.source->name, name))
			return true;
	}
	return false;
}

static int add_file(void *ctx, const char *name, const char *text, size_t len)
{
	struct found *found = ctx;
	struct parser *p = found->parser;
	const struct source *src;

	if (being_read(p, found->at, name))
		return diag_error(p->diag, DIAG_BAD_INCLUDE, found->at, "'%s' includes itself", name);
	if (p->sources->n >= MAX_FILES)
		return diag_error(p->diag, DIAG_BAD_INCLUDE, found->at, "cannot include '%s': more than %d files", name,
				  MAX_FILES);
	src = sources_add(p->sources, name, text, len, found->at);
	if (!src)
		return diag_error(p->diag, DIAG_TOO_LARGE, found->at, "cannot include '%s': more than 4 GiB of text",
				  name);
	if (!check_text(p->diag, src))
		*vec_push(p->arena, found) = p->sources->n - 1;
	return 0;
}

static void refuse_include(struct parser *p, struct span at, const char *pattern, int problem)
{
	const char *why = problem == ENOENT   ? "there is no such file"
			  : problem == EACCES ? "no permission to read it"
			  : problem == EISDIR ? "it is a directory"
			  : problem == EFBIG  ? "it is too large"
					      : strerror(problem);

	diag_error(p->diag, DIAG_BAD_INCLUDE, at, "cannot include '%s': %s", pattern, why);
	if (problem == EISDIR)
		diag_note(p->diag, at, "'%s/*' is all the files in it", pattern);
	else if (problem == ENOENT && pattern[0] != '/' && pattern[0] != '.')
		diag_note(p->diag, at,
			  "it is looked up in the folders that -I gives; './%s' is one in the working directory",
			  pattern);
}

void parser_include(struct parser *p, struct span at, const struct token *string)
{
	struct found found = { .parser = p, .at = at };
	const char *pattern = text_of(p, string).text;
	unsigned int errors = p->diag->errors;
	int r;

	if (!p->reader) {
		diag_error(p->diag, DIAG_BAD_INCLUDE, at, "cannot include '%s': files can't be included here", pattern);
		return;
	}
	if (p->stream.files.n > PARSE_MAX_INCLUDE_DEPTH) {
		diag_error(p->diag, DIAG_BAD_INCLUDE, at, "cannot include '%s': includes are nested deeper than %d",
			   pattern, PARSE_MAX_INCLUDE_DEPTH);
		return;
	}
	if (!p->table && !p->adding)
		add_item(p, at, ITEM_INCLUDE)->include = pattern;
	r = p->reader->read(p->reader->ctx, pattern, add_file, &found);
	if (r < 0 && p->diag->errors == errors)
		refuse_include(p, at, pattern, -r);
	if (!found.n)
		return;
	stream_end_statement(p, at);
	while (found.n) /* the first one is read first */
		stream_push(p, &p->sources->v[found.v[--found.n]]);
}

/* ---- */

struct ast *parse_source(size_t source, struct sources *sources, const struct include_reader *reader, struct diag *d,
			 struct arena *a)
{
	struct parser p = {
		.arena = a,
		.diag = d,
		.sources = sources,
		.reader = reader,
		.ast = arena_make(a, struct ast),
	};

	p.next_item = &p.ast->items;
	if (check_text(d, &sources->v[source]))
		return p.ast;
	words_init(&p.words, a);
	p.scanner = scanner_new(&p.words, &p.ast->comments, a);
	stream_push(&p, &sources->v[source]);
	zf_parse_parse(&p);
	return p.ast;
}
