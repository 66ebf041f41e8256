/* SPDX-License-Identifier: GPL-2.0-only */
/* bpf_sys.h - calls of bpf(2) that libbpf 1.1 doesn't know, and short forms of
 * those it does.  Everything returns -errno on failure. */
#ifndef ZFWC_BPF_SYS_H
#define ZFWC_BPF_SYS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/bpf.h>

/* ---- tcx links (Linux 6.6), also for builds with older headers ---- */
enum { SYS_TCX_INGRESS = 46, SYS_TCX_EGRESS = 47 };

/* Whether the running kernel has tcx. */
bool sys_has_tcx(void);
/* A link of 'program' in front of all others at the hook ('first'), or behind
 * them.  Returns a file descriptor. */
int sys_tcx_link(int program, uint32_t ifindex, int attach_type, bool first);
int sys_link_update(int link, int program);
/* No error when it is detached already. */
int sys_link_detach(int link);
/* Where a tcx link is: ifindex 0 when its interface is gone. */
int sys_link_read(int link, uint32_t *ifindex, uint32_t *program_id);

/* ---- information ---- */
int sys_map_info(int fd, struct bpf_map_info *ret);
/* The id of a program, or -errno. */
int64_t sys_program_id(int fd);
/* Bytes of the map as the kernel accounts them (memlock of fdinfo); 0 unknown. */
uint64_t sys_map_memory(int fd);

/* Waits until no program that began before the call still runs.  The update of
 * a map-in-map slot promises just that: the kernel ends it with a grace period
 * so that user space may rely on the new inner map being the one in use.
 * (membarrier(2) wouldn't do everywhere: it does nothing on a single CPU.) */
int sys_grace_period(void);

#endif
