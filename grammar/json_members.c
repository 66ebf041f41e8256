/* SPDX-License-Identifier: GPL-2.0-only */
/* json_members.c - members of objects, each of one kind. */
#include <grammar/json_read.h>

#include <string.h>

#include <compiler/base/diag.h>
#include <grammar/scan.h>

#define MAX_COMMENT 128 /* bytes, as nft */

static size_t count(const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return n;
}

int node_find(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], word))
			return i;
	return -1;
}

struct span node_place(const struct json_node *n)
{
	if (n->kind != NODE_ARRAY && n->kind != NODE_OBJECT)
		return n->span;
	return n->key ? n->key_span : (struct span){ n->span.at, n->span.at + 1 };
}

static const char *kind_name(const struct json_node *n)
{
	static const char *const names[] = {
		[NODE_NULL] = "null",	     [NODE_TRUE] = "true",	 [NODE_FALSE] = "false",
		[NODE_NUMBER] = "a number",  [NODE_STRING] = "a string", [NODE_ARRAY] = "an array",
		[NODE_OBJECT] = "an object",
	};

	return names[n->kind];
}

int node_wrong_kind(struct json_reader *r, const struct json_node *n, const char *wanted)
{
	return n->key ? diag_error(r->diag, DIAG_JSON_SHAPE, node_place(n), "'%s' must be %s, found %s", n->key, wanted,
				   kind_name(n))
		      : diag_error(r->diag, DIAG_JSON_SHAPE, node_place(n), "expected %s, found %s", wanted,
				   kind_name(n));
}

/* ---- members ---- */

static int unknown_key(struct json_reader *r, const struct json_node *object, const struct json_node *member,
		       const char *const *keys)
{
	const char *guess = diag_suggest(member->key, keys, count(keys));

	if (object->key)
		diag_error(r->diag, DIAG_JSON_KEY, member->key_span, "unknown member '%s' of '%s'", member->key,
			   object->key);
	else
		diag_error(r->diag, DIAG_JSON_KEY, member->key_span, "unknown member '%s'", member->key);
	if (guess)
		diag_did_you_mean(r->diag, member->key_span, guess, SPAN_NONE);
	return -1;
}

int node_members(struct json_reader *r, const struct json_node *object, const char *const *keys,
		 const struct json_node **ret)
{
	int bad = 0, i;

	for (i = 0; keys[i]; i++)
		ret[i] = NULL;
	if (object->kind != NODE_OBJECT)
		return node_wrong_kind(r, object, "an object");
	for (const struct json_node *m = object->items; m; m = m->next) {
		i = node_find(keys, m->key);
		if (i < 0) {
			bad = unknown_key(r, object, m, keys);
		} else if (ret[i]) {
			bad = diag_error(r->diag, DIAG_GIVEN_TWICE, m->key_span, "'%s' is given twice", m->key);
			diag_note(r->diag, ret[i]->key_span, "it is given here");
		} else {
			ret[i] = m;
		}
	}
	return bad;
}

const struct json_node *node_only_member(struct json_reader *r, const struct json_node *object, const char *what)
{
	if (object->kind != NODE_OBJECT) {
		diag_error(r->diag, DIAG_JSON_SHAPE, node_place(object), "expected %s, found %s", what,
			   kind_name(object));
		return NULL;
	}
	if (object->n_items == 1)
		return object->items;
	diag_error(r->diag, DIAG_JSON_SHAPE, node_place(object),
		   "%s is an object with one member, whose name says what it is; this one has %zu", what,
		   object->n_items);
	return NULL;
}

int node_need(struct json_reader *r, const struct json_node *object, const struct json_node *member, const char *key)
{
	if (member)
		return 0;
	return object->key ? diag_error(r->diag, DIAG_INCOMPLETE, node_place(object), "'%s' lacks its '%s'",
					object->key, key)
			   : diag_error(r->diag, DIAG_INCOMPLETE, node_place(object), "'%s' is missing here", key);
}

/* ---- kinds of values ---- */

int node_null(struct json_reader *r, const struct json_node *n)
{
	return n->kind == NODE_NULL ? 0 : node_wrong_kind(r, n, "null");
}

const char *node_text(struct json_reader *r, const struct json_node *n)
{
	if (n->kind == NODE_STRING)
		return n->text;
	node_wrong_kind(r, n, "a string");
	return NULL;
}

