/* SPDX-License-Identifier: GPL-2.0-only */
/* Ops in the image: their limits, and that a small change of one stays small.
 * That they mean what the IR says is shown in test_emit_random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <tests/unit/emit_harness.h>

struct bench {
	struct arena *a;
	struct random random;
	struct rule_list l;
};

static void bench_begin(struct bench *b, uint32_t n_rules)
{
	*b = (struct bench){ .a = arena_new(), .random = { .state = 42 } };
	b->l = (struct rule_list){ .a = b->a, .random = &b->random, .shape = { .n_bases = 10 } };
	for (uint32_t i = 0; i < n_rules; i++)
		rule_list_insert(&b->l, i, new_rule(&b->l));
}

/* ether saddr, as one number */
static struct ir_op compares(const struct addr_set *allowed)
{
	return (struct ir_op){
		.kind = IR_COMPARE,
		.compare = { .load = { .base = IR_LINK, .at = 6, .len = 6 },
			     .mask = ((u128)1 << 48) - 1,
			     .allowed = allowed },
	};
}

/* 'n' numbers from 'first' on, every other one. */
static const struct addr_set *numbers(struct arena *a, uint64_t first, size_t n)
{
	struct addr_range *v = arena_make_array(a, n, struct addr_range);

	for (size_t i = 0; i < n; i++)
		v[i].lo = v[i].hi = first + 2 * i;
	return addr_set_make(a, 48, v, n);
}

static size_t changes(struct bench *b, const struct image *found, struct image *ret)
{
	emit(rule_list_ir(&b->l), found, b->a, ret);
	return count_changes(found, ret).n;
}

static void test_a_member_more(void **state)
{
	struct image first, next;
	struct bench b;

	(void)state;
	bench_begin(&b, 20);
	for (uint32_t i = 5; i < 15; i++) /* two sets, in five rules each */
		set_ops(b.a, b.l.rules.v[i], (struct ir_op[]){ compares(numbers(b.a, i % 2 << 20, 10000)) }, 1);
	emit(rule_list_ir(&b.l), NULL, b.a, &first);
	assert_int_equal(first.maps[MAP_VALUES].n, 20000);
	assert_int_equal(first.maps[MAP_OPS].n, 10);
	for (uint32_t i = 5; i < 15; i += 2)
		set_ops(b.a, b.l.rules.v[i], (struct ir_op[]){ compares(numbers(b.a, 1 << 20, 10001)) }, 1);
	assert_int_equal(changes(&b, &first, &next), 1);
	rule_list_insert(&b.l, 0, new_rule(&b.l));
	set_ops(b.a, b.l.rules.v[0], (struct ir_op[]){ compares(numbers(b.a, 0, 10000)) }, 1);
	first = next;
	assert_in_range(changes(&b, &first, &next), 1, 10);
	assert_judges(&b.l, rule_list_ir(&b.l), &next, 1000, "two sets");
	arena_free(&b.a);
}

/* 200 rules of three ops, of which one changes in one of them. */
static void test_another_op(void **state)
{
	struct image first, next;
	struct bench b;

	(void)state;
	bench_begin(&b, 200);
	for (uint32_t i = 0; i < 200; i++) {
		set_dst4(b.a, b.l.rules.v[i], 0x0a000000 + (i << 8), 24);
		set_ops(b.a, b.l.rules.v[i],
			(struct ir_op[]){ compares(numbers(b.a, i, 3)),
					  { .kind = IR_SET, .set = { IR_META_MARK, 0, i } },
					  compares(numbers(b.a, 0, 1)) },
			3);
	}
	emit(rule_list_ir(&b.l), NULL, b.a, &first);
	assert_int_equal(changes(&b, &first, &next), 0);
	set_ops(b.a, b.l.rules.v[100], (struct ir_op[]){ compares(numbers(b.a, 100, 3)), compares(numbers(b.a, 0, 1)) },
		2);
	first = next;
	assert_in_range(changes(&b, &first, &next), 1, 8);
	assert_judges(&b.l, rule_list_ir(&b.l), &next, 1000, "another op");
	arena_free(&b.a);
}

/* What has a state is found again by identity, in whichever rule it is. */
static void test_states_keep_their_numbers(void **state)
{
	struct image first, next;
	struct bench b;
	uint32_t limit, timer;

	(void)state;
	bench_begin(&b, 3);
	set_ops(b.a, b.l.rules.v[0],
		(struct ir_op[]){ { .kind = IR_LIMIT, .index = 3 }, { .kind = IR_ALIVE, .index = 9 } }, 2);
	set_ops(b.a, b.l.rules.v[2],
		(struct ir_op[]){ { .kind = IR_LIMIT, .index = 5 }, { .kind = IR_ALIVE, .index = 7 } }, 2);
	emit(rule_list_ir(&b.l), NULL, b.a, &first);
	limit = first.limit_ids[5];
	timer = first.timer_ids[7];
	assert_true(limit && timer && first.limit_new[5] && first.timer_new[7]);
	assert_int_equal(first.maps[MAP_LIMIT].capacity, 3);
	set_ops(b.a, b.l.rules.v[0],
		(struct ir_op[]){ { .kind = IR_LIMIT, .index = 8 }, { .kind = IR_ALIVE, .index = 7 } }, 2);
	set_ops(b.a, b.l.rules.v[2], NULL, 0);
	set_ops(b.a, b.l.rules.v[1], (struct ir_op[]){ { .kind = IR_LIMIT, .index = 5 } }, 1);
	emit(rule_list_ir(&b.l), &first, b.a, &next);
	assert_int_equal(next.limit_ids[5], limit);
	assert_int_equal(next.timer_ids[7], timer);
	assert_false(next.limit_new[5] || next.timer_new[7]);
	assert_true(next.limit_new[8]);
	assert_int_equal(next.limit_ids[3], 0);
	arena_free(&b.a);
}

