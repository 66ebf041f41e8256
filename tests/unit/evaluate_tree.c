/* SPDX-License-Identifier: GPL-2.0-only */
/* evaluate_tree.c - the bound tree, statement by statement, as nft reads it.
 *
 * A set is looked up element by element; nothing here is shared with lowering
 * but the table of fields. */
#include "evaluate.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/compile.h>
#include <compiler/facts.h>
#include <grammar/ast.h>

enum result { GOES_ON, ACCEPTED, DROPPED, RETURNED };

struct walk {
	const struct facts *facts;
	struct packet p; /* as it is by now */
	bool no_drops;	 /* the packet doesn't see elements that say so */
	struct outcome o;
};

/* ---- what an expression is ---- */

enum { ANY = IR_ANY_FRAME, IP = IR_V4 | IR_V6, V4 = IR_V4, V6 = IR_V6 };
enum { LINK = IR_LINK, NETWORK = IR_NETWORK, TRANSPORT = IR_TRANSPORT, META = IR_META };

static const struct {
	uint8_t families;
	short protocol;
	uint8_t base;
	uint16_t offset, bits;
} fields[FIELD_COUNT] = {
#define FIELD(id, spelling, type, families, protocol, base, offset, bits, doc) \
	[FIELD_##id] = { families, protocol, base, offset, bits },
#include <grammar/fields.def>
#undef FIELD
};

/* A value: a number, or an interface. */
struct operand {
	bool is_interface;
	u128 number; /* of an interface its index */
	const char *name;
};

static const char *interface_name(const struct walk *w)
{
	for (size_t i = 0; i < w->facts->n; i++)
		if (w->facts->v[i].index == w->p.interface)
			return w->facts->v[i].name;
	return "";
}

static bool meta_value(const struct packet *p, const struct ast_value *e, u128 *x)
{
	unsigned int fib = e->prefix_len;

	switch (e->field) {
	case FIELD_META_L4PROTO:
		*x = p->proto;
		return true;
	case FIELD_META_NFPROTO:
		*x = p->family == IR_V4 ? 2 : 10;
		return true;
	case FIELD_META_PROTOCOL:
		*x = p->protocol;
		return true;
	case FIELD_META_LENGTH:
		*x = p->length;
		return true;
	case FIELD_META_MARK:
		*x = p->mark;
		return true;
	case FIELD_META_PRIORITY:
		*x = p->priority;
		return true;
	case FIELD_META_PKTTYPE:
		*x = p->pkttype;
		return true;
	case FIELD_META_CPU:
		*x = p->cpu;
		return true;
	case FIELD_CT_STATE:
		*x = p->ct_state;
		return true;
	case FIELD_SOCKET_TRANSPARENT:
		*x = p->socket_transparent;
		return p->has_socket;
	case FIELD_SOCKET_WILDCARD:
		*x = p->socket_wildcard;
		return p->has_socket;
	case FIELD_SOCKET_MARK:
		*x = p->socket_mark;
		return p->has_socket;
	case FIELD_FIB_TYPE:
		*x = p->fib[(fib & FIB_SADDR ? 2 : 0) + (fib & FIB_IIF ? 1 : 0)];
		return true;
	default:
		return false;
	}
}

/* nft looks at the ICMP type before it looks at a field that only some have. */
static bool icmp_type_fits(const struct packet *p, enum ast_field f)
{
	unsigned int type = p->dport >> 8;

	switch (f) {
	case FIELD_ICMP_ID:
	case FIELD_ICMP_SEQUENCE:
		return type == 0 || type == 8;
	case FIELD_ICMP_GATEWAY:
		return type == 5;
	case FIELD_ICMP_MTU:
		return type == 3;
	case FIELD_ICMPV6_ID:
	case FIELD_ICMPV6_SEQUENCE:
		return type == 128 || type == 129;
	case FIELD_ICMPV6_MTU:
		return type == 2;
	case FIELD_ICMPV6_PPTR:
		return type == 4;
	case FIELD_ICMPV6_MAX_DELAY:
		return type == 130;
	default:
		return true;
	}
}

static bool interface_value(const struct walk *w, enum ast_field f, struct operand *ret)
{
	bool departs = f == FIELD_META_OIF || f == FIELD_META_OIFNAME;

	if (!departs && f != FIELD_META_IIF && f != FIELD_META_IIFNAME)
		return false;
	*ret = (struct operand){ .is_interface = true, .name = "" };
	if (departs == w->p.egress) {
		ret->number = w->p.interface;
		ret->name = interface_name(w);
	}
	return true;
}

/* False when the packet hasn't got it. */
static bool field_value(const struct walk *w, const struct ast_value *e, struct operand *ret)
{
	const struct packet *p = &w->p;
	enum ast_field f = e->field;

	*ret = (struct operand){ 0 };
	if (interface_value(w, f, ret))
		return true;
	if (!(fields[f].families & p->family))
		return false;
	if (fields[f].protocol >= 0 && (p->proto != fields[f].protocol || !p->has_l4 || !icmp_type_fits(p, f)))
		return false;
	if (fields[f].base == IR_META)
		return meta_value(p, e, &ret->number);
	return packet_bits(p, (enum ir_base)fields[f].base, fields[f].offset, fields[f].bits, &ret->number);
}

static u128 constant(const struct ast_value *v)
{
	u128 n = 0;
	int len = v->kind == VALUE_ADDR4 ? 4 : v->kind == VALUE_MAC ? 6 : 16;

	if (v->kind != VALUE_ADDR4 && v->kind != VALUE_ADDR6 && v->kind != VALUE_MAC)
		return v->number;
	for (int i = 0; i < len; i++)
		n = n * 256 + v->addr[i];
	return n;
}

static bool expression(const struct walk *w, const struct ast_value *e, struct operand *ret)
{
	if (e->kind == VALUE_FIELD)
		return field_value(w, e, ret);
	assert(e->kind == VALUE_BINARY);
	if (!expression(w, e->left, ret))
		return false;
	switch (e->op) {
	case BINARY_AND:
		ret->number &= constant(e->right);
		break;
	case BINARY_OR:
		ret->number |= constant(e->right);
		break;
	case BINARY_XOR:
		ret->number ^= constant(e->right);
		break;
	default:
		assert(!"shifts aren't bound");
	}
	return true;
}

struct key {
	unsigned int n;
	struct operand v[AST_MAX_CONCAT];
};

static bool key_of(const struct walk *w, const struct ast_value *e, struct key *ret)
{
	ret->n = 0;
	if (e->kind != VALUE_CONCAT)
		return expression(w, e, &ret->v[ret->n++]);
	for (e = e->items; e; e = e->next)
		if (!expression(w, e, &ret->v[ret->n++]))
			return false;
	return true;
}

/* ---- what it is compared with ---- */

static bool name_is(const char *name, const char *wanted)
{
	size_t len = strlen(wanted);

	return wanted[len - 1] == '*' ? !strncmp(name, wanted, len - 1) : !strcmp(name, wanted);
}

static unsigned int bits_of(const struct ast_value *v)
{
	return v->kind == VALUE_ADDR4 || v->kind == VALUE_NUMBER ? 32 : v->kind == VALUE_MAC ? 48 : 128;
}

/* Whether 'x' is the constant, or in its range. */
static bool is_constant(const struct ast_value *v, const struct operand *x)
{
	unsigned int shift;

	switch (v->kind) {
	case VALUE_STRING:
		return name_is(x->name, v->text);
	case VALUE_PREFIX:
		shift = bits_of(v->left) - v->prefix_len;
		return shift == 128 || x->number >> shift == constant(v->left) >> shift;
	case VALUE_RANGE:
		return x->number >= constant(v->left) && x->number <= constant(v->right);
	default:
		return x->number == constant(v);
	}
}

static bool is_key(const struct ast_value *v, const struct key *key)
{
	unsigned int i = 0;

	if (v->kind != VALUE_CONCAT)
		return is_constant(v, &key->v[0]);
	for (v = v->items; v; v = v->next)
		if (!is_constant(v, &key->v[i++]))
			return false;
	return i == key->n;
}

static bool is_expired(const struct walk *w, const struct ast_set *set, const struct ast_value *item)
{
	bool timed = (item->attr && item->attr->timeout) || (set && set->timeout);

	return timed && !is_alive(&w->p, item->span.at);
}

/* The element with this key; the catch-all when there is none. */
static const struct ast_value *look_up(const struct walk *w, const struct ast_value *set, const struct key *key)
{
	const struct ast_set *named = set->kind == VALUE_SETREF ? set->set : NULL;
	const struct ast_value *catchall = NULL;

	for (const struct ast_value *i = named ? named->elements : set->items; i; i = i->next) {
		const struct ast_value *v = i->kind == VALUE_MAPPING ? i->left : i;

		if (is_expired(w, named, i) || (w->no_drops && i->right->number == VERDICT_DROP))
			continue;
		if (v->kind == VALUE_CATCHALL)
			catchall = i;
		else if (is_key(v, key))
			return i;
	}
	return catchall;
}

static void count_element(struct walk *w, const struct ast_value *set, const struct ast_value *item)
{
	if ((item->attr && item->attr->has_counter) || (set->kind == VALUE_SETREF && set->set->counter))
		note_effect(&w->o, IR_COUNT, item->span.at, 0);
}

/* What a map has for the key; NULL: nothing. */
static const struct ast_value *mapped(struct walk *w, const struct ast_value *e, const struct ast_value *map)
{
	const struct ast_value *item;
	struct key key;

	if (!key_of(w, e, &key))
		return NULL;
	item = look_up(w, map, &key);
	if (!item)
		return NULL;
	count_element(w, map, item);
	return item->right;
}

/* ---- matches ---- */

static bool compares(const struct ast_stmt *s, const struct operand *x)
{
	const struct ast_value *rhs = s->match.rhs;
	bool of_flags = s->match.lhs->kind == VALUE_FIELD &&
			ast_type_kind(ast_field_type(s->match.lhs->field)) == KIND_FLAGS && rhs->kind == VALUE_NUMBER;

	switch (s->match.op) {
	case OP_LT:
		return x->number < constant(rhs);
	case OP_GT:
		return x->number > constant(rhs);
	case OP_LE:
		return x->number <= constant(rhs);
	case OP_GE:
		return x->number >= constant(rhs);
	case OP_NOT:
		return !(x->number & constant(rhs));
	case OP_NE:
		if (rhs->kind == VALUE_MASKED)
			return (x->number & constant(rhs->right)) != constant(rhs->left);
		return !is_constant(rhs, x);
	case OP_IMPLICIT:
		if (of_flags)
			return x->number & constant(rhs);
		break;
	case OP_EQ:
		break;
	}
	if (rhs->kind == VALUE_MASKED)
		return (x->number & constant(rhs->right)) == constant(rhs->left);
	return is_constant(rhs, x);
}

static bool holds(struct walk *w, const struct ast_stmt *s)
{
	const struct ast_value *rhs = s->match.rhs, *item;
	struct key key;

	if (!key_of(w, s->match.lhs, &key))
		return false;
	if (rhs->kind != VALUE_SET && rhs->kind != VALUE_SETREF)
		return key.n == 1 ? compares(s, &key.v[0]) : is_key(rhs, &key) != (s->match.op == OP_NE);
	item = look_up(w, rhs, &key);
	if (s->match.op == OP_NE)
		return !item;
	if (item)
		count_element(w, rhs, item);
	return item;
}

/* ---- other statements ---- */

static bool is_ip_with(const struct packet *p, unsigned int proto)
{
	return (p->family & IP) && p->proto == proto && p->has_l4;
}

static bool tproxy_takes(struct walk *w, const struct ast_stmt *s)
{
	const struct ast_value *addr = s->tproxy.addr, *port = s->tproxy.port;
	struct packet *p = &w->p;

	if (!is_ip_with(p, 6) && !is_ip_with(p, 17))
		return false;
	if (s->tproxy.family && s->tproxy.family != (p->family == IR_V4 ? AF_INET : AF_INET6))
		return false;
	if (addr && addr->kind == VALUE_MAP && !(addr = mapped(w, addr->left, addr->right)))
		return false;
	if (port && port->kind == VALUE_MAP && !(port = mapped(w, port->left, port->right)))
		return false;
	if (addr && addr->kind == VALUE_CONCAT) {
		port = addr->items->next;
		addr = addr->items;
	}
	if (!p->socket)
		return false;
	note_tproxy(&w->o, addr ? constant(addr) : 0, port ? (uint16_t)port->number : p->dport);
	return true;
}

static bool is_among_ports(const struct ast_value *ports, uint16_t port)
{
	const struct operand x = { .number = port };

	if (ports->kind != VALUE_SET && ports->kind != VALUE_SETREF)
		return is_constant(ports, &x);
	for (ports = ports->kind == VALUE_SET ? ports->items : ports->set->elements; ports; ports = ports->next)
		if (is_constant(ports, &x))
			return true;
	return false;
}

static bool is_ssh_local(const struct packet *p, const struct ast_value *ports)
{
	return is_ip_with(p, 6) && p->local && (ports ? is_among_ports(ports, p->dport) : p->dport == 22);
}

static bool is_dhcp(const struct packet *p, enum ast_dhcp_role role)
{
	bool v4 = p->family == IR_V4;

	if (!is_ip_with(p, 17))
		return false;
	if (role == DHCP_CLIENT && v4)
		return p->sport == 67 && p->dport == 68;
	if (role == DHCP_CLIENT)
		return p->sport == 547 && p->dport == 546 && p->src >> 118 == 0x3fa; /* fe80::/10 */
	if (v4)
		return p->dport == 67 && (p->sport == 67 || p->sport == 68);
	return p->dport == 547 && (p->sport == 546 || p->sport == 547);
}

static bool limit_lets_by(struct walk *w, const struct ast_stmt *s)
{
	const struct ast_object *o = s->limit.object;

	return takes_token(&w->o, &w->p, o ? o->name_span.at : s->span.at) != (o ? o->limit.over : s->limit.limit.over);
}

/* False when a map has nothing to set. */
static bool set_meta(struct walk *w, const struct ast_stmt *s)
{
	bool is_mark = s->set.field == FIELD_META_MARK;
	uint32_t *what = is_mark ? &w->p.mark : &w->p.priority;
	const struct ast_value *v = s->set.value;
	struct operand x;

	if (v->kind == VALUE_FIELD || v->kind == VALUE_BINARY) {
		if (!expression(w, v, &x))
			return false;
		*what = (uint32_t)x.number;
	} else {
		if (v->kind == VALUE_MAP)
			v = mapped(w, v->left, v->right);
		if (!v)
			return false;
		*what = (uint32_t)constant(v);
	}
	note_effect(&w->o, IR_SET, is_mark ? IR_META_MARK : IR_META_PRIORITY, *what);
	return true;
}

/* False when nft looks at the packet first and finds that it doesn't fit. */
static bool rejects(struct walk *w, const struct ast_stmt *s)
{
	static const uint8_t both[][2] = { { 0, 0 }, { 3, 4 }, { 1, 3 }, { 13, 1 } };
	bool v4 = w->p.family == IR_V4;
	uint64_t code = s->reject.code ? s->reject.code->number : 1;

	if (s->reject.with == REJECT_TCP_RESET && (!(w->p.family & IP) || w->p.proto != 6))
		return false;
	if (s->reject.with == REJECT_ICMP && !v4)
		return false;
	if (s->reject.with == REJECT_ICMPV6 && w->p.family != IR_V6)
		return false;
	w->o.answered = w->p.family & IP;
	if (!w->o.answered)
		return true;
	if (s->reject.with == REJECT_TCP_RESET)
		w->o.code = -1;
	else if (s->reject.code && (s->reject.with == REJECT_ICMP || s->reject.with == REJECT_ICMPV6))
		w->o.code = (int)code;
	else
		w->o.code = both[code][!v4];
	return true;
}

/* ---- rules that look at nothing ---- */

static bool is_blind_expression(const struct ast_value *e)
{
	if (e->kind == VALUE_CONCAT) {
		for (e = e->items; e; e = e->next)
			if (!is_blind_expression(e))
				return false;
		return true;
	}
	if (e->kind == VALUE_BINARY)
		return is_blind_expression(e->left);
	return e->field == FIELD_META_IIF || e->field == FIELD_META_IIFNAME || e->field == FIELD_META_OIF ||
	       e->field == FIELD_META_OIFNAME || e->field == FIELD_META_MARK || e->field == FIELD_META_PRIORITY ||
	       e->field == FIELD_META_CPU;
}

static bool is_blind(const struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH:
		return is_blind_expression(s->match.lhs);
	case STMT_VMAP:
		return is_blind_expression(s->vmap.key);
	case STMT_SET:
		return s->set.value->kind != VALUE_MAP || is_blind_expression(s->set.value->left);
	case STMT_REJECT:
		return s->reject.with == REJECT_DEFAULT || s->reject.with == REJECT_ICMPX;
	case STMT_TPROXY:
	case STMT_SSH_LOCAL:
	case STMT_DHCP:
		return false;
	default:
		return true;
	}
}

