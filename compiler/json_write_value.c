/* SPDX-License-Identifier: GPL-2.0-only */
/* json_write_value.c - expressions as JSON. */
#include <compiler/json_write_internal.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/names.h>

/* {"name": */
static void open_wrapped(struct json_writer *w, const char *name)
{
	jput_open(&w->json, '{');
	jput_key(&w->json, name);
}

static void close_wrapped(struct json_writer *w)
{
	jput_close(&w->json, '}');
}

/* ---- numbers ---- */

/* {"|": [{"|": ["fin", "syn"]}, "rst"]}, as nft nests them. */
static void put_flags_or(struct json_writer *w, uint64_t number, enum ast_type type)
{
	uint64_t highest = 1ull << (63 - __builtin_clzll(number));

	if (number == highest) {
		jput_text(&w->json, names_print(type, number));
		return;
	}
	open_wrapped(w, "|");
	jput_open(&w->json, '[');
	put_flags_or(w, number & ~highest, type);
	jput_text(&w->json, names_print(type, highest));
	jput_close(&w->json, ']');
	close_wrapped(w);
}

static void put_flags_list(struct json_writer *w, uint64_t number, enum ast_type type)
{
	jput_open(&w->json, '[');
	for (; number; number &= number - 1)
		jput_text(&w->json, names_print(type, number & -number));
	jput_close(&w->json, ']');
}

static void put_flags(struct json_writer *w, uint64_t number, enum ast_type type)
{
	bool one = !(number & (number - 1));

	if (!names_all_flags(type, number) || (!one && w->flags == JSON_FLAGS_NUMBER))
		jput_unsigned(&w->json, number);
	else if (one || w->flags == JSON_FLAGS_OR)
		put_flags_or(w, number, type);
	else
		put_flags_list(w, number, type);
}

static void put_classid(struct json_writer *w, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llx:%llx", (unsigned long long)number >> 16,
		 (unsigned long long)number & 0xffff);
	jput_text(&w->json, number == UINT32_MAX ? "root" : !number ? "none" : text);
}

static void put_number(struct json_writer *w, uint64_t number, enum ast_type type)
{
	const char *name;

	if (ast_type_kind(type) == KIND_FLAGS) {
		put_flags(w, number, type);
	} else if (type == TYPE_CLASSID) {
		put_classid(w, number);
	} else {
		name = type == TYPE_BOOLEAN ? NULL : names_print(type, number);
		if (name)
			jput_text(&w->json, name);
		else
			jput_unsigned(&w->json, number);
	}
}

/* ---- other constants ---- */

static void put_address(struct json_writer *w, int family, const uint8_t *addr)
{
	char text[INET6_ADDRSTRLEN];

	jput_text(&w->json, inet_ntop(family, addr, text, sizeof(text)));
}

static void put_mac(struct json_writer *w, const uint8_t *addr)
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", addr[0], addr[1], addr[2], addr[3], addr[4],
		 addr[5]);
	jput_text(&w->json, text);
}

static void put_prefix(struct json_writer *w, const struct ast_value *v, const struct value_types *types)
{
	open_wrapped(w, "prefix");
	jput_open(&w->json, '{');
	jput_key(&w->json, "addr");
	json_put_value(w, v->left, types);
	jput_number_member(&w->json, "len", v->prefix_len);
	jput_close(&w->json, '}');
	close_wrapped(w);
}

/* nft leaves out the names of protocols and of states here, and of several flags. */
static void put_end_of_range(struct json_writer *w, const struct ast_value *v, const struct value_types *types)
{
	enum ast_type type = only_type(&types->key);
	enum json_flags flags = w->flags;

	w->flags = JSON_FLAGS_NUMBER;
	if (type == TYPE_PROTO || type == TYPE_CT_STATE || type == TYPE_FIB_ADDRTYPE)
		jput_unsigned(&w->json, v->number);
	else
		json_put_value(w, v, types);
	w->flags = flags;
}

static void put_range(struct json_writer *w, const struct ast_value *v, const struct value_types *types)
{
	open_wrapped(w, "range");
	jput_open(&w->json, '[');
	put_end_of_range(w, v->left, types);
	put_end_of_range(w, v->right, types);
	jput_close(&w->json, ']');
	close_wrapped(w);
}

