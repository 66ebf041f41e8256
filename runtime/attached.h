/* SPDX-License-Identifier: GPL-2.0-only */
/* attached.h - brings the interfaces to what the rules want. */
#ifndef ZFWC_ATTACHED_H
#define ZFWC_ATTACHED_H

#include <stdbool.h>
#include <stddef.h>

#include <runtime/attach.h>

struct ir;
struct live;
struct trouble;

/* What an apply has attached, to be undone when it fails. */
struct attached {
	struct attached_at {
		uint32_t ifindex;
		enum attach_hook hook;
	} * v;
	size_t n, cap;
};

/* Attaches what is missing at every interface of 'ir', in the directions that
 * have rules; in both if it uses ct state.  On failure everything attached here
 * is detached again; later, attached_undo does it. */
int attached_ensure(struct live *l, const struct ir *ir, bool force_clsact, struct arena *a, struct attached *ret,
		    struct trouble *t);
void attached_undo(struct live *l, struct attached *done);
/* Detaches what 'ir' (NULL: nobody) doesn't want. */
int attached_prune(struct live *l, const struct ir *ir, struct arena *a, struct trouble *t);

#endif
