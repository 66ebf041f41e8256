/* SPDX-License-Identifier: GPL-2.0-only */
/* syntax_habits.c - what those write who know another firewall:
 *
 *	-A INPUT -p tcp --dport 22 -j ACCEPT
 *	*filter
 *	:INPUT DROP [0:0]
 *	ip saddr 10.0.0.0/255.0.0.0 accept */
#include <string.h>

#include <compiler/base/diag.h>
#include <grammar/parse.tab.h>
#include <grammar/parser.h>

/* Behind the sign, without a blank between. */
static bool followed_by_word(struct parser *p, const struct token *sign)
{
	const struct token *next = stream_peek(p, 0);

	return next->kind == TOK_WORD && next->span.at == sign->span.end;
}

/* "-A", "--dport". */
static bool is_option(struct parser *p, const struct token *t)
{
	const struct token *before = &p->stream.before, *next = stream_peek(p, 0);
	bool joins = before->kind != TOK_NEWLINE && before->len && before->span.end == t->span.at; /* "1-a" */

	if (t->kind != '-' || joins)
		return false;
	return followed_by_word(p, t) || next->kind == '-';
}

/* "*filter", ":INPUT", where no block is open. */
static bool is_of_save(struct parser *p, const struct token *t)
{
	return (t->kind == '*' || t->kind == ':') && !stream_block(&p->stream) && followed_by_word(p, t);
}

/* "10.0.0.0/255.0.0.0 accept": seen one token too late. */
static bool is_behind_netmask(const struct parser *p)
{
	const struct token *before = &p->stream.before;

	return before->kind == TOK_ADDR4 && before->span.at && before->text[-1] == '/';
}

bool syntax_habit(struct parser *p, const struct token *t)
{
	if (is_behind_netmask(p))
		diag_error(p->diag, DIAG_BAD_PREFIX, p->stream.before.span,
			   "a netmask is written as a prefix length, as in '10.0.0.0/8'");
	else if (is_option(p, t) || is_of_save(p, t))
		diag_error(p->diag, DIAG_SYNTAX, span_join(t->span, stream_peek(p, 0)->span),
			   "this is written as for iptables: 'iptables-translate' shows such a rule in this language");
	else
		return false;
	return true;
}

void explain_protocol(struct parser *p, const struct token *first)
{
	static const char *const protocols[] = { "tcp", "udp", "udplite", "sctp", "dccp", "icmp", "icmpv6" };

	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (first->len == strlen(protocols[i]) && !memcmp(first->text, protocols[i], first->len))
			diag_note(p->diag, first->span, "the protocol itself is matched by 'meta l4proto %s'",
				  protocols[i]);
}
