/* SPDX-License-Identifier: GPL-2.0-only */
/* main.c - finds the command and runs it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <compiler/base/arena.h>
#include <runtime/cmd.h>
#include <runtime/live.h>
#include <runtime/options.h>
#include <runtime/report.h>

/* ---- help ---- */

static int usage(void)
{
	printf("Usage: zfwc COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n");
	for (size_t i = 0; i < n_commands; i++)
		printf("  %-8s %-10s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
	printf("\nAs nft does: 'zfwc -f FILE' applies, 'zfwc -c -f FILE' checks, 'zfwc list ruleset' lists.\n"
	       "\nOptions of all commands:\n");
	options_help(OPTIONS_COMMON, stdout);
	printf("\n'zfwc COMMAND --help' shows the options of a command; zfwc(8) and zfwc.conf(5) say more.\n");
	return 0;
}

static int usage_of(const struct command *c)
{
	printf("Usage: zfwc %s [OPTION...] %s\n\nzfwc %s: %s.\n\nOptions:\n", c->name, c->arguments, c->name,
	       c->summary);
	options_help(c->options | OPTIONS_COMMON, stdout);
	return 0;
}

/* What can stand behind -W. */
static int list_warnings(void)
{
	for (enum diag_code c = 0; c < DIAG_CODES; c++)
		if (diag_codes[c].severity == DIAG_WARNING)
			printf("%-24s %s\n", diag_codes[c].name, diag_codes[c].cause);
	return 0;
}

/* ---- finding the command ---- */

static const struct command *unknown_command(const char *word)
{
	const char *nearest = command_suggest(word);

	if (nearest)
		report_error("no command '%s'; did you mean '%s'?", word, nearest);
	else if (strchr(word, '/') || access(word, F_OK) == 0)
		report_error("no command '%s'; to apply that file: 'zfwc apply %s'", word, word);
	else
		report_error("no command '%s'; see 'zfwc --help'", word);
	return NULL;
}

/* nft's way: -f FILE, with -c for check.  The file becomes the argument. */
static const struct command *command_of_file_option(struct options *o)
{
	const char *name = option_given(o, OPTION(CHECK)) ? "check" : "apply";

	if (o->n_args) {
		report_error("'%s' behind '-f %s': -f stands for a command, 'zfwc %s %s'", o->args[0], o->file, name,
			     o->file);
		return NULL;
	}
	o->given &= ~(OPTION(FILE) | OPTION(CHECK));
	o->args = (char **)&o->file;
	o->n_args = 1;
	return command_find(name);
}

static const struct command *find_command(struct options *o)
{
	const struct command *c;

	if (o->file)
		return command_of_file_option(o);
	if (!o->n_args) {
		report_error("no command; see 'zfwc --help'");
		return NULL;
	}
	c = command_find(o->args[0]);
	if (option_given(o, OPTION(CHECK)) && !(c && c->options & OPTION(CHECK))) {
		report_error("'-c' goes with '-f FILE'; 'zfwc check FILE' is the same");
		return NULL;
	}
	if (!c)
		return unknown_command(o->args[0]);
	o->args++;
	o->n_args--;
	return c;
}

/* ---- running it ---- */

static int check_usage(const struct command *c, const struct options *o)
{
	unsigned int foreign = o->given & ~(c->options | OPTIONS_COMMON);
	char text[32];

	if (foreign)
		return report_error("%s takes no option '%s'; see 'zfwc %s --help'", c->name,
				    options_first(foreign, text, sizeof(text)), c->name);
	if (o->n_args < c->min_args)
		return report_error("%s needs %s behind it; '-' is standard input", c->name, c->arguments);
	if (o->n_args > c->max_args)
		return report_error("%s: '%s' is one argument too many; usage: zfwc %s [OPTION...] %s", c->name,
				    o->args[c->max_args], c->name, c->arguments);
	return 0;
}

static int run_command(const struct command *c, const struct options *o, struct arena *a)
{
	struct trouble t = { 0 };

	if (option_given(o, OPTION(HELP)))
		return usage_of(c);
	if (o->list_warnings && c->options & OPTION(WARN))
		return list_warnings();
	if (check_usage(c, o))
		return c->trouble;
	if (o->netns && host_enter_netns(o->netns, &t)) {
		report_trouble(&t);
		return c->trouble;
	}
	return c->run(o, a);
}

static int run(int argc, char **argv, struct arena *a)
{
	const struct command *c;
	struct options o;

	if (options_parse(argc, argv, a, &o)) {
		c = o.n_args ? command_find(o.args[0]) : NULL;
		return c ? c->trouble : 1;
	}
	if (option_given(&o, OPTION(VERSION)))
		return printf("zfwc %s\n", PACKAGE_VERSION) < 0;
	if (option_given(&o, OPTION(HELP)) && !o.n_args)
		return usage();
	c = find_command(&o);
	return c ? run_command(c, &o, a) : 1;
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	int status = run(argc, argv, a);

	if (fflush(stdout) || ferror(stdout)) {
		report_error("can't write to standard output: %s", strerror(errno));
		status = status ? status : 2;
	}
	arena_free(&a);
	return status;
}
