/* SPDX-License-Identifier: GPL-2.0-only */
/* json_write_stmt.c - statements as JSON. */
#include <compiler/json_write_internal.h>

#include <sys/socket.h>

/* ---- matches ---- */

static bool is_flags(const struct value_types *types)
{
	return types->key.n == 1 && ast_type_kind(types->key.part->type) == KIND_FLAGS;
}

/* "in" is "any of these bits". */
static const char *op_name(const struct ast_stmt *s, const struct value_types *types)
{
	if (s->match.op == OP_IMPLICIT && is_flags(types) && s->match.lhs->kind == VALUE_FIELD &&
	    s->match.rhs->kind == VALUE_NUMBER)
		return "in";
	return s->match.op == OP_IMPLICIT ? "==" : ast_op_name(s->match.op);
}

/* Of what is compared as a whole, nft 1.0.6 shows the TCP flags as a number. */
static enum json_flags flags_style(const struct ast_stmt *s, const struct value_types *types)
{
	if (!is_flags(types) || s->match.lhs->kind != VALUE_FIELD)
		return JSON_FLAGS_OR;
	if (s->match.rhs->kind == VALUE_MASKED || s->match.op == OP_IMPLICIT || s->match.op == OP_NOT)
		return JSON_FLAGS_LIST;
	return types->key.part->type == TYPE_TCP_FLAG ? JSON_FLAGS_NUMBER : JSON_FLAGS_OR;
}

/* {"&": [lhs, mask]} */
static void put_masked_lhs(struct json_writer *w, const struct ast_stmt *s, const struct value_types *types)
{
	jput_open(&w->json, '{');
	jput_key(&w->json, ast_binary_name(BINARY_AND));
	jput_open(&w->json, '[');
	json_put_value(w, s->match.lhs, types);
	json_put_value(w, s->match.rhs->right, types);
	jput_close(&w->json, ']');
	jput_close(&w->json, '}');
}

static void put_match(struct json_writer *w, const struct ast_stmt *s)
{
	struct value_types types = { expression_types(s->match.lhs, w->arena), { 0 } };
	bool masked = s->match.rhs->kind == VALUE_MASKED;

	w->flags = flags_style(s, &types);
	jput_open(&w->json, '{');
	jput_text_member(&w->json, "op", op_name(s, &types));
	jput_key(&w->json, "left");
	if (masked)
		put_masked_lhs(w, s, &types);
	else
		json_put_value(w, s->match.lhs, &types);
	jput_key(&w->json, "right");
	json_put_value(w, masked ? s->match.rhs->left : s->match.rhs, &types);
	jput_close(&w->json, '}');
}

static void put_vmap(struct json_writer *w, const struct ast_stmt *s)
{
	struct value_types types = { expression_types(s->vmap.key, w->arena), { 0 } };

	jput_open(&w->json, '{');
	jput_key(&w->json, "key");
	json_put_value(w, s->vmap.key, &types);
	jput_key(&w->json, "data");
	json_put_value(w, s->vmap.map, &types);
	jput_close(&w->json, '}');
}

/* ---- what is counted ---- */

static bool counter_values(struct json_writer *w, const struct ast_rule *rule, const struct ast_stmt *s,
			   uint64_t *packets, uint64_t *bytes)
{
	const struct listing_options *o = w->options;

	if (o)
		return o->counter && o->counter(o->ctx, rule, w->n_counters++, packets, bytes);
	*packets = s->counter.packets;
	*bytes = s->counter.bytes;
	return s->counter.has_values;
}

static void put_counter(struct json_writer *w, const struct ast_rule *rule, const struct ast_stmt *s)
{
	uint64_t packets, bytes;

	if (s->counter.name) {
		jput_text(&w->json, s->counter.name);
	} else if (counter_values(w, rule, s, &packets, &bytes)) {
		jput_open(&w->json, '{');
		jput_number_member(&w->json, "packets", packets);
		jput_number_member(&w->json, "bytes", bytes);
		jput_close(&w->json, '}');
	} else {
		jput_word(&w->json, "null");
	}
}

/* In the largest unit that it is a multiple of. */
static uint64_t in_unit(uint64_t bytes, const char **unit)
{
	static const char *const units[] = { "bytes", "kbytes", "mbytes" };
	unsigned int n = 0;

	for (; n < 2 && bytes && bytes % 1024 == 0; n++)
		bytes /= 1024;
	*unit = units[n];
	return bytes;
}

