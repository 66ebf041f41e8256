/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_value.c - constants of a type.
 *
 *	http		-> 80
 *	10.1.2.3/8	-> 10.0.0.0/8
 *	1 | 0x10	-> 17 */
#include <compiler/resolve.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/names.h>
#include <compiler/value.h>

#define INTERFACE_NAME_MAX 15

/* nft has no words for the values of fields whose type is a plain number to it. */
static bool has_names(struct ast_datatype t)
{
	return t.type != TYPE_BOOLEAN || t.field == FIELD_NONE;
}

struct ast_value *resolve_mismatch(struct resolve *r, const struct ast_value *v, struct ast_datatype t)
{
	const char *what = has_names(t) ? ast_type_what(t.type) : "1 or 0";

	if (v->kind == VALUE_WORD || v->kind == VALUE_STRING)
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected %s, found '%s'", what, v->text);
	else
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected %s, found %s", what, value_describe(v));
	if (v->kind == VALUE_CLASSID && t.type == TYPE_PORT)
		diag_note(r->d, v->span, "a range is written with '-', as in '22-25'");
	return NULL;
}

static u128 largest(struct ast_datatype t)
{
	return t.bits >= 128 ? ~(u128)0 : ((u128)1 << t.bits) - 1;
}

/* ---- words ---- */

/* nft takes digits in quotes for a number; for an octal one behind a zero. */
static bool is_digits(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n && n < 20 && !text[n] && (n == 1 || *text != '0');
}

static uint64_t digits_value(const char *text)
{
	uint64_t n = 0;

	for (; *text; text++)
		n = n * 10 + (uint64_t)(*text - '0');
	return n;
}

static struct ast_value *unknown_word(struct resolve *r, const struct ast_value *v, struct ast_datatype t)
{
	const struct names *names = names_of_type(t.type);
	const char *near;

	if (!names->n || !has_names(t))
		return resolve_mismatch(r, v, t);
	diag_error(r->d, DIAG_UNKNOWN_NAME, v->span, "unknown %s '%s'", names->what, v->text);
	near = resolve_may_suggest(r) ? names_suggest(names, v->text) : NULL;
	if (near)
		diag_did_you_mean(r->d, v->span, near, SPAN_NONE);
	return NULL;
}

static struct ast_value *bind_word(struct resolve *r, struct ast_value *v, struct ast_datatype t)
{
	int64_t number;

	if (is_digits(v->text))
		v->number = digits_value(v->text);
	else if (has_names(t) && names_find(names_of_type(t.type), v->text, &number))
		v->number = (uint64_t)number;
	else
		return unknown_word(r, v, t);
	v->kind = VALUE_NUMBER;
	return v;
}

/* ---- numbers ---- */

static const char *number_what(struct ast_datatype t)
{
	const char *what = t.type == TYPE_PORT ? "port" : names_of_type(t.type)->what;

	return t.type == TYPE_INTEGER || !strcmp(what, "value") ? "number" : what;
}

static struct ast_value *bind_number(struct resolve *r, struct ast_value *v, struct ast_datatype t)
{
	if (v->kind == VALUE_WORD || v->kind == VALUE_STRING) {
		if (!bind_word(r, v, t))
			return NULL;
	} else if (v->kind == VALUE_CLASSID && t.type == TYPE_CLASSID) {
		v->kind = VALUE_NUMBER;
	} else if (v->kind != VALUE_NUMBER) {
		return resolve_mismatch(r, v, t);
	}
	if (t.type == TYPE_NFPROTO && !names_print(t.type, v->number))
		return resolve_mismatch(r, v, t);
	if (v->number > largest(t)) {
		diag_error(r->d, DIAG_OUT_OF_RANGE, v->span, "%s %llu is out of range 0-%llu", number_what(t),
			   (unsigned long long)v->number, (unsigned long long)largest(t));
		return NULL;
	}
	return v;
}

/* ---- addresses ---- */

/* nft reads a number as an address. */
static struct ast_value *address_from_number(struct resolve *r, const struct ast_value *v, struct ast_datatype t)
{
	if (v->number <= largest(t))
		return value_number(r->a, t, v->number, v->span);
	diag_error(r->d, DIAG_OUT_OF_RANGE, v->span, "%llu is too large for %s", (unsigned long long)v->number,
		   ast_type_what(t.type));
	return NULL;
}

