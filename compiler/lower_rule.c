/* SPDX-License-Identifier: GPL-2.0-only */
/* lower_rule.c - the statements of a rule, one after the other.
 *
 * What a statement does to the packets that are left, and the ops it adds, see
 * lower_run.h; how a rule ends, see lower_verdict.c. */
#include <compiler/lower_run.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/value.h>

/* ---- matches ---- */

static void exclude(struct run *r, const struct views *views, const struct picks *picks)
{
	struct views *copy = arena_make(r->l->a, struct views);

	run_need_fields(r, views);
	if (r->never)
		return;
	*copy = *views;
	run_exclude(r, copy, picks);
}

/* One box as if it were a set's element. */
static const struct picks *picks_of_values(struct run *r, const struct addr_set *values)
{
	struct picks *picks = arena_make(r->l->a, struct picks);

	if (!values->n)
		return picks;
	picks->n = 1;
	picks->exclusive = true;
	picks->v = arena_make(r->l->a, struct pick);
	picks->v->values = arena_make(r->l->a, const struct addr_set *);
	*picks->v->values = values;
	return picks;
}

static bool is_set(const struct ast_value *v)
{
	return v->kind == VALUE_SET || v->kind == VALUE_SETREF;
}

/* Is it a set of one dimension, without timeouts and counters? */
static bool is_one_box(const struct picks *picks, const struct views *views)
{
	return views->n == 1 && picks->exclusive && picks->n <= 1 && !picks->n_counted &&
	       (!picks->n || (!picks->v->timer && picks->v->values));
}

static void lower_set(struct run *r, const struct ast_stmt *s, const struct views *views)
{
	const struct picks *picks = picks_of(r->l, views, s->match.rhs, r->rule);
	bool negated = s->match.op == OP_NE;
	const struct addr_set *set;

	if (!is_one_box(picks, views) || (negated && match_is_address(views->v->field))) {
		if (negated) {
			exclude(r, views, picks);
		} else {
			run_look_up(r, s->match.lhs, s->match.rhs);
			run_fold(r);
		}
		return;
	}
	set = picks->n ? *picks->v->values : addr_set_make(r->l->a, views->v->width, NULL, 0);
	run_match(r, views->v, negated ? set_complement(r->l, set) : set);
}

/* "ip saddr != X", which narrows no set: the rest would be many prefixes. */
static bool lower_excluded_address(struct run *r, const struct ast_stmt *s, const struct views *views)
{
	const struct addr_set *values;

	if (s->match.op != OP_NE || !match_is_address(views->v->field))
		return false;
	values = view_values(r->l, views->v, set_of_value(r->l, views->v, s->match.rhs));
	if (values)
		exclude(r, views, picks_of_values(r, values));
	return values;
}

static void lower_match(struct run *r, const struct ast_stmt *s)
{
	struct views views;
	const struct addr_set *set;

	views_of(s->match.lhs, &views);
	if (is_set(s->match.rhs)) {
		lower_set(r, s, &views);
	} else if (views.n > 1) {
		struct ast_value *one = arena_make(r->l->a, struct ast_value);

		*one = (struct ast_value){ .kind = VALUE_SET, .items = s->match.rhs };
		lower_set(r, &(struct ast_stmt){ .match = { .lhs = s->match.lhs, .op = s->match.op, .rhs = one } },
			  &views);
	} else if (!lower_excluded_address(r, s, &views)) {
		set = set_of_match(r->l, views.v, s);
		run_match(r, views.v, set);
	}
}

/* ---- counters, limits, logs ---- */

static void lower_counter(struct run *r, const struct ast_stmt *s)
{
	struct ir_op op = { .kind = IR_COUNT };

	if (s->counter.object)
		op.index = state_of_object(r->l, s->counter.object);
	else
		op.index = r->l->info[r->rule->number].first_counter + r->n_counters++;
	run_op(r, &op);
}

static void lower_limit(struct run *r, const struct ast_stmt *s)
{
	struct ir_op op = { .kind = IR_LIMIT };

	if (s->limit.object)
		op.index = state_of_object(r->l, s->limit.object);
	else
		op.index = r->l->info[r->rule->number].first_limit + r->n_limits++;
	run_op(r, &op);
}

static void lower_log(struct run *r)
{
	const struct ir_op op = { .kind = IR_LOG, .index = r->l->info[r->rule->number].first_log + r->n_logs++ };

	run_op(r, &op);
}

/* ---- meta mark set ---- */

static enum ir_meta meta_of(enum ast_field f)
{
	return f == FIELD_META_PRIORITY ? IR_META_PRIORITY : IR_META_MARK;
}

static struct ir_op set_to(enum ast_field f, const struct ast_value *constant)
{
	struct ir_op op = { .kind = IR_SET };

	op.set.what = meta_of(f);
	op.set.xor = (uint32_t)value_range(constant).lo;
	return op;
}

