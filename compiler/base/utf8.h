/* SPDX-License-Identifier: GPL-2.0-only */
/* utf8.h - characters of several bytes. */
#ifndef ZFWC_UTF8_H
#define ZFWC_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the first character of s[0..len), 1 to 4; 0 when it is none: a stray
 * or cut-off sequence, an overlong form, a surrogate, a C1 control.  Any byte
 * below 0x80 is a character of one byte. */
size_t utf8_length(const char *s, size_t len);

/* How many bytes at the beginning of s[0..len) are printable ASCII, in steps of
 * eight: the rest is to be looked at byte by byte.  Most of any rules file. */
size_t utf8_plain(const char *s, size_t len);

static inline bool utf8_continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

#endif
