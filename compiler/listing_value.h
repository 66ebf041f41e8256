/* SPDX-License-Identifier: GPL-2.0-only */
/* listing_value.h - bound values and statements as nft prints them. */
#ifndef ZFWC_LISTING_VALUE_H
#define ZFWC_LISTING_VALUE_H

#include <stdbool.h>

#include <grammar/ast.h>

struct buf;
struct listing_options;

/* With its comment, if it is an element that has one. */
void put_value(const struct ast_value *v, enum ast_type type, struct buf *out);
/* In double quotes. */
void put_string(const char *s, struct buf *out);
/* "drop comment ..."; options NULL: counters without values. */
void put_rule(const struct ast_rule *rule, const struct listing_options *options, struct buf *out);

#endif
