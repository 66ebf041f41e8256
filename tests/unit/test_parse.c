/* SPDX-License-Identifier: GPL-2.0-only */
/* test_parse.c - what holds for every text, hostile ones included.  What single
 * texts give is in tests/golden/parse/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <grammar/ast.h>
#include <grammar/parse.h>

#include "parse_fixture.h"

/* A bit of everything. */
static const char sample[] =
	"define p = { 22, 80 }\n"
	"include \"a.nft\"\n"
	"table inet fw {\n"
	"\tset s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 10.1.0.1-10.1.0.9 } }\n"
	"\tchain c {\n"
	"\t\ttype filter hook ingress devices = { eth0, \"eth1\" } priority filter - 5; policy drop;\n"
	"\t\tip saddr @s tcp dport != $p counter packets 1 bytes 2 jump d comment \"x\"\n"
	"\t\tip6 daddr fe80::/10 tproxy ip6 to [::1]:4000 accept # why\n"
	"\t\tct state established,related accept; ssh-local port { 22 } accept; dhcp client\n"
	"\t}\n"
	"\tchain d { return; }\n"
	"\tmap m { typeof ip saddr . tcp dport : verdict; elements = { 10.0.0.1 . 22 comment \"x\" : jump d, * : drop } }\n"
	"\tset k { type ether_addr; flags timeout; timeout 1h30m; counter\n"
	"\t\telements = { 0:1:2:3:4:5 counter packets 1 bytes 2 timeout 5s } }\n"
	"\tcounter o { packets 1 bytes 2; }\n"
	"\tlimit l { rate over 5 kbytes/second burst 1 mbytes; }\n"
	"\tchain e {\n"
	"\t\ttcp flags & (syn | ack) == syn tcp flags syn / syn,ack ip saddr vmap { 10.0.0.1 : drop }\n"
	"\t\tmeta mark set ip saddr map @m limit rate 5/second burst 3 packets log prefix \"x\" flags tcp options\n"
	"\t\treject with icmp host-unreachable; fib daddr . iif type local jump $p; meta priority set 1:10\n"
	"\t}\n"
	"}\n"
	"add rule inet fw d index 0 ip saddr . mark { 10.0.0.1 . 5 } goto e # last\n"
	"delete element inet fw k { 0:1:2:3:4:5 }; undefine p";
static const struct text_file sample_files[] = { { "a.nft", "define q = 5\n" }, { NULL, NULL } };

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- any text ---- */

/* Whatever is in it: messages and nodes lie within the text, dumps and messages
 * can be printed, and a text without a tree and without a message is empty. */
static void check_any(const char *text, size_t len)
{
	struct parsed p;

	parse_text(&p, text, len, sample_files);
	check_spans(&p);
	parsed_dump(&p);
	parsed_messages(&p);
	parsed_tokens(&p);
	assert_true(p.diag.errors == 0 || p.diag.n > 0);
	parsed_free(&p);
}

static void test_sample_is_good(void **state)
{
	struct parsed p;

	(void)state;
	parse_text(&p, sample, strlen(sample), sample_files);
	assert_string_equal(parsed_messages(&p), "");
	check_spans(&p);
	parsed_free(&p);
}

static void test_every_beginning(void **state)
{
	(void)state;
	for (size_t len = 0; len <= strlen(sample); len++)
		check_any(sample, len);
}

static void test_every_byte_changed(void **state)
{
	static const char bytes[] = "{}\";,$@#\n\\ \t0a.:-/*=!\0\x80\xff\xc3";
	char text[sizeof(sample)];

	(void)state;
	for (size_t i = 0; i < strlen(sample); i++) {
		for (size_t j = 0; j < sizeof(bytes); j += 1 + i % 3) {
			memcpy(text, sample, sizeof(sample));
			text[i] = bytes[j];
			check_any(text, strlen(sample));
		}
	}
}

