/* SPDX-License-Identifier: GPL-2.0-only */
/* test_check.c - warnings.
 *
 * For each tests/golden/check/CASE.nft: CASE.err is what is said about it, errors
 * of all stages or else warnings; with GOLDEN_UPDATE set in the environment the
 * files are rewritten.  That what is said is true is shown by test_check_random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

#include "compile_fixture.h"
#include "golden.h"
#include "random_ir.h"

/* ---- by hand ---- */

static void test_golden(void **state)
{
	struct arena *a = arena_new();
	struct golden golden;

	(void)state;
	golden_open(&golden, a, "tests/golden/check");
	for (size_t i = 0; i < golden.n; i++) {
		const char *name = golden.cases[i], *text = golden_text(&golden, name, NULL);
		struct fixture f;

		fixture_compile(&f, arena_printf(a, "%s.nft", name), text, &fixture_facts, NULL);
		f.diag.sources = &f.sources;
		if (!f.diag.errors)
			compile_check(&f.compiled, &fixture_facts, &f.diag, f.arena);
		golden_check(&golden, name, ".err", fixture_messages(&f));
		fixture_free(&f);
	}
	arena_free(&a);
}

/* ---- speed ---- */

static double seconds_of_check(struct fixture *f)
{
	struct timespec from, to;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	compile_check(&f->compiled, &fixture_facts, &f->diag, f->arena);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

enum { PLAIN, OVERLAPPING, PORTS, DROPS };
static const char *line_for(struct random *r, struct arena *a, int kind)
{
	uint32_t x = (uint32_t)random_u64(r);
	static const unsigned int lens[] = { 8, 11, 13, 16, 19, 22, 24, 27, 30, 32 };

	switch (kind) {
	case PLAIN:
		return arena_printf(a, "ip saddr 10.%u.%u.%u tcp dport %u accept", x & 255, x >> 8 & 255, x >> 16 & 255,
				    1 + (x >> 20));
	case OVERLAPPING:
		x &= UINT32_MAX << (32 - lens[random_below(r, 10)]);
		return arena_printf(a, "ip saddr %u.%u.%u.%u/%u ip daddr 10.0.0.0/%u tcp dport %u-%u accept",
				    1 + (x >> 24) % 200, x >> 16 & 255, x >> 8 & 255, x & 255, 32,
				    8 + random_below(r, 25) / 8 * 8, x & 1023, 1024 + (x & 1023));
	case PORTS:
		return arena_printf(a, "tcp dport %u-%u tcp sport %u %s", x & 32767, 32768 + (x >> 17), x >> 3 & 32767,
				    x & 1 ? "accept" : "drop");
	default:
		return arena_printf(a, "ip saddr 10.%u.%u.%u drop", x & 255, x >> 8 & 255, x >> 16 & 255);
	}
}

static void test_many_rules_take_little_time(void **state)
{
	(void)state;
	for (int kind = PLAIN; kind <= DROPS; kind++) {
		struct random random = { 7 };
		struct arena *a = arena_new();
		struct buf b = { .arena = a };
		struct fixture f;
		double seconds;

		buf_puts(&b,
			 "table inet t { chain c { type filter hook ingress device eth0 priority 0; policy drop;\n");
		for (int i = 0; i < 100000; i++)
			buf_printf(&b, "%s\n", line_for(&random, a, kind));
		buf_puts(&b, "}}\n");
		fixture_compile(&f, "t.nft", b.text, &fixture_facts, NULL);
		assert_int_equal(f.diag.errors, 0);
		f.diag.sources = &f.sources;
		seconds = seconds_of_check(&f);
		print_message("# kind %d: %.0f ms, %u warnings\n", kind, seconds * 1e3, f.diag.warnings);
		assert_true(seconds < 5); /* also with sanitizers, on a busy machine */
		fixture_free(&f);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_many_rules_take_little_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
