/* SPDX-License-Identifier: GPL-2.0-only */
/* print_stmt.c - statements and rules. */
#include <compiler/print.h>

#include <inttypes.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

/* ---- matches ---- */

static bool is_flags(const struct value_types *types)
{
	return types->key.n == 1 && ast_type_kind(types->key.part->type) == KIND_FLAGS;
}

static bool is_one_bit(const struct ast_value *v)
{
	return v->kind == VALUE_NUMBER && v->number && !(v->number & (v->number - 1));
}

/* "any of them" are joined by commas.  Of what is compared as a whole, nft 1.0.6
 * shows the TCP flags as a number. */
static enum flags_style flags_style(const struct ast_stmt *s, const struct value_types *types)
{
	if (!is_flags(types) || s->match.lhs->kind != VALUE_FIELD)
		return FLAGS_OR;
	if (s->match.rhs->kind == VALUE_MASKED || s->match.op == OP_IMPLICIT || s->match.op == OP_NOT)
		return FLAGS_COMMAS;
	if (types->key.part->type == TYPE_TCP_FLAG || (s->match.op != OP_EQ && s->match.op != OP_NE))
		return FLAGS_NUMBER;
	return FLAGS_OR;
}

/* nft leaves "==" out where the field can only be meant to be equal. */
static bool needs_equal(const struct ast_stmt *s, const struct value_types *types)
{
	if (s->match.lhs->kind == VALUE_BINARY)
		return true;
	return s->match.op == OP_EQ && is_flags(types) && s->match.rhs->kind == VALUE_NUMBER;
}

static void put_op(struct printer *p, const struct ast_stmt *s, const struct value_types *types)
{
	if (s->match.op != OP_IMPLICIT && s->match.op != OP_EQ)
		buf_printf(p->out, "%s ", ast_op_name(s->match.op));
	else if (needs_equal(s, types))
		buf_puts(p->out, "== ");
}

/* "tcp flags & syn == syn", where nft doesn't use '/'. */
static void put_one_masked(struct printer *p, const struct ast_stmt *s, const struct value_types *types)
{
	put_value(p, s->match.rhs->right, types);
	buf_printf(p->out, " %s ", s->match.op == OP_NE ? "!=" : "==");
	put_value(p, s->match.rhs->left, types);
}

static void put_match(struct printer *p, const struct ast_stmt *s)
{
	struct value_types types = { expression_types(s->match.lhs, p->out->arena), { 0 } };
	const struct ast_value *rhs = s->match.rhs;

	put_expression(p, s->match.lhs);
	buf_putc(p->out, ' ');
	p->flags = flags_style(s, &types);
	if (rhs->kind == VALUE_MASKED && is_one_bit(rhs->right)) {
		buf_puts(p->out, "& ");
		put_one_masked(p, s, &types);
		return;
	}
	put_op(p, s, &types);
	put_value(p, rhs, &types);
}

static void put_vmap(struct printer *p, const struct ast_stmt *s)
{
	struct value_types types = { expression_types(s->vmap.key, p->out->arena), { 0 } };

	put_expression(p, s->vmap.key);
	buf_puts(p->out, " vmap ");
	put_value(p, s->vmap.map, &types);
}

/* ---- what is counted ---- */

static void put_object_name(struct printer *p, const char *name, const struct ast_value *variable)
{
	buf_puts(p->out, " name ");
	if (name)
		put_string(p->out, name);
	else
		buf_printf(p->out, "$%s", variable->text);
}

static bool counter_values(struct printer *p, const struct ast_rule *rule, const struct ast_stmt *s, uint64_t *packets,
			   uint64_t *bytes)
{
	if (p->counter)
		return p->counter(p->ctx, rule, p->n_counters++, packets, bytes);
	*packets = s->counter.packets;
	*bytes = s->counter.bytes;
	return s->counter.has_values;
}

static void put_counter(struct printer *p, const struct ast_rule *rule, const struct ast_stmt *s)
{
	uint64_t packets, bytes;

	buf_puts(p->out, "counter");
	if (s->counter.name || s->counter.variable)
		put_object_name(p, s->counter.name, s->counter.variable);
	else if (counter_values(p, rule, s, &packets, &bytes))
		buf_printf(p->out, " packets %" PRIu64 " bytes %" PRIu64, packets, bytes);
}

/* In the largest unit that it is a multiple of. */
static void put_bytes(struct buf *out, uint64_t n)
{
	static const char *const units[] = { "bytes", "kbytes", "mbytes" };
	unsigned int unit = 0;

	for (; unit < 2 && n && n % 1024 == 0; unit++)
		n /= 1024;
	buf_printf(out, "%" PRIu64 " %s", n, units[unit]);
}

