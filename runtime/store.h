/* SPDX-License-Identifier: GPL-2.0-only */
/* store.h - an open instance: what 'struct live' is to those who change it. */
#ifndef ZFWC_STORE_H
#define ZFWC_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include <runtime/copy.h>
#include <runtime/live.h>
#include <runtime/pins.h>
#include <runtime/routing.h>

/* What isn't in any other map.  Of any zfwc: members keep place and meaning,
 * new ones are added behind them, so that an instance of another ABI can still
 * be detached. */
struct meta {
	uint32_t abi; /* ZF_ABI of who made the copies */
	/* Not 0 from before the first write of an apply to behind its last one:
	 * found at the beginning, the last apply was killed. */
	uint32_t busy;
	uint64_t generation; /* commits, without the one of a killed apply */
	uint32_t before; /* program in the slot when 'busy' was set: another one now, then that apply had committed */
	uint32_t mark, table, priority; /* of the routing that is ours; mark 0: none */
	uint64_t object[2];		/* object number of the copies' programs */
	uint64_t attached_object;	/* of entry and egress */
	uint64_t netns;			/* inode number of the network namespace; 0 unknown */
};

#define SLOT_EMPTY 0 /* no program has this id */

struct live {
	struct pins pins;
	bool writes;	   /* opened with LIVE_WRITE */
	int jump, meta_fd; /* -1: not there yet */
	struct meta meta;
	struct copy copies[2];
	uint32_t slot; /* id of the program in it, or SLOT_EMPTY */
	int current;   /* index of the live copy; -1: the slot is empty, or holds a program of neither */
};

static inline struct routing store_routing(const struct live *l)
{
	return (struct routing){ l->meta.mark, l->meta.table, l->meta.priority };
}

/* Number of commits, counting that of an apply that was killed behind it. */
uint64_t store_generation(const struct live *l);

/* The meta of an instance, of any ABI. */
int store_read_meta(const struct pins *p, struct meta *ret);
/* Reads meta, slot and copies again. */
int store_refresh(struct live *l, struct trouble *t);
/* Makes meta and jump if they aren't there. */
int store_create(struct live *l, struct trouble *t);
int store_write_meta(struct live *l, const struct meta *m, struct live_stats *stats, struct trouble *t);
/* -EPROTO with instructions when the instance isn't of this ABI; -EIO when
 * something was committed but the live copy can't be found. */
int store_check(const struct live *l, struct trouble *t);

#endif
