/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/words.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/ast.h>
#include <grammar/token.h>
#include <grammar/parse.tab.h>

#define N_SLOTS	   2048 /* a power of two, several times the number of words */
#define PHRASE_MAX 128

static uint32_t hash(const char *text, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619u;
	return h ^ h >> 15;
}

/* The slot that holds the word, or the free one where it belongs. */
static uint16_t *slot_of(const struct words *w, const char *text, size_t len)
{
	uint32_t i = hash(text, len) & (N_SLOTS - 1);

	while (w->slots[i]) {
		const struct word *word = &w->v[w->slots[i] - 1];

		if (word->len == len && !memcmp(word->text, text, len))
			break;
		i = (i + 1) & (N_SLOTS - 1);
	}
	return &w->slots[i];
}

static struct word *word_at(struct words *w, struct arena *a, const char *text, size_t len)
{
	uint16_t *slot = slot_of(w, text, len);

	if (!*slot) {
		*vec_push(a, w) = (struct word){ .text = text, .len = len, .token = TOK_WORD, .field = -1 };
		*slot = (uint16_t)w->n;
		assert(w->n < N_SLOTS / 2);
	}
	return &w->v[*slot - 1];
}

static struct word *add(struct words *w, struct arena *a, const char *text)
{
	return word_at(w, a, text, strlen(text));
}

static void begins_field(struct word *first)
{
	first->begins_field = true;
	if (first->token == TOK_WORD)
		first->token = TOK_RESERVED;
}

/* "ip saddr", or "iif" and with it "meta iif". */
static void add_field(struct words *w, struct arena *a, const char *spelling, enum ast_field field)
{
	const char *space = strchr(spelling, ' ');

	add(w, a, spelling)->field = (int)field;
	if (!space)
		add(w, a, arena_printf(a, "meta %s", spelling))->field = (int)field;
	begins_field(word_at(w, a, spelling, space ? (size_t)(space - spelling) : strlen(spelling)));
}

static void add_fields(struct words *w, struct arena *a)
{
	for (enum ast_field f = 0; f < FIELD_COUNT; f++)
		if (f != FIELD_FIB_TYPE) /* has further words between */
			add_field(w, a, ast_field_name(f), f);
	/* Those that nft knows without "meta", though it prints it. */
	add_field(w, a, "mark", FIELD_META_MARK);
	add_field(w, a, "pkttype", FIELD_META_PKTTYPE);
	add_field(w, a, "cpu", FIELD_META_CPU);
	/* It lists "parameter-problem", but reads this. */
	add_field(w, a, "icmpv6 param-problem", FIELD_ICMPV6_PPTR);
}

/* What else a row of keywords.def may be. */
enum also { NOTHING, VALUE, NAME };
/* What an entry of unsupported.def is. */
enum reach { PLAIN, WORD, BLOCK, RULES, CONSTRUCT };

static void add_keyword(struct words *w, struct arena *a, int token, const char *text, enum also also)
{
	struct word *word = add(w, a, text);

	word->token = token;
	word->is_name = also == NAME;
}

static void add_unsupported(struct words *w, struct arena *a, const char *text, enum reach reach, const char *instead)
{
	struct word *word = add(w, a, text);

	word->instead = instead;
	word->whole_block = reach == BLOCK;
	word->in_rules_only = reach == RULES;
	if ((reach == WORD || reach == BLOCK) && word->token == TOK_WORD)
		word->token = TOK_RESERVED;
}

void words_init(struct words *w, struct arena *a)
{
	*w = (struct words){ .slots = arena_make_array(a, N_SLOTS, uint16_t) };
#define KEYWORD(name, spelling, also) add_keyword(w, a, TOK_##name, spelling, also);
#include <grammar/keywords.def>
#undef KEYWORD
	add_fields(w, a);
#define UNSUPPORTED(phrase, reach, instead) add_unsupported(w, a, phrase, reach, instead);
#include <grammar/unsupported.def>
#undef UNSUPPORTED
}

const struct word *words_find(const struct words *w, const char *text, size_t len)
{
	uint16_t slot = *slot_of(w, text, len);

	return slot ? &w->v[slot - 1] : NULL;
}

const struct word *words_find_pair(const struct words *w, const char *first, size_t first_len, const char *second,
				   size_t second_len)
{
	char phrase[PHRASE_MAX];
	size_t len = first_len + 1 + second_len;

	if (len > sizeof(phrase))
		return NULL;
	memcpy(phrase, first, first_len);
	phrase[first_len] = ' ';
	memcpy(phrase + first_len + 1, second, second_len);
	return words_find(w, phrase, len);
}

/* What of 'word' may stand where the unknown text stands, or NULL. */
static const char *candidate(const struct word *word, const char *first, size_t first_len)
{
	if (!first)
		return strchr(word->text, ' ') ? NULL : word->text;
	if (word->len <= first_len || memcmp(word->text, first, first_len) || word->text[first_len] != ' ')
		return NULL;
	return word->text + first_len + 1;
}

const char *words_suggest(const struct words *w, struct arena *a, const char *first, const char *text)
{
	const char **candidates = arena_make_array(a, w->n, const char *);
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		const char *c = candidate(&w->v[i], first, first ? strlen(first) : 0);

		if (c)
			candidates[n++] = c;
	}
	return diag_suggest(text, candidates, n);
}

/* ---- names ---- */

static bool begins_with_word(const char *phrase, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(phrase, word, len) && (phrase[len] == ' ' || !phrase[len]);
}

static bool begins_some_field(const char *word)
{
	for (enum ast_field f = 0; f < FIELD_COUNT; f++)
		if (begins_with_word(ast_field_name(f), word))
			return true;
	return !strcmp(word, "mark") || !strcmp(word, "pkttype") || !strcmp(word, "cpu");
}

bool ast_is_reserved(const char *name)
{
	static const struct {
		const char *text;
		enum also also;
	} keywords[] = {
#define KEYWORD(name, spelling, also) { spelling, also },
#include <grammar/keywords.def>
#undef KEYWORD
	};
	static const struct {
		const char *text;
		enum reach reach;
	} unsupported[] = {
#define UNSUPPORTED(phrase, reach, instead) { phrase, reach },
#include <grammar/unsupported.def>
#undef UNSUPPORTED
	};

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (!strcmp(keywords[i].text, name))
			return keywords[i].also != NAME;
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++)
		if (!strcmp(unsupported[i].text, name) &&
		    (unsupported[i].reach == WORD || unsupported[i].reach == BLOCK))
			return true;
	return begins_some_field(name);
}