static struct ast_value *bind_address(struct resolve *r, struct ast_value *v, struct ast_datatype t)
{
	bool text = v->kind == VALUE_WORD || v->kind == VALUE_STRING;

	if (text && is_digits(v->text) && bind_word(r, v, t))
		return address_from_number(r, v, t);
	if (v->kind == VALUE_NUMBER)
		return address_from_number(r, v, t);
	resolve_mismatch(r, v, t);
	if (text && type_is_address(t.type))
		diag_note(r->d, v->span, "host names are not looked up: write the address");
	return NULL;
}

/* ---- interfaces ---- */

/* nft reads these as protocols, wherever they stand. */
static bool is_protocol_word(const struct ast_value *v)
{
	static const char *const words[] = { "tcp", "udp", "udplite", "icmp", "icmpv6", "igmp",
					     "esp", "ah",  "comp",    "sctp", "dccp",	"redirect" };

	for (size_t i = 0; v->kind == VALUE_WORD && i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i], v->text))
			return true;
	return false;
}

static bool refuse_name(struct resolve *r, const struct ast_value *v)
{
	size_t len = strlen(v->text);

	if (!len || len > INTERFACE_NAME_MAX) {
		diag_error(r->d, DIAG_BAD_NAME, v->span, "an interface name has 1 to %d characters, this one %zu",
			   INTERFACE_NAME_MAX, len);
		return true;
	}
	for (size_t i = 0; i < len; i++) {
		if (!isspace((unsigned char)v->text[i]) && v->text[i] != '/' && v->text[i] != ':')
			continue;
		diag_error(r->d, DIAG_BAD_NAME, v->span, "an interface name can't have '%c' in it", v->text[i]);
		return true;
	}
	return false;
}

/* "eth*" of an index, which is of one interface, or "*" of a name. */
static bool refuse_pattern(struct resolve *r, const struct ast_value *v, enum ast_type type)
{
	if (!strcmp(v->text, "*")) {
		diag_error(r->d, DIAG_BAD_NAME, v->span, "'*' alone stands for every interface");
		diag_note(r->d, v->span, "leave the match out, or write the beginning of the name before the '*'");
		return true;
	}
	if (type != TYPE_IFINDEX || v->text[strlen(v->text) - 1] != '*')
		return false;
	diag_error(r->d, DIAG_BAD_NAME, v->span, "a pattern can't be looked up as an interface");
	diag_note(r->d, v->span, "names are matched by 'iifname' and 'oifname'");
	return true;
}

struct ast_value *resolve_interface(struct resolve *r, struct ast_value *v, enum ast_type type)
{
	if (v->kind == VALUE_NUMBER && type == TYPE_IFNAME) {
		v->text = arena_printf(r->a, "%llu", (unsigned long long)v->number);
	} else if (v->kind == VALUE_NUMBER) {
		if (v->number && v->number <= INT32_MAX)
			return v;
		diag_error(r->d, DIAG_OUT_OF_RANGE, v->span, "interface index %llu is out of range 1-%d",
			   (unsigned long long)v->number, INT32_MAX);
		return NULL;
	} else if (v->kind == VALUE_ADDR4 && type == TYPE_IFNAME) {
		v->text = arena_printf(r->a, "%u.%u.%u.%u", v->addr[0], v->addr[1], v->addr[2], v->addr[3]);
	} else if (v->kind != VALUE_WORD && v->kind != VALUE_STRING) {
		return resolve_mismatch(r, v, (struct ast_datatype){ .type = type });
	} else if (type == TYPE_IFINDEX && is_digits(v->text)) {
		v->kind = VALUE_NUMBER;
		v->number = digits_value(v->text);
		return resolve_interface(r, v, type);
	} else if (is_protocol_word(v)) {
		resolve_mismatch(r, v, (struct ast_datatype){ .type = type });
		diag_note(r->d, v->span, "a protocol, unless it stands in quotes");
		return NULL;
	}
	v->kind = VALUE_STRING;
	return refuse_name(r, v) || refuse_pattern(r, v, type) ? NULL : v;
}

/* ---- any single value ---- */

