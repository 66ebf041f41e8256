/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/listing.h>

#include <inttypes.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/source.h>
#include <compiler/compile.h>
#include <compiler/listing_write.h>
#include <compiler/names.h>

/* ---- lines ---- */

struct listing_line *write_line(struct writer *w, enum listing_kind kind, const char *text, struct span span)
{
	struct listing_line *line = vec_push(w->a, &w->lines);
	struct position at;

	*line = (struct listing_line){ .kind = kind, .depth = w->depth, .text = text, .span = span };
	if (sources_locate(w->sources, span.at, &at)) {
		line->file = at.source->name;
		line->line = at.line;
	}
	return line;
}

static const char *with_handle(struct writer *w, const char *text, uint64_t handle)
{
	return w->options->handles && handle ? arena_printf(w->a, "%s # handle %" PRIu64, text, handle) : text;
}

void write_open(struct writer *w, const char *head, uint64_t handle, struct span span)
{
	write_line(w, LISTING_OPEN, with_handle(w, arena_printf(w->a, "%s {", head), handle), span);
	w->depth++;
}

const char *head_of_block(struct writer *w, const char *word, const char *name)
{
	struct buf b = { .arena = w->a };

	buf_printf(&b, "%s ", word);
	ast_put_name(name, &b);
	return b.text;
}

void write_close(struct writer *w, struct span span)
{
	struct span end = span_known(span) ? (struct span){ span.end - 1, span.end } : SPAN_NONE;

	w->depth--;
	write_line(w, LISTING_CLOSE, "}", SPAN_NONE)->span = end;
}

void write_comment(struct writer *w, const char *comment)
{
	if (comment)
		write_line(w, LISTING_ITEM, arena_printf(w->a, "comment \"%s\"", comment), SPAN_NONE);
}

struct printer *write_begin(struct writer *w, struct buf *text)
{
	*text = (struct buf){ .arena = w->a };
	buf_puts(text, "");
	w->printer.out = text;
	return &w->printer;
}

/* ---- chains ---- */

/* nft names a priority when one of the hook's names is at most 10 away. */
static void put_number_of_priority(struct buf *out, const struct names *names, int64_t priority)
{
	for (size_t i = 0; i < names->n; i++) {
		int64_t offset = priority - names->v[i].number;

		if (offset < -10 || offset > 10)
			continue;
		buf_puts(out, names->v[i].word);
		if (offset)
			buf_printf(out, " %c %" PRId64, offset < 0 ? '-' : '+', offset < 0 ? -offset : offset);
		return;
	}
	buf_printf(out, "%" PRId64, priority);
}

/* Of a tree as parsed; false: it isn't known without its variable. */
static bool written_priority(const struct ast_chain *chain, const struct names *names, int64_t *ret)
{
	const struct ast_value *base = chain->priority_base;

	*ret = 0;
	if (base && base->kind == VALUE_NUMBER)
		*ret = (int64_t)base->number;
	else if (base && (base->kind != VALUE_WORD || !names_find(names, base->text, ret)))
		return false;
	*ret += chain->priority_offset;
	return true;
}

static void put_priority(struct printer *p, const struct ast_chain *chain, enum ast_family family)
{
	static const struct value_types none;
	const struct names *names = names_of_priorities(family, chain->hook);
	int64_t priority = chain->priority, offset = chain->priority_offset;

	if (!p->sources || written_priority(chain, names, &priority)) {
		put_number_of_priority(p->out, names, priority);
		return;
	}
	put_value(p, chain->priority_base, &none);
	if (offset)
		buf_printf(p->out, " %c %" PRId64, offset < 0 ? '-' : '+', offset < 0 ? -offset : offset);
}

static bool is_plain_word(const char *s)
{
	if (*s >= '0' && *s <= '9')
		return false;
	return !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")];
}

static void put_device(struct buf *out, const struct ast_value *v, bool quoted)
{
	if (v->kind == VALUE_VARIABLE)
		buf_printf(out, "$%s", v->text);
	else
		buf_printf(out, quoted || !is_plain_word(v->text) ? "\"%s\"" : "%s", v->text);
}

/* "devices = $x", not "device $x"; they differ in what the variable may hold. */
static bool is_list_by_name(const struct printer *p, const struct ast_value *v)
{
	struct position at;
	uint32_t i;

	if (v->kind != VALUE_VARIABLE || !p->sources || !sources_locate(p->sources, v->span.at, &at))
		return false;
	for (i = v->span.at - at.source->base; i && strchr(" \t\r\n\\{", at.source->text[i - 1]); i--)
		;
	return i && at.source->text[i - 1] == '=';
}

static void put_devices(const struct printer *p, const struct ast_value *devices)
{
	bool list = devices->kind == VALUE_SET;
	const struct ast_value *first = list ? devices->items : devices;
	struct buf *out = p->out;

	if (!first)
		return;
	if (!list || !first->next) {
		buf_puts(out, is_list_by_name(p, first) ? "devices = " : "device ");
		put_device(out, first, true);
		buf_putc(out, ' ');
		return;
	}
	buf_puts(out, "devices = { ");
	for (const struct ast_value *v = first; v; v = v->next) {
		put_device(out, v, false);
		buf_puts(out, v->next ? ", " : " } ");
	}
}

