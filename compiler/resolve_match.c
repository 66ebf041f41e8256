/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_match.c - matches, in the form that value.h describes.
 *
 *	meta mark ^ 3 == 1			-> meta mark 2
 *	ip saddr & 255.255.0.0 == 10.1.0.0	-> ip saddr 10.1.0.0/16
 *	tcp flags & (syn | ack) != 0		-> tcp flags syn,ack */
#include <compiler/resolve_rule.h>

#include <compiler/base/arena.h>
#include <compiler/value.h>

static bool is_equality(enum ast_op op)
{
	return op == OP_IMPLICIT || op == OP_EQ || op == OP_NE;
}

static bool is_flags(struct ast_datatype t)
{
	return ast_type_kind(t.type) == KIND_FLAGS;
}

/* ---- operators ---- */

static int refuse_op(struct resolve *r, const struct ast_stmt *s, const char *what)
{
	return diag_error(r->d, DIAG_BAD_OPERATOR, s->match.rhs->span, "'%s' needs a single value, this is %s",
			  ast_op_name(s->match.op), what);
}

static int check_not(struct resolve *r, const struct ast_stmt *s, struct ast_datatype t)
{
	const struct ast_value *v = s->match.rhs;

	if (is_flags(t) && v->kind == VALUE_NUMBER && s->match.lhs->kind == VALUE_FIELD)
		return 0;
	diag_error(r->d, DIAG_BAD_OPERATOR, s->span, "'!' is for flags, as in 'tcp flags ! syn'");
	diag_note(r->d, v->span, "write '!=' for anything else");
	return -1;
}

static int check_op(struct resolve *r, const struct ast_stmt *s, struct ast_datatype t)
{
	const struct ast_value *v = s->match.rhs;

	if (s->match.op == OP_NOT)
		return check_not(r, s, t);
	if (is_equality(s->match.op))
		return 0;
	if (ast_type_kind(t.type) == KIND_STRING || t.type == TYPE_IFINDEX)
		return diag_error(r->d, DIAG_BAD_OPERATOR, s->span, "'%s' makes no sense with interfaces",
				  ast_op_name(s->match.op));
	return value_is_single(v) ? 0 : refuse_op(r, s, value_describe(v));
}

/* ---- moving the lhs's constants to the right ---- */

static struct ast_value *flipped(struct resolve *r, struct ast_value *v, struct ast_datatype t, u128 flip)
{
	struct ast_value *n = value_number(r->a, t, value_range(v).lo ^ flip, v->span);

	n->attr = v->attr;
	return n;
}

static bool all_single(const struct ast_value *v)
{
	if (v->kind != VALUE_SET)
		return value_is_single(v);
	for (const struct ast_value *i = v->items; i; i = i->next)
		if (!value_is_single(i))
			return false;
	return true;
}

static struct ast_value *flipped_set(struct resolve *r, struct ast_value *set, struct ast_datatype t, u128 flip)
{
	struct ast_datatypes types = { 1, &t };
	struct ast_value *copy = arena_make(r->a, struct ast_value), **end = &copy->items;

	*copy = *set; /* which may be that of a variable */
	copy->next = NULL;
	for (struct ast_value *i = set->items; i; i = i->next) {
		*end = flipped(r, i, t, flip);
		end = &(*end)->next;
	}
	copy->items = resolve_sort(r, copy->items, &types, SET_KEEP);
	return copy;
}

/* (field & m) ^ x == v is field & m == v ^ x. */
static void move_flip(struct resolve *r, struct ast_stmt *s, struct ast_datatype t)
{
	struct ast_value *field = s->match.lhs, *rhs = s->match.rhs;
	struct masked m = value_masked(s->match.lhs);
	u128 flip = m.flip & m.mask;

	while (field->kind == VALUE_BINARY)
		field = field->left;
	if (!flip || !is_equality(s->match.op) || !all_single(rhs))
		return;
	s->match.rhs = rhs->kind == VALUE_SET ? flipped_set(r, rhs, t, flip) : flipped(r, rhs, t, flip);
	s->match.lhs = resolve_masked(r, field, m.mask, m.flip & ~m.mask, s->match.lhs->span);
}

/* ---- masks that are something simpler ---- */

/* How long a prefix the mask is; 0: it is none. */
static unsigned int prefix_length(u128 mask, struct ast_datatype t)
{
	u128 all = t.bits >= 128 ? ~(u128)0 : ((u128)1 << t.bits) - 1, hosts = all & ~mask;
	unsigned int len = t.bits;

	if (hosts & (hosts + 1))
		return 0;
	for (; hosts; hosts >>= 1)
		len--;
	return len;
}

static void mask_to_prefix(struct resolve *r, struct ast_stmt *s, const struct masked *m, struct ast_datatype t)
{
	unsigned int len = prefix_length(m->mask, t);
	struct ast_value *rhs = s->match.rhs, *v;

	if (!type_has_prefixes(t.type) || !len || value_range(rhs).lo & ~m->mask)
		return;
	v = arena_make(r->a, struct ast_value);
	v->span = rhs->span;
	v->kind = VALUE_PREFIX;
	v->prefix_len = len;
	v->left = value_number(r->a, t, value_range(rhs).lo, rhs->span);
	s->match.rhs = v;
	s->match.lhs = s->match.lhs->left;
}

