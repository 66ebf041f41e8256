/* SPDX-License-Identifier: GPL-2.0-only */
#include "random_rules.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <compiler/base/buf.h>

static uint64_t state;

static uint32_t roll(uint32_t sides)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % sides;
}

static bool one_in(uint32_t n)
{
	return roll(n) == 0;
}

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define pick(...)    (((const char *const[]){ __VA_ARGS__ })[roll(COUNT(((const char *const[]){ __VA_ARGS__ })))])

/* What a rule is about: matches of one rule must fit together. */
struct rule_shape {
	int version;	       /* 4, 6 or 0: either */
	const char *transport; /* "tcp", "udp", "icmp" (of the version), "th", or "" */
	bool netdev, one_family;
	bool egress;		      /* what needs the arrival of a packet has no place */
	bool matched;		      /* the transport */
	bool narrowed;		      /* to a family, though 'version' is 0 */
	unsigned int chain, n_chains; /* jumps go upwards */
};

/* ---- matches ---- */

static const char *const any_matches[] = {
	"iifname \"eth0\"",
	"iifname != { \"eth0\", \"wg0\" }",
	"iifname \"eth*\"",
	"iif \"eth1\"",
	"oifname != \"eth0\"",
	"iifname @names",
	"meta mark 1",
	"meta mark != 1",
	"meta mark 1-2",
	"meta mark { 0, 2 }",
	"meta mark & 0x3 == 0x1",
	"meta mark & 0x6 != 0x2",
	"meta mark & 0x5 == { 0x1, 0x4 }",
	"meta mark @marks",
	"meta mark != @marks",
	"meta mark < 2",
	"meta length < 100",
	"meta length != 50-150",
	"meta pkttype host",
	"meta pkttype { broadcast, multicast }",
	"meta cpu 1",
	"meta cpu != 0",
	"meta priority 1:1",
	"ether saddr 00:00:00:00:00:01",
	"ether daddr != { 00:00:00:00:00:01, 00:00:00:00:00:02 }",
	"iifname . meta mark { \"eth0\" . 1, \"eth1\" . 2 }",
	"meta mark . meta cpu { 1 . 0, 2 . 1 }",
	"meta mark . meta cpu != { 1 . 0, 2 . 1 }",
};

static const char *const ip_matches[] = {
	"ct state established",
	"ct state established,related",
	"ct state != established",
	"ct state { new, related }",
	"ct state != { new, invalid }",
	"ct state ! new",
	"ct state invalid,untracked",
	"ct state @states",
	"ct state . meta mark { established . 1, new . 0 }",
	"socket transparent 1",
	"socket wildcard 0",
	"socket mark 1",
	"fib daddr type local",
	"fib saddr . iif type != unicast",
	"fib daddr type { local, broadcast }",
};

static const char *const v4_matches[] = {
	"ip saddr 10.0.0.1",
	"ip daddr != 10.0.0.2",
	"ip saddr 10.0.0.0/31",
	"ip daddr != 10.0.0.0/31",
	"ip saddr { 10.0.0.1, 10.0.0.3 }",
	"ip daddr != { 10.0.0.1, 10.0.0.3-10.0.0.4 }",
	"ip saddr @hosts",
	"ip daddr != @hosts",
	"ip saddr @timed",
	"ip saddr != @timed",
	"ip daddr @counted",
	"ip daddr != @counted",
	"ip saddr @nobody",
	"ip saddr != @nobody",
	"ip saddr > 10.0.0.1",
	"ip saddr & 255.255.255.254 == 10.0.0.2",
	"ip saddr & 0.0.0.1 == 0.0.0.1",
	"ip daddr & 0.0.0.3 != 0.0.0.2",
	"ip daddr & 255.0.0.1 == 10.0.0.1",
	"ip ttl 64",
	"ip ttl < 64",
	"ip ttl { 1, 64 }",
	"ip dscp cs1",
	"ip dscp != { cs1, cs2 }",
	"ip ecn ect0",
	"ip length 50-150",
	"ip id & 0x1 == 1",
	"ip frag-off & 0x1fff != 0",
	"ip version 4",
	"ip hdrlength 5",
	"ip saddr . ip daddr { 10.0.0.1 . 10.0.0.2, 10.0.0.2 . 10.0.0.1 }",
	"ip saddr . ip daddr != { 10.0.0.1 . 10.0.0.2, 10.0.0.2 . 10.0.0.1 }",
	"ip saddr . meta mark { 10.0.0.1 . 1, 10.0.0.2 . 1, 10.0.0.2 . 2 }",
	"ip saddr . meta mark != { 10.0.0.1 . 1, 10.0.0.2 . 1, 10.0.0.2 . 2 }",
	"ip saddr . ip ttl { 10.0.0.1 . 64, 10.0.0.2 . 1-64 }",
	"ip saddr . iifname @near",
	"meta mark . ip daddr @marked",
	"meta mark . ip daddr != @marked",
};