/* A block that doesn't say it may mean what another block of the chain says. */
static bool says_policy(const struct printer *p, const struct ast_chain *chain)
{
	return chain->policy_variable || chain->has_policy || !p->sources;
}

static void put_policy(const struct printer *p, const struct ast_chain *chain)
{
	if (chain->policy_variable && p->sources)
		buf_printf(p->out, "policy $%s;", chain->policy_variable->text);
	else
		buf_printf(p->out, "policy %s;", ast_verdict_name(chain->has_policy ? chain->policy : VERDICT_ACCEPT));
}

static void write_hook(struct writer *w, const struct ast_chain *chain, enum ast_family family)
{
	struct buf b;
	struct printer *p = write_begin(w, &b);

	buf_printf(&b, "type filter hook %s ", ast_hook_name(chain->hook));
	if (chain->devices)
		put_devices(p, chain->devices);
	buf_puts(&b, "priority ");
	put_priority(p, chain, family);
	buf_puts(&b, ";");
	if (says_policy(p, chain)) {
		buf_putc(&b, ' ');
		put_policy(p, chain);
	}
	write_line(w, LISTING_ITEM, b.text, chain->hook_span);
}

static void write_policy(struct writer *w, const struct ast_chain *chain)
{
	struct buf b;

	put_policy(write_begin(w, &b), chain);
	write_line(w, LISTING_ITEM, b.text, chain->policy_span);
}

void write_chain_head(struct writer *w, const struct ast_chain *chain, enum ast_family family)
{
	if (chain->offload)
		write_line(w, LISTING_ITEM, "flags offload", SPAN_NONE);
	write_comment(w, chain->comment);
	if (chain->is_base)
		write_hook(w, chain, family);
	else if (chain->policy_variable || chain->has_policy) /* another block has the hook */
		write_policy(w, chain);
}

void write_rule(struct writer *w, const struct ast_rule *rule)
{
	struct buf b;

	put_rule(write_begin(w, &b), rule);
	write_line(w, LISTING_RULE, with_handle(w, b.text, rule->handle), rule->span)->rule = rule;
}

static void write_chain(struct writer *w, const struct ast_chain *chain)
{
	write_open(w, head_of_block(w, "chain", chain->name), chain->handle, span_join(chain->span, chain->name_span));
	write_chain_head(w, chain, chain->table->family);
	for (const struct ast_rule *rule = chain->rules; rule; rule = rule->next)
		write_rule(w, rule);
	write_close(w, chain->span);
}

/* ---- the whole ---- */

/* nft puts an empty line between blocks. */
static void write_gap(struct writer *w, bool *first)
{
	if (!*first)
		write_line(w, LISTING_ITEM, "", SPAN_NONE);
	*first = false;
}

void write_table(struct writer *w, const struct ast_table *t)
{
	bool first = true;

	w->printer.family = t->family;
	write_open(w, head_of_block(w, arena_printf(w->a, "table %s", ast_family_name(t->family)), t->name), t->handle,
		   span_join(t->span, t->name_span));
	write_comment(w, t->comment);
	for (const struct ast_object *o = t->objects; o; o = o->next) {
		write_gap(w, &first);
		write_object(w, head_of_block(w, object_word(o->kind), o->name), o);
	}
	for (const struct ast_set *s = t->sets; s; s = s->next) {
		write_gap(w, &first);
		write_set(w, head_of_block(w, s->is_map ? "map" : "set", s->name), s);
	}
	for (const struct ast_chain *c = t->chains; c; c = c->next) {
		write_gap(w, &first);
		write_chain(w, c);
	}
	write_close(w, t->span);
}

/* What the text says that counters begin with is no part of a listing. */
static bool no_values(void *ctx, const struct ast_rule *rule, unsigned int nth, uint64_t *packets, uint64_t *bytes)
{
	(void)ctx, (void)rule, (void)nth, (void)packets, (void)bytes;
	return false;
}

void listing_make(const struct ruleset *rs, struct sources *sources, const struct listing_options *options,
		  struct arena *a, struct listing *ret)
{
	static const struct listing_options none;
	struct writer w = { .sources = sources, .options = options ? options : &none, .a = a };

	w.printer.counter = w.options->counter ? w.options->counter : no_values;
	w.printer.element_counter = w.options->element_counter;
	w.printer.ctx = w.options->ctx;
	for (const struct ast_table *t = rs->tables; t; t = t->next)
		write_table(&w, t);
	ret->v = w.lines.v;
	ret->n = w.lines.n;
}

void listing_print(const struct listing *l, struct buf *out)
{
	buf_puts(out, "");
	for (size_t i = 0; i < l->n; i++) {
		for (unsigned int depth = *l->v[i].text ? l->v[i].depth : 0; depth; depth--)
			buf_putc(out, '\t');
		buf_puts(out, l->v[i].text);
		buf_putc(out, '\n');
	}
}
