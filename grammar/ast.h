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
	FIELD_COUNT,
	FIELD_NONE = FIELD_COUNT
};

/* Of a field, or of a set's elements: grammar/types.def. */
enum ast_type {
	TYPE_NONE,
#define TYPE(id, ...) TYPE_##id,
#include <grammar/types.def>
#undef TYPE
	TYPE_COUNT
};

enum ast_type_kind { KIND_NONE, KIND_ADDRESS, KIND_NUMBER, KIND_FLAGS, KIND_SYMBOL, KIND_STRING };

/* What values of an expression are like: "ip ttl" has type integer and 8 bits.
 * 'field' FIELD_NONE: of a type by name.  TYPE_INTEGER differs by field only in
 * its width. */
struct ast_datatype {
	enum ast_type type;
	uint16_t bits;
	enum ast_field field;
};

/* Of a set's or map's keys: one part, or several for a concatenation. */
#define AST_MAX_CONCAT 16 /* NFT_REG32_COUNT, include/uapi/linux/netfilter/nf_tables.h */
struct ast_datatypes {
	unsigned int n;
	const struct ast_datatype *part;
};

enum ast_family { AST_IP, AST_IP6, AST_INET, AST_NETDEV }; /* of a table */

/* ---- values ---- */

enum ast_value_kind {
	/* constants */
	VALUE_NUMBER,	/* 22, 0x16; the -5 of "define x = -5" in two's complement */
	VALUE_WORD,	/* bare word: a service, protocol, icmp type, state or interface name */
	VALUE_STRING,	/* "quoted" */
	VALUE_ADDR4,	/* 10.0.0.1 */
	VALUE_ADDR6,	/* fe80::1 */
	VALUE_MAC,	/* 00:11:22:33:44:55: addr[0..5] */
	VALUE_CLASSID,	/* 1:10, bcad:dadc: number, the first in its upper half; "none" and "root" are words */
	VALUE_VERDICT,	/* accept, jump x: data of a verdict map */
	VALUE_PREFIX,	/* left = address (or variable), prefix_len */
	VALUE_RANGE,	/* left - right */
	VALUE_CATCHALL, /* "*" as an element */
	/* several */
	VALUE_LIST,    /* established,related: items */
	VALUE_SET,     /* { a, b }: items; may nest through variables and as written */
	VALUE_CONCAT,  /* a . b: items, at least two; of fields or of constants */
	VALUE_MAPPING, /* key : data, an item of a map's VALUE_SET: left : right */
	VALUE_MASKED,  /* tcp flags syn / syn,ack: left / right, each one flag or a VALUE_LIST */
	/* by name */
	VALUE_SETREF,	/* @name: text */
	VALUE_VARIABLE, /* $name: text */
	/* of the packet */
	VALUE_FIELD,  /* ip saddr, meta mark: field */
	VALUE_BINARY, /* left op right: & | ^ << >> */
	VALUE_MAP,    /* left map right: key expression, VALUE_SET of VALUE_MAPPING or VALUE_SETREF */
};

enum ast_binary { BINARY_AND, BINARY_OR, BINARY_XOR, BINARY_LSHIFT, BINARY_RSHIFT };

/* What is looked up for FIELD_FIB_TYPE: one address, and where. */
enum ast_fib_flag {
	FIB_SADDR = 1 << 0,
	FIB_DADDR = 1 << 1,
	FIB_MARK = 1 << 2,
	FIB_IIF = 1 << 3,
	FIB_OIF = 1 << 4,
};

/* What may follow an element of a set; times in milliseconds, 0: not written. */
struct ast_attributes {
	const char *comment; /* or NULL */
	struct span comment_span;
	uint64_t timeout, expires;
	bool has_counter;
	uint64_t packets, bytes;
};

struct ast_value {
	struct ast_value *next; /* in items */
	struct span span;
	enum ast_value_kind kind : 8;
	enum ast_binary op : 8;	      /* VALUE_BINARY */
	unsigned int prefix_len : 16; /* VALUE_PREFIX; of VALUE_FIELD FIELD_FIB_TYPE the FIB_ flags */
	enum ast_field field : 16;    /* VALUE_FIELD */
	union {
		uint8_t addr[16]; /* VALUE_ADDR4 (first four bytes), VALUE_ADDR6, VALUE_MAC: network byte order */
		struct {
			uint64_t number; /* VALUE_NUMBER, VALUE_CLASSID; of a VALUE_VARIABLE its place in reading order, see
					   * ast_define; of VALUE_VERDICT the enum ast_verdict */
			const char *text; /* VALUE_WORD, VALUE_STRING (without quotes), VALUE_SETREF, VALUE_VARIABLE; of
					   * VALUE_VERDICT the chain or NULL */
		};
		struct {
			struct ast_value *left, *right;
		};
		struct ast_value *items;
	};
	struct ast_attributes *attr; /* of a set element, else NULL */
	/* bound: */
	union {
		struct ast_set *set;	    /* VALUE_SETREF */
		struct ast_chain *target;   /* VALUE_VERDICT of jump and goto */
		struct ast_value *variable; /* before: of "jump $x", whose text is NULL */
	};
};

