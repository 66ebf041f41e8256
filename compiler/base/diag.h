/* SPDX-License-Identifier: GPL-2.0-only */
/* diag.h - what is wrong with the user's text, and where.
 *
 * Stages report here and go on; nothing is printed before the end.  Wording:
 * lower case, no full stop, what is wrong, then what is allowed; the user's
 * words in single quotes. */
#ifndef ZFWC_DIAG_H
#define ZFWC_DIAG_H

#include <limits.h>

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
	enum diag_severity severity; /* as it is shown: an error also when -W made it one */
	enum diag_code code;	     /* that of its message if this is a note */
	struct span span;
	const char *text;
	struct span fix_at; /* a suggestion: what to replace ... */
	const char *fix;    /* ... and by what; NULL: none */
};

/* What the user wants of warnings, the last word about each code. */
enum diag_will { DIAG_WILL_UNSAID, DIAG_WILL_SHOW, DIAG_WILL_HIDE, DIAG_WILL_REFUSE };
struct diag_wills {
	bool refuse_all; /* -Werror */
	enum diag_will of[DIAG_CODES];
};

struct diag {
	struct arena *arena;
	struct sources *sources;
	struct diag_message *v; /* in the order reported; a note belongs to what stands before it */
	size_t n, cap;
	unsigned int errors, warnings;
	unsigned int refused;		/* warnings that -W made errors: no stage stops for them */
	unsigned int max_errors;	/* further ones are counted, not kept; 0 means 20; warnings likewise */
	const struct diag_wills *wills; /* NULL: all warnings are shown */
	bool dropping;			/* the last message was not kept, nor are its notes */
	bool text_damaged;		/* some of the text was not understood, see diag_unknown */
	bool text_missing;		/* some of it wasn't even read */
	bool colour;			/* for diag_print */
	unsigned int searches;		/* of the text by diag_unknown so far */
};

#define DIAG_NO_LIMIT UINT_MAX /* of max_errors */

/* Each returns -1, so that reporting can be the return statement.  The code must
 * be that of an error, or of a warning. */
int diag_error(struct diag *d, enum diag_code code, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int diag_warning(struct diag *d, enum diag_code code, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* An error about a name that nothing is declared by.  Says nothing when the text
 * is damaged and the name stands in it behind a word that declares, or when a
 * part of the text is missing: that is the error to mend. */
int diag_unknown(struct diag *d, enum diag_code code, struct span at, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Adds to the message before it (dropped together with it beyond max_errors). */
int diag_note(struct diag *d, struct span at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The note "did you mean 'text'?" at 'declared', which may be SPAN_NONE; that
 * 'text' should replace what stands at 'at', but for quotes around it or an '@'
 * before it, is kept as data. */
int diag_did_you_mean(struct diag *d, struct span at, const char *text, struct span declared);

/* Is there anything to refuse the text for? */
bool diag_failed(const struct diag *d);
/* Forgets all messages, once they are said. */
void diag_clear(struct diag *d);
/* Errors, and warnings, that are kept. */
unsigned int diag_limit(const struct diag *d);

/* What stands behind -W: error, no-error, error=CODE, no-error=CODE, CODE or
 * no-CODE.  Returns NULL, or what is wrong with it. */
const char *diag_wills_add(struct diag_wills *w, const char *text, struct arena *a);
enum diag_will diag_will_of(const struct diag_wills *w, enum diag_code code); /* 'w' may be NULL */
/* DIAG_CODES if there is none of this name. */
enum diag_code diag_code_find(const char *name, size_t len);

/* A message and the notes behind it. */
struct diag_group {
	const struct diag_message *v;
	size_t n;
};
/* Sorted by place; those of one place in the order reported. */
struct diag_group *diag_groups(const struct diag *d, size_t *n);

/* All messages as text, sorted by place (stable), each with its source line (cut
 * around the span when long: at most 100 columns are shown) and a caret line;
 * errors and warnings end in their code, as [name];
 * tabs of the source line are kept and copied into the caret line.  A note
 * without a place has that of its message.  Bytes that are not text are shown as
 * '?'.  Ends with a line that says how many errors were left out, if any were.
 * With d->colour, in the colours of a terminal. */
void diag_print(const struct diag *d, struct buf *out);

/* The nearest of 'n' words to 'word', or NULL if none is near enough to be a
 * misspelling: in other case; or with 1 edit for up to 4 letters, else 2, and not in
 * digits alone; or the beginning of a longer word, or the other way round. */
const char *diag_suggest(const char *word, const char *const *words, size_t n);

#endif
