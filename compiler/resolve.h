/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve.h - what the files of the resolve stage share.  Internal.
 *
 *	resolve.c		the order of things: items, blocks, what is left at the end
 *	resolve_command.c	commands: add rule, delete set ...
 *	resolve_command_rule.c	commands about rules
 *	resolve_element.c	commands about elements of sets
 *	resolve_known.c		tables, chains, sets and objects by name
 *	resolve_uses.c		what refers to what
 *	resolve_define.c	variables
 *	resolve_value.c		constants of a type
 *	resolve_set.c		elements of sets and maps
 *	resolve_sort.c		their order, duplicates and overlaps
 *	resolve_concat.c	likewise of concatenations
 *	resolve_named.c		named sets and maps, and what refers to them
 *	resolve_chain.c		hooks, devices, priorities, policies
 *	resolve_rule.c		rules; more of that in resolve_rule.h
 *	resolve_jump.c		loops and depth of jumps
 *	resolve_egress.c	what makes no sense where packets leave
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

/* ---- what is wanted of a value ---- */

#define RESOLVE_MAX_KEY 64 /* bytes: the registers that the kernel has in nft */

/* The types of a value or of a set's elements, and whether it is in a set. */
struct shape {
	struct ast_datatypes key;
	bool map;		   /* elements have data ... */
	struct ast_datatypes data; /* ... of these types; n is 0 for verdicts */
	bool keys_alone;	   /* they may lack them all the same */
	bool element;		   /* within a set: to be neither sorted nor merged yet */
};

/* ---- variables ---- */

/* What a definition says, bound to a type that it's used with; NULL: it can't be. */
struct bound_value {
	struct ast_value *value;
};

struct definition {
	struct ast_define *define;
	bool broken;	     /* it uses what isn't known, which is reported */
	struct table values; /* by shape: struct bound_value */
};

/* All of one name in one scope, in reading order. */
struct variable {
	struct definition **v;
	size_t n, cap;
};

/* The variables of the whole text, of a table's block, or of a chain's block. */
struct scope {
	struct scope *outer;
	struct table names; /* struct variable */
};

/* ---- what is declared ---- */

/* The first member of what follows.  Lists of the tree keep what is gone until
 * the end. */
struct known {
	const char *name;
	struct span declared;
	size_t uses; /* by rules and elements */
	bool gone;   /* deleted, and not declared again */
};
struct known_chain {
	struct known known;
	struct ast_chain *chain;
	struct ast_rule *last;
};
struct known_set {
	struct known known;
	struct ast_set *set;
	struct ast_value **elements_end;
	struct table *elements; /* by value: see resolve_element.c; NULL until needed */
	bool keys;		/* elements of a map may be keys without data: they are to be deleted */
};
struct known_object {
	struct known known;
	struct ast_object *object;
};
struct known_table {
	struct known known;
	struct ast_table *table;
	/* By name; of an object by "kind name". */
	struct table chains, sets, objects;
	struct ast_chain **chains_end;
	struct ast_set **sets_end;
	struct ast_object **objects_end;
	uint64_t last_handle;
	struct table *rules; /* by handle, NULL until needed */
};

struct resolve {
	struct diag *d;
	struct arena *a;
	struct scope *scope;	   /* the innermost one */
	struct table tables;	   /* by "family name": struct known_table */
	struct table chain_scopes; /* by block: struct scope */
	struct ast_table *first, **end;
	uint64_t last_table_handle;
	struct known_table *table; /* the one being read */
	unsigned int nesting;	   /* of the variable being bound, see resolve_define.c */
	size_t copies;		   /* of values that variables hold, see resolve_set.c */
	unsigned int merged_sets;  /* of the rule being bound: sets of several elements that became one */
};

/* May a suggestion be looked for, which takes time?  To be asked behind an error. */
static inline bool resolve_may_suggest(const struct resolve *r)
{
	return !r->d->dropping;
}