/* ---- statements ---- */

enum ast_op {
	OP_IMPLICIT,
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_GT,
	OP_LE,
	OP_GE,
	OP_NOT, /* "tcp flags ! syn": none of the bits */
};
enum ast_verdict { VERDICT_ACCEPT, VERDICT_DROP, VERDICT_CONTINUE, VERDICT_RETURN, VERDICT_JUMP, VERDICT_GOTO };
enum ast_dhcp_role { DHCP_CLIENT, DHCP_SERVER, DHCP_RELAY };

/* rate [over] N [kbytes|mbytes]/unit [burst N [packets|bytes|kbytes|mbytes]], as nft counts it. */
enum ast_rate_unit { RATE_SECOND, RATE_MINUTE, RATE_HOUR, RATE_DAY, RATE_WEEK };
struct ast_limit {
	bool over;	/* matches when the rate is exceeded */
	bool bytes;	/* of bytes, not packets */
	uint64_t rate;	/* packets or bytes per unit */
	uint64_t burst; /* packets (5 when not written) or bytes (0 when not written) */
	enum ast_rate_unit unit;
};

enum ast_reject { REJECT_DEFAULT, REJECT_TCP_RESET, REJECT_ICMP, REJECT_ICMPV6, REJECT_ICMPX };

/* syslog's levels, and nft's "audit". */
enum ast_log_level {
	LOG_LEVEL_EMERG,
	LOG_LEVEL_ALERT,
	LOG_LEVEL_CRIT,
	LOG_LEVEL_ERR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_AUDIT,
};
enum ast_log_flag {
	LOG_TCP_SEQUENCE = 1 << 0,
	LOG_TCP_OPTIONS = 1 << 1,
	LOG_IP_OPTIONS = 1 << 2,
	LOG_SKUID = 1 << 3,
	LOG_ETHER = 1 << 4,
};

enum ast_stmt_kind {
	STMT_MATCH,
	STMT_VMAP,
	STMT_COUNTER,
	STMT_LIMIT,
	STMT_LOG,
	STMT_SET, /* meta mark set ... */
	STMT_REJECT,
	STMT_VERDICT,
	STMT_TPROXY,
	STMT_SSH_LOCAL,
	STMT_DHCP,
};

