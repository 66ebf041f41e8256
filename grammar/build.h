/* SPDX-License-Identifier: GPL-2.0-only */
/* build.h - what the grammar's actions call: one function per construct, which
 * makes the node and hangs it where it belongs.  Private to grammar/. */
#ifndef ZFWC_BUILD_H
#define ZFWC_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <grammar/ast.h>
#include <grammar/token.h>

struct parser;

struct value_list {
	struct ast_value *first, *last;
};

struct stmt_list {
	struct ast_stmt *first, *last;
};

struct word_text {
	const char *text;
	size_t len;
	struct span span;
};

struct verdict {
	enum ast_verdict verdict;
	struct token chain; /* name or variable of jump and goto; of others without text */
};

struct priority {
	struct ast_value *base;
	int64_t offset;
};

/* The list with one more; NULL is the empty list. */
struct value_list value_list(const struct value_list *list, struct ast_value *v);
struct value_list value_pair(struct ast_value *a, struct ast_value *b);
struct stmt_list stmt_list(const struct stmt_list *list, struct ast_stmt *s);

/* A word, or a string without its quotes. */
struct word_text text_of(struct parser *p, const struct token *t);
bool word_is(const struct word_text *word, const char *text);
/* "name" as a word, after a look at its length. */
struct token quoted_name(struct parser *p, const struct token *t);
/* The text of a comment, after a look at its length. */
const char *build_comment(struct parser *p, const struct word_text *comment);
/* An error with the words of unsupported.def about the construct of this name, if
 * there is one; false when not. */
bool names_unsupported(struct parser *p, struct span at, const char *construct);
/* Likewise, but there must be one.  A rule that it is in is left out of the tree. */
void build_unsupported(struct parser *p, struct span at, const char *construct);

/* ---- values (build_value.c) ---- */
struct ast_value *new_value(struct parser *p, struct span at, enum ast_value_kind kind);
struct ast_value *build_value(struct parser *p, struct span at, const struct token *t);
struct ast_value *build_negative(struct parser *p, struct span at, const struct token *number);
struct ast_value *build_prefix(struct parser *p, struct span at, struct ast_value *addr, const struct token *len,
			       struct span len_at);
struct ast_value *build_range(struct parser *p, struct span at, struct ast_value *first, struct ast_value *last);
struct ast_value *build_list_value(struct parser *p, struct span at, struct value_list items);
struct ast_value *build_set_value(struct parser *p, struct span at, struct value_list items);
struct ast_value *build_concat(struct parser *p, struct span at, struct value_list items);
struct ast_value *build_masked(struct parser *p, struct span at, struct ast_value *bits, struct ast_value *mask);
struct ast_value *build_catchall(struct parser *p, struct span at);
struct ast_value *build_mapping(struct parser *p, struct span at, struct ast_value *key, struct ast_value *data);
/* 'chain' a name or a variable, NULL for verdicts that have none. */
struct verdict verdict_of(enum ast_verdict verdict, const struct token *chain);
struct ast_value *build_verdict_value(struct parser *p, struct span at, const struct verdict *verdict);

/* What follows an element, at 'at'; each gives the element. */
struct ast_value *build_element_counter(struct parser *p, struct span at, struct ast_value *v,
					const struct ast_stmt *counter);
struct ast_value *build_element_timeout(struct parser *p, struct span at, struct ast_value *v, const struct token *t);
struct ast_value *build_element_expires(struct parser *p, struct span at, struct ast_value *v, const struct token *t);
struct ast_value *build_element_comment(struct parser *p, struct span at, struct ast_value *v,
					const struct word_text *comment);

/* ---- expressions (build_expression.c) ---- */
struct ast_value *build_field(struct parser *p, struct span at, enum ast_field field);
struct ast_value *build_binary(struct parser *p, struct span at, enum ast_binary op, struct ast_value *left,
			       struct ast_value *right);
/* 'in' with the span of its parentheses. */
struct ast_value *build_parentheses(struct parser *p, struct span at, struct ast_value *in);
struct ast_value *build_map(struct parser *p, struct span at, struct ast_value *key, struct ast_value *map);
/* A field or an expression of it, as what a statement sets. */
struct ast_value *build_expression(struct parser *p, struct ast_value *v);
/* "saddr . iif": 'flags' is what is before, NULL for nothing. */
struct ast_value *build_fib_flag(struct parser *p, struct ast_value *flags, const struct token *flag);
struct ast_value *build_fib(struct parser *p, struct span at, struct ast_value *flags);
/* With another result than "type". */
struct ast_value *build_fib_result(struct parser *p, struct span at, struct ast_value *flags,
				   const struct token *result);

