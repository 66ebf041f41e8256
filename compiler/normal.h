/* SPDX-License-Identifier: GPL-2.0-only */
/* normal.h - rules that mean the same become the same.
 *
 * nft lists a rule without the matches that another match of it implies, and
 * with those that it has added to it.  The normal form of a rule is what is
 * listed, so that a listing reads back as the same rule:
 *
 *	meta l4proto tcp tcp dport 22		tcp dport 22
 *	meta l4proto tcp th dport 22		tcp dport 22
 *	counter reject with tcp reset		meta l4proto tcp counter reject with tcp reset
 *	icmp id 1				icmp type { echo-reply, echo-request } icmp id 1
 *	ip saddr 192.0.2.1 reject		ip saddr 192.0.2.1 reject with icmp port-unreachable
 *	icmp code 0 icmp type 2			icmp type 2 icmp code net-unreachable
 *	ip ttl >= 2 ip ttl <= 6			ip ttl 2-6
 *
 * What a packet must be for the rule to match, and what is done before it is
 * known not to match, stays the same. */
#ifndef ZFWC_NORMAL_H
#define ZFWC_NORMAL_H

#include <grammar/ast.h>

struct arena;

/* Changes the statements of a bound rule.  Matches that must be made but aren't
 * listed become 'implied'. */
void rule_normalize(struct ast_rule *rule, enum ast_family family, struct arena *a);
/* What is done first, normal_order.c: what nft does as it loads a rule. */
void rule_order_matches(struct ast_rule *rule, struct arena *a);

#endif
