/* SPDX-License-Identifier: GPL-2.0-only */
#include "evaluate.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/compile.h>
#include <compiler/facts.h>
#include <compiler/ir.h>
#include <grammar/ast.h>

/* ---- the bound tree ---- */

enum result { GOES_ON, ACCEPTED, DROPPED, RETURNED };

struct walk {
	const struct facts *facts;
	const struct packet *p;
	struct outcome *outcome;
	uint32_t n_counters; /* before the rule being read, see first_counter */
	const struct ruleset *rs;
};

/* An address as a number, from its bytes. */
static u128 address(const struct ast_value *v)
{
	u128 n = 0;

	for (int i = 0; i < (v->kind == VALUE_ADDR4 ? 4 : 16); i++)
		n = n * 256 + v->addr[i];
	return n;
}

static const char *interface_name(const struct walk *w)
{
	for (size_t i = 0; i < w->facts->n; i++)
		if (w->facts->v[i].index == w->p->interface)
			return w->facts->v[i].name;
	return "";
}

static bool name_is(const char *name, const char *wanted)
{
	size_t len = strlen(wanted);

	return wanted[len - 1] == '*' ? !strncmp(name, wanted, len - 1) : !strcmp(name, wanted);
}

/* Whether 'x' is among what 'v' stands for. */
static bool value_has(const struct walk *w, const struct ast_value *v, u128 x)
{
	const struct ast_value *items = v->items;
	unsigned int shift;

	switch (v->kind) {
	case VALUE_NUMBER:
		return x == v->number;
	case VALUE_ADDR4:
	case VALUE_ADDR6:
		return x == address(v);
	case VALUE_PREFIX:
		shift = (v->left->kind == VALUE_ADDR4 ? 32 : 128) - v->prefix_len;
		return shift == 128 || x >> shift == address(v->left) >> shift;
	case VALUE_RANGE:
		if (v->left->kind == VALUE_NUMBER)
			return x >= v->left->number && x <= v->right->number;
		return x >= address(v->left) && x <= address(v->right);
	case VALUE_STRING:
		return name_is(interface_name(w), v->text);
	case VALUE_SETREF:
		items = v->set->elements;
		break;
	default:
		break;
	}
	for (; items; items = items->next)
		if (value_has(w, items, x))
			return true;
	return false;
}

/* What the field holds; false when the packet hasn't got it. */
static bool field_value(const struct packet *p, enum ast_field f, u128 *x)
{
	bool v4 = p->family == IR_V4, v6 = p->family == IR_V6;

	switch (f) {
	case FIELD_IP_SADDR:
		*x = p->src;
		return v4;
	case FIELD_IP_DADDR:
		*x = p->dst;
		return v4;
	case FIELD_IP_PROTOCOL:
		*x = p->proto;
		return v4;
	case FIELD_IP6_SADDR:
		*x = p->src;
		return v6;
	case FIELD_IP6_DADDR:
		*x = p->dst;
		return v6;
	case FIELD_META_L4PROTO:
		*x = p->proto;
		return v4 || v6;
	case FIELD_META_NFPROTO:
		*x = v4 ? 2 : 10;
		return v4 || v6;
	case FIELD_META_IIF:
	case FIELD_META_IIFNAME:
		*x = p->interface;
		return true;
	case FIELD_TCP_SPORT:
	case FIELD_UDP_SPORT:
		*x = p->sport;
		return (v4 || v6) && p->has_l4 && p->proto == (f == FIELD_TCP_SPORT ? 6 : 17);
	case FIELD_TCP_DPORT:
	case FIELD_UDP_DPORT:
		*x = p->dport;
		return (v4 || v6) && p->has_l4 && p->proto == (f == FIELD_TCP_DPORT ? 6 : 17);
	case FIELD_ICMP_TYPE:
		*x = p->dport >> 8;
		return v4 && p->has_l4 && p->proto == 1;
	case FIELD_ICMPV6_TYPE:
		*x = p->dport >> 8;
		return v6 && p->has_l4 && p->proto == 58;
	case FIELD_CT_STATE:
		*x = p->ct_state;
		return v4 || v6;
	default:
		return false;
	}
}

static bool holds(const struct walk *w, const struct ast_stmt *s)
{
	u128 x;
	bool has;

	if (!field_value(w->p, s->match.field, &x))
		return false;
	if (s->match.op == OP_LT || s->match.op == OP_GT || s->match.op == OP_LE || s->match.op == OP_GE) {
		u128 y = s->match.rhs->kind == VALUE_NUMBER ? s->match.rhs->number : address(s->match.rhs);

		return s->match.op == OP_LT   ? x < y
		       : s->match.op == OP_GT ? x > y
		       : s->match.op == OP_LE ? x <= y
					      : x >= y;
	}
	has = value_has(w, s->match.rhs, x);
	return s->match.op == OP_NE ? !has : has;
}

