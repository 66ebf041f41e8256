// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tests/bench/bench.h>

uint32_t bench_random(void)
{
	static uint64_t state = 20260101;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 32);
}

double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void bench_note(struct bench_series *s, double value)
{
	if (s->n < BENCH_ROUNDS_MAX)
		s->v[s->n++] = value;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct bench_summary bench_summary(struct bench_series *s)
{
	qsort(s->v, s->n, sizeof(s->v[0]), by_value);
	return (struct bench_summary){ s->v[0], s->v[s->n / 2], s->v[s->n * 9 / 10] };
}

void bench_rules(struct bench_rule *v, size_t n)
{
	static uint8_t taken[1 << 24];

	memset(taken, 0, sizeof(taken));
	for (size_t i = 0; i < n; i++) {
		uint32_t net;

		do {
			net = bench_random() & 0xffffff00;
		} while (net >> 24 < 1 || net >> 24 > 223 || taken[net >> 8]);
		taken[net >> 8] = 1;
		v[i] = (struct bench_rule){ net, (uint16_t)(1 + bench_random() % 65535) };
	}
}

char *bench_text(const struct bench_rule *v, size_t n, const char *device)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		err(1, "open_memstream");
	fprintf(f, "table netdev bench_%s {\n\tchain ingress {\n", device);
	fprintf(f, "\t\ttype filter hook ingress device \"%s\" priority filter; policy accept;\n", device);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "\t\tip daddr %u.%u.%u.0/24 udp dport %u drop\n", v[i].net >> 24, v[i].net >> 16 & 255,
			v[i].net >> 8 & 255, v[i].port);
	fprintf(f, "\t}\n}\n");
	fclose(f);
	return text;
}
