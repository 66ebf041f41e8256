/* SPDX-License-Identifier: GPL-2.0-only */
/* json.c - what commands print with -j.
 *
 * A function named NAME_json gives a new object, which the caller owns. */
#include <runtime/json.h>

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include <compiler/base/arena.h>
#include <compiler/describe.h>
#include <compiler/image.h>
#include <compiler/listing.h>
#include <runtime/cmd_status.h>
#include <runtime/json_make.h>

/* {"name": value} */
static json_t *wrapped_json(const char *name, json_t *value)
{
	json_t *object = json_checked(json_object());

	json_put(object, name, value);
	return object;
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
	json_t *j = json_checked(json_object());

	json_put(j, "family", json_text(o->family));
	if (o->kind != OBJECT_TABLE)
		json_put(j, "table", json_text(o->table));
	json_put(j, o->kind == OBJECT_RULE ? "chain" : "name", json_text(o->name));
	if (o->comment)
		json_put(j, "comment", json_text(o->comment));
	return j;
}

/* nft's way: one as a string, several as an array. */
static json_t *words_json(const struct object *o)
{
	json_t *array;

	if (o->n_words == 1)
		return json_text(o->words[0]);
	array = json_checked(json_array());
	for (size_t i = 0; i < o->n_words; i++)
		json_add(array, json_text(o->words[i]));
	return array;
}

static json_t *chain_json(const struct object *o)
{
	json_t *j = object_json(o);

	if (!o->hook)
		return j;
	if (o->n_words)
		json_put(j, "dev", words_json(o));
	json_put(j, "type", json_text("filter"));
	json_put(j, "hook", json_text(o->hook));
	json_put(j, "prio", json_integer(o->priority));
	json_put(j, "policy", json_text(o->policy));
	return j;
}

static json_t *set_json(const struct object *o)
{
	json_t *j = object_json(o), *flags = json_checked(json_array()), *elements = json_checked(json_array());

	json_put(j, "type", json_text(o->type));
	if (o->constant)
		json_add(flags, json_text("constant"));
	if (o->interval)
		json_add(flags, json_text("interval"));
	json_put(j, "flags", flags);
	if (o->auto_merge)
		json_put(j, "auto-merge", json_true());
	for (size_t i = 0; i < o->n_words; i++)
		json_add(elements, json_text(o->words[i]));
	json_put(j, "elem", elements);
	return j;
}

static json_t *counters_json(const struct listing_options *options, const struct ast_rule *rule)
{
	json_t *array = json_checked(json_array());
	uint64_t packets, bytes;

	for (unsigned int nth = 0; options->counter && options->counter(options->ctx, rule, nth, &packets, &bytes);
	     nth++)
		json_add(array, json_pack("{s:I,s:I}", "packets", (json_int_t)packets, "bytes", (json_int_t)bytes));
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

	json_put(j, "handle", json_integer(++l->handle));
	json_put(j, "text", json_text(text_of(l, o->rule)));
	if (json_array_size(counters))
		json_put(j, "counters", counters);
	else
		json_decref(counters);
	return j;
}

static void list_object(struct lister *l, const struct object *o)
{
	switch (o->kind) {
	case OBJECT_TABLE:
		json_add(l->array, wrapped_json("table", object_json(o)));
		return;
	case OBJECT_SET:
		json_add(l->array, wrapped_json("set", set_json(o)));
		return;
	case OBJECT_CHAIN:
		json_add(l->array, wrapped_json("chain", chain_json(o)));
		return;
	case OBJECT_RULE:
		json_add(l->array, wrapped_json("rule", rule_json(l, o)));
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
	struct lister l = { .rs = rs, .array = json_checked(json_array()) };

	json_add(l.array, metainfo_json());
	if (rs)
		list_objects(&l, a);
	json_say(wrapped_json("nftables", l.array));
}

/* ---- status ---- */

static json_t *interfaces_json(const struct status_view *v)
{
	json_t *array = json_checked(json_array());

	for (size_t i = 0; i < v->n_interfaces; i++) {
		const struct live_interface *f = &v->interfaces[i];

		json_add(array, json_pack("{s:s,s:i,s:b,s:b,s:s}", "name", f->name, "index", (int)f->index, "ingress",
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
	json_t *object = json_checked(json_object());

	for (int m = 0; m < MAP_COUNT; m++)
		json_put(object, map_descs[m].name,
			 json_pack("{s:I,s:I}", "entries", (json_int_t)l->entries[m], "capacity",
				   (json_int_t)l->capacity[m]));
	return object;
}

static json_t *notes_json(const struct status_view *v)
{
	json_t *array = json_checked(json_array());

	for (size_t i = 0; i < v->notes.n; i++)
		json_add(array, json_text(v->notes.v[i]));
	return array;
}

void json_print_status(const struct status_view *v, const char *instance)
{
	json_t *j = json_checked(json_object());
	char netns[24] = "";

	if (v) /* as in the path of the pins */
		snprintf(netns, sizeof(netns), "%" PRIx64, v->netns);
	json_put(j, "instance", json_text(instance));
	json_put(j, "live", json_boolean(v != NULL));
	if (v) {
		json_put(j, "netns", json_text(netns));
		json_put(j, "generation", json_integer((json_int_t)v->live.generation));
		json_put(j, "rules", json_integer((json_int_t)v->n_rules));
		json_put(j, "interfaces", interfaces_json(v));
		json_put(j, "routing", routing_json(&v->live));
		json_put(j, "memory", json_integer((json_int_t)v->live.memory));
		json_put(j, "flow_memory", json_integer((json_int_t)v->live.flow_memory));
		json_put(j, "flows", json_integer((json_int_t)v->live.flows));
		json_put(j, "maps", maps_json(&v->live));
		json_put(j, "notes", notes_json(v));
	}
	json_say(j);
}
