/* SPDX-License-Identifier: GPL-2.0-only */
/* trouble.h - the one message for people that a failing call leaves behind. */
#ifndef ZFWC_TROUBLE_H
#define ZFWC_TROUBLE_H

#include <runtime/live.h>

/* Sets the text and returns 'r', so that reporting can be the return statement. */
int trouble(struct trouble *t, int r, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Puts words in front of the text that is there. */
void trouble_prefix(struct trouble *t, const char *words);

/* What -errno 'r' from the kernel means here and what helps, as the end of a
 * sentence: "out of memory; ...". */
const char *errno_words(int r);

#endif
