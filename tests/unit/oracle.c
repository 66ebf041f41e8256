// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include <tests/unit/oracle.h>

#define PASS (-1)
#define DROP 2

/* ---- evaluation ---- */

static o_number number_of(const uint8_t *bytes, size_t n)
{
	o_number x = 0;

	for (size_t i = 0; i < n; i++)
		x = x << 8 | bytes[i];
	return x;
}

static bool transport_is(const struct o_packet *p, uint8_t proto, unsigned int version)
{
	return p->kind == O_IP && p->has_l4 && p->spec.proto == proto && (!version || p->spec.version == version);
}

/* Has the packet this field, and what is in it? */
static bool field_of(const struct o_packet *p, enum o_field field, o_number *value)
{
	const struct packet_spec *s = &p->spec;
	bool v4 = p->kind == O_IP && s->version == 4, v6 = p->kind == O_IP && s->version == 6;

	switch (field) {
	case O_SADDR4:
		*value = number_of(s->src_bytes, 4);
		return v4;
	case O_DADDR4:
		*value = number_of(s->dst_bytes, 4);
		return v4;
	case O_SADDR6:
		*value = number_of(s->src_bytes, 16);
		return v6;
	case O_DADDR6:
		*value = number_of(s->dst_bytes, 16);
		return v6;
	case O_PROTOCOL4:
		*value = s->proto;
		return v4;
	case O_L4PROTO:
		*value = s->proto;
		return v4 || v6;
	case O_NFPROTO:
		*value = s->version;
		return v4 || v6;
	case O_TCP_SPORT:
		*value = s->sport;
		return transport_is(p, IPPROTO_TCP, 0);
	case O_TCP_DPORT:
		*value = s->dport;
		return transport_is(p, IPPROTO_TCP, 0);
	case O_UDP_SPORT:
		*value = s->sport;
		return transport_is(p, IPPROTO_UDP, 0);
	case O_UDP_DPORT:
		*value = s->dport;
		return transport_is(p, IPPROTO_UDP, 0);
	case O_ICMP_TYPE:
		*value = s->type;
		return transport_is(p, IPPROTO_ICMP, 4);
	case O_ICMPV6_TYPE:
		*value = s->type;
		return transport_is(p, IPPROTO_ICMPV6, 6);
	case O_IIFNAME:
		*value = p->interface;
		return true;
	case O_FIELDS:
		break;
	}
	return false;
}

static bool match_holds(const struct o_match *m, const struct o_packet *p)
{
	o_number value = 0;
	bool in = false;

	if (!field_of(p, m->field, &value))
		return false;
	for (size_t i = 0; i < m->values.n && !in; i++)
		in = value >= m->values.v[i].lo && value <= m->values.v[i].hi;
	return in != m->negated;
}

static bool rule_matches(const struct o_rule *r, const struct o_packet *p)
{
	for (size_t i = 0; i < r->n_matches; i++)
		if (!match_holds(&r->matches[i], p))
			return false;
	return true;
}

/* Does a rule look at the packet, and not only at where it came from? */
static bool looks(const struct o_rule *r)
{
	for (size_t i = 0; i < r->n_matches; i++)
		if (r->matches[i].field != O_IIFNAME)
			return true;
	return false;
}

static bool is_discovery(const struct o_packet *p)
{
	return transport_is(p, IPPROTO_ICMPV6, 6) && p->spec.type >= 133 && p->spec.type <= 137 && p->spec.code == 0 &&
	       p->spec.hop_limit == 255;
}

/* O_ACCEPT, O_DROP, or O_NONE when the chain ends or returns.  A drop to which
 * nothing in the packet led leaves neighbour discovery alone. */
static enum o_verdict walk(struct o_ruleset *rs, size_t chain, const struct o_packet *p, bool looked)
{
	struct o_chain *c = &rs->chains[chain];

	for (size_t i = 0; i < c->n; i++) {
		struct o_rule *r = &c->rules[i];
		enum o_verdict v;

		if (!rule_matches(r, p))
			continue;
		if (r->verdict == O_DROP && !looked && !looks(r) && is_discovery(p))
			continue;
		r->packets++;
		switch (r->verdict) {
		case O_ACCEPT:
		case O_DROP:
			return r->verdict;
		case O_RETURN:
			return O_NONE;
		case O_GOTO:
			return walk(rs, r->target, p, looked || looks(r));
		case O_JUMP:
			v = walk(rs, r->target, p, looked || looks(r));
			if (v != O_NONE)
				return v;
			break;
		case O_NONE:
		case O_CONTINUE:
			break;
		}
	}
	return O_NONE;
}

