/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/ast_dump.h>

#include <arpa/inet.h>
#include <inttypes.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

static void dump_value(struct dump *d, const struct ast_value *v);

void dump_items(struct dump *d, const struct ast_value *v)
{
	d->depth++;
	for (; v; v = v->next)
		dump_value(d, v);
	d->depth--;
}

static void dump_addr(struct dump *d, const struct ast_value *v, int family)
{
	char text[INET6_ADDRSTRLEN];

	dump_node(d, v->span, "address %s", inet_ntop(family, v->addr, text, sizeof(text)));
}

static void dump_mac(struct dump *d, const struct ast_value *v)
{
	const uint8_t *a = v->addr;

	dump_node(d, v->span, "address %02x:%02x:%02x:%02x:%02x:%02x", a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void dump_verdict(struct dump *d, const struct ast_value *v)
{
	const char *name = ast_verdict_name((enum ast_verdict)v->number);

	dump_node(d, v->span, "verdict %s%s%s", name, v->text ? " " : "", v->text ? v->text : "");
	if (!v->text)
		dump_items(d, v->variable);
}

static void dump_plain_value(struct dump *d, const struct ast_value *v)
{
	switch (v->kind) {
	case VALUE_NUMBER:
		dump_node(d, v->span, "number %" PRId64, (int64_t)v->number);
		break;
	case VALUE_WORD:
		dump_node(d, v->span, "word %s", v->text);
		break;
	case VALUE_STRING:
		dump_node(d, v->span, "string \"%s\"", v->text);
		break;
	case VALUE_ADDR4:
		dump_addr(d, v, AF_INET);
		break;
	case VALUE_ADDR6:
		dump_addr(d, v, AF_INET6);
		break;
	case VALUE_MAC:
		dump_mac(d, v);
		break;
	case VALUE_CLASSID:
		dump_node(d, v->span, "class %" PRIx64 ":%" PRIx64, v->number >> 16, v->number & 0xffff);
		break;
	case VALUE_VERDICT:
		dump_verdict(d, v);
		break;
	case VALUE_CATCHALL:
		dump_node(d, v->span, "*");
		break;
	case VALUE_SETREF:
		dump_node(d, v->span, "@%s", v->text);
		break;
	case VALUE_VARIABLE:
		dump_node(d, v->span, "$%s #%" PRIu64, v->text, v->number);
		break;
	default:
		break;
	}
}

static void dump_pair(struct dump *d, const struct ast_value *v, const char *what)
{
	dump_node(d, v->span, "%s", what);
	dump_items(d, v->left);
	dump_items(d, v->right);
}

static void dump_list(struct dump *d, const struct ast_value *v, const char *what)
{
	dump_node(d, v->span, "%s", what);
	dump_items(d, v->items);
}

static void dump_field(struct dump *d, const struct ast_value *v)
{
	static const char *const flags[] = { "saddr", "daddr", "mark", "iif", "oif" };
	struct buf text = { .arena = d->out->arena };

	buf_puts(&text, "");
	for (unsigned int i = 0; v->field == FIELD_FIB_TYPE && i < sizeof(flags) / sizeof(*flags); i++)
		if (v->prefix_len & 1U << i)
			buf_printf(&text, " %s", flags[i]);
	dump_node(d, v->span, "field %s%s", ast_field_name(v->field), text.text);
}

/* Those that are made of others, and fields. */
static void dump_compound(struct dump *d, const struct ast_value *v)
{
	switch (v->kind) {
	case VALUE_PREFIX:
		dump_node(d, v->span, "prefix /%u", v->prefix_len);
		dump_items(d, v->left);
		break;
	case VALUE_RANGE:
		dump_pair(d, v, "range");
		break;
	case VALUE_MAPPING:
		dump_pair(d, v, "mapping");
		break;
	case VALUE_MASKED:
		dump_pair(d, v, "masked");
		break;
	case VALUE_MAP:
		dump_pair(d, v, "map");
		break;
	case VALUE_BINARY:
		dump_pair(d, v, ast_binary_name(v->op));
		break;
	case VALUE_LIST:
		dump_list(d, v, "list");
		break;
	case VALUE_SET:
		dump_list(d, v, "set");
		break;
	case VALUE_CONCAT:
		dump_list(d, v, "concatenation");
		break;
	case VALUE_FIELD:
		dump_field(d, v);
		break;
	default:
		dump_plain_value(d, v);
	}
}

static void dump_attributes(struct dump *d, const struct ast_attributes *attr)
{
	d->depth++;
	if (attr->has_counter)
		dump_node(d, SPAN_NONE, "counter packets %" PRIu64 " bytes %" PRIu64, attr->packets, attr->bytes);
	if (attr->timeout)
		dump_node(d, SPAN_NONE, "timeout %" PRIu64 "ms", attr->timeout);
	if (attr->expires)
		dump_node(d, SPAN_NONE, "expires %" PRIu64 "ms", attr->expires);
	if (attr->comment)
		dump_node(d, SPAN_NONE, "comment \"%s\"", attr->comment);
	d->depth--;
}

static void dump_value(struct dump *d, const struct ast_value *v)
{
	dump_compound(d, v);
	if (v->attr)
		dump_attributes(d, v->attr);
}

void dump_part(struct dump *d, const char *name, const struct ast_value *v)
{
	if (!v)
		return;
	dump_node(d, SPAN_NONE, "%s", name);
	dump_items(d, v);
}
