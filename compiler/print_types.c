/* SPDX-License-Identifier: GPL-2.0-only */
/* print_types.c - what values are like, bound or not. */
#include <compiler/print.h>

#include <compiler/base/arena.h>

static struct ast_datatypes types_of_one(struct ast_datatype type, struct arena *a)
{
	struct ast_datatype *part = arena_make(a, struct ast_datatype);

	*part = type;
	return (struct ast_datatypes){ 1, part };
}

/* Of a list of parts linked by next; none when one isn't known. */
static struct ast_datatypes types_of_parts(const struct ast_value *parts, struct arena *a,
					   struct ast_datatypes (*types_of)(const struct ast_value *, struct arena *))
{
	struct ast_datatype *part = arena_make_array(a, AST_MAX_CONCAT, struct ast_datatype);
	struct ast_datatypes all = { 0, part }, one;

	for (const struct ast_value *v = parts; v; v = v->next) {
		one = types_of(v, a);
		if (one.n != 1 || all.n == AST_MAX_CONCAT)
			return (struct ast_datatypes){ 0 };
		part[all.n++] = *one.part;
	}
	return all;
}

static struct ast_datatypes types_of_map_data(const struct ast_value *map, struct arena *a)
{
	if (map->kind != VALUE_SETREF || !map->set)
		return (struct ast_datatypes){ 0 };
	return set_types(map->set, a).data;
}

struct ast_datatypes expression_types(const struct ast_value *e, struct arena *a)
{
	switch (e->kind) {
	case VALUE_FIELD:
		return types_of_one(ast_field_datatype(e->field), a);
	case VALUE_BINARY:
		return expression_types(e->left, a);
	case VALUE_CONCAT:
		return types_of_parts(e->items, a, expression_types);
	case VALUE_MAP:
		return types_of_map_data(e->right, a);
	default:
		return (struct ast_datatypes){ 0 };
	}
}

static struct ast_datatypes types_of_words(const struct ast_value *words, struct arena *a)
{
	enum ast_type type;

	if (words->kind == VALUE_CONCAT)
		return types_of_parts(words->items, a, types_of_words);
	type = words->kind == VALUE_WORD ? ast_type_by_name(words->text) : TYPE_NONE;
	if (type == TYPE_NONE)
		return (struct ast_datatypes){ 0 };
	return types_of_one((struct ast_datatype){ type, (uint16_t)ast_type_bits(type), FIELD_NONE }, a);
}

struct value_types set_types(const struct ast_set *set, struct arena *a)
{
	struct value_types types = { set->key, set->data };

	if (!types.key.n && set->type_words)
		types.key = types_of_words(set->type_words, a);
	else if (!types.key.n && set->type_of)
		types.key = expression_types(set->type_of, a);
	if (!types.data.n && set->data_words)
		types.data = types_of_words(set->data_words, a);
	else if (!types.data.n && set->data_type_of)
		types.data = expression_types(set->data_type_of, a);
	return types;
}

enum ast_type only_type(const struct ast_datatypes *types)
{
	return types->n == 1 ? types->part->type : TYPE_NONE;
}