static bool passes(struct o_ruleset *rs, size_t chain, const struct o_packet *p)
{
	switch (walk(rs, chain, p, false)) {
	case O_ACCEPT:
		return true;
	case O_DROP:
		return false;
	default:
		return !rs->chains[chain].drops || is_discovery(p);
	}
}

/* The base chain to ask behind 'last': by priority, then by place; n_chains: none. */
static size_t next_base(const struct o_ruleset *rs, size_t last)
{
	size_t best = rs->n_chains;

	for (size_t i = 0; i < rs->n_chains; i++) {
		const struct o_chain *c = &rs->chains[i];

		if (!c->base)
			continue;
		if (last < rs->n_chains && (c->priority < rs->chains[last].priority ||
					    (c->priority == rs->chains[last].priority && i <= last)))
			continue;
		if (best == rs->n_chains || c->priority < rs->chains[best].priority)
			best = i;
	}
	return best;
}

int oracle_verdict(struct o_ruleset *rs, const struct o_packet *p)
{
	if (p->kind == O_ARP || (p->kind == O_OTHER && rs->inet)) /* an inet chain sees IP alone */
		return PASS;
	for (size_t i = next_base(rs, rs->n_chains); i < rs->n_chains; i = next_base(rs, i))
		if (rs->chains[i].devices[p->interface] && !passes(rs, i, p))
			return DROP;
	return PASS;
}

/* ---- text ---- */

static const char *const field_text[O_FIELDS] = {
	[O_SADDR4] = "ip saddr",	 [O_DADDR4] = "ip daddr",	[O_SADDR6] = "ip6 saddr",
	[O_DADDR6] = "ip6 daddr",	 [O_PROTOCOL4] = "ip protocol", [O_L4PROTO] = "meta l4proto",
	[O_NFPROTO] = "meta nfproto",	 [O_TCP_SPORT] = "tcp sport",	[O_TCP_DPORT] = "tcp dport",
	[O_UDP_SPORT] = "udp sport",	 [O_UDP_DPORT] = "udp dport",	[O_ICMP_TYPE] = "icmp type",
	[O_ICMPV6_TYPE] = "icmpv6 type", [O_IIFNAME] = "iifname",
};

static unsigned int address_width(enum o_field f)
{
	return f == O_SADDR4 || f == O_DADDR4 ? 32 : f == O_SADDR6 || f == O_DADDR6 ? 128 : 0;
}

static void print_one(enum o_field f, o_number x, FILE *to)
{
	unsigned int width = address_width(f);
	uint8_t bytes[16];
	char text[64];

	for (unsigned int i = 0; i < width / 8; i++)
		bytes[i] = (uint8_t)(x >> (width - 8 - 8 * i));
	if (width)
		fputs(inet_ntop(width == 32 ? AF_INET : AF_INET6, bytes, text, sizeof(text)), to);
	else if (f == O_IIFNAME)
		fprintf(to, "\"i%u\"", (unsigned int)x);
	else if (f == O_NFPROTO)
		fputs(x == 4 ? "ipv4" : "ipv6", to);
	else
		fprintf(to, "%u", (unsigned int)x);
}

/* The length of the prefix that a range of addresses is, or -1. */
static int prefix_length(enum o_field f, const struct o_range *r)
{
	unsigned int width = address_width(f);

	for (unsigned int len = 1; len < width; len++) {
		o_number size = (o_number)1 << (width - len);

		if (r->hi - r->lo == size - 1 && r->lo % size == 0)
			return (int)len;
	}
	return -1;
}

static void print_range(enum o_field f, const struct o_range *r, FILE *to)
{
	int len = prefix_length(f, r);

	print_one(f, r->lo, to);
	if (r->lo == r->hi)
		return;
	if (len >= 0) {
		fprintf(to, "/%d", len);
		return;
	}
	fputc('-', to);
	print_one(f, r->hi, to);
}

