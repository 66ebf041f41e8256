/* SPDX-License-Identifier: GPL-2.0-only */
/* pins.h - where the pins of an instance are, and who may change them.
 *
 * Every process must find the same bpffs, also one whose mount namespace has
 * been made for it ('ip netns exec' gives each command a /sys of its own, and
 * what is mounted there ends with it).  So the bpffs is mounted in the mount
 * namespace of process 1.  Where that can't be entered (a process 1 that is
 * better guarded than root), the oldest ancestor that can be takes its place.
 *
 * The name of an instance may have dots, which bpffs doesn't allow in names:
 * a dot is stored as '%'.  Names with a '~' are of what is just being made or
 * removed. */
#ifndef ZFWC_PINS_H
#define ZFWC_PINS_H

#include <runtime/live.h>

struct pins {
	int dir;	   /* the instance's folder */
	int lock;	   /* open file that holds the lock, or -1 */
	int parent;	   /* the folder of the network namespace */
	char space[24];	   /* and its name */
	char name[160];	   /* of the instance's folder in it */
	char instance[72]; /* as the user writes it */
	char path[48];	   /* the folder, for calls that take a path: /proc/self/fd/N */
};
#define PINS_NONE ((struct pins){ .dir = -1, .lock = -1, .parent = -1 })

/* -ENOENT: no such instance (or no bpffs at all), only with LIVE_READ; -EBUSY:
 * somebody else has the lock.  LIVE_WRITE mounts and makes what is missing. */
int pins_open(const char *instance, enum live_mode mode, unsigned int lock_timeout_s, struct pins *ret,
	      struct trouble *t);
void pins_close(struct pins *p);
/* False once the instance has been removed, also when there is a new one of its name. */
bool pins_still_there(const struct pins *p);
/* Locks folder 'name' in that of the instance, made if need be, for as long as
 * the file descriptor that it returns is open.  -EBUSY: somebody else has it;
 * *holder is the process, 0 if unknown. */
int pins_lock_folder(const struct pins *p, const char *name, int *holder);

/* ---- below the folder; 'name' is relative to it ---- */

/* A file descriptor of the map, program or link pinned there, or -errno. */
int pins_get(const struct pins *p, const char *name);
/* Pins, replacing at once what was there. */
int pins_put(const struct pins *p, const char *name, int fd);
int pins_mkdir(const struct pins *p, const char *name);		/* existing is fine */
int pins_remove(const struct pins *p, const char *name);	/* missing is fine */
int pins_remove_folder(const struct pins *p, const char *name); /* and all in it */
int pins_rename(const struct pins *p, const char *from, const char *to);
bool pins_exist(const struct pins *p, const char *name);
/* Calls fn with each name in folder 'name' until it returns non-zero. */
int pins_list(const struct pins *p, const char *name, int (*fn)(const char *entry, void *ctx), void *ctx);

/* Calls fn with every instance of other network namespaces that nobody is
 * changing, locked and opened for writing; fn must not close it. */
void pins_elsewhere(const struct pins *p, void (*fn)(struct pins *other, void *ctx), void *ctx);

/* Removes the instance's folder and all in it.  Killed in the middle, it is
 * gone for everybody and the rest is swept up by the next pins_open that writes. */
int pins_destroy(struct pins *p);

#endif
