/* SPDX-License-Identifier: GPL-2.0-only */
/* json.h - what 'status' prints with -j, one line on standard output.
 *
 * Rulesets as JSON are compiler/json_write.h, messages runtime/diag_json.h. */
#ifndef ZFWC_JSON_H
#define ZFWC_JSON_H

struct status_view;

/* 'v' NULL: nothing is live. */
void json_print_status(const struct status_view *v, const char *instance);

#endif
