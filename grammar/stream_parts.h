/* SPDX-License-Identifier: GPL-2.0-only */
/* stream_parts.h - what the stream*.c share; private to them. */
#ifndef ZFWC_STREAM_PARTS_H
#define ZFWC_STREAM_PARTS_H

#include <grammar/stream.h>

/* ---- stream_place.c: where a token stands ---- */

/* Within the braces of a value. */
static inline bool stream_in_value(const struct stream *s)
{
	return s->braces.n > s->stmt_braces;
}

/* "chain" or the like, which has a block of its own in tables. */
bool stream_is_object(int kind);
/* The block that a '{' in this statement opens, or 0. */
int stream_opens_block(const struct stream *s);
/* A statement begins at the next token. */
void stream_begin(struct stream *s);
/* Takes note of a token of the statement. */
void stream_note(struct stream *s, int kind);
/* May the token of this kind, the next one, be a field or the beginning of one? */
bool stream_takes_fields(struct stream *s, int kind);
bool stream_may_begin_field(int kind);
/* The field that 't', or 't' and 'next', spell, or -1; *both says which. */
int stream_field(struct parser *p, const struct token *t, const struct token *next, bool *both);

/* ---- stream.c: tokens in and out ---- */

const struct brace *stream_top_brace(const struct stream *s);
void stream_take(struct parser *p, struct token *ret);
void stream_put_back(struct parser *p, const struct token *t);
/* A token without text, at the end of the span. */
struct token stream_made_up(int kind, struct span at);
/* Hands out 't', which is a part of the statement, or its end. */
void stream_hand_out(struct parser *p, struct token *t);
/* The file ends at 't', which becomes what is handed out for it. */
void stream_end_of_file(struct parser *p, struct token *t);

/* ---- stream_recover.c: after an error ---- */

/* Skips the rest of a bad statement, and hands out its end. */
void stream_skip_statement(struct parser *p, struct token *ret);

#endif
