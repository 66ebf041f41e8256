/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_set.c - elements of sets and maps: variables and nested sets become
 * the elements they hold. */
#include <compiler/resolve.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/value.h>

#define MAX_COPIES 4000000 /* of values that variables hold: some 500 MB */

struct list {
	struct ast_value *first, **end;
};

static void append(struct list *l, struct ast_value *v)
{
	v->next = NULL;
	*l->end = v;
	l->end = &v->next;
}

/* ---- keys ---- */

/* A range that is a prefix, or one value, is shown as such. */
static struct ast_value *bind_part(struct resolve *r, struct ast_value *v, struct ast_datatype t)
{
	struct ast_value *bound = resolve_constant(r, v, t);

	if (!bound || bound->kind != VALUE_RANGE)
		return bound;
	return value_from_range(r->a, t, value_range(bound), bound->span);
}

static struct ast_value *bind_parts(struct resolve *r, struct ast_value *v, const struct ast_datatypes *types)
{
	struct list l = { NULL, &l.first };
	struct ast_value *next, *bound;
	unsigned int n = 0;
	bool good = true;

	for (struct ast_value *i = v->items; i; i = i->next)
		n++;
	if (n != types->n) {
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected %u parts, %s, found %u", types->n,
			   datatypes_describe(r->a, types), n);
		return NULL;
	}
	n = 0;
	for (struct ast_value *i = v->items; i; i = next) {
		next = i->next;
		bound = bind_part(r, i, types->part[n++]);
		if (bound)
			append(&l, bound);
		else
			good = false;
	}
	v->items = l.first;
	return good ? v : NULL;
}

static struct ast_value *refuse_key(struct resolve *r, const struct ast_value *v, const struct ast_datatypes *types)
{
	diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected a concatenation of %s, found %s",
		   datatypes_describe(r->a, types), value_describe(v));
	return NULL;
}

struct ast_value *resolve_key(struct resolve *r, struct ast_value *v, const struct ast_datatypes *types)
{
	struct shape shape = { .key = *types };
	struct ast_value *bound;

	if (types->n == 1)
		return resolve_constant(r, v, types->part[0]);
	if (v->kind == VALUE_CONCAT)
		return bind_parts(r, v, types);
	if (v->kind != VALUE_VARIABLE)
		return refuse_key(r, v, types);
	bound = resolve_variable(r, v, &shape);
	return bound && bound->kind != VALUE_CONCAT ? refuse_key(r, bound, types) : bound;
}

/* ---- data ---- */

/* The verdict that a word names; nft takes them out of variables too. */
static struct ast_value *verdict_of_word(struct resolve *r, const struct ast_value *v)
{
	struct ast_value *verdict;

	for (enum ast_verdict i = VERDICT_ACCEPT; i <= VERDICT_RETURN; i++) {
		if (strcmp(ast_verdict_name(i), v->text))
			continue;
		verdict = arena_make(r->a, struct ast_value);
		*verdict = (struct ast_value){ .span = v->span, .kind = VALUE_VERDICT };
		verdict->number = i;
		return verdict;
	}
	return NULL;
}

static void not_a_verdict(struct resolve *r, const struct ast_value *v)
{
	static const char *const words[] = { "accept", "drop", "continue", "return" };
	bool is_word = v->kind == VALUE_WORD || v->kind == VALUE_STRING;
	const char *near = is_word ? diag_suggest(v->text, words, sizeof(words) / sizeof(words[0])) : NULL;

	if (is_word)
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected a verdict, found '%s'", v->text);
	else
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected a verdict, found %s", value_describe(v));
	if (near)
		diag_did_you_mean(r->d, v->span, near, SPAN_NONE);
}

static struct ast_value *bind_verdict(struct resolve *r, struct ast_value *v)
{
	const struct ast_value *plain = resolve_plain(r, v);
	struct ast_value *verdict = v;

	if (!plain)
		return NULL;
	if (plain->kind == VALUE_WORD || plain->kind == VALUE_STRING)
		verdict = verdict_of_word(r, plain);
	if (!verdict || verdict->kind != VALUE_VERDICT) {
		not_a_verdict(r, plain);
		return NULL;
	}
	if (verdict->number != VERDICT_JUMP && verdict->number != VERDICT_GOTO)
		return verdict;
	if (!verdict->text)
		verdict->text = resolve_text(r, verdict->variable, "the name of a chain");
	if (!verdict->text)
		return NULL;
	verdict->target = resolve_target(r, verdict->text, verdict->span);
	return verdict->target ? verdict : NULL;
}

/* Data are single: nft has intervals there only for NAT. */
static struct ast_value *refuse_interval(struct resolve *r, const struct ast_value *data)
{
	diag_error(r->d, DIAG_TYPE_MISMATCH, data->span, "the data of an element must be one value, this is %s",
		   value_describe(data));
	return NULL;
}

static bool is_interval(const struct ast_value *v)
{
	return v->kind == VALUE_RANGE || v->kind == VALUE_PREFIX;
}

static struct ast_value *bind_data(struct resolve *r, struct ast_value *v, const struct ast_datatypes *types)
{
	struct ast_value *data;

