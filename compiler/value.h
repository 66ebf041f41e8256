/* SPDX-License-Identifier: GPL-2.0-only */
/* value.h - bound values: what is left of a value when its variables are
 * replaced and its words are numbers.
 *
 * A bound value of a numeric type is a VALUE_NUMBER or a VALUE_RANGE of two; of
 * an address type a VALUE_ADDR4 or VALUE_ADDR6, a VALUE_PREFIX (masked, shorter
 * than the address) or a VALUE_RANGE; of an interface type a VALUE_STRING, or a
 * VALUE_NUMBER for 'iif'; of a ct state a VALUE_NUMBER of one bit or a
 * VALUE_LIST of them.  A VALUE_SET has at least two of those as its items, by
 * ascending value, each once; a VALUE_SETREF has its set. */
#ifndef ZFWC_VALUE_H
#define ZFWC_VALUE_H

#include <stdbool.h>

#include <compiler/addr_set.h>
#include <grammar/ast.h>

struct arena;

/* Bits of an address or number type; 0 for the other types. */
unsigned int type_width(enum ast_type type);
bool type_is_address(enum ast_type type);

/* The numbers that a value of a type with a width, not a set or a reference, stands for. */
struct addr_range value_range(const struct ast_value *v);
/* The same for any type: interface names by their bytes, so that values can be sorted. */
struct addr_range value_sort_range(const struct ast_value *v, enum ast_type type);

/* The value that nft shows for a range: an address, a prefix or a range. */
struct ast_value *value_from_range(struct arena *a, enum ast_type type, struct addr_range r, struct span span);

/* "an IPv4 address", for messages. */
const char *type_describe(enum ast_type type);
const char *value_describe(const struct ast_value *v);

#endif