void json_put_limit(struct json_writer *w, const struct ast_limit *limit, bool always_burst)
{
	const char *rate_unit = NULL, *burst_unit = NULL;
	uint64_t rate = limit->rate, burst = limit->burst;

	if (limit->bytes) {
		rate = in_unit(rate, &rate_unit);
		burst = in_unit(burst, &burst_unit);
	}
	jput_number_member(&w->json, "rate", rate);
	if (burst || always_burst)
		jput_number_member(&w->json, "burst", burst);
	jput_text_member(&w->json, "per", ast_rate_unit_name(limit->unit));
	if (limit->over)
		jput_true_member(&w->json, "inv");
	if (!limit->bytes)
		return;
	jput_text_member(&w->json, "rate_unit", rate_unit);
	if (burst || always_burst)
		jput_text_member(&w->json, "burst_unit", burst_unit);
}

static void put_limit_statement(struct json_writer *w, const struct ast_stmt *s)
{
	if (s->limit.name) {
		jput_text(&w->json, s->limit.name);
		return;
	}
	jput_open(&w->json, '{');
	json_put_limit(w, &s->limit.limit, true);
	jput_close(&w->json, '}');
}

/* ---- log ---- */

#define ALL_FLAGS (LOG_TCP_SEQUENCE | LOG_TCP_OPTIONS | LOG_IP_OPTIONS | LOG_SKUID | LOG_ETHER)

static void put_log_flags(struct json_writer *w, unsigned int flags)
{
	static const char *const names[] = { "tcp sequence", "tcp options", "ip options", "skuid", "ether" };
	bool several = flags & (flags - 1);

	jput_key(&w->json, "flags");
	if (flags == ALL_FLAGS) {
		jput_text(&w->json, "all");
		return;
	}
	if (several)
		jput_open(&w->json, '[');
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & (1u << i))
			jput_text(&w->json, names[i]);
	if (several)
		jput_close(&w->json, ']');
}

static void put_log(struct json_writer *w, const struct ast_stmt *s)
{
	bool level = s->log.has_level && s->log.level != LOG_LEVEL_WARN;

	if (!s->log.prefix && !s->log.has_group && !level && !s->log.flags) {
		jput_word(&w->json, "null");
		return;
	}
	jput_open(&w->json, '{');
	if (s->log.prefix)
		jput_text_member(&w->json, "prefix", s->log.prefix);
	if (s->log.has_group)
		jput_number_member(&w->json, "group", s->log.group);
	if (s->log.has_snaplen)
		jput_number_member(&w->json, "snaplen", s->log.snaplen);
	if (s->log.has_queue_threshold)
		jput_number_member(&w->json, "queue-threshold", s->log.queue_threshold);
	if (level)
		jput_text_member(&w->json, "level", ast_log_level_name(s->log.level));
	if (s->log.flags)
		put_log_flags(w, s->log.flags);
	jput_close(&w->json, '}');
}

/* ---- what is done with the packet ---- */

static void put_mangle(struct json_writer *w, const struct ast_stmt *s)
{
	struct ast_value field = { .kind = VALUE_FIELD, .field = s->set.field };
	struct value_types types = { expression_types(&field, w->arena), { 0 } };

	w->flags = JSON_FLAGS_OR;
	jput_open(&w->json, '{');
	jput_key(&w->json, "key");
	json_put_value(w, &field, &types);
	jput_key(&w->json, "value");
	json_put_value(w, s->set.value, &types);
	jput_close(&w->json, '}');
}

/* What a plain "reject" is in a table of this family. */
static enum ast_reject plain_reject(enum ast_family family)
{
	return family == AST_IP ? REJECT_ICMP : family == AST_IP6 ? REJECT_ICMPV6 : REJECT_ICMPX;
}

static void put_reject(struct json_writer *w, const struct ast_stmt *s)
{
	static const struct {
		const char *name;
		enum ast_type type;
	} kinds[] = {
		[REJECT_TCP_RESET] = { "tcp reset", TYPE_NONE },
		[REJECT_ICMP] = { "icmp", TYPE_ICMP_CODE },
		[REJECT_ICMPV6] = { "icmpv6", TYPE_ICMPV6_CODE },
		[REJECT_ICMPX] = { "icmpx", TYPE_ICMPX_CODE },
	};
	enum ast_reject with = s->reject.with == REJECT_DEFAULT ? plain_reject(w->family) : s->reject.with;
	struct ast_datatype code = { .type = kinds[with].type, .bits = 8, .field = FIELD_NONE };
	struct value_types types = { { 1, &code }, { 0 } };

	jput_open(&w->json, '{');
	jput_text_member(&w->json, "type", kinds[with].name);
	if (s->reject.code) {
		jput_key(&w->json, "expr");
		json_put_value(w, s->reject.code, &types);
	} else if (with != REJECT_TCP_RESET) {
		jput_text_member(&w->json, "expr", "port-unreachable");
	}
	jput_close(&w->json, '}');
}

