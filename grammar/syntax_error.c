/* SPDX-License-Identifier: GPL-2.0-only */
/* syntax_error.c - says what is wrong at a token that the grammar can't use. */
#include <assert.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
#include <grammar/build.h>
#include <grammar/parse.tab.h>
#include <grammar/parser.h>

#define SHOWN	     40 /* bytes of a token in a message */
#define MAX_EXPECTED 8

static bool is_word(const struct token *t)
{
	return t->len && ((t->text[0] >= 'a' && t->text[0] <= 'z') || (t->text[0] >= 'A' && t->text[0] <= 'Z') ||
			  t->text[0] == '_');
}

static const char *shown(struct parser *p, const struct token *t)
{
	if (t->len <= SHOWN)
		return arena_strndup(p->arena, t->text, t->len);
	return arena_printf(p->arena, "%.*s...", SHOWN, t->text);
}

static bool has(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n && names[i]; i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return false;
}

/* ---- parts of nft that zfwc doesn't have ---- */

static const struct word *unsupported(const struct word *word)
{
	return word && word->instead ? word : NULL;
}

static const struct word *unsupported_pair(struct parser *p, const struct token *a, const struct token *b)
{
	if (!a->len || !b->len)
		return NULL;
	return unsupported(words_find_pair(&p->words, a->text, a->len, b->text, b->len));
}

static int say_unsupported(struct parser *p, struct span at, const struct word *word)
{
	return diag_error(p->diag, DIAG_UNSUPPORTED, at, "'%s' is not supported: %s", word->text, word->instead);
}

bool names_unsupported(struct parser *p, struct span at, const char *construct)
{
	const struct word *word = unsupported(words_find(&p->words, construct, strlen(construct)));

	if (word)
		say_unsupported(p, at, word);
	return word;
}

void build_unsupported(struct parser *p, struct span at, const char *construct)
{
	bool known = names_unsupported(p, at, construct);

	assert(known);
	(void)known;
	p->unsupported_at = at.at;
}

/* The phrase that the bad token is, begins or ends: "limit", "meta mark". */
static const struct word *find_unsupported(struct parser *p, struct span *at)
{
	const struct token *t = &p->stream.last, *before = &p->stream.before, *next;
	const struct word *word;

	if (!t->len)
		return NULL;
	next = stream_peek(p, 0);
	word = unsupported_pair(p, t, next);
	if (word) {
		*at = span_join(t->span, next->span);
		return word;
	}
	word = unsupported_pair(p, before, t);
	if (word) {
		*at = span_join(before->span, t->span);
		return word;
	}
	*at = t->span;
	word = unsupported(words_find(&p->words, t->text, t->len));
	return word && word->in_rules_only && !stream_in_rule(&p->stream) ? NULL : word;
}

/* ---- words that nobody knows ---- */

/* Of the names of tokens: "drop", not "a word" nor "'{'". */
static bool is_keyword(const char *expected)
{
	return expected[0] >= 'a' && expected[0] <= 'z' && !strchr(expected, ' ');
}

/* The keyword that could stand there and that 'word' is meant to be. */
static const char *nearest_expected(struct parser *p, const char *word, const char *const *expected, size_t n)
{
	const char **keywords = arena_make_array(p->arena, n + 1, const char *);
	size_t n_keywords = 0;

	for (size_t i = 0; i < n; i++)
		if (is_keyword(expected[i]))
			keywords[n_keywords++] = expected[i];
	return diag_suggest(word, keywords, n_keywords);
}

/* That one, or else any. */
static const char *suggestion(struct parser *p, const char *word, const char *const *expected, size_t n)
{
	const char *guess = nearest_expected(p, word, expected, n);

	return guess ? guess : words_suggest(&p->words, p->arena, NULL, word);
}

static void unknown_word(struct parser *p, const struct token *t, const char *after, const char *guess)
{
	if (after)
		diag_error(p->diag, DIAG_UNKNOWN_WORD, t->span, "unknown keyword '%s' after '%s'", shown(p, t), after);
	else
		diag_error(p->diag, DIAG_UNKNOWN_WORD, t->span, "unknown keyword '%s'", shown(p, t));
	if (guess)
		diag_did_you_mean(p->diag, t->span, guess, SPAN_NONE);
}

/* "add tabel t c": a name was expected behind "add" too, so the error comes later. */
static bool misspelt_object(struct parser *p)
{
	static const char *const objects[] = { "table", "chain", "rule", "set", "map", "element", "counter", "limit" };
	const struct stream *s = &p->stream;
	const char *guess;

	if (stream_block(s) || s->second.kind != TOK_WORD)
		return false;
	guess = diag_suggest(shown(p, &s->second), objects, sizeof(objects) / sizeof(*objects));
	if (guess)
		unknown_word(p, &s->second, "add", guess);
	return guess;
}

