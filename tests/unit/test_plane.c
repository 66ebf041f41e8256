// SPDX-License-Identifier: GPL-2.0-only
/* The program itself, on images made by hand: what the headers of a packet are
 * taken for, and what a rule does that was found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <cmocka.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <tests/unit/frames.h>
#include <tests/unit/plane_harness.h>

static struct plane plane;
static struct hand hand;
static uint32_t ifindex;

/* Rules as the tests say them: label, what it matches, what happens. */
#define DROPS		    .verdict = ZF_DROP
#define RESUMES(at)	    .verdict = ZF_RESUME, .resume = (at)
#define ACCEPTS		    RESUMES(ZF_LABEL_NONE)
#define RULE_(n, then, ...) hand_add(&hand, &(struct hand_rule){ .rule = { .label = (n), then }, __VA_ARGS__ })

static void interface_set(uint32_t index, struct zf_interface i)
{
	plane_set(&plane, MAP_INTERFACE, &index, &i);
}

static int setup_group(void **state)
{
	(void)state;
	plane_namespace();
	assert_int_equal(plane_command(
				 "ip link add d0 type veth peer name d1 && ip link set d0 up && ip link set d1 up"),
			 0);
	ifindex = if_nametoindex("d0");
	return 0;
}

static int setup(void **state)
{
	(void)state;
	memset(&hand, 0, sizeof(hand));
	plane_load(&plane, NULL);
	interface_set(ifindex, (struct zf_interface){ .sets = { 1 } });
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	plane_free(&plane);
	return 0;
}

static void begin(void)
{
	hand_write(&hand, &plane);
}

static int send_frame(const struct frame *f)
{
	return plane_run(plane.entry, f, ifindex);
}

static int send_packet(struct packet_spec s)
{
	struct frame f;

	frame_make(&f, &s);
	return send_frame(&f);
}

static int send_out(struct packet_spec s)
{
	struct frame f;

	frame_make(&f, &s);
	return plane_run(plane.egress, &f, ifindex);
}

#define SENT(...)    send_packet((struct packet_spec){ __VA_ARGS__ })
#define PASSES(...)  assert_int_equal(SENT(__VA_ARGS__), PASS)
#define DROPPED(...) assert_int_equal(SENT(__VA_ARGS__), DROP)
#define V4	     .version = 4, .src = "192.0.2.1", .dst = "198.51.100.7"
#define V6	     .version = 6, .src = "2001:db8::1", .dst = "2001:db8:1::7"
#define TCP(port)    .proto = IPPROTO_TCP, .sport = 40000, .dport = (port)
#define UDP(port)    .proto = IPPROTO_UDP, .sport = 40000, .dport = (port)

/* ---- which packets are looked at ---- */

static void test_no_rule_accepts(void **state)
{
	(void)state;
	begin();
	PASSES(V4, TCP(80));
	PASSES(V6, UDP(53));
}

static void test_foreign_interface_passes(void **state)
{
	struct packet_spec s = { V4, TCP(80) };
	struct frame f;

	(void)state;
	RULE_(10, DROPS);
	begin();
	frame_make(&f, &s);
	assert_int_equal(plane_run(plane.entry, &f, ifindex), DROP);
	assert_int_equal(plane_run(plane.entry, &f, if_nametoindex("d1")), PASS);
}

static void test_empty_slot_drops(void **state)
{
	uint32_t zero = 0;

	(void)state;
	begin();
	PASSES(V4, TCP(80));
	assert_int_equal(bpf_map_delete_elem(plane.jump, &zero), 0);
	DROPPED(V4, TCP(80));
}

static void test_arp_passes(void **state)
{
	struct frame f = { .len = 60 };

	(void)state;
	RULE_(10, DROPS);
	RULE_(20, DROPS, .version = HAND_OTHER);
	begin();
	memcpy(f.data + 12, "\x08\x06", 2);
	assert_int_equal(send_frame(&f), PASS);
	memcpy(f.data + 12, "\x81\x00\0\1\x08\x06", 6);
	assert_int_equal(send_frame(&f), PASS);
	memcpy(f.data + 12, "\x88\xcc", 2);
	assert_int_equal(send_frame(&f), DROP);
}

