// SPDX-License-Identifier: GPL-2.0-only
/* What the ops of a rule do, each with packets for which it holds and for which
 * it doesn't. */
#include <tests/unit/plane_case.h>

#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct zf_number all = { UINT64_MAX, UINT64_MAX };

/* Ops from number 'first' on, one behind the other. */
static void ops_set(uint32_t first, const struct zf_op *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct zf_op op = v[i];
		uint32_t nr = first + i;

		op.next = i + 1 < n ? nr + 1 : 0;
		plane_set(&plane, MAP_OPS, &nr, &op);
	}
}
#define OPS(...)                                            \
	do {                                                \
		const struct zf_op v_[] = { __VA_ARGS__ };  \
		ops_set(1, v_, sizeof(v_) / sizeof(v_[0])); \
	} while (0)
#define HAS_OPS .flags = ZF_HAS_OPS, .ops = 1

#define COMPARE(base_, at_, len_, mask_, ...)                                                                        \
	{                                                                                                            \
		.kind = ZF_OP_COMPARE, .base = (base_), .at = (at_), .len = (len_), .mask = { UINT64_MAX, (mask_) }, \
		.range = {                                                                                           \
			__VA_ARGS__                                                                                  \
		}                                                                                                    \
	}
#define META(what, len_, x) COMPARE(ZF_META, what, len_, UINT64_MAX, { 0, (x) }, { 0, (x) })

/* One rule that drops what the ops hold for, all else passes. */
static void drops_if(void)
{
	hand_add(&hand, &(struct hand_rule){ .rule = { .label = 10, DROPS, HAS_OPS, .otherwise = 20, .counter = 1 } });
	RULE_(20, ACCEPTS);
	begin();
}

/* ---- comparisons ---- */

static void test_bytes_of_the_network_header(void **state)
{
	(void)state;
	OPS(COMPARE(ZF_NETWORK, 8, 1, 0xff, { 0, 10 }, { 0, 20 }));
	drops_if();
	DROPPED(V4, TCP(1), .hop_limit = 10);
	DROPPED(V4, TCP(1), .hop_limit = 20);
	PASSES(V4, TCP(1), .hop_limit = 9);
	PASSES(V4, TCP(1), .hop_limit = 21);
	DROPPED(V4, TCP(1), .hop_limit = 15, .tags = { 0x8100 });
	PASSES(V6, TCP(1), .hop_limit = 15); /* byte 8 is of the address there */
}

static void test_an_address_by_its_last_bits(void **state)
{
	(void)state;
	OPS({ .kind = ZF_OP_COMPARE,
	      .base = ZF_NETWORK,
	      .at = 24,
	      .len = 16,
	      .mask = { 0xffff000000000000, 0xff },
	      .flip = { 0, 0xf0 },
	      .range = { { 0x2001000000000000, 0xf7 }, { 0x2001000000000000, 0xf7 } } });
	drops_if();
	DROPPED(V6, TCP(1));
	PASSES(.version = 6, .src = "2001:db8::1", .dst = "2001:db8:1::8", TCP(1));
	PASSES(.version = 6, .src = "2001:db8::1", .dst = "2002:db8:1::7", TCP(1));
	PASSES(V4, TCP(1)); /* too short for that */
}

static void test_tcp_flags(void **state)
{
	(void)state;
	OPS(COMPARE(ZF_TRANSPORT, 13, 1, 0x12, { 0, 2 }, { 0, 2 }));
	drops_if();
	DROPPED(V4, TCP(1), .tcp_flags = 0x02);
	DROPPED(V6, TCP(1), .tcp_flags = 0xc2);
	PASSES(V4, TCP(1), .tcp_flags = 0x12);
	PASSES(V4, TCP(1), .tcp_flags = 0x10);
	DROPPED(V6, TCP(1), .tcp_flags = 2, .extensions = (const uint8_t[]){ 0, 60 }, .n_extensions = 2);
	PASSES(V4, .proto = IPPROTO_TCP, .fragment_offset = 64, .payload_len = 64);
}

