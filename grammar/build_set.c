/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/build.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/parser.h>

/* ---- sets and maps ---- */

void enter_set(struct parser *p, struct ast_set *s)
{
	p->set = s;
	p->errors_before = p->diag->errors;
}

void build_set(struct parser *p, struct span at, bool is_map, const struct token *name)
{
	struct ast_set *s = arena_make(p->arena, struct ast_set);

	s->span = at;
	s->is_map = is_map;
	set_name(p, name, &s->name, &s->name_span);
	if (name) {
		*p->next_set = s;
		p->next_set = &s->next;
	}
	enter_set(p, s);
}

static const char *what(const struct ast_set *s)
{
	return s->is_map ? "map" : "set";
}

static bool has_type(const struct ast_set *s)
{
	return s->type_words || s->type_of;
}

/* Is this the first type, and one of the right form?  Else says so. */
static bool take_type(struct parser *p, struct span at, struct span data)
{
	struct ast_set *s = p->set;

	if (has_type(s)) {
		diag_error(p->diag, DIAG_GIVEN_TWICE, at, "%s has a type already", what(s));
		diag_note(p->diag, s->type_span, "it is given here");
		return false;
	}
	if (s->is_map && !span_known(data))
		diag_error(p->diag, DIAG_BAD_SET, at,
			   "the type of a map has two sides, write for example 'type ipv4_addr : verdict'");
	else if (!s->is_map && span_known(data))
		diag_error(p->diag, DIAG_BAD_SET, data, "a set has no values beside its elements, use 'map'");
	s->type_span = at;
	return true;
}

static void unknown_type(struct parser *p, const struct ast_value *word)
{
	const char *names[TYPE_COUNT + 1] = { "verdict" }, *guess;
	size_t n = 1;

	if (names_unsupported(p, word->span, arena_printf(p->arena, "type %s", word->text)))
		return;
	for (enum ast_type t = TYPE_NONE + 1; t < TYPE_COUNT; t++)
		if (*ast_type_name(t))
			names[n++] = ast_type_name(t);
	guess = diag_suggest(word->text, names, n);
	diag_error(p->diag, DIAG_UNKNOWN_TYPE, word->span,
		   "unknown type '%s'; sets of addresses have ipv4_addr or ipv6_addr, of ports inet_service",
		   word->text);
	if (guess)
		diag_did_you_mean(p->diag, word->span, guess, SPAN_NONE);
}

/* 'words' if they are types that sets can have, else NULL. */
static struct ast_value *known_types(struct parser *p, struct ast_value *words, bool data)
{
	bool all = true;

	if (!words || (data && words->kind == VALUE_WORD && !strcmp(words->text, "verdict")))
		return words;
	for (const struct ast_value *w = words->kind == VALUE_CONCAT ? words->items : words; w; w = w->next) {
		if (ast_type_by_name(w->text) != TYPE_NONE)
			continue;
		unknown_type(p, w);
		all = false;
	}
	return all ? words : NULL;
}

void build_set_type(struct parser *p, struct span at, struct ast_value *key, struct ast_value *data)
{
	struct ast_set *s = p->set;

	if (!take_type(p, at, data ? data->span : SPAN_NONE))
		return;
	s->type_words = known_types(p, key, false);
	s->data_words = known_types(p, data, true);
	if (s->type_words && key->kind == VALUE_WORD)
		s->type = ast_type_by_name(key->text);
}

void build_set_typeof(struct parser *p, struct span at, struct ast_value *key, struct ast_value *data,
		      struct ast_value *verdict)
{
	if (!take_type(p, at, data ? data->span : verdict ? verdict->span : SPAN_NONE))
		return;
	if (verdict && strcmp(verdict->text, "verdict"))
		diag_error(p->diag, DIAG_SYNTAX, verdict->span, "unexpected '%s', expected 'verdict' or a match",
			   verdict->text);
	p->set->type_of = key;
	p->set->data_type_of = data;
	p->set->data_words = verdict;
}

void build_set_flags(struct parser *p, struct span at, unsigned int flags)
{
	struct ast_set *s = p->set;

	s->interval |= !!(flags & SET_INTERVAL);
	s->constant |= !!(flags & SET_CONSTANT);
	s->auto_merge |= !!(flags & SET_AUTO_MERGE);
	s->has_timeout_flag |= !!(flags & SET_TIMEOUT);
	s->dynamic |= !!(flags & SET_DYNAMIC);
	s->flags_span = span_known(at) ? at : s->flags_span;
}