static bool tproxy_takes(struct walk *w, const struct ast_stmt *s)
{
	const struct packet *p = w->p;

	if ((p->family != IR_V4 && p->family != IR_V6) || (p->proto != 6 && p->proto != 17) || !p->has_l4)
		return false;
	if (s->tproxy.family && s->tproxy.family != (p->family == IR_V4 ? AF_INET : AF_INET6))
		return false;
	if (!p->socket)
		return false;
	w->outcome->tproxy_port = s->tproxy.port ? (uint16_t)s->tproxy.port->number : p->dport;
	return true;
}

static bool is_ssh_local(const struct walk *w, const struct ast_stmt *s)
{
	const struct packet *p = w->p;

	if ((p->family != IR_V4 && p->family != IR_V6) || p->proto != 6 || !p->has_l4 || !p->local)
		return false;
	return s->ssh_local.ports ? value_has(w, s->ssh_local.ports, p->dport) : p->dport == 22;
}

static bool is_dhcp(const struct packet *p, enum ast_dhcp_role role)
{
	bool v4 = p->family == IR_V4, v6 = p->family == IR_V6;

	if (!(v4 || v6) || p->proto != 17 || !p->has_l4)
		return false;
	if (role == DHCP_CLIENT && v4)
		return p->sport == 67 && p->dport == 68;
	if (role == DHCP_CLIENT)
		return p->sport == 547 && p->dport == 546 && p->src >> 118 == 0x3fa; /* fe80::/10 */
	if (v4)
		return p->dport == 67 && (p->sport == 67 || p->sport == 68);
	return p->dport == 547 && (p->sport == 546 || p->sport == 547);
}

static uint32_t first_counter(const struct walk *w, const struct ast_rule *rule)
{
	uint32_t n = 0;

	for (const struct ast_table *t = w->rs->tables; t; t = t->next)
		for (const struct ast_chain *c = t->chains; c; c = c->next)
			for (const struct ast_rule *r = c->rules; r; r = r->next) {
				if (r == rule)
					return n;
				for (const struct ast_stmt *s = r->stmts; s; s = s->next)
					n += s->kind == STMT_COUNTER;
			}
	assert(!"rule of another ruleset");
	return 0;
}

static enum result run_chain(struct walk *w, const struct ast_chain *chain, bool looked);

static bool is_about_interfaces(const struct ast_stmt *s)
{
	return s->kind == STMT_MATCH && (s->match.field == FIELD_META_IIF || s->match.field == FIELD_META_IIFNAME);
}

/* Drops and looks at nothing but interfaces. */
static bool drops_blindly(const struct ast_rule *rule)
{
	const struct ast_stmt *s = rule->stmts;

	while (s && (is_about_interfaces(s) || s->kind == STMT_COUNTER ||
		     (s->kind == STMT_VERDICT && s->verdict.verdict == VERDICT_CONTINUE)))
		s = s->next;
	return s && s->kind == STMT_VERDICT && s->verdict.verdict == VERDICT_DROP;
}

/* 'looked': at something of the packet besides its interface, on the way here. */
static enum result run_rule(struct walk *w, const struct ast_rule *rule, bool looked)
{
	uint32_t counter = first_counter(w, rule);
	bool accepts = false;
	enum result r;

	if (w->p->neighbour_discovery && !looked && drops_blindly(rule))
		return GOES_ON;
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		switch (s->kind) {
		case STMT_MATCH:
			if (!holds(w, s))
				return GOES_ON;
			looked |= !is_about_interfaces(s);
			break;
		case STMT_COUNTER:
			w->outcome->counts[counter++]++;
			break;
		case STMT_TPROXY:
			if (!tproxy_takes(w, s))
				return GOES_ON;
			looked = true;
			break;
		case STMT_SSH_LOCAL:
			if (!is_ssh_local(w, s))
				return GOES_ON;
			looked = accepts = true;
			break;
		case STMT_DHCP:
			if (!is_dhcp(w->p, s->dhcp.role))
				return GOES_ON;
			looked = accepts = true;
			break;
		case STMT_VERDICT:
			switch (s->verdict.verdict) {
			case VERDICT_ACCEPT:
				return ACCEPTED;
			case VERDICT_DROP:
				return DROPPED;
			case VERDICT_RETURN:
				return RETURNED;
			case VERDICT_JUMP:
				r = run_chain(w, s->verdict.target, looked);
				return r == RETURNED ? GOES_ON : r;
			case VERDICT_GOTO:
				r = run_chain(w, s->verdict.target, looked);
				return r == GOES_ON ? RETURNED : r;
			case VERDICT_CONTINUE:
				break;
			}
			break;
		}
	}
	return accepts ? ACCEPTED : GOES_ON;
}

