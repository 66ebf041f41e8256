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
#include "random_ir.h"

/* ---- by hand ---- */

static char *read_whole(struct arena *a, const char *path)
{
	struct buf b = { .arena = a };
	FILE *f = fopen(path, "r");
	char block[4096];
	size_t n;

	buf_puts(&b, "");
	while (f && (n = fread(block, 1, sizeof(block), f)) > 0)
		buf_write(&b, block, n);
	if (f)
		fclose(f);
	return b.text;
}

static void check_golden(struct arena *a, const char *path, const char *text)
{
	const char *golden;
	FILE *f;

	if (getenv("GOLDEN_UPDATE")) {
		f = fopen(path, "w");
		assert_non_null(f);
		assert_true(fputs(text, f) >= 0 && !fclose(f));
		return;
	}
	golden = read_whole(a, path);
	if (strcmp(golden, text))
		print_message("# %s differs, it is now:\n%s\n", path, text);
	assert_string_equal(text, golden);
}

static void test_golden(void **state)
{
	const char *src = getenv("SRCDIR");
	struct arena *a = arena_new();
	glob_t found;

	(void)state;
	assert_int_equal(glob(arena_printf(a, "%s/tests/golden/check/*.nft", src ? src : "."), 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i], *name = strrchr(path, '/') + 1;
		char *err = arena_strndup(a, path, strlen(path));
		struct fixture f;

		memcpy(err + strlen(err) - 3, "err", 3);
		fixture_compile(&f, name, read_whole(a, path), &fixture_facts, NULL);
		f.diag.sources = &f.sources;
		if (!f.diag.errors)
			compile_check(&f.compiled, &fixture_facts, &f.diag, f.arena);
		check_golden(a, err, fixture_messages(&f));
		fixture_free(&f);
	}
	globfree(&found);
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
