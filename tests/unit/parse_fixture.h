/* SPDX-License-Identifier: GPL-2.0-only */
/* parse_fixture.h - texts in memory, parsed. */
#ifndef ZFWC_PARSE_FIXTURE_H
#define ZFWC_PARSE_FIXTURE_H

#include <stddef.h>

#include <compiler/base/diag.h>
#include <compiler/base/reader.h>
#include <compiler/base/source.h>

struct arena;
struct ast;

/* What the parser made of a text; lives in 'arena'. */
struct parsed {
	struct arena *arena;
	struct sources sources;
	struct diag diag;
	struct ast *ast;
};

/* Files for include statements, by name; ends with a NULL name. */
struct text_file {
	const char *name, *text;
};

/* The text is named "t.nft".  'files' NULL: there are none. */
void parse_text(struct parsed *p, const char *text, size_t len, const struct text_file *files);
void parse_named(struct parsed *p, const char *name, const char *text, size_t len, const struct include_reader *reader);
void parsed_free(struct parsed *p);

/* As text, in the arena of 'p'. */
const char *parsed_messages(struct parsed *p);
const char *parsed_dump(struct parsed *p);
const char *parsed_tokens(struct parsed *p);

/* Every message and every node lies within the texts.  Fails the test if not. */
void check_spans(struct parsed *p);

#endif
