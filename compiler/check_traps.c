/* SPDX-License-Identifier: GPL-2.0-only */
/* check_traps.c - rules that do what they say, and surprise.
 *
 *	udp dport 1024-65535 drop	<- drops the replies to this host's own
 *	ct state established accept	   questions, before they are accepted here
 */
#include <compiler/check.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/box.h>
#include <compiler/compile.h>
#include <compiler/facts.h>
#include <grammar/ast.h>

/* ---- replies that are dropped before the rule that accepts them ---- */

/* The ports that connections of a host begin at: Linux' net.ipv4.ip_local_port_range. */
#define FIRST_EPHEMERAL 32768
#define LAST_EPHEMERAL	60999
#define PROTO_TCP	6
#define PROTO_UDP	17
#define MOST_DROPS	64 /* rules that are looked at */

static bool has_range(const struct ir_ranges *r, uint16_t lo, uint16_t hi)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].lo <= lo && r->v[i].hi >= hi)
			return true;
	return !r->n;
}

/* Does it drop whatever arrives for connections from here, of TCP or UDP, from
 * anywhere?  A rule against some addresses means what it does. */
static bool drops_replies(const struct ir_rule *r)
{
	bool anywhere = (r->families & IR_V4 && !r->src4 && !r->dst4) || (r->families & IR_V6 && !r->src6 && !r->dst6);

	return r->kind == IR_RULE && r->source && r->verdict != IR_RESUME && !ir_is_conditional(r) && anywhere &&
	       (has_range(&r->protos, PROTO_TCP, PROTO_TCP) || has_range(&r->protos, PROTO_UDP, PROTO_UDP)) &&
	       (!r->need_l4 || (!r->sports.n && has_range(&r->dports, FIRST_EPHEMERAL, LAST_EPHEMERAL)));
}

static bool accepts_established(const struct ir_rule *r)
{
	if (r->kind != IR_RULE || !r->source || r->verdict != IR_RESUME || !r->resume)
		return false;
	for (size_t i = 0; i < r->n_ops; i++)
		if (r->ops[i].kind == IR_CT && r->ops[i].ct_states & IR_CT_ESTABLISHED)
			return true;
	return false;
}

struct drops {
	const struct ir_rule *v[MOST_DROPS];
	size_t n;
};

static void say_drops(struct check *c, struct drops *drops, const struct ir_rule *accept)
{
	for (size_t i = 0; i < drops->n; i++) {
		const struct ir_rule *drop = drops->v[i];
		struct rule_state *state = &c->rules[drop->source->number];

		if (state->said || !box_meets(drop, accept))
			continue;
		state->said = true;
		diag_warning(c->d, DIAG_DROP_BEFORE_ESTABLISHED, drop->span,
			     "replies to connections from this host are dropped here, before they are accepted");
		check_note(c, accept, "accepts packets of established connections");
	}
}

/* A rule that stands behind one which accepts them already drops none. */
static void check_established(struct check *c)
{
	struct drops drops = { .n = 0 };
	const struct ir_rule *accept = NULL;

	for (size_t i = 0; i < c->ir->n_rules; i++) {
		const struct ir_rule *r = c->ir->rules[i];

		if (accepts_established(r)) {
			say_drops(c, &drops, r);
			accept = r;
		} else if (!c->dead[i] && drops.n < MOST_DROPS && drops_replies(r) &&
			   !(accept && box_meets(accept, r))) {
			drops.v[drops.n++] = r;
		}
	}
}

/* ---- ssh-local where there is no address ---- */

static const struct fact_interface *without_address(const struct facts *facts, const struct ir_interfaces *interfaces)
{
	for (size_t i = 0; i < interfaces->n; i++)
		for (size_t j = 0; j < facts->n; j++)
			if (facts->v[j].index == interfaces->v[i] && !facts->v[j].n_addrs)
				return &facts->v[j];
	return NULL;
}

static const struct ast_stmt *find_ssh_local(const struct ast_rule *rule)
{
	const struct ast_stmt *s = rule->stmts;

	while (s && s->kind != STMT_SSH_LOCAL)
		s = s->next;
	return s;
}

static void check_ssh_local(struct check *c)
{
	const struct ast_rule *last = NULL;

	for (size_t i = 0; i < c->ir->n_rules; i++) {
		const struct ir_rule *r = c->ir->rules[i];
		const struct ast_stmt *s = r->source && ir_has_op(r, IR_LOCAL) ? find_ssh_local(r->source) : NULL;
		const struct fact_interface *interface = s && r->source != last
								 ? without_address(c->facts, r->interfaces)
								 : NULL;

		if (!interface)
			continue;
		last = r->source;
		diag_warning(c->d, DIAG_SSH_LOCAL_NO_ADDRESS, s->span,
			     "'ssh-local' matches nothing on interface '%s', which has no address", interface->name);
	}
}

/* ---- ct state != established,related ---- */

/* A packet has one state, so it is never equal to several at once. */
static bool is_always_true(const struct ast_stmt *s)
{
	return s->kind == STMT_MATCH && s->match.field == FIELD_CT_STATE && s->match.op == OP_NE &&
	       s->match.rhs->kind == VALUE_NUMBER && s->match.rhs->number & (s->match.rhs->number - 1);
}

static const char *states_as_set(struct arena *a, uint64_t states)
{
	static const struct {
		unsigned int bit;
		const char *name;
	} names[] = {
		{ IR_CT_INVALID, "invalid" }, { IR_CT_ESTABLISHED, "established" }, { IR_CT_RELATED, "related" },
		{ IR_CT_NEW, "new" },	      { IR_CT_UNTRACKED, "untracked" },
	};
	struct buf b = { .arena = a };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (states & names[i].bit)
			buf_printf(&b, "%s%s", b.len ? ", " : "{ ", names[i].name);
	buf_puts(&b, " }");
	return b.text;
}

static void check_states(struct check *c, const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		if (!is_always_true(s))
			continue;
		diag_warning(c->d, DIAG_ALWAYS_MATCHES, s->span,
			     "this is true in every state: a packet is in one at a time");
		diag_did_you_mean(c->d, s->match.rhs->span, states_as_set(c->a, s->match.rhs->number), SPAN_NONE);
	}
}

static void check_all_states(struct check *c)
{
	for (const struct ast_table *t = c->rs->tables; t; t = t->next)
		for (const struct ast_chain *chain = t->chains; chain; chain = chain->next)
			for (const struct ast_rule *rule = chain->rules; rule; rule = rule->next)
				check_states(c, rule);
}

/* ---- */

void check_traps(struct check *c)
{
	check_all_states(c);
	check_established(c);
	if (!c->facts->assume)
		check_ssh_local(c);
}
