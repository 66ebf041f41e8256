/* SPDX-License-Identifier: GPL-2.0-only */
/* test_resolve.c - what rules and sets are bound to, as the listing shows it,
 * and what is refused.  As nft 1.0.6 has it, but for the cases that say otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

#include "compile_fixture.h"

static const char defines[] = "define port = 22\n"
			      "define ports = { 80, 443 }\n"
			      "define range = 20-30\n"
			      "define host = 10.0.0.1\n"
			      "define net = 10.0.0.0/8\n"
			      "define pairs = { 10.0.0.1 . 22, 10.0.0.2 . 23 }\n"
			      "define verdicts = { 22 : accept, 23 : drop }\n"
			      "define verdict = \"drop\"\n"
			      "define target = d\n"
			      "define a_flag = syn\n"
			      "define states = established,related\n"
			      "define nothing = { }\n";

static const char sets[] = "set hosts { type ipv4_addr; flags interval; }\n"
			   "set ports { type inet_service; }\n"
			   "set pairs { type ipv4_addr . inet_service; }\n"
			   "set ttls { typeof ip ttl; }\n"
			   "map marks { type inet_service : mark; }\n"
			   "map verdicts { type inet_service : verdict; }\n"
			   "map targets { type inet_service : ipv4_addr . inet_service; }\n"
			   "counter seen { }\n"
			   "limit slow { rate 1/second; }\n";

/* Parses and binds without lowering. */
static void bind(struct fixture *f, const char *text)
{
	static const struct compile_options none;
	size_t len = strlen(text);

	*f = (struct fixture){ .arena = arena_new() };
	f->sources.arena = f->diag.arena = f->arena;
	f->diag.sources = &f->sources;
	sources_add(&f->sources, "fw.nft", arena_strndup(f->arena, text, len), len, SPAN_NONE);
	if (!compile_parse(0, &f->sources, &none, &f->diag, f->arena, &f->compiled.ast))
		compile_resolve(f->compiled.ast, &f->diag, f->arena, &f->compiled.ruleset);
}

static void bind_rule(struct fixture *f, const char *family, const char *rule)
{
	char text[4096];

	snprintf(text, sizeof(text), "%stable %s t {\n%schain d { }\nchain c {\n%s\n}\n}\n", defines, family, sets,
		 rule);
	bind(f, text);
}

static bool has_error(const struct fixture *f, const char *code)
{
	for (size_t i = 0; i < f->diag.n; i++)
		if (f->diag.v[i].severity == DIAG_ERROR && !strcmp(diag_codes[f->diag.v[i].code].name, code))
			return true;
	return false;
}

static const char *find_rule(struct fixture *f)
{
	struct listing l = fixture_lines(f, false);

	for (size_t i = 0; i < l.n; i++)
		if (l.v[i].kind == LISTING_RULE)
			return l.v[i].text;
	return NULL;
}

/* What stands in "elements = { }", which may be several lines. */
static const char *find_elements(struct fixture *f)
{
	static const char head[] = "elements = { ";
	struct listing l = fixture_lines(f, false);
	struct buf out = { .arena = f->arena };
	bool within = false;

	buf_puts(&out, "");
	for (size_t i = 0; i < l.n && (!out.len || within); i++) {
		const char *text = l.v[i].text;

		if (!within && strncmp(text, head, strlen(head)))
			continue;
		if (within)
			buf_putc(&out, ' ');
		buf_puts(&out, within ? text + strspn(text, " \t") : text + strlen(head));
		within = !strchr(text, '}');
	}
	return out.text;
}

struct rule_case {
	const char *family, *rule, *is; /* NULL: it is listed as it is written */
};

static unsigned int wrong; /* cases of a test, all of which are shown */

static void check_rule(const struct rule_case *c)
{
	struct fixture f;
	const char *line;

	bind_rule(&f, c->family, c->rule);
	line = find_rule(&f);
	if (!line || strcmp(line, c->is ? c->is : c->rule)) {
		wrong++;
		print_error("%s: %s\n  is  %s\n%s", c->family, c->rule, line ? line : "refused", fixture_messages(&f));
	}
	fixture_free(&f);
}

static void check_rules(const struct rule_case *v, size_t n)
{
	wrong = 0;
	for (size_t i = 0; i < n; i++)
		check_rule(&v[i]);
	assert_int_equal(wrong, 0);
}

struct refusal {
	const char *family, *rule, *code;
};

