/* SPDX-License-Identifier: GPL-2.0-only */
/* spans.h - are all the places that a tree and its messages name in the texts? */
#ifndef ZFWC_TESTS_SPANS_H
#define ZFWC_TESTS_SPANS_H

#include <compiler/base/diag.h>
#include <grammar/ast.h>

/* Ends the program with a message when a span begins behind its end, lies outside
 * its text, or reaches from one text into another. */
void spans_check_tree(const struct ast *ast, struct sources *sources);
/* The same for messages; each error must have a place. */
void spans_check_messages(const struct diag *d);

#endif
