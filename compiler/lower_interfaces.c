/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/lower.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/compile.h>
#include <compiler/facts.h>
#include <compiler/hash.h>

#define FIRST_ASSUMED_INDEX 0x40000001u

/* ---- what interfaces there are ---- */

static const struct host *host_by_name(const struct lower *l, const char *name)
{
	for (size_t i = 0; i < l->hosts.n; i++)
		if (!strcmp(l->hosts.v[i].name, name))
			return &l->hosts.v[i];
	return NULL;
}

static void assume_host(struct lower *l, const char *name, uint32_t *next)
{
	if (strchr(name, '*') || host_by_name(l, name))
		return;
	*vec_push(l->a, &l->hosts) = (struct host){ name, *next, !strcmp(name, "lo") };
	++*next;
}

static void assume_values(struct lower *l, const struct ast_value *items, uint32_t *next)
{
	for (; items; items = items->next)
		if (items->kind == VALUE_STRING)
			assume_host(l, items->text, next);
}

static void assume_match(struct lower *l, const struct ast_stmt *s, uint32_t *next)
{
	const struct ast_value *v = s->match.rhs;

	if (v->kind == VALUE_SETREF)
		assume_values(l, v->set->elements, next);
	else if (v->kind == VALUE_SET)
		assume_values(l, v->items, next);
	else if (v->kind == VALUE_STRING)
		assume_host(l, v->text, next);
}

static void assume_devices(struct lower *l, const struct ast_chain *chain, uint32_t *next)
{
	if (chain->devices)
		assume_values(l, chain->devices->items, next);
}

static void assume_field(struct lower *l, const struct ast_chain *chain, enum ast_field field, uint32_t *next)
{
	for (const struct ast_rule *rule = chain->rules; rule; rule = rule->next)
		for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
			if (s->kind == STMT_MATCH && s->match.field == field)
				assume_match(l, s, next);
}

static bool has_arrival_interface(const struct lower *l)
{
	for (size_t i = 0; i < l->hosts.n; i++)
		if (!l->hosts.v[i].loopback)
			return true;
	return false;
}

#define for_each_chain(rs, chain)                                          \
	for (const struct ast_table *t_ = (rs)->tables; t_; t_ = t_->next) \
		for (const struct ast_chain *chain = t_->chains; chain; chain = chain->next)

/* Makes up what must exist.  Where nothing is known of the host, what 'iifname'
 * names is made up too, or one interface at least, so that prerouting chains
 * mean something. */
static void assume_hosts(struct lower *l)
{
	uint32_t next = FIRST_ASSUMED_INDEX;
	bool known = has_arrival_interface(l);

	for_each_chain(l->rs, chain)
	{
		assume_devices(l, chain, &next);
		assume_field(l, chain, FIELD_META_IIF, &next);
	}
	if (known)
		return;
	for_each_chain(l->rs, chain) assume_field(l, chain, FIELD_META_IIFNAME, &next);
	if (!has_arrival_interface(l))
		assume_host(l, "eth0", &next);
}

void hosts_init(struct lower *l, const struct facts *facts)
{
	for (size_t i = 0; i < facts->n; i++)
		*vec_push(l->a, &l->hosts) = (struct host){ facts->v[i].name, facts->v[i].index, facts->v[i].loopback };
	if (facts->assume)
		assume_hosts(l);
}

/* ---- sets of them, each distinct one made once ---- */

static int compare_indexes(const void *x, const void *y)
{
	uint32_t p = *(const uint32_t *)x, q = *(const uint32_t *)y;

	return p < q ? -1 : p > q;
}

