/* SPDX-License-Identifier: GPL-2.0-only */
/* test_script.c - what a text comes to that is more than declarations:
 * commands, variables, hooks, jumps by maps.  Where nft can do the same in one
 * file, tests/commands_nft.t compares with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/ir.h>
#include <grammar/ast.h>

#include "compile_fixture.h"

#define SIZE(v) (sizeof(v) / sizeof((v)[0]))

/* Lines that one line of a case stands for. */
static const char before[] =
	"add table t\n"
	"add chain t a\n"
	"add chain t b { type filter hook prerouting priority 0; }\n"
	"add rule t a accept\n" /* handle 3 */
	"add set t s { type ipv4_addr; elements = { 1.1.1.1, 1.1.1.2 }; }\n"
	"add set t i { type ipv4_addr; flags interval; elements = { 10.0.0.0/24, 10.0.1.0/24 }; }\n"
	"add set t g { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/24 }; }\n"
	"add map t m { type inet_service : verdict; elements = { 22 : accept }; }\n"
	"add counter t k\n";

static void read_script(struct fixture *f, const char *script, const struct compile_options *options)
{
	char text[8192];

	snprintf(text, sizeof(text), "%s%s\n", before, script);
	fixture_compile(f, "t.nft", text, &fixture_facts, options);
}

/* The listing has the line, or with '!' before it hasn't. */
struct expectation {
	const char *script, *lines[4];
};

static bool has_line(const char *listing, const char *line)
{
	size_t len = strlen(line);

	for (const char *s = listing; (s = strstr(s, line)); s++) {
		const char *begin = s;

		while (begin > listing && begin[-1] == '\t')
			begin--;
		if ((begin == listing || begin[-1] == '\n') && s[len] == '\n')
			return true;
	}
	return false;
}

static void check_lists(const struct expectation *e)
{
	const char *listing, *line;
	struct fixture f;

	read_script(&f, e->script, NULL);
	if (f.diag.errors)
		print_message("# %s\n# %s\n", e->script, fixture_messages(&f));
	assert_int_equal(f.diag.errors, 0);
	listing = fixture_listing(&f, false);
	for (size_t i = 0; i < SIZE(e->lines) && e->lines[i]; i++) {
		line = e->lines[i] + (e->lines[i][0] == '!');
		if (has_line(listing, line) != (line == e->lines[i]))
			print_message("# %s\n# %s\n", e->script, listing);
		assert_int_equal(has_line(listing, line), line == e->lines[i]);
	}
	fixture_free(&f);
}

static void test_commands(void **state)
{
	static const struct expectation cases[] = {
		/* nft can't do these with what the same file declares */
		{ "add rule t a handle 3 drop\ninsert rule t a position 3 return\ndelete rule t a handle 3",
		  { "return", "drop", "!accept" } },
		{ "rename chain t a c\nadd rule t b jump c", { "chain c {", "jump c", "!chain a {" } },
		{ "add rule t b jump a\nrename chain t a c", { "jump c", "!jump a" } },
		{ "delete set t handle 4", { "!set s {", "set i {" } },
		{ "delete chain t handle 1", { "!chain a {", "chain b {" } },
		{ "delete counter t handle 8", { "!counter k {" } },
		{ "delete table ip handle 1\nadd table t2", { "!table ip t {", "table ip t2 {" } },
		{ "delete element t i { 10.0.0.0/24 }", { "elements = { 10.0.1.0/24 }" } },
		{ "delete element t g { 10.0.0.5 }", { "elements = { 10.0.0.0-10.0.0.4, 10.0.0.6-10.0.0.255 }" } },
		{ "delete element t g { 10.0.0.0/25, 10.0.0.192/26 }", { "elements = { 10.0.0.128/26 }" } },
		{ "delete element t g { 10.0.0.0/24 }\nadd element t g { 0.0.0.0/0 }", { "elements = { 0.0.0.0/0 }" } },
		{ "delete element t g { 10.0.0.0/24 }\nadd element t g { 1.1.1.1 }\nadd element t g { 1.1.1.2 }",
		  { "elements = { 1.1.1.1-1.1.1.2 }" } },
		/* nft 1.0.6 hasn't these */
		{ "destroy table nope\ndestroy chain t nope\ndestroy set t nope\ndestroy map nope nope",
		  { "set s {" } },
		{ "destroy rule t a handle 99\ndestroy counter t nope\ndestroy element t s { 9.9.9.9 }", { "accept" } },
		{ "destroy rule t a handle 3\ndestroy chain t a\ndestroy element t s { 1.1.1.1 }",
		  { "!chain a {", "elements = { 1.1.1.2 }" } },
	};

	(void)state;
	for (size_t i = 0; i < SIZE(cases); i++)
		check_lists(&cases[i]);
}

