/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_status.h - what 'zfwc status' knows, for its two ways of printing. */
#ifndef ZFWC_CMD_STATUS_H
#define ZFWC_CMD_STATUS_H

#include <runtime/live.h>

struct status_view {
	const char *instance;
	uint64_t netns; /* SO_NETNS_COOKIE */
	size_t n_rules;
	struct live_interface *interfaces;
	size_t n_interfaces;
	struct live_status live;
	struct {
		const char **v;
		size_t n, cap;
	} notes; /* what somebody should look at */
};

#endif
