/* SPDX-License-Identifier: GPL-2.0-only */
/* test_emit_random.c - images of random rulesets mean what the IR says, however
 * often those are edited.
 *
 * The seed of a case that fails is printed; EMIT_SEED=N runs that case alone,
 * EMIT_CASES=N another number of cases than usual. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <tests/unit/emit_harness.h>

static uint64_t env_number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static const struct ir_op *op_of(const struct ir_rule *r, enum ir_op_kind kind)
{
	for (size_t i = 0; i < r->n_ops; i++)
		if (r->ops[i].kind == kind)
			return &r->ops[i];
	return NULL;
}

static void assert_ops(const struct ir_rule *r, const struct zf_rule *rule, const struct image *image)
{
	const struct ir_op *count = op_of(r, IR_COUNT), *tproxy = op_of(r, IR_TPROXY), *ct = op_of(r, IR_CT);

	assert_int_equal(rule->counter, count ? image->counter_ids[count->index] : 0);
	assert_int_equal(!!rule->counter, !!count);
	assert_int_equal(!!(rule->flags & ZF_COUNT_FIRST), count && (!tproxy || count < tproxy));
	assert_int_equal(!!(rule->flags & ZF_TPROXY), !!tproxy);
	assert_int_equal(rule->tproxy.port, tproxy ? tproxy->tproxy.port : 0);
	assert_int_equal(rule->tproxy.family, tproxy && tproxy->tproxy.has_addr ? 4 : 0);
	assert_int_equal(rule->ct_states, ct ? ct->ct_states : 0);
}

/* What the trace of identities doesn't show. */
static void assert_rules(const struct ir *ir, const struct image *image)
{
	for (size_t i = 0; i < ir->n_rules; i++) {
		const struct ir_rule *r = ir->rules[i];
		uint32_t id = image->rule_ids[i];
		const struct zf_rule *rule = id ? model_lookup(image, MAP_RULE, &id) : NULL;

		if (!rule)
			continue;
		assert_int_equal(rule->identity, r->identity);
		assert_int_equal(!!(rule->flags & ZF_MARK), r->kind == IR_MARK);
		if (!(rule->flags & ZF_HAS_OPS))
			assert_ops(r, rule, image);
	}
}

/* Counters keep their numbers, and no new one has a number in use. */
static void assert_counters(const struct ir *before, const struct image *old, const struct ir *ir,
			    const struct image *image)
{
	for (size_t i = 0; i < ir->n_counters; i++) {
		if (!image->counter_ids[i])
			continue;
		assert_int_equal(image->counter_new[i], old->counter_ids[i] == 0);
		if (old->counter_ids[i])
			assert_int_equal(image->counter_ids[i], old->counter_ids[i]);
		for (size_t j = 0; j < before->n_counters; j++)
			assert_false(i != j && old->counter_ids[j] == image->counter_ids[i]);
	}
}

/* ---- random rulesets ---- */

static struct shape random_shape(struct random *r)
{
	static const unsigned int sizes[] = { 1, 3, 10, 10, 30, 30, 100, 200 };

	return (struct shape){
		.n_rules = random_below(r, sizes[random_below(r, 8)] + 1),
		.n_bases = 1 + random_below(r, 40),
		.v6 = random_one_in(r, 2),
		.large_sets = random_one_in(r, 4),
		.marks = random_one_in(r, 2),
		.many_ports = random_one_in(r, 4),
		.headerless = random_one_in(r, 3),
		.ops = random_one_in(r, 2),
	};
}

static uint64_t running_seed; /* 0: no case is running */

static int say_seed(void **state)
{
	(void)state;
	if (running_seed)
		print_message("# EMIT_SEED=%llu\n", (unsigned long long)running_seed);
	running_seed = 0;
	return 0;
}

/* Calls 'run' with a random state for each case; EMIT_SEED chooses one. */
static void each_case(unsigned int usual, void (*run)(struct random *r))
{
	uint64_t only = env_number("EMIT_SEED", 0), n = only ? 1 : env_number("EMIT_CASES", usual);

	for (uint64_t i = 1; i <= n; i++) {
		struct random r = { .state = (only ? only : i) * 0x9e3779b97f4a7c15u };

		running_seed = only ? only : i;
		run(&r);
	}
	running_seed = 0;
}

static void judge_cold(struct random *r)
{
	struct arena *a = arena_new();
	struct shape shape = random_shape(r);
	struct rule_list l;
	struct image image;
	struct ir *ir;

	rule_list_make(&l, a, r, &shape);
	ir = rule_list_ir(&l);
	emit(ir, NULL, a, &image);
	assert_canonical(&image);
	assert_rules(ir, &image);
	assert_judges(&l, ir, &image, 300, "cold");
	arena_free(&a);
}

