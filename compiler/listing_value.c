/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/listing_value.h>

#include <arpa/inet.h>
#include <inttypes.h>
#include <sys/socket.h>

#include <compiler/base/buf.h>
#include <compiler/listing.h>
#include <compiler/names.h>

/* ---- values ---- */

void put_string(const char *s, struct buf *out)
{
	buf_printf(out, "\"%s\"", s);
}

static void put_number(uint64_t number, enum ast_type type, struct buf *out)
{
	const char *name = names_print(type, number);

	if (name)
		buf_puts(out, name);
	else
		buf_printf(out, "%" PRIu64, number);
}

static void put_address(int family, const uint8_t *addr, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];

	buf_puts(out, inet_ntop(family, addr, text, sizeof(text)));
}

static void put_items(const struct ast_value *items, enum ast_type type, const char *sep, struct buf *out)
{
	for (const struct ast_value *i = items; i; i = i->next) {
		buf_puts(out, i == items ? "" : sep);
		put_value(i, type, out);
		if (i->attr && i->attr->comment) {
			buf_puts(out, " comment ");
			put_string(i->attr->comment, out);
		}
	}
}

/* nft shows the ends of a range as numbers, whatever names they have. */
static void put_range(const struct ast_value *v, enum ast_type type, struct buf *out)
{
	enum ast_type ends = type == TYPE_ADDR4 || type == TYPE_ADDR6 ? type : TYPE_NONE;

	put_value(v->left, ends, out);
	buf_putc(out, '-');
	put_value(v->right, ends, out);
}

void put_value(const struct ast_value *v, enum ast_type type, struct buf *out)
{
	switch (v->kind) {
	case VALUE_NUMBER:
		put_number(v->number, type, out);
		break;
	case VALUE_WORD:
	case VALUE_STRING:
		put_string(v->text, out);
		break;
	case VALUE_ADDR4:
		put_address(AF_INET, v->addr, out);
		break;
	case VALUE_ADDR6:
		put_address(AF_INET6, v->addr, out);
		break;
	case VALUE_PREFIX:
		put_value(v->left, type, out);
		buf_printf(out, "/%u", v->prefix_len);
		break;
	case VALUE_RANGE:
		put_range(v, type, out);
		break;
	case VALUE_LIST:
		put_items(v->items, type, ",", out);
		break;
	case VALUE_SET:
		buf_puts(out, "{ ");
		put_items(v->items, type, ", ", out);
		buf_puts(out, " }");
		break;
	case VALUE_SETREF:
		buf_printf(out, "@%s", v->text);
		break;
	case VALUE_VARIABLE:
		buf_printf(out, "$%s", v->text);
		break;
	}
}

/* ---- statements ---- */

static void put_match(const struct ast_stmt *s, struct buf *out)
{
	buf_printf(out, "%s ", ast_field_name(s->match.field));
	if (s->match.op != OP_IMPLICIT && s->match.op != OP_EQ)
		buf_printf(out, "%s ", ast_op_name(s->match.op));
	put_value(s->match.rhs, ast_field_type(s->match.field), out);
}

static void put_counter(const struct ast_rule *rule, unsigned int nth, const struct listing_options *options,
			struct buf *out)
{
	uint64_t packets, bytes;

	buf_puts(out, "counter");
	if (options && options->counter && options->counter(options->ctx, rule, nth, &packets, &bytes))
		buf_printf(out, " packets %" PRIu64 " bytes %" PRIu64, packets, bytes);
}

/* In tables of one family nft leaves the family out. */
static void put_tproxy(const struct ast_stmt *s, enum ast_family table, struct buf *out)
{
	const struct ast_value *addr = s->tproxy.addr;

	buf_puts(out, "tproxy ");
	if (s->tproxy.family && (table == AST_INET || table == AST_NETDEV))
		buf_puts(out, s->tproxy.family == AF_INET ? "ip " : "ip6 ");
	buf_puts(out, "to ");
	if (addr && addr->kind == VALUE_ADDR6) {
		buf_putc(out, '[');
		put_value(addr, TYPE_ADDR6, out);
		buf_putc(out, ']');
	} else if (addr) {
		put_value(addr, TYPE_ADDR4, out);
	}
	if (s->tproxy.port) {
		buf_putc(out, ':');
		put_value(s->tproxy.port, TYPE_PORT, out);
	}
}

static void put_verdict(const struct ast_stmt *s, struct buf *out)
{
	buf_puts(out, ast_verdict_name(s->verdict.verdict));
	if (s->verdict.chain)
		buf_printf(out, " %s", s->verdict.chain);
}

static void put_dhcp(const struct ast_stmt *s, struct buf *out)
{
	static const char *const roles[] = {
		[DHCP_CLIENT] = "client",
		[DHCP_SERVER] = "server",
		[DHCP_RELAY] = "relay",
	};

	buf_puts(out, "dhcp");
	if (s->dhcp.has_role)
		buf_printf(out, " %s", roles[s->dhcp.role]);
}

static void put_statement(const struct ast_rule *rule, const struct ast_stmt *s, unsigned int *n_counters,
			  const struct listing_options *options, struct buf *out)
{
	switch (s->kind) {
	case STMT_MATCH:
		put_match(s, out);
		break;
	case STMT_COUNTER:
		put_counter(rule, (*n_counters)++, options, out);
		break;
	case STMT_VERDICT:
		put_verdict(s, out);
		break;
	case STMT_TPROXY:
		put_tproxy(s, rule->chain->table->family, out);
		break;
	case STMT_SSH_LOCAL:
		buf_puts(out, "ssh-local");
		if (s->ssh_local.ports) {
			buf_puts(out, " port ");
			put_value(s->ssh_local.ports, TYPE_PORT, out);
		}
		break;
	case STMT_DHCP:
		put_dhcp(s, out);
		break;
	}
}

void put_rule(const struct ast_rule *rule, const struct listing_options *options, struct buf *out)
{
	unsigned int n_counters = 0;

	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		put_statement(rule, s, &n_counters, options, out);
		if (s->next)
			buf_putc(out, ' ');
	}
	if (rule->comment) {
		buf_puts(out, " comment ");
		put_string(rule->comment, out);
	}
}
