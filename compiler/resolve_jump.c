/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_jump.c - loops and depth of jumps, those of verdict maps included. */
#include <compiler/references.h>
#include <compiler/resolve.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

#define MAX_CHAINS 16 /* on one way through the rules, base chain included: the kernel's NFT_JUMP_STACK_SIZE */

/* One chain on the way that is being walked. */
struct step {
	const struct ast_chain *chain;
	struct span jump; /* that led out of it */
	const struct ast_chain *target;
	unsigned int highest; /* of its targets so far */
};

/* The chains that the elements of a map go to, each once. */
struct targets {
	struct reference *v;
	size_t n, cap;
	struct table seen;
};

struct walk {
	struct resolve *r;
	struct table heights; /* by chain: its height as a pointer, of chains that are done */
	struct table maps;    /* by set: struct targets */
	struct step way[MAX_CHAINS];
	unsigned int depth;
	bool refused, any_refused;
};

static void refuse_loop(struct walk *w, unsigned int from)
{
	struct diag *d = w->r->d;

	diag_error(d, DIAG_JUMP_LOOP, w->way[w->depth - 1].jump, "jump loop: chain '%s' is reached from itself",
		   w->way[from].chain->name);
	for (unsigned int i = from; i + 1 < w->depth; i++)
		diag_note(d, w->way[i].jump, "chain '%s' goes to '%s' here", w->way[i].chain->name,
			  w->way[i + 1].chain->name);
	w->refused = w->any_refused = true;
}

static void refuse_depth(struct walk *w)
{
	const struct step *last = &w->way[w->depth - 1];
	struct buf names = { .arena = w->r->a };

	for (unsigned int i = 0; i < w->depth; i++)
		buf_printf(&names, "%s, ", w->way[i].chain->name);
	diag_error(w->r->d, DIAG_JUMP_DEPTH, last->jump, "jumps are nested too deeply: at most %d chains", MAX_CHAINS);
	diag_note(w->r->d, w->way[0].chain->name_span, "the way here is %s%s", names.text, last->target->name);
	w->refused = w->any_refused = true;
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

static unsigned int height_of_target(struct walk *w, const struct reference *ref)
{
	struct step *last = &w->way[w->depth - 1];
	unsigned int at, h;
	void *known;

	last->jump = ref->span;
	last->target = ref->chain;
	if (is_on_the_way(w, ref->chain, &at)) {
		refuse_loop(w, at);
		return 0;
	}
	known = table_get(&w->heights, (uintptr_t)ref->chain);
	if (!known && w->depth < MAX_CHAINS)
		return height(w, ref->chain);
	h = known ? (unsigned int)(uintptr_t)known : 1;
	if (w->depth + h > MAX_CHAINS)
		refuse_depth(w);
	return h;
}

/* ---- maps ---- */

static bool add_target(const struct reference *ref, void *ctx)
{
	struct targets *targets = ctx;
	void **slot;

	if (ref->kind != REFERENCE_CHAIN)
		return true;
	slot = table_at(&targets->seen, (uintptr_t)ref->chain);
	if (*slot)
		return true;
	*slot = ref->chain;
	*vec_push(targets->seen.arena, targets) = *ref;
	return true;
}

static const struct targets *targets_of(struct walk *w, const struct ast_set *set)
{
	struct targets *known = table_get(&w->maps, (uintptr_t)set);

	if (known)
		return known;
	known = arena_make(w->r->a, struct targets);
	known->seen.arena = w->r->a;
	for (const struct ast_value *v = set->elements; v; v = v->next)
		references_of_element(v, add_target, known);
	*table_at(&w->maps, (uintptr_t)set) = known;
	return known;
}

/* ---- chains ---- */

static void visit_target(struct walk *w, const struct reference *ref)
{
	unsigned int at = w->depth - 1, h = height_of_target(w, ref);

	if (h > w->way[at].highest)
		w->way[at].highest = h;
}

static bool visit(const struct reference *ref, void *ctx)
{
	const struct targets *targets;
	struct walk *w = ctx;

	if (ref->kind == REFERENCE_CHAIN)
		visit_target(w, ref);
	if (ref->kind != REFERENCE_SET || !ref->set->is_vmap)
		return !w->refused;
	targets = targets_of(w, ref->set);
	for (size_t i = 0; i < targets->n && !w->refused; i++)
		visit_target(w, &targets->v[i]);
	return !w->refused;
}

static unsigned int height(struct walk *w, const struct ast_chain *chain)
{
	unsigned int h;

	w->way[w->depth++] = (struct step){ .chain = chain };
	for (const struct ast_rule *rule = chain->rules; rule && !w->refused; rule = rule->next)
		references_of_rule(rule, visit, w);
	h = w->way[--w->depth].highest + 1;
	*table_at(&w->heights, (uintptr_t)chain) = (void *)(uintptr_t)h;
	return h;
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
bool resolve_jumps(struct resolve *r)
{
	struct walk w = { .r = r, .heights = { .arena = r->a }, .maps = { .arena = r->a } };

	for (const struct ast_table *t = r->first; t; t = t->next) {
		walk_chains(&w, t, true);
		walk_chains(&w, t, false);
	}
	return !w.any_refused;
}
