/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/fmt.h>

#include <string.h>

#include <inttypes.h>
#include <stdlib.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
#include <compiler/base/reader.h>
#include <compiler/fmt_write.h>
#include <grammar/parse.h>

/* ---- what stands in a block ---- */

enum part_kind { PART_DEFINE, PART_INCLUDE, PART_SET, PART_OBJECT, PART_CHAIN, PART_RULE };

struct part {
	uint32_t at; /* where it goes */
	enum part_kind kind;
	union {
		const struct ast_define *define;
		const struct source *include;
		const struct ast_set *set;
		const struct ast_object *object;
		const struct ast_chain *chain;
		const struct ast_rule *rule;
	};
};

struct parts {
	struct part *v;
	size_t n, cap;
};

static int compare_parts(const void *x, const void *y)
{
	const struct part *a = x, *b = y;

	return a->at != b->at ? (a->at < b->at ? -1 : 1) : (a->kind > b->kind) - (a->kind < b->kind);
}

static void sort_parts(struct parts *parts)
{
	if (parts->n)
		qsort(parts->v, parts->n, sizeof(*parts->v), compare_parts);
}

/* What defines names goes before the set that it stands in. */
static uint32_t place_outside_sets(const struct ast_set *sets, uint32_t at)
{
	for (const struct ast_set *s = sets; s; s = s->next)
		if (at >= s->span.at && at < s->span.end)
			return s->span.at;
	return at;
}

static void add_defines(struct formatter *f, struct parts *parts, const struct ast_define *defines,
			const struct ast_set *sets)
{
	for (const struct ast_define *d = defines; d; d = d->next)
		*vec_push(f->w.a, parts) = (struct part){ place_outside_sets(sets, d->span.at), PART_DEFINE,
							  .define = d };
}

static bool is_in_chain(const struct ast_chain *chains, uint32_t at)
{
	for (const struct ast_chain *c = chains; c; c = c->next)
		if (at >= c->span.at && at < c->span.end)
			return true;
	return false;
}

/* Those in a block, but not in the chains in it. */
static void add_includes(struct formatter *f, struct parts *parts, struct span block, const struct ast_table *t)
{
	for (size_t i = f->first_include; i < f->w.sources->n; i++) {
		const struct source *s = &f->w.sources->v[i];
		uint32_t at = s->included_from.at;

		if (at < block.at || at >= block.end || (t && is_in_chain(t->chains, at)))
			continue;
		*vec_push(f->w.a, parts) = (struct part){ place_outside_sets(t ? t->sets : NULL, at), PART_INCLUDE,
							  .include = s };
	}
}

/* ---- lines of their own ---- */

static void write_define(struct formatter *f, const struct ast_define *d)
{
	static const char *const words[] = {
		[DEFINE_NEW] = "define",
		[DEFINE_AGAIN] = "redefine",
		[DEFINE_NONE] = "undefine",
	};
	static const struct value_types unknown;
	struct buf b;
	struct printer *p = write_begin(&f->w, &b);

	buf_printf(&b, "%s %s", words[d->kind], d->name);
	if (d->value) {
		buf_puts(&b, " = ");
		p->flags = FLAGS_OR;
		f->in_define = true;
		put_value(p, d->value, &unknown);
		f->in_define = false;
	}
	write_line(&f->w, LISTING_RULE, b.text, d->span);
}

static void write_include(struct formatter *f, const struct source *s)
{
	write_line(&f->w, LISTING_RULE, s->name, s->included_from);
}

void fmt_rule(struct formatter *f, const struct ast_rule *rule, const char *head)
{
	const struct ast_rule *bound = fmt_bound_rule(f, rule);
	struct sources *sources = f->w.printer.sources;
	struct buf b;
	struct printer *p = write_begin(&f->w, &b);

	if (bound != rule)
		p->sources = NULL;
	buf_puts(&b, head);
	put_rule(p, bound);
	write_line(&f->w, LISTING_RULE, b.text, rule->span);
	p->sources = sources;
}

/* ---- chains ---- */

static void write_chain_part(struct formatter *f, const struct part *part)
{
	if (part->kind == PART_DEFINE)
		write_define(f, part->define);
	else if (part->kind == PART_INCLUDE)
		write_include(f, part->include);
	else
		fmt_rule(f, part->rule, "");
}

/* The variables of its hook stand before it. */
void fmt_chain(struct formatter *f, const char *head, const struct ast_chain *chain, enum ast_family family)
{
	uint32_t hook = chain->is_base ? chain->hook_span.at : chain->span.at;
	struct parts parts = { 0 };
	size_t i = 0;

	add_defines(f, &parts, chain->defines, NULL);
	add_includes(f, &parts, chain->span, NULL);
	for (const struct ast_rule *r = chain->rules; r; r = r->next)
		*vec_push(f->w.a, &parts) = (struct part){ r->span.at, PART_RULE, .rule = r };
	sort_parts(&parts);
	write_open(&f->w, head, 0, span_join(chain->span, chain->name_span));
	for (; i < parts.n && parts.v[i].at < hook && parts.v[i].kind != PART_RULE; i++)
		write_chain_part(f, &parts.v[i]);
	write_chain_head(&f->w, chain, family);
	for (; i < parts.n; i++)
		write_chain_part(f, &parts.v[i]);
	write_close(&f->w, chain->span);
}

/* ---- tables ---- */

