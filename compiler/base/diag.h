/* SPDX-License-Identifier: GPL-2.0-only */
/* diag.h - what is wrong with the user's text, and where.
 *
 * Stages report here and go on; nothing is printed before the end.  Wording:
 * lower case, no full stop, what is wrong, then what is allowed; the user's
 * words in single quotes. */
#ifndef ZFWC_DIAG_H
#define ZFWC_DIAG_H

#include <compiler/base/source.h>

struct arena;
struct buf;

enum diag_severity { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

/* Which diagnostic a message is: DIAG_<ID> for each row of codes.def. */
enum diag_code {
#define CODE(id, name, severity, cause, cure) DIAG_##id,
#include <compiler/base/codes.def>
#undef CODE
	DIAG_CODES
};

/* What users and the manual know of a code. */
struct diag_code_info {
	const char *name;
	enum diag_severity severity;
	const char *cause, *cure;
};

extern const struct diag_code_info diag_codes[DIAG_CODES];

struct diag_message {
	enum diag_severity severity;
	enum diag_code code; /* that of its message if this is a note */
	struct span span;
	const char *text;
};

struct diag {
	struct arena *arena;
	struct sources *sources;
	struct diag_message *v; /* in the order reported; a note belongs to what stands before it */
	size_t n, cap;
	unsigned int errors, warnings;
	unsigned int max_errors; /* further ones are counted, not kept; 0 means 20; warnings likewise */
	bool dropping;		 /* the last message was not kept, nor are its notes */
};

/* Each returns -1, so that reporting can be the return statement.  The code must
 * be that of an error, or of a warning. */
int diag_error(struct diag *d, enum diag_code code, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int diag_warning(struct diag *d, enum diag_code code, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Adds to the message before it (dropped together with it beyond max_errors). */
int diag_note(struct diag *d, struct span at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Errors, and warnings, that are kept. */
unsigned int diag_limit(const struct diag *d);

/* All messages as text, sorted by place (stable), each with its source line (cut
 * around the span when long: at most 100 columns are shown) and a caret line;
 * errors and warnings end in their code, as [name];
 * tabs of the source line are kept and copied into the caret line.  A note
 * without a place has that of its message.  Bytes that are not text are shown as
 * '?'.  Ends with a line that says how many errors were left out, if any were. */
void diag_print(const struct diag *d, struct buf *out);

/* The nearest of 'n' words to 'word' by edit distance, or NULL if none is near
 * enough to be a misspelling (distance 1 for up to 4 letters, else 2). */
const char *diag_suggest(const char *word, const char *const *words, size_t n);

#endif
