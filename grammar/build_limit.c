/* SPDX-License-Identifier: GPL-2.0-only */
/* build_limit.c - rates: "over 10 mbytes/second burst 1 mbytes". */
#include <grammar/build.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
#include <grammar/parser.h>

#define BURST_PACKETS 5 /* when none is written, as nft */

static const char *const times[] = {
	[RATE_SECOND] = "second", [RATE_MINUTE] = "minute", [RATE_HOUR] = "hour",
	[RATE_DAY] = "day",	  [RATE_WEEK] = "week",
};
static const char *const sizes[] = { "bytes", "kbytes", "mbytes", "packets" };
#define N_BYTES	     3 /* of them */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The index of 'word', which is at 'at'; n and a message when there is none. */
static size_t find(struct parser *p, struct span at, const char *word, const char *const *words, size_t n,
		   const char *what)
{
	struct buf all = { .arena = p->arena };
	size_t i = 0;
	const char *guess;

	while (i < n && strcmp(words[i], word))
		i++;
	if (i < n)
		return i;
	guess = diag_suggest(word, words, n);
	for (i = 0; i < n; i++)
		buf_printf(&all, "%s'%s'", i == 0 ? "" : i + 1 < n ? ", " : " or ", words[i]);
	diag_error(p->diag, DIAG_UNKNOWN_WORD, at, "unknown %s '%s', expected %s", what, word, all.text);
	if (guess)
		diag_did_you_mean(p->diag, at, guess, SPAN_NONE);
	return n;
}

static enum ast_rate_unit time_of(struct parser *p, struct span at, const char *word)
{
	size_t i = find(p, at, word, times, COUNT(times), "unit of time");

	return i < COUNT(times) ? (enum ast_rate_unit)i : RATE_SECOND;
}

/* 'n' of the unit "kbytes", in bytes. */
static uint64_t bytes_of(struct parser *p, uint64_t n, struct span at, const char *word)
{
	size_t i = find(p, at, word, sizes, N_BYTES, "unit");

	if (i == N_BYTES)
		return n;
	if (n > UINT64_MAX >> 10 * i)
		diag_error(p->diag, DIAG_OUT_OF_RANGE, at, "%llu %s are too many", (unsigned long long)n, word);
	return n << 10 * i;
}

/* "kbytes/second" is one word for the scanner. */
static void split(struct parser *p, const struct token *t, struct token *size, struct token *time)
{
	const char *slash = memchr(t->text, '/', t->len);
	uint32_t len = slash ? (uint32_t)(slash - t->text) : t->len;

	*size = *time = *t;
	size->len = len;
	size->span.end = size->span.at + len;
	time->text += slash ? len + 1 : len;
	time->len -= slash ? len + 1 : len;
	time->span.at = time->span.end - time->len;
	if (!slash)
		diag_error(p->diag, DIAG_SYNTAX, t->span, "a rate is per unit of time, write for example '%s/second'",
			   text_of(p, t).text);
}

struct ast_limit build_rate(struct parser *p, const struct token *number, const struct token *size,
			    const struct token *time)
{
	struct ast_limit limit = { .rate = number->number, .bytes = size, .burst = size ? 0 : BURST_PACKETS };
	struct token parts[2];

	if (!limit.rate)
		diag_error(p->diag, DIAG_OUT_OF_RANGE, number->span, "a rate is at least 1");
	if (size && !time) {
		split(p, size, &parts[0], &parts[1]);
		size = &parts[0];
		time = &parts[1];
	}
	if (size)
		limit.rate = bytes_of(p, limit.rate, span_join(number->span, size->span), text_of(p, size).text);
	if (time->len)
		limit.unit = time_of(p, time->span, text_of(p, time).text);
	return limit;
}

struct ast_limit build_rate_over(struct ast_limit limit)
{
	limit.over = true;
	return limit;
}

struct ast_limit build_rate_burst(struct parser *p, struct ast_limit limit, const struct token *number,
				  const struct token *unit)
{
	struct word_text word = text_of(p, unit);
	bool packets = word_is(&word, "packets");

	if (find(p, unit->span, word.text, sizes, COUNT(sizes), "unit") == COUNT(sizes))
		return limit;
	if (packets == limit.bytes) {
		diag_error(p->diag, DIAG_SYNTAX, unit->span, "the burst is counted in %s as the rate is",
			   limit.bytes ? "bytes" : "packets");
		return limit;
	}
	if (packets && !number->number)
		diag_error(p->diag, DIAG_OUT_OF_RANGE, number->span, "a burst is at least one packet");
	limit.burst = packets ? number->number
			      : bytes_of(p, number->number, span_join(number->span, unit->span), word.text);
	if (limit.burst > UINT32_MAX)
		diag_error(p->diag, DIAG_OUT_OF_RANGE, span_join(number->span, unit->span),
			   "burst is out of range, at most %u are allowed", UINT32_MAX);
	return limit;
}

/* ---- statements ---- */

struct ast_stmt *build_limit(struct parser *p, struct span at, const struct ast_limit *limit)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_LIMIT);

	s->limit.limit = *limit;
	return s;
}

struct ast_stmt *build_limit_name(struct parser *p, struct span at, const struct word_text *name)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_LIMIT);

	s->limit.name = name ? name->text : "";
	s->limit.name_span = name ? name->span : at;
	return s;
}

struct ast_stmt *build_limit_variable(struct parser *p, struct span at, struct ast_value *variable)
{
	struct ast_stmt *s = new_stmt(p, at, STMT_LIMIT);

	s->limit.variable = variable;
	return s;
}
