/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/json_write.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/compile.h>
#include <compiler/json_write_internal.h>

#define SCHEMA_VERSION 1

/* {"kind": {"family": ..., */
static void open_object(struct json_writer *w, const char *kind, const struct ast_table *t)
{
	jput_open(&w->json, '{');
	jput_key(&w->json, kind);
	jput_open(&w->json, '{');
	jput_text_member(&w->json, "family", ast_family_name(t->family));
}

static void close_object(struct json_writer *w)
{
	jput_close(&w->json, '}');
	jput_close(&w->json, '}');
}

static void put_comment(struct json_writer *w, const char *comment)
{
	if (comment)
		jput_text_member(&w->json, "comment", comment);
}

static void put_table_head(struct json_writer *w, const struct ast_table *t)
{
	open_object(w, "table", t);
	jput_text_member(&w->json, "name", t->name);
	jput_number_member(&w->json, "handle", t->handle);
	put_comment(w, t->comment);
	close_object(w);
}

/* ---- counters and limits ---- */

static void put_counter_values(struct json_writer *w, const struct ast_object *o)
{
	uint64_t packets = o->packets, bytes = o->bytes;

	if (w->options && w->options->named_counter && !w->options->named_counter(w->options->ctx, o, &packets, &bytes))
		return;
	jput_number_member(&w->json, "packets", packets);
	jput_number_member(&w->json, "bytes", bytes);
}

static void put_stateful(struct json_writer *w, const struct ast_table *t, const struct ast_object *o)
{
	open_object(w, o->kind == OBJECT_COUNTER ? "counter" : "limit", t);
	jput_text_member(&w->json, "name", o->name);
	jput_text_member(&w->json, "table", t->name);
	jput_number_member(&w->json, "handle", o->handle);
	put_comment(w, o->comment);
	if (o->kind == OBJECT_COUNTER) {
		put_counter_values(w, o);
	} else {
		json_put_limit(w, &o->limit, false);
	}
	close_object(w);
}

/* ---- sets and maps ---- */

/* nft has no name for the types of some fields, and says "integer" then. */
static const char *type_name(enum ast_type type)
{
	const char *name = ast_type_name(type);

	return *name ? name : "integer";
}

/* "a", ["a", "b"] */
static void put_key_type(struct json_writer *w, const struct ast_datatypes *types)
{
	jput_key(&w->json, "type");
	if (types->n != 1)
		jput_open(&w->json, '[');
	for (unsigned int i = 0; i < types->n; i++)
		jput_text(&w->json, type_name(types->part[i].type));
	if (types->n != 1)
		jput_close(&w->json, ']');
}

/* "a", "a . b" */
static void put_data_type(struct json_writer *w, const struct ast_set *set, const struct ast_datatypes *types)
{
	struct buf text = { .arena = w->arena };

	buf_puts(&text, set->is_vmap ? "verdict" : "");
	for (unsigned int i = 0; !set->is_vmap && i < types->n; i++)
		buf_printf(&text, "%s%s", i ? " . " : "", type_name(types->part[i].type));
	jput_text_member(&w->json, "map", text.text);
}

static void put_set_flags(struct json_writer *w, const struct ast_set *set)
{
	const struct {
		bool given;
		const char *name;
	} flags[] = {
		{ set->constant, "constant" },
		{ set->interval, "interval" },
		{ set->has_timeout_flag, "timeout" },
	};

	if (!set->constant && !set->interval && !set->has_timeout_flag)
		return;
	jput_key(&w->json, "flags");
	jput_open(&w->json, '[');
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].given)
			jput_text(&w->json, flags[i].name);
	jput_close(&w->json, ']');
}

static void put_types(struct json_writer *w, const struct ast_set *set, const struct value_types *types)
{
	put_key_type(w, &types->key);
	if (set->is_map)
		put_data_type(w, set, &types->data);
	if (set->type_of) {
		jput_key(&w->json, "typeof");
		json_put_expression(w, set->type_of);
	}
	if (set->data_type_of) {
		jput_key(&w->json, "map-typeof");
		json_put_expression(w, set->data_type_of);
	}
}

static void put_details(struct json_writer *w, const struct ast_set *set)
{
	if (set->policy_memory && !set->constant)
		jput_text_member(&w->json, "policy", "memory");
	if (set->size)
		jput_number_member(&w->json, "size", set->size);
	put_set_flags(w, set);
	if (set->timeout)
		json_put_time(w, "timeout", set->timeout);
	if (set->gc_interval)
		json_put_time(w, "gc-interval", set->gc_interval);
	if (set->auto_merge)
		jput_true_member(&w->json, "auto-merge");
	if (set->dynamic)
		jput_true_member(&w->json, "dynamic");
}

static void put_elements(struct json_writer *w, const struct ast_set *set, const struct value_types *types)
{
	if (set->elements) {
		jput_key(&w->json, "elem");
		jput_open(&w->json, '[');
		w->counting = set->counter;
		for (const struct ast_value *v = set->elements; v; v = v->next)
			json_put_element(w, v, types);
		w->counting = false;
		jput_close(&w->json, ']');
	}
	if (set->counter) {
		jput_key(&w->json, "stmt");
		jput_open(&w->json, '[');
		jput_open(&w->json, '{');
		jput_key(&w->json, "counter");
		jput_word(&w->json, "null");
		jput_close(&w->json, '}');
		jput_close(&w->json, ']');
	}
}

