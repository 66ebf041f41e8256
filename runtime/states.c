/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>

#include <runtime/states.h>
#include <runtime/trouble.h>

static int write_element(const struct copy *c, enum map_id map, uint32_t number, const void *value,
			 struct live_stats *stats, struct trouble *t)
{
	int r = bpf_map_update_elem(c->maps[map], &number, value, BPF_ANY);

	stats->writes++;
	return r ? trouble(t, r, "can't write map %s: %s", map_descs[map].name, errno_words(r)) : 0;
}

/* Whether 'from' has an older, smaller map, in which there is this number. */
static bool has_other(const struct copy *from, const struct copy *to, enum map_id map, uint32_t number)
{
	return from->usable && from->map_ids[map] != to->map_ids[map] && number < from->capacity[map];
}

static int copy_element(const struct copy *from, const struct copy *to, enum map_id map, uint32_t number,
			struct live_stats *stats, struct trouble *t)
{
	union {
		struct zf_limit limit;
		struct zf_timer timer;
	} value;

	if (!has_other(from, to, map, number))
		return 0;
	if (bpf_map_lookup_elem(from->maps[map], &number, &value))
		return trouble(t, -errno, "can't read map %s: %s", map_descs[map].name, errno_words(-errno));
	return write_element(to, map, number, &value, stats, t);
}

/* Now, by the clock of bpf_ktime_get_boot_ns. */
static uint64_t boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int begin_limits(const struct copy *from, const struct copy *to, const struct ir *ir, const struct image *wanted,
			struct live_stats *stats, struct trouble *t)
{
	static const struct zf_limit full;
	size_t i;
	int r = 0;

	for (i = 0; !r && i < ir->n_limits; i++) {
		uint32_t number = wanted->limit_ids[i];

		if (number && wanted->limit_new[i])
			r = write_element(to, MAP_LIMIT, number, &full, stats, t);
		else if (number)
			r = copy_element(from, to, MAP_LIMIT, number, stats, t);
	}
	return r;
}

static int begin_timers(const struct copy *from, const struct copy *to, const struct ir *ir, const struct image *wanted,
			struct live_stats *stats, struct trouble *t)
{
	uint64_t now = boot_ns();
	size_t i;
	int r = 0;

	for (i = 0; !r && i < ir->n_timers; i++) {
		struct zf_timer timer = { now + ir->timers[i].expires_ms * 1000000 };
		uint32_t number = wanted->timer_ids[i];

		if (number && wanted->timer_new[i])
			r = write_element(to, MAP_TIMER, number, &timer, stats, t);
		else if (number)
			r = copy_element(from, to, MAP_TIMER, number, stats, t);
	}
	return r;
}

int states_begin(const struct copy *from, const struct copy *to, const struct ir *ir, const struct image *wanted,
		 struct live_stats *stats, struct trouble *t)
{
	int r = begin_limits(from, to, ir, wanted, stats, t);

	return r ? r : begin_timers(from, to, ir, wanted, stats, t);
}
