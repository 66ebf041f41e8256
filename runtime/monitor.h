/* SPDX-License-Identifier: GPL-2.0-only */
/* monitor.h - the events of an instance, printed with what its rules say about
 * them, while rules come and go. */
#ifndef ZFWC_MONITOR_H
#define ZFWC_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include <bpf/abi.h>
#include <runtime/event_text.h>
#include <runtime/live.h>

struct event_ring;
struct options;

/* An event may be read when its rule has been replaced already. */
#define MONITOR_TEXTS 8

struct monitor {
	const struct options *options;
	int level;	 /* the least severe that is shown, or -1 */
	uint64_t wanted; /* events to show */
	uint64_t shown;

	int lock;
	struct live *live;
	struct live_stamp stamp; /* of what was read */
	uint64_t failing_since;	 /* to read it; 0: it was read */
	struct monitor_text {
		struct arena *arena;
		struct event_text text;
	} texts[MONITOR_TEXTS]; /* the live rules, then those that they replaced */

	struct event_ring *ring;
	bool draining; /* a ring that is no longer written to */
	bool puzzled;  /* by this event, of rules that haven't been read yet: */
	struct zf_event puzzle;
	uint64_t since; /* events before it aren't shown, by the clock of events */
	uint64_t lost;	/* events, as far as is known */
	bool lost_known;
	uint64_t untold;  /* of them, not told of yet */
	uint64_t told_at; /* by the clock of events */
};

/* -ENOENT, and nothing in 't': nothing is live.  Whatever it returns,
 * monitor_close must follow. */
int monitor_open(const struct options *o, struct monitor *ret, struct trouble *t);
void monitor_close(struct monitor *m);

/* Reads the live rules again if they have changed.  -ENOENT: they were removed. */
int monitor_follow(struct monitor *m, struct trouble *t);

/* Prints events that are there; *more: there may be others.  Ends early when as
 * many have been shown as are wanted. */
int monitor_read(struct monitor *m, bool *more, struct trouble *t);
/* Tells at once of losses that monitor_read would tell of later: it does so once
 * a second, however many there are. */
void monitor_end(struct monitor *m);
/* For poll(2): readable when there are events. */
int monitor_fd(const struct monitor *m);

#endif
