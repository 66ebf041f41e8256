/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/base/buf.h>

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <compiler/base/arena.h>

/* Room for 'more' bytes and the NUL behind them. */
static void reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;
	size_t cap = b->cap ? b->cap : 64;

	if (need <= b->cap)
		return;
	while (cap < need)
		cap *= 2;
	b->text = arena_grow(b->arena, b->text, b->cap, cap);
	b->cap = cap;
}

void buf_putc(struct buf *b, char c)
{
	buf_write(b, &c, 1);
}

void buf_puts(struct buf *b, const char *s)
{
	buf_write(b, s, strlen(s));
}

void buf_write(struct buf *b, const char *s, size_t len)
{
	reserve(b, len);
	if (len)
		memcpy(b->text + b->len, s, len);
	b->len += len;
	b->text[b->len] = '\0';
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int len;

	reserve(b, 0);
	va_start(ap, fmt);
	len = vsnprintf(b->text + b->len, b->cap - b->len, fmt, ap);
	va_end(ap);
	assert(len >= 0);
	if (b->len + (size_t)len >= b->cap) {
		reserve(b, (size_t)len);
		va_start(ap, fmt);
		vsnprintf(b->text + b->len, b->cap - b->len, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)len;
}
