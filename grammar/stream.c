/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/stream_parts.h>

#include <assert.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/parse.tab.h>
#include <grammar/parser.h>
#include <grammar/scan.h>

/* ---- tokens as they come ---- */

const struct token *stream_peek(struct parser *p, size_t i)
{
	struct stream *s = &p->stream;

	assert(i < STREAM_AHEAD);
	while (s->n_ahead <= i)
		scanner_next(p->scanner, &s->ahead[s->n_ahead++]);
	return &s->ahead[i];
}

void stream_take(struct parser *p, struct token *ret)
{
	struct stream *s = &p->stream;

	if (!s->n_ahead) {
		scanner_next(p->scanner, ret);
		return;
	}
	*ret = s->ahead[0];
	memmove(s->ahead, s->ahead + 1, --s->n_ahead * sizeof(*ret));
}

void stream_put_back(struct parser *p, const struct token *t)
{
	struct stream *s = &p->stream;

	assert(s->n_ahead < STREAM_AHEAD);
	memmove(s->ahead + 1, s->ahead, s->n_ahead++ * sizeof(*t));
	s->ahead[0] = *t;
}

struct token stream_made_up(int kind, struct span at)
{
	return (struct token){ .kind = kind, .span = { at.end, at.end }, .text = "" };
}

/* ---- statements and braces ---- */

const struct brace *stream_top_brace(const struct stream *s)
{
	return s->braces.n ? &s->braces.v[s->braces.n - 1] : NULL;
}

/* Braces that the file being read has opened itself. */
static size_t own_braces(const struct stream *s)
{
	return s->braces.n - s->files.v[s->files.n - 1];
}

static int make_bad(struct token *t, const char *why)
{
	t->message = why;
	return TOK_BAD;
}

static int open_brace(struct parser *p, struct token *t)
{
	struct stream *s = &p->stream;
	int block = stream_in_value(s) ? 0 : stream_opens_block(s);

	*vec_push(p->arena, &s->braces) = (struct brace){ .span = t->span, .block = block };
	if (block) {
		stream_begin(s);
		return TOK_BLOCK_OPEN;
	}
	if (s->braces.n - s->stmt_braces > STREAM_MAX_NESTING)
		return make_bad(t, "'{' is nested too deeply, at most 16 levels are allowed");
	return '{';
}

static int close_brace(struct stream *s, struct token *t)
{
	if (!own_braces(s))
		return make_bad(t, "'}' without a '{' that it closes");
	if (!s->braces.v[--s->braces.n].block)
		return '}';
	stream_begin(s);
	return TOK_BLOCK_CLOSE;
}

static int end_line(struct stream *s, struct token *t)
{
	if (stream_in_value(s)) {
		if (t->kind == ';')
			return make_bad(t, "unexpected ';' within '{ }', elements are separated by ','");
		s->braces.v[s->braces.n - 1].multiline = true;
		return TOK_SET_NEWLINE;
	}
	stream_begin(s);
	return t->kind;
}

static int parenthesis(struct stream *s, struct token *t)
{
	if (t->kind == ')' && s->parentheses)
		s->parentheses--;
	else if (t->kind == '(' && ++s->parentheses > STREAM_MAX_NESTING)
		return make_bad(t, "'(' is nested too deeply, at most 16 levels are allowed");
	return t->kind;
}

void stream_hand_out(struct parser *p, struct token *t)
{
	struct stream *s = &p->stream;

	switch (t->kind) {
	case TOK_NEWLINE:
	case ';':
		t->kind = end_line(s, t);
		break;
	case '}':
		t->kind = close_brace(s, t);
		break;
	case '{':
		stream_note(s, t->kind);
		t->kind = open_brace(p, t);
		break;
	case '(':
	case ')':
		stream_note(s, t->kind);
		t->kind = parenthesis(s, t);
		break;
	default:
		if (!s->at_start && s->subject == s->first && s->first == TOK_ADD)
			s->second = *t;
		stream_note(s, t->kind);
		return;
	}
	if (t->kind == TOK_BAD)
		s->at_start = false;
}

/* ---- ends of files ---- */

