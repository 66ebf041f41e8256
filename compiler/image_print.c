/* SPDX-License-Identifier: GPL-2.0-only */
/* image_print.c - elements of the maps as text. */
#include <compiler/image.h>

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/buf.h>
#include <compiler/image_print.h>

void print_addr(enum zf_family family, const uint8_t *addr, struct buf *out)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(family == ZF_IPV4 ? AF_INET : AF_INET6, addr, text, sizeof(text));
	buf_puts(out, text);
}

void print_bits(uint32_t value, const struct bit_name *names, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		if (value & names[i].bit)
			buf_printf(out, " %s", names[i].name);
}

static void print_numbers(const char *title, const __u64 *words, size_t n_words, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < n_words * 64; i++) {
		if (!(words[i / 64] >> i % 64 & 1))
			continue;
		if (!any)
			buf_printf(out, " %s", title);
		buf_printf(out, "%c%zu", any ? ',' : ' ', i);
		any = true;
	}
}

static void print_ref(const char *title, uint32_t ref, struct buf *out)
{
	if (ref)
		buf_printf(out, " %s %s %" PRIu32, title, ref & ZF_REF_NODE ? "node" : "list", ref & ~ZF_REF_NODE);
}

static void print_range(const char *title, uint32_t lo, uint32_t hi, uint32_t max, struct buf *out)
{
	if (lo == hi)
		buf_printf(out, " %s %" PRIu32, title, lo);
	else if (lo != 0 || hi != max)
		buf_printf(out, " %s %" PRIu32 "-%" PRIu32, title, lo, hi);
}

static void print_config(const struct zf_config *c, struct buf *out)
{
	static const struct bit_name per_family[] = { { ZF_HAS_DST, "dst" }, { ZF_HAS_SRC, "src" } };
	static const struct bit_name common[] = { { ZF_USES_CT, "ct" }, { ZF_USES_TPROXY, "tproxy" } };

	for (int f = 0; f < ZF_FAMILIES; f++) {
		buf_printf(out, " ipv%d: words %" PRIu32, f == ZF_IPV4 ? 4 : 6, c->words[f]);
		PRINT_BITS(c->flags[f], per_family, out);
		print_numbers("any-dst", c->any_dst[f], ZF_TUPLE_WORDS, out);
		print_numbers("any-src", c->any_src[f], ZF_TUPLE_WORDS, out);
		print_ref("bad", c->bad[f], out);
		buf_puts(out, ";");
	}
	print_ref("other", c->other, out);
	PRINT_BITS(c->flags[ZF_IPV4], common, out);
	buf_printf(out, " mark 0x%" PRIx32, c->mark);
}

static void print_interface(const struct zf_interface *i, struct buf *out)
{
	print_numbers("sets", i->sets, ZF_INTERFACE_SETS / 64, out);
	if (i->flags & ZF_NO_ETHERNET)
		buf_puts(out, " no-ethernet");
	if (i->flags & ZF_HAS_ADDR4) {
		buf_puts(out, " addr ");
		print_addr(ZF_IPV4, i->addr4, out);
	}
	if (i->flags & ZF_HAS_ADDR6) {
		buf_puts(out, " addr ");
		print_addr(ZF_IPV6, i->addr6, out);
	}
}

static void print_selector(const char *title, unsigned int len, uint32_t set, struct buf *out)
{
	if (set)
		buf_printf(out, " %s set %08" PRIx32, title, set);
	else
		buf_printf(out, " %s /%u", title, len);
}

static void print_tuple(const struct zf_tuple *t, struct buf *out)
{
	print_selector("dst", t->dst_len, t->dst_set, out);
	print_selector("src", t->src_len, t->src_set, out);
	buf_printf(out, " labels %" PRIu32 "-%" PRIu32, t->min_label, t->max_label);
}

static void print_block(const struct zf_block *b, struct buf *out)
{
	print_ref("any-port", b->list, out);
	print_ref("dport", b->dport, out);
	print_ref("sport", b->sport, out);
}

static bool entry_is_sane(const struct zf_entry *e)
{
	bool all_zero = !e->proto_hi && !e->dport_hi && !e->sport_hi;

	return e->rule && e->label && !all_zero && e->proto_lo <= e->proto_hi && e->dport_lo <= e->dport_hi &&
	       e->sport_lo <= e->sport_hi && !(e->flags & ~(ZF_NEED_L4 | ZF_JUST_DROPS));
}

