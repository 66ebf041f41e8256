/* SPDX-License-Identifier: GPL-2.0-only */
/* json.c - what commands print with -j.
 *
 * A function named NAME_json gives a new object, which the caller owns. */
#include <runtime/json.h>

#include <inttypes.h>
#include <stdio.h>

#include <compiler/base/arena.h>
#include <compiler/image.h>
#include <runtime/cmd_status.h>
#include <runtime/json_make.h>

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
