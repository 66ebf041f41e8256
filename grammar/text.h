/* SPDX-License-Identifier: GPL-2.0-only */
/* text.h - is it text at all?  Private to grammar/. */
#ifndef ZFWC_TEXT_H
#define ZFWC_TEXT_H

struct diag;
struct source;

/* Reports the first byte that is neither printable ASCII, a tab, a line feed,
 * nor part of a UTF-8 character, or that the text is too large.  0 or -1. */
int check_text(struct diag *d, const struct source *src);

#endif