void stream_push(struct parser *p, const struct source *src)
{
	struct stream *s = &p->stream;

	scanner_push(p->scanner, src);
	*vec_push(p->arena, &s->files) = s->braces.n;
	stream_begin(s);
}

void stream_end_statement(struct parser *p, struct span at)
{
	struct token end = stream_made_up(TOK_NEWLINE, at);

	/* The grammar reads nothing behind an include before it is asked here. */
	assert(!p->stream.n_ahead);
	stream_put_back(p, &end);
}

/* What stands for the end of a file as long as something in it is open, or 0. */
static int end_of_open(const struct stream *s)
{
	if (!s->at_start && (!own_braces(s) || stream_top_brace(s)->block))
		return TOK_NEWLINE;
	return own_braces(s) ? '}' : 0;
}

/* Closes what the file left open, brace by brace, each time it is asked; then
 * goes on with the file that included it. */
void stream_end_of_file(struct parser *p, struct token *t)
{
	struct stream *s = &p->stream;
	int kind = end_of_open(s);

	if (own_braces(s) && !s->cut_short) {
		diag_error(p->diag, DIAG_UNCLOSED, stream_top_brace(s)->span,
			   "'{' is never closed, the file ends before its '}'");
		s->cut_short = true;
	}
	if (!kind && s->files.n == 1)
		return;
	if (kind) {
		stream_put_back(p, t);
	} else {
		s->files.n--;
		s->cut_short = false;
		scanner_pop(p->scanner);
	}
	*t = stream_made_up(kind ? kind : TOK_NEWLINE, t->span);
	stream_hand_out(p, t);
}

/* ---- a block without its end ---- */

/* At the start of a statement: a table within a table, or a chain or set within
 * one of them?  Then the '}' before it lacks. */
static bool lacks_close(const struct stream *s, int kind)
{
	int block = stream_block(s);

	if (!own_braces(s))
		return false;
	if (kind == TOK_TABLE)
		return true;
	return stream_is_object(block) && (kind == TOK_CHAIN || kind == TOK_SET || kind == TOK_MAP);
}

/* Puts in what lacks before 't'. */
static void close_before(struct parser *p, struct token *t)
{
	struct stream *s = &p->stream;

	diag_error(p->diag, DIAG_UNCLOSED, t->span, "'}' is missing before '%.*s'", (int)t->len, t->text);
	diag_note(p->diag, stream_top_brace(s)->span, "the block opened here is still open");
	s->made_good++;
	stream_put_back(p, t);
	*t = stream_made_up('}', (struct span){ t->span.at, t->span.at });
	stream_hand_out(p, t);
}

/* ---- fields ---- */

/* The next token; the words of a field are one. */
static void take_field(struct parser *p, struct token *t)
{
	bool both;
	int field;

	stream_take(p, t);
	if (!stream_takes_fields(&p->stream, t->kind) || !stream_may_begin_field(t->kind))
		return;
	field = stream_field(p, t, stream_peek(p, 0), &both);
	if (field < 0)
		return;
	if (both) {
		struct token second;

		stream_take(p, &second);
		t->span.end = second.span.end;
		t->len = t->span.end - t->span.at;
	}
	t->kind = TOK_FIELD;
	t->field = (enum ast_field)field;
}

/* ---- the grammar's view ---- */

static void next_token(struct parser *p, struct token *t)
{
	struct stream *s = &p->stream;

	if (s->recovering) {
		s->recovering = false;
		stream_skip_statement(p, t);
		return;
	}
	do
		take_field(p, t);
	while (t->kind == '}' && s->made_good && !own_braces(s) && s->made_good--);
	if (t->kind == TOK_END)
		stream_end_of_file(p, t);
	else if (s->at_start && lacks_close(s, t->kind))
		close_before(p, t);
	else
		stream_hand_out(p, t);
}

int zf_parse_lex(ZF_PARSE_STYPE *value, ZF_PARSE_LTYPE *span, struct parser *p)
{
	struct stream *s = &p->stream;

	s->before = s->last;
	next_token(p, &value->token);
	s->last = value->token;
	*span = s->last.span;
	return s->last.kind;
}
