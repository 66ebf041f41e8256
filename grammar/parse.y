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
	struct ast_rule *rule;
	struct ast_command *command;
	struct ast_limit limit;
	struct word_text text;
	enum ast_op op;
	enum ast_verdict verdict;
	struct verdict chosen;
	enum ast_verb verb;
	enum ast_target target;
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
%token <token> TIME "a time"
%token <token> ADDR4 "an IPv4 address"
%token <token> ADDR6 "an IPv6 address"
%token <token> MAC "a link-layer address"
%token <token> CLASSID "a class"
%token <token> VARIABLE "a $variable"
%token <token> SETREF "a @set"
%token <token> FIELD "a match"
%token <token> RESERVED "reserved word"
%token BAD "unreadable text"

%token TABLE "table" CHAIN "chain" SET "set" MAP "map" RULE "rule" ELEMENT "element"
%token DEFINE "define" REDEFINE "redefine" UNDEFINE "undefine" INCLUDE "include"
%token ADD "add" CREATE "create" INSERT "insert" REPLACE "replace" DELETE "delete" RENAME "rename"
%token FLUSH "flush" RULESET "ruleset" HANDLE "handle" INDEX "index" POSITION "position" COMMENT "comment"
%token TYPE "type" TYPEOF "typeof" HOOK "hook" DEVICE "device" DEVICES "devices" PRIORITY "priority" POLICY "policy"
%token FLAGS "flags" OFFLOAD "offload" INTERVAL "interval" CONSTANT "constant" TIMEOUT "timeout" DYNAMIC "dynamic"
%token GC_INTERVAL "gc-interval" SIZE "size" AUTO_MERGE "auto-merge" ELEMENTS "elements" EXPIRES "expires"
%token COUNTER "counter" LIMIT "limit" LOG "log" ALL "all" REJECT "reject" FIB "fib"
%token ACCEPT "accept" DROP "drop" CONTINUE "continue" RETURN "return"
%token JUMP "jump" GOTO "goto" VMAP "vmap" TPROXY "tproxy"
%token <token> DESTROY "destroy" PACKETS "packets" BYTES "bytes" NAME "name" RATE "rate" OVER "over" BURST "burst"
%token <token> PREFIX "prefix" LEVEL "level" GROUP "group" SNAPLEN "snaplen" QUEUE_THRESHOLD "queue-threshold"
%token <token> SSH_LOCAL "ssh-local" WITH "with" ICMPX "icmpx" TO "to" PORT "port" DHCP "dhcp" CLIENT "client" SERVER "server" RELAY "relay"
%token <token> MARK "mark" IP "ip" IP6 "ip6" INET "inet" NETDEV "netdev"
%token EQ "==" NE "!=" LT "<" GT ">" LE "<=" GE ">="
%token AND "&" OR "|" XOR "^" NOT "!" LSHIFT "<<" RSHIFT ">>"

%left OR
%left XOR
%left AND
%left LSHIFT RSHIFT

%type <family> family
%type <command> table_spec spec place
%type <verb> adding delete
%type <target> object
%type <token> name word soft_keyword reject_code unit fib_flag type_word
%type <text> string
%type <value> single constant element value packet field fib fib_flags lhs rhs listed list set map
%type <value> set_element set_key initializer expression typeof typeof_part types
%type <value> tproxy_addr device devices elements
%type <values> comma_list element_list device_list concat_list lhs_list type_list typeof_list
%type <stmt> stmt verdict_stmt counter limit log reject tproxy ssh_local dhcp
%type <stmts> stmts
%type <rule> rule
%type <limit> rate speed
%type <op> op
%type <verdict> policy
%type <chosen> verdict
%type <flags> flag flag_list log_words
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
|	top_items block
|	top_items error end		{ yyerrok; }
	;

top_item:
	table_head			{ build_table_end(p, @$); }
|	added_table			{ build_table_end(p, @$); }
|	added_chain			{ build_chain_end(p, @$); }
|	added_set			{ build_set_end(p, @$); }
|	added_object			{ build_object_end(p, @$); }
|	added_object object_item	{ build_object_end(p, @$); }
|	definition
|	include
|	command
	;

block:
	table_open table_body BLOCK_CLOSE		{ build_table_end(p, @$); }
