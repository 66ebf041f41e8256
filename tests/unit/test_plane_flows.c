// SPDX-License-Identifier: GPL-2.0-only
/* What is established and what is related. */
#include <tests/unit/plane_case.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- flows ---- */

static void begin_ct(uint8_t states)
{
	hand.config.flags[ZF_IPV4] |= ZF_USES_CT;
	RULE_(10, ACCEPTS, .rule.ct_states = states);
	RULE_(20, ACCEPTS, .dport = 7, .flags = ZF_NEED_L4);
	RULE_(30, ACCEPTS, .proto = IPPROTO_ICMP, .dport = 8 << 8, .flags = ZF_NEED_L4);
	RULE_(40, DROPS);
	begin();
}

#define OUT4		       .version = 4, .src = "198.51.100.7", .dst = "192.0.2.1"
#define OUT6		       .version = 6, .src = "2001:db8:1::7", .dst = "2001:db8::1"
#define SENDS(...)	       assert_int_equal(send_out((struct packet_spec){ __VA_ARGS__ }), PASS)
#define ENDS(proto_, from, to) .proto = (proto_), .sport = (from), .dport = (to)

static void test_flow_answer(void **state)
{
	(void)state;
	begin_ct(ZF_CT_ESTABLISHED);
	DROPPED(V4, ENDS(IPPROTO_UDP, 53, 5000));
	SENDS(OUT4, ENDS(IPPROTO_UDP, 5000, 53));
	PASSES(V4, ENDS(IPPROTO_UDP, 53, 5000));
	DROPPED(V4, ENDS(IPPROTO_UDP, 54, 5000));
	DROPPED(V4, ENDS(IPPROTO_TCP, 53, 5000));
	DROPPED(V4, ENDS(IPPROTO_UDP, 5000, 53));
	SENDS(OUT6, ENDS(IPPROTO_TCP, 5000, 443), .tcp_flags = 2);
	PASSES(V6, ENDS(IPPROTO_TCP, 443, 5000), .tcp_flags = 0x12);
	DROPPED(V6, ENDS(IPPROTO_TCP, 443, 5001), .tcp_flags = 0x12);
}

/* A flow that began here with a rule's leave: established once it was answered. */
static void test_flow_from_outside(void **state)
{
	(void)state;
	begin_ct(ZF_CT_ESTABLISHED);
	PASSES(V4, ENDS(IPPROTO_UDP, 900, 7));
	plane_set(&plane, MAP_RULE, &(uint32_t){ 2 }, &(struct zf_rule){ .label = 20, DROPS });
	DROPPED(V4, ENDS(IPPROTO_UDP, 900, 7));
	SENDS(OUT4, ENDS(IPPROTO_UDP, 7, 900));
	PASSES(V4, ENDS(IPPROTO_UDP, 900, 7));
	DROPPED(V4, ENDS(IPPROTO_UDP, 901, 7));
}

static void test_dropped_packets_make_no_flow(void **state)
{
	(void)state;
	begin_ct(ZF_CT_ESTABLISHED);
	DROPPED(V4, ENDS(IPPROTO_UDP, 900, 8));
	SENDS(OUT4, ENDS(IPPROTO_TCP, 8, 900), .tcp_flags = 4); /* nor does a reset */
	DROPPED(V4, ENDS(IPPROTO_TCP, 900, 8));
}

/* Lets the one flow that there is look 'seconds' old, with these flags. */
static void age(uint32_t flags, uint64_t seconds)
{
	struct zf_flow_key k;
	struct timespec now;
	struct zf_flow f = { .flags = flags };

	clock_gettime(CLOCK_MONOTONIC, &now);
	assert_int_equal(bpf_map_get_next_key(plane.maps[MAP_FLOW], NULL, &k), 0);
	/* The machine may have been up for less than that: the clock wraps, as its differences do. */
	f.seen = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - seconds * 1000000000u;
	plane_set(&plane, MAP_FLOW, &k, &f);
}

static uint32_t flow_flags(void)
{
	struct zf_flow_key k;
	struct zf_flow f;

	assert_int_equal(bpf_map_get_next_key(plane.maps[MAP_FLOW], NULL, &k), 0);
	assert_int_equal(bpf_map_lookup_elem(plane.maps[MAP_FLOW], &k, &f), 0);
	return f.flags;
}

static void expires(uint32_t flags, uint64_t seconds, uint8_t proto)
{
	age(flags, seconds - 1);
	PASSES(V4, ENDS(proto, 53, 5000), .tcp_flags = 0x10);
	age(flags, seconds + 1);
	DROPPED(V4, ENDS(proto, 53, 5000), .tcp_flags = 0x10);
}

static void test_flow_expires(void **state)
{
	(void)state;
	begin_ct(ZF_CT_ESTABLISHED);
	SENDS(OUT4, ENDS(IPPROTO_UDP, 5000, 53));
	expires(0, 30, IPPROTO_UDP);
	expires(ZF_FLOW_REPLIED, 120, IPPROTO_UDP);
}

