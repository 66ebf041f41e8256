/* SPDX-License-Identifier: GPL-2.0-only */
/* lower.c - bound tree to one list of rules.
 *
 *	chain pre { hook, policy drop		udp		[d's rules, udp only]
 *		udp dport 53 jump d	  ->	tcp 22		accept: resume at the end
 *		tcp dport 22 accept }		any		drop (policy)
 *	chain d { ... }				mark: the end
 *
 * See ir.h for what the list means.  The order of rules that a packet can tell
 * apart is that of nft: base chains by hook and priority, their rules in text
 * order, the rules of a target where the jump stands. */
#include <compiler/lower.h>

#include <compiler/base/arena.h>
#include <compiler/box.h>
#include <compiler/compile.h>
#include <compiler/hash.h>

void lower_chain(struct lower *l, const struct ast_chain *chain, const struct frame *f)
{
	for (const struct ast_rule *rule = chain->rules; rule && !l->full; rule = rule->next) {
		if (++l->visits > LOWER_MAX_VISITS)
			limit_reached(l, f);
		else
			lower_rule(l, rule, f);
	}
}

/* A base chain, where it begins, and what it sees. */
struct base {
	const struct ast_chain *chain;
	const struct ir_interfaces *interfaces;
	struct place begin;
};

static void lower_base_chain(struct lower *l, const struct base *b, struct place *on_accept)
{
	uint64_t path = identity_of_chain(b->chain);
	struct place end = { .identity = hash_u64(path, UINT64_MAX) };
	struct frame f = {
		.base = b->chain,
		.match = match_of_chain(b->chain, b->interfaces),
		.path = path,
		.on_accept = on_accept,
		.on_return = &end,
	};

	if (!b->interfaces->n)
		return;
	lower_chain(l, b->chain, &f);
	place_put(l, &end, &f);
	if (b->chain->has_policy && b->chain->policy == VERDICT_DROP)
		emit_policy(l, &f);
}

/* Where a packet that 'b' accepts goes on: at the next base chain that sees its
 * interface, or at the end of all rules. */
static struct place *after_accept(struct base *b, const struct base *end, struct place *behind_all)
{
	for (struct base *next = b + 1; next < end; next++)
		if (box_interfaces_meet(b->interfaces, next->interfaces))
			return &next->begin;
	return behind_all;
}

static void lower_base_chains(struct lower *l)
{
	size_t n = l->rs->n_base_chains;
	struct base *v = arena_make_array(l->a, n, struct base);
	struct place behind_all = { .identity = hash_u64(0, UINT64_MAX) };
	struct frame none = { 0 };

	for (size_t i = 0; i < n; i++) {
		v[i].chain = none.base = l->rs->base_chains[i];
		v[i].interfaces = interfaces_of_chain(l, v[i].chain);
		v[i].begin.identity = hash_u64(identity_of_chain(v[i].chain), UINT64_MAX - 1);
	}
	for (size_t i = 0; i < n; i++) {
		place_put(l, &v[i].begin, &none);
		lower_base_chain(l, &v[i], after_accept(&v[i], v + n, &behind_all));
	}
	place_put(l, &behind_all, &none);
}

/* At most every interface. */
static void make_attach(struct lower *l)
{
	l->ir->attach = arena_make_array(l->a, l->hosts.n, struct ir_attach);
}

static void give_lists(struct lower *l)
{
	struct ir *ir = l->ir;

	ir->rules = l->rules.v;
	ir->n_rules = l->rules.n;
	ir->counters = l->counters.v;
	ir->n_counters = l->counters.n;
	ir->limits = l->limits.v;
	ir->n_limits = l->limits.n;
	ir->timers = l->timers.v;
	ir->n_timers = l->timers.n;
	ir->logs = l->logs.v;
	ir->n_logs = l->logs.n;
}

int compile_lower(const struct ruleset *rs, const struct facts *facts, struct diag *d, struct arena *a, struct ir **ret)
{
	struct lower l = {
		.rs = rs,
		.d = d,
		.a = a,
		.ir = arena_make(a, struct ir),
		.interface_sets.arena = a,
		.objects.arena = a,
		.timed.arena = a,
		.sets.arena = a,
		.complements.arena = a,
		.picks.arena = a,
		.common.arena = a,
		.ranges.arena = a,
		.identities.arena = a,
	};

	hosts_init(&l, facts);
	make_attach(&l);
	state_make(&l);
	lower_base_chains(&l);
	give_lists(&l);
	*ret = l.ir;
	return d->errors ? -1 : 0;
}
