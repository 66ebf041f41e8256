/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/value.h>

#include <assert.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

/* ---- types ---- */

unsigned int type_width(enum ast_type type)
{
	return type == TYPE_IFINDEX || ast_type_kind(type) == KIND_STRING ? 0 : ast_type_bits(type);
}

bool type_is_address(enum ast_type type)
{
	return type == TYPE_ADDR4 || type == TYPE_ADDR6;
}

bool type_has_prefixes(enum ast_type type)
{
	return type_is_address(type) || type == TYPE_MARK;
}

bool datatype_same(struct ast_datatype x, struct ast_datatype y)
{
	return x.type == y.type && x.bits == y.bits;
}

bool datatypes_same(const struct ast_datatypes *x, const struct ast_datatypes *y)
{
	if (x->n != y->n)
		return false;
	for (unsigned int i = 0; i < x->n; i++)
		if (!datatype_same(x->part[i], y->part[i]))
			return false;
	return true;
}

const char *datatypes_describe(struct arena *a, const struct ast_datatypes *t)
{
	struct buf out = { .arena = a };

	buf_puts(&out, "");
	for (unsigned int i = 0; i < t->n; i++) {
		buf_puts(&out, i ? " . " : "");
		if (t->part[i].type == TYPE_INTEGER)
			buf_printf(&out, "%u-bit integer", t->part[i].bits);
		else
			buf_puts(&out, ast_type_name(t->part[i].type));
	}
	return out.text;
}

/* ---- numbers of constants ---- */

bool value_is_single(const struct ast_value *v)
{
	return v->kind == VALUE_NUMBER || v->kind == VALUE_ADDR4 || v->kind == VALUE_ADDR6 || v->kind == VALUE_MAC;
}

static u128 low_bits(unsigned int n)
{
	return n >= 128 ? ~(u128)0 : ((u128)1 << n) - 1;
}

/* Bits of what stands before a prefix length: those that aren't addresses are marks. */
static unsigned int prefix_width(const struct ast_value *v)
{
	switch (v->left->kind) {
	case VALUE_ADDR6:
		return 128;
	case VALUE_MAC:
		return 48;
	default:
		return 32;
	}
}

/* "eth*" is all names that begin so. */
static struct addr_range name_range(const char *name)
{
	size_t len = strlen(name), n = 0;
	bool wildcard = len && name[len - 1] == '*' && (len < 2 || name[len - 2] != '\\');
	u128 key = 0;

	for (size_t i = 0; i < len - wildcard && n < 16; i++)
		if (name[i] != '\\' || name[i + 1] != '*')
			key |= (u128)(uint8_t)name[i] << (8 * (15 - n++));
	return (struct addr_range){ key, wildcard ? key | low_bits(8 * (unsigned int)(16 - n)) : key };
}

static struct addr_range one(u128 n)
{
	return (struct addr_range){ n, n };
}

struct addr_range value_range(const struct ast_value *v)
{
	u128 hosts, n;

	switch (v->kind) {
	case VALUE_RANGE:
		return (struct addr_range){ value_range(v->left).lo, value_range(v->right).hi };
	case VALUE_PREFIX:
		hosts = low_bits(prefix_width(v) - v->prefix_len);
		n = value_range(v->left).lo;
		return (struct addr_range){ n & ~hosts, n | hosts };
	case VALUE_ADDR4:
		return one(addr_from_bytes(v->addr, 32));
	case VALUE_ADDR6:
		return one(addr_from_bytes(v->addr, 128));
	case VALUE_MAC:
		return one(addr_from_bytes(v->addr, 48));
	case VALUE_STRING:
		return name_range(v->text);
	default:
		assert(v->kind == VALUE_NUMBER);
		return one(v->number);
	}
}

/* ---- order ---- */

/* As the kernel holds a name, read as a little-endian number: so nft sorts them. */
static u128 name_key(const char *name)
{
	u128 key = 0;
	size_t len = strlen(name);

	for (size_t i = 0; i < len && i < 16; i++)
		key |= (u128)(uint8_t)name[i] << (8 * i);
	return key;
}

/* Flags go by their lowest one, as nft has them. */
static u128 flags_key(uint64_t flags)
{
	return (u128)(flags & -flags) << 64 | flags;
}

struct addr_range value_order(const struct ast_value *v, enum ast_type type, bool intervals)
{
	if (v->kind == VALUE_STRING && !intervals)
		return one(name_key(v->text));
	/* Names of an 'iif' nft sorts by index, which isn't known here: they go before numbers. */
	if (v->kind == VALUE_NUMBER && type == TYPE_IFINDEX)
		return one((u128)1 << 127 | v->number);
	if (v->kind == VALUE_NUMBER && ast_type_kind(type) == KIND_FLAGS && !intervals)
		return one(flags_key(v->number));
	return value_range(v);
}