|	added_table_open table_body BLOCK_CLOSE		{ build_table_end(p, @$); }
|	added_chain_open chain_body BLOCK_CLOSE		{ build_chain_end(p, @$); }
|	added_set_open set_body BLOCK_CLOSE		{ build_set_end(p, @$); }
|	added_object_open object_body BLOCK_CLOSE	{ build_object_end(p, @$); }
	;

/* In blocks and at the top alike. */
definition:
	DEFINE name '=' initializer	{ build_define(p, @$, DEFINE_NEW, &$name, $initializer); }
|	REDEFINE name '=' initializer	{ build_define(p, @$, DEFINE_AGAIN, &$name, $initializer); }
|	UNDEFINE name			{ build_define(p, @$, DEFINE_NONE, &$name, NULL); }
	;

initializer:
	rhs
|	'-' NUMBER			{ $$ = build_negative(p, @$, &$NUMBER); }
|	'{' newlines '}'		{ $$ = build_set_value(p, @$, (struct value_list){ 0 }); }
	;

include:
	INCLUDE STRING			{ parser_include(p, @$, &$STRING); }
	;

/* ---- commands ---- */

command:
	FLUSH RULESET			{ build_command(p, @$, VERB_FLUSH, TARGET_RULESET, build_place(p, NULL, NULL)); }
|	FLUSH RULESET family		{ build_command(p, @$, VERB_FLUSH, TARGET_RULESET, build_place(p, &$family, NULL)); }
|	FLUSH TABLE table_spec		{ build_command(p, @$, VERB_FLUSH, TARGET_TABLE, $table_spec); }
|	FLUSH CHAIN spec		{ build_command(p, @$, VERB_FLUSH, TARGET_CHAIN, $spec); }
|	FLUSH SET spec			{ build_command(p, @$, VERB_FLUSH, TARGET_SET, $spec); }
|	FLUSH MAP spec			{ build_command(p, @$, VERB_FLUSH, TARGET_MAP, $spec); }
|	RENAME CHAIN spec name		{ build_rename(p, @$, $spec, &$name); }
|	delete TABLE table_spec		{ build_command(p, @$, $delete, TARGET_TABLE, $table_spec); }
|	delete TABLE HANDLE NUMBER
		{ build_command(p, @$, $delete, TARGET_TABLE, build_handle(build_place(p, NULL, NULL), &$NUMBER)); }
|	delete TABLE family HANDLE NUMBER
		{ build_command(p, @$, $delete, TARGET_TABLE, build_handle(build_place(p, &$family, NULL), &$NUMBER)); }
|	delete object spec		{ build_command(p, @$, $delete, $object, $spec); }
|	delete object table_spec HANDLE NUMBER
		{ build_command(p, @$, $delete, $object, build_handle($table_spec, &$NUMBER)); }
|	delete RULE spec HANDLE NUMBER
		{ build_command(p, @$, $delete, TARGET_RULE, build_handle($spec, &$NUMBER)); }
|	delete ELEMENT spec elements	{ build_elements(p, @$, $delete, $spec, $elements); }
|	adding ELEMENT spec elements	{ build_elements(p, @$, $adding, $spec, $elements); }
|	adding RULE place rule		{ build_rule_command(p, @$, $adding, $place, $rule); }
|	ADD place rule			{ build_rule_command(p, @$, VERB_ADD, $place, $rule); }
|	INSERT RULE place rule		{ build_rule_command(p, @$, VERB_INSERT, $place, $rule); }
|	REPLACE RULE spec HANDLE NUMBER rule
		{ build_rule_command(p, @$, VERB_REPLACE, build_handle($spec, &$NUMBER), $rule); }
	;

adding:
	%empty				{ $$ = VERB_ADD; }
|	ADD				{ $$ = VERB_ADD; }
|	CREATE				{ $$ = VERB_CREATE; }
	;

delete:
	DELETE				{ $$ = VERB_DELETE; }
|	DESTROY				{ $$ = VERB_DESTROY; }
	;

object:
	CHAIN				{ $$ = TARGET_CHAIN; }
|	SET				{ $$ = TARGET_SET; }
|	MAP				{ $$ = TARGET_MAP; }
|	COUNTER				{ $$ = TARGET_COUNTER; }
|	LIMIT				{ $$ = TARGET_LIMIT; }
	;

table_spec:
	family name			{ $$ = build_place(p, &$family, &$name); }
