/* SPDX-License-Identifier: GPL-2.0-only */
/* files.c - reading rule files, and finding the files they include. */
#include <runtime/files.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <compiler/base/arena.h>
#include <compiler/base/utf8.h>
#include <runtime/owned.h>
#include <runtime/trouble.h>

/* ---- one file ---- */

/* Reads to the end; 'size' is what the file is thought to have. */
static int read_all(int fd, size_t size, struct arena *a, char **text, size_t *len)
{
	size_t cap = size + 1, n = 0;
	char *buf = arena_alloc(a, cap);

	for (;;) {
		ssize_t got = read(fd, buf + n, cap - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		n += (size_t)got;
		if (n > FILE_LIMIT)
			return -EFBIG;
		if (n == cap) {
			buf = arena_grow(a, buf, cap, cap * 2 + 4096);
			cap = cap * 2 + 4096;
		}
	}
	buf[n] = '\0'; /* n < cap: a full buffer has grown */
	*text = buf;
	*len = n;
	return 0;
}

static int open_file(const char *path, size_t *size)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISREG(st.st_mode) && st.st_size > (off_t)FILE_LIMIT)
		return -EFBIG;
	*size = S_ISREG(st.st_mode) ? (size_t)st.st_size : 0;
	return TAKE(fd, -1);
}

static int read_path(const char *path, struct arena *a, char **text, size_t *len)
{
	size_t size = 0;
	_close_ int fd = open_file(path, &size);

	return fd < 0 ? fd : read_all(fd, size, a, text, len);
}

static int file_trouble(struct trouble *t, int r, const char *name)
{
	switch (-r) {
	case ENOENT:
		return trouble(t, r, "%s: no such file", name);
	case EISDIR:
		return trouble(t, r, "%s: is a directory; give a file of rules", name);
	case EACCES:
		return trouble(t, r, "%s: no permission to read it", name);
	case EFBIG:
		return trouble(t, r, "%s: larger than %u MiB, the limit for a file of rules", name, FILE_LIMIT >> 20);
	default:
		return trouble(t, r, "%s: can't read it: %s", name, strerror(-r));
	}
}

/* Text has no control characters but white space.  Said once, not once a byte. */
static int refuse_binary(const struct file_text *f, struct trouble *t)
{
	size_t line = 1;

	for (size_t i = 0; (i += utf8_plain(f->text + i, f->len - i)) < f->len; i++) {
		unsigned char c = (unsigned char)f->text[i];

		line += c == '\n';
		if (c >= ' ' || (c >= '\t' && c <= '\r'))
			continue;
		return trouble(t, -EILSEQ, "%s:%zu: not a text file: it holds the byte 0x%02x", f->name, line, c);
	}
	return 0;
}

static bool is_stdin(const char *path)
{
	return strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0;
}

int file_read(const char *path, struct arena *a, struct file_text *ret, struct trouble *t)
{
	struct file_text f = { .name = is_stdin(path) ? "<stdin>" : path };
	char *text = NULL;
	int r;

	r = is_stdin(path) ? read_all(STDIN_FILENO, 0, a, &text, &f.len) : read_path(path, a, &text, &f.len);
	if (r)
		return file_trouble(t, r, f.name);
	f.text = text;
	r = refuse_binary(&f, t);
	if (r)
		return r;
	*ret = f;
	return 0;
}

/* ---- included files ---- */

typedef int (*add_fn)(void *ctx, const char *name, const char *text, size_t len);

static int include_file(struct include_path *p, const char *name, add_fn add, void *ctx)
{
	char *text;
	size_t len;
	int r = read_path(name, p->arena, &text, &len);

	if (r)
		return r;
	r = add(ctx, arena_strndup(p->arena, name, strlen(name)), text, len);
	return r < 0 ? r : 1;
}

static int include_all(struct include_path *p, const glob_t *found, add_fn add, void *ctx)
{
	int n = 0;

	for (size_t i = 0; i < found->gl_pathc; i++) {
		const char *name = found->gl_pathv[i];
		int r;

		if (name[strlen(name) - 1] == '/') /* a folder: GLOB_MARK */
			continue;
		r = include_file(p, name, add, ctx);
		if (r < 0)
			return r;
		n++;
	}
	return n;
}

static int include_glob(struct include_path *p, const char *pattern, add_fn add, void *ctx)
{
	glob_t found;
	int r = glob(pattern, GLOB_MARK, NULL, &found);

	if (r == GLOB_NOMATCH)
		return 0;
	if (r)
		return r == GLOB_NOSPACE ? -ENOMEM : -EIO;
	r = include_all(p, &found, add, ctx);
	globfree(&found);
	return r;
}

static bool has_glob(const char *pattern)
{
	return strpbrk(pattern, "*?[") != NULL;
}

/* The number of files that 'pattern' named in this one place; 0 when none. */
static int include_at(struct include_path *p, const char *pattern, add_fn add, void *ctx)
{
	int r;

	if (has_glob(pattern))
		return include_glob(p, pattern, add, ctx);
	r = include_file(p, pattern, add, ctx);
	return r == -ENOENT ? 0 : r;
}

static bool is_anchored(const char *pattern)
{
	return pattern[0] == '/' || strncmp(pattern, "./", 2) == 0 || strncmp(pattern, "../", 3) == 0;
}

static int include_in(struct include_path *p, const char *dir, const char *pattern, add_fn add, void *ctx)
{
	return include_at(p, arena_printf(p->arena, "%s/%s", dir, pattern), add, ctx);
}

/* The file of the first folder that has it. */
static int include_first(struct include_path *p, const char *pattern, add_fn add, void *ctx)
{
	int n = 0;

	for (size_t i = 0; i < p->n_dirs && n == 0; i++)
		n = include_in(p, p->dirs[i], pattern, add, ctx);
	return n ? n : include_in(p, DEFAULT_INCLUDE_PATH, pattern, add, ctx);
}

/* The files of every folder, those of the last one first: nft's order. */
static int include_every(struct include_path *p, const char *pattern, add_fn add, void *ctx)
{
	int n = 0, found;

	for (size_t i = p->n_dirs + 1; i--;) {
		found = include_in(p, i ? p->dirs[i - 1] : DEFAULT_INCLUDE_PATH, pattern, add, ctx);
		if (found < 0)
			return found;
		n += found;
	}
	return n;
}

static int include_search(struct include_path *p, const char *pattern, add_fn add, void *ctx)
{
	if (is_anchored(pattern))
		return include_at(p, pattern, add, ctx);
	return has_glob(pattern) ? include_every(p, pattern, add, ctx) : include_first(p, pattern, add, ctx);
}

static int include_read(void *ctx, const char *pattern, add_fn add, void *add_ctx)
{
	int n = include_search(ctx, pattern, add, add_ctx);

	return n == 0 && !has_glob(pattern) ? -ENOENT : n;
}

struct include_reader include_reader_for(struct include_path *path)
{
	return (struct include_reader){ .read = include_read, .ctx = path };
}
