// SPDX-License-Identifier: GPL-2.0-only
/* zfwc.bpf.c - the programs.
 *
 *	zfwc_entry	attached to the ingress of an interface; never changes
 *	zfwc_egress	attached to the egress where rules are for that, or 'ct state' is used; never changes
 *	zfwc_main	the rules: one is loaded for each copy of the maps */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#include <bpf/act.h>
#include <bpf/classify.h>
#include <bpf/flow.h>
#include <bpf/maps.h>
#include <bpf/parse.h>
#include <bpf/reject.h>

char LICENSE[] SEC("license") = "GPL";

/* In the control buffer of a packet on its way to zfwc_main. */
enum direction { IN, OUT };

/* The tail calls return only when nothing has been committed to the slot, or
 * somebody emptied it: then there are rules that can't be asked, and a firewall
 * that can't ask must not let through. */
SEC("tc")
int zfwc_entry(struct __sk_buff *skb)
{
	skb->cb[0] = IN;
	bpf_tail_call(skb, &JUMP, 0);
	return DROP;
}

SEC("tc")
int zfwc_egress(struct __sk_buff *skb)
{
	skb->cb[0] = OUT;
	bpf_tail_call(skb, &JUMP, 0);
	return DROP;
}

struct walk {
	struct __sk_buff *skb;
	struct packet *p;
	int verdict;
};

/* Finds the next rule that matches and does what it says, or the next step of
 * that.  The verdict is DROP until no rule is left. */
static long next_step(__u32 i, struct walk *w)
{
	struct packet *p = w->p;
	int then;

	if (p->op) {
		then = act_on(w->skb, p);
	} else {
		if (search(p)) /* only without maps, which cannot be */
			return 1;
		if (!p->rule) {
			w->verdict = PASS;
			return 1;
		}
		if (p->just_drops)
			return 1;
		then = act(w->skb, p);
	}
	if (then == DROP)
		return 1;
	return !p->op && p->lower <= p->best; /* going back might never end */
}

/* Labels only grow, so the bound is not one on the rules that a packet may
 * meet, nor on their ops; should it ever be reached, the packet is dropped. */
#define STEPS_MAX (1 << 23)

/* A packet at an interface that no rule is for: only its flow may count. */
static __always_inline int watch(struct __sk_buff *skb, struct packet *p, const struct zf_config *config)
{
	if (config->flags[ZF_IPV4] & ZF_USES_CT) {
		p->h.from = FROM_NETWORK;
		parse_packet(skb, &p->h, 0);
		flow_record(skb, &p->h);
	}
	return PASS;
}

/* What nft's counters see: at ingress the frame behind its Ethernet header, at
 * egress all of it. */
static __always_inline __u32 bytes_counted(const struct __sk_buff *skb, const struct packet *p)
{
	return p->out || p->no_ethernet ? skb->len : skb->len - ETH_HLEN;
}

SEC("tc")
int zfwc_main(struct __sk_buff *skb)
{
	struct packet p = { .out = skb->cb[0] == OUT };
	struct walk w = { .skb = skb, .p = &p, .verdict = DROP };
	__u32 key = skb->ifindex | (p.out ? ZF_EGRESS : 0);
	const struct zf_interface *interface;
	const struct zf_config *config;

	config = config_get();
	if (!config)
		return DROP;
	p.h.from = p.out ? FROM_NETWORK : FROM_DATA;
	interface = bpf_map_lookup_elem(&INTERFACE, &key);
	if (!interface)
		return watch(skb, &p, config);
	__builtin_memcpy(p.sets, interface->sets, sizeof(p.sets));
	p.no_ethernet = interface->flags & ZF_NO_ETHERNET;
	p.bytes = bytes_counted(skb, &p);
	parse_frame(skb, &p.h, p.no_ethernet);
	if (p.h.kind == FRAME_ARP)
		return PASS;
	if (p.h.kind <= FRAME_IPV6 && config->flags[p.h.kind & 1] & (ZF_HAS_DST | ZF_HAS_SRC))
		find_classes(&p, config->flags[p.h.kind & 1]);
	p.lower = 1;
	bpf_loop(STEPS_MAX, next_step, &w, 0);
	if (w.verdict == PASS)
		return pass(skb, &p, config);
	return p.answer ? answer(skb, &p) : DROP;
}
