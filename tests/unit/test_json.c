/* SPDX-License-Identifier: GPL-2.0-only */
/* test_json.c - rulesets as libnftables JSON: there and back, messages with
 * their places, hostile texts.  That nft says the same is in tests/json.t. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
#include <compiler/compile.h>
#include <compiler/json_write.h>
#include <compiler/listing.h>
#include <grammar/ast.h>
#include <grammar/parse.h>

#include "golden.h"

/* A text, parsed and bound. */
struct bound {
	struct arena *arena;
	struct sources sources;
	struct diag diag;
	struct ast *ast;
	struct ruleset *ruleset;
};

static void bind_bytes(struct bound *b, const char *name, const char *text, size_t len)
{
	static const struct compile_options options;

	*b = (struct bound){ .arena = arena_new() };
	b->sources.arena = b->diag.arena = b->arena;
	b->diag.sources = &b->sources;
	sources_add(&b->sources, name, arena_strndup(b->arena, text, len), len, SPAN_NONE);
	compile_parse(0, &b->sources, &options, &b->diag, b->arena, &b->ast);
	compile_resolve(b->ast, &b->diag, b->arena, &b->ruleset);
}

static void bind(struct bound *b, const char *name, const char *text)
{
	bind_bytes(b, name, text, strlen(text));
}

static const char *messages(struct bound *b)
{
	struct buf out = { .arena = b->arena };

	buf_puts(&out, "");
	diag_print(&b->diag, &out);
	return out.text;
}

static const char *listing(struct bound *b)
{
	struct listing_options options = { 0 };
	struct buf out = { .arena = b->arena };
	struct listing lines;

	listing_make(b->ruleset, &b->sources, &options, b->arena, &lines);
	listing_print(&lines, &out);
	return out.text;
}

static const char *json(struct bound *b)
{
	struct buf out = { .arena = b->arena };

	json_write(b->ruleset, NULL, NULL, b->arena, &out);
	return out.text;
}

/* Handles count from the last 'flush ruleset' on, which a listing hasn't. */
static const char *without_handles(struct bound *b, const char *json)
{
	static const char key[] = "\"handle\": ";
	struct buf out = { .arena = b->arena };
	const char *found;

	for (; (found = strstr(json, key)); json = found + strspn(found, "0123456789, ")) {
		buf_write(&out, json, (size_t)(found - json));
		found += strlen(key);
	}
	buf_puts(&out, json);
	return out.text;
}

static void same(const char *what, const char *text, const char *found, const char *wanted)
{
	if (strcmp(found, wanted) == 0)
		return;
	print_error("%s, of the text:\n%s\n--- found:\n%s\n--- wanted:\n%s\n", what, text, found, wanted);
	fail();
}

/* ---- there and back ---- */

/* Returns false if the text isn't accepted. */
static bool there_and_back(const char *name, const char *text)
{
	struct bound from_text, from_json;
	bool accepted;

	bind(&from_text, name, text);
	accepted = !from_text.diag.errors;
	if (accepted) {
		bind(&from_json, "list.json", json(&from_text));
		if (from_json.diag.errors)
			same("the JSON is refused", json(&from_text), messages(&from_json), "");
		same("text -> JSON -> text", text, listing(&from_json), listing(&from_text));
		same("JSON -> JSON", text, without_handles(&from_json, json(&from_json)),
		     without_handles(&from_text, json(&from_text)));
		arena_free(&from_json.arena);
	}
	arena_free(&from_text.arena);
	return accepted;
}

