/* SPDX-License-Identifier: GPL-2.0-only */
/* build_expression.c - what is taken from the packet. */
#include <grammar/build.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/parser.h>

struct ast_value *build_field(struct parser *p, struct span at, enum ast_field field)
{
	struct ast_value *v = new_value(p, at, VALUE_FIELD);

	v->field = field;
	return v;
}

struct ast_value *build_binary(struct parser *p, struct span at, enum ast_binary op, struct ast_value *left,
			       struct ast_value *right)
{
	struct ast_value *v = new_value(p, at, VALUE_BINARY);

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

static unsigned int fib_flag(struct parser *p, const struct token *t)
{
	struct word_text word = text_of(p, t);

	for (size_t i = 0; i < N_FIB_FLAGS; i++)
		if (word_is(&word, fib_flags[i].word))
			return fib_flags[i].flag;
	diag_error(p->diag, DIAG_UNKNOWN_WORD, t->span,
		   "unknown word '%s' after 'fib', expected 'saddr', 'daddr', 'mark', 'iif' or 'oif'", word.text);
	return 0;
}

struct ast_value *build_fib_flag(struct parser *p, struct ast_value *flags, const struct token *flag)
{
	struct ast_value *v = flags ? flags : build_field(p, flag->span, FIELD_FIB_TYPE);
	unsigned int bit = fib_flag(p, flag);

	if (v->prefix_len & bit)
		diag_error(p->diag, DIAG_GIVEN_TWICE, flag->span, "'%s' is given twice", text_of(p, flag).text);
	v->prefix_len |= bit;
	return v;
}

struct ast_value *build_fib(struct parser *p, struct span at, struct ast_value *flags)
{
	unsigned int address = flags->prefix_len & (FIB_SADDR | FIB_DADDR);

	flags->span = at;
	if (address != FIB_SADDR && address != FIB_DADDR)
		diag_error(p->diag, DIAG_BAD_STATEMENT, at,
			   "'fib' looks up one address: write either 'saddr' or 'daddr'");
	else if ((flags->prefix_len & FIB_IIF) && (flags->prefix_len & FIB_OIF))
		diag_error(p->diag, DIAG_BAD_STATEMENT, at,
			   "'fib' looks at one interface: write either 'iif' or 'oif'");
	return flags;
}
