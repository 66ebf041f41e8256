// SPDX-License-Identifier: GPL-2.0-only
/* zfwc.bpf.c - the programs.
 *
 *	zfwc_entry	attached to the ingress of an interface; never changes
 *	zfwc_main	the rules: one is loaded for each copy of the maps
 *	zfwc_egress	attached to the egress when 'ct state' is used */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#include <bpf/act.h>
#include <bpf/classify.h>
#include <bpf/flow.h>
#include <bpf/maps.h>
#include <bpf/parse.h>

char LICENSE[] SEC("license") = "GPL";

/* Returns only when nothing has been committed to the slot, or somebody emptied
 * it: then there are rules that can't be asked, and a firewall that can't ask
 * must not let through. */
SEC("tc")
int zfwc_entry(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &JUMP, 0);
	return DROP;
}

struct walk {
	struct __sk_buff *skb;
	struct packet *p;
	int verdict;
};

/* One rule: finds the next that matches and does what it says.  The verdict is
 * DROP until no rule is left. */
static long next_rule(__u32 i, struct walk *w)
{
	if (search(w->p)) /* only without maps, which cannot be */
		return 1;
	if (!w->p->rule) {
		w->verdict = PASS;
		return 1;
	}
	if (w->p->just_drops || act(w->skb, w->p) == DROP)
		return 1;
	return w->p->lower <= w->p->best; /* going back might never end */
}

/* Labels only grow, so the bound is not one on the rules that a packet may
 * meet; should it ever be reached, the packet is dropped. */
#define RULES_MAX (1 << 23)

SEC("tc")
int zfwc_main(struct __sk_buff *skb)
{
	struct packet p = {};
	struct walk w = { .skb = skb, .p = &p, .verdict = DROP };
	const struct zf_interface *interface;
	const struct zf_config *config;
	__u32 ifindex = skb->ifindex;

	interface = bpf_map_lookup_elem(&INTERFACE, &ifindex);
	if (!interface)
		return PASS;
	config = config_get();
	if (!config)
		return DROP;
	__builtin_memcpy(p.sets, interface->sets, sizeof(p.sets));
	/* What nft's counters see at ingress: the frame behind its Ethernet header. */
	p.bytes = skb->len - (interface->flags & ZF_NO_ETHERNET ? 0 : ETH_HLEN);
	parse_frame(skb, &p.h, interface->flags & ZF_NO_ETHERNET);
	if (p.h.kind == FRAME_ARP)
		return PASS;
	if (p.h.kind <= FRAME_IPV6 && config->flags[p.h.kind & 1] & (ZF_HAS_DST | ZF_HAS_SRC))
		find_classes(&p, config->flags[p.h.kind & 1]);
	p.lower = 1;
	bpf_loop(RULES_MAX, next_rule, &w, 0);
	return w.verdict == PASS ? pass(skb, &p) : DROP;
}

SEC("tc")
int zfwc_egress(struct __sk_buff *skb)
{
	struct headers h = { .from = FROM_NETWORK };

	parse_packet(skb, &h, 0);
	flow_record(skb, &h);
	return PASS;
}
