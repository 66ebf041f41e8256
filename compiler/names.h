/* SPDX-License-Identifier: GPL-2.0-only */
/* names.h - the words that stand for numbers, as nft 1.0.6 reads and prints
 * them: services, protocols, priorities, and the values of other types. */
#ifndef ZFWC_NAMES_H
#define ZFWC_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <grammar/ast.h>

struct name {
	const char *word;
	int64_t number;
};

struct names {
	const struct name *v;
	size_t n;
	const char *what; /* "service", for messages */
};

/* The words for values of a type; n is 0 when it has none. */
const struct names *names_of_type(enum ast_type type);
/* Priorities of base chains on a hook of a family. */
const struct names *names_of_priorities(enum ast_family family, enum ast_hook hook);

bool names_find(const struct names *names, const char *word, int64_t *ret);
/* The word that a listing shows, or NULL: show the number.  Ports have none; of
 * flags, 'number' is one bit. */
const char *names_print(enum ast_type type, uint64_t number);
/* There are flags, and each has such a word. */
bool names_all_flags(enum ast_type type, uint64_t flags);
/* The nearest word, or NULL. */
const char *names_suggest(const struct names *names, const char *word);

#endif
