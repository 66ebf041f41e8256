// SPDX-License-Identifier: GPL-2.0-only
/* Random rulesets, compiled and loaded, against a walk over the rules: every
 * packet gets the same verdict, and in the end every counter the same count.
 *
 *	ZFWC_ORACLE_RULESETS=200	how many rulesets (12)
 *	ZFWC_ORACLE_PACKETS=1000000	packets for each (100000)
 *	ZFWC_ORACLE_SEED=17		the first ruleset; each has the next number */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
#include <compiler/base/source.h>
#include <compiler/compile.h>
#include <compiler/facts.h>
#include <compiler/image.h>
#include <compiler/ir.h>
#include <tests/unit/oracle.h>
#include <tests/unit/plane_harness.h>

struct trial {
	struct arena *arena;
	struct o_ruleset rules;
	char *text;
	struct compiled compiled;
	struct image image;
	struct plane plane;
};

static uint32_t ifindexes[O_INTERFACES];

static unsigned long setting(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static int setup_group(void **state)
{
	(void)state;
	plane_namespace();
	assert_int_equal(plane_command(
				 "ip link add i0 type veth peer name i1 && ip link add i2 type veth peer name i3"),
			 0);
	assert_int_equal(plane_command("for i in i0 i1 i2; do ip link set $i up || exit 1; done"), 0);
	for (unsigned int i = 0; i < O_INTERFACES; i++) {
		char name[4] = { 'i', (char)('0' + i) };

		ifindexes[i] = if_nametoindex(name);
	}
	return 0;
}

static int by_index(const void *a, const void *b)
{
	const struct fact_interface *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

static void compile_text(struct trial *t, const char *text)
{
	struct fact_interface interfaces[O_INTERFACES] = {
		{ .name = "i0", .index = ifindexes[0] },
		{ .name = "i1", .index = ifindexes[1] },
		{ .name = "i2", .index = ifindexes[2] },
	};
	struct facts facts = { .v = interfaces, .n = O_INTERFACES };
	struct sources sources = { .arena = t->arena };
	struct diag diag = { .arena = t->arena, .sources = &sources };
	const struct compile_options options = { 0 };
	const struct emit_options emit = { 0 };
	struct buf messages = { .arena = t->arena };

	qsort(interfaces, O_INTERFACES, sizeof(interfaces[0]), by_index);
	sources_add(&sources, "random", text, strlen(text), SPAN_NONE);
	if (!compile(0, &sources, &facts, &options, &diag, t->arena, &t->compiled) &&
	    !emit_image(t->compiled.ir, &facts, &emit, NULL, &diag, t->arena, &t->image))
		return;
	diag_print(&diag, &messages);
	fprintf(stderr, "%s\n%s", text, messages.text);
	fail_msg("the ruleset is refused");
}

static char *print_rules(const struct o_ruleset *rs)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	oracle_print(rs, f);
	fclose(f);
	return text;
}

/* Returns the verdict. */
static int check_packet(struct trial *t, const struct o_packet *p, unsigned long seed)
{
	int wanted = oracle_verdict(&t->rules, p);
	int got = plane_run(t->plane.main, &p->frame, ifindexes[p->interface]);

	if (got == wanted)
		return got;
	fputs(t->text, stderr);
	oracle_print_packet(p, stderr);
	fail_msg("ZFWC_ORACLE_SEED=%lu: the program says %d, the rules say %d", seed, got, wanted);
	return 0;
}

/* Counters of the text in order are those of the IR. */
static void check_counters(struct trial *t, unsigned long seed)
{
	size_t nr = 0;

	for (int bases = 0; bases < 2; bases++)
		for (size_t n = 0; n < t->rules.n_chains; n++) {
			size_t i = bases ? n : t->rules.n_chains - 1 - n; /* as printed */
			const struct o_chain *c = &t->rules.chains[i];

			for (size_t k = 0; k < c->n && c->base == bases; k++) {
				struct zf_counter got;

				if (!c->rules[k].counter)
					continue;
				assert_true(nr < t->compiled.ir->n_counters);
				got = plane_counter(&t->plane, t->image.counter_ids[nr++]);
				if (got.packets == c->rules[k].packets)
					continue;
				fputs(t->text, stderr);
				fail_msg("ZFWC_ORACLE_SEED=%lu: chain c%zu, rule %zu: %llu packets counted, %llu came",
					 seed, i, k, (unsigned long long)got.packets,
					 (unsigned long long)c->rules[k].packets);
			}
		}
	assert_int_equal(nr, t->compiled.ir->n_counters);
}

static void one_trial(unsigned long seed, unsigned long packets, unsigned long *dropped)
{
	struct o_random random = { .state = seed * 0x9e3779b97f4a7c15u + 1 };
	static struct trial t;
	static struct o_packet p;

	memset(&t, 0, sizeof(t));
	t.arena = random.arena = arena_new();
	random_ruleset(&random, &t.rules);
	t.text = print_rules(&t.rules);
	compile_text(&t, t.text);
	plane_load_image(&t.plane, &t.image);
	for (unsigned long i = 0; i < packets; i++) {
		random_packet(&random, &t.rules, &p);
		*dropped += check_packet(&t, &p, seed) == DROP;
	}
	check_counters(&t, seed);
	plane_free(&t.plane);
	free(t.text);
	arena_free(&t.arena);
}

static void test_random_rulesets(void **state)
{
	unsigned long first = setting("ZFWC_ORACLE_SEED", 1), n = setting("ZFWC_ORACLE_RULESETS", 12);
	unsigned long packets = setting("ZFWC_ORACLE_PACKETS", 100000), dropped = 0;

	(void)state;
	for (unsigned long seed = first; seed < first + n; seed++)
		one_trial(seed, packets, &dropped);
	/* Packets that all pass, or none, would show little. */
	assert_true(dropped > n * packets / 20 && dropped < n * packets / 20 * 19);
	print_message("# seeds %lu to %lu, %lu packets each\n", first, first + n - 1, packets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_rulesets),
	};
	const char *obstacle = plane_obstacle();

	if (obstacle) {
		printf("1..0 # skip %s\n", obstacle);
		return 0;
	}
	return cmocka_run_group_tests_name("oracle", tests, setup_group, NULL);
}
