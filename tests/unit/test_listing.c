/* SPDX-License-Identifier: GPL-2.0-only */
/* test_listing.c - listings packed, damaged and compared.  What single rulesets
 * look like is in tests/golden/ir/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/listing_diff.h>
#include <compiler/sequence_diff.h>

#include "compile_fixture.h"

#define HEAD "table inet fw {\n\tchain in {\n\t\ttype filter hook ingress device \"eth0\" priority 0\n"

static const char sample[] =
	"table inet fw {\n\tset s {\n\t\ttype ipv4_addr\n\t\tcomment \"x\"\n\t\telements = { 1.1.1.1, 1.1.1.2 comment \"y\" }\n\t}\n"
	"\tchain in {\n\t\ttype filter hook ingress device \"eth0\" priority 0\n\t\tip saddr @s counter drop\n\t}\n}\n";

/* ---- packing ---- */

static struct buf packed(struct fixture *f)
{
	struct listing l = fixture_lines(f, true);
	struct buf blob = { .arena = f->arena };

	listing_pack(&l, &blob);
	return blob;
}

static void test_damage_is_noticed(void **state)
{
	struct fixture f;
	struct listing l;
	struct buf blob;

	(void)state;
	fixture_compile(&f, "fw.nft", sample, &fixture_facts, NULL);
	blob = packed(&f);
	assert_int_equal(listing_unpack(blob.text, blob.len, f.arena, &l), 0);
	for (size_t len = 0; len < blob.len; len++) {
		char *part = malloc(len ? len : 1); /* so that reading beyond it is noticed */

		memcpy(part, blob.text, len);
		assert_int_equal(listing_unpack(part, len, f.arena, &l), -1);
		free(part);
	}
	for (size_t i = 0; i < blob.len; i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			blob.text[i] ^= (char)(1 << bit);
			assert_int_equal(listing_unpack(blob.text, blob.len, f.arena, &l), -1);
			blob.text[i] ^= (char)(1 << bit);
		}
	fixture_free(&f);
}

static void test_lines_know_where_they_were_written(void **state)
{
	struct fixture f;
	struct listing l;
	struct buf blob;

	(void)state;
	fixture_compile(&f, "fw.nft", sample, &fixture_facts, NULL);
	blob = packed(&f);
	assert_int_equal(listing_unpack(blob.text, blob.len, f.arena, &l), 0);
	for (size_t i = 0; i < l.n; i++)
		if (l.v[i].kind == LISTING_RULE) {
			assert_string_equal(l.v[i].text, "ip saddr @s counter drop");
			assert_string_equal(l.v[i].file, "fw.nft");
			assert_int_equal(l.v[i].line, 9);
		}
	fixture_free(&f);
}

static bool seven_and_eight(void *ctx, const struct ast_rule *rule, unsigned int nth, uint64_t *packets,
			    uint64_t *bytes)
{
	(void)ctx;
	(void)rule;
	*packets = 7;
	*bytes = 8;
	return nth == 0;
}

static void test_counters_are_asked_for(void **state)
{
	struct listing_options options = { .counter = seven_and_eight };
	struct fixture f;
	struct listing l;
	struct buf b;

	(void)state;
	fixture_compile(&f, "fw.nft", HEAD "counter tcp dport 1 counter\n}\n}\n", &fixture_facts, NULL);
	listing_make(f.compiled.ruleset, &f.sources, &options, f.arena, &l);
	b = (struct buf){ .arena = f.arena };
	listing_print(&l, &b);
	assert_non_null(strstr(b.text, "\t\tcounter packets 7 bytes 8 tcp dport 1 counter\n"));
	fixture_free(&f);
}

/* ---- comparing ---- */

static void check_diff(const char *old, const char *new, const char *expected)
{
	struct fixture f, g;
	struct listing x, y;
	struct buf out;
	bool differs;

	fixture_compile(&f, "old.nft", old, &fixture_facts, NULL);
	fixture_compile(&g, "new.nft", new, &fixture_facts, NULL);
	assert_int_equal(f.diag.errors + g.diag.errors, 0);
	x = fixture_lines(&f, true);
	y = fixture_lines(&g, true);
	out = (struct buf){ .arena = f.arena };
	buf_puts(&out, "");
	differs = listing_diff_print(&x, &y, f.arena, &out);
	assert_string_equal(out.text, expected);
	assert_int_equal(differs, *expected != '\0');
	fixture_free(&f);
	fixture_free(&g);
}

static void test_places_and_spelling_are_no_difference(void **state)
{
	(void)state;
	check_diff(HEAD "tcp dport 22 accept\n}\n}\n", "define p = ssh\n\n" HEAD "# why\ntcp dport $p accept\n}\n}\n",
		   "");
	check_diff("", "", "");
}