/* What lies behind the end of the packet is padding, whatever is in it. */
static void test_nothing_behind_the_end(void **state)
{
	struct packet_spec s = { V4, UDP(1), .payload_len = 2 };
	struct frame f;

	(void)state;
	OPS(COMPARE(ZF_TRANSPORT, 8, 4, UINT64_MAX, { 0, 0 }, { 0, UINT32_MAX }));
	drops_if();
	frame_make(&f, &s);
	memset(f.data + f.len, 0, 18);
	f.len += 18;
	assert_int_equal(send_frame(&f), PASS);
	DROPPED(V4, UDP(1), .payload_len = 4);
	PASSES(V4, UDP(1), .payload_len = 3);
}

static void test_link_header(void **state)
{
	(void)state;
	OPS(COMPARE(ZF_LINK, 6, 6, UINT64_MAX, { 0, 0x020000000001 }, { 0, 0x020000000001 }));
	drops_if();
	PASSES(V4, TCP(1));
	OPS(COMPARE(ZF_LINK, 6, 6, UINT64_MAX, { 0, 0x020000000002 }, { 0, 0x02ffffffffff }));
	DROPPED(V4, TCP(1));
	interface_set(ifindex, (struct zf_interface){ .sets = { 1 }, .flags = ZF_NO_ETHERNET });
	PASSES(V4, TCP(1), .no_ethernet = 1);
}

static void test_several_ranges(void **state)
{
	(void)state;
	OPS({ .kind = ZF_OP_COMPARE,
	      .flags = ZF_OP_GOES_ON,
	      .base = ZF_NETWORK,
	      .at = 8,
	      .len = 1,
	      .mask = all,
	      .range = { { 0, 1 }, { 0, 1 } } },
	    { .kind = ZF_OP_MORE, .flags = ZF_OP_GOES_ON, .more = { { { 0, 3 }, { 0, 4 } }, { { 0, 8 }, { 0, 8 } } } },
	    { .kind = ZF_OP_MORE, .more = { { { 0, 100 }, { 0, 110 } }, { { 0, 1 }, { 0, 0 } } } },
	    { .kind = ZF_OP_COUNT, .number = 2 });
	drops_if();
	for (unsigned int ttl = 1; ttl < 256; ttl++) {
		bool in = ttl == 1 || ttl == 3 || ttl == 4 || ttl == 8 || (ttl >= 100 && ttl <= 110);

		assert_int_equal(SENT(V4, TCP(1), .hop_limit = (uint8_t)ttl), in ? DROP : PASS);
	}
	assert_int_equal(plane_counter(&plane, 1).packets, 15);
	assert_int_equal(plane_counter(&plane, 2).packets, 15);
}

static void value_add(uint32_t set, unsigned int bits, const char *bytes)
{
	struct zf_value key = { .prefixlen = 32 + bits, .set = set };
	uint32_t one = 1;

	memcpy(key.bytes, bytes, (bits + 7) / 8);
	plane_set(&plane, MAP_VALUES, &key, &one);
}

static void test_sets(void **state)
{
	(void)state;
	OPS({ .kind = ZF_OP_COMPARE,
	      .flags = ZF_OP_IN_SET,
	      .number = 7,
	      .base = ZF_LINK,
	      .at = 6,
	      .len = 6,
	      .mask = all });
	drops_if();
	PASSES(V4, TCP(1));
	value_add(8, 48, "\2\0\0\0\0\2"); /* of another set, and of another address */
	value_add(7, 48, "\2\0\0\0\0\3");
	PASSES(V4, TCP(1));
	value_add(7, 24, "\2\0\0");
	DROPPED(V4, TCP(1));
	OPS({ .kind = ZF_OP_COMPARE,
	      .flags = ZF_OP_IN_SET,
	      .number = 9,
	      .base = ZF_NETWORK,
	      .at = 24,
	      .len = 16,
	      .mask = all });
	value_add(9, 128, "\x20\x01\x0d\xb8\0\1\0\0\0\0\0\0\0\0\0\7");
	DROPPED(V6, TCP(1));
	PASSES(.version = 6, .src = "2001:db8::1", .dst = "2001:db8:1::8", TCP(1));
}

/* ---- facts ---- */

