/* SPDX-License-Identifier: GPL-2.0-only */
/* test_emit_changes.c - a small change of the rules is a small change of the
 * maps, and large rulesets take little time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <compiler/base/arena.h>
#include <tests/unit/emit_harness.h>

/* ---- one more rule among a thousand ---- */

static const struct ir_interfaces some_interfaces[3] = {
	{ .n = 1, .v = (const uint32_t[]){ 1 }, .hash = 2 },
	{ .n = 2, .v = (const uint32_t[]){ 1, 3 }, .hash = 3 },
	{ .n = 1, .v = (const uint32_t[]){ 4 }, .hash = 4 },
};

/* The rule number 'i' of a shape, or its one more rule. */
typedef void (*rule_shape)(struct rule_list *l, struct ir_rule *r, uint32_t i);

static void shape_net_and_port(struct rule_list *l, struct ir_rule *r, uint32_t i)
{
	set_dst4(l->a, r, 0x0a000000 + (i << 8), 24);
	set_dport(l->a, r, 17, (uint16_t)(1000 + i), (uint16_t)(1000 + i));
}

static void shape_one_net_port(struct rule_list *l, struct ir_rule *r, uint32_t i)
{
	set_dst4(l->a, r, 0x0a000000, 24);
	set_dport(l->a, r, 6, (uint16_t)(1000 + i), (uint16_t)(1000 + i));
}

static void shape_any_and_port(struct rule_list *l, struct ir_rule *r, uint32_t i)
{
	set_dport(l->a, r, 6, (uint16_t)(1000 + i * 7), (uint16_t)(1000 + i * 7));
}

static void shape_broad_net(struct rule_list *l, struct ir_rule *r, uint32_t i)
{
	(void)i;
	set_dst4(l->a, r, 0x0a000000, 16);
}

static void shape_no_match(struct rule_list *l, struct ir_rule *r, uint32_t i)
{
	(void)i;
	set_ops(l->a, r, &(struct ir_op){ .kind = IR_COUNT }, 1);
	r->verdict = IR_RESUME;
}

static void shape_port_range(struct rule_list *l, struct ir_rule *r, uint32_t i)
{
	(void)i;
	set_dport(l->a, r, 6, 2000, 5000);
}

static void shape_wide_port_range(struct rule_list *l, struct ir_rule *r, uint32_t i)
{
	(void)i;
	set_dport(l->a, r, 6, 1024, 65535);
}

static void shape_interfaces(struct rule_list *l, struct ir_rule *r, uint32_t i)
{
	shape_net_and_port(l, r, i);
	r->interfaces = &some_interfaces[i % 3];
}

static void shape_v6_host(struct rule_list *l, struct ir_rule *r, uint32_t i)
{
	struct addr_range *v = arena_make(l->a, struct addr_range);

	v->lo = v->hi = ((u128)0x20010db8 << 96) + i * 77;
	r->families = IR_V6;
	r->dst6 = addr_set_make(l->a, 128, v, 1);
	set_dport(l->a, r, 6, 443, 443);
}

/* Chains of ten rules, each left at a mark behind it. */
static void shape_chains(struct rule_list *l, struct ir_rule *r, uint32_t i)
{
	shape_net_and_port(l, r, i);
	r->verdict = IR_RESUME;
	if (i % 3 == 0)
		set_ops(l->a, r, &(struct ir_op){ .kind = IR_CT, .ct_states = IR_CT_ESTABLISHED }, 1);
	if (i % 10 == 9)
		*r = (struct ir_rule){ .kind = IR_MARK, .identity = r->identity };
}

static void link_chains(struct rule_list *l)
{
	const struct ir_rule *mark = NULL;

	for (size_t i = l->rules.n; i-- > 0;) {
		struct ir_rule *r = l->rules.v[i];

		if (r->kind == IR_MARK)
			mark = r;
		else
			r->resume = mark;
	}
	l->shape.marks = true;
}

static void count_insert(const char *name, rule_shape usual, rule_shape one_more)
{
	struct random random = { .state = 42 };
	struct arena *a = arena_new();
	struct rule_list l = { .a = a, .random = &random, .shape = { .n_bases = 10 } };
	struct image image, next, kernel = { 0 };
	struct ir_rule *r;
	struct counting c;

	for (uint32_t i = 0; i < 1000; i++) {
		r = new_rule(&l);
		usual(&l, r, i);
		rule_list_insert(&l, i, r);
	}
	if (usual == shape_chains)
		link_chains(&l);
	emit(rule_list_ir(&l), NULL, a, &image);
	r = new_rule(&l);
	one_more(&l, r, 1001);
	rule_list_insert(&l, 505, r);
	if (usual == shape_chains)
		link_chains(&l);
	emit(rule_list_ir(&l), &image, a, &next);
	c = count_changes(&image, &next);
	print_message("# %-50s %zu changes:", name, c.n);
	for (int i = 0; i < MAP_COUNT; i++)
		if (c.by_map[i])
			print_message(" %s %zu", map_descs[i].name, c.by_map[i]);
	print_message("\n");
	apply_all(&kernel, &next, a);
	assert_judges(&l, rule_list_ir(&l), &kernel, 50, name);
	assert_in_range(c.n, 1, 12);
	arena_free(&a);
}

