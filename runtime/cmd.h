/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd.h - the commands.  Each is a function of the parsed command line that
 * does everything, messages included, and returns the exit status. */
#ifndef ZFWC_CMD_H
#define ZFWC_CMD_H

#include <stddef.h>

struct arena;
struct options;

struct command {
	const char *name, *arguments, *summary;
	unsigned int options; /* those it takes, besides OPTIONS_COMMON */
	int min_args, max_args;
	int trouble; /* exit status when something went wrong */
	int (*run)(const struct options *o, struct arena *a);
};

extern const struct command commands[];
extern const size_t n_commands;

const struct command *command_find(const char *name); /* NULL: no such command */
const char *command_suggest(const char *word);	      /* NULL: nothing near */

/* What is behind the command's name in o->args, o->n_args. */
int cmd_apply(const struct options *o, struct arena *a);
int cmd_check(const struct options *o, struct arena *a);
int cmd_compile(const struct options *o, struct arena *a);
int cmd_detach(const struct options *o, struct arena *a);
int cmd_diff(const struct options *o, struct arena *a);
int cmd_fmt(const struct options *o, struct arena *a);
int cmd_list(const struct options *o, struct arena *a);
int cmd_monitor(const struct options *o, struct arena *a);
int cmd_status(const struct options *o, struct arena *a);

/* Exit statuses of diff, as diff(1)'s. */
enum { DIFF_SAME, DIFF_DIFFERENT, DIFF_TROUBLE };

/* Of monitor: it ended as it was told to; the time was over before as many
 * packets had come as were waited for. */
enum { MONITOR_DONE, MONITOR_TIMEOUT, MONITOR_TROUBLE };

#endif
