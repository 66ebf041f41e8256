/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_session.c - reading and compiling, with messages and times. */
#include <runtime/cmd_session.h>

#include <compiler/image.h>
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
	s->diag = (struct diag){ .arena = a, .sources = &s->sources };
	s->reader = include_reader_for(&s->include_path);
	s->compile = (struct compile_options){ &s->reader, o->defines.v, o->defines.n };
	stages_start(&s->stages);
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

static int compile_stages(struct session *s, size_t source, const struct facts *facts, struct compiled *ret)
{
	int r;

	r = compile_parse(source, &s->sources, &s->compile, &s->diag, s->arena, &ret->ast);
	stages_done(&s->stages, "parse");
	if (r)
		return r;
	r = compile_resolve(ret->ast, &s->diag, s->arena, &ret->ruleset);
	stages_done(&s->stages, "resolve");
	if (r)
		return r;
	r = compile_lower(ret->ruleset, facts, &s->diag, s->arena, &ret->ir);
	stages_done(&s->stages, "lower");
	return r;
}

int session_compile(struct session *s, size_t source, const struct facts *facts, struct compiled *ret)
{
	const char *name = s->sources.v[source].name;

	compile_stages(s, source, facts, ret);
	if (report_diag(&s->diag))
		return -1;
	s->diag.n = 0; /* warnings: said */
	if (!ret->ruleset->tables)
		return report_error("%s: no table in it, so no rules; 'zfwc detach' removes the live ones", name);
	return 0;
}

int session_emit(struct session *s, const struct compiled *c, const struct facts *facts, struct image *ret)
{
	static const struct emit_options options = { .mark = 1 };

	emit_image(c->ir, facts, &options, NULL, &s->diag, s->arena, ret);
	stages_done(&s->stages, "emit");
	return report_diag(&s->diag);
}
