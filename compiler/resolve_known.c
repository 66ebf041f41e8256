/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_known.c - tables, chains, sets and objects by name.
 *
 * What is deleted stays in its table and in the lists of the tree, marked as
 * gone, until resolve.c sweeps them at the end; a new one of the same name
 * takes its place here. */
#include <compiler/resolve.h>

#include <compiler/base/arena.h>

const char *resolve_object_word(enum ast_object_kind kind)
{
	return kind == OBJECT_COUNTER ? "counter" : "limit";
}

static const char *table_key(struct resolve *r, enum ast_family family, const char *name)
{
	return arena_printf(r->a, "%s %s", ast_family_name(family), name);
}

static const char *object_key(struct resolve *r, enum ast_object_kind kind, const char *name)
{
	return arena_printf(r->a, "%s %s", resolve_object_word(kind), name);
}

/* ---- looking up ---- */

/* Every value of the tables here begins with a struct known. */
static void *find(const struct table *t, const char *key)
{
	struct known *known = table_get_word(t, key);

	return known && !known->gone ? known : NULL;
}

struct known_table *resolve_find_table(struct resolve *r, enum ast_family family, const char *name)
{
	return find(&r->tables, table_key(r, family, name));
}

struct known_chain *resolve_find_chain(struct resolve *r, const char *name)
{
	return find(&r->table->chains, name);
}

struct known_set *resolve_find_set(struct resolve *r, const char *name)
{
	return find(&r->table->sets, name);
}

struct known_object *resolve_find_object(struct resolve *r, enum ast_object_kind kind, const char *name)
{
	return find(&r->table->objects, object_key(r, kind, name));
}

/* ---- what isn't there ---- */

/* The nearest name among what a table holds, or NULL. */
static const struct known *nearest(struct resolve *r, const struct table *t, const char *key)
{
	struct {
		const char **v;
		size_t n, cap;
	} words = { 0 };
	const char *near;

	for (size_t i = 0; resolve_may_suggest(r) && i < t->size; i++)
		if (t->v[i].value && !((struct known *)t->v[i].value)->gone)
			*vec_push(r->a, &words) = t->v[i].word;
	near = words.n ? diag_suggest(key, words.v, words.n) : NULL;
	return near ? find(t, near) : NULL;
}

static void suggest(struct resolve *r, const struct table *t, const char *key, struct span at)
{
	const struct known *near = nearest(r, t, key);

	if (near)
		diag_did_you_mean(r->d, at, near->name, near->declared);
}

/* The same name in another family is more likely what was meant than another name. */
static void suggest_table(struct resolve *r, enum ast_family family, const char *name, struct span at)
{
	static const enum ast_family families[] = { AST_IP, AST_IP6, AST_INET, AST_NETDEV };
	const struct known_table *other;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		other = resolve_find_table(r, families[i], name);
		if (!other)
			continue;
		diag_note(r->d, other->known.declared, "there is one in family '%s': write '%s %s'",
			  ast_family_name(families[i]), ast_family_name(families[i]), name);
		return;
	}
	suggest(r, &r->tables, table_key(r, family, name), at);
}

struct known_table *resolve_need_table(struct resolve *r, enum ast_family family, const char *name, struct span at)
{
	struct known_table *known = resolve_find_table(r, family, name);

	if (known)
		return known;
	diag_unknown(r->d, DIAG_UNKNOWN_TABLE, at, name, "no table named '%s' in family '%s'", name,
		     ast_family_name(family));
	suggest_table(r, family, name, at);
	return NULL;
}

struct known_chain *resolve_need_chain(struct resolve *r, const char *name, struct span at)
{
	struct known_chain *known = resolve_find_chain(r, name);

	if (known)
		return known;
	diag_unknown(r->d, DIAG_UNKNOWN_CHAIN, at, name, "no chain named '%s' in table '%s'", name,
		     r->table->known.name);
	suggest(r, &r->table->chains, name, at);
	return NULL;
}

struct known_set *resolve_need_set(struct resolve *r, const char *name, struct span at, bool map)
{
	struct known_set *known = resolve_find_set(r, name);

	if (known)
		return known;
	diag_unknown(r->d, map ? DIAG_UNKNOWN_MAP : DIAG_UNKNOWN_SET, at, name, "no %s named '%s' in table '%s'",
		     map ? "map" : "set", name, r->table->known.name);
	suggest(r, &r->table->sets, name, at);
	return NULL;
}

struct known_object *resolve_need_object(struct resolve *r, enum ast_object_kind kind, const char *name, struct span at)
{
	struct known_object *known = resolve_find_object(r, kind, name);

	if (known)
		return known;
	diag_unknown(r->d, DIAG_UNKNOWN_OBJECT, at, name, "no %s named '%s' in table '%s'", resolve_object_word(kind),
		     name, r->table->known.name);
	suggest(r, &r->table->objects, object_key(r, kind, name), at);
	return NULL;
}

/* ---- tables ---- */

static struct ast_table *new_table(struct resolve *r, const struct ast_table *block)
{
	struct ast_table *t = arena_make(r->a, struct ast_table);

	*t = (struct ast_table){
		.span = block->span,
		.name_span = block->name_span,
		.family = block->family,
		.name = block->name,
		.comment = block->comment,
		.handle = ++r->last_table_handle,
	};
	*r->end = t;
	r->end = &t->next;
	return t;
}

struct known_table *resolve_declare_table(struct resolve *r, const struct ast_table *block)
{
	struct known_table *known = resolve_find_table(r, block->family, block->name);