/* ---- statements (build_rule.c, build_limit.c, build_log.c) ---- */
struct ast_stmt *new_stmt(struct parser *p, struct span at, enum ast_stmt_kind kind);
struct ast_stmt *build_match(struct parser *p, struct span at, struct ast_value *lhs, enum ast_op op,
			     struct ast_value *rhs);
struct ast_stmt *build_vmap(struct parser *p, struct span at, struct ast_value *key, struct ast_value *map);
struct ast_stmt *build_set_stmt(struct parser *p, struct span at, const struct token *field, struct ast_value *value);
/* 'packets' and 'bytes' NULL: not written. */
struct ast_stmt *build_counter(struct parser *p, struct span at, const struct token *packets,
			       const struct token *bytes);
struct ast_stmt *build_counter_name(struct parser *p, struct span at, const struct word_text *name);
struct ast_stmt *build_counter_variable(struct parser *p, struct span at, struct ast_value *variable);
struct ast_stmt *build_verdict(struct parser *p, struct span at, const struct verdict *verdict);
struct ast_stmt *build_tproxy(struct parser *p, struct span at, const struct token *family, struct ast_value *addr,
			      struct ast_value *port);
/* 'protocol' NULL: "reject" alone. */
struct ast_stmt *build_reject(struct parser *p, struct span at, const struct token *protocol, const struct token *code);
struct ast_stmt *build_ssh_local(struct parser *p, struct span at, struct ast_value *ports);
struct ast_stmt *build_dhcp(struct parser *p, struct span at, bool has_role, enum ast_dhcp_role role);

/* "5/second", "5 kbytes/second", "5 kbytes / second": 'size' or 'time' is NULL
 * where it isn't written as a word of its own. */
struct ast_limit build_rate(struct parser *p, const struct token *number, const struct token *size,
			    const struct token *time);
struct ast_limit build_rate_over(struct ast_limit limit);
struct ast_limit build_rate_burst(struct parser *p, struct ast_limit limit, const struct token *number,
				  const struct token *unit);
struct ast_stmt *build_limit(struct parser *p, struct span at, const struct ast_limit *limit);
/* 'name' NULL after an error. */
struct ast_stmt *build_limit_name(struct parser *p, struct span at, const struct word_text *name);
struct ast_stmt *build_limit_variable(struct parser *p, struct span at, struct ast_value *variable);

#define LOG_ALL_FLAGS (LOG_TCP_SEQUENCE | LOG_TCP_OPTIONS | LOG_IP_OPTIONS | LOG_SKUID | LOG_ETHER)
struct ast_stmt *build_log(struct parser *p, struct span at);
/* Each adds an option to 'log', which then has the span 'at'. */
struct ast_stmt *build_log_prefix(struct parser *p, struct span at, struct ast_stmt *log,
				  const struct word_text *prefix);
struct ast_stmt *build_log_level(struct parser *p, struct span at, struct ast_stmt *log, const struct token *level);
struct ast_stmt *build_log_number(struct parser *p, struct span at, struct ast_stmt *log, const struct token *option,
				  const struct token *number);
struct ast_stmt *build_log_flags(struct span at, struct ast_stmt *log, unsigned int flags);
/* Of "tcp sequence" both words, of "skuid" the last. */
unsigned int log_flag(struct parser *p, const struct token *protocol, const struct token *flag);

/* 'comment' NULL: none.  The rule is NULL if something in it is not supported. */
struct ast_rule *build_rule(struct parser *p, struct span at, struct stmt_list stmts, const struct word_text *comment);
/* NULL after an error: the rule is left out. */
void build_chain_rule(struct parser *p, struct ast_rule *rule);

/* ---- commands (build_command.c) ---- */

/* "inet t": 'family' and 'table' NULL where not written. */
struct ast_command *build_place(struct parser *p, const enum ast_family *family, const struct token *table);
struct ast_command *build_place_name(struct parser *p, struct ast_command *c, const struct token *name);
struct ast_command *build_handle(struct ast_command *c, const struct token *number);
struct ast_command *build_index(struct ast_command *c, const struct token *number);
void build_command(struct parser *p, struct span at, enum ast_verb verb, enum ast_target target, struct ast_command *c);
void build_rename(struct parser *p, struct span at, struct ast_command *c, const struct token *name);
void build_elements(struct parser *p, struct span at, enum ast_verb verb, struct ast_command *c,
		    struct ast_value *elements);
