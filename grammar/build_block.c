/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/build.h>

#include <stdint.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/parse.tab.h>
#include <grammar/parser.h>

/* ---- the top ---- */

static struct ast_item *add_item(struct parser *p, struct span at, enum ast_item_kind kind)
{
	struct ast_item *item = arena_make(p->arena, struct ast_item);

	item->span = at;
	item->kind = kind;
	*p->next_item = item;
	p->next_item = &item->next;
	return item;
}

void build_flush_ruleset(struct parser *p, struct span at)
{
	struct ast_command *c = arena_make(p->arena, struct ast_command);

	c->verb = VERB_FLUSH;
	c->target = TARGET_RULESET;
	c->span = at;
	add_item(p, at, ITEM_COMMAND)->command = c;
}

/* A define in a set block belongs to the table, as in nft. */
void build_define(struct parser *p, struct span at, const struct token *name, struct ast_value *value)
{
	struct ast_define *d = arena_make(p->arena, struct ast_define);

	d->span = at;
	d->name_span = name->span;
	d->name = text_of(p, name).text;
	d->value = value;
	d->order = ++p->order;
	if (p->chain) {
		*p->next_chain_define = d;
		p->next_chain_define = &d->next;
	} else if (p->table) {
		*p->next_table_define = d;
		p->next_table_define = &d->next;
	} else {
		add_item(p, at, ITEM_DEFINE)->define = d;
	}
}

/* Takes a comment for a block that may have one. */
static void set_comment(struct parser *p, const char **slot, const struct word_text *comment)
{
	if (*slot)
		diag_error(p->diag, DIAG_GIVEN_TWICE, comment->span, "this block has a comment already");
	*slot = build_comment(p, comment);
}

static void set_name(struct parser *p, const struct token *name, const char **ret, struct span *at)
{
	*ret = name ? text_of(p, name).text : "";
	*at = name ? name->span : SPAN_NONE;
}

/* ---- tables ---- */

void build_table(struct parser *p, struct span at, enum ast_family family, const struct token *name)
{
	struct ast_table *t = arena_make(p->arena, struct ast_table);

	t->span = at;
	t->family = family;
	set_name(p, name, &t->name, &t->name_span);
	if (name)
		add_item(p, at, ITEM_TABLE)->table = t;
	p->table = t;
	p->next_table_define = &t->defines;
	p->next_set = &t->sets;
	p->next_chain = &t->chains;
}

void build_table_comment(struct parser *p, const struct word_text *comment)
{
	set_comment(p, &p->table->comment, comment);
}

void build_table_end(struct parser *p, struct span at)
{
	p->table->span = at;
	p->table = NULL;
}

/* ---- sets ---- */

void build_set(struct parser *p, struct span at, const struct token *name)
{
	struct ast_set *s = arena_make(p->arena, struct ast_set);

	s->span = at;
	set_name(p, name, &s->name, &s->name_span);
	if (name) {
		*p->next_set = s;
		p->next_set = &s->next;
	}
	p->set = s;
	p->errors_before = p->diag->errors;
}

/* The types that a set can have: those of the fields. */
static const char *const *type_names(struct parser *p, size_t *n)
{
	const char **names = arena_make_array(p->arena, TYPE_COUNT, const char *);

	*n = 0;
	for (enum ast_type t = TYPE_NONE + 1; t < TYPE_COUNT; t++)
		names[(*n)++] = ast_type_name(t);
	return names;
}

static void unknown_type(struct parser *p, const struct token *type, const char *name)
{
	size_t n;
	const char *const *names = type_names(p, &n);
	const char *guess = diag_suggest(name, names, n);

	diag_error(p->diag, DIAG_UNKNOWN_TYPE, type->span,
		   "unknown type '%s'; sets of addresses have ipv4_addr or ipv6_addr, of ports inet_service", name);
	if (guess)
		diag_did_you_mean(p->diag, type->span, guess, SPAN_NONE);
}

void build_set_type(struct parser *p, struct span at, const struct token *type)
{
	const char *name = text_of(p, type).text;

	if (p->set->type != TYPE_NONE) {
		diag_error(p->diag, DIAG_GIVEN_TWICE, at, "set has a type already");
		diag_note(p->diag, p->set->type_span, "it is given here");
		return;
	}
	for (enum ast_type t = TYPE_NONE + 1; t < TYPE_COUNT; t++) {
		if (!strcmp(ast_type_name(t), name)) {
			p->set->type = t;
			p->set->type_span = type->span;
			return;
		}
	}
	unknown_type(p, type, name);
}

