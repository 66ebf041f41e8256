/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_check.c - 'zfwc check': everything that apply would refuse, short of
 * asking this host: the interfaces that a file names are taken to exist. */
#include <compiler/facts.h>
#include <compiler/image.h>
#include <runtime/cmd.h>
#include <runtime/cmd_session.h>
#include <runtime/diag_json.h>
#include <runtime/options.h>

static int check_file(const char *path, const struct options *o, struct diag_log *log, struct arena *a)
{
	struct compiled compiled = { 0 };
	struct facts facts;
	struct session s;
	struct image image;
	size_t source;

	session_start(&s, o, a);
	s.log = log;
	if (session_read(&s, path, &source) || session_facts(&s, true, &facts) ||
	    session_compile(&s, source, &facts, &compiled) || session_emit(&s, &compiled, &facts, &image))
		return -1;
	if (option_given(o, OPTION(STATS)))
		report_stats(NULL, &s.stages, log ? stderr : stdout);
	return 0;
}

int cmd_check(const struct options *o, struct arena *a)
{
	struct diag_log *log = session_log(o, a);
	int status = 0;

	for (int i = 0; i < o->n_args; i++)
		if (check_file(o->args[i], o, log, a))
			status = 1;
	diag_log_print(&log);
	return status;
}
