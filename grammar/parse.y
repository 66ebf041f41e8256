/* SPDX-License-Identifier: GPL-2.0-only */
/* parse.y - nft's grammar, as far as zfwc has it.
 *
 * The stream (stream.h) hands over tokens in which braces and line ends of
 * blocks differ from those within values, and it skips what is left of a
 * statement after an error, so that one bad statement costs one error.
 *
 * yyerrok stands only behind a token that has been shifted: behind a bare 'error'
 * the bad token would still be ahead, and be reported again and again. */
%define api.pure full
%define api.prefix {zf_parse_}
%define api.token.prefix {TOK_}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param { struct parser *p }

%code requires {
#include <grammar/build.h>

struct parser;
}

%code provides {
int zf_parse_lex(ZF_PARSE_STYPE *value, ZF_PARSE_LTYPE *span, struct parser *p);
}

%code {
#include <compiler/base/diag.h>
#include <grammar/parser.h>

/* From the first symbol that isn't empty to the last that isn't. */
#define YYLLOC_DEFAULT(whole, rhs, n)                                   \
	do {                                                            \
		(whole) = SPAN_NONE;                                    \
		for (int part = 1; part <= (n); part++)                 \
			(whole) = span_join((whole), YYRHSLOC(rhs, part)); \
	} while (0)

static void zf_parse_error(const struct span *at, struct parser *p, const char *what)
{
	diag_error(p->diag, DIAG_TOO_LARGE, *at, "%s", what); /* only "memory exhausted" */
}
}

%union {
	struct token token;
	struct ast_value *value;
	struct value_list values;
	struct ast_stmt *stmt;
	struct stmt_list stmts;
	struct word_text text;
	enum ast_op op;
	enum ast_verdict verdict;
	enum ast_family family;
	unsigned int flags;
	struct priority priority;
}

%token END 0 "end of file"
%token NEWLINE "end of line"
%token SET_NEWLINE "end of line within '{ }'"
%token BLOCK_OPEN "{"
%token BLOCK_CLOSE "}"
%token <token> WORD "a word"
%token <token> PROTO "a protocol"
%token <token> STRING "a string"
%token <token> NUMBER "a number"
%token <token> ADDR4 "an IPv4 address"
%token <token> ADDR6 "an IPv6 address"
%token <token> VARIABLE "a $variable"
%token <token> SETREF "a @set"
%token <token> FIELD "a match"
%token RESERVED "reserved word"
%token MAC "link-layer address"
%token BAD "unreadable text"
%token SHIFT "shift"

%token TABLE "table" CHAIN "chain" SET "set" DEFINE "define" INCLUDE "include"
%token FLUSH "flush" RULESET "ruleset" COMMENT "comment"
%token TYPE "type" HOOK "hook" DEVICE "device" DEVICES "devices" PRIORITY "priority" POLICY "policy"
%token FLAGS "flags" INTERVAL "interval" CONSTANT "constant" AUTO_MERGE "auto-merge" ELEMENTS "elements"
%token COUNTER "counter" ACCEPT "accept" DROP "drop" CONTINUE "continue" RETURN "return"
%token JUMP "jump" GOTO "goto" TPROXY "tproxy" SSH_LOCAL "ssh-local"
%token <token> PACKETS "packets" BYTES "bytes" TO "to" PORT "port"
%token <token> DHCP "dhcp" CLIENT "client" SERVER "server" RELAY "relay"
%token <token> IP "ip" IP6 "ip6" INET "inet" NETDEV "netdev"
%token EQ "==" NE "!=" LT "<" GT ">" LE "<=" GE ">="

%type <family> family
%type <token> name word soft_keyword
%type <text> string
%type <value> single element set_element listed rhs set initializer tproxy_addr tproxy_port device devices
%type <values> comma_list element_list device_list
%type <stmt> stmt verdict_stmt counter tproxy ssh_local dhcp
%type <stmts> stmts
%type <op> op
%type <verdict> policy
%type <flags> flag flag_list
%type <priority> priority

%%

input:
	top_items
	;

end:
	NEWLINE
|	';'
	;

top_items:
	%empty
|	top_items end
|	top_items top_item end		{ yyerrok; }
|	top_items table
|	top_items error end		{ yyerrok; }
	;

top_item:
	table_head			{ build_table_end(p, @$); }
|	define
|	include
|	FLUSH RULESET			{ build_flush_ruleset(p, @$); }
	;

