/* SPDX-License-Identifier: GPL-2.0-only */
/* duration.h - times as users write them: "30s", "1m30s", "500ms", "2h"; a number
 * alone is of seconds. */
#ifndef ZFWC_DURATION_H
#define ZFWC_DURATION_H

#include <stdint.h>

#define DURATION_MAX_MS (366ull * 24 * 3600 * 1000)

/* Returns 0, or -1 when 'text' isn't one, or is longer than a year. */
int duration_read(const char *text, uint64_t *ms);

#endif
