/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
#include <grammar/parse.h>
#include <grammar/parse.tab.h>
#include <grammar/scan.h>
#include <grammar/text.h>
#include <grammar/words.h>

static const char *kind_name(const struct token *t)
{
	switch (t->kind) {
	case TOK_WORD:
		return "word";
	case TOK_RESERVED:
		return "reserved";
	case TOK_STRING:
		return "string";
	case TOK_NUMBER:
		return "number";
	case TOK_ADDR4:
		return "addr4";
	case TOK_ADDR6:
		return "addr6";
	case TOK_MAC:
		return "mac";
	case TOK_TIME:
		return "time";
	case TOK_CLASSID:
		return "class";
	case TOK_VARIABLE:
		return "variable";
	case TOK_SETREF:
		return "setref";
	case TOK_NEWLINE:
		return "newline";
	case TOK_BAD:
		return "bad";
	}
	return (t->text[0] >= 'a' && t->text[0] <= 'z') ? "keyword" : "sign";
}

void scan_dump(size_t source, struct sources *sources, struct diag *d, struct arena *a, struct buf *out)
{
	struct words words;
	struct scanner *s;
	struct token t;

	if (check_text(d, &sources->v[source]))
		return;
	words_init(&words, a);
	s = scanner_new(&words, NULL, a);
	scanner_push(s, &sources->v[source]);
	for (scanner_next(s, &t); t.kind != TOK_END; scanner_next(s, &t)) {
		struct position p;

		sources_locate(sources, t.span.at, &p);
		buf_printf(out, "%u:%u %s", p.line, p.column, kind_name(&t));
		if (t.kind != TOK_NEWLINE)
			buf_printf(out, " %.*s", (int)t.len, t.text);
		buf_putc(out, '\n');
		if (t.kind == TOK_BAD)
			diag_error(d, DIAG_BAD_TOKEN, t.span, "%s", t.message);
	}
}