/* Rules of a table in which there is what they refer to. */
static void rule_there_and_back(const char *rule)
{
	char text[4096];
	struct bound b;

	snprintf(text, sizeof(text),
		 "table inet t {\n"
		 "\tcounter c { packets 3 bytes 4\n\tcomment \"what is counted\"\n\t}\n"
		 "\tlimit l { rate over 10/second burst 7 packets\n\t}\n"
		 "\tset s { type ipv4_addr\n\tflags interval\n\tauto-merge\n\telements = { 10.0.0.0/8, 11.0.0.1 comment \"x\" }\n\t}\n"
		 "\tset two { type ipv4_addr . inet_service\n\telements = { 1.1.1.1 . 22 }\n\t}\n"
		 "\tmap m { type ipv4_addr : mark\n\telements = { 1.1.1.1 : 0x1 }\n\t}\n"
		 "\tmap v { type inet_service : verdict\n\telements = { 22 : jump other, 23 : drop }\n\t}\n"
		 "\tchain other { counter\n\t}\n"
		 "\tchain in { type filter hook prerouting priority mangle + 3; policy drop;\n\t%s\n\t}\n}\n",
		 rule);
	if (there_and_back("rules.nft", text))
		return;
	bind(&b, "rules.nft", text);
	print_error("not accepted:\n%s", messages(&b));
	fail();
}

