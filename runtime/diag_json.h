/* SPDX-License-Identifier: GPL-2.0-only */
/* diag_json.h - messages as JSON, for editors: one object on standard output, as
 * zfwc(8) describes it. */
#ifndef ZFWC_DIAG_JSON_H
#define ZFWC_DIAG_JSON_H

struct arena;
struct diag;
struct diag_log;

/* Must be printed in the end. */
struct diag_log *diag_log_new(struct arena *a);
void diag_log_add(struct diag_log *log, const struct diag *d);
/* A member of the object besides the messages: the text, or its lines. */
void diag_log_put_text(struct diag_log *log, const char *name, const char *text);
void diag_log_put_lines(struct diag_log *log, const char *name, const char *text);
/* Accepts NULL, leaves NULL. */
void diag_log_print(struct diag_log **log);

#endif