static void check_refusals(const struct refusal *v, size_t n)
{
	struct fixture f;

	wrong = 0;
	for (size_t i = 0; i < n; i++) {
		bind_rule(&f, v[i].family, v[i].rule);
		if (!has_error(&f, v[i].code)) {
			wrong++;
			print_error("%s: %s\n  isn't refused as %s\n%s", v[i].family, v[i].rule, v[i].code,
				    fixture_messages(&f));
		}
		fixture_free(&f);
	}
	assert_int_equal(wrong, 0);
}

#define COUNT(v)   (sizeof(v) / sizeof(*(v)))
#define RULES(v)   check_rules(v, COUNT(v))
#define REFUSED(v) check_refusals(v, COUNT(v))

/* ---- constants ---- */

static void test_constants(void **state)
{
	static const struct rule_case cases[] = {
		{ "inet", "tcp dport ssh", "tcp dport 22" },
		{ "inet", "tcp dport \"22\"", "tcp dport 22" },
		{ "inet", "tcp dport 22-22", NULL },
		{ "inet", "tcp dport 22 | 1", "tcp dport 23" },
		{ "inet", "tcp dport 1 << 4", "tcp dport 16" }, /* nft gives up on these */
		{ "inet", "ip saddr 1", "ip saddr 0.0.0.1" },
		{ "inet", "ip saddr 10.0.0.1 & 255.255.0.0", "ip saddr 10.0.0.0" },
		{ "inet", "ip saddr 10.1.2.3/8", "ip saddr 10.0.0.0/8" },
		{ "inet", "ip saddr 10.1.2.3/32", "ip saddr 10.1.2.3" },
		{ "inet", "ip6 saddr 2001:db8::8/128", "ip6 saddr 2001:db8::8" },
		{ "inet", "ip saddr 10.0.0.0-10.0.0.255", NULL },
		{ "inet", "ether saddr 5", "ether saddr 00:00:00:00:00:05" },
		{ "inet", "meta mark 0xffffff12/24", "meta mark 0xffffff00/24" },
		{ "inet", "tcp dport 16/12", "tcp dport 16-31" }, /* nft: tcp dport & 65520 == 16 */
		{ "inet", "meta priority 0:0-1:1", NULL },
		{ "inet", "meta l4proto 17", "meta l4proto udp" },
		{ "inet", "meta protocol vlan", "meta protocol 8021q" },
		{ "inet", "meta pkttype unicast", "meta pkttype host" },
		{ "inet", "ip dscp 8", "ip dscp cs1" },
		{ "inet", "ip dscp df", "ip dscp cs0" },
		{ "inet", "ip ecn 3", "ip ecn ce" },
		{ "inet", "icmp code 3", "icmp code port-unreachable" },
		{ "inet", "fib daddr type 2", "fib daddr type local" },
		{ "inet", "meta priority 0x10", "meta priority 0:10" },
		{ "inet", "meta priority none", NULL },
		{ "inet", "iifname \"eth\\*\"", NULL },
		{ "inet", "iifname 5", "iifname \"5\"" },
		{ "inet", "ct state 72", "ct state new,untracked" },
		{ "inet", "tcp dport $port", "tcp dport 22" },
		{ "inet", "tcp dport $port - 30", "tcp dport 22-30" },
		{ "inet", "ip ttl $port", "ip ttl 22" },
		{ "inet", "meta mark $port", "meta mark 0x00000016" },
	};
	static const struct refusal refusals[] = {
		{ "inet", "tcp dport 65536", "out-of-range" },
		{ "inet", "tcp dport sshx", "unknown-name" },
		{ "inet", "tcp dport 10.0.0.1", "type-mismatch" },
		{ "inet", "tcp dport 22,23", "type-mismatch" },
		{ "inet", "tcp dport 23-22", "bad-range" },
		{ "inet", "tcp dport 0x8000 << 1", "out-of-range" },
		{ "inet", "ip saddr ::1", "type-mismatch" },
		{ "inet", "ip saddr localhost", "type-mismatch" },
		{ "inet", "ip ttl 256", "out-of-range" },
		{ "inet", "ip dscp 64", "out-of-range" },
		{ "inet", "ip ecn 4", "out-of-range" },
		{ "inet", "icmp type foo", "unknown-name" },
		{ "inet", "meta length 4294967296", "out-of-range" },
		{ "inet", "socket transparent exists", "type-mismatch" },
		{ "inet", "socket transparent 2", "out-of-range" },
		{ "inet", "iifname \"a\"-\"b\"", "bad-range" },
		{ "inet", "iifname \"*\"", "bad-name" },
		{ "inet", "iifname abcdefghijklmnop", "bad-name" },
		{ "inet", "iifname tcp", "type-mismatch" },
		{ "inet", "iif \"eth*\"", "bad-name" },
		{ "inet", "tcp flags foo", "unknown-name" },
		{ "inet", "tcp dport $ports - 80", "type-mismatch" },
	};

	(void)state;
	RULES(cases);
	REFUSED(refusals);
}

