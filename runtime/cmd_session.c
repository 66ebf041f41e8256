/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_session.c - reading and compiling, with messages and times. */
#include <runtime/cmd_session.h>

#include <compiler/base/buf.h>
#include <compiler/facts.h>
#include <compiler/image.h>
#include <runtime/diag_json.h>
#include <runtime/facts_file.h>
#include <runtime/live.h>
#include <runtime/options.h>

void session_start(struct session *s, const struct options *o, struct arena *a)
{
	*s = (struct session){
		.options = o,
		.arena = a,
		.sources = { .arena = a },
		.include_path = { o->include_dirs.v, o->include_dirs.n, a },
	};
	s->diag = (struct diag){
		.arena = a,
		.sources = &s->sources,
		.max_errors = o->max_errors,
		.wills = &o->wills,
	};
	s->reader = include_reader_for(&s->include_path);
	s->compile = (struct compile_options){ &s->reader, o->defines.v, o->defines.n };
	stages_start(&s->stages);
}

struct diag_log *session_log(const struct options *o, struct arena *a)
{
	return option_given(o, OPTION(JSON)) ? diag_log_new(a) : NULL;
}

int session_say(struct session *s)
{
	int r = diag_failed(&s->diag) ? -1 : 0;

	if (s->log)
		diag_log_add(s->log, &s->diag);
	else
		report_diag(&s->diag);
	diag_clear(&s->diag);
	return r;
}

void session_end(struct session *s, const char *name, const struct buf *text, const struct live_stats *stats)
{
	if (s->log)
		diag_log_put_lines(s->log, name, text->text);
	else
		report_text(text);
	if (option_given(s->options, OPTION(STATS)))
		report_stats(stats, &s->stages, s->log ? stderr : stdout);
	diag_log_print(&s->log);
}

int session_read(struct session *s, const char *path, size_t *source)
{
	struct trouble t = { 0 };
	struct file_text f;

	if (file_read(path, s->arena, &f, &t))
		return report_trouble(&t);
	*source = s->sources.n;
	sources_add(&s->sources, f.name, f.text, f.len, SPAN_NONE);
	stages_done(&s->stages, "read");
	return 0;
}

int session_facts(struct session *s, bool assume, struct facts *ret)
{
	const struct options *o = s->options;
	struct trouble t = { 0 };
	int r = 0;

	if (o->facts)
		r = facts_read(o->facts, s->arena, ret, &t);
	else if (assume)
		*ret = (struct facts){ .assume = true };
	else
		r = host_facts(s->arena, ret, &t);
	if (r)
		return report_trouble(&t);
	ret->devices = o->devices.v;
	ret->n_devices = o->devices.n;
	stages_done(&s->stages, "host");
	return 0;
}

/* Each stage says what it can about what the one before it has left. */
static void compile_stages(struct session *s, size_t source, const struct facts *facts, struct compiled *ret)
{
	compile_parse(source, &s->sources, &s->compile, &s->diag, s->arena, &ret->ast);
	stages_done(&s->stages, "parse");
	compile_resolve(ret->ast, &s->diag, s->arena, &ret->ruleset);
	stages_done(&s->stages, "resolve");
	compile_lower(ret->ruleset, facts, &s->diag, s->arena, &ret->ir);
	stages_done(&s->stages, "lower");
	if (s->diag.errors)
		return;
	compile_check(ret, facts, &s->diag, s->arena);
	if (option_given(s->options, OPTION(PORTABLE)))
		compile_check_portable(ret->ruleset, &s->diag, s->arena);
	stages_done(&s->stages, "check");
}

int session_compile(struct session *s, size_t source, const struct facts *facts, struct compiled *ret)
{
	const struct source *src = &s->sources.v[source];
	struct span begin = { src->base, src->base };

	compile_stages(s, source, facts, ret);
	if (!s->diag.errors && !ret->ruleset->tables)
		diag_error(&s->diag, DIAG_EMPTY_FILE, begin,
			   "no table in this file, so no rules; 'zfwc detach' removes the live ones");
	return session_say(s);
}

int session_emit(struct session *s, const struct compiled *c, const struct facts *facts, struct image *ret)
{
	static const struct emit_options options = { .mark = 1 };

	emit_image(c->ir, facts, &options, NULL, &s->diag, s->arena, ret);
	stages_done(&s->stages, "emit");
	return session_say(s);
}
