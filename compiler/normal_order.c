/* SPDX-License-Identifier: GPL-2.0-only */
/* normal_order.c - matches of one header that lie side by side.
 *
 *	tcp dport 22 ct state new tcp sport 33		ct state new tcp sport 33 tcp dport 22
 *
 * nft loads such fields at once, and so lists them in the order of the header:
 * up to four bytes, of the link header sixteen.  Two bounds of a field that
 * stand side by side are its range.  Nothing moves past a statement that does
 * something, as it would in nft. */
#include <compiler/normal.h>

#include <stddef.h>

#include <compiler/base/arena.h>

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

static struct ast_stmt **link_to(struct ast_rule *rule, const struct ast_stmt *s)
{
	struct ast_stmt **link = &rule->stmts;

	while (*link != s)
		link = &(*link)->next;
	return link;
}

static void take_out(struct ast_rule *rule, const struct ast_stmt *s)
{
	*link_to(rule, s) = s->next;
}

static void put_at(struct ast_stmt **at, struct ast_stmt *s)
{
	s->next = *at;
	*at = s;
}

/* What says which header comes next; it stays in front of the matches of that header. */
static bool names_next_header(const struct ast_stmt *s)
{
	return s->match.field == FIELD_IP_PROTOCOL || s->match.field == FIELD_IP6_NEXTHDR ||
	       s->match.field == FIELD_ETHER_TYPE;
}

/* The n from 'first' on, side by side where the first of them stands, or the last that names the next header. */
static void gather(struct ast_rule *rule, struct row *row, size_t first, size_t n)
{
	struct ast_stmt **v = row->v + first;
	size_t place = 0;

	for (size_t i = 1; i < n; i++)
		if (names_next_header(v[i]))
			place = i;
	for (size_t i = 0; i < n; i++)
		if (i != place)
			take_out(rule, v[i]);
	for (size_t i = 0; i < place; i++)
		put_at(link_to(rule, v[place]), v[i]);
	for (size_t i = place + 1; i < n; i++)
		put_at(&v[i - 1]->next, v[i]);
}

static void settle(struct ast_rule *rule, struct row *row)
{
	for (size_t first = 0, n; first < row->n; first += n) {
		n = length_of_run(row, first);
		gather(rule, row, first, n);
	}
	row->n = 0;
}

/* ---- ranges ---- */

static bool is_bound(const struct ast_stmt *s, enum ast_op op)
{
	return s->kind == STMT_MATCH && s->match.op == op && s->match.lhs->kind == VALUE_FIELD &&
	       s->match.rhs->kind == VALUE_NUMBER;
}

/* "ip ttl >= 2 ip ttl <= 6" becomes "ip ttl 2-6". */
static void join_bounds(struct ast_rule *rule, struct ast_stmt *low, struct arena *a)
{
	struct ast_stmt *high = low->next;
	struct ast_value *range;

	if (!high || !is_bound(low, OP_GE) || !is_bound(high, OP_LE) || low->match.field != high->match.field ||
	    low->match.rhs->number > high->match.rhs->number)
		return;
	range = arena_make(a, struct ast_value);
	range->kind = VALUE_RANGE;
	range->span = span_join(low->match.rhs->span, high->match.rhs->span);
	range->left = low->match.rhs;
	range->right = high->match.rhs;
	low->span = span_join(low->span, high->span);
	low->match.op = OP_IMPLICIT;
	low->match.rhs = range;
	take_out(rule, high);
}

/* ---- rules ---- */

void rule_order_matches(struct ast_rule *rule, struct arena *a)
{
	struct row row = { .n = 0 };

	for (struct ast_stmt *s = rule->stmts; s; s = s->next)
		join_bounds(rule, s, a);
	for (struct ast_stmt *s = rule->stmts, *next; s; s = next) {
		next = s->next;
		if (s->kind == STMT_MATCH && may_move(s))
			add(&row, s);
		if (s->kind != STMT_MATCH || !next)
			settle(rule, &row);
	}
}
