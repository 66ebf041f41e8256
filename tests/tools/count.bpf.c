/* SPDX-License-Identifier: GPL-2.0-only */
/* count.bpf.c - somebody else's TC program: counts packets, decides nothing. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 *n = bpf_map_lookup_elem(&packets, &(__u32){ 0 });

	(void)skb;
	if (n)
		__sync_fetch_and_add(n, 1);
	/* "next": TCX_NEXT and TC_ACT_UNSPEC are the same number. */
	return -1;
}

char _license[] SEC("license") = "GPL";
