/* SPDX-License-Identifier: GPL-2.0-only */
/* test_emit.c - images mean what the IR says, and change little when it does.
 *
 * The random tests print the seed of a case that fails; EMIT_SEED=N runs that
 * case alone, EMIT_CASES=N another number of cases than usual. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
#include <compiler/emit.h>
#include <tests/unit/random_ir.h>

static const struct emit_options options = { .mark = 0x5a };

static uint64_t env_number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void emit(const struct ir *ir, const struct image *found, struct arena *a, struct image *ret)
{
	struct sources sources = { .arena = a };
	struct diag d = { .arena = a, .sources = &sources };

	if (emit_image(ir, &random_facts, &options, found, &d, a, ret) < 0)
		fail_msg("emit_image: %s", d.n ? d.v[0].text : "failed without a message");
	assert_int_equal(d.errors, 0);
}

/* ---- images as the kernel would have them ---- */

struct counting {
	size_t n, by_map[MAP_COUNT];
};

static int count_change(const struct change *c, void *ctx)
{
	struct counting *counting = ctx;

	counting->n++;
	counting->by_map[c->map]++;
	return 0;
}

static struct counting count_changes(const struct image *found, const struct image *wanted)
{
	struct counting c = { 0 };

	image_diff(found, wanted, count_change, &c);
	return c;
}

struct applying {
	struct map_image *to;
	size_t i; /* of the map as it was: copied so far */
	const struct map_image *from;
	const struct map_desc *desc;
};

static void append(struct applying *x, const uint8_t *key, const uint8_t *value)
{
	memcpy(x->to->keys + x->to->n * x->desc->key_size, key, x->desc->key_size);
	memcpy(x->to->values + x->to->n * x->desc->value_size, value, x->desc->value_size);
	x->to->n++;
}

static bool key_less(const struct map_desc *m, const uint8_t *x, const uint8_t *y)
{
	uint32_t i, j;

	if (!m->is_array)
		return memcmp(x, y, m->key_size) < 0;
	memcpy(&i, x, sizeof(i));
	memcpy(&j, y, sizeof(j));
	return i < j;
}

/* Copies what stands before 'key'; true when the next element has that key. */
static bool copy_until(struct applying *x, const uint8_t *key)
{
	const struct map_desc *m = x->desc;

	for (; x->i < x->from->n; x->i++) {
		const uint8_t *next = x->from->keys + x->i * m->key_size;

		if (key && !key_less(m, next, key))
			return memcmp(next, key, m->key_size) == 0;
		append(x, next, x->from->values + x->i * m->value_size);
	}
	return false;
}

static int apply_change(const struct change *c, void *ctx)
{
	struct applying *x = ctx;
	bool there = copy_until(x, c->key);

	assert_int_equal(there, c->kind != CHANGE_ADD);
	if (there) {
		assert_memory_equal(c->old, x->from->values + x->i * x->desc->value_size, x->desc->value_size);
		x->i++;
	}
	if (c->kind != CHANGE_DELETE)
		append(x, c->key, c->value);
	return 0;
}

/* 'found' with the changes for 'wanted' made, in the maps of that scope alone. */
static void apply_scope(const struct image *found, const struct image *wanted, enum map_scope scope, struct arena *a,
			struct image *ret)
{
	for (int i = 0; i < MAP_COUNT; i++) {
		struct map_image *to = &ret->maps[i];
		const struct map_image from = found->maps[i]; /* 'ret' may be 'found' */
		struct applying x = { .to = to, .from = &from, .desc = &map_descs[i] };
		size_t most = from.n + wanted->maps[i].n;

		if (x.desc->scope != scope)
			continue;
		*to = (struct map_image){ .capacity = wanted->maps[i].capacity };
		to->keys = arena_array(a, most, x.desc->key_size);
		to->values = arena_array(a, most, x.desc->value_size);
		map_diff(i, x.from, &wanted->maps[i], apply_change, &x);
		copy_until(&x, NULL);
	}
}

static void assert_canonical(const struct image *image)
{
	for (int i = 0; i < MAP_COUNT; i++) {
		const struct map_desc *m = &map_descs[i];
		const struct map_image *v = &image->maps[i];

		for (size_t j = 1; j < v->n; j++)
			assert_true(key_less(m, v->keys + (j - 1) * m->key_size, v->keys + j * m->key_size));
		if (m->is_array && v->n)
			assert_in_range(*(uint32_t *)(v->keys + (v->n - 1) * 4), 0, v->capacity - 1);
		else if (m->scope == SCOPE_SWITCHED)
			assert_in_range(v->n, 0, v->capacity);
	}
}

/* Every wanted element is there; of switched maps nothing else. */
static void assert_holds(const struct image *kernel, const struct image *wanted)
{
	assert_int_equal(count_changes(kernel, wanted).n, 0);
	for (int i = 0; i < MAP_COUNT; i++)
		if (map_descs[i].scope == SCOPE_SWITCHED)
			assert_int_equal(kernel->maps[i].n, wanted->maps[i].n);
}

/* ---- judging ---- */

