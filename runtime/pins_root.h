/* SPDX-License-Identifier: GPL-2.0-only */
/* pins_root.h - the bpffs that all pins are in. */
#ifndef ZFWC_PINS_ROOT_H
#define ZFWC_PINS_ROOT_H

#include <stdbool.h>

struct trouble;

#define PINS_ROOT "/run/zfwc/bpf"

/* Opens the root folder of the bpffs; with 'mount' mounts it when it is missing,
 * readable by root alone.  Without, -ENOENT when it is missing, or -EPERM when it
 * may be there and only root could see it. */
int pins_root_open(bool mount, struct trouble *t);

#endif
