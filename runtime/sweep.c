/* SPDX-License-Identifier: GPL-2.0-only */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <runtime/bpf_sys.h>
#include <runtime/owned.h>
#include <runtime/pins.h>
#include <runtime/store.h>
#include <runtime/sweep.h>

/* ---- links ---- */

struct links {
	const struct pins *pins;
	unsigned int dead, others;
};

static int look_at_link(const char *entry, void *ctx)
{
	struct links *l = ctx;
	uint32_t ifindex = 0, program;
	_close_ int fd = -1;
	char name[64];

	snprintf(name, sizeof(name), "links/%.40s", entry);
	fd = pins_get(l->pins, name);
	if (fd >= 0 && !sys_link_read(fd, &ifindex, &program) && !ifindex)
		l->dead++;
	else
		l->others++;
	return 0;
}

static bool all_links_dead(const struct pins *p)
{
	struct links l = { .pins = p };

	return !pins_list(p, "links", look_at_link, &l) && l.dead && !l.others;
}

/* ---- network namespaces ---- */

static uint64_t inode(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
}

uint64_t sweep_this_netns(void)
{
	return inode("/proc/self/ns/net");
}

/* Whether an entry of the folder, with 'suffix' behind its name, is that namespace. */
static bool folder_has(const char *folder, const char *suffix, uint64_t netns)
{
	_closedir_ DIR *d = opendir(folder);
	struct dirent *e;
	char path[400];

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s%s", folder, e->d_name, suffix);
		if (inode(path) == netns)
			return true;
	}
	return false;
}

/* From a mount namespace of its own (a chroot, a service) this process may not
 * see the names that others have given. */
static bool is_alive(uint64_t netns)
{
	return folder_has("/run/netns", "", netns) || folder_has("/proc/1/root/run/netns", "", netns) ||
	       folder_has("/proc", "/ns/net", netns);
}

/* ---- both ---- */

static void sweep_one(struct pins *other, void *ctx)
{
	struct meta m;

	(void)ctx;
	if (all_links_dead(other) && !store_read_meta(other, &m) && m.netns && !is_alive(m.netns))
		pins_destroy(other);
}

void sweep_dead(const struct pins *p)
{
	pins_elsewhere(p, sweep_one, NULL);
}
