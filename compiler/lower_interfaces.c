/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/lower.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/compile.h>
#include <compiler/facts.h>
#include <compiler/hash.h>
#include <compiler/value.h>

#define FIRST_ASSUMED_INDEX 0x40000001u

/* ---- what interfaces there are ---- */

static void add_host(struct lower *l, const char *name, uint32_t index, bool loopback)
{
	*vec_push(l->a, &l->hosts) = (struct host){ name, index, loopback };
	*table_at_word(&l->hosts.by_name, name) = (void *)(uintptr_t)l->hosts.n;
}

static const struct host *host_by_name(const struct lower *l, const char *name)
{
	size_t number = (uintptr_t)table_get_word(&l->hosts.by_name, name);

	return number ? &l->hosts.v[number - 1] : NULL;
}

static bool is_pattern(const char *name)
{
	return strchr(name, '*');
}

static void unknown_interface(struct lower *l, const struct ast_value *v)
{
	const char **names = arena_make_array(l->a, l->hosts.n, const char *), *near;

	for (size_t i = 0; i < l->hosts.n; i++)
		names[i] = l->hosts.v[i].name;
	diag_error(l->d, DIAG_UNKNOWN_INTERFACE, v->span, "there is no interface named '%s'", v->text);
	near = l->d->dropping ? NULL : diag_suggest(v->text, names, l->hosts.n);
	if (near)
		diag_did_you_mean(l->d, v->span, near, SPAN_NONE);
}

/* ---- the interfaces that a text names ---- */

/* What to do with a name that a rule compares with the field, or, with
 * FIELD_NONE, that a chain has as its device. */
struct naming {
	struct lower *l;
	void (*fn)(struct naming *n, enum ast_field f, const struct ast_value *name);
	uint32_t next; /* index to give away */
	bool all;      /* assume also what need not exist */
};

static void on_constant(struct naming *n, enum ast_field f, const struct ast_value *v)
{
	if (v->kind == VALUE_STRING)
		n->fn(n, f, v);
}

