/* SPDX-License-Identifier: GPL-2.0-only */
/* event_ring.h - reads what log statements have put into the ring buffer LOG. */
#ifndef ZFWC_EVENT_RING_H
#define ZFWC_EVENT_RING_H

#include <stdbool.h>
#include <stdint.h>

struct live;
struct trouble;
struct zf_event;

struct event_ring;

/* A ring has one reader: what one takes, no other sees.  The lock lasts as long
 * as the file descriptor that is returned is open; -EBUSY when another monitor
 * has it. */
int event_ring_lock(const struct live *l, struct trouble *t);

/* The ring of the live copy; 'l' may be closed afterwards. */
int event_ring_open(const struct live *l, struct event_ring **ret, struct trouble *t);
void event_ring_close(struct event_ring **r);
/* Whether the live copy has this ring still. */
bool event_ring_is(const struct event_ring *r, const struct live *l);

/* For poll(2): readable when there are events. */
int event_ring_fd(const struct event_ring *r);
/* Calls fn for events that are there, oldest first, for so many that it returns
 * within a moment, until it returns non-zero.  Returns how many were taken, or -errno. */
typedef int (*event_fn)(const struct zf_event *e, void *ctx);
int event_ring_read(struct event_ring *r, event_fn fn, void *ctx);

/* Events lost so far.  The counter begins anew with the ring that event_ring_is
 * tells apart. */
int event_ring_lost(const struct event_ring *r, uint64_t *ret);

#endif
