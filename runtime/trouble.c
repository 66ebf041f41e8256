/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <runtime/trouble.h>

int trouble(struct trouble *t, int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->text, sizeof(t->text), fmt, ap);
	va_end(ap);
	t->origin = ORIGIN_NONE;
	return r;
}

void trouble_prefix(struct trouble *t, const char *words)
{
	char old[sizeof(t->text)];

	memcpy(old, t->text, sizeof(old));
	if (snprintf(t->text, sizeof(t->text), "%s%s", words, old) >= (int)sizeof(t->text))
		t->text[sizeof(t->text) - 1] = 0;
}

const char *errno_words(int r)
{
	switch (-r) {
	case EPERM:
	case EACCES:
		return "not permitted; run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN";
	case ENOMEM:
		return "the kernel has no memory for it; free some, or raise the memory limit of this cgroup";
	case E2BIG:
	case ENOSPC:
		return "no room left";
	case ENODEV:
	case ENXIO:
		return "the interface is gone";
	case ENETDOWN:
		return "the interface is down";
	case ENOSYS:
		return "this kernel lacks the system call";
	case EMFILE:
	case ENFILE:
		return "too many open files; raise 'ulimit -n'";
	default:
		return strerror(-r);
	}
}