/* 'v' is compared with 'key', part by part. */
static void on_comparison(struct naming *n, const struct ast_value *key, const struct ast_value *v)
{
	const struct ast_value *items;

	if (!key || !v)
		return;
	if (v->kind == VALUE_MAPPING)
		v = v->left;
	if (v->kind == VALUE_SET || v->kind == VALUE_SETREF) {
		items = v->kind == VALUE_SET ? v->items : v->set ? v->set->elements : NULL;
		for (; items; items = items->next)
			on_comparison(n, key, items);
	} else if (key->kind == VALUE_CONCAT && v->kind == VALUE_CONCAT) {
		items = v->items;
		for (key = key->items; key && items; key = key->next, items = items->next)
			on_comparison(n, key, items);
	} else if (key->kind == VALUE_FIELD) {
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

static void on_lookup(struct naming *n, const struct ast_value *key, const struct ast_value *v)
{
	if (names_interfaces(key))
		on_comparison(n, key, v);
}

static void on_map(struct naming *n, const struct ast_value *v)
{
	if (v && v->kind == VALUE_MAP)
		on_lookup(n, v->left, v->right);
}

static void on_statement(struct naming *n, const struct ast_stmt *s)
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

static void each_name(struct naming *n)
{
	for (const struct ast_table *t = n->l->rs->tables; t; t = t->next)
		for (const struct ast_chain *c = t->chains; c; c = c->next) {
			for (const struct ast_value *v = c->devices ? c->devices->items : NULL; v; v = v->next)
				n->fn(n, FIELD_NONE, v);
			for (const struct ast_rule *rule = c->rules; rule; rule = rule->next)
				for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
					on_statement(n, s);
		}
}

/* ---- those that are made up ---- */

static void assume_host(struct naming *n, const char *name)
{
	if (!is_pattern(name) && !host_by_name(n->l, name))
		add_host(n->l, name, n->next++, !strcmp(name, "lo"));
}

/* Devices, and what 'iif' and 'oif' name, must exist. */
static bool must_exist(enum ast_field f)
{
	return f == FIELD_NONE || f == FIELD_META_IIF || f == FIELD_META_OIF;
}

static void assume(struct naming *n, enum ast_field f, const struct ast_value *name)
{
	if (n->all || must_exist(f))
		assume_host(n, name->text);
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
static void assume_hosts(struct lower *l, const struct facts *facts)
{
	struct naming n = { .l = l, .fn = assume, .next = FIRST_ASSUMED_INDEX };
	bool known = has_arrival_interface(l);

	each_name(&n);
	for (size_t i = 0; i < facts->n_devices; i++)
		assume_host(&n, facts->devices[i]);
	if (known)
		return;
	n.all = true;
	each_name(&n);
	if (!has_arrival_interface(l))
		assume_host(&n, "eth0");
}

/* 'iif' and 'oif' look names up when the file is loaded.  Devices are looked at
 * chain by chain. */
static void check_name(struct naming *n, enum ast_field f, const struct ast_value *name)
{
	if (f != FIELD_NONE && must_exist(f) && !host_by_name(n->l, name->text))
		unknown_interface(n->l, name);
}

void hosts_init(struct lower *l, const struct facts *facts)
{
	struct naming check = { .l = l, .fn = check_name };

	l->facts = facts;
	l->hosts.by_name.arena = l->a;
	for (size_t i = 0; i < facts->n; i++)
		add_host(l, facts->v[i].name, facts->v[i].index, facts->v[i].loopback);
	if (facts->assume)
		assume_hosts(l, facts);
	else
		each_name(&check);
	for (size_t i = 0; i < facts->n_devices; i++)
		if (!host_by_name(l, facts->devices[i]))
			diag_error(l->d, DIAG_UNKNOWN_INTERFACE, SPAN_NONE,
				   "there is no interface named '%s', which --device gives", facts->devices[i]);
}

/* ---- sets of them, each distinct one made once ---- */

static int compare_indexes(const void *x, const void *y)
{
	uint32_t p = *(const uint32_t *)x, q = *(const uint32_t *)y;

	return p < q ? -1 : p > q;
}

static bool has_index(const uint32_t *v, size_t n, uint32_t index)
{
	return n && bsearch(&index, v, n, sizeof(*v), compare_indexes); /* which takes no NULL */
}

static int compare_names(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static uint64_t hash_names(struct lower *l, const uint32_t *v, size_t n)
{
	const char **names = arena_make_array(l->a, n, const char *);
	uint32_t direction = n ? v[0] & IR_EGRESS : 0;
	uint64_t hash = direction ? ~(uint64_t)n : n;
	size_t found = 0;

	for (size_t i = 0; i < l->hosts.n; i++)
		if (has_index(v, n, l->hosts.v[i].index | direction))
			names[found++] = l->hosts.v[i].name;
	qsort(names, found, sizeof(*names), compare_names);
	for (size_t i = 0; i < found; i++)
		hash = hash_string(hash, names[i]);
	return hash;
}

/* 'v' is sorted, and copied. */
static const struct ir_interfaces *intern(struct lower *l, const uint32_t *v, size_t n)
{
	uint64_t key = hash_bytes(0, v, n * sizeof(*v));
	struct ir_interfaces **slot, *set;
	uint32_t *copy;

	for (;; key++) {
		slot = (struct ir_interfaces **)table_at(&l->interface_sets, key);
		if (!*slot)
			break;
		if ((*slot)->n == n && (!n || !memcmp((*slot)->v, v, n * sizeof(*v))))
			return *slot;
	}
	*slot = set = arena_make(l->a, struct ir_interfaces);
	copy = arena_make_array(l->a, n, uint32_t);
	if (n) /* memcpy takes no NULL */
		memcpy(copy, v, n * sizeof(*v));
	*set = (struct ir_interfaces){ n, copy, hash_names(l, v, n) };
	return set;
}

bool interfaces_meet(const struct ir_interfaces *x, const struct ir_interfaces *y)
{
	for (size_t i = 0, j = 0; i < x->n && j < y->n;) {
		if (x->v[i] == y->v[j])
			return true;
		if (x->v[i] < y->v[j])
			i++;
		else
			j++;
	}
	return false;
}

/* ---- of base chains ---- */

static void attach(struct lower *l, const struct host *host, enum ast_hook hook, struct span span)
{
	struct ir_attach *v = l->ir->attach;
	size_t at = 0;

	while (at < l->ir->n_attach && v[at].index < host->index)
		at++;
	if (at == l->ir->n_attach || v[at].index != host->index) {
		memmove(&v[at + 1], &v[at], (l->ir->n_attach++ - at) * sizeof(*v));
		v[at] = (struct ir_attach){ .name = host->name, .index = host->index, .span = span };
	}
	if (hook == HOOK_EGRESS)
		v[at].egress = true;
	else
		v[at].ingress = true;
}

static size_t devices_of_chain(struct lower *l, const struct ast_chain *chain, uint32_t *v)
{
	const struct ast_value *items = chain->devices ? chain->devices->items : NULL;
	uint32_t direction = chain->hook == HOOK_EGRESS ? IR_EGRESS : 0;
	const struct host *host;
	size_t n = 0;

	for (const struct ast_value *i = items; i; i = i->next) {
		host = host_by_name(l, i->text);
		if (!host) {
			unknown_interface(l, i);
			continue;
		}
		attach(l, host, chain->hook, i->span);
		v[n++] = host->index | direction;
	}
	return n;
}

/* All but loopback, or those that the command line names. */
static bool is_seen(const struct lower *l, const struct host *host)
{
	const struct facts *facts = l->facts;

	if (!facts->n_devices)
		return !host->loopback;
	for (size_t i = 0; i < facts->n_devices; i++)
		if (!strcmp(facts->devices[i], host->name))
			return true;
	return false;
}

static size_t all_interfaces(struct lower *l, const struct ast_chain *chain, uint32_t *v)
{
	size_t n = 0;

	for (size_t i = 0; i < l->hosts.n; i++) {
		if (!is_seen(l, &l->hosts.v[i]))
			continue;
		attach(l, &l->hosts.v[i], chain->hook, chain->hook_span);
		v[n++] = l->hosts.v[i].index;
	}
	if (!n)
		diag_warning(l->d, DIAG_NO_INTERFACE, chain->hook_span,
			     "there is no interface %s: this chain sees nothing",
			     l->facts->n_devices ? "of the names given by --device" : "besides loopback");
	return n;
}

const struct ir_interfaces *interfaces_of_chain(struct lower *l, const struct ast_chain *chain)
{
	uint32_t *v = arena_make_array(l->a, l->hosts.n, uint32_t);
	size_t n = chain->hook == HOOK_PREROUTING ? all_interfaces(l, chain, v) : devices_of_chain(l, chain, v);

	if (n)
		qsort(v, n, sizeof(*v), compare_indexes);
	return intern(l, v, n);
}

/* ---- iif, iifname, oif and oifname ---- */

/* "eth*" is a pattern, "eth\*" a name. */
static bool name_matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	if (!len || pattern[len - 1] != '*')
		return !strcmp(pattern, name);
	if (len > 1 && pattern[len - 2] == '\\')
		return strlen(name) == len - 1 && name[len - 2] == '*' && !strncmp(pattern, name, len - 2);
	return !strncmp(pattern, name, len - 1);
}

struct indexes {
	struct addr_range *v;
	size_t n, cap;
};

/* No interface has index 0 and the name "". */
static void add_indexes(struct lower *l, const struct ast_value *v, struct indexes *ret)
{
	if (v->kind == VALUE_CATCHALL) {
		*vec_push(l->a, ret) = (struct addr_range){ 0, UINT32_MAX };
	} else if (v->kind != VALUE_STRING) {
		*vec_push(l->a, ret) = value_range(v);
	} else {
		if (name_matches(v->text, ""))
			*vec_push(l->a, ret) = (struct addr_range){ 0, 0 };
		for (size_t i = 0; i < l->hosts.n; i++)
			if (name_matches(v->text, l->hosts.v[i].name))
				*vec_push(l->a, ret) = (struct addr_range){ l->hosts.v[i].index, l->hosts.v[i].index };
	}
}

const struct addr_set *interface_indexes(struct lower *l, const struct ast_value *v)
{
	const struct ast_value *items = v->kind == VALUE_SETREF ? v->set->elements
					: v->kind == VALUE_SET	? v->items
								: NULL;
	struct indexes indexes = { 0 };

	if (v->kind != VALUE_SET && v->kind != VALUE_SETREF)
		add_indexes(l, v, &indexes);
	for (; items; items = items->next)
		add_indexes(l, items, &indexes);
	return addr_set_make(l->a, 32, indexes.v, indexes.n);
}

/* Where packets arrive there is no departure interface yet, and the kernel knows
 * no arrival interface any more where they leave. */
static bool is_none(const struct ir_interfaces *from, enum ast_field f)
{
	bool leaving = from->n && from->v[0] & IR_EGRESS;

	return leaving == (f == FIELD_META_IIF || f == FIELD_META_IIFNAME);
}

const struct ir_interfaces *interfaces_within(struct lower *l, const struct ir_interfaces *from, enum ast_field f,
					      const struct addr_set *indexes)
{
	uint32_t *v;
	size_t n = 0;

	if (is_none(from, f))
		return addr_set_contains(indexes, 0) ? from : intern(l, NULL, 0);
	v = arena_make_array(l->a, from->n, uint32_t);
	for (size_t i = 0; i < from->n; i++)
		if (addr_set_contains(indexes, from->v[i] & ~IR_EGRESS))
			v[n++] = from->v[i];
	return n == from->n ? from : intern(l, v, n);
}
