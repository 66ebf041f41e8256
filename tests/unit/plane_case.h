/* SPDX-License-Identifier: GPL-2.0-only */
/* plane_case.h - words of the tests on images made by hand: a rule, a packet, and
 * what becomes of it.
 *
 *	RULE_(10, DROPS, .dport = 80, .flags = ZF_NEED_L4);
 *	begin();
 *	DROPPED(V4, TCP(80));
 *	PASSES(V6, TCP(81));
 *
 * Each test has the programs loaded anew, in a network namespace of its own with
 * the interfaces d0, where frames arrive, and d1. */
#ifndef ZFWC_TESTS_PLANE_CASE_H
#define ZFWC_TESTS_PLANE_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <netinet/in.h>

#include <tests/unit/frames.h>
#include <tests/unit/plane_harness.h>

extern struct plane plane;
extern struct hand hand;
extern uint32_t ifindex; /* of d0 */

/* Rules: label, verdict, and what struct hand_rule has. */
#define DROPS		    .verdict = ZF_DROP
#define RESUMES(at)	    .verdict = ZF_RESUME, .resume = (at)
#define ACCEPTS		    RESUMES(ZF_LABEL_NONE)
#define RULE_(n, then, ...) hand_add(&hand, &(struct hand_rule){ .rule = { .label = (n), then }, __VA_ARGS__ })

/* Packets. */
#define SENT(...)    send_packet((struct packet_spec){ __VA_ARGS__ })
#define PASSES(...)  assert_int_equal(SENT(__VA_ARGS__), PASS)
#define DROPPED(...) assert_int_equal(SENT(__VA_ARGS__), DROP)
#define V4	     .version = 4, .src = "192.0.2.1", .dst = "198.51.100.7"
#define V6	     .version = 6, .src = "2001:db8::1", .dst = "2001:db8:1::7"
#define TCP(port)    .proto = IPPROTO_TCP, .sport = 40000, .dport = (port)
#define UDP(port)    .proto = IPPROTO_UDP, .sport = 40000, .dport = (port)

int case_setup_group(void **state);
int case_setup(void **state);
int case_teardown(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, case_setup, case_teardown)

/* Writes the rules that the test has added. */
void begin(void);
void interface_set(uint32_t index, struct zf_interface i);
/* A frame that arrives at d0: the verdict. */
int send_frame(const struct frame *f);
int send_packet(struct packet_spec s);
/* One that leaves: the verdict of the egress program. */
int send_out(struct packet_spec s);

#endif
