/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/listing.h>

#include <inttypes.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/source.h>
#include <compiler/compile.h>
#include <compiler/listing_value.h>
#include <compiler/names.h>

struct writer {
	struct sources *sources;
	const struct listing_options *options;
	struct arena *a;
	unsigned int depth;
	struct {
		struct listing_line *v;
		size_t n, cap;
	} lines;
};

/* ---- lines ---- */

static struct listing_line *put_line(struct writer *w, enum listing_kind kind, const char *text, struct span span)
{
	struct listing_line *line = vec_push(w->a, &w->lines);
	struct position at;

	*line = (struct listing_line){ .kind = kind, .depth = w->depth, .text = text };
	if (sources_locate(w->sources, span.at, &at)) {
		line->file = at.source->name;
		line->line = at.line;
	}
	return line;
}

static void put_open(struct writer *w, struct span span, const char *text)
{
	put_line(w, LISTING_OPEN, text, span);
	w->depth++;
}

static void put_close(struct writer *w)
{
	w->depth--;
	put_line(w, LISTING_CLOSE, "}", SPAN_NONE);
}

static void put_comment(struct writer *w, const char *comment, struct span span)
{
	if (comment)
		put_line(w, LISTING_ITEM, arena_printf(w->a, "comment \"%s\"", comment), span);
}

/* ---- sets ---- */

/* As many as nft puts on a line. */
static unsigned int elements_in_line(enum ast_type type)
{
	switch (type) {
	case TYPE_PORT:
	case TYPE_PROTO:
	case TYPE_IFINDEX:
		return 5;
	case TYPE_ADDR4:
		return 2;
	default:
		return 1;
	}
}

static const char *element_text(struct writer *w, const struct ast_value *v, enum ast_type type)
{
	struct buf b = { .arena = w->a };

	put_value(v, type, &b);
	if (v->attr && v->attr->comment) {
		buf_puts(&b, " comment ");
		put_string(v->attr->comment, &b);
	}
	return b.text;
}

/* "elements = { a, b," and below it, in line with a, "  c, d }" */
static void put_elements_filled(struct writer *w, const struct ast_set *set)
{
	unsigned int in_line = elements_in_line(set->type), n = 0;
	struct buf b = { .arena = w->a };
	struct span span = set->elements->span;
	unsigned int depth = w->depth;

	buf_puts(&b, "elements = { ");
	for (const struct ast_value *v = set->elements; v; v = v->next) {
		if (n == in_line) {
			put_line(w, LISTING_ITEM, b.text, span);
			b = (struct buf){ .arena = w->a };
			buf_puts(&b, "     ");
			w->depth = depth + 1;
			n = 0;
			span = v->span;
		}
		buf_puts(&b, element_text(w, v, set->type));
		buf_puts(&b, !v->next ? " }" : ++n == in_line ? "," : ", ");
	}
	put_line(w, LISTING_ITEM, b.text, span);
	w->depth = depth;
}

static void put_elements_apart(struct writer *w, const struct ast_set *set)
{
	put_open(w, set->elements->span, "elements = {");
	for (const struct ast_value *v = set->elements; v; v = v->next)
		put_line(w, LISTING_ITEM, arena_printf(w->a, "%s,", element_text(w, v, set->type)), v->span);
	put_close(w);
}

static void put_set(struct writer *w, const struct ast_set *set)
{
	put_open(w, set->name_span, arena_printf(w->a, "set %s {", set->name));
	put_line(w, LISTING_ITEM, arena_printf(w->a, "type %s", ast_type_name(set->type)), set->type_span);
	if (set->constant || set->interval)
		put_line(w, LISTING_ITEM,
			 arena_printf(w->a, "flags %s%s%s", set->constant ? "constant" : "",
				      set->constant && set->interval ? "," : "", set->interval ? "interval" : ""),
			 set->name_span);
	if (set->auto_merge)
		put_line(w, LISTING_ITEM, "auto-merge", set->name_span);
	put_comment(w, set->comment, set->name_span);
	if (set->elements && w->options && w->options->element_per_line)
		put_elements_apart(w, set);
	else if (set->elements)
		put_elements_filled(w, set);
	put_close(w);
}

