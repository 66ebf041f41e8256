/* SPDX-License-Identifier: GPL-2.0-only */
/* owned.h - locals that own something give it back when they go out of scope. */
#ifndef ZFWC_OWNED_H
#define ZFWC_OWNED_H

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static inline void owned_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static inline void owned_free(void *p)
{
	free(*(void **)p);
}

static inline void owned_closedir(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define _close_	   __attribute__((cleanup(owned_close)))
#define _free_	   __attribute__((cleanup(owned_free)))
#define _closedir_ __attribute__((cleanup(owned_closedir)))

/* The value of 'var', which holds 'empty' afterwards: hands ownership over. */
#define TAKE(var, empty)                        \
	({                                      \
		__typeof__(var) taken_ = (var); \
		(var) = (empty);                \
		taken_;                         \
	})

#endif