static void print_elements(enum o_field f, const struct o_values *v, FILE *to)
{
	fputs("{ ", to);
	for (size_t i = 0; i < v->n; i++) {
		fputs(i ? ", " : "", to);
		print_range(f, &v->v[i], to);
	}
	fputs(" }", to);
}

static void print_match(const struct o_match *m, FILE *to)
{
	fprintf(to, "%s %s", field_text[m->field], m->negated ? "!= " : "");
	if (m->set >= 0)
		fprintf(to, "@s%d", m->set);
	else if (m->values.n == 1)
		print_range(m->field, &m->values.v[0], to);
	else
		print_elements(m->field, &m->values, to);
	fputc(' ', to);
}

static void print_rule(const struct o_rule *r, FILE *to)
{
	fputs("\t\t", to);
	for (size_t i = 0; i < r->n_matches; i++)
		print_match(&r->matches[i], to);
	if (r->counter)
		fputs("counter ", to);
	switch (r->verdict) {
	case O_ACCEPT:
		fputs("accept", to);
		break;
	case O_DROP:
		fputs("drop", to);
		break;
	case O_CONTINUE:
		fputs("continue", to);
		break;
	case O_RETURN:
		fputs("return", to);
		break;
	case O_JUMP:
		fprintf(to, "jump c%zu", r->target);
		break;
	case O_GOTO:
		fprintf(to, "goto c%zu", r->target);
		break;
	case O_NONE:
		break;
	}
	fputc('\n', to);
}

static void print_chain(const struct o_chain *c, size_t nr, FILE *to)
{
	const char *comma = "";

	fprintf(to, "\tchain c%zu {\n", nr);
	if (c->base) {
		fputs("\t\ttype filter hook ingress devices = { ", to);
		for (unsigned int i = 0; i < O_INTERFACES; i++)
			if (c->devices[i]) {
				fprintf(to, "%s\"i%u\"", comma, i);
				comma = ", ";
			}
		fprintf(to, " } priority %d; policy %s;\n", c->priority, c->drops ? "drop" : "accept");
	}
	for (size_t i = 0; i < c->n; i++)
		print_rule(&c->rules[i], to);
	fputs("\t}\n", to);
}

static void print_set(const struct o_set *s, size_t nr, FILE *to)
{
	const char *type = address_width(s->type) == 32 ? "ipv4_addr"
			   : address_width(s->type)	? "ipv6_addr"
							: "inet_service";

	fprintf(to, "\tset s%zu {\n\t\ttype %s\n\t\tflags interval\n\t\telements = ", nr, type);
	print_elements(s->type, &s->values, to);
	fputs("\n\t}\n", to);
}

/* Chains backwards: nft wants the target of a jump before the jump. */
void oracle_print(const struct o_ruleset *rs, FILE *to)
{
	fprintf(to, "table %s t {\n", rs->inet ? "inet" : "netdev");
	for (size_t i = 0; i < rs->n_sets; i++)
		print_set(&rs->sets[i], i, to);
	for (size_t i = rs->n_chains; i-- > 0;)
		if (!rs->chains[i].base)
			print_chain(&rs->chains[i], i, to);
	for (size_t i = 0; i < rs->n_chains; i++)
		if (rs->chains[i].base)
			print_chain(&rs->chains[i], i, to);
	fputs("}\n", to);
}

void oracle_print_packet(const struct o_packet *p, FILE *to)
{
	static const char *const kinds[] = { "ip", "bad", "other", "arp" };
	const struct packet_spec *s = &p->spec;
	char src[64], dst[64];
	int family = s->version == 4 ? AF_INET : AF_INET6;

	fprintf(to,
		"%s version %u on i%u: %s > %s protocol %u ports %u > %u type %u code %u hop limit %u fragment %u%s %s\n",
		kinds[p->kind], s->version, p->interface, inet_ntop(family, s->src_bytes, src, sizeof(src)),
		inet_ntop(family, s->dst_bytes, dst, sizeof(dst)), s->proto, s->sport, s->dport, s->type, s->code,
		s->hop_limit, s->fragment_offset, s->more_fragments ? "+" : "",
		p->has_l4 ? "" : "without transport header");
	for (size_t i = 0; i < p->frame.len; i++)
		fprintf(to, "%02x%s", p->frame.data[i], i % 16 == 15 ? "\n" : " ");
	fputc('\n', to);
}