/* ---- masks ---- */

static void test_masks(void **state)
{
	static const struct rule_case cases[] = {
		{ "inet", "meta mark ^ 0x3 == 0x1", "meta mark 0x00000002" },
		{ "inet", "meta mark ^ 0x3 { 1, 2 }", "meta mark { 0x00000001, 0x00000002 }" },
		{ "inet", "meta mark & 0xf ^ 0x1 == 5", "meta mark & 0x0000000f == 0x00000004" },
		{ "inet", "meta mark & 0xf | 0x1 == 5", "meta mark & 0x0000000f | 0x00000001 == 0x00000005" },
		{ "inet", "meta mark | 0x3 == 0x1", "meta mark | 0x00000003 == 0x00000001" },
		{ "inet", "meta mark & 1 & 3 == 1", "meta mark & 0x00000001 == 0x00000001" },
		{ "inet", "meta mark & 0xff { 1 }", "meta mark & 0x000000ff == 0x00000001" },
		{ "inet", "meta mark & 0xffffff00 == 0x100", "meta mark 0x00000100/24" },
		{ "inet", "ip saddr & 0xffff0000 == 0xffff0000", "ip saddr 255.255.0.0/16" },
		{ "inet", "ip saddr & 255.255.0.0 != 10.1.0.0", "ip saddr != 10.1.0.0/16" },
		{ "inet", "ip saddr & 0xff == 1", "ip saddr & 0.0.0.255 == 0.0.0.1" },
		{ "inet", "ip saddr & 255.255.0.0 == 10.1.1.1", NULL }, /* nft shows a prefix, which is wrong */
		{ "inet", "ip saddr ^ 0.0.0.1 == 10.0.0.1", "ip saddr 10.0.0.0" },
		{ "inet", "ip6 saddr & ffff:: == fe80::", "ip6 saddr fe80::/16" },
		{ "inet", "tcp dport & 1 1", "tcp dport & 1 == 1" },
		{ "inet", "ip frag-off & 0x1fff != 0", "ip frag-off & 8191 != 0" },
	};
	static const struct refusal refusals[] = {
		{ "inet", "meta mark << 8 == 0x100", "bad-operator" },
		{ "inet", "meta mark & 0x1ffffffff == 1", "out-of-range" },
		{ "inet", "iifname & \"a\" == \"b\"", "bad-operator" },
	};

	(void)state;
	RULES(cases);
	REFUSED(refusals);
}

static void test_flags(void **state)
{
	static const struct rule_case cases[] = {
		{ "inet", "tcp flags syn", NULL },
		{ "inet", "tcp flags == syn", NULL },
		{ "inet", "tcp flags != syn", NULL },
		{ "inet", "tcp flags syn|ack", "tcp flags syn,ack" },
		{ "inet", "tcp flags 0x12", "tcp flags syn,ack" },
		{ "inet", "tcp flags == syn,ack", "tcp flags == 0x12" },
		{ "inet", "tcp flags & syn != 0", "tcp flags syn" },
		{ "inet", "tcp flags & (syn|ack) == 0", "tcp flags ! syn,ack" },
		{ "inet", "tcp flags & syn == syn", NULL },
		{ "inet", "tcp flags & syn syn", "tcp flags & syn == syn" },
		{ "inet", "tcp flags & (syn|ack) != syn", "tcp flags != syn / syn,ack" },
		{ "inet", "tcp flags & 0xff 3", "tcp flags == 0x3" },
		{ "inet", "tcp flags ^ fin == 3", "tcp flags == syn" },
		{ "inet", "tcp flags syn / syn,ack", NULL },
		{ "inet", "tcp flags == syn / syn,ack", "tcp flags syn / syn,ack" },
		{ "inet", "tcp flags { syn }", "tcp flags syn" },
		{ "inet", "tcp flags == { syn }", "tcp flags == syn" },
		{ "inet", "tcp flags { ack, syn }", "tcp flags { syn, ack }" },
		{ "inet", "tcp flags & (syn|ack) { ack, syn }", "tcp flags & (syn | ack) == { syn, ack }" },
		{ "inet", "tcp flags $a_flag", "tcp flags syn" },
		{ "inet", "ct state new,established", "ct state established,new" },
		{ "inet", "ct state ! new", NULL },
		{ "inet", "ct state new / new,established", "ct state new / established,new" },
		{ "inet", "ct state { $states }", "ct state established,related" },
		{ "inet", "ct state vmap { related : accept, established : drop }",
		  "ct state vmap { established : drop, related : accept }" },
	};
	static const struct refusal refusals[] = {
		{ "inet", "tcp flags & (fin | syn) ! syn", "bad-operator" },
		{ "inet", "tcp flags ! { syn, ack }", "bad-operator" },
		{ "inet", "tcp flags < syn / syn,ack", "bad-operator" },
		{ "inet", "tcp dport ! 22", "bad-operator" },
		{ "inet", "tcp flags 256", "out-of-range" },
		{ "inet", "ct state xxx", "unknown-name" },
	};

	(void)state;
	RULES(cases);
	REFUSED(refusals);
}

