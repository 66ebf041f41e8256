/* SPDX-License-Identifier: GPL-2.0-only */
/* options.c - the table of options, and getopt_long over it. */
#include <runtime/options.h>

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <runtime/duration.h>

struct option_desc {
	char letter; /* 0: none */
	const char *name, *argument, *help;
};

static const struct option_desc descs[OPTION_COUNT] = {
	[OPTION_INSTANCE] = { 0, "instance", "NAME", "work on the instance NAME instead of 'default'" },
	[OPTION_NETNS] = { 'n', "netns", "NAME", "enter the network namespace NAME first, as ip and tc do" },
	[OPTION_DEFINE] = { 'D', "define", "NAME=VALUE", "define $NAME, as a define statement before the file" },
	[OPTION_INCLUDE] = { 'I', "includepath", "DIR", "look for included files in DIR; may be given again" },
	[OPTION_WARN] = { 'W', "warn", "WHAT",
			  "[no-]CODE, [no-]error[=CODE]: hide warnings, or make them errors; help: list the codes" },
	[OPTION_MAX_ERRORS] = { 0, "max-errors", "N", "show at most N errors, and warnings; 0 is all, else 20" },
	[OPTION_DEVICE] = { 0, "device", "NAME",
			    "'hook prerouting' sees NAME, not all interfaces; may be given again" },
	[OPTION_FACTS] = { 0, "facts", "FILE", "take the interfaces and their addresses from FILE, see status" },
	[OPTION_SHOW_FACTS] = { 0, "facts", NULL, "print the interfaces and their addresses, for check --facts" },
	[OPTION_PORTABLE] = { 0, "portable", NULL, "warn of what nft would not take" },
	[OPTION_STATS] = { 0, "stats", NULL, "show map operations, and the time of each stage" },
	[OPTION_JSON] = { 'j', "json", NULL, "print JSON" },
	[OPTION_DRY_RUN] = { 0, "dry-run", NULL, "only show what would change, as diff does" },
	[OPTION_CLSACT] = { 0, "clsact", NULL, "attach by clsact filters even where the kernel has tcx" },
	[OPTION_MAPS] = { 0, "maps", NULL, "show each map entry that is added, changed or removed" },
	[OPTION_HANDLES] = { 'a', "handle", NULL, "show the number of each rule as a comment" },
	[OPTION_STATELESS] = { 's', "stateless", NULL, "leave out the values of counters" },
	[OPTION_DUMP] = { 0, "dump", "STAGE", "print a stage: tokens, ast, listing, json, ir or image" },
	[OPTION_FILE] = { 'f', "file", "FILE", "without a command: apply FILE" },
	[OPTION_CHECK] = { 'c', "check", NULL, "change nothing; with -f: check FILE" },
	[OPTION_WRITE] = { 'w', "write", NULL, "rewrite the files instead of printing them" },
	[OPTION_COUNT_EVENTS] = { 0, "count", "N", "end after N packets" },
	[OPTION_TIMEOUT] = { 0, "timeout", "TIME", "end after TIME, as 30s or 1m30s" },
	[OPTION_LEVEL] = { 0, "level", "LEVEL", "show what is logged at LEVEL, or is more severe" },
	[OPTION_PREFIX] = { 0, "prefix", "TEXT", "show what is logged with a prefix that begins with TEXT" },
	[OPTION_NEW] = { 0, "new", NULL, "leave out what was logged before" },
	[OPTION_HELP] = { 'h', "help", NULL, "show this help" },
	[OPTION_VERSION] = { 'V', "version", NULL, "show the version" },
};

/* getopt's own value of an option: beyond all letters. */
#define LONG_BASE 256

/* "--facts" has a value, but for the command that prints what others read: the
 * one word that must be known before the options are. */
static bool is_status(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "status"))
			return true;
	return false;
}

