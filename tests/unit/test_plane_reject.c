// SPDX-License-Identifier: GPL-2.0-only
/* The answers to rejected packets, byte by byte. */
#include <tests/unit/plane_case.h>

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#define REDIRECT 7 /* TC_ACT_REDIRECT */

static struct frame sent, answer;

static void rejects(uint8_t verdict)
{
	hand_add(&hand,
		 &(struct hand_rule){
			 .rule = { .label = 10, .verdict = verdict, .icmp_code = 10, .icmp6_code = 4, .counter = 1 } });
	begin();
}

static int reject(struct packet_spec s)
{
	uint32_t mark = 1, priority = 0;

	frame_make(&sent, &s);
	return plane_run_marked(plane.entry, &sent, ifindex, &mark, &priority, &answer);
}
#define ANSWERED(...)	assert_int_equal(reject((struct packet_spec){ __VA_ARGS__ }), REDIRECT)
#define UNANSWERED(...) assert_int_equal(reject((struct packet_spec){ __VA_ARGS__ }), DROP)

/* ---- reading the answer ---- */

static uint32_t at(size_t off, size_t n)
{
	uint32_t x = 0;

	assert_true(off + n <= answer.len);
	while (n--)
		x = x << 8 | answer.data[off++];
	return x;
}

/* 0 for a right one; 'sum' is that of a pseudo header. */
static uint16_t checksum(size_t off, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)answer.data[off + i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint32_t sum_of(size_t off, size_t len)
{
	return (uint16_t)~checksum(off, len, 0);
}

static void assert_turned(size_t off, size_t src, size_t dst, size_t len)
{
	assert_memory_equal(answer.data + off + src, sent.data + off + dst, len);
	assert_memory_equal(answer.data + off + dst, sent.data + off + src, len);
}

static void assert_ipv4(size_t off, uint8_t proto, size_t len)
{
	assert_int_equal(answer.len, off + 20 + len);
	assert_int_equal(at(off, 2), 0x4500);
	assert_int_equal(at(off + 2, 2), 20 + len);
	assert_int_equal(at(off + 8, 2), 64 << 8 | proto);
	assert_turned(off, 12, 16, 4);
	assert_int_equal(checksum(off, 20, 0), 0);
	if (off)
		assert_turned(0, 0, 6, 6);
}

static void assert_ipv6(size_t off, uint8_t proto, size_t len)
{
	assert_int_equal(answer.len, off + 40 + len);
	assert_int_equal(at(off, 4), 0x60000000);
	assert_int_equal(at(off + 4, 2), len);
	assert_int_equal(at(off + 6, 2), (uint32_t)proto << 8 | 64);
	assert_turned(off, 8, 24, 16);
	if (off)
		assert_turned(0, 0, 6, 6);
}

/* ---- resets ---- */

static void assert_reset(size_t l4, uint32_t pseudo, uint32_t seq, uint32_t ack, uint8_t flags)
{
	assert_int_equal(at(l4, 2), 80);
	assert_int_equal(at(l4 + 2, 2), 40000);
	assert_int_equal(at(l4 + 4, 4), seq);
	assert_int_equal(at(l4 + 8, 4), ack);
	assert_int_equal(at(l4 + 12, 2), 0x5000 | flags);
	assert_int_equal(at(l4 + 14, 2), 0);
	assert_int_equal(checksum(l4, 20, pseudo), 0);
}

static uint32_t pseudo4(size_t off)
{
	return sum_of(off + 12, 8) + IPPROTO_TCP + 20;
}

static uint32_t pseudo6(size_t off, uint8_t proto, uint32_t len)
{
	return sum_of(off + 8, 32) + proto + len;
}

static void test_reset_of_a_request(void **state)
{
	(void)state;
	rejects(ZF_RESET);
	ANSWERED(V4, TCP(80), .tcp_flags = 2);
	assert_ipv4(14, IPPROTO_TCP, 20);
	assert_reset(34, pseudo4(14), 0, 1, 0x14);
	ANSWERED(V4, TCP(80), .tcp_flags = 3, .payload_len = 100, .options = 3);
	assert_ipv4(14, IPPROTO_TCP, 20);
	assert_reset(34, pseudo4(14), 0, 102, 0x14);
	ANSWERED(V6, TCP(80), .tcp_flags = 2);
	assert_ipv6(14, IPPROTO_TCP, 20);
	assert_reset(54, pseudo6(14, IPPROTO_TCP, 20), 0, 1, 0x14);
	ANSWERED(V6, TCP(80), .tcp_flags = 2, .extensions = (const uint8_t[]){ 0, 60 }, .n_extensions = 2);
	assert_ipv6(14, IPPROTO_TCP, 20);
	assert_reset(54, pseudo6(14, IPPROTO_TCP, 20), 0, 1, 0x14);
	assert_int_equal(plane_counter(&plane, 1).packets, 4);
}

static void test_reset_of_a_connection(void **state)
{
	struct packet_spec s = { V4, TCP(80), .tcp_flags = 0x10, .payload_len = 1 };
	uint32_t mark = 0, priority = 0;

	(void)state;
	rejects(ZF_RESET);
	frame_make(&sent, &s);
	memcpy(sent.data + 34 + 8, "\1\2\3\4", 4); /* what it has received */
	assert_int_equal(plane_run_marked(plane.entry, &sent, ifindex, &mark, &priority, &answer), REDIRECT);
	assert_ipv4(14, IPPROTO_TCP, 20);
	assert_reset(34, pseudo4(14), 0x01020304, 0, 0x04);
	assert_int_equal(mark, 0);
}

static void test_no_reset(void **state)
{
	(void)state;
	rejects(ZF_RESET);
	UNANSWERED(V4, TCP(80), .tcp_flags = 4); /* to a reset */
	UNANSWERED(V4, TCP(80), .tcp_flags = 0x14);
	UNANSWERED(V4, UDP(80));
	UNANSWERED(V4, TCP(80), .tcp_flags = 2, .more_fragments = 1, .payload_len = 8);
	UNANSWERED(V4, .proto = IPPROTO_TCP, .fragment_offset = 64, .payload_len = 8);
	UNANSWERED(.version = 4, .src = "10.0.0.1", .dst = "224.0.0.1", TCP(80), .tcp_flags = 2);
	UNANSWERED(.version = 4, .src = "224.0.0.1", .dst = "10.0.0.1", TCP(80), .tcp_flags = 2);
	UNANSWERED(.version = 4, .src = "10.0.0.1", .dst = "255.255.255.255", TCP(80), .tcp_flags = 2);
	UNANSWERED(.version = 6, .src = "fd00::1", .dst = "ff02::1", TCP(80), .tcp_flags = 2);
}

static void test_reset_below_tags(void **state)
{
	(void)state;
	rejects(ZF_RESET);
	ANSWERED(V4, TCP(80), .tcp_flags = 2);
	assert_ipv4(14, IPPROTO_TCP, 20);
	UNANSWERED(V4, TCP(80), .tcp_flags = 2, .tags = { 0x8100 }); /* a second tag, in the frame */
}

/* ---- errors ---- */

static void assert_unreachable4(uint8_t code, size_t quoted)
{
	assert_ipv4(14, IPPROTO_ICMP, 8 + quoted);
	assert_int_equal(at(34, 2), 3 << 8 | code);
	assert_int_equal(at(38, 4), 0);
	assert_int_equal(checksum(34, 8 + quoted, 0), 0);
	assert_memory_equal(answer.data + 42, sent.data + 14, quoted);
}

static void assert_unreachable6(uint8_t code, size_t quoted)
{
	assert_ipv6(14, IPPROTO_ICMPV6, 8 + quoted);
	assert_int_equal(at(54, 2), 1 << 8 | code);
	assert_int_equal(at(58, 4), 0);
	assert_int_equal(checksum(54, 8 + quoted, pseudo6(14, IPPROTO_ICMPV6, 8 + (uint32_t)quoted)), 0);
	assert_memory_equal(answer.data + 62, sent.data + 14, quoted);
}

static void test_unreachable(void **state)
{
	uint8_t payload[1400];

	(void)state;
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7);
	rejects(ZF_REJECT);
	for (size_t len = 0; len < 300; len += 23) {
		ANSWERED(V4, UDP(53), .payload = payload, .payload_len = len);
		assert_unreachable4(10, 28 + len);
		ANSWERED(V6, UDP(53), .payload = payload, .payload_len = len);
		assert_unreachable6(4, 48 + len);
	}
	ANSWERED(V4, UDP(53), .payload = payload, .payload_len = 1400);
	assert_unreachable4(10, 536);
	ANSWERED(V6, UDP(53), .payload = payload, .payload_len = 1400);
	assert_unreachable6(4, 1220);
	ANSWERED(V4, TCP(53), .options = 5);
	assert_unreachable4(10, 60);
	ANSWERED(V4, .proto = IPPROTO_ICMP, .type = 8);
	assert_unreachable4(10, 28);
	ANSWERED(V4, UDP(53), .more_fragments = 1, .payload_len = 8);
	assert_unreachable4(10, 36);
}

