/* SPDX-License-Identifier: GPL-2.0-only */
/* box.h - the static parts of rules as sets of packets.
 *
 * Boxes are compared without regard to ops; of those, only conditions are. */
#ifndef ZFWC_BOX_H
#define ZFWC_BOX_H

#include <compiler/ir.h>

/* Beside the bits of enum ir_family: IPv6 neighbour discovery, apart from the
 * other packets of IR_V6, because some rules spare it. */
#define BOX_ND 0x20

/* The kinds of frame that a rule may match. */
unsigned int box_kinds(const struct ir_rule *r);

/* NULL is any address. */
bool box_set_contains(const struct addr_set *outer, const struct addr_set *inner);

bool box_interfaces_meet(const struct ir_interfaces *x, const struct ir_interfaces *y);

/* Does 'outer' match every packet that 'inner' matches? */
bool box_contains(const struct ir_rule *outer, const struct ir_rule *inner);
/* May there be a packet that both match?  False only when there is none. */
bool box_meets(const struct ir_rule *x, const struct ir_rule *y);

/* Are all conditions of a rule such that they hold, or fail, for a packet at every
 * rule alike?  Marks can be changed, tokens be taken, sockets come and go. */
bool box_conditions_are_lasting(const struct ir_rule *r);
/* Do the conditions of 'outer', which are lasting ones, hold for each packet that
 * anything is done with by 'inner'? */
bool box_conditions_follow(const struct ir_rule *outer, const struct ir_rule *inner);

/* What is left of a rule's packets when those of others are taken away. */
struct box_rest;
struct box_rest *box_rest_new(const struct ir_rule *r, struct arena *a);
/* Returns false when that becomes too much to be kept: then the rest is of no use.
 * '*work' counts down what it takes. */
bool box_rest_take(struct box_rest *rest, const struct ir_rule *r, bool *taken, long *work);
bool box_rest_is_empty(const struct box_rest *rest);

#endif
