/* SPDX-License-Identifier: GPL-2.0-only */
/* lower_rule.c - one rule to IR rules.
 *
 *	ip saddr A counter tcp dport 80 drop		A		count, next
 *							A, tcp 80	drop
 *
 * An IR rule looks at everything first and acts then, so a statement that acts
 * in the middle of a rule splits it: the pieces stand one behind the other, each
 * with the static matches of those before it.  When a dynamic condition of a
 * piece fails, the search goes on behind the last piece. */
#include <compiler/lower.h>

#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>

#define FOR_EXCLUSION 0x65786300u /* in identities: apart from the numbers of pieces */

/* What an IR rule has besides its static part. */
struct piece {
	uint8_t ct_states;
	bool local_address;
	bool has_tproxy;
	struct ir_tproxy tproxy;
	bool has_counter, count_first;
	uint32_t counter;
};
#define PIECE_OPS 4 /* at most */

struct run {
	struct lower *l;
	const struct ast_rule *rule;
	const struct frame *f;
	struct matches m;
	struct piece piece;
	struct {
		struct exclusion *v;
		size_t n, cap;
	} excluded; /* and not yet skipped */
	struct place behind;
	unsigned int n_pieces, n_counters;
	bool accepts; /* without saying so: ssh-local and dhcp */
	bool never;   /* nothing is left to match */
	bool spares;  /* drops without a look at the packet */
};

static uint64_t run_identity(const struct run *r)
{
	return hash_u64(r->f->path, r->l->info[r->rule->number].content);
}

static bool is_conditional(const struct piece *p)
{
	return p->ct_states || p->local_address || p->has_tproxy;
}

static bool acts(const struct piece *p)
{
	return p->has_counter || p->has_tproxy;
}

/* ---- pieces ---- */

/* ---- exclusions ----
 *
 *	ip saddr != X tcp dport 22 drop		X, tcp 22	resume behind the rule
 *						tcp 22		drop
 *
 * The addresses that aren't in X would be up to 32 or 128 prefixes, each of
 * another length; so packets from X are sent behind the rule first. */

static void skip_excluded(struct run *r, const struct match *m, size_t nth, unsigned int alternative)
{
	uint64_t what = hash_u64(hash_u64(run_identity(r), FOR_EXCLUSION + r->n_pieces), nth);
	struct ir_rule *rule = emit_rule(r->l, r->f, r->rule, m, hash_u64(what, alternative));

	if (rule)
		rule->resume = place_mark(r->l, &r->behind);
}

/* Before the first IR rule that must not see them, when all is known that this
 * one looks at.  An alternative of which nothing is left stays: what stands
 * behind its skip rule just isn't reached. */
static void settle(struct run *r)
{
	struct match skipped;

	for (unsigned int i = 0; i < r->m.n; i++)
		for (size_t k = 0; k < r->excluded.n; k++)
			if (match_excluded(r->l, &r->m.v[i], &r->excluded.v[k], &skipped))
				skip_excluded(r, &skipped, k, i);
	r->excluded.n = 0;
}

/* ---- IR rules ---- */

/* Its ops in order; how many. */
static size_t piece_ops(const struct piece *p, struct ir_op *ops)
{
	const struct ir_op count = { .kind = IR_COUNT, .index = p->counter };
	size_t n = 0;

	if (p->ct_states)
		ops[n++] = (struct ir_op){ .kind = IR_CT, .ct_states = p->ct_states };
	if (p->local_address)
		ops[n++] = (struct ir_op){ .kind = IR_LOCAL };
	if (p->has_counter && p->count_first)
		ops[n++] = count;
	if (p->has_tproxy)
		ops[n++] = (struct ir_op){ .kind = IR_TPROXY, .tproxy = p->tproxy };
	if (p->has_counter && !p->count_first)
		ops[n++] = count;
	return n;
}

