/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/json_text.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
#include <compiler/base/utf8.h>

struct reading {
	const struct source *src;
	struct diag *d;
	struct arena *a;
	uint32_t at; /* in the text, at most src->len: a NUL stands there */
	unsigned int depth;
};

static struct json_node *read_value(struct reading *r);

static struct span span_from(const struct reading *r, uint32_t begin)
{
	return (struct span){ r->src->base + begin, r->src->base + r->at };
}

/* The character ahead; at the end its span is empty. */
static struct span ahead(const struct reading *r)
{
	uint32_t left = r->src->len - r->at;
	uint32_t n = left ? (uint32_t)utf8_length(r->src->text + r->at, left) : 0;

	return (struct span){ r->src->base + r->at, r->src->base + r->at + (left && !n ? 1 : n) };
}

static char peek(const struct reading *r)
{
	return r->src->text[r->at];
}

static void skip_blanks(struct reading *r)
{
	while (r->at < r->src->len && strchr(" \t\n\r", peek(r)) && peek(r))
		r->at++;
}

static int unexpected(struct reading *r, const char *wanted)
{
	struct span at = ahead(r);
	unsigned char c = (unsigned char)peek(r);

	if (r->at == r->src->len)
		return diag_error(r->d, DIAG_JSON_SYNTAX, at, "the JSON text ends too early, expected %s", wanted);
	if (c < ' ' || c == 0x7f || (c >= 0x80 && at.end - at.at == 1))
		return diag_error(r->d, DIAG_NOT_TEXT, at, "byte 0x%02x is not JSON text, expected %s", c, wanted);
	return diag_error(r->d, DIAG_JSON_SYNTAX, at, "unexpected '%.*s' in JSON, expected %s", (int)(at.end - at.at),
			  r->src->text + r->at, wanted);
}

static struct json_node *new_node(struct reading *r, enum node_kind kind)
{
	struct json_node *n = arena_make(r->a, struct json_node);

	n->kind = kind;
	return n;
}

/* ---- strings ---- */

static void put_utf8(struct buf *b, uint32_t c)
{
	static const unsigned char lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	unsigned int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;

	buf_putc(b, (char)(lead[more] | c >> 6 * more));
	while (more--)
		buf_putc(b, (char)(0x80 | (c >> 6 * more & 0x3f)));
}

/* The four digits behind "\u" at 'at', or -1. */
static int32_t hex4(const struct reading *r, uint32_t at)
{
	int32_t value = 0;

	for (uint32_t i = at; i < at + 4; i++) {
		const char *digits = "0123456789abcdef", *found;

		if (i >= r->src->len || !r->src->text[i])
			return -1;
		found = strchr(digits, r->src->text[i] | 0x20);
		if (!found || (r->src->text[i] < '0'))
			return -1;
		value = value << 4 | (int32_t)(found - digits);
	}
	return value;
}

/* "\u1234", or two of them that make a surrogate pair. */
static int read_unicode(struct reading *r, uint32_t *ret)
{
	uint32_t begin = r->at;
	int32_t c = hex4(r, begin + 2), low = -1;

	r->at += c < 0 ? 2 : 6;
	if (c >= 0xd800 && c < 0xdc00 && r->src->len - r->at >= 6 && !memcmp(r->src->text + r->at, "\\u", 2)) {
		low = hex4(r, r->at + 2);
		r->at += 6;
	}
	if (c < 0 || (c >= 0xd800 && c < 0xe000 && (c >= 0xdc00 || low < 0xdc00 || low > 0xdfff)))
		return diag_error(r->d, DIAG_JSON_SYNTAX, span_from(r, begin),
				  "'\\u' is not followed by the four "
				  "hexadecimal digits of a character");
	*ret = low < 0 ? (uint32_t)c : 0x10000 + (((uint32_t)c & 0x3ff) << 10 | ((uint32_t)low & 0x3ff));
	return 0;
}

