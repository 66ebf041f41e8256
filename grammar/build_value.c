/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/build.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/parse.tab.h>
#include <grammar/parser.h>
#include <grammar/scan.h>

#define MAX_COMMENT 128 /* bytes, as nft */
#define MAX_STRING  255

struct value_list value_list(const struct value_list *list, struct ast_value *v)
{
	struct value_list longer = { .first = v, .last = v };

	if (list && list->first) {
		list->last->next = v;
		longer.first = list->first;
	}
	return longer;
}

struct value_list value_pair(struct ast_value *a, struct ast_value *b)
{
	a->next = b;
	return (struct value_list){ .first = a, .last = b };
}

bool word_is(const struct word_text *word, const char *text)
{
	return word->len == strlen(text) && !memcmp(word->text, text, word->len);
}

struct word_text text_of(struct parser *p, const struct token *t)
{
	uint32_t quote = t->kind == TOK_STRING;
	struct word_text text = { .len = t->len - 2 * quote, .span = t->span };

	text.text = arena_strndup(p->arena, t->text + quote, text.len);
	return text;
}

struct ast_value *new_value(struct parser *p, struct span at, enum ast_value_kind kind)
{
	struct ast_value *v = arena_make(p->arena, struct ast_value);

	v->span = at;
	v->kind = kind;
	return v;
}

/* As the scanner reads a word, so that nothing else needs the quotes. */
static bool is_name(const char *text, uint32_t len)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.0123456789/-";

	for (uint32_t i = 0; i < len; i++)
		if (!memchr(i ? rest : first, text[i], i ? sizeof(rest) - 1 : sizeof(first) - 1))
			return false;
	return len;
}

struct token quoted_name(struct parser *p, const struct token *t)
{
	struct token name = *t;

	name.kind = TOK_WORD;
	name.text++;
	name.len -= 2;
	if (name.len > SCAN_MAX_NAME)
		diag_error(p->diag, DIAG_TOO_LONG, t->span, "name of %u bytes is too long, at most %d are allowed",
			   name.len, SCAN_MAX_NAME);
	else if (!is_name(name.text, name.len))
		diag_error(
			p->diag, DIAG_BAD_NAME, t->span,
			"a name begins with a letter, '_' or '.', and has nothing but these, digits, '-' and '/' in it");
	return name;
}

static struct ast_value *text_value(struct parser *p, struct span at, enum ast_value_kind kind, const struct token *t,
				    uint32_t sigil)
{
	struct ast_value *v = new_value(p, at, kind);

	v->text = arena_strndup(p->arena, t->text + sigil, t->len - sigil);
	return v;
}

static struct ast_value *string_value(struct parser *p, struct span at, const struct token *t)
{
	struct ast_value *v = new_value(p, at, VALUE_STRING);
	struct word_text text = text_of(p, t);

	v->text = text.text;
	if (text.len > MAX_STRING)
		diag_error(p->diag, DIAG_TOO_LONG, at, "string of %zu bytes is too long, at most %d are allowed",
			   text.len, MAX_STRING);
	return v;
}

static struct ast_value *addr_value(struct parser *p, struct span at, enum ast_value_kind kind, const struct token *t,
				    size_t len)
{
	struct ast_value *v = new_value(p, at, kind);

	memcpy(v->addr, t->addr, len);
	return v;
}

static struct ast_value *number_value(struct parser *p, struct span at, enum ast_value_kind kind, uint64_t number)
{
	struct ast_value *v = new_value(p, at, kind);

	v->number = number;
	return v;
}

struct ast_value *build_value(struct parser *p, struct span at, const struct token *t)
{
	struct ast_value *v;

	switch (t->kind) {
	case TOK_NUMBER:
		return number_value(p, at, VALUE_NUMBER, t->number);
	case TOK_CLASSID:
		return number_value(p, at, VALUE_CLASSID, t->number);
	case TOK_ADDR4:
		return addr_value(p, at, VALUE_ADDR4, t, 4);
	case TOK_ADDR6:
		return addr_value(p, at, VALUE_ADDR6, t, 16);
	case TOK_MAC:
		return addr_value(p, at, VALUE_MAC, t, 6);
	case TOK_STRING:
		return string_value(p, at, t);
	case TOK_VARIABLE:
		v = text_value(p, at, VALUE_VARIABLE, t, 1);
		v->number = ++p->order;
		return v;
	case TOK_SETREF:
		return text_value(p, at, VALUE_SETREF, t, 1);
	default:
		return text_value(p, at, VALUE_WORD, t, 0);
	}
}

struct ast_value *build_negative(struct parser *p, struct span at, const struct token *number)
{
	if (number->number > INT32_MAX)
		diag_error(p->diag, DIAG_OUT_OF_RANGE, at, "number is out of range, at least %d is allowed",
			   -INT32_MAX);
	return number_value(p, at, VALUE_NUMBER, -number->number);
}

/* Bits that a prefix of it may have; what a variable or a name holds isn't known
 * here. */
static unsigned int most_bits(enum ast_value_kind kind)
{
	switch (kind) {
	case VALUE_ADDR4:
		return 32;
	case VALUE_MAC:
		return 48;
	case VALUE_NUMBER:
		return 64;
	default:
		return 128;
	}
}

