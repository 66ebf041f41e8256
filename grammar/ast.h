/* SPDX-License-Identifier: GPL-2.0-only */
/* ast.h - what the text says, as written: no look-ups, no meaning.
 *
 * Every node has the span of its text.  Lists are linked in text order.  The
 * parser makes nodes; resolve.c (compiler/) fills the members under "bound". */
#ifndef ZFWC_AST_H
#define ZFWC_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <compiler/base/source.h>

enum ast_field {
#define FIELD(id, ...) FIELD_##id,
#include <grammar/fields.def>
#undef FIELD
	FIELD_COUNT
};

/* Of a field, or of a set's elements. */
enum ast_type {
	TYPE_NONE,
	TYPE_ADDR4,
	TYPE_ADDR6,
	TYPE_PROTO,
	TYPE_NFPROTO,
	TYPE_PORT,
	TYPE_IFINDEX,
	TYPE_IFNAME,
	TYPE_ICMP_TYPE,
	TYPE_ICMPV6_TYPE,
	TYPE_CT_STATE,
	TYPE_COUNT,
};

enum ast_family { AST_IP, AST_IP6, AST_INET, AST_NETDEV }; /* of a table */

/* ---- values ---- */

enum ast_value_kind {
	VALUE_NUMBER,	/* 22, 0x16 */
	VALUE_WORD,	/* bare word: a service, protocol, icmp type, state or interface name */
	VALUE_STRING,	/* "quoted" */
	VALUE_ADDR4,	/* 10.0.0.1 */
	VALUE_ADDR6,	/* fe80::1 */
	VALUE_PREFIX,	/* left = address (or variable), prefix_len */
	VALUE_RANGE,	/* left - right */
	VALUE_LIST,	/* established,related: items */
	VALUE_SET,	/* { a, b }: items; may nest through variables */
	VALUE_SETREF,	/* @name: text */
	VALUE_VARIABLE, /* $name: text */
};

struct ast_value {
	struct ast_value *next; /* in items */
	struct span span;
	enum ast_value_kind kind;
	uint64_t number;  /* VALUE_NUMBER; of a VALUE_VARIABLE its place in reading order, see ast_define */
	uint8_t addr[16]; /* network byte order; IPv4 in the first four bytes */
	unsigned int prefix_len;
	struct ast_value *left, *right;
	struct ast_value *items;
	const char *text;    /* word, string without quotes, set or variable name */
	const char *comment; /* of a set element, or NULL */
	/* bound: */
	struct ast_set *set; /* VALUE_SETREF */
};

/* ---- statements ---- */

enum ast_op { OP_IMPLICIT, OP_EQ, OP_NE, OP_LT, OP_GT, OP_LE, OP_GE };
enum ast_verdict { VERDICT_ACCEPT, VERDICT_DROP, VERDICT_CONTINUE, VERDICT_RETURN, VERDICT_JUMP, VERDICT_GOTO };
enum ast_dhcp_role { DHCP_CLIENT, DHCP_SERVER, DHCP_RELAY };

enum ast_stmt_kind {
	STMT_MATCH,
	STMT_COUNTER,
	STMT_VERDICT,
	STMT_TPROXY,
	STMT_SSH_LOCAL,
	STMT_DHCP,
};

struct ast_stmt {
	struct ast_stmt *next;
	struct span span;
	enum ast_stmt_kind kind;
	union {
		struct {
			enum ast_field field;
			struct span field_span;
			enum ast_op op;
			struct ast_value *rhs;
		} match;
		struct {
			bool has_values; /* counter packets N bytes M */
			uint64_t packets, bytes;
		} counter;
		struct {
			enum ast_verdict verdict;
			const char *chain; /* of jump and goto, else NULL */
			struct span chain_span;
			/* bound: */
			struct ast_chain *target;
		} verdict;
		struct {
			int family;		/* 0 as not written, AF_INET, AF_INET6 */
			struct ast_value *addr; /* NULL: not given */
			struct ast_value *port; /* NULL: not given */
		} tproxy;
		struct {
			struct ast_value *ports; /* NULL: 22 */
		} ssh_local;
		struct {
			bool has_role;
			enum ast_dhcp_role role; /* client when none is written */
		} dhcp;
	};
};