/* resolve_known.c: NULL when there is none (any more); resolve_need_... reports that. */
struct known_table *resolve_find_table(struct resolve *r, enum ast_family family, const char *name);
struct known_chain *resolve_find_chain(struct resolve *r, const char *name);
struct known_set *resolve_find_set(struct resolve *r, const char *name);
struct known_object *resolve_find_object(struct resolve *r, enum ast_object_kind kind, const char *name);
struct known_table *resolve_need_table(struct resolve *r, enum ast_family family, const char *name, struct span at);
struct known_chain *resolve_need_chain(struct resolve *r, const char *name, struct span at);
struct known_set *resolve_need_set(struct resolve *r, const char *name, struct span at, bool map);
struct known_object *resolve_need_object(struct resolve *r, enum ast_object_kind kind, const char *name,
					 struct span at);
/* Declares what isn't known yet, and joins what is. */
struct known_table *resolve_declare_table(struct resolve *r, const struct ast_table *block);
void resolve_declare_chain(struct resolve *r, struct ast_chain *block);
void resolve_declare_set(struct resolve *r, struct ast_set *block);
void resolve_declare_object(struct resolve *r, const struct ast_object *block);
/* Leaves a name to nobody. */
void resolve_rename_chain(struct resolve *r, struct known_chain *known, const char *name);
const char *resolve_object_word(enum ast_object_kind kind); /* "counter" */

/* resolve.c */
void resolve_block(struct resolve *r, struct ast_table *block);
/* The parts of a block in r->table. */
void resolve_chain_head(struct resolve *r, struct ast_chain *block);
void resolve_chain_rules(struct resolve *r, struct ast_chain *block);
void resolve_block_elements(struct resolve *r, struct ast_set *block);
/* Binds a rule and puts it before 'next', or at the end; false when it can't be bound. */
bool resolve_insert_rule(struct resolve *r, struct known_chain *known, struct ast_rule *rule, struct ast_rule *next);

/* resolve_command.c */
void resolve_command(struct resolve *r, const struct ast_command *c);

/* resolve_command_rule.c; the table is entered. */
void resolve_command_rule(struct resolve *r, const struct ast_command *c);
void resolve_flush_rules(struct resolve *r, struct known_chain *known);
/* "delete" needs what "destroy" doesn't. */
static inline bool resolve_missing_ok(const struct ast_command *c)
{
	return c->verb == VERB_DESTROY;
}

/* resolve_element.c */
void resolve_add_elements(struct resolve *r, struct known_set *known, struct ast_value *items, bool create);
void resolve_delete_elements(struct resolve *r, struct known_set *known, struct ast_value *items, bool missing_ok);
void resolve_flush_elements(struct resolve *r, struct known_set *known);
/* Takes the deleted ones out of the list. */
void resolve_settle_elements(struct resolve *r, struct known_set *known);

/* resolve_uses.c */
void resolve_use_rule(struct resolve *r, const struct ast_rule *rule, int by);
void resolve_use_element(struct resolve *r, const struct ast_value *v, int by);
void resolve_use_elements(struct resolve *r, const struct ast_value *items, int by); /* and those behind it */
/* The first place that refers to a chain, set or object of the table. */
struct span resolve_user(struct resolve *r, const void *target);
unsigned int resolve_anonymous_sets(const struct ast_rule *rule);

/* resolve_define.c */
/* Makes it known in the innermost scope. */
void resolve_define(struct resolve *r, struct ast_define *define);
/* What '$name' stands for, bound to a shape; shared by all its uses: not to be changed. */
struct ast_value *resolve_variable(struct resolve *r, const struct ast_value *v, const struct shape *shape);
/* What '$name' stands for as it is written, or 'v' itself when it isn't a variable. */
const struct ast_value *resolve_plain(struct resolve *r, const struct ast_value *v);
/* Is it a set of several elements, as it is written? */
bool resolve_is_several(struct resolve *r, const struct ast_value *v);
/* The text of a word, a string, or a variable that holds one; 'what' names it in
 * messages: "the name of a chain". */
const char *resolve_text(struct resolve *r, const struct ast_value *v, const char *what);
/* The text with each "$name" in it replaced, as seen at 'order'; NULL when one isn't known. */
const char *resolve_string(struct resolve *r, const char *text, struct span at, uint32_t order);
struct ast_value *resolve_copy(struct arena *a, const struct ast_value *v);