static void write_set_block(struct formatter *f, const struct ast_table *t, const struct ast_set *set)
{
	const struct ast_set *bound = fmt_bound_set(f, t, set);
	const char *head = head_of_block(&f->w, set->is_map ? "map" : "set", set->name);
	struct sources *sources = f->w.printer.sources;

	if (bound)
		f->w.printer.sources = NULL;
	write_set(&f->w, head, bound ? bound : set);
	f->w.printer.sources = sources;
}

static void write_table_part(struct formatter *f, const struct ast_table *t, const struct part *part)
{
	switch (part->kind) {
	case PART_SET:
		write_set_block(f, t, part->set);
		break;
	case PART_OBJECT:
		write_object(&f->w, head_of_block(&f->w, object_word(part->object->kind), part->object->name),
			     part->object);
		break;
	case PART_CHAIN:
		fmt_chain(f, head_of_block(&f->w, "chain", part->chain->name), part->chain, t->family);
		break;
	default:
		write_chain_part(f, part);
	}
}

static void write_table_as_written(struct formatter *f, const char *head, const struct ast_table *t)
{
	struct parts parts = { 0 };

	add_defines(f, &parts, t->defines, t->sets);
	add_includes(f, &parts, t->span, t);
	for (const struct ast_set *s = t->sets; s; s = s->next)
		*vec_push(f->w.a, &parts) = (struct part){ s->span.at, PART_SET, .set = s };
	for (const struct ast_object *o = t->objects; o; o = o->next)
		*vec_push(f->w.a, &parts) = (struct part){ o->span.at, PART_OBJECT, .object = o };
	for (const struct ast_chain *c = t->chains; c; c = c->next)
		*vec_push(f->w.a, &parts) = (struct part){ c->span.at, PART_CHAIN, .chain = c };
	sort_parts(&parts);
	write_open(&f->w, head, 0, span_join(t->span, t->name_span));
	write_comment(&f->w, t->comment);
	for (size_t i = 0; i < parts.n; i++)
		write_table_part(f, t, &parts.v[i]);
	write_close(&f->w, t->span);
}

void fmt_table(struct formatter *f, const char *head, const struct ast_table *t)
{
	const struct ast_table *bound = fmt_bound_table(f, t);
	struct sources *sources = f->w.printer.sources;

	f->w.printer.family = t->family;
	if (!bound) {
		write_table_as_written(f, head, t);
		return;
	}
	f->w.printer.sources = NULL;
	write_table(&f->w, bound);
	f->w.printer.sources = sources;
}

/* ---- the whole ---- */

static void write_item(struct formatter *f, const struct ast_item *i)
{
	switch (i->kind) {
	case ITEM_TABLE:
		fmt_table(f,
			  head_of_block(&f->w, arena_printf(f->w.a, "table %s", ast_family_name(i->table->family)),
					i->table->name),
			  i->table);
		break;
	case ITEM_DEFINE:
		write_define(f, i->define);
		break;
	case ITEM_COMMAND:
		fmt_command(f, i->command);
		break;
	case ITEM_INCLUDE:
		write_line(&f->w, LISTING_RULE, arena_printf(f->w.a, "include \"%s\"", i->include), i->span);
		break;
	}
}

static void note_comments(struct formatter *f)
{
	uint32_t end = f->source->base + f->source->len;

	for (const struct ast_comment *c = f->ast->comments; c; c = c->next)
		if (c->span.at >= f->source->base && c->span.at <= end)
			*vec_push(f->w.a, &f->notes) = (struct note){ c, false };
}

/* Stands in for an included file with an empty text, which has the place of the
 * statement and its words. */
static int note_include(void *ctx, const char *pattern,
			int (*add)(void *add_ctx, const char *name, const char *text, size_t len), void *add_ctx)
{
	int r = add(add_ctx, arena_printf(ctx, "include \"%s\"", pattern), "", 0);

	return r < 0 ? r : 1;
}

static int refuse_json(const struct source *src, struct diag *d)
{
	uint32_t begin = src->base + (uint32_t)strspn(src->text, " \t\n");

	return diag_error(d, DIAG_MISPLACED, (struct span){ begin, begin + 1 },
			  "this is JSON, which has no layout; 'compile --dump=listing' prints it as text");
}

int fmt(size_t source, struct sources *sources, const struct compile_options *options, struct diag *d, struct arena *a,
	struct buf *out)
{
	static const struct listing_options lines;
	const struct include_reader reader = { note_include, a };
	struct compile_options parsing = { &reader, NULL, 0 };
	struct formatter f = { .w = { .sources = sources, .options = &lines, .a = a, .elements = fmt_elements } };
	struct ast *ast;

	if (json_source_begins(&sources->v[source]))
		return refuse_json(&sources->v[source], d);
	f.first_include = sources->n;
	if (compile_parse(source, sources, &parsing, d, a, &ast))
		return -1;
	f.w.printer = (struct printer){ .sources = sources, .set = fmt_set, .ctx = &f };
	f.ast = ast;
	f.source = &sources->v[source];
	note_comments(&f);
	if (sources->n == f.first_include && fmt_bind(&f, source, sources, options, d))
		return -1;
	f.source = &sources->v[source]; /* which may have moved */
	for (const struct ast_item *i = ast->items; i; i = i->next)
		write_item(&f, i);
	fmt_weave(&f, out);
	diag_clear(d); /* warnings are for 'check' */
	return 0;
}
