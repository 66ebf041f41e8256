/* SPDX-License-Identifier: GPL-2.0-only */
/* test_event.c - logged packets as lines of text and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/abi.h>
#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <runtime/duration.h>
#include <runtime/event_print.h>
#include <tests/unit/frames.h>

#define TIME_NS 1763718062000311999ull
#define MACS	"MACSRC=02:00:00:00:00:02 MACDST=02:00:00:00:00:01"

static int setup(void **state)
{
	setenv("TZ", "UTC-1", 1);
	tzset();
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

/* ---- events ---- */

static struct zf_event event_of(const struct frame *f, size_t network, uint16_t protocol)
{
	struct zf_event e = { .len = (uint32_t)f->len, .network = (uint16_t)network, .protocol = protocol };

	e.captured = (uint16_t)(f->len < ZF_EVENT_BYTES ? f->len : ZF_EVENT_BYTES);
	memcpy(e.bytes, f->data, e.captured);
	return e;
}

static struct zf_event event_make(const struct packet_spec *s)
{
	struct frame f;
	struct zf_event e;

	frame_make(&f, s);
	e = event_of(&f, frame_network(s), s->version == 4 ? 0x0800 : 0x86dd);
	e.flags = s->no_ethernet ? ZF_EVENT_NO_ETHERNET : 0;
	return e;
}

static const struct log_statement statement = {
	.prefix = "bad: ",
	.level = 4,
	.file = "rules.conf",
	.line = 7,
	.rule = "tcp dport 23 log prefix \"bad: \" drop",
};

static const char *line_of(struct arena *a, const struct zf_event *e, const struct log_statement *s)
{
	struct event_view v = { .event = e, .time_ns = TIME_NS, .interface = "eth0", .statement = s };
	struct buf text = { .arena = a };

	event_print(&v, &text);
	return text.text;
}

/* What is behind the place that the line begins with. */
#define BEGIN "2025-11-21 10:41:02.000311 warn rules.conf:7 bad: IN=eth0 OUT= "

static void check_event(struct arena *a, const struct zf_event *e, const char *wanted)
{
	const char *line = line_of(a, e, &statement);

	assert_int_equal(strncmp(line, BEGIN, strlen(BEGIN)), 0);
	assert_string_equal(line + strlen(BEGIN), wanted);
}

static void check(struct arena *a, const struct packet_spec *s, const char *wanted)
{
	struct zf_event e = event_make(s);

	check_event(a, &e, wanted);
}

#define V4(...)	 (&(struct packet_spec){ .version = 4, .src = "10.9.0.1", .dst = "10.9.0.2", __VA_ARGS__ })
#define V6(...)	 (&(struct packet_spec){ .version = 6, .src = "fd09::1", .dst = "fd09::2", __VA_ARGS__ })
#define FROM_TO4 " SRC=10.9.0.1 DST=10.9.0.2 "
#define FROM_TO6 " SRC=fd09::1 DST=fd09::2 "

/* ---- transports ---- */

