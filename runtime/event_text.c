/* SPDX-License-Identifier: GPL-2.0-only */
#include <runtime/event_text.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/ir.h>
#include <runtime/cmd_installed.h>
#include <runtime/event_print.h>

static int compare(const void *x, const void *y)
{
	const struct log_statement *a = x, *b = y;

	return (a->identity > b->identity) - (a->identity < b->identity);
}

/* The line of the listing that the statement stands in; NULL: none. */
static const struct listing_line *line_of(struct installed *in, const struct ir_log *log)
{
	struct position at;

	if (!sources_locate(&in->sources, log->span.at, &at) || at.line > in->listing.n)
		return NULL;
	return &in->listing.v[at.line - 1];
}

static const char *keep(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

struct event_text event_text_of(struct installed *in, struct arena *a)
{
	const struct ir *ir = in->compiled.ir;
	struct event_text text = { arena_make_array(a, ir->n_logs, struct log_statement), ir->n_logs };

	for (size_t i = 0; i < ir->n_logs; i++) {
		const struct ir_log *log = &ir->logs[i];
		const struct listing_line *line = line_of(in, log);

		text.v[i] = (struct log_statement){
			.identity = log->identity,
			.prefix = keep(a, log->prefix ? log->prefix : ""),
			.has_group = log->has_group,
			.group = log->group,
			.level = log->level,
			.file = line && line->file ? keep(a, line->file) : NULL,
			.line = line ? line->line : 0,
			.rule = keep(a, line ? line->text : ""),
		};
	}
	if (text.n)
		qsort(text.v, text.n, sizeof(*text.v), compare);
	return text;
}

const struct log_statement *event_text_find(const struct event_text *t, uint64_t identity)
{
	const struct log_statement key = { .identity = identity };

	return t->n ? bsearch(&key, t->v, t->n, sizeof(key), compare) : NULL;
}

bool event_text_same(const struct event_text *x, const struct event_text *y)
{
	for (size_t i = 0; i < x->n && i < y->n; i++)
		if (x->v[i].identity != y->v[i].identity)
			return false;
	return x->n == y->n;
}
