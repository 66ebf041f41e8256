/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include <runtime/owned.h>
#include <runtime/routing.h>
#include <runtime/rtnl.h>
#include <runtime/trouble.h>

#define FIRST_MARK     0x04000000u
#define FIRST_TABLE    31200
#define LAST_TABLE     31999
#define FIRST_PRIORITY 100
#define LAST_PRIORITY  32765 /* before main */

static const int families[] = { AF_INET, AF_INET6 };

/* ---- rules ---- */

struct rule {
	int family;
	uint32_t priority, mark, mask, table;
	uint8_t protocol, action;
	bool plain; /* nothing but the above is in it */
};

typedef int (*rule_fn)(const struct rule *r, void *ctx);

struct rule_walk {
	rule_fn fn;
	void *ctx;
};

static uint32_t u32_or(const struct nlattr *a, uint32_t otherwise)
{
	return a ? mnl_attr_get_u32(a) : otherwise;
}

static int on_rule(const struct nlmsghdr *m, void *ctx)
{
	const struct fib_rule_hdr *h = mnl_nlmsg_get_payload(m);
	const struct nlattr *v[FRA_MAX + 1];
	struct rule_walk *w = ctx;
	struct rule r;

	if (m->nlmsg_type != RTM_NEWRULE)
		return 0;
	rtnl_attributes(m, sizeof(*h), v, FRA_MAX);
	r = (struct rule){
		.family = h->family,
		.action = h->action,
		.priority = u32_or(v[FRA_PRIORITY], 0),
		.mark = u32_or(v[FRA_FWMARK], 0),
		.mask = u32_or(v[FRA_FWMASK], 0),
		.table = u32_or(v[FRA_TABLE], h->table),
		.protocol = v[FRA_PROTOCOL] ? mnl_attr_get_u8(v[FRA_PROTOCOL]) : 0,
		.plain = !h->src_len && !h->dst_len && !h->tos && !(h->flags & FIB_RULE_INVERT) && !v[FRA_IIFNAME] &&
			 !v[FRA_OIFNAME] && !v[FRA_IP_PROTO] && !v[FRA_SPORT_RANGE] && !v[FRA_DPORT_RANGE],
	};
	return w->fn(&r, w->ctx);
}

/* A family that the kernel doesn't have has no rules. */
static int each_rule(int family, rule_fn fn, void *ctx)
{
	struct rule_walk w = { fn, ctx };
	struct rtnl_request q;
	struct fib_rule_hdr *h;
	struct nlmsghdr *m = rtnl_begin(&q, RTM_GETRULE, NLM_F_DUMP, sizeof(*h), &h);
	int r;

	h->family = family;
	/* Answers are only ever collected into sets, so a second dump may add to the first. */
	r = rtnl_talk(m, on_rule, NULL, &w);
	return r == -EAFNOSUPPORT || r == -EOPNOTSUPP ? 0 : r;
}

static int change_rule(int type, int flags, int family, const struct routing *r)
{
	struct rtnl_request q;
	struct fib_rule_hdr *h;
	struct nlmsghdr *m = rtnl_begin(&q, type, flags, sizeof(*h), &h);

	h->family = family;
	h->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(m, FRA_PRIORITY, r->priority);
	mnl_attr_put_u32(m, FRA_FWMARK, r->mark);
	mnl_attr_put_u32(m, FRA_FWMASK, r->mark);
	mnl_attr_put_u32(m, FRA_TABLE, r->table);
	mnl_attr_put_u8(m, FRA_PROTOCOL, ROUTING_PROTOCOL);
	return rtnl_talk(m, NULL, NULL, NULL);
}

struct rule_search {
	const struct routing *want;
	bool found;
};

static int is_ours(const struct rule *r, void *ctx)
{
	struct rule_search *s = ctx;

	if (r->plain && r->action == FR_ACT_TO_TBL && r->protocol == ROUTING_PROTOCOL &&
	    r->priority == s->want->priority && r->table == s->want->table && r->mark == s->want->mark &&
	    r->mask == s->want->mark)
		s->found = true;
	return 0;
}

static int find_rule(int family, const struct routing *r, bool *found)
{
	struct rule_search s = { r, false };
	int e = each_rule(family, is_ours, &s);

	*found = s.found;
	return e;
}

