/* SPDX-License-Identifier: GPL-2.0-only */
#include <runtime/event_print.h>

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include <linux/if_ether.h>

#include <bpf/abi.h>
#include <compiler/base/buf.h>
#include <runtime/event_packet.h>

/* ---- words ---- */

static const char *const levels[LOG_LEVELS] = { "emerg",  "alert", "crit",  "err",  "warn",
						"notice", "info",  "debug", "audit" };

int log_level_find(const char *name)
{
	for (int i = 0; i < LOG_LEVELS; i++)
		if (!strcmp(levels[i], name))
			return i;
	return -1;
}

const char *log_level_name(uint8_t level)
{
	return level < LOG_LEVELS ? levels[level] : "-";
}

void event_print_time(uint64_t time_ns, bool zone, struct buf *out)
{
	time_t seconds = (time_t)(time_ns / 1000000000);
	char text[32], offset[8] = "";
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), zone ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &tm);
	buf_printf(out, "%s.%06u", text, (unsigned int)(time_ns % 1000000000 / 1000));
	strftime(offset, sizeof(offset), "%z", &tm);
	if (zone) /* "+0100" becomes "+01:00" */
		buf_printf(out, "%.3s:%s", offset, offset + 3);
}

/* Nothing that moves the cursor of whoever reads the log. */
static void put_safe(struct buf *out, const char *s)
{
	for (; *s; s++)
		buf_putc(out, (unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s);
}

/* ---- what the rule says ---- */

static void put_statement(struct buf *out, const struct log_statement *s)
{
	size_t len;

	if (!s) {
		buf_puts(out, " - - ");
		return;
	}
	if (s->has_group)
		buf_printf(out, " group=%u ", s->group);
	else
		buf_printf(out, " %s ", log_level_name(s->level));
	if (s->file) {
		put_safe(out, s->file);
		buf_printf(out, ":%" PRIu32 " ", s->line);
	} else {
		buf_puts(out, "- ");
	}
	put_safe(out, s->prefix);
	len = strlen(s->prefix);
	if (len && s->prefix[len - 1] != ' ')
		buf_putc(out, ' ');
}

/* ---- the packet ---- */

static void put_mac(struct buf *out, const char *name, const uint8_t *m)
{
	buf_printf(out, " %s=%02x:%02x:%02x:%02x:%02x:%02x", name, m[0], m[1], m[2], m[3], m[4], m[5]);
}

static void put_link(struct buf *out, const struct zf_event *e)
{
	struct packet_link link;

	packet_read_link(e, &link);
	if (link.ethernet) {
		put_mac(out, "MACSRC", link.src);
		put_mac(out, "MACDST", link.dst);
	}
	for (unsigned int i = 0; i < link.n_vlans; i++)
		buf_printf(out, " VID=%u", link.vlans[i]);
}

static void put_fragment(struct buf *out, const struct packet_ip *ip)
{
	if (ip->version == 4 || ip->fragment)
		buf_printf(out, " ID=%" PRIu32, ip->id);
	if (ip->df)
		buf_puts(out, " DF");
	if (ip->more)
		buf_puts(out, " MF");
	if (ip->offset)
		buf_printf(out, " FRAG=%" PRIu32, ip->offset);
}

static void put_protocol(struct buf *out, uint8_t protocol)
{
	const char *name = packet_protocol_name(protocol);

	if (name)
		buf_printf(out, " PROTO=%s", name);
	else
		buf_printf(out, " PROTO=%u", protocol);
}

static void put_tcp(struct buf *out, const struct packet_ip *ip)
{
	buf_printf(out, " WINDOW=%u", ip->window);
	for (unsigned int i = 0; i < TCP_FLAGS; i++)
		if (ip->tcp_flags & (1u << i))
			buf_printf(out, " %s", packet_tcp_flags[i]);
}

static void put_ip(struct buf *out, const struct zf_event *e, size_t at, bool quoted);

static void put_icmp(struct buf *out, const struct zf_event *e, const struct packet_ip *ip, bool quoted)
{
	buf_printf(out, " TYPE=%u CODE=%u", ip->type, ip->code);
	if (ip->echo)
		buf_printf(out, " ID=%u SEQ=%u", ip->echo_id, ip->echo_sequence);
	if (!ip->quoted || quoted)
		return;
	buf_puts(out, " [");
	put_ip(out, e, ip->quoted, true);
	buf_puts(out, " ]");
}

static void put_transport(struct buf *out, const struct zf_event *e, const struct packet_ip *ip, bool quoted)
{
	switch (ip->transport) {
	case TRANSPORT_NONE:
		break;
	case TRANSPORT_PORTS:
	case TRANSPORT_TCP:
	case TRANSPORT_UDP:
		buf_printf(out, " SPT=%u DPT=%u", ip->sport, ip->dport);
		if (ip->transport == TRANSPORT_TCP)
			put_tcp(out, ip);
		else if (ip->transport == TRANSPORT_UDP)
			buf_printf(out, " LEN=%u", ip->udp_length);
		break;
	case TRANSPORT_ICMP:
		put_icmp(out, e, ip, quoted);
		break;
	case TRANSPORT_IPSEC:
		buf_printf(out, " SPI=0x%" PRIx32, ip->spi);
		break;
	}
}

/* 'quoted': by an ICMP error, whose own quotes aren't followed. */
static void put_ip(struct buf *out, const struct zf_event *e, size_t at, bool quoted)
{
	struct packet_ip ip;

	packet_read_ip(e, at, &ip);
	if (ip.version) {
		buf_printf(out, " SRC=%s DST=%s LEN=%" PRIu32, ip.src, ip.dst, ip.length);
		if (ip.tos)
			buf_printf(out, " TOS=0x%02x", ip.tos);
		buf_printf(out, " TTL=%u", ip.ttl);
		put_fragment(out, &ip);
		put_protocol(out, ip.protocol);
		put_transport(out, e, &ip, quoted);
	}
	if (ip.malformed)
		buf_puts(out, " MALFORMED");
	if (ip.cut)
		buf_printf(out, " INCOMPLETE [%u bytes]", e->captured);
}

void event_print(const struct event_view *v, struct buf *out)
{
	const struct zf_event *e = v->event;
	bool leaves = e->flags & ZF_EVENT_EGRESS;
	size_t at;

	event_print_time(v->time_ns, false, out);
	put_statement(out, v->statement);
	buf_printf(out, "IN=%s OUT=%s", leaves ? "" : v->interface, leaves ? v->interface : "");
	put_link(out, e);
	if (packet_is_ip(e, &at))
		put_ip(out, e, at, false);
	else
		buf_printf(out, " MACPROTO=%04x LEN=%" PRIu32, e->protocol, e->len);
	if (e->mark)
		buf_printf(out, " MARK=0x%" PRIx32, e->mark);
}
