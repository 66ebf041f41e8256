/* SPDX-License-Identifier: GPL-2.0-only */
/* value.h - bound values: what is left of an expression when its variables are
 * replaced, its words are numbers and its constants are computed.
 *
 * A constant, by the kind of its type (grammar/types.def):
 *
 *	ADDRESS	VALUE_ADDR4, VALUE_ADDR6 or VALUE_MAC; VALUE_PREFIX of one, masked and shorter than it;
 *		VALUE_RANGE of two
 *	NUMBER	VALUE_NUMBER; VALUE_RANGE of two; of a mark also VALUE_PREFIX of one (of others that is a range)
 *	SYMBOL	VALUE_NUMBER; VALUE_RANGE of two; of 'iif' and 'oif' also VALUE_STRING, a name
 *	FLAGS	VALUE_NUMBER of all the bits (no VALUE_LIST is left); VALUE_RANGE of two
 *	STRING	VALUE_STRING; "eth*" is any name that begins so, "eth\*" has a '*' in it
 *
 * VALUE_CONCAT has as many of those as its type has parts, at least two.
 *
 * What is looked at (lhs of a match, key of a vmap, left of a VALUE_MAP):
 *
 *	VALUE_FIELD
 *	VALUE_BINARY	((field & constant) ^ constant) | constant; parts may be missing, and at least one is there;
 *			value_masked() says what it computes
 *	VALUE_CONCAT	of those
 *
 * A match compares 'lhs op rhs'.  match.field is that of a VALUE_FIELD lhs, else FIELD_NONE.
 *
 *	constant	OP_IMPLICIT: equal, or within the range or prefix; OP_NE: not so; with numbers and
 *			addresses also OP_LT, OP_GT, OP_LE, OP_GE
 *	of FLAGS	when lhs is a VALUE_FIELD and rhs a VALUE_NUMBER: OP_IMPLICIT any of the bits, OP_NOT none
 *			of them, OP_EQ and OP_NE exactly these, or not; the orders compare numbers
 *	VALUE_MASKED	of FLAGS and a VALUE_FIELD: OP_IMPLICIT (field & right) == left, OP_NE not so;
 *			left and right are VALUE_NUMBERs
 *	VALUE_SET	OP_IMPLICIT equal to an element (flags exactly), or OP_NE to none
 *	VALUE_SETREF	likewise, of the set's elements
 *
 * OP_EQ is left nowhere else.  "ip saddr & 255.255.0.0 == 10.1.0.0" is bound as VALUE_FIELD and VALUE_PREFIX, and so
 * are marks; "tcp flags & syn != 0" as OP_IMPLICIT, "== 0" as OP_NOT, other masks of flags as VALUE_MASKED.
 *
 * A VALUE_SET, and the elements of a named set, are constants in the order of value_order(), each once; those of a
 * concatenation in nft's order, or, where one has an interval or the set may have some, as they are written: they may
 * overlap, and the first one that matches counts.  An anonymous set has one element only if that is a concatenation, a VALUE_CATCHALL or a VALUE_MAPPING (else it is
 * bound as the element).  Where one element is a range or a prefix, those that touch are merged: in anonymous sets
 * and, with auto-merge, in named ones.  A map has VALUE_MAPPINGs, which are never merged and don't overlap:
 *
 *	left	constant, or VALUE_CATCHALL, which comes last
 *	right	VALUE_VERDICT with its target, a single constant, or VALUE_CONCAT of those
 *
 * Attributes are those of the item, not of its key.  A VALUE_MAP has a key on its left, and on its right a VALUE_SET of
 * VALUE_MAPPINGs or a VALUE_SETREF of a map; so has a vmap, where verdicts are the data.
 *
 * 'reject' without a code, and with icmpx port-unreachable, is REJECT_DEFAULT; the others have a VALUE_NUMBER.
 *
 * What is written by 'meta mark set': a single constant, a VALUE_MAP, or a VALUE_FIELD or VALUE_BINARY of a field of
 * the same width, where BINARY_LSHIFT and BINARY_RSHIFT by a constant may be left too. */
#ifndef ZFWC_VALUE_H
#define ZFWC_VALUE_H

#include <stdbool.h>

#include <compiler/addr_set.h>
#include <grammar/ast.h>

struct arena;

/* Bits of the values of a type that are numbers; 0 for interfaces, and for
 * integers, whose width the field says. */
unsigned int type_width(enum ast_type type);
bool type_is_address(enum ast_type type);
/* Does a listing show a range as a prefix where it is one? */
bool type_has_prefixes(enum ast_type type);
/* The same width and meaning: the one can be looked up in a set of the other. */
bool datatype_same(struct ast_datatype x, struct ast_datatype y);
bool datatypes_same(const struct ast_datatypes *x, const struct ast_datatypes *y);
/* "ipv4_addr . inet_service", or "a number of 8 bits", for messages. */
const char *datatypes_describe(struct arena *a, const struct ast_datatypes *t);

/* A constant that is one number: not a range, a prefix or a string. */
bool value_is_single(const struct ast_value *v);
/* The numbers that a constant stands for.  Names of interfaces are numbers of
 * 128 bits, their first character the highest byte. */
struct addr_range value_range(const struct ast_value *v);
/* What the constants of a set are sorted by.  'intervals': the set has some. */
struct addr_range value_order(const struct ast_value *v, enum ast_type type, bool intervals);

struct ast_value *value_number(struct arena *a, struct ast_datatype type, u128 n, struct span span);
/* The value that nft shows for a range: one number, a prefix or a range. */
struct ast_value *value_from_range(struct arena *a, struct ast_datatype type, struct addr_range r, struct span span);
bool value_equal(const struct ast_value *x, const struct ast_value *y);

/* What a bound VALUE_FIELD or VALUE_BINARY (without shifts) computes: (field & mask) ^ flip. */
struct masked {
	enum ast_field field;
	u128 mask, flip;
};
struct masked value_masked(const struct ast_value *v);

const char *value_describe(const struct ast_value *v);

#endif
