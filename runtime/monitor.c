/* SPDX-License-Identifier: GPL-2.0-only */
#include <runtime/monitor.h>

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <bpf/abi.h>
#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <runtime/cmd_installed.h>
#include <runtime/event_print.h>
#include <runtime/event_ring.h>
#include <runtime/json_make.h>
#include <runtime/options.h>
#include <runtime/owned.h>
#include <runtime/report.h>
#include <runtime/trouble.h>

#define PATIENCE_NS 3000000000 /* with rules that can't be read */
#define TELL_NS	    1000000000 /* between words about lost events */

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ---- the live rules ---- */

static int read_batch(struct monitor *m, bool *more, struct trouble *t);

/* The ring of 'live', unless it is the one that is open. */
static int open_ring(struct monitor *m, const struct live *live, struct trouble *t)
{
	struct event_ring *ring;
	uint64_t lost;
	bool more;
	int r;

	if (m->ring && event_ring_is(m->ring, live))
		return 0;
	r = event_ring_open(live, &ring, t);
	if (r)
		return r;
	m->draining = true;
	for (more = m->ring; !r && more && m->shown < m->wanted;)
		r = read_batch(m, &more, t);
	m->draining = false;
	event_ring_close(&m->ring);
	m->ring = ring;
	if (!event_ring_lost(ring, &lost) && lost < m->lost)
		m->lost = 0;
	return r;
}

static void say_when_silent(const struct monitor *m)
{
	if (m->texts[0].text.n)
		return;
	fflush(stdout);
	report_error("the live rules have no log statement; waiting for an apply that brings one");
}

/* Takes 'in', which is compiled, for the live rules. */
static void set_text(struct monitor *m, struct installed *in)
{
	struct monitor_text fresh = { .arena = arena_new() }, *last = &m->texts[MONITOR_TEXTS - 1];

	fresh.text = event_text_of(in, fresh.arena);
	if (m->texts[0].arena && event_text_same(&fresh.text, &m->texts[0].text)) {
		arena_free(&m->texts[0].arena);
	} else {
		arena_free(&last->arena);
		memmove(&m->texts[1], &m->texts[0], sizeof(m->texts) - sizeof(m->texts[0]));
	}
	m->texts[0] = fresh;
}

static int load(struct monitor *m, struct arena *a, struct trouble *t)
{
	struct installed in;
	int r;

	r = installed_open(m->options, a, &in, t);
	if (!r)
		r = live_stamp(in.live, &m->stamp); /* before it is read, so that no change is missed */
	if (!r)
		r = installed_compile(&in, a, t);
	if (!r)
		r = open_ring(m, in.live, t);
	if (r) {
		installed_close(&in);
		return r;
	}
	set_text(m, &in);
	live_close(&m->live);
	m->live = in.live;
	return 0;
}

static int load_rules(struct monitor *m, struct trouble *t)
{
	struct arena *a = arena_new();
	int r = load(m, a, t);

	arena_free(&a);
	return r;
}

/* Rules that are just being changed may not be readable: then it is tried again. */
static int bear_failure(struct monitor *m, int r, struct trouble *t)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	if (!m->failing_since)
		m->failing_since = now;
	if (now - m->failing_since >= PATIENCE_NS)
		return r;
	t->text[0] = 0;
	return 0;
}

int monitor_follow(struct monitor *m, struct trouble *t)
{
	bool silent = !m->texts[0].text.n;
	struct live_stamp stamp;
	int r = live_stamp(m->live, &stamp);

	if (!r && !m->failing_since && !memcmp(&stamp, &m->stamp, sizeof(stamp)))
		return 0;
	if (!r)
		r = load_rules(m, t);
	if (r == -ENOENT)
		return trouble(t, r, "the rules of instance '%s' have been removed", instance_name(m->options));
	if (r)
		return bear_failure(m, r, t);
	m->failing_since = 0;
	if (!silent)
		say_when_silent(m);
	return 0;
}

/* ---- printing ---- */

static const struct log_statement *find_statement(const struct monitor *m, uint64_t identity)
{
	const struct log_statement *s = NULL;

	for (int i = 0; !s && i < MONITOR_TEXTS; i++)
		s = event_text_find(&m->texts[i].text, identity);
	return s;
}

/* What has no level passes any. */
static bool is_wanted(const struct monitor *m, const struct zf_event *e, const struct log_statement *s)
{
	const char *prefix = m->options->prefix;
	bool severe = s && (s->has_group || s->level <= m->level || s->level == LOG_LEVELS - 1);

	if (e->time < m->since || (m->level >= 0 && !severe))
		return false;
	return !prefix || (s && !strncmp(s->prefix, prefix, strlen(prefix)));
}