void build_set_flags(struct parser *p, unsigned int flags)
{
	p->set->interval |= !!(flags & SET_INTERVAL);
	p->set->constant |= !!(flags & SET_CONSTANT);
	p->set->auto_merge |= !!(flags & SET_AUTO_MERGE);
}

void build_set_elements(struct parser *p, struct span at, struct ast_value *elements)
{
	if (p->set->elements)
		diag_error(p->diag, DIAG_GIVEN_TWICE, at, "set has elements already, write them all in one '{ }'");
	else
		p->set->elements = elements->kind == VALUE_SET ? elements->items : elements;
}

void build_set_comment(struct parser *p, const struct word_text *comment)
{
	set_comment(p, &p->set->comment, comment);
}

void build_set_end(struct parser *p, struct span at)
{
	p->set->span = at;
	if (p->set->type == TYPE_NONE && *p->set->name && p->diag->errors == p->errors_before)
		diag_error(p->diag, DIAG_INCOMPLETE, p->set->name_span,
			   "set '%s' has no type, write for example 'type ipv4_addr'", p->set->name);
	p->set = NULL;
}

/* ---- chains ---- */

void build_chain(struct parser *p, struct span at, const struct token *name)
{
	struct ast_chain *c = arena_make(p->arena, struct ast_chain);

	c->span = at;
	set_name(p, name, &c->name, &c->name_span);
	if (name) {
		*p->next_chain = c;
		p->next_chain = &c->next;
	}
	p->chain = c;
	p->errors_before = p->diag->errors;
	p->next_chain_define = &c->defines;
	p->next_rule = &c->rules;
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

static void check_chain_type(struct parser *p, const struct token *type)
{
	if (is(type, "filter"))
		return;
	if (is(type, "nat"))
		diag_error(p->diag, DIAG_UNSUPPORTED, type->span,
			   "chain type 'nat' is not supported: NAT is kernel nft's job, keep the "
			   "chain in nft; only 'filter' is allowed");
	else if (is(type, "route"))
		diag_error(p->diag, DIAG_UNSUPPORTED, type->span,
			   "chain type 'route' is not supported: zfwc sees arriving packets, keep "
			   "the chain in nft; only 'filter' is allowed");
	else
		diag_error(p->diag, DIAG_UNKNOWN_HOOK, type->span,
			   "unknown chain type '%.*s', only 'filter' is allowed", (int)type->len, type->text);
}

static enum ast_hook hook_of(struct parser *p, const struct token *place)
{
	static const char *const of_nft[] = { "input", "forward", "output", "postrouting", "egress" };

	if (is(place, "ingress"))
		return HOOK_INGRESS;
	if (is(place, "prerouting"))
		return HOOK_PREROUTING;
	for (size_t i = 0; i < sizeof(of_nft) / sizeof(*of_nft); i++) {
		if (is(place, of_nft[i])) {
			diag_error(p->diag, DIAG_UNSUPPORTED, place->span,
				   "hook '%s' is not supported: zfwc sees arriving packets; use 'ingress' or "
				   "'prerouting', or keep the chain in nft",
				   of_nft[i]);
			return HOOK_NONE;
		}
	}
	diag_error(p->diag, DIAG_UNKNOWN_HOOK, place->span,
		   "unknown hook '%.*s', only 'ingress' and 'prerouting' are allowed", (int)place->len, place->text);
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
	check_chain_type(p, type);
	c->is_base = true;
	c->hook_span = at;
	c->hook = hook_of(p, place);
	c->devices = devices;
	c->priority_span = priority_at;
	c->priority_base = priority->base;
	c->priority_offset = priority->offset;
}

void build_policy(struct parser *p, struct span at, enum ast_verdict policy)
{
	struct ast_chain *c = p->chain;

	if (c->has_policy) {
		diag_error(p->diag, DIAG_GIVEN_TWICE, at, "chain has a policy already");
		diag_note(p->diag, c->policy_span, "it is given here");
		return;
	}
	c->has_policy = true;
	c->policy = policy;
	c->policy_span = at;
}

void build_chain_end(struct parser *p, struct span at)
{
	p->chain->span = at;
	p->chain = NULL;
}

void build_chain_without_block(struct parser *p, struct span at)
{
	if (*p->chain->name && p->diag->errors == p->errors_before)
		diag_error(p->diag, DIAG_INCOMPLETE, at, "chain '%s' has no '{ }'", p->chain->name);
	build_chain_end(p, at);
}
