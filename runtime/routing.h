/* SPDX-License-Identifier: GPL-2.0-only */
/* routing.h - what delivers intercepted packets to the local socket that the
 * program assigned to them.
 *
 * A packet whose destination is no local address would be forwarded, socket or
 * not.  So the program marks it, and for IPv4 and IPv6 there are
 *
 *	ip rule add pref P fwmark M/M lookup N protocol 122
 *	ip route add local default dev lo table N protocol 122
 *
 * M is a single bit that no other rule looks at, N a table and P a priority
 * that nobody else uses.  The protocol number says whose they are: what has
 * another one is never touched, even if it is equal otherwise.
 *
 * What the host must do besides, which zfwc doesn't change and tests show:
 *   - the interface lo must be up, the route hangs on it;
 *   - net.ipv4.conf.<in>.rp_filter may have any value: the reverse path of the
 *     client's address is looked up without the mark;
 *   - net.ipv4.conf.{all,<in>}.src_valid_mark must be 0 (the default; wg-quick
 *     sets it): with 1 the reverse path is looked up with the mark, ends in our
 *     local route, and the packet is dropped as a martian, whatever rp_filter
 *     is.  With net.ipv4.conf.<in>.accept_local 1 it passes;
 *   - net.ipv4.conf.<in>.route_localnet isn't needed, also when the proxy
 *     listens on 127.0.0.1: the packet keeps its own destination;
 *   - ip_forward isn't needed. */
#ifndef ZFWC_ROUTING_H
#define ZFWC_ROUTING_H

#include <stdbool.h>
#include <stdint.h>

struct trouble;

#define ROUTING_PROTOCOL 122

struct routing {
	uint32_t mark; /* 0: none chosen */
	uint32_t table;
	uint32_t priority;
};

struct routing_state { /* found in the kernel */
	bool rule4, rule6, route4, route6;
	bool no_ipv6; /* IPv6 is off in this network namespace: rule6 and route6 aren't needed */
	bool lo_down;
	bool src_valid_mark; /* see above: somebody has set it */
};

/* Picks numbers that nobody uses. */
int routing_choose(struct routing *ret, struct trouble *t);
int routing_read(const struct routing *r, struct routing_state *ret, struct trouble *t);
bool routing_complete(const struct routing_state *s);
/* Adds what is missing. */
int routing_install(const struct routing *r, struct trouble *t);
/* Removes what is there; no error if nothing is. */
int routing_remove(const struct routing *r, struct trouble *t);

#endif
