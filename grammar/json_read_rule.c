/* SPDX-License-Identifier: GPL-2.0-only */
/* json_read_rule.c - statements. */
#include <grammar/json_read.h>

#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>

#define MAX_LOG_PREFIX 127 /* bytes, as nft */

static struct ast_stmt *new_stmt(struct json_reader *r, const struct json_node *n, enum ast_stmt_kind kind)
{
	struct ast_stmt *s = arena_make(r->arena, struct ast_stmt);

	s->span = (struct span){ n->key_span.at, n->span.end };
	s->kind = kind;
	return s;
}

/* ---- matches ---- */

/* Of a field of flags, "==" differs from the operator that isn't written. */
static enum ast_op op_of(enum ast_op op, const struct ast_value *lhs, const struct ast_value *rhs)
{
	bool flags = lhs->kind == VALUE_FIELD && ast_type_kind(ast_field_type(lhs->field)) == KIND_FLAGS;

	if (op == OP_EQ &&
	    (rhs->kind == VALUE_SET || rhs->kind == VALUE_SETREF || (!flags && lhs->kind != VALUE_BINARY)))
		return OP_IMPLICIT;
	return op;
}

static struct ast_stmt *match(struct json_reader *r, const struct json_node *n)
{
	enum { LEFT, RIGHT, OP, N };
	static const char *const keys[] = { "left", "right", "op", NULL };
	static const char *const ops[] = {
		[OP_IMPLICIT] = "in", [OP_EQ] = "==", [OP_NE] = "!=", [OP_LT] = "<", [OP_GT] = ">",
		[OP_LE] = "<=",	      [OP_GE] = ">=", [OP_NOT] = "!", NULL,
	};
	struct ast_stmt *s = new_stmt(r, n, STMT_MATCH);
	const struct json_node *m[N];
	struct json_types types;
	int op;

	if (node_members(r, n, keys, m) || node_need(r, n, m[LEFT], "left") || node_need(r, n, m[RIGHT], "right") ||
	    node_need(r, n, m[OP], "op"))
		return NULL;
	op = node_word(r, m[OP], ops, "operator");
	s->match.lhs = op < 0 ? NULL : json_key(r, m[LEFT]);
	if (!s->match.lhs)
		return NULL;
	types = json_types_of(s->match.lhs);
	s->match.rhs = json_rhs(r, m[RIGHT], &types, op == OP_IMPLICIT || op == OP_NOT);
	if (!s->match.rhs)
		return NULL;
	s->match.field = s->match.lhs->kind == VALUE_FIELD ? s->match.lhs->field : FIELD_NONE;
	s->match.field_span = s->match.lhs->span;
	s->match.op = op_of((enum ast_op)op, s->match.lhs, s->match.rhs);
	return s;
}

static struct ast_stmt *vmap(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "key", "data", NULL };
	struct ast_stmt *s = new_stmt(r, n, STMT_VMAP);
	const struct json_node *m[2];
	struct json_types types;

	if (node_members(r, n, keys, m) || node_need(r, n, m[0], "key") || node_need(r, n, m[1], "data"))
		return NULL;
	s->vmap.key = json_key(r, m[0]);
	if (!s->vmap.key)
		return NULL;
	types = json_types_of(s->vmap.key);
	s->vmap.map = json_map_data(r, m[1], &types);
	return s->vmap.map ? s : NULL;
}

/* ---- counters and limits ---- */

static struct ast_stmt *counter(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "packets", "bytes", NULL };
	struct ast_stmt *s = new_stmt(r, n, STMT_COUNTER);
	const struct json_node *m[2];

	if (n->kind == NODE_NULL)
		return s;
	if (n->kind == NODE_STRING) {
		s->counter.name = node_name(r, n);
		s->counter.name_span = n->span;
		return s->counter.name ? s : NULL;
	}
	if (node_members(r, n, keys, m) || (m[0] && node_number(r, m[0], UINT64_MAX, &s->counter.packets)) ||
	    (m[1] && node_number(r, m[1], UINT64_MAX, &s->counter.bytes)))
		return NULL;
	s->counter.has_values = m[0] || m[1];
	return s;
}

/* Bytes of what 'unit' counts; 'bytes' says whether it isn't packets. */
static int unit_of(struct json_reader *r, const struct json_node *unit, const char *const *units, uint64_t *ret)
{
	static const uint64_t sizes[] = { 1, 1024, 1024 * 1024 };
	int i = unit ? node_word(r, unit, units, "unit") : 0;

	if (i < 0)
		return -1;
	*ret = sizes[i % 3];
	return 0;
}

