/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_define.c - variables.
 *
 * What a use stands for is decided by where it is written, not by when it is
 * looked at: of the definitions of its name in each scope, from the inside to
 * the outside, the last one before it counts.
 *
 *	define a = 1
 *	define b = $a
 *	redefine a = 2		-> $b is 1 */
#include <compiler/resolve.h>

#include <ctype.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/hash.h>

#define MAX_NESTING 16 /* of variables in variables; each is a level of the stack */

/* ---- scopes ---- */

/* The definition of 'name' in one scope that counts at 'order': the last one
 * before it.  NULL when there is none, or "undefine" was the last word. */
static struct definition *find_in(const struct scope *s, const char *name, uint64_t order)
{
	const struct variable *var = table_get_word(&s->names, name);
	size_t lo = 0, hi = var ? var->n : 0;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (var->v[mid]->define->order <= order)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && var->v[lo - 1]->define->kind != DEFINE_NONE ? var->v[lo - 1] : NULL;
}

static struct definition *find(struct resolve *r, const char *name, uint64_t order)
{
	struct definition *def = NULL;

	for (const struct scope *s = r->scope; s && !def; s = s->outer)
		def = find_in(s, name, order);
	return def;
}

static struct definition *add(struct resolve *r, struct ast_define *define)
{
	struct variable **var = (struct variable **)table_at_word(&r->scope->names, define->name);
	struct definition *def = arena_make(r->a, struct definition);

	if (!*var)
		*var = arena_make(r->a, struct variable);
	def->define = define;
	def->values.arena = r->a;
	*vec_push(r->a, *var) = def;
	return def;
}

/* ---- names that aren't known ---- */

static const char *suggest(struct resolve *r, const char *name, uint64_t order)
{
	struct {
		const char **v;
		size_t n, cap;
	} words = { 0 };

	for (const struct scope *s = r->scope; s; s = s->outer)
		for (size_t i = 0; i < s->names.size; i++)
			if (s->names.v[i].value && find_in(s, s->names.v[i].word, order))
				*vec_push(r->a, &words) = s->names.v[i].word;
	return words.n ? diag_suggest(name, words.v, words.n) : NULL;
}

static void unknown_variable(struct resolve *r, const char *name, struct span at, uint64_t order)
{
	const struct definition *later = find(r, name, UINT64_MAX);
	const char *near;

	if (later) {
		diag_error(r->d, DIAG_UNKNOWN_VARIABLE, at, "variable '$%s' is not defined", name);
		diag_note(r->d, later->define->name_span, "it is defined further down");
		return;
	}
	diag_unknown(r->d, DIAG_UNKNOWN_VARIABLE, at, name, "variable '$%s' is not defined", name);
	if (!resolve_may_suggest(r))
		return;
	near = suggest(r, name, order);
	if (near)
		diag_did_you_mean(r->d, at, arena_printf(r->a, "$%s", near), find(r, near, order)->define->name_span);
}

static struct definition *look_up_name(struct resolve *r, const char *name, struct span at, uint64_t order)
{
	struct definition *def = find(r, name, order);

	if (def)
		def->define->used = true;
	else
		unknown_variable(r, name, at, order);
	return def;
}

static struct definition *look_up(struct resolve *r, const struct ast_value *v)
{
	return look_up_name(r, v->text, v->span, v->number);
}

/* ---- definitions ---- */

static bool is_pair(const struct ast_value *v)
{
	return v->kind == VALUE_PREFIX || v->kind == VALUE_RANGE || v->kind == VALUE_MAPPING ||
	       v->kind == VALUE_MASKED || v->kind == VALUE_BINARY || v->kind == VALUE_MAP;
}

static bool has_items(const struct ast_value *v)
{
	return v->kind == VALUE_LIST || v->kind == VALUE_SET || v->kind == VALUE_CONCAT;
}

/* True when every variable in the values is known; reports those that aren't. */
static bool variables_known(struct resolve *r, const struct ast_value *v)
{
	bool known = true;

	for (; v; v = v->next) {
		if (v->kind == VALUE_VARIABLE && !look_up(r, v))
			known = false;
		if (is_pair(v) && !variables_known(r, v->left))
			known = false;
		if (is_pair(v) && !variables_known(r, v->right))
			known = false;
		if (has_items(v) && !variables_known(r, v->items))
			known = false;
	}
	return known;
}

/* As in nft, "redefine" makes a new one in its own scope, and "undefine" takes
 * back what its own scope has, if it has it. */
void resolve_define(struct resolve *r, struct ast_define *define)
{
	struct definition *first = find(r, define->name, define->order);

	if (define->kind == DEFINE_NONE) {
		if (find_in(r->scope, define->name, define->order))
			add(r, define);
		return;
	}
	if (first && define->kind == DEFINE_NEW) {
		diag_error(r->d, DIAG_REDEFINED, define->name_span, "variable '%s' is already defined", define->name);
		diag_note(r->d, first->define->name_span, "first defined here");
		return;
	}
	/* Known all the same, so that one error isn't followed by one for every use. */
	add(r, define)->broken = !variables_known(r, define->value);
}

/* ---- their values ---- */