static struct ir_rule *emit_one(struct run *r, const struct match *m, unsigned int alternative)
{
	const struct piece *p = &r->piece;
	uint64_t identity = hash_u64(hash_u64(run_identity(r), r->n_pieces), alternative);
	struct ir_rule *rule = emit_rule(r->l, r->f, r->rule, m, identity);
	struct ir_op ops[PIECE_OPS];

	if (!rule)
		return NULL;
	rule->n_ops = piece_ops(p, ops);
	if (rule->n_ops)
		rule->ops = memcpy(arena_make_array(r->l->a, rule->n_ops, struct ir_op), ops,
				   rule->n_ops * sizeof(*ops));
	r->l->ir->uses_ct |= p->ct_states != 0;
	r->l->ir->uses_tproxy |= p->has_tproxy;
	r->l->ir->uses_local |= p->local_address;
	return rule;
}

/* One IR rule for each alternative.  'otherwise' NULL: the next rule. */
static void emit_alternatives(struct run *r, enum ir_verdict verdict, struct place *resume, struct place *otherwise)
{
	for (unsigned int i = 0; i < r->m.n; i++) {
		const struct match *m = &r->m.v[i];
		struct ir_rule *rule = emit_one(r, m, i);

		if (!rule)
			return;
		rule->verdict = verdict;
		if (resume)
			rule->resume = place_mark(r->l, resume);
		if (otherwise && is_conditional(&r->piece))
			rule->otherwise = place_mark(r->l, otherwise);
		rule->spares_neighbour_discovery = r->spares;
	}
	r->n_pieces++;
	memset(&r->piece, 0, sizeof(r->piece));
}

static void emit_piece(struct run *r, enum ir_verdict verdict, struct place *resume, struct place *otherwise)
{
	settle(r);
	emit_alternatives(r, verdict, resume, otherwise);
}

/* Before what looks at the packet again. */
static void split(struct run *r)
{
	if (acts(&r->piece))
		emit_piece(r, IR_RESUME, NULL, &r->behind);
}

/* ---- narrowing ---- */

typedef bool (*narrow_fn)(struct lower *l, struct match *m, const struct ast_stmt *s);

static bool narrow_field(struct lower *l, struct match *m, const struct ast_stmt *s)
{
	return match_field(l, m, s);
}

static bool narrow_ip(struct lower *l, struct match *m, const struct ast_stmt *s)
{
	(void)l;
	(void)s;
	return match_ip(m);
}

static bool narrow_tproxy(struct lower *l, struct match *m, const struct ast_stmt *s)
{
	return match_tproxy(l, m, s->tproxy.family);
}

static bool narrow_ssh(struct lower *l, struct match *m, const struct ast_stmt *s)
{
	return match_ssh(l, m, s->ssh_local.ports);
}

/* Leaves the alternatives that still match something. */
static struct matches narrowed(struct run *r, narrow_fn narrow, const struct ast_stmt *s)
{
	struct matches left = { .n = 0 };

	for (unsigned int i = 0; i < r->m.n; i++) {
		struct match m = r->m.v[i];

		if (narrow(r->l, &m, s))
			left.v[left.n++] = m;
	}
	return left;
}

static bool matches_equal(const struct matches *x, const struct matches *y)
{
	if (x->n != y->n)
		return false;
	for (unsigned int i = 0; i < x->n; i++)
		if (!match_equal(&x->v[i], &y->v[i]))
			return false;
	return true;
}

/* What acted before acts on all that matched until here. */
static void keep(struct run *r, struct matches left)
{
	if (!matches_equal(&left, &r->m))
		split(r);
	r->m = left;
	r->never = !left.n;
}

/* ---- statements ---- */

static uint8_t states_of(const struct ast_value *v)
{
	uint8_t states = 0;

	if (v->kind == VALUE_NUMBER)
		return (uint8_t)v->number;
	for (const struct ast_value *i = v->items; i; i = i->next)
		states |= states_of(i);
	return states;
}

/* "ct state != S" has no IR of its own: packets with S go behind the rule. */
static void skip_states(struct run *r, uint8_t states)
{
	struct piece rest = r->piece;

	r->piece = (struct piece){ .ct_states = states };
	emit_alternatives(r, IR_RESUME, &r->behind, NULL); /* whom an exclusion skips goes there too */
	r->piece = rest;
}

