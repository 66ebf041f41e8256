/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/lower.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>
#include <compiler/value.h>

/* What a packet must be to have a field. */
static const struct {
	uint8_t families;
	short protocol; /* or -1 */
	bool in_l4;
} needs[FIELD_COUNT] = {
#define NEED_V4	     IR_V4
#define NEED_V6	     IR_V6
#define NEED_IP	     IR_V4 | IR_V6
#define NEED_ANY     IR_ANY_FRAME
#define L4_LINK	     false
#define L4_NETWORK   false
#define L4_TRANSPORT true
#define L4_META	     false
#define FIELD(id, spelling, type, families, protocol, base, offset, bits, doc) \
	[FIELD_##id] = { NEED_##families, protocol, L4_##base },
#include <grammar/fields.def>
#undef FIELD
};

#define DIM(d) (DIM_##d + 1)
static const unsigned char dims[FIELD_COUNT] = {
	/* + 1; 0: none, or dealt with apart */
	[FIELD_IP_SADDR] = DIM(SRC4),	 [FIELD_IP_DADDR] = DIM(DST4),	     [FIELD_IP6_SADDR] = DIM(SRC6),
	[FIELD_IP6_DADDR] = DIM(DST6),	 [FIELD_IP_PROTOCOL] = DIM(PROTO),   [FIELD_META_L4PROTO] = DIM(PROTO),
	[FIELD_TCP_SPORT] = DIM(SPORT),	 [FIELD_TCP_DPORT] = DIM(DPORT),     [FIELD_UDP_SPORT] = DIM(SPORT),
	[FIELD_UDP_DPORT] = DIM(DPORT),	 [FIELD_UDPLITE_SPORT] = DIM(SPORT), [FIELD_UDPLITE_DPORT] = DIM(DPORT),
	[FIELD_SCTP_SPORT] = DIM(SPORT), [FIELD_SCTP_DPORT] = DIM(DPORT),    [FIELD_DCCP_SPORT] = DIM(SPORT),
	[FIELD_DCCP_DPORT] = DIM(DPORT), [FIELD_TH_SPORT] = DIM(SPORT),	     [FIELD_TH_DPORT] = DIM(DPORT),
};

/* The ICMP types that have these fields; nft looks at them too. */
static const struct {
	enum ast_field field;
	uint8_t n, types[2];
} icmp_fields[] = {
	{ FIELD_ICMP_ID, 2, { 0, 8 } },		{ FIELD_ICMP_SEQUENCE, 2, { 0, 8 } },
	{ FIELD_ICMP_GATEWAY, 1, { 5 } },	{ FIELD_ICMP_MTU, 1, { 3 } },
	{ FIELD_ICMPV6_ID, 2, { 128, 129 } },	{ FIELD_ICMPV6_SEQUENCE, 2, { 128, 129 } },
	{ FIELD_ICMPV6_MTU, 1, { 2 } },		{ FIELD_ICMPV6_PPTR, 1, { 4 } },
	{ FIELD_ICMPV6_MAX_DELAY, 1, { 130 } },
};

struct match match_of_chain(const struct ast_chain *base, const struct ir_interfaces *interfaces)
{
	static const uint8_t families[] = {
		[AST_IP] = IR_V4 | IR_BAD4,
		[AST_IP6] = IR_V6 | IR_BAD6,
		[AST_INET] = IR_V4 | IR_V6 | IR_BAD4 | IR_BAD6,
		[AST_NETDEV] = IR_ANY_FRAME,
	};

	return (struct match){ .families = families[base->table->family], .interfaces = interfaces };
}

/* Leaves what a family that is gone had said. */
bool match_families(struct match *m, uint8_t families)
{
	m->looked = true;
	m->families &= families;
	if (!(m->families & IR_V4))
		m->dims[DIM_SRC4] = m->dims[DIM_DST4] = NULL;
	if (!(m->families & IR_V6))
		m->dims[DIM_SRC6] = m->dims[DIM_DST6] = NULL;
	return m->families;
}

/* What two sets have in common.  A jump that is narrowed by a large set meets
 * the same rules as the next such jump, so large results are made once. */
static const struct addr_set *common(struct lower *l, const struct addr_set *x, const struct addr_set *y)
{
	struct common {
		const struct addr_set *x, *y, *both;
	} * *slot;

	if (!x || !y || (x->n <= SHARE_FROM && y->n <= SHARE_FROM))
		return addr_set_intersect(l->a, x, y);
	slot = (struct common **)table_at(&l->common, hash_u64(x->hash, y->hash));
	if (*slot && addr_set_equal((*slot)->x, x) && addr_set_equal((*slot)->y, y))
		return (*slot)->both;
	*slot = arena_make(l->a, struct common);
	**slot = (struct common){ x, y, addr_set_intersect(l->a, x, y) };
	return (*slot)->both;
}

static bool keep_values(struct lower *l, struct match *m, enum dimension dim, const struct addr_set *set)
{
	const struct addr_set *left = common(l, m->dims[dim], set);

	if (left && addr_set_is_all(left))
		left = NULL;
	m->dims[dim] = left;
	return !left || left->n;
}

bool match_protocol(struct lower *l, struct match *m, unsigned int protocol)
{
	return match_families(m, IR_V4 | IR_V6) && keep_values(l, m, DIM_PROTO, set_of_range(l, 8, protocol, protocol));
}

/* ---- ICMP: destination ports are type << 8 | code ---- */

static const struct addr_set *types_to_ports(struct lower *l, const struct addr_set *types)
{
	struct addr_range *v = arena_make_array(l->a, types->n, struct addr_range);

	for (size_t i = 0; i < types->n; i++)
		v[i] = (struct addr_range){ types->v[i].lo << 8, types->v[i].hi << 8 | 0xff };
	return addr_set_make(l->a, 16, v, types->n);
}

static bool match_icmp_field(struct lower *l, struct match *m, enum ast_field f)
{
	struct addr_range *v;

	for (size_t i = 0; i < sizeof(icmp_fields) / sizeof(*icmp_fields); i++) {
		if (icmp_fields[i].field != f)
			continue;
		v = arena_make_array(l->a, 2, struct addr_range);
		for (unsigned int k = 0; k < icmp_fields[i].n; k++)
			v[k].lo = v[k].hi = icmp_fields[i].types[k];
		return keep_values(l, m, DIM_DPORT, types_to_ports(l, addr_set_make(l->a, 8, v, icmp_fields[i].n)));
	}
	return true;
}

#define FEW_TYPES 16

/* A set of codes is a range for each type that is possible. */
static bool few_types(const struct match *m)
{
	const struct addr_set *ports = m->dims[DIM_DPORT];

	return ports && ports->n && (ports->v[ports->n - 1].hi >> 8) - (ports->v[0].lo >> 8) < FEW_TYPES;
}

static const struct addr_set *codes_to_ports(struct lower *l, const struct match *m, const struct addr_set *codes)
{
	const struct addr_set *ports = m->dims[DIM_DPORT];
	u128 first = ports->v[0].lo >> 8, last = ports->v[ports->n - 1].hi >> 8;
	struct addr_range *v = arena_make_array(l->a, FEW_TYPES * codes->n, struct addr_range);
	size_t n = 0;

	for (u128 type = first; type <= last; type++)
		for (size_t i = 0; i < codes->n; i++)
			v[n++] = (struct addr_range){ type << 8 | codes->v[i].lo, type << 8 | codes->v[i].hi };
	return addr_set_make(l->a, 16, v, n);
}

/* ---- fields ---- */

bool match_field(struct lower *l, struct match *m, enum ast_field f)
{
	if (field_is_blind(f))
		return true;
	if (!match_families(m, needs[f].families))
		return false;
	m->need_l4 |= needs[f].in_l4;
	if (needs[f].protocol >= 0 && !match_protocol(l, m, (unsigned int)needs[f].protocol))
		return false;
	return match_icmp_field(l, m, f);
}

bool match_is_address(enum ast_field f)
{
	return f == FIELD_IP_SADDR || f == FIELD_IP_DADDR || f == FIELD_IP6_SADDR || f == FIELD_IP6_DADDR;
}

static enum narrowed match_nfproto(struct match *m, const struct addr_set *set)
{
	uint8_t families = 0;

	if (addr_set_contains(set, 2))
		families |= IR_V4;
	if (addr_set_contains(set, 10))
		families |= IR_V6;
	return match_families(m, families) ? NARROWED : NARROWED_TO_NOTHING;
}

#define TYPE_OF_IPV4 0x0800
#define TYPE_OF_IPV6 0x86dd

/* Of frames that are neither, a box doesn't tell the type. */
static enum narrowed match_ethertype(struct match *m, const struct addr_set *set)
{
	bool v4 = addr_set_contains(set, TYPE_OF_IPV4), v6 = addr_set_contains(set, TYPE_OF_IPV6);
	uint8_t families = (v4 ? IR_V4 | IR_BAD4 : 0) | (v6 ? IR_V6 | IR_BAD6 : 0);
	u128 n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += set->v[i].hi - set->v[i].lo + 1;
	n -= v4 + v6; /* types of other frames, out of 0xfffe */
	if (!match_families(m, n ? families | IR_OTHER : families))
		return NARROWED_TO_NOTHING;
	return m->families & IR_OTHER && n < 0xfffe ? NARROWED_ROUGHLY : NARROWED;
}

/* Protocols whose ports a box has. */
static bool has_ports(const struct match *m)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP, IPPROTO_SCTP, IPPROTO_UDPLITE };
	const struct addr_set *s = m->dims[DIM_PROTO];
	u128 left = 0;

	if (!s)
		return false;
	for (size_t i = 0; i < s->n; i++)
		left += s->v[i].hi - s->v[i].lo + 1;
	for (size_t i = 0; i < sizeof(protocols); i++)
		left -= addr_set_contains(s, protocols[i]);
	return !left;
}

