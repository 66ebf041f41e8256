/* SPDX-License-Identifier: GPL-2.0-only */
#include <runtime/diag_json.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <runtime/json_make.h>

struct diag_log {
	json_t *object, *messages;
	json_int_t errors, warnings;
};

struct diag_log *diag_log_new(struct arena *a)
{
	struct diag_log *log = arena_make(a, struct diag_log);

	log->object = json_checked(json_object());
	log->messages = json_checked(json_array());
	return log;
}

/* ---- places ---- */

static json_t *place_json(const struct position *p, uint32_t at)
{
	return json_pack("{s:I,s:I,s:I}", "line", (json_int_t)p->line, "column", (json_int_t)p->column, "offset",
			 (json_int_t)(at - p->source->base));
}

/* NULL when a span is nowhere; its end is in the file that it begins in. */
static json_t *range_json(struct sources *sources, struct span span, const char **file)
{
	struct position from, to;
	json_t *range;

	*file = NULL;
	if (!sources_locate(sources, span.at, &from))
		return json_null();
	*file = from.source->name;
	if (!sources_locate(sources, span.end, &to) || to.source != from.source) {
		span.end = span.at;
		to = from;
	}
	range = json_checked(json_object());
	json_put(range, "start", place_json(&from, span.at));
	json_put(range, "end", place_json(&to, span.end));
	return range;
}

static void put_place(json_t *object, struct sources *sources, struct span span)
{
	const char *file;
	json_t *range = range_json(sources, span, &file);

	json_put(object, "file", file ? json_text(file) : json_null());
	json_put(object, "range", range);
}

/* ---- messages ---- */

static json_t *notes_json(const struct diag *d, const struct diag_group *g)
{
	json_t *notes = json_checked(json_array());

	for (size_t i = 1; i < g->n; i++) {
		json_t *note = json_checked(json_object());

		json_put(note, "message", json_text(g->v[i].text));
		put_place(note, d->sources, span_known(g->v[i].span) ? g->v[i].span : g->v->span);
		json_add(notes, note);
	}
	return notes;
}

static json_t *suggestion_json(const struct diag *d, const struct diag_message *m)
{
	const char *file;
	json_t *object;

	if (!m->fix)
		return json_null();
	object = json_checked(json_object());
	json_put(object, "range", range_json(d->sources, m->fix_at, &file));
	json_put(object, "text", json_text(m->fix));
	return object;
}

static json_t *message_json(const struct diag *d, const struct diag_group *g)
{
	json_t *object = json_checked(json_object());

	put_place(object, d->sources, g->v->span);
	json_put(object, "severity", json_text(g->v->severity == DIAG_ERROR ? "error" : "warning"));
	json_put(object, "code", json_text(diag_codes[g->v->code].name));
	json_put(object, "message", json_text(g->v->text));
	json_put(object, "notes", notes_json(d, g));
	json_put(object, "suggestion", suggestion_json(d, g->v));
	return object;
}

void diag_log_add(struct diag_log *log, const struct diag *d)
{
	size_t n;
	const struct diag_group *groups = diag_groups(d, &n);

	for (size_t i = 0; i < n; i++)
		json_add(log->messages, message_json(d, &groups[i]));
	log->errors += d->errors + d->refused;
	log->warnings += d->warnings;
}

/* ---- the whole ---- */

void diag_log_put_text(struct diag_log *log, const char *name, const char *text)
{
	json_put(log->object, name, json_text(text));
}

void diag_log_put_lines(struct diag_log *log, const char *name, const char *text)
{
	json_t *lines = json_checked(json_array());

	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = strndup(text, len);

		json_add(lines, line ? json_text(line) : NULL);
		free(line);
		text += len + (text[len] == '\n');
	}
	json_put(log->object, name, lines);
}

void diag_log_print(struct diag_log **log)
{
	struct diag_log *l = *log;

	if (!l)
		return;
	json_put(l->object, "diagnostics", l->messages);
	json_put(l->object, "errors", json_integer(l->errors));
	json_put(l->object, "warnings", json_integer(l->warnings));
	json_say(l->object);
	*log = NULL;
}