static void test_rules(void **state)
{
	static const char *const rules[] = {
		"accept comment \"two words\"",
		"ip saddr 10.0.0.0/8 tcp dport 22 drop",
		"ip saddr != { 10.0.0.1, 10.1.0.0/16, 10.3.0.0-10.3.0.5 } counter drop",
		"ip saddr @s return",
		"ip6 saddr fe80::/10 ip6 daddr != ::1 continue",
		"tcp dport { 22, 80-90 } counter packets 5 bytes 6 jump other",
		"tcp dport != 1-1023 goto other",
		"tcp dport >= 1024",
		"udp dport < 53",
		"ip saddr . tcp dport @two accept",
		"ip saddr . tcp dport { 1.1.1.1 . 22, 10.0.0.0/8 . 80-90 } drop",
		"tcp dport vmap @v",
		"ip saddr vmap { 1.1.1.1 : accept, 10.0.0.0/8 : jump other, * : drop }",
		"ip saddr . tcp dport vmap { 1.1.1.1 . 22 : goto other, 1.1.1.1 . 23 : continue }",
		"tcp flags syn",
		"tcp flags syn,ack",
		"tcp flags == syn",
		"tcp flags != syn",
		"tcp flags & (syn | ack) == syn",
		"tcp flags & (fin | syn | rst | ack) != syn | ack",
		"tcp flags & syn == syn",
		"tcp flags & (fin | syn) == { syn, fin }",
		"tcp flags ! syn,fin",
		"tcp flags == 0x12",
		"tcp flags { syn, syn | ack }",
		"ct state established,related accept",
		"ct state { new, established }",
		"ct state != established | new",
		"ct state ! invalid",
		"ct state vmap { established : accept, invalid : drop }",
		"meta mark 0x10",
		"meta mark & 0xff == 0x1",
		"meta mark & 0xff { 0x1, 0x2 }",
		"meta mark & 0xffff0000 == 0x10000",
		"meta mark 1-5",
		"meta mark | 0x1 == 0x3",
		"meta mark set 0x5",
		"meta mark set meta mark & 0xff | 0x1",
		"meta mark set meta mark << 8",
		"meta mark set ip saddr map @m",
		"meta mark set ip saddr . tcp dport map { 1.1.1.1 . 5 : 6, 2.2.2.2 . 7 : 8 }",
		"meta priority set 1:20",
		"meta priority none",
		"meta priority 1:2",
		"ip saddr & 255.0.255.0 == 10.0.5.0",
		"ip saddr & 255.255.255.0 . tcp dport vmap { 1.1.1.0 . 5 : accept }",
		"ip dscp cs1",
		"ip dscp { 3, af11 }",
		"ip ttl 1-5",
		"ip ecn ce",
		"ip protocol { tcp, 99 }",
		"ip frag-off & 0x1fff != 0",
		"meta l4proto { tcp, udp } th dport 53",
		"meta nfproto ipv6",
		"meta protocol ip",
		"meta length > 1000",
		"meta pkttype { host, broadcast }",
		"iif lo",
		"iifname \"eth*\"",
		"iifname { \"lo\", \"1.2.3.4\" }",
		"iifname . ip saddr { \"lo\" . 1.1.1.1 }",
		"icmp type { echo-reply, 9 }",
		"icmp code 3",
		"icmpv6 type nd-neighbor-solicit",
		"ether saddr 00:11:22:33:44:55",
		"ether type ip",
		"fib daddr type { local, broadcast }",
		"fib saddr . mark . iif type != local",
		"socket transparent 1",
		"socket mark 0x5 socket wildcard 0",
		"counter name \"c\"",
		"limit name \"l\"",
		"limit rate 10/second",
		"limit rate over 10/minute burst 3 packets",
		"limit rate 10 kbytes/second burst 5 mbytes",
		"limit rate over 1023 bytes/hour",
		"log",
		"log prefix \"a\\b: \" level debug flags all",
		"log flags tcp sequence,options flags skuid",
		"log prefix \"x\" group 3 snaplen 10 queue-threshold 4",
		"log level audit",
		"reject",
		"reject with tcp reset",
		"reject with icmp host-unreachable",
		"reject with icmpv6 no-route",
		"reject with icmpx admin-prohibited",
		"meta l4proto tcp tproxy to :4000 accept",
		"ip daddr 1.1.1.1 tcp dport 1 tproxy ip to 127.0.0.1:5 accept",
		"tcp dport 1 tproxy ip6 to [::1]:5 accept",
		"meta l4proto tcp tproxy ip6 to [::1] accept",
		"ssh-local",
		"ip saddr @s ssh-local port { 22, 2222 } accept",
		"ssh-local port 2200",
		"dhcp",
		"dhcp server drop",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		rule_there_and_back(rules[i]);
}

static void test_sets(void **state)
{
	static const char *const sets[] = {
		"set x { type inet_service; size 10; flags timeout; timeout 1h; gc-interval 5m; comment \"hm\"; elements = { 22 timeout 5s } }",
		"set x { type inet_service; flags timeout; timeout 1s500ms; elements = { 22 timeout 2s250ms expires 1s } }",
		"set x { type ipv4_addr . inet_service; flags interval; counter; elements = { 10.0.0.0/8 . 22 counter packets 1 bytes 2 } }",
		"set x { typeof ip saddr . meta mark; elements = { 1.1.1.1 . 0x12 } }",
		"set x { typeof ip ttl; elements = { 3 } }",
		"set x { type ifname; elements = { \"eth0\", \"10.0.0.1\", \"22\" } }",
		"set x { type ether_addr; elements = { 00:11:22:33:44:55 } }",
		"set x { type ipv4_addr; size 100; flags dynamic,timeout; policy memory; }",
		"set x { type tcp_flag; elements = { syn, fin } }",
		"map x { type ipv4_addr : mark; flags interval; elements = { 10.0.0.0/8 : 0x1, * : 5 } }",
		"map x { type ipv4_addr . inet_service : ipv4_addr . inet_service; elements = { 1.1.1.1 . 2 : 3.3.3.3 . 4 } }",
		"map x { typeof tcp dport : meta mark; elements = { 1 comment \"one\" : 2 } }",
		"map x { type ifname : verdict; elements = { \"eth0\" : accept, \"22\" : drop } }",
		"chain x { comment \"of a chain\"; }",
		"limit x { rate 10 mbytes/second burst 3000 bytes; comment \"l\"; }",
		"limit x { rate 100/hour; }",
		"comment \"of a table\"",
		"chain x { type filter hook ingress device \"eth0\" priority -5; }",
		"chain x { type filter hook ingress devices = { eth0, eth1 } priority filter; policy drop; }",
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct bound b;

		snprintf(text, sizeof(text), "table inet t {\n\t%s\n}\n", sets[i]);
		if (there_and_back("sets.nft", text))
			continue;
		bind(&b, "sets.nft", text);
		print_error("not accepted:\n%s", messages(&b));
		fail();
	}
}

/* Whatever of them is accepted; returns how many. */
static size_t files_there_and_back(const char *pattern)
{
	struct arena *a = arena_new();
	size_t accepted = 0;
	glob_t found;

	if (glob(source_path(a, pattern), 0, NULL, &found))
		fail_msg("no %s, set SRCDIR", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++)
		accepted += there_and_back(found.gl_pathv[i], read_whole(a, found.gl_pathv[i], NULL));
	globfree(&found);
	arena_free(&a);
	return accepted;
}

static void test_files(void **state)
{
	(void)state;
	assert_true(files_there_and_back("examples/*.conf") >= 6);
	assert_true(files_there_and_back("tests/golden/ir/*.nft") >= 8);
	assert_true(files_there_and_back("tests/golden/json/*.nft") >= 5);
	files_there_and_back("tests/golden/parse/*.nft");
}

/* ---- commands ---- */

#define OBJECT(kind, members) "{\"" kind "\": {\"family\": \"inet\", \"table\": \"t\", " members "}}"
#define START                                                                               \
	"{\"nftables\": [{\"add\": {\"table\": {\"family\": \"inet\", \"name\": \"t\"}}}, " \
	"{\"add\": " OBJECT(                                                                \
		"chain",                                                                    \
		"\"name\": \"c\"") "}, "                                                    \
				   "{\"add\": " OBJECT(                                     \
					   "set", "\"name\": \"s\", \"type\": \"inet_service\", \"elem\": [1, 2]") "}"

static void test_commands(void **state)
{
	static const char start[] = "add table inet t\nadd chain inet t c\n"
				    "add set inet t s { type inet_service; elements = { 1, 2 }; }\n";
	static const struct {
		const char *text, *json;
	} commands[] = {
		{ "add rule inet t c drop",
		  "{\"add\": " OBJECT("rule", "\"chain\": \"c\", \"expr\": [{\"drop\": null}]") "}" },
		{ "add rule inet t c drop",
		  "{\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"c\", \"handle\": 99, \"expr\": [{\"drop\": null}]}}" },
		{ "add rule inet t c drop\ninsert rule inet t c accept",
		  "{\"add\": " OBJECT("rule", "\"chain\": \"c\", \"expr\": [{\"drop\": null}]") "}, {\"insert\": " OBJECT(
			  "rule", "\"chain\": \"c\", \"expr\": [{\"accept\": null}]") "}" },
		{ "add rule inet t c drop\nadd rule inet t c accept\nadd rule inet t c index 0 counter",
		  "{\"add\": " OBJECT("rule", "\"chain\": \"c\", \"expr\": [{\"drop\": null}]") "}, {\"add\": " OBJECT(
			  "rule",
			  "\"chain\": \"c\", \"expr\": [{\"accept\": null}]") "}, {\"add\": " OBJECT("rule",
												     "\"chain\": \"c\", \"index\": 0, \"expr\": [{\"counter\": null}]") "}" },
		{ "add element inet t s { 5, 7 }",
		  "{\"add\": " OBJECT("element", "\"name\": \"s\", \"elem\": [5, 7]") "}" },
		{ "delete element inet t s { 2 }",
		  "{\"delete\": " OBJECT("element", "\"name\": \"s\", \"elem\": [2]") "}" },
		{ "flush set inet t s", "{\"flush\": " OBJECT("set", "\"name\": \"s\"") "}" },
		{ "delete set inet t s", "{\"delete\": " OBJECT("set", "\"name\": \"s\"") "}" },
		{ "delete chain inet t c", "{\"delete\": " OBJECT("chain", "\"name\": \"c\"") "}" },
		{ "rename chain inet t c d",
		  "{\"rename\": " OBJECT("chain", "\"name\": \"c\", \"newname\": \"d\"") "}" },
		{ "add counter inet t k { packets 5 bytes 6; }",
		  "{\"add\": " OBJECT("counter", "\"name\": \"k\", \"packets\": 5, \"bytes\": 6") "}" },
		{ "destroy chain inet t nope", "{\"destroy\": " OBJECT("chain", "\"name\": \"nope\"") "}" },
		{ "flush ruleset", "{\"flush\": {\"ruleset\": null}}" },
		{ "flush ruleset\nadd table ip x",
		  "{\"flush\": {\"ruleset\": {\"family\": \"inet\"}}}, {\"create\": {\"table\": {\"family\": \"ip\", \"name\": \"x\"}}}" },
	};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct bound from_text, from_json;

		snprintf(text, sizeof(text), "%s%s\n", start, commands[i].text);
		bind(&from_text, "commands.nft", text);
		same("the text is refused", text, messages(&from_text), "");
		snprintf(text, sizeof(text), "%s, %s]}", START, commands[i].json);
		bind(&from_json, "commands.json", text);
		same("the JSON is refused", text, messages(&from_json), "");
		same("text and JSON", text, listing(&from_json), listing(&from_text));
		arena_free(&from_text.arena);
		arena_free(&from_json.arena);
	}
}

