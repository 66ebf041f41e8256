/* SPDX-License-Identifier: GPL-2.0-only */
/* fuzz.h - what the fuzz targets share. */
#ifndef ZFWC_TESTS_FUZZ_H
#define ZFWC_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include <compiler/base/diag.h>
#include <compiler/base/source.h>
#include <compiler/compile.h>

struct fuzz {
	struct arena *arena;
	struct sources sources;
	struct diag diag;
	struct compiled compiled;
};

/* One text, as the only source. */
void fuzz_begin(struct fuzz *f, const void *text, size_t len);
void fuzz_end(struct fuzz *f);
/* Compiles it for any machine; 0 when it is accepted. */
int fuzz_compile(struct fuzz *f);
/* The canonical text of what was compiled. */
const char *fuzz_listing(struct fuzz *f);

/* Ends the program: 'what' doesn't hold for 'text'. */
_Noreturn void fuzz_fail(const char *what, const char *text, const char *other);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
