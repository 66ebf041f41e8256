/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_uses.c - how often rules and elements refer to chains, sets and
 * objects, so that what is in use isn't deleted. */
#include <compiler/references.h>
#include <compiler/resolve.h>

/* ---- counting ---- */

struct count {
	struct resolve *r;
	int by; /* 1 or -1 */
};

static struct known *known_of(struct resolve *r, const struct reference *ref)
{
	switch (ref->kind) {
	case REFERENCE_CHAIN:
		return (struct known *)resolve_find_chain(r, ref->chain->name);
	case REFERENCE_SET:
		return (struct known *)resolve_find_set(r, ref->set->name);
	case REFERENCE_OBJECT:
		return (struct known *)resolve_find_object(r, ref->object->kind, ref->object->name);
	}
	return NULL;
}

static bool count(const struct reference *ref, void *ctx)
{
	struct count *c = ctx;
	struct known *known = known_of(c->r, ref);

	if (known)
		known->uses += (size_t)c->by;
	return true;
}

void resolve_use_rule(struct resolve *r, const struct ast_rule *rule, int by)
{
	struct count c = { r, by };

	references_of_rule(rule, count, &c);
}

void resolve_use_element(struct resolve *r, const struct ast_value *v, int by)
{
	struct count c = { r, by };

	references_of_element(v, count, &c);
}

void resolve_use_elements(struct resolve *r, const struct ast_value *items, int by)
{
	for (; items; items = items->next)
		resolve_use_element(r, items, by);
}

/* ---- who does it ---- */

struct search {
	const void *target;
	struct span found;
};

static bool compare(const struct reference *ref, void *ctx)
{
	struct search *s = ctx;

	if (ref->target != s->target)
		return true;
	s->found = ref->span;
	return false;
}

static bool search_chains(const struct resolve *r, struct search *s)
{
	for (const struct ast_chain *c = r->table->table->chains; c; c = c->next)
		for (const struct ast_rule *rule = c->rules; rule; rule = rule->next)
			if (!references_of_rule(rule, compare, s))
				return true;
	return false;
}

static bool search_sets(const struct resolve *r, struct search *s)
{
	for (const struct ast_set *set = r->table->table->sets; set; set = set->next)
		for (const struct ast_value *v = set->elements; v; v = v->next)
			if (!references_of_element(v, compare, s))
				return true;
	return false;
}

struct span resolve_user(struct resolve *r, const void *target)
{
	struct search s = { .target = target };

	if (!search_chains(r, &s))
		search_sets(r, &s);
	return s.found;
}

/* ---- sets without a name ---- */

static unsigned int anonymous(const struct ast_value *v)
{
	if (!v)
		return 0;
	return v->kind == VALUE_SET ? 1 : v->kind == VALUE_MAP ? anonymous(v->right) : 0;
}

static unsigned int anonymous_of_statement(const struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH: /* a set also where its elements were merged to one */
		return s->match.several || anonymous(s->match.rhs);
	case STMT_VMAP:
		return anonymous(s->vmap.map);
	case STMT_SET:
		return anonymous(s->set.value);
	case STMT_TPROXY:
		return anonymous(s->tproxy.addr) + anonymous(s->tproxy.port);
	default:
		return 0;
	}
}

unsigned int resolve_anonymous_sets(const struct ast_rule *rule)
{
	unsigned int n = 0;

	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		n += anonymous_of_statement(s);
	return n;
}
