// SPDX-License-Identifier: GPL-2.0-only
/* bench.bpf.c - what the benchmark needs in the kernel: packets that differ, and
 * programs that do nothing. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <tests/bench/packets.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct bench_packets);
} PACKETS SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} NEXT SEC(".maps");

static __u32 position;

static __always_inline int rewrite(void *data, void *end)
{
	__u32 zero = 0;
	struct bench_packets *packets = bpf_map_lookup_elem(&PACKETS, &zero);
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	const struct bench_packet *p;
	__u16 *half = (void *)ip;
	__u32 sum = 0;

	if (!packets || (void *)(udp + 1) > end)
		return -1;
	p = &packets->v[position++ % BENCH_PACKETS];
	ip->saddr = p->src;
	ip->daddr = p->dst;
	udp->source = p->sport;
	udp->dest = p->dport;
	ip->check = 0;
#pragma unroll
	for (int i = 0; i < 10; i++)
		sum += half[i];
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~((sum & 0xffff) + (sum >> 16));
	return 0;
}

/* Gives the frame the addresses and ports of the next packet. */
SEC("xdp")
int generate(struct xdp_md *ctx)
{
	return rewrite((void *)(long)ctx->data, (void *)(long)ctx->data_end) ? XDP_DROP : XDP_PASS;
}

/* The same under BPF_PROG_TEST_RUN, before the program that is measured. */
SEC("tc")
int feed(struct __sk_buff *skb)
{
	if (!rewrite((void *)(long)skb->data, (void *)(long)skb->data_end))
		bpf_tail_call(skb, &NEXT, 0);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int empty(struct __sk_buff *skb)
{
	return TC_ACT_SHOT;
}

/* Lets an interface have the buffers that frames made by 'generate' need. */
SEC("xdp")
int ready(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