static void test_other_frames_have_a_list(void **state)
{
	struct frame f = { .len = 60 };

	(void)state;
	RULE_(10, RESUMES(30), .version = HAND_OTHER, .rule.counter = 1);
	RULE_(20, DROPS, .version = HAND_OTHER, .interfaces = 0);
	RULE_(30, RESUMES(31), .version = HAND_OTHER, .rule.counter = 2);
	RULE_(40, DROPS, .version = HAND_OTHER, .interfaces = 5);
	begin();
	memcpy(f.data + 12, "\x88\xcc", 2);
	assert_int_equal(send_frame(&f), PASS);
	assert_int_equal(plane_counter(&plane, 1).packets, 1);
	assert_int_equal(plane_counter(&plane, 2).packets, 1);
	memcpy(f.data + 12, "\x01\x00", 2); /* a length: 802.3 */
	assert_int_equal(send_frame(&f), PASS);
	assert_int_equal(plane_counter(&plane, 2).packets, 2);
}

static void test_vlan_tags_are_seen_through(void **state)
{
	(void)state;
	RULE_(10, DROPS, .proto = IPPROTO_TCP, .dport = 80, .flags = ZF_NEED_L4);
	RULE_(20, DROPS, .version = HAND_OTHER);
	begin();
	DROPPED(V4, TCP(80), .tags = { 0x8100 });
	DROPPED(V6, TCP(80), .tags = { 0x8100 });
	DROPPED(V4, TCP(80), .tags = { 0x88a8, 0x8100 });
	DROPPED(V6, TCP(80), .tags = { 0x8100, 0x8100 });
	PASSES(V4, TCP(81), .tags = { 0x88a8, 0x8100 });
	DROPPED(V4, TCP(81), .tags = { 0x88a8, 0x8100, 0x8100 }); /* neither IP nor ARP */
}

static void test_no_ethernet(void **state)
{
	(void)state;
	interface_set(ifindex, (struct zf_interface){ .sets = { 1 }, .flags = ZF_NO_ETHERNET });
	RULE_(10, DROPS, .proto = IPPROTO_UDP, .dport = 53, .flags = ZF_NEED_L4, .rule.counter = 1);
	begin();
	/* TEST_RUN takes bytes 12 and 13 for the type of the frame: there lies a source address of 8.0/16 or x:x:86dd::. */
	DROPPED(.no_ethernet = 1, .version = 4, .src = "8.0.0.1", .dst = "198.51.100.7", UDP(53), .payload_len = 40);
	PASSES(.no_ethernet = 1, .version = 4, .src = "8.0.0.1", .dst = "198.51.100.7", UDP(54), .payload_len = 40);
	DROPPED(.no_ethernet = 1, .version = 6, .src = "2001:db8:86dd::1", .dst = "2001:db8::2", UDP(53),
		.payload_len = 40);
	assert_int_equal(plane_counter(&plane, 1).bytes, 68 + 88);
}

/* ---- IPv4 ---- */

static void test_ipv4_options(void **state)
{
	(void)state;
	RULE_(10, DROPS, .version = 4, .proto = IPPROTO_TCP, .dport = 80, .flags = ZF_NEED_L4);
	begin();
	for (unsigned int words = 0; words <= 10; words++) {
		DROPPED(V4, TCP(80), .options = words);
		PASSES(V4, TCP(81), .options = words);
	}
}

/* Malformed: a rule that looks at the packet doesn't match, the list for such packets does. */
static void malformed(size_t at, uint8_t value, int is_bad)
{
	struct packet_spec s = { V4, TCP(80) };
	struct frame f;
	struct zf_counter before = plane_counter(&plane, 1);

	frame_make(&f, &s);
	f.data[14 + at] = value;
	assert_int_equal(send_frame(&f), is_bad ? PASS : DROP);
	assert_int_equal(plane_counter(&plane, 1).packets - before.packets, is_bad);
}

