/* SPDX-License-Identifier: GPL-2.0-only */
/* event_text.h - the log statements of the live text, by identity: what an event
 * leaves to be found there. */
#ifndef ZFWC_EVENT_TEXT_H
#define ZFWC_EVENT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct installed;
struct log_statement;

struct event_text {
	struct log_statement *v; /* sorted by identity */
	size_t n;
};

/* 'in' is compiled; the result lives in 'a' alone. */
struct event_text event_text_of(struct installed *in, struct arena *a);
/* Whether both have the same statements, wherever they stand. */
bool event_text_same(const struct event_text *x, const struct event_text *y);
/* NULL: the text hasn't it. */
const struct log_statement *event_text_find(const struct event_text *t, uint64_t identity);

#endif