/* ---- limits ---- */

static const char *refusal(struct bench *b)
{
	struct sources sources = { .arena = b->a };
	struct diag d = { .arena = b->a, .sources = &sources };
	struct emit_options options = { 0 };
	struct image image;

	assert_int_equal(emit_image(rule_list_ir(&b->l), &random_facts, &options, NULL, &d, b->a, &image), -1);
	assert_int_equal(d.errors, 1);
	return d.v[0].text;
}

static void test_too_many_ops(void **state)
{
	struct ir_op ops[ZF_OPS + 1];
	struct image image;
	struct bench b;

	(void)state;
	bench_begin(&b, 1);
	for (uint32_t i = 0; i <= ZF_OPS; i++)
		ops[i] = (struct ir_op){ .kind = IR_SET, .set = { IR_META_MARK, i, 0 } };
	set_ops(b.a, b.l.rules.v[0], ops, ZF_OPS);
	emit(rule_list_ir(&b.l), NULL, b.a, &image);
	assert_int_equal(image.maps[MAP_OPS].n, ZF_OPS);
	set_ops(b.a, b.l.rules.v[0], ops, ZF_OPS + 1);
	assert_non_null(strstr(refusal(&b), "more than 64 conditions and effects (65)"));
	arena_free(&b.a);
}

static void test_too_many_values(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, 2);
	set_ops(b.a, b.l.rules.v[0], (struct ir_op[]){ compares(numbers(b.a, 0, 1000000)) }, 1);
	set_ops(b.a, b.l.rules.v[1], (struct ir_op[]){ compares(numbers(b.a, 1, 100000)) }, 1);
	assert_non_null(strstr(refusal(&b), "more than 1048576 members of sets"));
	arena_free(&b.a);
}

/* ---- the small maps ---- */

static void test_both_directions(void **state)
{
	const struct ir_interfaces out = { .n = 1, .v = (const uint32_t[]){ 2 | IR_EGRESS }, .hash = 77 };
	struct image image;
	struct bench b;
	struct ir *ir;
	uint32_t in_key = 2, out_key = 2 | ZF_EGRESS;
	const struct zf_interface *in;

	(void)state;
	bench_begin(&b, 2);
	b.l.rules.v[1]->interfaces = &out;
	ir = rule_list_ir(&b.l);
	ir->attach[1].egress = true;
	ir->attach[2].ingress = false;
	emit(ir, NULL, b.a, &image);
	assert_int_equal(image.maps[MAP_INTERFACE].n, 4);
	in = model_lookup(&image, MAP_INTERFACE, &in_key);
	assert_int_equal(in->sets[0], 1);
	in = model_lookup(&image, MAP_INTERFACE, &out_key);
	assert_int_equal(in->sets[0], 2);
	in_key = 3;
	assert_null(model_lookup(&image, MAP_INTERFACE, &in_key));
	arena_free(&b.a);
}

static const uint32_t *type_of(const struct image *image, uint32_t ifindex, const uint8_t *addr)
{
	struct zf_local key = { .ifindex = ifindex };

	memcpy(key.addr, addr, 4);
	return model_lookup(image, MAP_LOCAL, &key);
}

static void test_kinds_of_address(void **state)
{
	struct fact_address addrs[] = {
		{ .family = AF_INET, .addr = { 10, 1, 2, 3 }, .prefix_len = 20 },
		{ .family = AF_INET, .addr = { 10, 9, 0, 0 }, .prefix_len = 31 },
	};
	struct fact_interface interface = { .name = "one", .index = 1, .addrs = addrs, .n_addrs = 2 };
	struct facts facts = { .v = &interface, .n = 1 };
	struct ir_op fib = { .kind = IR_COMPARE,
			     .compare = { .load = { .base = IR_META, .at = IR_META_FIB_DADDR, .len = 4 },
					  .mask = UINT32_MAX } };
	struct emit_options options = { 0 };
	struct image image;
	struct bench b;
	struct ir *ir;

	(void)state;
	bench_begin(&b, 1);
	fib.compare.allowed = numbers(b.a, RTN_LOCAL, 1);
	set_ops(b.a, b.l.rules.v[0], &fib, 1);
	ir = rule_list_ir(&b.l);
	ir->uses_local = ir->uses_tproxy = false;
	assert_int_equal(emit_image(ir, &facts, &options, NULL, NULL, b.a, &image), 0);
	assert_int_equal(image.maps[MAP_LOCAL].n, 3);
	assert_int_equal(*type_of(&image, 0, (const uint8_t[]){ 10, 1, 2, 3 }), RTN_LOCAL);
	assert_int_equal(*type_of(&image, 0, (const uint8_t[]){ 10, 1, 15, 255 }), RTN_BROADCAST);
	assert_int_equal(*type_of(&image, 0, (const uint8_t[]){ 10, 9, 0, 0 }), RTN_LOCAL);
	arena_free(&b.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_member_more),
		cmocka_unit_test(test_another_op),
		cmocka_unit_test(test_states_keep_their_numbers),
		cmocka_unit_test(test_too_many_ops),
		cmocka_unit_test(test_too_many_values),
		cmocka_unit_test(test_both_directions),
		cmocka_unit_test(test_kinds_of_address),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("emit_ops", tests, NULL, NULL);
}