static void test_facts(void **state)
{
	(void)state;
	OPS(META(ZF_META_LENGTH, 4, 40));
	drops_if();
	DROPPED(V4, TCP(1));
	PASSES(V4, TCP(1), .payload_len = 1);
	OPS(META(ZF_META_PROTOCOL, 2, 0x86dd));
	DROPPED(V6, TCP(1));
	DROPPED(V6, TCP(1), .tags = { 0x8100, 0x8100 });
	PASSES(V4, TCP(1));
	OPS(META(ZF_META_NFPROTO, 1, 2));
	DROPPED(V4, TCP(1));
	PASSES(V6, TCP(1));
	OPS(META(ZF_META_L4PROTO, 1, 17));
	DROPPED(V4, UDP(1));
	DROPPED(V6, UDP(1), .extensions = (const uint8_t[]){ 60 }, .n_extensions = 1);
	PASSES(V4, TCP(1));
	OPS(META(ZF_META_IIF, 4, ifindex));
	DROPPED(V4, TCP(1));
	OPS(META(ZF_META_OIF, 4, ifindex));
	PASSES(V4, TCP(1));
	OPS(COMPARE(ZF_META, ZF_META_CPU, 4, UINT64_MAX, { 0, 0 }, { 0, 100000 }));
	DROPPED(V4, TCP(1));
	OPS(META(ZF_META_SOCKET_MARK, 4, 0));
	PASSES(V4, TCP(1)); /* there is no socket */
}

static int send_marked(uint32_t *mark, uint32_t *priority)
{
	struct packet_spec s = { V4, TCP(1) };
	struct frame f;

	frame_make(&f, &s);
	return plane_run_marked(plane.entry, &f, ifindex, mark, priority, NULL);
}

static void test_marks(void **state)
{
	uint32_t mark = 0x1234, priority = 0x10001;

	(void)state;
	OPS(COMPARE(ZF_META, ZF_META_MARK, 4, 0xff00, { 0, 0x1200 }, { 0, 0x1200 }), META(ZF_META_PRIORITY, 4, 0x10001),
	    { .kind = ZF_OP_SET_MARK, .set = { 0xff00, 0x56 } }, { .kind = ZF_OP_SET_PRIORITY, .set = { 0, 7 } });
	drops_if();
	plane_set(&plane, MAP_RULE, &(uint32_t){ 1 },
		  &(struct zf_rule){ .label = 10, ACCEPTS, HAS_OPS, .otherwise = 20 });
	assert_int_equal(send_marked(&mark, &priority), PASS);
	assert_int_equal(mark, 0x1256);
	assert_int_equal(priority, 7);
	mark = 0x1334;
	assert_int_equal(send_marked(&mark, &priority), PASS);
	assert_int_equal(mark, 0x1334);
	assert_int_equal(priority, 7);
}

static void local_add(const char *addr, int family, uint32_t index, uint32_t type)
{
	struct zf_local key = { .ifindex = index, .family = family == AF_INET ? ZF_IPV4 : ZF_IPV6 };

	inet_pton(family, addr, key.addr);
	plane_set(&plane, MAP_LOCAL, &key, &type);
}

static int is_type(uint32_t what, uint32_t type, const char *src, const char *dst)
{
	OPS(META(what, 4, type));
	return SENT(.version = strchr(dst, ':') ? 6 : 4, .src = src, .dst = dst, TCP(1)) == DROP;
}