/* Words of the language in any order. */
static void test_random_words(void **state)
{
	static const char *const words[] = {
		"table",      "inet",	  "fw",	       "{",
		"}",	      "{",	  "}",	       "chain",
		"c",	      "set",	  "s",	       "type",
		"filter",     "hook",	  "ingress",   "device",
		"priority",   "0",	  ";",	       "\n",
		"\n",	      "policy",	  "accept",    "drop",
		"tcp",	      "dport",	  "22",	       ",",
		"-",	      "ip",	  "saddr",     "10.0.0.1",
		"/",	      "8",	  "!=",	       "@s",
		"$v",	      "define",	  "=",	       "counter",
		"packets",    "bytes",	  "tproxy",    "to",
		":",	      "80",	  "ssh-local", "port",
		"dhcp",	      "comment",  "\"x\"",     "include \"a.nft\"",
		"map",	      "ct",	  "state",     "established",
		"elements",   "flags",	  "interval",  "jump",
		"masquerade", ".",	  "flush",     "add",
		"rule",	      "delete",	  "handle",    "element",
		"counter",    "limit",	  "rate",      "5/second",
		"log",	      "prefix",	  "reject",    "with",
		"vmap",	      "map",	  "&",	       "|",
		"(",	      ")",	  "typeof",    "mark",
		"fib",	      "timeout",  "5s",	       "1:10",
		"*",	      "redefine", "undefine",  "limit",
	};
	enum { N = sizeof(words) / sizeof(*words) };
	uint64_t random = 88172645463325252u;
	struct arena *a = arena_new();

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct buf b = { .arena = a };

		buf_puts(&b, i % 2 ? "table inet fw {\nchain c {\n" : "");
		for (int j = 0; j < 40; j++) {
			random ^= random << 13, random ^= random >> 7, random ^= random << 17;
			buf_printf(&b, "%s ", words[random % N]);
		}
		check_any(b.text, b.len);
	}
	arena_free(&a);
}

/* ---- includes ---- */

static void check_message(const char *text, const struct text_file *files, const char *expected)
{
	struct parsed p;

	parse_text(&p, text, strlen(text), files);
	assert_int_equal(p.diag.errors, *expected ? 1 : 0);
	if (*expected)
		assert_string_equal(p.diag.v[0].text, expected);
	parsed_free(&p);
}

static void test_include_depth(void **state)
{
	struct text_file files[PARSE_MAX_INCLUDE_DEPTH + 3] = { { NULL, NULL } };
	struct arena *a = arena_new();

	(void)state;
	for (int i = 0; i < PARSE_MAX_INCLUDE_DEPTH + 2; i++) {
		files[i].name = arena_printf(a, "%d", i);
		files[i].text = arena_printf(a, "include \"%d\"\n", i + 1);
	}
	files[PARSE_MAX_INCLUDE_DEPTH - 1].text = "table ip t { }";
	check_message("include \"0\"", files, "");
	files[PARSE_MAX_INCLUDE_DEPTH - 1].text = "include \"16\"";
	check_message("include \"0\"", files, "cannot include '16': includes are nested deeper than 16");
	arena_free(&a);
}

static void test_include_itself(void **state)
{
	static const struct text_file files[] = {
		{ "a", "include \"b\"\n" }, { "b", "include \"a\"\n" }, { "t.nft", "" }, { NULL, NULL }
	};

	(void)state;
	check_message("include \"a\"", files, "'a' includes itself");
	check_message("include \"t.nft\"", files, "'t.nft' includes itself");
	check_message("include \"c\"", files, "cannot include 'c': there is no such file");
}

static void test_include_without_reader(void **state)
{
	static const char text[] = "include \"a\"\n";
	struct parsed p;

	(void)state;
	parse_named(&p, "t.nft", text, strlen(text), NULL);
	assert_int_equal(p.diag.n, 1);
	assert_string_equal(p.diag.v[0].text, "cannot include 'a': files can't be included here");
	parsed_free(&p);
}

