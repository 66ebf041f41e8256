/* SPDX-License-Identifier: GPL-2.0-only */
/* listing_set.c - sets, maps, counters and limits with names. */
#include <compiler/listing_write.h>

#include <inttypes.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

/* ---- elements ---- */

/* As many as nft puts on a line. */
static unsigned int elements_in_line(const struct ast_datatypes *key)
{
	switch (key->n == 1 ? key->part->type : TYPE_NONE) {
	case TYPE_INTEGER:
	case TYPE_BOOLEAN:
	case TYPE_PORT:
	case TYPE_PROTO:
	case TYPE_NFPROTO:
	case TYPE_MARK:
	case TYPE_CLASSID:
	case TYPE_IFINDEX:
	case TYPE_TCP_FLAG:
		return 5;
	case TYPE_ADDR4:
	case TYPE_PKT_TYPE:
	case TYPE_CT_STATE:
		return 2;
	default:
		return 1;
	}
}

static const char *element_text(struct writer *w, const struct ast_value *v, const struct value_types *types)
{
	struct buf text;
	struct printer *p = write_begin(w, &text);

	p->flags = FLAGS_OR;
	put_element(p, v, types);
	return text.text;
}

/* "elements = { a, b," and below it, in line with a, "  c, d }" */
static void write_elements_filled(struct writer *w, const struct ast_set *set, const struct value_types *types)
{
	unsigned int in_line = elements_in_line(&types->key), n = 0, depth = w->depth;
	struct buf b = { .arena = w->a };
	struct span span = set->elements->span;

	buf_puts(&b, "elements = { ");
	for (const struct ast_value *v = set->elements; v; v = v->next) {
		if (n == in_line) {
			write_line(w, LISTING_ITEM, b.text, span);
			b = (struct buf){ .arena = w->a };
			buf_puts(&b, "     ");
			w->depth = depth + 1;
			n = 0;
			span = v->span;
		}
		buf_puts(&b, element_text(w, v, types));
		buf_puts(&b, !v->next ? " }" : ++n == in_line ? "," : ", ");
	}
	write_line(w, LISTING_ITEM, b.text, span);
	w->depth = depth;
}

static void write_elements_apart(struct writer *w, const struct ast_set *set, const struct value_types *types)
{
	write_open(w, "elements =", 0, set->elements->span);
	for (const struct ast_value *v = set->elements; v; v = v->next)
		write_line(w, LISTING_ITEM, arena_printf(w->a, "%s,", element_text(w, v, types)), v->span);
	write_close(w, SPAN_NONE);
}

static void write_elements(struct writer *w, const struct ast_set *set)
{
	struct value_types types = set_types(set, w->a);

	w->printer.counting = set->counter;
	if (!set->elements || (w->elements && w->elements(w, set)))
		; /* nothing is left to be written */
	else if (w->options->element_per_line)
		write_elements_apart(w, set, &types);
	else
		write_elements_filled(w, set, &types);
	w->printer.counting = false;
}

/* ---- what a set is like ---- */

static void put_words(struct buf *out, const struct ast_value *words)
{
	const struct ast_value *w = words->kind == VALUE_CONCAT ? words->items : words;

	for (; w; w = words->kind == VALUE_CONCAT ? w->next : NULL)
		buf_printf(out, "%s%s", w->text, words->kind == VALUE_CONCAT && w->next ? " . " : "");
}

static void write_type(struct writer *w, const struct ast_set *set)
{
	struct buf b;
	struct printer *p = write_begin(w, &b);

	if (set->type_words) {
		buf_puts(&b, "type ");
		put_words(&b, set->type_words);
	} else if (set->type_of) {
		buf_puts(&b, "typeof ");
		put_expression(p, set->type_of);
	} else {
		return;
	}
	if (set->data_words || set->data_type_of)
		buf_puts(&b, " : ");
	if (set->data_words)
		put_words(&b, set->data_words);
	else if (set->data_type_of)
		put_expression(p, set->data_type_of);
	write_line(w, LISTING_ITEM, b.text, set->type_span);
}

/* That elements time out goes without saying when there is a default timeout,
 * but nft says it when it lists other flags. */
static void write_flags(struct writer *w, const struct ast_set *set)
{
	bool others = set->constant || set->dynamic || set->interval;
	const struct {
		bool set;
		const char *word;
	} flags[] = {
		{ set->constant, "constant" },
		{ set->dynamic, "dynamic" },
		{ set->interval, "interval" },
		{ set->timeout ? others : set->has_timeout_flag, "timeout" },
	};
	struct buf b = { .arena = w->a };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].set)
			buf_printf(&b, "%s%s", b.len ? "," : "flags ", flags[i].word);
	if (b.len)
		write_line(w, LISTING_ITEM, b.text, set->flags_span);
}

static void write_time(struct writer *w, const char *word, uint64_t milliseconds)
{
	struct buf b = { .arena = w->a };

	if (!milliseconds)
		return;
	buf_printf(&b, "%s ", word);
	put_time(&b, milliseconds);
	write_line(w, LISTING_ITEM, b.text, SPAN_NONE);
}

void write_set(struct writer *w, const char *head, const struct ast_set *set)
{
	write_open(w, head, set->handle, span_join(set->span, set->name_span));
	write_type(w, set);
	if (set->policy_memory && !set->constant) /* of a constant set nft doesn't show it */
		write_line(w, LISTING_ITEM, "policy memory", SPAN_NONE);
	if (set->size && !set->constant) /* which has the size that it has */
		write_line(w, LISTING_ITEM, arena_printf(w->a, "size %" PRIu64, set->size), SPAN_NONE);
	write_flags(w, set);
	if (set->counter)
		write_line(w, LISTING_ITEM, "counter", SPAN_NONE);
	if (set->auto_merge)
		write_line(w, LISTING_ITEM, "auto-merge", SPAN_NONE);
	write_time(w, "timeout", set->timeout);
	write_time(w, "gc-interval", set->gc_interval);
	write_comment(w, set->comment);
	write_elements(w, set);
	write_close(w, set->span);
}

/* ---- objects ---- */

const char *object_word(enum ast_object_kind kind)
{
	return kind == OBJECT_COUNTER ? "counter" : "limit";
}

static void write_values(struct writer *w, const struct ast_object *object)
{
	uint64_t packets = object->packets, bytes = object->bytes;

	if (w->options->named_counter && !w->options->named_counter(w->options->ctx, object, &packets, &bytes))
		return;
	write_line(w, LISTING_ITEM, arena_printf(w->a, "packets %" PRIu64 " bytes %" PRIu64, packets, bytes),
		   SPAN_NONE);
}

void write_object(struct writer *w, const char *head, const struct ast_object *object)
{
	struct buf b = { .arena = w->a };

	write_open(w, head, object->handle, span_join(object->span, object->name_span));
	write_comment(w, object->comment);
	if (object->kind == OBJECT_COUNTER) {
		write_values(w, object);
	} else {
		put_limit(&b, &object->limit);
		write_line(w, LISTING_ITEM, b.text, SPAN_NONE);
	}
	write_close(w, object->span);
}
