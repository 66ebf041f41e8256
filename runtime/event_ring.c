/* SPDX-License-Identifier: GPL-2.0-only */
#include <runtime/event_ring.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <bpf/abi.h>
#include <runtime/owned.h>
#include <runtime/store.h>
#include <runtime/trouble.h>

#define BATCH 256

struct event_ring {
	struct ring_buffer *buffer;
	int log, limit; /* descriptors of the maps */
	uint32_t log_id, limit_id;
	event_fn fn; /* of the batch that is being read */
	void *ctx;
	int taken;
};

/* ---- the one reader ---- */

int event_ring_lock(const struct live *l, struct trouble *t)
{
	int holder, r = pins_lock_folder(&l->pins, "monitor", &holder);

	if (r == -EBUSY && holder)
		return trouble(t, r, "instance '%s' is being monitored by process %d, and events have one reader",
			       l->pins.instance, holder);
	if (r == -EBUSY)
		return trouble(t, r, "instance '%s' is being monitored by another process, and events have one reader",
			       l->pins.instance);
	if (r < 0)
		return trouble(t, r, "can't lock the events of instance '%s': %s", l->pins.instance, errno_words(r));
	return r;
}

/* ---- opening ---- */

static int on_event(void *ctx, void *data, size_t size)
{
	struct event_ring *r = ctx;

	r->taken++;
	if (size >= sizeof(struct zf_event) && r->fn(data, r->ctx))
		return -ECANCELED;
	return r->taken < BATCH ? 0 : -ECANCELED;
}

int event_ring_open(const struct live *l, struct event_ring **ret, struct trouble *t)
{
	const struct copy *c = &l->copies[l->current];
	struct event_ring *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return trouble(t, -ENOMEM, "out of memory");
	r->log_id = c->map_ids[MAP_LOG];
	r->limit_id = c->map_ids[MAP_LIMIT];
	r->log = fcntl(c->maps[MAP_LOG], F_DUPFD_CLOEXEC, 0);
	r->limit = fcntl(c->maps[MAP_LIMIT], F_DUPFD_CLOEXEC, 0);
	r->buffer = r->log < 0 || r->limit < 0 ? NULL : ring_buffer__new(r->log, on_event, r, NULL);
	if (!r->buffer) {
		e = -errno;
		event_ring_close(&r);
		return trouble(t, e, "can't read map LOG: %s", errno_words(e));
	}
	*ret = r;
	return 0;
}

void event_ring_close(struct event_ring **rp)
{
	struct event_ring *r = *rp;

	if (!r)
		return;
	ring_buffer__free(r->buffer);
	owned_close(&r->log);
	owned_close(&r->limit);
	free(r);
	*rp = NULL;
}

bool event_ring_is(const struct event_ring *r, const struct live *l)
{
	const struct copy *c = &l->copies[l->current];

	return r->log_id == c->map_ids[MAP_LOG] && r->limit_id == c->map_ids[MAP_LIMIT];
}

/* ---- reading ---- */

int event_ring_fd(const struct event_ring *r)
{
	return ring_buffer__epoll_fd(r->buffer);
}

int event_ring_read(struct event_ring *r, event_fn fn, void *ctx)
{
	int e;

	r->fn = fn;
	r->ctx = ctx;
	r->taken = 0;
	e = ring_buffer__consume(r->buffer);
	return e < 0 && e != -ECANCELED ? e : r->taken;
}

int event_ring_lost(const struct event_ring *r, uint64_t *ret)
{
	struct zf_limit limit;
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(r->limit, &zero, &limit))
		return -errno;
	*ret = limit.lost;
	return 0;
}
