/* SPDX-License-Identifier: GPL-2.0-only */
/* facts.h - what the host says: interfaces and their addresses.
 *
 * The compiler never asks the system; runtime/ fills this by netlink, tests by
 * hand. */
#ifndef ZFWC_FACTS_H
#define ZFWC_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fact_address {
	uint8_t family;	    /* AF_INET or AF_INET6 */
	uint8_t addr[16];   /* network byte order; IPv4 in the first four bytes */
	uint8_t prefix_len; /* of the network that it is in; 0: not known */
	bool secondary;	    /* IFA_F_SECONDARY */
	bool unusable;	    /* tentative or deprecated (IPv6) */
};

struct fact_interface {
	const char *name;
	uint32_t index; /* ifindex */
	bool loopback;
	bool no_ethernet;	    /* frames begin with the network header (tun, wireguard, ppp ...) */
	struct fact_address *addrs; /* in the kernel's order */
	size_t n_addrs;
};

struct facts {
	struct fact_interface *v; /* sorted by index */
	size_t n;
	/* Interfaces that the text names and 'v' lacks: false makes that an error at
	 * the name (apply, diff); true makes one up with an index of its own, above
	 * 0x40000000, and no addresses (check, compile, tests). */
	bool assume;
	/* What 'hook prerouting' sees, by name: n_devices 0 means all but loopback. */
	const char *const *devices;
	size_t n_devices;
};

const struct fact_interface *facts_by_name(const struct facts *f, const char *name);

#endif
