/* SPDX-License-Identifier: GPL-2.0-only */
/* event_json.c - an event of a log statement as a JSON object.
 *
 * A function named NAME_json gives a new object, which the caller owns. */
#include <stdio.h>

#include <linux/if_packet.h>

#include <bpf/abi.h>
#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <runtime/event_packet.h>
#include <runtime/event_print.h>
#include <runtime/json_make.h>

static void put_number(json_t *object, const char *name, uint32_t value)
{
	json_put(object, name, json_integer((json_int_t)value));
}

/* ---- what the rule says ---- */

static void put_time(json_t *object, uint64_t time_ns)
{
	struct arena *a = arena_new();
	struct buf text = { .arena = a };

	event_print_time(time_ns, true, &text);
	json_put(object, "time", json_text(text.text));
	arena_free(&a);
}

static void put_statement(json_t *object, const struct log_statement *s)
{
	if (!s)
		return;
	if (s->has_group)
		put_number(object, "group", s->group);
	else
		json_put(object, "level", json_text(log_level_name(s->level)));
	json_put(object, "prefix", json_text(s->prefix));
	if (s->file) {
		json_put(object, "file", json_text(s->file));
		put_number(object, "line", s->line);
	}
	json_put(object, "rule", json_text(s->rule));
}

/* ---- the packet ---- */

static json_t *mac_json(const uint8_t *m)
{
	char text[24];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	return json_text(text);
}

static void put_link(json_t *object, const struct zf_event *e)
{
	struct packet_link link;
	json_t *ether, *vlans;

	packet_read_link(e, &link);
	if (link.ethernet) {
		ether = json_checked(json_object());
		json_put(ether, "saddr", mac_json(link.src));
		json_put(ether, "daddr", mac_json(link.dst));
		json_put(object, "ether", ether);
	}
	if (!link.n_vlans)
		return;
	vlans = json_checked(json_array());
	for (unsigned int i = 0; i < link.n_vlans; i++)
		json_add(vlans, json_integer(link.vlans[i]));
	json_put(object, "vlan", vlans);
}

static json_t *flags_json(uint16_t flags)
{
	json_t *array = json_checked(json_array());

	for (unsigned int i = 0; i < TCP_FLAGS; i++)
		if (flags & (1u << i))
			json_add(array, json_text(packet_tcp_flags[i]));
	return array;
}

static void put_ports(json_t *object, const struct packet_ip *ip)
{
	put_number(object, "sport", ip->sport);
	put_number(object, "dport", ip->dport);
	if (ip->transport == TRANSPORT_UDP)
		put_number(object, "udp_length", ip->udp_length);
	if (ip->transport != TRANSPORT_TCP)
		return;
	put_number(object, "sequence", ip->seq);
	put_number(object, "ackseq", ip->ack);
	put_number(object, "window", ip->window);
	json_put(object, "flags", flags_json(ip->tcp_flags));
}

static json_t *ip_json(const struct zf_event *e, size_t at, bool quoted);

static void put_icmp(json_t *object, const struct zf_event *e, const struct packet_ip *ip, bool quoted)
{
	put_number(object, "type", ip->type);
	put_number(object, "code", ip->code);
	if (ip->echo) {
		put_number(object, "echo_id", ip->echo_id);
		put_number(object, "echo_sequence", ip->echo_sequence);
	}
	if (ip->quoted && !quoted)
		json_put(object, "quoted", ip_json(e, ip->quoted, true));
}

static void put_transport(json_t *object, const struct zf_event *e, const struct packet_ip *ip, bool quoted)
{
	switch (ip->transport) {
	case TRANSPORT_NONE:
		break;
	case TRANSPORT_PORTS:
	case TRANSPORT_TCP:
	case TRANSPORT_UDP:
		put_ports(object, ip);
		break;
	case TRANSPORT_ICMP:
		put_icmp(object, e, ip, quoted);
		break;
	case TRANSPORT_IPSEC:
		put_number(object, "spi", ip->spi);
		break;
	}
}

static void put_header(json_t *object, const struct packet_ip *ip)
{
	const char *name = packet_protocol_name(ip->protocol);

	put_number(object, "version", (uint32_t)ip->version);
	json_put(object, "saddr", json_text(ip->src));
	json_put(object, "daddr", json_text(ip->dst));
	put_number(object, "length", ip->length);
	put_number(object, "tos", ip->tos);
	put_number(object, "ttl", ip->ttl);
	if (ip->version == 4 || ip->fragment)
		put_number(object, "id", ip->id);
	if (ip->version == 4)
		json_put(object, "df", json_boolean(ip->df));
	if (ip->fragment) {
		json_put(object, "more_fragments", json_boolean(ip->more));
		put_number(object, "fragment_offset", ip->offset);
	}
	put_number(object, "protocol", ip->protocol);
	if (name)
		json_put(object, "protocol_name", json_text(name));
}

static json_t *ip_json(const struct zf_event *e, size_t at, bool quoted)
{
	json_t *object = json_checked(json_object());
	struct packet_ip ip;

	packet_read_ip(e, at, &ip);
	if (ip.version) {
		put_header(object, &ip);
		put_transport(object, e, &ip, quoted);
	}
	if (ip.malformed)
		json_put(object, "malformed", json_true());
	if (ip.cut)
		json_put(object, "incomplete", json_true());
	return object;
}

static const char *type_name(uint8_t type)
{
	switch (type) {
	case PACKET_HOST:
		return "host";
	case PACKET_BROADCAST:
		return "broadcast";
	case PACKET_MULTICAST:
		return "multicast";
	case PACKET_OTHERHOST:
		return "other";
	}
	return "outgoing";
}

json_t *event_json(const struct event_view *v)
{
	const struct zf_event *e = v->event;
	json_t *object = json_checked(json_object());
	size_t at;

	put_time(object, v->time_ns);
	put_statement(object, v->statement);
	json_put(object, "interface", json_text(v->interface));
	json_put(object, "direction", json_text(e->flags & ZF_EVENT_EGRESS ? "out" : "in"));
	json_put(object, "pkttype", json_text(type_name(e->packet_type)));
	put_number(object, "mark", e->mark);
	put_number(object, "priority", e->priority);
	put_number(object, "frame_length", e->len);
	put_number(object, "captured", e->captured);
	put_link(object, e);
	put_number(object, "ethertype", e->protocol);
	if (packet_is_ip(e, &at))
		json_put(object, "ip", ip_json(e, at, false));
	return object;
}
