// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/base/diag.h>
#include <compiler/base/source.h>
#include <compiler/compile.h>
#include <compiler/facts.h>
#include <compiler/image.h>
#include <tests/bench/bench.h>

void bench_image(const char *text, const char *device, uint32_t ifindex, struct arena *a, struct image *ret)
{
	struct fact_interface interface = { .name = device, .index = ifindex };
	struct facts facts = { .v = &interface, .n = 1 };
	struct sources sources = { .arena = a };
	struct diag diag = { .arena = a, .sources = &sources };
	const struct compile_options options = { 0 };
	const struct emit_options emit = { 0 };
	struct buf messages = { .arena = a };
	struct compiled compiled;

	sources_add(&sources, device, text, strlen(text), SPAN_NONE);
	if (!compile(0, &sources, &facts, &options, &diag, a, &compiled) &&
	    !emit_image(compiled.ir, &facts, &emit, NULL, &diag, a, ret))
		return;
	diag_print(&diag, &messages);
	fputs(messages.text, stderr);
	exit(1);
}