|	name				{ $$ = build_place(p, NULL, &$name); }
	;

spec:
	table_spec name			{ $$ = build_place_name(p, $table_spec, &$name); }
	;

place:
	spec
|	spec HANDLE NUMBER		{ $$ = build_handle($spec, &$NUMBER); }
|	spec POSITION NUMBER		{ $$ = build_handle($spec, &$NUMBER); }
|	spec INDEX NUMBER		{ $$ = build_index($spec, &$NUMBER); }
	;

elements:
	set
|	VARIABLE			{ $$ = build_value(p, @$, &$VARIABLE); }
	;

added_table:
	ADD TABLE table_spec		{ build_added_table(p, @$, VERB_ADD, $table_spec); }
|	CREATE TABLE table_spec		{ build_added_table(p, @$, VERB_CREATE, $table_spec); }
	;

added_chain:
	adding CHAIN spec		{ build_added_chain(p, @$, $adding, $spec); }
	;

added_set:
	adding SET spec			{ build_added_set(p, @$, $adding, TARGET_SET, $spec); }
|	adding MAP spec			{ build_added_set(p, @$, $adding, TARGET_MAP, $spec); }
	;

added_object:
	adding COUNTER spec		{ build_added_object(p, @$, $adding, TARGET_COUNTER, $spec); }
|	adding LIMIT spec		{ build_added_object(p, @$, $adding, TARGET_LIMIT, $spec); }
	;

added_table_open:
	added_table BLOCK_OPEN		{ yyerrok; }
	;

added_chain_open:
	added_chain BLOCK_OPEN		{ yyerrok; }
	;

added_set_open:
	added_set BLOCK_OPEN		{ yyerrok; }
	;

added_object_open:
	added_object BLOCK_OPEN		{ yyerrok; }
	;

/* ---- tables ---- */

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
|	table_items object_block
|	table_items error end		{ yyerrok; }
	;

table_item:
	COMMENT string			{ build_table_comment(p, &$string); }
|	definition
|	include
|	chain_head			{ build_without_block(p, @$); }
|	set_head			{ build_without_block(p, @$); }
|	object_head			{ build_without_block(p, @$); }
	;

/* ---- sets and maps ---- */

set_block:
	set_open set_body BLOCK_CLOSE	{ build_set_end(p, @$); }
	;

set_open:
	set_head BLOCK_OPEN		{ yyerrok; }
	;

set_head:
	SET name			{ build_set(p, @$, false, &$name); }
|	MAP name			{ build_set(p, @$, true, &$name); }
|	SET error			{ build_set(p, @$, false, NULL); }
|	MAP error			{ build_set(p, @$, true, NULL); }
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
	TYPE types			{ build_set_type(p, @$, $types, NULL); }
|	TYPE types[key] ':' types[data]	{ build_set_type(p, @$, $key, $data); }
|	TYPE types[key] ':' INTERVAL types[data]
					{ build_unsupported(p, span_join(@INTERVAL, @data), "map of intervals"); }
|	TYPE types[key] ':' COUNTER	{ build_unsupported(p, @$, "map of counters"); }
|	TYPE types[key] ':' LIMIT	{ build_unsupported(p, @$, "map of limits"); }
|	TYPEOF typeof			{ build_set_typeof(p, @$, $typeof, NULL, NULL); }
|	TYPEOF typeof[key] ':' typeof[data]	{ build_set_typeof(p, @$, $key, $data, NULL); }
|	TYPEOF typeof[key] ':' word	{ build_set_typeof(p, @$, $key, NULL, build_value(p, @word, &$word)); }
|	FLAGS flag_list			{ build_set_flags(p, @$, $flag_list); }
|	AUTO_MERGE			{ build_set_flags(p, SPAN_NONE, SET_AUTO_MERGE); }
|	TIMEOUT TIME			{ build_set_timeout(p, &$TIME); }
|	GC_INTERVAL TIME		{ build_set_gc_interval(p, &$TIME); }
|	SIZE NUMBER			{ build_set_size(p, &$NUMBER); }
|	POLICY word			{ build_set_policy(p, &$word); }
|	counter				{ build_set_counter(p, $counter); }
|	limit				{ build_unsupported(p, @$, "limit of elements"); }
|	ELEMENTS '=' elements		{ build_set_elements(p, @$, $elements); }
|	COMMENT string			{ build_set_comment(p, &$string); }
|	definition
|	include
	;

