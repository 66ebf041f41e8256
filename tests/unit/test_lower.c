/* SPDX-License-Identifier: GPL-2.0-only */
/* test_lower.c - the IR does with packets what the text says.
 *
 * By hand for what nft's manual promises, and with random rulesets, where the
 * bound tree, read as nft reads it, is the judge. */
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

#include "compile_fixture.h"
#include "evaluate.h"

#define V4(a, b, c, d) ((u128)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static struct fixture compiled(const char *text)
{
	struct fixture f;

	fixture_compile(&f, "t.nft", text, &fixture_facts, NULL);
	if (f.diag.errors)
		print_message("# %s\n", fixture_messages(&f));
	assert_int_equal(f.diag.errors, 0);
	return f;
}

/* A TCP packet from 10.0.0.1 to 10.0.0.2 on eth0. */
static struct packet tcp(uint16_t dport)
{
	return (struct packet){
		.family = IR_V4,
		.src = V4(10, 0, 0, 1),
		.dst = V4(10, 0, 0, 2),
		.proto = 6,
		.has_l4 = true,
		.sport = 40000,
		.dport = dport,
		.interface = 2,
		.ct_state = 8,
	};
}

static struct outcome run(struct fixture *f, struct packet p)
{
	struct outcome o = evaluate_ir(f->compiled.ir, &p);
	struct outcome expected = evaluate_tree(f->compiled.ruleset, &fixture_facts, &p);

	assert_true(outcomes_equal(&o, &expected));
	return o;
}

static void check_accepts(struct fixture *f, struct packet p)
{
	assert_true(run(f, p).accepted);
}

static void check_drops(struct fixture *f, struct packet p)
{
	assert_false(run(f, p).accepted);
}

#define BASE "type filter hook ingress device eth0 priority 0"

/* ---- verdicts ---- */

static void test_first_match_wins_and_policy_decides_the_rest(void **state)
{
	struct fixture f = compiled("table inet t { chain c {\n" BASE "; policy drop;\n"
				    "tcp dport 22 accept\n"
				    "tcp dport 20-30 drop\n"
				    "tcp dport 25 accept\n"
				    "tcp dport 80 accept; }\n}\n");

	(void)state;
	check_accepts(&f, tcp(22));
	check_drops(&f, tcp(25));
	check_accepts(&f, tcp(80));
	check_drops(&f, tcp(81));
	fixture_free(&f);
}

static void test_jump_comes_back_goto_does_not(void **state)
{
	struct fixture f = compiled(
		"table inet t {\nchain c {\n" BASE "; policy drop;\n"
		"tcp dport 1-9 jump j\n"
		"tcp dport 3 accept\n"
		"tcp dport 11-19 goto g\n"
		"tcp dport 1-19 accept\n"
		"}\n"
		"chain j {\ntcp dport 1 accept\ntcp dport 2 drop\ntcp dport 3 return\ntcp dport 3 drop\n}\n"
		"chain g {\ntcp dport 11 accept\ntcp dport 12 return\n}\n}\n");

	(void)state;
	check_accepts(&f, tcp(1));
	check_drops(&f, tcp(2));
	check_accepts(&f, tcp(3));
	check_accepts(&f, tcp(4));
	check_accepts(&f, tcp(11));
	check_drops(&f, tcp(12)); /* returns to the end of c: its policy */
	check_drops(&f, tcp(13));
	fixture_free(&f);
}

static void test_goto_in_a_jump_returns_behind_the_jump(void **state)
{
	struct fixture f = compiled("table inet t {\nchain c {\n" BASE "; policy drop;\n"
				    "jump j\ntcp dport 5 accept\n}\n"
				    "chain j {\ngoto g\ndrop\n}\nchain g {\ntcp dport 6 drop\n}\n}\n");

	(void)state;
	check_accepts(&f, tcp(5));
	check_drops(&f, tcp(6));
	check_drops(&f, tcp(7));
	fixture_free(&f);
}