static void test_transports(void **state)
{
	struct arena *a = *state;

	check(a, V4(.proto = IPPROTO_TCP, .sport = 51022, .dport = 23, .tcp_flags = 0x02),
	      MACS FROM_TO4 "LEN=40 TTL=64 ID=4660 PROTO=TCP SPT=51022 DPT=23 WINDOW=0 SYN");
	check(a, V4(.proto = IPPROTO_TCP, .sport = 1, .dport = 2, .tcp_flags = 0xff, .options = 2),
	      MACS FROM_TO4 "LEN=48 TTL=64 ID=4660 PROTO=TCP SPT=1 DPT=2 WINDOW=0 FIN SYN RST PSH ACK URG ECE CWR");
	check(a, V4(.proto = IPPROTO_UDP, .sport = 53, .dport = 9, .payload_len = 300, .hop_limit = 1),
	      MACS FROM_TO4 "LEN=328 TTL=1 ID=4660 PROTO=UDP SPT=53 DPT=9 LEN=308");
	check(a, V6(.proto = IPPROTO_UDP, .sport = 53, .dport = 65535),
	      MACS FROM_TO6 "LEN=48 TTL=64 PROTO=UDP SPT=53 DPT=65535 LEN=8");
	check(a, V6(.proto = IPPROTO_SCTP, .sport = 1, .dport = 36412),
	      MACS FROM_TO6 "LEN=52 TTL=64 PROTO=SCTP SPT=1 DPT=36412");
	check(a, V4(.proto = IPPROTO_ICMP, .type = 8, .id = 77),
	      MACS FROM_TO4 "LEN=28 TTL=64 ID=4660 PROTO=ICMP TYPE=8 CODE=0 ID=77 SEQ=0");
	check(a, V4(.proto = IPPROTO_ICMP, .type = 13),
	      MACS FROM_TO4 "LEN=28 TTL=64 ID=4660 PROTO=ICMP TYPE=13 CODE=0");
	check(a, V6(.proto = IPPROTO_ICMPV6, .type = 135, .hop_limit = 255),
	      MACS FROM_TO6 "LEN=48 TTL=255 PROTO=ICMPv6 TYPE=135 CODE=0");
	check(a, V6(.proto = IPPROTO_ESP, .payload = "\0\0\4\322\0\0\0\1", .payload_len = 8),
	      MACS FROM_TO6 "LEN=48 TTL=64 PROTO=ESP SPI=0x4d2");
	check(a, V4(.proto = IPPROTO_GRE, .payload_len = 4), MACS FROM_TO4 "LEN=24 TTL=64 ID=4660 PROTO=47");
	/* ICMP of the other family is nobody's. */
	check(a, V6(.proto = IPPROTO_ICMP, .type = 8), MACS FROM_TO6 "LEN=48 TTL=64 PROTO=ICMP");
}

static void test_quotes(void **state)
{
	struct arena *a = *state;
	struct frame inner;

	frame_make(&inner, &(struct packet_spec){ .version = 4,
						  .src = "192.0.2.1",
						  .dst = "10.9.0.1",
						  .proto = IPPROTO_UDP,
						  .sport = 7,
						  .dport = 53,
						  .no_ethernet = 1 });
	check(a, V4(.proto = IPPROTO_ICMP, .type = 3, .code = 3, .payload = inner.data, .payload_len = inner.len),
	      MACS FROM_TO4 "LEN=56 TTL=64 ID=4660 PROTO=ICMP TYPE=3 CODE=3 [ SRC=192.0.2.1 DST=10.9.0.1 LEN=28 TTL=64 "
			    "ID=4660 PROTO=UDP SPT=7 DPT=53 LEN=8 ]");
	check(a, V4(.proto = IPPROTO_ICMP, .type = 11, .payload = inner.data, .payload_len = 12),
	      MACS FROM_TO4 "LEN=40 TTL=64 ID=4660 PROTO=ICMP TYPE=11 CODE=0 [ INCOMPLETE [54 bytes] ]");
	/* An error about an error: once is enough. */
	frame_make(&inner,
		   V6(.proto = IPPROTO_ICMPV6, .type = 1, .no_ethernet = 1, .payload = inner.data, .payload_len = 8));
	check(a, V6(.proto = IPPROTO_ICMPV6, .type = 2, .payload = inner.data, .payload_len = inner.len),
	      MACS FROM_TO6 "LEN=104 TTL=64 PROTO=ICMPv6 TYPE=2 CODE=0 [" FROM_TO6
			    "LEN=56 TTL=64 PROTO=ICMPv6 TYPE=1 CODE=0 ]");
}

/* ---- fragments, extension headers, tags ---- */