/* In tables of one family nft leaves the family out. */
static void put_tproxy(struct json_writer *w, const struct ast_stmt *s)
{
	bool v6 = s->tproxy.family == AF_INET6 || w->family == AST_IP6;
	const struct ast_datatype parts[] = {
		{ v6 ? TYPE_ADDR6 : TYPE_ADDR4, v6 ? 128 : 32, FIELD_NONE },
		{ TYPE_PORT, 16, FIELD_NONE },
	};
	struct value_types addr = { { s->tproxy.port ? 1 : 2, parts }, { 0 } }, port = { { 1, &parts[1] }, { 0 } };

	jput_open(&w->json, '{');
	if (s->tproxy.family && (w->family == AST_INET || w->family == AST_NETDEV))
		jput_text_member(&w->json, "family", v6 ? "ip6" : "ip");
	if (s->tproxy.addr) {
		jput_key(&w->json, "addr");
		json_put_value(w, s->tproxy.addr, &addr);
	}
	if (s->tproxy.port) {
		jput_key(&w->json, "port");
		json_put_value(w, s->tproxy.port, &port);
	}
	jput_close(&w->json, '}');
}

/* ---- zfwc's own ---- */

static void put_ssh_local(struct json_writer *w, const struct ast_stmt *s)
{
	static const struct ast_datatype port = { TYPE_PORT, 16, FIELD_NONE };
	static const struct value_types types = { { 1, &port }, { 0 } };

	if (!s->ssh_local.ports) {
		jput_word(&w->json, "null");
		return;
	}
	jput_open(&w->json, '{');
	jput_key(&w->json, "port");
	json_put_value(w, s->ssh_local.ports, &types);
	jput_close(&w->json, '}');
}

static void put_dhcp(struct json_writer *w, const struct ast_stmt *s)
{
	static const char *const roles[] = {
		[DHCP_CLIENT] = "client",
		[DHCP_SERVER] = "server",
		[DHCP_RELAY] = "relay",
	};

	if (!s->dhcp.has_role) {
		jput_word(&w->json, "null");
		return;
	}
	jput_open(&w->json, '{');
	jput_text_member(&w->json, "role", roles[s->dhcp.role]);
	jput_close(&w->json, '}');
}

/* ---- any ---- */

static const char *statement_key(enum ast_stmt_kind kind)
{
	static const char *const keys[] = {
		[STMT_MATCH] = "match",	  [STMT_VMAP] = "vmap",	    [STMT_COUNTER] = "counter",
		[STMT_LIMIT] = "limit",	  [STMT_LOG] = "log",	    [STMT_SET] = "mangle",
		[STMT_REJECT] = "reject", [STMT_TPROXY] = "tproxy", [STMT_SSH_LOCAL] = "ssh-local",
		[STMT_DHCP] = "dhcp",
	};

	return keys[kind];
}

static void put_body(struct json_writer *w, const struct ast_rule *rule, const struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH:
		put_match(w, s);
		break;
	case STMT_VMAP:
		put_vmap(w, s);
		break;
	case STMT_COUNTER:
		put_counter(w, rule, s);
		break;
	case STMT_LIMIT:
		put_limit_statement(w, s);
		break;
	case STMT_LOG:
		put_log(w, s);
		break;
	case STMT_SET:
		put_mangle(w, s);
		break;
	case STMT_REJECT:
		put_reject(w, s);
		break;
	case STMT_TPROXY:
		put_tproxy(w, s);
		break;
	case STMT_SSH_LOCAL:
		put_ssh_local(w, s);
		break;
	case STMT_DHCP:
		put_dhcp(w, s);
		break;
	case STMT_VERDICT: /* has no key of its own */
		break;
	}
}

void json_put_statement(struct json_writer *w, const struct ast_rule *rule, const struct ast_stmt *s)
{
	if (s->kind == STMT_VERDICT) {
		json_put_verdict(w, s->verdict.verdict, s->verdict.target ? s->verdict.target->name : NULL);
		return;
	}
	jput_open(&w->json, '{');
	jput_key(&w->json, statement_key(s->kind));
	put_body(w, rule, s);
	jput_close(&w->json, '}');
}
