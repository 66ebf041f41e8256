/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_align.c - which rule wanted is which rule found.
 *
 *	found, by label		drop A, accept B, drop C
 *	wanted			drop A, accept X, drop C, accept B
 *	aligned			A and C keep label and id; X and B get new ones;
 *				B, having moved, keeps its counter
 *
 * The rules that keep their labels are a longest common subsequence of both
 * orders.  An element of RULE that the image found refers to never changes: a
 * rule whose element would differ, be it in a label it resumes at or in its ops,
 * gets another id.  Marks have labels and ids like rules. */
#include <compiler/emit.h>

#include <string.h>

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

static void set_actions(struct emit *e, struct pool *ops, const struct ir_rule *r, struct zf_rule *rule)
{
	struct actions a = rule_actions(r);

	rule->ct_states = a.ct_states;
	rule->flags = (a.count_first ? ZF_COUNT_FIRST : 0) | (a.local ? ZF_LOCAL_ADDRESS : 0) |
		      (r->spares_neighbour_discovery ? ZF_SPARES_ND : 0);
	if (a.tproxy) {
		rule->flags |= ZF_TPROXY;
		tproxy_make(&a.tproxy->tproxy, &rule->tproxy);
	}
	if (a.n_rest) {
		rule->flags |= ZF_HAS_OPS;
		rule->ops = actions_emit(e, ops, r, &a);
	}
	if (a.count) {
		rule->counter = e->ret->counter_ids[a.count->index];
		rule->counter_identity = e->ir->counters[a.count->index].identity;
	}
}

static void set_verdict(const struct emit *e, const struct ir_rule *r, struct zf_rule *rule)
{
	switch (r->verdict) {
	case IR_DROP:
		rule->verdict = ZF_DROP;
		break;
	case IR_RESUME:
		rule->verdict = ZF_RESUME;
		set_resume(e, rule, r->resume, &rule->resume, &rule->resume_mark);
		break;
	case IR_REJECT:
		rule->verdict = r->reject.tcp_reset ? ZF_RESET : ZF_REJECT;
		if (r->reject.tcp_reset)
			break;
		rule->icmp_code = r->reject.icmp_code;
		rule->icmp6_code = r->reject.icmp6_code;
		break;
	}
}

/* Label and identity are there. */
static void fill_rule(struct emit *e, struct pool *ops, const struct ir_rule *r, struct zf_rule *rule)
{
	set_actions(e, ops, r, rule);
	set_verdict(e, r, rule);
	if (has_condition(r))
		set_resume(e, rule, r->otherwise, &rule->otherwise, &rule->otherwise_mark);
}

/* Numbers the rules of one kind, whose elements are complete but for that. */
static void number_rules(struct emit *e, const struct order *o, struct pool *ops, enum ir_kind kind,
			 struct free_numbers *numbers)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct ir_rule *r = e->ir->rules[o->rules[i]];
		struct zf_rule *rule = &e->rules[r->index];
		const struct zf_rule *old = found_get(&e->found.rules, o->old[i]);
		bool same;

		if (r->kind != kind)
			continue;
		if (kind == IR_RULE)
			fill_rule(e, ops, r, rule);
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

int emit_rules(struct emit *e)
{
	struct free_numbers numbers = { .used = e->found.rules.used, .n = e->found.rules.n };
	struct pool ops;
	struct order o;

	find_wanted(e);
	order_make(e, &o);
	find_old(e, &o);
	keep_longest(e, &o);
	labels_fill(o.labels, o.n);
	emit_states(e);
	value_sets_make(e);
	pool_init(e, MAP_OPS, &e->found.ops, &ops);

	e->rules = arena_make_array(e->a, e->ir->n_rules, struct zf_rule);
	e->ret->rule_ids = arena_make_array(e->a, e->ir->n_rules, uint32_t);
	for (size_t i = 0; i < o.n; i++) {
		const struct ir_rule *r = e->ir->rules[o.rules[i]];

		e->rules[r->index].label = o.labels[i];
		e->rules[r->index].identity = r->identity;
		e->rules[r->index].flags = r->kind == IR_MARK ? ZF_MARK : 0;
	}
	number_rules(e, &o, &ops, IR_MARK, &numbers);
	number_rules(e, &o, &ops, IR_RULE, &numbers);
	rules_finish(e);
	pool_finish(&ops, &e->ret->maps[MAP_OPS]);
	return e->failed || emit_values(e) < 0 ? -1 : 0;
}