static struct ast_value *bind_single(struct resolve *r, struct ast_value *v, struct ast_datatype t)
{
	switch (t.type) {
	case TYPE_ADDR4:
		return v->kind == VALUE_ADDR4 ? v : bind_address(r, v, t);
	case TYPE_ADDR6:
		return v->kind == VALUE_ADDR6 ? v : bind_address(r, v, t);
	case TYPE_ETHER:
		return v->kind == VALUE_MAC ? v : bind_address(r, v, t);
	case TYPE_IFINDEX:
	case TYPE_IFNAME:
		return resolve_interface(r, v, t.type);
	default:
		return bind_number(r, v, t);
	}
}

/* A part of a larger constant, which must be one number. */
static struct ast_value *bind_part(struct resolve *r, struct ast_value *v, struct ast_datatype t)
{
	struct ast_value *bound = resolve_constant(r, v, t);

	return !bound || value_is_single(bound) ? bound : resolve_mismatch(r, bound, t);
}

/* ---- prefixes ---- */

/* "10.0.0.0/8", where "10.0.0.5/8" is written. */
static void suggest_network(struct resolve *r, const struct ast_value *v)
{
	int family = v->left->kind == VALUE_ADDR4 ? AF_INET : AF_INET6;
	char text[INET6_ADDRSTRLEN];

	if ((v->left->kind != VALUE_ADDR4 && v->left->kind != VALUE_ADDR6) || r->d->dropping)
		return;
	inet_ntop(family, v->left->addr, text, sizeof(text));
	diag_did_you_mean(r->d, v->span, arena_printf(r->a, "%s/%u", text, v->prefix_len), SPAN_NONE);
}

static void drop_host_bits(struct resolve *r, struct ast_value *v, struct ast_datatype t, u128 network)
{
	diag_warning(r->d, DIAG_HOST_BITS, v->span,
		     "address has bits set behind the prefix length %u, they are ignored", v->prefix_len);
	v->left = value_number(r->a, t, network, v->left->span);
	suggest_network(r, v);
}

static struct ast_value *refuse_prefix(struct resolve *r, const struct ast_value *v, struct ast_datatype t)
{
	if (!type_width(t.type) && t.type != TYPE_INTEGER)
		return resolve_mismatch(r, v, t);
	diag_error(r->d, DIAG_BAD_PREFIX, v->span, "prefix length %u is out of range 0-%u", v->prefix_len, t.bits);
	return NULL;
}

/* nft shows the address where the prefix is all of it, and the range where the
 * type has no prefixes. */
static struct ast_value *bind_prefix(struct resolve *r, struct ast_value *v, struct ast_datatype t)
{
	struct addr_range range;
	u128 hosts;

	v->left = bind_part(r, v->left, t);
	if (!v->left)
		return NULL;
	if ((!type_width(t.type) && t.type != TYPE_INTEGER) || v->prefix_len > t.bits)
		return refuse_prefix(r, v, t);
	hosts = v->prefix_len < t.bits ? largest(t) >> v->prefix_len : 0;
	range.lo = value_range(v->left).lo & ~hosts;
	range.hi = range.lo | hosts;
	if (range.lo != value_range(v->left).lo)
		drop_host_bits(r, v, t, range.lo);
	if (v->prefix_len == t.bits) {
		v->left->span = v->span;
		v->left->attr = v->attr;
		return v->left;
	}
	if (type_has_prefixes(t.type) || t.type == TYPE_ETHER)
		return v;
	v->kind = VALUE_RANGE;
	v->right = value_number(r->a, t, range.hi, v->span);
	return v;
}

/* ---- ranges ---- */

static struct ast_value *bind_range(struct resolve *r, struct ast_value *v, struct ast_datatype t)
{
	if (ast_type_kind(t.type) == KIND_STRING || t.type == TYPE_IFINDEX) {
		diag_error(r->d, DIAG_BAD_RANGE, v->span, "expected %s: a range makes no sense here",
			   ast_type_what(t.type));
		return NULL;
	}
	v->left = bind_part(r, v->left, t);
	v->right = bind_part(r, v->right, t);
	if (!v->left || !v->right)
		return NULL;
	if (value_range(v->left).lo > value_range(v->right).lo) {
		diag_error(r->d, DIAG_BAD_RANGE, v->span, "range ends before it begins");
		return NULL;
	}
	return v;
}

/* ---- flags and expressions ---- */