static const char *const v6_matches[] = {
	"ip6 saddr ::1",
	"ip6 daddr != ::2",
	"ip6 saddr fe80::/10",
	"ip6 saddr != fe80::/10",
	"ip6 daddr { ::1, fe80::1 }",
	"ip6 daddr != { ::1, fe80::1-fe80::2 }",
	"ip6 saddr & ::1 == ::1",
	"ip6 hoplimit 64",
	"ip6 hoplimit != 1-64",
	"ip6 dscp cs1",
	"ip6 ecn != ect0",
	"ip6 flowlabel 1",
	"ip6 length > 100",
	"ip6 nexthdr != 50",
	"ip6 saddr . ip6 daddr { ::1 . ::2, fe80::1 . ::1 }",
	"ip6 saddr . meta mark != { ::1 . 1, ::2 . 2 }",
};

static const char *const tcp_matches[] = {
	"tcp flags syn",
	"tcp flags syn,ack",
	"tcp flags == syn",
	"tcp flags != syn",
	"tcp flags ! syn,fin",
	"tcp flags syn / syn,ack",
	"tcp flags != syn / syn,ack",
	"tcp flags & (syn | ack) == ack",
	"tcp flags & fin != 0",
	"tcp flags { syn, syn | ack }",
	"tcp flags != { syn, syn | ack }",
	"tcp doff 5",
	"tcp doff != 5-7",
	"tcp window > 100",
	"tcp sequence 0-1000",
	"tcp dport . tcp flags { 1 . syn, 2 . ack }",
};

static const char *const udp_matches[] = { "udp length 8", "udp length != 8-20", "udp checksum 0" };

static const char *const icmp4_matches[] = {
	"icmp type echo-request",
	"icmp type != echo-request",
	"icmp type { 0, 3, 8 }",
	"icmp code 1",
	"icmp type 3 icmp code 1",
	"icmp code != { 0, 2 }",
	"icmp id 1",
	"icmp sequence != 1",
	"icmp type . icmp code { 3 . 1, 8 . 0 }",
	"icmp type . icmp code != { 3 . 1, 8 . 0 }",
	"icmp mtu 1",
	"icmp type 8 icmp id 1",
};

static const char *const icmp6_matches[] = {
	"icmpv6 type echo-request",
	"icmpv6 type != nd-neighbor-solicit",
	"icmpv6 type { 128, 135 }",
	"icmpv6 code 0",
	"icmpv6 id 1",
	"icmpv6 type . icmpv6 code { 1 . 1, 128 . 0 }",
};

static const char *const port_values[] = {
	"1", "!= 2", "{ 1, 3 }", "2-4", "@ports", "!= @ports", ">= 3", "< 2", "!= 1-2", "!= { 1, 3-5 }",
};

#define random_of(array) ((array)[roll(COUNT(array))])