static struct ast_value *masked_value(struct resolve *r, struct ast_datatype t, struct ast_value *value, u128 mask)
{
	struct ast_value *v = arena_make(r->a, struct ast_value);

	v->span = value->span;
	v->kind = VALUE_MASKED;
	v->left = value;
	v->right = value_number(r->a, t, mask, value->span);
	return v;
}

static void mask_to_flags(struct resolve *r, struct ast_stmt *s, const struct masked *m, struct ast_datatype t)
{
	struct ast_value *rhs = s->match.rhs;

	if (rhs->number) {
		s->match.op = s->match.op == OP_NE ? OP_NE : OP_IMPLICIT;
		s->match.rhs = masked_value(r, t, rhs, m->mask);
	} else {
		s->match.op = s->match.op == OP_NE ? OP_IMPLICIT : OP_NOT;
		s->match.rhs = value_number(r->a, t, m->mask, rhs->span);
	}
	s->match.lhs = s->match.lhs->left;
}

static void simplify(struct resolve *r, struct ast_stmt *s, struct ast_datatype t)
{
	struct masked m;

	if (s->match.lhs->kind != VALUE_BINARY)
		return;
	move_flip(r, s, t);
	m = s->match.lhs->kind == VALUE_BINARY ? value_masked(s->match.lhs) : (struct masked){ .flip = 1 };
	if (m.flip || !is_equality(s->match.op) || !value_is_single(s->match.rhs))
		return;
	if (is_flags(t))
		mask_to_flags(r, s, &m, t);
	else
		mask_to_prefix(r, s, &m, t);
}

/* ---- values ---- */

/* "syn / syn,ack" */
static int bind_masked(struct resolve *r, struct ast_stmt *s, struct ast_datatype t)
{
	struct ast_value *v = s->match.rhs;

	if (!is_flags(t) || s->match.lhs->kind != VALUE_FIELD) {
		resolve_mismatch(r, v, t);
		return -1;
	}
	if (!is_equality(s->match.op))
		return diag_error(r->d, DIAG_BAD_OPERATOR, s->span,
				  "'%s' doesn't go with a mask, only '==' and '!=' do", ast_op_name(s->match.op));
	v->left = resolve_constant(r, v->left, t);
	v->right = resolve_constant(r, v->right, t);
	if (!v->left || !v->right)
		return -1;
	if (v->left->kind != VALUE_NUMBER || v->right->kind != VALUE_NUMBER) {
		resolve_mismatch(r, v->left->kind != VALUE_NUMBER ? v->left : v->right, t);
		return -1;
	}
	if (s->match.op == OP_EQ)
		s->match.op = OP_IMPLICIT;
	return 0;
}

/* One of a set's elements is compared as it is, not flag by flag. */
static int bind_rhs(struct resolve *r, struct ast_stmt *s, struct ast_datatype t)
{
	struct shape shape = { .key = { 1, &t } };
	struct ast_value *rhs;

	if (s->match.rhs->kind == VALUE_MASKED)
		return bind_masked(r, s, t);
	rhs = resolve_value(r, s->match.rhs, &shape);
	if (!rhs)
		return -1;
	s->match.rhs = rhs;
	if (check_op(r, s, t))
		return -1;
	if (s->match.op == OP_EQ && !(is_flags(t) && rhs->kind == VALUE_NUMBER))
		s->match.op = OP_IMPLICIT;
	simplify(r, s, t);
	if (s->match.op == OP_EQ && s->match.lhs->kind != VALUE_FIELD)
		s->match.op = OP_IMPLICIT;
	return 0;
}

static int bind_concat_rhs(struct resolve *r, struct ast_stmt *s, const struct ast_datatypes *types)
{
	struct shape shape = { .key = *types };
	struct ast_value *rhs;

	if (!is_equality(s->match.op))
		return diag_error(r->d, DIAG_BAD_OPERATOR, s->span, "'%s' makes no sense with a concatenation",
				  ast_op_name(s->match.op));
	rhs = resolve_value(r, s->match.rhs, &shape);
	if (!rhs)
		return -1;
	if (rhs->kind == VALUE_CONCAT) {
		diag_error(r->d, DIAG_TYPE_MISMATCH, rhs->span, "a concatenation is compared with sets");
		diag_note(r->d, rhs->span, "write '{ ... }' around it");
		return -1;
	}
	s->match.rhs = rhs;
	s->match.op = s->match.op == OP_NE ? OP_NE : OP_IMPLICIT;
	return 0;
}

int resolve_match(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	bool computed = s->match.lhs->kind == VALUE_BINARY;
	struct ast_datatypes types;

	s->match.lhs = resolve_looked_at(r, c, s->match.lhs, &types);
	if (!s->match.lhs)
		return -1;
	if (computed && s->match.op == OP_IMPLICIT)
		s->match.op = OP_EQ; /* only flags themselves are compared one by one */
	if (types.n > 1 ? bind_concat_rhs(r, s, &types) : bind_rhs(r, s, types.part[0]))
		return -1;
	s->match.field = s->match.lhs->kind == VALUE_FIELD ? s->match.lhs->field : FIELD_NONE;
	if (s->match.field != FIELD_NONE)
		context_learn(r, c, s);
	return 0;
}
