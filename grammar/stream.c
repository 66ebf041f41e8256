/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/stream.h>

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

static struct token take(struct parser *p)
{
	struct stream *s = &p->stream;
	struct token t;

	if (!s->n_ahead) {
		scanner_next(p->scanner, &t);
		return t;
	}
	t = s->ahead[0];
	memmove(s->ahead, s->ahead + 1, --s->n_ahead * sizeof(t));
	return t;
}

static void put_back(struct parser *p, const struct token *t)
{
	struct stream *s = &p->stream;

	assert(s->n_ahead < STREAM_AHEAD);
	memmove(s->ahead + 1, s->ahead, s->n_ahead++ * sizeof(*t));
	s->ahead[0] = *t;
}

/* A token without text, at the end of the span. */
static struct token made_up(int kind, struct span at)
{
	return (struct token){ .kind = kind, .span = { at.end, at.end }, .text = "" };
}

/* ---- where a token stands ---- */

static bool in_value(const struct stream *s)
{
	return s->braces.n > s->stmt_braces;
}

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
	return !in_value(s) && (stream_block(s) == TOK_CHAIN || in_rule_command(s));
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

/* What has a block of its own, in tables. */
static bool is_object(int kind)
{
	return kind == TOK_CHAIN || kind == TOK_SET || kind == TOK_MAP || kind == TOK_COUNTER || kind == TOK_LIMIT;
}

