/* SPDX-License-Identifier: GPL-2.0-only */
/* agree_frames.c - random frames. */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#include "agree.h"

/* Of later fragments: in those, some kernels' nft takes what isn't a header for one. */
static const uint8_t portless[] = { 47, 50, 2, 4, 41, 255 };

static void add(struct frame *f, const void *data, size_t n)
{
	memcpy(f->b + f->n, data, n);
	f->n += n;
}

static void add8(struct frame *f, uint32_t v)
{
	f->b[f->n++] = (uint8_t)v;
}

static void add16(struct frame *f, uint32_t v)
{
	add8(f, v >> 8);
	add8(f, v);
}

static void add32(struct frame *f, uint32_t v)
{
	add16(f, v >> 16);
	add16(f, v);
}

static void add_junk(struct frame *f, size_t n)
{
	while (n--)
		add8(f, draw(256));
}

static void put16(uint8_t *to, uint32_t v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
}

/* Does the frame have to be what hosts send?  The kernel looks at more of it before
 * its prerouting hook, and before it answers. */
static bool must_be_right(enum hook hook)
{
	return hook == HOOK_PREROUTING || values_have("reject");
}

/* ---- checksums ---- */

static uint32_t sum(const uint8_t *b, size_t n, uint32_t so_far)
{
	for (size_t i = 0; i < n; i++)
		so_far += i % 2 ? b[i] : (uint32_t)b[i] << 8;
	return so_far;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Where the checksum of the protocol's header is, 0 if it has none that is tried. */
static size_t checksum_at(uint8_t proto)
{
	return proto == 6 ? 16 : proto == 17 ? 6 : proto == 1 || proto == 58 ? 2 : 0;
}

static void put_checksum(struct frame *f, size_t l3, size_t l4, uint8_t proto)
{
	bool v6 = f->b[l3] >> 4 == 6;
	size_t at = checksum_at(proto), n = f->n - l4;
	uint32_t ends = sum(f->b + l3 + (v6 ? 8 : 12), v6 ? 32 : 8, proto + (uint32_t)n);
	uint16_t result;

	if (!at || n < at + 2)
		return;
	put16(f->b + l4 + at, 0);
	result = fold(sum(f->b + l4, n, proto == 1 ? 0 : ends));
	put16(f->b + l4 + at, proto == 17 && !result ? 0xffff : result);
}

/* ---- behind the IP header ---- */

static void add_tcp(struct frame *f, bool right)
{
	static const uint8_t usual[] = { 0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0x01, 0x00, 0x29, 0xff };

	add16(f, any_port());
	add16(f, any_port());
	add32(f, any_number(32));
	add32(f, any_number(32));
	add8(f, right || chance(85) ? 0x50 : draw(256));
	add8(f, chance(50) ? ONE_OF(usual) : draw(256));
	add16(f, any_number(16));
	add16(f, any_number(16));
	add16(f, any_number(16));
}

static void add_icmp(struct frame *f, int family, bool right)
{
	static const uint8_t codes[] = { 0, 0, 0, 1, 3, 4, 13, 255 };

	add8(f, right ? any_echo(family) : chance(70) ? any_icmp_type(family) : any_number(8));
	add8(f, chance(60) ? ONE_OF(codes) : any_number(8));
	add16(f, any_number(16));
	add16(f, any_number(16));
	add16(f, any_number(16));
	add_junk(f, 12);
}

static void add_ports(struct frame *f)
{
	add16(f, any_port());
	add16(f, any_port());
	add16(f, any_number(16));
	add16(f, any_number(16));
	add32(f, any_number(32));
	add_junk(f, 8);
}

static void add_transport(struct frame *f, uint8_t proto, bool right)
{
	static const size_t lengths[] = { 0, 4, 5, 7, 8, 12, 13, 14, 19, 20 };
	size_t at = f->n;

	if (proto == 1 || proto == 58)
		add_icmp(f, proto == 1 ? 4 : 6, right);
	else if (proto == 6)
		add_tcp(f, right);
	else
		add_ports(f);
	f->exact = chance(10);
	if (f->exact && !right)
		f->n = at + ONE_OF(lengths);
	else
		add_junk(f, draw(40));
	if (proto == 17 && right)
		put16(f->b + at + 4, (uint32_t)(f->n - at));
}

/* ---- IP ---- */

static bool may_be_later_fragment(void)
{
	return !values_have("th sport") && !values_have("th dport");
}

/* Of one host: only those are answered by who rejects, and taken from or to by
 * the kernel before its prerouting hook.  What ends in zeros, or is an address of
 * IPv4, may be of a kind for nft that zfwc doesn't tell from unicast ones. */
static bool is_single(int family, const uint8_t *a)
{
	static const uint8_t none[8], mapped[12] = { [10] = 0xff, 0xff };

	if (family == 4)
		return a[0] && a[0] < 0xe0 && a[3] != 0xff;
	if (!memcmp(a + 8, none, sizeof(none)) || !memcmp(a, mapped, sizeof(mapped)))
		return false;
	return a[0] != 0xff && (a[0] || a[15] != 1);
}

static void add_address(struct frame *f, enum hook hook, int family)
{
	do
		any_address(family, f->b + f->n);
	while (must_be_right(hook) && !is_single(family, f->b + f->n));
	f->n += family == 4 ? 4 : 16;
}

/* Where states are looked at, each frame is of a flow that nobody has seen. */
static void add_source(struct frame *f, enum hook hook, int family, uint32_t number)
{
	add_address(f, hook, family);
	if (!values_have("ct state"))
		return;
	f->b[f->n - (family == 4 ? 4 : 16)] = family == 4 ? 11 : 0xfc;
	f->b[f->n - 3] = (uint8_t)(number >> 16);
	put16(f->b + f->n - 2, number);
}

static void add_ipv4(struct frame *f, enum hook hook, uint32_t number)
{
	bool right = must_be_right(hook);
	unsigned int words = chance(15) && hook != HOOK_PREROUTING ? 5 + draw(11) : 5;
	uint16_t fragment = !chance(15) || right		     ? (uint16_t)(draw(2) << 14)
			    : chance(50) || !may_be_later_fragment() ? 0x2000
								     : (uint16_t)(1 + draw(0x3fff));
	uint8_t proto = fragment & 0x1fff ? ONE_OF(portless) : right ? any_common_protocol(4) : any_protocol();
	size_t at = f->n, l4;

	add8(f, 0x40 | words);
	add8(f, chance(50) ? any_number(8) : draw(256));
	add16(f, 0);
	add16(f, any_number(16));
	add16(f, fragment);
	add8(f, any_number(8));
	add8(f, proto);
	add16(f, right ? 0 : any_number(16));
	add_source(f, hook, 4, number);
	add_address(f, hook, 4);
	add_junk(f, (words - 5) * 4);
	l4 = f->n;
	add_transport(f, proto, must_be_right(hook));
	put16(f->b + at + 2, (uint32_t)(f->n - at));
	if (right || chance(50))
		put16(f->b + at + 10, fold(sum(f->b + at, words * 4, 0)));
	if (right || chance(50))
		put_checksum(f, at, l4, proto);
}

/* Adds one header of the chain, and says of which kind: its predecessor's last
 * byte to write is *next. */
static void add_extension(struct frame *f, uint8_t **next, bool right, bool *later_fragment)
{
	static const uint8_t kinds[] = { 0, 43, 60, 44, 51 };
	uint8_t kind = kinds[draw(right ? 3 : 5)], *begin = f->b + f->n;
	unsigned int units = draw(3);

	**next = kind;
	*next = begin;
	add_junk(f, 8);
	if (kind == 44) {
		uint32_t offset = chance(50) || !may_be_later_fragment() ? 1 : 8 + draw(65528);

		put16(begin + 2, offset);
		*later_fragment |= offset >= 8;
		begin[1] = 0;
	} else if (kind == 51) {
		begin[1] = (uint8_t)(units * 2);
		add_junk(f, units * 8);
	} else {
		begin[1] = (uint8_t)units;
		add_junk(f, units * 8);
	}
}

static void add_ipv6(struct frame *f, enum hook hook, uint32_t number)
{
	uint8_t proto = must_be_right(hook) ? any_common_protocol(6) : any_protocol(), *next, hops;
	bool later_fragment = false;
	size_t at = f->n;

	add8(f, 0x60 | draw(16));
	add8(f, chance(50) ? any_number(8) : draw(256));
	add16(f, any_number(16));
	add16(f, 0);
	next = f->b + f->n++;
	hops = (uint8_t)any_number(8);
	add8(f, hops == 255 ? 254 : hops); /* below that of neighbour discovery */
	add_source(f, hook, 6, number);
	add_address(f, hook, 6);
	if (chance(25) && hook != HOOK_PREROUTING)
		for (int i = 0, n = 1 + (int)draw(5); i < n && !later_fragment; i++)
			add_extension(f, &next, must_be_right(hook), &later_fragment);
	if (later_fragment)
		proto = ONE_OF(portless);
	*next = proto;
	size_t l4 = f->n;
	add_transport(f, proto, must_be_right(hook));
	put16(f->b + at + 4, (uint32_t)(f->n - at - 40));
	if (must_be_right(hook) || chance(50))
		put_checksum(f, at, l4, proto);
}

/* ---- the frame ---- */

static void add_ethernet(struct frame *f, enum hook hook, uint32_t number)
{
	static const uint8_t host[] = { 2, 0, 0, 0, 0, 1 };
	const uint8_t from[] = {
		2, 0x77, (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number
	};

	if (must_be_right(hook) || chance(60))
		add(f, host, sizeof(host));
	else
		any_ether(f->b), f->n = 6;
	if (chance(70))
		add(f, from, sizeof(from));
	else
		any_ether(f->b + 6), f->n = 12;
}

void make_frame(struct frame *f, enum hook hook, uint32_t number)
{
	static const uint16_t types[] = { 0x88cc, 0x8864, 0x0200, 0x1234 };
	uint32_t what = hook == HOOK_PREROUTING ? draw(94) : draw(100);

	values_focus();
	if (focus_family() && chance(80))
		what = focus_family() == 4 ? 0 : 50;
	f->n = 0;
	f->exact = false;
	f->mark = hook == HOOK_EGRESS && chance(50) ? any_mark() : 0;
	add_ethernet(f, hook, number);
	if (hook == HOOK_INGRESS && chance(8) && !values_have("ether ")) {
		add16(f, ETHERTYPE_VLAN);
		add16(f, draw(65536));
	}
	if (what < 47) {
		add16(f, ETHERTYPE_IP);
		add_ipv4(f, hook, number);
	} else if (what < 94) {
		add16(f, ETHERTYPE_IPV6);
		add_ipv6(f, hook, number);
	} else {
		add16(f, ONE_OF(types));
		add_junk(f, 46);
	}
	if (chance(10) && !f->exact && !must_be_right(hook))
		add_junk(f, draw(30)); /* behind the packet */
	if (f->n < 60 && chance(50) && !f->exact && !must_be_right(hook))
		add_junk(f, 60 - f->n);
}
