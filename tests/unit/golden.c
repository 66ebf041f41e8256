/* SPDX-License-Identifier: GPL-2.0-only */
#include "golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

char *read_whole(struct arena *a, const char *path, size_t *len)
{
	struct buf b = { .arena = a };
	FILE *f = fopen(path, "r");
	char block[4096];
	size_t n;

	if (!f)
		return NULL;
	buf_puts(&b, "");
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_write(&b, block, n);
	fclose(f);
	if (len)
		*len = b.len;
	return b.text;
}

const char *source_path(struct arena *a, const char *below)
{
	const char *top = getenv("SRCDIR");

	return arena_printf(a, "%s/%s", top ? top : ".", below);
}

void golden_open(struct golden *g, struct arena *a, const char *below)
{
	glob_t found;

	*g = (struct golden){ .arena = a, .folder = source_path(a, below) };
	if (glob(arena_printf(a, "%s/*.nft", g->folder), 0, NULL, &found))
		fail_msg("no cases in %s, set SRCDIR", g->folder);
	g->n = found.gl_pathc;
	g->cases = arena_make_array(a, g->n, const char *);
	for (size_t i = 0; i < g->n; i++) {
		const char *base = strrchr(found.gl_pathv[i], '/') + 1;

		g->cases[i] = arena_strndup(a, base, strlen(base) - strlen(".nft"));
	}
	globfree(&found);
}

static const char *path_of(const struct golden *g, const char *name, const char *suffix)
{
	return arena_printf(g->arena, "%s/%s%s", g->folder, name, suffix);
}

char *golden_text(const struct golden *g, const char *name, size_t *len)
{
	char *text = read_whole(g->arena, path_of(g, name, ".nft"), len);

	assert_non_null(text);
	return text;
}

static void update(const char *path, const char *text)
{
	FILE *f;

	if (!*text) {
		unlink(path);
		return;
	}
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0 && !fclose(f));
}

void golden_check(const struct golden *g, const char *name, const char *suffix, const char *text)
{
	const char *path = path_of(g, name, suffix), *golden;

	if (getenv("GOLDEN_UPDATE")) {
		update(path, text);
		return;
	}
	golden = read_whole(g->arena, path, NULL);
	if (strcmp(golden ? golden : "", text))
		print_message("# %s%s differs, it is now:\n%s\n", name, suffix, text);
	assert_string_equal(text, golden ? golden : "");
}
