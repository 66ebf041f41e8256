/* SPDX-License-Identifier: GPL-2.0-only */
/* random_ir.h - rulesets and packets for the tests of emit_image(). */
#ifndef ZFWC_TESTS_RANDOM_IR_H
#define ZFWC_TESTS_RANDOM_IR_H

#include <compiler/facts.h>
#include <tests/unit/model.h>

struct arena;

/* xorshift64*; the state is never 0. */
struct random {
	uint64_t state;
};
uint64_t random_u64(struct random *r);
/* 0 <= result < n */
uint32_t random_below(struct random *r, uint32_t n);
static inline bool random_one_in(struct random *r, uint32_t n)
{
	return random_below(r, n) == 0;
}

/* What a ruleset is made of. */
struct shape {
	unsigned int n_rules; /* about */
	unsigned int n_bases; /* addresses that prefixes are made from */
	bool v6;	      /* also */
	bool large_sets;
	bool marks;
	bool many_ports; /* most rules differ in ports alone */
	bool headerless;
	bool ops; /* all of them, in any order; else those that need no list */
};

/* A list of rules that can be edited.  Rules are not changed once made; the
 * marks they resume at are those of the list. */
struct rule_list {
	struct arena *a;
	struct random *random;
	struct shape shape;
	struct {
		struct ir_rule **v;
		size_t n, cap;
	} rules;
	const struct addr_set *large[2][4];
};

void rule_list_make(struct rule_list *l, struct arena *a, struct random *random, const struct shape *shape);
/* One insertion, deletion, move or modification. */
void rule_list_edit(struct rule_list *l);
/* The IR; a rule whose mark isn't behind it resumes at the next one. */
struct ir *rule_list_ir(const struct rule_list *l);

void set_ops(struct arena *a, struct ir_rule *r, const struct ir_op *ops, size_t n);
struct ir_rule *random_rule(struct rule_list *l);
void rule_list_insert(struct rule_list *l, size_t at, struct ir_rule *r);

/* One that lies at the edges of some rule of the list. */
void random_packet(const struct rule_list *l, struct model_packet *ret);

extern const struct facts random_facts; /* interfaces 1 to 4; others have none */

#endif