/* ---- routes ---- */

struct route_search {
	uint32_t table;
	bool any; /* there is a route in the table */
	bool ours;
};

static int on_route(const struct nlmsghdr *m, void *ctx)
{
	const struct rtmsg *h = mnl_nlmsg_get_payload(m);
	const struct nlattr *v[RTA_TABLE + 1];
	struct route_search *s = ctx;

	if (m->nlmsg_type != RTM_NEWROUTE)
		return 0;
	rtnl_attributes(m, sizeof(*h), v, RTA_TABLE);
	if (u32_or(v[RTA_TABLE], h->rtm_table) != s->table)
		return 0;
	s->any = true;
	if (h->rtm_protocol == ROUTING_PROTOCOL && h->rtm_type == RTN_LOCAL && !h->rtm_dst_len)
		s->ours = true;
	return 0;
}

/* A table that doesn't exist (ENOENT) is one without routes. */
static int find_routes(int family, uint32_t table, struct route_search *ret)
{
	struct rtnl_request q;
	struct rtmsg *h;
	struct nlmsghdr *m = rtnl_begin(&q, RTM_GETROUTE, NLM_F_DUMP, sizeof(*h), &h);
	int r;

	*ret = (struct route_search){ .table = table };
	h->rtm_family = family;
	mnl_attr_put_u32(m, RTA_TABLE, table);
	r = rtnl_talk(m, on_route, NULL, ret);
	return r == -ENOENT || r == -EAFNOSUPPORT || r == -EOPNOTSUPP ? 0 : r;
}

static int change_route(int type, int flags, int family, const struct routing *r)
{
	struct rtnl_request q;
	struct rtmsg *h;
	struct nlmsghdr *m = rtnl_begin(&q, type, flags, sizeof(*h), &h);

	h->rtm_family = family;
	h->rtm_type = RTN_LOCAL;
	h->rtm_protocol = ROUTING_PROTOCOL;
	h->rtm_scope = family == AF_INET ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
	mnl_attr_put_u32(m, RTA_TABLE, r->table);
	mnl_attr_put_u32(m, RTA_OIF, if_nametoindex("lo"));
	return rtnl_talk(m, NULL, NULL, NULL);
}

/* ---- numbers ---- */

struct used {
	uint32_t marks;	   /* bits that some rule looks at */
	uint32_t priority; /* the candidate */
	uint32_t table;
	bool priority_taken, table_taken;
};

static int note_rule(const struct rule *r, void *ctx)
{
	struct used *u = ctx;

	u->marks |= r->mark | (r->mark ? r->mask : 0);
	u->priority_taken |= r->priority == u->priority;
	u->table_taken |= r->table == u->table;
	return 0;
}

static int look_at_rules(struct used *u)
{
	size_t i;
	int r = 0;

	u->priority_taken = u->table_taken = false;
	for (i = 0; !r && i < 2; i++)
		r = each_rule(families[i], note_rule, u);
	return r;
}

static int table_has_routes(uint32_t table, bool *ret)
{
	struct route_search s;
	size_t i;
	int r = 0;

	*ret = false;
	for (i = 0; !r && i < 2; i++) {
		r = find_routes(families[i], table, &s);
		*ret |= s.any;
	}
	return r;
}

static uint32_t free_mark(uint32_t used)
{
	uint32_t bit;
	int i;

	for (bit = FIRST_MARK, i = 0; i < 32; i++, bit = bit << 1 | bit >> 31)
		if (!(used & bit))
			return bit;
	return 0;
}

int routing_choose(struct routing *ret, struct trouble *t)
{
	struct used u = { .priority = FIRST_PRIORITY, .table = FIRST_TABLE };
	bool routes;
	int r;

	for (;;) {
		r = look_at_rules(&u);
		if (!r)
			r = table_has_routes(u.table, &routes);
		if (r)
			return trouble(t, r, "can't read the routing rules: %s", errno_words(r));
		if (!u.priority_taken && !u.table_taken && !routes)
			break;
		u.priority += u.priority_taken;
		u.table += u.table_taken || routes;
		if (u.priority > LAST_PRIORITY || u.table > LAST_TABLE)
			return trouble(t, -ENOSPC,
				       "no free priority of 'ip rule' or no free routing table for intercepted packets");
	}
	*ret = (struct routing){ free_mark(u.marks), u.table, u.priority };
	if (!ret->mark)
		return trouble(t, -ENOSPC,
			       "every bit of the packet mark is used by some 'ip rule'; "
			       "intercepted packets need one of their own");
	return 0;
}

