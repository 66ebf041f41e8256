/* SPDX-License-Identifier: GPL-2.0-only */
/* stream_place.c - what the tokens before it say about a token. */
#include <grammar/stream_parts.h>

#include <grammar/parse.tab.h>
#include <grammar/parser.h>
#include <grammar/words.h>

int stream_block(const struct stream *s)
{
	return s->stmt_braces ? s->braces.v[s->stmt_braces - 1].block : 0;
}

/* "add rule t c ..." behind the names. */
static bool in_rule_command(const struct stream *s)
{
	return !stream_block(s) && s->subject == TOK_RULE && !s->names && !s->at_start;
}

bool stream_in_rule(const struct stream *s)
{
	return !stream_in_value(s) && (stream_block(s) == TOK_CHAIN || in_rule_command(s));
}

static bool is_verb(int kind)
{
	return kind == TOK_ADD || kind == TOK_CREATE || kind == TOK_INSERT || kind == TOK_REPLACE ||
	       kind == TOK_DELETE || kind == TOK_DESTROY || kind == TOK_FLUSH || kind == TOK_RENAME;
}

static bool is_family(int kind)
{
	return kind == TOK_IP || kind == TOK_IP6 || kind == TOK_INET || kind == TOK_NETDEV;
}

bool stream_is_object(int kind)
{
	return kind == TOK_CHAIN || kind == TOK_SET || kind == TOK_MAP || kind == TOK_COUNTER || kind == TOK_LIMIT;
}

void stream_begin(struct stream *s)
{
	s->at_start = true;
	s->first = s->subject = 0;
	s->names = 0;
	s->in_fib = false;
	s->parentheses = 0;
	s->stmt_braces = s->braces.n;
}

/* Behind "add rule" comes "[family] table chain". */
static void count_names(struct stream *s, int kind)
{
	if (s->names == 2 && is_family(kind) && (s->last.kind == TOK_RULE || s->last.kind == TOK_ADD))
		return;
	if (s->names)
		s->names--;
}

void stream_note(struct stream *s, int kind)
{
	if (s->at_start) {
		s->at_start = false;
		s->second.kind = 0;
		s->first = s->subject = kind;
		s->names = kind == TOK_RULE ? 2 : 0;
	} else if (s->subject == s->first && is_verb(s->first) && !stream_in_value(s)) {
		bool rule = s->first == TOK_ADD && kind != TOK_TABLE && kind != TOK_ELEMENT && !stream_is_object(kind);

		s->subject = rule ? TOK_RULE : kind;
		s->names = s->subject == TOK_RULE ? 2 : 0;
		if (rule && kind != TOK_RULE)
			count_names(s, kind);
	} else {
		count_names(s, kind);
	}
}

int stream_opens_block(const struct stream *s)
{
	int block = stream_block(s), kind = s->subject;

	if ((kind == TOK_COUNTER || kind == TOK_LIMIT) && block && block != TOK_TABLE)
		return 0; /* a statement */
	return kind == TOK_TABLE || stream_is_object(kind) ? kind : 0;
}

/* ---- fields ---- */

bool stream_may_begin_field(int kind)
{
	return kind == TOK_IP || kind == TOK_IP6 || kind == TOK_PROTO || kind == TOK_MARK || kind == TOK_RESERVED;
}

int stream_field(struct parser *p, const struct token *t, const struct token *next, bool *both)
{
	const struct word *word;

	*both = false;
	if (!stream_may_begin_field(t->kind))
		return -1;
	word = words_find(&p->words, t->text, t->len);
	if (!word || !word->begins_field)
		return -1;
	if (word->field >= 0)
		return word->field;
	*both = true;
	word = words_find_pair(&p->words, t->text, t->len, next->text, next->len);
	return word ? word->field : -1;
}

/* Keeps track of "fib a . b type": what is before and between dots is no field. */
static bool is_fib_flag(struct stream *s, int kind)
{
	if (!s->in_fib)
		return false;
	if (s->last.kind != TOK_FIB && s->last.kind != '.')
		s->in_fib = kind == '.';
	return true;
}

bool stream_takes_fields(struct stream *s, int kind)
{
	if (kind == TOK_FIB)
		s->in_fib = true;
	else if (is_fib_flag(s, kind))
		return false;
	if (stream_in_value(s) || s->last.kind == TOK_FLAGS || s->last.kind == TOK_WITH)
		return false;
	switch (s->first) {
	case TOK_TYPE:
	case TOK_POLICY:
	case TOK_DEFINE:
	case TOK_REDEFINE:
		return false;
	case TOK_TYPEOF:
		return true;
	}
	return stream_in_rule(s);
}