static void lower_ct(struct run *r, const struct ast_stmt *s)
{
	uint8_t states = states_of(s->match.rhs);

	split(r);
	keep(r, narrowed(r, narrow_ip, s));
	if (r->never)
		return;
	if (s->match.op == OP_NE) {
		skip_states(r, states);
		return;
	}
	if (r->piece.ct_states)
		states &= r->piece.ct_states;
	r->piece.ct_states = states;
	r->never = !states;
}

static bool narrow_family(struct lower *l, struct match *m, const struct ast_stmt *s)
{
	(void)l;
	return match_family(m, s->match.field);
}

static void lower_exclusion(struct run *r, const struct ast_stmt *s)
{
	const struct addr_set *set = set_of_value(r->l, s->match.rhs, ast_field_type(s->match.field));

	split(r);
	keep(r, narrowed(r, narrow_family, s));
	if (set->n)
		*vec_push(r->l->a, &r->excluded) = (struct exclusion){ match_dimension(s->match.field), set };
}

static void lower_match(struct run *r, const struct ast_stmt *s)
{
	if (s->match.field == FIELD_CT_STATE)
		lower_ct(r, s);
	else if (match_is_exclusion(s))
		lower_exclusion(r, s);
	else
		keep(r, narrowed(r, narrow_field, s));
}

static void lower_counter(struct run *r)
{
	if (r->piece.has_counter)
		split(r);
	r->piece.has_counter = true;
	r->piece.count_first = !r->piece.has_tproxy;
	r->piece.counter = r->l->info[r->rule->number].first_counter + r->n_counters++;
}

static void lower_tproxy(struct run *r, const struct ast_stmt *s)
{
	struct ir_tproxy *t = &r->piece.tproxy;

	if (r->piece.has_tproxy)
		split(r);
	keep(r, narrowed(r, narrow_tproxy, s));
	if (r->never)
		return;
	r->piece.has_tproxy = true;
	t->family = (uint8_t)s->tproxy.family;
	if (s->tproxy.addr) {
		t->has_addr = true;
		memcpy(t->addr, s->tproxy.addr->addr, s->tproxy.family == AF_INET ? 4 : 16);
	}
	if (s->tproxy.port)
		t->port = (uint16_t)s->tproxy.port->number;
}

static void lower_ssh_local(struct run *r, const struct ast_stmt *s)
{
	split(r);
	keep(r, narrowed(r, narrow_ssh, s));
	r->piece.local_address = true;
	r->accepts = true;
}

static void lower_dhcp(struct run *r, const struct ast_stmt *s)
{
	struct matches left = r->m;

	matches_dhcp(r->l, &left, s->dhcp.role);
	keep(r, left);
	r->accepts = true;
}

/* ---- verdicts ---- */

/* The rules of the target, for each alternative. */
static void inline_target(struct run *r, const struct ast_stmt *s, struct place *on_return)
{
	settle(r);
	for (unsigned int i = 0; i < r->m.n && !r->l->full && r->f->depth < LOWER_MAX_DEPTH; i++) {
		struct frame inner = *r->f;

		inner.match = r->m.v[i];
		inner.path = hash_u64(hash_string(run_identity(r), s->verdict.chain), i);
		inner.on_return = on_return;
		inner.depth++;
		inner.jump = span_known(s->verdict.chain_span) ? s->verdict.chain_span : s->span;
		lower_chain(r->l, s->verdict.target, &inner);
	}
}

/* A rule in front of the target's does what must be done before it. */
static void lower_jump(struct run *r, const struct ast_stmt *s)
{
	if (acts(&r->piece) || is_conditional(&r->piece))
		emit_piece(r, IR_RESUME, NULL, &r->behind);
	inline_target(r, s, &r->behind);
}

/* Whoever gets to the end of the target's rules returns from this chain; at the
 * end of this chain that needs no rule. */
