/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/magic.h>

#include <runtime/owned.h>
#include <runtime/pins_root.h>
#include <runtime/trouble.h>

/* ---- whose mount namespace ---- */

static pid_t parent_of(pid_t pid)
{
	char path[64], text[512], *end;
	int parent = 0;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	end = strrchr(text, ')'); /* the command in front of it may hold anything */
	return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
}

/* The mount namespace of a process as a number; 0 when it can't be entered. */
static uint64_t mount_namespace(pid_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	return stat(path, &st) ? 0 : st.st_ino;
}

/* A process in the mount namespace that the bpffs belongs in: 1, else the
 * nearest one in the namespace of the oldest ancestor that can be entered. */
static pid_t namespace_holder(void)
{
	uint64_t oldest = mount_namespace(getpid());
	pid_t pid;

	if (mount_namespace(1))
		return 1;
	for (pid = parent_of(getpid()); pid > 1; pid = parent_of(pid))
		if (mount_namespace(pid))
			oldest = mount_namespace(pid);
	for (pid = getpid(); pid > 1; pid = parent_of(pid))
		if (mount_namespace(pid) == oldest)
			return pid;
	return getpid();
}

/* ---- mounting ---- */

static bool is_bpffs(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == BPF_FS_MAGIC;
}

static int make_folder(const char *path)
{
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

/* In a process of its own, which has entered the right namespace.  Two of them
 * at once must not mount one over the other, hence the lock. */
static int mount_here(void)
{
	_close_ int parent = -1, root = -1;
	int r;

	r = make_folder("/run/zfwc");
	if (!r)
		r = make_folder(PINS_ROOT);
	if (r)
		return r;
	parent = open("/run/zfwc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0 || flock(parent, LOCK_EX))
		return -errno;
	root = open(PINS_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	if (is_bpffs(root))
		return 0;
	return mount("zfwc", PINS_ROOT, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") ? -errno : 0;
}

static int enter_and_mount(pid_t holder)
{
	_close_ int ns = -1;
	char path[64];

	if (mount_namespace(holder) != mount_namespace(getpid())) {
		snprintf(path, sizeof(path), "/proc/%d/ns/mnt", holder);
		ns = open(path, O_RDONLY | O_CLOEXEC);
		if (ns < 0 || setns(ns, CLONE_NEWNS))
			return -errno;
	}
	return mount_here();
}

static int mount_in(pid_t holder)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (!child)
		_exit(-enter_and_mount(holder));
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

static int mount_trouble(int r, struct trouble *t)
{
	if (r == -EPERM || r == -EACCES)
		return trouble(t, r, "can't mount a bpf file system at " PINS_ROOT ": %s", errno_words(r));
	if (r == -ENODEV)
		return trouble(t, r, "this kernel has no bpf file system to keep the maps in (CONFIG_BPF_SYSCALL)");
	return trouble(t, r, "can't mount a bpf file system at " PINS_ROOT ": %s", errno_words(r));
}

/* ---- opening ---- */

static int open_in(pid_t holder)
{
	char path[96] = PINS_ROOT;
	int fd;

	if (mount_namespace(holder) != mount_namespace(getpid()) || holder == 1)
		snprintf(path, sizeof(path), "/proc/%d/root" PINS_ROOT, holder);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (is_bpffs(fd))
		return fd;
	close(fd);
	return -ENOENT;
}

int pins_root_open(bool mount, struct trouble *t)
{
	pid_t holder = namespace_holder();
	int fd = open_in(holder), r;

	if (fd == -ENOENT && mount) {
		r = mount_in(holder);
		if (r)
			return mount_trouble(r, t);
		fd = open_in(holder);
	}
	if (fd == -ENOENT && geteuid() && holder != 1)
		fd = -EPERM; /* it may be where only root can look */
	if (fd == -EACCES || fd == -EPERM)
		return trouble(t, fd, "can't open " PINS_ROOT ": %s", errno_words(fd));
	if (fd == -ENOENT)
		return trouble(t, fd, "nothing has been applied yet: there is no bpf file system at " PINS_ROOT);
	if (fd < 0)
		return trouble(t, fd, "can't open " PINS_ROOT ": %s", errno_words(fd));
	return fd;
}
