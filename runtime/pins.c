/* SPDX-License-Identifier: GPL-2.0-only */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <runtime/owned.h>
#include <runtime/pins.h>
#include <runtime/pins_root.h>
#include <runtime/trouble.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
#define REMOVED_PREFIX "~removed-"
#define OPEN_TRIES     20

/* ---- names ---- */

static int check_instance(const char *name, struct trouble *t)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

	if (!*name || name[n] || n > 64)
		return trouble(t, -EINVAL,
			       "'%.64s' can't be the name of an instance: 1 to 64 letters, digits, '_', '-' or '.'",
			       name);
	return 0;
}

static void folder_name(const char *instance, char *ret, size_t size)
{
	size_t i;

	snprintf(ret, size, "%s", instance);
	for (i = 0; ret[i]; i++)
		if (ret[i] == '.')
			ret[i] = '%';
}

static int netns_cookie(uint64_t *ret)
{
	_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*ret);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, ret, &len))
		return -errno;
	return 0;
}

/* ---- folders ---- */

static int folder_open(int at, const char *name, bool make)
{
	int fd;

	if (make && mkdirat(at, name, 0700) && errno != EEXIST)
		return -errno;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int each_entry(int dir, int (*fn)(int dir, const struct dirent *e, void *ctx), void *ctx)
{
	_closedir_ DIR *d = NULL;
	struct dirent *e;
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		r = -errno;
		close(fd);
		return r;
	}
	while (!r && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			r = fn(dirfd(d), e, ctx);
	return r;
}

static int folder_remove(int at, const char *name);

static int entry_remove(int dir, const struct dirent *e, void *ctx)
{
	(void)ctx;
	if (e->d_type == DT_DIR)
		return folder_remove(dir, e->d_name);
	return unlinkat(dir, e->d_name, 0) && errno != ENOENT ? -errno : 0;
}

static int folder_remove(int at, const char *name)
{
	_close_ int fd = folder_open(at, name, false);
	int r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	r = each_entry(fd, entry_remove, NULL);
	if (r)
		return r;
	return unlinkat(at, name, AT_REMOVEDIR) && errno != ENOENT ? -errno : 0;
}

static int sweep_entry(int dir, const struct dirent *e, void *ctx)
{
	(void)ctx;
	if (!strncmp(e->d_name, REMOVED_PREFIX, strlen(REMOVED_PREFIX)))
		folder_remove(dir, e->d_name);
	return 0;
}

/* ---- the lock ---- */

/* The process that holds the flock of the open file, from /proc/locks; 0 unknown. */
static int lock_holder(int fd)
{
	char line[256], want[64], id[64], kind[16];
	struct stat st;
	int pid, found = 0;
	FILE *f;

	if (fstat(fd, &st))
		return 0;
	snprintf(want, sizeof(want), "%02x:%02x:%ju", major(st.st_dev), minor(st.st_dev), (uintmax_t)st.st_ino);
	f = fopen("/proc/locks", "re");
	if (!f)
		return 0;
	/* "12: FLOCK  ADVISORY  WRITE 4711 00:2d:77 0 EOF"; waiters have "->" behind the number */
	while (!found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*d: %15s %*s %*s %d %63s", kind, &pid, id) == 3 && !strcmp(kind, "FLOCK") &&
		    !strcmp(id, want))
			found = pid;
	fclose(f);
	return found;
}

static int busy(int fd, const struct pins *p, unsigned int timeout_s, struct trouble *t)
{
	int pid = lock_holder(fd);
	char who[48] = "another process";

	if (pid > 0)
		snprintf(who, sizeof(who), "process %d", pid);
	return trouble(t, -EBUSY, "instance '%s' is being changed by %s%s; try again when it is done", p->instance, who,
		       timeout_s ? ", and the time to wait for it is over" : "");
}

static int lock(int fd, const struct pins *p, unsigned int timeout_s, struct trouble *t)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	unsigned int left;

	for (left = timeout_s * 50;; left--) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return trouble(t, -errno, "can't lock instance '%s': %s", p->instance, errno_words(-errno));
		if (!left)
			return busy(fd, p, timeout_s, t);
		nanosleep(&pause, NULL);
	}
}

/* Who had the lock may have removed the folder: then it isn't the one that the
 * name leads to. */