static void test_kinds_of_address(void **state)
{
	(void)state;
	OPS(META(ZF_META_FIB_DADDR, 4, 0));
	drops_if();
	local_add("10.0.0.1", AF_INET, 0, RTN_LOCAL);
	local_add("10.0.0.255", AF_INET, 0, RTN_BROADCAST);
	local_add("10.0.0.1", AF_INET, ifindex + 1, RTN_LOCAL);
	local_add("fd00::1", AF_INET6, 0, RTN_LOCAL);
	local_add("fd00::1", AF_INET6, ifindex, RTN_LOCAL);
	assert_true(is_type(ZF_META_FIB_DADDR, RTN_LOCAL, "10.9.9.9", "10.0.0.1"));
	assert_true(is_type(ZF_META_FIB_SADDR, RTN_LOCAL, "10.0.0.1", "10.9.9.9"));
	assert_false(is_type(ZF_META_FIB_DADDR_IIF, RTN_LOCAL, "10.9.9.9", "10.0.0.1"));
	assert_true(is_type(ZF_META_FIB_DADDR_IIF, RTN_UNICAST, "10.9.9.9", "10.0.0.1"));
	assert_true(is_type(ZF_META_FIB_DADDR, RTN_BROADCAST, "10.9.9.9", "10.0.0.255"));
	assert_true(is_type(ZF_META_FIB_DADDR, RTN_BROADCAST, "10.9.9.9", "255.255.255.255"));
	assert_true(is_type(ZF_META_FIB_SADDR, RTN_BROADCAST, "0.0.0.0", "255.255.255.255"));
	assert_true(is_type(ZF_META_FIB_DADDR, RTN_MULTICAST, "10.9.9.9", "224.0.0.1"));
	assert_true(is_type(ZF_META_FIB_DADDR, RTN_UNICAST, "10.9.9.9", "10.0.0.2"));
	assert_true(is_type(ZF_META_FIB_SADDR, RTN_LOCAL, "127.0.0.9", "10.0.0.2"));
	assert_true(is_type(ZF_META_FIB_DADDR, RTN_LOCAL, "fd00::9", "fd00::1"));
	assert_true(is_type(ZF_META_FIB_SADDR_IIF, RTN_LOCAL, "fd00::1", "fd00::9"));
	assert_true(is_type(ZF_META_FIB_DADDR, RTN_MULTICAST, "fd00::9", "ff02::1"));
	assert_true(is_type(ZF_META_FIB_DADDR, RTN_LOCAL, "fd00::9", "::1"));
	assert_true(is_type(ZF_META_FIB_DADDR, RTN_UNICAST, "fd00::9", "fd00::2"));
}

/* ---- flows ---- */

static int has_state(uint8_t states, struct packet_spec s)
{
	OPS({ .kind = ZF_OP_CT, .states = states });
	return send_packet(s) == DROP;
}
#define STATE_OF(...) state_of((struct packet_spec){ __VA_ARGS__ })

/* The one state that a packet has; 0: none. */
static uint8_t state_of(struct packet_spec s)
{
	static const uint8_t states[] = { ZF_CT_INVALID, ZF_CT_ESTABLISHED, ZF_CT_RELATED, ZF_CT_NEW, ZF_CT_UNTRACKED };
	uint8_t found = 0;

	for (size_t i = 0; i < sizeof(states); i++)
		if (has_state(states[i], s)) {
			assert_int_equal(found, 0);
			found = states[i];
		}
	return found;
}

static void test_states(void **state)
{
	static const uint8_t begins[] = { 0x02, 0x10, 0x18, 0xc2, 0x22 },
			     cannot[] = { 0x00, 0x01, 0x03, 0x04, 0x11, 0x12, 0x14, 0x29, 0x06 };

	(void)state;
	OPS({ .kind = ZF_OP_CT, .states = ZF_CT_NEW });
	drops_if();
	for (size_t i = 0; i < sizeof(begins); i++)
		assert_int_equal(STATE_OF(V4, TCP(1), .tcp_flags = begins[i]), ZF_CT_NEW);
	for (size_t i = 0; i < sizeof(cannot); i++)
		assert_int_equal(STATE_OF(V4, TCP(1), .tcp_flags = cannot[i]), ZF_CT_INVALID);
	assert_int_equal(STATE_OF(V6, UDP(1)), ZF_CT_NEW);
	assert_int_equal(STATE_OF(V4, .proto = 47, .payload_len = 8), ZF_CT_NEW);
	assert_int_equal(STATE_OF(V4, .proto = IPPROTO_ICMP, .type = 8), ZF_CT_NEW);
	assert_int_equal(STATE_OF(V4, .proto = IPPROTO_ICMP, .type = 13), ZF_CT_NEW);
	assert_int_equal(STATE_OF(V4, .proto = IPPROTO_ICMP, .type = 0), ZF_CT_INVALID);
	assert_int_equal(STATE_OF(V4, .proto = IPPROTO_ICMP, .type = 9), ZF_CT_INVALID);
	assert_int_equal(STATE_OF(V4, .proto = IPPROTO_ICMP, .type = 3, .payload_len = 28), ZF_CT_INVALID);
	assert_int_equal(STATE_OF(V6, .proto = IPPROTO_ICMPV6, .type = 128), ZF_CT_NEW);
	assert_int_equal(STATE_OF(V6, .proto = IPPROTO_ICMPV6, .type = 129), ZF_CT_INVALID);
	assert_int_equal(STATE_OF(V6, .proto = IPPROTO_ICMPV6, .type = 135), ZF_CT_UNTRACKED);
	assert_int_equal(STATE_OF(V6, .proto = IPPROTO_ICMPV6, .type = 143), ZF_CT_UNTRACKED);
	assert_int_equal(STATE_OF(V6, .proto = IPPROTO_ICMPV6, .type = 137), ZF_CT_INVALID);
	assert_int_equal(STATE_OF(V4, .proto = IPPROTO_UDP, .fragment_offset = 64, .payload_len = 64), 0);
	assert_int_equal(STATE_OF(V4, UDP(1), .more_fragments = 1, .payload_len = 64), ZF_CT_NEW);
}

