/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/lower.h>

#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/compile.h>
#include <compiler/facts.h>
#include <compiler/hash.h>
#include <compiler/value.h>

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
			host_unknown(l, i);
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