static void test_one_rule_is_few_changes(void **state)
{
	(void)state;
	count_insert("/24 and udp port", shape_net_and_port, shape_net_and_port);
	count_insert("ports of one /24", shape_one_net_port, shape_one_net_port);
	count_insert("tcp port, any address", shape_any_and_port, shape_any_and_port);
	count_insert("a /16 above /24s", shape_net_and_port, shape_broad_net);
	count_insert("no match, above /24s", shape_net_and_port, shape_no_match);
	count_insert("no match, above ports", shape_any_and_port, shape_no_match);
	count_insert("2000-5000 above ports", shape_any_and_port, shape_port_range);
	count_insert("1024-65535 above ports", shape_any_and_port, shape_wide_port_range);
	count_insert("in chains with marks to resume at", shape_chains, shape_net_and_port);
	count_insert("limited to interfaces", shape_interfaces, shape_interfaces);
	count_insert("IPv6 host and port", shape_v6_host, shape_v6_host);
	count_insert("IPv6 host among IPv4", shape_net_and_port, shape_v6_host);
}

/* A rule of the whole file at a time, as somebody writes it who applies often. */
static void test_grown_rule_by_rule(void **state)
{
	struct random random = { .state = 42 };
	struct arena *a = arena_new();
	struct rule_list l = { .a = a, .random = &random, .shape = { .n_bases = 10 } };
	struct image kernel = { 0 }, next, cold;
	size_t changes = 0;

	(void)state;
	for (uint32_t i = 0; i < 400; i++) {
		struct ir_rule *r = new_rule(&l);

		if (i % 10 == 9)
			set_dst4(a, r, random_below(&random, 16) << 28, 4 + random_below(&random, 20));
		else
			shape_net_and_port(&l, r, random_below(&random, 1000));
		rule_list_insert(&l, random_below(&random, i + 1), r);
		emit(rule_list_ir(&l), &kernel, a, &next);
		changes += count_changes(&kernel, &next).n;
		apply_all(&kernel, &next, a);
	}
	emit(rule_list_ir(&l), NULL, a, &cold);
	print_message("# 400 rules one by one: %.1f changes each; classes %zu, cold %zu; cells up to %u, cold %u\n",
		      (double)changes / 400, next.maps[MAP_CLASS].n, cold.maps[MAP_CLASS].n,
		      next.maps[MAP_PORTS].capacity, cold.maps[MAP_PORTS].capacity);
	assert_in_range(changes, 0, 400 * 12);
	assert_judges(&l, rule_list_ir(&l), &kernel, 1000, "grown");
	assert_in_range(next.maps[MAP_PORTS].capacity, 1, cold.maps[MAP_PORTS].capacity + 64);
	arena_free(&a);
}

/* ---- size ---- */

static void test_hundred_thousand_rules(void **state)
{
	struct random random = { .state = 42 };
	struct arena *a = arena_new();
	struct rule_list l = { .a = a, .random = &random, .shape = { .n_bases = 10 } };
	struct image image, again;
	double start;
	struct ir *ir;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		struct ir_rule *r = new_rule(&l);

		shape_net_and_port(&l, r, i);
		rule_list_insert(&l, i, r);
	}
	ir = rule_list_ir(&l);
	start = now();
	emit(ir, NULL, a, &image);
	print_message("# 100000 rules of one /24 and port: %.3f s", now() - start);
	start = now();
	emit(ir, &image, a, &again);
	print_message(", against themselves %.3f s\n", now() - start);
	assert_int_equal(count_changes(&image, &again).n, 0);
	arena_free(&a);
}

static const struct addr_set *million(struct arena *a, size_t n)
{
	struct addr_range *v = arena_make_array(a, n, struct addr_range);

	for (size_t i = 0; i < n; i++)
		v[i].lo = v[i].hi = i * 3000 + i % 7;
	return addr_set_make(a, 32, v, n);
}

/* Only the set counts, or its complement: nothing is expanded. */
static void test_huge_sets(void **state)
{
	struct random random = { .state = 42 };
	struct arena *a = arena_new();
	struct rule_list l = { .a = a, .random = &random, .shape = { .n_bases = 10 } };
	struct image image, next;
	struct counting c;
	double start;

	(void)state;
	for (int i = 0; i < 3; i++)
		rule_list_insert(&l, 0, new_rule(&l));
	l.rules.v[0]->src4 = million(a, 1000000);
	l.rules.v[0]->verdict = IR_RESUME;
	l.rules.v[1]->src4 = addr_set_complement(a, million(a, 100000));
	start = now();
	emit(rule_list_ir(&l), NULL, a, &image);
	print_message("# a set of 1000000 addresses, the complement of one of 100000: %.3f s\n", now() - start);
	assert_in_range(image.maps[MAP_SRC4].n, 1000000, 1000001);
	assert_int_equal(image.maps[MAP_PAIR4].n, 3);
	assert_judges(&l, rule_list_ir(&l), &image, 1000, "huge sets");

	l.rules.v[0]->src4 = million(a, 1000001);
	start = now();
	emit(rule_list_ir(&l), &image, a, &next);
	c = count_changes(&image, &next);
	print_message("# one address more: %.3f s, %zu changes\n", now() - start, c.n);
	assert_in_range(c.n, 1, 4);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_rule_is_few_changes),
		cmocka_unit_test(test_grown_rule_by_rule),
		cmocka_unit_test(test_hundred_thousand_rules),
		cmocka_unit_test(test_huge_sets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("emit_changes", tests, NULL, NULL);
}