/* ---- sets without a name ---- */

static void test_anonymous_sets(void **state)
{
	static const struct rule_case cases[] = {
		{ "inet", "tcp dport { 22 }", "tcp dport 22" },
		{ "inet", "tcp dport != { 23, 22 }", "tcp dport != { 22, 23 }" },
		{ "inet", "tcp dport { 22, { 24, 23 } }", "tcp dport { 22, 23, 24 }" },
		{ "inet", "tcp dport { 1-3, 10, 4-5 }", "tcp dport { 1-5, 10 }" },
		{ "inet", "tcp dport { 22, * }", NULL },
		{ "inet", "tcp dport { 22 comment \"x\", 23 }", NULL },
		{ "inet", "tcp dport { $ports, $port }", "tcp dport { 22, 80, 443 }" },
		{ "inet", "tcp dport { $range, 25 }", "tcp dport 20-30" },
		{ "inet", "ip saddr { 10.0.0.0-10.0.0.255, 11.0.0.0/31 }", "ip saddr { 10.0.0.0/24, 11.0.0.0/31 }" },
		{ "inet", "meta mark { 0x101/24, 5 }", "meta mark { 0x00000005, 0x00000100/24 }" },
		{ "inet", "iifname { lo, \"eth*\", eth0 }", "iifname { \"eth*\", \"lo\" }" },
		{ "inet", "iifname { b, a }", "iifname { \"a\", \"b\" }" },
		{ "inet", "ip saddr . tcp dport { 10.0.0.2 . 22, 10.0.0.1 . 23, 10.0.0.1 . 22 }",
		  "ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.2 . 22, 10.0.0.1 . 23 }" },
		{ "inet", "ip saddr . tcp dport { 11.0.0.0-11.0.0.255 . 1-1, 10.0.0.1 . 5 }",
		  "ip saddr . tcp dport { 11.0.0.0/24 . 1, 10.0.0.1 . 5 }" },
		{ "inet", "ip saddr . tcp dport $pairs", "ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.2 . 23 }" },
		{ "inet", "ip saddr . tcp dport { $net . $range }", "ip saddr . tcp dport { 10.0.0.0/8 . 20-30 }" },
		{ "inet", "ip saddr & 255.0.0.0 . tcp dport { 10.0.0.0 . 22 }", NULL },
		{ "inet", "iif . oif { \"lo\" . \"lo\" }", NULL },
		/* a later element may hold earlier ones: the first that matches counts */
		{ "inet", "ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.0/8 . 22 }", NULL },
	};
	static const struct refusal refusals[] = {
		{ "inet", "tcp dport { $nothing }", "empty-set" },
		{ "inet", "tcp dport < { 22, 23 }", "bad-operator" },
		{ "inet", "tcp dport { 22 : 5 }", "type-mismatch" },
		{ "inet", "tcp dport { 22 timeout 5s }", "bad-set" },
		{ "inet", "ip saddr { 10.0.0.1, ::1 }", "type-mismatch" },
		{ "inet", "ip saddr . tcp dport 10.0.0.1 . 22", "type-mismatch" },
		{ "inet", "ip saddr . tcp dport { 10.0.0.1 }", "type-mismatch" },
		{ "inet", "ip saddr . tcp dport { 10.0.0.1 . 22 . 3 }", "type-mismatch" },
		{ "inet", "ip saddr . tcp dport < { 10.0.0.1 . 22 }", "bad-operator" },
		{ "inet", "ip saddr . tcp dport { 10.0.0.0/8 . 22, 10.0.0.1 . 22 }", "overlap" },
		{ "inet", "ip6 saddr . ip6 daddr . ip6 saddr . ip6 daddr . tcp dport { ::1 . ::1 . ::1 . ::1 . 1 }",
		  "too-long" },
	};

	(void)state;
	RULES(cases);
	REFUSED(refusals);
}

/* ---- maps ---- */