static void fail_with_dump(const struct model_packet *p, const struct model_trace *ir, const struct model_trace *image,
			   const char *what)
{
	print_error("%s: kind %d ifindex %u proto %u l4 %d dport %u sport %u nd %d\n", what, p->kind, p->ifindex,
		    p->proto, p->has_l4, p->dport, p->sport, p->is_nd);
	print_error("dst %016llx%016llx src %016llx%016llx\n", (unsigned long long)(p->dst >> 64),
		    (unsigned long long)p->dst, (unsigned long long)(p->src >> 64), (unsigned long long)p->src);
	for (size_t i = 0; i < ir->n || i < image->n; i++)
		print_error("ir %016llx image %016llx\n", i < ir->n ? (unsigned long long)ir->identities[i] : 0,
			    i < image->n ? (unsigned long long)image->identities[i] : 0);
	fail_msg("the image chooses other rules than the IR");
}

static void assert_judges(const struct rule_list *l, const struct ir *ir, const struct image *image, unsigned int n,
			  const char *what)
{
	static struct model_trace by_ir, by_image;

	for (unsigned int i = 0; i < n; i++) {
		struct model_packet p;

		random_packet(l, &p);
		model_judge_ir(ir, &p, &by_ir);
		model_judge_image(image, &p, &by_image);
		if (!model_same(&by_ir, &by_image))
			fail_with_dump(&p, &by_ir, &by_image, what);
	}
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
		assert_int_equal(rule->counter, r->has_counter ? image->counter_ids[r->counter] : 0);
		assert_int_equal(!!rule->counter, r->has_counter);
		assert_int_equal(!!(rule->flags & ZF_COUNT_FIRST), r->has_counter && r->count_first);
		assert_int_equal(rule->tproxy_port, r->tproxy.port);
		assert_int_equal(!!(rule->flags & ZF_TPROXY_ADDR4), r->tproxy.has_addr);
		assert_int_equal(rule->ct_states, r->ct_states);
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
	apply_scope(&kernel, &image, SCOPE_SHARED, a, &kernel);
	apply_scope(&kernel, &image, SCOPE_SWITCHED, a, &kernel);
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
	apply_scope(&kernel, &image, SCOPE_SHARED, a, &kernel);
	apply_scope(&kernel, &image, SCOPE_SWITCHED, a, &kernel);
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
	apply_scope(&kernel, &image, SCOPE_SHARED, a, &kernel);
	apply_scope(&kernel, &image, SCOPE_SWITCHED, a, &kernel);
	for (unsigned int i = 0; i < 20; i++) {
		int map = (int)random_below(r, MAP_COUNT);
		size_t size = kernel.maps[map].n * map_descs[map].value_size;
		uint8_t byte = (uint8_t)(random_one_in(r, 2) ? random_below(r, 256) : random_below(r, 8));

		if (size)
			kernel.maps[map].values[random_below(r, (uint32_t)size)] = byte;
	}
	emit(ir, &kernel, a, &image);
	assert_canonical(&image);
	apply_scope(&kernel, &image, SCOPE_SHARED, a, &kernel);
	apply_scope(&kernel, &image, SCOPE_SWITCHED, a, &kernel);
	assert_judges(&l, ir, &kernel, 100, "repaired");
	arena_free(&a);
}

static void test_damaged_maps_are_repaired(void **state)
{
	(void)state;
	each_case(400, judge_damaged);
}

/* ---- labels ---- */

static void assert_ascending(const uint32_t *labels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_in_range(labels[i], 1, ZF_LABEL_MAX);
		assert_true(i == 0 || labels[i - 1] < labels[i]);
	}
}

static void test_labels_in_small_gaps(void **state)
{
	uint32_t none[4] = { 100, 0, 0, 103 }, one_short[5] = { 100, 0, 0, 0, 103 };
	uint32_t first[3] = { 0, 0, 1 }, last[3] = { ZF_LABEL_MAX - 1, 0, 0 };

	(void)state;
	labels_fill(none, 4);
	assert_int_equal(none[1], 101);
	assert_int_equal(none[2], 102);
	labels_fill(one_short, 5);
	assert_ascending(one_short, 5);
	labels_fill(first, 3);
	assert_ascending(first, 3);
	labels_fill(last, 3);
	assert_ascending(last, 3);
}

static void test_labels_of_many(void **state)
{
	const size_t n = 3000000;
	uint32_t *labels = calloc(n, sizeof(*labels));

	(void)state;
	labels_fill(labels, n);
	assert_ascending(labels, n);
	/* All the room in one place is taken. */
	for (size_t i = 0; i < n; i++)
		labels[i] = i < n / 2 ? (uint32_t)i + 1 : i < n / 2 + 1000 ? 0 : (uint32_t)i - 999;
	labels_fill(labels, n);
	assert_ascending(labels, n);
	free(labels);
}

