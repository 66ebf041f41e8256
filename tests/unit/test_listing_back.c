/* SPDX-License-Identifier: GPL-2.0-only */
/* test_listing_back.c - the listing of a rule is the same rule.
 *
 * Each rule of tests/nft/rules_FAMILY.nft is compiled by itself, listed, and
 * compiled again: all that tells rules apart must be as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>

#include "compile_fixture.h"
#include "golden.h"

static FILE *open_rules(struct arena *a, const char *family)
{
	FILE *f = fopen(source_path(a, arena_printf(a, "tests/nft/rules_%s.nft", family)), "r");

	assert_non_null(f);
	return f;
}

/* True if zfwc has what is in the rule. */
static bool check_rule(struct arena *a, const char *family, const char *hook, const char *rule)
{
	const char *text = arena_printf(a, "table %s t {\n\tchain d {\n\t}\n\tchain c {\n\t\t%s\n%s\t}\n}\n", family,
					hook, rule);
	struct fixture f;
	bool known;

	fixture_compile(&f, "rule.nft", text, &fixture_facts, NULL);
	known = !f.diag.errors;
	if (known) {
		fixture_check_reads_back(&f, &fixture_facts, false);
		fixture_check_reads_back(&f, &fixture_facts, true);
	}
	fixture_free(&f);
	return known;
}

static void check_family(const char *family, unsigned int at_least)
{
	struct arena *a = arena_new();
	FILE *rules = open_rules(a, family);
	char *line = NULL, *hook = NULL;
	unsigned int known = 0;
	size_t size = 0;

	while (getline(&line, &size, rules) > 0) {
		if (strstr(line, "type filter hook"))
			hook = arena_strndup(a, line, strlen(line));
		else if (hook && !strncmp(line, "\t\t", 2))
			known += check_rule(a, family, hook, line);
	}
	fclose(rules);
	free(line);
	arena_free(&a);
	assert_true(known >= at_least);
}

static void test_inet(void **state)
{
	(void)state;
	check_family("inet", 480);
}

static void test_ip(void **state)
{
	(void)state;
	check_family("ip", 80);
}

static void test_ip6(void **state)
{
	(void)state;
	check_family("ip6", 15);
}

static void test_netdev(void **state)
{
	(void)state;
	check_family("netdev", 60);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inet),
		cmocka_unit_test(test_ip),
		cmocka_unit_test(test_ip6),
		cmocka_unit_test(test_netdev),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
