/* SPDX-License-Identifier: GPL-2.0-only */
/* live.h - one instance in the kernel: its pinned maps, its programs, what they
 * are attached to, and the routing that delivers intercepted packets.
 *
 * Errors are -errno; the text for people is in 'struct trouble', set by the
 * function that fails, one message per failure.
 *
 * Pins.  They live in a bpffs of zfwc's own, mounted at /run/zfwc/bpf in the
 * mount namespace of process 1 and always reached through
 * /proc/1/root/run/zfwc/bpf, so that every process finds the same pins: also
 * below 'ip netns exec' and 'unshare -m', whose /sys is another one.  (Where
 * process 1 doesn't let root in, see pins.h.)  In it:
 *
 *	<netns cookie>/<instance>/	SO_NETNS_COOKIE in hex: unique per boot
 *		jump			PROG_ARRAY, one slot: the copy that packets use; storing it is the commit
 *		meta			ARRAY of one struct meta: what isn't in any other map
 *		entry, egress		attached programs; they never depend on the rules
 *		a/ b/			the two copies: every map of maps.def by name (SHARED and
 *					RUNTIME ones are the same map under both), 'program', 'source'
 *		links/		where the programs are attached, see attach.h
 *		monitor/	locked by the one process that reads events
 *
 * The live copy is the one whose program is in the slot of 'jump'. */
#ifndef ZFWC_LIVE_H
#define ZFWC_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <compiler/image.h>

struct arena;
struct facts;
struct ir;

struct trouble {
	char text[512];	 /* where, what, what to do; no newline */
	uint32_t origin; /* ir rule that caused it, or ORIGIN_NONE */
};

struct place {
	const char *instance; /* NULL: "default" */
};

struct live;

enum live_mode {
	LIVE_READ,  /* no lock */
	LIVE_WRITE, /* waits up to lock_timeout for the lock, then -EBUSY and names the holder's pid */
};
/* -ENOENT: there is no such instance (not an error for apply: LIVE_WRITE makes
 * the folder).  The network namespace is the caller's current one. */
int live_open(const struct place *place, enum live_mode mode, unsigned int lock_timeout_s, struct live **ret,
	      struct trouble *t);
void live_close(struct live **l);
/* Nothing has been committed yet: no program is in the slot. */
bool live_is_empty(const struct live *l);

/* Of what is live now, for who has opened it a while ago: while stamps are equal,
 * the rules, their text and their maps are the same.  -ENOENT: the instance has
 * been removed. */
struct live_stamp {
	uint32_t slot, sources[2];
};
int live_stamp(const struct live *l, struct live_stamp *ret);

/* ---- reading ---- */
int live_read_image(struct live *l, struct arena *a, struct image *ret, struct trouble *t); /* of the live copy */
int live_read_source(struct live *l, struct arena *a, const char **blob, size_t *len,
		     struct trouble *t);						     /* listing_pack's text */
int live_read_counter(struct live *l, uint32_t counter, uint64_t *packets, uint64_t *bytes); /* BASE + all CPUs */

struct live_interface {
	uint32_t index;
	char name[16];	      /* "" when the interface is gone */
	bool tcx;	      /* else clsact */
	bool ingress, egress; /* programs attached now */
};
int live_interfaces(struct live *l, struct arena *a, struct live_interface **v, size_t *n);

struct live_status {
	uint64_t generation;  /* number of commits */
	uint32_t mark, table; /* of the interception routing; 0: not installed */
	uint32_t rule_priority;
	bool rule4, rule6, route4, route6; /* found in the kernel now */
	/* Why interception may not work, see routing.h: */
	bool no_ipv6; /* IPv6 is off in this network namespace; not a fault */
	bool lo_down;
	bool src_valid_mark; /* net.ipv4.conf.all.src_valid_mark is set */
	uint64_t memory;     /* bytes of all maps, as the kernel accounts them (fdinfo memlock), without FLOW */
	uint64_t flow_memory;
	uint32_t entries[MAP_COUNT], capacity[MAP_COUNT];
	uint32_t flows;
};
int live_status(struct live *l, struct live_status *ret, struct trouble *t);

/* ---- changing ---- */
struct live_stats {
	uint64_t writes, deletes, reads; /* map elements; a commit is one write, a stored source text is one */
	double read_s, emit_s, write_s, grace_s, attach_s;
};
struct live_wanted {
	const struct ir *ir;
	const struct facts *facts;
	const char *source; /* listing_pack's text */
	size_t source_len;
	bool force_clsact; /* don't use tcx even where the kernel has it */
};
/* Makes the instance hold what is wanted: emits the image against what it finds,
 * writes the difference, installs routing, attaches, commits, brings the other
 * copy level, detaches what is no longer wanted.  All or nothing up to the
 * commit; what is left undone behind it the next apply finishes.  0 when
 * everything was so already, then stats->writes and deletes are 0.  When the
 * rules exceed a limit the errors are in 'd', and the text of 't' is empty. */
struct diag;
int live_apply(struct live *l, const struct live_wanted *w, struct diag *d, struct live_stats *stats,
	       struct trouble *t);
/* Removes links, filters, rules, routes and pins of this instance, nothing else. */
int live_detach(struct live *l, struct live_stats *stats, struct trouble *t);

/* ---- the host ---- */
/* Interfaces and addresses of the current network namespace, by rtnetlink. */
int host_facts(struct arena *a, struct facts *ret, struct trouble *t);
/* Enters the network namespace 'name' of 'ip netns' (/run/netns/NAME). */
int host_enter_netns(const char *name, struct trouble *t);

#endif
