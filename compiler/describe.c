/* SPDX-License-Identifier: GPL-2.0-only */
/* describe.c - the objects of a ruleset in plain words. */
#include <compiler/describe.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/compile.h>
#include <compiler/print.h>
#include <grammar/ast.h>

static struct object *add(struct objects *o, struct arena *a, enum object_kind kind, const struct ast_table *t,
			  const char *name)
{
	struct object *object = vec_push(a, o);

	*object = (struct object){
		.kind = kind,
		.family = ast_family_name(t->family),
		.table = t->name,
		.name = name,
	};
	return object;
}

static const char *word_of(const struct value_types *types, const struct ast_value *v, struct arena *a)
{
	struct buf text = { .arena = a };
	struct printer p = { .out = &text, .flags = FLAGS_OR };

	if (v->kind == VALUE_STRING) /* without quotes */
		return v->text;
	put_value(&p, v, types);
	return text.text;
}

/* The words of a list linked by next. */
static void add_words(struct object *o, const struct value_types *types, const struct ast_value *items, struct arena *a)
{
	size_t n = 0;

	for (const struct ast_value *v = items; v; v = v->next)
		n++;
	o->words = arena_make_array(a, n, const char *);
	for (const struct ast_value *v = items; v; v = v->next)
		o->words[o->n_words++] = word_of(types, v, a);
}

static void add_set(struct objects *objects, struct arena *a, const struct ast_set *s)
{
	struct object *o = add(objects, a, OBJECT_SET, s->table, s->name);
	struct value_types types = set_types(s, a);

	o->comment = s->comment;
	o->type = ast_type_name(s->type);
	o->interval = s->interval;
	o->constant = s->constant;
	o->auto_merge = s->auto_merge;
	add_words(o, &types, s->elements, a);
}

static void add_chain(struct objects *objects, struct arena *a, const struct ast_chain *c)
{
	static const struct value_types names;
	struct object *o = add(objects, a, OBJECT_CHAIN, c->table, c->name);

	o->comment = c->comment;
	if (c->is_base) {
		o->hook = ast_hook_name(c->hook);
		o->policy = ast_verdict_name(c->has_policy ? c->policy : VERDICT_ACCEPT);
		o->priority = c->priority;
		if (c->devices)
			add_words(o, &names, c->devices->items, a);
	}
	for (const struct ast_rule *r = c->rules; r; r = r->next) {
		o = add(objects, a, OBJECT_RULE, c->table, c->name);
		o->comment = r->comment;
		o->rule = r;
	}
}

void describe(const struct ruleset *rs, struct arena *a, struct objects *ret)
{
	*ret = (struct objects){ 0 };
	for (const struct ast_table *t = rs->tables; t; t = t->next) {
		add(ret, a, OBJECT_TABLE, t, t->name)->comment = t->comment;
		for (const struct ast_set *s = t->sets; s; s = s->next)
			add_set(ret, a, s);
		for (const struct ast_chain *c = t->chains; c; c = c->next)
			add_chain(ret, a, c);
	}
}
