/* SPDX-License-Identifier: GPL-2.0-only */
/* ast_dump.h - the tree as text, a node a line; private to the ast_dump*.c. */
#ifndef ZFWC_AST_DUMP_H
#define ZFWC_AST_DUMP_H

#include <grammar/ast.h>

struct dump {
	struct sources *sources;
	struct buf *out;
	unsigned int depth;
};

/* A line for a node, from its kind to its place. */
void dump_node(struct dump *d, struct span span, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* One level deeper: a list of values, or one. */
void dump_items(struct dump *d, const struct ast_value *v);
/* A line that names a part, and the part; nothing for NULL. */
void dump_part(struct dump *d, const char *name, const struct ast_value *v);
/* "rate 5 packets/second burst 5 packets" */
const char *dump_limit_text(struct dump *d, const struct ast_limit *l);
void dump_rule(struct dump *d, const struct ast_rule *r);

#endif
