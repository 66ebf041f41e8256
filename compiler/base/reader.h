/* SPDX-License-Identifier: GPL-2.0-only */
/* reader.h - how the pure stages get the text of an included file. */
#ifndef ZFWC_READER_H
#define ZFWC_READER_H

#include <stddef.h>

/* 'pattern' is as written in the include statement.  Absolute patterns, and
 * those that begin with "./" or "../", are taken as they are (relative to the
 * working directory, as nft does); others are looked up in the folders of the
 * include path: the first one that has the file counts.  Globs are expanded and
 * sorted, and mean the files of all those folders, the last folder's first.  Calls 'add' once per file
 * found, with a text that lives as long as the run.  Returns the number of
 * files, or -errno; a pattern without glob characters that names no file is
 * -ENOENT, with glob characters 0 is fine. */
struct include_reader {
	int (*read)(void *ctx, const char *pattern,
		    int (*add)(void *add_ctx, const char *name, const char *text, size_t len), void *add_ctx);
	void *ctx;
};

#endif
