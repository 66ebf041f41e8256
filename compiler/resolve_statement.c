/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_statement.c - verdict maps, marks, rejects, logs, limits, counters. */
#include <compiler/resolve_rule.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/value.h>

#define MAX_LOG_PREFIX	       127 /* NF_LOG_PREFIXLEN of the kernel, less the end */
#define ICMPX_PORT_UNREACHABLE 1   /* what 'reject' alone means to several families */

/* ---- vmap ---- */

int resolve_vmap(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	struct ast_value map = { .span = s->span, .kind = VALUE_MAP };
	struct ast_datatypes verdicts = { 0 };

	map.left = s->vmap.key;
	map.right = s->vmap.map;
	if (!resolve_map(r, c, &map, &verdicts))
		return -1;
	s->vmap.key = map.left;
	s->vmap.map = map.right;
	return 0;
}

/* ---- meta mark set ---- */

static bool fits(struct ast_datatype wanted, struct ast_datatype is)
{
	return datatype_same(wanted, is) || (is.type == TYPE_INTEGER && is.bits == wanted.bits);
}

/* Innermost of an expression. */
static const struct ast_value *root_of(const struct ast_value *v)
{
	while (v->kind == VALUE_BINARY)
		v = v->left;
	return v;
}

static bool has_shift(const struct ast_value *v)
{
	for (; v->kind == VALUE_BINARY; v = v->left)
		if (v->op == BINARY_LSHIFT || v->op == BINARY_RSHIFT)
			return true;
	return false;
}

/* Folds what stands within and without the shifts. */
static struct ast_value *bind_shifted(struct resolve *r, struct context *c, struct ast_value *v)
{
	struct ast_datatype count = { .type = TYPE_INTEGER, .bits = 8, .field = FIELD_NONE };
	struct ast_datatypes types;

	if (!has_shift(v))
		return resolve_looked_at(r, c, v, &types);
	v->left = bind_shifted(r, c, v->left);
	if (!v->left)
		return NULL;
	if (v->op == BINARY_LSHIFT || v->op == BINARY_RSHIFT) {
		v->right = resolve_constant(r, v->right, count);
	} else {
		v->right = resolve_constant(r, v->right, ast_field_datatype(root_of(v)->field));
	}
	return v->right ? v : NULL;
}

static struct ast_value *bind_computed(struct resolve *r, struct context *c, struct ast_value *v, struct ast_datatype t)
{
	struct ast_datatype is;

	v = bind_shifted(r, c, v);
	if (!v)
		return NULL;
	is = ast_field_datatype(root_of(v)->field);
	if (fits(t, is))
		return v;
	diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected %s, '%s' is %s", ast_type_what(t.type),
		   ast_field_name(is.field), ast_type_what(is.type));
	return NULL;
}

static struct ast_value *bind_new_value(struct resolve *r, struct context *c, struct ast_value *v,
					struct ast_datatype t)
{
	struct ast_datatypes data = { 1, &t };

	if (v->kind == VALUE_MAP)
		return resolve_map(r, c, v, &data);
	if (v->kind == VALUE_FIELD || (v->kind == VALUE_BINARY && root_of(v)->kind == VALUE_FIELD))
		return bind_computed(r, c, v, t);
	v = resolve_constant(r, v, t);
	if (!v || value_is_single(v))
		return v;
	diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected one value, this is %s", value_describe(v));
	return NULL;
}

int resolve_meta_set(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	s->set.value = bind_new_value(r, c, s->set.value, ast_field_datatype(s->set.field));
	return s->set.value ? 0 : -1;
}

/* ---- reject ---- */

static const struct {
	enum ast_type type;
	uint64_t largest;
	int net;
} rejects[] = {
	[REJECT_ICMP] = { TYPE_ICMP_CODE, 255, AF_INET },
	[REJECT_ICMPV6] = { TYPE_ICMPV6_CODE, 255, AF_INET6 },
	[REJECT_ICMPX] = { TYPE_ICMPX_CODE, 3, 0 },
};

static int bind_reset(struct resolve *r, const struct context *c, const struct ast_stmt *s)
{
	bool other = c->l4 >= 0 && c->l4 != IPPROTO_TCP;

	for (const struct ast_value *v = c->l4s; v; v = v->next)
		other |= v->kind == VALUE_NUMBER && v->number != IPPROTO_TCP;
	if (!other)
		return 0;
	diag_error(r->d, DIAG_CONFLICTING_PROTOCOLS, s->span, "only TCP connections can be reset");
	diag_note(r->d, c->l4_span, "another protocol is required here");
	return -1;
}

static int table_net(const struct resolve *r)
{
	enum ast_family family = r->table->table->family;

	return family == AST_IP ? AF_INET : family == AST_IP6 ? AF_INET6 : 0;
}

static int check_reject_net(struct resolve *r, const struct context *c, const struct ast_stmt *s)
{
	int net = rejects[s->reject.with].net, table = table_net(r), is = table ? table : c->net;

	if (!net && table) {
		diag_error(r->d, DIAG_BAD_STATEMENT, s->span,
			   "'icmpx' is for tables of several families, this one has family '%s'",
			   ast_family_name(r->table->table->family));
		diag_note(r->d, s->span, "write 'reject with %s ...'", table == AF_INET ? "icmp" : "icmpv6");
		return -1;
	}
	if (!net || !is || net == is)
		return 0;
	return context_conflict(r, s->span, c->net_span, context_net_name(is), context_net_name(net));
}