static int read_escape(struct reading *r, uint32_t *ret)
{
	static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	char c = r->src->text[r->at + 1];
	const char *found = c ? strchr(escapes, c) : NULL;

	if (c == 'u')
		return read_unicode(r, ret);
	if (!found) {
		r->at++;
		return unexpected(r, "one of \"\\/bfnrtu behind '\\'");
	}
	r->at += 2;
	*ret = (unsigned char)meanings[found - escapes];
	return 0;
}

/* What an escape stands for must be something that a rules file can hold. */
static int put_escape(struct reading *r, struct buf *text)
{
	uint32_t begin = r->at, c = 0;

	if (read_escape(r, &c))
		return -1;
	if (c == '"' || c < ' ' || (c >= 0x7f && c < 0xa0))
		return diag_error(r->d, DIAG_JSON_SHAPE, span_from(r, begin),
				  "strings of a ruleset can't have %s in them",
				  c == '"' ? "double quotes" : "control characters");
	put_utf8(text, c);
	return 0;
}

/* Goes to the next '"' or '\\'. */
static int skip_plain(struct reading *r)
{
	size_t n;

	while (peek(r) != '"' && peek(r) != '\\') {
		n = r->at < r->src->len ? utf8_length(r->src->text + r->at, r->src->len - r->at) : 0;
		if (!n || (unsigned char)peek(r) < ' ' || peek(r) == 0x7f)
			return unexpected(r, "the '\"' that ends the string");
		r->at += (uint32_t)n;
	}
	return 0;
}

/* At the '"'; leaves the place behind the other one. */
static const char *read_string(struct reading *r, struct span *at)
{
	struct buf text = { .arena = r->a };
	uint32_t begin = r->at++, plain = r->at;

	while (!skip_plain(r)) {
		if (peek(r) == '"') {
			r->at++;
			*at = span_from(r, begin);
			if (plain == begin + 1)
				return arena_strndup(r->a, r->src->text + plain, r->at - 1 - plain);
			buf_write(&text, r->src->text + plain, r->at - 1 - plain);
			return text.text;
		}
		buf_write(&text, r->src->text + plain, r->at - plain);
		if (put_escape(r, &text))
			return NULL;
		plain = r->at;
	}
	return NULL;
}

static struct json_node *string_node(struct reading *r)
{
	struct json_node *n = new_node(r, NODE_STRING);

	n->text = read_string(r, &n->span);
	return n->text ? n : NULL;
}

/* ---- numbers and words ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int skip_digits(struct reading *r)
{
	if (!is_digit(peek(r)))
		return unexpected(r, "a digit");
	while (is_digit(peek(r)))
		r->at++;
	return 0;
}

/* The '.' and the exponent. */
static int skip_fraction(struct reading *r)
{
	if (peek(r) == '.') {
		r->at++;
		if (skip_digits(r))
			return -1;
	}
	if (peek(r) == 'e' || peek(r) == 'E') {
		r->at++;
		if (peek(r) == '+' || peek(r) == '-')
			r->at++;
		return skip_digits(r);
	}
	return 0;
}

/* Digits up to 'r->at'. */
static int whole_number(struct reading *r, uint32_t begin, uint64_t *ret)
{
	*ret = 0;
	for (uint32_t i = begin; i < r->at; i++)
		if (__builtin_mul_overflow(*ret, 10u, ret) ||
		    __builtin_add_overflow(*ret, (uint64_t)(r->src->text[i] - '0'), ret))
			return diag_error(r->d, DIAG_OUT_OF_RANGE, span_from(r, begin),
					  "number is too large, at most 18446744073709551615 is allowed");
	return 0;
}

static struct json_node *number_node(struct reading *r)
{
	struct json_node *n = new_node(r, NODE_NUMBER);
	uint32_t begin = r->at, digits, end;

	n->negative = peek(r) == '-';
	r->at += n->negative;
	digits = r->at;
	if (skip_digits(r))
		return NULL;
	if (r->src->text[digits] == '0' && r->at > digits + 1) {
		r->at = digits + 1;
		unexpected(r, "no further digit behind the leading 0");
		return NULL;
	}
	end = r->at;
	if (skip_fraction(r))
		return NULL;
	n->fraction = r->at > end;
	if (n->fraction)
		n->text = arena_strndup(r->a, r->src->text + begin, r->at - begin);
	else if (whole_number(r, digits, &n->number))
		return NULL;
	n->span = span_from(r, begin);
	return n;
}

