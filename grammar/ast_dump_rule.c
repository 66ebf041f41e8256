/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/ast_dump.h>

#include <inttypes.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

static void dump_tproxy(struct dump *d, const struct ast_stmt *s)
{
	const char *family = s->tproxy.family == AF_INET ? " ip" : s->tproxy.family == AF_INET6 ? " ip6" : "";

	dump_node(d, s->span, "tproxy%s", family);
	d->depth++;
	dump_part(d, "to", s->tproxy.addr);
	dump_part(d, "port", s->tproxy.port);
	d->depth--;
}

static void dump_dhcp(struct dump *d, const struct ast_stmt *s)
{
	static const char *const roles[] = {
		[DHCP_CLIENT] = " client",
		[DHCP_SERVER] = " server",
		[DHCP_RELAY] = " relay",
	};

	dump_node(d, s->span, "dhcp%s", s->dhcp.has_role ? roles[s->dhcp.role] : "");
}

static void dump_match(struct dump *d, const struct ast_stmt *s)
{
	const char *op = ast_op_name(s->match.op);

	dump_node(d, s->span, "match%s%s", *op ? " " : "", op);
	dump_items(d, s->match.lhs);
	dump_items(d, s->match.rhs);
}

/* "counter name x", and what a variable stands for. */
static void dump_named(struct dump *d, const struct ast_stmt *s, const char *what, const char *name,
		       const struct ast_value *variable)
{
	dump_node(d, s->span, "%s name%s%s", what, name ? " " : "", name ? name : "");
	if (variable)
		dump_items(d, variable);
}

static void dump_counter(struct dump *d, const struct ast_stmt *s)
{
	if (s->counter.name || s->counter.variable)
		dump_named(d, s, "counter", s->counter.name, s->counter.variable);
	else if (s->counter.has_values)
		dump_node(d, s->span, "counter packets %" PRIu64 " bytes %" PRIu64, s->counter.packets,
			  s->counter.bytes);
	else
		dump_node(d, s->span, "counter");
}

const char *dump_limit_text(struct dump *d, const struct ast_limit *l)
{
	const char *unit = l->bytes ? "bytes" : "packets";

	return arena_printf(d->out->arena, "rate%s %" PRIu64 " %s/%s burst %" PRIu64 " %s", l->over ? " over" : "",
			    l->rate, unit, ast_rate_unit_name(l->unit), l->burst, unit);
}

static void dump_limit(struct dump *d, const struct ast_stmt *s)
{
	if (s->limit.name || s->limit.variable)
		dump_named(d, s, "limit", s->limit.name, s->limit.variable);
	else
		dump_node(d, s->span, "limit %s", dump_limit_text(d, &s->limit.limit));
}

static void dump_log(struct dump *d, const struct ast_stmt *s)
{
	struct buf text = { .arena = d->out->arena };

	buf_puts(&text, "log");
	if (s->log.prefix)
		buf_printf(&text, " prefix \"%s\" #%u", s->log.prefix, s->log.order);
	if (s->log.has_level)
		buf_printf(&text, " level %s", ast_log_level_name(s->log.level));
	if (s->log.has_group)
		buf_printf(&text, " group %u", s->log.group);
	if (s->log.has_snaplen)
		buf_printf(&text, " snaplen %u", s->log.snaplen);
	if (s->log.has_queue_threshold)
		buf_printf(&text, " queue-threshold %u", s->log.queue_threshold);
	if (s->log.flags)
		buf_printf(&text, " flags 0x%x", s->log.flags);
	dump_node(d, s->span, "%s", text.text);
}

static void dump_reject(struct dump *d, const struct ast_stmt *s)
{
	static const char *const with[] = {
		[REJECT_DEFAULT] = "",		[REJECT_TCP_RESET] = " with tcp reset",
		[REJECT_ICMP] = " with icmp",	[REJECT_ICMPV6] = " with icmpv6",
		[REJECT_ICMPX] = " with icmpx",
	};

	dump_node(d, s->span, "reject%s", with[s->reject.with]);
	if (s->reject.code)
		dump_items(d, s->reject.code);
}

static void dump_verdict_stmt(struct dump *d, const struct ast_stmt *s)
{
	dump_node(d, s->span, "%s%s%s", ast_verdict_name(s->verdict.verdict), s->verdict.chain ? " " : "",
		  s->verdict.chain ? s->verdict.chain : "");
	if (s->verdict.variable)
		dump_items(d, s->verdict.variable);
}

static void dump_stmt(struct dump *d, const struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH:
		dump_match(d, s);
		break;
	case STMT_VMAP:
		dump_node(d, s->span, "vmap");
		dump_items(d, s->vmap.key);
		dump_items(d, s->vmap.map);
		break;
	case STMT_COUNTER:
		dump_counter(d, s);
		break;
	case STMT_LIMIT:
		dump_limit(d, s);
		break;
	case STMT_LOG:
		dump_log(d, s);
		break;
	case STMT_SET:
		dump_node(d, s->span, "set %s", ast_field_name(s->set.field));
		dump_items(d, s->set.value);
		break;
	case STMT_REJECT:
		dump_reject(d, s);
		break;
	case STMT_VERDICT:
		dump_verdict_stmt(d, s);
		break;
	case STMT_TPROXY:
		dump_tproxy(d, s);
		break;
	case STMT_SSH_LOCAL:
		dump_node(d, s->span, "ssh-local");
		if (s->ssh_local.ports)
			dump_items(d, s->ssh_local.ports);
		break;
	case STMT_DHCP:
		dump_dhcp(d, s);
		break;
	}
}

void dump_rule(struct dump *d, const struct ast_rule *r)
{
	dump_node(d, r->span, "rule");
	d->depth++;
	for (const struct ast_stmt *s = r->stmts; s; s = s->next)
		dump_stmt(d, s);
	if (r->comment)
		dump_node(d, r->comment_span, "comment \"%s\"", r->comment);
	d->depth--;
}
