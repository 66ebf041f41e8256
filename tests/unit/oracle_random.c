// SPDX-License-Identifier: GPL-2.0-only
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <tests/unit/oracle.h>

uint32_t random_below(struct o_random *r, uint32_t n)
{
	r->state = r->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(r->state >> 33) % n;
}

static bool one_in(struct o_random *r, uint32_t n)
{
	return random_below(r, n) == 0;
}

/* ---- values: few enough that rules meet each other ---- */

#define PLACES 12 /* addresses that everything is near to */

static unsigned int width_of(enum o_field f)
{
	switch (f) {
	case O_SADDR4:
	case O_DADDR4:
		return 32;
	case O_SADDR6:
	case O_DADDR6:
		return 128;
	case O_TCP_SPORT:
	case O_TCP_DPORT:
	case O_UDP_SPORT:
	case O_UDP_DPORT:
		return 16;
	default:
		return 8;
	}
}

static o_number last_of(unsigned int width)
{
	return width == 128 ? ~(o_number)0 : ((o_number)1 << width) - 1;
}

static o_number random_address(struct o_random *r, unsigned int width)
{
	uint32_t place = random_below(r, PLACES), host = one_in(r, 4) ? random_below(r, 2000) : random_below(r, 4);
	uint32_t v4 = 0x0a000000 | place * 0x2a4c11 | host;

	if (one_in(r, 40))
		v4 = one_in(r, 2) ? 0 : 0xffffffff;
	if (width == 32)
		return v4;
	return (o_number)(0x20010db800000000u | (place & 3) << 16 | place >> 2) << 64 |
	       (one_in(r, 2) ? (o_number)place << 48 : 0) | host;
}

/* As one of 'n' in a set: broad ones would swallow the others. */
static struct o_range random_address_range(struct o_random *r, unsigned int width, size_t n)
{
	static const uint8_t lens[] = { 32, 32, 32, 31, 30, 24, 24, 16, 8, 20, 12, 4, 1 };
	o_number a = random_address(r, width), b;
	unsigned int len = lens[random_below(r, n < 20 ? sizeof(lens) : 5)] * (width / 32);

	if (n < 20 && one_in(r, 5)) {
		b = one_in(r, 2) ? a + random_below(r, 600) : random_address(r, width);
		if (width == 32)
			b &= 0xffffffff;
		return a < b ? (struct o_range){ a, b } : (struct o_range){ b, a };
	}
	a &= ~(len == width ? 0 : last_of(width) >> len);
	return (struct o_range){ a, a | (len == width ? 0 : last_of(width) >> len) };
}

static struct o_range random_port_range(struct o_random *r)
{
	static const uint16_t ports[] = { 0,   1,    15,   16,	 22,   53,   67,    68,	   80,	  443,	546,
					  547, 1023, 1024, 4095, 4096, 8080, 16384, 32768, 65534, 65535 };
	uint32_t a = ports[random_below(r, sizeof(ports) / sizeof(ports[0]))];
	uint32_t b = one_in(r, 2) ? a : one_in(r, 2) ? a + random_below(r, 40) : a + random_below(r, 20000);

	return (struct o_range){ a, b > 65535 ? 65535 : b };
}

static uint8_t random_protocol(struct o_random *r)
{
	static const uint8_t protos[] = { 6, 6, 6, 17, 17, 17, 1, 58, 47, 132, 2, 255 };

	return protos[random_below(r, sizeof(protos))];
}

static struct o_range random_range(struct o_random *r, enum o_field f, size_t n)
{
	static const uint8_t types[] = { 0, 3, 8, 11, 128, 129, 133, 135, 136, 1, 2 };
	o_number x;

	switch (f) {
	case O_SADDR4:
	case O_DADDR4:
	case O_SADDR6:
	case O_DADDR6:
		return random_address_range(r, width_of(f), n);
	case O_TCP_SPORT:
	case O_TCP_DPORT:
	case O_UDP_SPORT:
	case O_UDP_DPORT:
		return random_port_range(r);
	case O_ICMP_TYPE:
	case O_ICMPV6_TYPE:
		x = types[random_below(r, sizeof(types))];
		break;
	case O_NFPROTO:
		x = one_in(r, 2) ? 4 : 6;
		break;
	case O_IIFNAME:
		x = random_below(r, O_INTERFACES);
		break;
	default:
		x = random_protocol(r);
		break;
	}
	return (struct o_range){ x, x };
}