static bool is_shifted(const struct ast_value *v)
{
	return v->kind == VALUE_BINARY && (v->op == BINARY_LSHIFT || v->op == BINARY_RSHIFT || is_shifted(v->left));
}

/* From the old value, bit by bit. */
static void lower_set_bits(struct run *r, const struct ast_stmt *s)
{
	struct ir_op op = { .kind = IR_SET };
	struct views views;

	if (!is_shifted(s->set.value)) {
		views_of(s->set.value, &views);
		if (views.v->field == s->set.field) {
			op.set.what = meta_of(s->set.field);
			op.set.and = (uint32_t)views.v->mask;
			op.set.xor = (uint32_t)views.v->flip;
			run_op(r, &op);
			return;
		}
	}
	diag_error(r->l->d, DIAG_UNSUPPORTED, s->set.value->span,
		   "'%s' can't be set from this; give a number, a map, or its own bits with '&', '|' and '^'",
		   ast_field_name(s->set.field));
	r->never = true;
}

static struct ir_op mapped_set(const struct choice *c, const void *ctx)
{
	return set_to(*(const enum ast_field *)ctx, c->data[0]);
}

static void lower_meta_set(struct run *r, const struct ast_stmt *s)
{
	struct ir_op op;

	if (s->set.value->kind == VALUE_MAP) {
		run_look_up(r, s->set.value->left, s->set.value->right);
		if (!r->never)
			run_choices_then(r, mapped_set, &s->set.field);
	} else if (s->set.value->kind == VALUE_FIELD || s->set.value->kind == VALUE_BINARY) {
		lower_set_bits(r, s);
	} else {
		op = set_to(s->set.field, s->set.value);
		run_op(r, &op);
	}
}

/* ---- tproxy ---- */

static bool narrow_tproxy(struct lower *l, struct match *m, const void *ctx)
{
	return match_tproxy(l, m, *(const int *)ctx);
}

static void set_address(struct ir_tproxy *t, const struct ast_value *addr)
{
	t->has_addr = true;
	memcpy(t->addr, addr->addr, t->family == AF_INET ? 4 : 16);
}

static void set_target(struct ir_tproxy *t, const struct ast_value *data)
{
	if (data->kind == VALUE_CONCAT) {
		set_address(t, data->items);
		t->port = (uint16_t)data->items->next->number;
	} else if (data->kind == VALUE_NUMBER) {
		t->port = (uint16_t)data->number;
	} else {
		set_address(t, data);
	}
}

static struct ir_op tproxy_op(const struct choice *c, const void *ctx)
{
	const struct ast_stmt *s = ctx;
	const struct ast_value *to[] = { s->tproxy.addr, s->tproxy.port };
	struct ir_op op = { .kind = IR_TPROXY };
	unsigned int mapped = 0;

	op.tproxy.family = (uint8_t)s->tproxy.family;
	for (unsigned int i = 0; i < 2; i++) {
		const struct ast_value *v = to[i];

		if (v && v->kind == VALUE_MAP)
			v = c->data[mapped++];
		if (v)
			set_target(&op.tproxy, v);
	}
	return op;
}

static bool is_map(const struct ast_value *v)
{
	return v && v->kind == VALUE_MAP;
}

/* "tproxy to ip saddr map @m : tcp dport map @n" */
static void look_up_both(struct run *r, const struct ast_value *addr, const struct ast_value *port)
{
	struct views views;

	run_look_up(r, addr->left, addr->right);
	if (r->never)
		return;
	views_of(port->left, &views);
	run_need_fields(r, &views);
	if (!r->never)
		run_choose(r, &views, picks_of(r->l, &views, port->right, r->rule));
}

static void lower_tproxy(struct run *r, const struct ast_stmt *s)
{
	const struct ast_value *addr = s->tproxy.addr, *port = s->tproxy.port;
	struct ir_op op;

	run_narrow(r, narrow_tproxy, &s->tproxy.family);
	if (r->never)
		return;
	if (!is_map(addr) && !is_map(port)) {
		op = tproxy_op(NULL, s);
		run_op(r, &op);
		return;
	}
	if (is_map(addr) && is_map(port))
		look_up_both(r, addr, port);
	else if (is_map(addr))
		run_look_up(r, addr->left, addr->right);
	else
		run_look_up(r, port->left, port->right);
	if (!r->never)
		run_choices_then(r, tproxy_op, s);
}

/* ---- extensions ---- */

static bool narrow_ssh(struct lower *l, struct match *m, const void *ctx)
{
	return match_ssh(l, m, ctx);
}

static void lower_ssh_local(struct run *r, const struct ast_stmt *s)
{
	const struct ir_op op = { .kind = IR_LOCAL };

	run_narrow(r, narrow_ssh, s->ssh_local.ports);
	r->accepts = true;
	if (!r->never)
		run_op(r, &op);
}