static void test_maps(void **state)
{
	static const struct rule_case cases[] = {
		{ "inet", "tcp dport vmap { 23 : drop, 22 : accept }", "tcp dport vmap { 22 : accept, 23 : drop }" },
		{ "inet", "tcp dport vmap { 22 : accept, 22 : accept }", "tcp dport vmap { 22 : accept }" },
		{ "inet", "tcp dport vmap { 22-25 : accept, 26 : accept }", NULL },
		{ "inet", "tcp dport vmap { * : drop, 22 : jump d }", "tcp dport vmap { 22 : jump d, * : drop }" },
		{ "inet", "tcp dport vmap { 22 : jump $target }", "tcp dport vmap { 22 : jump d }" },
		{ "inet", "tcp dport vmap { 22 : $verdict }", "tcp dport vmap { 22 : drop }" },
		{ "inet", "tcp dport vmap { 22 comment \"x\" : accept }", NULL },
		{ "inet", "tcp dport vmap $verdicts", "tcp dport vmap { 22 : accept, 23 : drop }" },
		{ "inet", "tcp dport vmap { 22 : accept } counter accept", NULL },
		{ "inet", "tcp dport vmap @verdicts", NULL },
		{ "inet", "ip saddr . tcp dport vmap { 10.0.0.1 . 22 : accept, * : drop }", NULL },
		{ "inet", "meta mark set tcp dport map { 22 : 1, * : 2 }",
		  "meta mark set tcp dport map { 22 : 0x00000001, * : 0x00000002 }" },
		{ "inet", "meta mark set tcp dport map @marks", NULL },
	};
	static const struct refusal refusals[] = {
		{ "inet", "tcp dport vmap { 22 : accept, 22 : drop }", "overlap" },
		{ "inet", "tcp dport vmap { 22-25 : accept, 23 : accept }", "overlap" },
		{ "inet", "tcp dport vmap { * : accept, * : drop }", "overlap" },
		{ "inet", "tcp dport vmap { 22 : jump nix }", "unknown-chain" },
		{ "inet", "tcp dport vmap @marks", "type-mismatch" },
		{ "inet", "tcp dport vmap @ports", "type-mismatch" },
		{ "inet", "ip ttl vmap @verdicts", "type-mismatch" },
		{ "inet", "tcp dport vmap @nix", "unknown-map" },
		{ "inet", "meta mark set tcp dport map @verdicts", "type-mismatch" },
		{ "inet", "meta mark set tcp dport map { 22 : 10.0.0.1 }", "type-mismatch" },
		{ "inet", "meta mark set tcp dport map { 22 : 1-2 }", "type-mismatch" },
		{ "inet", "meta mark set tcp dport map { 22 : 1, 22 : 2 }", "overlap" },
	};

	(void)state;
	RULES(cases);
	REFUSED(refusals);
}

/* ---- named sets ---- */

static void test_references(void **state)
{
	static const struct rule_case cases[] = {
		{ "inet", "ip saddr == @hosts", "ip saddr @hosts" },
		{ "inet", "ip daddr != @hosts", NULL },
		{ "inet", "th dport @ports", NULL },
		{ "inet", "ip daddr . udp dport @pairs", NULL },
		{ "inet", "ip6 hoplimit @ttls", NULL },
		{ "inet", "ip saddr & 255.0.0.0 @hosts", "ip saddr & 255.0.0.0 == @hosts" },
	};
	static const struct refusal refusals[] = {
		{ "inet", "ip saddr < @hosts", "bad-operator" },
		{ "inet", "ip6 saddr @hosts", "type-mismatch" },
		{ "inet", "ip saddr . tcp dport @hosts", "type-mismatch" },
		{ "inet", "ip saddr @pairs", "type-mismatch" },
		{ "inet", "ip dscp @ttls", "type-mismatch" },
		{ "inet", "ip length @ttls", "type-mismatch" }, /* nft compares bytes of another length */
		{ "inet", "tcp dport @marks", "type-mismatch" },
		{ "inet", "ip saddr @nix", "unknown-set" },
	};

	(void)state;
	RULES(cases);
	REFUSED(refusals);
}

/* What stands in the braces of a set or map, and its elements as listed. */
static void check_elements(const char *body, bool map, const char *elements)
{
	struct fixture f;
	char text[512];

	snprintf(text, sizeof(text),
		 "table ip t {\nchain d { }\nchain b { type filter hook prerouting priority 0; }\n%s s {\n%s\n}\n}\n",
		 map ? "map" : "set", body);
	bind(&f, text);
	if (strncmp(find_elements(&f), elements, strlen(elements))) {
		wrong++;
		print_error("%s\n  is  %s\n%s", body, find_elements(&f), fixture_messages(&f));
	}
	fixture_free(&f);
}

