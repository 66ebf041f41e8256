/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/build.h>

#include <stdint.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/parser.h>

void enter_chain(struct parser *p, struct ast_chain *c)
{
	p->chain = c;
	p->errors_before = p->diag->errors;
	p->next_chain_define = &c->defines;
	p->next_rule = &c->rules;
}

void build_chain(struct parser *p, struct span at, const struct token *name)
{
	struct ast_chain *c = arena_make(p->arena, struct ast_chain);

	c->span = at;
	set_name(p, name, &c->name, &c->name_span);
	if (name) {
		*p->next_chain = c;
		p->next_chain = &c->next;
	}
	enter_chain(p, c);
}

void build_chain_comment(struct parser *p, const struct word_text *comment)
{
	set_comment(p, &p->chain->comment, comment);
}

/* A number of a priority, 0 after an error. */
static int64_t priority_number(struct parser *p, struct span at, uint64_t number)
{
	if (number <= INT32_MAX)
		return (int64_t)number;
	diag_error(p->diag, DIAG_OUT_OF_RANGE, at, "priority is out of range, at most %d is allowed", INT32_MAX);
	return 0;
}

struct priority build_priority(struct parser *p, struct ast_value *base)
{
	if (base->kind == VALUE_NUMBER)
		base->number = (uint64_t)priority_number(p, base->span, base->number);
	return (struct priority){ .base = base };
}

struct priority build_priority_offset(struct parser *p, struct ast_value *base, const struct token *offset, int sign)
{
	return (struct priority){ .base = base, .offset = sign * priority_number(p, offset->span, offset->number) };
}

struct priority build_priority_below_zero(struct parser *p, struct span at, const struct token *number)
{
	struct ast_value *zero = arena_make(p->arena, struct ast_value);

	zero->kind = VALUE_NUMBER;
	zero->span = at;
	return build_priority_offset(p, zero, number, -1);
}

static bool is(const struct token *t, const char *word)
{
	return t->len == strlen(word) && !memcmp(t->text, word, t->len);
}

/* Only then its hook is worth a look. */
static bool is_filter(struct parser *p, const struct token *type)
{
	static const char *const filter[] = { "filter" };
	const char *name = text_of(p, type).text;

	if (is(type, "filter"))
		return true;
	if (is(type, "nat"))
		build_unsupported(p, type->span, "type nat");
	else if (is(type, "route"))
		build_unsupported(p, type->span, "type route");
	else
		diag_error(p->diag, DIAG_UNKNOWN_HOOK, type->span, "unknown chain type '%s', only 'filter' is allowed",
			   name);
	if (diag_suggest(name, filter, 1))
		diag_did_you_mean(p->diag, type->span, filter[0], SPAN_NONE);
	return false;
}

static void unknown_hook(struct parser *p, const struct token *place)
{
	static const char *const hooks[] = { "ingress", "prerouting", "egress" };
	const char *name = text_of(p, place).text;
	const char *guess = diag_suggest(name, hooks, sizeof(hooks) / sizeof(*hooks));

	diag_error(p->diag, DIAG_UNKNOWN_HOOK, place->span,
		   "unknown hook '%s', only 'ingress', 'prerouting' and 'egress' are allowed", name);
	if (guess)
		diag_did_you_mean(p->diag, place->span, guess, SPAN_NONE);
}

static enum ast_hook hook_of(struct parser *p, const struct token *place)
{
	static const char *const of_nft[] = { "hook input", "hook forward", "hook output", "hook postrouting" };

	for (enum ast_hook h = HOOK_INGRESS; h <= HOOK_EGRESS; h++)
		if (is(place, ast_hook_name(h)))
			return h;
	for (size_t i = 0; i < sizeof(of_nft) / sizeof(*of_nft); i++) {
		if (is(place, strchr(of_nft[i], ' ') + 1)) {
			build_unsupported(p, place->span, of_nft[i]);
			return HOOK_NONE;
		}
	}
	unknown_hook(p, place);
	return HOOK_NONE;
}

void build_hook(struct parser *p, struct span at, const struct token *type, const struct token *place,
		struct ast_value *devices, const struct priority *priority, struct span priority_at)
{
	struct ast_chain *c = p->chain;

	if (c->is_base) {
		diag_error(p->diag, DIAG_GIVEN_TWICE, at, "chain has a hook already");
		diag_note(p->diag, c->hook_span, "it is given here");
		return;
	}
	c->is_base = true;
	c->hook_span = at;
	c->hook = is_filter(p, type) ? hook_of(p, place) : HOOK_NONE;
	c->devices = devices;
	c->priority_span = priority_at;
	c->priority_base = priority->base;
	c->priority_offset = priority->offset;
}

/* Is this the first policy of the chain?  Else says so. */
static bool take_policy(struct parser *p, struct span at)
{
	struct ast_chain *c = p->chain;

	if (c->has_policy) {
		diag_error(p->diag, DIAG_GIVEN_TWICE, at, "chain has a policy already");
		diag_note(p->diag, c->policy_span, "it is given here");
		return false;
	}
	c->has_policy = true;
	c->policy_span = at;
	return true;
}

void build_policy(struct parser *p, struct span at, enum ast_verdict policy)
{
	if (take_policy(p, at))
		p->chain->policy = policy;
}

void build_policy_variable(struct parser *p, struct span at, struct ast_value *variable)
{
	if (take_policy(p, at))
		p->chain->policy_variable = variable;
}

void build_offload(struct parser *p, struct span at)
{
	p->chain->offload = true;
	p->chain->offload_span = at;
}

void build_chain_rule(struct parser *p, struct ast_rule *rule)
{
	if (!rule)
		return;
	*p->next_rule = rule;
	p->next_rule = &rule->next;
}

void build_chain_end(struct parser *p, struct span at)
{
	p->chain->span = at;
	p->chain = NULL;
	if (!p->table)
		end_added(p, at);
}