static void test_headers(void **state)
{
	static const uint8_t extensions[] = { IPPROTO_HOPOPTS, IPPROTO_DSTOPTS };
	struct arena *a = *state;

	check(a, V4(.proto = IPPROTO_UDP, .sport = 1, .dport = 2, .more_fragments = 1),
	      MACS FROM_TO4 "LEN=28 TTL=64 ID=4660 MF PROTO=UDP SPT=1 DPT=2 LEN=8");
	check(a, V4(.proto = IPPROTO_UDP, .fragment_offset = 1480, .payload_len = 8),
	      MACS FROM_TO4 "LEN=28 TTL=64 ID=4660 FRAG=1480 PROTO=UDP");
	check(a, V6(.proto = IPPROTO_UDP, .sport = 1, .dport = 2, .more_fragments = 1),
	      MACS FROM_TO6 "LEN=56 TTL=64 ID=7 MF PROTO=UDP SPT=1 DPT=2 LEN=8");
	check(a, V6(.proto = IPPROTO_UDP, .fragment_offset = 1232, .payload_len = 8),
	      MACS FROM_TO6 "LEN=56 TTL=64 ID=7 FRAG=1232 PROTO=UDP");
	check(a, V6(.proto = IPPROTO_TCP, .dport = 22, .extensions = extensions, .n_extensions = 2),
	      MACS FROM_TO6 "LEN=92 TTL=64 PROTO=TCP SPT=0 DPT=22 WINDOW=0");
	check(a, V4(.proto = IPPROTO_UDP, .tags = { 0x8100 }),
	      MACS " VID=7" FROM_TO4 "LEN=28 TTL=64 ID=4660 PROTO=UDP SPT=0 DPT=0 LEN=8");
	check(a, V6(.proto = IPPROTO_UDP, .tags = { 0x88a8, 0x8100 }),
	      MACS " VID=7 VID=8" FROM_TO6 "LEN=48 TTL=64 PROTO=UDP SPT=0 DPT=0 LEN=8");
	check(a, V4(.proto = IPPROTO_UDP, .no_ethernet = 1),
	      &FROM_TO4 "LEN=28 TTL=64 ID=4660 PROTO=UDP SPT=0 DPT=0 LEN=8"[1]);
}

static void test_bits(void **state)
{
	struct zf_event e = event_make(V4(.proto = IPPROTO_UDP, .dport = 5));

	e.bytes[14 + 1] = 0xb8;
	e.bytes[14 + 6] = 0x40;
	e.mark = 0x2a;
	check_event(*state, &e,
		    MACS FROM_TO4 "LEN=28 TOS=0xb8 TTL=64 ID=4660 DF PROTO=UDP SPT=0 DPT=5 LEN=8 MARK=0x2a");
}

/* ---- what is odd ---- */

static void test_odd(void **state)
{
	struct frame f = { .len = 60 };
	struct zf_event e;

	memcpy(f.data, "\2\0\0\0\0\1\2\0\0\0\0\2\x88\xcc", 14);
	e = event_of(&f, 14, 0x88cc);
	check_event(*state, &e, MACS " MACPROTO=88cc LEN=60");
	/* Neither version: said to be IPv4, but all zeros. */
	e = event_of(&f, 14, 0x0800);
	check_event(*state, &e, MACS " MALFORMED");
	/* A header that is longer than its packet: what follows is padding. */
	frame_make(&f, V4(.proto = IPPROTO_TCP, .dport = 22));
	f.data[14 + 3] = 20;
	e = event_of(&f, 14, 0x0800);
	check_event(*state, &e, MACS FROM_TO4 "LEN=20 TTL=64 ID=4660 PROTO=TCP INCOMPLETE [54 bytes]");
	/* A segment too long for its header to say so. */
	f.data[14 + 3] = 0;
	e = event_of(&f, 14, 0x0800);
	check_event(*state, &e, MACS FROM_TO4 "LEN=0 TTL=64 ID=4660 PROTO=TCP SPT=0 DPT=22 WINDOW=0");
	/* A header of a length that none has. */
	frame_make(&f, V4(.proto = IPPROTO_TCP, .dport = 22));
	f.data[14] = 0x44;
	e = event_of(&f, 14, 0x0800);
	check_event(*state, &e, MACS FROM_TO4 "LEN=40 TTL=64 ID=4660 PROTO=TCP MALFORMED");
	e.captured = 5;
	check_event(*state, &e, &" INCOMPLETE [5 bytes]"[1]);
}