static bool cell_looks_like_list(const struct zf_cell *c)
{
	static const struct zf_entry unused;

	if (c->next & ZF_REF_NODE || !entry_is_sane(&c->entries[0]))
		return false;
	for (int i = 1; i < ZF_CELL_ENTRIES; i++)
		if (memcmp(&c->entries[i], &unused, sizeof(unused)) != 0 && !entry_is_sane(&c->entries[i]))
			return false;
	return true;
}

static void print_entry(const struct zf_entry *e, struct buf *out)
{
	buf_printf(out, " { label %" PRIu32 " rule %" PRIu32 " interfaces %u", e->label, e->rule, e->interfaces);
	print_range("proto", e->proto_lo, e->proto_hi, UINT8_MAX, out);
	print_range("dport", e->dport_lo, e->dport_hi, UINT16_MAX, out);
	print_range("sport", e->sport_lo, e->sport_hi, UINT16_MAX, out);
	buf_printf(out, "%s%s }", e->flags & ZF_NEED_L4 ? " l4" : "", e->flags & ZF_JUST_DROPS ? " drops" : "");
}

static void print_cell(const struct zf_cell *c, struct buf *out)
{
	if (cell_looks_like_list(c)) {
		for (int i = 0; i < ZF_CELL_ENTRIES; i++)
			if (c->entries[i].rule)
				print_entry(&c->entries[i], out);
		print_ref("then", c->next, out);
		return;
	}
	buf_puts(out, " node");
	for (int i = 0; i < 16; i++) {
		char slot[4] = { "0123456789abcdef"[i], ':' };

		print_ref(slot, c->slots[i], out);
	}
}

/* ---- what the program writes ---- */

static void print_value_key(const struct zf_value *v, struct buf *out)
{
	buf_printf(out, " set %" PRIu32 " ", v->set);
	for (unsigned int i = 0; i < sizeof(v->bytes) && 32 + 8 * i < v->prefixlen; i++)
		buf_printf(out, "%02x", v->bytes[i]);
	buf_printf(out, "/%" PRIu32, v->prefixlen - 32);
}

static void print_interface_key(uint32_t index, struct buf *out)
{
	buf_printf(out, " %" PRIu32 "%s", index & ~ZF_EGRESS, index & ZF_EGRESS ? " egress" : "");
}

static const char *address_word(uint32_t type)
{
	return type == ZF_LOCAL ? "local" : type == ZF_BROADCAST ? "broadcast" : "unknown";
}

static void print_counter(const struct zf_counter *c, struct buf *out)
{
	buf_printf(out, " packets %llu bytes %llu", (unsigned long long)c->packets, (unsigned long long)c->bytes);
}

static void print_flow_key(const struct zf_flow_key *k, struct buf *out)
{
	buf_printf(out, " proto %u ", k->proto);
	print_addr(k->family, k->src, out);
	buf_printf(out, " %u > ", ntohs(k->sport));
	print_addr(k->family, k->dst, out);
	buf_printf(out, " %u", ntohs(k->dport));
}

/* An element in the types of abi.h, whatever the alignment of its bytes. */
union key {
	uint8_t bytes[64];
	uint32_t index;
	struct zf_lpm4 lpm4;
	struct zf_lpm6 lpm6;
	struct zf_pair4 pair4;
	struct zf_pair6 pair6;
	struct zf_local local;
	struct zf_value value;
	struct zf_flow_key flow;
};
union value {
	uint8_t bytes[512];
	uint32_t number;
	struct zf_config config;
	struct zf_interface interface;
	struct zf_class class;
	struct zf_tuple tuple;
	struct zf_block block;
	struct zf_cell cell;
	struct zf_rule rule;
	struct zf_op op;
	struct zf_counter counter;
	struct zf_limit limit;
	struct zf_timer timer;
	struct zf_flow flow;
};

static void print_pair_key(enum zf_family f, uint32_t tuple, const uint8_t *dst, const uint8_t *src, struct buf *out)
{
	buf_printf(out, " tuple %" PRIu32 " dst ", tuple);
	print_addr(f, dst, out);
	buf_puts(out, " src ");
	print_addr(f, src, out);
}