/* "ip sadr", "ip": the error is behind the first word. */
static const struct token *begins_unknown_field(struct parser *p, const struct token *t)
{
	const struct word *word = words_find(&p->words, t->text, t->len);

	if (!word || !word->begins_field || word->field >= 0)
		return NULL;
	return stream_peek(p, 0);
}

/* "ip" and the end of the line: names what could follow. */
static void incomplete_field(struct parser *p, const struct token *first, const struct token *next)
{
	struct buf text = { .arena = p->arena };

	for (size_t i = 0; i < p->words.n; i++) {
		const struct word *word = &p->words.v[i];

		if (word->field < 0 || word->len <= first->len || memcmp(word->text, first->text, first->len) ||
		    word->text[first->len] != ' ')
			continue;
		buf_printf(&text, "%s'%s'", text.len ? ", " : "", word->text + first->len + 1);
	}
	diag_error(p->diag, DIAG_SYNTAX, next->span, "'%s' is incomplete, expected one of %s", shown(p, first),
		   text.text);
	explain_protocol(p, first);
}

/* ---- what could stand there ---- */

/* Tokens that are so many that one phrase says them better. */
struct crowd {
	const char *sign[2];  /* when these may stand there ... */
	const char *name;     /* ... this is said for the first ... */
	const char *than[20]; /* ... and none of these */
};

static const struct crowd crowds[] = {
	{ { "a match", "counter" },
	  "a statement",
	  { "','", "counter", "limit", "log", "reject", "accept", "drop", "continue", "return", "jump", "goto",
	    "tproxy", "ssh-local", "dhcp", "fib", "type", "policy", "flags", "comment" } },
	{ { "a match" }, "a match", { "fib" } },
	{ { "an IPv4 address" },
	  "a value",
	  { "an IPv6 address", "a link-layer address", "a class", "a number", "a string", "a word", "a protocol",
	    "a $variable", "a @set", "ip", "ip6", "'{'", "'*'" } },
	{ { "a word" }, "a name", { "a string" } },
	{ { "==" }, "a comparison", { "!=", "<", ">", "<=", ">=", "!" } },
	{ { "add" },
	  "a table or command",
	  { "table", "create", "insert", "replace", "delete", "destroy", "rename", "flush", "chain", "set", "map",
	    "rule", "element", "counter", "limit" } },
	{ { "chain", "include" },
	  "a chain, a set, a map, a counter or a limit",
	  { "set", "map", "counter", "limit", "comment" } },
	{ { "typeof" },
	  "a property of the set",
	  { "type", "flags", "timeout", "gc-interval", "size", "policy", "counter", "limit", "auto-merge", "elements",
	    "comment" } },
	{ { "end of line" }, "end of line", { "';'", "}", "end of file" } },
};
#define N_CROWDS (sizeof(crowds) / sizeof(*crowds))

/* What may stand behind every value or statement: said only elsewhere. */
static const char *const minor[] = {
	"end of line within '{ }'",
	"&",
	"|",
	"^",
	"<<",
	">>",
	"'.'",
	"'-'",
	"'/'",
	"'('",
	"vmap",
	"map",
	"set",
	"timeout",
	"expires",
	"comment",
	"counter",
	"define",
	"redefine",
	"undefine",
	"include",
};

/* A keyword, where any name could stand. */
static bool is_one_of_many_names(struct parser *p, const char *const *expected, size_t n, const char *name)
{
	const struct word *word = words_find(&p->words, name, strlen(name));

	return word && word->is_name && has(expected, n, "a word");
}

/* How to say that the token of this name could stand there, NULL for not at all. */
static const char *wording(struct parser *p, const char *const *expected, size_t n, const char *name)
{
	int before = p->stream.before.kind;

	if (is_one_of_many_names(p, expected, n, name))
		return NULL;
	if (before == TOK_COMMENT || before == TOK_PREFIX)
		return strcmp(name, "a word") ? name : NULL;
	if (before == TOK_NUMBER && !strcmp(name, "a word"))
		return "a unit";
	if (before == TOK_NUMBER && !strcmp(name, "reserved word")) /* units that are other words too */
		return NULL;
	for (size_t i = 0; i < N_CROWDS; i++) {
		const struct crowd *c = &crowds[i];

		if (!has(expected, n, c->sign[0]) || (c->sign[1] && !has(expected, n, c->sign[1])))
			continue;
		if (!strcmp(name, c->sign[0]))
			return c->name;
		if (has(c->than, sizeof(c->than) / sizeof(*c->than), name))
			return NULL;
	}
	if (strchr(name, ' ') || name[0] == '\'')
		return name;
	return arena_printf(p->arena, "'%s'", name);
}

