/* SPDX-License-Identifier: GPL-2.0-only */
/* stream.h - tokens on their way from the scanner to the grammar.
 *
 * Here lies what a grammar of nft's kind can't do well: line ends that mean
 * something in blocks and nothing in values, phrases ("ip saddr") that become
 * one token by the table of fields, included files, and skipping to the end of
 * a statement after an error.  A missing or surplus '}' is found and made good
 * here, so that it costs one error. */
#ifndef ZFWC_STREAM_H
#define ZFWC_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include <grammar/token.h>

#define STREAM_MAX_NESTING 16 /* of '{' within a value, and of '(' */
#define STREAM_AHEAD	   4

struct parser;
struct source;

struct brace {
	struct span span;
	int block;	/* TOK_TABLE, TOK_CHAIN, TOK_SET, TOK_COUNTER or the like; 0: of a value */
	bool multiline; /* a line ended since it was opened */
};

struct stream {
	struct {
		struct brace *v; /* the open ones */
		size_t n, cap;
	} braces;
	struct {
		size_t *v; /* the braces that were open when the file began */
		size_t n, cap;
	} files;

	/* The statement being handed out. */
	bool at_start;		  /* none of it yet */
	int first;		  /* the kind of its first token */
	int subject;		  /* likewise, but what stands behind "add" and the like */
	struct token second;	  /* behind "add" */
	unsigned int names;	  /* of "add rule t c ...": how many come before the rule */
	bool in_fib;		  /* "fib saddr . iif type": no fields in it */
	unsigned int parentheses; /* open ones */
	size_t stmt_braces;	  /* open ones when it began: all of blocks */

	struct token ahead[STREAM_AHEAD]; /* read, but not handed out */
	size_t n_ahead;
	struct token last, before; /* handed out: the last one, the one before it */

	bool recovering;	/* skip the rest of the statement */
	bool skip_block;	/* together with a block that it opens */
	bool cut_short;		/* the file ended too early: say nothing more about it */
	unsigned int made_good; /* '}' that were put in where they lacked */
};

/* Tokens come from 'src' from now on, until its end. */
void stream_push(struct parser *p, const struct source *src);
/* Ends the statement being handed out, before the file just pushed begins. */
void stream_end_statement(struct parser *p, struct span at);
/* The i-th token behind the last one handed out; i < STREAM_AHEAD. */
const struct token *stream_peek(struct parser *p, size_t i);
/* The block that the statement is in, 0 at the top. */
int stream_block(const struct stream *s);
/* In a statement of a chain block, or behind "add rule t c"; not within the
 * braces of a value. */
bool stream_in_rule(const struct stream *s);
/* After an error at the last token. */
void stream_recover(struct parser *p, bool skip_block);

#endif