static void check_refused_set(const char *body, bool map, const char *code)
{
	struct fixture f;
	char text[512];

	snprintf(text, sizeof(text),
		 "table ip t {\nchain d { }\nchain b { type filter hook prerouting priority 0; }\n%s s {\n%s\n}\n}\n",
		 map ? "map" : "set", body);
	bind(&f, text);
	if (!has_error(&f, code)) {
		wrong++;
		print_error("%s\n  isn't refused as %s\n%s", body, code, fixture_messages(&f));
	}
	fixture_free(&f);
}

static void test_named_sets(void **state)
{
	(void)state;
	wrong = 0;
	check_elements("type ipv4_addr; elements = { 10.0.0.2, 10.0.0.1, 10.0.0.2, * }", false,
		       "10.0.0.1, 10.0.0.2, *");
	check_elements("type ipv4_addr; flags interval; elements = { 11.0.0.0/8, 10.0.0.0/8, 10.0.0.0/8 }", false,
		       "10.0.0.0/8, 11.0.0.0/8");
	check_elements("type ipv4_addr; flags interval; auto-merge; elements = { 11.0.0.0/8, 10.0.0.0/8, 10.0.0.1 }",
		       false, "10.0.0.0/7 }");
	check_elements("type inet_service; flags interval; elements = { 16/12 }", false, "16-31");
	check_elements("type ether_addr; flags interval; elements = { 00:11:22:33:44:00/40 }", false,
		       "00:11:22:33:44:00-00:11:22:33:44:ff");
	check_elements("type tcp_flag; elements = { syn,ack }", false, "syn, ack");
	check_elements("typeof ip ttl; elements = { 5, 3 }", false, "3, 5");
	check_elements("typeof ip saddr . tcp dport; elements = { 10.0.0.1 . 257, 10.0.0.1 . 256 }", false,
		       "10.0.0.1 . 256, 10.0.0.1 . 257");
	check_elements("type ipv4_addr . mark; elements = { 10.0.0.1 . 256, 10.0.0.1 . 22, 11.0.0.0 . 22 }", false,
		       "11.0.0.0 . 0x00000016, 10.0.0.1 . 0x00000016, 10.0.0.1 . 0x00000100");
	check_elements(
		"type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 23, 9.1.1.1-9.1.1.5 . 30-40 }",
		false, "10.0.0.0/8 . 23, 9.1.1.1-9.1.1.5 . 30-40");
	check_elements("type ipv4_addr; size 2; elements = { 10.0.0.1, 10.0.0.2 }", false, "10.0.0.1, 10.0.0.2");
	check_elements("type ipv4_addr; timeout 1h; elements = { 10.0.0.1 timeout 5s }", false, "10.0.0.1 timeout 5s");
	check_elements("type inet_service : verdict; elements = { 23 : jump d, 22 : accept }", true,
		       "22 : accept, 23 : jump d");
	check_elements("type inet_service : ipv4_addr . inet_service; elements = { 22 : 10.0.0.1 . 80 }", true,
		       "22 : 10.0.0.1 . 80");
	check_elements("typeof tcp dport : meta mark; elements = { 22 : 5 }", true, "22 : 0x00000005");

	check_refused_set("type ipv4_addr; elements = { 10.0.0.0/8 }", false, "needs-interval");
	check_refused_set("type ipv4_addr; elements = { 10.0.0.1/32 }", false, "needs-interval");
	check_refused_set("type ifname; elements = { \"eth*\" }", false, "needs-interval");
	check_refused_set("type ipv4_addr . inet_service; elements = { 10.0.0.1 . 1-2 }", false, "needs-interval");
	check_refused_set("type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 10.0.0.1 }", false, "overlap");
	check_refused_set("type ifname; flags interval; elements = { \"eth*\", \"eth0\" }", false, "overlap");
	check_refused_set("type inet_service : mark; elements = { 22 : 5, 22 : 6 }", true, "overlap");
	check_refused_set("type inet_service : mark; flags interval; elements = { 22 : 5, 20-25 : 5 }", true,
			  "overlap");
	check_refused_set("type ipv4_addr; size 2; elements = { 10.0.0.1, 10.0.0.2, 10.0.0.3 }", false, "bad-set");
	check_refused_set("type ipv4_addr; elements = { 10.0.0.1 timeout 5s }", false, "bad-set");
	check_refused_set("type ipv4_addr; flags timeout; elements = { 10.0.0.1 timeout 5s expires 9s }", false,
			  "out-of-range");
	check_refused_set("type ipv4_addr; elements = { 10.0.0.1 counter }", false, "bad-set");
	check_refused_set("type ipv4_addr; flags constant,timeout", false, "bad-set");
	check_refused_set("type ipv4_addr; flags dynamic,interval", false, "bad-set");
	check_refused_set("type ipv4_addr; auto-merge", false, "bad-set");
	check_refused_set("type ipv4_addr; gc-interval 1h", false, "bad-set");
	check_refused_set("type integer", false, "unknown-type");
	check_refused_set("type verdict", false, "unknown-type");
	check_refused_set("type ipv4_adr", false, "unknown-type");
	check_refused_set("type ipv6_addr . ipv6_addr . ipv6_addr . ipv6_addr . mark", false, "bad-set");
	check_refused_set("type inet_service; elements = { 22 : 5 }", false, "type-mismatch");
	check_refused_set("type inet_service : mark; elements = { 22 }", true, "type-mismatch");
	check_refused_set("type inet_service : mark; elements = { 22 : accept }", true, "type-mismatch");
	check_refused_set("type inet_service : verdict; elements = { 22 : jump b }", true, "bad-jump");
	check_refused_set("type inet_service; elements = { 22 : accept }", true, "bad-set");
	assert_int_equal(wrong, 0);
}