static int by_lo(const void *a, const void *b)
{
	const struct o_range *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

/* Sorted, without what overlaps: nft refuses that. */
static struct o_values random_values(struct o_random *r, enum o_field f, size_t n)
{
	struct o_range *v = arena_make_array(r->arena, n, struct o_range);
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		v[i] = random_range(r, f, n);
	qsort(v, n, sizeof(*v), by_lo);
	for (size_t i = 0; i < n; i++)
		if (!kept || v[i].lo > v[kept - 1].hi)
			v[kept++] = v[i];
	return (struct o_values){ v, kept };
}

/* ---- rules ---- */

static size_t random_size(struct o_random *r, enum o_field f)
{
	if (f == O_NFPROTO || one_in(r, 2))
		return 1;
	return 1 + random_below(r, f == O_IIFNAME ? 2 : 6);
}

static int set_for(struct o_random *r, const struct o_ruleset *rs, enum o_field f)
{
	for (size_t i = 0; i < rs->n_sets && width_of(f) > 8; i++)
		if (width_of(rs->sets[i].type) == width_of(f) && one_in(r, 4))
			return (int)i;
	return -1;
}

static void add_match(struct o_random *r, const struct o_ruleset *rs, struct o_rule *rule, enum o_field f)
{
	struct o_match *m = &rule->matches[rule->n_matches++];

	m->field = f;
	m->negated = one_in(r, 6);
	m->set = set_for(r, rs, f);
	m->values = m->set >= 0 ? rs->sets[m->set].values : random_values(r, f, random_size(r, f));
}

/* What a rule looks at goes together: nft refuses two protocols in one rule. */
static void add_matches(struct o_random *r, const struct o_ruleset *rs, struct o_rule *rule)
{
	uint32_t family = random_below(r, 5); /* 0, 1: IPv4, 2, 3: IPv6, 4: either */
	bool v4 = family < 2, v6 = family == 2 || family == 3;

	if (one_in(r, 5))
		add_match(r, rs, rule, O_IIFNAME);
	if (rs->inet && !v4 && !v6 && one_in(r, 8)) /* of no use elsewhere, says nft */
		add_match(r, rs, rule, O_NFPROTO);
	if ((v4 || v6) && one_in(r, 2))
		add_match(r, rs, rule, v4 ? O_SADDR4 : O_SADDR6);
	if ((v4 || v6) && !one_in(r, 3))
		add_match(r, rs, rule, v4 ? O_DADDR4 : O_DADDR6);
	switch (random_below(r, 8)) {
	case 0:
		add_match(r, rs, rule, v4 && one_in(r, 2) ? O_PROTOCOL4 : O_L4PROTO);
		break;
	case 1:
		if (v4 || v6)
			add_match(r, rs, rule, v4 ? O_ICMP_TYPE : O_ICMPV6_TYPE);
		break;
	case 2:
	case 3:
	case 4:
		add_match(r, rs, rule, one_in(r, 2) ? O_TCP_DPORT : O_UDP_DPORT);
		break;
	case 5:
		add_match(r, rs, rule, one_in(r, 2) ? O_TCP_SPORT : O_UDP_SPORT);
		if (one_in(r, 2))
			add_match(r, rs, rule,
				  rule->matches[rule->n_matches - 1].field == O_TCP_SPORT ? O_TCP_DPORT : O_UDP_DPORT);
		break;
	}
}

static void random_rule(struct o_random *r, struct o_ruleset *rs, size_t chain, struct o_rule *rule, bool may_jump)
{
	static const enum o_verdict verdicts[] = { O_ACCEPT, O_ACCEPT, O_ACCEPT, O_DROP,    O_DROP,
						   O_DROP,   O_NONE,   O_RETURN, O_CONTINUE };
	size_t target = chain + 1 + random_below(r, 2);

	memset(rule, 0, sizeof(*rule));
	rule->counter = one_in(r, 3);
	rule->verdict = verdicts[random_below(r, sizeof(verdicts) / sizeof(verdicts[0]))];
	add_matches(r, rs, rule);
	if (!rule->n_matches && rule->verdict != O_NONE && !one_in(r, 4))
		add_match(r, rs, rule, O_IIFNAME);
	while (target < rs->n_chains && rs->chains[target].base)
		target++;
	if (may_jump && target < rs->n_chains) {
		rule->verdict = one_in(r, 3) ? O_GOTO : O_JUMP;
		rule->target = target;
	}
	if (rule->verdict == O_NONE)
		rule->counter = true;
}

static void random_chain(struct o_random *r, struct o_ruleset *rs, size_t nr, size_t rules)
{
	struct o_chain *c = &rs->chains[nr];

	c->rules = arena_make_array(r->arena, rules, struct o_rule);
	for (size_t jumps = 0; c->n < rules; c->n++) {
		bool jump = jumps < 2 && one_in(r, 6);

		random_rule(r, rs, nr, &c->rules[c->n], jump);
		jumps += jump;
	}
}

static void random_base(struct o_random *r, struct o_chain *c)
{
	c->base = true;
	c->priority = (int)random_below(r, 5) - 2;
	c->drops = one_in(r, 2);
	for (unsigned int i = 0; i < O_INTERFACES; i++)
		c->devices[i] = one_in(r, 2);
	c->devices[random_below(r, O_INTERFACES)] = true;
}

void random_ruleset(struct o_random *r, struct o_ruleset *rs)
{
	static const enum o_field types[] = { O_DADDR4, O_DADDR6, O_TCP_DPORT };
	size_t bases = 1 + random_below(r, 3);
	bool large = one_in(r, 3); /* many rules instead of many chains */

	memset(rs, 0, sizeof(*rs));
	rs->inet = one_in(r, 2);
	rs->n_sets = random_below(r, O_SETS + 1);
	for (size_t i = 0; i < rs->n_sets; i++) {
		rs->sets[i].type = types[random_below(r, 3)];
		rs->sets[i].values = random_values(r, rs->sets[i].type, one_in(r, 3) ? 400 : 1 + random_below(r, 12));
	}
	rs->n_chains = bases + (large ? 0 : random_below(r, 5));
	for (size_t i = 0; i < bases; i++)
		random_base(r, &rs->chains[i]);
	for (size_t i = rs->n_chains; i-- > 0;)
		random_chain(r, rs, i, large ? 20 + random_below(r, 400) : 1 + random_below(r, 24));
}

/* ---- packets ---- */

static void put_number(uint8_t *bytes, size_t n, o_number x)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(x >> (8 * (n - 1 - i)));
}