static enum result run_chain(struct walk *w, const struct ast_chain *chain, bool looked)
{
	for (const struct ast_rule *rule = chain->rules; rule; rule = rule->next) {
		enum result r = run_rule(w, rule, looked);

		if (r != GOES_ON)
			return r;
	}
	return GOES_ON;
}

/* Whether the packet comes by this base chain. */
static bool sees(const struct walk *w, const struct ast_chain *c)
{
	static const uint8_t families[] = {
		[AST_IP] = IR_V4 | IR_BAD4,
		[AST_IP6] = IR_V6 | IR_BAD6,
		[AST_INET] = IR_V4 | IR_V6 | IR_BAD4 | IR_BAD6,
		[AST_NETDEV] = IR_ANY_FRAME,
	};
	const char *name = interface_name(w);

	if (!(families[c->table->family] & w->p->family))
		return false;
	if (c->hook == HOOK_PREROUTING)
		return strcmp(name, "lo") != 0;
	for (const struct ast_value *v = c->devices->items; v; v = v->next)
		if (!strcmp(v->text, name))
			return true;
	return false;
}

struct outcome evaluate_tree(const struct ruleset *rs, const struct facts *facts, const struct packet *p)
{
	struct outcome o = { .accepted = true };
	struct walk w = { .facts = facts, .p = p, .outcome = &o, .rs = rs };

	for (size_t i = 0; i < rs->n_base_chains && o.accepted; i++) {
		const struct ast_chain *c = rs->base_chains[i];
		enum result r;

		if (!sees(&w, c))
			continue;
		r = run_chain(&w, c, false);
		if (r == DROPPED)
			o.accepted = false;
		else if (r != ACCEPTED && c->has_policy && c->policy == VERDICT_DROP && !p->neighbour_discovery)
			o.accepted = false;
	}
	return o;
}

/* ---- the IR ---- */

static bool in_ranges(const struct ir_ranges *r, uint16_t x)
{
	for (size_t i = 0; i < r->n; i++)
		if (x >= r->v[i].lo && x <= r->v[i].hi)
			return true;
	return r->n == 0;
}

static bool on_interface(const struct ir_interfaces *s, uint32_t index)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i] == index)
			return true;
	return false;
}

static bool matches(const struct ir_rule *r, const struct packet *p)
{
	bool v4 = p->family == IR_V4, ip = v4 || p->family == IR_V6;

	if (r->kind != IR_RULE || !(r->families & p->family) || !on_interface(r->interfaces, p->interface))
		return false;
	if (r->spares_neighbour_discovery && p->neighbour_discovery)
		return false;
	if (!ip)
		return true;
	if (!addr_set_contains(v4 ? r->src4 : r->src6, p->src) || !addr_set_contains(v4 ? r->dst4 : r->dst6, p->dst))
		return false;
	if (!in_ranges(&r->protos, p->proto) || (r->need_l4 && !p->has_l4))
		return false;
	return !r->need_l4 || (in_ranges(&r->sports, p->sport) && in_ranges(&r->dports, p->dport));
}

/* Carries out an op; false when it is a condition that doesn't hold. */
static bool carry_out(const struct ir_op *op, const struct packet *p, struct outcome *o)
{
	switch (op->kind) {
	case IR_CT:
		return op->ct_states & p->ct_state;
	case IR_LOCAL:
		return p->local;
	case IR_TPROXY:
		if (p->socket)
			o->tproxy_port = op->tproxy.port ? op->tproxy.port : p->dport;
		return p->socket;
	case IR_COUNT:
		o->counts[op->index]++;
		return true;
	default:
		assert(!"an op that no ruleset of these tests has");
		return false;
	}
}

/* Whether the conditions hold, with the effects that come before a failure. */
static bool conditions_hold(const struct ir_rule *r, const struct packet *p, struct outcome *o)
{
	for (size_t i = 0; i < r->n_ops; i++)
		if (!carry_out(&r->ops[i], p, o))
			return false;
	return true;
}

struct outcome evaluate_ir(const struct ir *ir, const struct packet *p)
{
	struct outcome o = { .accepted = true };
	size_t i = 0;

	while (i < ir->n_rules) {
		const struct ir_rule *r = ir->rules[i], *next;

		i++;
		if (!matches(r, p))
			continue;
		next = r->otherwise;
		if (conditions_hold(r, p, &o)) {
			if (r->verdict == IR_DROP) {
				o.accepted = false;
				return o;
			}
			next = r->resume;
		}
		if (!next)
			continue;
		assert(next->kind == IR_MARK && next->index >= i && ir->rules[next->index] == next);
		i = next->index;
	}
	return o;
}
