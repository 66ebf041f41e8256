/* SPDX-License-Identifier: GPL-2.0-only */
/* bench.h - the rules of the benchmark, and time taken.
 *
 * A failure of the system ends the program with a message. */
#ifndef ZFWC_TESTS_BENCH_H
#define ZFWC_TESTS_BENCH_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct image;

/* ---- rules ---- */

struct bench_rule {
	uint32_t net; /* a /24, host byte order */
	uint16_t port;
};

/* Distinct networks all over the address space, the same in every run. */
void bench_rules(struct bench_rule *v, size_t n);
/* As nft and zfwc read them: one ingress chain, which drops what matches. */
char *bench_text(const struct bench_rule *v, size_t n, const char *device);
/* What zfwc makes of the text. */
void bench_image(const char *text, const char *device, uint32_t ifindex, struct arena *a, struct image *ret);

/* ---- numbers ---- */

#define BENCH_ROUNDS_MAX 101

struct bench_series {
	double v[BENCH_ROUNDS_MAX];
	size_t n;
};

struct bench_summary {
	double min, median, p90;
};

void bench_note(struct bench_series *s, double value);
struct bench_summary bench_summary(struct bench_series *s); /* sorts */
uint32_t bench_random(void);				    /* the same sequence in every run */
double bench_now(void);					    /* seconds */

#endif