/* ---- messages ---- */

/* The first message without its source line, "line:column: error: text [code]". */
static const char *first_message(struct bound *b)
{
	const char *all = messages(b), *begin = strchr(all, ':');

	return begin ? arena_strndup(b->arena, begin + 1, strcspn(begin + 1, "\n")) : "";
}

static void test_messages(void **state)
{
	static const struct {
		const char *json, *message;
	} cases[] = {
		{ "{",
		  "1:2: error: the JSON text ends too early, expected a string, the name of a member [json-syntax]" },
		{ "{ \"nftables\": [1, 2,] }",
		  "1:21: error: unexpected ']' in JSON, expected a JSON value [json-syntax]" },
		{ "{ \"nftables\" [] }", "1:14: error: unexpected '[' in JSON, expected ':' [json-syntax]" },
		{ "{ \"nftables\": [] } x",
		  "1:20: error: unexpected 'x' in JSON, expected nothing behind the JSON value [json-syntax]" },
		{ "{ \"nftables\": [tru] }",
		  "1:16: error: unexpected 't' in JSON, expected a JSON value [json-syntax]" },
		{ "{ \"nftables\": [01] }",
		  "1:17: error: unexpected '1' in JSON, expected no further digit behind the leading 0 [json-syntax]" },
		{ "{ \"nftables\": [\"a\nb\"] }",
		  "1:18: error: byte 0x0a is not JSON text, expected the '\"' that ends the string [not-text]" },
		{ "{ \"nftables\": [\"\xff\"] }",
		  "1:17: error: byte 0xff is not JSON text, expected the '\"' that ends the string [not-text]" },
		{ "{ \"nftables\": [\"\\ud800\"] }",
		  "1:17: error: '\\u' is not followed by the four hexadecimal digits of a character [json-syntax]" },
		{ "{ \"nftables\": [\"\\q\"] }",
		  "1:18: error: unexpected 'q' in JSON, expected one of \"\\/bfnrtu behind '\\' [json-syntax]" },
		{ "{ \"nftables\": [\"\\u0000\"] }",
		  "1:17: error: strings of a ruleset can't have control characters in them [json-shape]" },
		{ "{ \"nftables\": [\"\\\"\"] }",
		  "1:17: error: strings of a ruleset can't have double quotes in them [json-shape]" },
		{ "{ \"nftables\": [18446744073709551616] }",
		  "1:16: error: number is too large, at most 18446744073709551615 is allowed [out-of-range]" },
		{ "[]", "1:1: error: expected an object, found an array [json-shape]" },
		{ "{}", "1:1: error: 'nftables' is missing here [incomplete]" },
		{ "{ \"nftables\": {} }", "1:3: error: 'nftables' must be an array, found an object [json-shape]" },
		{ "{ \"nftable\": [] }", "1:3: error: unknown member 'nftable' [json-key]" },
		{ "{ \"nftables\": [{}] }",
		  "1:16: error: a command or an object of a listing is an object with one member, whose name says what it is; this one has 0 [json-shape]" },
		{ "{ \"nftables\": [{\"metainfo\": {\"json_schema_version\": 2}}] }",
		  "1:53: error: JSON schema version 2 is not known, only version 1 is [unsupported]" },
		{ "{ \"nftables\": [{\"ad\": {}}] }", "1:17: error: unknown command 'ad' [unknown-word]" },
		{ "{ \"nftables\": [{\"table\": {\"family\": \"inet\"}}] }",
		  "1:17: error: 'table' lacks its 'name' [incomplete]" },
		{ "{ \"nftables\": [{\"table\": {\"family\": \"bridge\", \"name\": \"t\"}}] }",
		  "1:37: error: family 'bridge' is not supported: only 'ip', 'ip6', 'inet' and 'netdev' are; keep the table in nft [unsupported]" },
		{ "{ \"nftables\": [{\"table\": {\"family\": \"ip\", \"name\": \"a b\"}}] }",
		  "1:51: error: a name begins with a letter, '_' or '.', and has letters, digits, '_', '.', '/' and '-' [bad-name]" },
		{ "{ \"nftables\": [{\"table\": {\"family\": \"ip\", \"name\": \"t\", \"x\": 1}}] }",
		  "1:56: error: unknown member 'x' of 'table' [json-key]" },
		{ "{ \"nftables\": [{\"table\": {\"family\": \"ip\", \"name\": \"t\", \"name\": \"t\"}}] }",
		  "1:56: error: 'name' is given twice [given-twice]" },
		{ "{ \"nftables\": [{\"add\": {\"rule\": {\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\"}}}] }",
		  "1:25: error: 'rule' lacks its 'expr' [incomplete]" },
		{ "{ \"nftables\": [{\"delete\": {\"rule\": {\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\"}}}] }",
		  "1:28: error: 'rule' lacks its 'handle' [incomplete]" },
		{ "{ \"nftables\": [{\"insert\": {\"table\": {\"family\": \"ip\", \"name\": \"t\"}}}] }",
		  "1:28: error: 'insert' can't be said of a 'table' [json-shape]" },
		{ "{ \"nftables\": [{\"add\": {\"rule\": {\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\", \"expr\": [{\"snat\": null}]}}}] }",
		  "1:88: error: 'snat' is not supported: NAT is kernel nft's job; keep it in a chain of type nat [unsupported]" },
		{ "{ \"nftables\": [{\"add\": {\"rule\": {\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\", \"expr\": [{\"matc\": null}]}}}] }",
		  "1:88: error: unknown statement 'matc' [unknown-word]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bound b;

		bind(&b, "x.json", cases[i].json);
		same("message", cases[i].json, first_message(&b), cases[i].message);
		arena_free(&b.arena);
	}
}

/* Of a match of a rule, the rest being right. */
static void test_messages_of_matches(void **state)
{
	static const char before[] =
		"{\"nftables\": [{\"add\": {\"table\": {\"family\": \"inet\", \"name\": \"t\"}}},\n"
		"{\"add\": {\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"c\"}}},\n"
		"{\"add\": {\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"c\", \"expr\": [\n";
	static const struct {
		const char *json, *message;
	} cases[] = {
		{ "{\"match\": {\"left\": {\"payload\": {\"protocol\": \"tcp\", \"field\": \"dport\"}}, \"op\": \"==\", \"right\": 65536}}",
		  "out-of-range" },
		{ "{\"match\": {\"left\": {\"payload\": {\"protocol\": \"tcp\", \"field\": \"dprt\"}}, \"op\": \"==\", \"right\": 1}}",
		  "unknown-word" },
		{ "{\"match\": {\"left\": {\"payload\": {\"protocol\": \"tcp\", \"field\": \"dport\"}}, \"op\": \"=\", \"right\": 1}}",
		  "unknown-word" },
		{ "{\"match\": {\"left\": {\"payload\": {\"base\": \"th\", \"offset\": 0, \"len\": 16}}, \"op\": \"==\", \"right\": 1}}",
		  "unsupported" },
		{ "{\"match\": {\"left\": 5, \"op\": \"==\", \"right\": 1}}", "json-shape" },
		{ "{\"match\": {\"left\": {\"meta\": {\"key\": \"mark\"}}, \"right\": 1}}", "incomplete" },
		{ "{\"match\": {\"left\": {\"meta\": {\"key\": \"mark\"}}, \"op\": \"==\", \"right\": -1}}",
		  "out-of-range" },
		{ "{\"match\": {\"left\": {\"meta\": {\"key\": \"mark\"}}, \"op\": \"==\", \"right\": 1.5}}",
		  "json-shape" },
		{ "{\"match\": {\"left\": {\"meta\": {\"key\": \"mark\"}}, \"op\": \"==\", \"right\": null}}",
		  "json-shape" },
		{ "{\"match\": {\"left\": {\"meta\": {\"key\": \"mark\"}}, \"op\": \"==\", \"right\": {\"set\": [[1, 2, 3]]}}}",
		  "json-shape" },
		{ "{\"match\": {\"left\": {\"concat\": [{\"meta\": {\"key\": \"mark\"}}]}, \"op\": \"==\", \"right\": 1}}",
		  "json-shape" },
		{ "{\"match\": {\"left\": {\"meta\": {\"key\": \"skuid\"}}, \"op\": \"==\", \"right\": 1}}",
		  "unsupported" },
		{ "{\"match\": {\"left\": {\"exthdr\": {\"name\": \"frag\"}}, \"op\": \"==\", \"right\": true}}",
		  "unsupported" },
		{ "{\"match\": {\"left\": {\"payload\": {\"protocol\": \"ip\", \"field\": \"saddr\"}}, \"op\": \"==\", \"right\": \"@nope\"}}",
		  "unknown-set" },
		{ "{\"match\": {\"left\": {\"payload\": {\"protocol\": \"ip\", \"field\": \"saddr\"}}, \"op\": \"==\", \"right\": {\"prefix\": {\"addr\": \"1.1.1.1\", \"len\": 33}}}}",
		  "out-of-range" },
		{ "{\"jump\": {\"target\": \"nope\"}}", "unknown-chain" },
		{ "{\"limit\": {\"rate\": 10}}", "incomplete" },
		{ "{\"limit\": {\"rate\": 10, \"per\": \"second\", \"burst_unit\": \"bytes\"}}", "json-shape" },
		{ "{\"limit\": {\"rate\": 18446744073709551615, \"per\": \"second\", \"rate_unit\": \"mbytes\"}}",
		  "out-of-range" },
		{ "{\"log\": {\"level\": \"loud\"}}", "unknown-word" },
		{ "{\"mangle\": {\"key\": {\"payload\": {\"protocol\": \"ip\", \"field\": \"ttl\"}}, \"value\": 1}}",
		  "unsupported" },
		{ "{\"counter\": 5}", "json-shape" },
		{ "{\"accept\": 1}", "json-shape" },
	};
	char text[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bound b;
		struct position at;

		snprintf(text, sizeof(text), "%s%s\n]}}}]}\n", before, cases[i].json);
		bind(&b, "x.json", text);
		assert_true(b.diag.n > 0);
		same("code", text, diag_codes[b.diag.v[0].code].name, cases[i].message);
		assert_true(sources_locate(&b.sources, b.diag.v[0].span.at, &at));
		assert_int_equal(at.line, 4);
		arena_free(&b.arena);
	}
}

/* ---- hostile texts ---- */

static void refused_quickly(const char *text, size_t len, const char *code)
{
	clock_t begin = clock();
	struct bound b;

	bind_bytes(&b, "x.json", text, len);
	assert_true(b.diag.errors > 0);
	same("code", "(hostile)", diag_codes[b.diag.v[0].code].name, code);
	messages(&b);
	assert_true(clock() - begin < 3 * CLOCKS_PER_SEC);
	arena_free(&b.arena);
}

/* 'head', then 'n' times 'part', then 'tail'. */
static char *repeated(const char *head, const char *part, size_t n, const char *tail)
{
	size_t len = strlen(part);
	char *text = malloc(strlen(head) + n * len + strlen(tail) + 1), *end = text;

	assert_non_null(text);
	end = stpcpy(end, head);
	for (size_t i = 0; i < n; i++, end += len)
		memcpy(end, part, len);
	strcpy(end, tail);
	return text;
}

static void refused_repeated(const char *head, const char *part, size_t n, const char *tail, const char *code)
{
	char *text = repeated(head, part, n, tail);

	refused_quickly(text, strlen(text), code);
	free(text);
}

#define MARK_RULE(right)                                                                                                        \
	"{\"nftables\": [{\"add\": {\"rule\": {\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\", \"expr\": [{\"match\": " \
	"{\"op\": \"==\", \"left\": {\"meta\": {\"key\": \"mark\"}}, \"right\": " right

static void test_hostile(void **state)
{
	(void)state;
	refused_repeated("", "[", 1000000, "", "too-large");
	refused_repeated("", "{\"a\":", 1000000, "", "too-large");
	refused_repeated("{\"nftables\": [", "{},", 1000000, "{}]}", "json-shape");
	refused_repeated("{\"nftables\": [], ", "\"x\": 1,", 300000, "\"y\": 1}", "json-key");
	refused_repeated("{\"nftables\": ", "1", 1000000, "}", "out-of-range");
	refused_repeated("{\"nftables\": [\"", "x", 1000000, "", "json-syntax");
	refused_repeated(MARK_RULE("{\"|\": ["), "1,", 1000000, "1]}}}]}}}]}", "json-shape");
	refused_repeated(MARK_RULE("["), "1,", 1000000, "1]}}]}}}]}", "json-shape");
	refused_repeated(MARK_RULE("{\"concat\": ["), "1,", 1000000, "1]}}}]}}}]}", "json-shape");
	refused_quickly("{\"nftables\": [\"a\0b\"]}", 21, "not-text");
	refused_quickly("{\"nft\0ables\": []}", 17, "not-text");
	refused_quickly("{\0}", 3, "not-text");
}

static void test_many_elements(void **state)
{
	enum { N = 1000000 };
	struct buf text = { .arena = arena_new() };
	clock_t begin;
	struct bound b;

	(void)state;
	buf_puts(&text,
		 "{\"nftables\": [{\"table\": {\"family\": \"ip\", \"name\": \"t\"}}, {\"set\": {\"family\": \"ip\", "
		 "\"table\": \"t\", \"name\": \"s\", \"type\": \"ipv4_addr\", \"elem\": [");
	for (unsigned int i = 0; i < N; i++)
		buf_printf(&text, "%s\"10.%u.%u.%u\"", i ? ", " : "", i >> 16, i >> 8 & 255, i & 255);
	buf_puts(&text, "]}}]}");
	begin = clock();
	bind_bytes(&b, "x.json", text.text, text.len);
	assert_int_equal(b.diag.errors, 0);
	print_message("%d elements: %.2f s\n", N, (double)(clock() - begin) / CLOCKS_PER_SEC);
	assert_true(clock() - begin < 10 * CLOCKS_PER_SEC);
	arena_free(&b.arena);
	arena_free(&text.arena);
}

/* Damage anywhere gives messages, whose places lie in the text. */
static void survives(const char *text, size_t len)
{
	struct bound b;

	bind_bytes(&b, "x.json", text, len);
	for (size_t i = 0; i < b.diag.n; i++) {
		struct span at = b.diag.v[i].span;

		if (span_known(at)) {
			assert_true(at.at >= b.sources.v[0].base && at.end >= at.at);
			assert_true(at.end <= b.sources.v[0].base + b.sources.v[0].len);
		}
	}
	messages(&b);
	arena_free(&b.arena);
}

static void test_damage(void **state)
{
	static const char text[] =
		"table inet t { set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 comment \"x\" }; }\n"
		"chain c { }\nchain in { type filter hook ingress device \"eth0\" priority 0; policy drop;\n"
		"ip saddr @s tcp dport { 22, 80-90 } counter jump c comment \"y\"\nct state established,new accept\n} }\n";
	struct bound b;
	char *damaged;
	size_t len;

	(void)state;
	bind(&b, "x.nft", text);
	assert_int_equal(b.diag.errors, 0);
	damaged = strdup(json(&b));
	len = strlen(damaged);
	arena_free(&b.arena);
	for (size_t i = 0; i < len; i++) {
		char was = damaged[i];

		survives(damaged, i);
		for (const char *other = "\"{}[]:,0a\\ \x80"; *other; other++) {
			damaged[i] = *other;
			survives(damaged, len);
		}
		damaged[i] = was;
	}
	free(damaged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages), cmocka_unit_test(test_messages_of_matches),
		cmocka_unit_test(test_hostile),	 cmocka_unit_test(test_many_elements),
		cmocka_unit_test(test_damage),	 cmocka_unit_test(test_files),
		cmocka_unit_test(test_rules),	 cmocka_unit_test(test_sets),
		cmocka_unit_test(test_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