/* Always in one place: how many labels change for one insertion? */
static void test_labels_change_seldom(void **state)
{
	enum { AT = 500, ROUNDS = 20000 };
	static uint32_t labels[ROUNDS + 2 * AT], before[ROUNDS + 2 * AT];
	size_t n = (size_t)2 * AT, changed = 0, most = 0, most_of_100 = 0;

	(void)state;
	labels_fill(labels, n);
	for (size_t i = 0; i < ROUNDS; i++) {
		size_t now_changed = 0;

		memmove(&labels[AT + 1], &labels[AT], (n - AT) * sizeof(*labels));
		labels[AT] = 0;
		n++;
		memcpy(before, labels, n * sizeof(*labels));
		labels_fill(labels, n);
		for (size_t j = 0; j < n; j++)
			now_changed += before[j] && before[j] != labels[j];
		changed += now_changed;
		most = now_changed > most ? now_changed : most;
		most_of_100 = i < 100 ? most : most_of_100;
	}
	assert_ascending(labels, n);
	print_message(
		"# %d insertions in one place: %.2f labels changed by each, at most %zu; by the first 100 at most %zu\n",
		ROUNDS, (double)changed / ROUNDS, most, most_of_100);
	assert_in_range(most_of_100, 1, 100);
	assert_in_range(changed, 0, 12 * ROUNDS);
}

/* ---- one more rule among a thousand ---- */

static const struct ir_interfaces all_interfaces = { .n = 4, .v = (const uint32_t[]){ 1, 2, 3, 4 }, .hash = 1 };
static const struct ir_interfaces some_interfaces[3] = {
	{ .n = 1, .v = (const uint32_t[]){ 1 }, .hash = 2 },
	{ .n = 2, .v = (const uint32_t[]){ 1, 3 }, .hash = 3 },
	{ .n = 1, .v = (const uint32_t[]){ 4 }, .hash = 4 },
};

static struct ir_rule *new_rule(struct rule_list *l)
{
	struct ir_rule *r = arena_make(l->a, struct ir_rule);

	r->families = IR_V4;
	r->interfaces = &all_interfaces;
	r->identity = random_u64(l->random);
	r->verdict = IR_DROP;
	return r;
}

static void set_dport(struct arena *a, struct ir_rule *r, uint8_t proto, uint16_t lo, uint16_t hi)
{
	struct ir_range *v = arena_make_array(a, 2, struct ir_range);

	v[0] = (struct ir_range){ proto, proto };
	v[1] = (struct ir_range){ lo, hi };
	r->protos = (struct ir_ranges){ 1, &v[0] };
	r->dports = (struct ir_ranges){ 1, &v[1] };
	r->need_l4 = true;
}

static void set_dst4(struct arena *a, struct ir_rule *r, uint32_t addr, unsigned int len)
{
	struct addr_range *v = arena_make(a, struct addr_range);

	*v = (struct addr_range){ addr, addr | (((u128)1 << (32 - len)) - 1) };
	r->dst4 = addr_set_make(a, 32, v, 1);
}

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
	(void)l, (void)i;
	r->has_counter = true;
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
	r->ct_states = i % 3 == 0 ? IR_CT_ESTABLISHED : 0;
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
	apply_scope(&kernel, &next, SCOPE_SHARED, a, &kernel);
	apply_scope(&kernel, &next, SCOPE_SWITCHED, a, &kernel);
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

/* 'n' single addresses from 'first' on. */
static const struct addr_set *hosts(struct arena *a, uint32_t first, size_t n)
{
	struct addr_range *v = arena_make_array(a, n, struct addr_range);

	for (size_t i = 0; i < n; i++)
		v[i].lo = v[i].hi = first + i * 2;
	return addr_set_make(a, 32, v, n);
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
		apply_scope(&kernel, &next, SCOPE_SHARED, a, &kernel);
		apply_scope(&kernel, &next, SCOPE_SWITCHED, a, &kernel);
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

/* ---- limits ---- */

static const char *emit_error(struct rule_list *l, size_t *rule)
{
	struct sources sources = { .arena = l->a };
	struct diag d = { .arena = l->a, .sources = &sources };
	struct ir *ir = rule_list_ir(l);
	struct image image;

	for (size_t i = 0; i < ir->n_rules; i++)
		ir->rules[i]->span = (struct span){ (uint32_t)i + 1, (uint32_t)i + 2 };
	assert_int_equal(emit_image(ir, &random_facts, &options, NULL, &d, l->a, &image), -1);
	assert_int_equal(d.n, 1);
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
		cmocka_unit_test_teardown(test_image_means_the_ir, say_seed),
		cmocka_unit_test_teardown(test_edits, say_seed),
		cmocka_unit_test_teardown(test_damaged_maps_are_repaired, say_seed),
		cmocka_unit_test_teardown(test_crowded_labels, say_seed),
		cmocka_unit_test(test_labels_in_small_gaps),
		cmocka_unit_test(test_labels_of_many),
		cmocka_unit_test(test_labels_change_seldom),
		cmocka_unit_test(test_one_rule_is_few_changes),
		cmocka_unit_test(test_grown_rule_by_rule),
		cmocka_unit_test(test_leaving_a_set),
		cmocka_unit_test(test_hundred_thousand_rules),
		cmocka_unit_test(test_huge_sets),
		cmocka_unit_test(test_too_many_tuples),
		cmocka_unit_test(test_too_long_list),
		cmocka_unit_test(test_too_many_interface_sets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("emit", tests, NULL, NULL);
}