static void put_port_match(struct buf *b, const struct rule_shape *r)
{
	const char *t = r->transport, *side = pick("dport", "dport", "sport");

	if (one_in(6))
		buf_printf(b, "%s sport . %s dport %s", t, t, pick("{ 1 . 2, 2 . 3-4 }", "!= { 1 . 2, 3 . 3 }"));
	else if (r->version == 4 && one_in(3))
		buf_printf(b, "ip saddr . %s dport %s", t,
			   pick("{ 10.0.0.1 . 1, 10.0.0.2 . 1, 10.0.0.3 . 2 }", "@pairs", "!= @pairs", "@wide",
				"!= @wide", "{ 10.0.0.0/31 . 1-2, 10.0.0.2 . 1 }", "@timedpairs", "@countedpairs"));
	else if (one_in(6))
		buf_printf(b, "%s dport . meta mark %s", t, pick("{ 1 . 1, 2 . 1, 3 . 2 }", "!= { 1 . 1, 2 . 2 }"));
	else
		buf_printf(b, "%s %s %s", t, side, random_of(port_values));
}

static void put_transport_match(struct buf *b, struct rule_shape *r)
{
	bool again = r->matched;

	r->matched = true;
	if (!strcmp(r->transport, "icmp") && again)
		buf_puts(b, "meta mark 0");
	else if (!strcmp(r->transport, "icmp"))
		buf_puts(b, r->version == 4 ? random_of(icmp4_matches) : random_of(icmp6_matches));
	else if (!strcmp(r->transport, "tcp") && one_in(2))
		buf_puts(b, random_of(tcp_matches));
	else if (!strcmp(r->transport, "udp") && one_in(3))
		buf_puts(b, random_of(udp_matches));
	else if (!strcmp(r->transport, "th") && one_in(3))
		buf_puts(b, pick("meta l4proto { tcp, udp }", "meta l4proto . th dport { tcp . 1, udp . 1-2 }",
				 "meta l4proto != icmp", "meta l4proto . th dport != { tcp . 1, udp . 2 }"));
	else if (*r->transport)
		put_port_match(b, r);
	else
		buf_puts(b, "meta mark 0");
}

static void put_match(struct buf *b, struct rule_shape *r)
{
	switch (roll(5)) {
	case 0:
		buf_puts(b, random_of(any_matches));
		break;
	case 1:
		buf_puts(b, r->egress ? "meta cpu 0" : random_of(ip_matches));
		break;
	case 2:
		if (r->version)
			buf_puts(b, r->version == 4 ? random_of(v4_matches) : random_of(v6_matches));
		else {
			r->narrowed = true;
			buf_puts(b, r->netdev
					    ? pick("meta protocol ip", "meta protocol { ip, ip6 }",
						   "meta protocol != ip6", "ether type 0x1234", "meta protocol 0x1234")
					    : pick("meta nfproto ipv4", "meta nfproto ipv6"));
		}
		break;
	default:
		put_transport_match(b, r);
		break;
	}
	buf_putc(b, ' ');
}

/* ---- other statements ---- */

static bool has_ports(const struct rule_shape *r)
{
	return !strcmp(r->transport, "tcp") || !strcmp(r->transport, "udp");
}

static void put_tproxy(struct buf *b, const struct rule_shape *r)
{
	if (r->version == 0)
		buf_printf(b, "tproxy to :%u ", 1000 + roll(3));
	else if (r->version == 6)
		buf_printf(b, "tproxy ip6 to %s ", pick("[::1]:1000", ":1001", "[fe80::1]"));
	else
		buf_printf(b, "tproxy ip to %s ",
			   pick("127.0.0.1:1000", ":1001", "10.0.0.1",
				":ip saddr map { 10.0.0.1 : 1000, 10.0.0.2 : 1001 }",
				"ip saddr map { 10.0.0.1 : 10.0.0.3, 10.0.0.2 : 10.0.0.4 }:1002",
				"meta mark map { 1 : 10.0.0.3, 2 : 10.0.0.4 }:1002"));
}