/* In blocks and at the top alike. */
define:
	DEFINE name '=' initializer	{ build_define(p, @$, &$name, $initializer); }
	;

initializer:
	rhs
|	'{' newlines '}'		{ $$ = build_set_value(p, @$, (struct value_list){ 0 }); }
	;

include:
	INCLUDE STRING			{ parser_include(p, @$, &$STRING); }
	;

/* ---- tables ---- */

table:
	table_open table_body BLOCK_CLOSE	{ build_table_end(p, @$); }
	;

table_open:
	table_head BLOCK_OPEN		{ yyerrok; }
	;

table_head:
	TABLE family name		{ build_table(p, @$, $family, &$name); }
|	TABLE name			{ build_table(p, @$, AST_IP, &$name); }
|	TABLE error			{ build_table(p, @$, AST_IP, NULL); }
|	table_head error
	;

family:
	IP				{ $$ = AST_IP; }
|	IP6				{ $$ = AST_IP6; }
|	INET				{ $$ = AST_INET; }
|	NETDEV				{ $$ = AST_NETDEV; }
	;

table_body:
	table_items
|	table_items table_item
|	table_items error		{ yyerrok; }
	;

table_items:
	%empty
|	table_items end
|	table_items table_item end	{ yyerrok; }
|	table_items chain
|	table_items set_block
|	table_items error end		{ yyerrok; }
	;

table_item:
	COMMENT string			{ build_table_comment(p, &$string); }
|	define
|	include
|	chain_head			{ build_chain_without_block(p, @$); }
|	set_head			{ build_set_end(p, @$); }
	;

/* ---- sets ---- */

set_block:
	set_open set_body BLOCK_CLOSE	{ build_set_end(p, @$); }
	;

set_open:
	set_head BLOCK_OPEN		{ yyerrok; }
	;

set_head:
	SET name			{ build_set(p, @$, &$name); }
|	SET error			{ build_set(p, @$, NULL); }
|	set_head error
	;

set_body:
	set_items
|	set_items set_item
|	set_items error			{ yyerrok; }
	;

set_items:
	%empty
|	set_items end
|	set_items set_item end
|	set_items error end		{ yyerrok; }
	;

set_item:
	TYPE word			{ build_set_type(p, @$, &$word); }
|	FLAGS flag_list			{ build_set_flags(p, $flag_list); }
|	AUTO_MERGE			{ build_set_flags(p, SET_AUTO_MERGE); }
|	ELEMENTS '=' set		{ build_set_elements(p, @$, $set); }
|	ELEMENTS '=' VARIABLE		{ build_set_elements(p, @$, build_value(p, @VARIABLE, &$VARIABLE)); }
|	COMMENT string			{ build_set_comment(p, &$string); }
|	define
|	include
	;

flag_list:
	flag
|	flag_list ',' flag		{ $$ = $1 | $3; }
	;

flag:
	INTERVAL			{ $$ = SET_INTERVAL; }
|	CONSTANT			{ $$ = SET_CONSTANT; }
	;

/* ---- chains ---- */

chain:
	chain_open chain_body BLOCK_CLOSE	{ build_chain_end(p, @$); }
	;

chain_open:
	chain_head BLOCK_OPEN		{ yyerrok; }
	;

chain_head:
	CHAIN name			{ build_chain(p, @$, &$name); }
|	CHAIN error			{ build_chain(p, @$, NULL); }
|	chain_head error
	;

chain_body:
	chain_items
|	chain_items chain_item
|	chain_items error		{ yyerrok; }
	;

chain_items:
	%empty
|	chain_items end
|	chain_items chain_item end
|	chain_items error end		{ yyerrok; }
	;

chain_item:
	hook
|	POLICY policy			{ build_policy(p, @$, $policy); }
|	COMMENT string			{ build_chain_comment(p, &$string); }
|	stmts				{ build_rule(p, @$, $stmts, NULL); }
|	stmts COMMENT string		{ build_rule(p, @$, $stmts, &$string); }
|	define
|	include
	;

hook:
	TYPE word[type] HOOK word[place] devices PRIORITY priority
		{ build_hook(p, @$, &$type, &$place, $devices, &$priority, @priority); }
	;

devices:
	%empty				{ $$ = NULL; }
|	DEVICE device			{ $$ = $device; }
|	DEVICES '=' VARIABLE		{ $$ = build_value(p, @VARIABLE, &$VARIABLE); }
|	DEVICES '=' '{' device_list newlines '}'
					{ $$ = build_set_value(p, span_join(@3, @6), $device_list); }