static void put_set(struct json_writer *w, const struct ast_table *t, const struct ast_set *set)
{
	struct value_types types = set_types(set, w->arena);

	open_object(w, set->is_map ? "map" : "set", t);
	jput_text_member(&w->json, "name", set->name);
	jput_text_member(&w->json, "table", t->name);
	put_types(w, set, &types);
	jput_number_member(&w->json, "handle", set->handle);
	put_comment(w, set->comment);
	put_details(w, set);
	put_elements(w, set, &types);
	close_object(w);
}

/* ---- chains ---- */

/* One as a string, several as an array. */
static void put_devices(struct json_writer *w, const struct ast_value *devices)
{
	const struct ast_value *first = devices && devices->kind == VALUE_SET ? devices->items : devices;
	bool several = first && first->next;

	if (!first)
		return;
	jput_key(&w->json, "dev");
	if (several)
		jput_open(&w->json, '[');
	for (const struct ast_value *v = first; v; v = v->next)
		jput_text(&w->json, v->text);
	if (several)
		jput_close(&w->json, ']');
}

static void put_chain(struct json_writer *w, const struct ast_table *t, const struct ast_chain *c)
{
	open_object(w, "chain", t);
	jput_text_member(&w->json, "table", t->name);
	jput_text_member(&w->json, "name", c->name);
	jput_number_member(&w->json, "handle", c->handle);
	put_comment(w, c->comment);
	if (c->is_base) {
		jput_text_member(&w->json, "type", "filter");
		jput_text_member(&w->json, "hook", ast_hook_name(c->hook));
		jput_key(&w->json, "prio");
		jput_number(&w->json, c->priority);
		put_devices(w, c->devices);
		jput_text_member(&w->json, "policy", ast_verdict_name(c->has_policy ? c->policy : VERDICT_ACCEPT));
	}
	close_object(w);
}

/* ---- rules ---- */

/* Rules come in the order of the lines. */
static void put_source(struct json_writer *w)
{
	const struct listing *l = w->places;

	while (l && w->place < l->n && l->v[w->place].kind != LISTING_RULE)
		w->place++;
	if (!l || w->place == l->n || !l->v[w->place++].file)
		return;
	jput_key(&w->json, "source");
	jput_open(&w->json, '{');
	jput_text_member(&w->json, "file", l->v[w->place - 1].file);
	jput_number_member(&w->json, "line", l->v[w->place - 1].line);
	jput_close(&w->json, '}');
}

static void put_rule_object(struct json_writer *w, const struct ast_chain *c, const struct ast_rule *rule)
{
	open_object(w, "rule", c->table);
	jput_text_member(&w->json, "table", c->table->name);
	jput_text_member(&w->json, "chain", c->name);
	jput_number_member(&w->json, "handle", rule->handle);
	put_comment(w, rule->comment);
	put_source(w);
	jput_key(&w->json, "expr");
	jput_open(&w->json, '[');
	w->n_counters = 0;
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (!s->implied)
			json_put_statement(w, rule, s);
	jput_close(&w->json, ']');
	close_object(w);
}

/* ---- the whole ---- */

static void put_metainfo(struct json_writer *w)
{
	jput_open(&w->json, '{');
	jput_key(&w->json, "metainfo");
	jput_open(&w->json, '{');
	jput_text_member(&w->json, "version", PACKAGE_VERSION);
	jput_text_member(&w->json, "release_name", "zfwc");
	jput_number_member(&w->json, "json_schema_version", SCHEMA_VERSION);
	jput_close(&w->json, '}');
	jput_close(&w->json, '}');
}

static void put_table(struct json_writer *w, const struct ast_table *t)
{
	w->family = t->family;
	put_table_head(w, t);
	for (const struct ast_object *o = t->objects; o; o = o->next)
		put_stateful(w, t, o);
	for (const struct ast_set *s = t->sets; s; s = s->next)
		put_set(w, t, s);
	for (const struct ast_chain *c = t->chains; c; c = c->next)
		put_chain(w, t, c);
	for (const struct ast_chain *c = t->chains; c; c = c->next)
		for (const struct ast_rule *rule = c->rules; rule; rule = rule->next)
			put_rule_object(w, c, rule);
}

void json_write(const struct ruleset *rs, const struct listing_options *options, const struct listing *places,
		struct arena *a, struct buf *out)
{
	struct json_writer w = { .json = { .out = out }, .arena = a, .options = options, .places = places };

	jput_open(&w.json, '{');
	jput_key(&w.json, "nftables");
	jput_open(&w.json, '[');
	put_metainfo(&w);
	for (const struct ast_table *t = rs ? rs->tables : NULL; t; t = t->next)
		put_table(&w, t);
	jput_close(&w.json, ']');
	jput_close(&w.json, '}');
	buf_putc(out, '\n');
}
