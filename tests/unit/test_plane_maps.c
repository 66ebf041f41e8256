// SPDX-License-Identifier: GPL-2.0-only
/* The built object holds the maps that maps.def describes, and no others but
 * JUMP and its own constants.  Needs no privilege. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <bpf/abi.h>
#include <bpf/object.h>
#include <linux/bpf.h>

struct row {
	const char *name, *key, *value;
	uint32_t type, key_size, value_size, flags;
};

static const struct row rows[] = {
#define MAP(id, type, key, value, flags, scope, doc) \
	{ #id, #key, #value, BPF_MAP_TYPE_##type, sizeof(key), sizeof(value), flags },
#include <bpf/maps.def>
#undef MAP
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static int setup(void **state)
{
	*state = bpf_object__open_mem(zfwc_bpf_object, zfwc_bpf_object_size(), NULL);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	bpf_object__close(*state);
	return 0;
}

/* "struct zf_pair4" or "__u32", as the source has it. */
static void assert_type(const struct bpf_object *o, uint32_t id, const char *wanted, uint32_t size)
{
	const struct btf *btf = bpf_object__btf(o);
	const struct btf_type *t = btf__type_by_id(btf, id);
	char name[64];

	assert_non_null(t);
	snprintf(name, sizeof(name), "%s%s", btf_is_struct(t) ? "struct " : "", btf__name_by_offset(btf, t->name_off));
	assert_string_equal(name, wanted);
	assert_int_equal(btf__resolve_size(btf, id), size);
}

static void test_every_row_is_a_map(void **state)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct bpf_map *m = bpf_object__find_map_by_name(*state, rows[i].name);

		assert_non_null(m);
		assert_int_equal(bpf_map__type(m), rows[i].type);
		assert_int_equal(bpf_map__key_size(m), rows[i].key_size);
		assert_int_equal(bpf_map__value_size(m), rows[i].value_size);
		assert_int_equal(bpf_map__map_flags(m), rows[i].flags);
		assert_type(*state, bpf_map__btf_key_type_id(m), rows[i].key, rows[i].key_size);
		assert_type(*state, bpf_map__btf_value_type_id(m), rows[i].value, rows[i].value_size);
	}
}

static int is_row(const char *name)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (!strcmp(rows[i].name, name))
			return 1;
	return 0;
}

static void test_every_map_is_a_row(void **state)
{
	struct bpf_map *m;

	bpf_object__for_each_map(m, (struct bpf_object *)*state) {
		if (bpf_map__is_internal(m))
			continue;
		if (!is_row(bpf_map__name(m)))
			assert_string_equal(bpf_map__name(m), "JUMP");
	}
}

static void test_programs(void **state)
{
	static const char *const names[] = { "zfwc_entry", "zfwc_main", "zfwc_egress" };
	struct bpf_program *p;
	size_t n = 0;

	bpf_object__for_each_program(p, (struct bpf_object *)*state)
		n++;
	assert_int_equal(n, sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < n; i++) {
		p = bpf_object__find_program_by_name(*state, names[i]);
		assert_non_null(p);
		assert_int_equal(bpf_program__type(p), BPF_PROG_TYPE_SCHED_CLS);
	}
}

/* A cell is a cache line; three entries fill it. */
static void test_layout(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct zf_cell), 64);
	assert_int_equal(offsetof(struct zf_cell, entries[ZF_CELL_ENTRIES]), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_is_a_map),
		cmocka_unit_test(test_every_map_is_a_row),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_layout),
	};

	return cmocka_run_group_tests_name("plane_maps", tests, setup, teardown);
}
