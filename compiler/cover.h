/* SPDX-License-Identifier: GPL-2.0-only */
/* cover.h - which rules leave nothing to a later one.
 *
 * Rules are added in order, those that let no packet pass to what stands behind
 * them: none at all, or, when they have no 'otherwise', none for which their
 * conditions hold, which then are lasting ones.  They are found again by an address, a port and an interface of the
 * later rule, in about constant time.  What is found is true; not everything is
 * found: searches that take too long are given up. */
#ifndef ZFWC_COVER_H
#define ZFWC_COVER_H

#include <compiler/ir.h>

#define COVER_MAX 32 /* rules that cover another one together */

struct cover;

/* The rules that cover another one; n == 0: it isn't covered. */
struct cover_found {
	size_t n;
	const struct ir_rule *v[COVER_MAX];
};

struct cover *cover_new(struct arena *a);
void cover_add(struct cover *c, const struct ir_rule *r);
/* Forgets the rules with this index and those behind it. */
void cover_forget_from(struct cover *c, uint32_t index);
void cover_find(struct cover *c, const struct ir_rule *r, struct cover_found *ret);

#endif