|	DEVICES '=' '{' device_list newlines ',' newlines '}'
					{ $$ = build_set_value(p, span_join(@3, @8), $device_list); }
	;

device_list:
	newlines device			{ $$ = value_list(NULL, $device); }
|	device_list newlines ',' newlines device	{ $$ = value_list(&$1, $device); }
	;

device:
	word				{ $$ = build_value(p, @$, &$word); }
|	STRING				{ $$ = build_value(p, @$, &$STRING); }
|	VARIABLE			{ $$ = build_value(p, @$, &$VARIABLE); }
	;

priority:
	'-' NUMBER			{ $$ = build_priority_below_zero(p, @$, &$NUMBER); }
|	NUMBER				{ $$ = build_priority(p, build_value(p, @1, &$1)); }
|	word				{ $$ = build_priority(p, build_value(p, @1, &$1)); }
|	VARIABLE			{ $$ = build_priority(p, build_value(p, @1, &$1)); }
|	word '+' NUMBER			{ $$ = build_priority_offset(p, build_value(p, @1, &$1), &$NUMBER, 1); }
|	word '-' NUMBER			{ $$ = build_priority_offset(p, build_value(p, @1, &$1), &$NUMBER, -1); }
|	VARIABLE '+' NUMBER		{ $$ = build_priority_offset(p, build_value(p, @1, &$1), &$NUMBER, 1); }
|	VARIABLE '-' NUMBER		{ $$ = build_priority_offset(p, build_value(p, @1, &$1), &$NUMBER, -1); }
	;

policy:
	ACCEPT				{ $$ = VERDICT_ACCEPT; }
|	DROP				{ $$ = VERDICT_DROP; }
	;

/* ---- rules ---- */

stmts:
	stmt				{ $$ = stmt_list(NULL, $stmt); }
|	stmts stmt			{ $$ = stmt_list(&$1, $stmt); }
	;

stmt:
	FIELD op rhs			{ $$ = build_match(p, @$, &$FIELD, $op, $rhs); }
|	counter
|	verdict_stmt
|	tproxy
|	ssh_local
|	dhcp
	;

op:
	%empty				{ $$ = OP_IMPLICIT; }
|	EQ				{ $$ = OP_EQ; }
|	NE				{ $$ = OP_NE; }
|	LT				{ $$ = OP_LT; }
|	GT				{ $$ = OP_GT; }
|	LE				{ $$ = OP_LE; }
|	GE				{ $$ = OP_GE; }
	;

counter:
	COUNTER				{ $$ = build_counter(p, @$, NULL, NULL); }
|	COUNTER PACKETS NUMBER		{ $$ = build_counter(p, @$, &$NUMBER, NULL); }
|	COUNTER BYTES NUMBER		{ $$ = build_counter(p, @$, NULL, &$NUMBER); }
|	COUNTER PACKETS NUMBER[packets] BYTES NUMBER[bytes]
					{ $$ = build_counter(p, @$, &$packets, &$bytes); }
	;

verdict_stmt:
	ACCEPT				{ $$ = build_verdict(p, @$, VERDICT_ACCEPT, NULL); }
|	DROP				{ $$ = build_verdict(p, @$, VERDICT_DROP, NULL); }
|	CONTINUE			{ $$ = build_verdict(p, @$, VERDICT_CONTINUE, NULL); }
|	RETURN				{ $$ = build_verdict(p, @$, VERDICT_RETURN, NULL); }
|	JUMP name			{ $$ = build_verdict(p, @$, VERDICT_JUMP, &$name); }
|	GOTO name			{ $$ = build_verdict(p, @$, VERDICT_GOTO, &$name); }
	;

tproxy:
	TPROXY TO tproxy_addr		{ $$ = build_tproxy(p, @$, NULL, $3, NULL); }
|	TPROXY TO tproxy_addr ':' tproxy_port	{ $$ = build_tproxy(p, @$, NULL, $3, $5); }
|	TPROXY TO ':' tproxy_port	{ $$ = build_tproxy(p, @$, NULL, NULL, $4); }
|	TPROXY IP TO tproxy_addr	{ $$ = build_tproxy(p, @$, &$IP, $4, NULL); }
|	TPROXY IP TO tproxy_addr ':' tproxy_port	{ $$ = build_tproxy(p, @$, &$IP, $4, $6); }
|	TPROXY IP TO ':' tproxy_port	{ $$ = build_tproxy(p, @$, &$IP, NULL, $5); }
|	TPROXY IP6 TO tproxy_addr	{ $$ = build_tproxy(p, @$, &$IP6, $4, NULL); }
|	TPROXY IP6 TO tproxy_addr ':' tproxy_port	{ $$ = build_tproxy(p, @$, &$IP6, $4, $6); }
|	TPROXY IP6 TO ':' tproxy_port	{ $$ = build_tproxy(p, @$, &$IP6, NULL, $5); }
	;