	if (!types->n)
		return bind_verdict(r, v);
	data = resolve_key(r, v, types);
	if (!data)
		return NULL;
	if (is_interval(data))
		return refuse_interval(r, data);
	for (const struct ast_value *i = data->kind == VALUE_CONCAT ? data->items : NULL; i; i = i->next)
		if (is_interval(i))
			return refuse_interval(r, i);
	return data;
}

/* ---- elements ---- */

/* Attributes are the item's, wherever they are written. */
static void move_attributes(struct ast_value *v)
{
	if (!v->attr)
		v->attr = v->left->attr;
	v->left->attr = NULL;
}

static struct ast_value *bind_mapping(struct resolve *r, struct ast_value *v, const struct shape *shape)
{
	if (!shape->map) {
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "'key : data' is an element of a map, this is a set");
		return NULL;
	}
	move_attributes(v);
	if (v->left->kind != VALUE_CATCHALL)
		v->left = resolve_key(r, v->left, &shape->key);
	v->right = bind_data(r, v->right, &shape->data);
	return v->left && v->right ? v : NULL;
}

static struct ast_value *bind_element(struct resolve *r, struct ast_value *v, const struct shape *shape)
{
	switch (v->kind) {
	case VALUE_MAPPING:
		return bind_mapping(r, v, shape);
	case VALUE_SETREF:
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "a named set can't be an element of a set");
		return NULL;
	default:
		break;
	}
	if (shape->map && !shape->keys_alone) {
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "an element of a map is 'key : data', this is %s",
			   value_describe(v));
		return NULL;
	}
	return v->kind == VALUE_CATCHALL ? v : resolve_key(r, v, &shape->key);
}

/* ---- lists of elements ---- */

/* Variables that hold variables multiply; this is where it would be felt. */
static bool may_copy(struct resolve *r, const struct ast_value *written)
{
	if (r->copies++ < MAX_COPIES)
		return true;
	if (r->copies == MAX_COPIES + 1) {
		diag_error(r->d, DIAG_TOO_LARGE, written->span,
			   "variables in sets stand for too many values: more than %d in all", MAX_COPIES);
		diag_note(r->d, written->span, "put the values into a named set once, and match '@name'");
	}
	return false;
}

/* What a variable holds is shared by its uses, so it's copied into the list. */
static void append_copies(struct resolve *r, struct list *l, const struct ast_value *v, const struct ast_value *written)
{
	struct ast_value *c;

	if (v->kind == VALUE_SET) {
		for (const struct ast_value *i = v->items; i && r->copies <= MAX_COPIES; i = i->next)
			append_copies(r, l, i, written);
		return;
	}
	if (!may_copy(r, written))
		return;
	c = arena_make(r->a, struct ast_value);
	*c = *v;
	if (written->attr)
		c->attr = written->attr;
	append(l, c);
}

static void append_items(struct resolve *r, struct list *l, struct ast_value *items, const struct shape *shape)
{
	struct shape within = *shape;
	struct ast_value *next, *bound;

	within.element = true;
	for (struct ast_value *v = items; v; v = next) {
		next = v->next;
		if (v->kind == VALUE_SET ||
		    (v->kind == VALUE_LIST && ast_type_kind(shape->key.part[0].type) == KIND_FLAGS)) {
			append_items(r, l, v->items, shape);
			continue;
		}
		bound = v->kind == VALUE_VARIABLE ? resolve_variable(r, v, &within) : bind_element(r, v, shape);
		if (!bound)
			continue;
		if (v->kind == VALUE_VARIABLE)
			append_copies(r, l, bound, v);
		else
			append(l, bound);
	}
}

struct ast_value *resolve_items(struct resolve *r, struct ast_value *items, const struct shape *shape)
{
	struct list l = { NULL, &l.first };

	append_items(r, &l, items, shape);
	return l.first;
}

/* ---- sets without a name ---- */

static bool refuse_attributes(struct resolve *r, const struct ast_value *items)
{
	for (; items; items = items->next) {
		if (!items->attr || (!items->attr->timeout && !items->attr->expires && !items->attr->has_counter))
			continue;
		diag_error(r->d, DIAG_BAD_SET, items->span, "only elements of named sets have %s",
			   items->attr->has_counter ? "counters" : "timeouts");
		return true;
	}
	return false;
}

static bool stays_a_set(const struct ast_value *items)
{
	return items->next || items->kind == VALUE_CONCAT || items->kind == VALUE_CATCHALL ||
	       items->kind == VALUE_MAPPING;
}

struct ast_value *resolve_set(struct resolve *r, struct ast_value *v, const struct shape *shape)
{
	unsigned int errors = r->d->errors;
	bool damaged = r->d->text_damaged && v->items; /* maybe by a variable of a file that couldn't be read */
	bool several;

	if (shape->element) {
		v->items = resolve_items(r, v->items, shape);
		return v;
	}
	v->items = resolve_items(r, v->items, shape);
	if (r->d->errors != errors || refuse_attributes(r, v->items))
		return NULL;
	if (!v->items) {
		if (!damaged)
			diag_error(r->d, DIAG_EMPTY_SET, v->span, "empty set");
		return NULL;
	}
	several = v->items->next;
	v->items = resolve_sort(r, v->items, &shape->key, SET_ANONYMOUS);
	if (stays_a_set(v->items))
		return v;
	r->merged_sets += several;
	return v->items;
}
