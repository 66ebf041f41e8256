/* SPDX-License-Identifier: GPL-2.0-only */
/* compile.h - the compiler as its callers see it: text and facts in, ruleset,
 * IR and image out.  Pure. */
#ifndef ZFWC_COMPILE_H
#define ZFWC_COMPILE_H

#include <stddef.h>
#include <stdint.h>

#include <compiler/base/source.h>

struct arena;
struct ast;
struct ast_chain;
struct ast_table;
struct buf;
struct diag;
struct facts;
struct ir;

struct include_reader; /* compiler/base/reader.h */

/* A bound tree: defines replaced, blocks of one name merged, references and
 * types checked.  Tables and chains in text order of their first mention. */
struct ruleset {
	struct ast_table *tables; /* linked by next; sets, chains and rules inside are the merged ones */
	size_t n_rules;
	struct ast_chain **base_chains; /* in evaluation order: priority, then text */
	size_t n_base_chains;
};

struct compile_define {
	const char *name, *value; /* -D name=value */
};

struct compile_options {
	const struct include_reader *reader;
	const struct compile_define *defines;
	size_t n_defines;
};

/* Stage by stage; each reports to 'd', each may be called after errors of the
 * one before it (it works on what is there), and returns -1 if 'd' has errors. */
int compile_parse(size_t source, struct sources *sources, const struct compile_options *options, struct diag *d,
		  struct arena *a, struct ast **ret);
int compile_resolve(struct ast *ast, struct diag *d, struct arena *a, struct ruleset **ret);
int compile_lower(const struct ruleset *rs, const struct facts *facts, struct diag *d, struct arena *a,
		  struct ir **ret);

struct compiled {
	struct ast *ast;
	struct ruleset *ruleset;
	struct ir *ir;
};
/* All of them, whatever errors the ones before left. */
int compile(size_t source, struct sources *sources, const struct facts *facts, const struct compile_options *options,
	    struct diag *d, struct arena *a, struct compiled *ret);

/* Warns of rules that are right, but probably not what was meant; of a ruleset
 * without errors.  'ast' is that of compile_parse, with what resolving has added. */
void compile_check(const struct compiled *compiled, const struct facts *facts, struct diag *d, struct arena *a);

/* Warns of what nft would refuse, or take for something else. */
void compile_check_portable(const struct ruleset *rs, struct diag *d, struct arena *a);

/* The name of the text that holds the definitions of the command line. */
#define COMPILE_COMMAND_LINE "<command line>"

/* runtime/ may not include grammar/: the dumps it offers. */
void compile_dump_tokens(size_t source, struct sources *sources, struct diag *d, struct arena *a, struct buf *out);
void compile_dump_ast(const struct ast *ast, struct sources *sources, struct buf *out);

#endif
