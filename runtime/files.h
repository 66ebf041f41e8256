/* SPDX-License-Identifier: GPL-2.0-only */
/* files.h - reading rule files, and finding the files they include. */
#ifndef ZFWC_FILES_H
#define ZFWC_FILES_H

#include <stddef.h>

#include <compiler/base/reader.h>

struct arena;
struct trouble;

#define FILE_LIMIT (256u << 20) /* bytes of one file */

/* The whole of 'path', or of standard input for "-" and "/dev/stdin", with a NUL
 * behind it; 'name' is how messages call it.  Directories and files that aren't
 * text are refused.  Returns 0, or -errno with 't' set. */
struct file_text {
	const char *name, *text;
	size_t len;
};
int file_read(const char *path, struct arena *a, struct file_text *ret, struct trouble *t);

/* The reader of compiler/base/reader.h: 'dirs' are searched in order, then the
 * folder for included files of this installation.  The object must outlive the
 * reader. */
struct include_path {
	const char *const *dirs;
	size_t n_dirs;
	struct arena *arena;
};
struct include_reader include_reader_for(struct include_path *path);

#endif
