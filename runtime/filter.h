/* SPDX-License-Identifier: GPL-2.0-only */
/* filter.h - filters in the clsact qdisc of an interface. */
#ifndef ZFWC_FILTER_H
#define ZFWC_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include <runtime/attach.h>

struct filter_place {
	bool any;   /* somebody has a filter at this hook */
	bool found; /* with the program asked for: */
	uint32_t handle, priority;
};

/* Looks for the filter that runs program 'id' (0: none, then only 'any' is set). */
int filter_find(uint32_t ifindex, enum attach_hook hook, uint32_t id, struct filter_place *ret);
/* Adds the program at the first priority where the kernel takes it, 1 if it can be. */
int filter_add(uint32_t ifindex, enum attach_hook hook, int program);
/* Another program in the place of a filter, in one step. */
int filter_replace(uint32_t ifindex, enum attach_hook hook, const struct filter_place *at, int program);
int filter_delete(uint32_t ifindex, enum attach_hook hook, const struct filter_place *at);

/* Makes the clsact qdisc; -EEXIST when there is one, or an ingress qdisc. */
int clsact_make(uint32_t ifindex);
/* Removes it if no filter is left in it. */
int clsact_drop_if_empty(uint32_t ifindex);

#endif
