/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve.h - what the files of the resolve stage share.  Internal.
 *
 *	resolve.c		the order of things: items, blocks, merging
 *	resolve_define.c	variables
 *	resolve_value.c		values of a type
 *	resolve_set.c		elements of sets, named and not
 *	resolve_chain.c		hooks, devices, priorities, policies
 *	resolve_rule.c		statements, and which may stand together
 *	resolve_jump.c		loops and depth of jumps
 *
 * The functions report what is wrong and go on; a value that can't be bound is
 * NULL, and what holds it is left out. */
#ifndef ZFWC_RESOLVE_H
#define ZFWC_RESOLVE_H

#include <stdbool.h>

#include <compiler/base/diag.h>
#include <compiler/table.h>
#include <grammar/ast.h>

struct ruleset;

/* A variable, and its value bound to each type that it is used with. */
struct definition {
	const struct ast_define *define;
	bool in_block;
	bool bound[TYPE_COUNT];
	struct ast_value *value[TYPE_COUNT];
};

/* The variables of the whole text, of a table's block, or of a chain's block. */
struct scope {
	struct scope *outer;
	struct table names; /* struct definition */
};

/* Names of one table, with the ends of the lists that reopened blocks add to. */
struct known_chain {
	struct ast_chain *chain;
	struct ast_rule **rules_end;
};
struct known_set {
	struct ast_set *set;
	struct ast_value **elements_end;
};
struct known_table {
	struct ast_table *table;
	struct table chains, sets; /* by name: struct known_chain, struct known_set */
	struct ast_chain **chains_end;
	struct ast_set **sets_end;
};

struct resolve {
	struct diag *d;
	struct arena *a;
	struct scope *scope;	   /* the innermost one */
	struct table tables;	   /* by "family name": struct known_table */
	struct table chain_scopes; /* by block: struct scope */
	struct ast_table *first, **end;
	struct known_table *table; /* the one being read */
	unsigned int nesting;	   /* of the variable being bound, see resolve_define.c */
	size_t copies;		   /* of values that variables hold, see resolve_set.c */
};

/* resolve_define.c */
/* Makes it known in the innermost scope. */
void resolve_define(struct resolve *r, const struct ast_define *define);
/* What '$name' stands for, bound to 'type'; shared by all its uses: not to be changed. */
struct ast_value *resolve_variable(struct resolve *r, const struct ast_value *v, enum ast_type type);
/* What '$name' stands for as it is written, or 'v' itself when it isn't a variable. */
const struct ast_value *resolve_plain(struct resolve *r, const struct ast_value *v);

/* resolve_value.c */
/* A new or changed value; sets are bound, flattened, sorted and merged, and a set of one is its element. */
struct ast_value *resolve_value(struct resolve *r, struct ast_value *v, enum ast_type type);
/* One element of a set: the bound value, or a VALUE_SET when a variable holds one. */
struct ast_value *resolve_element(struct resolve *r, struct ast_value *v, enum ast_type type);
/* A string or word that can be the name of an interface. */
struct ast_value *resolve_interface(struct resolve *r, struct ast_value *v, enum ast_type type);

/* resolve_set.c */
/* Binds the items of a set, linked by next; gives them in text order with nested sets flattened. */
struct ast_value *resolve_items(struct resolve *r, struct ast_value *items, enum ast_type type);
enum set_merge { SET_MERGE, SET_KEEP, SET_REFUSE_OVERLAP };
struct ast_value *resolve_sort(struct resolve *r, struct ast_value *items, enum ast_type type, enum set_merge merge);
void resolve_set_header(struct resolve *r, const struct ast_set *set);
void resolve_set_elements(struct resolve *r, struct known_set *known, struct ast_set *block);
void resolve_set_finish(struct resolve *r, struct ast_set *set);
struct ast_value *resolve_setref(struct resolve *r, struct ast_value *v, enum ast_type type);

/* resolve_chain.c */
void resolve_base_chain(struct resolve *r, struct ast_chain *chain);
/* 'again' declares a chain that is known already. */
void resolve_chain_again(struct resolve *r, struct ast_chain *chain, const struct ast_chain *again);

/* resolve_rule.c */
void resolve_rule(struct resolve *r, struct ast_rule *rule);
struct known_chain *resolve_target(struct resolve *r, const char *name, struct span at);

/* resolve_jump.c */
void resolve_jumps(struct resolve *r);

#endif
