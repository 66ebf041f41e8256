/* SPDX-License-Identifier: GPL-2.0-only */
/* json_read.h - what the files that turn JSON into a tree share; private to
 * grammar/.
 *
 *	json_read.c		commands, and the blocks of what 'list' prints
 *	json_read_block.c	tables, chains, rules, counters, limits
 *	json_read_set.c		sets, maps and their elements
 *	json_read_rule.c	statements
 *	json_read_key.c		fields of the packet, and operators
 *	json_read_value.c	values, sets and maps
 *	json_members.c		members of objects, each of one kind
 *
 * Every member must be known and of its kind: what isn't read is refused.  The
 * functions report what is wrong; what is NULL then has been reported. */
#ifndef ZFWC_JSON_READ_H
#define ZFWC_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <grammar/ast.h>
#include <grammar/json_index.h>
#include <grammar/json_text.h>
#include <grammar/words.h>

struct diag;

/* The table, and the chain with rules, that objects without a command are put into. */
struct json_table {
	struct ast_table *table;
	struct ast_set **next_set;
	struct ast_object **next_object;
	struct ast_chain **next_chain;
	struct json_index chains; /* by name: struct json_chain */
};
struct json_chain {
	struct ast_chain *chain;
	struct ast_rule **next_rule;
};

struct json_reader {
	struct arena *arena;
	struct diag *diag;
	struct words words;
	struct ast *ast;
	struct ast_item **next_item;
	struct json_index tables; /* by "family name": struct json_table; since the last command */
};

/* ---- json_members.c ---- */

#define JSON_MAX_KEYS 20

/* The values of the members whose keys are in 'keys', a list that ends in NULL,
 * in that order; NULL for those that aren't there.  Other members are errors. */
int node_members(struct json_reader *r, const struct json_node *object, const char *const *keys,
		 const struct json_node **ret);
/* The member of an object that has just one, which says what the object is. */
const struct json_node *node_only_member(struct json_reader *r, const struct json_node *object, const char *what);
/* Where to point at for what is wrong with a node as a whole: its key, or its beginning. */
struct span node_place(const struct json_node *n);
/* 'member' is NULL: says that 'object' lacks 'key'. */
int node_need(struct json_reader *r, const struct json_node *object, const struct json_node *member, const char *key);

int node_wrong_kind(struct json_reader *r, const struct json_node *n, const char *wanted);
int node_null(struct json_reader *r, const struct json_node *n);
const char *node_text(struct json_reader *r, const struct json_node *n);
int node_number(struct json_reader *r, const struct json_node *n, uint64_t max, uint64_t *ret);
int node_milliseconds(struct json_reader *r, const struct json_node *n, uint64_t *ret); /* of seconds */
int node_truth(struct json_reader *r, const struct json_node *n, bool *ret);
/* For loops over what may be an array, or a single one. */
const struct json_node *node_first(const struct json_node *n);
const struct json_node *node_next(const struct json_node *n, const struct json_node *item);
/* The place of 'word' among 'words', a list that ends in NULL, or -1. */
int node_find(const char *const *words, const char *word);
/* The same of a string, -1 with a message; 'what' says what the words are. */
int node_word(struct json_reader *r, const struct json_node *n, const char *const *words, const char *what);

/* The name of a table, chain, set or object. */
const char *node_name(struct json_reader *r, const struct json_node *n);
/* Strings for people. */
const char *node_comment(struct json_reader *r, const struct json_node *n);

/* Says that 'phrase', the key or a value of 'n', isn't known or isn't supported. */
int json_refuse(struct json_reader *r, const struct json_node *n, const char *phrase, const char *what);

/* ---- json_read_key.c ---- */

/* What strings among values are, by the part of a concatenation: TYPE_NONE where
 * it isn't known, and words are told from addresses by their form. */
struct json_types {
	unsigned int n;
	enum ast_type v[AST_MAX_CONCAT];
};

struct ast_value *json_new_value(struct json_reader *r, const struct json_node *n, enum ast_value_kind kind);
/* Fields, alone, masked or concatenated: the left-hand side of a match, a key, a typeof. */
struct ast_value *json_key(struct json_reader *r, const struct json_node *n);
struct json_types json_types_of(const struct ast_value *key);