static void make_family(struct packet_spec *s, unsigned int version, struct o_random *r)
{
	unsigned int width = version == 4 ? 32 : 128;

	if (s->version == version)
		return;
	s->version = version;
	memset(s->src_bytes, 0, 16);
	memset(s->dst_bytes, 0, 16);
	put_number(s->src_bytes, width / 8, random_address(r, width));
	put_number(s->dst_bytes, width / 8, random_address(r, width));
}

/* Gives the packet a field with this value. */
static void set_field(struct o_random *r, struct o_packet *p, enum o_field f, o_number x)
{
	struct packet_spec *s = &p->spec;

	switch (f) {
	case O_SADDR4:
	case O_DADDR4:
		make_family(s, 4, r);
		put_number(f == O_SADDR4 ? s->src_bytes : s->dst_bytes, 4, x);
		break;
	case O_SADDR6:
	case O_DADDR6:
		make_family(s, 6, r);
		put_number(f == O_SADDR6 ? s->src_bytes : s->dst_bytes, 16, x);
		break;
	case O_PROTOCOL4:
		make_family(s, 4, r);
		s->proto = (uint8_t)x;
		break;
	case O_L4PROTO:
		s->proto = (uint8_t)x;
		break;
	case O_NFPROTO:
		make_family(s, x == 4 ? 4 : 6, r);
		break;
	case O_TCP_SPORT:
	case O_UDP_SPORT:
		s->proto = f == O_TCP_SPORT ? IPPROTO_TCP : IPPROTO_UDP;
		s->sport = (uint16_t)x;
		break;
	case O_TCP_DPORT:
	case O_UDP_DPORT:
		s->proto = f == O_TCP_DPORT ? IPPROTO_TCP : IPPROTO_UDP;
		s->dport = (uint16_t)x;
		break;
	case O_ICMP_TYPE:
	case O_ICMPV6_TYPE:
		make_family(s, f == O_ICMP_TYPE ? 4 : 6, r);
		s->proto = f == O_ICMP_TYPE ? IPPROTO_ICMP : IPPROTO_ICMPV6;
		s->type = (uint8_t)x;
		break;
	default:
		if (x < O_INTERFACES)
			p->interface = (unsigned int)x;
		break;
	}
}

static void near_match(struct o_random *r, const struct o_match *m, struct o_packet *p)
{
	const struct o_range *range;
	o_number x;

	if (!m->values.n)
		return;
	range = &m->values.v[random_below(r, (uint32_t)m->values.n)];
	switch (random_below(r, 6)) {
	case 0:
		x = range->lo - 1;
		break;
	case 1:
		x = range->hi + 1;
		break;
	case 2:
		x = range->hi;
		break;
	case 3:
		x = range->lo +
		    random_below(r, 0x7fffffff) % (range->hi - range->lo + 1 ? range->hi - range->lo + 1 : 1);
		break;
	default:
		x = range->lo;
		break;
	}
	set_field(r, p, m->field, x & last_of(width_of(m->field)));
}