static void test_no_error(void **state)
{
	static const uint8_t errors4[] = { 3, 4, 5, 11, 12 }, errors6[] = { 1, 2, 3, 4, 137 };

	(void)state;
	rejects(ZF_REJECT);
	for (size_t i = 0; i < sizeof(errors4); i++)
		UNANSWERED(V4, .proto = IPPROTO_ICMP, .type = errors4[i], .payload_len = 28);
	for (size_t i = 0; i < sizeof(errors6); i++)
		UNANSWERED(V6, .proto = IPPROTO_ICMPV6, .type = errors6[i], .payload_len = 48);
	UNANSWERED(V4, .proto = IPPROTO_UDP, .fragment_offset = 64, .payload_len = 8);
	UNANSWERED(.version = 4, .src = "10.0.0.1", .dst = "224.0.0.1", UDP(80));
	UNANSWERED(.version = 6, .src = "fd00::1", .dst = "ff02::1", UDP(80));
	ANSWERED(.version = 4, .src = "10.0.0.1", .dst = "10.0.0.255", UDP(80));
	plane_set(&plane, MAP_LOCAL, &(struct zf_local){ .addr = { 10, 0, 0, 255 } }, &(uint32_t){ RTN_BROADCAST });
	UNANSWERED(.version = 4, .src = "10.0.0.1", .dst = "10.0.0.255", UDP(80));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reset_of_a_request), TEST(test_reset_of_a_connection), TEST(test_no_reset),
		TEST(test_reset_below_tags),   TEST(test_unreachable),		 TEST(test_no_error),
	};
	const char *obstacle = plane_obstacle();

	if (obstacle) {
		printf("1..0 # skip %s\n", obstacle);
		return 0;
	}
	return cmocka_run_group_tests_name("plane_reject", tests, case_setup_group, NULL);
}