static void put_effect(struct buf *b, const struct rule_shape *r)
{
	switch (roll(9)) {
	case 0:
	case 1:
		buf_puts(b, "counter ");
		break;
	case 2:
		buf_puts(b, pick("counter name \"c0\" ", "counter name \"c1\" "));
		break;
	case 3:
		buf_puts(b, pick("limit rate 5/second ", "limit rate over 2/minute burst 7 packets ",
				 "limit name \"l0\" "));
		break;
	case 4:
		buf_puts(b, pick("log prefix \"x\" ", "log ", "log level debug "));
		break;
	case 5:
		buf_puts(b, pick("meta mark set 1 ", "meta mark set 2 ", "meta priority set 1:1 ",
				 "meta mark set meta mark & 0xfffffffe ", "meta mark set meta mark | 0x2 ",
				 "meta mark set meta mark ^ 0x3 ", "meta mark set meta mark & 0x1 | 0x4 "));
		break;
	case 6:
		if (r->version == 4)
			buf_puts(b,
				 pick("meta mark set ip saddr map { 10.0.0.1 : 1, 10.0.0.2-10.0.0.3 : 2 } ",
				      "meta mark set ip daddr map @tomark ",
				      "meta mark set meta mark map { 0 : 1, 1 : 2, 2 : 0 } ",
				      "meta mark set ip saddr . meta mark map { 10.0.0.1 . 0 : 1, 10.0.0.2 . 1 : 2 } "));
		else
			buf_puts(b, pick("meta mark set meta mark map { 0 : 1, 1 : 2 } ", "counter "));
		break;
	default:
		if (has_ports(r) && r->matched && !r->narrowed && !r->egress)
			put_tproxy(b, r);
		break;
	}
}

/* ---- ends ---- */

static unsigned int target(const struct rule_shape *r)
{
	return r->chain + 1 + roll(r->n_chains - r->chain - 1);
}

static const char *random_verdict(const struct rule_shape *r)
{
	static char text[6][24];
	static unsigned int last;
	char *s = text[++last % 6];

	if (r->chain + 1 < r->n_chains && one_in(3)) {
		snprintf(s, sizeof(text[0]), "%s r%u", pick("jump", "jump", "goto"), target(r));
		return s;
	}
	return pick("accept", "drop", "return", "continue", "accept", "drop");
}

static void put_vmap(struct buf *b, const struct rule_shape *r)
{
	const char *x = random_verdict(r), *y = random_verdict(r), *z = random_verdict(r);
	const char *t = r->transport;

	if (has_ports(r) && r->version == 4 && one_in(2))
		buf_printf(
			b,
			pick("ip saddr . %s dport vmap { 10.0.0.1 . 1 : %s, 10.0.0.2 . 1 : %s, 10.0.0.2 . 2-3 : %s } ",
			     "ip saddr . %s dport vmap { 10.0.0.0/31 . 1 : %s, 10.0.0.2 . 1-2 : %s, 10.0.0.3 . 1 : %s } "),
			t, x, y, z);
	else if (has_ports(r) && r->chain + 1 < r->n_chains && one_in(3))
		buf_printf(b, "%s dport vmap @verdicts ", t);
	else if (r->version == 4 && r->chain + 1 < r->n_chains && one_in(4))
		buf_puts(b, pick("ip saddr vmap @counts ", "ip saddr . meta mark vmap @dying "));
	else if (has_ports(r) && one_in(2))
		buf_printf(b,
			   pick("%s dport vmap { 1 : %s, 2-3 : %s, 5 : %s } ",
				"%s dport vmap { 1 : %s, 2 : %s, * : %s } "),
			   t, x, y, z);
	else if (r->version == 4 && one_in(2))
		buf_printf(b,
			   pick("ip saddr vmap { 10.0.0.1 : %s, 10.0.0.2-10.0.0.3 : %s } ",
				"ip saddr . meta mark vmap { 10.0.0.1 . 1 : %s, 10.0.0.2 . 0 : %s } ",
				"ip saddr vmap { 10.0.0.1 : %s, * : %s } "),
			   x, y);
	else
		buf_printf(b,
			   pick("meta mark vmap { 0 : %s, 1 : %s } ",
				r->egress ? "meta cpu vmap { 0 : %s, 1 : %s } "
					  : "ct state vmap { established : %s, new : %s } ",
				"iifname vmap { \"eth0\" : %s, \"eth1\" : %s } ", "meta mark vmap { 1 : %s, * : %s } ",
				"iifname . meta mark vmap { \"eth0\" . 0 : %s, \"eth1\" . 1 : %s } "),
			   x, y);
}