/* resolve_value.c: NULL after an error. */
/* A constant, in the form that value.h describes; new, or the old one changed. */
struct ast_value *resolve_constant(struct resolve *r, struct ast_value *v, struct ast_datatype t);
/* Likewise, or a set, or a reference to one. */
struct ast_value *resolve_value(struct resolve *r, struct ast_value *v, const struct shape *shape);
/* A string or word that can be the name of an interface. */
struct ast_value *resolve_interface(struct resolve *r, struct ast_value *v, enum ast_type type);
/* Reports that 'v' isn't of the type; gives NULL. */
struct ast_value *resolve_mismatch(struct resolve *r, const struct ast_value *v, struct ast_datatype t);

/* resolve_set.c */
/* A constant or a concatenation of them. */
struct ast_value *resolve_key(struct resolve *r, struct ast_value *v, const struct ast_datatypes *types);
/* Binds the items of a set, linked by next; gives them in text order with nested sets flattened. */
struct ast_value *resolve_items(struct resolve *r, struct ast_value *items, const struct shape *shape);
/* A set without a name, which may turn out to be its only element. */
struct ast_value *resolve_set(struct resolve *r, struct ast_value *v, const struct shape *shape);

/* resolve_sort.c */
enum set_merge {
	SET_ANONYMOUS,	    /* intervals that touch become one, with a warning if they overlap; in maps they mustn't */
	SET_MERGE,	    /* intervals that touch become one */
	SET_KEEP,	    /* there are no intervals */
	SET_REFUSE_OVERLAP, /* which is reported */
};
/* Bound items in the order of the set, each once. */
struct ast_value *resolve_sort(struct resolve *r, struct ast_value *items, const struct ast_datatypes *types,
			       enum set_merge merge);
bool resolve_has_interval(const struct ast_value *v);
/* Warns of a duplicate, or reports that its data differ; then it's false. */
bool resolve_same_element(struct resolve *r, const struct ast_value *x, const struct ast_value *y);
void resolve_refuse_overlap(struct resolve *r, const struct ast_value *x, const struct ast_value *y);

/* resolve_concat.c */
struct ast_value *resolve_concat_sort(struct resolve *r, struct ast_value *items, const struct ast_datatypes *types);
struct ast_value *resolve_concat_intervals(struct resolve *r, struct ast_value *items,
					   const struct ast_datatypes *types);

/* resolve_named.c */
void resolve_set_header(struct resolve *r, struct ast_set *set);
void resolve_set_elements(struct resolve *r, struct known_set *known, struct ast_set *block);
void resolve_set_finish(struct resolve *r, struct ast_set *set);
struct ast_value *resolve_setref(struct resolve *r, struct ast_value *v, const struct shape *shape);

/* resolve_expr.c */
/* The types of what a "typeof" names. */
bool resolve_typeof(struct resolve *r, struct ast_value *v, struct ast_datatypes *ret);
unsigned int resolve_key_length(const struct ast_datatypes *t); /* in bytes */

/* resolve_chain.c */
/* Hook, devices, priority and policy. */
void resolve_base_chain(struct resolve *r, struct ast_chain *chain);
/* A chain without hook has none. */
void resolve_chain_policy(struct resolve *r, const struct ast_chain *chain);
/* Warns of an arrival interface where packets leave, and the other way round. */
void resolve_check_direction(struct resolve *r, const struct ast_chain *chain, const struct ast_rule *rule);
/* 'again' declares a chain that is known already. */
void resolve_chain_again(struct resolve *r, struct ast_chain *chain, const struct ast_chain *again);

/* resolve_rule.c */
void resolve_rule(struct resolve *r, struct ast_rule *rule);
/* The chain that a jump goes to; NULL after an error. */
struct ast_chain *resolve_target(struct resolve *r, const char *name, struct span at);

/* resolve_statement.c */
int resolve_check_limit(struct resolve *r, const struct ast_limit *l, struct span at);

/* resolve_jump.c */
/* False when some were refused: they are followed no further then. */
bool resolve_jumps(struct resolve *r);

/* resolve_egress.c */
void resolve_egress(struct resolve *r);

#endif