static int compare_names(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static uint64_t hash_names(struct lower *l, const uint32_t *v, size_t n)
{
	const char **names = arena_make_array(l->a, n, const char *);
	uint64_t hash = n;
	size_t found = 0;

	for (size_t i = 0; i < l->hosts.n; i++)
		if (bsearch(&l->hosts.v[i].index, v, n, sizeof(*v), compare_indexes))
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
		if ((*slot)->n == n && !memcmp((*slot)->v, v, n * sizeof(*v)))
			return *slot;
	}
	*slot = set = arena_make(l->a, struct ir_interfaces);
	copy = arena_make_array(l->a, n, uint32_t);
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

static void attach(struct lower *l, const struct host *host, struct span span)
{
	struct ir *ir = l->ir;
	size_t at = ir->n_attach;

	for (size_t i = 0; i < ir->n_attach; i++)
		if (ir->attach[i].index == host->index)
			return;
	while (at && ir->attach[at - 1].index > host->index) {
		ir->attach[at] = ir->attach[at - 1];
		at--;
	}
	ir->attach[at] = (struct ir_attach){ .name = host->name, .index = host->index, .ingress = true, .span = span };
	ir->n_attach++;
}

static void unknown_interface(struct lower *l, const struct ast_value *v)
{
	const char **names = arena_make_array(l->a, l->hosts.n, const char *), *near;

	for (size_t i = 0; i < l->hosts.n; i++)
		names[i] = l->hosts.v[i].name;
	near = diag_suggest(v->text, names, l->hosts.n);
	diag_error(l->d, DIAG_UNKNOWN_INTERFACE, v->span, "there is no interface named '%s'", v->text);
	if (near)
		diag_did_you_mean(l->d, v->span, v->kind == VALUE_STRING ? arena_printf(l->a, "\"%s\"", near) : near,
				  SPAN_NONE);
}

static const struct host *device(struct lower *l, const struct ast_value *v)
{
	const struct host *host = host_by_name(l, v->text);

	if (!host)
		unknown_interface(l, v);
	return host;
}

static size_t devices_of_chain(struct lower *l, const struct ast_chain *chain, uint32_t *v)
{
	const struct ast_value *items = chain->devices ? chain->devices->items : NULL;
	const struct host *host;
	size_t n = 0;

	for (const struct ast_value *i = items; i; i = i->next) {
		host = device(l, i);
		if (!host)
			continue;
		attach(l, host, i->span);
		v[n++] = host->index;
	}
	return n;
}

static size_t all_interfaces(struct lower *l, const struct ast_chain *chain, uint32_t *v)
{
	size_t n = 0;

	for (size_t i = 0; i < l->hosts.n; i++) {
		if (l->hosts.v[i].loopback)
			continue;
		attach(l, &l->hosts.v[i], chain->hook_span);
		v[n++] = l->hosts.v[i].index;
	}
	if (!n)
		diag_warning(l->d, DIAG_NO_INTERFACE, chain->hook_span,
			     "there is no interface besides loopback: this chain sees nothing");
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

/* ---- iif and iifname ---- */

static bool name_matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	if (len && pattern[len - 1] == '*')
		return !strncmp(pattern, name, len - 1);
	return !strcmp(pattern, name);
}

static bool host_matches(const struct host *host, const struct ast_value *v)
{
	const struct ast_value *items = v->kind == VALUE_SETREF ? v->set->elements : v->items;

	if (v->kind == VALUE_NUMBER)
		return host->index == v->number;
	if (v->kind == VALUE_STRING)
		return name_matches(v->text, host->name);
	for (; items; items = items->next)
		if (host_matches(host, items))
			return true;
	return false;
}

/* 'iif' looks names up when the file is loaded, so they must be there. */
static void check_names(struct lower *l, const struct ast_value *v)
{
	if (v->kind == VALUE_STRING)
		device(l, v);
	else if (v->kind == VALUE_SET || v->kind == VALUE_SETREF)
		for (v = v->kind == VALUE_SET ? v->items : v->set->elements; v; v = v->next)
			check_names(l, v);
}

const struct ir_interfaces *interfaces_narrow(struct lower *l, const struct ir_interfaces *from,
					      const struct ast_stmt *s)
{
	uint32_t *v = arena_make_array(l->a, from->n, uint32_t);
	bool wanted = s->match.op != OP_NE;
	size_t n = 0;

	if (s->match.field == FIELD_META_IIF)
		check_names(l, s->match.rhs);
	for (size_t i = 0; i < l->hosts.n; i++) {
		const struct host *host = &l->hosts.v[i];

		if (bsearch(&host->index, from->v, from->n, sizeof(*from->v), compare_indexes) &&
		    host_matches(host, s->match.rhs) == wanted)
			v[n++] = host->index;
	}
	if (n)
		qsort(v, n, sizeof(*v), compare_indexes);
	return n == from->n ? from : intern(l, v, n);
}