void build_set_timeout(struct parser *p, const struct token *time)
{
	p->set->timeout = time->number;
}

void build_set_gc_interval(struct parser *p, const struct token *time)
{
	p->set->gc_interval = time->number;
}

void build_set_size(struct parser *p, const struct token *size)
{
	if (size->number == 0 || size->number > UINT32_MAX)
		diag_error(p->diag, DIAG_OUT_OF_RANGE, size->span, "size is out of range 1-%u", UINT32_MAX);
	p->set->size = size->number;
}

void build_set_policy(struct parser *p, const struct token *policy)
{
	static const char *const policies[] = { "performance", "memory" };
	const struct word_text word = text_of(p, policy);
	const char *guess = diag_suggest(word.text, policies, 2);

	p->set->policy_memory = word_is(&word, "memory");
	if (p->set->policy_memory || word_is(&word, "performance"))
		return;
	diag_error(p->diag, DIAG_UNKNOWN_WORD, policy->span, "unknown policy '%s', expected 'performance' or 'memory'",
		   word.text);
	if (guess)
		diag_did_you_mean(p->diag, policy->span, guess, SPAN_NONE);
}

void build_set_counter(struct parser *p, const struct ast_stmt *counter)
{
	if (counter->counter.name || counter->counter.variable)
		build_unsupported(p, counter->span, "named counter of elements");
	p->set->counter = true;
}

void build_set_elements(struct parser *p, struct span at, struct ast_value *elements)
{
	if (p->set->elements)
		diag_error(p->diag, DIAG_GIVEN_TWICE, at, "%s has elements already, write them all in one '{ }'",
			   what(p->set));
	else
		p->set->elements = elements->kind == VALUE_SET ? elements->items : elements;
}

void build_set_comment(struct parser *p, const struct word_text *comment)
{
	set_comment(p, &p->set->comment, comment);
}

void build_set_end(struct parser *p, struct span at)
{
	struct ast_set *s = p->set;

	s->span = at;
	if (!has_type(s) && *s->name && p->diag->errors == p->errors_before)
		diag_error(p->diag, DIAG_INCOMPLETE, s->name_span, "%s '%s' has no type, write for example 'type %s'",
			   what(s), s->name, s->is_map ? "ipv4_addr : verdict" : "ipv4_addr");
	p->set = NULL;
	if (!p->table)
		end_added(p, at);
}

/* ---- counters and limits ---- */

void enter_object(struct parser *p, struct ast_object *o)
{
	p->object = o;
	p->errors_before = p->diag->errors;
}

void build_object(struct parser *p, struct span at, enum ast_object_kind kind, const struct token *name)
{
	struct ast_object *o = arena_make(p->arena, struct ast_object);

	o->span = at;
	o->kind = kind;
	set_name(p, name, &o->name, &o->name_span);
	if (name) {
		*p->next_object = o;
		p->next_object = &o->next;
	}
	enter_object(p, o);
}

void build_object_counter(struct parser *p, struct span at, const struct token *packets, const struct token *bytes)
{
	if (p->object->kind == OBJECT_LIMIT)
		diag_error(p->diag, DIAG_MISPLACED, at, "a limit has no values, write for example 'rate 5/second'");
	p->object->packets = packets->number;
	p->object->bytes = bytes->number;
}

void build_object_limit(struct parser *p, struct span at, const struct ast_limit *limit)
{
	if (p->object->kind == OBJECT_COUNTER)
		diag_error(p->diag, DIAG_MISPLACED, at, "a counter has no rate, use 'limit'");
	p->object->limit = *limit;
}

void build_object_comment(struct parser *p, const struct word_text *comment)
{
	set_comment(p, &p->object->comment, comment);
}

void build_object_end(struct parser *p, struct span at)
{
	struct ast_object *o = p->object;

	o->span = at;
	if (o->kind == OBJECT_LIMIT && !o->limit.rate && *o->name && p->diag->errors == p->errors_before)
		diag_error(p->diag, DIAG_INCOMPLETE, o->name_span,
			   "limit '%s' has no rate, write for example 'rate 5/second'", o->name);
	p->object = NULL;
	if (!p->table)
		end_added(p, at);
}