static void put_end(struct buf *b, const struct rule_shape *r)
{
	switch (roll(8)) {
	case 0:
	case 1:
		put_vmap(b, r);
		if (one_in(3))
			put_effect(b, r);
		break;
	case 2:
		if (r->egress)
			buf_puts(b, "drop");
		else if (!strcmp(r->transport, "tcp"))
			buf_puts(b, pick("reject with tcp reset", "reject"));
		else if (r->version == 4)
			buf_puts(b, pick("reject with icmp host-unreachable", "reject"));
		else if (r->version == 6)
			buf_puts(b, pick("reject with icmpv6 no-route", "reject"));
		else
			buf_puts(b, r->one_family ? "reject" : pick("reject", "reject with icmpx admin-prohibited"));
		break;
	default:
		buf_puts(b, random_verdict(r));
		break;
	}
}

static void put_rule(struct buf *b, const char *family, bool egress, unsigned int chain, unsigned int n_chains)
{
	struct rule_shape r = {
		.version = !strcmp(family, "ip")    ? 4
			   : !strcmp(family, "ip6") ? 6
						    : (int[]){ 0, 4, 4, 6 }[roll(4)],
		.netdev = !strcmp(family, "netdev"),
		.egress = egress,
		.one_family = !strncmp(family, "ip", 2),
		.chain = chain,
		.n_chains = n_chains,
	};

	r.transport = r.version ? pick("tcp", "tcp", "udp", "icmp", "th", "") : pick("tcp", "udp", "th", "");
	for (unsigned int n = roll(5); n; n--)
		if (one_in(3))
			put_effect(b, &r);
		else
			put_match(b, &r);
	if (!*r.transport && !egress && one_in(8))
		buf_puts(b, pick("ssh-local ", "ssh-local port { 1, 3 } ", "dhcp ", "dhcp server ", "dhcp relay "));
	put_end(b, &r);
	buf_putc(b, '\n');
}

/* ---- tables ---- */

