/* SPDX-License-Identifier: GPL-2.0-only */
/* align.c - which rule wanted is which rule found.
 *
 *	found, by label		drop A, accept B, drop C
 *	wanted			drop A, accept X, drop C, accept B
 *	aligned			A and C keep label and id; X and B get new ones;
 *				B, having moved, keeps its counter
 *
 * The rules that keep their labels are a longest common subsequence of both
 * orders.  An element of RULE that the image found refers to never changes: a
 * rule whose element would differ, be it in a label it resumes at, gets another
 * id.  Marks have labels and ids like rules. */
#include <compiler/emit.h>

#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/emit_elements.h>

/* The wanted rules and marks in order. */
struct order {
	size_t n;
	uint32_t *rules;  /* index in ir */
	uint32_t *old;	  /* id in the image found, 0: none */
	uint32_t *labels; /* 0: not yet */
};

/* ---- what is wanted ---- */

bool rule_can_match(const struct ir_rule *r, enum zf_family f)
{
	const struct addr_set *dst = rule_addrs(r, f, EMIT_DST), *src = rule_addrs(r, f, EMIT_SRC);

	if (r->kind != IR_RULE || !rule_has_family(r, f) || r->interfaces->n == 0)
		return false;
	return !(dst && dst->n == 0) && !(src && src->n == 0);
}

static bool has_condition(const struct ir_rule *r)
{
	return ir_is_conditional(r) || r->spares_neighbour_discovery;
}

static void want_mark(struct emit *e, const struct ir_rule *mark, uint32_t last_rule)
{
	if (mark && mark->index < last_rule)
		e->wanted[mark->index] = true;
}

/* Rules that a packet can match, and the marks at which those resume, unless
 * nothing stands behind the mark. */
static void find_wanted(struct emit *e)
{
	const struct ir *ir = e->ir;
	uint32_t last_rule = 0;

	e->wanted = arena_make_array(e->a, ir->n_rules, bool);
	for (uint32_t i = 0; i < ir->n_rules; i++) {
		const struct ir_rule *r = ir->rules[i];
		bool headerless = r->kind == IR_RULE && r->families & (IR_OTHER | IR_BAD4 | IR_BAD6);

		e->wanted[i] = rule_can_match(r, ZF_IPV4) || rule_can_match(r, ZF_IPV6) ||
			       (headerless && r->interfaces->n > 0);
		if (e->wanted[i])
			last_rule = i;
	}
	for (uint32_t i = 0; i < ir->n_rules; i++) {
		const struct ir_rule *r = ir->rules[i];

		if (!e->wanted[i] || r->kind != IR_RULE)
			continue;
		if (r->verdict == IR_RESUME)
			want_mark(e, r->resume, last_rule);
		if (has_condition(r))
			want_mark(e, r->otherwise, last_rule);
	}
}

/* ---- what it was ---- */

struct same_rule {
	const struct found *found;
	uint64_t identity;
	bool is_mark;
};

static bool same_rule(const void *ctx, uint32_t id)
{
	const struct same_rule *s = ctx;
	const struct zf_rule *r = found_get(&s->found->rules, id);

	return r->identity == s->identity && !!(r->flags & ZF_MARK) == s->is_mark;
}

static void index_found_rules(struct emit *e, struct emit_table *ret)
{
	struct same_rule s = { .found = &e->found };

	for (uint32_t id = 1; id < e->found.rules.n; id++) {
		const struct zf_rule *r = found_get(&e->found.rules, id);

		if (!r || !e->found.rules.used[id] || r->label == 0 || r->label > ZF_LABEL_MAX)
			continue;
		s.identity = r->identity;
		s.is_mark = r->flags & ZF_MARK;
		emit_table_add(e->a, ret, r->identity, same_rule, &s, id);
	}
}

static void find_old(struct emit *e, struct order *o)
{
	struct same_rule s = { .found = &e->found };
	struct emit_table by_identity = { 0 };

	index_found_rules(e, &by_identity);
	for (size_t i = 0; i < o->n; i++) {
		const struct ir_rule *r = e->ir->rules[o->rules[i]];

		s.identity = r->identity;
		s.is_mark = r->kind == IR_MARK;
		o->old[i] = emit_table_find(&by_identity, r->identity, same_rule, &s);
	}
}

