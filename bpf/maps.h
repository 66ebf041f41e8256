/* SPDX-License-Identifier: GPL-2.0-only */
/* maps.h - the maps of maps.def, declared for the program.
 *
 * max_entries is a placeholder: user space sets it before it loads the object,
 * from what the image needs. */
#ifndef ZFWC_BPF_MAPS_H
#define ZFWC_BPF_MAPS_H

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/abi.h>
#include <bpf/bpf_helpers.h>

#define MAP(id, map_type, key_type, value_type, bits, scope, doc) \
	struct {                                                  \
		__uint(type, BPF_MAP_TYPE_##map_type);            \
		__uint(max_entries, 4096);                        \
		__uint(map_flags, bits);                          \
		__type(key, key_type);                            \
		__type(value, value_type);                        \
	} id SEC(".maps");
#include <bpf/maps.def>
#undef MAP

/* Slot 0 is the main program of the copy that packets use: storing it is the
 * commit.  The same map for the life of an instance. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} JUMP SEC(".maps");

static __always_inline const struct zf_config *config_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&CONFIG, &zero);
}

#endif
