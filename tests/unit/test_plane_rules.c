// SPDX-License-Identifier: GPL-2.0-only
/* Which rule is found, and what it does. */
#include <tests/unit/plane_case.h>

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* ---- finding the rule ---- */

static void test_first_match_wins_across_tuples(void **state)
{
	(void)state;
	RULE_(10, ACCEPTS, .version = 4, .dst = "198.51.0.0/16", .dport = 80, .flags = ZF_NEED_L4);
	RULE_(20, DROPS, .version = 4, .dst = "198.51.100.7/32");
	RULE_(30, ACCEPTS, .version = 4, .src = "192.0.2.0/24");
	RULE_(40, DROPS, .version = 4);
	begin();
	PASSES(V4, TCP(80));
	DROPPED(V4, TCP(81));
	PASSES(.version = 4, .src = "192.0.2.9", .dst = "198.51.100.8", TCP(81));
	DROPPED(.version = 4, .src = "192.0.3.9", .dst = "198.51.100.8", TCP(81));
}

/* One rule for each prefix length, the longest first: each packet differs from
 * the rules' address in exactly one bit. */
static void test_every_prefix_length(void **state)
{
	struct hand_rule r = { .version = 4, .rule = { ACCEPTS } };
	char text[32][32];

	(void)state;
	for (int len = 32; len >= 1; len--) {
		struct in_addr a = { htonl(0xc6336407 & ~0u << (32 - len)) };

		snprintf(text[len - 1], sizeof(text[0]), "%s/%d", inet_ntoa(a), len);
		r.dst = text[len - 1];
		r.rule.label = (uint32_t)(100 - len);
		r.rule.counter = (uint32_t)len;
		hand_add(&hand, &r);
	}
	RULE_(200, DROPS);
	begin();
	for (int bit = 0; bit < 32; bit++) {
		struct packet_spec s = { .version = 4, .src = "192.0.2.1", TCP(1) };
		uint32_t addr = htonl(0xc6336407 ^ 0x80000000u >> bit);

		memcpy(s.dst_bytes, &addr, 4);
		assert_int_equal(send_packet(s), bit ? PASS : DROP);
		if (bit)
			assert_int_equal(plane_counter(&plane, (uint32_t)bit).packets, 1);
	}
}

static void test_every_prefix_length6(void **state)
{
	struct hand_rule r = { .version = 6, .rule = { ACCEPTS } };
	static char text[128][64];
	uint8_t base[16], masked[16];

	(void)state;
	inet_pton(AF_INET6, "2001:db8:1:ffff:8000:a5a5:5a5a:7", base);
	for (int len = 128; len >= 1; len--) {
		char addr[48];

		memset(masked, 0, 16);
		for (int bit = 0; bit < len; bit++)
			masked[bit / 8] |= base[bit / 8] & (uint8_t)(0x80 >> bit % 8);
		snprintf(text[len - 1], sizeof(text[0]), "%s/%d", inet_ntop(AF_INET6, masked, addr, sizeof(addr)), len);
		r.src = text[len - 1];
		r.rule.label = (uint32_t)(200 - len);
		r.rule.counter = (uint32_t)len;
		hand_add(&hand, &r);
	}
	RULE_(300, DROPS);
	begin();
	for (int bit = 0; bit < 128; bit++) {
		struct packet_spec s = { .version = 6, .dst = "2001:db8::1", TCP(1) };

		memcpy(s.src_bytes, base, 16);
		s.src_bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		assert_int_equal(send_packet(s), bit ? PASS : DROP);
		if (bit)
			assert_int_equal(plane_counter(&plane, (uint32_t)bit).packets, 1);
	}
}