static void test_image_means_the_ir(void **state)
{
	(void)state;
	each_case(1500, judge_cold);
}

/* One update of the maps in 'kernel'; gives the image that was wanted. */
static void update(const struct rule_list *l, const struct ir *before, const struct image *old, struct image *kernel,
		   const struct ir *ir, struct arena *a, struct image *ret)
{
	struct image again;

	emit(ir, kernel, a, ret);
	assert_canonical(ret);
	assert_rules(ir, ret);
	assert_counters(before, old, ir, ret);
	apply_scope(kernel, ret, SCOPE_SHARED, a, kernel);
	assert_judges(l, before, kernel, 60, "old rules while shared maps are written");
	apply_scope(kernel, ret, SCOPE_SWITCHED, a, kernel);
	assert_holds(kernel, ret);
	assert_judges(l, ir, kernel, 100, "after the update");
	emit(ir, kernel, a, &again);
	assert_holds(kernel, &again);
	assert_memory_equal(again.rule_ids, ret->rule_ids, ir->n_rules * sizeof(*ret->rule_ids));
	assert_memory_equal(again.counter_ids, ret->counter_ids, ir->n_counters * sizeof(*ret->counter_ids));
}

static void judge_edits(struct random *r)
{
	struct arena *a = arena_new();
	struct shape shape = random_shape(r);
	struct image image, next, kernel = { 0 };
	struct ir *ir, *next_ir;
	struct rule_list l;

	rule_list_make(&l, a, r, &shape);
	ir = rule_list_ir(&l);
	emit(ir, NULL, a, &image);
	apply_all(&kernel, &image, a);
	for (unsigned int i = 1 + random_below(r, 12); i > 0; i--) {
		for (unsigned int j = random_one_in(r, 3) ? random_below(r, 20) : 1; j > 0; j--)
			rule_list_edit(&l);
		next_ir = rule_list_ir(&l);
		update(&l, ir, &image, &kernel, next_ir, a, &next);
		image = next;
		ir = next_ir;
	}
	arena_free(&a);
}

static void test_edits(void **state)
{
	(void)state;
	each_case(400, judge_edits);
}

/* Rules inserted one at a time between the same two, until labels get crowded. */
static void judge_crowded(struct random *r)
{
	struct arena *a = arena_new();
	struct shape shape = random_shape(r);
	struct image image, next, kernel = { 0 };
	struct ir *ir, *next_ir;
	struct rule_list l;

	shape.n_rules %= 10;
	shape.n_bases = 2;
	rule_list_make(&l, a, r, &shape);
	ir = rule_list_ir(&l);
	emit(ir, NULL, a, &image);
	apply_all(&kernel, &image, a);
	for (unsigned int i = 0; i < 40; i++) {
		rule_list_insert(&l, (l.rules.n + i % 2) / 2, random_rule(&l));
		next_ir = rule_list_ir(&l);
		update(&l, ir, &image, &kernel, next_ir, a, &next);
		image = next;
		ir = next_ir;
	}
	arena_free(&a);
}

static void test_crowded_labels(void **state)
{
	(void)state;
	each_case(40, judge_crowded);
}

/* The image found may hold anything. */
static void judge_damaged(struct random *r)
{
	struct arena *a = arena_new();
	struct shape shape = random_shape(r);
	struct image image, kernel = { 0 };
	struct rule_list l;
	struct ir *ir;

	rule_list_make(&l, a, r, &shape);
	ir = rule_list_ir(&l);
	emit(ir, NULL, a, &image);
	apply_all(&kernel, &image, a);
	for (unsigned int i = 0; i < 20; i++) {
		int map = (int)random_below(r, MAP_COUNT);
		size_t size = kernel.maps[map].n * map_descs[map].value_size;
		uint8_t byte = (uint8_t)(random_one_in(r, 2) ? random_below(r, 256) : random_below(r, 8));

		if (size)
			kernel.maps[map].values[random_below(r, (uint32_t)size)] = byte;
	}
	emit(ir, &kernel, a, &image);
	assert_canonical(&image);
	apply_all(&kernel, &image, a);
	assert_judges(&l, ir, &kernel, 100, "repaired");
	arena_free(&a);
}

static void test_damaged_maps_are_repaired(void **state)
{
	(void)state;
	each_case(400, judge_damaged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_image_means_the_ir, say_seed),
		cmocka_unit_test_teardown(test_edits, say_seed),
		cmocka_unit_test_teardown(test_crowded_labels, say_seed),
		cmocka_unit_test_teardown(test_damaged_maps_are_repaired, say_seed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("emit_random", tests, NULL, NULL);
}
