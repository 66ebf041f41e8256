/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_harness.h - images made, applied to maps, and compared with the IR. */
#ifndef ZFWC_TESTS_EMIT_HARNESS_H
#define ZFWC_TESTS_EMIT_HARNESS_H

#include <tests/unit/random_ir.h>

extern const struct emit_options emit_test_options;

/* Fails the test when there are errors. */
void emit(const struct ir *ir, const struct image *found, struct arena *a, struct image *ret);

struct counting {
	size_t n, by_map[MAP_COUNT];
};
struct counting count_changes(const struct image *found, const struct image *wanted);

/* 'found' with the changes for 'wanted' made, in the maps of that scope alone;
 * 'ret' may be 'found'. */
void apply_scope(const struct image *found, const struct image *wanted, enum map_scope scope, struct arena *a,
		 struct image *ret);
void apply_all(struct image *kernel, const struct image *wanted, struct arena *a);

void assert_canonical(const struct image *image);
/* Every wanted element is there; of switched maps nothing else. */
void assert_holds(const struct image *kernel, const struct image *wanted);
/* 'n' random packets meet the same rules in both. */
void assert_judges(const struct rule_list *l, const struct ir *ir, const struct image *image, unsigned int n,
		   const char *what);

/* ---- rules by hand ---- */

/* A drop for any IPv4 packet on any interface. */
struct ir_rule *new_rule(struct rule_list *l);
void set_dport(struct arena *a, struct ir_rule *r, uint8_t proto, uint16_t lo, uint16_t hi);
void set_dst4(struct arena *a, struct ir_rule *r, uint32_t addr, unsigned int len);
/* 'n' single addresses from 'first' on. */
const struct addr_set *hosts(struct arena *a, uint32_t first, size_t n);

double now(void);

#endif
