/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/base/diag.h>

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include <compiler/base/arena.h>

#define DEFAULT_MAX_ERRORS 20
#define MAX_SEARCHES	   64  /* of a damaged text for declarations */
#define LOOK_BACK	   300 /* bytes from a name to the word that declares it */

const struct diag_code_info diag_codes[DIAG_CODES] = {
#define ERROR				      DIAG_ERROR
#define WARNING				      DIAG_WARNING
#define CODE(id, name, severity, cause, cure) { name, severity, cause, cure },
#include <compiler/base/codes.def>
#undef CODE
#undef WARNING
#undef ERROR
};

/* ---- counting ---- */

unsigned int diag_limit(const struct diag *d)
{
	return d->max_errors ? d->max_errors : DEFAULT_MAX_ERRORS;
}

bool diag_failed(const struct diag *d)
{
	return d->errors || d->refused;
}

void diag_clear(struct diag *d)
{
	d->n = 0;
	d->errors = d->warnings = d->refused = 0;
}

/* ---- reporting ---- */

static void keep(struct diag *d, enum diag_severity severity, enum diag_code code, struct span at, const char *fmt,
		 va_list ap)
{
	if (d->dropping)
		return;
	*vec_push(d->arena, d) = (struct diag_message){
		.severity = severity,
		.code = code,
		.span = at,
		.text = arena_vprintf(d->arena, fmt, ap),
	};
}

static int error(struct diag *d, enum diag_code code, struct span at, const char *fmt, va_list ap)
{
	assert(diag_codes[code].severity == DIAG_ERROR);
	d->dropping = d->errors++ >= diag_limit(d);
	d->text_missing |= code == DIAG_BAD_INCLUDE || code == DIAG_NOT_TEXT || code == DIAG_TOO_LARGE;
	keep(d, DIAG_ERROR, code, at, fmt, ap);
	return -1;
}

int diag_error(struct diag *d, enum diag_code code, struct span at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	error(d, code, at, fmt, ap);
	va_end(ap);
	return -1;
}

int diag_warning(struct diag *d, enum diag_code code, struct span at, const char *fmt, ...)
{
	enum diag_will will = diag_will_of(d->wills, code);
	va_list ap;

	assert(diag_codes[code].severity == DIAG_WARNING);
	d->dropping = will == DIAG_WILL_HIDE;
	if (d->dropping)
		return -1;
	d->dropping = d->warnings + d->refused >= diag_limit(d);
	++*(will == DIAG_WILL_REFUSE ? &d->refused : &d->warnings);
	va_start(ap, fmt);
	keep(d, will == DIAG_WILL_REFUSE ? DIAG_ERROR : DIAG_WARNING, code, at, fmt, ap);
	va_end(ap);
	return -1;
}

int diag_note(struct diag *d, struct span at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keep(d, DIAG_NOTE, d->n ? d->v[d->n - 1].code : 0, at, fmt, ap);
	va_end(ap);
	return -1;
}

/* The sign that a set is referred to by isn't part of its name, nor are quotes. */
static struct span of_name(const struct diag *d, struct span at, const char *text)
{
	struct position p;
	char first;

	if (!sources_locate(d->sources, at.at, &p) || p.column > p.line_len)
		return at;
	first = p.line_text[p.column - 1];
	if ((first != '@' && first != '"') || *text == first)
		return at;
	return (struct span){ at.at + 1, first == '"' && at.end > at.at + 1 ? at.end - 1 : at.end };
}

int diag_did_you_mean(struct diag *d, struct span at, const char *text, struct span declared)
{
	size_t head = d->n;

	if (d->dropping)
		return -1;
	while (head && d->v[--head].severity == DIAG_NOTE)
		;
	d->v[head].fix_at = of_name(d, at, text);
	d->v[head].fix = text;
	return diag_note(d, declared, "did you mean '%s'?", text);
}

/* ---- names that nothing declares ---- */

static bool is_name_character(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_./\\-", c));
}

static bool is_word_at(const char *text, size_t len, size_t at, const char *word, size_t n)
{
	return n <= len - at && !memcmp(text + at, word, n) && (!at || !is_name_character(text[at - 1])) &&
	       (at + n == len || !is_name_character(text[at + n]));
}

/* Is there a word before text[at] that declares names, with nothing between but
 * other words, as in "add set ip fw "? */
static bool is_behind_declarer(const char *text, size_t len, size_t at)
{
	static const char *const words[] = { "set", "map", "chain", "table", "define", "redefine", "counter", "limit" };
	size_t first = at > LOOK_BACK ? at - LOOK_BACK : 0;

	while (at > first && (is_name_character(text[at - 1]) || text[at - 1] == ' ' || text[at - 1] == '\t')) {
		at--;
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (is_word_at(text, len, at, words[i], strlen(words[i])))
				return true;
	}
	return false;
}

static bool text_declares(const struct source *src, const char *name)
{
	size_t n = strlen(name);
	const char *end = src->text + src->len;

	for (const char *p = src->text; n && (p = memmem(p, (size_t)(end - p), name, n)); p++) {
		size_t at = (size_t)(p - src->text);

		if (is_word_at(src->text, src->len, at, name, n) && is_behind_declarer(src->text, src->len, at))
			return true;
	}
	return false;
}

static bool may_be_declared(struct diag *d, const char *name)
{
	if (!d->text_damaged)
		return false;
	if (d->text_missing || d->searches++ >= MAX_SEARCHES)
		return true;
	for (size_t i = 0; i < d->sources->n; i++)
		if (text_declares(&d->sources->v[i], name))
			return true;
	return false;
}

int diag_unknown(struct diag *d, enum diag_code code, struct span at, const char *name, const char *fmt, ...)
{
	va_list ap;

	d->dropping = may_be_declared(d, name);
	if (d->dropping)
		return -1;
	va_start(ap, fmt);
	error(d, code, at, fmt, ap);
	va_end(ap);
	return -1;
}
