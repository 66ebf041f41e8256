/* SPDX-License-Identifier: GPL-2.0-only */
/* check_jumps.c - jumps that change nothing, because no packet is left for any of
 * the rules that they lead to.
 *
 *	tcp dport 22 accept
 *	tcp dport 22 jump ssh		<- dead
 *
 * One message at the jump says it better than one at each of the rules. */
#include <compiler/check.h>

#include <compiler/base/arena.h>
#include <compiler/compile.h>
#include <compiler/table.h>
#include <grammar/ast.h>

/* What became of the IR rules that one jump led to. */
struct led {
	uint32_t live;
	const struct ir_rule *dead; /* the first one, or NULL */
	bool said;
};

static struct led *led_by(struct check *c, struct table *jumps, const struct ir_rule *r)
{
	void **slot;

	if (r->kind == IR_MARK || !span_known(r->jump))
		return NULL;
	slot = table_at(jumps, r->jump.at);
	if (!*slot)
		*slot = arena_make(c->a, struct led);
	return *slot;
}

static void count(struct check *c, struct table *jumps)
{
	for (size_t i = 0; i < c->ir->n_rules; i++) {
		const struct ir_rule *r = c->ir->rules[i];
		struct led *led = led_by(c, jumps, r);

		if (!led)
			continue;
		led->live += !c->dead[i];
		if (c->dead[i] && !led->dead)
			led->dead = r;
	}
}

/* Rules that it leads to through another chain aren't counted. */
static bool leads_further(const struct ast_chain *chain)
{
	for (const struct ast_rule *rule = chain->rules; rule; rule = rule->next)
		for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
			if (s->kind == STMT_VMAP || (s->kind == STMT_VERDICT && s->verdict.target))
				return true;
	return false;
}

static void check_jump(struct check *c, const struct table *jumps, const struct ast_stmt *s)
{
	struct span at = span_known(s->verdict.chain_span) ? s->verdict.chain_span : s->span;
	struct led *led = table_get(jumps, at.at);

	if (!led || led->live || !led->dead || leads_further(s->verdict.target))
		return;
	led->said = true;
	diag_warning(c->d, DIAG_DEAD_JUMP, s->span,
		     "this jump changes nothing, no packet is left for the rules of chain '%s'",
		     s->verdict.target->name);
	check_note_cover(c, c->covers[led->dead->index]);
}

static void check_rule(struct check *c, const struct table *jumps, const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = rule->stmts; s && !c->rules[rule->number].said; s = s->next)
		if (s->kind == STMT_VERDICT && s->verdict.verdict == VERDICT_JUMP)
			check_jump(c, jumps, s);
}

/* The others need no message of their own then. */
static void mark_behind(struct check *c, struct table *jumps)
{
	for (size_t i = 0; i < c->ir->n_rules; i++)
		if (c->dead[i] && c->ir->rules[i]->source)
			c->rules[c->ir->rules[i]->source->number].behind_dead_jumps = true;
	for (size_t i = 0; i < c->ir->n_rules; i++) {
		const struct ir_rule *r = c->ir->rules[i];
		const struct led *led = c->dead[i] && r->source ? led_by(c, jumps, r) : NULL;

		if (c->dead[i] && r->source && !(led && led->said))
			c->rules[r->source->number].behind_dead_jumps = false;
	}
}

void check_jumps(struct check *c)
{
	struct table jumps = { .arena = c->a };

	count(c, &jumps);
	if (!jumps.n)
		return;
	for (const struct ast_table *t = c->rs->tables; t; t = t->next)
		for (const struct ast_chain *chain = t->chains; chain; chain = chain->next)
			for (const struct ast_rule *rule = chain->rules; rule; rule = rule->next)
				check_rule(c, &jumps, rule);
	mark_behind(c, &jumps);
}