static void lower_goto(struct run *r, const struct ast_stmt *s)
{
	if (acts(&r->piece) || is_conditional(&r->piece))
		emit_piece(r, IR_RESUME, NULL, &r->behind);
	inline_target(r, s, r->f->on_return);
	if (r->rule->next)
		emit_piece(r, IR_RESUME, r->f->on_return, NULL);
}

static void lower_verdict(struct run *r, const struct ast_stmt *s)
{
	switch (s->verdict.verdict) {
	case VERDICT_ACCEPT:
		emit_piece(r, IR_RESUME, r->f->on_accept, NULL);
		break;
	case VERDICT_DROP:
		emit_piece(r, IR_DROP, NULL, NULL);
		break;
	case VERDICT_RETURN:
		if (r->rule->next)
			emit_piece(r, IR_RESUME, r->f->on_return, NULL);
		else if (acts(&r->piece))
			emit_piece(r, IR_RESUME, NULL, NULL);
		break;
	case VERDICT_JUMP:
		lower_jump(r, s);
		break;
	case VERDICT_GOTO:
		lower_goto(r, s);
		break;
	case VERDICT_CONTINUE:
		break;
	}
}

static bool is_terminal(const struct ast_stmt *s)
{
	return s->kind == STMT_VERDICT && s->verdict.verdict != VERDICT_CONTINUE;
}

static void lower_statement(struct run *r, const struct ast_stmt *s)
{
	switch (s->kind) {
	case STMT_MATCH:
		lower_match(r, s);
		break;
	case STMT_COUNTER:
		lower_counter(r);
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
	case STMT_VERDICT:
		lower_verdict(r, s);
		break;
	}
}

/* ---- the rule ---- */

/* Of interfaces and named sets may come more. */
static bool narrows_for_good(const struct ast_stmt *s)
{
	return s->kind == STMT_MATCH && s->match.field != FIELD_META_IIF && s->match.field != FIELD_META_IIFNAME &&
	       s->match.field != FIELD_CT_STATE && s->match.rhs->kind != VALUE_SETREF;
}

/* Says so when a rule's own matches contradict one another. */
static void check_contradiction(struct lower *l, const struct ast_rule *rule, const struct frame *f)
{
	struct match m = match_of_chain(f->base, f->match.interfaces);

	if (l->info[rule->number].checked)
		return;
	l->info[rule->number].checked = true;
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		if (narrows_for_good(s) && !match_field(l, &m, s)) {
			diag_warning(l->d, DIAG_NEVER_MATCHES, s->span,
				     "this can never match together with what stands before it");
			return;
		}
}

/* All of the rule then leaves neighbour discovery alone, its counters too. */
static bool drops_blindly(const struct ast_rule *rule, const struct frame *f)
{
	bool drops = false;

	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		bool looks = s->kind != STMT_COUNTER && s->kind != STMT_VERDICT;

		if (looks && (s->kind != STMT_MATCH ||
			      (s->match.field != FIELD_META_IIF && s->match.field != FIELD_META_IIFNAME)))
			return false;
		drops |= s->kind == STMT_VERDICT && s->verdict.verdict == VERDICT_DROP;
	}
	return drops && !f->match.looked;
}

void lower_rule(struct lower *l, const struct ast_rule *rule, const struct frame *f)
{
	struct run r = { .l = l, .rule = rule, .f = f, .m = { .v = { f->match }, .n = 1 } };
	const struct ast_stmt *s;

	r.spares = drops_blindly(rule, f);
	r.behind.identity = hash_u64(run_identity(&r), UINT64_MAX);
	for (s = rule->stmts; s && !r.never; s = s->next) {
		lower_statement(&r, s);
		if (is_terminal(s))
			break;
	}
	if (r.never)
		check_contradiction(l, rule, f);
	else if (!s && r.accepts)
		emit_piece(&r, IR_RESUME, f->on_accept, NULL);
	else if (!s && acts(&r.piece))
		emit_piece(&r, IR_RESUME, NULL, NULL);
	place_put(l, &r.behind, f);
}
