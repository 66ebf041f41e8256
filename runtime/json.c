/* SPDX-License-Identifier: GPL-2.0-only */
/* json.c - what commands print with -j.
 *
 * A function named NAME_json gives a new object, which the caller owns. */
#include <runtime/json.h>

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <compiler/base/arena.h>
#include <compiler/describe.h>
#include <compiler/image.h>
#include <compiler/listing.h>
#include <runtime/cmd_status.h>

/* jansson gives NULL only when memory is short, which ends the program, as in
 * the arena: by then nothing is left to be done but to print. */
static json_t *checked(json_t *object)
{
	if (object)
		return object;
	fputs("zfwc: out of memory\n", stderr);
	exit(2);
}

/* Comments may hold any bytes; JSON is UTF-8. */
static json_t *text_json(const char *s)
{
	json_t *text = json_string(s);
	char *ascii;

	if (text)
		return text;
	ascii = strdup(s);
	for (char *p = ascii; p && *p; p++)
		if (*p & 0x80)
			*p = '?';
	text = ascii ? json_string(ascii) : NULL;
	free(ascii);
	return checked(text);
}

static void set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, checked(value)))
		checked(NULL);
}

static void append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, checked(value)))
		checked(NULL);
}

/* {"name": value} */
static json_t *wrapped_json(const char *name, json_t *value)
{
	json_t *object = checked(json_object());

	set(object, name, value);
	return object;
}

