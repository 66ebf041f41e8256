/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_compile.c - 'zfwc compile --dump=STAGE': a stage as text, for people who
 * want to see what the compiler makes of their rules. */
#include <string.h>

#include <compiler/base/buf.h>
#include <compiler/facts.h>
#include <compiler/image.h>
#include <compiler/ir.h>
#include <compiler/json_write.h>
#include <compiler/listing.h>
#include <runtime/cmd.h>
#include <runtime/cmd_session.h>
#include <runtime/options.h>

static int dump_tokens(struct session *s, size_t source, const struct facts *facts, struct buf *out)
{
	(void)facts;
	compile_dump_tokens(source, &s->sources, &s->diag, s->arena, out);
	return session_say(s);
}

static int dump_ast(struct session *s, size_t source, const struct facts *facts, struct buf *out)
{
	struct ast *ast;

	(void)facts;
	compile_parse(source, &s->sources, &s->compile, &s->diag, s->arena, &ast);
	compile_dump_ast(ast, &s->sources, out);
	return session_say(s);
}

static int dump_ir(struct session *s, size_t source, const struct facts *facts, struct buf *out)
{
	struct compiled c = { 0 };

	if (session_compile(s, source, facts, &c))
		return -1;
	ir_dump(c.ir, facts, &s->sources, out);
	return 0;
}

static int dump_image(struct session *s, size_t source, const struct facts *facts, struct buf *out)
{
	struct compiled c = { 0 };
	struct image image;

	if (session_compile(s, source, facts, &c) || session_emit(s, &c, facts, &image))
		return -1;
	image_dump(&image, out);
	return 0;
}

/* The rules as they are bound; what they need of the plane isn't looked at. */
static int resolve(struct session *s, size_t source, struct compiled *ret)
{
	compile_parse(source, &s->sources, &s->compile, &s->diag, s->arena, &ret->ast);
	compile_resolve(ret->ast, &s->diag, s->arena, &ret->ruleset);
	return session_say(s);
}

static int dump_listing(struct session *s, size_t source, const struct facts *facts, struct buf *out)
{
	struct listing_options options = { .handles = option_given(s->options, OPTION(HANDLES)) };
	struct compiled c = { 0 };
	struct listing listing;

	(void)facts;
	if (resolve(s, source, &c))
		return -1;
	listing_make(c.ruleset, &s->sources, &options, s->arena, &listing);
	listing_print(&listing, out);
	return 0;
}

static int dump_json(struct session *s, size_t source, const struct facts *facts, struct buf *out)
{
	struct listing_options options = { 0 };
	struct compiled c = { 0 };
	struct listing listing;

	(void)facts;
	if (resolve(s, source, &c))
		return -1;
	listing_make(c.ruleset, &s->sources, &options, s->arena, &listing);
	json_write(c.ruleset, NULL, &listing, s->arena, out);
	return 0;
}

static const struct dump {
	const char *stage;
	int (*print)(struct session *s, size_t source, const struct facts *facts, struct buf *out);
} dumps[] = {
	{ "tokens", dump_tokens }, { "ast", dump_ast },		{ "ir", dump_ir },
	{ "image", dump_image },   { "listing", dump_listing }, { "json", dump_json },
};
#define N_DUMPS (sizeof(dumps) / sizeof(dumps[0]))

static const struct dump *find_dump(const char *stage)
{
	const char *names[N_DUMPS], *nearest;

	if (!stage) {
		report_error("compile needs --dump=tokens, ast, ir, image, listing or json");
		return NULL;
	}
	for (size_t i = 0; i < N_DUMPS; i++) {
		if (strcmp(dumps[i].stage, stage) == 0)
			return &dumps[i];
		names[i] = dumps[i].stage;
	}
	nearest = diag_suggest(stage, names, N_DUMPS);
	if (nearest)
		report_error("no stage '%s'; did you mean '%s'?", stage, nearest);
	else
		report_error("no stage '%s': tokens, ast, ir, image, listing or json", stage);
	return NULL;
}

int cmd_compile(const struct options *o, struct arena *a)
{
	const struct dump *dump = find_dump(o->dump);
	struct buf out = { .arena = a };
	struct facts facts;
	struct session s;
	size_t source;
	int r;

	if (!dump)
		return 1;
	session_start(&s, o, a);
	if (session_read(&s, o->args[0], &source) || session_facts(&s, true, &facts))
		return 1;
	r = dump->print(&s, source, &facts, &out);
	report_text(&out);
	return r ? 1 : 0;
}
