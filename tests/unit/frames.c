// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include <tests/unit/frames.h>

static void put(struct frame *f, const void *bytes, size_t len)
{
	assert(f->len + len <= sizeof(f->data));
	if (bytes)
		memcpy(f->data + f->len, bytes, len);
	else
		memset(f->data + f->len, 0, len);
	f->len += len;
}

static void put8(struct frame *f, uint8_t v)
{
	put(f, &v, 1);
}

static void put16(struct frame *f, uint16_t v)
{
	v = htons(v);
	put(f, &v, 2);
}

static void put_address(struct frame *f, unsigned int version, const char *text, const uint8_t *bytes)
{
	uint8_t parsed[16];

	if (text) {
		int r = inet_pton(version == 4 ? AF_INET : AF_INET6, text, parsed);

		assert(r == 1);
		(void)r;
		bytes = parsed;
	}
	put(f, bytes, version == 4 ? 4 : 16);
}

static void put_l4(struct frame *f, const struct packet_spec *s)
{
	if (s->fragment_offset)
		return;
	switch (s->proto) {
	case IPPROTO_TCP:
		put16(f, s->sport);
		put16(f, s->dport);
		put(f, NULL, 8);
		put8(f, 5 << 4);
		put8(f, s->tcp_flags);
		put(f, NULL, 6);
		break;
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_UDPLITE:
		put16(f, s->sport);
		put16(f, s->dport);
		put(f, NULL, 8);
		break;
	case IPPROTO_UDP:
		put16(f, s->sport);
		put16(f, s->dport);
		put16(f, (uint16_t)(8 + s->payload_len));
		put16(f, 0);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		put8(f, s->type);
		put8(f, s->code);
		put16(f, 0);
		put16(f, s->id);
		put16(f, 0);
		break;
	}
}

static uint16_t checksum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void patch16(struct frame *f, size_t at, size_t v)
{
	f->data[at] = (uint8_t)(v >> 8);
	f->data[at + 1] = (uint8_t)v;
}

static void make4(struct frame *f, const struct packet_spec *s)
{
	size_t begin = f->len, head;

	put8(f, (uint8_t)(0x45 + s->options));
	put8(f, 0);
	put16(f, 0);
	put16(f, 0x1234);
	put16(f, (uint16_t)((s->more_fragments ? 0x2000 : 0) | s->fragment_offset / 8));
	put8(f, s->hop_limit ? s->hop_limit : 64);
	put8(f, s->proto);
	put16(f, 0);
	put_address(f, 4, s->src, s->src_bytes);
	put_address(f, 4, s->dst, s->dst_bytes);
	for (unsigned int i = 0; i < s->options; i++)
		put(f, "\1\1\1\1", 4); /* no operation */
	head = f->len - begin;
	put_l4(f, s);
	put(f, s->payload, s->payload_len);
	patch16(f, begin + 2, f->len - begin);
	patch16(f, begin + 10, checksum(f->data + begin, head));
}

static void put_extension(struct frame *f, uint8_t kind, uint8_t next)
{
	put8(f, next);
	put8(f, kind == IPPROTO_AH ? 4 : 1); /* 24 bytes of AH, 16 of the others */
	put(f, NULL, kind == IPPROTO_AH ? 22 : 14);
}

static void make6(struct frame *f, const struct packet_spec *s)
{
	size_t begin = f->len;
	int fragment = s->fragment_offset || s->more_fragments;
	uint8_t last = fragment ? IPPROTO_FRAGMENT : s->proto;

	put8(f, 0x60);
	put(f, NULL, 3);
	put16(f, 0);
	put8(f, s->n_extensions ? s->extensions[0] : last);
	put8(f, s->hop_limit ? s->hop_limit : 64);
	put_address(f, 6, s->src, s->src_bytes);
	put_address(f, 6, s->dst, s->dst_bytes);
	for (size_t i = 0; i < s->n_extensions; i++)
		put_extension(f, s->extensions[i], i + 1 < s->n_extensions ? s->extensions[i + 1] : last);
	if (fragment) {
		put8(f, s->proto);
		put8(f, 0);
		put16(f, (uint16_t)(s->fragment_offset | !!s->more_fragments));
		put(f, "\0\0\0\7", 4);
	}
	put_l4(f, s);
	put(f, s->payload, s->payload_len);
	patch16(f, begin + 4, f->len - begin - 40);
}

size_t frame_network(const struct packet_spec *s)
{
	size_t off = s->no_ethernet ? 0 : 14;

	for (size_t i = 0; i < 3 && s->tags[i]; i++)
		off += 4;
	return off;
}

void frame_make(struct frame *f, const struct packet_spec *s)
{
	f->len = 0;
	if (!s->no_ethernet) {
		put(f, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
		for (size_t i = 0; i < 3 && s->tags[i]; i++) {
			put16(f, s->tags[i]);
			put16(f, (uint16_t)(7 + i));
		}
		put16(f, s->version == 4 ? 0x0800 : 0x86dd);
	}
	if (s->version == 4)
		make4(f, s);
	else
		make6(f, s);
}