static bool is_blind_rule(const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (!is_blind(s))
			return false;
	return true;
}

static bool says_drop(const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (s->kind == STMT_REJECT || (s->kind == STMT_VERDICT && s->verdict.verdict == VERDICT_DROP))
			return true;
	return false;
}

/* ---- rules ---- */

static enum result run_chain(struct walk *w, const struct ast_chain *chain, bool looked);

static enum result run_verdict(struct walk *w, enum ast_verdict verdict, const struct ast_chain *target, bool looked)
{
	enum result r;

	switch (verdict) {
	case VERDICT_ACCEPT:
		return ACCEPTED;
	case VERDICT_DROP:
		return DROPPED;
	case VERDICT_RETURN:
		return RETURNED;
	case VERDICT_JUMP:
		r = run_chain(w, target, looked);
		return r == RETURNED ? GOES_ON : r;
	case VERDICT_GOTO:
		r = run_chain(w, target, looked);
		return r == GOES_ON ? RETURNED : r;
	case VERDICT_CONTINUE:
		break;
	}
	return GOES_ON;
}

/* Does the statement let the rule go on?  Verdicts are dealt with apart. */
static bool run_statement(struct walk *w, const struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH:
		return holds(w, s);
	case STMT_COUNTER:
		note_effect(&w->o, IR_COUNT, s->counter.object ? s->counter.object->name_span.at : s->span.at, 0);
		return true;
	case STMT_LIMIT:
		return limit_lets_by(w, s);
	case STMT_LOG:
		note_effect(&w->o, IR_LOG, s->span.at, 0);
		return true;
	case STMT_SET:
		return set_meta(w, s);
	case STMT_TPROXY:
		return tproxy_takes(w, s);
	case STMT_SSH_LOCAL:
		return is_ssh_local(&w->p, s->ssh_local.ports);
	case STMT_DHCP:
		return is_dhcp(&w->p, s->dhcp.role);
	case STMT_REJECT:
		return rejects(w, s);
	case STMT_VMAP:
	case STMT_VERDICT:
		break;
	}
	return true;
}