/* The first of the 'n' ascending 'tails' whose label isn't below 'label'. */
static size_t lower_bound(const uint32_t *labels, const uint32_t *tails, size_t n, uint32_t label)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (labels[tails[mid]] < label)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Leaves in o->labels a longest strictly ascending choice of the old labels. */
static void keep_longest(struct emit *e, struct order *o)
{
	uint32_t *tails = arena_make_array(e->a, o->n, uint32_t);  /* by length - 1: where the best such choice ends */
	uint32_t *before = arena_make_array(e->a, o->n, uint32_t); /* by position: the one chosen before, + 1 */
	uint32_t *old = arena_make_array(e->a, o->n, uint32_t);
	size_t longest = 0;

	for (uint32_t i = 0; i < o->n; i++) {
		size_t at;

		if (!o->old[i])
			continue;
		old[i] = ((const struct zf_rule *)found_get(&e->found.rules, o->old[i]))->label;
		at = lower_bound(old, tails, longest, old[i]);
		before[i] = at ? tails[at - 1] + 1 : 0;
		tails[at] = i;
		if (at == longest)
			longest++;
	}
	for (uint32_t i = longest ? tails[longest - 1] + 1 : 0; i; i = before[i - 1])
		o->labels[i - 1] = old[i - 1];
}

static void order_make(struct emit *e, struct order *o)
{
	size_t n = e->ir->n_rules;

	*o = (struct order){ 0 };
	o->rules = arena_make_array(e->a, n, uint32_t);
	o->old = arena_make_array(e->a, n, uint32_t);
	o->labels = arena_make_array(e->a, n, uint32_t);
	for (uint32_t i = 0; i < n; i++)
		if (e->wanted[i])
			o->rules[o->n++] = i;
}

/* ---- counters ---- */

static bool same_counter(const void *ctx, uint32_t id)
{
	const struct same_rule *s = ctx;
	const struct zf_rule *r = found_get(&s->found->rules, id);

	return r->counter_identity == s->identity;
}

/* Rules found by the identity of their counters. */
static void index_found_counters(struct emit *e, struct emit_table *ret)
{
	struct same_rule s = { .found = &e->found };

	for (uint32_t id = 1; id < e->found.rules.n; id++) {
		const struct zf_rule *r = found_get(&e->found.rules, id);

		if (!r || !e->found.rules.used[id] || r->counter == 0 || r->counter >= e->found.n_counters)
			continue;
		s.identity = r->counter_identity;
		emit_table_add(e->a, ret, s.identity, same_counter, &s, id);
	}
}

static void number_counter(struct emit *e, const struct emit_table *by_identity, struct free_numbers *numbers,
			   uint32_t counter)
{
	struct same_rule s = { .found = &e->found, .identity = e->ir->counters[counter].identity };
	uint32_t *id = &e->ret->counter_ids[counter], old;

	if (*id)
		return;
	old = emit_table_find(by_identity, s.identity, same_counter, &s);
	e->ret->counter_new[counter] = !old;
	*id = old ? ((const struct zf_rule *)found_get(&e->found.rules, old))->counter : free_numbers_take(numbers);
}

static void number_counters(struct emit *e)
{
	struct free_numbers numbers = { .used = e->found.counters_used, .n = e->found.n_counters };
	struct emit_table by_identity = { 0 };

	index_found_counters(e, &by_identity);
	e->ret->counter_ids = arena_make_array(e->a, e->ir->n_counters, uint32_t);
	e->ret->counter_new = arena_make_array(e->a, e->ir->n_counters, bool);
	for (size_t i = 0; i < e->ir->n_rules; i++)
		for (size_t k = 0; e->wanted[i] && k < e->ir->rules[i]->n_ops; k++)
			if (e->ir->rules[i]->ops[k].kind == IR_COUNT)
				number_counter(e, &by_identity, &numbers, e->ir->rules[i]->ops[k].index);
}

/* ---- elements ---- */