/* Two boxes, one for each version of the protocol. */
static void lower_dhcp(struct run *r, const struct ast_stmt *s)
{
	const struct views udp = { .n = 1, .v = { { .field = FIELD_UDP_DPORT } } };
	struct match old;

	r->accepts = true;
	run_need_fields(r, &udp);
	if (r->never)
		return;
	run_settle_effects(r);
	run_join(r);
	old = r->match;
	r->at = r->ops.n;
	r->exclusive = true;
	for (unsigned int version = 0; version < 2; version++) {
		struct choice c = { .match = old, .identity = version };

		if (match_dhcp(r->l, &c.match, s->dhcp.role, version))
			*vec_push(r->l->a, &r->choices) = c;
	}
	r->never = !r->choices.n;
	run_fold(r);
}

/* ---- the rule ---- */

static void lower_statement(struct run *r, const struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH:
		lower_match(r, s);
		break;
	case STMT_VMAP:
		lower_vmap(r, s);
		break;
	case STMT_COUNTER:
		lower_counter(r, s);
		break;
	case STMT_LIMIT:
		lower_limit(r, s);
		break;
	case STMT_LOG:
		lower_log(r);
		break;
	case STMT_SET:
		lower_meta_set(r, s);
		break;
	case STMT_REJECT:
		lower_reject(r, s);
		break;
	case STMT_VERDICT:
		lower_verdict(r, s);
		break;
	case STMT_TPROXY:
		lower_tproxy(r, s);
		break;
	case STMT_SSH_LOCAL:
		lower_ssh_local(r, s);
		break;
	case STMT_DHCP:
		lower_dhcp(r, s);
		break;
	}
}

/* Of interfaces and named sets may come more. */
static bool narrows_for_good(const struct ast_stmt *s)
{
	return s->kind == STMT_MATCH && s->match.lhs->kind != VALUE_CONCAT && s->match.rhs->kind != VALUE_SETREF &&
	       !(s->match.lhs->kind == VALUE_FIELD && field_is_interface(s->match.lhs->field));
}

static bool is_anonymous_with_attributes(const struct ast_value *v)
{
	if (v->kind == VALUE_SET)
		for (v = v->items; v; v = v->next)
			if (v->attr)
				return true;
	return false;
}

static bool contradicts(struct lower *l, struct match *m, const struct ast_stmt *s)
{
	struct views views;
	const struct addr_set *set;

	if (!narrows_for_good(s) || is_anonymous_with_attributes(s->match.rhs))
		return false;
	views_of(s->match.lhs, &views);
	set = set_of_match(l, views.v, s);
	return match_view(l, m, views.v, set) == NARROWED_TO_NOTHING;
}

/* Says so when a rule's own matches contradict one another. */
static void check_contradiction(struct lower *l, const struct ast_rule *rule, const struct frame *f)
{
	struct match m = match_of_chain(f->base, f->match.interfaces);

	if (l->info[rule->number].checked)
		return;
	l->info[rule->number].checked = true;
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (contradicts(l, &m, s)) {
			diag_warning(l->d, DIAG_NEVER_MATCHES, s->span,
				     "this can never match together with what stands before it");
			return;
		}
}

static bool expression_is_blind(const struct ast_value *e)
{
	if (e->kind == VALUE_BINARY)
		return expression_is_blind(e->left);
	if (e->kind == VALUE_FIELD)
		return field_is_blind(e->field);
	for (e = e->items; e; e = e->next)
		if (!expression_is_blind(e))
			return false;
	return true;
}

static bool statement_is_blind(const struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH:
		return expression_is_blind(s->match.lhs);
	case STMT_VMAP:
		return expression_is_blind(s->vmap.key);
	case STMT_SET:
		return s->set.value->kind != VALUE_MAP || expression_is_blind(s->set.value->left);
	case STMT_REJECT:
		return s->reject.with == REJECT_DEFAULT || s->reject.with == REJECT_ICMPX;
	case STMT_COUNTER:
	case STMT_LIMIT:
	case STMT_LOG:
	case STMT_VERDICT:
		return true;
	default:
		return false;
	}
}

/* All of a rule that drops and looks at nothing leaves neighbour discovery alone,
 * its counters too. */
static void find_blindness(struct run *r)
{
	r->blind = !r->f->match.looked;
	for (const struct ast_stmt *s = r->rule->stmts; s; s = s->next) {
		r->blind &= statement_is_blind(s);
		r->drops |= s->kind == STMT_REJECT || (s->kind == STMT_VERDICT && s->verdict.verdict == VERDICT_DROP);
	}
}

void lower_rule(struct lower *l, const struct ast_rule *rule, const struct frame *f)
{
	struct run r;

	run_begin(&r, l, rule, f);
	find_blindness(&r);
	for (const struct ast_stmt *s = rule->stmts; s && !r.never && !r.ended; s = s->next)
		lower_statement(&r, s);
	if (r.never)
		check_contradiction(l, rule, f);
	else if (!r.ended && r.accepts)
		run_emit(&r, IR_RESUME, f->on_accept, true);
	else if (!r.ended && r.impure)
		run_emit(&r, IR_RESUME, NULL, true);
	place_put(l, &r.behind, f);
}