struct ast_stmt {
	struct ast_stmt *next;
	struct span span;
	enum ast_stmt_kind kind;
	bool implied; /* bound: a match that another statement implies, made but not listed */
	union {
		struct {
			/* VALUE_FIELD, VALUE_BINARY of a field and constants, or VALUE_CONCAT of those. */
			struct ast_value *lhs;
			/* Of a lhs that is just a field, else FIELD_NONE. */
			enum ast_field field;
			struct span field_span; /* of lhs */
			enum ast_op op;
			struct ast_value *rhs;
			bool several; /* bound: rhs was a set of several elements, be they one now */
		} match;
		struct {
			struct ast_value *key; /* as lhs of a match */
			struct ast_value
				*map; /* VALUE_SET of VALUE_MAPPING to VALUE_VERDICT, or VALUE_SETREF, VALUE_VARIABLE */
		} vmap;
		struct {
			bool has_values; /* counter packets N bytes M */
			uint64_t packets, bytes;
			const char *name; /* counter name "x", else NULL */
			struct span name_span;
			struct ast_value *variable; /* "counter name $x": in place of name, which is bound then */
			/* bound: */
			struct ast_object *object;
		} counter;
		struct {
			struct ast_limit limit;
			const char *name; /* limit name "x", else NULL */
			struct span name_span;
			struct ast_value *variable; /* as of counter */
			/* bound: */
			struct ast_object *object; /* with its own limit */
		} limit;
		struct {
			const char *prefix; /* or NULL; may have variables in it, as in "new: $x" */
			uint32_t order; /* of a prefix: which variables it sees, as the number of a VALUE_VARIABLE */
			struct span prefix_span;
			bool has_level, has_group, has_snaplen, has_queue_threshold;
			enum ast_log_level level;
			uint32_t group, snaplen, queue_threshold;
			unsigned int flags; /* LOG_... */
		} log;
		struct {
			enum ast_field field; /* FIELD_META_MARK, FIELD_META_PRIORITY */
			struct ast_value *value;
		} set;
		struct {
			enum ast_reject with;
			struct ast_value *code; /* word, number or variable; NULL: none written */
		} reject;
		struct {
			enum ast_verdict verdict;
			const char *chain; /* of jump and goto, else NULL */
			struct span chain_span;
			struct ast_value *variable; /* "jump $x": in place of chain, which is bound then */
			/* bound: */
			struct ast_chain *target;
		} verdict;
		struct {
			int family;		/* 0 as not written, AF_INET, AF_INET6 */
			struct ast_value *addr; /* NULL: not given; may be a VALUE_MAP, to addr . port too */
			struct ast_value *port; /* NULL: not given; may be a VALUE_MAP */
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
	struct ast_rule *prev; /* in its chain */
	uint64_t handle;       /* as the kernel would number it in a table loaded from this text */
	uint32_t number;       /* over the whole ruleset, in text order after merging of reopened chains */
};

/* ---- blocks ---- */

enum ast_hook { HOOK_NONE, HOOK_INGRESS, HOOK_PREROUTING, HOOK_EGRESS };

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
	enum ast_verdict policy;	   /* accept or drop */
	struct ast_value *policy_variable; /* "policy $x": in place of policy, which is bound then */
	bool offload;			   /* flags offload: run by the interface itself */
	struct span offload_span;
	struct ast_define *defines; /* in the block, as in a table */
	struct ast_rule *rules;
	/* bound: */
	struct ast_table *table;
	uint64_t handle;
	int32_t priority;
	bool used; /* jumped to */
};

/* set NAME { }, map NAME { } */
struct ast_set {
	struct ast_set *next;
	struct span span, name_span;
	const char *name;
	const char *comment;
	bool is_map;
	/* type a . b [: c], or typeof: expressions, VALUE_CONCAT for several; the other is NULL. */
	struct ast_value *type_words;	/* VALUE_WORD, or VALUE_CONCAT of them */
	struct ast_value *type_of;	/* VALUE_FIELD ... */
	struct ast_value *data_words;	/* of a map: VALUE_WORD ("verdict", "mark" ...) or VALUE_CONCAT */
	struct ast_value *data_type_of; /* of a map */
	struct span type_span;
	bool interval, constant, auto_merge, dynamic, has_timeout_flag, counter;
	struct span flags_span;
	uint64_t timeout, gc_interval; /* milliseconds; 0: not written */
	uint64_t size;		       /* 0: not written */
	bool policy_memory;	       /* policy memory: no difference here, but kept in listings */
	struct ast_value *elements;    /* items, linked by next */
	/* bound: */
	struct ast_datatypes key, data; /* data.n == 0 in a verdict map */
	bool is_vmap;
	enum ast_type type; /* of a key of one part, else TYPE_NONE */
	struct ast_table *table;
	uint64_t handle;
	bool used;
};

/* counter NAME { }, limit NAME { } */
enum ast_object_kind { OBJECT_COUNTER, OBJECT_LIMIT };
struct ast_object {
	struct ast_object *next;
	struct span span, name_span;
	enum ast_object_kind kind;
	const char *name;
	const char *comment;
	uint64_t packets, bytes; /* OBJECT_COUNTER: initial values */
	struct ast_limit limit;	 /* OBJECT_LIMIT */
	/* bound: */
	struct ast_table *table;
	uint64_t handle;
	bool used;
};

struct ast_table {
	struct ast_table *next;
	struct span span, name_span;
	enum ast_family family;
	const char *name;
	const char *comment;
	struct ast_define *defines; /* in the block; in scope for what stands behind them in it */
	struct ast_set *sets;	    /* and maps */
	struct ast_object *objects;
	struct ast_chain *chains;
	/* bound: */
	uint64_t handle;
};

enum ast_define_kind { DEFINE_NEW, DEFINE_AGAIN /* redefine */, DEFINE_NONE /* undefine */ };
struct ast_define {
	struct ast_define *next;
	struct span span, name_span;
	enum ast_define_kind kind;
	const char *name;
	struct ast_value *value; /* NULL: undefine */
	/* The variables and defines of a run are numbered in reading order, from 1 (spans
	 * aren't in that order when files are included): a define is in scope for the
	 * variables with a larger number. */
	uint32_t order;
	/* bound: */
	bool used;
};

enum ast_verb { VERB_ADD, VERB_CREATE, VERB_INSERT, VERB_REPLACE, VERB_DELETE, VERB_DESTROY, VERB_FLUSH, VERB_RENAME };
enum ast_target {
	TARGET_RULESET,
	TARGET_TABLE,
	TARGET_CHAIN,
	TARGET_RULE,
	TARGET_SET,
	TARGET_MAP,
	TARGET_ELEMENT,
	TARGET_COUNTER,
	TARGET_LIMIT,
};

/* A command: add rule inet t c ..., flush chain t c, delete set t s ...
 * "table x { }" without a verb is an ITEM_TABLE. */
struct ast_command {
	enum ast_verb verb;
	enum ast_target target;
	struct span span; /* all of it */
	bool has_family;  /* else AST_IP; of "flush ruleset" all */
	enum ast_family family;
	const char *table; /* NULL of TARGET_RULESET */
	struct span table_span;
	const char *name; /* of the chain, set, map, or object; NULL of TARGET_TABLE and TARGET_RULESET */
	struct span name_span;
	const char *new_name; /* VERB_RENAME */
	struct span new_name_span;
	bool has_handle, has_index;
	uint64_t handle, index; /* "position N" is a handle too */
	struct span handle_span;
	/* What is added, by target; of other verbs NULL. */
	struct ast_table *block;
	struct ast_chain *chain;
	struct ast_set *set;
	struct ast_object *object;
	struct ast_rule *rule;
	struct ast_value *elements; /* VALUE_SET or VALUE_VARIABLE; of delete element too */
};

/* One text in statement order; included files stand where the include stood. */
enum ast_item_kind { ITEM_TABLE, ITEM_DEFINE, ITEM_COMMAND, ITEM_INCLUDE };
struct ast_item {
	struct ast_item *next;
	struct span span;
	enum ast_item_kind kind;
	struct ast_table *table;
	struct ast_define *define;
	struct ast_command *command;
	const char *include; /* ITEM_INCLUDE: the pattern as written; what it brought in follows, with spans of its own */
};

/* "# ..." to the end of the line, in reading order; what 'fmt' keeps. */
struct ast_comment {
	struct ast_comment *next;
	struct span span;
	bool alone; /* nothing but blanks before it in its line */
};

struct ast {
	struct ast_item *items;
	struct ast_comment *comments; /* of all texts; those of included files have spans there */
	unsigned int dropped;	      /* statements left out after an error: what they'd use isn't known */
};

/* ---- walking (ast_walk.c) ---- */

/* Calls fn for each value directly within one (operands, parts, elements, a
 * variable in place of a name), in text order, until it returns false; returns
 * whether it never did. */
typedef bool (*ast_value_fn)(const struct ast_value *v, void *ctx);
bool ast_each_part(const struct ast_value *v, ast_value_fn fn, void *ctx);
/* The same of a statement. */
bool ast_each_value(const struct ast_stmt *s, ast_value_fn fn, void *ctx);

/* ---- tables of names (ast_names.c) ---- */
const char *ast_field_name(enum ast_field f); /* "ip saddr" */
enum ast_type ast_field_type(enum ast_field f);
unsigned int ast_field_bits(enum ast_field f);
struct ast_datatype ast_field_datatype(enum ast_field f);
const char *ast_type_name(enum ast_type t); /* "ipv4_addr", "inet_service", ... as in 'type' of a set; "" has none */
enum ast_type ast_type_by_name(const char *name); /* TYPE_NONE: no such type */
unsigned int ast_type_bits(enum ast_type t);	  /* 0: by field */
enum ast_type_kind ast_type_kind(enum ast_type t);
const char *ast_type_what(enum ast_type t);	  /* "a port" */
const char *ast_family_name(enum ast_family f);	  /* "inet" */
const char *ast_hook_name(enum ast_hook h);	  /* "ingress" */
const char *ast_verdict_name(enum ast_verdict v); /* "accept" */
const char *ast_op_name(enum ast_op op);	  /* "!=", "" for implicit */
const char *ast_binary_name(enum ast_binary op);  /* "&" */
const char *ast_rate_unit_name(enum ast_rate_unit u);
const char *ast_log_level_name(enum ast_log_level l);

struct buf;
/* Can it be a name only in quotes? */
bool ast_is_reserved(const char *name);
/* A name, in quotes if it needs them. */
void ast_put_name(const char *name, struct buf *out);
/* The words of a command before what it adds: "add rule inet fw in index 0". */
void ast_put_command(const struct ast_command *c, struct buf *out);
/* The tree as text, one node a line, indented, with byte offsets relative to
 * each node's own file; stable, for 'compile --dump=ast' and golden files. */
void ast_dump(const struct ast *ast, struct sources *sources, struct buf *out);

#endif
