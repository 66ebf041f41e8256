/* SPDX-License-Identifier: GPL-2.0-only */
/* test_image.c - the table of maps, differences, and elements as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <linux/bpf.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/image.h>

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	struct arena *a = *state;

	arena_free(&a);
	return 0;
}

static void test_table(void **state)
{
	(void)state;
	assert_string_equal(map_descs[MAP_DST4].name, "DST4");
	assert_string_equal(map_descs[MAP_DST4].type, "LPM_TRIE");
	assert_int_equal(map_descs[MAP_DST4].type_nr, BPF_MAP_TYPE_LPM_TRIE);
	assert_int_equal(map_descs[MAP_DST4].key_size, 8);
	assert_int_equal(map_descs[MAP_PORTS].value_size, 64);
	assert_int_equal(map_descs[MAP_PORTS].scope, SCOPE_SHARED);
	assert_int_equal(map_descs[MAP_FLOW].scope, SCOPE_RUNTIME);
	assert_true(map_descs[MAP_CLASS].is_array);
	assert_true(map_descs[MAP_COUNTER].is_array);
	assert_false(map_descs[MAP_PAIR6].is_array);
	for (int i = 0; i < MAP_COUNT; i++)
		assert_true(strlen(map_descs[i].doc) > 0);
	for (int i = 0; i < MAP_COUNT; i++) /* a ring has no elements */
		assert_int_equal(map_descs[i].key_size > 0 && map_descs[i].value_size > 0, i != MAP_LOG);
}

static void test_capacity(void **state)
{
	(void)state;
	assert_int_equal(image_suggest_capacity(MAP_RULE, 1), 64);
	assert_int_equal(image_suggest_capacity(MAP_RULE, 100), 256);
	assert_int_equal(image_suggest_capacity(MAP_CONFIG, 1), 1);
	assert_int_equal(image_suggest_capacity(MAP_TUPLE, 1024), 1024);
	for (uint32_t need = 1; need < UINT32_MAX / 2; need *= 3)
		assert_true(image_suggest_capacity(MAP_PAIR4, need) > need);
	assert_true(image_suggest_capacity(MAP_PAIR4, UINT32_MAX) >= UINT32_MAX);
}

/* ---- differences ---- */

/* Elements of a map with numbers for keys and values. */
static struct map_image numbers(struct arena *a, const uint32_t (*v)[2], size_t n)
{
	struct map_image m = { .n = n };
	uint32_t *keys = arena_make_array(a, n, uint32_t), *values = arena_make_array(a, n, uint32_t);

	for (size_t i = 0; i < n; i++) {
		keys[i] = v[i][0];
		values[i] = v[i][1];
	}
	m.keys = (uint8_t *)keys;
	m.values = (uint8_t *)values;
	return m;
}

/* Two maps whose elements are two numbers, of each kind. */
static struct map_image elements(struct arena *a, enum map_id map, const uint32_t (*v)[2], size_t n)
{
	struct map_image m = numbers(a, v, n);
	const struct map_desc *d = &map_descs[map];
	uint8_t *values = arena_array(a, n, d->value_size), *keys = arena_array(a, n, d->key_size);

	for (size_t i = 0; i < n; i++) {
		memcpy(keys + i * d->key_size + (d->key_size - 4), m.keys + i * 4, 4);
		memcpy(values + i * d->value_size, m.values + i * 4, 4);
	}
	m.keys = keys;
	m.values = values;
	return m;
}

static int note(const struct change *c, void *ctx)
{
	static const char *const signs[] = { [CHANGE_ADD] = "+", [CHANGE_SET] = "~", [CHANGE_DELETE] = "-" };
	uint32_t key, value = 0, old = 0;

	memcpy(&key, c->key + map_descs[c->map].key_size - 4, sizeof(key));
	if (c->value)
		memcpy(&value, c->value, sizeof(value));
	if (c->old)
		memcpy(&old, c->old, sizeof(old));
	assert_int_equal(!c->value, c->kind == CHANGE_DELETE);
	assert_int_equal(!c->old, c->kind == CHANGE_ADD);
	buf_printf(ctx, "%s%u:%u>%u ", signs[c->kind], key, old, value);
	return 0;
}

#define ELEMENTS(a, map, ...)                                  \
	elements(a, map, (const uint32_t[][2]){ __VA_ARGS__ }, \
		 sizeof((const uint32_t[][2]){ __VA_ARGS__ }) / (2 * sizeof(uint32_t)))

#define CHECK_DIFF(map, expected, found, wanted)                           \
	do {                                                               \
		struct map_image f_ = found, w_ = wanted;                  \
		struct buf out_ = { .arena = *state };                     \
                                                                           \
		buf_puts(&out_, "");                                       \
		assert_int_equal(map_diff(map, &f_, &w_, note, &out_), 0); \
		assert_string_equal(out_.text, expected);                  \
	} while (0)