static void print_text(const struct event_view *v)
{
	struct arena *a = arena_new();
	struct buf line = { .arena = a };

	event_print(v, &line);
	buf_putc(&line, '\n');
	report_text(&line);
	arena_free(&a);
}

static void print_event(const struct monitor *m, const struct zf_event *e, const struct log_statement *s)
{
	char name[IF_NAMESIZE];
	struct event_view v = {
		.event = e,
		.time_ns = clock_ns(CLOCK_REALTIME) - (clock_ns(CLOCK_BOOTTIME) - e->time),
		.interface = name,
		.statement = s,
	};

	if (!if_indextoname(e->ifindex, name))
		snprintf(name, sizeof(name), "if%" PRIu32, e->ifindex);
	if (option_given(m->options, OPTION(JSON)))
		json_say(event_json(&v));
	else
		print_text(&v);
}

static void print_lost(const struct monitor *m, uint64_t n)
{
	json_t *object;

	if (option_given(m->options, OPTION(JSON))) {
		object = json_checked(json_object());
		json_put(object, "lost", json_integer((json_int_t)n));
		json_say(object);
		return;
	}
	fflush(stdout);
	report_error("%" PRIu64 " %s lost", n, n == 1 ? "event" : "events");
}

/* Those that were lost before the first event were so before anybody looked. */
static void note_lost(struct monitor *m, uint64_t lost)
{
	if (m->lost_known && lost > m->lost)
		m->untold += lost - m->lost;
	if (!m->lost_known || lost > m->lost)
		m->lost = lost;
	m->lost_known = true;
}

void monitor_end(struct monitor *m)
{
	if (m->untold)
		print_lost(m, m->untold);
	m->untold = 0;
	m->told_at = clock_ns(CLOCK_BOOTTIME);
}

static void show(struct monitor *m, const struct zf_event *e, const struct log_statement *s)
{
	if (!is_wanted(m, e, s))
		return;
	print_event(m, e, s);
	m->shown++;
}

static int on_event(const struct zf_event *e, void *ctx)
{
	struct monitor *m = ctx;
	const struct log_statement *s = find_statement(m, e->identity);

	note_lost(m, e->lost);
	if (!s && !m->draining) {
		m->puzzle = *e;
		m->puzzled = true;
		return 1;
	}
	show(m, e, s);
	return m->shown == m->wanted;
}

/* The rules may have changed since they were looked at. */
static int solve_puzzle(struct monitor *m, struct trouble *t)
{
	int r = monitor_follow(m, t);

	m->puzzled = false;
	if (!r)
		show(m, &m->puzzle, find_statement(m, m->puzzle.identity));
	return r;
}

static int read_batch(struct monitor *m, bool *more, struct trouble *t)
{
	int n = event_ring_read(m->ring, on_event, m);
	uint64_t lost;

	*more = n > 0;
	if (n < 0)
		return trouble(t, n, "can't read events: %s", errno_words(n));
	if (!n && !event_ring_lost(m->ring, &lost))
		note_lost(m, lost);
	if (m->untold && clock_ns(CLOCK_BOOTTIME) - m->told_at >= TELL_NS)
		monitor_end(m);
	return 0;
}

int monitor_read(struct monitor *m, bool *more, struct trouble *t)
{
	int r = read_batch(m, more, t);

	if (!r && m->puzzled)
		r = solve_puzzle(m, t);
	fflush(stdout);
	return r;
}

int monitor_fd(const struct monitor *m)
{
	return event_ring_fd(m->ring);
}

/* ---- opening ---- */

static void begin_now(struct monitor *m)
{
	m->since = clock_ns(CLOCK_BOOTTIME);
	m->lost_known = !event_ring_lost(m->ring, &m->lost);
}

int monitor_open(const struct options *o, struct monitor *ret, struct trouble *t)
{
	struct monitor *m = ret;
	int r;

	*m = (struct monitor){ .options = o, .level = -1, .wanted = UINT64_MAX, .lock = -1 };
	r = load_rules(m, t);
	if (r)
		return r;
	r = m->lock = event_ring_lock(m->live, t);
	if (r < 0)
		return r;
	say_when_silent(m);
	if (option_given(o, OPTION(NEW)))
		begin_now(m);
	return 0;
}

void monitor_close(struct monitor *m)
{
	event_ring_close(&m->ring);
	live_close(&m->live);
	for (int i = 0; i < MONITOR_TEXTS; i++)
		arena_free(&m->texts[i].arena);
	owned_close(&m->lock);
}
