/* SPDX-License-Identifier: GPL-2.0-only */
/* json_put.h - JSON, written piece by piece.
 *
 * Between jput_open and jput_close each piece is an item: in an array a value,
 * in an object jput_key and then a value.  The commas come by themselves. */
#ifndef ZFWC_JSON_PUT_H
#define ZFWC_JSON_PUT_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

struct jput {
	struct buf *out;
	bool comma; /* needed before the next item */
};

void jput_open(struct jput *j, char sign);  /* '{' or '[' */
void jput_close(struct jput *j, char sign); /* '}' or ']' */
void jput_key(struct jput *j, const char *key);
void jput_text(struct jput *j, const char *text); /* UTF-8 */
void jput_number(struct jput *j, int64_t number);
void jput_unsigned(struct jput *j, uint64_t number);
/* "null", "true", or a number that isn't whole. */
void jput_word(struct jput *j, const char *word);

/* "key": value */
void jput_text_member(struct jput *j, const char *key, const char *text);
void jput_true_member(struct jput *j, const char *key);
void jput_number_member(struct jput *j, const char *key, uint64_t number);

#endif