/* ---- making ---- */

struct ast_value *value_number(struct arena *a, struct ast_datatype type, u128 n, struct span span)
{
	struct ast_value *v = arena_make(a, struct ast_value);

	v->span = span;
	v->kind = type.type == TYPE_ADDR4   ? VALUE_ADDR4
		  : type.type == TYPE_ADDR6 ? VALUE_ADDR6
		  : type.type == TYPE_ETHER ? VALUE_MAC
					    : VALUE_NUMBER;
	if (v->kind == VALUE_NUMBER)
		v->number = (uint64_t)n;
	else
		addr_to_bytes(n, type.bits, v->addr);
	return v;
}

struct ast_value *value_from_range(struct arena *a, struct ast_datatype type, struct addr_range r, struct span span)
{
	struct ast_value *v;
	u128 hosts = r.lo ^ r.hi;

	if (r.lo == r.hi)
		return value_number(a, type, r.lo, span);
	v = arena_make(a, struct ast_value);
	v->span = span;
	v->left = value_number(a, type, r.lo, span);
	if (type_has_prefixes(type.type) && !(hosts & (hosts + 1)) && !(r.lo & hosts)) {
		v->kind = VALUE_PREFIX;
		for (v->prefix_len = type.bits; hosts; hosts >>= 1)
			v->prefix_len--;
	} else {
		v->kind = VALUE_RANGE;
		v->right = value_number(a, type, r.hi, span);
	}
	return v;
}

/* ---- comparing ---- */

static bool items_equal(const struct ast_value *x, const struct ast_value *y)
{
	for (; x && y; x = x->next, y = y->next)
		if (!value_equal(x, y))
			return false;
	return !x && !y;
}

static bool verdicts_equal(const struct ast_value *x, const struct ast_value *y)
{
	if (x->number != y->number || !x->text != !y->text)
		return false;
	return !x->text || !strcmp(x->text, y->text);
}

bool value_equal(const struct ast_value *x, const struct ast_value *y)
{
	struct addr_range p, q;

	if (x->kind == VALUE_CONCAT && y->kind == VALUE_CONCAT)
		return items_equal(x->items, y->items);
	if (x->kind == VALUE_VERDICT && y->kind == VALUE_VERDICT)
		return verdicts_equal(x, y);
	if (x->kind == VALUE_CONCAT || y->kind == VALUE_CONCAT || x->kind == VALUE_VERDICT || y->kind == VALUE_VERDICT)
		return false;
	if (x->kind == VALUE_CATCHALL || y->kind == VALUE_CATCHALL ||
	    (x->kind == VALUE_STRING) != (y->kind == VALUE_STRING))
		return x->kind == y->kind;
	p = value_range(x);
	q = value_range(y);
	return p.lo == q.lo && p.hi == q.hi;
}

/* ---- what is looked at ---- */

struct masked value_masked(const struct ast_value *v)
{
	struct masked m;
	u128 c;

	if (v->kind == VALUE_FIELD)
		return (struct masked){ v->field, low_bits(ast_field_bits(v->field)), 0 };
	assert(v->kind == VALUE_BINARY);
	m = value_masked(v->left);
	c = value_range(v->right).lo;
	switch (v->op) {
	case BINARY_AND:
		m.mask &= c;
		m.flip &= c;
		break;
	case BINARY_OR:
		m.mask &= ~c;
		m.flip |= c;
		break;
	default:
		assert(v->op == BINARY_XOR);
		m.flip ^= c;
	}
	return m;
}

/* ---- words for messages ---- */

const char *value_describe(const struct ast_value *v)
{
	static const char *const words[] = {
		[VALUE_NUMBER] = "a number",
		[VALUE_WORD] = "a word",
		[VALUE_STRING] = "a string",
		[VALUE_ADDR4] = "an IPv4 address",
		[VALUE_ADDR6] = "an IPv6 address",
		[VALUE_MAC] = "a link-layer address",
		[VALUE_CLASSID] = "a priority",
		[VALUE_VERDICT] = "a verdict",
		[VALUE_PREFIX] = "a prefix",
		[VALUE_RANGE] = "a range",
		[VALUE_CATCHALL] = "'*'",
		[VALUE_LIST] = "a list",
		[VALUE_SET] = "a set in braces",
		[VALUE_CONCAT] = "a concatenation",
		[VALUE_MAPPING] = "an element of a map",
		[VALUE_MASKED] = "a value with a mask",
		[VALUE_SETREF] = "a named set",
		[VALUE_VARIABLE] = "a variable",
		[VALUE_FIELD] = "a field of the packet",
		[VALUE_BINARY] = "an expression",
		[VALUE_MAP] = "a map",
	};

	return words[v->kind];
}