/* Wherever the bytes end, that is said, and nothing behind the end is. */
static void test_cut(void **state)
{
	static const uint8_t extensions[] = { IPPROTO_HOPOPTS };
	struct zf_event e = event_make(V6(.proto = IPPROTO_TCP, .tags = { 0x8100 }, .extensions = extensions,
					  .n_extensions = 1, .more_fragments = 1, .tcp_flags = 2));
	uint16_t whole = e.captured;
	char line[512];

	snprintf(line, sizeof(line), "%s", line_of(*state, &e, &statement));
	assert_null(strstr(line, "INCOMPLETE"));
	for (e.captured = 0; e.captured < whole; e.captured++) {
		const char *cut = line_of(*state, &e, &statement);

		assert_non_null(strstr(cut, "INCOMPLETE ["));
		assert_null(strstr(cut, "SYN"));
	}
}

/* Nothing that a packet can hold is read as more than there is, or printed as what moves the cursor. */
static void test_random(void **state)
{
	struct zf_event *e = malloc(sizeof(*e));

	(void)state;
	srandom(1);
	for (int i = 0; i < 20000; i++) {
		struct arena *a = arena_new();
		struct event_view v = { .event = e, .interface = "eth0", .statement = &statement };
		json_t *object;

		for (size_t k = 0; k < sizeof(*e); k++)
			((uint8_t *)e)[k] = (uint8_t)random();
		e->captured = (uint16_t)(random() % 320);
		e->network = (uint16_t)(random() % 4 ? 14 : random());
		e->protocol = random() % 2 ? 0x0800 : 0x86dd;
		if (e->network < 200)
			e->bytes[e->network] = e->protocol == 0x0800 ? 0x45 : 0x60;
		for (const char *s = line_of(a, e, &statement); *s; s++)
			assert_true(*s >= ' ' && *s < 0x7f);
		object = event_json(&v);
		assert_true(json_is_object(object));
		json_decref(object);
		arena_free(&a);
	}
	free(e);
}

/* ---- what the rule says ---- */

static void check_statement(struct arena *a, const struct log_statement *s, const char *wanted)
{
	struct zf_event e = { .protocol = 0x9000, .flags = ZF_EVENT_NO_ETHERNET, .len = 9 };
	const char *line = line_of(a, &e, s);

	assert_string_equal(line + strlen("2025-11-21 10:41:02.000311 "), wanted);
}

static void test_statements(void **state)
{
	struct log_statement s = { .prefix = "", .level = 0 };
	struct arena *a = *state;

	check_statement(a, NULL, "- - IN=eth0 OUT= MACPROTO=9000 LEN=9");
	check_statement(a, &s, "emerg - IN=eth0 OUT= MACPROTO=9000 LEN=9");
	s = (struct log_statement){ .prefix = "x\n\33[1m", .level = 8, .file = "a b", .line = 1 };
	check_statement(a, &s, "audit a b:1 x??[1m IN=eth0 OUT= MACPROTO=9000 LEN=9");
	s = (struct log_statement){ .prefix = "p", .has_group = true, .group = 5, .file = "f", .line = 2 };
	check_statement(a, &s, "group=5 f:2 p IN=eth0 OUT= MACPROTO=9000 LEN=9");
	assert_int_equal(log_level_find("emerg"), 0);
	assert_int_equal(log_level_find("audit"), 8);
	assert_int_equal(log_level_find("warning"), -1);
}

static void test_direction(void **state)
{
	struct zf_event e = event_make(V4(.proto = IPPROTO_UDP));

	e.flags |= ZF_EVENT_EGRESS;
	assert_non_null(strstr(line_of(*state, &e, &statement), " IN= OUT=eth0 "));
}