static void test_ipv4_malformed(void **state)
{
	struct frame f = { .len = 37 };

	(void)state;
	RULE_(10, DROPS, .version = 4);
	RULE_(20, ACCEPTS, .version = HAND_BAD4, .rule.counter = 1);
	RULE_(30, DROPS, .version = HAND_BAD6);
	begin();
	malformed(0, 0x45, 0);
	malformed(0, 0x55, 1); /* version */
	malformed(0, 0x44, 1); /* header of 16 bytes */
	malformed(0, 0x4b, 1); /* header of 44 bytes, packet of 40 */
	malformed(3, 19, 1);   /* packet shorter than its header */
	malformed(3, 41, 1);   /* longer than the frame */
	malformed(3, 39, 0);   /* shorter: padding follows */
	memcpy(f.data + 12, "\x81\x00\x00\x01\x08\x00\x45", 7);
	assert_int_equal(send_frame(&f), PASS); /* header cut off; without the tag TEST_RUN refuses such a frame */
	assert_int_equal(plane_counter(&plane, 1).packets, 6);
}

static void test_ipv4_fragments(void **state)
{
	(void)state;
	RULE_(10, DROPS, .version = 4, .proto = IPPROTO_UDP, .dport = 53, .flags = ZF_NEED_L4);
	RULE_(20, ACCEPTS, .version = 4, .proto = IPPROTO_UDP, .flags = ZF_NEED_L4, .rule.counter = 1);
	RULE_(30, ACCEPTS, .version = 4, .proto = IPPROTO_UDP, .rule.counter = 2);
	RULE_(40, DROPS);
	begin();
	DROPPED(V4, UDP(53), .more_fragments = 1);
	PASSES(V4, UDP(54), .more_fragments = 1);
	assert_int_equal(plane_counter(&plane, 1).packets, 1);
	PASSES(V4, UDP(53), .fragment_offset = 8, .more_fragments = 1, .payload = "\0\65\0\65\0\65\0\65",
	       .payload_len = 8);
	PASSES(V4, UDP(53), .fragment_offset = 16, .payload_len = 8);
	assert_int_equal(plane_counter(&plane, 2).packets, 2);
	DROPPED(V4, TCP(53), .fragment_offset = 16, .payload_len = 8);
}

static void test_port_zero_range_needs_header(void **state)
{
	(void)state;
	RULE_(10, DROPS, .proto = IPPROTO_UDP, .sport = 0, .flags = ZF_NEED_L4); /* any port, but ports */
	begin();
	DROPPED(V4, UDP(9));
	PASSES(V4, UDP(9), .fragment_offset = 64, .payload_len = 8);
	DROPPED(V6, UDP(9));
	PASSES(V6, UDP(9), .fragment_offset = 64, .payload_len = 8);
}

/* Ports count when they lie inside the packet; what pads the frame isn't it. */
static void test_truncated_transport(void **state)
{
	struct packet_spec s4 = { V4, UDP(53) }, s6 = { V6, UDP(53) };
	struct frame f;

	(void)state;
	RULE_(10, DROPS, .proto = IPPROTO_UDP, .dport = 53, .flags = ZF_NEED_L4);
	RULE_(20, ACCEPTS, .proto = IPPROTO_UDP, .rule.counter = 1);
	RULE_(30, DROPS);
	begin();
	for (int bytes = 0; bytes <= 8; bytes++) {
		frame_make(&f, &s4);
		f.data[14 + 3] = (uint8_t)(20 + bytes);
		assert_int_equal(send_frame(&f), bytes < 4 ? PASS : DROP);
		frame_make(&f, &s6);
		f.data[14 + 5] = (uint8_t)bytes;
		assert_int_equal(send_frame(&f), bytes < 4 ? PASS : DROP);
	}
	assert_int_equal(plane_counter(&plane, 1).packets, 8);
}

/* ---- IPv6 ---- */