static bool still_there(int fd, int at, const char *name)
{
	struct stat mine, named;

	return !fstat(fd, &mine) && !fstatat(at, name, &named, AT_SYMLINK_NOFOLLOW) && mine.st_ino == named.st_ino &&
	       mine.st_dev == named.st_dev;
}

static int open_locked(struct pins *p, unsigned int timeout_s, struct trouble *t)
{
	int fd, r;

	for (;;) {
		fd = folder_open(p->parent, p->name, true);
		if (fd < 0)
			return trouble(t, fd, "can't make the folder of instance '%s': %s", p->instance,
				       errno_words(fd));
		r = lock(fd, p, timeout_s, t);
		if (!r && still_there(fd, p->parent, p->name)) {
			p->lock = fd;
			p->dir = dup(fd);
			return p->dir < 0 ? trouble(t, -errno, "%s", errno_words(-errno)) : 0;
		}
		close(fd);
		if (r)
			return r;
	}
}

bool pins_still_there(const struct pins *p)
{
	return still_there(p->dir, p->parent, p->name);
}

int pins_lock_folder(const struct pins *p, const char *name, int *holder)
{
	_close_ int fd = folder_open(p->dir, name, true);

	*holder = 0;
	if (fd < 0)
		return fd;
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return TAKE(fd, -1);
	if (errno != EWOULDBLOCK)
		return -errno;
	*holder = lock_holder(fd);
	return -EBUSY;
}

/* ---- opening ---- */

static int no_folder(int r, const struct pins *p, struct trouble *t)
{
	if (r == -ENOENT)
		return trouble(t, r, "there is no instance '%s' in this network namespace", p->instance);
	return trouble(t, r, "can't open the folder of instance '%s': %s", p->instance, errno_words(r));
}

static int open_folders(struct pins *p, enum live_mode mode, unsigned int timeout_s, struct trouble *t)
{
	_close_ int root = -1;
	uint64_t cookie = 0;
	int r;

	r = netns_cookie(&cookie);
	if (r)
		return trouble(t, r,
			       "can't tell network namespaces apart (SO_NETNS_COOKIE): Linux 5.14 or newer is needed");
	root = pins_root_open(mode == LIVE_WRITE, t);
	if (root < 0)
		return root;
	snprintf(p->space, sizeof(p->space), "%" PRIx64, cookie);
	p->parent = folder_open(root, p->space, mode == LIVE_WRITE);
	if (p->parent < 0)
		return no_folder(p->parent, p, t);
	if (mode == LIVE_WRITE) {
		each_entry(p->parent, sweep_entry, NULL);
		return open_locked(p, timeout_s, t);
	}
	p->dir = folder_open(p->parent, p->name, false);
	if (p->dir < 0)
		return no_folder(p->dir, p, t);
	return 0;
}

int pins_open(const char *instance, enum live_mode mode, unsigned int lock_timeout_s, struct pins *ret,
	      struct trouble *t)
{
	struct pins p = PINS_NONE;
	int tries = 0, r;

	r = check_instance(instance, t);
	if (r)
		return r;
	snprintf(p.instance, sizeof(p.instance), "%s", instance);
	folder_name(instance, p.name, sizeof(p.name));
	/* Whoever removes the last instance of a network namespace removes its
	 * folder too, maybe between our opening it and making our own in it. */
	do {
		r = open_folders(&p, mode, lock_timeout_s, t);
		if (r)
			pins_close(&p);
	} while (r == -ENOENT && mode == LIVE_WRITE && ++tries < OPEN_TRIES);
	if (r)
		return r;
	snprintf(p.path, sizeof(p.path), "/proc/self/fd/%d", p.dir);
	*ret = p;
	return 0;
}

void pins_close(struct pins *p)
{
	owned_close(&p->dir);
	owned_close(&p->lock);
	owned_close(&p->parent);
}

/* ---- other namespaces ---- */

/* Fails, as it should, while another instance is in it. */
static void remove_namespace_folder(const struct pins *p)
{
	_close_ int root = openat(p->parent, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root >= 0)
		unlinkat(root, p->space, AT_REMOVEDIR);
}

struct elsewhere {
	const struct pins *mine;
	struct pins other; /* parent and space are set */
	void (*fn)(struct pins *other, void *ctx);
	void *ctx;
};