/* 'looked': at something of the packet besides its interface, on the way here. */
static enum result run_rule(struct walk *w, const struct ast_rule *rule, bool looked)
{
	bool spares = w->p.neighbour_discovery && !looked && is_blind_rule(rule), accepts = false;

	if (spares && says_drop(rule))
		return GOES_ON;
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		const struct ast_value *v;

		if (!run_statement(w, s))
			return GOES_ON;
		looked |= !is_blind(s);
		accepts |= s->kind == STMT_SSH_LOCAL || s->kind == STMT_DHCP;
		if (s->kind == STMT_REJECT)
			return DROPPED;
		if (s->kind == STMT_VERDICT && s->verdict.verdict != VERDICT_CONTINUE)
			return run_verdict(w, s->verdict.verdict, s->verdict.target, looked);
		if (s->kind != STMT_VMAP)
			continue;
		w->no_drops = spares;
		v = mapped(w, s->vmap.key, s->vmap.map);
		w->no_drops = false;
		if (!v)
			return GOES_ON;
		if (v->number != VERDICT_CONTINUE)
			return run_verdict(w, (enum ast_verdict)v->number, v->target, looked);
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

	if (!(families[c->table->family] & w->p.family) || (c->hook == HOOK_EGRESS) != w->p.egress)
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
	struct walk w = { .facts = facts, .p = *p, .o = { .accepted = true } };

	packet_fill(&w.p);
	for (size_t i = 0; i < rs->n_base_chains && w.o.accepted; i++) {
		const struct ast_chain *c = rs->base_chains[i];
		enum result r;

		if (!sees(&w, c))
			continue;
		r = run_chain(&w, c, false);
		if (r == DROPPED)
			w.o.accepted = false;
		else if (r != ACCEPTED && c->has_policy && c->policy == VERDICT_DROP && !p->neighbour_discovery)
			w.o.accepted = false;
	}
	return w.o;
}
