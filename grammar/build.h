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

struct priority {
	struct ast_value *base;
	int64_t offset;
};

/* The list with one more; NULL is the empty list. */
struct value_list value_list(const struct value_list *list, struct ast_value *v);
struct stmt_list stmt_list(const struct stmt_list *list, struct ast_stmt *s);

/* A word, or a string without its quotes. */
struct word_text text_of(struct parser *p, const struct token *t);
/* The text of a comment, after a look at its length. */
const char *build_comment(struct parser *p, const struct word_text *comment);

/* ---- values ---- */
struct ast_value *build_value(struct parser *p, struct span at, const struct token *t);
struct ast_value *build_prefix(struct parser *p, struct span at, struct ast_value *addr, const struct token *len,
			       struct span len_at);
struct ast_value *build_range(struct parser *p, struct span at, struct ast_value *first, struct ast_value *last);
struct ast_value *build_list_value(struct parser *p, struct span at, struct value_list items);
struct ast_value *build_set_value(struct parser *p, struct span at, struct value_list items);
struct ast_value *build_element_comment(struct parser *p, struct ast_value *v, const struct word_text *comment);

/* ---- statements ---- */
struct ast_stmt *build_match(struct parser *p, struct span at, const struct token *field, enum ast_op op,
			     struct ast_value *rhs);
/* 'packets' and 'bytes' NULL: not written. */
struct ast_stmt *build_counter(struct parser *p, struct span at, const struct token *packets,
			       const struct token *bytes);
struct ast_stmt *build_verdict(struct parser *p, struct span at, enum ast_verdict verdict, const struct token *chain);
struct ast_stmt *build_tproxy(struct parser *p, struct span at, const struct token *family, struct ast_value *addr,
			      struct ast_value *port);
struct ast_stmt *build_ssh_local(struct parser *p, struct span at, struct ast_value *ports);
struct ast_stmt *build_dhcp(struct parser *p, struct span at, bool has_role, enum ast_dhcp_role role);
void build_rule(struct parser *p, struct span at, struct stmt_list stmts, const struct word_text *comment);

/* ---- blocks ---- */
void build_define(struct parser *p, struct span at, const struct token *name, struct ast_value *value);
void build_flush_ruleset(struct parser *p, struct span at);

/* 'name' NULL: it couldn't be read; the block is read, but left out of the tree. */
void build_table(struct parser *p, struct span at, enum ast_family family, const struct token *name);
void build_table_comment(struct parser *p, const struct word_text *comment);
void build_table_end(struct parser *p, struct span at);

enum { SET_INTERVAL = 1, SET_CONSTANT = 2, SET_AUTO_MERGE = 4 };
void build_set(struct parser *p, struct span at, const struct token *name);
void build_set_type(struct parser *p, struct span at, const struct token *type);
void build_set_flags(struct parser *p, unsigned int flags);
void build_set_elements(struct parser *p, struct span at, struct ast_value *elements);
void build_set_comment(struct parser *p, const struct word_text *comment);
void build_set_end(struct parser *p, struct span at);

void build_chain(struct parser *p, struct span at, const struct token *name);
void build_chain_comment(struct parser *p, const struct word_text *comment);
struct priority build_priority(struct parser *p, struct ast_value *base);
struct priority build_priority_offset(struct parser *p, struct ast_value *base, const struct token *offset, int sign);
struct priority build_priority_below_zero(struct parser *p, struct span at, const struct token *number);
void build_hook(struct parser *p, struct span at, const struct token *type, const struct token *place,
		struct ast_value *devices, const struct priority *priority, struct span priority_at);
void build_policy(struct parser *p, struct span at, enum ast_verdict policy);
void build_chain_end(struct parser *p, struct span at);
void build_chain_without_block(struct parser *p, struct span at);

#endif