static void test_diff(void **state)
{
	struct map_image none = { 0 };

	CHECK_DIFF(MAP_CLASS, "", none, none);
	CHECK_DIFF(MAP_CLASS, "+1:0>5 +2:0>6 ", none, ELEMENTS(*state, MAP_CLASS, { 1, 5 }, { 2, 6 }));
	CHECK_DIFF(MAP_CLASS, "-1:5>0 -2:6>0 ", ELEMENTS(*state, MAP_CLASS, { 1, 5 }, { 2, 6 }), none);
	CHECK_DIFF(MAP_CLASS, "-1:5>0 ~2:6>7 +4:0>9 ", ELEMENTS(*state, MAP_CLASS, { 1, 5 }, { 2, 6 }, { 3, 8 }),
		   ELEMENTS(*state, MAP_CLASS, { 2, 7 }, { 3, 8 }, { 4, 9 }));
	/* Arrays are in the order of numbers, whose bytes are in another. */
	CHECK_DIFF(MAP_CLASS, "+256:0>1 ", ELEMENTS(*state, MAP_CLASS, { 255, 1 }),
		   ELEMENTS(*state, MAP_CLASS, { 255, 1 }, { 256, 1 }));
	CHECK_DIFF(MAP_PAIR4, "-3:1>0 ~4:1>2 ", ELEMENTS(*state, MAP_PAIR4, { 3, 1 }, { 4, 1 }),
		   ELEMENTS(*state, MAP_PAIR4, { 4, 2 }));
}

static void test_diff_of_shared_map_deletes_nothing(void **state)
{
	CHECK_DIFF(MAP_RULE, "+3:0>7 ", ELEMENTS(*state, MAP_RULE, { 1, 5 }, { 2, 6 }),
		   ELEMENTS(*state, MAP_RULE, { 2, 6 }, { 3, 7 }));
	CHECK_DIFF(MAP_PORTS, "~1:5>6 ", ELEMENTS(*state, MAP_PORTS, { 1, 5 }), ELEMENTS(*state, MAP_PORTS, { 1, 6 }));
}

static int stop_at_second(const struct change *c, void *ctx)
{
	int *n = ctx;

	(void)c;
	return ++*n == 2 ? -7 : 0;
}

static void test_diff_stops(void **state)
{
	struct image found = { 0 }, wanted = { 0 };
	int n = 0;

	wanted.maps[MAP_CLASS] = ELEMENTS(*state, MAP_CLASS, { 1, 1 });
	wanted.maps[MAP_RULE] = ELEMENTS(*state, MAP_RULE, { 1, 1 }, { 2, 2 });
	assert_int_equal(image_diff(&found, &wanted, stop_at_second, &n), -7);
	assert_int_equal(n, 2);
}

static int note_origin(const struct change *c, void *ctx)
{
	buf_printf(ctx, "%d ", (int)c->origin);
	return 0;
}

static void test_diff_names_origins(void **state)
{
	struct map_image found = ELEMENTS(*state, MAP_CLASS, { 1, 1 }, { 2, 2 });
	struct map_image wanted = ELEMENTS(*state, MAP_CLASS, { 2, 3 }, { 5, 5 });
	struct buf out = { .arena = *state };

	wanted.origins = (uint32_t[]){ 40, 41 };
	map_diff(MAP_CLASS, &found, &wanted, note_origin, &out);
	assert_string_equal(out.text, "-1 40 41 ");
}

/* ---- text ---- */

#define CHECK_PRINT(map, expected, key, value)                                               \
	do {                                                                                 \
		struct buf out_ = { .arena = *state };                                       \
                                                                                             \
		element_print(map, (const uint8_t *)(key), (const uint8_t *)(value), &out_); \
		assert_string_equal(out_.text, expected);                                    \
	} while (0)

static void test_print_addresses(void **state)
{
	uint32_t class = 3;
	struct zf_lpm4 net4 = { 8, { 10 } };
	struct zf_lpm6 net6 = { 32, { 0x20, 0x01, 0x0d, 0xb8 } };
	struct zf_pair4 pair4 = { { 10, 1 }, { 192, 168 }, 7 };
	struct zf_pair6 pair6 = { { 0x20, 0x01 }, { 0 }, 9 };
	struct zf_block block = { .list = 4, .dport = 5 | ZF_REF_NODE, .sport = 6 };
	uint32_t type = RTN_LOCAL;
	struct zf_local local = { .ifindex = 2, .family = ZF_IPV6, .addr = { [15] = 1 } };

	CHECK_PRINT(MAP_DST4, "DST4 10.0.0.0/8 = class 3", &net4, &class);
	CHECK_PRINT(MAP_DST4, "DST4 10.0.0.0/8", &net4, NULL);
	CHECK_PRINT(MAP_SRC6, "SRC6 2001:db8::/32 = class 3", &net6, &class);
	CHECK_PRINT(MAP_PAIR4, "PAIR4 tuple 7 dst 10.1.0.0 src 192.168.0.0 = any-port list 4 dport node 5 sport list 6",
		    &pair4, &block);
	CHECK_PRINT(MAP_PAIR6, "PAIR6 tuple 9 dst 2001:: src :: = any-port list 4 dport node 5 sport list 6", &pair6,
		    &block);
	CHECK_PRINT(MAP_LOCAL, "LOCAL interface 2 ::1 = local", &local, &type);
}