static int visit_instance(int dir, const struct dirent *e, void *ctx)
{
	struct elsewhere *w = ctx;
	struct pins *p = &w->other;

	p->dir = folder_open(dir, e->d_name, false);
	if (p->dir < 0)
		return 0;
	snprintf(p->name, sizeof(p->name), "%.100s", e->d_name);
	snprintf(p->path, sizeof(p->path), "/proc/self/fd/%d", p->dir);
	if (strlen(e->d_name) <= 100 && !flock(p->dir, LOCK_EX | LOCK_NB) && still_there(p->dir, dir, e->d_name))
		w->fn(p, w->ctx);
	owned_close(&p->dir);
	return 0;
}

static int visit_namespace(int root, const struct dirent *e, void *ctx)
{
	struct elsewhere *w = ctx;

	if (!strcmp(e->d_name, w->mine->space))
		return 0;
	w->other = PINS_NONE;
	w->other.parent = folder_open(root, e->d_name, false);
	if (w->other.parent < 0)
		return 0;
	snprintf(w->other.space, sizeof(w->other.space), "%.20s", e->d_name);
	each_entry(w->other.parent, sweep_entry, NULL);
	each_entry(w->other.parent, visit_instance, w);
	remove_namespace_folder(&w->other);
	owned_close(&w->other.parent);
	return 0;
}

void pins_elsewhere(const struct pins *p, void (*fn)(struct pins *other, void *ctx), void *ctx)
{
	_close_ int root = openat(p->parent, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct elsewhere w = { .mine = p, .fn = fn, .ctx = ctx };

	if (root >= 0)
		each_entry(root, visit_namespace, &w);
}

/* ---- pins ---- */

static void pin_path(const struct pins *p, const char *name, char *ret, size_t size)
{
	snprintf(ret, size, "%s/%s", p->path, name);
}

int pins_get(const struct pins *p, const char *name)
{
	char path[128];

	pin_path(p, name, path, sizeof(path));
	return bpf_obj_get(path);
}

int pins_put(const struct pins *p, const char *name, int fd)
{
	char path[192], fresh[96];
	int r;

	pin_path(p, name, path, sizeof(path));
	r = bpf_obj_pin(fd, path);
	if (r != -EEXIST)
		return r;
	snprintf(fresh, sizeof(fresh), "%s~", name);
	pin_path(p, fresh, path, sizeof(path));
	r = bpf_obj_pin(fd, path);
	if (r == -EEXIST) { /* of one who was killed between the two steps */
		pins_remove(p, fresh);
		r = bpf_obj_pin(fd, path);
	}
	return r ? r : pins_rename(p, fresh, name);
}

int pins_mkdir(const struct pins *p, const char *name)
{
	return mkdirat(p->dir, name, 0700) && errno != EEXIST ? -errno : 0;
}

int pins_remove(const struct pins *p, const char *name)
{
	return unlinkat(p->dir, name, 0) && errno != ENOENT ? -errno : 0;
}

int pins_remove_folder(const struct pins *p, const char *name)
{
	return folder_remove(p->dir, name);
}

int pins_rename(const struct pins *p, const char *from, const char *to)
{
	return renameat(p->dir, from, p->dir, to) ? -errno : 0;
}

bool pins_exist(const struct pins *p, const char *name)
{
	return !faccessat(p->dir, name, F_OK, 0);
}

struct list_ctx {
	int (*fn)(const char *entry, void *ctx);
	void *ctx;
};

static int list_entry(int dir, const struct dirent *e, void *ctx)
{
	const struct list_ctx *c = ctx;

	(void)dir;
	return c->fn(e->d_name, c->ctx);
}

int pins_list(const struct pins *p, const char *name, int (*fn)(const char *entry, void *ctx), void *ctx)
{
	_close_ int fd = folder_open(p->dir, name, false);
	struct list_ctx c = { fn, ctx };

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return each_entry(fd, list_entry, &c);
}

int pins_destroy(struct pins *p)
{
	char name[200];
	int r;

	/* The number keeps apart the remains of several that were killed here. */
	snprintf(name, sizeof(name), REMOVED_PREFIX "%d-%s", getpid(), p->name);
	if (renameat(p->parent, p->name, p->parent, name))
		return -errno;
	r = folder_remove(p->parent, name);
	if (!r)
		remove_namespace_folder(p);
	return r;
}