/* Membership: the key of the pair holds no address, the class alone decides. */
static void test_classes_decide(void **state)
{
	struct zf_lpm4 k4 = { 24, { 198, 51, 100 } }, other = { 0, { 0 } };
	struct zf_lpm6 k6 = { .prefixlen = 128 };
	struct zf_class second = { { 0 } };
	struct zf_config config = { .words = { 8, 8 }, .flags = { ZF_HAS_DST, ZF_HAS_SRC } };
	uint32_t one = 1, two = 2, zero = 0;

	(void)state;
	RULE_(10, DROPS);
	begin();
	/* The one tuple is in class 2 only, moved to the last number. */
	second.tuples[7] = 1ull << 63;
	memset(config.any_src[0], 0xff, sizeof(config.any_src[0]));
	memset(config.any_dst[1], 0xff, sizeof(config.any_dst[1]));
	plane_set(&plane, MAP_CONFIG, &zero, &config);
	plane_set(&plane, MAP_CLASS, &two, &second);
	for (uint32_t f = 0; f < 2; f++) {
		struct zf_tuple t = { .min_label = 10, .max_label = 10 };
		struct zf_pair4 p4 = { .tuple = 511 };
		struct zf_pair6 p6 = { .tuple = 511 };
		struct zf_block b = { .list = 1 };
		uint32_t nr = 511 + f * ZF_TUPLES;

		plane_set(&plane, MAP_TUPLE, &nr, &t);
		plane_set(&plane, MAP_PAIR4, &p4, &b);
		plane_set(&plane, MAP_PAIR6, &p6, &b);
	}
	plane_set(&plane, MAP_DST4, &k4, &two);
	plane_set(&plane, MAP_DST4, &other, &one);
	inet_pton(AF_INET6, "2001:db8::1", k6.addr);
	plane_set(&plane, MAP_SRC6, &k6, &two);
	DROPPED(V4, TCP(1));
	PASSES(.version = 4, .src = "192.0.2.1", .dst = "198.51.101.7", TCP(1));
	DROPPED(V6, TCP(1));
	PASSES(.version = 6, .src = "2001:db8::2", .dst = "2001:db8:1::7", TCP(1));
	config.words[0] = 7; /* words that aren't in use aren't looked at */
	plane_set(&plane, MAP_CONFIG, &zero, &config);
	PASSES(V4, TCP(1));
}

static void check_port(uint16_t port, int verdict)
{
	assert_int_equal(SENT(V4, UDP(port)), verdict);
	assert_int_equal(SENT(V6, TCP(port)), verdict);
}

static void test_port_ranges(void **state)
{
	(void)state;
	RULE_(10, DROPS, .dport = 1000, .dport_hi = 2000, .flags = ZF_NEED_L4);
	RULE_(20, DROPS, .dport = 65535, .flags = ZF_NEED_L4);
	begin();
	check_port(0, PASS);
	check_port(999, PASS);
	check_port(1000, DROP);
	check_port(2000, DROP);
	check_port(2001, PASS);
	check_port(65534, PASS);
	check_port(65535, DROP);
}

static void test_source_ports(void **state)
{
	(void)state;
	RULE_(10, DROPS, .proto = IPPROTO_UDP, .sport = 67, .dport = 68, .flags = ZF_NEED_L4);
	begin();
	DROPPED(V4, .proto = IPPROTO_UDP, .sport = 67, .dport = 68);
	PASSES(V4, .proto = IPPROTO_UDP, .sport = 68, .dport = 67);
	PASSES(V4, .proto = IPPROTO_UDP, .sport = 66, .dport = 68);
	PASSES(V4, .proto = IPPROTO_TCP, .sport = 67, .dport = 68);
}

static void test_ports_by_trie(void **state)
{
	static const uint16_t ports[] = { 1, 2, 15, 16, 17, 255, 256, 4095, 4096, 22, 53, 80, 443, 8080, 65534, 65535 };

	(void)state;
	hand.by_port = 1;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		RULE_(10 + (uint32_t)i, DROPS, .dport = ports[i], .flags = ZF_NEED_L4);
	RULE_(90, DROPS, .proto = IPPROTO_ICMP);
	begin();
	for (uint32_t port = 0; port < 65536; port += port < 300 || port > 65500 ? 1 : 37) {
		int verdict = PASS;

		for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
			verdict = ports[i] == port ? DROP : verdict;
		check_port((uint16_t)port, verdict);
	}
	PASSES(V4, UDP(80), .fragment_offset = 8);
	DROPPED(V4, .proto = IPPROTO_ICMP, .type = 8);
}

/* The least label wins, whether it hangs in the trie or in the list. */
static void test_trie_and_list_compete(void **state)
{
	(void)state;
	hand.by_port = 1;
	RULE_(10, ACCEPTS, .dport = 100, .dport_hi = 200, .flags = ZF_NEED_L4);
	RULE_(20, DROPS, .dport = 150, .flags = ZF_NEED_L4);
	RULE_(30, DROPS, .dport = 250, .flags = ZF_NEED_L4);
	RULE_(40, ACCEPTS, .dport = 240, .dport_hi = 260, .flags = ZF_NEED_L4);
	begin();
	check_port(150, PASS);
	check_port(250, DROP);
	check_port(251, PASS);
}