static void test_accept_ends_only_its_base_chain(void **state)
{
	struct fixture f = compiled(
		"table inet t {\n"
		"chain late {\ntype filter hook ingress device eth0 priority 5\ntcp dport 2 drop\n}\n"
		"chain early {\ntype filter hook ingress device eth0 priority -5; policy drop;\n"
		"tcp dport 1-2 accept\n}\n"
		"chain other {\ntype filter hook ingress device eth1 priority 1; policy drop;\n}\n"
		"chain last {\ntype filter hook prerouting priority 0\ntcp dport 1 counter\n}\n}\n");

	(void)state;
	assert_int_equal(run(&f, tcp(1)).counts[0], 1);
	check_accepts(&f, tcp(1));
	check_drops(&f, tcp(2));
	check_drops(&f, tcp(3));
	fixture_free(&f);
}

/* ---- conditions and effects ---- */

static void test_counters_count_where_they_stand(void **state)
{
	struct fixture f = compiled(
		"table inet t {\nchain c {\n" BASE "\n"
		"counter tcp dport 1-5 counter ct state established counter tcp dport 1 counter drop\n"
		"tcp dport 1 counter jump j\ncounter\n}\n"
		"chain j {\ncounter return\n}\n}\n");
	struct packet p = tcp(1);
	struct outcome o = run(&f, p);

	(void)state;
	for (unsigned int i = 0; i < 7; i++)
		assert_int_equal(o.counts[i], i == 2 || i == 3 ? 0 : 1);
	p.ct_state = 2;
	o = run(&f, p);
	assert_false(o.accepted);
	for (unsigned int i = 0; i < 7; i++)
		assert_int_equal(o.counts[i], i < 4);
	p.dport = 2;
	o = run(&f, p);
	assert_true(o.accepted);
	assert_int_equal(o.counts[2], 1);
	assert_int_equal(o.counts[3], 0);
	assert_int_equal(o.counts[5], 1);
	fixture_free(&f);
}

static void test_condition_on_a_jump(void **state)
{
	struct fixture f = compiled("table inet t {\nchain c {\n" BASE "; policy drop;\n"
				    "ct state established jump j\nct state != established goto k\n}\n"
				    "chain j {\ntcp dport 1 accept\n}\nchain k {\ntcp dport 2 accept\n}\n}\n");
	struct packet p = tcp(1);

	(void)state;
	check_drops(&f, p);
	p.ct_state = 2;
	check_accepts(&f, p);
	p.dport = 2;
	check_drops(&f, p);
	p.ct_state = 1;
	check_accepts(&f, p);
	fixture_free(&f);
}

static void test_tproxy_that_finds_no_socket_does_not_match(void **state)
{
	struct fixture f = compiled("table inet t {\nchain c {\n" BASE "; policy drop;\n"
				    "tcp dport 1-9 counter tproxy to :4000 counter accept\n"
				    "tcp dport 5 accept\n"
				    "meta l4proto { tcp, udp } tproxy ip to :5000\n"
				    "tcp dport 50 accept\n}\n}\n");
	struct packet p = tcp(5);
	struct outcome o = run(&f, p);

	(void)state;
	assert_true(o.accepted);
	assert_int_equal(o.counts[0], 1);
	assert_int_equal(o.counts[1], 0);
	p.socket = true;
	o = run(&f, p);
	assert_int_equal(o.tproxy_port, 4000);
	assert_int_equal(o.counts[1], 1);
	p.dport = 50;
	o = run(&f, p);
	assert_true(o.accepted);
	assert_int_equal(o.tproxy_port, 5000);
	p.has_l4 = false; /* a later fragment has no ports */
	check_drops(&f, p);
	fixture_free(&f);
}