static void test_tcp_flow_expires(void **state)
{
	(void)state;
	begin_ct(ZF_CT_ESTABLISHED);
	SENDS(OUT4, ENDS(IPPROTO_TCP, 5000, 53), .tcp_flags = 2);
	expires(0, 120, IPPROTO_TCP);
	expires(ZF_FLOW_REPLIED, 5 * 24 * 3600, IPPROTO_TCP);
	expires(ZF_FLOW_REPLIED | ZF_FLOW_CLOSING, 120, IPPROTO_TCP);
}

static void test_tcp_flow_flags(void **state)
{
	(void)state;
	begin_ct(ZF_CT_ESTABLISHED);
	SENDS(OUT4, ENDS(IPPROTO_TCP, 5000, 53), .tcp_flags = 2);
	assert_int_equal(flow_flags(), 0);
	PASSES(V4, ENDS(IPPROTO_TCP, 53, 5000), .tcp_flags = 0x12);
	assert_int_equal(flow_flags(), ZF_FLOW_REPLIED);
	SENDS(OUT4, ENDS(IPPROTO_TCP, 5000, 53), .tcp_flags = 0x11);
	assert_int_equal(flow_flags(), ZF_FLOW_REPLIED | ZF_FLOW_CLOSING);
	PASSES(V4, ENDS(IPPROTO_TCP, 53, 5000), .tcp_flags = 0x11);
	DROPPED(V4, ENDS(IPPROTO_TCP, 53, 5000), .tcp_flags = 2); /* that flow is over: this is a new one */
	SENDS(OUT4, ENDS(IPPROTO_TCP, 5000, 53), .tcp_flags = 2);
	assert_int_equal(flow_flags(), 0);
}

static void test_echo_flows(void **state)
{
	(void)state;
	begin_ct(ZF_CT_ESTABLISHED);
	SENDS(OUT4, .proto = IPPROTO_ICMP, .type = 8, .id = 77);
	PASSES(V4, .proto = IPPROTO_ICMP, .type = 0, .id = 77);
	DROPPED(V4, .proto = IPPROTO_ICMP, .type = 0, .id = 78);
	DROPPED(V4, .proto = IPPROTO_ICMP, .type = 13, .id = 77);
	SENDS(OUT6, .proto = IPPROTO_ICMPV6, .type = 128, .id = 77);
	PASSES(V6, .proto = IPPROTO_ICMPV6, .type = 129, .id = 77);
	DROPPED(V6, .proto = IPPROTO_ICMPV6, .type = 128, .id = 77);
}

static void test_other_protocols_have_flows(void **state)
{
	(void)state;
	begin_ct(ZF_CT_ESTABLISHED);
	SENDS(OUT4, .proto = 47, .payload_len = 8);
	PASSES(V4, .proto = 47, .payload_len = 8);
	DROPPED(V4, .proto = 50, .payload_len = 8);
}

/* The beginning of a packet that went out, as an error quotes it. */
static size_t quote(uint8_t *to, struct packet_spec s)
{
	struct frame f;

	frame_make(&f, &s);
	memcpy(to, f.data + 14, f.len - 14);
	return f.len - 14;
}

#define QUOTED(...) quote(bytes, (struct packet_spec){ __VA_ARGS__ })

static void test_related_errors(void **state)
{
	uint8_t bytes[2048];
	size_t n;

	(void)state;
	begin_ct(ZF_CT_RELATED);
	SENDS(OUT4, ENDS(IPPROTO_UDP, 5000, 53));
	n = QUOTED(OUT4, ENDS(IPPROTO_UDP, 5000, 53));
	PASSES(V4, .proto = IPPROTO_ICMP, .type = 3, .code = 3, .payload = bytes, .payload_len = n);
	PASSES(V4, .proto = IPPROTO_ICMP, .type = 11, .payload = bytes, .payload_len = n);
	/* from a router on the way */
	PASSES(.version = 4, .src = "203.0.113.1", .dst = "198.51.100.7", .proto = IPPROTO_ICMP, .type = 3, .code = 4,
	       .payload = bytes, .payload_len = n);
	/* to somebody else, of another kind, about another flow, cut short */
	DROPPED(.version = 4, .src = "203.0.113.1", .dst = "198.51.100.8", .proto = IPPROTO_ICMP, .type = 3, .code = 4,
		.payload = bytes, .payload_len = n);
	DROPPED(V4, .proto = IPPROTO_ICMP, .type = 0, .payload = bytes, .payload_len = n);
	DROPPED(V4, .proto = IPPROTO_ICMP, .type = 3, .payload = bytes, .payload_len = 22);
	n = QUOTED(OUT4, ENDS(IPPROTO_UDP, 5000, 54));
	DROPPED(V4, .proto = IPPROTO_ICMP, .type = 3, .code = 3, .payload = bytes, .payload_len = n);
	DROPPED(V4, ENDS(IPPROTO_UDP, 53, 5000)); /* an answer is established, not related */
}

