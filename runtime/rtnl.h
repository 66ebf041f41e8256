/* SPDX-License-Identifier: GPL-2.0-only */
/* rtnl.h - one rtnetlink request and its answer. */
#ifndef ZFWC_RTNL_H
#define ZFWC_RTNL_H

#include <stddef.h>

#include <libmnl/libmnl.h>

/* Room for any request made here. */
struct rtnl_request {
	_Alignas(struct nlmsghdr) char bytes[512];
};

/* Begins a request of 'type' with a family header of 'size' bytes, zeroed, which
 * *header is set to.  Flags as NLM_F_DUMP; NLM_F_REQUEST and NLM_F_ACK are implied. */
struct nlmsghdr *rtnl_begin(struct rtnl_request *q, int type, int flags, size_t size, void *header);

/* Sends it and calls fn for each message of the answer.  A dump that the kernel
 * says was disturbed is taken again: 'restart' is called before that.  fn and
 * restart may be NULL.  fn returns 0, or -errno to stop.  Returns 0 or -errno:
 * what the kernel said, or fn. */
int rtnl_talk(const struct nlmsghdr *q, int (*fn)(const struct nlmsghdr *m, void *ctx), void (*restart)(void *ctx),
	      void *ctx);

/* The attributes of a message behind its family header, by type; 'v' has
 * 'max' + 1 elements, those of other types are left out. */
void rtnl_attributes(const struct nlmsghdr *m, size_t header, const struct nlattr **v, unsigned int max);

#endif
