/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/resolve.h>

#include <ctype.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/names.h>
#include <compiler/value.h>

#define CT_STATES_KNOWN	   6 /* established, related */
#define INTERFACE_NAME_MAX 15

static struct ast_value *mismatch(struct resolve *r, const struct ast_value *v, enum ast_type type)
{
	if (v->kind == VALUE_WORD || v->kind == VALUE_STRING)
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected %s, found '%s'", type_describe(type), v->text);
	else
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected %s, found %s", type_describe(type),
			   value_describe(v));
	return NULL;
}

/* ---- numbers ---- */

static struct ast_value *bind_word(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	const struct names *names = names_of_type(type);
	const char *near;
	int64_t number;

	if (!names_find(names, v->text, &number)) {
		near = names_suggest(names, v->text);
		diag_error(r->d, DIAG_UNKNOWN_NAME, v->span, "unknown %s '%s'", names->what, v->text);
		if (near)
			diag_did_you_mean(r->d, v->span, near, v->span);
		return NULL;
	}
	v->kind = VALUE_NUMBER;
	v->number = (uint64_t)number;
	return v;
}

static struct ast_value *bind_number(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	uint64_t max = (1u << type_width(type)) - 1;

	if (v->kind == VALUE_WORD || v->kind == VALUE_STRING)
		return bind_word(r, v, type);
	if (v->kind != VALUE_NUMBER)
		return mismatch(r, v, type);
	if (type == TYPE_NFPROTO && !names_print(type, v->number))
		return mismatch(r, v, type);
	if (v->number > max) {
		diag_error(r->d, DIAG_OUT_OF_RANGE, v->span, "%s %llu is out of range 0-%llu",
			   type == TYPE_PORT ? "port" : names_of_type(type)->what, (unsigned long long)v->number,
			   (unsigned long long)max);
		return NULL;
	}
	return v;
}

/* ---- addresses ---- */

static struct ast_value *bind_address(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	if (v->kind == (type == TYPE_ADDR4 ? VALUE_ADDR4 : VALUE_ADDR6))
		return v;
	mismatch(r, v, type);
	if (v->kind == VALUE_WORD || v->kind == VALUE_STRING)
		diag_note(r->d, v->span, "host names are not looked up: write the address");
	return NULL;
}

static struct ast_value *bind_prefix(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	unsigned int width = type_width(type);
	struct ast_value *addr;
	struct addr_range range;

	if (!type_is_address(type))
		return mismatch(r, v, type);
	addr = resolve_value(r, v->left, type);
	if (!addr)
		return NULL;
	if (addr->kind != VALUE_ADDR4 && addr->kind != VALUE_ADDR6)
		return mismatch(r, addr, type);
	if (v->prefix_len > width) {
		diag_error(r->d, DIAG_BAD_PREFIX, v->span, "prefix length %u is out of range 0-%u", v->prefix_len,
			   width);
		return NULL;
	}
	v->left = addr;
	range = value_range(v);
	if (addr_from_bytes(addr->addr, width) != range.lo) {
		diag_warning(r->d, DIAG_HOST_BITS, v->span,
			     "address has bits set behind the prefix length %u, they are ignored", v->prefix_len);
		v->left = arena_make(r->a, struct ast_value);
		*v->left = *addr;
		addr_to_bytes(range.lo, width, v->left->addr);
	}
	if (v->prefix_len == width) { /* nft shows the address */
		memcpy(v->addr, addr->addr, sizeof(v->addr));
		v->kind = addr->kind;
	}
	return v;
}

/* ---- interfaces ---- */

struct ast_value *resolve_interface(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	size_t len;

	if (v->kind == VALUE_NUMBER && type == TYPE_IFNAME) {
		v->text = arena_printf(r->a, "%llu", (unsigned long long)v->number);
	} else if (v->kind == VALUE_NUMBER) {
		if (v->number && v->number <= INT32_MAX)
			return v;
		diag_error(r->d, DIAG_OUT_OF_RANGE, v->span, "interface index %llu is out of range 1-%d",
			   (unsigned long long)v->number, INT32_MAX);
		return NULL;
	} else if (v->kind != VALUE_WORD && v->kind != VALUE_STRING) {
		return mismatch(r, v, type);
	}
	v->kind = VALUE_STRING;
	len = strlen(v->text);
	if (!len || len > INTERFACE_NAME_MAX) {
		diag_error(r->d, DIAG_BAD_NAME, v->span, "an interface name has 1 to %d characters, this one %zu",
			   INTERFACE_NAME_MAX, len);
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		if (!isspace((unsigned char)v->text[i]) && v->text[i] != '/' && v->text[i] != ':')
			continue;
		diag_error(r->d, DIAG_BAD_NAME, v->span, "an interface name can't have '%c' in it", v->text[i]);
		return NULL;
	}
	return v;
}