types:
	type_word			{ $$ = build_value(p, @$, &$type_word); }
|	type_list			{ $$ = build_concat(p, @$, $type_list); }
	;

type_list:
	type_word[a] '.' type_word[b]	{ $$ = value_pair(build_value(p, @a, &$a), build_value(p, @b, &$b)); }
|	type_list '.' type_word		{ $$ = value_list(&$1, build_value(p, @type_word, &$type_word)); }
	;

type_word:
	word
|	MARK
|	PROTO
|	RESERVED
	;

typeof:
	typeof_part
|	typeof_list			{ $$ = build_concat(p, @$, $typeof_list); }
	;

typeof_list:
	typeof_part[a] '.' typeof_part[b]	{ $$ = value_pair($a, $b); }
|	typeof_list '.' typeof_part	{ $$ = value_list(&$1, $typeof_part); }
	;

typeof_part:
	field
|	'(' packet ')'			{ $$ = $packet; }
	;

flag_list:
	flag
|	flag_list ',' flag		{ $$ = $1 | $3; }
	;

flag:
	INTERVAL			{ $$ = SET_INTERVAL; }
|	CONSTANT			{ $$ = SET_CONSTANT; }
|	TIMEOUT				{ $$ = SET_TIMEOUT; }
|	DYNAMIC				{ $$ = SET_DYNAMIC; }
	;

/* ---- counters and limits with a name ---- */

object_block:
	object_open object_body BLOCK_CLOSE	{ build_object_end(p, @$); }
	;

object_open:
	object_head BLOCK_OPEN		{ yyerrok; }
	;

object_head:
	COUNTER name			{ build_object(p, @$, OBJECT_COUNTER, &$name); }
|	LIMIT name			{ build_object(p, @$, OBJECT_LIMIT, &$name); }
|	COUNTER error			{ build_object(p, @$, OBJECT_COUNTER, NULL); }
|	LIMIT error			{ build_object(p, @$, OBJECT_LIMIT, NULL); }
|	object_head error
	;

object_body:
	object_items
|	object_items object_line
|	object_items error		{ yyerrok; }
	;

/* Unlike others, these need nothing between them. */
object_items:
	%empty
|	object_items end
|	object_items object_item
|	object_items COMMENT string	{ build_object_comment(p, &$string); }
|	object_items object_line end
|	object_items error end		{ yyerrok; }
	;

object_line:
	definition
|	include
	;

object_item:
	PACKETS NUMBER[packets] BYTES NUMBER[bytes]	{ build_object_counter(p, @$, &$packets, &$bytes); }
|	RATE rate			{ build_object_limit(p, @$, &$rate); }
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
|	POLICY VARIABLE			{ build_policy_variable(p, @$, build_value(p, @VARIABLE, &$VARIABLE)); }
|	FLAGS OFFLOAD			{ build_offload(p, @$); }
|	COMMENT string			{ build_chain_comment(p, &$string); }
|	rule				{ build_chain_rule(p, $rule); }
|	definition
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
	;

policy:
	ACCEPT				{ $$ = VERDICT_ACCEPT; }
|	DROP				{ $$ = VERDICT_DROP; }
	;

/* ---- rules ---- */

rule:
	stmts				{ $$ = build_rule(p, @$, $stmts, NULL); }
|	stmts COMMENT string		{ $$ = build_rule(p, @$, $stmts, &$string); }
	;

stmts:
	stmt				{ $$ = stmt_list(NULL, $stmt); }
|	stmts stmt			{ $$ = stmt_list(&$1, $stmt); }
	;

stmt:
	lhs op rhs			{ $$ = build_match(p, @$, $lhs, $op, $rhs); }
|	lhs VMAP map			{ $$ = build_vmap(p, @$, $lhs, $map); }
|	FIELD SET expression		{ $$ = build_set_stmt(p, @$, &$FIELD, $expression); }
|	counter
|	limit
|	log
|	reject
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
|	NOT				{ $$ = OP_NOT; }
	;

counter:
	COUNTER				{ $$ = build_counter(p, @$, NULL, NULL); }
