/* SPDX-License-Identifier: GPL-2.0-only */
/* lower_run.h - one rule on its way to IR rules.
 *
 * Statements narrow the packets that the rule is about, and add ops.  What is
 * left of them is one box, or, where elements of a set or map decide, one of
 * several: the choices, of which a packet takes the first that it matches.  An IR
 * rule, or one for each choice, is made when the rule ends, or when
 *
 *   - a box has to be narrowed behind an op with an effect:
 *
 *	ip saddr A counter tcp dport 80 drop		A		count, next
 *							A, tcp 80	drop
 *
 *   - choices stand in the way of what follows: they meet again behind a mark,
 *     the join, and a rule in front of it catches whom none of them took:
 *
 *	ip saddr . tcp dport @s jump c			A, tcp 80	join
 *							B, tcp 22	join
 *							tcp		behind
 *						join:	tcp, rules of c
 *						behind: */
#ifndef ZFWC_LOWER_RUN_H
#define ZFWC_LOWER_RUN_H

#include <compiler/lower.h>

struct choice {
	struct match match;
	const struct ir_op *ops; /* conditions that select it, then what it does */
	size_t n_ops;
	bool selective; /* has such conditions */
	const struct ast_value *data[2];
	uint64_t identity;
	struct span span;
};

/* Packets that the rule doesn't match. */
struct exclusion {
	const struct views *views;
	const struct picks *picks;
};

#define FEW_OPS 8

struct run {
	struct lower *l;
	const struct ast_rule *rule;
	const struct frame *f;
	struct match match; /* all that can be left, be it in choices or not */
	struct {
		struct ir_op *v;
		size_t n, cap;
	} ops;
	struct ir_op few_ops[FEW_OPS]; /* their place while they are few */
	bool impure;		       /* one of them, or of the choices', has an effect */
	struct {
		struct choice *v;
		size_t n, cap;
	} choices;
	bool changed;		   /* what conditions look at, by one of them */
	size_t at;		   /* of 'ops', those before the ops of a choice */
	bool exclusive, selective; /* no packet matches two choices; some have conditions */
	struct {
		struct exclusion *v;
		size_t n, cap;
	} excluded; /* and not yet skipped */
	struct place behind;
	struct place *miss; /* for whom no choice takes: behind, or the next branch of a verdict map */
	unsigned int n_pieces, n_joins, n_counters, n_limits, n_logs;
	uint64_t salt; /* in identities */
	uint64_t only; /* identity of the only choice, see run_fold() */
	bool accepts;  /* without saying so: ssh-local and dhcp */
	bool never;    /* nothing is left to match */
	bool ended;    /* by a verdict */
	bool blind;    /* looks at nothing in the packet, nor do the jumps that lead here */
	bool drops;    /* ends so */
	struct ir_reject reject;
};

/* ---- lower_run.c ---- */

void run_begin(struct run *r, struct lower *l, const struct ast_rule *rule, const struct frame *f);
uint64_t run_identity(const struct run *r);
uint64_t run_piece_identity(const struct run *r, unsigned int piece);

/* False when nothing is left of 'm'. */
typedef bool (*narrow_fn)(struct lower *l, struct match *m, const void *ctx);
/* What stands before it and has an effect becomes an IR rule if the box changes. */
void run_narrow(struct run *r, narrow_fn narrow, const void *ctx);
/* To packets that have the headers of all of the fields. */
void run_need_fields(struct run *r, const struct views *views);
/* To those that have the fields themselves, where no comparison asks for them all. */
void run_need_values(struct run *r, const struct views *views);
/* To packets for which the view is in 'set'. */
void run_match(struct run *r, const struct view *v, const struct addr_set *set);

void run_op(struct run *r, const struct ir_op *op);
/* Takes note of an op that is put elsewhere. */
void run_note_op(struct run *r, const struct ir_op *op);

/* Makes IR rules of the ops of before, and leaves few choices. */
void run_flush(struct run *r);
/* The same if one of those has an effect. */
void run_settle_effects(struct run *r);
/* Makes IR rules of the choices: only the box is left. */
void run_join(struct run *r);
struct place run_join_place(const struct run *r);
/* Sends behind the rule whom no choice took, and puts the place where those meet
 * that one has. */
void run_catch(struct run *r, struct place *join);

/* The IR rules for all that is left.  'resume' NULL: the next rule; 'last':
 * nothing of this rule follows. */
void run_emit(struct run *r, enum ir_verdict verdict, struct place *resume, bool last);
/* Their parts. */
struct ir_rule *run_emit_choice(struct run *r, const struct choice *c, uint64_t identity);
void run_put_ops(const struct run *r, const struct choice *c, struct ir_rule *rule);
void run_finish(struct run *r, struct ir_rule *rule, enum ir_verdict verdict, struct place *resume,
		struct place *otherwise);
/* Are they so few and plain that they needn't meet? */
bool run_carries_choices(const struct run *r);

/* ---- lower_choice.c ---- */

/* Not those that match one of the picks; both arguments are kept. */
void run_exclude(struct run *r, const struct views *views, const struct picks *picks);
/* In front of the rules that must not see what is excluded. */
void run_skip_excluded(struct run *r);

/* Narrows to packets that have the key, and makes a choice for each pick that is
 * possible. */
void run_look_up(struct run *r, const struct ast_value *key, const struct ast_value *set);
/* Of each choice one for each pick, without a join in between. */
void run_choose(struct run *r, const struct views *views, const struct picks *picks);
/* Appends to the ops of one. */
void choice_op(struct run *r, struct choice *c, const struct ir_op *op);
/* One choice is none. */
void run_fold(struct run *r);

/* An op for each choice, which may be a condition. */
typedef struct ir_op (*choice_op_fn)(const struct choice *c, const void *ctx);
void run_choices_then(struct run *r, choice_op_fn op_of, const void *ctx);

/* ---- lower_verdict.c ---- */

void lower_verdict(struct run *r, const struct ast_stmt *s);
void lower_vmap(struct run *r, const struct ast_stmt *s);
void lower_reject(struct run *r, const struct ast_stmt *s);

#endif