static void build_tables(enum option_id without, char *letters, struct option *longs)
{
	*letters++ = ':';
	for (int i = 0; i < OPTION_COUNT; i++) {
		int argument = descs[i].argument ? required_argument : no_argument;

		if (i == (int)without)
			continue;
		*longs++ = (struct option){ descs[i].name, argument, NULL, LONG_BASE + i };
		if (!descs[i].letter)
			continue;
		*letters++ = descs[i].letter;
		if (argument == required_argument)
			*letters++ = ':';
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

static int option_of(int value)
{
	if (value >= LONG_BASE)
		return value - LONG_BASE;
	for (int i = 0; i < OPTION_COUNT; i++)
		if (descs[i].letter == value)
			return i;
	return -1;
}

/* ---- what is wrong with an option ---- */

static int complain_long(const char *word)
{
	size_t len = strcspn(word + 2, "=");
	const char *names[OPTION_COUNT], *nearest;
	int matches = 0;
	char name[64];

	for (int i = 0; i < OPTION_COUNT; i++) {
		names[i] = descs[i].name;
		matches += strncmp(descs[i].name, word + 2, len) == 0;
	}
	snprintf(name, sizeof(name), "%.*s", (int)len, word + 2);
	nearest = diag_suggest(name, names, OPTION_COUNT);
	if (matches > 1)
		fprintf(stderr, "zfwc: option '--%s' is the beginning of several: write it in full\n", name);
	else if (nearest)
		fprintf(stderr, "zfwc: no option '--%s'; did you mean '--%s'?\n", name, nearest);
	else
		fprintf(stderr, "zfwc: no option '--%s'; see 'zfwc --help'\n", name);
	return -1;
}

/* 'word' is what getopt_long choked on, 'value' its optopt. */
static int complain(int problem, int value, const char *word)
{
	int id = option_of(value);

	if (problem == ':')
		fprintf(stderr, "zfwc: option '%s' needs %s behind it\n", word, descs[id].argument);
	else if (value >= LONG_BASE)
		fprintf(stderr, "zfwc: option '--%s' takes no value\n", descs[id].name);
	else if (value)
		fprintf(stderr, "zfwc: no option '-%c'; see 'zfwc --help'\n", value);
	else
		return complain_long(word);
	return -1;
}

/* ---- storing ---- */

static int store_define(struct options *o, char *text, struct arena *a)
{
	char *equals = strchr(text, '=');

	if (!equals || equals == text) {
		fprintf(stderr, "zfwc: '-D %s' isn't NAME=VALUE\n", text);
		return -1;
	}
	*vec_push(a, &o->defines) = (struct compile_define){
		.name = arena_strndup(a, text, (size_t)(equals - text)),
		.value = equals + 1,
	};
	return 0;
}

static int store_warn(struct options *o, const char *text, struct arena *a)
{
	const char *wrong = NULL;

	if (!strcmp(text, "help"))
		o->list_warnings = true;
	else
		wrong = diag_wills_add(&o->wills, text, a);
	if (!wrong)
		return 0;
	fprintf(stderr, "zfwc: '-W%s': %s\n", text, wrong);
	return -1;
}

static int store_max_errors(struct options *o, const char *text)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || n > UINT_MAX) {
		fprintf(stderr, "zfwc: '--max-errors %s' isn't a number of errors\n", text);
		return -1;
	}
	o->max_errors = n ? (unsigned int)n : DIAG_NO_LIMIT;
	return 0;
}

static int store_count(struct options *o, const char *text)
{
	char *end;

	errno = 0;
	o->count = strtoull(text, &end, 10);
	if (!errno && !*end && text[0] >= '0' && text[0] <= '9' && o->count)
		return 0;
	fprintf(stderr, "zfwc: '--count %s' isn't a number of packets\n", text);
	return -1;
}

static int store_timeout(struct options *o, const char *text)
{
	if (!duration_read(text, &o->timeout_ms))
		return 0;
	fprintf(stderr, "zfwc: '--timeout %s' isn't a time, such as 30s, 1m30s or 500ms\n", text);
	return -1;
}

static int store_device(struct options *o, const char *text, struct arena *a)
{
	size_t len = strlen(text);

	if (!len || len > 15 || strpbrk(text, " \t\n/:*")) {
		fprintf(stderr, "zfwc: '--device %s' can't be the name of an interface\n", text);
		return -1;
	}
	*vec_push(a, &o->devices) = text;
	return 0;
}

static int store(struct options *o, enum option_id id, char *argument, struct arena *a)
{
	o->given |= 1u << id;
	switch (id) {
	case OPTION_INSTANCE:
		o->instance = argument;
		return 0;
	case OPTION_NETNS:
		o->netns = argument;
		return 0;
	case OPTION_DUMP:
		o->dump = argument;
		return 0;
	case OPTION_FILE:
		o->file = argument;
		return 0;
	case OPTION_FACTS:
		o->facts = argument;
		return 0;
	case OPTION_LEVEL:
		o->level = argument;
		return 0;
	case OPTION_PREFIX:
		o->prefix = argument;
		return 0;
	case OPTION_COUNT_EVENTS:
		return store_count(o, argument);
	case OPTION_TIMEOUT:
		return store_timeout(o, argument);
	case OPTION_DEVICE:
		return store_device(o, argument, a);
	case OPTION_INCLUDE:
		*vec_push(a, &o->include_dirs) = argument;
		return 0;
	case OPTION_DEFINE:
		return store_define(o, argument, a);
	case OPTION_WARN:
		return store_warn(o, argument, a);
	case OPTION_MAX_ERRORS:
		return store_max_errors(o, argument);
	default:
		return 0;
	}
}

int options_parse(int argc, char **argv, struct arena *a, struct options *ret)
{
	struct option longs[OPTION_COUNT + 1];
	char letters[2 * OPTION_COUNT + 2];
	int value, r = 0;

	*ret = (struct options){ 0 };
	build_tables(is_status(argc, argv) ? OPTION_FACTS : OPTION_SHOW_FACTS, letters, longs);
	opterr = 0;
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (r)
			continue; /* one message is enough */
		if (value == ':' || value == '?')
			r = complain(value, optopt, argv[optind - 1]);
		else
			r = store(ret, (enum option_id)option_of(value), optarg, a);
	}
	ret->args = argv + optind;
	ret->n_args = argc - optind;
	return r;
}

/* ---- help ---- */

const char *options_first(unsigned int bits, char *text, size_t size)
{
	snprintf(text, size, "--%s", descs[__builtin_ctz(bits)].name);
	return text;
}

void options_help(unsigned int bits, FILE *out)
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_desc *d = &descs[i];
		char names[64], letter[8] = "    ";

		if (!(bits & (1u << i)))
			continue;
		if (d->letter)
			snprintf(letter, sizeof(letter), "-%c, ", d->letter);
		snprintf(names, sizeof(names), "%s--%s%s%s", letter, d->name, d->argument ? " " : "",
			 d->argument ? d->argument : "");
		fprintf(out, "  %-28s %s\n", names, d->help);
	}
}