static struct ast_value *copy_items(struct arena *a, const struct ast_value *items)
{
	struct ast_value *first = NULL, **end = &first;

	for (; items; items = items->next) {
		*end = resolve_copy(a, items);
		end = &(*end)->next;
	}
	return first;
}

struct ast_value *resolve_copy(struct arena *a, const struct ast_value *v)
{
	struct ast_value *c = arena_make(a, struct ast_value);

	*c = *v;
	c->next = NULL;
	if (is_pair(v)) {
		c->left = resolve_copy(a, v->left);
		c->right = v->right ? resolve_copy(a, v->right) : NULL;
	} else if (has_items(v)) {
		c->items = copy_items(a, v->items);
	}
	return c;
}

static uint64_t hash_of_types(uint64_t h, const struct ast_datatypes *t)
{
	for (unsigned int i = 0; i < t->n; i++)
		h = hash_u64(hash_u64(hash_u64(h, t->part[i].type), t->part[i].bits), t->part[i].field);
	return hash_u64(h, t->n);
}

static uint64_t hash_of_shape(const struct shape *shape)
{
	uint64_t flags = (uint64_t)shape->map << 2 | (uint64_t)shape->keys_alone << 1 | shape->element;

	return hash_of_types(hash_of_types(flags, &shape->key), &shape->data);
}

/* Binds the value once for each shape that it's used with. */
static struct ast_value *bind(struct resolve *r, struct definition *def, const struct ast_value *use,
			      const struct shape *shape)
{
	unsigned int errors = r->d->errors;
	struct ast_value *bound;

	if (r->nesting == MAX_NESTING) {
		diag_error(r->d, DIAG_TOO_DEEP, use->span, "variables are nested too deeply: at most %d in one another",
			   MAX_NESTING);
		return NULL;
	}
	r->nesting++;
	bound = resolve_value(r, resolve_copy(r->a, def->define->value), shape);
	r->nesting--;
	if (r->d->errors != errors)
		diag_note(r->d, use->span, "used here");
	return bound;
}

struct ast_value *resolve_variable(struct resolve *r, const struct ast_value *v, const struct shape *shape)
{
	struct definition *def = look_up(r, v);
	uint64_t key = hash_of_shape(shape);
	struct bound_value *known;

	if (!def || def->broken)
		return NULL;
	known = table_get(&def->values, key);
	if (!known) {
		known = arena_make(r->a, struct bound_value);
		*table_at(&def->values, key) = known;
		known->value = bind(r, def, v, shape);
	}
	return known->value;
}

const struct ast_value *resolve_plain(struct resolve *r, const struct ast_value *v)
{
	while (v && v->kind == VALUE_VARIABLE) {
		struct definition *def = look_up(r, v);

		v = def && !def->broken ? def->define->value : NULL;
	}
	return v;
}

/* Elements as they are written, nested ones too; stops at two. */
static unsigned int count_elements(struct resolve *r, const struct ast_value *v, unsigned int depth)
{
	const struct definition *def;
	unsigned int n = 0;

	if (depth > MAX_NESTING)
		return 0;
	if (v->kind == VALUE_VARIABLE) {
		def = find(r, v->text, v->number);
		return def && def->define->value ? count_elements(r, def->define->value, depth + 1) : 0;
	}
	if (v->kind != VALUE_SET)
		return 1;
	for (v = v->items; v && n < 2; v = v->next)
		n += count_elements(r, v, depth + 1);
	return n;
}

bool resolve_is_several(struct resolve *r, const struct ast_value *v)
{
	return (v->kind == VALUE_SET || v->kind == VALUE_VARIABLE) && count_elements(r, v, 0) > 1;
}

const char *resolve_text(struct resolve *r, const struct ast_value *v, const char *what)
{
	const struct ast_value *plain = resolve_plain(r, v);

	if (!plain)
		return NULL;
	if (plain->kind == VALUE_WORD || plain->kind == VALUE_STRING)
		return plain->text;
	diag_error(r->d, DIAG_TYPE_MISMATCH, plain->span, "expected %s", what);
	diag_note(r->d, v->span, "used here");
	return NULL;
}

/* ---- variables in strings ---- */

static size_t name_length(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

static const char *value_in_string(struct resolve *r, const char *name, size_t len, struct span at, uint32_t order)
{
	struct ast_value *v = arena_make(r->a, struct ast_value);

	v->kind = VALUE_VARIABLE;
	v->span = at;
	v->number = order;
	v->text = arena_strndup(r->a, name, len);
	return resolve_text(r, v, "a string");
}

const char *resolve_string(struct resolve *r, const char *text, struct span at, uint32_t order)
{
	struct buf out = { .arena = r->a };
	const char *value;
	size_t len;

	if (!strchr(text, '$'))
		return text;
	buf_puts(&out, "");
	for (const char *s = text; *s; s += len + 1) {
		len = *s == '$' ? name_length(s + 1) : 0;
		if (*s != '$') {
			buf_putc(&out, *s);
			continue;
		}
		value = value_in_string(r, s + 1, len, at, order);
		if (!value)
			return NULL;
		buf_puts(&out, value);
	}
	return out.text;
}