static int scaled(struct json_reader *r, const struct json_node *n, uint64_t unit, uint64_t *ret)
{
	if (node_number(r, n, UINT64_MAX / unit, ret))
		return -1;
	*ret *= unit;
	return 0;
}

int json_limit(struct json_reader *r, const struct json_node *object, const struct json_node *const *member,
	       struct ast_limit *ret)
{
	enum { RATE, RATE_UNIT, PER, BURST, BURST_UNIT, INV };
	static const char *const rate_units[] = { "bytes", "kbytes", "mbytes", "packets", NULL };
	static const char *const burst_units[] = { "bytes", "kbytes", "mbytes", NULL };
	static const char *const times[] = {
		[RATE_SECOND] = "second", [RATE_MINUTE] = "minute", [RATE_HOUR] = "hour",
		[RATE_DAY] = "day",	  [RATE_WEEK] = "week",	    NULL,
	};
	const struct json_node *unit = member[RATE_UNIT];
	uint64_t size = 1, burst_size = 1;
	int time;

	*ret = (struct ast_limit){ .bytes = unit && unit->kind == NODE_STRING && strcmp(unit->text, "packets") != 0 };
	if (node_need(r, object, member[RATE], "rate") || node_need(r, object, member[PER], "per"))
		return -1;
	time = node_word(r, member[PER], times, "unit of time");
	if (time < 0 || unit_of(r, unit, rate_units, &size) ||
	    (ret->bytes && unit_of(r, member[BURST_UNIT], burst_units, &burst_size)))
		return -1;
	if (!ret->bytes && member[BURST_UNIT])
		return diag_error(r->diag, DIAG_JSON_SHAPE, member[BURST_UNIT]->key_span,
				  "'burst_unit' is for rates of bytes, this one is of packets");
	ret->unit = (enum ast_rate_unit)time;
	if (scaled(r, member[RATE], size, &ret->rate) ||
	    (member[BURST] && scaled(r, member[BURST], burst_size, &ret->burst)) ||
	    (member[INV] && node_truth(r, member[INV], &ret->over)))
		return -1;
	if (!ret->rate)
		return diag_error(r->diag, DIAG_OUT_OF_RANGE, member[RATE]->span, "a rate is at least 1");
	if (ret->burst > UINT32_MAX)
		return diag_error(r->diag, DIAG_OUT_OF_RANGE, member[BURST]->span,
				  "burst is out of range, at most %u are allowed", UINT32_MAX);
	if (!ret->burst && !ret->bytes)
		ret->burst = 5; /* as the kernel */
	return 0;
}

static struct ast_stmt *limit(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { JSON_LIMIT_KEYS, NULL };
	struct ast_stmt *s = new_stmt(r, n, STMT_LIMIT);
	const struct json_node *m[sizeof(keys) / sizeof(*keys)];

	if (n->kind == NODE_STRING) {
		s->limit.name = node_name(r, n);
		s->limit.name_span = n->span;
		return s->limit.name ? s : NULL;
	}
	return node_members(r, n, keys, m) || json_limit(r, n, m, &s->limit.limit) ? NULL : s;
}

/* ---- log, reject, mangle ---- */

static int log_flags(struct json_reader *r, const struct json_node *n, unsigned int *ret)
{
	static const char *const flags[] = {
		"tcp sequence", "tcp options", "ip options", "skuid", "ether", "all", NULL
	};

	for (const struct json_node *i = node_first(n); i; i = node_next(n, i)) {
		int flag = node_word(r, i, flags, "flag of 'log'");

		if (flag < 0)
			return -1;
		*ret |= flags[flag + 1] ? 1u << flag : (1u << flag) - 1;
	}
	return 0;
}

static int log_number(struct json_reader *r, const struct json_node *n, uint32_t max, bool *has, uint32_t *ret)
{
	uint64_t number = 0;

	if (!n)
		return 0;
	if (node_number(r, n, max, &number))
		return -1;
	*has = true;
	*ret = (uint32_t)number;
	return 0;
}