static void test_ipv6_extensions(void **state)
{
	static const uint8_t some[] = { 0, 60, 43, 60, 51 };
	static const uint8_t many[] = { 0, 60, 60, 60, 60, 60, 60, 60, 60 };

	(void)state;
	RULE_(10, DROPS, .version = 6, .proto = IPPROTO_TCP, .dport = 80, .flags = ZF_NEED_L4);
	RULE_(20, ACCEPTS, .version = 6, .proto = IPPROTO_TCP, .rule.counter = 1);
	RULE_(30, ACCEPTS, .version = HAND_BAD6, .rule.counter = 2);
	RULE_(40, DROPS);
	begin();
	for (size_t n = 0; n <= sizeof(some); n++) {
		DROPPED(V6, TCP(80), .extensions = some, .n_extensions = n);
		PASSES(V6, TCP(81), .extensions = some, .n_extensions = n);
	}
	DROPPED(V6, TCP(80), .extensions = many, .n_extensions = 8);
	assert_int_equal(plane_counter(&plane, 2).packets, 0);
	PASSES(V6, TCP(80), .extensions = many, .n_extensions = 9); /* too long to walk */
	assert_int_equal(plane_counter(&plane, 2).packets, 1);
}

static void test_ipv6_fragments(void **state)
{
	static const uint8_t some[] = { 60 };

	(void)state;
	RULE_(10, DROPS, .version = 6, .proto = IPPROTO_UDP, .dport = 53, .flags = ZF_NEED_L4);
	RULE_(20, ACCEPTS, .version = 6, .proto = IPPROTO_UDP, .rule.counter = 1);
	RULE_(30, DROPS);
	begin();
	DROPPED(V6, UDP(53), .more_fragments = 1);
	DROPPED(V6, UDP(53), .more_fragments = 1, .extensions = some, .n_extensions = 1);
	PASSES(V6, UDP(54), .more_fragments = 1);
	PASSES(V6, UDP(53), .fragment_offset = 1232, .payload_len = 64);
	PASSES(V6, UDP(53), .fragment_offset = 8, .payload_len = 64, .extensions = some, .n_extensions = 1);
	DROPPED(V6, TCP(53), .fragment_offset = 1232, .payload_len = 64);
	assert_int_equal(plane_counter(&plane, 1).packets, 3);
}

static void test_ipv6_malformed(void **state)
{
	static const uint8_t some[] = { 60 };
	struct packet_spec s = { V6, TCP(80), .extensions = some, .n_extensions = 1 };
	struct frame f;

	(void)state;
	RULE_(10, DROPS, .version = 6);
	RULE_(20, DROPS, .version = HAND_BAD4);
	RULE_(30, ACCEPTS, .version = HAND_BAD6, .rule.counter = 1);
	begin();
	frame_make(&f, &s);
	assert_int_equal(send_frame(&f), DROP);
	f.data[14] = 0x50; /* version */
	assert_int_equal(send_frame(&f), PASS);
	frame_make(&f, &s);
	f.data[14 + 5]++; /* longer than the frame */
	assert_int_equal(send_frame(&f), PASS);
	frame_make(&f, &s);
	f.data[14 + 41] = 4; /* an extension header that reaches behind the end */
	assert_int_equal(send_frame(&f), PASS);
	frame_make(&f, &s);
	f.data[14 + 5] = 7; /* one that isn't wholly inside the packet */
	assert_int_equal(send_frame(&f), PASS);
	s.tags[0] = 0x8100;
	frame_make(&f, &s);
	f.len = 18 + 39;
	assert_int_equal(send_frame(&f), PASS);
	assert_int_equal(plane_counter(&plane, 1).packets, 5);
}

static void test_neighbour_discovery_is_spared(void **state)
{
	(void)state;
	RULE_(10, DROPS, .rule.flags = ZF_SPARES_ND);
	RULE_(20, RESUMES(21), .version = 6, .rule.counter = 1);
	begin();
	for (uint8_t type = 133; type <= 137; type++) {
		PASSES(V6, .proto = IPPROTO_ICMPV6, .type = type, .hop_limit = 255);
		DROPPED(V6, .proto = IPPROTO_ICMPV6, .type = type, .hop_limit = 254);
		DROPPED(V6, .proto = IPPROTO_ICMPV6, .type = type, .code = 1, .hop_limit = 255);
	}
	assert_int_equal(plane_counter(&plane, 1).packets, 5);
	DROPPED(V6, .proto = IPPROTO_ICMPV6, .type = 132, .hop_limit = 255);
	DROPPED(V6, .proto = IPPROTO_ICMPV6, .type = 138, .hop_limit = 255);
	DROPPED(V4, .proto = IPPROTO_ICMPV6, .type = 135, .hop_limit = 255);
	DROPPED(V6, UDP(135 << 8), .hop_limit = 255);
}

