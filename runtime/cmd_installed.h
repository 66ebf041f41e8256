/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_installed.h - the live ruleset, found again: the text kept beside the
 * maps is compiled with the facts of now and laid over what the maps hold, so
 * that its rules have the numbers that the maps know them by. */
#ifndef ZFWC_CMD_INSTALLED_H
#define ZFWC_CMD_INSTALLED_H

#include <compiler/base/diag.h>
#include <compiler/base/source.h>
#include <compiler/compile.h>
#include <compiler/facts.h>
#include <compiler/image.h>
#include <compiler/listing.h>

struct arena;
struct buf;
struct ir;
struct live;
struct options;
struct routing;
struct trouble;

#define LOCK_TIMEOUT_S 10 /* how long a command waits for another one that writes */

struct installed {
	struct live *live;
	struct facts facts;	/* of now; interfaces that are gone are made up */
	struct listing listing; /* as stored, with the places of the lines */
	struct sources sources; /* the stored text */
	struct diag diag;
	struct compiled compiled;
	struct image found; /* what the maps hold */
	struct image meant; /* what the text means now */
};

/* Fills live and facts.  Returns -ENOENT when nothing is live, without setting
 * 't'; after any failure nothing needs to be closed. */
int installed_open(const struct options *o, struct arena *a, struct installed *ret, struct trouble *t);
/* Fills listing and compiled: what the text says, without a look at the maps. */
int installed_compile(struct installed *i, struct arena *a, struct trouble *t);
/* Fills the rest. */
int installed_recover(struct installed *i, struct arena *a, struct trouble *t);
void installed_close(struct installed *i);

/* What is kept beside the maps: the listing, and on which devices 'hook prerouting' is. */
void installed_pack(const struct listing *l, const struct facts *facts, struct buf *out);

/* The routing that applying 'ir' would leave: that of 'live' (NULL: nothing is),
 * else numbers that are free now; all zeros when the rules intercept nothing.
 * Its mark is in the image. */
int installed_routing(const struct live *live, const struct ir *ir, struct routing *ret, struct trouble *t);

const char *instance_name(const struct options *o);

#endif