/* ---- protocols ---- */

static void test_protocols(void **state)
{
	static const struct rule_case cases[] = {
		{ "inet", "meta l4proto != udp udp dport 5", NULL },
		{ "inet", "ip protocol { tcp, udp } th dport 53", NULL },
		{ "inet", "meta l4proto icmp ip6 saddr ::1", NULL },
		{ "inet", "ip6 saddr ::1 icmp type echo-request", NULL },
		{ "ip", "icmpv6 type echo-request ip saddr 1.1.1.1", NULL },
		{ "inet", "meta protocol ip6 ip saddr 1.1.1.1", NULL },
		{ "inet", "icmp type { echo-reply, echo-request } icmp id 5", NULL },
		{ "inet", "icmpv6 type packet-too-big icmpv6 mtu 5", "icmpv6 mtu 5" },
	};
	static const struct refusal refusals[] = {
		{ "inet", "ip saddr 1.1.1.1 ip6 saddr ::1", "conflicting-protocols" },
		{ "ip", "ip6 saddr ::1", "conflicting-protocols" },
		{ "inet", "ip saddr . ip6 saddr { 1.1.1.1 . ::1 }", "conflicting-protocols" },
		{ "inet", "tcp dport . udp dport { 5 . 5 }", "conflicting-protocols" },
		{ "inet", "ip protocol tcp udp dport 53", "conflicting-protocols" },
		{ "inet", "ip6 nexthdr udp tcp dport 5", "conflicting-protocols" },
		{ "inet", "meta l4proto { tcp, udp } tcp dport 53", "conflicting-protocols" },
		{ "inet", "tcp dport vmap { 22 : accept } udp dport 5", "conflicting-protocols" },
		{ "inet", "icmp type echo-request ip6 saddr ::1", "conflicting-protocols" },
		{ "inet", "meta nfproto ipv6 ip saddr 1.1.1.1", "conflicting-protocols" },
		{ "inet", "ether type arp ip saddr 1.1.1.1", "conflicting-protocols" },
		{ "netdev", "meta protocol ip6 ip saddr 1.1.1.1", "conflicting-protocols" },
		{ "inet", "icmp type destination-unreachable icmp id 5", "conflicting-protocols" },
		{ "inet", "icmp id 5 icmp mtu 1500", "conflicting-protocols" },
		{ "ip", "meta nfproto ipv4", "bad-statement" },
	};

	(void)state;
	RULES(cases);
	REFUSED(refusals);
}

/* ---- statements ---- */