struct ast_value *build_prefix(struct parser *p, struct span at, struct ast_value *addr, const struct token *len,
			       struct span len_at)
{
	struct ast_value *v = new_value(p, at, VALUE_PREFIX);
	unsigned int most = most_bits(addr->kind);

	v->left = addr;
	if (len->number > most)
		diag_error(p->diag, DIAG_BAD_PREFIX, len_at, "prefix length %llu is out of range 0-%u",
			   (unsigned long long)len->number, most);
	v->prefix_len = len->number > most ? most : (unsigned int)len->number;
	return v;
}

struct ast_value *build_range(struct parser *p, struct span at, struct ast_value *first, struct ast_value *last)
{
	struct ast_value *v = new_value(p, at, VALUE_RANGE);

	v->left = first;
	v->right = last;
	return v;
}

struct ast_value *build_list_value(struct parser *p, struct span at, struct value_list items)
{
	struct ast_value *v = new_value(p, at, VALUE_LIST);

	v->items = items.first;
	return v;
}

struct ast_value *build_set_value(struct parser *p, struct span at, struct value_list items)
{
	struct ast_value *v = new_value(p, at, VALUE_SET);

	v->items = items.first;
	return v;
}

struct ast_value *build_concat(struct parser *p, struct span at, struct value_list items)
{
	struct ast_value *v = new_value(p, at, VALUE_CONCAT);
	unsigned int n = 0;

	v->items = items.first;
	for (const struct ast_value *part = v->items; part; part = part->next)
		n++;
	if (n > AST_MAX_CONCAT)
		diag_error(p->diag, DIAG_TOO_LARGE, at, "concatenation of %u parts, at most %d are allowed", n,
			   AST_MAX_CONCAT);
	return v;
}

struct ast_value *build_masked(struct parser *p, struct span at, struct ast_value *bits, struct ast_value *mask)
{
	struct ast_value *v = new_value(p, at, VALUE_MASKED);

	v->left = bits;
	v->right = mask;
	return v;
}

struct ast_value *build_catchall(struct parser *p, struct span at)
{
	return new_value(p, at, VALUE_CATCHALL);
}

struct verdict verdict_of(enum ast_verdict verdict, const struct token *chain)
{
	struct verdict v = { .verdict = verdict };

	if (chain)
		v.chain = *chain;
	return v;
}

struct ast_value *build_verdict_value(struct parser *p, struct span at, const struct verdict *verdict)
{
	struct ast_value *v = number_value(p, at, VALUE_VERDICT, verdict->verdict);

	if (verdict->chain.kind == TOK_VARIABLE)
		v->variable = build_value(p, verdict->chain.span, &verdict->chain);
	else if (verdict->chain.text)
		v->text = text_of(p, &verdict->chain).text;
	return v;
}

struct ast_value *build_mapping(struct parser *p, struct span at, struct ast_value *key, struct ast_value *data)
{
	struct ast_value *v = new_value(p, at, VALUE_MAPPING);

	v->left = key;
	v->right = data;
	v->attr = key->attr;
	key->attr = NULL;
	return v;
}

/* ---- elements and what follows them ---- */

const char *build_comment(struct parser *p, const struct word_text *comment)
{
	if (comment->len > MAX_COMMENT)
		diag_error(p->diag, DIAG_TOO_LONG, comment->span,
			   "comment of %zu bytes is too long, at most %d are allowed", comment->len, MAX_COMMENT);
	return comment->text;
}

static struct ast_attributes *attributes(struct parser *p, struct ast_value *v)
{
	if (!v->attr)
		v->attr = arena_make(p->arena, struct ast_attributes);
	return v->attr;
}

/* Each is given once, and a counter comes first. */
static void check_again(struct parser *p, struct span at, bool given, const char *what)
{
	if (given)
		diag_error(p->diag, DIAG_GIVEN_TWICE, at, "element has %s already", what);
}

struct ast_value *build_element_counter(struct parser *p, struct span at, struct ast_value *v,
					const struct ast_stmt *counter)
{
	struct ast_attributes *attr = attributes(p, v);

	if (attr->comment || attr->timeout || attr->expires)
		diag_error(p->diag, DIAG_SYNTAX, at,
			   "the counter of an element comes before its timeout and its comment");
	if (counter->counter.name || counter->counter.variable)
		build_unsupported(p, at, "named counter of elements");
	check_again(p, at, attr->has_counter, "a counter");
	attr->has_counter = true;
	attr->packets = counter->counter.packets;
	attr->bytes = counter->counter.bytes;
	return v;
}

struct ast_value *build_element_timeout(struct parser *p, struct span at, struct ast_value *v, const struct token *t)
{
	struct ast_attributes *attr = attributes(p, v);

	check_again(p, at, attr->timeout, "a timeout");
	attr->timeout = t->number;
	return v;
}

struct ast_value *build_element_expires(struct parser *p, struct span at, struct ast_value *v, const struct token *t)
{
	struct ast_attributes *attr = attributes(p, v);

	check_again(p, at, attr->expires, "an expiration time");
	attr->expires = t->number;
	return v;
}

struct ast_value *build_element_comment(struct parser *p, struct span at, struct ast_value *v,
					const struct word_text *comment)
{
	struct ast_attributes *attr = attributes(p, v);

	check_again(p, at, attr->comment, "a comment");
	attr->comment = build_comment(p, comment);
	attr->comment_span = comment->span;
	return v;
}
