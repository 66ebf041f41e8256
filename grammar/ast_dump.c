/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/ast_dump.h>

#include <inttypes.h>
#include <stdarg.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

/* "[12-40]"; of an included file "[its name:12-40]". */
static void put_span(struct dump *d, struct span span)
{
	struct position p;
	uint32_t base;

	if (!sources_locate(d->sources, span.at, &p))
		return;
	base = p.source->base;
	buf_puts(d->out, " [");
	if (span_known(p.source->included_from))
		buf_printf(d->out, "%s:", p.source->name);
	buf_printf(d->out, "%u-%u]", span.at - base, span.end - base);
}

void dump_node(struct dump *d, struct span span, const char *fmt, ...)
{
	va_list ap;

	for (unsigned int i = 0; i < d->depth; i++)
		buf_puts(d->out, "  ");
	va_start(ap, fmt);
	buf_puts(d->out, arena_vprintf(d->out->arena, fmt, ap));
	va_end(ap);
	put_span(d, span);
	buf_putc(d->out, '\n');
}

static void dump_define(struct dump *d, const struct ast_define *def)
{
	static const char *const words[] = {
		[DEFINE_NEW] = "define",
		[DEFINE_AGAIN] = "redefine",
		[DEFINE_NONE] = "undefine",
	};

	dump_node(d, def->span, "%s %s #%u", words[def->kind], def->name, def->order);
	if (def->value)
		dump_items(d, def->value);
}

static void dump_comment(struct dump *d, const char *comment)
{
	if (comment)
		dump_node(d, SPAN_NONE, "comment \"%s\"", comment);
}

static void dump_set_type(struct dump *d, const struct ast_set *s)
{
	dump_node(d, s->type_span, "type");
	d->depth++;
	dump_part(d, "of", s->type_words ? s->type_words : s->type_of);
	dump_part(d, "to", s->data_words ? s->data_words : s->data_type_of);
	d->depth--;
}

static void dump_set_flags(struct dump *d, const struct ast_set *s)
{
	const struct {
		bool on;
		const char *name;
	} flags[] = {
		{ s->interval, "interval" },	       { s->constant, "constant" },
		{ s->has_timeout_flag, "timeout" },    { s->dynamic, "dynamic" },
		{ s->auto_merge, "auto-merge" },       { s->counter, "counter" },
		{ s->policy_memory, "policy memory" },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (flags[i].on)
			dump_node(d, SPAN_NONE, "%s", flags[i].name);
	if (s->timeout)
		dump_node(d, SPAN_NONE, "timeout %" PRIu64 "ms", s->timeout);
	if (s->gc_interval)
		dump_node(d, SPAN_NONE, "gc-interval %" PRIu64 "ms", s->gc_interval);
	if (s->size)
		dump_node(d, SPAN_NONE, "size %" PRIu64, s->size);
}

static void dump_set(struct dump *d, const struct ast_set *s)
{
	dump_node(d, s->span, "%s %s", s->is_map ? "map" : "set", s->name);
	d->depth++;
	dump_comment(d, s->comment);
	dump_set_type(d, s);
	dump_set_flags(d, s);
	dump_part(d, "elements", s->elements);
	d->depth--;
}

static void dump_object(struct dump *d, const struct ast_object *o)
{
	dump_node(d, o->span, "%s %s", o->kind == OBJECT_LIMIT ? "limit" : "counter", o->name);
	d->depth++;
	dump_comment(d, o->comment);
	if (o->kind == OBJECT_LIMIT)
		dump_node(d, SPAN_NONE, "%s", dump_limit_text(d, &o->limit));
	else
		dump_node(d, SPAN_NONE, "packets %" PRIu64 " bytes %" PRIu64, o->packets, o->bytes);
	d->depth--;
}

static void dump_hook(struct dump *d, const struct ast_chain *c)
{
	dump_node(d, c->hook_span, "hook %s", c->hook ? ast_hook_name(c->hook) : "none");
	d->depth++;
	dump_part(d, "devices", c->devices);
	dump_node(d, c->priority_span, "priority %+" PRId64, c->priority_offset);
	dump_items(d, c->priority_base);
	d->depth--;
}

static void dump_policy(struct dump *d, const struct ast_chain *c)
{
	dump_node(d, c->policy_span, "policy%s%s", c->policy_variable ? "" : " ",
		  c->policy_variable ? "" : ast_verdict_name(c->policy));
	if (c->policy_variable)
		dump_items(d, c->policy_variable);
}

static void dump_chain(struct dump *d, const struct ast_chain *c)
{
	dump_node(d, c->span, "chain %s", c->name);
	d->depth++;
	dump_comment(d, c->comment);
	if (c->is_base)
		dump_hook(d, c);
	if (c->has_policy)
		dump_policy(d, c);
	if (c->offload)
		dump_node(d, c->offload_span, "flags offload");
	for (const struct ast_define *def = c->defines; def; def = def->next)
		dump_define(d, def);
	for (const struct ast_rule *r = c->rules; r; r = r->next)
		dump_rule(d, r);
	d->depth--;
}

static void dump_table(struct dump *d, const struct ast_table *t)
{
	dump_node(d, t->span, "table %s %s", ast_family_name(t->family), t->name);
	d->depth++;
	dump_comment(d, t->comment);
	for (const struct ast_define *def = t->defines; def; def = def->next)
		dump_define(d, def);
	for (const struct ast_set *s = t->sets; s; s = s->next)
		dump_set(d, s);
	for (const struct ast_object *o = t->objects; o; o = o->next)
		dump_object(d, o);
	for (const struct ast_chain *c = t->chains; c; c = c->next)
		dump_chain(d, c);
	d->depth--;
}

/* ---- commands ---- */

static void dump_command_line(struct dump *d, const struct ast_command *c)
{
	struct buf text = { .arena = d->out->arena };

	ast_put_command(c, &text);
	dump_node(d, c->span, "%s", text.text);
}

static void dump_command(struct dump *d, const struct ast_command *c)
{
	dump_command_line(d, c);
	d->depth++;
	if (c->block)
		dump_table(d, c->block);
	if (c->chain)
		dump_chain(d, c->chain);
	if (c->set)
		dump_set(d, c->set);
	if (c->object)
		dump_object(d, c->object);
	if (c->rule)
		dump_rule(d, c->rule);
	dump_part(d, "elements", c->elements);
	d->depth--;
}

void ast_dump(const struct ast *ast, struct sources *sources, struct buf *out)
{
	struct dump d = { .sources = sources, .out = out };

	for (const struct ast_item *item = ast->items; item; item = item->next) {
		switch (item->kind) {
		case ITEM_TABLE:
			dump_table(&d, item->table);
			break;
		case ITEM_DEFINE:
			dump_define(&d, item->define);
			break;
		case ITEM_COMMAND:
			dump_command(&d, item->command);
			break;
		case ITEM_INCLUDE:
			dump_node(&d, item->span, "include \"%s\"", item->include);
			break;
		}
	}
	for (const struct ast_comment *c = ast->comments; c; c = c->next)
		dump_node(&d, c->span, "comment%s", c->alone ? " alone" : "");
}