/* What the box has of a field, be it a dimension or not. */
static enum narrowed match_values(struct lower *l, struct match *m, enum ast_field f, const struct addr_set *set)
{
	switch (f) {
	case FIELD_META_NFPROTO:
		return match_nfproto(m, set);
	case FIELD_META_PROTOCOL:
		return match_ethertype(m, set);
	case FIELD_ICMP_CODE:
	case FIELD_ICMPV6_CODE:
		if (!few_types(m))
			return NARROWED_ROUGHLY;
		return keep_values(l, m, DIM_DPORT, codes_to_ports(l, m, set)) ? NARROWED : NARROWED_TO_NOTHING;
	case FIELD_ICMP_TYPE:
	case FIELD_ICMPV6_TYPE:
		return keep_values(l, m, DIM_DPORT, types_to_ports(l, set)) ? NARROWED : NARROWED_TO_NOTHING;
	case FIELD_TH_SPORT:
	case FIELD_TH_DPORT:
		if (!has_ports(m))
			return NARROWED_ROUGHLY;
		break;
	default:
		break;
	}
	if (!dims[f])
		return NARROWED_ROUGHLY;
	return keep_values(l, m, dims[f] - 1u, set) ? NARROWED : NARROWED_TO_NOTHING;
}

enum narrowed match_view(struct lower *l, struct match *m, const struct view *v, const struct addr_set *set)
{
	const struct addr_set *values;

