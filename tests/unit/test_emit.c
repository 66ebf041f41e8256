/* SPDX-License-Identifier: GPL-2.0-only */
/* test_emit.c - single properties of images, and the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
#include <tests/unit/emit_harness.h>

/* ---- limits ---- */

static const char *emit_error(struct rule_list *l, size_t *rule)
{
	struct sources sources = { .arena = l->a };
	struct diag d = { .arena = l->a, .sources = &sources };
	struct ir *ir = rule_list_ir(l);
	struct image image;

	for (size_t i = 0; i < ir->n_rules; i++)
		ir->rules[i]->span = (struct span){ (uint32_t)i + 1, (uint32_t)i + 2 };
	assert_int_equal(emit_image(ir, &random_facts, &emit_test_options, NULL, &d, l->a, &image), -1);
	assert_int_equal(d.errors, 1);
	*rule = d.v[0].span.at - 1;
	return d.v[0].text;
}

static void test_too_many_tuples(void **state)
{
	struct random random = { .state = 42 };
	struct arena *a = arena_new();
	struct rule_list l = { .a = a, .random = &random };
	size_t rule;

	(void)state;
	for (uint32_t i = 0; i < 600; i++) {
		struct ir_rule *r = new_rule(&l);

		set_dst4(a, r, 0, 1 + i % 32);
		r->src4 = r->dst4;
		set_dst4(a, r, 0, 1 + i / 32);
		rule_list_insert(&l, i, r);
	}
	assert_non_null(strstr(emit_error(&l, &rule), "more than 512 combinations"));
	assert_int_equal(rule, 512);
	arena_free(&a);
}

/* More large sets than tuples are expanded, and what can't be is refused. */
static void test_many_large_sets(void **state)
{
	struct random random = { .state = 42 };
	struct arena *a = arena_new();
	struct rule_list l = { .a = a, .random = &random, .shape = { .n_bases = 10 } };
	struct image image;
	size_t rule;

	(void)state;
	for (uint32_t i = 0; i < 520; i++) {
		rule_list_insert(&l, i, new_rule(&l));
		l.rules.v[i]->dst4 = hosts(a, 0x0a000000 + i * 1000, 300);
	}
	emit(rule_list_ir(&l), NULL, a, &image);
	assert_int_equal(image.maps[MAP_TUPLE].n, 1);
	assert_judges(&l, rule_list_ir(&l), &image, 1000, "expanded");
	for (uint32_t i = 0; i < 520; i++)
		l.rules.v[i]->dst4 = hosts(a, 0x0a000000 + i * 10000, 4500);
	assert_non_null(strstr(emit_error(&l, &rule), "(all of them need 520)"));
	assert_int_equal(rule, 512);
	arena_free(&a);
}

static void test_too_long_list(void **state)
{
	struct random random = { .state = 42 };
	struct arena *a = arena_new();
	struct rule_list l = { .a = a, .random = &random };
	size_t rule;

	(void)state;
	for (uint32_t i = 0; i < 1600; i++)
		rule_list_insert(&l, i, new_rule(&l));
	assert_non_null(strstr(emit_error(&l, &rule), "more than 1536 rules for the same addresses"));
	assert_int_equal(rule, 1536);
	arena_free(&a);
}

static void test_too_many_interface_sets(void **state)
{
	struct random random = { .state = 42 };
	struct arena *a = arena_new();
	struct rule_list l = { .a = a, .random = &random };
	size_t rule;

	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		struct ir_rule *r = new_rule(&l);
		struct ir_interfaces *s = arena_make(a, struct ir_interfaces);
		uint32_t *index = arena_make(a, uint32_t);

		*index = i + 1;
		*s = (struct ir_interfaces){ .n = 1, .v = index };
		r->interfaces = s;
		rule_list_insert(&l, i, r);
	}
	assert_non_null(strstr(emit_error(&l, &rule), "more than 256 different sets of interfaces"));
	assert_int_equal(rule, 256);
	arena_free(&a);
}

/* Hosts that leave a large set, but stay in the trie as keys of their own, don't
 * keep the set's bit, however many they are. */
static void test_leaving_a_set(void **state)
{
	struct random random = { .state = 42 };
	struct arena *a = arena_new();
	struct rule_list l = { .a = a, .random = &random, .shape = { .n_bases = 10 } };
	struct image image, next;

	(void)state;
	for (int i = 0; i < 2; i++)
		rule_list_insert(&l, 0, new_rule(&l));
	l.rules.v[0]->dst4 = hosts(a, 0x0a000000, 400);
	l.rules.v[1]->dst4 = hosts(a, 0x0a000000, 100);
	emit(rule_list_ir(&l), NULL, a, &image);
	assert_judges(&l, rule_list_ir(&l), &image, 1000, "in the set");
	l.rules.v[0]->dst4 = hosts(a, 0x0a000064, 400);
	emit(rule_list_ir(&l), &image, a, &next);
	assert_judges(&l, rule_list_ir(&l), &next, 1000, "half of them left");
	arena_free(&a);
}