static struct ast_value *bind_flags(struct resolve *r, struct ast_value *v, struct ast_datatype t)
{
	uint64_t flags = 0;
	struct ast_value *next, *bound;

	if (ast_type_kind(t.type) != KIND_FLAGS) {
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span,
			   "expected %s: several values need braces, as in '{ a, b }'", ast_type_what(t.type));
		return NULL;
	}
	for (struct ast_value *i = v->items; i; i = next) {
		next = i->next;
		bound = bind_part(r, i, t);
		if (!bound)
			return NULL;
		flags |= bound->number;
	}
	v->kind = VALUE_NUMBER;
	v->number = flags;
	v->text = NULL;
	return v;
}

static bool compute(enum ast_binary op, u128 x, u128 y, struct ast_datatype t, u128 *ret)
{
	switch (op) {
	case BINARY_AND:
		*ret = x & y;
		return true;
	case BINARY_OR:
		*ret = x | y;
		return true;
	case BINARY_XOR:
		*ret = x ^ y;
		return true;
	case BINARY_LSHIFT:
		*ret = y < t.bits ? x << y : 0;
		return !x || (y < t.bits && *ret >> y == x && *ret <= largest(t));
	case BINARY_RSHIFT:
		*ret = y < t.bits ? x >> y : 0;
		return true;
	}
	return false;
}

static struct ast_value *bind_binary(struct resolve *r, const struct ast_value *v, struct ast_datatype t)
{
	bool shifts = v->op == BINARY_LSHIFT || v->op == BINARY_RSHIFT;
	struct ast_datatype count = { .type = TYPE_INTEGER, .bits = 8, .field = FIELD_NONE };
	struct ast_value *left, *right, *result;
	u128 n;

	if (!type_width(t.type) && t.type != TYPE_INTEGER)
		return resolve_mismatch(r, v, t);
	left = bind_part(r, v->left, t);
	right = bind_part(r, v->right, shifts ? count : t);
	if (!left || !right)
		return NULL;
	if (!compute(v->op, value_range(left).lo, value_range(right).lo, t, &n)) {
		diag_error(r->d, DIAG_OUT_OF_RANGE, v->span, "the result doesn't fit into %u bits", t.bits);
		return NULL;
	}
	result = value_number(r->a, t, n, v->span);
	result->attr = v->attr;
	return result;
}

/* ---- constants ---- */

static struct ast_value *bind_variable(struct resolve *r, const struct ast_value *v, struct ast_datatype t)
{
	struct shape shape = { .key = { 1, &t } };
	struct ast_value *bound = resolve_variable(r, v, &shape), *use;

	if (!bound)
		return NULL;
	if (bound->kind == VALUE_SET || bound->kind == VALUE_SETREF)
		return resolve_mismatch(r, bound, t);
	use = arena_make(r->a, struct ast_value); /* what the variable holds is shared */
	*use = *bound;
	use->next = NULL;
	if (v->attr)
		use->attr = v->attr;
	return use;
}

struct ast_value *resolve_constant(struct resolve *r, struct ast_value *v, struct ast_datatype t)
{
	switch (v->kind) {
	case VALUE_NUMBER:
	case VALUE_WORD:
	case VALUE_STRING:
	case VALUE_ADDR4:
	case VALUE_ADDR6:
	case VALUE_MAC:
	case VALUE_CLASSID:
		return bind_single(r, v, t);
	case VALUE_PREFIX:
		return bind_prefix(r, v, t);
	case VALUE_RANGE:
		return bind_range(r, v, t);
	case VALUE_LIST:
		return bind_flags(r, v, t);
	case VALUE_BINARY:
		return bind_binary(r, v, t);
	case VALUE_VARIABLE:
		return bind_variable(r, v, t);
	default:
		return resolve_mismatch(r, v, t);
	}
}

/* ---- right-hand sides ---- */

struct ast_value *resolve_value(struct resolve *r, struct ast_value *v, const struct shape *shape)
{
	switch (v->kind) {
	case VALUE_VARIABLE:
		return resolve_variable(r, v, shape);
	case VALUE_SETREF:
		return resolve_setref(r, v, shape);
	case VALUE_SET:
		return resolve_set(r, v, shape);
	default:
		return resolve_key(r, v, &shape->key);
	}
}
