/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_fmt.c - 'zfwc fmt': a rules file in canonical layout and spelling. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/fmt.h>
#include <runtime/cmd.h>
#include <runtime/cmd_session.h>
#include <runtime/options.h>
#include <runtime/owned.h>

/* ---- writing ---- */

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A new file beside 'path' with its mode and, if that may be given, its owner. */
static int write_beside(char *name, const struct stat *like, const struct buf *text)
{
	_close_ int fd = mkostemp(name, O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	if (fchown(fd, like->st_uid, like->st_gid) && errno != EPERM)
		return -errno;
	if (fchmod(fd, like->st_mode & 07777))
		return -errno;
	r = write_all(fd, text->text, text->len);
	return r || !fsync(fd) ? r : -errno;
}

/* Whoever reads 'path' finds the old text or the new one, whole. */
static int replace_file(const char *path, const struct buf *text, struct arena *a)
{
	_free_ char *target = realpath(path, NULL);
	char *name;
	struct stat like;
	int r;

	if (!target)
		return report_error("can't write '%s': %s", path, strerror(errno));
	name = arena_printf(a, "%s.XXXXXX", target);
	r = stat(target, &like) ? -errno : write_beside(name, &like, text);
	if (!r && rename(name, target))
		r = -errno;
	if (r)
		unlink(name);
	return r ? report_error("can't write '%s': %s", path, strerror(-r)) : 0;
}

/* ---- the command ---- */

static int finish(const char *path, const struct source *source, const struct buf *text, const struct options *o,
		  struct arena *a)
{
	bool same = text->len == source->len && !memcmp(text->text, source->text, text->len);

	if (option_given(o, OPTION(CHECK))) {
		if (!same)
			printf("%s\n", source->name);
		return same ? 0 : -1;
	}
	if (option_given(o, OPTION(WRITE)))
		return same ? 0 : replace_file(path, text, a);
	report_text(text);
	return 0;
}

static int format_file(const char *path, const struct options *o, struct arena *a)
{
	struct buf text = { .arena = a };
	struct session s;
	size_t source;
	int r;

	session_start(&s, o, a);
	if (session_read(&s, path, &source))
		return -1;
	r = fmt(source, &s.sources, &s.compile, &s.diag, a, &text);
	if (session_say(&s) || r)
		return -1;
	return finish(path, &s.sources.v[source], &text, o, a);
}

static int check_options(const struct options *o)
{
	bool writes = option_given(o, OPTION(WRITE));

	if (writes && option_given(o, OPTION(CHECK)))
		return report_error("fmt: --check changes nothing, so it can't go with -w");
	for (int i = 0; writes && i < o->n_args; i++)
		if (!strcmp(o->args[i], "-"))
			return report_error("fmt: standard input can't be rewritten; leave out -w");
	if (o->n_args > 1 && !writes && !option_given(o, OPTION(CHECK)))
		return report_error("fmt: several files need -w or --check");
	return 0;
}

int cmd_fmt(const struct options *o, struct arena *a)
{
	int status = 0;

	if (check_options(o))
		return 2;
	for (int i = 0; i < o->n_args; i++)
		if (format_file(o->args[i], o, a))
			status = 1;
	return status;
}