static void test_icmp_types(void **state)
{
	(void)state;
	RULE_(10, DROPS, .version = 4, .proto = IPPROTO_ICMP, .dport = 8 << 8, .dport_hi = (8 << 8) + 255,
	      .flags = ZF_NEED_L4);
	RULE_(20, DROPS, .version = 6, .proto = IPPROTO_ICMPV6, .dport = (3 << 8) + 1, .flags = ZF_NEED_L4);
	begin();
	DROPPED(V4, .proto = IPPROTO_ICMP, .type = 8);
	DROPPED(V4, .proto = IPPROTO_ICMP, .type = 8, .code = 255);
	PASSES(V4, .proto = IPPROTO_ICMP, .type = 9);
	PASSES(V4, .proto = IPPROTO_ICMP, .type = 7, .code = 255);
	DROPPED(V6, .proto = IPPROTO_ICMPV6, .type = 3, .code = 1);
	PASSES(V6, .proto = IPPROTO_ICMPV6, .type = 3, .code = 0);
	PASSES(V6, .proto = IPPROTO_ICMP, .type = 8);
}

static void test_other_protocols(void **state)
{
	(void)state;
	RULE_(10, DROPS, .proto = 47);
	RULE_(20, DROPS, .proto = 255);
	begin();
	DROPPED(V4, .proto = 47, .payload_len = 4);
	DROPPED(V6, .proto = 47, .payload_len = 4);
	DROPPED(V4, .proto = 255);
	PASSES(V4, .proto = 46, .payload_len = 4);
	PASSES(V6, .proto = 59);
}

static void test_interface_sets(void **state)
{
	uint32_t other = if_nametoindex("d1");
	struct packet_spec s = { V4, TCP(80) };
	struct frame f;

	(void)state;
	interface_set(ifindex, (struct zf_interface){ .sets = { 1ull << 63, 0, 0, 1 } });
	interface_set(other, (struct zf_interface){ .sets = { 0, 0, 0, 1ull << 63 } });
	RULE_(10, ACCEPTS, .dport = 80, .interfaces = 63, .flags = ZF_NEED_L4);
	RULE_(20, DROPS, .interfaces = 192);
	RULE_(30, DROPS, .dport = 80, .interfaces = 255, .flags = ZF_NEED_L4);
	begin();
	frame_make(&f, &s);
	assert_int_equal(plane_run(plane.entry, &f, ifindex), PASS);
	assert_int_equal(plane_run(plane.entry, &f, other), DROP);
	s.dport = 81;
	frame_make(&f, &s);
	assert_int_equal(plane_run(plane.entry, &f, ifindex), DROP);
	assert_int_equal(plane_run(plane.entry, &f, other), PASS);
}

/* ---- what a rule does ---- */

static void test_counters(void **state)
{
	struct zf_counter c;

	(void)state;
	RULE_(10, RESUMES(11), .proto = IPPROTO_UDP, .rule.counter = 1);
	RULE_(20, DROPS, .dport = 53, .flags = ZF_NEED_L4, .rule.counter = 2);
	RULE_(30, ACCEPTS, .rule.counter = 3);
	RULE_(40, DROPS, .rule.counter = 4);
	begin();
	DROPPED(V4, UDP(53), .payload_len = 10);
	PASSES(V4, UDP(54), .payload_len = 20, .tags = { 0x8100 });
	PASSES(V6, TCP(54));
	c = plane_counter(&plane, 1);
	assert_int_equal(c.packets, 2);
	assert_int_equal(c.bytes, 20 + 8 + 10 + 4 + 20 + 8 + 20);
	c = plane_counter(&plane, 2);
	assert_int_equal(c.packets, 1);
	assert_int_equal(c.bytes, 38);
	assert_int_equal(plane_counter(&plane, 3).packets, 2);
	assert_int_equal(plane_counter(&plane, 4).packets, 0);
}

/* However many rules do nothing final: none is left out. */
static void test_many_rules_that_go_on(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 600; n++)
		RULE_(10 + n * 10, RESUMES(11 + n * 10), .version = 4, .rule.counter = 1 + n % 3);
	RULE_(7000, DROPS, .dport = 80, .flags = ZF_NEED_L4);
	begin();
	DROPPED(V4, TCP(80));
	PASSES(V4, TCP(81));
	PASSES(V6, TCP(81));
	for (uint32_t n = 1; n <= 3; n++)
		assert_int_equal(plane_counter(&plane, n).packets, 400);
}