static void test_extensions_accept_what_they_are_for(void **state)
{
	struct fixture f = compiled("table inet t {\nchain c {\n" BASE "; policy drop;\n"
				    "ssh-local port { 22, 2222 }\ndhcp\ndhcp server\n}\n}\n");
	struct packet p = tcp(22), d = tcp(68);

	(void)state;
	check_drops(&f, p);
	p.local = true;
	check_accepts(&f, p);
	p.dport = 2222;
	check_accepts(&f, p);
	p.dport = 23;
	check_drops(&f, p);
	d.proto = 17;
	d.sport = 67;
	check_accepts(&f, d);
	d.sport = 68;
	check_drops(&f, d);
	d.dport = 67;
	check_accepts(&f, d);
	d.family = IR_V6;
	d.sport = 547;
	d.dport = 546;
	check_drops(&f, d);
	d.src = (u128)0xfe80 << 112 | 5;
	check_accepts(&f, d);
	d.src = 5;
	d.sport = 546;
	d.dport = 547;
	check_accepts(&f, d);
	fixture_free(&f);
}

static void test_frames_that_cannot_be_read_follow_what_looks_at_nothing(void **state)
{
	struct fixture f = compiled("table netdev t {\nchain c {\n" BASE "; policy drop;\n"
				    "meta l4proto 0-255 accept\ntcp dport 0-65535 accept\n"
				    "ip saddr 0.0.0.0/0 accept\nct state { established, related } accept\n}\n}\n");
	struct packet p = tcp(0);

	(void)state;
	check_accepts(&f, p);
	p.ct_state = 2;
	for (unsigned int family = IR_OTHER; family <= IR_BAD6; family *= 2) {
		p.family = (uint8_t)family;
		check_drops(&f, p);
	}
	fixture_free(&f);
}

static void test_neighbour_discovery_is_dropped_only_by_what_looks_at_it(void **state)
{
	struct fixture f = compiled("table inet t {\nchain c {\n" BASE "; policy drop;\n"
				    "iifname eth0 drop\nicmpv6 type nd-redirect jump d\n}\n"
				    "chain d {\ndrop\n}\n}\n");
	struct packet p = { .family = IR_V6, .proto = 58, .has_l4 = true, .interface = 2, .neighbour_discovery = true };

	(void)state;
	p.dport = 135 << 8;
	check_accepts(&f, p);
	p.dport = 137 << 8;
	check_drops(&f, p);
	p.dport = 135 << 8;
	p.neighbour_discovery = false;
	check_drops(&f, p);
	fixture_free(&f);
}

static void test_excluded_addresses_go_behind_the_rule(void **state)
{
	struct fixture f = compiled(
		"table inet t {\nchain c {\n" BASE "; policy drop;\n"
		"ip saddr != 10.0.0.1 ip daddr != { 10.0.0.3, 10.0.0.4 } tcp dport 1-9 counter jump d\n"
		"ip saddr != 10.0.0.0/8 ip saddr 10.0.0.7 accept\n"
		"ip6 saddr != fe80::1 goto d\n"
		"tcp dport 2 accept\n}\n"
		"chain d {\ntcp dport 1 accept\n}\n}\n");
	struct packet p = tcp(1);

	(void)state;
	check_drops(&f, p); /* from 10.0.0.1 */
	p.src = V4(10, 0, 0, 7);
	check_accepts(&f, p);
	assert_int_equal(run(&f, p).counts[0], 1);
	p.dst = V4(10, 0, 0, 4);
	check_drops(&f, p);
	assert_int_equal(run(&f, p).counts[0], 0);
	p.dport = 2;
	check_accepts(&f, p);
	p.family = IR_V6;
	check_drops(&f, p); /* goto: its end is the chain's */
	p.src = (u128)0xfe80 << 112 | 1;
	check_accepts(&f, p);
	for (size_t i = 0; i < f.compiled.ir->n_rules; i++) /* no set became its complement */
		if (f.compiled.ir->rules[i]->src6)
			assert_true(addr_set_prefixes(f.compiled.ir->rules[i]->src6, NULL) == 1);
	fixture_free(&f);
}

