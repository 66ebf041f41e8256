/* SPDX-License-Identifier: GPL-2.0-only */
/* event_packet.h - the headers in the first bytes of a logged packet.  Pure.
 *
 * Any bytes may come, cut off anywhere: what isn't there is said to be absent,
 * and nothing is taken for a header that a whole packet wouldn't have there. */
#ifndef ZFWC_EVENT_PACKET_H
#define ZFWC_EVENT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zf_event;

#define PACKET_VLANS 2

enum packet_transport {
	TRANSPORT_NONE, /* of a protocol that isn't told apart, a later fragment, or cut off */
	TRANSPORT_PORTS,
	TRANSPORT_TCP, /* with ports */
	TRANSPORT_UDP, /* with ports */
	TRANSPORT_ICMP,
	TRANSPORT_IPSEC,
};

/* An IP header and what is behind it. */
struct packet_ip {
	int version; /* 4 or 6; 0: there is none */
	char src[48], dst[48];
	uint32_t length; /* of the packet as its header says, that included */
	uint8_t tos, ttl;
	uint32_t id; /* IPv6: of a fragment, else 0 */
	bool df, fragment, more;
	uint32_t offset; /* of the fragment, in bytes */
	uint8_t protocol;

	enum packet_transport transport;
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint16_t window, udp_length;
	uint16_t tcp_flags; /* bit 0 is FIN */
	uint8_t type, code;
	bool echo; /* id and sequence are there */
	uint16_t echo_id, echo_sequence;
	uint32_t spi;

	size_t quoted;	/* where the packet begins that an ICMP error is about; 0: nowhere */
	bool cut;	/* the bytes end before these headers do */
	bool malformed; /* no IP header can be like that */
};

struct packet_link {
	bool ethernet;
	uint8_t src[6], dst[6];
	uint16_t vlans[PACKET_VLANS]; /* identifiers of the tags in the frame, outermost first */
	unsigned int n_vlans;
	bool cut;
};

void packet_read_link(const struct zf_event *e, struct packet_link *ret);
/* Of the event's bytes from 'at' on. */
void packet_read_ip(const struct zf_event *e, size_t at, struct packet_ip *ret);
/* Where its IP header begins; 0 and false if it isn't IP. */
bool packet_is_ip(const struct zf_event *e, size_t *at);

/* NULL: a number says it. */
const char *packet_protocol_name(uint8_t protocol);
/* The names of TCP's flags, from bit 0 on. */
#define TCP_FLAGS 8
extern const char *const packet_tcp_flags[TCP_FLAGS];

#endif
