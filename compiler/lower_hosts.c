/* SPDX-License-Identifier: GPL-2.0-only */
/* lower_hosts.c - which interfaces there are: those that the facts tell, and,
 * where they leave it to us, those that the text needs. */
#include <compiler/lower.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/compile.h>
#include <compiler/facts.h>

#define FIRST_ASSUMED_INDEX 0x40000001u

/* ---- what interfaces there are ---- */

static void add_host(struct lower *l, const char *name, uint32_t index, bool loopback)
{
	*vec_push(l->a, &l->hosts) = (struct host){ name, index, loopback };
	*table_at_word(&l->hosts.by_name, name) = (void *)(uintptr_t)l->hosts.n;
}

const struct host *host_by_name(const struct lower *l, const char *name)
{
	size_t number = (uintptr_t)table_get_word(&l->hosts.by_name, name);

	return number ? &l->hosts.v[number - 1] : NULL;
}

#define MOST_NAMED 8 /* in a note */

static void name_hosts(struct lower *l, const struct ast_value *v)
{
	struct buf text = { .arena = l->a };

	for (size_t i = 0; i < l->hosts.n; i++)
		buf_printf(&text, "%s'%s'", i ? ", " : "", l->hosts.v[i].name);
	diag_note(l->d, v->span, "there are %s", text.text);
}

void host_unknown(struct lower *l, const struct ast_value *v)
{
	const char **names = arena_make_array(l->a, l->hosts.n, const char *), *near;

	for (size_t i = 0; i < l->hosts.n; i++)
		names[i] = l->hosts.v[i].name;
	diag_error(l->d, DIAG_UNKNOWN_INTERFACE, v->span, "there is no interface named '%s'", v->text);
	near = l->d->dropping ? NULL : diag_suggest(v->text, names, l->hosts.n);
	if (near)
		diag_did_you_mean(l->d, v->span, near, SPAN_NONE);
	else if (l->hosts.n && l->hosts.n <= MOST_NAMED && !l->d->dropping)
		name_hosts(l, v);
}

/* ---- the interfaces that a text names ---- */

/* A name that a rule compares with the field, or, with FIELD_NONE, that a chain
 * has as its device. */
struct naming {
	enum ast_field field;
	const struct ast_value *name;
};

struct namings {
	struct lower *l;
	struct naming *v;
	size_t n, cap;
	struct table sets; /* those whose elements have been taken */
};

static void on_constant(struct namings *n, enum ast_field f, const struct ast_value *v)
{
	if (v->kind == VALUE_STRING)
		*vec_push(n->l->a, n) = (struct naming){ f, v };
}

static void on_comparison(struct namings *n, const struct ast_value *key, const struct ast_value *v);

static void on_items(struct namings *n, const struct ast_value *key, const struct ast_value *items)
{
	for (; items; items = items->next)
		on_comparison(n, key, items);
}

/* A set is of one type, so its elements name the same in every rule. */
static void on_set(struct namings *n, const struct ast_value *key, struct ast_set *set)
{
	void **seen = set ? table_at(&n->sets, (uintptr_t)set) : NULL;

	if (!seen || *seen)
		return;
	*seen = set;
	on_items(n, key, set->elements);
}

/* 'v' is compared with 'key', part by part. */
static void on_comparison(struct namings *n, const struct ast_value *key, const struct ast_value *v)
{
	const struct ast_value *items;

	if (v->kind == VALUE_MAPPING)
		v = v->left;
	if (v->kind == VALUE_SET) {
		on_items(n, key, v->items);
	} else if (v->kind == VALUE_SETREF) {
		on_set(n, key, v->set);
	} else if (key->kind == VALUE_CONCAT && v->kind == VALUE_CONCAT) {
		items = v->items;
		for (key = key->items; key && items; key = key->next, items = items->next)
			on_comparison(n, key, items);
	} else if (key->kind == VALUE_FIELD && field_is_interface(key->field)) {
		on_constant(n, key->field, v);
	}
}

static bool names_interfaces(const struct ast_value *key)
{
	if (!key)
		return false;
	if (key->kind == VALUE_CONCAT) {
		for (key = key->items; key; key = key->next)
			if (names_interfaces(key))
				return true;
		return false;
	}
	return key->kind == VALUE_FIELD && field_is_interface(key->field);
}