static void set_resume(const struct emit *e, const struct zf_rule *rule, const struct ir_rule *mark, uint32_t *label,
		       uint32_t *mark_id)
{
	*mark_id = 0;
	if (!mark) {
		*label = rule->label + 1;
	} else if (!e->wanted[mark->index]) {
		*label = ZF_LABEL_NONE;
	} else {
		*label = e->rules[mark->index].label;
		*mark_id = e->ret->rule_ids[mark->index];
	}
}

static void set_tproxy(const struct ir_tproxy *t, struct zf_rule *rule)
{
	rule->flags |= ZF_TPROXY;
	rule->tproxy_port = t->port;
	if (!t->has_addr)
		return;
	rule->flags |= t->family == AF_INET ? ZF_TPROXY_ADDR4 : ZF_TPROXY_ADDR6;
	memcpy(rule->tproxy_addr, t->addr, t->family == AF_INET ? 4 : 16);
}

/* Label and identity are there. */
static void fill_rule(struct emit *e, const struct ir_rule *r, struct zf_rule *rule)
{
	_Static_assert(IR_CT_ESTABLISHED == ZF_CT_ESTABLISHED && IR_CT_RELATED == ZF_CT_RELATED, "the same bits");
	struct actions actions = rule_actions(r);

	rule->verdict = r->verdict == IR_DROP ? ZF_DROP : ZF_RESUME;
	rule->ct_states = actions.ct_states;
	rule->flags = (actions.count_first ? ZF_COUNT_FIRST : 0) | (actions.local ? ZF_LOCAL_ADDRESS : 0) |
		      (r->spares_neighbour_discovery ? ZF_SPARES_ND : 0);
	if (actions.tproxy)
		set_tproxy(&actions.tproxy->tproxy, rule);
	if (actions.count) {
		rule->counter = e->ret->counter_ids[actions.count->index];
		rule->counter_identity = e->ir->counters[actions.count->index].identity;
	}
	if (r->verdict == IR_RESUME)
		set_resume(e, rule, r->resume, &rule->resume, &rule->resume_mark);
	if (has_condition(r))
		set_resume(e, rule, r->otherwise, &rule->otherwise, &rule->otherwise_mark);
}

/* Numbers the rules of one kind, whose elements are complete but for that. */
static void number_rules(struct emit *e, const struct order *o, enum ir_kind kind, struct free_numbers *numbers)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct ir_rule *r = e->ir->rules[o->rules[i]];
		struct zf_rule *rule = &e->rules[r->index];
		const struct zf_rule *old = found_get(&e->found.rules, o->old[i]);
		bool same;

		if (r->kind != kind)
			continue;
		if (kind == IR_RULE)
			fill_rule(e, r, rule);
		same = o->old[i] && memcmp(old, rule, sizeof(*rule)) == 0;
		e->ret->rule_ids[r->index] = same ? o->old[i] : free_numbers_take(numbers);
	}
}

static void rules_finish(struct emit *e)
{
	struct elements elements = elements_of(MAP_RULE, e->a);

	for (uint32_t i = 0; i < e->ir->n_rules; i++)
		if (e->wanted[i])
			elements_add(&elements, &e->ret->rule_ids[i], &e->rules[i], i);
	elements_finish(&elements, &e->ret->maps[MAP_RULE]);
}

void emit_rules(struct emit *e)
{
	struct free_numbers numbers = { .used = e->found.rules.used, .n = e->found.rules.n };
	struct order o;

	find_wanted(e);
	order_make(e, &o);
	find_old(e, &o);
	keep_longest(e, &o);
	labels_fill(o.labels, o.n);
	number_counters(e);

	e->rules = arena_make_array(e->a, e->ir->n_rules, struct zf_rule);
	e->ret->rule_ids = arena_make_array(e->a, e->ir->n_rules, uint32_t);
	for (size_t i = 0; i < o.n; i++) {
		const struct ir_rule *r = e->ir->rules[o.rules[i]];

		e->rules[r->index].label = o.labels[i];
		e->rules[r->index].identity = r->identity;
		e->rules[r->index].flags = r->kind == IR_MARK ? ZF_MARK : 0;
	}
	number_rules(e, &o, IR_MARK, &numbers);
	number_rules(e, &o, IR_RULE, &numbers);
	rules_finish(e);
}
