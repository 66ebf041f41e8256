/* SPDX-License-Identifier: GPL-2.0-only */
/* parser.h - the state of one run of the parser; private to grammar/. */
#ifndef ZFWC_PARSER_H
#define ZFWC_PARSER_H

#include <grammar/ast.h>
#include <grammar/stream.h>
#include <grammar/words.h>

struct arena;
struct diag;
struct include_reader;
struct scanner;

struct parser {
	struct arena *arena;
	struct diag *diag;
	struct sources *sources;
	const struct include_reader *reader;
	struct words words;
	struct scanner *scanner;
	struct stream stream;

	/* The tree so far (build.c).  'table' and what is below it are the blocks
	 * that the parser is in, NULL when it is in none. */
	struct ast *ast;
	struct ast_table *table;
	struct ast_chain *chain;
	struct ast_set *set;
	struct ast_object *object;
	struct ast_item *table_item; /* of the block; NULL: it has none */
	struct ast_item *adding;     /* the command that the block belongs to, or NULL */
	struct ast_item **next_item;
	struct ast_define **next_table_define, **next_chain_define;
	struct ast_set **next_set;
	struct ast_object **next_object;
	struct ast_chain **next_chain;
	struct ast_rule **next_rule;
	unsigned int errors_before; /* the block */
	uint32_t unsupported_at;    /* the last construct that is not supported */
	uint32_t too_many_at;	    /* where the expression began about which that was said */
	uint32_t order;		    /* of the last variable or define */
};

/* At "include STRING", before anything behind it is read (parse.c). */
void parser_include(struct parser *p, struct span at, const struct token *string);

/* Words the error at the token last handed out (syntax_error.c).  'expected' are
 * the names of the tokens that could stand there. */
void syntax_error(struct parser *p, const char *const *expected, size_t n);

/* Is the token, which the grammar can't use, part of something that people know
 * from another language?  Then says how it is written here (syntax_habits.c). */
bool syntax_habit(struct parser *p, const struct token *t);
/* "tcp accept": says how the protocol alone is matched. */
void explain_protocol(struct parser *p, const struct token *first);

#endif
