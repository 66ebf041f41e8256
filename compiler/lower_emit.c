/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/lower.h>

#include <compiler/base/arena.h>
#include <compiler/compile.h>
#include <compiler/hash.h>

#define FOR_POLICY 0x706f6c /* in identities */

static void put_match(struct lower *l, struct ir_rule *rule, const struct match *m)
{
	rule->families = m->families;
	rule->need_l4 = m->need_l4;
	rule->interfaces = m->interfaces;
	rule->src4 = m->dims[DIM_SRC4];
	rule->dst4 = m->dims[DIM_DST4];
	rule->src6 = m->dims[DIM_SRC6];
	rule->dst6 = m->dims[DIM_DST6];
	rule->protos = ranges_of_set(l, m->dims[DIM_PROTO]);
	rule->sports = ranges_of_set(l, m->dims[DIM_SPORT]);
	rule->dports = ranges_of_set(l, m->dims[DIM_DPORT]);
}

void limit_reached(struct lower *l, const struct frame *f)
{
	if (l->full)
		return;
	l->full = true;
	diag_error(l->d, DIAG_TOO_MANY_RULES, span_known(f->jump) ? f->jump : f->base->name_span,
		   "too many rules: with all jumps followed there are more than %d", LOWER_MAX_RULES);
}

static struct ir_rule *append(struct lower *l, const struct frame *f, struct ir_rule *rule)
{
	if (l->rules.n >= LOWER_MAX_RULES) {
		limit_reached(l, f);
		return NULL;
	}
	rule->index = (uint32_t)l->rules.n;
	*vec_push(l->a, &l->rules) = rule;
	return rule;
}

struct ir_rule *emit_rule(struct lower *l, const struct frame *f, const struct ast_rule *source, const struct match *m,
			  uint64_t identity)
{
	struct ir_rule *rule = arena_make(l->a, struct ir_rule);

	put_match(l, rule, m);
	rule->verdict = IR_RESUME;
	rule->origin = IR_FROM_RULE;
	rule->source = source;
	rule->chain = source->chain;
	rule->span = source->span;
	rule->jump = f->jump;
	rule->identity = identity_unique(l, identity);
	return append(l, f, rule);
}

void emit_policy(struct lower *l, const struct frame *f)
{
	struct ir_rule *rule = arena_make(l->a, struct ir_rule);

	if (!f->match.interfaces->n)
		return;
	put_match(l, rule, &f->match);
	rule->verdict = IR_DROP;
	rule->origin = IR_FROM_POLICY;
	rule->chain = f->base;
	rule->span = span_known(f->base->policy_span) ? f->base->policy_span : f->base->name_span;
	rule->spares_neighbour_discovery = true;
	rule->identity = identity_unique(l, hash_u64(f->path, FOR_POLICY));
	append(l, f, rule);
}

/* ---- places ---- */

const struct ir_rule *place_mark(struct lower *l, struct place *p)
{
	if (!p->mark) {
		p->mark = arena_make(l->a, struct ir_rule);
		p->mark->kind = IR_MARK;
		p->mark->verdict = IR_RESUME;
	}
	return p->mark;
}

void place_put(struct lower *l, struct place *p, const struct frame *f)
{
	if (!p->mark)
		return;
	p->mark->identity = identity_unique(l, p->identity);
	append(l, f, p->mark);
}