	if (!match_field(l, m, v->field) || !(v->field == FIELD_CT_STATE ? view_states(v, set) : set->n))
		return NARROWED_TO_NOTHING;
	if (field_is_interface(v->field)) {
		m->interfaces = interfaces_within(l, m->interfaces, v->field, set);
		return m->interfaces->n ? NARROWED : NARROWED_TO_NOTHING;
	}
	values = view_values(l, v, set);
	return values ? match_values(l, m, v->field, values) : NARROWED_ROUGHLY;
}

/* ---- statements that are matches too ---- */

bool match_tproxy(struct lower *l, struct match *m, int family)
{
	struct addr_range *v = arena_make_array(l->a, 2, struct addr_range);

	v[0].lo = v[0].hi = IPPROTO_TCP;
	v[1].lo = v[1].hi = IPPROTO_UDP;
	m->need_l4 = true;
	if (!match_families(m, family == AF_INET ? IR_V4 : family == AF_INET6 ? IR_V6 : IR_V4 | IR_V6))
		return false;
	return keep_values(l, m, DIM_PROTO, addr_set_make(l->a, 8, v, 2));
}

bool match_ssh(struct lower *l, struct match *m, const struct ast_value *ports)
{
	const struct view dport = { .field = FIELD_TCP_DPORT, .width = 16, .mask = 0xffff };

	return match_field(l, m, FIELD_TCP_DPORT) &&
	       keep_values(l, m, DIM_DPORT, ports ? set_of_value(l, &dport, ports) : set_of_range(l, 16, 22, 22));
}

/* What a host in this role receives.  Servers also hear relays, which send from
 * the server's port; relays hear clients and servers. */
static const struct dhcp_packets {
	uint8_t family;
	uint16_t sport_lo, sport_hi, dport;
	bool link_local; /* from fe80::/10 */
} dhcp_packets[][2] = {
	[DHCP_CLIENT] = { { IR_V4, 67, 67, 68, false }, { IR_V6, 547, 547, 546, true } },
	[DHCP_SERVER] = { { IR_V4, 67, 68, 67, false }, { IR_V6, 546, 547, 547, false } },
	[DHCP_RELAY] = { { IR_V4, 67, 68, 67, false }, { IR_V6, 546, 547, 547, false } },
};

bool match_dhcp(struct lower *l, struct match *m, enum ast_dhcp_role role, unsigned int version)
{
	const struct dhcp_packets *p = &dhcp_packets[role][version];
	u128 link_local = (u128)0xfe80 << 112, last = link_local | ~(u128)0 >> 10;

	if (!match_field(l, m, FIELD_UDP_DPORT) || !match_families(m, p->family))
		return false;
	if (p->link_local && !keep_values(l, m, DIM_SRC6, set_of_range(l, 128, link_local, last)))
		return false;
	return keep_values(l, m, DIM_SPORT, set_of_range(l, 16, p->sport_lo, p->sport_hi)) &&
	       keep_values(l, m, DIM_DPORT, set_of_range(l, 16, p->dport, p->dport));
}

bool match_equal(const struct match *x, const struct match *y)
{
	if (x->families != y->families || x->need_l4 != y->need_l4 || x->interfaces != y->interfaces)
		return false;
	for (unsigned int dim = 0; dim < DIM_COUNT; dim++)
		if (!addr_set_equal(x->dims[dim], y->dims[dim]))
			return false;
	return true;
}