static void on_lookup(struct namings *n, const struct ast_value *key, const struct ast_value *v)
{
	if (v && names_interfaces(key))
		on_comparison(n, key, v);
}

static void on_map(struct namings *n, const struct ast_value *v)
{
	if (v && v->kind == VALUE_MAP)
		on_lookup(n, v->left, v->right);
}

static void on_statement(struct namings *n, const struct ast_stmt *s)
{
	const struct ast_value field = { .kind = VALUE_FIELD, .field = s->match.field };

	if (s->kind == STMT_MATCH) {
		on_lookup(n, s->match.field == FIELD_NONE ? s->match.lhs : &field, s->match.rhs);
	} else if (s->kind == STMT_VMAP) {
		on_lookup(n, s->vmap.key, s->vmap.map);
	} else if (s->kind == STMT_SET) {
		on_map(n, s->set.value);
	} else if (s->kind == STMT_TPROXY) {
		on_map(n, s->tproxy.addr);
		on_map(n, s->tproxy.port);
	}
}

static void find_namings(struct namings *n)
{
	for (const struct ast_table *t = n->l->rs->tables; t; t = t->next)
		for (const struct ast_chain *c = t->chains; c; c = c->next) {
			for (const struct ast_value *v = c->devices ? c->devices->items : NULL; v; v = v->next)
				on_constant(n, FIELD_NONE, v);
			for (const struct ast_rule *rule = c->rules; rule; rule = rule->next)
				for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
					on_statement(n, s);
		}
}

/* Devices, and what 'iif' and 'oif' name, must exist. */
static bool must_exist(enum ast_field f)
{
	return f == FIELD_NONE || f == FIELD_META_IIF || f == FIELD_META_OIF;
}

/* ---- those that are made up ---- */

static void assume(struct lower *l, const char *name, uint32_t *next)
{
	if (strchr(name, '*') || host_by_name(l, name))
		return;
	add_host(l, name, *next, !strcmp(name, "lo"));
	++*next;
}

static bool has_arrival_interface(const struct lower *l)
{
	for (size_t i = 0; i < l->hosts.n; i++)
		if (!l->hosts.v[i].loopback)
			return true;
	return false;
}

/* Makes up what must exist.  Where nothing is known of the host, what 'iifname'
 * and 'oifname' name is made up too, or one interface at least, so that
 * prerouting chains mean something. */
static void assume_hosts(struct lower *l, const struct facts *facts, const struct namings *namings)
{
	uint32_t next = FIRST_ASSUMED_INDEX;
	bool known = has_arrival_interface(l);

	for (size_t i = 0; i < namings->n; i++)
		if (must_exist(namings->v[i].field))
			assume(l, namings->v[i].name->text, &next);
	for (size_t i = 0; i < facts->n_devices; i++)
		assume(l, facts->devices[i], &next);
	for (size_t i = 0; !known && i < namings->n; i++)
		assume(l, namings->v[i].name->text, &next);
	if (!has_arrival_interface(l))
		assume(l, "eth0", &next);
}

/* ---- all of them ---- */

/* 'iif' and 'oif' look names up when the file is loaded.  Devices are looked at
 * chain by chain. */
static void check_names(struct lower *l, const struct namings *namings)
{
	for (size_t i = 0; i < namings->n; i++) {
		const struct naming *n = &namings->v[i];

		if (n->field != FIELD_NONE && must_exist(n->field) && !host_by_name(l, n->name->text))
			host_unknown(l, n->name);
	}
}

void hosts_init(struct lower *l, const struct facts *facts)
{
	struct namings namings = { .l = l, .sets.arena = l->a };

	l->facts = facts;
	l->hosts.by_name.arena = l->a;
	for (size_t i = 0; i < facts->n; i++)
		add_host(l, facts->v[i].name, facts->v[i].index, facts->v[i].loopback);
	find_namings(&namings);
	if (facts->assume)
		assume_hosts(l, facts, &namings);
	check_names(l, &namings);
	for (size_t i = 0; i < facts->n_devices; i++)
		if (!host_by_name(l, facts->devices[i]))
			diag_error(l->d, DIAG_UNKNOWN_INTERFACE, SPAN_NONE,
				   "there is no interface named '%s', which --device gives", facts->devices[i]);
}