static void test_variables(void **state)
{
	static const struct expectation cases[] = {
		{ "define x = 1\ndefine y = $x\nredefine x = 2\nadd rule t b tcp dport $y return\n"
		  "add rule t b tcp dport $x return\n",
		  { "tcp dport 1 return", "tcp dport 2 return" } },
		{ "define x = 1\ntable ip t {\nredefine x = 2\nchain c {\ntcp dport $x drop\n}\n}\n"
		  "add rule t b tcp dport $x return",
		  { "tcp dport 2 drop", "tcp dport 1 return" } },
		{ "define x = 1\ntable ip t {\nundefine x\nchain c {\ntcp dport $x drop\n}\n}",
		  { "tcp dport 1 drop" } },
		{ "define x = 1\nundefine x\nundefine x\ndefine x = 3\nadd rule t b tcp dport $x return",
		  { "tcp dport 3 return" } },
		{ "table ip t {\ndefine x = 5\nchain c {\ndefine y = { $x, 6 }\ntcp dport $y drop\n}\n}",
		  { "tcp dport { 5, 6 } drop" } },
		{ "define x = a\nadd rule t b jump $x", { "jump a" } },
		{ "define p = \"drop\"\nadd chain t d { type filter hook prerouting priority 0; policy $p; }",
		  { "type filter hook prerouting priority filter; policy drop;" } },
		{ "define p = -5\nadd chain t d { type filter hook prerouting priority $p; }",
		  { "type filter hook prerouting priority filter - 5; policy accept;" } },
		{ "define x = k\nadd rule t b counter name $x", { "counter name \"k\"" } },
		{ "define x = \"new \"\nadd rule t b log prefix \"a $x: b\"", { "log prefix \"a new : b\"" } },
		{ "define d = { eth1, eth0 }\nadd table netdev n\n"
		  "add chain netdev n c { type filter hook egress devices = $d priority 0; }",
		  { "type filter hook egress devices = { eth0, eth1 } priority filter; policy accept;" } },
	};

	(void)state;
	for (size_t i = 0; i < SIZE(cases); i++)
		check_lists(&cases[i]);
}

static void test_variables_of_the_command_line(void **state)
{
	static const struct compile_define defines[] = { { "one", "1" }, { "two", "{ $one, 2 }" } };
	const struct compile_options options = { .defines = defines, .n_defines = 2 };
	struct fixture f;

	(void)state;
	read_script(&f, "define three = { $two, 3 }\nadd rule t b tcp dport $three return", &options);
	assert_int_equal(f.diag.errors, 0);
	assert_true(has_line(fixture_listing(&f, false), "tcp dport { 1, 2, 3 } return"));
	fixture_free(&f);
	read_script(&f, "redefine one = 7\nadd rule t b tcp dport $one return", &options);
	assert_true(has_line(fixture_listing(&f, false), "tcp dport 7 return"));
	fixture_free(&f);
}

/* ---- what refers to what ---- */

static void check_refused(const char *script, const char *message)
{
	struct fixture f;

	read_script(&f, script, NULL);
	if (f.diag.errors != 1 || !strstr(fixture_messages(&f), message))
		print_message("# %s\n# %s\n", script, fixture_messages(&f));
	assert_int_equal(f.diag.errors, 1);
	assert_non_null(strstr(fixture_messages(&f), message));
	fixture_free(&f);
}

