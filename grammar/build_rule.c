/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/build.h>

#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <grammar/parse.tab.h>
#include <grammar/parser.h>

struct stmt_list stmt_list(const struct stmt_list *list, struct ast_stmt *s)
{
	struct stmt_list longer = { .first = s, .last = s };

	if (list && list->first) {
		list->last->next = s;
		longer.first = list->first;
	}
	return longer;
}

static struct ast_stmt *new_stmt(struct parser *p, struct span at, enum ast_stmt_kind kind)
{
	struct ast_stmt *s = arena_make(p->arena, struct ast_stmt);

	s->span = at;
	s->kind = kind;
	return s;
}

struct ast_stmt *build_match(struct parser *p, struct span at, const struct token *field, enum ast_op op,
			     struct ast_value *rhs)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_MATCH);

	s->match.lhs = arena_make(p->arena, struct ast_value);
	s->match.lhs->span = field->span;
	s->match.lhs->kind = VALUE_FIELD;
	s->match.lhs->field = field->field;
	s->match.field = field->field;
	s->match.field_span = field->span;
	s->match.op = op;
	s->match.rhs = rhs;
	return s;
}

struct ast_stmt *build_counter(struct parser *p, struct span at, const struct token *packets, const struct token *bytes)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_COUNTER);

	s->counter.has_values = packets || bytes;
	s->counter.packets = packets ? packets->number : 0;
	s->counter.bytes = bytes ? bytes->number : 0;
	return s;
}

struct ast_stmt *build_verdict(struct parser *p, struct span at, enum ast_verdict verdict, const struct token *chain)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_VERDICT);

	s->verdict.verdict = verdict;
	if (chain) {
		s->verdict.chain = text_of(p, chain).text;
		s->verdict.chain_span = chain->span;
	}
	return s;
}

struct ast_stmt *build_tproxy(struct parser *p, struct span at, const struct token *family, struct ast_value *addr,
			      struct ast_value *port)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_TPROXY);

	s->tproxy.family = !family ? 0 : family->kind == TOK_IP ? AF_INET : AF_INET6;
	s->tproxy.addr = addr;
	s->tproxy.port = port;
	return s;
}

struct ast_stmt *build_ssh_local(struct parser *p, struct span at, struct ast_value *ports)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_SSH_LOCAL);

	s->ssh_local.ports = ports;
	return s;
}

struct ast_stmt *build_dhcp(struct parser *p, struct span at, bool has_role, enum ast_dhcp_role role)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_DHCP);

	s->dhcp.has_role = has_role;
	s->dhcp.role = role;
	return s;
}

void build_rule(struct parser *p, struct span at, struct stmt_list stmts, const struct word_text *comment)
{
	struct ast_rule *rule = arena_make(p->arena, struct ast_rule);

	rule->span = at;
	rule->stmts = stmts.first;
	if (comment) {
		rule->comment = build_comment(p, comment);
		rule->comment_span = comment->span;
	}
	*p->next_rule = rule;
	p->next_rule = &rule->next;
}