static void begin_statement(struct stream *s)
{
	s->at_start = true;
	s->first = s->subject = 0;
	s->names = 0;
	s->in_fib = false;
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

/* Takes note of a token of the statement. */
static void note_token(struct stream *s, int kind)
{
	if (s->at_start) {
		s->at_start = false;
		s->first = s->subject = kind;
		s->names = kind == TOK_RULE ? 2 : 0;
	} else if (s->subject == s->first && is_verb(s->first) && !in_value(s)) {
		bool rule = s->first == TOK_ADD && kind != TOK_TABLE && kind != TOK_ELEMENT && !is_object(kind);

		s->subject = rule ? TOK_RULE : kind;
		s->names = s->subject == TOK_RULE ? 2 : 0;
		if (rule && kind != TOK_RULE)
			count_names(s, kind);
	} else {
		count_names(s, kind);
	}
}

/* ---- fields ---- */

static bool may_begin_field(int kind)
{
	return kind == TOK_IP || kind == TOK_IP6 || kind == TOK_PROTO || kind == TOK_MARK || kind == TOK_RESERVED;
}

/* The field that 't', or 't' and 'next', spell, or -1; *both says which. */
static int field_of(struct parser *p, const struct token *t, const struct token *next, bool *both)
{
	const struct word *word;

	*both = false;
	if (!may_begin_field(t->kind))
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

/* May there be fields at this place? */
static bool takes_fields(struct stream *s, int kind)
{
	if (kind == TOK_FIB)
		s->in_fib = true;
	else if (is_fib_flag(s, kind))
		return false;
	if (in_value(s) || s->last.kind == TOK_FLAGS || s->last.kind == TOK_WITH)
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

static struct token take_field(struct parser *p)
{
	struct token t = take(p);
	bool both;
	int field;

	if (!takes_fields(&p->stream, t.kind) || !may_begin_field(t.kind))
		return t;
	field = field_of(p, &t, stream_peek(p, 0), &both);
	if (field < 0)
		return t;
	if (both) {
		t.span.end = p->stream.ahead[0].span.end;
		t.len = t.span.end - t.span.at;
		take(p);
	}
	t.kind = TOK_FIELD;
	t.field = (enum ast_field)field;
	return t;
}

/* ---- statements and braces ---- */

/* The block that a '{' in this statement opens, or 0. */
static int opens_block(const struct stream *s)
{
	int block = stream_block(s), kind = s->subject;

	if ((kind == TOK_COUNTER || kind == TOK_LIMIT) && block && block != TOK_TABLE)
		return 0; /* a statement */
	return kind == TOK_TABLE || is_object(kind) ? kind : 0;
}

static const struct brace *top_brace(const struct stream *s)
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
	int block = in_value(s) ? 0 : opens_block(s);

	*vec_push(p->arena, &s->braces) = (struct brace){ .span = t->span, .block = block };
	if (block) {
		begin_statement(s);
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
	begin_statement(s);
	return TOK_BLOCK_CLOSE;
}

static int end_line(struct stream *s, struct token *t)
{
	if (in_value(s)) {
		if (t->kind == ';')
			return make_bad(t, "unexpected ';' within '{ }', elements are separated by ','");
		s->braces.v[s->braces.n - 1].multiline = true;
		return TOK_SET_NEWLINE;
	}
	begin_statement(s);
	return t->kind;
}

/* Hands out 't', which is a part of the statement, or its end. */
static struct token hand_out(struct parser *p, struct token t)
{
	struct stream *s = &p->stream;

	if (t.kind != TOK_NEWLINE && t.kind != ';' && t.kind != '}')
		note_token(s, t.kind);
	if (t.kind == '{')
		t.kind = open_brace(p, &t);
	else if (t.kind == '}')
		t.kind = close_brace(s, &t);
	else if (t.kind == TOK_NEWLINE || t.kind == ';')
		t.kind = end_line(s, &t);
	if (t.kind == TOK_BAD)
		s->at_start = false;
	return t;
}

/* ---- ends of files ---- */

void stream_push(struct parser *p, const struct source *src)
{
	struct stream *s = &p->stream;

	scanner_push(p->scanner, src);
	*vec_push(p->arena, &s->files) = s->braces.n;
	begin_statement(s);
}

void stream_end_statement(struct parser *p, struct span at)
{
	struct token end = made_up(TOK_NEWLINE, at);

	/* The grammar reads nothing behind an include before it is asked here. */
	assert(!p->stream.n_ahead);
	put_back(p, &end);
}

/* The file ends: closes what it left open, brace by brace, each time it is
 * asked; then goes on with the file that included it. */
static struct token end_of_file(struct parser *p, struct token t)
{
	struct stream *s = &p->stream;

	if (own_braces(s)) {
		if (!s->cut_short)
			diag_error(p->diag, DIAG_UNCLOSED, top_brace(s)->span,
				   "'{' is never closed, the file ends before its '}'");
		s->cut_short = true;
		put_back(p, &t);
		if (top_brace(s)->block && !s->at_start)
			return hand_out(p, made_up(TOK_NEWLINE, t.span));
		return hand_out(p, made_up('}', t.span));
	}
	if (!s->at_start) {
		put_back(p, &t);
		return hand_out(p, made_up(TOK_NEWLINE, t.span));
	}
	if (s->files.n == 1)
		return t;
	s->files.n--;
	s->cut_short = false;
	scanner_pop(p->scanner);
	return hand_out(p, made_up(TOK_NEWLINE, t.span));
}

/* ---- a block without its end ---- */

/* A table within a table, or a chain or set within one of them: the '}' before
 * it lacks. */
static bool lacks_close(const struct stream *s, int kind)
{
	int block = stream_block(s);

	if (!s->at_start || !own_braces(s))
		return false;
	if (kind == TOK_TABLE)
		return true;
	return is_object(block) && (kind == TOK_CHAIN || kind == TOK_SET || kind == TOK_MAP);
}

static struct token close_before(struct parser *p, struct token t)
{
	struct stream *s = &p->stream;

	diag_error(p->diag, DIAG_UNCLOSED, t.span, "'}' is missing before '%.*s'", (int)t.len, t.text);
	diag_note(p->diag, top_brace(s)->span, "the block opened here is still open");
	s->made_good++;
	put_back(p, &t);
	return hand_out(p, made_up('}', (struct span){ t.span.at, t.span.at }));
}

/* ---- after an error ---- */

static bool begins_statement(struct parser *p, size_t i)
{
	const struct token *t = stream_peek(p, i);
	bool both;

	switch (t->kind) {
	case TOK_TABLE:
	case TOK_CHAIN:
	case TOK_SET:
	case TOK_MAP:
	case TOK_DEFINE:
	case TOK_REDEFINE:
	case TOK_UNDEFINE:
	case TOK_INCLUDE:
		return true;
	case TOK_ADD:
	case TOK_DELETE:
	case TOK_INSERT:
	case TOK_REPLACE:
	case TOK_FLUSH:
		return !stream_block(&p->stream);
	case TOK_FIELD:
	case TOK_COUNTER:
	case TOK_LIMIT:
	case TOK_LOG:
	case TOK_REJECT:
	case TOK_ACCEPT:
	case TOK_DROP:
	case TOK_CONTINUE:
	case TOK_RETURN:
	case TOK_JUMP:
	case TOK_GOTO:
	case TOK_TPROXY:
	case TOK_SSH_LOCAL:
	case TOK_TYPE:
	case TOK_POLICY:
	case TOK_FIB:
		return is_object(stream_block(&p->stream));
	}
	if (!is_object(stream_block(&p->stream)) || !may_begin_field(t->kind))
		return false;
	return t->kind == TOK_RESERVED || field_of(p, t, stream_peek(p, i + 1), &both) >= 0;
}

/* At the end of a line within the braces of a bad statement: does the statement
 * end here?  It does when the next line begins another one, or when the braces
 * were opened in this line, unless the line ends in ',' or in the '{'. */
static bool ends_in_braces(struct parser *p, int last)
{
	struct stream *s = &p->stream;

	if (s->skip_block || s->first == TOK_RESERVED || s->first == TOK_WORD)
		return false;
	if (begins_statement(p, 0))
		return true;
	if (last == ',' || last == '{' || opens_block(s) || !is_object(stream_block(s)))
		return false;
	return !top_brace(s)->multiline;
}

static struct token skip_statement(struct parser *p)
{
	struct stream *s = &p->stream;
	int last = s->last.kind;

	for (;;) {
		struct token t = take(p);

		if (t.kind == TOK_END) {
			put_back(p, &t);
			s->skip_block = false;
			return end_of_file(p, take(p));
		}
		if (!in_value(s)) {
			bool block = t.kind == '{' && opens_block(s) && !s->skip_block;

			if (block || t.kind == '}' || t.kind == TOK_NEWLINE || t.kind == ';')
				return hand_out(p, t);
		} else if (t.kind == TOK_NEWLINE && ends_in_braces(p, last)) {
			s->braces.n = s->stmt_braces;
			return hand_out(p, t);
		}
		if (t.kind == '{')
			*vec_push(p->arena, &s->braces) = (struct brace){ .span = t.span };
		else if (t.kind == '}')
			s->braces.n--;
		else if (t.kind == TOK_NEWLINE)
			s->braces.v[s->braces.n - 1].multiline = true;
		last = t.kind;
	}
}

void stream_recover(struct parser *p, bool skip_block)
{
	struct stream *s = &p->stream;
	int kind = s->last.kind;

	s->skip_block = skip_block;
	if (s->at_start) /* the last token ended the statement, or opened a block */
		return;
	/* '{ 22, 80' and in the next line a statement: the '}' lacks. */
	if (s->before.kind == TOK_SET_NEWLINE && in_value(s)) {
		put_back(p, &s->last);
		if (begins_statement(p, 0)) {
			struct token end = made_up(TOK_NEWLINE, s->before.span);

			s->braces.n = s->stmt_braces;
			put_back(p, &end);
		} else {
			take(p);
		}
	}
	s->recovering = kind != TOK_END;
}

/* ---- the grammar's view ---- */

static struct token next_token(struct parser *p)
{
	struct stream *s = &p->stream;
	struct token t;

	if (s->recovering) {
		s->recovering = false;
		return skip_statement(p);
	}
	t = take_field(p);
	if (t.kind == TOK_END)
		return end_of_file(p, t);
	if (lacks_close(s, t.kind))
		return close_before(p, t);
	if (t.kind == '}' && s->made_good && !own_braces(s)) {
		s->made_good--;
		return next_token(p);
	}
	return hand_out(p, t);
}

int zf_parse_lex(ZF_PARSE_STYPE *value, ZF_PARSE_LTYPE *span, struct parser *p)
{
	struct stream *s = &p->stream;

	s->before = s->last;
	s->last = next_token(p);
	value->token = s->last;
	*span = s->last.span;
	return s->last.kind;
}