static int log_prefix(struct json_reader *r, const struct json_node *n, const char **ret, struct span *at)
{
	*ret = node_text(r, n);
	*at = n->span;
	if (*ret && strlen(*ret) > MAX_LOG_PREFIX)
		return diag_error(r->diag, DIAG_TOO_LONG, n->span,
				  "log prefix of %zu bytes is too long, at most %d are allowed", strlen(*ret),
				  MAX_LOG_PREFIX);
	return *ret ? 0 : -1;
}

static struct ast_stmt *log_stmt(struct json_reader *r, const struct json_node *n)
{
	enum { PREFIX, LEVEL, FLAGS, GROUP, SNAPLEN, THRESHOLD, N };
	static const char *const keys[] = { "prefix", "level", "flags", "group", "snaplen", "queue-threshold", NULL };
	static const char *const levels[] = {
		[LOG_LEVEL_EMERG] = "emerg", [LOG_LEVEL_ALERT] = "alert",
		[LOG_LEVEL_CRIT] = "crit",   [LOG_LEVEL_ERR] = "err",
		[LOG_LEVEL_WARN] = "warn",   [LOG_LEVEL_NOTICE] = "notice",
		[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
		[LOG_LEVEL_AUDIT] = "audit", NULL,
	};
	struct ast_stmt *s = new_stmt(r, n, STMT_LOG);
	const struct json_node *m[N];
	int level;

	if (n->kind == NODE_NULL)
		return s;
	if (node_members(r, n, keys, m) ||
	    (m[PREFIX] && log_prefix(r, m[PREFIX], &s->log.prefix, &s->log.prefix_span)) ||
	    (m[FLAGS] && log_flags(r, m[FLAGS], &s->log.flags)) ||
	    log_number(r, m[GROUP], UINT16_MAX, &s->log.has_group, &s->log.group) ||
	    log_number(r, m[SNAPLEN], UINT32_MAX, &s->log.has_snaplen, &s->log.snaplen) ||
	    log_number(r, m[THRESHOLD], UINT16_MAX, &s->log.has_queue_threshold, &s->log.queue_threshold))
		return NULL;
	if (!m[LEVEL])
		return s;
	level = node_word(r, m[LEVEL], levels, "log level");
	s->log.has_level = true;
	s->log.level = (enum ast_log_level)level;
	return level < 0 ? NULL : s;
}

static struct ast_stmt *reject(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "type", "expr", NULL };
	static const char *const types[] = { "tcp reset", "icmp", "icmpv6", "icmpx", NULL };
	struct ast_stmt *s = new_stmt(r, n, STMT_REJECT);
	const struct json_node *m[2];
	int type;

	if (n->kind == NODE_NULL)
		return s;
	if (node_members(r, n, keys, m))
		return NULL;
	if (m[1] && node_need(r, n, m[0], "type"))
		return NULL;
	if (!m[0])
		return s;
	type = node_word(r, m[0], types, "type of 'reject'");
	if (type < 0)
		return NULL;
	s->reject.with = (enum ast_reject)(REJECT_TCP_RESET + type);
	if (!type && m[1]) {
		diag_error(r->diag, DIAG_JSON_SHAPE, m[1]->key_span, "a 'tcp reset' has no code");
		return NULL;
	}
	if (m[1])
		s->reject.code = json_constant(r, m[1], NULL);
	return m[1] && !s->reject.code ? NULL : s;
}

static struct ast_stmt *mangle(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "key", "value", NULL };
	struct ast_stmt *s = new_stmt(r, n, STMT_SET);
	const struct json_node *m[2];
	const struct ast_value *key;

	if (node_members(r, n, keys, m) || node_need(r, n, m[0], "key") || node_need(r, n, m[1], "value"))
		return NULL;
	key = json_key(r, m[0]);
	if (!key)
		return NULL;
	if (key->kind != VALUE_FIELD || (key->field != FIELD_META_MARK && key->field != FIELD_META_PRIORITY)) {
		diag_error(r->diag, DIAG_UNSUPPORTED, m[0]->span,
			   "only 'meta mark' and 'meta priority' can be set; keep other changes of packets in nft");
		return NULL;
	}
	s->set.field = key->field;
	s->set.value = json_computed(r, m[1]);
	return s->set.value ? s : NULL;
}

/* ---- tproxy, and what nft hasn't ---- */

