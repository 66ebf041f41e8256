/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/value.h>

#include <assert.h>
#include <string.h>

#include <compiler/base/arena.h>

unsigned int type_width(enum ast_type type)
{
	switch (type) {
	case TYPE_ADDR4:
		return 32;
	case TYPE_ADDR6:
		return 128;
	case TYPE_PORT:
		return 16;
	case TYPE_PROTO:
	case TYPE_NFPROTO:
	case TYPE_ICMP_TYPE:
	case TYPE_ICMPV6_TYPE:
		return 8;
	default:
		return 0;
	}
}

bool type_is_address(enum ast_type type)
{
	return type == TYPE_ADDR4 || type == TYPE_ADDR6;
}

static struct addr_range prefix_range(const struct ast_value *v)
{
	unsigned int width = v->left->kind == VALUE_ADDR4 ? 32 : 128;
	u128 addr = addr_from_bytes(v->left->addr, width);
	u128 hosts = v->prefix_len >= width ? 0 : ~(u128)0 >> (128 - width + v->prefix_len);

	return (struct addr_range){ addr & ~hosts, addr | hosts };
}

struct addr_range value_range(const struct ast_value *v)
{
	u128 n;

	switch (v->kind) {
	case VALUE_RANGE:
		return (struct addr_range){ value_range(v->left).lo, value_range(v->right).hi };
	case VALUE_PREFIX:
		return prefix_range(v);
	case VALUE_ADDR4:
		n = addr_from_bytes(v->addr, 32);
		break;
	case VALUE_ADDR6:
		n = addr_from_bytes(v->addr, 128);
		break;
	default:
		assert(v->kind == VALUE_NUMBER);
		n = v->number;
	}
	return (struct addr_range){ n, n };
}

/* nft sorts names as the kernel holds them: as little-endian numbers.  Those of
 * an 'iif' it sorts by index, which isn't known here: they go before numbers. */
static u128 name_key(const char *name)
{
	u128 key = 0;
	size_t len = strlen(name);

	for (size_t i = 0; i < len && i < 16; i++)
		key |= (u128)(uint8_t)name[i] << (8 * i);
	return key;
}

struct addr_range value_sort_range(const struct ast_value *v, enum ast_type type)
{
	u128 key;

	if (v->kind == VALUE_LIST)
		return value_sort_range(v->items, type);
	if (v->kind == VALUE_STRING)
		key = name_key(v->text);
	else if (type == TYPE_IFINDEX)
		key = (u128)1 << 127 | v->number;
	else
		return value_range(v);
	return (struct addr_range){ key, key };
}

static struct ast_value *single(struct arena *a, enum ast_type type, u128 n, struct span span)
{
	struct ast_value *v = arena_make(a, struct ast_value);

	v->span = span;
	v->kind = type == TYPE_ADDR4 ? VALUE_ADDR4 : type == TYPE_ADDR6 ? VALUE_ADDR6 : VALUE_NUMBER;
	if (type_is_address(type))
		addr_to_bytes(n, type_width(type), v->addr);
	else
		v->number = (uint64_t)n;
	return v;
}

struct ast_value *value_from_range(struct arena *a, enum ast_type type, struct addr_range r, struct span span)
{
	unsigned int width = type_width(type);
	struct ast_value *v;
	u128 hosts = r.lo ^ r.hi;

	if (r.lo == r.hi)
		return single(a, type, r.lo, span);
	v = arena_make(a, struct ast_value);
	v->span = span;
	v->left = single(a, type, r.lo, span);
	if (type_is_address(type) && !(hosts & (hosts + 1)) && !(r.lo & hosts)) {
		v->kind = VALUE_PREFIX;
		for (v->prefix_len = width; hosts; hosts >>= 1)
			v->prefix_len--;
	} else {
		v->kind = VALUE_RANGE;
		v->right = single(a, type, r.hi, span);
	}
	return v;
}

const char *type_describe(enum ast_type type)
{
	switch (type) {
	case TYPE_ADDR4:
		return "an IPv4 address";
	case TYPE_ADDR6:
		return "an IPv6 address";
	case TYPE_PROTO:
		return "a protocol";
	case TYPE_NFPROTO:
		return "'ipv4' or 'ipv6'";
	case TYPE_PORT:
		return "a port";
	case TYPE_IFINDEX:
	case TYPE_IFNAME:
		return "an interface";
	case TYPE_ICMP_TYPE:
		return "an ICMP type";
	case TYPE_ICMPV6_TYPE:
		return "an ICMPv6 type";
	case TYPE_CT_STATE:
		return "a ct state";
	default:
		return "a value";
	}
}

const char *value_describe(const struct ast_value *v)
{
	switch (v->kind) {
	case VALUE_NUMBER:
		return "a number";
	case VALUE_WORD:
		return "a word";
	case VALUE_STRING:
		return "a string";
	case VALUE_ADDR4:
		return "an IPv4 address";
	case VALUE_ADDR6:
		return "an IPv6 address";
	case VALUE_PREFIX:
		return "a prefix";
	case VALUE_RANGE:
		return "a range";
	case VALUE_LIST:
		return "a list";
	case VALUE_SET:
		return "a set in braces";
	case VALUE_SETREF:
		return "a named set";
	default:
		return "a variable";
	}
}