static void test_what_excludes_all_stays_excluded(void **state)
{
	struct fixture f = compiled("table inet t {\nchain c {\n" BASE "; policy drop;\n"
				    "ip saddr != 0.0.0.0/0 counter tcp dport 1 counter accept\n"
				    "ip6 saddr != ::/0 counter dhcp accept\n}\n}\n");
	struct packet p = tcp(1), d = p;

	(void)state;
	d.family = IR_V6;
	d.proto = 17;
	d.sport = 547;
	d.dport = 546;
	d.src = (u128)0xfe80 << 112 | 5;
	check_drops(&f, p);
	check_drops(&f, d);
	assert_int_equal(run(&f, p).counts[0], 0);
	assert_int_equal(run(&f, p).counts[1], 0);
	fixture_free(&f);
}

/* ---- interfaces ---- */

static void test_interfaces(void **state)
{
	struct fixture f = compiled(
		"table inet t {\nset s {\ntype ifname; elements = { wg0, nowhere }\n}\n"
		"chain c {\ntype filter hook prerouting priority 0; policy drop;\n"
		"iifname \"eth*\" tcp dport 1 accept\niif != eth0 tcp dport 2 accept\n"
		"iifname @s tcp dport 3 accept\niifname nowhere accept\niif 3 tcp dport 4 accept\n}\n}\n");
	static const char accepts[][5] = {
		/* by interface, by port */
		[2] = { 0, 1, 0, 0, 0 },
		[3] = { 0, 1, 1, 0, 1 },
		[4] = { 0, 0, 1, 1, 0 },
	};

	(void)state;
	for (uint32_t interface = 2; interface <= 4; interface++)
		for (uint16_t port = 0; port < 5; port++) {
			struct packet p = tcp(port);

			p.interface = interface;
			assert_int_equal(run(&f, p).accepted, accepts[interface][port]);
		}
	assert_int_equal(f.compiled.ir->n_attach, 3); /* not lo */
	fixture_free(&f);
}

static void test_missing_interfaces(void **state)
{
	static const char text[] = "table inet t {\nchain c {\ntype filter hook ingress device dsl0 priority 0\n"
				   "iif lan7 accept\n}\n}\n";
	struct facts assuming = fixture_facts;
	struct fixture f;

	(void)state;
	fixture_compile(&f, "t.nft", text, &fixture_facts, NULL);
	assert_int_equal(f.diag.errors, 2);
	assert_non_null(strstr(fixture_messages(&f), "no interface named 'dsl0'"));
	assert_non_null(strstr(fixture_messages(&f), "no interface named 'lan7'"));
	fixture_free(&f);
	assuming.assume = true;
	fixture_compile(&f, "t.nft", text, &assuming, NULL);
	assert_int_equal(f.diag.errors, 0);
	assert_int_equal(f.compiled.ir->n_attach, 1);
	assert_string_equal(f.compiled.ir->attach[0].name, "dsl0");
	assert_true(f.compiled.ir->attach[0].index > 0x40000000);
	fixture_free(&f);
}

/* ---- identities ---- */

static const struct ir_rule *rule_on_line(struct fixture *f, uint32_t line)
{
	struct position at;

	for (size_t i = 0; i < f->compiled.ir->n_rules; i++)
		if (sources_locate(&f->sources, f->compiled.ir->rules[i]->span.at, &at) && at.line == line)
			return f->compiled.ir->rules[i];
	fail();
	return NULL;
}