/* Up to MAX_EXPECTED wordings into 'says'; more when there are more. */
static size_t wordings(struct parser *p, const char *const *expected, size_t n, bool also_minor, const char **says)
{
	size_t n_says = 0;

	for (size_t i = 0; i < n && n_says <= MAX_EXPECTED; i++) {
		const char *says_it = wording(p, expected, n, expected[i]);

		if (!says_it || (!also_minor && has(minor, sizeof(minor) / sizeof(*minor), expected[i])))
			continue;
		if (n_says < MAX_EXPECTED)
			says[n_says] = says_it;
		n_says++;
	}
	return n_says;
}

/* ", expected 'a', 'b' or 'c'"; nothing when there is too much to choose from. */
static const char *expectation(struct parser *p, const char *const *expected, size_t n)
{
	struct buf text = { .arena = p->arena };
	const char *says[MAX_EXPECTED];
	bool also_minor = !has(expected, n, "a match") && !has(expected, n, "an IPv4 address") &&
			  !has(expected, n, "'}'") && !has(expected, n, "end of line");
	size_t n_says = wordings(p, expected, n, also_minor, says);

	if (n_says > MAX_EXPECTED)
		return "";
	for (size_t i = 0; i < n_says; i++)
		buf_printf(&text, "%s%s", i == 0 ? ", expected " : i + 1 < n_says ? ", " : " or ", says[i]);
	return n_says ? text.text : "";
}

/* "vmp {": the word before was taken for a value, but is a misspelt keyword. */
static const char *misspelt_before(struct parser *p)
{
	static const char *const keywords[] = { "set", "map", "vmap", "type", "and", "or", "xor", "lshift", "rshift" };
	const struct token *before = &p->stream.before;

	if (before->kind != TOK_WORD)
		return NULL;
	return diag_suggest(shown(p, before), keywords, sizeof(keywords) / sizeof(*keywords));
}

static void show_open_brace(struct parser *p, const char *const *expected, size_t n)
{
	const struct stream *s = &p->stream;
	const struct brace *brace = s->braces.n > s->stmt_braces ? &s->braces.v[s->braces.n - 1] : NULL;

	if (brace && brace->multiline && has(expected, n, "'}'"))
		diag_note(p->diag, brace->span, "the '{' of these elements is here");
}

static void unexpected(struct parser *p, const struct token *t, const char *const *expected, size_t n)
{
	const char *what = expectation(p, expected, n), *guess;

	if (t->kind == TOK_END || (t->kind == TOK_NEWLINE && !t->len))
		diag_error(p->diag, DIAG_SYNTAX, t->span, "unexpected end of file%s", what);
	else if (t->kind == TOK_NEWLINE || t->kind == TOK_SET_NEWLINE)
		diag_error(p->diag, DIAG_SYNTAX, t->span, "unexpected end of line%s", what);
	else
		diag_error(p->diag, DIAG_SYNTAX, t->span, "unexpected '%s'%s", shown(p, t), what);
	guess = misspelt_before(p);
	if (guess)
		diag_did_you_mean(p->diag, p->stream.before.span, guess, p->stream.before.span);
	else if (is_word(t) && t->len > 4 && (guess = nearest_expected(p, shown(p, t), expected, n)))
		diag_did_you_mean(p->diag, t->span, guess, SPAN_NONE);
	show_open_brace(p, expected, n);
}

/* ---- */

/* The text ends here, within a block: that is what there is to say about it, and
 * the stream says it; unless the last token is none, which is said instead. */
static bool breaks_off(struct parser *p)
{
	struct stream *s = &p->stream;
	size_t end = begins_unknown_field(p, &s->last) ? 1 : 0;

	if (!s->braces.n || !s->last.len || stream_peek(p, end)->kind != TOK_END)
		return false;
	if (s->last.kind != TOK_BAD)
		return true;
	s->cut_short = true;
	return false;
}

/* A keyword where only a name can stand.  Behind a number that is a unit. */
static bool is_reserved_here(struct parser *p, const struct token *t, const char *const *expected, size_t n)
{
	return is_word(t) && p->stream.before.kind != TOK_NUMBER && t->kind != TOK_WORD && t->kind != TOK_FIELD &&
	       has(expected, n, "a word") && !has(expected, n, "an IPv4 address") && !has(expected, n, "inet");
}