/* Then nothing about it is looked up. */
static void test_entry_that_just_drops(void **state)
{
	static const struct zf_rule none;
	uint32_t nr = 2;

	(void)state;
	RULE_(10, RESUMES(11), .rule.counter = 1);
	RULE_(20, DROPS, .dport = 80, .flags = ZF_NEED_L4 | ZF_JUST_DROPS);
	RULE_(30, ACCEPTS);
	begin();
	plane_set(&plane, MAP_RULE, &nr, &none); /* which would resume at 0 */
	DROPPED(V4, TCP(80));
	PASSES(V4, TCP(81));
	assert_int_equal(plane_counter(&plane, 1).packets, 2);
}

static void test_resume_skips(void **state)
{
	(void)state;
	RULE_(10, RESUMES(30), .dport = 80, .flags = ZF_NEED_L4);
	RULE_(20, DROPS);
	RULE_(30, RESUMES(31), .rule.counter = 1);
	RULE_(40, DROPS, .version = 6);
	begin();
	PASSES(V4, TCP(80));
	DROPPED(V6, TCP(80));
	DROPPED(V4, TCP(81));
	assert_int_equal(plane_counter(&plane, 1).packets, 2);
}

/* An image that would make the search go back must not hang: it drops. */
static void test_resume_backwards_drops(void **state)
{
	(void)state;
	RULE_(10, RESUMES(5));
	begin();
	DROPPED(V4, TCP(80));
}

static void test_local_address(void **state)
{
	struct zf_local k = { .ifindex = ifindex, .family = ZF_IPV4 };
	uint32_t local = RTN_LOCAL;

	(void)state;
	RULE_(10, ACCEPTS, .proto = IPPROTO_TCP, .dport = 22, .flags = ZF_NEED_L4, .rule.flags = ZF_LOCAL_ADDRESS,
	      .rule.otherwise = 50, .rule.counter = 1);
	RULE_(20, ACCEPTS);
	RULE_(50, DROPS);
	begin();
	DROPPED(V4, TCP(22));
	DROPPED(V6, TCP(22));
	inet_pton(AF_INET, "198.51.100.7", k.addr);
	plane_set(&plane, MAP_LOCAL, &k, &local);
	PASSES(V4, TCP(22));
	DROPPED(V6, TCP(22));
	memset(k.addr, 0, 16);
	inet_pton(AF_INET6, "2001:db8:1::7", k.addr);
	k.family = ZF_IPV6;
	plane_set(&plane, MAP_LOCAL, &k, &local);
	PASSES(V6, TCP(22));
	plane_delete(&plane, MAP_LOCAL, &k);
	k.ifindex = if_nametoindex("d1"); /* another's address */
	plane_set(&plane, MAP_LOCAL, &k, &local);
	DROPPED(V6, TCP(22));
	assert_int_equal(plane_counter(&plane, 1).packets, 2);
}

/* sk_assign isn't to be had under TEST_RUN, so tproxy never finds a socket here. */
static void test_tproxy_without_listener(void **state)
{
	(void)state;
	RULE_(10, ACCEPTS, .rule.flags = ZF_TPROXY, .rule.tproxy.port = 4000, .rule.counter = 1);
	RULE_(20, RESUMES(21), .rule.flags = ZF_TPROXY | ZF_COUNT_FIRST, .rule.tproxy.port = 4000, .rule.counter = 2);
	RULE_(30, DROPS);
	begin();
	DROPPED(V4, TCP(80));
	DROPPED(V6, UDP(80));
	DROPPED(V4, .proto = 47);
	assert_int_equal(plane_counter(&plane, 1).packets, 0);
	assert_int_equal(plane_counter(&plane, 2).packets, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_match_wins_across_tuples),
		TEST(test_every_prefix_length),
		TEST(test_every_prefix_length6),
		TEST(test_classes_decide),
		TEST(test_port_ranges),
		TEST(test_source_ports),
		TEST(test_ports_by_trie),
		TEST(test_trie_and_list_compete),
		TEST(test_icmp_types),
		TEST(test_other_protocols),
		TEST(test_interface_sets),
		TEST(test_counters),
		TEST(test_many_rules_that_go_on),
		TEST(test_entry_that_just_drops),
		TEST(test_resume_skips),
		TEST(test_resume_backwards_drops),
		TEST(test_local_address),
		TEST(test_tproxy_without_listener),
	};
	const char *obstacle = plane_obstacle();

	if (obstacle) {
		printf("1..0 # skip %s\n", obstacle);
		return 0;
	}
	return cmocka_run_group_tests_name("plane_rules", tests, case_setup_group, NULL);
}
