/* SPDX-License-Identifier: GPL-2.0-only */
/* options.h - the command line as data.
 *
 * One table describes every option; a command names the ones it takes.  Options
 * may stand before or behind the command, as nft's do. */
#ifndef ZFWC_OPTIONS_H
#define ZFWC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <compiler/base/diag.h>
#include <compiler/compile.h>

struct arena;

enum option_id {
	OPTION_INSTANCE,
	OPTION_NETNS,
	OPTION_DEFINE,
	OPTION_INCLUDE,
	OPTION_WARN,
	OPTION_MAX_ERRORS,
	OPTION_DEVICE,
	OPTION_FACTS,	   /* check, compile: --facts FILE */
	OPTION_SHOW_FACTS, /* status: --facts */
	OPTION_PORTABLE,
	OPTION_STATS,
	OPTION_JSON,
	OPTION_DRY_RUN,
	OPTION_CLSACT,
	OPTION_MAPS,
	OPTION_HANDLES,
	OPTION_STATELESS,
	OPTION_DUMP,
	OPTION_FILE,
	OPTION_CHECK,
	OPTION_WRITE,
	OPTION_COUNT_EVENTS,
	OPTION_TIMEOUT,
	OPTION_LEVEL,
	OPTION_PREFIX,
	OPTION_NEW,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_COUNT
};

#define OPTION(id) (1u << OPTION_##id)
/* What every command takes. */
#define OPTIONS_COMMON (OPTION(INSTANCE) | OPTION(NETNS) | OPTION(HELP) | OPTION(VERSION))
/* What every command that compiles a file takes. */
#define OPTIONS_COMPILE (OPTION(DEFINE) | OPTION(INCLUDE) | OPTION(WARN) | OPTION(MAX_ERRORS) | OPTION(DEVICE))

struct options {
	unsigned int given;	    /* OPTION(...) bits */
	const char *instance;	    /* NULL: the default one */
	const char *netns;	    /* NULL: the current one */
	const char *dump;	    /* stage of 'compile' */
	const char *file;	    /* of nft's -f */
	const char *level, *prefix; /* of 'monitor' */
	uint64_t count, timeout_ms;
	struct diag_wills wills;
	bool list_warnings;	 /* -W help */
	unsigned int max_errors; /* as struct diag has it */
	struct {
		struct compile_define *v;
		size_t n, cap;
	} defines;
	struct {
		const char **v;
		size_t n, cap;
	} include_dirs;
	struct {
		const char **v;
		size_t n, cap;
	} devices;
	const char *facts; /* NULL: none */
	char **args;	   /* what isn't an option, the command first */
	int n_args;
};

static inline bool option_given(const struct options *o, unsigned int bits)
{
	return o->given & bits;
}

/* Sorts argv into 'ret'.  Returns 0, or -1 with a message on standard error;
 * args are there in either case. */
int options_parse(int argc, char **argv, struct arena *a, struct options *ret);

/* The spelling of the first option in 'bits', as "--maps". */
const char *options_first(unsigned int bits, char *text, size_t size);

/* One line per option in 'bits'. */
void options_help(unsigned int bits, FILE *out);

#endif
