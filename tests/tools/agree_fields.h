/* SPDX-License-Identifier: GPL-2.0-only */
/* agree_fields.h - what a random rule looks at, and what it compares that with. */
#ifndef ZFWC_AGREE_FIELDS_H
#define ZFWC_AGREE_FIELDS_H

#include "agree.h"

enum type {
#define TYPE(id, name, bits, kind, what) TYPE_##id,
#include <grammar/types.def>
#undef TYPE
};

enum base { BASE_LINK, BASE_NETWORK, BASE_TRANSPORT, BASE_META, BASES };
enum families { FAMILIES_V4, FAMILIES_V6, FAMILIES_IP, FAMILIES_ANY };

struct field {
	const char *text;
	enum type type;
	enum families families;
	int protocol;
	enum base base;
	unsigned int bits;
};

/* What a rule is about, so that its matches don't contradict each other. */
struct shape {
	enum hook hook;
	const char *table; /* its family */
	int family;	   /* 0, 4 or 6 */
	int protocol;	   /* 0, or the one whose header is looked at */
	bool any_ports;	   /* may 'th' be matched? */
	bool busy[BASES];  /* looked at already: no second match of it */
};

#define PARTS_MAX 3

/* A set or map of a table. */
struct named {
	char name[16];
	const struct field *parts[PARTS_MAX];
	int n_parts;
	bool interval, map; /* map: to marks */
	bool verdicts;	    /* map: to verdicts */
};

/* One of those that a rule of this shape may look at; for_set: that may be part of a set or map. */
const struct field *any_field(const struct shape *s, bool for_set);
/* Fills n_parts and parts, of fields for this shape. */
void any_parts(const struct shape *s, struct named *ret);

const char *field_type_name(const struct field *f);
bool shape_allows_parts(const struct shape *s, const struct named *n);
/* Could 'f' be looked up in this set? */
bool named_fits(const struct named *n, const struct field *f);

void put_element(const struct named *n);
/* The field, an operator and what is right of it. */
void put_match_of(const struct field *f, const struct named *sets, int n_sets);

#endif