|	COUNTER PACKETS NUMBER		{ $$ = build_counter(p, @$, &$NUMBER, NULL); }
|	COUNTER BYTES NUMBER		{ $$ = build_counter(p, @$, NULL, &$NUMBER); }
|	COUNTER PACKETS NUMBER[packets] BYTES NUMBER[bytes]
					{ $$ = build_counter(p, @$, &$packets, &$bytes); }
|	COUNTER BYTES NUMBER[bytes] PACKETS NUMBER[packets]
					{ $$ = build_counter(p, @$, &$packets, &$bytes); }
|	COUNTER NAME string		{ $$ = build_counter_name(p, @$, &$string); }
|	COUNTER NAME VARIABLE		{ $$ = build_counter_variable(p, @$, build_value(p, @3, &$3)); }
|	COUNTER NAME lhs MAP map	{ $$ = build_counter(p, @$, NULL, NULL); build_unsupported(p, @$, "counter name map"); }
	;

limit:
	LIMIT RATE rate			{ $$ = build_limit(p, @$, &$rate); }
|	LIMIT NAME string		{ $$ = build_limit_name(p, @$, &$string); }
|	LIMIT NAME VARIABLE		{ $$ = build_limit_variable(p, @$, build_value(p, @3, &$3)); }
|	LIMIT NAME lhs MAP map		{ $$ = build_limit_name(p, @$, NULL); build_unsupported(p, @$, "limit name map"); }
	;

rate:
	speed
|	OVER speed			{ $$ = build_rate_over($speed); }
|	speed BURST NUMBER unit		{ $$ = build_rate_burst(p, $speed, &$NUMBER, &$unit); }
|	OVER speed BURST NUMBER unit
		{ $$ = build_rate_over(build_rate_burst(p, $speed, &$NUMBER, &$unit)); }
	;

speed:
	NUMBER '/' unit			{ $$ = build_rate(p, &$NUMBER, NULL, &$unit); }
|	NUMBER unit[size]		{ $$ = build_rate(p, &$NUMBER, &$size, NULL); }
|	NUMBER unit[size] '/' unit[time]	{ $$ = build_rate(p, &$NUMBER, &$size, &$time); }
	;

unit:
	word
|	RESERVED
	;

log:
	LOG				{ $$ = build_log(p, @$); }
|	log[l] PREFIX string		{ $$ = build_log_prefix(p, @$, $l, &$string); }
|	log[l] LEVEL word		{ $$ = build_log_level(p, @$, $l, &$word); }
|	log[l] GROUP NUMBER		{ $$ = build_log_number(p, @$, $l, &$GROUP, &$NUMBER); }
|	log[l] SNAPLEN NUMBER		{ $$ = build_log_number(p, @$, $l, &$SNAPLEN, &$NUMBER); }
|	log[l] QUEUE_THRESHOLD NUMBER	{ $$ = build_log_number(p, @$, $l, &$QUEUE_THRESHOLD, &$NUMBER); }
|	log[l] FLAGS ALL		{ $$ = build_log_flags(@$, $l, LOG_ALL_FLAGS); }
|	log[l] FLAGS PROTO		{ $$ = build_log_flags(@$, $l, log_flag(p, NULL, &$PROTO)); }
|	log[l] FLAGS RESERVED		{ $$ = build_log_flags(@$, $l, log_flag(p, NULL, &$RESERVED)); }
|	log[l] FLAGS WORD		{ $$ = build_log_flags(@$, $l, log_flag(p, NULL, &$WORD)); }
|	log[l] FLAGS log_words		{ $$ = build_log_flags(@$, $l, $log_words); }
	;

log_words:
	PROTO WORD			{ $$ = log_flag(p, &$PROTO, &$WORD); }
|	IP WORD				{ $$ = log_flag(p, &$IP, &$WORD); }
|	log_words ',' WORD		{ $$ = $1 | log_flag(p, NULL, &$WORD); }
	;

reject:
	REJECT				{ $$ = build_reject(p, @$, NULL, NULL); }
|	REJECT WITH PROTO reject_code	{ $$ = build_reject(p, @$, &$PROTO, &$reject_code); }
|	REJECT WITH ICMPX reject_code	{ $$ = build_reject(p, @$, &$ICMPX, &$reject_code); }
|	REJECT WITH PROTO TYPE reject_code	{ $$ = build_reject(p, @$, &$PROTO, &$reject_code); }
|	REJECT WITH ICMPX TYPE reject_code	{ $$ = build_reject(p, @$, &$ICMPX, &$reject_code); }
	;