static struct ast_stmt *tproxy(struct json_reader *r, const struct json_node *n)
{
	enum { FAMILY, ADDR, PORT, N };
	static const char *const keys[] = { "family", "addr", "port", NULL };
	static const char *const families[] = { "ip", "ip6", NULL };
	struct ast_stmt *s = new_stmt(r, n, STMT_TPROXY);
	const struct json_node *m[N];
	int family;

	if (node_members(r, n, keys, m))
		return NULL;
	if (!m[ADDR] && !m[PORT]) {
		diag_error(r->diag, DIAG_INCOMPLETE, node_place(n), "'tproxy' needs an 'addr', a 'port' or both");
		return NULL;
	}
	if (m[FAMILY]) {
		family = node_word(r, m[FAMILY], families, "family");
		if (family < 0)
			return NULL;
		s->tproxy.family = family ? AF_INET6 : AF_INET;
	}
	if ((m[ADDR] && !(s->tproxy.addr = json_mapped(r, m[ADDR]))) ||
	    (m[PORT] && !(s->tproxy.port = json_mapped(r, m[PORT]))))
		return NULL;
	return s;
}

static struct ast_stmt *ssh_local(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "port", NULL };
	static const struct json_types types = { .n = 1, .v = { TYPE_PORT } };
	struct ast_stmt *s = new_stmt(r, n, STMT_SSH_LOCAL);
	const struct json_node *port;

	if (n->kind == NODE_NULL)
		return s;
	if (node_members(r, n, keys, &port))
		return NULL;
	if (!port)
		return s;
	s->ssh_local.ports = json_rhs(r, port, &types, false);
	return s->ssh_local.ports ? s : NULL;
}

static struct ast_stmt *dhcp(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "role", NULL };
	static const char *const roles[] = {
		[DHCP_CLIENT] = "client",
		[DHCP_SERVER] = "server",
		[DHCP_RELAY] = "relay",
		NULL,
	};
	struct ast_stmt *s = new_stmt(r, n, STMT_DHCP);
	const struct json_node *m;
	int role;

	if (n->kind == NODE_NULL)
		return s;
	if (node_members(r, n, keys, &m) || node_need(r, n, m, "role"))
		return NULL;
	role = node_word(r, m, roles, "role");
	if (role < 0)
		return NULL;
	s->dhcp.has_role = true;
	s->dhcp.role = (enum ast_dhcp_role)role;
	return s;
}

/* ---- */

static struct ast_stmt *verdict_stmt(struct json_reader *r, const struct json_node *n, int verdict)
{
	struct ast_stmt *s = new_stmt(r, n, STMT_VERDICT);

	s->verdict.verdict = (enum ast_verdict)verdict;
	return json_verdict_target(r, n, verdict, &s->verdict.chain, &s->verdict.chain_span) ? NULL : s;
}

static struct ast_stmt *statement(struct json_reader *r, const struct json_node *n)
{
	static const char *const keys[] = { "match",  "vmap",	"counter",   "limit", "log", "reject",
					    "mangle", "tproxy", "ssh-local", "dhcp",  NULL };
	static struct ast_stmt *(*const make[])(struct json_reader * r, const struct json_node *n) = {
		match, vmap, counter, limit, log_stmt, reject, mangle, tproxy, ssh_local, dhcp,
	};
	const struct json_node *m = node_only_member(r, n, "a statement");
	const char *guess;

	if (!m)
		return NULL;
	if (json_verdict_of(m->key) >= 0)
		return verdict_stmt(r, m, json_verdict_of(m->key));
	for (size_t i = 0; keys[i]; i++)
		if (!strcmp(keys[i], m->key))
			return make[i](r, m);
	json_refuse(r, m, m->key, "statement");
	guess = diag_suggest(m->key, keys, sizeof(keys) / sizeof(*keys) - 1);
	if (guess)
		diag_did_you_mean(r->diag, m->key_span, guess, SPAN_NONE);
	return NULL;
}

struct ast_stmt *json_statements(struct json_reader *r, const struct json_node *n)
{
	struct ast_stmt *first = NULL, **end = &first;
	bool bad = false;

	if (n->kind != NODE_ARRAY || !n->items) {
		diag_error(r->diag, DIAG_JSON_SHAPE, node_place(n),
			   "'expr' must be an array of statements, at least one");
		return NULL;
	}
	for (const struct json_node *i = n->items; i; i = i->next) {
		*end = statement(r, i);
		if (*end)
			end = &(*end)->next;
		else
			bad = true;
	}
	return bad ? NULL : first;
}