void json_put_verdict(struct json_writer *w, enum ast_verdict verdict, const char *chain)
{
	open_wrapped(w, ast_verdict_name(verdict));
	if (chain) {
		jput_open(&w->json, '{');
		jput_text_member(&w->json, "target", chain);
		jput_close(&w->json, '}');
	} else {
		jput_word(&w->json, "null");
	}
	close_wrapped(w);
}

static void put_concatenation(struct json_writer *w, const struct ast_value *v, const struct value_types *types)
{
	enum json_flags flags = w->flags;
	size_t nth = 0;

	w->flags = JSON_FLAGS_OR;
	open_wrapped(w, "concat");
	jput_open(&w->json, '[');
	for (const struct ast_value *i = v->items; i; i = i->next, nth++) {
		struct value_types part = { { 0 }, { 0 } };

		if (nth < types->key.n)
			part.key = (struct ast_datatypes){ 1, &types->key.part[nth] };
		json_put_value(w, i, &part);
	}
	jput_close(&w->json, ']');
	close_wrapped(w);
	w->flags = flags;
}

/* ---- sets and their elements ---- */

/* Whole seconds, as nft; a time that the user wrote isn't cut. */
void json_put_time(struct json_writer *w, const char *key, uint64_t milliseconds)
{
	jput_key(&w->json, key);
	if (milliseconds % 1000)
		jput_word(&w->json, arena_printf(w->arena, "%llu.%03llu", (unsigned long long)milliseconds / 1000,
						 (unsigned long long)milliseconds % 1000));
	else
		jput_unsigned(&w->json, milliseconds / 1000);
}

static void put_element_counter(struct json_writer *w, const struct ast_value *element)
{
	const struct ast_attributes *attr = element->attr;
	uint64_t packets = attr ? attr->packets : 0, bytes = attr ? attr->bytes : 0;
	bool known = packets || bytes;

	jput_key(&w->json, "counter");
	if (w->options && w->options->element_counter)
		known = w->options->element_counter(w->options->ctx, element, &packets, &bytes);
	if (!known) {
		jput_word(&w->json, "null");
		return;
	}
	jput_open(&w->json, '{');
	jput_number_member(&w->json, "packets", packets);
	jput_number_member(&w->json, "bytes", bytes);
	jput_close(&w->json, '}');
}

static void put_attributes(struct json_writer *w, const struct ast_value *element)
{
	const struct ast_attributes *attr = element->attr;

	if (attr && attr->timeout)
		json_put_time(w, "timeout", attr->timeout);
	if (attr && attr->expires)
		jput_number_member(&w->json, "expires", attr->expires / 1000);
	if (attr && attr->comment)
		jput_text_member(&w->json, "comment", attr->comment);
	if (w->counting || (attr && attr->has_counter))
		put_element_counter(w, element);
}

/* The key of an element, with what the element has beside it. */
static void put_key(struct json_writer *w, const struct ast_value *key, const struct ast_value *element,
		    const struct value_types *types)
{
	struct value_types of_key = { types->key, { 0 } };

	if (!element->attr && !w->counting) {
		json_put_value(w, key, &of_key);
		return;
	}
	open_wrapped(w, "elem");
	jput_open(&w->json, '{');
	jput_key(&w->json, "val");
	json_put_value(w, key, &of_key);
	put_attributes(w, element);
	jput_close(&w->json, '}');
	close_wrapped(w);
}

void json_put_element(struct json_writer *w, const struct ast_value *v, const struct value_types *types)
{
	struct value_types data = { types->data, { 0 } };
	enum json_flags flags = w->flags;

	w->flags = JSON_FLAGS_OR;
	if (v->kind == VALUE_MAPPING) {
		jput_open(&w->json, '[');
		put_key(w, v->left, v, types);
		json_put_value(w, v->right, &data);
		jput_close(&w->json, ']');
	} else {
		put_key(w, v, v, types);
	}
	w->flags = flags;
}

static void put_set(struct json_writer *w, const struct ast_value *set, const struct value_types *types)
{
	open_wrapped(w, "set");
	jput_open(&w->json, '[');
	for (const struct ast_value *i = set->items; i; i = i->next)
		json_put_element(w, i, types);
	jput_close(&w->json, ']');
	close_wrapped(w);
}

/* ---- of the packet ---- */