static void test_statements(void **state)
{
	static const struct rule_case cases[] = {
		{ "inet", "meta mark set 0x1 | 0x2", "meta mark set 0x00000003" },
		{ "inet", "meta mark set meta mark & 0xff | 0x100",
		  "meta mark set meta mark & 0x000001ff | 0x00000100" },
		{ "inet", "meta mark set meta mark ^ 0x3", "meta mark set meta mark ^ 0x00000003" },
		{ "inet", "meta mark set meta mark << 8", NULL },
		{ "inet", "meta mark set socket mark", NULL },
		{ "inet", "meta mark set meta length", NULL },
		{ "inet", "meta priority set 1:10", NULL },
		{ "inet", "continue counter", NULL },
		{ "inet", "counter name \"seen\"", NULL },
		{ "inet", "limit name \"slow\"", NULL },
		{ "inet", "log prefix \"x\" level warn", "log prefix \"x\"" },
		{ "inet", "log group 2 snaplen 33", NULL },
		{ "inet", "reject with icmpx port-unreachable", "reject" },
		{ "inet", "reject with icmpx 2", "reject with icmpx host-unreachable" },
		{ "ip", "reject with icmp 3", "reject" },
		{ "inet", "tcp dport 5 reject with tcp reset", NULL },
		{ "inet", "tcp dport 5 tproxy to :http accept", "tcp dport 5 tproxy to :80 accept" },
		{ "inet", "tcp dport 5 tproxy ip to 1.1.1.1:80 accept", NULL },
		{ "inet", "tcp dport 5 tproxy ip to ip saddr map { 1.1.1.1 : 2.2.2.2 }:80 accept", NULL },
		{ "inet", "tcp dport 5 tproxy to :tcp dport map { 5 : 80 } accept", NULL },
		{ "inet", "tcp dport 5 tproxy ip to tcp dport map @targets accept", NULL },
		{ "netdev", "tcp dport 5 tproxy to :80 accept", NULL }, /* nft has it in other families only */
	};
	static const struct refusal refusals[] = {
		{ "inet", "accept counter", "after-verdict" },
		{ "inet", "reject counter", "after-verdict" },
		{ "inet", "meta mark set ip ttl", "type-mismatch" },
		{ "inet", "meta mark set meta priority", "type-mismatch" },
		{ "inet", "meta mark set 4294967296", "out-of-range" },
		{ "inet", "udp dport 5 reject with tcp reset", "conflicting-protocols" },
		{ "inet", "ip saddr 1.1.1.1 reject with icmpv6 no-route", "conflicting-protocols" },
		{ "ip", "reject with icmpv6 no-route", "conflicting-protocols" },
		{ "ip", "reject with icmpx no-route", "bad-statement" },
		{ "inet", "reject with icmpx 9", "out-of-range" },
		{ "inet", "reject with icmp foo", "unknown-name" },
		{ "inet", "log level emerg group 2", "bad-statement" },
		{ "inet", "log level audit prefix \"x\"", "bad-statement" },
		{ "inet", "log flags all group 2", "bad-statement" },
		{ "inet", "log snaplen 5", "bad-statement" },
		{ "inet", "limit rate 0/second", "out-of-range" },
		{ "inet", "limit rate 10/second burst 0 packets", "out-of-range" },
		{ "inet", "counter name \"nix\"", "unknown-object" },
		{ "inet", "limit name \"seen\"", "unknown-object" },
		{ "inet", "tproxy to :80", "missing-protocol" },
		{ "inet", "meta l4proto != tcp tproxy to :80", "missing-protocol" },
		{ "inet", "tcp dport 5 tproxy to 1.1.1.1:80", "missing-protocol" },
		{ "inet", "ip saddr 1.1.1.1 tcp dport 5 tproxy to :80", "missing-protocol" },
		{ "inet", "ip saddr 1.1.1.1 tcp dport 5 tproxy ip6 to :80", "conflicting-protocols" },
		{ "inet", "tcp dport 5 tproxy ip to 1.1.1.1:$range", "type-mismatch" },
		{ "inet", "meta mark set $ports", "type-mismatch" },
	};

	(void)state;
	RULES(cases);
	REFUSED(refusals);
}

/* ---- size ---- */

/* Many concatenated intervals, of which every part but one is the same. */
static void test_many_concatenations(void **state)
{
	enum { N = 50000 };
	struct buf text = { .arena = arena_new() };
	struct fixture f;

	(void)state;
	buf_puts(&text,
		 "table ip t {\nset s {\ntype ipv4_addr . inet_service . ipv4_addr\nflags interval\nelements = {\n");
	for (unsigned int i = 0; i < N; i++)
		buf_printf(&text, "10.0.0.0/8 . 1-1000 . 10.%u.%u.0/26,\n", i / 256, i % 256);
	buf_puts(&text, "10.0.0.0/8 . 1-1000 . 10.0.1.1 }\n}\n}\n");
	bind(&f, text.text);
	assert_true(has_error(&f, "overlap"));
	assert_int_equal(f.diag.errors, 1);
	fixture_free(&f);
	arena_free(&text.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_constants),  cmocka_unit_test(test_masks),
		cmocka_unit_test(test_flags),	   cmocka_unit_test(test_anonymous_sets),
		cmocka_unit_test(test_maps),	   cmocka_unit_test(test_references),
		cmocka_unit_test(test_named_sets), cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_statements), cmocka_unit_test(test_many_concatenations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