reject_code:
	word
|	PROTO
|	NUMBER
	;

verdict_stmt:
	verdict				{ $$ = build_verdict(p, @$, &$verdict); }
	;

verdict:
	ACCEPT				{ $$ = verdict_of(VERDICT_ACCEPT, NULL); }
|	DROP				{ $$ = verdict_of(VERDICT_DROP, NULL); }
|	CONTINUE			{ $$ = verdict_of(VERDICT_CONTINUE, NULL); }
|	RETURN				{ $$ = verdict_of(VERDICT_RETURN, NULL); }
|	JUMP name			{ $$ = verdict_of(VERDICT_JUMP, &$name); }
|	GOTO name			{ $$ = verdict_of(VERDICT_GOTO, &$name); }
|	JUMP VARIABLE			{ $$ = verdict_of(VERDICT_JUMP, &$VARIABLE); }
|	GOTO VARIABLE			{ $$ = verdict_of(VERDICT_GOTO, &$VARIABLE); }
	;

tproxy:
	TPROXY TO tproxy_addr		{ $$ = build_tproxy(p, @$, NULL, $3, NULL); }
|	TPROXY TO tproxy_addr ':' expression	{ $$ = build_tproxy(p, @$, NULL, $3, $5); }
|	TPROXY TO ':' expression	{ $$ = build_tproxy(p, @$, NULL, NULL, $4); }
|	TPROXY IP TO tproxy_addr	{ $$ = build_tproxy(p, @$, &$IP, $4, NULL); }
|	TPROXY IP TO tproxy_addr ':' expression	{ $$ = build_tproxy(p, @$, &$IP, $4, $6); }
|	TPROXY IP TO ':' expression	{ $$ = build_tproxy(p, @$, &$IP, NULL, $5); }
|	TPROXY IP6 TO tproxy_addr	{ $$ = build_tproxy(p, @$, &$IP6, $4, NULL); }
|	TPROXY IP6 TO tproxy_addr ':' expression	{ $$ = build_tproxy(p, @$, &$IP6, $4, $6); }
|	TPROXY IP6 TO ':' expression	{ $$ = build_tproxy(p, @$, &$IP6, NULL, $5); }
	;

tproxy_addr:
	ADDR4				{ $$ = build_value(p, @$, &$1); }
|	ADDR6				{ $$ = build_value(p, @$, &$1); }
|	VARIABLE			{ $$ = build_value(p, @$, &$1); }
|	lhs				{ $$ = build_expression(p, $lhs); }
|	lhs MAP map			{ $$ = build_map(p, @$, $lhs, $map); }
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

/* ---- what is taken from the packet ---- */

lhs:
	packet
|	lhs_list			{ $$ = build_concat(p, @$, $lhs_list); }
	;

lhs_list:
	packet[a] '.' packet[b]		{ $$ = value_pair($a, $b); }
|	lhs_list '.' packet		{ $$ = value_list(&$1, $packet); }
	;

packet:
	field
|	'(' packet[in] ')'		{ $$ = build_parentheses(p, @$, $in); }
|	packet[a] OR constant[b]	{ $$ = build_binary(p, @$, BINARY_OR, $a, $b); }
|	packet[a] XOR constant[b]	{ $$ = build_binary(p, @$, BINARY_XOR, $a, $b); }
|	packet[a] AND constant[b]	{ $$ = build_binary(p, @$, BINARY_AND, $a, $b); }
|	packet[a] LSHIFT constant[b]	{ $$ = build_binary(p, @$, BINARY_LSHIFT, $a, $b); }
|	packet[a] RSHIFT constant[b]	{ $$ = build_binary(p, @$, BINARY_RSHIFT, $a, $b); }
	;

field:
	FIELD				{ $$ = build_field(p, @$, $FIELD.field); }
|	fib
	;

fib:
	FIB fib_flags TYPE		{ $$ = build_fib(p, @$, $fib_flags); }
|	FIB fib_flags fib_flag		{ $$ = build_fib_result(p, @$, $fib_flags, &$fib_flag); }
	;

fib_flags:
	fib_flag			{ $$ = build_fib_flag(p, NULL, &$fib_flag); }
