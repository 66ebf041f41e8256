// SPDX-License-Identifier: GPL-2.0-only
/* fuzz_fmt.c - any bytes through 'fmt': refused with a place, or formatted, and
 * then a second time changes nothing, and it means the same. */
#include "fuzz.h"

#include <string.h>

#include <compiler/base/buf.h>
#include <compiler/fmt.h>

#include "spans.h"

/* NULL: it is refused. */
static const char *formatted(struct fuzz *f, const void *text, size_t len)
{
	static const struct compile_options none;
	struct buf out;

	fuzz_begin(f, text, len);
	out = (struct buf){ .arena = f->arena };
	return fmt(0, &f->sources, &none, &f->diag, f->arena, &out) ? NULL : out.text;
}

/* NULL: it can't be compiled by itself. */
static const char *listed(struct fuzz *f, const void *text, size_t len)
{
	fuzz_begin(f, text, len);
	return fuzz_compile(f) ? NULL : fuzz_listing(f);
}

static void check_meaning(const uint8_t *data, size_t size, const char *text)
{
	struct fuzz before, after;
	const char *was = listed(&before, data, size), *is;

	if (was) {
		is = listed(&after, text, strlen(text));
		if (!is || strcmp(was, is))
			fuzz_fail("formatted, it means something else", before.sources.v[0].text, text);
		fuzz_end(&after);
	}
	fuzz_end(&before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f, again;
	const char *text = formatted(&f, data, size), *second;

	if (text) {
		second = formatted(&again, text, strlen(text));
		if (!second || strcmp(text, second))
			fuzz_fail("a second time it comes out otherwise", text, second ? second : "refused");
		fuzz_end(&again);
		check_meaning(data, size, text);
	}
	spans_check_messages(&f.diag);
	fuzz_end(&f);
	return 0;
}
