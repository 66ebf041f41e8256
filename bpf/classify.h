/* SPDX-License-Identifier: GPL-2.0-only */
/* classify.h - from a packet to the first rule that matches its headers.
 *
 * The layout that is walked here, and why it finds the first match, is told in
 * abi.h.  Every loop stands in a global function of its own: the verifier then
 * looks at each body once instead of once for each way to come to it. */
#ifndef ZFWC_BPF_CLASSIFY_H
#define ZFWC_BPF_CLASSIFY_H

#include <bpf/maps.h>
#include <bpf/parse.h>

/* A packet on its way through the rules. */
struct packet {
	struct headers h;
	__u32 bytes;			    /* as counters count them */
	__u64 sets[ZF_INTERFACE_SETS / 64]; /* of the interface */
	__u32 dst_class, src_class;	    /* 0: no class */
	__u32 lower;			    /* labels to consider: from here ... */
	__u32 best;			    /* ... to before this one, the least that matched so far */
	__u32 rule;			    /* the rule of best; 0: none */
	__u32 op;			    /* of that rule, which is to be done next; 0: none */
	__u8 just_drops;		    /* that rule */
	__u8 state;			    /* enum zf_ct_state, once it is known; 0: may be the first of a flow */
	__u8 state_known;
	__u8 own_socket; /* state comes from a socket: no need to record the flow */
	__u8 assigned;	 /* to a socket */
	__u8 out;	 /* on the way out */
	__u8 no_ethernet;
	__u8 answer;		 /* ZF_REJECT or ZF_RESET: what the rule that dropped it wants to send back */
	__u8 code;		 /* of ZF_REJECT */
	__u8 matched;		 /* the comparison that is being made, which may take several ops, */
	struct zf_number number; /* of this number */
};

/* Index of the lowest bit of a word that isn't 0: BPF has no instruction for it. */
static const __u8 bit_of_product[64] = {
	0,  1,	2,  53, 3,  7,	54, 27, 4,  38, 41, 8,	34, 55, 48, 28, 62, 5,	39, 46, 44, 42,
	22, 9,	24, 35, 59, 56, 49, 18, 29, 11, 63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21,
	23, 58, 17, 10, 51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
};

static __always_inline __u32 lowest_bit(__u64 word)
{
	return bit_of_product[((word & -word) * 0x022fdd63cc95386dull) >> 58];
}

/* ---- lists ---- */

static __always_inline int outside(__u32 x, __u32 lo, __u32 hi)
{
	return x - lo > hi - lo; /* as unsigned numbers: below lo wraps round */
}

static __always_inline int entry_matches(const struct zf_entry *e, const struct packet *p)
{
	if (outside(p->h.flow.proto, e->proto_lo, e->proto_hi) || outside(p->h.dport, e->dport_lo, e->dport_hi) ||
	    outside(p->h.sport, e->sport_lo, e->sport_hi))
		return 0;
	if (e->flags & ZF_NEED_L4 && !p->h.has_l4)
		return 0;
	return p->sets[e->interfaces / 64] >> (e->interfaces % 64) & 1;
}

/* Looks through one cell.  Returns the reference of the next, or 0 when what
 * follows can't be better. */
static __always_inline __u32 search_cell(struct packet *p, __u32 ref)
{
	const struct zf_cell *c = bpf_map_lookup_elem(&PORTS, &ref);

	if (!c)
		return 0;
	for (int i = 0; i < ZF_CELL_ENTRIES; i++) {
		const struct zf_entry *e = &c->entries[i];

		if (!e->rule || e->label < p->lower)
			continue;
		if (e->label >= p->best)
			return 0;
		if (entry_matches(e, p)) {
			p->best = e->label;
			p->rule = e->rule;
			p->just_drops = e->flags & ZF_JUST_DROPS;
			return 0;
		}
	}
	return c->next;
}

struct list_walk {
	struct packet *p;
	__u32 ref;
};

static long next_cell(__u32 i, struct list_walk *w)
{
	w->ref = search_cell(w->p, w->ref);
	return !w->ref;
}

__noinline int search_list(struct packet *p, __u32 ref)
{
	struct list_walk w = { .p = p };

	if (!p)
		return -1;
	w.ref = search_cell(p, ref);
	if (w.ref)
		bpf_loop(ZF_LIST_CELLS, next_cell, &w, 0);
	return 0;
}

/* Follows nodes down to the list for 'port', four bits a level. */
static __always_inline __u32 list_of_port(__u32 ref, __u32 port)
{
	for (int level = 0; level < 4 && ref & ZF_REF_NODE; level++) {
		__u32 cell = ref & ~ZF_REF_NODE;
		const struct zf_cell *c = bpf_map_lookup_elem(&PORTS, &cell);

		if (!c)
			return 0;
		ref = c->slots[port >> 12 & 15];
		port <<= 4;
	}
	return ref & ZF_REF_NODE ? 0 : ref;
}

/* The rules of one pair.  Those kept by port need the transport header. */
static __always_inline void search_block(struct packet *p, const struct zf_block *b)
{
	__u32 list = b->list, dport = 0, sport = 0;

	if (p->h.has_l4) {
		dport = b->dport ? list_of_port(b->dport, p->h.dport) : 0;
		sport = b->sport ? list_of_port(b->sport, p->h.sport) : 0;
	}
	if (dport)
		search_list(p, dport);
	if (list)
		search_list(p, list);
	if (sport)
		search_list(p, sport);
}

/* ---- tuples ---- */

/* The first 'len' bits of 64, in network byte order. */
static __always_inline __be64 mask64(__u32 len)
{
	return len ? bpf_cpu_to_be64(~0ull << ((64 - len) & 63)) : 0;
}

