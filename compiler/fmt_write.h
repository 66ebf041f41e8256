/* SPDX-License-Identifier: GPL-2.0-only */
/* fmt_write.h - what the files of 'fmt' share.  Internal.
 *
 *	fmt.c		the order of things: items, blocks
 *	fmt_command.c	commands
 *	fmt_bound.c	what is written as it is bound
 *	fmt_set.c	sets that take several lines
 *	fmt_weave.c	lines and comments to text */
#ifndef ZFWC_FMT_WRITE_H
#define ZFWC_FMT_WRITE_H

#include <compiler/compile.h>
#include <compiler/listing_write.h>
#include <compiler/table.h>

/* A comment, once it is written. */
struct note {
	const struct ast_comment *comment;
	bool written;
};

struct formatter {
	struct writer w;
	const struct source *source;
	const struct ast *ast;
	size_t first_include; /* of the texts that stand for include statements */
	struct {
		struct note *v;
		size_t n, cap;
	} notes; /* of the source, in its order */
	bool in_define;

	/* What the text is bound to, if it stands on its own. */
	struct {
		bool known;
		bool commands; /* some of them change what blocks say */
		const struct ruleset *ruleset;
		struct table rules;  /* struct ast_rule by the place of its text */
		struct table tables; /* struct ast_table by "family name" */
		struct table sets;   /* struct ast_set by "family table name" */
		struct table blocks; /* the first struct ast_table of the text by "family name" ... */
		struct table others; /* ... and another one */
	} bound;
};

/* fmt_bound.c */
/* Binds the text.  Returns -1 with errors in 'd'. */
int fmt_bind(struct formatter *f, size_t source, struct sources *sources, const struct compile_options *options,
	     struct diag *d);
/* The bound form of what has no variables in it, else the same as 'rule'. */
const struct ast_rule *fmt_bound_rule(struct formatter *f, const struct ast_rule *rule);
/* NULL when the set must be written as it is. */
const struct ast_set *fmt_bound_set(struct formatter *f, const struct ast_table *t, const struct ast_set *set);
/* NULL when the block must be written as it is. */
const struct ast_table *fmt_bound_table(struct formatter *f, const struct ast_table *block);
/* For the types of its elements; NULL when it isn't known. */
const struct ast_set *fmt_find_set(struct formatter *f, enum ast_family family, const char *table, const char *name);

/* fmt_set.c */
bool fmt_set(struct printer *p, const struct ast_value *set, const struct value_types *types);
bool fmt_elements(struct writer *w, const struct ast_set *set);
/* Is there a comment not written yet in [at, end)? */
bool fmt_has_notes(const struct formatter *f, uint32_t at, uint32_t end);
const char *fmt_text_at(const struct formatter *f, uint32_t at);

/* fmt_command.c */
void fmt_command(struct formatter *f, const struct ast_command *c);

/* fmt.c */
void fmt_rule(struct formatter *f, const struct ast_rule *rule, const char *head);
void fmt_chain(struct formatter *f, const char *head, const struct ast_chain *chain, enum ast_family family);
void fmt_table(struct formatter *f, const char *head, const struct ast_table *t);

/* fmt_weave.c */
void fmt_weave(struct formatter *f, struct buf *out);

#endif