struct ast_rule {
	struct ast_rule *next;
	struct span span;
	struct ast_stmt *stmts;
	const char *comment; /* or NULL */
	struct span comment_span;
	/* bound: */
	struct ast_chain *chain;
	uint32_t number; /* over the whole ruleset, in text order after merging of reopened chains */
};

/* ---- blocks ---- */

enum ast_hook { HOOK_NONE, HOOK_INGRESS, HOOK_PREROUTING };

struct ast_device {
	struct ast_device *next;
	struct span span;
	struct ast_value *value; /* string, word, or variable (which may hold a set) */
};

struct ast_chain {
	struct ast_chain *next;
	struct span span, name_span;
	const char *name;
	const char *comment;
	/* a base chain: */
	bool is_base;
	struct span hook_span;
	enum ast_hook hook;
	struct ast_value *devices; /* a string/word/variable, or VALUE_SET of them; NULL: none written */
	struct span priority_span;
	struct ast_value *priority_base; /* word, number (0 for a negative one) or variable; NULL: none */
	int64_t priority_offset;	 /* the written "+ n", "- n" or "-n" */
	bool has_policy;
	struct span policy_span;
	enum ast_verdict policy;    /* accept or drop */
	struct ast_define *defines; /* in the block, as in a table */
	struct ast_rule *rules;
	/* bound: */
	struct ast_table *table;
	int32_t priority;
};

struct ast_set {
	struct ast_set *next;
	struct span span, name_span;
	const char *name;
	const char *comment;
	enum ast_type type; /* TYPE_NONE only after an error */
	struct span type_span;
	bool interval, constant, auto_merge;
	struct ast_value *elements; /* items, linked by next */
	/* bound: */
	struct ast_table *table;
	bool used;
};

struct ast_table {
	struct ast_table *next;
	struct span span, name_span;
	enum ast_family family;
	const char *name;
	const char *comment;
	struct ast_define *defines; /* in the block; in scope for what stands behind them in it */
	struct ast_set *sets;
	struct ast_chain *chains;
};

struct ast_define {
	struct ast_define *next;
	struct span span, name_span;
	const char *name;
	struct ast_value *value;
	/* The variables and defines of a run are numbered in reading order, from 1 (spans
	 * aren't in that order when files are included): a define is in scope for the
	 * variables with a larger number. */
	uint32_t order;
};

/* One text in statement order; included files stand where the include stood. */
enum ast_item_kind { ITEM_TABLE, ITEM_DEFINE, ITEM_FLUSH_RULESET };
struct ast_item {
	struct ast_item *next;
	struct span span;
	enum ast_item_kind kind;
	struct ast_table *table;
	struct ast_define *define;
};

struct ast {
	struct ast_item *items;
};

/* ---- tables of names (ast_names.c) ---- */
const char *ast_field_name(enum ast_field f); /* "ip saddr" */
enum ast_type ast_field_type(enum ast_field f);
const char *ast_type_name(enum ast_type t);	  /* "ipv4_addr", "inet_service", ... as in 'type' of a set */
const char *ast_family_name(enum ast_family f);	  /* "inet" */
const char *ast_verdict_name(enum ast_verdict v); /* "accept" */
const char *ast_op_name(enum ast_op op);	  /* "!=", "" for implicit */

struct buf;
/* The tree as text, one node a line, indented, with byte offsets relative to
 * each node's own file; stable, for 'compile --dump=ast' and golden files. */
void ast_dump(const struct ast *ast, struct sources *sources, struct buf *out);

#endif
