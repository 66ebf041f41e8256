/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_monitor.c - 'zfwc monitor': the packets that log statements report, as they
 * come, until it is interrupted. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#include <runtime/cmd.h>
#include <runtime/cmd_installed.h>
#include <runtime/event_print.h>
#include <runtime/monitor.h>
#include <runtime/options.h>
#include <runtime/owned.h>
#include <runtime/report.h>
#include <runtime/trouble.h>

#define TICK_MS 500 /* between looks at what no event tells: new rules, lost events */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* One that is ignored, as below nohup, stays so. */
static void add_signal(sigset_t *set, int number)
{
	struct sigaction action;

	if (!sigaction(number, NULL, &action) && action.sa_handler != SIG_IGN)
		sigaddset(set, number);
}

/* The signals that end it are read, so that it ends between two lines. */
static int open_signals(struct trouble *t)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	add_signal(&set, SIGINT);
	add_signal(&set, SIGTERM);
	add_signal(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return trouble(t, -errno, "can't block signals: %s", errno_words(-errno));
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	return fd < 0 ? trouble(t, -errno, "can't wait for signals: %s", errno_words(-errno)) : fd;
}

static int wait_time(uint64_t end, bool more)
{
	uint64_t now = now_ms();

	if (more || now >= end)
		return 0;
	return end - now < TICK_MS ? (int)(end - now) : TICK_MS;
}

/* Returns MONITOR_DONE, MONITOR_TIMEOUT or MONITOR_TROUBLE. */
static int watch(struct monitor *m, int signals, uint64_t end, struct trouble *t)
{
	bool more = false;
	int r;

	for (;;) {
		struct pollfd fds[] = { { .fd = signals, .events = POLLIN },
					{ .fd = monitor_fd(m), .events = POLLIN } };

		if (poll(fds, 2, wait_time(end, more)) < 0 && errno != EINTR)
			r = trouble(t, -errno, "can't wait for events: %s", errno_words(-errno));
		else if (fds[0].revents)
			return MONITOR_DONE;
		else
			r = monitor_follow(m, t);
		if (!r)
			r = monitor_read(m, &more, t);
		if (r || ferror(stdout))
			return MONITOR_TROUBLE;
		if (m->shown == m->wanted)
			return MONITOR_DONE;
		if (now_ms() >= end)
			return MONITOR_TIMEOUT;
	}
}

/* When the time is over before that many events came, they were waited for in vain. */
static int run(struct monitor *m, struct trouble *t)
{
	const struct options *o = m->options;
	uint64_t end = option_given(o, OPTION(TIMEOUT)) ? now_ms() + o->timeout_ms : UINT64_MAX;
	_close_ int signals = open_signals(t);
	int status;

	if (signals < 0)
		return MONITOR_TROUBLE;
	status = watch(m, signals, end, t);
	monitor_end(m);
	return status == MONITOR_TIMEOUT && !option_given(o, OPTION(COUNT_EVENTS)) ? MONITOR_DONE : status;
}

static int read_level(const struct options *o, int *ret)
{
	*ret = o->level ? log_level_find(o->level) : -1;
	if (!o->level || (*ret >= 0 && *ret < LOG_LEVELS - 1))
		return 0;
	return report_error("'--level %s': levels are emerg, alert, crit, err, warn, notice, info and debug", o->level);
}

int cmd_monitor(const struct options *o, struct arena *a)
{
	struct trouble t = { 0 };
	int r, level, status = MONITOR_TROUBLE;
	struct monitor m;

	(void)a;
	if (read_level(o, &level))
		return MONITOR_TROUBLE;
	r = monitor_open(o, &m, &t);
	m.level = level;
	if (option_given(o, OPTION(COUNT_EVENTS)))
		m.wanted = o->count;
	if (!r)
		status = run(&m, &t);
	monitor_close(&m);
	if (r == -ENOENT)
		report_error("no rules are live in instance '%s'; 'zfwc apply FILE' makes some so", instance_name(o));
	else if (t.text[0] && status == MONITOR_TROUBLE)
		report_trouble(&t);
	return status;
}