void put_limit(struct buf *out, const struct ast_limit *limit)
{
	buf_puts(out, limit->over ? "rate over " : "rate ");
	if (limit->bytes)
		put_bytes(out, limit->rate);
	else
		buf_printf(out, "%" PRIu64, limit->rate);
	buf_printf(out, "/%s", ast_rate_unit_name(limit->unit));
	if (limit->bytes && limit->burst) {
		buf_puts(out, " burst ");
		put_bytes(out, limit->burst);
	} else if (!limit->bytes && limit->burst != 5) {
		buf_printf(out, " burst %" PRIu64 " packets", limit->burst);
	}
}

static void put_limit_statement(struct printer *p, const struct ast_stmt *s)
{
	buf_puts(p->out, "limit");
	if (s->limit.name || s->limit.variable) {
		put_object_name(p, s->limit.name, s->limit.variable);
		return;
	}
	buf_putc(p->out, ' ');
	put_limit(p->out, &s->limit.limit);
}

/* ---- log ---- */

static void put_log_flags(struct buf *out, unsigned int flags)
{
	static const struct {
		unsigned int flags;
		const char *text;
	} texts[] = {
		{ LOG_TCP_SEQUENCE | LOG_TCP_OPTIONS, "tcp sequence,options" },
		{ LOG_TCP_SEQUENCE, "tcp sequence" },
		{ LOG_TCP_OPTIONS, "tcp options" },
		{ LOG_IP_OPTIONS, "ip options" },
		{ LOG_SKUID, "skuid" },
		{ LOG_ETHER, "ether" },
	};

	if (flags == (LOG_TCP_SEQUENCE | LOG_TCP_OPTIONS | LOG_IP_OPTIONS | LOG_SKUID | LOG_ETHER)) {
		buf_puts(out, " flags all");
		return;
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if ((flags & texts[i].flags) != texts[i].flags)
			continue;
		buf_printf(out, " flags %s", texts[i].text);
		flags &= ~texts[i].flags;
	}
}

static void put_log(struct printer *p, const struct ast_stmt *s)
{
	buf_puts(p->out, "log");
	if (s->log.prefix) {
		buf_puts(p->out, " prefix ");
		put_string(p->out, s->log.prefix);
	}
	if (s->log.has_group) {
		buf_printf(p->out, " group %" PRIu32, s->log.group);
		if (s->log.has_snaplen)
			buf_printf(p->out, " snaplen %" PRIu32, s->log.snaplen);
		if (s->log.has_queue_threshold)
			buf_printf(p->out, " queue-threshold %" PRIu32, s->log.queue_threshold);
	}
	if (s->log.has_level && s->log.level != LOG_LEVEL_WARN)
		buf_printf(p->out, " level %s", ast_log_level_name(s->log.level));
	put_log_flags(p->out, s->log.flags);
}

/* ---- what is done with the packet ---- */

static void put_set_statement(struct printer *p, const struct ast_stmt *s)
{
	struct ast_datatype of_field = ast_field_datatype(s->set.field);
	struct value_types types = { { 1, &of_field }, { 0 } };

	buf_printf(p->out, "%s set ", ast_field_name(s->set.field));
	p->flags = FLAGS_OR;
	put_value(p, s->set.value, &types);
}

/* What nft means by "reject", and shows as it: ports are unreachable. */
static bool is_plain_reject(enum ast_family table, const struct ast_stmt *s)
{
	enum ast_reject plain = table == AST_IP ? REJECT_ICMP : table == AST_IP6 ? REJECT_ICMPV6 : REJECT_ICMPX;
	enum { ICMP_PORT = 3, ICMPV6_PORT = 4, ICMPX_PORT = 1 };
	uint64_t port = table == AST_IP ? ICMP_PORT : table == AST_IP6 ? ICMPV6_PORT : ICMPX_PORT;

	if (s->reject.with != plain)
		return s->reject.with == REJECT_DEFAULT;
	return !s->reject.code || (s->reject.code->kind == VALUE_NUMBER && s->reject.code->number == port);
}

static void put_reject(struct printer *p, const struct ast_stmt *s)
{
	static const struct {
		const char *name;
		enum ast_type type;
	} kinds[] = {
		[REJECT_ICMP] = { "icmp", TYPE_ICMP_CODE },
		[REJECT_ICMPV6] = { "icmpv6", TYPE_ICMPV6_CODE },
		[REJECT_ICMPX] = { "icmpx", TYPE_ICMPX_CODE },
	};
	struct ast_datatype code = { .field = FIELD_NONE, .bits = 8 };
	struct value_types types = { { 1, &code }, { 0 } };

	buf_puts(p->out, "reject");
	if (is_plain_reject(p->family, s))
		return;
	if (s->reject.with == REJECT_TCP_RESET) {
		buf_puts(p->out, " with tcp reset");
		return;
	}
	buf_printf(p->out, " with %s", kinds[s->reject.with].name);
	code.type = kinds[s->reject.with].type;
	if (s->reject.code) {
		buf_putc(p->out, ' ');
		put_value(p, s->reject.code, &types);
	}
}

