/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/build.h>

#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
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

struct ast_stmt *new_stmt(struct parser *p, struct span at, enum ast_stmt_kind kind)
{
	struct ast_stmt *s = arena_make(p->arena, struct ast_stmt);

	s->span = at;
	s->kind = kind;
	return s;
}

struct ast_stmt *build_match(struct parser *p, struct span at, struct ast_value *lhs, enum ast_op op,
			     struct ast_value *rhs)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_MATCH);

	s->match.lhs = lhs;
	s->match.field = lhs->kind == VALUE_FIELD ? lhs->field : FIELD_NONE;
	s->match.field_span = lhs->span;
	s->match.op = op;
	s->match.rhs = rhs;
	return s;
}

struct ast_stmt *build_vmap(struct parser *p, struct span at, struct ast_value *key, struct ast_value *map)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_VMAP);

	s->vmap.key = key;
	s->vmap.map = map;
	return s;
}

struct ast_stmt *build_set_stmt(struct parser *p, struct span at, const struct token *field, struct ast_value *value)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_SET);

	if (field->field != FIELD_META_MARK && field->field != FIELD_META_PRIORITY)
		build_unsupported(p, field->span, "set of a field");
	s->set.field = field->field;
	s->set.value = value;
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

struct ast_stmt *build_counter_name(struct parser *p, struct span at, const struct word_text *name)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_COUNTER);

	s->counter.name = name->text;
	s->counter.name_span = name->span;
	return s;
}

struct ast_stmt *build_counter_variable(struct parser *p, struct span at, struct ast_value *variable)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_COUNTER);

	s->counter.variable = variable;
	return s;
}

struct ast_stmt *build_verdict(struct parser *p, struct span at, const struct verdict *verdict)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_VERDICT);

	s->verdict.verdict = verdict->verdict;
	if (verdict->chain.kind == TOK_VARIABLE) {
		s->verdict.variable = build_value(p, verdict->chain.span, &verdict->chain);
	} else if (verdict->chain.text) {
		s->verdict.chain = text_of(p, &verdict->chain).text;
		s->verdict.chain_span = verdict->chain.span;
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

/* Which of "icmp", "icmpv6", "icmpx" and "tcp" it is; false for any other. */
static bool reject_kind(struct parser *p, const struct token *protocol, enum ast_reject *ret)
{
	static const struct {
		const char *word;
		enum ast_reject with;
	} kinds[] = {
		{ "icmp", REJECT_ICMP },
		{ "icmpv6", REJECT_ICMPV6 },
		{ "icmpx", REJECT_ICMPX },
		{ "tcp", REJECT_TCP_RESET },
	};
	struct word_text word = text_of(p, protocol);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		*ret = kinds[i].with;
		if (word_is(&word, kinds[i].word))
			return true;
	}
	return false;
}

struct ast_stmt *build_reject(struct parser *p, struct span at, const struct token *protocol, const struct token *code)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_REJECT);
	struct word_text word;

	if (!protocol)
		return s;
	word = text_of(p, code);
	if (!reject_kind(p, protocol, &s->reject.with))
		diag_error(p->diag, DIAG_SYNTAX, protocol->span,
			   "unexpected '%s', expected 'icmp', 'icmpv6', 'icmpx' or 'tcp reset'",
			   text_of(p, protocol).text);
	else if (s->reject.with == REJECT_TCP_RESET && !word_is(&word, "reset"))
		diag_error(p->diag, DIAG_SYNTAX, code->span, "unexpected '%s', expected 'reset'", word.text);
	else if (s->reject.with != REJECT_TCP_RESET)
		s->reject.code = build_value(p, code->span, code);
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

struct ast_rule *build_rule(struct parser *p, struct span at, struct stmt_list stmts, const struct word_text *comment)
{
	struct ast_rule *rule;

	if (p->unsupported_at >= at.at && p->unsupported_at < at.end) {
		p->ast->dropped++;
		return NULL;
	}
	rule = arena_make(p->arena, struct ast_rule);
	rule->span = at;
	rule->stmts = stmts.first;
	if (comment) {
		rule->comment = build_comment(p, comment);
		rule->comment_span = comment->span;
	}
	return rule;
}
