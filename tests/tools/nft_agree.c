/* SPDX-License-Identifier: GPL-2.0-only */
/* nft_agree.c - random rules and random frames for nft_agree.t.
 *
 *	nft_agree rules SEED			a ruleset that both nft and zfwc read
 *	nft_agree send SEED COUNT IF:IF ...	frames; each goes to both interfaces of one pair
 *	nft_agree frame SEED NUMBER PAIRS	one of those, as text: the pair and its bytes
 *
 * Equal seeds give equal output.  Every rule has at least one counter.  Values are
 * drawn from small pools, mostly of boundaries, so that rules and frames meet.
 * What nft and zfwc are known to see differently isn't made; nft_agree.t says
 * what that is, and why. */
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define N_OF(array) (sizeof(array) / sizeof(*(array)))

static uint64_t state;

static uint32_t draw(uint32_t below)
{
	/* splitmix64 */
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static bool chance(uint32_t percent)
{
	return draw(100) < percent;
}

#define ONE_OF(array) ((array)[draw(N_OF(array))])

/* ---- values ---- */

static const uint32_t addresses4[] = {
	0,	    1,		0x0a000000, 0x0a000001, 0x0a0000ff, 0x0a000100, 0x0a00ffff, 0x0affffff, 0x0b000000,
	0x7fffffff, 0x80000000, 0xc0000207, 0xc0000208, 0xc00002ff, 0xc0000300, 0xe0000001, 0xfffffffe, 0xffffffff,
};

static const char *const addresses6[] = {
	"::",
	"::1",
	"::ffff:10.0.0.1",
	"fe80::1",
	"fe80::ffff:ffff:ffff:ffff",
	"fd00::",
	"fd00::1",
	"fd00:0:0:1::",
	"fd00:0:0:ffff:ffff:ffff:ffff:ffff",
	"2001:db8::7",
	"2001:db8::8",
	"2001:db8:0:1::",
	"7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	"8000::",
	"ff02::1",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
};

static const uint16_t ports[] = { 0,	1,    21,   22,	  23,	53,    79,    80,    81,    443,
				  1023, 1024, 1025, 4095, 4096, 32767, 32768, 61440, 65534, 65535 };
static const uint8_t protocols[] = { 6, 6, 6, 6, 17, 17, 17, 1, 58, 132, 47, 50, 2, 4, 41, 255, 59, 254, 61 };
/* Of later fragments. */
static const uint8_t portless[] = { 47, 50, 2, 4, 41, 255 };
static const uint8_t icmp_types[] = { 0, 3, 5, 8, 11, 12, 13, 255 };
static const uint8_t icmpv6_types[] = { 1, 2, 3, 4, 128, 129, 133, 135, 136, 143, 255 };

static uint32_t address4(void)
{
	uint32_t a = ONE_OF(addresses4);

	return chance(80) ? a : chance(50) ? a + draw(4) - 2 : a ^ 1u << draw(32);
}

static void address6(uint8_t *to)
{
	inet_pton(AF_INET6, ONE_OF(addresses6), to);
	if (chance(20))
		to[draw(16)] ^= 1u << draw(8);
}

static uint32_t port(void)
{
	return chance(85) ? ONE_OF(ports) : draw(65536);
}

static void mask(uint8_t *a, unsigned int len, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		a[i] &= len >= 8 * (i + 1) ? 0xff : len <= 8 * i ? 0 : (uint8_t)(0xff << (8 * (i + 1) - len));
}

/* ---- elements of rules ---- */

enum kind { ADDR4, ADDR6, PORT, PROTO, IFNAME, KINDS };

static void put_address(int family, const uint8_t *a)
{
	char text[INET6_ADDRSTRLEN];

	printf("%s", inet_ntop(family, a, text, sizeof(text)));
}

static void draw_address(int family, uint8_t *to)
{
	uint32_t a;

	if (family == AF_INET6) {
		address6(to);
		return;
	}
	a = htonl(address4());
	memcpy(to, &a, sizeof(a));
}

static void put_addresses(int family, bool interval)
{
	unsigned int bytes = family == AF_INET ? 4 : 16, len = draw(8 * bytes) + 1;
	uint8_t a[16], b[16];
	int order;

	draw_address(family, a);
	draw_address(family, b);
	order = memcmp(a, b, bytes);
	if (interval && chance(40)) {
		mask(a, len, bytes);
		put_address(family, a);
		printf("/%u", len);
	} else if (interval && order && chance(40)) {
		put_address(family, order < 0 ? a : b);
		printf("-");
		put_address(family, order < 0 ? b : a);
	} else {
		put_address(family, a);
	}
}

static void put_numbers(uint32_t a, uint32_t b, bool interval)
{
	if (interval && a != b && chance(40))
		printf("%u-%u", a < b ? a : b, a < b ? b : a);
	else
		printf("%u", a);
}

static void put_element(enum kind kind, bool interval)
{
	static const char *const names[] = { "\"eth0\"", "\"eth1\"", "\"eth9\"" };

	if (kind == ADDR4 || kind == ADDR6)
		put_addresses(kind == ADDR4 ? AF_INET : AF_INET6, interval);
	else if (kind == PORT)
		put_numbers(port(), port(), interval);
	else if (kind == PROTO)
		put_numbers(ONE_OF(protocols), draw(256), interval);
	else
		printf("%s", ONE_OF(names));
}

/* Sets whose elements may overlap need auto-merge, which sets of names lack. */
static const char *const set_types[KINDS] = { "ipv4_addr", "ipv6_addr", "inet_service", "inet_proto", "ifname" };

static void put_set_block(enum kind kind)
{
	printf("\tset s%d {\n\t\ttype %s\n", kind, set_types[kind]);
	if (kind != IFNAME)
		printf("\t\tflags interval\n\t\tauto-merge\n");
	printf("\t\telements = { ");
	for (int i = 0, n = kind == IFNAME ? 1 : 1 + (int)draw(chance(20) ? 40 : 6); i < n; i++) {
		printf("%s", i ? ", " : "");
		put_element(kind, kind != IFNAME);
	}
	printf(" }\n\t}\n");
}

/* An operator and what stands right of it. */
static void put_comparison(enum kind kind, bool may_negate)
{
	static const char *const operators[] = { "", "", "", "", "== ", "!= ", "!= ", "!= " };
	static const char *const orders[] = { "< ", "> ", "<= ", ">= " };
	bool names = kind == IFNAME;

	if (!names && chance(12)) {
		printf("%s", ONE_OF(orders));
		/* Nothing is below 0 or above the last: both refuse that. */
		if (kind == PORT)
			printf("%u", 1 + draw(65534));
		else if (kind == PROTO)
			printf("%u", 1 + draw(254));
		else
			printf(kind == ADDR4 ? "10.0.0.255" : "fd00::1");
		return;
	}
	printf("%s", operators[draw(may_negate ? N_OF(operators) : 5)]);
	if (chance(25)) {
		printf("@s%d", kind);
	} else if (chance(30)) {
		printf("{ ");
		for (int i = 0, n = 1 + (int)draw(names ? 2 : 4); i < n; i++) {
			printf("%s", i ? ", " : "");
			put_element(kind, !names);
		}
		printf(" }");
	} else if (names && chance(30)) {
		printf("\"eth*\"");
	} else {
		put_element(kind, true);
	}
}

static void put_types(const uint8_t *types, size_t n)
{
	printf("%s", chance(25) ? "!= " : "");
	if (chance(30))
		printf("{ %u, %u-%u }", types[draw(n)], 0 + draw(8), 9 + draw(200));
	else if (chance(20))
		printf("%u-%u", draw(8), 9 + draw(200));
	else
		printf("%u", types[draw(n)]);
}

/* ---- rules ---- */

struct shape {
	bool inet;
	int family;    /* that the rule is about: 0, 4 or 6 */
	int proto;     /* 0, or the one whose header is looked at */
	bool one_port; /* always of this side */
	bool source_port;
	bool no_headers;
};

static void put_match(const struct shape *s)
{
	const char *side = chance(50) ? "saddr" : "daddr";
	uint32_t what = s->no_headers ? 83 + draw(17) : draw(100);

	if (what < 45 && s->family) {
		printf("ip%s %s ", s->family == 6 ? "6" : "", side);
		put_comparison(s->family == 6 ? ADDR6 : ADDR4, true);
	} else if (what < 70 && (s->proto == 6 || s->proto == 17)) {
		bool source = s->one_port ? s->source_port : chance(30);

		printf("%s %s ", s->proto == 6 ? "tcp" : "udp", source ? "sport" : "dport");
		/* nft 1.0.6 makes one comparison of 'sport != A dport != B': not both equal. */
		put_comparison(PORT, s->one_port);
	} else if (what < 70 && s->proto) {
		printf("%s type ", s->proto == 1 ? "icmp" : "icmpv6");
		put_types(s->proto == 1 ? icmp_types : icmpv6_types,
			  s->proto == 1 ? N_OF(icmp_types) : N_OF(icmpv6_types));
	} else if (what < 80 && !s->proto) {
		printf("%s ", s->family == 4 && chance(50) ? "ip protocol" : "meta l4proto");
		put_comparison(PROTO, true);
	} else if (what < 83 && s->inet && !s->family && s->proto != 1 && s->proto != 58) {
		printf("meta nfproto %sipv%d", chance(30) ? "!= " : "", chance(50) ? 4 : 6);
	} else if (what < 92) {
		printf("iifname ");
		put_comparison(IFNAME, true);
	} else {
		printf("iif %s\"eth%u\"", chance(30) ? "!= " : "", draw(2));
	}
	printf(" ");
}

/* Fields of which a rule looks at one, with what of its kind is interesting.
 * nft 1.0.6 makes one comparison of neighbouring fields, not always a right one. */
static const struct field {
	const char *name;
	unsigned int bits;
	bool orders; /* numbers: may be compared with < and ranges, and be masked */
} fields[] = {
	{ "ip ttl", 8, true },	       { "ip length", 16, true },     { "ip id", 16, true },
	{ "ip version", 4, true },     { "ip hdrlength", 4, true },   { "ip frag-off", 16, true },
	{ "ip dscp", 6, false },       { "ip ecn", 2, false },	      { "ip6 hoplimit", 8, true },
	{ "ip6 length", 16, true },    { "ip6 flowlabel", 20, true }, { "ip6 dscp", 6, false },
	{ "ip6 nexthdr", 8, true },    { "tcp sequence", 32, true },  { "tcp window", 16, true },
	{ "tcp doff", 4, true },       { "tcp urgptr", 16, true },    { "tcp flags", 8, true },
	{ "tcp flags", 8, true },      { "udp checksum", 16, true },  { "sctp vtag", 32, true },
	{ "icmp code", 8, true },      { "icmpv6 code", 8, true },    { "meta length", 32, true },
	{ "meta mark", 32, true },     { "meta mark", 32, true },     { "meta pkttype", 3, false },
	{ "meta protocol", 0, false }, { "ether type", 0, false },    { "ether saddr", 0, false },
};

static uint32_t number_for(const struct field *f)
{
	uint32_t most = f->bits >= 32 ? UINT32_MAX : (1u << f->bits) - 1;

	if (!strncmp(f->name, "meta mark", 9))
		return draw(6);
	if (!strncmp(f->name, "meta length", 11))
		return 20 + draw(100);
	return chance(50) ? draw(most) : chance(50) ? draw(8) & most : most - (draw(8) & most);
}

static void put_masked(const struct field *f)
{
	uint32_t mask = number_for(f) | 1;

	printf("%s & 0x%x %s 0x%x ", f->name, mask, chance(70) ? "==" : "!=", number_for(f) & mask);
}

static void put_number_field(const struct field *f)
{
	uint32_t a = number_for(f), b = number_for(f);

	if (f->orders && chance(30)) {
		put_masked(f);
		return;
	}
	printf("%s %s", f->name, chance(25) ? "!= " : "");
	if (f->orders && a != b && chance(50))
		printf("%u-%u ", a < b ? a : b, a < b ? b : a);
	else if (a != b && chance(40))
		printf("{ %u, %u } ", a, b);
	else
		printf("%u ", a);
}

static void put_field(void)
{
	static const char *const words[][2] = { { "meta protocol", "ip" },
						{ "meta protocol", "ip6" },
						{ "ether type", "ip" },
						{ "ether type", "8021q" },
						{ "ether saddr", "02:00:00:00:00:02" },
						{ "ether daddr", "02:00:00:00:00:01" },
						{ "ether saddr", "{ 02:00:00:00:00:02, 02:00:00:00:00:03 }" },
						{ "meta pkttype", "host" },
						{ "meta pkttype", "other" },
						{ "tcp flags", "syn / syn,ack" },
						{ "tcp flags", "fin,syn / fin,syn,rst,psh,ack,urg" } };
	const struct field *f = &ONE_OF(fields);

	if (f->bits > 3) {
		put_number_field(f);
	} else {
		const char *const *w = ONE_OF(words);

		printf("%s %s%s ", w[0], chance(20) && w[0][0] != 't' ? "!= " : "", w[1]);
	}
}

/* What changes something, or lets only some packets go on. */
static void put_effect(bool limits)
{
	switch (draw(limits ? 6 : 4)) {
	case 0:
		printf("meta mark set %u ", draw(6));
		break;
	case 1:
		printf("meta mark set meta mark & 0x%x ", draw(8));
		break;
	case 2:
		printf("meta mark set meta mark ^ 0x%x ", draw(8));
		break;
	case 3:
		printf("meta mark set meta mark | 0x%x ", draw(8));
		break;
	case 4:
		printf("limit rate %s1/day burst %u packets ", chance(40) ? "over " : "", 1 + draw(20));
		break;
	case 5:
		printf("limit rate %s1 bytes/day burst %u bytes ", chance(40) ? "over " : "", 100 + draw(2000));
		break;
	}
}

/* Base chains have few drops and accepts, so that later chains see something. */
static void put_verdict(bool base, int chain, int n_chains)
{
	static const char *const plain[] = { "accept", "drop", "return", "continue" };
	uint32_t what = draw(100);

	if (what < 30 && chain + 1 < n_chains)
		printf("%s c%u ", chance(65) ? "jump" : "goto", chain + 1 + draw(n_chains - chain - 1));
	else if (what < (base ? 50 : 75))
		printf("%s ", ONE_OF(plain));
}

/* Such a rule looks at nothing else but the interface. */
static void put_special_rule(bool base, int chain, int n_chains, int number)
{
	const struct shape s = { .no_headers = true };
	bool limits = chance(50);

	printf("\t\t");
	if (limits) /* both see the frames of one interface in the same order */
		printf("iif \"eth%u\" ", draw(2));
	else if (chance(50))
		put_match(&s);
	if (chance(80))
		put_field();
	while (chance(40)) {
		printf("%s", chance(40) ? "counter " : "");
		put_effect(limits);
	}
	printf("counter ");
	put_verdict(base, chain, n_chains);
	printf("comment \"r%d\"\n", number);
}

static void put_rule(bool inet, bool base, int chain, int n_chains, int number)
{
	static const int families[] = { 0, 0, 4, 4, 4, 6, 6, 6 };
	struct shape s = { .inet = inet, .family = ONE_OF(families) };
	int matches = chance(5) ? 0 : 1 + (int)draw(3);

	if (chance(35)) {
		put_special_rule(base, chain, n_chains, number);
		return;
	}
	s.one_port = chance(60);
	s.source_port = chance(30);
	if (chance(60))
		s.proto = chance(45) ? 6 : chance(60) ? 17 : s.family == 4 ? 1 : s.family == 6 ? 58 : 0;
	printf("\t\t");
	for (int i = 0; i < matches; i++) {
		if (chance(15)) {
			printf("counter ");
			/* nft 1.0.6 makes one of matches of neighbouring fields, also
			 * across a counter that it should count only the first of. */
			s.no_headers = i > 0;
		}
		put_match(&s);
	}
	printf("counter ");
	put_verdict(base, chain, n_chains);
	printf("comment \"r%d\"\n", number);
}

/* ---- rulesets ---- */

static void put_base_chain(bool inet, int nr, int priority)
{
	static const char *const devices[] = { "device \"eth0\"", "device \"eth1\"", "devices = { eth0, eth1 }",
					       "devices = { eth0, eth1 }" };

	printf("\tchain base%d {\n\t\ttype filter hook ingress %s priority %d; policy %s;\n", nr,
	       priority == -500 ? devices[2] : ONE_OF(devices), priority, chance(15) && inet ? "drop" : "accept");
}

static void put_table(int nr, int *number)
{
	bool inet = chance(50);
	int n_chains = (int)draw(5), n_base = 1 + (int)draw(2);

	printf("table %s t%d {\n", inet ? "inet" : "netdev", nr);
	for (int kind = 0; kind < KINDS; kind++)
		put_set_block(kind);
	for (int c = n_chains - 1; c >= 0; c--) {
		printf("\tchain c%d {\n", c);
		for (int i = 0, n = (int)draw(8); i < n; i++)
			put_rule(inet, false, c, n_chains, (*number)++);
		printf("\t}\n");
	}
	for (int b = 0; b < n_base; b++) {
		put_base_chain(inet, b, (int)draw(200) * 4 + 2 * nr + b - 400);
		for (int i = 0, n = 1 + (int)draw(chance(10) ? 80 : 16); i < n; i++)
			put_rule(inet, true, -1, n_chains, (*number)++);
		printf("\t}\n");
	}
	printf("}\n");
}

static void put_ruleset(void)
{
	int number = 1;

	printf("table netdev whole {\n");
	put_base_chain(false, 0, -500);
	printf("\t\tcounter comment \"r0\"\n\t}\n}\n");
	for (int i = 0, n = 1 + (int)draw(2); i < n; i++)
		put_table(i, &number);
}

/* ---- frames ---- */

struct frame {
	uint8_t b[2048];
	size_t n;
	bool exact; /* nothing may follow the packet */
};

static void add(struct frame *f, const void *data, size_t n)
{
	memcpy(f->b + f->n, data, n);
	f->n += n;
}

static void add16(struct frame *f, uint16_t v)
{
	v = htons(v);
	add(f, &v, sizeof(v));
}

static void add_junk(struct frame *f, size_t n)
{
	while (n--)
		f->b[f->n++] = (uint8_t)draw(256);
}

static void add_transport(struct frame *f, uint8_t proto)
{
	static const size_t lengths[] = { 0, 4, 5, 7, 8, 12, 19, 20 };
	size_t at = f->n;

	if (proto == 1 || proto == 58) {
		f->b[f->n++] = proto == 1 ? ONE_OF(icmp_types) : ONE_OF(icmpv6_types);
		f->b[f->n++] = (uint8_t)draw(3);
		add_junk(f, 18);
	} else {
		add16(f, (uint16_t)port());
		add16(f, (uint16_t)port());
		add_junk(f, 8);
		f->b[f->n++] = 0x50;
		add_junk(f, 7);
	}
	f->exact = chance(10);
	if (f->exact)
		f->n = at + ONE_OF(lengths);
	else
		add_junk(f, draw(40));
}

static void add_ipv4(struct frame *f)
{
	unsigned int words = chance(15) ? 5 + draw(11) : 5;
	uint16_t fragment = !chance(15)	 ? (uint16_t)(draw(2) << 14)
			    : chance(50) ? 0x2000
					 : (uint16_t)(1 + draw(0x3fff));
	uint8_t proto = fragment & 0x1fff ? ONE_OF(portless) : ONE_OF(protocols);
	size_t at = f->n;
	uint16_t total;

	f->b[f->n++] = (uint8_t)(0x40 | words);
	f->b[f->n++] = (uint8_t)draw(256);
	add16(f, 0);
	add16(f, (uint16_t)draw(65536));
	add16(f, fragment);
	f->b[f->n++] = (uint8_t)draw(256);
	f->b[f->n++] = proto;
	add16(f, 0);
	draw_address(AF_INET, f->b + f->n);
	draw_address(AF_INET, f->b + f->n + 4);
	f->n += 8;
	add_junk(f, (words - 5) * 4);
	add_transport(f, proto);
	total = htons((uint16_t)(f->n - at));
	memcpy(f->b + at + 2, &total, 2);
}

/* Adds one header of the chain, and says of which kind: its predecessor's last
 * byte to write is *next. */
static void add_extension(struct frame *f, uint8_t **next, bool *later_fragment)
{
	static const uint8_t kinds[] = { 0, 43, 44, 51, 60 };
	uint8_t kind = ONE_OF(kinds), *begin = f->b + f->n;
	unsigned int units = draw(3);

	**next = kind;
	*next = begin;
	add_junk(f, 8);
	if (kind == 44) {
		bool first = chance(50);
		uint16_t offset = htons(first ? 1 : (uint16_t)(8 + draw(65528)));

		memcpy(begin + 2, &offset, 2);
		*later_fragment |= ntohs(offset) >= 8;
		begin[1] = 0;
	} else if (kind == 51) {
		begin[1] = (uint8_t)(units * 2);
		add_junk(f, units * 8);
	} else {
		begin[1] = (uint8_t)units;
		add_junk(f, units * 8);
	}
}

static void add_ipv6(struct frame *f)
{
	uint8_t proto = ONE_OF(protocols), *next;
	bool later_fragment = false;
	size_t at = f->n;
	uint16_t length;

	f->b[f->n++] = 0x60;
	add_junk(f, 3);
	add16(f, 0);
	next = f->b + f->n++;
	f->b[f->n++] = (uint8_t)(1 + draw(254)); /* below that of neighbour discovery */
	draw_address(AF_INET6, f->b + f->n);
	draw_address(AF_INET6, f->b + f->n + 16);
	f->n += 32;
	if (chance(25))
		for (int i = 0, n = 1 + (int)draw(5); i < n && !later_fragment; i++)
			add_extension(f, &next, &later_fragment);
	if (later_fragment)
		proto = ONE_OF(portless);
	*next = proto;
	add_transport(f, proto);
	length = htons((uint16_t)(f->n - at - 40));
	memcpy(f->b + at + 4, &length, 2);
}

static void make_frame(struct frame *f)
{
	static const uint16_t types[] = { 0x88cc, 0x8864, 0x0200, 0x1234 };
	static const uint8_t to[] = { 2, 0, 0, 0, 0, 1 }, from[] = { 2, 0, 0, 0, 0, 2 };
	uint32_t what = draw(100);

	f->n = 0;
	f->exact = false;
	add(f, to, sizeof(to));
	add(f, from, sizeof(from));
	if (chance(8)) {
		add16(f, ETHERTYPE_VLAN);
		add16(f, (uint16_t)draw(65536));
	}
	if (what < 47) {
		add16(f, ETHERTYPE_IP);
		add_ipv4(f);
	} else if (what < 94) {
		add16(f, ETHERTYPE_IPV6);
		add_ipv6(f);
	} else {
		add16(f, ONE_OF(types));
		add_junk(f, 46);
	}
	if (chance(10) && !f->exact)
		add_junk(f, draw(30)); /* behind the packet */
	if (f->n < 60 && chance(50) && !f->exact)
		add_junk(f, 60 - f->n);
}

static int open_interface(const char *name)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || !at.sll_ifindex || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		err(2, "%s", name);
	return fd;
}