static void print_key(enum map_id map, const union key *k, struct buf *out)
{
	switch (map) {
	case MAP_DST4:
	case MAP_SRC4:
		buf_puts(out, " ");
		print_addr(ZF_IPV4, k->lpm4.addr, out);
		buf_printf(out, "/%" PRIu32, k->lpm4.prefixlen);
		break;
	case MAP_DST6:
	case MAP_SRC6:
		buf_puts(out, " ");
		print_addr(ZF_IPV6, k->lpm6.addr, out);
		buf_printf(out, "/%" PRIu32, k->lpm6.prefixlen);
		break;
	case MAP_PAIR4:
		print_pair_key(ZF_IPV4, k->pair4.tuple, k->pair4.dst, k->pair4.src, out);
		break;
	case MAP_PAIR6:
		print_pair_key(ZF_IPV6, k->pair6.tuple, k->pair6.dst, k->pair6.src, out);
		break;
	case MAP_LOCAL:
		buf_printf(out, " interface %" PRIu32 " ", k->local.ifindex);
		print_addr(k->local.family, k->local.addr, out);
		break;
	case MAP_VALUES:
		print_value_key(&k->value, out);
		break;
	case MAP_INTERFACE:
		print_interface_key(k->index, out);
		break;
	case MAP_FLOW:
		print_flow_key(&k->flow, out);
		break;
	case MAP_TUPLE:
		buf_printf(out, " ipv%d %" PRIu32, k->index < ZF_TUPLES ? 4 : 6, k->index % ZF_TUPLES);
		break;
	case MAP_CONFIG:
		break;
	default:
		buf_printf(out, " %" PRIu32, k->index);
	}
}

static void print_value(enum map_id map, const union value *v, struct buf *out)
{
	switch (map) {
	case MAP_CONFIG:
		print_config(&v->config, out);
		break;
	case MAP_INTERFACE:
		print_interface(&v->interface, out);
		break;
	case MAP_DST4:
	case MAP_SRC4:
	case MAP_DST6:
	case MAP_SRC6:
		buf_printf(out, " class %" PRIu32, v->number);
		break;
	case MAP_CLASS:
		print_numbers("tuples", v->class.tuples, ZF_TUPLE_WORDS, out);
		break;
	case MAP_TUPLE:
		print_tuple(&v->tuple, out);
		break;
	case MAP_PAIR4:
	case MAP_PAIR6:
		print_block(&v->block, out);
		break;
	case MAP_LOCAL:
		buf_printf(out, " %s", address_word(v->number));
		break;
	case MAP_VALUES:
		buf_puts(out, " member");
		break;
	case MAP_PORTS:
		print_cell(&v->cell, out);
		break;
	case MAP_RULE:
		print_rule(&v->rule, out);
		break;
	case MAP_OPS:
		print_op(&v->op, out);
		break;
	case MAP_LIMIT:
		buf_printf(out, " empty at %llu lost %llu", (unsigned long long)v->limit.empty,
			   (unsigned long long)v->limit.lost);
		break;
	case MAP_TIMER:
		buf_printf(out, " ends at %llu", (unsigned long long)v->timer.end);
		break;
	case MAP_COUNTER:
	case MAP_BASE:
		print_counter(&v->counter, out);
		break;
	case MAP_FLOW:
		buf_printf(out, " seen %llu flags %" PRIu32, (unsigned long long)v->flow.seen, v->flow.flags);
		break;
	case MAP_LOG:
	case MAP_COUNT:
		break;
	}
}

void element_print(enum map_id map, const uint8_t *key, const uint8_t *value, struct buf *out)
{
	const struct map_desc *m = &map_descs[map];
	union key k = { { 0 } };
	union value v = { { 0 } };

	_Static_assert(sizeof(struct zf_config) <= sizeof(v.bytes), "the largest value");
	memcpy(k.bytes, key, m->key_size);
	buf_puts(out, m->name);
	print_key(map, &k, out);
	if (!value)
		return;
	memcpy(v.bytes, value, m->value_size);
	buf_puts(out, " =");
	print_value(map, &v, out);
}

void image_dump(const struct image *image, struct buf *out)
{
	for (int i = 0; i < MAP_COUNT; i++) {
		const struct map_image *map = &image->maps[i];

		for (size_t j = 0; j < map->n; j++) {
			element_print(i, map->keys + j * map_descs[i].key_size,
				      map->values + j * map_descs[i].value_size, out);
			buf_putc(out, '\n');
		}
	}
}