int node_number(struct json_reader *r, const struct json_node *n, uint64_t max, uint64_t *ret)
{
	if (n->kind != NODE_NUMBER)
		return node_wrong_kind(r, n, "a number");
	if (n->fraction)
		return diag_error(r->diag, DIAG_JSON_SHAPE, n->span,
				  "expected a whole number, without '.' and exponent");
	if ((n->negative && n->number) || n->number > max)
		return diag_error(r->diag, DIAG_OUT_OF_RANGE, n->span, "number is out of range 0-%llu",
				  (unsigned long long)max);
	*ret = n->number;
	return 0;
}

/* The milliseconds of "1.5", in which nothing but digits and one '.' may stand. */
static int parse_seconds(const char *text, uint64_t *ret)
{
	uint64_t unit = 1000;
	bool fraction = false;

	*ret = 0;
	for (; *text; text++) {
		if (*text == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (*text < '0' || *text > '9')
			return -1;
		if (fraction ? unit == 1 : __builtin_mul_overflow(*ret, 10u, ret))
			return -1;
		unit /= fraction ? 10 : 1;
		if (__builtin_add_overflow(*ret, unit * (uint64_t)(*text - '0'), ret))
			return -1;
	}
	return 0;
}

int node_milliseconds(struct json_reader *r, const struct json_node *n, uint64_t *ret)
{
	if (n->kind == NODE_NUMBER && n->fraction) {
		if (!n->negative && !parse_seconds(n->text, ret))
			return 0;
		return diag_error(r->diag, DIAG_OUT_OF_RANGE, n->span,
				  "a time is a number of seconds with at most three digits behind the '.'");
	}
	if (node_number(r, n, UINT64_MAX / 1000, ret))
		return -1;
	*ret *= 1000;
	return 0;
}

int node_truth(struct json_reader *r, const struct json_node *n, bool *ret)
{
	if (n->kind != NODE_TRUE && n->kind != NODE_FALSE)
		return node_wrong_kind(r, n, "true or false");
	*ret = n->kind == NODE_TRUE;
	return 0;
}

const struct json_node *node_first(const struct json_node *n)
{
	return n->kind == NODE_ARRAY ? n->items : n;
}

const struct json_node *node_next(const struct json_node *n, const struct json_node *item)
{
	return n->kind == NODE_ARRAY ? item->next : NULL;
}

int node_word(struct json_reader *r, const struct json_node *n, const char *const *words, const char *what)
{
	const char *text = node_text(r, n), *guess;
	int i = text ? node_find(words, text) : -1;

	if (!text || i >= 0)
		return i;
	if (json_refuse(r, n, text, what) && (guess = diag_suggest(text, words, count(words))))
		diag_did_you_mean(r->diag, n->span, guess, SPAN_NONE);
	return -1;
}

/* ---- names and strings ---- */

static bool is_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.";

	return *s && strchr(letters, *s) &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_./-"
			    "0123456789")];
}

const char *node_name(struct json_reader *r, const struct json_node *n)
{
	const char *name = node_text(r, n);

	if (!name)
		return NULL;
	if (strlen(name) > SCAN_MAX_NAME)
		diag_error(r->diag, DIAG_TOO_LONG, n->span, "name of %zu bytes is too long, at most %d are allowed",
			   strlen(name), SCAN_MAX_NAME);
	else if (!is_name(name))
		diag_error(r->diag, DIAG_BAD_NAME, n->span,
			   "a name begins with a letter, '_' or '.', and has letters, digits, '_', '.', '/' and '-'");
	else
		return name;
	return NULL;
}

const char *node_comment(struct json_reader *r, const struct json_node *n)
{
	const char *text = node_text(r, n);

	if (text && strlen(text) > MAX_COMMENT) {
		diag_error(r->diag, DIAG_TOO_LONG, n->span, "comment of %zu bytes is too long, at most %d are allowed",
			   strlen(text), MAX_COMMENT);
		return NULL;
	}
	return text;
}

int json_refuse(struct json_reader *r, const struct json_node *n, const char *phrase, const char *what)
{
	const struct word *word = words_find(&r->words, phrase, strlen(phrase));
	struct span at = n->kind == NODE_STRING || !n->key ? n->span : n->key_span;

	if (word && word->instead)
		return diag_error(r->diag, DIAG_UNSUPPORTED, at, "'%s' is not supported: %s", phrase, word->instead);
	return diag_error(r->diag, DIAG_UNKNOWN_WORD, at, "unknown %s '%s'", what, phrase);
}