static void test_references(void **state)
{
	(void)state;
	check_refused("add table u\nadd chain u c\nadd rule u c counter name k", "no counter named 'k' in table 'u'");
	check_refused("add rule t b limit name k", "no limit named 'k' in table 't'");
	check_refused("add rule t b counter name kk", "did you mean 'k'?");
	check_refused("add element t m { 23 : jump a }\ndelete chain t a", "chain 'a' is in use");
	check_refused("add rule t b tcp dport vmap { 23 : goto a }\ndelete chain t a", "chain 'a' is in use");
	check_refused("add rule t b tcp dport vmap @m\ndelete map t m", "map 'm' is in use");
	check_refused("delete chain t a\nadd rule t b jump a", "no chain named 'a'");
	check_refused("rename chain t a c\nadd rule t b jump a", "no chain named 'a'");
	check_refused("flush ruleset\nadd rule t a accept", "no table named 't'");
}

static struct ast_chain *chain_of(const struct fixture *f, const char *name)
{
	struct ast_chain *c = f->compiled.ruleset->tables->chains;

	while (c && strcmp(c->name, name))
		c = c->next;
	assert_non_null(c);
	return c;
}

static void test_used_is_what_is_left(void **state)
{
	struct fixture f;

	(void)state;
	read_script(&f, "add chain t c\nadd rule t b jump a\nadd rule t a goto c\nflush chain t a", NULL);
	assert_int_equal(f.diag.errors, 0);
	assert_true(chain_of(&f, "a")->used);
	assert_false(chain_of(&f, "c")->used);
	assert_false(f.compiled.ruleset->tables->sets->used);
	assert_false(f.compiled.ruleset->tables->objects->used);
	fixture_free(&f);
}

/* ---- jumps by maps ---- */

static void test_jumps_of_maps(void **state)
{
	char script[4096];
	size_t n = 0;

	(void)state;
	check_refused("add element t m { 23 : jump a }\nadd rule t a tcp dport vmap @m", "jump loop");
	check_refused("add chain t c\nadd rule t c jump a\nadd rule t a tcp dport vmap { 5 : goto c }", "jump loop");
	for (int i = 16; i; i--)
		n += (size_t)snprintf(script + n, sizeof(script) - n,
				      i == 16 ? "add chain t c%d\n"
					      : "add chain t c%d\nadd rule t c%d tcp dport vmap { 5 : jump c%d }\n",
				      i, i, i + 1);
	assert_true(n < sizeof(script) - 30);
	strcpy(script + n, "add rule t b jump c2\n");
	check_lists(&(struct expectation){ script, { "jump c2" } });
	strcpy(script + n, "add rule t b jump c1\n");
	check_refused(script, "jumps are nested too deeply");
}

/* ---- interfaces ---- */

static void check_attach(const struct ir_attach *a, const char *name, bool ingress, bool egress)
{
	assert_string_equal(a->name, name);
	assert_int_equal(a->ingress, ingress);
	assert_int_equal(a->egress, egress);
}

static void test_hooks_attach(void **state)
{
	static const char script[] =
		"add table netdev n\n"
		"add chain netdev n i { type filter hook ingress devices = { eth1, wg0 } priority 0; }\n"
		"add chain netdev n e { type filter hook egress devices = { eth0, eth1 } priority 0; policy drop; }\n"
		"delete chain t b\n";
	const struct ir *ir;
	struct fixture f;

	(void)state;
	read_script(&f, script, NULL);
	ir = f.compiled.ir;
	assert_int_equal(f.diag.errors, 0);
	assert_int_equal(ir->n_attach, 3);
	check_attach(&ir->attach[0], "eth0", false, true);
	check_attach(&ir->attach[1], "eth1", true, true);
	check_attach(&ir->attach[2], "wg0", true, false);
	assert_int_equal(ir->rules[0]->interfaces->v[0], 2 | IR_EGRESS);
	fixture_free(&f);
}

/* The only rule that drops: on which interfaces? */
static size_t dropped_on(const char *chain, const char *rule)
{
	char script[512];
	struct fixture f;
	size_t n = 0;

	snprintf(script, sizeof(script),
		 "delete chain t b\nadd table netdev n\nadd chain netdev n c { %s }\n"
		 "add rule netdev n c %s drop\n",
		 chain, rule);
	read_script(&f, script, NULL);
	if (f.diag.errors)
		print_message("# %s\n", fixture_messages(&f));
	assert_int_equal(f.diag.errors, 0);
	for (size_t i = 0; i < f.compiled.ir->n_rules; i++)
		if (f.compiled.ir->rules[i]->kind == IR_RULE)
			n += f.compiled.ir->rules[i]->interfaces->n;
	fixture_free(&f);
	return n;
}