static void test_states_of_a_flow(void **state)
{
	struct packet_spec in = { V4, .proto = IPPROTO_UDP, .sport = 5000, .dport = 53 };
	struct packet_spec out = {
		.version = 4, .src = "198.51.100.7", .dst = "192.0.2.1", .proto = IPPROTO_UDP, .sport = 53, .dport = 5000
	};

	(void)state;
	hand.config.flags[ZF_IPV4] |= ZF_USES_CT;
	OPS({ .kind = ZF_OP_CT, .states = ZF_CT_INVALID });
	drops_if();
	assert_int_equal(send_packet(in), PASS); /* and is recorded */
	assert_int_equal(state_of(in), ZF_CT_NEW);
	assert_int_equal(send_out(out), PASS);
	assert_int_equal(state_of(in), ZF_CT_ESTABLISHED);
	in.sport = 5001;
	assert_int_equal(state_of(in), ZF_CT_NEW);
}

/* ---- tokens ---- */

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static unsigned int dropped_of(unsigned int n)
{
	unsigned int dropped = 0;

	for (unsigned int i = 0; i < n; i++)
		dropped += SENT(V4, TCP(1)) == DROP;
	return dropped;
}

/* So many packets an hour: none is gained while the test runs. */
static void test_limit(void **state)
{
	struct zf_limit l = { 0 };
	uint32_t three = 3;

	(void)state;
	OPS({ .kind = ZF_OP_LIMIT,
	      .number = 3,
	      .limit = { .most = 5 * 36000000000, .nsecs = 3600000000000, .rate = 100 } });
	drops_if();
	assert_int_equal(dropped_of(20), 5);
	/* What the bucket holds is the time since it would have been empty. */
	assert_int_equal(bpf_map_lookup_elem(plane.maps[MAP_LIMIT], &three, &l), 0);
	assert_true(clock_ns(CLOCK_MONOTONIC) - l.empty < 36000000000);
	l.empty -= 2 * 36000000000;
	plane_set(&plane, MAP_LIMIT, &three, &l);
	assert_int_equal(dropped_of(20), 2);
	l.empty = clock_ns(CLOCK_MONOTONIC) - 1000ull * 36000000000; /* more than it holds */
	plane_set(&plane, MAP_LIMIT, &three, &l);
	assert_int_equal(dropped_of(20), 5);
}

static void test_limit_over(void **state)
{
	(void)state;
	OPS({ .kind = ZF_OP_LIMIT,
	      .flags = ZF_OP_OVER,
	      .number = 3,
	      .limit = { .most = 5 * 36000000000, .nsecs = 3600000000000, .rate = 100 } });
	drops_if();
	assert_int_equal(dropped_of(20), 15);
}

/* 1000 bytes an hour and as many at once: packets of 40 bytes. */
static void test_limit_of_bytes(void **state)
{
	(void)state;
	OPS({ .kind = ZF_OP_LIMIT,
	      .flags = ZF_OP_BYTES,
	      .number = 3,
	      .limit = { .most = 3600000000000, .nsecs = 3600000000000, .rate = 1000 } });
	drops_if();
	assert_int_equal(dropped_of(40), 25);
}

static void test_limit_fills_with_time(void **state)
{
	(void)state;
	OPS({ .kind = ZF_OP_LIMIT, .number = 3, .limit = { .most = 1000000000, .nsecs = 1000000000, .rate = 1 } });
	drops_if();
	assert_int_equal(dropped_of(3), 1);
	usleep(1100000);
	assert_int_equal(dropped_of(3), 1);
}