/* ---- ct states ---- */

static struct ast_value *bind_ct_state(struct resolve *r, struct ast_value *v)
{
	const char *word = v->kind == VALUE_NUMBER ? names_print(TYPE_CT_STATE, v->number) : v->text;

	if (v->kind == VALUE_NUMBER && !word) {
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span,
			   "expected one ct state, 'established' or 'related', found %llu",
			   (unsigned long long)v->number);
		return NULL;
	}
	if (v->kind != VALUE_NUMBER && v->kind != VALUE_WORD && v->kind != VALUE_STRING)
		return mismatch(r, v, TYPE_CT_STATE);
	if (v->kind != VALUE_NUMBER && !bind_word(r, v, TYPE_CT_STATE))
		return NULL;
	if (v->number & ~(uint64_t)CT_STATES_KNOWN) {
		diag_error(r->d, DIAG_UNSUPPORTED, v->span,
			   "ct state '%s' can't be matched, only 'established' and 'related'", word);
		diag_note(r->d, v->span,
			  "match 'established,related' first: what rules below it see is new, invalid or untracked");
		return NULL;
	}
	return v;
}

static struct ast_value *bind_ct_list(struct resolve *r, struct ast_value *v)
{
	v->items = resolve_items(r, v->items, TYPE_CT_STATE);
	if (!v->items)
		return NULL;
	v->items = resolve_sort(r, v->items, TYPE_CT_STATE, SET_KEEP);
	return v->items->next ? v : v->items;
}

/* ---- any ---- */

static struct ast_value *bind_single(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	switch (type) {
	case TYPE_ADDR4:
	case TYPE_ADDR6:
		return bind_address(r, v, type);
	case TYPE_IFINDEX:
	case TYPE_IFNAME:
		return resolve_interface(r, v, type);
	case TYPE_CT_STATE:
		return bind_ct_state(r, v);
	default:
		return bind_number(r, v, type);
	}
}

static bool is_single(const struct ast_value *v)
{
	return v->kind == VALUE_NUMBER || v->kind == VALUE_ADDR4 || v->kind == VALUE_ADDR6;
}

static struct ast_value *bind_range(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	if (!type_width(type) || type == TYPE_NFPROTO) {
		diag_error(r->d, DIAG_BAD_RANGE, v->span, "expected %s: a range makes no sense here",
			   type_describe(type));
		return NULL;
	}
	v->left = resolve_value(r, v->left, type);
	v->right = resolve_value(r, v->right, type);
	if (!v->left || !v->right)
		return NULL;
	if (!is_single(v->left) || !is_single(v->right))
		return mismatch(r, is_single(v->left) ? v->right : v->left, type);
	if (value_range(v->left).lo > value_range(v->right).lo) {
		diag_error(r->d, DIAG_BAD_RANGE, v->span, "range ends before it begins");
		return NULL;
	}
	return v;
}

static struct ast_value *bind_set(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	if (!v->items) {
		diag_error(r->d, DIAG_EMPTY_SET, v->span, "empty set");
		return NULL;
	}
	v->items = resolve_items(r, v->items, type);
	if (!v->items)
		return NULL;
	v->items = resolve_sort(r, v->items, type, SET_MERGE);
	return v->items->next ? v : v->items;
}

struct ast_value *resolve_element(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	switch (v->kind) {
	case VALUE_VARIABLE:
		return resolve_variable(r, v, type);
	case VALUE_PREFIX:
		return bind_prefix(r, v, type);
	case VALUE_RANGE:
		return bind_range(r, v, type);
	case VALUE_SET:
		return bind_set(r, v, type);
	case VALUE_SETREF:
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "a named set can't be an element of a set");
		return NULL;
	case VALUE_LIST:
		if (type == TYPE_CT_STATE)
			return bind_ct_list(r, v);
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span,
			   "expected %s: several values need braces, as in '{ a, b }'", type_describe(type));
		return NULL;
	default:
		return bind_single(r, v, type);
	}
}

struct ast_value *resolve_value(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	return v->kind == VALUE_SETREF ? resolve_setref(r, v, type) : resolve_element(r, v, type);
}
