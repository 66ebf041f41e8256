/* SPDX-License-Identifier: GPL-2.0-only */
#include <runtime/event_packet.h>

#include <arpa/inet.h>
#include <string.h>

#include <linux/if_ether.h>

#include <bpf/abi.h>

#define EXTENSIONS_MAX 8
#define ICMP_HEADER    8 /* bytes before the packet that an error quotes */

const char *const packet_tcp_flags[TCP_FLAGS] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR" };

const char *packet_protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_ICMP:
		return "ICMP";
	case IPPROTO_ICMPV6:
		return "ICMPv6";
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_UDPLITE:
		return "UDPLITE";
	case IPPROTO_SCTP:
		return "SCTP";
	case IPPROTO_DCCP:
		return "DCCP";
	case IPPROTO_ESP:
		return "ESP";
	case IPPROTO_AH:
		return "AH";
	}
	return NULL;
}

/* ---- bytes ---- */

struct bytes {
	const uint8_t *v;
	size_t n;
};

static struct bytes captured(const struct zf_event *e)
{
	return (struct bytes){ e->bytes, e->captured < ZF_EVENT_BYTES ? e->captured : ZF_EVENT_BYTES };
}

/* 'len' bytes at 'at', or NULL when they aren't all there. */
static const uint8_t *bytes_at(const struct bytes *b, size_t at, size_t len)
{
	return at <= b->n && len <= b->n - at ? b->v + at : NULL;
}

/* What is behind the end of the packet is padding of the frame. */
static struct bytes bytes_until(const struct bytes *b, size_t end)
{
	return (struct bytes){ b->v, end < b->n ? end : b->n };
}

static uint16_t read16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t read32(const uint8_t *p)
{
	return (uint32_t)read16(p) << 16 | read16(p + 2);
}

/* ---- the link ---- */

static bool is_tag(uint16_t type)
{
	return type == ETH_P_8021Q || type == ETH_P_8021AD;
}

void packet_read_link(const struct zf_event *e, struct packet_link *ret)
{
	const struct bytes b = captured(e);
	const uint8_t *p = bytes_at(&b, 0, ETH_HLEN);
	size_t at = ETH_HLEN;

	*ret = (struct packet_link){ 0 };
	if (e->flags & ZF_EVENT_NO_ETHERNET)
		return;
	ret->cut = !p;
	if (!p)
		return;
	ret->ethernet = true;
	memcpy(ret->dst, p, sizeof(ret->dst));
	memcpy(ret->src, p + 6, sizeof(ret->src));
	for (p += 12; is_tag(read16(p)) && ret->n_vlans < PACKET_VLANS; at += 4) {
		const uint8_t *tag = bytes_at(&b, at, 4);

		if (!tag)
			return;
		ret->vlans[ret->n_vlans++] = read16(tag) & 0xfff;
		p = tag + 2;
	}
}

bool packet_is_ip(const struct zf_event *e, size_t *at)
{
	*at = e->network;
	return e->protocol == ETH_P_IP || e->protocol == ETH_P_IPV6;
}

/* ---- behind the IP header ---- */

static void read_tcp(const struct bytes *b, size_t at, struct packet_ip *ip)
{
	const uint8_t *p = bytes_at(b, at, 20);

	ip->cut = !p;
	if (!p)
		return;
	ip->transport = TRANSPORT_TCP;
	ip->seq = read32(p + 4);
	ip->ack = read32(p + 8);
	ip->tcp_flags = p[13];
	ip->window = read16(p + 14);
}

static void read_udp(const struct bytes *b, size_t at, struct packet_ip *ip)
{
	const uint8_t *p = bytes_at(b, at, 8);

	ip->cut = !p;
	if (!p)
		return;
	ip->transport = TRANSPORT_UDP;
	ip->udp_length = read16(p + 4);
}

static void read_ports(const struct bytes *b, size_t at, struct packet_ip *ip)
{
	const uint8_t *p = bytes_at(b, at, 4);

	ip->cut = !p;
	if (!p)
		return;
	ip->transport = TRANSPORT_PORTS;
	ip->sport = read16(p);
	ip->dport = read16(p + 2);
	if (ip->protocol == IPPROTO_TCP)
		read_tcp(b, at, ip);
	else if (ip->protocol == IPPROTO_UDP)
		read_udp(b, at, ip);
}

static bool is_echo(const struct packet_ip *ip)
{
	return ip->version == 4 ? ip->type == 0 || ip->type == 8 : ip->type == 128 || ip->type == 129;
}

/* Those that quote the packet they are about. */
static bool is_error(const struct packet_ip *ip)
{
	if (ip->version == 6)
		return ip->type >= 1 && ip->type <= 4;
	return ip->type == 3 || ip->type == 4 || ip->type == 5 || ip->type == 11 || ip->type == 12;
}

