/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/build.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/parse.tab.h>
#include <grammar/parser.h>

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

struct word_text text_of(struct parser *p, const struct token *t)
{
	uint32_t quote = t->kind == TOK_STRING;
	struct word_text text = { .len = t->len - 2 * quote, .span = t->span };

	text.text = arena_strndup(p->arena, t->text + quote, text.len);
	return text;
}

static struct ast_value *new_value(struct parser *p, struct span at, enum ast_value_kind kind)
{
	struct ast_value *v = arena_make(p->arena, struct ast_value);

	v->span = at;
	v->kind = kind;
	return v;
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

static struct ast_value *addr_value(struct parser *p, struct span at, const struct token *t)
{
	struct ast_value *v = new_value(p, at, t->kind == TOK_ADDR4 ? VALUE_ADDR4 : VALUE_ADDR6);

	memcpy(v->addr, t->addr, t->kind == TOK_ADDR4 ? 4 : 16);
	return v;
}

struct ast_value *build_value(struct parser *p, struct span at, const struct token *t)
{
	struct ast_value *v;

	switch (t->kind) {
	case TOK_NUMBER:
		v = new_value(p, at, VALUE_NUMBER);
		v->number = t->number;
		return v;
	case TOK_ADDR4:
	case TOK_ADDR6:
		return addr_value(p, at, t);
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

struct ast_value *build_prefix(struct parser *p, struct span at, struct ast_value *addr, const struct token *len,
			       struct span len_at)
{
	struct ast_value *v = new_value(p, at, VALUE_PREFIX);
	unsigned int most = addr->kind == VALUE_ADDR4 ? 32 : 128;

	v->left = addr;
	if (addr->kind != VALUE_ADDR4 && addr->kind != VALUE_ADDR6 && addr->kind != VALUE_VARIABLE)
		diag_error(p->diag, DIAG_BAD_PREFIX, addr->span, "only an address has a prefix length");
	else if (len->number > most)
		diag_error(p->diag, DIAG_BAD_PREFIX, len_at, "prefix length %llu is out of range 0-%u",
			   (unsigned long long)len->number, most);
	else
		v->prefix_len = (unsigned int)len->number;
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

const char *build_comment(struct parser *p, const struct word_text *comment)
{
	if (comment->len > MAX_COMMENT)
		diag_error(p->diag, DIAG_TOO_LONG, comment->span,
			   "comment of %zu bytes is too long, at most %d are allowed", comment->len, MAX_COMMENT);
	return comment->text;
}

struct ast_value *build_element_comment(struct parser *p, struct ast_value *v, const struct word_text *comment)
{
	v->attr = arena_make(p->arena, struct ast_attributes);
	v->attr->comment = build_comment(p, comment);
	v->attr->comment_span = comment->span;
	return v;
}