/* Each of 16 files includes the next one 10 times: nobody waits for that. */
static void test_include_multiplies(void **state)
{
	struct text_file files[PARSE_MAX_INCLUDE_DEPTH + 1] = { { NULL, NULL } };
	struct arena *a = arena_new();
	double begin = seconds();
	struct parsed p;

	(void)state;
	for (int i = 0; i < PARSE_MAX_INCLUDE_DEPTH; i++) {
		struct buf b = { .arena = a };

		buf_puts(&b, "");
		for (int j = 0; j < 10 && i + 1 < PARSE_MAX_INCLUDE_DEPTH; j++)
			buf_printf(&b, "include \"%d\"\n", i + 1);
		files[i].name = arena_printf(a, "%d", i);
		files[i].text = b.text;
	}
	parse_text(&p, "include \"0\"", strlen("include \"0\""), files);
	assert_true(p.diag.errors > 0);
	assert_non_null(strstr(p.diag.v[0].text, "more than 4096 files"));
	assert_true(seconds() - begin < 5);
	parsed_free(&p);
	arena_free(&a);
}

/* ---- fields ---- */

static void check_field(struct arena *a, const char *spelling, enum ast_field field)
{
	const char *text = arena_printf(a, "table ip t {\nchain c {\n%s 1 accept\n}\n}\n", spelling);
	const struct ast_stmt *s;
	struct parsed p;

	parse_text(&p, text, strlen(text), NULL);
	assert_int_equal(p.diag.n, 0);
	s = p.ast->items->table->chains->rules->stmts;
	assert_int_equal(s->kind, STMT_MATCH);
	assert_int_equal(s->match.field, field);
	assert_int_equal(s->match.field_span.end - s->match.field_span.at, strlen(spelling));
	assert_int_equal(s->next->kind, STMT_VERDICT);
	parsed_free(&p);
}

/* Every row of fields.def is spelt as it says, and short ones with 'meta' too. */
static void test_fields(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (enum ast_field f = 0; f < FIELD_COUNT; f++) {
		const char *spelling = f == FIELD_FIB_TYPE ? "fib daddr . iif type" : ast_field_name(f);

		check_field(a, spelling, f);
		if (!strchr(spelling, ' '))
			check_field(a, arena_printf(a, "meta  %s", spelling), f);
	}
	check_field(a, "mark", FIELD_META_MARK);
	check_field(a, "pkttype", FIELD_META_PKTTYPE);
	check_field(a, "cpu", FIELD_META_CPU);
	arena_free(&a);
}

/* ---- what is not supported ---- */

enum reach { PLAIN, WORD, BLOCK, RULES, CONSTRUCT };

static const struct {
	const char *phrase;
	enum reach reach;
} phrases[] = {
#define UNSUPPORTED(phrase, reach, instead) { phrase, reach },
#include <grammar/unsupported.def>
#undef UNSUPPORTED
};
#define N_PHRASES (sizeof(phrases) / sizeof(*phrases))

/* The text has one error, which names the phrase; with 'len', that is where it is. */
static void check_named(const char *text, const char *phrase, size_t len)
{
	struct parsed p;
	const char *says;

	parse_text(&p, text, strlen(text), NULL);
	says = arena_printf(p.arena, "'%s' is not supported: ", phrase);
	if (p.diag.n != 1 || strncmp(p.diag.v[0].text, says, strlen(says)))
		print_message("# %s\n%s", text, parsed_messages(&p));
	assert_int_equal(p.diag.n, 1);
	assert_int_equal(strncmp(p.diag.v[0].text, says, strlen(says)), 0);
	if (len)
		assert_int_equal(p.diag.v[0].span.end - p.diag.v[0].span.at, len);
	parsed_free(&p);
}