static void put_fib(struct json_writer *w, const struct ast_value *v)
{
	static const char *const flags[] = { "saddr", "daddr", "mark", "iif", "oif" };

	open_wrapped(w, "fib");
	jput_open(&w->json, '{');
	jput_text_member(&w->json, "result", "type");
	jput_key(&w->json, "flags");
	jput_open(&w->json, '[');
	for (unsigned int i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (v->prefix_len & (1u << i))
			jput_text(&w->json, flags[i]);
	jput_close(&w->json, ']');
	jput_close(&w->json, '}');
	close_wrapped(w);
}

/* {"meta": {"key": "mark"}}, {"payload": {"protocol": "ip", "field": "saddr"}} */
static void put_field(struct json_writer *w, enum ast_field field)
{
	static const char *const keyed[] = { "meta", "ct", "socket" };
	const char *name = ast_field_name(field), *space = strchr(name, ' ');
	const char *first = space ? arena_strndup(w->arena, name, (size_t)(space - name)) : "meta";
	bool has_key = false;

	name = space ? space + 1 : name;
	for (size_t i = 0; i < sizeof(keyed) / sizeof(keyed[0]); i++)
		has_key |= !strcmp(first, keyed[i]);
	open_wrapped(w, has_key ? first : "payload");
	jput_open(&w->json, '{');
	if (!has_key)
		jput_text_member(&w->json, "protocol", first);
	jput_text_member(&w->json, has_key ? "key" : "field", name);
	jput_close(&w->json, '}');
	close_wrapped(w);
}

static void put_binary(struct json_writer *w, const struct ast_value *v, const struct value_types *types)
{
	static const struct ast_datatype integer = { TYPE_INTEGER, 32, FIELD_NONE };
	static const struct value_types distance = { { 1, &integer }, { 0 } };
	bool shift = v->op == BINARY_LSHIFT || v->op == BINARY_RSHIFT;

	open_wrapped(w, ast_binary_name(v->op));
	jput_open(&w->json, '[');
	json_put_value(w, v->left, types);
	json_put_value(w, v->right, shift ? &distance : types);
	jput_close(&w->json, ']');
	close_wrapped(w);
}

static void put_map(struct json_writer *w, const struct ast_value *v, const struct value_types *types)
{
	struct value_types of_map = { expression_types(v->left, w->arena), types->key };

	open_wrapped(w, "map");
	jput_open(&w->json, '{');
	jput_key(&w->json, "key");
	json_put_expression(w, v->left);
	jput_key(&w->json, "data");
	json_put_value(w, v->right, &of_map);
	jput_close(&w->json, '}');
	close_wrapped(w);
}

/* ---- any ---- */

static void put_constant(struct json_writer *w, const struct ast_value *v, enum ast_type type)
{
	switch (v->kind) {
	case VALUE_NUMBER:
		put_number(w, v->number, type);
		break;
	case VALUE_CLASSID:
		put_classid(w, v->number);
		break;
	case VALUE_ADDR4:
		put_address(w, AF_INET, v->addr);
		break;
	case VALUE_ADDR6:
		put_address(w, AF_INET6, v->addr);
		break;
	case VALUE_MAC:
		put_mac(w, v->addr);
		break;
	case VALUE_VERDICT:
		json_put_verdict(w, (enum ast_verdict)v->number, v->target ? v->target->name : NULL);
		break;
	case VALUE_SETREF:
		jput_text(&w->json, arena_printf(w->arena, "@%s", v->text));
		break;
	case VALUE_WORD:
	case VALUE_STRING:
		jput_text(&w->json, v->text);
		break;
	default: /* VALUE_CATCHALL */
		jput_text(&w->json, "*");
	}
}

void json_put_value(struct json_writer *w, const struct ast_value *v, const struct value_types *types)
{
	switch (v->kind) {
	case VALUE_PREFIX:
		put_prefix(w, v, types);
		break;
	case VALUE_RANGE:
		put_range(w, v, types);
		break;
	case VALUE_SET:
		put_set(w, v, types);
		break;
	case VALUE_CONCAT:
		put_concatenation(w, v, types);
		break;
	case VALUE_FIELD:
		if (v->field == FIELD_FIB_TYPE)
			put_fib(w, v);
		else
			put_field(w, v->field);
		break;
	case VALUE_BINARY:
		put_binary(w, v, types);
		break;
	case VALUE_MAP:
		put_map(w, v, types);
		break;
	default:
		put_constant(w, v, only_type(&types->key));
	}
}

void json_put_expression(struct json_writer *w, const struct ast_value *e)
{
	struct value_types types = { expression_types(e, w->arena), { 0 } };

	json_put_value(w, e, &types);
}
