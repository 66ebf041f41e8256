// SPDX-License-Identifier: GPL-2.0-only
/* fuzz_ir.c - any bytes through the whole compiler: refused with a place, or
 * accepted, and then the listing means and lists the same. */
#include "fuzz.h"

#include <string.h>

#include <compiler/ir.h>

#include "spans.h"

static void same_rules(const struct ir *x, const struct ir *y, const char *text, const char *listing)
{
	if (x->n_rules != y->n_rules)
		fuzz_fail("the listing has more or fewer rules", text, listing);
	for (size_t i = 0; i < x->n_rules; i++)
		if (x->rules[i]->identity != y->rules[i]->identity)
			fuzz_fail("a rule of the listing is another one", text, listing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f, again;
	const char *listing, *second;

	fuzz_begin(&f, data, size);
	if (!fuzz_compile(&f)) {
		listing = fuzz_listing(&f);
		fuzz_begin(&again, listing, strlen(listing));
		if (fuzz_compile(&again))
			fuzz_fail("the listing is refused", f.sources.v[0].text, listing);
		second = fuzz_listing(&again);
		if (strcmp(listing, second))
			fuzz_fail("the listing lists otherwise", listing, second);
		same_rules(f.compiled.ir, again.compiled.ir, f.sources.v[0].text, listing);
		fuzz_end(&again);
	}
	spans_check_messages(&f.diag);
	fuzz_end(&f);
	return 0;
}