static void test_print_masks(void **state)
{
	uint32_t index = 3, tuple6 = ZF_TUPLES + 5;
	struct zf_class class = { { 5, 0, 1 } };
	struct zf_tuple lengths = { .min_label = 10, .max_label = 20, .dst_len = 24 };
	struct zf_tuple set = { .min_label = 1, .max_label = 2, .src_len = 64, .dst_set = 0xabc };

	CHECK_PRINT(MAP_CLASS, "CLASS 3 = tuples 0,2,128", &index, &class);
	CHECK_PRINT(MAP_TUPLE, "TUPLE ipv4 3 = dst /24 src /0 labels 10-20", &index, &lengths);
	CHECK_PRINT(MAP_TUPLE, "TUPLE ipv6 5 = dst set 00000abc src /64 labels 1-2", &tuple6, &set);
}

static void test_print_cells(void **state)
{
	uint32_t index = 3;
	struct zf_cell list = { .next = 9 }, node = { .slots = { 0 } };

	list.entries[0] = (struct zf_entry){ 6, 6, ZF_NEED_L4, 1, 80, 80, 0, 65535, 1000, 4 };
	list.entries[1] = (struct zf_entry){ 0, 255, 0, 0, 0, 65535, 1, 2, 1001, 5 };
	node.slots[4] = 100;
	node.slots[5] = 7 | ZF_REF_NODE;
	CHECK_PRINT(MAP_PORTS,
		    "PORTS 3 = { label 1000 rule 4 interfaces 1 proto 6 dport 80 l4 }"
		    " { label 1001 rule 5 interfaces 0 sport 1-2 } then list 9",
		    &index, &list);
	CHECK_PRINT(MAP_PORTS, "PORTS 3 = node 4: list 100 5: node 7", &index, &node);
}

static void test_print_rules(void **state)
{
	uint32_t index = 3;
	struct zf_rule drop = {
		.identity = 0xab, .label = 10, .verdict = ZF_DROP, .counter = 2, .flags = ZF_COUNT_FIRST
	};
	struct zf_rule tproxy = { .identity = 0xab,
				  .label = 10,
				  .verdict = ZF_RESUME,
				  .resume = ZF_LABEL_NONE,
				  .otherwise = 11,
				  .ct_states = ZF_CT_ESTABLISHED,
				  .flags = ZF_TPROXY,
				  .tproxy = { .port = 4000, .family = 4, .addr = { 127, 0, 0, 1 } } };
	struct zf_rule mark = { .identity = 1, .label = 12, .flags = ZF_MARK };

	CHECK_PRINT(MAP_RULE, "RULE 3 = label 10 identity 00000000000000ab count-first counter 2 drop", &index, &drop);
	CHECK_PRINT(MAP_RULE,
		    "RULE 3 = label 10 identity 00000000000000ab established tproxy [127.0.0.1] :4000 resume end"
		    " otherwise 11",
		    &index, &tproxy);
	CHECK_PRINT(MAP_RULE, "RULE 3 = label 12 identity 0000000000000001 mark", &index, &mark);
}

static void test_print_runtime_maps(void **state)
{
	uint32_t index = 3;
	struct zf_counter counter = { 5, 600 };
	struct zf_flow flow = { .seen = 9, .flags = ZF_FLOW_REPLIED };
	struct zf_flow_key key = { .src = { 10 }, .dst = { 11 }, .proto = 6, .family = ZF_IPV4 };

	key.sport = __builtin_bswap16(1234);
	key.dport = __builtin_bswap16(80);
	CHECK_PRINT(MAP_BASE, "BASE 3 = packets 5 bytes 600", &index, &counter);
	CHECK_PRINT(MAP_FLOW, "FLOW proto 6 10.0.0.0 1234 > 11.0.0.0 80 = seen 9 flags 1", &key, &flow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_capacity),
		cmocka_unit_test_setup_teardown(test_diff, setup, teardown),
		cmocka_unit_test_setup_teardown(test_diff_of_shared_map_deletes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_diff_stops, setup, teardown),
		cmocka_unit_test_setup_teardown(test_diff_names_origins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_print_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_print_masks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_print_cells, setup, teardown),
		cmocka_unit_test_setup_teardown(test_print_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_print_runtime_maps, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
