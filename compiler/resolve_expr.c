/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_expr.c - what is looked at: fields, masks and concatenations.
 *
 *	meta mark & 0xf0 | 0x3 & 0xff	-> (meta mark & 0xf3) | 0x3 */
#include <compiler/resolve_rule.h>

#include <compiler/base/arena.h>
#include <compiler/value.h>

/* ---- lengths ---- */

/* Each part fills whole registers of the kernel's. */
unsigned int resolve_key_length(const struct ast_datatypes *t)
{
	unsigned int bytes = 0;

	for (unsigned int i = 0; i < t->n; i++)
		bytes += (t->part[i].bits + 31u) / 32u * 4u;
	return bytes;
}

/* ---- masks ---- */

static u128 all_of(enum ast_field f)
{
	return ast_field_bits(f) >= 128 ? ~(u128)0 : ((u128)1 << ast_field_bits(f)) - 1;
}

static struct ast_value *binary(struct resolve *r, enum ast_binary op, struct ast_value *left, u128 constant,
				struct span span)
{
	struct ast_value *field = left, *v = arena_make(r->a, struct ast_value);

	while (field->kind == VALUE_BINARY)
		field = field->left;
	v->span = span;
	v->kind = VALUE_BINARY;
	v->op = op;
	v->left = left;
	v->right = value_number(r->a, ast_field_datatype(field->field), constant, span);
	return v;
}

struct ast_value *resolve_masked(struct resolve *r, struct ast_value *field, u128 mask, u128 flip, struct span span)
{
	u128 set = flip & ~mask, flipped = flip & mask;
	struct ast_value *v = field;

	if ((mask | set) != all_of(field->field))
		v = binary(r, BINARY_AND, v, mask | set, span);
	if (flipped)
		v = binary(r, BINARY_XOR, v, flipped, span);
	if (set)
		v = binary(r, BINARY_OR, v, set, span);
	return v;
}

/* ---- expressions ---- */

static int refuse_operand(struct resolve *r, const struct ast_value *v)
{
	return diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected a constant, found %s", value_describe(v));
}

static bool is_shift(const struct ast_value *v)
{
	return v->op == BINARY_LSHIFT || v->op == BINARY_RSHIFT;
}

static int refuse_shift(struct resolve *r, const struct ast_value *v)
{
	diag_error(r->d, DIAG_BAD_OPERATOR, v->span, "what is compared can't be shifted");
	diag_note(r->d, v->span, "shift the constant that it's compared with instead");
	return -1;
}

static bool takes_masks(enum ast_field f)
{
	return ast_type_kind(ast_field_type(f)) != KIND_STRING && ast_field_type(f) != TYPE_IFINDEX;
}

static struct ast_value *bind_operand(struct resolve *r, struct ast_value *v, struct ast_datatype t)
{
	struct ast_value *bound;

	if (v->kind == VALUE_FIELD || v->kind == VALUE_MAP) {
		refuse_operand(r, v);
		return NULL;
	}
	bound = resolve_constant(r, v, t);
	if (!bound || value_is_single(bound))
		return bound;
	refuse_operand(r, bound);
	return NULL;
}

/* Computes what the expression makes of its field. */
static int compute(struct resolve *r, const struct ast_value *v, struct ast_value **field, struct masked *m)
{
	struct ast_value *operand;
	u128 c;

	if (v->kind == VALUE_FIELD) {
		*field = (struct ast_value *)v;
		*m = value_masked(v);
		return 0;
	}
	if (v->kind != VALUE_BINARY)
		return diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected a field of the packet, found %s",
				  value_describe(v));
	if (is_shift(v))
		return refuse_shift(r, v);
	if (compute(r, v->left, field, m))
		return -1;
	if (!takes_masks(m->field))
		return diag_error(r->d, DIAG_BAD_OPERATOR, v->span, "'%s' has no bits to compute with",
				  ast_field_name(m->field));
	operand = bind_operand(r, v->right, ast_field_datatype(m->field));
	if (!operand)
		return -1;
	c = value_range(operand).lo;
	m->mask = v->op == BINARY_AND ? m->mask & c : v->op == BINARY_OR ? m->mask & ~c : m->mask;
	m->flip = v->op == BINARY_AND ? m->flip & c : v->op == BINARY_OR ? m->flip | c : m->flip ^ c;
	return 0;
}

static struct ast_value *bind_part(struct resolve *r, struct context *c, struct ast_value *v, struct ast_datatype *ret)
{
	struct ast_value *field;
	struct masked m;

	if (compute(r, v, &field, &m) || (c && context_require(r, c, field)))
		return NULL;
	*ret = ast_field_datatype(m.field);
	return v->kind == VALUE_FIELD ? v : resolve_masked(r, field, m.mask, m.flip, v->span);
}

static struct ast_value *bind_concat(struct resolve *r, struct context *c, struct ast_value *v,
				     struct ast_datatype *parts, unsigned int *n)
{
	struct ast_value *next, *bound, *first = NULL, **end = &first;

	for (struct ast_value *i = v->items; i; i = next) {
		next = i->next;
		if (*n == AST_MAX_CONCAT) {
			diag_error(r->d, DIAG_TOO_LONG, i->span, "a concatenation has at most %d parts",
				   AST_MAX_CONCAT);
			return NULL;
		}
		bound = bind_part(r, c, i, &parts[(*n)++]);
		if (!bound)
			return NULL;
		bound->next = NULL;
		*end = bound;
		end = &bound->next;
	}
	v->items = first;
	return v;
}

struct ast_value *resolve_looked_at(struct resolve *r, struct context *c, struct ast_value *v,
				    struct ast_datatypes *types)
{
	struct ast_datatype *parts;

	types->n = 0;
	if (v->kind != VALUE_CONCAT) {
		types->part = parts = arena_make(r->a, struct ast_datatype);
		types->n = 1;
		return bind_part(r, c, v, parts);
	}
	types->part = parts = arena_make_array(r->a, AST_MAX_CONCAT, struct ast_datatype);
	v = bind_concat(r, c, v, parts, &types->n);
	if (!v || resolve_key_length(types) <= RESOLVE_MAX_KEY)
		return v;
	diag_error(r->d, DIAG_TOO_LONG, v->span, "a concatenation of %u bytes is too long, at most %d are allowed",
		   resolve_key_length(types), RESOLVE_MAX_KEY);
	return NULL;
}

bool resolve_typeof(struct resolve *r, struct ast_value *v, struct ast_datatypes *ret)
{
	return resolve_looked_at(r, NULL, v, ret);
}

/* ---- maps ---- */

struct ast_value *resolve_map(struct resolve *r, struct context *c, struct ast_value *v,
			      const struct ast_datatypes *data)
{
	struct shape shape = { .map = true, .data = *data };
	struct ast_value *map;

	v->left = resolve_looked_at(r, c, v->left, &shape.key);
	if (!v->left)
		return NULL;
	map = resolve_value(r, v->right, &shape);
	if (!map)
		return NULL;
	if (map->kind != VALUE_SET && map->kind != VALUE_SETREF) {
		diag_error(r->d, DIAG_TYPE_MISMATCH, map->span, "expected a map, found %s", value_describe(map));
		return NULL;
	}
	v->right = map;
	return v;
}
