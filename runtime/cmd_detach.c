/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_detach.c - 'zfwc detach': nothing of an instance is left. */
#include <errno.h>
#include <stdio.h>

#include <runtime/cmd.h>
#include <runtime/cmd_installed.h>
#include <runtime/live.h>
#include <runtime/options.h>
#include <runtime/report.h>

/* Opening for writing makes what isn't there, so look first. */
static int open_for_detach(const struct place *place, struct live **ret, struct trouble *t)
{
	struct live *l = NULL;
	int r = live_open(place, LIVE_READ, 0, &l, t);

	if (r)
		return r;
	live_close(&l);
	return live_open(place, LIVE_WRITE, LOCK_TIMEOUT_S, ret, t);
}

static int detach(struct live *l, const struct options *o, struct trouble *t)
{
	struct live_stats stats = { 0 };
	struct stages stages = { 0 };
	int r;

	stages_start(&stages);
	r = live_detach(l, &stats, t);
	if (r)
		return r;
	stages_done(&stages, "detach");
	printf("detached: nothing of instance '%s' is left\n", instance_name(o));
	if (option_given(o, OPTION(STATS)))
		report_stats(&stats, &stages, stdout);
	return 0;
}

int cmd_detach(const struct options *o, struct arena *a)
{
	struct place place = { .instance = o->instance };
	struct trouble t = { 0 };
	struct live *l = NULL;
	int r;

	(void)a;
	r = open_for_detach(&place, &l, &t);
	if (r == -ENOENT) {
		printf("nothing to detach: no rules are live in instance '%s'\n", instance_name(o));
		return 0;
	}
	if (!r)
		r = detach(l, o, &t);
	live_close(&l);
	if (r)
		report_trouble(&t);
	return r ? 1 : 0;
}
