/* SPDX-License-Identifier: GPL-2.0-only */
/* frames.h - frames for tests, from a description of the packet. */
#ifndef ZFWC_TESTS_FRAMES_H
#define ZFWC_TESTS_FRAMES_H

#include <stddef.h>
#include <stdint.h>

struct frame {
	uint8_t data[2048];
	size_t len;
};

/* What is zero is left out, or is what a plain packet has. */
struct packet_spec {
	uint16_t tags[3];      /* TPIDs of VLAN tags, outermost first */
	unsigned int version;  /* 4 or 6 */
	const char *src, *dst; /* as text, or NULL and then: */
	uint8_t src_bytes[16], dst_bytes[16];
	uint8_t proto;
	uint16_t sport, dport; /* of protocols that have them */
	uint8_t type, code;    /* ICMP and ICMPv6 */
	uint16_t id;	       /* of an echo */
	uint8_t tcp_flags;
	unsigned int options;	   /* IPv4: 32-bit words */
	const uint8_t *extensions; /* IPv6: header numbers, in order; a fragment header comes by itself, last */
	size_t n_extensions;
	uint16_t fragment_offset; /* in bytes, a multiple of 8 */
	int more_fragments;
	uint8_t hop_limit; /* 0: 64 */
	const void *payload;
	size_t payload_len; /* zeros if payload is NULL */
	int no_ethernet;
};

/* Lengths are right, checksums of IPv4 headers too, those of TCP and UDP are 0. */
void frame_make(struct frame *f, const struct packet_spec *s);
/* The offset of the network header. */
size_t frame_network(const struct packet_spec *s);

#endif