static void test_rules_come_and_go(void **state)
{
	(void)state;
	check_diff(HEAD "tcp dport 1 accept\ntcp dport 2 accept\ntcp dport 3 accept\n}\n}\n",
		   HEAD "tcp dport 1 accept\ntcp dport 22 accept\ntcp dport 3 accept\ncounter\n}\n}\n",
		   "table inet fw chain in\n"
		   "- old.nft:5: tcp dport 2 accept\n"
		   "+ new.nft:5: tcp dport 22 accept\n"
		   "+ new.nft:7: counter\n");
	check_diff(HEAD "tcp dport 1 accept\ntcp dport 2 accept\n}\n}\n",
		   HEAD "tcp dport 2 accept\ntcp dport 1 accept\n}\n}\n",
		   "table inet fw chain in\n"
		   "- old.nft:4: tcp dport 1 accept\n"
		   "+ new.nft:5: tcp dport 1 accept\n");
}

static void test_elements_come_and_go(void **state)
{
	static const char old[] = "table ip t {\nset s {\ntype ipv4_addr\nelements = { 1.1.1.1, 1.1.1.3 }\n}\n}\n";
	static const char new[] = "table ip t {\nset s {\ntype ipv4_addr\nelements = { 1.1.1.1,\n1.1.1.2 }\n}\n}\n";

	(void)state;
	check_diff(old, new,
		   "table ip t set s elements\n"
		   "- old.nft:4: 1.1.1.3,\n"
		   "+ new.nft:5: 1.1.1.2,\n");
}

static void test_blocks_come_and_go(void **state)
{
	(void)state;
	check_diff(HEAD "}\n}\n", HEAD "}\nchain sub {\naccept\n}\n}\ntable ip more {\n}\n",
		   "+ new.nft:9: table ip more\n"
		   "table inet fw\n"
		   "+ new.nft:5: chain sub\n"
		   "table inet fw chain sub\n"
		   "+ new.nft:6: accept\n");
	check_diff(HEAD "drop\n}\n}\n", "",
		   "- old.nft:1: table inet fw\n"
		   "table inet fw\n"
		   "- old.nft:2: chain in\n"
		   "table inet fw chain in\n"
		   "- old.nft:3: type filter hook ingress device \"eth0\" priority filter; policy accept;\n"
		   "- old.nft:4: drop\n");
}

/* ---- sequences ---- */

static uint32_t seed;

static uint32_t roll(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static size_t kept(const bool *keep, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += keep[i];
	return count;
}

/* What is kept is the same on both sides; gives its length. */
static size_t check_common(const uint32_t *x, size_t n_x, const uint32_t *y, size_t n_y)
{
	struct arena *a = arena_new();
	bool *keep_x = arena_make_array(a, n_x, bool), *keep_y = arena_make_array(a, n_y, bool);
	size_t n, j = 0;

	sequence_diff(a, x, n_x, keep_x, y, n_y, keep_y);
	n = kept(keep_x, n_x);
	assert_int_equal(n, kept(keep_y, n_y));
	for (size_t i = 0; i < n_x; i++) {
		if (!keep_x[i])
			continue;
		while (!keep_y[j])
			j++;
		assert_int_equal(x[i], y[j++]);
	}
	arena_free(&a);
	return n;
}

static size_t longest(const uint32_t *x, size_t n_x, const uint32_t *y, size_t n_y)
{
	if (!n_x || !n_y)
		return 0;
	if (*x == *y)
		return 1 + longest(x + 1, n_x - 1, y + 1, n_y - 1);

	size_t skip_x = longest(x + 1, n_x - 1, y, n_y), skip_y = longest(x, n_x, y + 1, n_y - 1);

	return skip_x > skip_y ? skip_x : skip_y;
}

static void test_short_sequences_have_the_longest_subsequence(void **state)
{
	uint32_t x[9], y[9];

	(void)state;
	for (uint32_t round = 1; round <= 2000; round++) {
		size_t n_x, n_y;

		seed = round;
		n_x = roll(10);
		n_y = roll(10);
		for (size_t i = 0; i < 9; i++) {
			x[i] = roll(4);
			y[i] = roll(4);
		}
		assert_int_equal(check_common(x, n_x, y, n_y), longest(x, n_x, y, n_y));
	}
}

static void test_long_sequences_keep_nearly_all(void **state)
{
	enum { N = 100000 };
	uint32_t *x = calloc(N, sizeof(*x)), *y = calloc(N, sizeof(*y));
	size_t n_y = 0;

	(void)state;
	seed = 5;
	for (uint32_t i = 0; i < N; i++)
		x[i] = roll(10) ? i : roll(50); /* some often */
	for (uint32_t i = 0; i < N; i++)
		if (roll(100))
			y[n_y++] = roll(200) ? x[i] : N + i;
	assert_true(check_common(x, N, y, n_y) > N * 97 / 100);
	for (uint32_t i = 0; i < N; i++)
		y[i] = x[N - 1 - i];
	assert_true(check_common(x, N, y, N) >= 1);
	free(x);
	free(y);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damage_is_noticed),
		cmocka_unit_test(test_lines_know_where_they_were_written),
		cmocka_unit_test(test_counters_are_asked_for),
		cmocka_unit_test(test_places_and_spelling_are_no_difference),
		cmocka_unit_test(test_rules_come_and_go),
		cmocka_unit_test(test_elements_come_and_go),
		cmocka_unit_test(test_blocks_come_and_go),
		cmocka_unit_test(test_short_sequences_have_the_longest_subsequence),
		cmocka_unit_test(test_long_sequences_keep_nearly_all),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