/* "table inte fw": it is the word before that is wrong. */
static bool unknown_family(struct parser *p, const struct token *t)
{
	static const char *const families[] = { "ip", "ip6", "inet", "netdev" };
	const struct token *before = &p->stream.before;
	const char *guess;

	if (p->stream.first != TOK_TABLE || t->kind != TOK_WORD || before->kind != TOK_WORD)
		return false;
	diag_error(p->diag, DIAG_UNKNOWN_FAMILY, before->span,
		   "unknown family '%s', expected 'ip', 'ip6', 'inet' or 'netdev'", shown(p, before));
	guess = diag_suggest(shown(p, before), families, sizeof(families) / sizeof(*families));
	if (guess)
		diag_did_you_mean(p->diag, before->span, guess, SPAN_NONE);
	return true;
}

static bool is_rule_block(const struct stream *s)
{
	int block = stream_block(s);

	return block && block != TOK_TABLE;
}

/* Something of a rule, outside of chains. */
static bool is_rule_outside(struct parser *p, const struct token *t)
{
	const struct stream *s = &p->stream;
	const struct word *word = words_find(&p->words, t->text, t->len);

	if (is_rule_block(s) || s->before.kind == '=' || t->kind != s->first || !word)
		return false;
	return word->begins_field || (t->kind >= TOK_COUNTER && t->kind <= TOK_SSH_LOCAL) || t->kind == TOK_DHCP;
}

/* Could a keyword stand here, so that an unknown word is probably meant as one? */
static bool wants_keyword(const char *const *expected, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (is_keyword(expected[i]))
			return true;
	}
	return false;
}

/* Could a statement, or a line of a block, begin here? */
static bool wants_statement(const char *const *expected, size_t n)
{
	return (has(expected, n, "a match") && has(expected, n, "counter")) || has(expected, n, "include");
}

/* "chain c { }" at the top. */
static bool without_table(struct parser *p, const struct token *t, bool *skip_block)
{
	const struct stream *s = &p->stream;

	if (t->kind != TOK_BLOCK_OPEN || s->braces.n != 1 || stream_block(s) == TOK_TABLE)
		return false;
	*skip_block = true;
	diag_error(p->diag, DIAG_MISPLACED, s->before.span,
		   "'%s' belongs to no table, write it within 'table ... { }', or the table's name before its own",
		   shown(p, &s->before));
	return true;
}

/* A word that is none of the language, or not there. */
static void bad_word(struct parser *p, const struct token *t, const char *const *expected, size_t n)
{
	const struct token *next = begins_unknown_field(p, t);
	const char *word = shown(p, t), *guess;

	if (next && next->kind == TOK_WORD) {
		guess = words_suggest(&p->words, p->arena, word, shown(p, next));
		unknown_word(p, next, word, guess);
		return;
	}
	if (next) {
		incomplete_field(p, t, next);
		return;
	}
	guess = t->kind == TOK_WORD && wants_keyword(expected, n) ? suggestion(p, word, expected, n) : NULL;
	if (guess || (t->kind == TOK_WORD && wants_statement(expected, n) && !misspelt_before(p)))
		unknown_word(p, t, NULL, guess);
	else
		unexpected(p, t, expected, n);
}

static void say(struct parser *p, const char *const *expected, size_t n, bool *skip_block)
{
	const struct token *t = &p->stream.last;
	const struct word *word;
	struct span at;

	if (t->kind == TOK_BAD) {
		diag_error(p->diag, DIAG_BAD_TOKEN, t->span, "%s", t->message);
		return;
	}
	if (is_reserved_here(p, t, expected, n)) {
		diag_error(p->diag, DIAG_RESERVED_WORD, t->span, "'%s' is a word of the language and can't be a name",
			   shown(p, t));
		return;
	}
	word = find_unsupported(p, &at);
	if (word) {
		*skip_block = word->whole_block;
		say_unsupported(p, at, word);
		return;
	}
	if (syntax_habit(p, t) || unknown_family(p, t) || misspelt_object(p) || without_table(p, t, skip_block))
		return;
	if (is_rule_outside(p, t))
		diag_error(p->diag, DIAG_MISPLACED, t->span,
			   "unexpected '%s', rules are written within 'chain ... { }'", shown(p, t));
	else
		bad_word(p, t, expected, n);
}

void syntax_error(struct parser *p, const char *const *expected, size_t n)
{
	bool skip_block = false;

	if (!p->stream.cut_short && !breaks_off(p)) {
		if (p->diag->errors < diag_limit(p->diag))
			say(p, expected, n, &skip_block);
		else /* only counted: don't spend time on the wording */
			diag_error(p->diag, DIAG_SYNTAX, p->stream.last.span, "one of many");
	}
	p->ast->dropped++;
	stream_recover(p, skip_block);
}