/* ---- the host ---- */

/* A sysctl of this network namespace; -1 when there is no such. */
static int sysctl_read(const char *name)
{
	char path[128];
	int value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%d", &value) != 1)
		value = -1;
	fclose(f);
	return value;
}

static bool lo_is_down(void)
{
	_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq q = { .ifr_name = "lo" };

	return fd < 0 || ioctl(fd, SIOCGIFFLAGS, &q) || !(q.ifr_flags & IFF_UP);
}

int routing_read(const struct routing *r, struct routing_state *ret, struct trouble *t)
{
	struct route_search s4, s6;
	int e;

	*ret = (struct routing_state){
		.no_ipv6 = sysctl_read("ipv6/conf/lo/disable_ipv6") != 0,
		.lo_down = lo_is_down(),
		.src_valid_mark = sysctl_read("ipv4/conf/all/src_valid_mark") > 0,
	};
	if (!r->mark)
		return 0;
	e = find_rule(AF_INET, r, &ret->rule4);
	if (!e)
		e = find_rule(AF_INET6, r, &ret->rule6);
	if (!e)
		e = find_routes(AF_INET, r->table, &s4);
	if (!e)
		e = find_routes(AF_INET6, r->table, &s6);
	if (e)
		return trouble(t, e, "can't read the routing rules: %s", errno_words(e));
	ret->route4 = s4.ours;
	ret->route6 = s6.ours;
	return 0;
}

bool routing_complete(const struct routing_state *s)
{
	return s->rule4 && s->route4 && (s->no_ipv6 || (s->rule6 && s->route6));
}

/* ---- changing ---- */

static int install(int family, const struct routing *r, bool rule, bool route, struct trouble *t)
{
	int e = 0;

	/* The route first: a rule that leads to an empty table does nothing. */
	if (!route)
		e = change_route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, family, r);
	if (e)
		return trouble(t, e, "can't add the route that delivers intercepted %s packets: %s",
			       family == AF_INET ? "IPv4" : "IPv6", errno_words(e));
	if (!rule)
		e = change_rule(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, family, r);
	if (e)
		return trouble(t, e, "can't add the rule that delivers intercepted %s packets: %s",
			       family == AF_INET ? "IPv4" : "IPv6", errno_words(e));
	return 0;
}

int routing_install(const struct routing *r, struct trouble *t)
{
	struct routing_state s;
	int e = routing_read(r, &s, t);

	if (e)
		return e;
	if (s.lo_down)
		return trouble(t, -ENETDOWN,
			       "interface 'lo' is down, and the rules intercept packets, which are delivered "
			       "through it; bring it up: ip link set lo up");
	e = install(AF_INET, r, s.rule4, s.route4, t);
	if (!e && !s.no_ipv6)
		e = install(AF_INET6, r, s.rule6, s.route6, t);
	return e;
}

static int removed(int r)
{
	return r == -ENOENT || r == -ESRCH ? 0 : r;
}

int routing_remove(const struct routing *r, struct trouble *t)
{
	struct routing_state s;
	int e;

	if (!r->mark)
		return 0;
	e = routing_read(r, &s, t);
	if (e)
		return e;
	if (s.rule4)
		e = removed(change_rule(RTM_DELRULE, 0, AF_INET, r));
	if (!e && s.rule6)
		e = removed(change_rule(RTM_DELRULE, 0, AF_INET6, r));
	if (!e && s.route4)
		e = removed(change_route(RTM_DELROUTE, 0, AF_INET, r));
	if (!e && s.route6)
		e = removed(change_route(RTM_DELROUTE, 0, AF_INET6, r));
	if (e)
		return trouble(t, e, "can't remove the routing of intercepted packets: %s", errno_words(e));
	return 0;
}