static int bind_reject_code(struct resolve *r, struct ast_stmt *s)
{
	struct ast_datatype t = { .type = rejects[s->reject.with].type, .bits = 8, .field = FIELD_NONE };
	uint64_t largest = rejects[s->reject.with].largest;

	if (!s->reject.code)
		return diag_error(r->d, DIAG_INCOMPLETE, s->span, "expected an ICMP code, such as 'port-unreachable'");
	s->reject.code = resolve_constant(r, s->reject.code, t);
	if (!s->reject.code)
		return -1;
	if (s->reject.code->kind == VALUE_NUMBER && s->reject.code->number <= largest)
		return 0;
	return diag_error(r->d, DIAG_OUT_OF_RANGE, s->reject.code->span, "expected an ICMP code of 0-%llu",
			  (unsigned long long)largest);
}

int resolve_reject(struct resolve *r, struct context *c, struct ast_stmt *s)
{
	if (s->reject.with == REJECT_TCP_RESET)
		return bind_reset(r, c, s);
	if (s->reject.with == REJECT_DEFAULT)
		return 0;
	if (check_reject_net(r, c, s) || bind_reject_code(r, s))
		return -1;
	if (s->reject.with == REJECT_ICMPX && s->reject.code->number == ICMPX_PORT_UNREACHABLE) {
		s->reject.with = REJECT_DEFAULT;
		s->reject.code = NULL;
	}
	return 0;
}

/* ---- log ---- */

static int check_log(struct resolve *r, const struct ast_stmt *s)
{
	bool others = s->log.prefix || s->log.has_group || s->log.has_snaplen || s->log.has_queue_threshold ||
		      s->log.flags;

	if (s->log.has_level && s->log.level == LOG_LEVEL_AUDIT && others)
		return diag_error(r->d, DIAG_BAD_STATEMENT, s->span, "'log level audit' takes nothing else");
	if (s->log.has_group && s->log.has_level)
		return diag_error(
			r->d, DIAG_BAD_STATEMENT, s->span,
			"a level is for the kernel's log, a group for programs: only one of them can be given");
	if (s->log.has_group && s->log.flags)
		return diag_error(r->d, DIAG_BAD_STATEMENT, s->span,
				  "flags are for the kernel's log, a group for programs: only one of them can be given");
	if (!s->log.has_group && (s->log.has_snaplen || s->log.has_queue_threshold))
		return diag_error(r->d, DIAG_BAD_STATEMENT, s->span, "'%s' goes with 'group'",
				  s->log.has_snaplen ? "snaplen" : "queue-threshold");
	if (s->log.group > UINT16_MAX)
		return diag_error(r->d, DIAG_OUT_OF_RANGE, s->span, "log group %u is out of range 0-%u", s->log.group,
				  UINT16_MAX);
	if (s->log.queue_threshold > UINT16_MAX)
		return diag_error(r->d, DIAG_OUT_OF_RANGE, s->span, "queue threshold %u is out of range 0-%u",
				  s->log.queue_threshold, UINT16_MAX);
	return 0;
}

int resolve_log(struct resolve *r, struct ast_stmt *s)
{
	if (s->log.prefix) {
		s->log.prefix = resolve_string(r, s->log.prefix, s->span, s->log.order);
		if (!s->log.prefix)
			return -1;
		if (strlen(s->log.prefix) > MAX_LOG_PREFIX)
			return diag_error(r->d, DIAG_TOO_LONG, s->span,
					  "log prefix of %zu bytes is too long, at most %d are allowed",
					  strlen(s->log.prefix), MAX_LOG_PREFIX);
	}
	if (check_log(r, s))
		return -1;
	if (s->log.level == LOG_LEVEL_WARN) /* nft's default, which it doesn't show */
		s->log.has_level = false;
	if (!s->log.queue_threshold) /* likewise */
		s->log.has_queue_threshold = false;
	return 0;
}

/* ---- limits and counters ---- */

/* Programs name objects by variables too. */
static const char *object_name(struct resolve *r, const char *name, const struct ast_value *variable)
{
	return variable ? resolve_text(r, variable, "the name of a counter or limit") : name;
}

int resolve_check_limit(struct resolve *r, const struct ast_limit *l, struct span at)
{
	if (!l->rate)
		return diag_error(r->d, DIAG_OUT_OF_RANGE, at, "a rate must be at least 1");
	if (!l->bytes && !l->burst)
		return diag_error(r->d, DIAG_OUT_OF_RANGE, at, "a burst must be at least 1 packet");
	if (l->burst > UINT32_MAX)
		return diag_error(r->d, DIAG_OUT_OF_RANGE, at, "a burst is at most %u", UINT32_MAX);
	if (l->rate + l->burst < l->rate)
		return diag_error(r->d, DIAG_OUT_OF_RANGE, at, "the rate is too high");
	return 0;
}

int resolve_limit(struct resolve *r, struct ast_stmt *s)
{
	struct known_object *known;

	if (!s->limit.name && !s->limit.variable)
		return resolve_check_limit(r, &s->limit.limit, s->span);
	s->limit.name = object_name(r, s->limit.name, s->limit.variable);
	known = s->limit.name ? resolve_need_object(r, OBJECT_LIMIT, s->limit.name, s->limit.name_span) : NULL;
	if (!known)
		return -1;
	s->limit.object = known->object;
	known->object->used = true;
	return 0;
}

int resolve_counter(struct resolve *r, struct ast_stmt *s)
{
	struct known_object *known;

	if (!s->counter.name && !s->counter.variable)
		return 0;
	s->counter.name = object_name(r, s->counter.name, s->counter.variable);
	known = s->counter.name ? resolve_need_object(r, OBJECT_COUNTER, s->counter.name, s->counter.name_span) : NULL;
	if (!known)
		return -1;
	s->counter.object = known->object;
	known->object->used = true;
	return 0;
}