/* ---- chains ---- */

/* nft names a priority when one of the hook's names is at most 10 away. */
static void put_priority(const struct ast_chain *chain, struct buf *out)
{
	const struct names *names = names_of_priorities(chain->table->family, chain->hook);

	for (size_t i = 0; i < names->n; i++) {
		int64_t offset = (int64_t)chain->priority - names->v[i].number;

		if (offset < -10 || offset > 10)
			continue;
		buf_puts(out, names->v[i].word);
		if (offset)
			buf_printf(out, " %c %d", offset < 0 ? '-' : '+', (int)(offset < 0 ? -offset : offset));
		return;
	}
	buf_printf(out, "%" PRId32, chain->priority);
}

static bool is_plain_word(const char *s)
{
	if (*s >= '0' && *s <= '9')
		return false;
	return !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")];
}

static void put_devices(const struct ast_value *devices, struct buf *out)
{
	if (!devices || !devices->items)
		return;
	if (!devices->items->next) {
		buf_printf(out, "device \"%s\" ", devices->items->text);
		return;
	}
	buf_puts(out, "devices = { ");
	for (const struct ast_value *v = devices->items; v; v = v->next)
		buf_printf(out, is_plain_word(v->text) ? "%s%s" : "\"%s\"%s", v->text, v->next ? ", " : " } ");
}

static void put_base_chain(struct writer *w, const struct ast_chain *chain)
{
	struct buf b = { .arena = w->a };

	buf_printf(&b, "type filter hook %s ", chain->hook == HOOK_PREROUTING ? "prerouting" : "ingress");
	put_devices(chain->devices, &b);
	buf_puts(&b, "priority ");
	put_priority(chain, &b);
	buf_printf(&b, "; policy %s;", chain->has_policy && chain->policy == VERDICT_DROP ? "drop" : "accept");
	put_line(w, LISTING_ITEM, b.text, chain->hook_span);
}

static void put_listed_rule(struct writer *w, const struct ast_rule *rule)
{
	struct buf b = { .arena = w->a };

	put_rule(rule, w->options, &b);
	put_line(w, LISTING_RULE, b.text, rule->span)->rule = rule;
}

static void put_chain(struct writer *w, const struct ast_chain *chain)
{
	put_open(w, chain->name_span, arena_printf(w->a, "chain %s {", chain->name));
	put_comment(w, chain->comment, chain->name_span);
	if (chain->is_base)
		put_base_chain(w, chain);
	for (const struct ast_rule *rule = chain->rules; rule; rule = rule->next)
		put_listed_rule(w, rule);
	put_close(w);
}

/* ---- the whole ---- */

static void put_table(struct writer *w, const struct ast_table *t)
{
	const char *gap = NULL; /* nft puts an empty line between sets and chains */

	put_open(w, t->name_span, arena_printf(w->a, "table %s %s {", ast_family_name(t->family), t->name));
	put_comment(w, t->comment, t->name_span);
	for (const struct ast_set *s = t->sets; s; s = s->next, gap = "") {
		if (gap)
			put_line(w, LISTING_ITEM, gap, SPAN_NONE);
		put_set(w, s);
	}
	for (const struct ast_chain *c = t->chains; c; c = c->next, gap = "") {
		if (gap)
			put_line(w, LISTING_ITEM, gap, SPAN_NONE);
		put_chain(w, c);
	}
	put_close(w);
}

void listing_make(const struct ruleset *rs, struct sources *sources, const struct listing_options *options,
		  struct arena *a, struct listing *ret)
{
	struct writer w = { .sources = sources, .options = options, .a = a };

	for (const struct ast_table *t = rs->tables; t; t = t->next)
		put_table(&w, t);
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