static struct json_node *word_node(struct reading *r)
{
	static const char *const words[] = { [NODE_NULL] = "null", [NODE_TRUE] = "true", [NODE_FALSE] = "false" };

	for (enum node_kind kind = NODE_NULL; kind <= NODE_FALSE; kind++) {
		size_t len = strlen(words[kind]);
		struct json_node *n;

		if (r->src->len - r->at < len || memcmp(r->src->text + r->at, words[kind], len))
			continue;
		n = new_node(r, kind);
		r->at += (uint32_t)len;
		n->span = span_from(r, r->at - (uint32_t)len);
		return n;
	}
	unexpected(r, "a JSON value");
	return NULL;
}

/* ---- arrays and objects ---- */

static struct json_node *read_item(struct reading *r)
{
	return read_value(r);
}

static struct json_node *read_member(struct reading *r)
{
	struct json_node *n;
	const char *key;
	struct span at;

	if (peek(r) != '"') {
		unexpected(r, "a string, the name of a member");
		return NULL;
	}
	key = read_string(r, &at);
	if (!key)
		return NULL;
	skip_blanks(r);
	if (peek(r) != ':') {
		unexpected(r, "':'");
		return NULL;
	}
	r->at++;
	skip_blanks(r);
	n = read_value(r);
	if (n) {
		n->key = key;
		n->key_span = at;
	}
	return n;
}

/* Items up to 'close', from behind the opening sign on. */
static int read_items(struct reading *r, struct json_node *list, char close,
		      struct json_node *(*read)(struct reading *r))
{
	const char *wanted = close == ']' ? "',' or ']'" : "',' or '}'";
	struct json_node **end = &list->items;

	skip_blanks(r);
	if (peek(r) == close)
		return 0;
	for (;;) {
		*end = read(r);
		if (!*end)
			return -1;
		end = &(*end)->next;
		list->n_items++;
		skip_blanks(r);
		if (peek(r) != ',')
			return peek(r) == close ? 0 : unexpected(r, wanted);
		r->at++;
		skip_blanks(r);
	}
}

static struct json_node *list_node(struct reading *r, enum node_kind kind)
{
	struct json_node *list = new_node(r, kind);
	uint32_t begin = r->at;

	if (r->depth == JSON_TEXT_MAX_DEPTH) {
		diag_error(r->d, DIAG_TOO_LARGE, ahead(r), "JSON is nested deeper than %d", JSON_TEXT_MAX_DEPTH);
		return NULL;
	}
	r->at++;
	r->depth++;
	if (read_items(r, list, kind == NODE_ARRAY ? ']' : '}', kind == NODE_ARRAY ? read_item : read_member))
		return NULL;
	r->depth--;
	r->at++;
	list->span = span_from(r, begin);
	return list;
}

static struct json_node *read_value(struct reading *r)
{
	switch (peek(r)) {
	case '"':
		return string_node(r);
	case '[':
		return list_node(r, NODE_ARRAY);
	case '{':
		return list_node(r, NODE_OBJECT);
	default:
		return is_digit(peek(r)) || peek(r) == '-' ? number_node(r) : word_node(r);
	}
}

struct json_node *json_text_parse(const struct source *src, struct diag *d, struct arena *a)
{
	struct reading r = { .src = src, .d = d, .a = a };
	struct json_node *n;

	skip_blanks(&r);
	n = read_value(&r);
	skip_blanks(&r);
	if (n && r.at < src->len) {
		unexpected(&r, "nothing behind the JSON value");
		return NULL;
	}
	return n;
}

bool json_text_begins(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && text[i] && strchr(" \t\r\n", text[i]))
		i++;
	return i < len && (text[i] == '{' || text[i] == '[');
}