static void test_alive(void **state)
{
	struct zf_timer t = { .end = clock_ns(CLOCK_BOOTTIME) + 3600000000000 };
	uint32_t four = 4;

	(void)state;
	OPS({ .kind = ZF_OP_ALIVE, .number = 4 });
	drops_if();
	PASSES(V4, TCP(1));
	plane_set(&plane, MAP_TIMER, &four, &t);
	DROPPED(V4, TCP(1));
	t.end = clock_ns(CLOCK_BOOTTIME);
	plane_set(&plane, MAP_TIMER, &four, &t);
	PASSES(V4, TCP(1));
}

/* ---- effects ---- */

/* What stands before a condition takes place whether it holds or not. */
static void test_effects_come_in_order(void **state)
{
	uint32_t mark = 0, priority = 0;

	(void)state;
	OPS({ .kind = ZF_OP_COUNT, .number = 2 }, { .kind = ZF_OP_SET_MARK, .set = { 0, 5 } }, META(ZF_META_MARK, 4, 6),
	    { .kind = ZF_OP_COUNT, .number = 3 }, { .kind = ZF_OP_SET_MARK, .set = { 0, 7 } });
	drops_if();
	assert_int_equal(send_marked(&mark, &priority), PASS);
	assert_int_equal(mark, 5);
	assert_int_equal(plane_counter(&plane, 2).packets, 1);
	assert_int_equal(plane_counter(&plane, 3).packets, 0);
	assert_int_equal(plane_counter(&plane, 1).packets, 0);
	OPS({ .kind = ZF_OP_SET_MARK, .set = { 0, 6 } }, META(ZF_META_MARK, 4, 6),
	    { .kind = ZF_OP_COUNT, .number = 3 });
	assert_int_equal(send_marked(&mark, &priority), DROP);
	assert_int_equal(mark, 6);
	assert_int_equal(plane_counter(&plane, 3).packets, 1);
	assert_int_equal(plane_counter(&plane, 1).packets, 1);
}

struct heard {
	struct zf_event last;
	unsigned int n;
};

static int hear(void *ctx, void *data, size_t size)
{
	struct heard *h = ctx;

	assert_int_equal(size, sizeof(h->last));
	memcpy(&h->last, data, size);
	h->n++;
	return 0;
}

static void test_log(void **state)
{
	struct packet_spec s = { V4, UDP(53), .payload_len = 400 };
	struct heard h = { .n = 0 };
	struct ring_buffer *ring;
	struct frame f;
	uint32_t mark = 9, priority = 0;

	(void)state;
	OPS({ .kind = ZF_OP_LOG, .identity = 77 });
	drops_if();
	plane_set(&plane, MAP_RULE, &(uint32_t){ 1 }, &(struct zf_rule){ .label = 10, .identity = 5, DROPS, HAS_OPS });
	ring = ring_buffer__new(plane.maps[MAP_LOG], hear, &h, NULL);
	assert_non_null(ring);
	frame_make(&f, &s);
	assert_int_equal(plane_run_marked(plane.entry, &f, ifindex, &mark, &priority, NULL), DROP);
	ring_buffer__consume(ring);
	assert_int_equal(h.n, 1);
	assert_int_equal(h.last.identity, 77);
	assert_int_equal(h.last.rule, 5);
	assert_int_equal(h.last.ifindex, ifindex);
	assert_int_equal(h.last.mark, 9);
	assert_int_equal(h.last.len, f.len);
	assert_int_equal(h.last.network, 14);
	assert_int_equal(h.last.protocol, 0x0800);
	assert_int_equal(h.last.flags, 0);
	assert_int_equal(h.last.captured, ZF_EVENT_BYTES);
	assert_memory_equal(h.last.bytes, f.data, ZF_EVENT_BYTES);
	assert_true(clock_ns(CLOCK_BOOTTIME) - h.last.time < 5000000000);
	OPS({ .kind = ZF_OP_LOG, .number = 20 });
	assert_int_equal(send_frame(&f), DROP);
	ring_buffer__consume(ring);
	assert_int_equal(h.n, 2);
	assert_int_equal(h.last.captured, 20);
	ring_buffer__free(ring);
}