static void near_rule(struct o_random *r, const struct o_ruleset *rs, struct o_packet *p)
{
	const struct o_chain *c = &rs->chains[random_below(r, (uint32_t)rs->n_chains)];
	const struct o_rule *rule;

	if (!c->n)
		return;
	rule = &c->rules[random_below(r, (uint32_t)c->n)];
	for (size_t i = 0; i < rule->n_matches; i++)
		near_match(r, &rule->matches[i], p);
}

static bool has_header(uint8_t proto, unsigned int version)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || (proto == IPPROTO_ICMP && version == 4) ||
	       (proto == IPPROTO_ICMPV6 && version == 6);
}

static void add_layers(struct o_random *r, struct packet_spec *s)
{
	static const uint8_t extensions[][3] = { { 0 }, { 60 }, { 0, 43, 60 }, { 43 }, { 0, 60, 60 } };
	uint32_t which = random_below(r, 5);

	for (uint32_t tags = one_in(r, 5) ? 1 + random_below(r, 2) : 0; tags-- > 0;)
		s->tags[tags] = one_in(r, 2) ? 0x8100 : 0x88a8;
	if (s->version == 4 && one_in(r, 6))
		s->options = 1 + random_below(r, 10);
	if (s->version == 6 && one_in(r, 6)) {
		s->extensions = extensions[which];
		s->n_extensions = which == 2 || which == 4 ? 3 : 1;
	}
	if (one_in(r, 8)) {
		s->more_fragments = one_in(r, 2);
		s->fragment_offset = (uint16_t)(one_in(r, 2) ? 8 * (1 + random_below(r, 500)) : 0);
	}
	s->payload_len = 8 * random_below(r, 6);
	s->hop_limit = one_in(r, 3) ? 255 : 64;
}

/* An extension header is no protocol: in its place the rest of the packet would
 * be read as one. */
static void settle_protocol(struct packet_spec *s)
{
	static const uint8_t extensions[] = { 0, 43, 44, 60 };

	for (size_t i = 0; i < sizeof(extensions); i++)
		if (s->version == 6 && s->proto == extensions[i])
			s->proto = 61;
}

static void spoil(struct o_random *r, struct o_packet *p)
{
	uint8_t *ip = p->frame.data + frame_network(&p->spec);
	bool v4 = p->spec.version == 4;

	p->kind = O_BAD;
	switch (random_below(r, 3)) {
	case 0:
		ip[0] = (uint8_t)(0x50 | (ip[0] & 15));
		break;
	case 1: /* longer than the frame */
		ip[v4 ? 2 : 4] |= 0x40;
		break;
	default:
		if (v4)
			ip[0] = 0x44;
		else
			ip[0] = 0x46;
		break;
	}
}

/* Ends the packet, not the frame, within the first bytes of the transport header. */
static void truncate_packet(struct o_random *r, struct o_packet *p)
{
	uint8_t *ip = p->frame.data + frame_network(&p->spec);
	uint32_t bytes = random_below(r, 4);

	p->has_l4 = false;
	if (p->spec.version == 4) {
		bytes += 20 + 4 * p->spec.options;
		ip[2] = 0;
		ip[3] = (uint8_t)bytes;
	} else {
		ip[4] = 0;
		ip[5] = (uint8_t)bytes;
	}
}

void random_packet(struct o_random *r, const struct o_ruleset *rs, struct o_packet *p)
{
	struct packet_spec *s = &p->spec;
	uint8_t *type;

	memset(&p->spec, 0, sizeof(p->spec));
	p->kind = O_IP;
	p->interface = random_below(r, O_INTERFACES);
	make_family(s, one_in(r, 2) ? 4 : 6, r);
	s->proto = random_protocol(r);
	s->sport = (uint16_t)random_port_range(r).lo;
	s->dport = (uint16_t)random_port_range(r).lo;
	s->type = (uint8_t)random_range(r, O_ICMP_TYPE, 1).lo;
	s->code = one_in(r, 4) ? (uint8_t)random_below(r, 256) : 0;
	for (uint32_t n = random_below(r, 3); n-- > 0;)
		near_rule(r, rs, p);
	settle_protocol(s);
	add_layers(r, s);
	p->has_l4 = has_header(s->proto, s->version) && !s->fragment_offset;
	frame_make(&p->frame, s);
	type = p->frame.data + frame_network(s) - 2;
	if (one_in(r, 40)) {
		spoil(r, p);
	} else if (one_in(r, 60)) {
		p->kind = one_in(r, 2) ? O_ARP : O_OTHER;
		memcpy(type, p->kind == O_ARP ? "\x08\x06" : "\x88\xcc", 2);
	} else if (one_in(r, 40) && p->has_l4 && !s->n_extensions && !s->more_fragments) {
		truncate_packet(r, p);
	}
}
