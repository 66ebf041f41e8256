/* SPDX-License-Identifier: GPL-2.0-only */
/* report.h - what commands say to people. */
#ifndef ZFWC_REPORT_H
#define ZFWC_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <compiler/base/source.h>

struct buf;
struct diag;
struct live_stats;
struct trouble;

/* Each writes to standard error and returns -1. */
int report_trouble(const struct trouble *t);
int report_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* All messages of 'd' to standard error.  Returns -1 if there are errors among them. */
int report_diag(struct diag *d);

/* Text to standard output. */
void report_text(const struct buf *b);

/* ---- time per stage ---- */

struct stages {
	struct {
		const char *name;
		double seconds;
	} v[16];
	unsigned int n;
	double since; /* end of the stage before */
};

void stages_start(struct stages *s);
/* What went by since the last call was 'name'. */
void stages_done(struct stages *s, const char *name);
void stages_add(struct stages *s, const char *name, double seconds);

/* 'stats' NULL: the stages alone. */
void report_stats(const struct live_stats *stats, const struct stages *stages, FILE *out);

/* ---- words ---- */

/* "1 rule", "2 rules" */
void format_count(struct buf *out, uint64_t n, const char *noun);
/* "640 B", "1.2 MiB" */
void format_size(struct buf *out, uint64_t bytes);

#endif
