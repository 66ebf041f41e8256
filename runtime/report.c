/* SPDX-License-Identifier: GPL-2.0-only */
/* report.c - what commands say to people. */
#include <runtime/report.h>

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
#include <runtime/live.h>

int report_trouble(const struct trouble *t)
{
	return report_error("%s", t->text);
}

int report_error(const char *fmt, ...)
{
	va_list ap;

	fputs("zfwc: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -1;
}

/* On a terminal that knows them, unless the user wants none (no-color.org). */
static bool wants_colour(void)
{
	const char *term = getenv("TERM"), *none = getenv("NO_COLOR");

	return isatty(STDERR_FILENO) && !(none && *none) && term && strcmp(term, "dumb");
}

int report_diag(struct diag *d)
{
	struct buf text = { .arena = d->arena };

	d->colour = wants_colour();
	buf_puts(&text, "");
	diag_print(d, &text);
	fwrite(text.text, 1, text.len, stderr);
	return diag_failed(d) ? -1 : 0;
}

void report_text(const struct buf *b)
{
	if (b->len)
		fwrite(b->text, 1, b->len, stdout);
}

/* ---- time per stage ---- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void stages_start(struct stages *s)
{
	s->since = now();
}

void stages_add(struct stages *s, const char *name, double seconds)
{
	assert(s->n < sizeof(s->v) / sizeof(s->v[0]));
	s->v[s->n].name = name;
	s->v[s->n++].seconds = seconds;
}

void stages_done(struct stages *s, const char *name)
{
	double t = now();

	stages_add(s, name, t - s->since);
	s->since = t;
}

void report_stats(const struct live_stats *stats, const struct stages *stages, FILE *out)
{
	double sum = 0;

	if (stats) {
		fprintf(out, "map writes  %10" PRIu64 "\n", stats->writes);
		fprintf(out, "map deletes %10" PRIu64 "\n", stats->deletes);
		fprintf(out, "map reads   %10" PRIu64 "\n", stats->reads);
	}
	for (unsigned int i = 0; i < stages->n; i++) {
		fprintf(out, "%-11s %10.2f ms\n", stages->v[i].name, stages->v[i].seconds * 1e3);
		sum += stages->v[i].seconds;
	}
	fprintf(out, "%-11s %10.2f ms\n", "total", sum * 1e3);
}

/* ---- words ---- */

void format_count(struct buf *out, uint64_t n, const char *noun)
{
	buf_printf(out, "%" PRIu64 " %s%s", n, noun, n == 1 ? "" : "s");
}

void format_size(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB" };
	double size = (double)bytes / 1024;
	unsigned int unit = 0;

	if (bytes < 1024) {
		buf_printf(out, "%" PRIu64 " B", bytes);
		return;
	}
	for (; size >= 1024 && unit < 2; unit++)
		size /= 1024;
	buf_printf(out, "%.1f %s", size, units[unit]);
}
