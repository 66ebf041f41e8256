/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/ast.h>

const char *ast_field_name(enum ast_field f)
{
	static const char *const names[] = {
#define FIELD(id, spelling, ...) [FIELD_##id] = spelling,
#include <grammar/fields.def>
#undef FIELD
	};

	return names[f];
}

enum ast_type ast_field_type(enum ast_field f)
{
	static const enum ast_type types[] = {
#define FIELD(id, spelling, type, ...) [FIELD_##id] = TYPE_##type,
#include <grammar/fields.def>
#undef FIELD
	};

	return types[f];
}

const char *ast_type_name(enum ast_type t)
{
	static const char *const names[] = {
		[TYPE_NONE] = "",
		[TYPE_ADDR4] = "ipv4_addr",
		[TYPE_ADDR6] = "ipv6_addr",
		[TYPE_PROTO] = "inet_proto",
		[TYPE_NFPROTO] = "nf_proto",
		[TYPE_PORT] = "inet_service",
		[TYPE_IFINDEX] = "iface_index",
		[TYPE_IFNAME] = "ifname",
		[TYPE_ICMP_TYPE] = "icmp_type",
		[TYPE_ICMPV6_TYPE] = "icmpv6_type",
		[TYPE_CT_STATE] = "ct_state",
	};

	return names[t];
}

const char *ast_family_name(enum ast_family f)
{
	static const char *const names[] = {
		[AST_IP] = "ip",
		[AST_IP6] = "ip6",
		[AST_INET] = "inet",
		[AST_NETDEV] = "netdev",
	};

	return names[f];
}

const char *ast_verdict_name(enum ast_verdict v)
{
	static const char *const names[] = {
		[VERDICT_ACCEPT] = "accept", [VERDICT_DROP] = "drop", [VERDICT_CONTINUE] = "continue",
		[VERDICT_RETURN] = "return", [VERDICT_JUMP] = "jump", [VERDICT_GOTO] = "goto",
	};

	return names[v];
}

const char *ast_op_name(enum ast_op op)
{
	static const char *const names[] = {
		[OP_IMPLICIT] = "", [OP_EQ] = "==", [OP_NE] = "!=", [OP_LT] = "<",
		[OP_GT] = ">",	    [OP_LE] = "<=", [OP_GE] = ">=",
	};

	return names[op];
}
