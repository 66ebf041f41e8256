/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/resolve.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

#define MAX_CHAINS 16 /* on one way through the rules, base chain included: the kernel's NFT_JUMP_STACK_SIZE */

/* One chain on the way that is being walked. */
struct step {
	const struct ast_chain *chain;
	const struct ast_stmt *jump; /* that led out of it */
};

struct walk {
	struct resolve *r;
	struct table heights; /* by chain: its height as a pointer, of chains that are done */
	struct step way[MAX_CHAINS];
	unsigned int depth;
	bool refused;
};

static struct span jump_span(const struct ast_stmt *s)
{
	return span_known(s->verdict.chain_span) ? s->verdict.chain_span : s->span;
}

static void refuse_loop(struct walk *w, unsigned int from)
{
	struct diag *d = w->r->d;

	diag_error(d, DIAG_JUMP_LOOP, jump_span(w->way[w->depth - 1].jump),
		   "jump loop: chain '%s' is reached from itself", w->way[from].chain->name);
	for (unsigned int i = from; i + 1 < w->depth; i++)
		diag_note(d, jump_span(w->way[i].jump), "chain '%s' goes to '%s' here", w->way[i].chain->name,
			  w->way[i + 1].chain->name);
	w->refused = true;
}

static void refuse_depth(struct walk *w)
{
	const struct ast_stmt *last = w->way[w->depth - 1].jump;
	struct buf names = { .arena = w->r->a };

	for (unsigned int i = 0; i < w->depth; i++)
		buf_printf(&names, "%s, ", w->way[i].chain->name);
	diag_error(w->r->d, DIAG_JUMP_DEPTH, jump_span(last), "jumps are nested too deeply: at most %d chains",
		   MAX_CHAINS);
	diag_note(w->r->d, w->way[0].chain->name_span, "the way here is %s%s", names.text, last->verdict.target->name);
	w->refused = true;
}

static bool is_on_the_way(struct walk *w, const struct ast_chain *chain, unsigned int *at)
{
	for (*at = 0; *at < w->depth; ++*at)
		if (w->way[*at].chain == chain)
			return true;
	return false;
}

/* The number of chains on the longest way that begins at 'chain'. */
static unsigned int height(struct walk *w, const struct ast_chain *chain);

static unsigned int height_of_target(struct walk *w, const struct ast_stmt *s)
{
	const struct ast_chain *target = s->verdict.target;
	unsigned int at, h;
	void *known;

	w->way[w->depth - 1].jump = s;
	if (is_on_the_way(w, target, &at)) {
		refuse_loop(w, at);
		return 0;
	}
	known = table_get(&w->heights, (uintptr_t)target);
	if (!known && w->depth < MAX_CHAINS)
		return height(w, target);
	h = known ? (unsigned int)(uintptr_t)known : 1;
	if (w->depth + h > MAX_CHAINS)
		refuse_depth(w);
	return h;
}

static unsigned int height(struct walk *w, const struct ast_chain *chain)
{
	unsigned int highest = 0, h;

	w->way[w->depth++] = (struct step){ chain, NULL };
	for (const struct ast_rule *rule = chain->rules; rule && !w->refused; rule = rule->next)
		for (const struct ast_stmt *s = rule->stmts; s && !w->refused; s = s->next)
			if (s->kind == STMT_VERDICT && s->verdict.target) {
				h = height_of_target(w, s);
				highest = h > highest ? h : highest;
			}
	w->depth--;
	*table_at(&w->heights, (uintptr_t)chain) = (void *)(uintptr_t)(highest + 1);
	return highest + 1;
}

static void walk_chains(struct walk *w, const struct ast_table *table, bool base)
{
	for (const struct ast_chain *c = table->chains; c; c = c->next) {
		if (c->is_base != base || table_get(&w->heights, (uintptr_t)c))
			continue;
		w->refused = false;
		height(w, c);
	}
}

/* Base chains first, so that messages tell the way that packets take. */
void resolve_jumps(struct resolve *r)
{
	struct walk w = { .r = r, .heights = { .arena = r->a } };

	for (const struct ast_table *t = r->first; t; t = t->next) {
		walk_chains(&w, t, true);
		walk_chains(&w, t, false);
	}
}