/* ---- JSON ---- */

static void check_json(const struct zf_event *e, const struct log_statement *s, const char *wanted)
{
	struct event_view v = { .event = e, .time_ns = TIME_NS, .interface = "eth0", .statement = s };
	json_t *object = event_json(&v);
	char *text = json_dumps(object, JSON_COMPACT);

	assert_string_equal(text, wanted);
	free(text);
	json_decref(object);
}

static void test_json(void **state)
{
	struct zf_event e =
		event_make(V4(.proto = IPPROTO_TCP, .sport = 9, .dport = 23, .tcp_flags = 0x12, .tags = { 0x8100 }));

	(void)state;
	check_json(&e, &statement,
		   "{\"time\":\"2025-11-21T10:41:02.000311+01:00\",\"level\":\"warn\",\"prefix\":\"bad: \","
		   "\"file\":\"rules.conf\",\"line\":7,\"rule\":\"tcp dport 23 log prefix \\\"bad: \\\" drop\","
		   "\"interface\":\"eth0\",\"direction\":\"in\",\"pkttype\":\"host\",\"mark\":0,\"priority\":0,"
		   "\"frame_length\":58,\"captured\":58,"
		   "\"ether\":{\"saddr\":\"02:00:00:00:00:02\",\"daddr\":\"02:00:00:00:00:01\"},\"vlan\":[7],"
		   "\"ethertype\":2048,\"ip\":{\"version\":4,\"saddr\":\"10.9.0.1\",\"daddr\":\"10.9.0.2\","
		   "\"length\":40,\"tos\":0,\"ttl\":64,\"id\":4660,\"df\":false,\"protocol\":6,"
		   "\"protocol_name\":\"TCP\",\"sport\":9,\"dport\":23,\"sequence\":0,\"ackseq\":0,\"window\":0,"
		   "\"flags\":[\"SYN\",\"ACK\"]}}");
	e = event_make(V6(.proto = IPPROTO_UDP, .fragment_offset = 8, .no_ethernet = 1));
	e.flags |= ZF_EVENT_EGRESS;
	e.packet_type = 4;
	check_json(&e, NULL,
		   "{\"time\":\"2025-11-21T10:41:02.000311+01:00\",\"interface\":\"eth0\",\"direction\":\"out\","
		   "\"pkttype\":\"outgoing\",\"mark\":0,\"priority\":0,\"frame_length\":48,\"captured\":48,"
		   "\"ethertype\":34525,\"ip\":{\"version\":6,\"saddr\":\"fd09::1\",\"daddr\":\"fd09::2\","
		   "\"length\":48,\"tos\":0,\"ttl\":64,\"id\":7,\"more_fragments\":false,\"fragment_offset\":8,"
		   "\"protocol\":17,\"protocol_name\":\"UDP\"}}");
}

/* ---- times ---- */

static void test_durations(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = { { "30s", 30000 }, { "1m30s", 90000 },    { "500ms", 500 },	       { "2h", 7200000 },
		     { "5", 5000 },    { "1d1ms", 86400001 }, { "366d", 31622400000 }, { "0s", 0 } };
	static const char *const bad[] = { "",	  "s",	  "1x",	 "-1s",	 "1s1m",  "1s1s",
					   " 1s", "1.5s", "1m5", "367d", "1ms1s", "99999999999999999999s" };
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(duration_read(good[i].text, &ms), 0);
		assert_int_equal(ms, good[i].ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(duration_read(bad[i], &ms), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transports), cmocka_unit_test(test_quotes),     cmocka_unit_test(test_headers),
		cmocka_unit_test(test_bits),	   cmocka_unit_test(test_odd),	      cmocka_unit_test(test_cut),
		cmocka_unit_test(test_random),	   cmocka_unit_test(test_statements), cmocka_unit_test(test_direction),
		cmocka_unit_test(test_json),	   cmocka_unit_test(test_durations),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