static void put_tproxy_address(struct printer *p, const struct ast_stmt *s)
{
	const struct ast_value *addr = s->tproxy.addr;
	bool v6 = s->tproxy.family == AF_INET6 || p->family == AST_IP6;
	const struct ast_datatype parts[] = {
		{ v6 ? TYPE_ADDR6 : TYPE_ADDR4, v6 ? 128 : 32, FIELD_NONE },
		{ TYPE_PORT, 16, FIELD_NONE },
	};
	struct value_types types = { { s->tproxy.port ? 1 : 2, parts }, { 0 } };
	bool brackets = addr->kind == VALUE_ADDR6;

	if (brackets)
		buf_putc(p->out, '[');
	put_value(p, addr, &types);
	if (brackets)
		buf_putc(p->out, ']');
}

/* In tables of one family nft leaves the family out. */
static void put_tproxy(struct printer *p, const struct ast_stmt *s)
{
	static const struct ast_datatype port = { TYPE_PORT, 16, FIELD_NONE };
	static const struct value_types types = { { 1, &port }, { 0 } };

	buf_puts(p->out, "tproxy ");
	if (s->tproxy.family && (p->family == AST_INET || p->family == AST_NETDEV))
		buf_puts(p->out, s->tproxy.family == AF_INET ? "ip " : "ip6 ");
	buf_puts(p->out, "to ");
	if (s->tproxy.addr)
		put_tproxy_address(p, s);
	if (s->tproxy.port) {
		buf_putc(p->out, ':');
		put_value(p, s->tproxy.port, &types);
	}
}

static void put_verdict(struct printer *p, const struct ast_stmt *s)
{
	/* Chains may have been renamed. */
	const char *chain = s->verdict.target ? s->verdict.target->name : s->verdict.chain;

	buf_puts(p->out, ast_verdict_name(s->verdict.verdict));
	if (chain) {
		buf_putc(p->out, ' ');
		ast_put_name(chain, p->out);
	} else if (s->verdict.variable) {
		buf_printf(p->out, " $%s", s->verdict.variable->text);
	}
}

/* ---- zfwc's own ---- */

static void put_ssh_local(struct printer *p, const struct ast_stmt *s)
{
	static const struct ast_datatype port = { TYPE_PORT, 16, FIELD_NONE };
	static const struct value_types types = { { 1, &port }, { 0 } };

	buf_puts(p->out, "ssh-local");
	if (s->ssh_local.ports) {
		buf_puts(p->out, " port ");
		put_value(p, s->ssh_local.ports, &types);
	}
}

static void put_dhcp(struct printer *p, const struct ast_stmt *s)
{
	static const char *const roles[] = {
		[DHCP_CLIENT] = "client",
		[DHCP_SERVER] = "server",
		[DHCP_RELAY] = "relay",
	};

	buf_puts(p->out, "dhcp");
	if (s->dhcp.has_role)
		buf_printf(p->out, " %s", roles[s->dhcp.role]);
}

/* ---- rules ---- */

void put_statement(struct printer *p, const struct ast_rule *rule, const struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH:
		put_match(p, s);
		break;
	case STMT_VMAP:
		put_vmap(p, s);
		break;
	case STMT_COUNTER:
		put_counter(p, rule, s);
		break;
	case STMT_LIMIT:
		put_limit_statement(p, s);
		break;
	case STMT_LOG:
		put_log(p, s);
		break;
	case STMT_SET:
		put_set_statement(p, s);
		break;
	case STMT_REJECT:
		put_reject(p, s);
		break;
	case STMT_VERDICT:
		put_verdict(p, s);
		break;
	case STMT_TPROXY:
		put_tproxy(p, s);
		break;
	case STMT_SSH_LOCAL:
		put_ssh_local(p, s);
		break;
	case STMT_DHCP:
		put_dhcp(p, s);
		break;
	}
}

void put_rule(struct printer *p, const struct ast_rule *rule)
{
	const char *between = "";

	p->n_counters = 0;
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		if (s->implied)
			continue;
		buf_puts(p->out, between);
		put_statement(p, rule, s);
		between = " ";
	}
	if (rule->comment) {
		buf_puts(p->out, " comment ");
		put_string(p->out, rule->comment);
	}
}
