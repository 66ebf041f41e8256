/* SPDX-License-Identifier: GPL-2.0-only */
/* check.h - rules that are right, but probably not what was meant.
 *
 *	check.c			what is looked for, and in which order
 *	check_unused.c		names that nothing refers to
 *	check_chains.c		rules behind a verdict, jumps that do nothing
 *	check_reach.c		rules that earlier ones leave nothing to
 *	check_jumps.c		jumps to chains of such rules
 *	check_redundant.c	rules without which all would stay the same
 *	check_traps.c		replies that are dropped, what is always or never true
 *
 *	check_portable.c	what only zfwc has, when it is asked for
 *
 * All of them work on a ruleset without errors.  What they say is true of every
 * packet; what takes too long to find out is not said.  Internal but for
 * compile_check() in compile.h. */
#ifndef ZFWC_CHECK_H
#define ZFWC_CHECK_H

#include <stdbool.h>

#include <compiler/base/diag.h>
#include <compiler/ir.h>

struct ast;
struct cover_found;
struct facts;
struct ruleset;

/* What the IR rules of a rule of the text tell about it. */
enum rule_tale {
	TALE_UNKNOWN, /* not yet looked at */
	TALE_WHOLE,
	TALE_EFFECTS, /* it jumps: only those with effects are its own */
	TALE_NONE,    /* its verdict map does more than accept and drop */
};

/* What was said about a rule of the text, or found out about its IR rules. */
struct rule_state {
	enum rule_tale tale;
	bool said;
	uint32_t run, run_end;	    /* indexes of IR rules that stand together, from and to */
	const struct ir_rule *main; /* the last of those */
	uint32_t live, dead;	    /* IR rules made from it */
	bool behind_dead_jumps;	    /* all of the dead ones */
	uint32_t needed;	    /* those that something would change without */
	uint32_t first_dead;	    /* index of one */
	const struct ir_rule *same; /* what does the same as one that isn't needed */
};

struct check {
	const struct ruleset *rs;
	const struct ir *ir;
	const struct facts *facts;
	struct diag *d;
	struct arena *a;
	struct rule_state *rules;	   /* by number */
	bool *dead;			   /* by index of the IR rule: no packet gets there */
	const struct cover_found **covers; /* likewise: because of these */
};

/* Does a rule do something when it is hit, besides its verdict?  Taking a token of
 * a limit is something. */
bool check_has_effect(const struct ir_rule *r);
/* The rule of the text that this rule of the IR tells about, or NULL.  Exceptions,
 * as of "ip saddr != X", tell nothing: to be skipped by one isn't to be hit. */
struct rule_state *check_state_of(struct check *c, const struct ir_rule *r);
/* Says where a rule of the IR comes from, as a note. */
void check_note(struct check *c, const struct ir_rule *r, const char *what);

/* Likewise, of those that cover another one. */
void check_note_cover(struct check *c, const struct cover_found *found);

void check_unused(struct check *c, const struct ast *ast);
void check_chains(struct check *c);
/* Finds out which rules are dead. */
void check_reach(struct check *c);
void check_jumps(struct check *c);
void check_dead(struct check *c);
void check_redundant(struct check *c);
void check_traps(struct check *c);

#endif
