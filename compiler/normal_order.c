/* SPDX-License-Identifier: GPL-2.0-only */
/* normal_order.c - matches of one header that lie side by side.
 *
 *	tcp dport 22 ct state new tcp sport 33		ct state new tcp sport 33 tcp dport 22
 *
 * nft loads such fields at once, and so lists them in the order of the header,
 * where the first of them stands: up to four bytes, of the link header sixteen.
 * Nothing moves past a statement that does something. */
#include <compiler/normal.h>

#include <stddef.h>

enum base { LINK, NETWORK, TRANSPORT, META };

static const struct place {
	enum base base;
	unsigned int offset, bits;
} places[] = {
#define FIELD(id, name, type, families, protocol, base, offset, bits, doc) [FIELD_##id] = { base, offset, bits },
#include <grammar/fields.def>
#undef FIELD
};

/* Matches that may be loaded together, in the order of their headers. */
#define MAX_MATCHES 64
struct row {
	struct ast_stmt *v[MAX_MATCHES];
	size_t n;
};

static const struct place *place_of(const struct ast_stmt *s)
{
	return &places[s->match.field];
}

static bool is_one_value(const struct ast_value *v)
{
	return v->kind == VALUE_NUMBER || v->kind == VALUE_ADDR4 || v->kind == VALUE_ADDR6 || v->kind == VALUE_MAC;
}

static bool may_move(const struct ast_stmt *s)
{
	const struct place *p;

	if (s->match.lhs->kind != VALUE_FIELD || !is_one_value(s->match.rhs))
		return false;
	p = place_of(s);
	if (p->base == META || p->offset % 8 || p->bits % 8)
		return false;
	if (s->match.op == OP_IMPLICIT) /* of flags this is "some of them" */
		return ast_type_kind(ast_field_type(s->match.field)) != KIND_FLAGS;
	return s->match.op == OP_EQ || s->match.op == OP_NE;
}

static bool stands_before(const struct ast_stmt *x, const struct ast_stmt *y)
{
	const struct place *a = place_of(x), *b = place_of(y);

	return a->base != b->base ? a->base < b->base : a->offset < b->offset;
}

/* Behind those that stand before it, or at the same place. */
static void add(struct row *row, struct ast_stmt *s)
{
	size_t i = row->n;

	if (row->n == MAX_MATCHES)
		return;
	for (; i && stands_before(s, row->v[i - 1]); i--)
		row->v[i] = row->v[i - 1];
	row->v[i] = s;
	row->n++;
}

/* How many from 'first' on are loaded together. */
static size_t length_of_run(const struct row *row, size_t first)
{
	const struct place *p = place_of(row->v[first]), *next;
	unsigned int bits = p->bits, limit = p->base == LINK ? 128 : 32;
	size_t n = 1;

	for (; first + n < row->n; n++) {
		next = place_of(row->v[first + n]);
		if (next->base != p->base || next->offset != p->offset + bits || bits + next->bits > limit ||
		    (row->v[first + n]->match.op == OP_NE) != (row->v[first]->match.op == OP_NE))
			break;
		bits += next->bits;
	}
	return n;
}

static void move_behind(struct ast_rule *rule, struct ast_stmt *at, struct ast_stmt *s)
{
	struct ast_stmt **link = &rule->stmts;

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	s->next = at->next;
	at->next = s;
}

static void settle(struct ast_rule *rule, struct row *row)
{
	for (size_t first = 0, n; first < row->n; first += n) {
		n = length_of_run(row, first);
		for (size_t i = 1; i < n; i++)
			move_behind(rule, row->v[first + i - 1], row->v[first + i]);
	}
	row->n = 0;
}

void rule_order_matches(struct ast_rule *rule)
{
	struct row row = { .n = 0 };

	for (struct ast_stmt *s = rule->stmts, *next; s; s = next) {
		next = s->next;
		if (s->kind == STMT_MATCH && may_move(s))
			add(&row, s);
		if (s->kind != STMT_MATCH || !next)
			settle(rule, &row);
	}
}