	if (known) {
		if (block->comment)
			known->table->comment = block->comment;
		return known;
	}
	known = arena_make(r->a, struct known_table);
	known->known = (struct known){ .name = block->name, .declared = block->name_span };
	known->table = new_table(r, block);
	known->chains.arena = known->sets.arena = known->objects.arena = r->a;
	known->chains_end = &known->table->chains;
	known->sets_end = &known->table->sets;
	known->objects_end = &known->table->objects;
	*table_at_word(&r->tables, table_key(r, block->family, block->name)) = known;
	return known;
}

/* ---- chains ---- */

static struct ast_chain *new_chain(struct resolve *r, const struct ast_chain *block)
{
	struct ast_chain *c = arena_make(r->a, struct ast_chain);

	*c = *block;
	c->next = NULL;
	c->rules = NULL;
	c->defines = NULL;
	c->policy_variable = NULL; /* bound */
	c->table = r->table->table;
	c->handle = ++r->table->last_handle;
	*r->table->chains_end = c;
	r->table->chains_end = &c->next;
	return c;
}

void resolve_declare_chain(struct resolve *r, struct ast_chain *block)
{
	struct known_chain *known = resolve_find_chain(r, block->name);

	resolve_base_chain(r, block);
	if (known) {
		resolve_chain_again(r, known->chain, block);
		return;
	}
	resolve_chain_policy(r, block);
	known = arena_make(r->a, struct known_chain);
	known->known = (struct known){ .name = block->name, .declared = block->name_span };
	known->chain = new_chain(r, block);
	*table_at_word(&r->table->chains, block->name) = known;
}

void resolve_rename_chain(struct resolve *r, struct known_chain *known, const char *name)
{
	struct known *nobody = arena_make(r->a, struct known);

	nobody->gone = true;
	*table_at_word(&r->table->chains, known->known.name) = nobody;
	*table_at_word(&r->table->chains, name) = known;
	known->known.name = known->chain->name = name;
}

/* ---- sets ---- */

static void redeclared(struct resolve *r, struct span at, const struct known *first, const char *what)
{
	diag_error(r->d, DIAG_REDEFINED, at, "%s '%s' is declared again with another type or other flags", what,
		   first->name);
	diag_note(r->d, first->declared, "first declared here");
}

static bool same_type(const struct ast_datatypes *x, const struct ast_datatypes *y)
{
	if (x->n != y->n)
		return false;
	for (unsigned int i = 0; i < x->n; i++)
		if (x->part[i].type != y->part[i].type || x->part[i].bits != y->part[i].bits)
			return false;
	return true;
}

static bool same_set(const struct ast_set *x, const struct ast_set *y)
{
	return x->is_map == y->is_map && x->is_vmap == y->is_vmap && same_type(&x->key, &y->key) &&
	       same_type(&x->data, &y->data) && x->type == y->type && x->interval == y->interval &&
	       x->constant == y->constant && x->dynamic == y->dynamic && x->has_timeout_flag == y->has_timeout_flag &&
	       x->timeout == y->timeout && x->counter == y->counter;
}

static void join_set(struct resolve *r, const struct known_set *known, const struct ast_set *block)
{
	if (!same_set(known->set, block)) {
		redeclared(r, block->name_span, &known->known, known->set->is_map ? "map" : "set");
		return;
	}
	if (block->comment)
		known->set->comment = block->comment;
	if (block->size)
		known->set->size = block->size;
	known->set->auto_merge |= block->auto_merge;
}

static struct ast_set *new_set(struct resolve *r, const struct ast_set *block)
{
	struct ast_set *s = arena_make(r->a, struct ast_set);

	*s = *block;
	s->next = NULL;
	s->elements = NULL;
	s->table = r->table->table;
	s->handle = ++r->table->last_handle;
	*r->table->sets_end = s;
	r->table->sets_end = &s->next;
	return s;
}

void resolve_declare_set(struct resolve *r, struct ast_set *block)
{
	struct known_set *known = resolve_find_set(r, block->name);

	resolve_set_header(r, block);
	if (known) {
		join_set(r, known, block);
		return;
	}
	known = arena_make(r->a, struct known_set);
	known->known = (struct known){ .name = block->name, .declared = block->name_span };
	known->set = new_set(r, block);
	known->elements_end = &known->set->elements;
	*table_at_word(&r->table->sets, block->name) = known;
}

/* ---- counters and limits ---- */

static bool same_limit(const struct ast_limit *x, const struct ast_limit *y)
{
	return x->over == y->over && x->bytes == y->bytes && x->rate == y->rate && x->burst == y->burst &&
	       x->unit == y->unit;
}

/* As nft does, the one that is there stays as it is. */
static void join_object(struct resolve *r, const struct known_object *known, const struct ast_object *block)
{
	if (block->kind == OBJECT_LIMIT && !same_limit(&known->object->limit, &block->limit))
		redeclared(r, block->name_span, &known->known, "limit");
	else if (block->comment)
		known->object->comment = block->comment;
}

static struct ast_object *new_object(struct resolve *r, const struct ast_object *block)
{
	struct ast_object *o = arena_make(r->a, struct ast_object);

	*o = *block;
	o->next = NULL;
	o->table = r->table->table;
	o->handle = ++r->table->last_handle;
	*r->table->objects_end = o;
	r->table->objects_end = &o->next;
	return o;
}

void resolve_declare_object(struct resolve *r, const struct ast_object *block)
{
	struct known_object *known = resolve_find_object(r, block->kind, block->name);

	if (block->kind == OBJECT_LIMIT && resolve_check_limit(r, &block->limit, block->name_span))
		return;
	if (known) {
		join_object(r, known, block);
		return;
	}
	known = arena_make(r->a, struct known_object);
	known->known = (struct known){ .name = block->name, .declared = block->name_span };
	known->object = new_object(r, block);
	*table_at_word(&r->table->objects, object_key(r, block->kind, block->name)) = known;
}