static void put_objects(struct buf *b, unsigned int last_chain)
{
	buf_puts(b,
		 "counter c0 {\n}\ncounter c1 {\npackets 1 bytes 2\n}\nlimit l0 {\nrate over 1/second\n}\n"
		 "set names {\ntype ifname\nelements = { \"eth1\", \"wg0\" }\n}\n"
		 "set ports {\ntype inet_service\nflags interval\nelements = { 1, 3-4, 22 }\n}\n"
		 "set hosts {\ntype ipv4_addr\nelements = { 10.0.0.1, 10.0.0.2 }\n}\n"
		 "set nobody {\ntype ipv4_addr\n}\n"
		 "set timed {\ntype ipv4_addr\nflags timeout\n"
		 "elements = { 10.0.0.1 timeout 1h, 10.0.0.2, 10.0.0.3 timeout 2h }\n}\n"
		 "set counted {\ntype ipv4_addr\ncounter\nelements = { 10.0.0.1 counter, 10.0.0.2, 10.0.0.3 counter }\n}\n"
		 "set marks {\ntype mark\nelements = { 1, 2 }\n}\n"
		 "set states {\ntype ct_state\nelements = { established, new }\n}\n"
		 "set pairs {\ntype ipv4_addr . inet_service\n"
		 "elements = { 10.0.0.1 . 1, 10.0.0.2 . 1, 10.0.0.2 . 3 }\n}\n"
		 "set timedpairs {\ntype ipv4_addr . inet_service\nflags timeout\ntimeout 1h\n"
		 "elements = { 10.0.0.1 . 1, 10.0.0.2 . 1, 10.0.0.2 . 3 }\n}\n"
		 "set countedpairs {\ntype ipv4_addr . inet_service\ncounter\n"
		 "elements = { 10.0.0.1 . 1, 10.0.0.2 . 1, 10.0.0.2 . 3 }\n}\n"
		 "set wide {\ntype ipv4_addr . inet_service\nflags interval\n"
		 "elements = { 10.0.0.0/31 . 1-2, 10.0.0.2 . 1, 10.0.0.3 . 3-4 }\n}\n"
		 "set near {\ntype ipv4_addr . ifname\nelements = { 10.0.0.1 . \"eth0\", 10.0.0.2 . \"eth1\" }\n}\n"
		 "set marked {\ntype mark . ipv4_addr\nelements = { 1 . 10.0.0.1, 2 . 10.0.0.1, 1 . 10.0.0.2 }\n}\n"
		 "map tomark {\ntype ipv4_addr : mark\nelements = { 10.0.0.1 : 1, 10.0.0.2 : 2, 10.0.0.3 : 2 }\n}\n");
	buf_printf(b,
		   "map counts {\ntype ipv4_addr : verdict\ncounter\n"
		   "elements = { 10.0.0.1 : jump r%u, 10.0.0.2 : drop, 10.0.0.3 : continue }\n}\n"
		   "map dying {\ntype ipv4_addr . mark : verdict\nflags timeout\ntimeout 1h\n"
		   "elements = { 10.0.0.1 . 0 : goto r%u, 10.0.0.2 . 1 : accept, 10.0.0.2 . 2 : continue }\n}\n",
		   last_chain, last_chain);
	buf_printf(b,
		   "map verdicts {\ntype inet_service : verdict\nflags interval\n"
		   "elements = { 1 : accept, 2-3 : jump r%u, 4 : drop, 5 : continue }\n}\n",
		   last_chain);
}

static void put_base_chain(struct buf *b, const char *family, bool egress, unsigned int number, unsigned int n_chains)
{
	bool prerouting = !strncmp(family, "ip", 2) || (!strcmp(family, "inet") && one_in(2));

	buf_printf(b, "chain b%u {\ntype filter hook %s priority %d; policy %s;\n", number,
		   prerouting ? "prerouting"
		   : egress   ? "egress device eth0"
			      : pick("ingress device eth0", "ingress device lo", "ingress devices = { eth0, eth1 }",
				     "ingress device eth0"),
		   (int)roll(5) - 2, pick("accept", "drop"));
	for (unsigned int n = roll(6); n; n--)
		put_rule(b, family, egress, 0, n_chains);
	buf_puts(b, "}\n");
}

/* A base chain or two, and regular chains r1 ... that jump upwards; the last one
 * is where the named map leads. */
static void put_table(struct buf *b, unsigned int number)
{
	const char *family = pick("ip", "ip6", "inet", "inet", "netdev", "netdev");
	unsigned int n_chains = 3 + roll(3), n_base = 1 + roll(2);
	bool egress = !strcmp(family, "netdev") && one_in(2);

	buf_printf(b, "table %s t%u {\n", family, number);
	put_objects(b, n_chains - 1);
	for (unsigned int i = 1; i < n_chains; i++) {
		buf_printf(b, "chain r%u {\n", i);
		for (unsigned int n = roll(5); n; n--)
			put_rule(b, family, egress, i, n_chains);
		buf_puts(b, "}\n");
	}
	for (unsigned int i = 0; i < n_base; i++)
		put_base_chain(b, family, egress, i, n_chains);
	buf_puts(b, "}\n");
}

void random_ruleset(struct buf *b, uint32_t number)
{
	state = number * 2654435761u + 1;
	for (unsigned int i = 0, n = 1 + roll(2); i < n; i++)
		put_table(b, i);
}

/* ---- packets ---- */

static u128 random_address(int version)
{
	if (version == 4)
		return (u128)10 << 24 | roll(6);
	return one_in(2) ? (u128)0xfe80 << 112 | roll(3) : roll(4);
}

