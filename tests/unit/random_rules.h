/* SPDX-License-Identifier: GPL-2.0-only */
/* random_rules.h - rulesets of the whole language, as text, and packets that
 * their values are about. */
#ifndef ZFWC_TESTS_RANDOM_RULES_H
#define ZFWC_TESTS_RANDOM_RULES_H

#include <stdint.h>

#include "evaluate.h"

struct buf;

/* Appends a ruleset that compiles; the same number gives the same one. */
void random_ruleset(struct buf *b, uint32_t number);
/* The next packet of the ruleset made last. */
struct packet random_rules_packet(void);

#endif
