/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/lower.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>
#include <compiler/value.h>

static const struct {
	uint8_t families;
	signed char protocol; /* implied, or -1 */
	bool is_icmp;
	signed char dim; /* or -1: dealt with apart */
} fields[FIELD_COUNT] = {
	[FIELD_IP_SADDR] = { IR_V4, -1, false, DIM_SRC4 },
	[FIELD_IP_DADDR] = { IR_V4, -1, false, DIM_DST4 },
	[FIELD_IP_PROTOCOL] = { IR_V4, -1, false, DIM_PROTO },
	[FIELD_IP6_SADDR] = { IR_V6, -1, false, DIM_SRC6 },
	[FIELD_IP6_DADDR] = { IR_V6, -1, false, DIM_DST6 },
	[FIELD_META_L4PROTO] = { IR_V4 | IR_V6, -1, false, DIM_PROTO },
	[FIELD_META_NFPROTO] = { IR_V4 | IR_V6, -1, false, -1 },
	[FIELD_META_IIF] = { IR_ANY_FRAME, -1, false, -1 },
	[FIELD_META_IIFNAME] = { IR_ANY_FRAME, -1, false, -1 },
	[FIELD_TCP_SPORT] = { IR_V4 | IR_V6, IPPROTO_TCP, false, DIM_SPORT },
	[FIELD_TCP_DPORT] = { IR_V4 | IR_V6, IPPROTO_TCP, false, DIM_DPORT },
	[FIELD_UDP_SPORT] = { IR_V4 | IR_V6, IPPROTO_UDP, false, DIM_SPORT },
	[FIELD_UDP_DPORT] = { IR_V4 | IR_V6, IPPROTO_UDP, false, DIM_DPORT },
	[FIELD_ICMP_TYPE] = { IR_V4, IPPROTO_ICMP, true, DIM_DPORT },
	[FIELD_ICMPV6_TYPE] = { IR_V6, IPPROTO_ICMPV6, true, DIM_DPORT },
	[FIELD_CT_STATE] = { IR_V4 | IR_V6, -1, false, -1 },
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
static bool keep_families(struct match *m, uint8_t families)
{
	m->families &= families;
	if (!(m->families & IR_V4))
		m->dims[DIM_SRC4] = m->dims[DIM_DST4] = NULL;
	if (!(m->families & IR_V6))
		m->dims[DIM_SRC6] = m->dims[DIM_DST6] = NULL;
	return m->families;
}

bool match_ip(struct match *m)
{
	m->looked = true;
	return keep_families(m, IR_V4 | IR_V6);
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

static bool keep_protocol(struct lower *l, struct match *m, unsigned int protocol)
{
	return match_ip(m) && keep_values(l, m, DIM_PROTO, set_of_range(l, 8, protocol, protocol));
}

/* ICMP types as destination ports: type << 8 | code. */
static const struct addr_set *types_to_ports(struct lower *l, const struct addr_set *types)
{
	struct addr_range *v = arena_make_array(l->a, types->n, struct addr_range);

	for (size_t i = 0; i < types->n; i++)
		v[i] = (struct addr_range){ types->v[i].lo << 8, types->v[i].hi << 8 | 0xff };
	return addr_set_make(l->a, 16, v, types->n);
}

static bool match_nfproto(struct lower *l, struct match *m, const struct ast_stmt *s)
{
	const struct addr_set *set = set_of_match(l, s);
	uint8_t families = 0;

	if (addr_set_contains(set, 2)) /* NFPROTO_IPV4 */
		families |= IR_V4;
	if (addr_set_contains(set, 10)) /* NFPROTO_IPV6 */
		families |= IR_V6;
	return keep_families(m, families);
}

bool match_field(struct lower *l, struct match *m, const struct ast_stmt *s)
{
	enum ast_field f = s->match.field;
	const struct addr_set *set;

	if (f == FIELD_META_IIF || f == FIELD_META_IIFNAME) {
		m->interfaces = interfaces_narrow(l, m->interfaces, s);
		return m->interfaces->n;
	}
	m->looked = true;
	if (!keep_families(m, fields[f].families))
		return false;
	if (f == FIELD_META_NFPROTO)
		return match_nfproto(l, m, s);
	if (fields[f].protocol >= 0) {
		m->need_l4 = true;
		if (!keep_protocol(l, m, (unsigned int)fields[f].protocol))
			return false;
	}
	set = set_of_match(l, s);
	return keep_values(l, m, fields[f].dim, fields[f].is_icmp ? types_to_ports(l, set) : set);
}

/* ---- excluded addresses ---- */

bool match_is_exclusion(const struct ast_stmt *s)
{
	return s->match.op == OP_NE && type_is_address(ast_field_type(s->match.field));
}

bool match_family(struct match *m, enum ast_field f)
{
	m->looked = true;
	return keep_families(m, fields[f].families);
}

enum dimension match_dimension(enum ast_field f)
{
	return (enum dimension)fields[f].dim;
}

bool match_excluded(struct lower *l, const struct match *m, const struct exclusion *e, struct match *ret)
{
	*ret = *m;
	return keep_values(l, ret, e->dim, e->set);
}

/* ---- statements that are matches too ---- */

bool match_tproxy(struct lower *l, struct match *m, int family)
{
	struct addr_range tcp_udp[] = { { IPPROTO_TCP, IPPROTO_TCP }, { IPPROTO_UDP, IPPROTO_UDP } };
	struct addr_range *v = arena_make_array(l->a, 2, struct addr_range);

	memcpy(v, tcp_udp, sizeof(tcp_udp));
	m->need_l4 = true;
	if (!match_ip(m) || (family && !keep_families(m, family == AF_INET ? IR_V4 : IR_V6)))
		return false;
	return keep_values(l, m, DIM_PROTO, addr_set_make(l->a, 8, v, 2));
}

bool match_ssh(struct lower *l, struct match *m, const struct ast_value *ports)
{
	const struct addr_set *set = ports ? set_of_value(l, ports, TYPE_PORT) : set_of_range(l, 16, 22, 22);

	m->need_l4 = true;
	return keep_protocol(l, m, IPPROTO_TCP) && keep_values(l, m, DIM_DPORT, set);
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

static bool match_dhcp(struct lower *l, struct match *m, const struct dhcp_packets *p)
{
	u128 link_local = (u128)0xfe80 << 112, last = link_local | ~(u128)0 >> 10;

	m->need_l4 = true;
	if (!keep_protocol(l, m, IPPROTO_UDP) || !keep_families(m, p->family))
		return false;
	if (p->link_local && !keep_values(l, m, DIM_SRC6, set_of_range(l, 128, link_local, last)))
		return false;
	return keep_values(l, m, DIM_SPORT, set_of_range(l, 16, p->sport_lo, p->sport_hi)) &&
	       keep_values(l, m, DIM_DPORT, set_of_range(l, 16, p->dport, p->dport));
}

/* The alternatives are of one family each afterwards, so there are at most two. */
void matches_dhcp(struct lower *l, struct matches *m, enum ast_dhcp_role role)
{
	struct matches old = *m;

	m->n = 0;
	for (unsigned int i = 0; i < old.n; i++)
		for (unsigned int version = 0; version < 2; version++) {
			struct match one = old.v[i];

			if (match_dhcp(l, &one, &dhcp_packets[role][version]))
				m->v[m->n++] = one;
		}
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