tproxy_addr:
	ADDR4				{ $$ = build_value(p, @$, &$1); }
|	ADDR6				{ $$ = build_value(p, @$, &$1); }
|	VARIABLE			{ $$ = build_value(p, @$, &$1); }
	;

tproxy_port:
	NUMBER				{ $$ = build_value(p, @$, &$1); }
|	word				{ $$ = build_value(p, @$, &$1); }
|	VARIABLE			{ $$ = build_value(p, @$, &$1); }
	;

ssh_local:
	SSH_LOCAL			{ $$ = build_ssh_local(p, @$, NULL); }
|	SSH_LOCAL PORT listed		{ $$ = build_ssh_local(p, @$, $listed); }
	;

dhcp:
	DHCP				{ $$ = build_dhcp(p, @$, false, DHCP_CLIENT); }
|	DHCP CLIENT			{ $$ = build_dhcp(p, @$, true, DHCP_CLIENT); }
|	DHCP SERVER			{ $$ = build_dhcp(p, @$, true, DHCP_SERVER); }
|	DHCP RELAY			{ $$ = build_dhcp(p, @$, true, DHCP_RELAY); }
	;

/* ---- values ---- */

rhs:
	listed
|	SETREF				{ $$ = build_value(p, @$, &$SETREF); }
	;

listed:
	element
|	comma_list			{ $$ = build_list_value(p, @$, $comma_list); }
|	set
	;

comma_list:
	element ',' element		{ $$ = value_list(NULL, $1); $$ = value_list(&$$, $3); }
|	comma_list ',' element		{ $$ = value_list(&$1, $3); }
	;

set:
	'{' element_list '}'		{ $$ = build_set_value(p, @$, $element_list); }
|	'{' element_list ',' newlines '}'	{ $$ = build_set_value(p, @$, $element_list); }
	;

element_list:
	newlines set_element newlines	{ $$ = value_list(NULL, $set_element); }
|	element_list ',' newlines set_element newlines	{ $$ = value_list(&$1, $set_element); }
	;

set_element:
	element
|	element COMMENT string		{ $$ = build_element_comment(p, $element, &$string); }
|	set
	;

newlines:
	%empty
|	newlines SET_NEWLINE
	;

element:
	single
|	single '/' NUMBER		{ $$ = build_prefix(p, @$, $single, &$NUMBER, @NUMBER); }
|	single '-' single[last]		{ $$ = build_range(p, @$, $1, $last); }
	;

single:
	NUMBER				{ $$ = build_value(p, @$, &$1); }
|	ADDR4				{ $$ = build_value(p, @$, &$1); }
|	ADDR6				{ $$ = build_value(p, @$, &$1); }
|	STRING				{ $$ = build_value(p, @$, &$1); }
|	VARIABLE			{ $$ = build_value(p, @$, &$1); }
|	word				{ $$ = build_value(p, @$, &$1); }
|	PROTO				{ $$ = build_value(p, @$, &$1); }
|	IP				{ $$ = build_value(p, @$, &$1); }
|	IP6				{ $$ = build_value(p, @$, &$1); }
	;

/* ---- words ---- */

name:
	word
	;

/* The keywords that nft lets you use as names. */
word:
	WORD
|	soft_keyword
	;

soft_keyword:
	PACKETS | BYTES | TO | PORT | DHCP | CLIENT | SERVER | RELAY
	;

string:
	STRING				{ $$ = text_of(p, &$1); }
|	word				{ $$ = text_of(p, &$1); }
	;

%%

static int yyreport_syntax_error(const yypcontext_t *context, struct parser *p)
{
	enum { MAX = 2 * YYNTOKENS };
	yysymbol_kind_t kinds[MAX];
	const char *expected[MAX];
	int n = 0;

	if (p->diag->errors < diag_limit(p->diag)) /* else it is only counted */
		n = yypcontext_expected_tokens(context, kinds, MAX);
	for (int i = 0; i < n; i++)
		expected[i] = yysymbol_name(kinds[i]);
	syntax_error(p, expected, n > 0 ? (size_t)n : 0);
	return 0;
}
