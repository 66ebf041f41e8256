/* SPDX-License-Identifier: GPL-2.0-only */
/* build_expression.c - what is taken from the packet. */
#include <grammar/build.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/parser.h>

#define MAX_OPERATORS 64

struct ast_value *build_field(struct parser *p, struct span at, enum ast_field field)
{
	struct ast_value *v = new_value(p, at, VALUE_FIELD);

	v->field = field;
	return v;
}

/* Whoever walks the tree needs a level of the stack for each operator. */
static bool too_many_operators(const struct ast_value *v)
{
	unsigned int n = 0;

	for (; v->kind == VALUE_BINARY && n < MAX_OPERATORS; v = v->left)
		n++;
	return n == MAX_OPERATORS;
}

struct ast_value *build_binary(struct parser *p, struct span at, enum ast_binary op, struct ast_value *left,
			       struct ast_value *right)
{
	struct ast_value *v;

	if (too_many_operators(left)) {
		if (p->too_many_at != at.at)
			diag_error(p->diag, DIAG_TOO_DEEP, at, "more than %d operators in one expression",
				   MAX_OPERATORS);
		p->too_many_at = at.at;
		return left;
	}
	v = new_value(p, at, VALUE_BINARY);
	v->op = op;
	v->left = left;
	v->right = right;
	return v;
}

struct ast_value *build_parentheses(struct parser *p, struct span at, struct ast_value *in)
{
	(void)p;
	in->span = at;
	return in;
}

struct ast_value *build_map(struct parser *p, struct span at, struct ast_value *key, struct ast_value *map)
{
	struct ast_value *v = new_value(p, at, VALUE_MAP);

	v->left = key;
	v->right = map;
	return v;
}

struct ast_value *build_expression(struct parser *p, struct ast_value *v)
{
	if (v->kind == VALUE_CONCAT)
		diag_error(p->diag, DIAG_BAD_STATEMENT, v->span,
			   "a concatenation is the key of a map, write 'map' behind it");
	return v;
}

/* ---- fib ---- */

static const struct {
	const char *word;
	enum ast_fib_flag flag;
} fib_flags[] = {
	{ "saddr", FIB_SADDR }, { "daddr", FIB_DADDR }, { "mark", FIB_MARK }, { "iif", FIB_IIF }, { "oif", FIB_OIF },
};
#define N_FIB_FLAGS (sizeof(fib_flags) / sizeof(*fib_flags))

/* The flag that the word is, 0 and a message when it is none. */
static unsigned int fib_flag(struct parser *p, const struct token *t)
{
	const char *names[N_FIB_FLAGS], *guess;
	struct word_text word = text_of(p, t);

	for (size_t i = 0; i < N_FIB_FLAGS; i++) {
		names[i] = fib_flags[i].word;
		if (word_is(&word, names[i]))
			return fib_flags[i].flag;
	}
	guess = diag_suggest(word.text, names, N_FIB_FLAGS);
	diag_error(p->diag, DIAG_UNKNOWN_WORD, t->span,
		   "unknown word '%s' in 'fib', expected 'saddr', 'daddr', 'mark', 'iif' or 'oif'", word.text);
	if (guess)
		diag_did_you_mean(p->diag, t->span, guess, SPAN_NONE);
	return 0;
}

struct ast_value *build_fib_flag(struct parser *p, struct ast_value *flags, const struct token *flag)
{
	struct ast_value *v = flags ? flags : build_field(p, flag->span, FIELD_FIB_TYPE);
	unsigned int bit = fib_flag(p, flag);

	if (v->prefix_len & bit)
		diag_error(p->diag, DIAG_GIVEN_TWICE, flag->span, "'%s' is given twice", text_of(p, flag).text);
	v->prefix_len |= bit ? bit : FIB_SADDR | FIB_DADDR | FIB_IIF | FIB_OIF; /* say nothing more about it */
	return v;
}

struct ast_value *build_fib(struct parser *p, struct span at, struct ast_value *flags)
{
	unsigned int address = flags->prefix_len & (FIB_SADDR | FIB_DADDR);
	unsigned int interface = flags->prefix_len & (FIB_IIF | FIB_OIF);

	flags->span = at;
	if (address == (FIB_SADDR | FIB_DADDR) && interface == (FIB_IIF | FIB_OIF))
		return flags;
	if (address != FIB_SADDR && address != FIB_DADDR)
		diag_error(p->diag, DIAG_BAD_STATEMENT, at,
			   "'fib' looks up one address: write either 'saddr' or 'daddr'");
	else if (interface == (FIB_IIF | FIB_OIF))
		diag_error(p->diag, DIAG_BAD_STATEMENT, at,
			   "'fib' looks at one interface: write either 'iif' or 'oif'");
	return flags;
}

struct ast_value *build_fib_result(struct parser *p, struct span at, struct ast_value *flags,
				   const struct token *result)
{
	static const char *const results[] = { "type", "oif", "oifname" };
	struct word_text word = text_of(p, result);
	const char *guess = diag_suggest(word.text, results, sizeof(results) / sizeof(*results));

	if (word_is(&word, "oif") || word_is(&word, "oifname")) {
		build_unsupported(p, at, "fib oif");
		return flags;
	}
	diag_error(p->diag, DIAG_UNKNOWN_WORD, result->span, "unexpected '%s', expected 'type' or '.'", word.text);
	if (guess)
		diag_did_you_mean(p->diag, result->span, guess, SPAN_NONE);
	return flags;
}