static void read_icmp(const struct bytes *b, size_t at, struct packet_ip *ip)
{
	const uint8_t *p = bytes_at(b, at, 4), *more = bytes_at(b, at, ICMP_HEADER);

	ip->cut = !p;
	if (!p)
		return;
	ip->transport = TRANSPORT_ICMP;
	ip->type = p[0];
	ip->code = p[1];
	if (!is_echo(ip) && !is_error(ip))
		return;
	ip->cut = !more;
	if (!more)
		return;
	if (is_error(ip)) {
		ip->quoted = at + ICMP_HEADER;
		return;
	}
	ip->echo = true;
	ip->echo_id = read16(more + 4);
	ip->echo_sequence = read16(more + 6);
}

static void read_ipsec(const struct bytes *b, size_t at, struct packet_ip *ip)
{
	const uint8_t *p = bytes_at(b, ip->protocol == IPPROTO_AH ? at + 4 : at, 4);

	ip->cut = !p;
	if (!p)
		return;
	ip->transport = TRANSPORT_IPSEC;
	ip->spi = read32(p);
}

static void read_transport(const struct bytes *b, size_t at, struct packet_ip *ip)
{
	switch (ip->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		read_ports(b, at, ip);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		if ((ip->protocol == IPPROTO_ICMP) == (ip->version == 4))
			read_icmp(b, at, ip);
		break;
	case IPPROTO_ESP:
	case IPPROTO_AH:
		read_ipsec(b, at, ip);
		break;
	}
}

/* ---- the IP header ---- */

static void read_ipv4(const struct bytes *b, size_t at, const uint8_t *p, struct packet_ip *ip)
{
	uint16_t word = read16(p + 6);
	size_t header = (size_t)(p[0] & 15) * 4;
	struct bytes packet = *b;

	ip->version = 4;
	ip->tos = p[1];
	ip->length = read16(p + 2);
	ip->id = read16(p + 4);
	ip->df = word & 0x4000;
	ip->more = word & 0x2000;
	ip->offset = (uint32_t)(word & 0x1fff) * 8;
	ip->fragment = ip->more || ip->offset;
	ip->ttl = p[8];
	ip->protocol = p[9];
	inet_ntop(AF_INET, p + 12, ip->src, sizeof(ip->src));
	inet_ntop(AF_INET, p + 16, ip->dst, sizeof(ip->dst));
	if (ip->length) /* 0: segments that the device will cut */
		packet = bytes_until(b, at + ip->length);
	ip->malformed = header < 20;
	if (!ip->malformed && !ip->offset)
		read_transport(&packet, at + header, ip);
}

static bool is_extension(uint8_t protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING || protocol == IPPROTO_FRAGMENT ||
	       protocol == IPPROTO_DSTOPTS;
}

static void read_fragment(const uint8_t *p, struct packet_ip *ip)
{
	uint16_t word = read16(p + 2);

	ip->fragment = true;
	ip->offset = word & 0xfff8;
	ip->more = word & 1;
	ip->id = read32(p + 4);
}

/* Goes from the extension header at 'at' to what is behind all of them. */
static void read_extensions(const struct bytes *b, size_t at, struct packet_ip *ip)
{
	for (int i = 0; i < EXTENSIONS_MAX && is_extension(ip->protocol); i++) {
		const uint8_t *p = bytes_at(b, at, 8);

		ip->cut = !p;
		if (!p)
			return;
		at += ip->protocol == IPPROTO_FRAGMENT ? 8 : ((size_t)p[1] + 1) * 8;
		if (ip->protocol == IPPROTO_FRAGMENT)
			read_fragment(p, ip);
		ip->protocol = p[0];
		if (ip->offset)
			return;
	}
	read_transport(b, at, ip);
}

static void read_ipv6(const struct bytes *b, size_t at, const uint8_t *p, struct packet_ip *ip)
{
	struct bytes packet = *b;

	ip->version = 6;
	ip->tos = (uint8_t)(read16(p) >> 4);
	ip->length = read16(p + 4) + 40u;
	ip->protocol = p[6];
	ip->ttl = p[7];
	inet_ntop(AF_INET6, p + 8, ip->src, sizeof(ip->src));
	inet_ntop(AF_INET6, p + 24, ip->dst, sizeof(ip->dst));
	if (ip->length > 40) /* else as above, or nothing follows */
		packet = bytes_until(b, at + ip->length);
	read_extensions(&packet, at + 40, ip);
}

void packet_read_ip(const struct zf_event *e, size_t at, struct packet_ip *ret)
{
	const struct bytes all = captured(e), *b = &all;
	const uint8_t *first = bytes_at(b, at, 1), *p;
	int version = first ? *first >> 4 : 0;

	*ret = (struct packet_ip){ .cut = !first };
	ret->malformed = first && version != 4 && version != 6;
	if (!first || ret->malformed)
		return;
	p = bytes_at(b, at, version == 4 ? 20 : 40);
	ret->cut = !p;
	if (p && version == 4)
		read_ipv4(b, at, p, ret);
	else if (p)
		read_ipv6(b, at, p, ret);
}
