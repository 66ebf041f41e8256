/* SPDX-License-Identifier: GPL-2.0-only */
/* evaluate.h - what a ruleset does with a packet, twice: read off the bound
 * tree as nft's manual says, and read off the IR as ir.h says. */
#ifndef ZFWC_EVALUATE_H
#define ZFWC_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include <compiler/ir.h>

struct facts;
struct ruleset;

struct packet {
	uint8_t family; /* IR_V4 ... */
	u128 src, dst;
	uint8_t proto;
	bool has_l4;
	uint16_t sport, dport; /* ICMP: dport is type << 8 | code */
	uint32_t interface;
	bool egress;	  /* leaves by it */
	uint8_t ct_state; /* one of nft's bits */
	bool local;	  /* the destination is an address of the interface */
	bool socket;	  /* tproxy would find one */
	bool neighbour_discovery;

	/* The headers, but for what is said above. */
	uint8_t link[14], network[40], transport[20];
	bool has_link;
	uint16_t protocol; /* ethertype of what is neither IPv4 nor IPv6 */
	uint32_t length, mark, priority, cpu;
	uint8_t pkttype;
	bool has_socket;
	uint32_t socket_transparent, socket_wildcard, socket_mark;
	uint32_t fib[4]; /* IR_META_FIB_DADDR ... */
	uint32_t chance; /* decides about limits and timers */
};

#define MAX_COUNTERS 256
#define MAX_EFFECTS  64

/* What happened on the way.  What it happened to is known by its place in the text. */
struct effect {
	enum ir_op_kind kind; /* IR_COUNT, IR_LOG, IR_LIMIT, IR_SET, IR_TPROXY */
	uint32_t at;
	uint32_t value; /* IR_SET: the new one; IR_LIMIT: whether there was a token; IR_TPROXY: the port */
	u128 addr;	/* IR_TPROXY: to which it goes; 0: its own */
};

struct outcome {
	bool accepted;
	bool answered;			    /* with a reset, or with this code */
	int code;			    /* -1: a reset */
	uint32_t counts[MAX_COUNTERS];	    /* by ir counter; of evaluate_ir() only */
	uint16_t tproxy_port;		    /* of the last tproxy that found a socket, or 0 */
	struct effect effects[MAX_EFFECTS]; /* in order */
	unsigned int n_effects;		    /* may be more, the rest is left out */
};

struct outcome evaluate_tree(const struct ruleset *rs, const struct facts *facts, const struct packet *p);
struct outcome evaluate_ir(const struct ir *ir, const struct packet *p);
bool outcomes_equal(const struct outcome *x, const struct outcome *y);

/* ---- both use ---- */

/* Writes addresses, ports and the like to the headers. */
void packet_fill(struct packet *p);
/* 'bits' at bit 'offset' of a header as a number; false when it isn't there. */
bool packet_bits(const struct packet *p, enum ir_base base, unsigned int offset, unsigned int bits, u128 *ret);
void note_effect(struct outcome *o, enum ir_op_kind kind, uint32_t at, uint32_t value);
void note_tproxy(struct outcome *o, u128 addr, uint16_t port);
/* Takes a token from the limit at this place, or not: depends on how often it was asked. */
bool takes_token(struct outcome *o, const struct packet *p, uint32_t at);
bool is_alive(const struct packet *p, uint32_t at);

#endif
