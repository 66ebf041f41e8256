/* SPDX-License-Identifier: GPL-2.0-only */
/* live_fixture.h - an instance in a network namespace of the test's own, and
 * rules to apply to it.
 *
 * A failure of the system is a failure of the test (cmocka assertion). */
#ifndef ZFWC_TESTS_LIVE_FIXTURE_H
#define ZFWC_TESTS_LIVE_FIXTURE_H

#include <compiler/base/diag.h>
#include <compiler/image.h>
#include <compiler/ir.h>
#include <runtime/live.h>
#include <tests/unit/random_ir.h>

#define INSTANCE "zfwc-core-test"

struct fixture {
	struct arena *arena;
	struct random random;
	struct rule_list rules;
	struct sources sources;
	struct diag diag;
	struct live *live;
	struct live_stats stats; /* of the last apply */
	struct trouble trouble;	 /* of the last failure */
	const char *source;	 /* text to apply; NULL: one that depends on the rules */
	bool force_clsact;
};

/* Why instances can't be tested here, or NULL. */
const char *fixture_obstacle(void);
/* A new network namespace with lo and the interfaces of random_facts, up;
 * rules of random_ir.h, about 'n_rules' of them.  fixture_end leaves no pins. */
void fixture_begin(struct fixture *f, unsigned int n_rules, uint64_t seed);
/* The same in the namespace of the fixture before, which has ended. */
void fixture_begin_here(struct fixture *f, unsigned int n_rules, uint64_t seed);
void fixture_end(struct fixture *f);
/* Runs a command of the shell's; returns what it ends with. */
int fixture_command(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Opens for writing, closing what is open. */
void fixture_open(struct fixture *f);
/* The rules as they are now, limited to the first 'n' interfaces (1: lo alone). */
struct ir *fixture_ir(struct fixture *f, unsigned int n);
/* Applies; returns what live_apply does. */
int fixture_apply(struct fixture *f, const struct ir *ir);
/* Applies, twice: the second time there must be nothing to do. */
void fixture_apply_twice(struct fixture *f, const struct ir *ir);

/* Elements by which the live copy differs from what 'ir' means. */
unsigned int fixture_difference(struct fixture *f, const struct ir *ir);
unsigned int fixture_image_difference(struct fixture *f, const struct image *found, const struct ir *ir);
/* Elements by which the two copies differ. */
unsigned int fixture_unlevel(struct fixture *f);

/* Plays the program: counts a packet of 100 bytes. */
void fixture_count(struct fixture *f, uint32_t counter, uint64_t packets);
/* Packets of the counter with that identity; UINT64_MAX: no rule has it. */
uint64_t fixture_packets(struct fixture *f, uint64_t identity);
/* Calls fn with every counter in use, once. */
void fixture_counters(struct fixture *f, void (*fn)(struct fixture *f, uint32_t id, uint64_t identity, void *ctx),
		      void *ctx);

#endif