__noinline int search_pair4(struct packet *p, __u32 tuple, __u32 dst_len, __u32 src_len)
{
	struct zf_pair4 key = { .tuple = tuple };
	const struct zf_block *b;
	__u32 dst, src;

	if (!p)
		return -1;
	__builtin_memcpy(&dst, p->h.flow.dst, 4);
	__builtin_memcpy(&src, p->h.flow.src, 4);
	dst &= bpf_htonl((__u32)(~0ull << (32 - (dst_len & 63))));
	src &= bpf_htonl((__u32)(~0ull << (32 - (src_len & 63))));
	__builtin_memcpy(key.dst, &dst, 4);
	__builtin_memcpy(key.src, &src, 4);
	b = bpf_map_lookup_elem(&PAIR4, &key);
	if (b)
		search_block(p, b);
	return 0;
}

static __always_inline void mask128(__u8 *to, const __u8 *from, __u32 len)
{
	__be64 words[2];

	__builtin_memcpy(words, from, 16);
	words[0] &= mask64(len < 64 ? len : 64);
	words[1] &= mask64(len > 64 ? len - 64 : 0);
	__builtin_memcpy(to, words, 16);
}

__noinline int search_pair6(struct packet *p, __u32 tuple, __u32 dst_len, __u32 src_len)
{
	struct zf_pair6 key = { .tuple = tuple };
	const struct zf_block *b;

	if (!p)
		return -1;
	mask128(key.dst, p->h.flow.dst, dst_len);
	mask128(key.src, p->h.flow.src, src_len);
	b = bpf_map_lookup_elem(&PAIR6, &key);
	if (b)
		search_block(p, b);
	return 0;
}

/* Looks where the tuples 64 * word + {bits} lead. */
__noinline int search_word(struct packet *p, __u32 word, __u64 bits)
{
	if (!p)
		return -1;
	for (int i = 0; i < 64 && bits; i++, bits &= bits - 1) {
		__u32 nr = word * 64 + lowest_bit(bits);
		__u32 index = nr + p->h.flow.family * ZF_TUPLES;
		const struct zf_tuple *t = bpf_map_lookup_elem(&TUPLE, &index);

		if (!t || t->max_label < p->lower || t->min_label >= p->best)
			continue;
		if (p->h.flow.family == ZF_IPV4)
			search_pair4(p, nr, t->dst_len, t->src_len);
		else
			search_pair6(p, nr, t->dst_len, t->src_len);
	}
	return 0;
}

/* ---- all of it ---- */

/* Which tuples an address is in: looked up once per packet. */
__noinline int find_classes(struct packet *p, __u32 flags)
{
	struct zf_lpm4 k4 = { .prefixlen = 32 };
	struct zf_lpm6 k6 = { .prefixlen = 128 };
	const __u32 *class;

	if (!p)
		return -1;
	if (flags & ZF_HAS_DST) {
		__builtin_memcpy(k4.addr, p->h.flow.dst, 4);
		__builtin_memcpy(k6.addr, p->h.flow.dst, 16);
		class = p->h.flow.family == ZF_IPV4 ? bpf_map_lookup_elem(&DST4, &k4) : bpf_map_lookup_elem(&DST6, &k6);
		p->dst_class = class ? *class : 0;
	}
	if (flags & ZF_HAS_SRC) {
		__builtin_memcpy(k4.addr, p->h.flow.src, 4);
		__builtin_memcpy(k6.addr, p->h.flow.src, 16);
		class = p->h.flow.family == ZF_IPV4 ? bpf_map_lookup_elem(&SRC4, &k4) : bpf_map_lookup_elem(&SRC6, &k6);
		p->src_class = class ? *class : 0;
	}
	return 0;
}

static __always_inline void search_tuples(struct packet *p, const struct zf_config *config)
{
	__u32 family = p->h.flow.family & 1, dst_class = p->dst_class, src_class = p->src_class;
	const struct zf_class *dst, *src;

	dst = bpf_map_lookup_elem(&CLASS, &dst_class);
	src = bpf_map_lookup_elem(&CLASS, &src_class);
	if (!dst || !src)
		return;
	for (__u32 w = 0; w < ZF_TUPLE_WORDS && w < config->words[family]; w++) {
		__u64 bits = (dst->tuples[w] | config->any_dst[family][w]) &
			     (src->tuples[w] | config->any_src[family][w]);

		if (bits)
			search_word(p, w, bits);
	}
}

/* Finds the first rule with label p->lower or above that matches: p->rule and
 * p->best, or rule 0. */
static __always_inline int search(struct packet *p)
{
	const struct zf_config *config = config_get();

	if (!config)
		return -1;
	p->rule = 0;
	p->best = ZF_LABEL_NONE;
	if (p->h.kind == FRAME_IPV4 || p->h.kind == FRAME_IPV6)
		search_tuples(p, config);
	else if (p->h.kind == FRAME_BAD4)
		search_list(p, config->bad[ZF_IPV4]);
	else if (p->h.kind == FRAME_BAD6)
		search_list(p, config->bad[ZF_IPV6]);
	else
		search_list(p, config->other);
	return 0;
}

/* ---- what was found ---- */

static __always_inline void count(const struct packet *p, __u32 nr)
{
	struct zf_counter *c = nr ? bpf_map_lookup_elem(&COUNTER, &nr) : NULL;

	if (c) {
		c->packets++;
		c->bytes += p->bytes;
	}
}

static __always_inline const struct zf_rule *rule_get(const struct packet *p)
{
	__u32 nr = p->rule;

	return bpf_map_lookup_elem(&RULE, &nr);
}

#endif