static void print(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

/* ---- list ---- */

struct lister {
	const struct json_ruleset *rs;
	json_t *array;
	size_t line;	   /* of the listing; at or before the next rule's */
	json_int_t handle; /* of the last rule: its number in the listing */
};

static json_t *object_json(const struct object *o)
{
	json_t *j = checked(json_object());

	set(j, "family", text_json(o->family));
	if (o->kind != OBJECT_TABLE)
		set(j, "table", text_json(o->table));
	set(j, o->kind == OBJECT_RULE ? "chain" : "name", text_json(o->name));
	if (o->comment)
		set(j, "comment", text_json(o->comment));
	return j;
}

/* nft's way: one as a string, several as an array. */
static json_t *words_json(const struct object *o)
{
	json_t *array;

	if (o->n_words == 1)
		return text_json(o->words[0]);
	array = checked(json_array());
	for (size_t i = 0; i < o->n_words; i++)
		append(array, text_json(o->words[i]));
	return array;
}

static json_t *chain_json(const struct object *o)
{
	json_t *j = object_json(o);

	if (!o->hook)
		return j;
	if (o->n_words)
		set(j, "dev", words_json(o));
	set(j, "type", text_json("filter"));
	set(j, "hook", text_json(o->hook));
	set(j, "prio", json_integer(o->priority));
	set(j, "policy", text_json(o->policy));
	return j;
}

static json_t *set_json(const struct object *o)
{
	json_t *j = object_json(o), *flags = checked(json_array()), *elements = checked(json_array());

	set(j, "type", text_json(o->type));
	if (o->constant)
		append(flags, text_json("constant"));
	if (o->interval)
		append(flags, text_json("interval"));
	set(j, "flags", flags);
	if (o->auto_merge)
		set(j, "auto-merge", json_true());
	for (size_t i = 0; i < o->n_words; i++)
		append(elements, text_json(o->words[i]));
	set(j, "elem", elements);
	return j;
}

static json_t *counters_json(const struct listing_options *options, const struct ast_rule *rule)
{
	json_t *array = checked(json_array());
	uint64_t packets, bytes;

	for (unsigned int nth = 0; options->counter && options->counter(options->ctx, rule, nth, &packets, &bytes);
	     nth++)
		append(array, json_pack("{s:I,s:I}", "packets", (json_int_t)packets, "bytes", (json_int_t)bytes));
	return array;
}

/* Rules come in the order of the listing. */
static const char *text_of(struct lister *l, const struct ast_rule *rule)
{
	const struct listing *listing = l->rs->listing;

	while (l->line < listing->n && listing->v[l->line].rule != rule)
		l->line++;
	assert(l->line < listing->n);
	return listing->v[l->line].text;
}

static json_t *rule_json(struct lister *l, const struct object *o)
{
	json_t *j = object_json(o), *counters = counters_json(l->rs->options, o->rule);

	set(j, "handle", json_integer(++l->handle));
	set(j, "text", text_json(text_of(l, o->rule)));
	if (json_array_size(counters))
		set(j, "counters", counters);
	else
		json_decref(counters);
	return j;
}

static void list_object(struct lister *l, const struct object *o)
{
	switch (o->kind) {
	case OBJECT_TABLE:
		append(l->array, wrapped_json("table", object_json(o)));
		return;
	case OBJECT_SET:
		append(l->array, wrapped_json("set", set_json(o)));
		return;
	case OBJECT_CHAIN:
		append(l->array, wrapped_json("chain", chain_json(o)));
		return;
	case OBJECT_RULE:
		append(l->array, wrapped_json("rule", rule_json(l, o)));
		return;
	}
}

static json_t *metainfo_json(void)
{
	return wrapped_json("metainfo", json_pack("{s:s,s:s,s:i}", "version", PACKAGE_VERSION, "release_name", "zfwc",
						  "json_schema_version", 1));
}

static void list_objects(struct lister *l, struct arena *a)
{
	struct objects objects;

	describe(l->rs->ruleset, a, &objects);
	for (size_t i = 0; i < objects.n; i++)
		list_object(l, &objects.v[i]);
}

void json_print_ruleset(const struct json_ruleset *rs, struct arena *a)
{
	struct lister l = { .rs = rs, .array = checked(json_array()) };

	append(l.array, metainfo_json());
	if (rs)
		list_objects(&l, a);
	print(wrapped_json("nftables", l.array));
}

/* ---- status ---- */

static json_t *interfaces_json(const struct status_view *v)
{
	json_t *array = checked(json_array());

	for (size_t i = 0; i < v->n_interfaces; i++) {
		const struct live_interface *f = &v->interfaces[i];

		append(array, json_pack("{s:s,s:i,s:b,s:b,s:s}", "name", f->name, "index", (int)f->index, "ingress",
					f->ingress, "egress", f->egress, "attach", f->tcx ? "tcx" : "clsact"));
	}
	return array;
}

static json_t *routing_json(const struct live_status *l)
{
	if (!l->mark)
		return json_null();
	return json_pack("{s:I,s:I,s:I,s:b,s:b,s:b,s:b}", "mark", (json_int_t)l->mark, "table", (json_int_t)l->table,
			 "priority", (json_int_t)l->rule_priority, "rule4", l->rule4, "rule6", l->rule6, "route4",
			 l->route4, "route6", l->route6);
}

static json_t *maps_json(const struct live_status *l)
{
	json_t *object = checked(json_object());

	for (int m = 0; m < MAP_COUNT; m++)
		set(object, map_descs[m].name,
		    json_pack("{s:I,s:I}", "entries", (json_int_t)l->entries[m], "capacity",
			      (json_int_t)l->capacity[m]));
	return object;
}

static json_t *notes_json(const struct status_view *v)
{
	json_t *array = checked(json_array());

	for (size_t i = 0; i < v->notes.n; i++)
		append(array, text_json(v->notes.v[i]));
	return array;
}

void json_print_status(const struct status_view *v, const char *instance)
{
	json_t *j = checked(json_object());
	char netns[24] = "";

	if (v) /* as in the path of the pins */
		snprintf(netns, sizeof(netns), "%" PRIx64, v->netns);
	set(j, "instance", text_json(instance));
	set(j, "live", json_boolean(v != NULL));
	if (v) {
		set(j, "netns", text_json(netns));
		set(j, "generation", json_integer((json_int_t)v->live.generation));
		set(j, "rules", json_integer((json_int_t)v->n_rules));
		set(j, "interfaces", interfaces_json(v));
		set(j, "routing", routing_json(&v->live));
		set(j, "memory", json_integer((json_int_t)v->live.memory));
		set(j, "flow_memory", json_integer((json_int_t)v->live.flow_memory));
		set(j, "flows", json_integer((json_int_t)v->live.flows));
		set(j, "maps", maps_json(&v->live));
		set(j, "notes", notes_json(v));
	}
	print(j);
}