void build_rule_command(struct parser *p, struct span at, enum ast_verb verb, struct ast_command *c,
			struct ast_rule *rule);

/* Their blocks follow, or none; then comes build_..._end. */
void build_added_table(struct parser *p, struct span at, enum ast_verb verb, struct ast_command *c);
void build_added_chain(struct parser *p, struct span at, enum ast_verb verb, struct ast_command *c);
void build_added_set(struct parser *p, struct span at, enum ast_verb verb, enum ast_target target,
		     struct ast_command *c);
void build_added_object(struct parser *p, struct span at, enum ast_verb verb, enum ast_target target,
			struct ast_command *c);

/* ---- blocks (build_block.c, build_chain.c, build_set.c) ---- */
struct ast_item *add_item(struct parser *p, struct span at, enum ast_item_kind kind);
/* 'value' NULL: undefine. */
void build_define(struct parser *p, struct span at, enum ast_define_kind kind, const struct token *name,
		  struct ast_value *value);
/* Takes a comment for a block that may have one. */
void set_comment(struct parser *p, const char **slot, const struct word_text *comment);
void set_name(struct parser *p, const struct token *name, const char **ret, struct span *at);
/* The end of the block that a command adds, if one does. */
void end_added(struct parser *p, struct span at);
/* "chain c" and nothing more. */
void build_without_block(struct parser *p, struct span at);

/* 'name' NULL: it couldn't be read; the block is read, but left out of the tree. */
void build_table(struct parser *p, struct span at, enum ast_family family, const struct token *name);
void enter_table(struct parser *p, struct ast_table *t);
void build_table_comment(struct parser *p, const struct word_text *comment);
void build_table_end(struct parser *p, struct span at);

enum { SET_INTERVAL = 1, SET_CONSTANT = 2, SET_AUTO_MERGE = 4, SET_TIMEOUT = 8, SET_DYNAMIC = 16 };
void build_set(struct parser *p, struct span at, bool is_map, const struct token *name);
void enter_set(struct parser *p, struct ast_set *s);
/* 'data' NULL: of a set. */
void build_set_type(struct parser *p, struct span at, struct ast_value *key, struct ast_value *data);
/* At most one of 'data' and 'verdict'. */
void build_set_typeof(struct parser *p, struct span at, struct ast_value *key, struct ast_value *data,
		      struct ast_value *verdict);
void build_set_flags(struct parser *p, struct span at, unsigned int flags);
void build_set_timeout(struct parser *p, const struct token *time);
void build_set_gc_interval(struct parser *p, const struct token *time);
void build_set_size(struct parser *p, const struct token *size);
void build_set_policy(struct parser *p, const struct token *policy);
void build_set_counter(struct parser *p, const struct ast_stmt *counter);
void build_set_elements(struct parser *p, struct span at, struct ast_value *elements);
void build_set_comment(struct parser *p, const struct word_text *comment);
void build_set_end(struct parser *p, struct span at);

void build_object(struct parser *p, struct span at, enum ast_object_kind kind, const struct token *name);
void enter_object(struct parser *p, struct ast_object *o);
void build_object_counter(struct parser *p, struct span at, const struct token *packets, const struct token *bytes);
void build_object_limit(struct parser *p, struct span at, const struct ast_limit *limit);
void build_object_comment(struct parser *p, const struct word_text *comment);
void build_object_end(struct parser *p, struct span at);

void build_chain(struct parser *p, struct span at, const struct token *name);
void enter_chain(struct parser *p, struct ast_chain *c);
void build_chain_comment(struct parser *p, const struct word_text *comment);
struct priority build_priority(struct parser *p, struct ast_value *base);
struct priority build_priority_offset(struct parser *p, struct ast_value *base, const struct token *offset, int sign);
struct priority build_priority_below_zero(struct parser *p, struct span at, const struct token *number);
void build_hook(struct parser *p, struct span at, const struct token *type, const struct token *place,
		struct ast_value *devices, const struct priority *priority, struct span priority_at);
void build_policy(struct parser *p, struct span at, enum ast_verdict policy);
void build_policy_variable(struct parser *p, struct span at, struct ast_value *variable);
void build_offload(struct parser *p, struct span at);
void build_chain_end(struct parser *p, struct span at);

#endif