static void randomize_headers(struct packet *p)
{
	static const uint8_t dscp_ecn[] = { 0, 0x20, 0x22, 0x40, 0x02, 0x01 },
			     flags[] = { 2, 0x10, 0x12, 1, 0x11, 0, 3 };

	for (unsigned int i = 0; i < sizeof(p->transport); i++)
		p->transport[i] = (uint8_t)roll(3);
	p->transport[12] = (uint8_t)((4 + roll(4)) << 4);
	p->transport[13] = flags[roll(COUNT(flags))];
	for (unsigned int i = 0; i < 8; i++)
		p->network[i] = (uint8_t)roll(3);
	p->link[5] = (uint8_t)roll(4);
	p->link[11] = (uint8_t)roll(4);
	p->link[12] = (uint8_t)(one_in(2) ? 0x12 : 8);
	p->link[13] = (uint8_t)(one_in(2) ? 0x34 : 0);
	if (p->family == IR_V4) {
		p->network[1] = dscp_ecn[roll(COUNT(dscp_ecn))];
		p->network[8] = (uint8_t[]){ 1, 63, 64, 65 }[roll(4)];
		p->network[3] = (uint8_t)(40 + roll(150));
	} else {
		p->network[0] = (uint8_t)roll(5);
		p->network[1] = (uint8_t)(roll(3) << 6);
		p->network[6] = (uint8_t[]){ 6, 17, 58 }[roll(3)];
		p->network[7] = (uint8_t[]){ 1, 63, 64, 65 }[roll(4)];
		p->network[5] = (uint8_t)(40 + roll(150));
	}
}

static void randomize_facts(struct packet *p)
{
	p->interface = 1 + roll(4);
	p->egress = one_in(6);
	p->ct_state = (uint8_t)(1u << (unsigned int[]){ 0, 1, 2, 3, 6 }[roll(5)]);
	p->local = one_in(2);
	p->socket = one_in(2);
	p->has_link = !one_in(4);
	p->protocol = one_in(2) ? 0x1234 : 0x8847;
	p->length = (uint32_t[]){ 40, 50, 100, 150, 151 }[roll(5)];
	p->mark = roll(8) ? roll(4) : roll(2000000000);
	p->priority = one_in(2) ? 0x10001 : 0;
	p->cpu = roll(2);
	p->pkttype = (uint8_t)roll(4);
	p->has_socket = one_in(2);
	p->socket_transparent = roll(2);
	p->socket_wildcard = roll(2);
	p->socket_mark = roll(2);
	for (unsigned int i = 0; i < COUNT(p->fib); i++)
		p->fib[i] = 1 + roll(3);
	p->chance = roll(UINT32_MAX);
}

struct packet random_rules_packet(void)
{
	static const uint8_t families[] = { IR_V4, IR_V4, IR_V4, IR_V4, IR_V6, IR_V6, IR_OTHER, IR_BAD4, IR_BAD6 };
	static const uint8_t protos[] = { 6, 6, 6, 17, 17, 1, 58, 50 };
	static const uint16_t ports[] = { 0, 1, 1, 2, 2, 3, 4, 5, 22, 67, 68, 546, 547 };
	struct packet p = { .family = families[roll(COUNT(families))], .proto = protos[roll(COUNT(protos))] };
	int version = p.family == IR_V4 ? 4 : 6;

	p.has_l4 = roll(8) != 0;
	p.src = random_address(version);
	p.dst = random_address(version);
	p.sport = ports[roll(COUNT(ports))];
	p.dport = ports[roll(COUNT(ports))];
	if (p.proto == 1)
		p.dport = (uint16_t)((uint16_t[]){ 0, 3, 5, 8 }[roll(4)] << 8 | roll(3));
	else if (p.proto == 58)
		p.dport = (uint16_t)((uint16_t[]){ 1, 2, 4, 128, 129, 130, 133, 135, 136 }[roll(9)] << 8 | roll(2));
	randomize_headers(&p);
	randomize_facts(&p);
	p.neighbour_discovery = p.family == IR_V6 && p.proto == 58 && p.has_l4 && p.dport >= 133 << 8;
	return p;
}
