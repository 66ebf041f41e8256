/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd.c - the table of commands. */
#include <runtime/cmd.h>

#include <limits.h>
#include <string.h>

#include <compiler/base/diag.h>
#include <runtime/options.h>

/* clang-format off */
const struct command commands[] = {
	{ "check", "FILE...", "say what is wrong with FILE; needs no privilege",
	  OPTIONS_COMPILE | OPTION(FACTS) | OPTION(JSON) | OPTION(PORTABLE) | OPTION(STATS), 1, INT_MAX, 1, cmd_check },
	{ "diff", "FILE", "show what applying FILE would change",
	  OPTIONS_COMPILE | OPTION(JSON) | OPTION(MAPS) | OPTION(STATS), 1, 1, DIFF_TROUBLE, cmd_diff },
	{ "apply", "FILE", "make FILE the live ruleset",
	  OPTIONS_COMPILE | OPTION(JSON) | OPTION(STATS) | OPTION(DRY_RUN) | OPTION(MAPS) | OPTION(CLSACT), 1, 1, 1, cmd_apply },
	{ "list", "[ruleset]", "print the live ruleset, in a form that apply accepts",
	  OPTION(HANDLES) | OPTION(STATELESS) | OPTION(JSON), 0, 1, 1, cmd_list },
	{ "status", "", "show interfaces, routing, memory and the fill of the maps",
	  OPTION(JSON) | OPTION(SHOW_FACTS), 0, 0, 1, cmd_status },
	{ "monitor", "", "print the packets that log statements report, as they come",
	  OPTION(JSON) | OPTION(COUNT_EVENTS) | OPTION(TIMEOUT) | OPTION(LEVEL) | OPTION(PREFIX) | OPTION(NEW), 0, 0,
	  MONITOR_TROUBLE, cmd_monitor },
	{ "detach", "", "remove the live ruleset and everything that serves it",
	  OPTION(STATS), 0, 0, 1, cmd_detach },
	{ "fmt", "FILE...", "print FILE in canonical layout and spelling",
	  OPTION(DEFINE) | OPTION(MAX_ERRORS) | OPTION(WRITE) | OPTION(CHECK), 1, INT_MAX, 2, cmd_fmt },
	{ "compile", "FILE", "print a stage of the compiler; needs no privilege",
	  OPTIONS_COMPILE | OPTION(FACTS) | OPTION(DUMP) | OPTION(HANDLES), 1, 1, 1, cmd_compile },
};
/* clang-format on */
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))
const size_t n_commands = N_COMMANDS;

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

const char *command_suggest(const char *word)
{
	const char *names[N_COMMANDS];

	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i].name;
	return diag_suggest(word, names, N_COMMANDS);
}