|	fib_flags '.' fib_flag		{ $$ = build_fib_flag(p, $1, &$fib_flag); }
	;

fib_flag:
	WORD
|	MARK
|	RESERVED
	;

/* ---- values ---- */

/* What a statement sets. */
expression:
	constant
|	lhs				{ $$ = build_expression(p, $lhs); }
|	lhs MAP map			{ $$ = build_map(p, @$, $lhs, $map); }
	;

map:
	set
|	SETREF				{ $$ = build_value(p, @$, &$SETREF); }
|	VARIABLE			{ $$ = build_value(p, @$, &$VARIABLE); }
	;

rhs:
	value
|	list
|	list[a] '/' list[b]		{ $$ = build_masked(p, @$, $a, $b); }
|	constant '/' list		{ $$ = build_masked(p, @$, $constant, $list); }
|	set
|	SETREF				{ $$ = build_value(p, @$, &$SETREF); }
	;

listed:
	element
|	list
|	set
	;

list:
	comma_list			{ $$ = build_list_value(p, @$, $comma_list); }
	;

comma_list:
	constant[a] ',' constant[b]	{ $$ = value_pair($a, $b); }
|	comma_list ',' constant		{ $$ = value_list(&$1, $constant); }
	;

value:
	element
|	concat_list			{ $$ = build_concat(p, @$, $concat_list); }
	;

concat_list:
	element[a] '.' element[b]	{ $$ = value_pair($a, $b); }
|	concat_list '.' element		{ $$ = value_list(&$1, $element); }
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
	set_key
|	set_key ':' value		{ $$ = build_mapping(p, @$, $set_key, $value); }
|	set_key ':' verdict		{ $$ = build_mapping(p, @$, $set_key, build_verdict_value(p, @verdict, &$verdict)); }
	;

set_key:
	value
|	set
|	'*'				{ $$ = build_catchall(p, @$); }
|	set_key[k] counter		{ $$ = build_element_counter(p, @counter, $k, $counter); }
|	set_key[k] TIMEOUT TIME		{ $$ = build_element_timeout(p, span_join(@2, @3), $k, &$TIME); }
|	set_key[k] EXPIRES TIME		{ $$ = build_element_expires(p, span_join(@2, @3), $k, &$TIME); }
|	set_key[k] COMMENT string	{ $$ = build_element_comment(p, span_join(@2, @3), $k, &$string); }
	;

newlines:
	%empty
|	newlines SET_NEWLINE
	;

element:
	constant
|	constant '/' NUMBER		{ $$ = build_prefix(p, @$, $constant, &$NUMBER, @NUMBER); }
|	constant[a] '-' constant[b]	{ $$ = build_range(p, @$, $a, $b); }
	;

constant:
	single
|	'(' constant[in] ')'		{ $$ = build_parentheses(p, @$, $in); }
|	constant[a] OR constant[b]	{ $$ = build_binary(p, @$, BINARY_OR, $a, $b); }
|	constant[a] XOR constant[b]	{ $$ = build_binary(p, @$, BINARY_XOR, $a, $b); }
|	constant[a] AND constant[b]	{ $$ = build_binary(p, @$, BINARY_AND, $a, $b); }
|	constant[a] LSHIFT constant[b]	{ $$ = build_binary(p, @$, BINARY_LSHIFT, $a, $b); }
|	constant[a] RSHIFT constant[b]	{ $$ = build_binary(p, @$, BINARY_RSHIFT, $a, $b); }
	;

single:
	NUMBER				{ $$ = build_value(p, @$, &$1); }
|	ADDR4				{ $$ = build_value(p, @$, &$1); }
|	ADDR6				{ $$ = build_value(p, @$, &$1); }
|	MAC				{ $$ = build_value(p, @$, &$1); }
|	CLASSID				{ $$ = build_value(p, @$, &$1); }
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
|	STRING				{ $$ = quoted_name(p, &$STRING); }
	;

/* The keywords that nft lets you use as names. */
word:
	WORD
|	soft_keyword
	;

soft_keyword:
	DESTROY | PACKETS | BYTES | NAME | RATE | OVER | BURST | PREFIX | LEVEL | GROUP | SNAPLEN | QUEUE_THRESHOLD
|	SSH_LOCAL | WITH | ICMPX | TO | PORT | DHCP | CLIENT | SERVER | RELAY
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