static void test_related_errors6(void **state)
{
	static const uint8_t some[] = { 60 };
	uint8_t bytes[2048];
	size_t n;

	(void)state;
	begin_ct(ZF_CT_RELATED);
	SENDS(OUT6, ENDS(IPPROTO_TCP, 5000, 53), .tcp_flags = 2);
	n = QUOTED(OUT6, ENDS(IPPROTO_TCP, 5000, 53), .extensions = some, .n_extensions = 1, .payload_len = 900);
	for (uint8_t type = 1; type <= 4; type++)
		PASSES(V6, .proto = IPPROTO_ICMPV6, .type = type, .payload = bytes, .payload_len = n);
	PASSES(V6, .proto = IPPROTO_ICMPV6, .type = 2, .payload = bytes, .payload_len = 64);
	DROPPED(V6, .proto = IPPROTO_ICMPV6, .type = 128, .payload = bytes, .payload_len = n);
	SENDS(OUT6, .proto = IPPROTO_ICMPV6, .type = 128, .id = 5);
	n = QUOTED(OUT6, .proto = IPPROTO_ICMPV6, .type = 128, .id = 5);
	PASSES(V6, .proto = IPPROTO_ICMPV6, .type = 1, .payload = bytes, .payload_len = n);
}

/* Sockets are flows too: this one never sent anything through the program. */
static void test_connected_socket_is_established(void **state)
{
	struct sockaddr_in local = { .sin_family = AF_INET,
				     .sin_port = htons(6000),
				     .sin_addr = { htonl(0x7f000001) } };
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(6001), .sin_addr = { htonl(0x7f000002) } };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)state;
	begin_ct(ZF_CT_ESTABLISHED);
	assert_int_equal(bind(fd, (struct sockaddr *)&local, sizeof(local)), 0);
	DROPPED(.version = 4, .src = "127.0.0.2", .dst = "127.0.0.1", ENDS(IPPROTO_UDP, 6001, 6000));
	assert_int_equal(connect(fd, (struct sockaddr *)&peer, sizeof(peer)), 0);
	PASSES(.version = 4, .src = "127.0.0.2", .dst = "127.0.0.1", ENDS(IPPROTO_UDP, 6001, 6000));
	DROPPED(.version = 4, .src = "127.0.0.2", .dst = "127.0.0.1", ENDS(IPPROTO_UDP, 6002, 6000));
	close(fd);
	DROPPED(.version = 4, .src = "127.0.0.2", .dst = "127.0.0.1", ENDS(IPPROTO_UDP, 6001, 6000));
}

static void test_tcp_socket_is_established(void **state)
{
	struct sockaddr_in6 local = { .sin6_family = AF_INET6,
				      .sin6_port = htons(6000),
				      .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in6 peer = { 0 };
	socklen_t len = sizeof(peer);
	int listener = socket(AF_INET6, SOCK_STREAM, 0), client = socket(AF_INET6, SOCK_STREAM, 0);

	(void)state;
	begin_ct(ZF_CT_ESTABLISHED);
	assert_int_equal(bind(listener, (struct sockaddr *)&local, sizeof(local)), 0);
	assert_int_equal(listen(listener, 1), 0);
	DROPPED(.version = 6, .src = "::1", .dst = "::1", ENDS(IPPROTO_TCP, 6001, 6000));
	assert_int_equal(connect(client, (struct sockaddr *)&local, sizeof(local)), 0);
	assert_int_equal(getsockname(client, (struct sockaddr *)&peer, &len), 0);
	PASSES(.version = 6, .src = "::1", .dst = "::1", ENDS(IPPROTO_TCP, ntohs(peer.sin6_port), 6000),
	       .tcp_flags = 0x10);
	PASSES(.version = 6, .src = "::1", .dst = "::1", ENDS(IPPROTO_TCP, 6000, ntohs(peer.sin6_port)),
	       .tcp_flags = 0x10);
	close(client);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_flow_answer),
		TEST(test_flow_from_outside),
		TEST(test_dropped_packets_make_no_flow),
		TEST(test_flow_expires),
		TEST(test_tcp_flow_expires),
		TEST(test_tcp_flow_flags),
		TEST(test_echo_flows),
		TEST(test_other_protocols_have_flows),
		TEST(test_related_errors),
		TEST(test_related_errors6),
		TEST(test_connected_socket_is_established),
		TEST(test_tcp_socket_is_established),
	};
	const char *obstacle = plane_obstacle();

	if (obstacle) {
		printf("1..0 # skip %s\n", obstacle);
		return 0;
	}
	return cmocka_run_group_tests_name("plane_flows", tests, case_setup_group, NULL);
}
