/* SPDX-License-Identifier: GPL-2.0-only */
/* stream_recover.c - after an error, where to go on. */
#include <grammar/stream_parts.h>

#include <compiler/base/arena.h>
#include <grammar/parse.tab.h>
#include <grammar/parser.h>

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
		return stream_is_object(stream_block(&p->stream));
	}
	if (!stream_is_object(stream_block(&p->stream)) || !stream_may_begin_field(t->kind))
		return false;
	return t->kind == TOK_RESERVED || stream_field(p, t, stream_peek(p, i + 1), &both) >= 0;
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
	if (last == ',' || last == '{' || stream_opens_block(s) || !stream_is_object(stream_block(s)))
		return false;
	return !stream_top_brace(s)->multiline;
}

/* Is 't', behind a token of the kind 'last', the end of the bad statement? */
static bool ends_statement(struct parser *p, const struct token *t, int last)
{
	struct stream *s = &p->stream;

	if (stream_in_value(s)) {
		if (t->kind != TOK_NEWLINE || !ends_in_braces(p, last))
			return false;
		s->braces.n = s->stmt_braces;
		return true;
	}
	if (t->kind == '{' && stream_opens_block(s) && !s->skip_block)
		return true;
	return t->kind == '}' || t->kind == TOK_NEWLINE || t->kind == ';';
}

void stream_skip_statement(struct parser *p, struct token *ret)
{
	struct stream *s = &p->stream;

	for (int last = s->last.kind;; last = ret->kind) {
		stream_take(p, ret);
		if (ret->kind == TOK_END) {
			s->skip_block = false;
			stream_end_of_file(p, ret);
			return;
		}
		if (ends_statement(p, ret, last)) {
			stream_hand_out(p, ret);
			return;
		}
		if (ret->kind == '{')
			*vec_push(p->arena, &s->braces) = (struct brace){ .span = ret->span };
		else if (ret->kind == '}')
			s->braces.n--;
		else if (ret->kind == TOK_NEWLINE && s->braces.n)
			s->braces.v[s->braces.n - 1].multiline = true;
	}
}

void stream_recover(struct parser *p, bool skip_block)
{
	struct stream *s = &p->stream;
	int kind = s->last.kind;

	s->skip_block = skip_block;
	if (kind == TOK_BLOCK_OPEN && skip_block) { /* as if it were of a value */
		s->braces.v[--s->stmt_braces].block = 0;
		s->at_start = false;
	}
	if (s->at_start) /* the last token ended the statement, or opened a block */
		return;
	/* '{ 22, 80' and in the next line a statement: the '}' lacks. */
	if (s->before.kind == TOK_SET_NEWLINE && stream_in_value(s)) {
		stream_put_back(p, &s->last);
		if (begins_statement(p, 0)) {
			struct token end = stream_made_up(TOK_NEWLINE, s->before.span);

			s->braces.n = s->stmt_braces;
			stream_put_back(p, &end);
		} else {
			stream_take(p, &s->last);
		}
	}
	s->recovering = kind != TOK_END;
}
