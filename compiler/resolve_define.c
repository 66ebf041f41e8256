/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/resolve.h>

#include <compiler/base/arena.h>

#define MAX_NESTING 16 /* of variables in variables; each is a level of the stack */

static struct definition *find(struct resolve *r, const char *name)
{
	struct definition *def = NULL;

	for (const struct scope *s = r->scope; s && !def; s = s->outer)
		def = table_get_word(&s->names, name);
	return def;
}

static const char *suggest(struct resolve *r, const char *name)
{
	struct {
		const char **v;
		size_t n, cap;
	} words = { 0 };

	for (const struct scope *s = r->scope; s; s = s->outer)
		for (size_t i = 0; i < s->names.size; i++)
			if (s->names.v[i].value)
				*vec_push(r->a, &words) = s->names.v[i].word;
	return words.n ? diag_suggest(name, words.v, words.n) : NULL;
}

/* Those of a block are all read before its rules are, so one may come too late. */
static bool is_further_down(const struct definition *def, const struct ast_value *use)
{
	return def->in_block && def->define->order > use->number;
}

static void unknown_variable(struct resolve *r, const struct ast_value *v)
{
	const char *near = suggest(r, v->text);

	diag_unknown(r->d, DIAG_UNKNOWN_VARIABLE, v->span, v->text, "variable '$%s' is not defined", v->text);
	if (near)
		diag_did_you_mean(r->d, v->span, arena_printf(r->a, "$%s", near), find(r, near)->define->name_span);
}

static struct definition *look_up(struct resolve *r, const struct ast_value *v)
{
	struct definition *def = find(r, v->text);

	if (!def) {
		unknown_variable(r, v);
		return NULL;
	}
	if (!is_further_down(def, v))
		return def;
	diag_error(r->d, DIAG_UNKNOWN_VARIABLE, v->span, "variable '$%s' is not defined", v->text);
	diag_note(r->d, def->define->name_span, "it is defined further down");
	return NULL;
}

/* True when every variable in the value is known; reports those that aren't. */
static bool variables_known(struct resolve *r, const struct ast_value *v)
{
	bool known = true;

	for (; v; v = v->next) {
		if (v->kind == VALUE_VARIABLE && !look_up(r, v))
			known = false;
		if (v->left && !variables_known(r, v->left))
			known = false;
		if (v->right && !variables_known(r, v->right))
			known = false;
		if (v->items && !variables_known(r, v->items))
			known = false;
	}
	return known;
}

void resolve_define(struct resolve *r, const struct ast_define *define)
{
	struct definition *first = find(r, define->name), *def;

	if (first) {
		diag_error(r->d, DIAG_REDEFINED, define->name_span, "variable '%s' is already defined", define->name);
		diag_note(r->d, first->define->name_span, "first defined here");
		return;
	}
	def = arena_make(r->a, struct definition);
	def->define = define;
	def->in_block = r->scope->outer;
	/* Used all the same, so that one error isn't followed by one for every use. */
	if (!define->value || !variables_known(r, define->value))
		for (unsigned int type = 0; type < TYPE_COUNT; type++)
			def->bound[type] = true;
	*table_at_word(&r->scope->names, define->name) = def;
}

static struct ast_value *copy(struct arena *a, const struct ast_value *v);

static struct ast_value *copy_items(struct arena *a, const struct ast_value *items)
{
	struct ast_value *first = NULL, **end = &first;

	for (; items; items = items->next) {
		*end = copy(a, items);
		end = &(*end)->next;
	}
	return first;
}

static struct ast_value *copy(struct arena *a, const struct ast_value *v)
{
	struct ast_value *c = arena_make(a, struct ast_value);

	*c = *v;
	c->next = NULL;
	if (v->left)
		c->left = copy(a, v->left);
	if (v->right)
		c->right = copy(a, v->right);
	c->items = copy_items(a, v->items);
	return c;
}

struct ast_value *resolve_variable(struct resolve *r, const struct ast_value *v, enum ast_type type)
{
	struct definition *def = look_up(r, v);
	unsigned int errors = r->d->errors;

	if (!def)
		return NULL;
	if (!def->bound[type]) {
		def->bound[type] = true;
		if (r->nesting == MAX_NESTING) {
			diag_error(r->d, DIAG_TOO_DEEP, v->span,
				   "variables are nested too deeply: at most %d in one another", MAX_NESTING);
			return NULL;
		}
		r->nesting++;
		def->value[type] = resolve_value(r, copy(r->a, def->define->value), type);
		r->nesting--;
		if (r->d->errors != errors)
			diag_note(r->d, v->span, "used here");
	}
	return def->value[type];
}

const struct ast_value *resolve_plain(struct resolve *r, const struct ast_value *v)
{
	while (v && v->kind == VALUE_VARIABLE) {
		struct definition *def = look_up(r, v);

		if (!def || def->bound[TYPE_NONE])
			return NULL;
		v = def->define->value;
	}
	return v;
}