static bool is_of_the_top(const char *phrase)
{
	return !strncmp(phrase, "flush ", 6) || !strncmp(phrase, "table ", 6) || !strncmp(phrase, "flags ", 6);
}

/* Every word and phrase of the table is named, where it begins a statement. */
static void test_unsupported_is_named(void **state)
{
	struct arena *a = arena_new();
	unsigned int n = 0;

	(void)state;
	for (size_t i = 0; i < N_PHRASES; i++) {
		const char *phrase = phrases[i].phrase;

		/* Signs and maps stand between values. */
		if (phrase[0] < 'a' || !strcmp(phrase, "map") || phrases[i].reach == CONSTRUCT || is_of_the_top(phrase))
			continue;
		check_named(arena_printf(a, "table ip t {\nchain c {\n%s 1 accept\ndrop\n}\n}\n", phrase), phrase,
			    strlen(phrase));
		n++;
	}
	assert_true(n > 100);
	arena_free(&a);
}

/* What has no words of its own: each of these is an example of it. */
static void test_unsupported_constructs(void **state)
{
	static const struct {
		const char *phrase, *text;
	} examples[] = {
		{ "type nat", "table ip t { chain c { type nat hook prerouting priority 0; } }" },
		{ "type route", "table ip t { chain c { type route hook egress priority 0; } }" },
		{ "hook input", "table ip t { chain c { type filter hook input priority 0; } }" },
		{ "hook forward", "table ip t { chain c { type filter hook forward priority 0; } }" },
		{ "hook output", "table ip t { chain c { type filter hook output priority 0; } }" },
		{ "hook postrouting", "table ip t { chain c { type filter hook postrouting priority 0; } }" },
		{ "type time", "table ip t { set s { type time; } }" },
		{ "type ct_dir", "table ip t { map m { type ct_dir . mark : verdict; } }" },
		{ "map of counters", "table ip t { map m { type ipv4_addr : counter; } }" },
		{ "map of limits", "table ip t { map m { type ipv4_addr : limit; } }" },
		{ "map of intervals", "table ip t { map m { type ipv4_addr : interval ipv4_addr; } }" },
		{ "limit of elements", "table ip t { set s { type ipv4_addr; limit rate 5/second; } }" },
		{ "named counter of elements", "table ip t { set s { type ipv4_addr; counter name c; } }" },
		{ "counter name map", "table ip t { chain c { counter name tcp dport map { 22 : c }; } }" },
		{ "limit name map", "table ip t { chain c { limit name tcp dport map @m; } }" },
		{ "fib oif", "table ip t { chain c { fib saddr . iif oif 0 drop; } }" },
		{ "set of a field", "table ip t { chain c { ip dscp set cs1; } }" },
		{ "map", "table ip t { chain c { ip saddr map { 1.1.1.1 : 2.2.2.2 } 3.3.3.3 drop; } }" },
		{ "flush meter", "flush meter ip t m" },
		{ "flush flowtable", "flush flowtable ip t f" },
		{ "table arp", "table arp t {\nchain c { accpet }\n}" },
		{ "flags dormant", "table ip t { flags dormant; }" },
		{ "flags owner", "table ip t { flags owner; }" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
		check_named(examples[i].text, examples[i].phrase, 0);
}

/* Types that no set can have, each with its reason. */
static void test_unsupported_types(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < N_PHRASES; i++) {
		const char *phrase = phrases[i].phrase;

		if (strncmp(phrase, "type ", 5) || !strcmp(phrase, "type nat") || !strcmp(phrase, "type route"))
			continue;
		check_named(arena_printf(a, "table ip t { set s { %s; } }", phrase), phrase, 0);
		check_named(arena_printf(a, "table ip t { map m { type mark : %s; } }", phrase + 5), phrase, 0);
	}
	arena_free(&a);
}

/* ---- large texts ---- */

/* 'head', then 'part' n times, then 'tail', parsed.  The time allowed is many
 * times what it takes, but far from what quadratic work would take. */
static void parse_large(struct parsed *p, const char *head, const char *part, size_t n, const char *tail)
{
	struct arena *a = arena_new();
	struct buf b = { .arena = a };
	double begin;

	buf_puts(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_puts(&b, part);
	buf_puts(&b, tail);
	begin = seconds();
	parse_text(p, b.text, b.len, NULL);
	parsed_messages(p);
	assert_true(seconds() - begin < 20);
	arena_free(&a);
}

static void check_large(const char *head, const char *part, size_t n, const char *tail, const char *expected)
{
	struct parsed p;

	parse_large(&p, head, part, n, tail);
	assert_true(p.diag.n > 0);
	assert_string_equal(p.diag.v[0].text, expected);
	parsed_free(&p);
}

static void test_many_elements(void **state)
{
	struct parsed p;
	size_t n = 0;

	(void)state;
	parse_large(&p, "table ip t { set s { type ipv4_addr; elements = { ", "10.20.30.40,\n", 1000000, "} } }");
	assert_int_equal(p.diag.errors, 0);
	for (const struct ast_value *v = p.ast->items->table->sets->elements; v; v = v->next)
		n++;
	assert_int_equal(n, 1000000);
	parsed_free(&p);
}

static void test_many_rules(void **state)
{
	struct parsed p;
	size_t n = 0;

	(void)state;
	parse_large(&p, "table ip t { chain c {\n",
		    "ip saddr 10.20.30.0/24 udp dport 500-600 counter accept comment \"x\"\n", 100000, "} }");
	assert_int_equal(p.diag.errors, 0);
	for (const struct ast_rule *r = p.ast->items->table->chains->rules; r; r = r->next)
		n++;
	assert_int_equal(n, 100000);
	parsed_free(&p);
}

static void test_many_errors(void **state)
{
	struct parsed p;

	(void)state;
	parse_large(&p, "table ip t { chain c {\n", "acept\n", 1000000, "} }");
	assert_int_equal(p.diag.errors, 1000000);
	assert_true(p.diag.n <= 2 * p.diag.max_errors);
	parsed_free(&p);
	parse_large(&p, "", "}\n", 1000000, "");
	assert_int_equal(p.diag.errors, 1000000);
	parsed_free(&p);
}

/* Ten megabytes of one token, or without an end of line. */
static void test_one_long_line(void **state)
{
	static const char chain[] = "table ip t { chain c { ";
	enum { MANY = 10000000 };

	(void)state;
	check_large("", "a", MANY, "", "name of 10000000 bytes is too long, at most 255 are allowed");
	check_large(chain, "1", MANY, "", "number is too large, at most 18446744073709551615 is allowed");
	check_large("table ip t { chain c { ip saddr ", "1.", MANY / 2, "",
		    "'1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.' is not an IPv4 address");
	check_large("table ip t { chain c { iifname \"", "a", MANY, "\"; } }",
		    "string of 10000000 bytes is too long, at most 255 are allowed");
	check_large(chain, "drop; acept; ", MANY / 13, "} }", "unknown keyword 'acept'");
	check_large("table ip t { chain c { tcp dport ", "{", MANY, "",
		    "'{' is nested too deeply, at most 16 levels are allowed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sample_is_good),
		cmocka_unit_test(test_every_beginning),
		cmocka_unit_test(test_every_byte_changed),
		cmocka_unit_test(test_random_words),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_unsupported_is_named),
		cmocka_unit_test(test_unsupported_constructs),
		cmocka_unit_test(test_unsupported_types),
		cmocka_unit_test(test_include_depth),
		cmocka_unit_test(test_include_itself),
		cmocka_unit_test(test_include_without_reader),
		cmocka_unit_test(test_include_multiplies),
		cmocka_unit_test(test_many_elements),
		cmocka_unit_test(test_many_rules),
		cmocka_unit_test(test_many_errors),
		cmocka_unit_test(test_one_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
