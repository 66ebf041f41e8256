/* SPDX-License-Identifier: GPL-2.0-only */
/* evaluate.h - what a ruleset does with a packet, twice: read off the bound
 * tree as nft's manual says, and read off the IR as ir.h says. */
#ifndef ZFWC_EVALUATE_H
#define ZFWC_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include <compiler/addr_set.h>

struct facts;
struct ir;
struct ruleset;

struct packet {
	uint8_t family; /* IR_V4 ... */
	u128 src, dst;
	uint8_t proto;
	bool has_l4;
	uint16_t sport, dport; /* ICMP: dport is type << 8 | code */
	uint32_t interface;
	uint8_t ct_state; /* one of nft's bits */
	bool local;	  /* the destination is an address of the interface */
	bool socket;	  /* tproxy would find one */
	bool neighbour_discovery;
};

#define MAX_COUNTERS 256

struct outcome {
	bool accepted;
	uint32_t counts[MAX_COUNTERS]; /* by ir counter */
	uint16_t tproxy_port;	       /* of the last tproxy that found a socket, or 0 */
};

struct outcome evaluate_tree(const struct ruleset *rs, const struct facts *facts, const struct packet *p);
struct outcome evaluate_ir(const struct ir *ir, const struct packet *p);

#endif
