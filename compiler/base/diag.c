/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/base/diag.h>

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include <compiler/base/arena.h>

#define DEFAULT_MAX_ERRORS 20

unsigned int diag_limit(const struct diag *d)
{
	return d->max_errors ? d->max_errors : DEFAULT_MAX_ERRORS;
}

const struct diag_code_info diag_codes[DIAG_CODES] = {
#define ERROR				      DIAG_ERROR
#define WARNING				      DIAG_WARNING
#define CODE(id, name, severity, cause, cure) { name, severity, cause, cure },
#include <compiler/base/codes.def>
#undef CODE
#undef WARNING
#undef ERROR
};

static void keep(struct diag *d, enum diag_severity severity, enum diag_code code, struct span at, const char *fmt,
		 va_list ap)
{
	*vec_push(d->arena, d) = (struct diag_message){
		.severity = severity,
		.code = code,
		.span = at,
		.text = arena_vprintf(d->arena, fmt, ap),
	};
}

int diag_error(struct diag *d, enum diag_code code, struct span at, const char *fmt, ...)
{
	va_list ap;

	assert(diag_codes[code].severity == DIAG_ERROR);
	d->dropping = d->errors++ >= diag_limit(d);
	if (d->dropping)
		return -1;
	va_start(ap, fmt);
	keep(d, DIAG_ERROR, code, at, fmt, ap);
	va_end(ap);
	return -1;
}

int diag_warning(struct diag *d, enum diag_code code, struct span at, const char *fmt, ...)
{
	va_list ap;

	assert(diag_codes[code].severity == DIAG_WARNING);
	d->dropping = d->warnings++ >= diag_limit(d);
	if (d->dropping)
		return -1;
	va_start(ap, fmt);
	keep(d, DIAG_WARNING, code, at, fmt, ap);
	va_end(ap);
	return -1;
}

int diag_note(struct diag *d, struct span at, const char *fmt, ...)
{
	va_list ap;

	if (d->dropping)
		return -1;
	va_start(ap, fmt);
	keep(d, DIAG_NOTE, d->n ? d->v[d->n - 1].code : 0, at, fmt, ap);
	va_end(ap);
	return -1;
}

/* Edit distance of 'a' and 'b' where swapping two neighbours is one edit.  Both
 * are at most WORD_MAX bytes. */
#define WORD_MAX 64
static unsigned int distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= nb; j++)
		last[j] = (unsigned int)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned int *spare = before;

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned int best = last[j - 1] + (a[i - 1] != b[j - 1]);

			best = last[j] + 1 < best ? last[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[nb];
}

const char *diag_suggest(const char *word, const char *const *words, size_t n)
{
	size_t len = strlen(word);
	unsigned int limit = len <= 4 ? 1 : 2;
	const char *best = NULL;

	if (len < 2 || len > WORD_MAX - 2)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t other = strlen(words[i]);
		unsigned int edits;

		if (other > len + 2 || len > other + 2 || other < 2)
			continue;
		edits = distance(word, len, words[i], other);
		if (edits && edits <= limit && edits < other) {
			best = words[i];
			limit = edits - 1;
		}
	}
	return best;
}
