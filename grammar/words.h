/* SPDX-License-Identifier: GPL-2.0-only */
/* words.h - every word and phrase that the language knows, found by its text. */
#ifndef ZFWC_WORDS_H
#define ZFWC_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct word {
	const char *text; /* "tproxy", or a phrase: "ip saddr" */
	size_t len;
	int token;	   /* TOK_...; TOK_WORD when nothing is special about it */
	int field;	   /* FIELD_... that it spells, or -1 */
	bool begins_field; /* "ip" */
	bool is_name;	   /* a keyword that may be a name too */
	/* Of nft, but not of zfwc: what to do instead; else NULL. */
	const char *instead;
	bool in_rules_only; /* that holds within rules only */
	bool whole_block;   /* what follows in braces can't be read either */
};

struct words {
	struct word *v;
	size_t n, cap;
	uint16_t *slots; /* by hash: index + 1, 0 is free */
};

void words_init(struct words *w, struct arena *a);
/* NULL when the text is no known word. */
const struct word *words_find(const struct words *w, const char *text, size_t len);
/* "first second" */
const struct word *words_find_pair(const struct words *w, const char *first, size_t first_len, const char *second,
				   size_t second_len);
/* The known word that 'text' is probably meant to be, or NULL.  With 'first',
 * one that may follow that word. */
const char *words_suggest(const struct words *w, struct arena *a, const char *first, const char *text);

#endif