static void check_identities_differ(const struct ir *ir)
{
	for (size_t i = 0; i < ir->n_rules; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(ir->rules[i]->identity != ir->rules[j]->identity);
	for (size_t i = 0; i < ir->n_counters; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(ir->counters[i].identity != ir->counters[j].identity);
}

static void test_identity_is_what_a_rule_says(void **state)
{
	struct fixture f = compiled(
		"table inet t {\nset s { type ipv4_addr; elements = { 1.1.1.1 }\n}\nchain c {\n" BASE "\n"
		"tcp dport 22 counter accept\n"	     /* 6 */
		"tcp dport 22 counter accept\n"	     /* 7 */
		"ip saddr @s counter drop\n}\n}\n"); /* 8 */
	struct fixture g = compiled("define ssh = 22\ntable inet t {\n"
				    "set s { type ipv4_addr; elements = { 1.1.1.1, 2.2.2.2 }\n}\nchain c {\n"
				    "type filter hook ingress devices = { eth0, eth1 } priority 3; policy drop\n"
				    "ip saddr @s counter packets 5 bytes 6 drop comment \"new\"\n" /* 7 */
				    "udp dport 22 counter\n"
				    "tcp dport ssh counter accept\n"	      /* 9 */
				    "tcp dport $ssh counter accept\n}\n}\n"); /* 10 */

	(void)state;
	assert_true(rule_on_line(&f, 6)->identity == rule_on_line(&g, 9)->identity);
	assert_true(rule_on_line(&f, 7)->identity == rule_on_line(&g, 10)->identity);
	assert_true(rule_on_line(&f, 8)->identity == rule_on_line(&g, 7)->identity);
	assert_true(f.compiled.ir->counters[2].identity == g.compiled.ir->counters[0].identity);
	assert_true(g.compiled.ir->counters[0].packets == 5 && g.compiled.ir->counters[0].bytes == 6);
	check_identities_differ(f.compiled.ir);
	check_identities_differ(g.compiled.ir);
	fixture_free(&f);
	fixture_free(&g);
}

static bool has_identity(const struct ir *ir, uint64_t identity)
{
	for (size_t i = 0; i < ir->n_rules; i++)
		if (ir->rules[i]->identity == identity)
			return true;
	return false;
}

static bool has_counter(const struct ir *ir, uint64_t identity)
{
	for (size_t i = 0; i < ir->n_counters; i++)
		if (ir->counters[i].identity == identity)
			return true;
	return false;
}

#define ELEMENTS(elements)                                                                                  \
	"table inet t {\nmap m {\ntype ipv4_addr . inet_service : verdict\ncounter\nelements = { " elements \
	" }\n}\nchain c {\n" BASE "\nip saddr . tcp dport vmap @m\n}\nchain j {\ncounter\n}\n}\n"

static void test_a_new_element_leaves_what_the_others_are(void **state)
{
	struct fixture f = compiled(ELEMENTS("1.1.1.1 . 1 : accept, 3.3.3.3 . 3 : jump j, 4.4.4.4 . 1 : drop"));
	struct fixture g = compiled(ELEMENTS("1.1.1.1 . 1 : accept, 2.2.2.2 . 2 : drop, 3.3.3.3 . 3 : jump j, "
					     "4.4.4.4 . 1 : drop"));
	unsigned int kept = 0;

	(void)state;
	for (size_t i = 0; i < f.compiled.ir->n_rules; i++)
		kept += has_identity(g.compiled.ir, f.compiled.ir->rules[i]->identity);
	assert_int_equal(kept, f.compiled.ir->n_rules);
	assert_true(g.compiled.ir->n_rules > kept);
	for (size_t i = 0; i < f.compiled.ir->n_counters; i++)
		assert_true(has_counter(g.compiled.ir, f.compiled.ir->counters[i].identity));
	fixture_free(&f);
	fixture_free(&g);
}

/* The map is looked at once, whatever a target does to the mark. */
static void test_a_verdict_map_is_left_by_a_jump(void **state)
{
	struct fixture f = compiled("table inet t {\nchain c {\n" BASE "; policy drop;\n"
				    "meta mark vmap { 1 : jump j, 2 : accept, * : jump k }\ntcp dport 1 accept\n}\n"
				    "chain j {\nmeta mark set 2\n}\nchain k {\ntcp dport 2 accept\n}\n}\n");
	struct packet p = tcp(3);

	(void)state;
	p.mark = 1;
	check_drops(&f, p);
	p.mark = 2;
	check_accepts(&f, p);
	p.mark = 3;
	check_drops(&f, p);
	p.dport = 2;
	check_accepts(&f, p);
	p.mark = 1;
	check_drops(&f, p);
	p.dport = 1;
	check_accepts(&f, p);
	fixture_free(&f);
}

/* ---- limits ---- */

/* 'levels' chains, each with 'jumps' jumps to the next. */
static struct fixture nested(unsigned int levels, unsigned int jumps, const char *last)
{
	struct arena *a = arena_new();
	struct buf b = { .arena = a };
	struct fixture f;

	buf_puts(&b, "table inet t {\nchain c0 {\n" BASE "\n");
	for (unsigned int i = 1; i <= levels; i++) {
		for (unsigned int j = 0; j < jumps; j++)
			buf_printf(&b, "jump c%u\n", i);
		buf_printf(&b, "}\nchain c%u {\n", i);
	}
	buf_printf(&b, "%s\n}\n}\n", last);
	fixture_compile(&f, "t.nft", b.text, &fixture_facts, NULL);
	arena_free(&a);
	return f;
}

static void test_rules_that_multiply_are_refused(void **state)
{
	struct fixture f = nested(6, 10, "counter");

	(void)state;
	assert_int_equal(f.diag.errors, 0); /* a million of them, and no mark */
	assert_int_equal(f.compiled.ir->n_rules, 1000000);
	fixture_free(&f);
	f = nested(7, 10, "counter");
	assert_int_equal(f.diag.errors, 1);
	assert_non_null(strstr(fixture_messages(&f), "too many rules"));
	fixture_free(&f);
	f = nested(15, 10, "");
	assert_int_equal(f.diag.errors, 1);
	fixture_free(&f);
}

/* ---- random rulesets ---- */

static uint32_t seed;

static uint32_t roll(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

#define pick(...) \
	(((const char *const[]){ __VA_ARGS__ })[roll(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))])

static void put_ports(struct buf *b, const char *l4)
{
	if (roll(3) == 0)
		buf_printf(b, "%s sport %s ", l4, pick("1", "!= 2", "1-3", "{ 1, 67 }", "< 3"));
	else
		buf_printf(b, "%s dport %s ", l4,
			   pick("1", "!= 2", "{ 1, 3 }", "2-4", "@ports", "22", ">= 3", "!= @ports"));
}

/* What a rule says about its transport protocol. */
enum transport { ANY, TCP_OR_UDP, OTHER };

/* Matches that nft lets stand together. */
static enum transport put_matches(struct buf *b, int version)
{
	enum transport transport = ANY;

	if (roll(3) == 0)
		buf_printf(b, "%s ", pick("iifname eth0", "iif != eth0", "iifname { eth1, wg0 }", "iifname \"eth*\""));
	if (version == 4 && roll(2))
		buf_printf(b, "ip %s %s ", pick("saddr", "daddr"),
			   pick("10.0.0.1", "10.0.0.0/31", "!= 10.0.0.2", "{ 10.0.0.1, 10.0.0.3 }", "@hosts",
				"!= @hosts", "10.0.0.2-10.0.0.9", "> 10.0.0.1"));
	if (version == 6 && roll(2))
		buf_printf(b, "ip6 %s %s ", pick("saddr", "daddr"),
			   pick("::1", "fe80::/10", "!= ::2", "{ ::1, fe80::1 }", "!= { ::1, fe80::1 }",
				"!= fe80::/10"));
	switch (roll(6)) {
	case 0:
		put_ports(b, "tcp");
		transport = TCP_OR_UDP;
		break;
	case 1:
		put_ports(b, "udp");
		transport = TCP_OR_UDP;
		break;
	case 2:
		buf_printf(b, "meta l4proto %s ", pick("tcp", "{ tcp, udp }", "udp"));
		transport = TCP_OR_UDP;
		break;
	case 3:
		if (version == 4)
			buf_printf(b, "icmp type %s ", pick("echo-request", "{ 0, 8 }", "!= 8"));
		else if (version == 6)
			buf_printf(b, "icmpv6 type %s ", pick("echo-request", "nd-neighbor-solicit", "!= 128"));
		transport = version ? OTHER : ANY;
		break;
	default:
		break;
	}
	if (roll(4) == 0)
		buf_printf(b, "ct state %s ",
			   pick("established", "related", "established,related", "!= established",
				"!= { established, related }"));
	return transport;
}

static void put_random_rule(struct buf *b, const char *family, unsigned int chain, unsigned int n_chains)
{
	int version = !strcmp(family, "ip") ? 4 : !strcmp(family, "ip6") ? 6 : (int[]){ 0, 4, 6 }[roll(3)];
	enum transport transport = put_matches(b, version);

	if (roll(3) == 0)
		buf_puts(b, "counter ");
	if (transport == TCP_OR_UDP && roll(4) == 0) {
		bool both = version == 0;

		buf_printf(b, "tproxy %s to :%u ", both ? "" : version == 4 ? "ip" : "ip6", 1000 + roll(3));
		if (roll(2))
			buf_puts(b, "counter ");
	}
	if (transport == ANY && roll(12) == 0)
		buf_puts(b, pick("ssh-local ", "ssh-local port { 1, 3 } ", "dhcp ", "dhcp server ", "dhcp relay "));
	if (roll(6) == 0 && version == 4)
		buf_puts(b, "ip saddr 10.0.0.0/30 counter ");
	if (chain + 1 < n_chains && roll(3) == 0)
		buf_printf(b, "%s r%u", pick("jump", "jump", "goto"), chain + 1 + roll(n_chains - chain - 1));
	else
		buf_puts(b, pick("accept", "drop", "return", "continue", "counter", "accept", "drop"));
	buf_putc(b, '\n');
}

/* One table: a base chain or two, and regular chains r1 ... that jump upwards. */
static void put_random_table(struct buf *b, unsigned int number)
{
	const char *family = pick("ip", "ip6", "inet", "inet", "netdev");
	bool prerouting = !strncmp(family, "ip", 2) || (!strcmp(family, "inet") && roll(2));
	unsigned int n_chains = 2 + roll(4), n_base = 1 + roll(2);

	buf_printf(b,
		   "table %s t%u {\nset ports {\ntype inet_service; flags interval; elements = { 1, 3-4, 22 }\n}\n"
		   "set hosts {\ntype ipv4_addr; elements = { 10.0.0.1, 10.0.0.2 }\n}\n",
		   family, number);
	for (unsigned int i = 0; i < n_base; i++) {
		buf_printf(b, "chain b%u {\ntype filter hook %s priority %d; policy %s;\n", i,
			   prerouting ? "prerouting"
				      : pick("ingress device eth0", "ingress device lo",
					     "ingress devices = { eth0, eth1 }"),
			   (int)roll(5) - 2, pick("accept", "drop"));
		for (unsigned int n = roll(6); n; n--)
			put_random_rule(b, family, 0, n_chains);
		buf_puts(b, "}\n");
	}
	for (unsigned int i = 1; i < n_chains; i++) {
		buf_printf(b, "chain r%u {\n", i);
		for (unsigned int n = roll(5); n; n--)
			put_random_rule(b, family, i, n_chains);
		buf_puts(b, "}\n");
	}
	buf_puts(b, "}\n");
}

static struct packet random_packet(void)
{
	static const uint8_t families[] = { IR_V4, IR_V4, IR_V4, IR_V6, IR_V6, IR_OTHER, IR_BAD4, IR_BAD6 };
	static const uint8_t protos[] = { 6, 6, 17, 17, 1, 58, 50 };
	static const uint16_t ports[] = { 0, 1, 2, 3, 4, 5, 22, 67, 68, 546, 547 };
	struct packet p = { .family = families[roll(8)], .proto = protos[roll(7)], .has_l4 = roll(8) != 0 };

	p.src = p.family == IR_V4 ? V4(10, 0, 0, roll(5)) : roll(2) ? (u128)0xfe80 << 112 | roll(3) : roll(3);
	p.dst = p.family == IR_V4 ? V4(10, 0, 0, roll(5)) : roll(2) ? (u128)0xfe80 << 112 | roll(3) : roll(3);
	p.sport = ports[roll(11)];
	p.dport = p.proto == 1	  ? (uint16_t)(roll(2) * 8 << 8)
		  : p.proto == 58 ? (uint16_t)((128 + roll(8)) << 8)
				  : ports[roll(11)];
	p.interface = 1 + roll(4);
	p.ct_state = (uint8_t)(1u << roll(4));
	p.local = roll(2);
	p.socket = roll(2);
	p.neighbour_discovery = p.family == IR_V6 && p.proto == 58 && p.has_l4 && p.dport >= 133 << 8;
	return p;
}

static void check_random_ruleset(uint32_t number)
{
	struct arena *a = arena_new();
	struct buf b = { .arena = a };
	struct fixture f;

	seed = number * 2654435761u;
	for (unsigned int i = 0, n = 1 + roll(3); i < n; i++)
		put_random_table(&b, i);
	fixture_compile(&f, "t.nft", b.text, &fixture_facts, NULL);
	if (f.diag.errors)
		print_message("# ruleset %u\n%s%s", number, b.text, fixture_messages(&f));
	assert_int_equal(f.diag.errors, 0);
	check_identities_differ(f.compiled.ir);
	assert_true(f.compiled.ir->n_counters <= MAX_COUNTERS);
	for (unsigned int i = 0; i < 300; i++) {
		struct packet p = random_packet();
		struct outcome is = evaluate_ir(f.compiled.ir, &p);
		struct outcome should = evaluate_tree(f.compiled.ruleset, &fixture_facts, &p);

		if (!outcomes_equal(&is, &should))
			print_message("# ruleset %u packet %u: %d, not %d\n%s%s", number, i, is.accepted,
				      should.accepted, b.text, fixture_ir(&f, &fixture_facts));
		assert_true(outcomes_equal(&is, &should));
	}
	fixture_free(&f);
	arena_free(&a);
}

static void test_random_rulesets(void **state)
{
	(void)state;
	for (uint32_t number = 1; number <= 1000; number++)
		check_random_ruleset(number);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_match_wins_and_policy_decides_the_rest),
		cmocka_unit_test(test_jump_comes_back_goto_does_not),
		cmocka_unit_test(test_goto_in_a_jump_returns_behind_the_jump),
		cmocka_unit_test(test_accept_ends_only_its_base_chain),
		cmocka_unit_test(test_counters_count_where_they_stand),
		cmocka_unit_test(test_condition_on_a_jump),
		cmocka_unit_test(test_tproxy_that_finds_no_socket_does_not_match),
		cmocka_unit_test(test_extensions_accept_what_they_are_for),
		cmocka_unit_test(test_frames_that_cannot_be_read_follow_what_looks_at_nothing),
		cmocka_unit_test(test_neighbour_discovery_is_dropped_only_by_what_looks_at_it),
		cmocka_unit_test(test_excluded_addresses_go_behind_the_rule),
		cmocka_unit_test(test_what_excludes_all_stays_excluded),
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_missing_interfaces),
		cmocka_unit_test(test_identity_is_what_a_rule_says),
		cmocka_unit_test(test_a_new_element_leaves_what_the_others_are),
		cmocka_unit_test(test_a_verdict_map_is_left_by_a_jump),
		cmocka_unit_test(test_rules_that_multiply_are_refused),
		cmocka_unit_test(test_random_rulesets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
