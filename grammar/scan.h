/* SPDX-License-Identifier: GPL-2.0-only */
/* scan.h - text to tokens, of one text or of texts put into one another. */
#ifndef ZFWC_SCAN_H
#define ZFWC_SCAN_H

#include <stdint.h>

#include <grammar/token.h>

#define SCAN_MAX_NAME 255 /* bytes of a word: the kernel's limit for names */

struct arena;
struct source;
struct words;

struct scanner;

/* Comments are put into the list 'comments' ends with; NULL: they are left out. */
struct scanner *scanner_new(const struct words *words, struct ast_comment **comments, struct arena *a);
/* Tokens come from 'src' until scanner_pop. */
void scanner_push(struct scanner *s, const struct source *src);
void scanner_pop(struct scanner *s);
/* The next token of the text on top; at its end TOK_END, again and again.
 * What is no token is TOK_BAD with a message. */
void scanner_next(struct scanner *s, struct token *ret);

#endif