static void test_named_neighbour_discovery_is_dropped(void **state)
{
	(void)state;
	RULE_(10, DROPS, .version = 6, .proto = IPPROTO_ICMPV6, .dport = 135 << 8, .dport_hi = (135 << 8) + 255,
	      .flags = ZF_NEED_L4);
	begin();
	DROPPED(V6, .proto = IPPROTO_ICMPV6, .type = 135, .hop_limit = 255);
	PASSES(V6, .proto = IPPROTO_ICMPV6, .type = 136, .hop_limit = 255);
}

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
	uint32_t one = 1;

	(void)state;
	RULE_(10, ACCEPTS, .proto = IPPROTO_TCP, .dport = 22, .flags = ZF_NEED_L4, .rule.flags = ZF_LOCAL_ADDRESS,
	      .rule.otherwise = 50, .rule.counter = 1);
	RULE_(20, ACCEPTS);
	RULE_(50, DROPS);
	begin();
	DROPPED(V4, TCP(22));
	DROPPED(V6, TCP(22));
	inet_pton(AF_INET, "198.51.100.7", k.addr);
	plane_set(&plane, MAP_LOCAL, &k, &one);
	PASSES(V4, TCP(22));
	DROPPED(V6, TCP(22));
	memset(k.addr, 0, 16);
	inet_pton(AF_INET6, "2001:db8:1::7", k.addr);
	k.family = ZF_IPV6;
	plane_set(&plane, MAP_LOCAL, &k, &one);
	PASSES(V6, TCP(22));
	plane_delete(&plane, MAP_LOCAL, &k);
	k.ifindex = if_nametoindex("d1"); /* another's address */
	plane_set(&plane, MAP_LOCAL, &k, &one);
	DROPPED(V6, TCP(22));
	assert_int_equal(plane_counter(&plane, 1).packets, 2);
}

/* sk_assign isn't to be had under TEST_RUN, so tproxy never finds a socket here. */
static void test_tproxy_without_listener(void **state)
{
	(void)state;
	RULE_(10, ACCEPTS, .rule.flags = ZF_TPROXY, .rule.tproxy_port = 4000, .rule.counter = 1);
	RULE_(20, RESUMES(21), .rule.flags = ZF_TPROXY | ZF_COUNT_FIRST, .rule.tproxy_port = 4000, .rule.counter = 2);
	RULE_(30, DROPS);
	begin();
	DROPPED(V4, TCP(80));
	DROPPED(V6, UDP(80));
	DROPPED(V4, .proto = 47);
	assert_int_equal(plane_counter(&plane, 1).packets, 0);
	assert_int_equal(plane_counter(&plane, 2).packets, 3);
}

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
	PASSES(V4, ENDS(proto, 53, 5000));
	age(flags, seconds + 1);
	DROPPED(V4, ENDS(proto, 53, 5000));
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
	struct sockaddr_in6 peer;
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_no_rule_accepts),
		TEST(test_foreign_interface_passes),
		TEST(test_empty_slot_drops),
		TEST(test_arp_passes),
		TEST(test_other_frames_have_a_list),
		TEST(test_vlan_tags_are_seen_through),
		TEST(test_no_ethernet),
		TEST(test_ipv4_options),
		TEST(test_ipv4_malformed),
		TEST(test_ipv4_fragments),
		TEST(test_port_zero_range_needs_header),
		TEST(test_truncated_transport),
		TEST(test_ipv6_extensions),
		TEST(test_ipv6_fragments),
		TEST(test_ipv6_malformed),
		TEST(test_neighbour_discovery_is_spared),
		TEST(test_named_neighbour_discovery_is_dropped),
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
	return cmocka_run_group_tests_name("plane", tests, setup_group, NULL);
}