/* ---- the small maps ---- */

static void test_interfaces_and_local_addresses(void **state)
{
	struct random random = { .state = 42 };
	struct arena *a = arena_new();
	struct rule_list l = { .a = a, .random = &random };
	struct buf out = { .arena = a };
	struct image image;

	(void)state;
	rule_list_insert(&l, 0, new_rule(&l));
	emit(rule_list_ir(&l), NULL, a, &image);
	for (int i = 0; i < MAP_COUNT; i++)
		if (i != MAP_INTERFACE && i != MAP_LOCAL && i != MAP_CONFIG)
			image.maps[i].n = 0;
	image_dump(&image, &out);
	assert_string_equal(out.text, "CONFIG = ipv4: words 1 any-dst 0 any-src 0; ipv6: words 0; ct tproxy mark 0x5a\n"
				      "INTERFACE 1 = sets 0 addr 10.0.0.1 addr 2001::2\n"
				      "INTERFACE 2 = sets 0 no-ethernet\n"
				      "INTERFACE 3 = sets 0\n"
				      "INTERFACE 4 = sets 0\n"
				      "LOCAL interface 0 10.0.0.1 = local\n"
				      "LOCAL interface 0 10.0.0.2 = local\n"
				      "LOCAL interface 0 2001::2 = local\n"
				      "LOCAL interface 0 fe80::1 = local\n"
				      "LOCAL interface 1 10.0.0.1 = local\n"
				      "LOCAL interface 1 10.0.0.2 = local\n"
				      "LOCAL interface 1 2001::2 = local\n"
				      "LOCAL interface 1 fe80::1 = local\n"
				      "LOCAL interface 2 10.0.0.2 = local\n"
				      "LOCAL interface 2 fe80::1 = local\n"
				      "LOCAL interface 4 fe80::1 = local\n");
	arena_free(&a);
}

static struct zf_config config_of(struct rule_list *l)
{
	struct zf_config ret;
	struct image image;
	uint32_t zero = 0;

	emit(rule_list_ir(l), NULL, l->a, &image);
	memcpy(&ret, model_lookup(&image, MAP_CONFIG, &zero), sizeof(ret));
	return ret;
}

/* Few tuples: a trie is looked at only on a side that has a set. */
static void test_trie_of_few_tuples(void **state)
{
	struct random random = { .state = 42 };
	struct arena *a = arena_new();
	struct rule_list l = { .a = a, .random = &random };
	struct zf_config c;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		rule_list_insert(&l, i, new_rule(&l));
		set_dst4(a, l.rules.v[i], 0x0a000000, 20 + i);
	}
	c = config_of(&l);
	assert_int_equal(c.any_dst[ZF_IPV4][0], 15);
	assert_int_equal(c.any_src[ZF_IPV4][0], 15);
	assert_int_equal(c.flags[ZF_IPV4] & (ZF_HAS_DST | ZF_HAS_SRC), 0);

	l.rules.v[3]->src4 = hosts(a, 0x0a000000, 400);
	c = config_of(&l);
	assert_int_equal(c.any_dst[ZF_IPV4][0], 15);
	assert_int_equal(c.any_src[ZF_IPV4][0], 7);
	assert_int_equal(c.flags[ZF_IPV4] & (ZF_HAS_DST | ZF_HAS_SRC), ZF_HAS_SRC);

	rule_list_insert(&l, 4, new_rule(&l));
	c = config_of(&l);
	assert_int_equal(c.any_dst[ZF_IPV4][0], 16);
	assert_int_equal(c.any_src[ZF_IPV4][0], 23);
	assert_int_equal(c.flags[ZF_IPV4] & (ZF_HAS_DST | ZF_HAS_SRC), ZF_HAS_DST | ZF_HAS_SRC);
	arena_free(&a);
}

static void test_nothing(void **state)
{
	struct arena *a = arena_new();
	struct ir ir = { .n_rules = 0 };
	struct image image;

	(void)state;
	emit(&ir, NULL, a, &image);
	for (int i = 0; i < MAP_COUNT; i++)
		assert_int_equal(image.maps[i].n, i == MAP_CONFIG);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_interfaces_and_local_addresses),
		cmocka_unit_test(test_trie_of_few_tuples),
		cmocka_unit_test(test_leaving_a_set),
		cmocka_unit_test(test_too_many_tuples),
		cmocka_unit_test(test_many_large_sets),
		cmocka_unit_test(test_too_long_list),
		cmocka_unit_test(test_too_many_interface_sets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("emit", tests, NULL, NULL);
}
