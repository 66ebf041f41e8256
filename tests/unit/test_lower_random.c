/* SPDX-License-Identifier: GPL-2.0-only */
/* test_lower_random.c - of random rulesets of the whole language the IR does with
 * a packet what the bound tree says, effects and their order included.
 *
 *	test_lower_random [FIRST [COUNT]]	other rulesets than the usual ones */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

#include "compile_fixture.h"
#include "evaluate.h"
#include "random_rules.h"

#define PACKETS 400

static uint32_t first = 1, count = 1500;

static void show_effects(const char *what, const struct outcome *o)
{
	fprintf(stderr, "# %s: accepted %d answered %d code %d;", what, o->accepted, o->answered, o->code);
	for (unsigned int i = 0; i < o->n_effects && i < MAX_EFFECTS; i++)
		fprintf(stderr, " %u@%u=%u", (unsigned int)o->effects[i].kind, o->effects[i].at, o->effects[i].value);
	fprintf(stderr, "\n");
}

static void show_packet(const struct packet *p)
{
	fprintf(stderr, "# family %u proto %u l4 %d src %x dst %x sport %u dport %u if %u mark %u ct %u nd %d\n",
		p->family, p->proto, p->has_l4, (unsigned int)p->src, (unsigned int)p->dst, p->sport, p->dport,
		p->interface, p->mark, p->ct_state, p->neighbour_discovery);
}

static void check_packet(struct fixture *f, uint32_t number, const char *text)
{
	struct packet p = random_rules_packet();
	struct outcome is = evaluate_ir(f->compiled.ir, &p);
	struct outcome should = evaluate_tree(f->compiled.ruleset, &fixture_facts, &p);

	if (outcomes_equal(&is, &should))
		return;
	fprintf(stderr, "# ruleset %u\n%s%s", number, text, fixture_ir(f, &fixture_facts));
	show_packet(&p);
	show_effects("is", &is);
	show_effects("should be", &should);
	fail();
}

static void check_ruleset(uint32_t number)
{
	struct arena *a = arena_new();
	struct buf b = { .arena = a };
	struct fixture f;

	random_ruleset(&b, number);
	fixture_compile(&f, "t.nft", b.text, &fixture_facts, NULL);
	if (f.diag.errors)
		fprintf(stderr, "# ruleset %u\n%s\n%s", number, b.text, fixture_messages(&f));
	assert_int_equal(f.diag.errors, 0);
	for (unsigned int i = 0; i < PACKETS; i++)
		check_packet(&f, number, b.text);
	fixture_free(&f);
	arena_free(&a);
}

static void test_random_rulesets(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < count; i++)
		check_ruleset(first + i);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_rulesets),
	};

	if (argc > 1)
		first = (uint32_t)strtoul(argv[1], NULL, 0);
	if (argc > 2)
		count = (uint32_t)strtoul(argv[2], NULL, 0);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