static void test_directions(void **state)
{
	static const char in[] = "type filter hook ingress devices = { eth0, eth1 } priority 0;",
			  out[] = "type filter hook egress devices = { eth0, eth1 } priority 0;";

	(void)state;
	assert_int_equal(dropped_on(in, "iifname \"eth0\""), 1);
	assert_int_equal(dropped_on(in, "iifname \"eth*\""), 2);
	assert_int_equal(dropped_on(in, "iif != { eth0 }"), 1);
	assert_int_equal(dropped_on(out, "oifname \"eth0\""), 1);
	assert_int_equal(dropped_on(out, "oif != eth0"), 1);
	/* The kernel knows no interface of the other direction: index 0, name "". */
	assert_int_equal(dropped_on(in, "oifname \"eth0\""), 0);
	assert_int_equal(dropped_on(in, "oifname != \"eth0\""), 2);
	assert_int_equal(dropped_on(out, "iif eth0"), 0);
	assert_int_equal(dropped_on(out, "iif != eth0"), 2);
}

static void test_prerouting_sees_what_is_asked_for(void **state)
{
	static const char *const wanted[] = { "wg0", "lo" }, *const unknown[] = { "eth7" };
	static const char text[] =
		"table ip t {\nchain c {\ntype filter hook prerouting priority 0; policy drop;\n}\n}\n";
	struct facts facts = fixture_facts;
	struct fixture f;

	(void)state;
	fixture_compile(&f, "t.nft", text, &facts, NULL);
	assert_int_equal(f.compiled.ir->n_attach, 3); /* all but lo */
	fixture_free(&f);
	facts.devices = wanted;
	facts.n_devices = 2;
	fixture_compile(&f, "t.nft", text, &facts, NULL);
	assert_int_equal(f.compiled.ir->n_attach, 2);
	check_attach(&f.compiled.ir->attach[0], "lo", true, false);
	check_attach(&f.compiled.ir->attach[1], "wg0", true, false);
	fixture_free(&f);
	facts.devices = unknown;
	facts.n_devices = 1;
	fixture_compile(&f, "t.nft", text, &facts, NULL);
	assert_non_null(strstr(fixture_messages(&f), "there is no interface named 'eth7'"));
	fixture_free(&f);
}

/* ---- size ---- */

static void test_many_commands_are_quick(void **state)
{
	static const char *const lines[] = { "add rule t a tcp dport %d accept\n",
					     "insert rule t a tcp dport %d drop\n",
					     "add element t s { 10.0.%d.1 }\n",
					     "delete element t s { 10.0.%d.1 }\n",
					     "add chain t c%d\n",
					     "delete chain t c%d\n" };
	struct arena *a = arena_new();
	struct buf script = { .arena = a };
	struct fixture f;

	(void)state;
	buf_puts(&script, before);
	for (size_t k = 0; k < SIZE(lines); k++)
		for (int i = 1; i <= 250; i++)
			buf_printf(&script, lines[k], i);
	for (int i = 1; i <= 50000; i++)
		buf_puts(&script, "add element t s { 7.7.7.7 }\ndelete element t s { 7.7.7.7 }\n");
	fixture_compile(&f, "t.nft", script.text, &fixture_facts, NULL);
	assert_int_equal(f.diag.errors, 0);
	assert_true(has_line(fixture_listing(&f, false), "elements = { 1.1.1.1, 1.1.1.2 }"));
	fixture_free(&f);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_variables),
		cmocka_unit_test(test_variables_of_the_command_line),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_used_is_what_is_left),
		cmocka_unit_test(test_jumps_of_maps),
		cmocka_unit_test(test_hooks_attach),
		cmocka_unit_test(test_directions),
		cmocka_unit_test(test_prerouting_sees_what_is_asked_for),
		cmocka_unit_test(test_many_commands_are_quick),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
