/* SPDX-License-Identifier: GPL-2.0-only */
/* buf.h - text that grows, in an arena; always NUL-terminated. */
#ifndef ZFWC_BUF_H
#define ZFWC_BUF_H

#include <stddef.h>

struct arena;

struct buf {
	struct arena *arena;
	char *text; /* never NULL after the first call below */
	size_t len, cap;
};

void buf_putc(struct buf *b, char c);
void buf_puts(struct buf *b, const char *s);
void buf_write(struct buf *b, const char *s, size_t len);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