/* With no reader the ring is full soon, and everything else goes on. */
static void test_log_that_nobody_reads(void **state)
{
	struct zf_limit l;
	uint32_t zero = 0;

	(void)state;
	OPS({ .kind = ZF_OP_LOG });
	drops_if();
	assert_int_equal(dropped_of(100), 100);
	assert_int_equal(bpf_map_lookup_elem(plane.maps[MAP_LIMIT], &zero, &l), 0);
	assert_int_equal(l.lost, 100 - 4096 / (sizeof(struct zf_event) + 8));
}

/* ---- egress ---- */

static void test_rules_for_what_leaves(void **state)
{
	struct packet_spec s = { V4, TCP(80) };

	(void)state;
	OPS(META(ZF_META_OIF, 4, ifindex), META(ZF_META_IIF, 4, 0), META(ZF_META_LENGTH, 4, 54),
	    COMPARE(ZF_LINK, 12, 2, UINT64_MAX, { 0, 0x0800 }, { 0, 0x0800 }),
	    COMPARE(ZF_NETWORK, 0, 1, 0xf0, { 0, 0x40 }, { 0, 0x40 }),
	    COMPARE(ZF_TRANSPORT, 2, 2, UINT64_MAX, { 0, 80 }, { 0, 80 }));
	hand_add(&hand, &(struct hand_rule){ .interfaces = 1, .rule = { .label = 10, DROPS, HAS_OPS, .counter = 1 } });
	RULE_(20, DROPS, .interfaces = 1, .dport = 81, .flags = ZF_NEED_L4);
	begin();
	assert_int_equal(send_out(s), PASS);
	interface_set(ifindex | ZF_EGRESS, (struct zf_interface){ .sets = { 2 } });
	assert_int_equal(send_packet(s), PASS);
	assert_int_equal(send_out(s), DROP);
	assert_int_equal(plane_counter(&plane, 1).bytes, 54);
	s.dport = 81;
	assert_int_equal(send_out(s), DROP);
	s.dport = 82;
	assert_int_equal(send_out(s), PASS);
	s.version = 6;
	s.src = "2001:db8::1";
	s.dst = "2001:db8::2";
	s.dport = 81;
	assert_int_equal(send_out(s), DROP);
	s.tags[0] = 0x8100;
	assert_int_equal(send_packet(s), PASS);
}

static void test_ports_of_other_protocols(void **state)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_DCCP, IPPROTO_UDPLITE };

	(void)state;
	RULE_(10, DROPS, .dport = 80, .sport = 1000, .sport_hi = 2000, .flags = ZF_NEED_L4);
	begin();
	for (size_t i = 0; i < sizeof(protos); i++) {
		DROPPED(V4, .proto = protos[i], .sport = 1500, .dport = 80);
		DROPPED(V6, .proto = protos[i], .sport = 1500, .dport = 80);
		PASSES(V4, .proto = protos[i], .sport = 1500, .dport = 81);
		PASSES(V4, .proto = protos[i], .sport = 2001, .dport = 80);
		PASSES(V4, .proto = protos[i], .fragment_offset = 8, .payload_len = 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bytes_of_the_network_header),
		TEST(test_an_address_by_its_last_bits),
		TEST(test_tcp_flags),
		TEST(test_nothing_behind_the_end),
		TEST(test_link_header),
		TEST(test_several_ranges),
		TEST(test_sets),
		TEST(test_facts),
		TEST(test_marks),
		TEST(test_kinds_of_address),
		TEST(test_states),
		TEST(test_states_of_a_flow),
		TEST(test_limit),
		TEST(test_limit_over),
		TEST(test_limit_of_bytes),
		TEST(test_limit_fills_with_time),
		TEST(test_alive),
		TEST(test_effects_come_in_order),
		TEST(test_log),
		TEST(test_log_that_nobody_reads),
		TEST(test_rules_for_what_leaves),
		TEST(test_ports_of_other_protocols),
	};
	const char *obstacle = plane_obstacle();

	if (obstacle) {
		printf("1..0 # skip %s\n", obstacle);
		return 0;
	}
	return cmocka_run_group_tests_name("plane_ops", tests, case_setup_group, NULL);
}