static void transmit(int fd, const struct frame *f)
{
	if (send(fd, f->b, f->n, 0) != (ssize_t)f->n)
		err(2, "send");
}

static void send_frames(unsigned int count, char **pairs, unsigned int n_pairs)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int fds[8][2];

	for (unsigned int i = 0; i < n_pairs && i < N_OF(fds); i++) {
		char *second = strchr(pairs[i], ':');

		if (second)
			*second++ = '\0';
		else
			errx(2, "'%s' is no pair of interfaces", pairs[i]);
		fds[i][0] = open_interface(pairs[i]);
		fds[i][1] = open_interface(second);
	}
	for (unsigned int i = 0; i < count; i++) {
		unsigned int pair = draw(n_pairs);
		struct frame f;

		make_frame(&f);
		transmit(fds[pair][0], &f);
		transmit(fds[pair][1], &f);
		if (i % 256 == 255)
			nanosleep(&pause, NULL); /* the queue of received frames is short */
	}
}

static void show_frame(unsigned int number, unsigned int n_pairs)
{
	struct frame f;

	for (unsigned int i = 0; i <= number; i++) {
		unsigned int pair = draw(n_pairs);

		make_frame(&f);
		if (i == number)
			printf("pair %u:", pair);
	}
	for (size_t i = 0; i < f.n; i++)
		printf(" %02x", f.b[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	if (argc < 3)
		errx(2, "usage: nft_agree rules SEED | send SEED COUNT IF:IF ... | frame SEED NUMBER PAIRS");
	state = strtoull(argv[2], NULL, 0);
	if (!strcmp(argv[1], "rules"))
		put_ruleset();
	else if (!strcmp(argv[1], "send") && argc > 4)
		send_frames((unsigned int)strtoul(argv[3], NULL, 0), argv + 4, (unsigned int)argc - 4);
	else if (!strcmp(argv[1], "frame") && argc == 5)
		show_frame((unsigned int)strtoul(argv[3], NULL, 0), (unsigned int)strtoul(argv[4], NULL, 0));
	else
		errx(2, "'%s' is no command, or lacks arguments", argv[1]);
	return 0;
}
