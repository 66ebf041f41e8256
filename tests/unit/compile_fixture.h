/* SPDX-License-Identifier: GPL-2.0-only */
/* compile_fixture.h - texts in memory, compiled. */
#ifndef ZFWC_COMPILE_FIXTURE_H
#define ZFWC_COMPILE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include <compiler/base/diag.h>
#include <compiler/base/source.h>
#include <compiler/compile.h>
#include <compiler/facts.h>
#include <compiler/listing.h>

struct arena;

/* What the compiler made of a text; lives in 'arena'.  Members behind a stage
 * that failed are NULL. */
struct fixture {
	struct arena *arena;
	struct sources sources;
	struct diag diag;
	struct compiled compiled;
};

/* lo 1, eth0 2, eth1 3, wg0 4 */
extern const struct facts fixture_facts;

/* The text is named 'name'. */
void fixture_compile(struct fixture *f, const char *name, const char *text, const struct facts *facts,
		     const struct compile_options *options);
void fixture_free(struct fixture *f);

/* As text, in the arena of 'f'. */
const char *fixture_messages(struct fixture *f);
const char *fixture_ir(struct fixture *f, const struct facts *facts);
/* Emitted against nothing. */
const char *fixture_image(struct fixture *f, const struct facts *facts);
const char *fixture_listing(struct fixture *f, bool element_per_line);
struct listing fixture_lines(struct fixture *f, bool element_per_line);

/* The listing parses to itself and to the same rules, and comes back from its
 * packed form. */
void fixture_check_reads_back(struct fixture *f, const struct facts *facts, bool element_per_line);

#endif
