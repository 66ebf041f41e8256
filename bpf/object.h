/* SPDX-License-Identifier: GPL-2.0-only */
/* object.h - the compiled programs, as they lie in this binary.
 *
 * An ELF file for bpf_object__open_mem, with the programs zfwc_entry, zfwc_main
 * and zfwc_egress and the maps of maps.def and JUMP.  It needs nothing else: no
 * file, no compiler. */
#ifndef ZFWC_BPF_OBJECT_H
#define ZFWC_BPF_OBJECT_H

#include <stddef.h>

extern const unsigned char zfwc_bpf_object[], zfwc_bpf_object_end[];

static inline size_t zfwc_bpf_object_size(void)
{
	return (size_t)(zfwc_bpf_object_end - zfwc_bpf_object);
}

#endif