/* '&' and the like: which operator a key is, or -1. */
int json_operator_of(const char *key);
int json_need_operands(struct json_reader *r, const struct json_node *n);
typedef struct ast_value *(*json_value_fn)(struct json_reader *r, const struct json_node *n,
					   const struct json_types *types);
/* "first op a", and with more of 'rest' "(first op a) op b"; NULL if 'first' is. */
struct ast_value *json_binary(struct json_reader *r, const struct json_node *n, enum ast_binary op,
			      struct ast_value *first, const struct json_node *rest, const struct json_types *types,
			      json_value_fn make);
/* Is it an array that can be the parts of a concatenation? */
int json_need_parts(struct json_reader *r, const struct json_node *n);

/* ---- json_read_value.c ---- */

/* One constant; 'types' NULL: nothing is known. */
struct ast_value *json_constant(struct json_reader *r, const struct json_node *n, const struct json_types *types);
/* The right-hand side of a match. */
struct ast_value *json_rhs(struct json_reader *r, const struct json_node *n, const struct json_types *types,
			   bool lists);
/* A constant, or a map. */
struct ast_value *json_mapped(struct json_reader *r, const struct json_node *n);
/* What a field is set to: also other fields. */
struct ast_value *json_computed(struct json_reader *r, const struct json_node *n);
/* Of a verdict map: a set of mappings to verdicts, or a reference. */
struct ast_value *json_map_data(struct json_reader *r, const struct json_node *n, const struct json_types *types);
/* Elements of a set or map, linked by next. */
int json_elements(struct json_reader *r, const struct json_node *n, const struct json_types *types,
		  struct ast_value **ret);
/* The verdict that a node's key names, or -1. */
int json_verdict_of(const char *key);
/* The chain of a jump; sets *chain to NULL for the verdicts without one. */
int json_verdict_target(struct json_reader *r, const struct json_node *n, int verdict, const char **chain,
			struct span *at);

/* ---- json_read_rule.c ---- */
struct ast_stmt *json_statements(struct json_reader *r, const struct json_node *n);

/* Members that counters and limits have as statements and as objects. */
int json_limit(struct json_reader *r, const struct json_node *object, const struct json_node *const *member,
	       struct ast_limit *ret);
#define JSON_LIMIT_KEYS "rate", "rate_unit", "per", "burst", "burst_unit", "inv"

/* ---- json_read_block.c ---- */

/* What an object of a ruleset says, for all kinds of them. */
struct json_object {
	const struct json_node *node;
	enum ast_target target;
	enum ast_family family;
	const char *table, *name, *new_name; /* 'name' of a rule is its chain; NULL: not given */
	struct span table_span, name_span, new_name_span;
	bool has_handle, has_index;
	uint64_t handle, index;
	struct span handle_span, index_span;
	/* One of these, if it is to be added: */
	struct ast_table *block;
	struct ast_chain *chain;
	struct ast_rule *rule;
	struct ast_set *set;
	struct ast_object *object;
	struct ast_value *elements;
};

/* Members that objects of all kinds have come first. */
enum { JSON_FAMILY, JSON_TABLE, JSON_NAME, JSON_HANDLE, JSON_OWN /* those of the kind */ };
#define JSON_COMMON_KEYS "family", "table", "name", "handle"
/* Reads those; what is to be added must have a name, else its handle will do. */
int json_read_common(struct json_reader *r, const struct json_node *const *member, bool whole, struct json_object *o);

/* 'n' is the object behind a key such as "table".  'whole': with all that it
 * consists of, else only what names it. */
int json_object_read(struct json_reader *r, const struct json_node *n, bool whole, struct json_object *ret);
/* The target that a key names, or -1. */
int json_target_of(const char *key);
/* From the key to the end of the value. */
struct span json_whole_span(const struct json_node *n);

/* ---- json_read_set.c ---- */
int json_read_set(struct json_reader *r, bool whole, struct json_object *o); /* or a map */
int json_read_element(struct json_reader *r, struct json_object *o);

#endif
