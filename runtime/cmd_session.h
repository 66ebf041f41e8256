/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_session.h - what commands that compile a file have in common. */
#ifndef ZFWC_CMD_SESSION_H
#define ZFWC_CMD_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include <compiler/base/diag.h>
#include <compiler/base/reader.h>
#include <compiler/base/source.h>
#include <compiler/compile.h>
#include <runtime/files.h>
#include <runtime/report.h>

struct buf;
struct diag_log;
struct facts;
struct image;
struct options;

/* One file with everything it includes. */
struct session {
	const struct options *options;
	struct arena *arena;
	struct sources sources;
	struct diag diag;
	struct diag_log *log; /* where messages go; NULL: to standard error, as text */
	struct include_path include_path;
	struct include_reader reader;
	struct compile_options compile;
	struct stages stages;
};

/* 's' must not move afterwards. */
void session_start(struct session *s, const struct options *o, struct arena *a);

/* Says all messages, and forgets them.  Returns -1 if there are errors among them. */
int session_say(struct session *s);

/* With -j, the log of a command, else NULL. */
struct diag_log *session_log(const struct options *o, struct arena *a);
/* Ends a command that prints 'text' and times, with or without -j: its log has
 * the lines of the text as 'name'.  'stats' may be NULL. */
struct live_stats;
void session_end(struct session *s, const char *name, const struct buf *text, const struct live_stats *stats);

/* Reads 'path' and gives the index of its text.  Like all of the functions
 * below: returns 0, or -1 with the messages printed. */
int session_read(struct session *s, const char *path, size_t *source);

/* Of the file that --facts names; else of this host, or, with 'assume', those
 * that the text needs. */
int session_facts(struct session *s, bool assume, struct facts *ret);

/* Compiles the text up to the IR.  A file without any table is an error. */
int session_compile(struct session *s, size_t source, const struct facts *facts, struct compiled *ret);

/* The image of a ruleset that nothing is known to be live for. */
int session_emit(struct session *s, const struct compiled *c, const struct facts *facts, struct image *ret);

#endif
