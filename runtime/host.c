/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <compiler/base/arena.h>
#include <compiler/facts.h>
#include <runtime/owned.h>
#include <runtime/rtnl.h>
#include <runtime/trouble.h>

/* ---- interfaces ---- */

struct address {
	uint32_t index;
	struct fact_address fact;
};

struct reader {
	struct arena *arena;
	struct {
		struct fact_interface *v;
		size_t n, cap;
	} interfaces;
	struct {
		struct address *v;
		size_t n, cap;
	} addresses;
};

static bool begins_with_ethernet(unsigned int type)
{
	return type == ARPHRD_ETHER || type == ARPHRD_EETHER || type == ARPHRD_IEEE802 || type == ARPHRD_LOOPBACK;
}

static int on_link(const struct nlmsghdr *m, void *ctx)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(m);
	const struct nlattr *v[IFLA_IFNAME + 1];
	struct reader *r = ctx;

	if (m->nlmsg_type != RTM_NEWLINK)
		return 0;
	rtnl_attributes(m, sizeof(*info), v, IFLA_IFNAME);
	if (!v[IFLA_IFNAME])
		return 0;
	*vec_push(r->arena, &r->interfaces) = (struct fact_interface){
		.name = arena_printf(r->arena, "%s", mnl_attr_get_str(v[IFLA_IFNAME])),
		.index = info->ifi_index,
		.loopback = info->ifi_flags & IFF_LOOPBACK,
		.no_ethernet = !begins_with_ethernet(info->ifi_type),
	};
	return 0;
}

static void links_restart(void *ctx)
{
	((struct reader *)ctx)->interfaces.n = 0;
}

/* ---- addresses ---- */

static int on_address(const struct nlmsghdr *m, void *ctx)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(m);
	const struct nlattr *v[IFA_FLAGS + 1], *addr;
	struct reader *r = ctx;
	uint32_t flags;
	struct address *a;
	size_t len = info->ifa_family == AF_INET ? 4 : 16;

	if (m->nlmsg_type != RTM_NEWADDR || (info->ifa_family != AF_INET && info->ifa_family != AF_INET6))
		return 0;
	rtnl_attributes(m, sizeof(*info), v, IFA_FLAGS);
	/* On a point-to-point link IFA_ADDRESS is the other end. */
	addr = v[IFA_LOCAL] ? v[IFA_LOCAL] : v[IFA_ADDRESS];
	if (!addr || mnl_attr_get_payload_len(addr) < len)
		return 0;
	flags = v[IFA_FLAGS] ? mnl_attr_get_u32(v[IFA_FLAGS]) : info->ifa_flags;
	a = vec_push(r->arena, &r->addresses);
	*a = (struct address){ .index = info->ifa_index };
	a->fact.family = info->ifa_family;
	a->fact.prefix_len = info->ifa_prefixlen;
	a->fact.secondary = flags & IFA_F_SECONDARY;
	a->fact.unusable = info->ifa_family == AF_INET6 &&
			   (flags & (IFA_F_TENTATIVE | IFA_F_DEPRECATED | IFA_F_DADFAILED));
	memcpy(a->fact.addr, mnl_attr_get_payload(addr), len);
	return 0;
}

static void addresses_restart(void *ctx)
{
	((struct reader *)ctx)->addresses.n = 0;
}

/* ---- together ---- */

static int by_index(const void *x, const void *y)
{
	const struct fact_interface *a = x, *b = y;

	return a->index < b->index ? -1 : a->index > b->index;
}

static void assign_addresses(struct reader *r, struct fact_interface *i)
{
	size_t k, n = 0;

	for (k = 0; k < r->addresses.n; k++)
		n += r->addresses.v[k].index == i->index;
	i->addrs = arena_make_array(r->arena, n, struct fact_address);
	for (k = 0; k < r->addresses.n; k++)
		if (r->addresses.v[k].index == i->index)
			i->addrs[i->n_addrs++] = r->addresses.v[k].fact;
}

static int dump(int type, size_t header, int (*fn)(const struct nlmsghdr *, void *), void (*restart)(void *), void *ctx)
{
	struct rtnl_request q;
	void *h;

	return rtnl_talk(rtnl_begin(&q, type, NLM_F_DUMP, header, &h), fn, restart, ctx);
}

int host_facts(struct arena *a, struct facts *ret, struct trouble *t)
{
	struct reader r = { .arena = a };
	size_t i;
	int e;

	e = dump(RTM_GETLINK, sizeof(struct ifinfomsg), on_link, links_restart, &r);
	if (e)
		return trouble(t, e, "can't read the network interfaces: %s", errno_words(e));
	e = dump(RTM_GETADDR, sizeof(struct ifaddrmsg), on_address, addresses_restart, &r);
	if (e)
		return trouble(t, e, "can't read the addresses of the network interfaces: %s", errno_words(e));
	if (r.interfaces.n)
		qsort(r.interfaces.v, r.interfaces.n, sizeof(*r.interfaces.v), by_index);
	for (i = 0; i < r.interfaces.n; i++)
		assign_addresses(&r, &r.interfaces.v[i]);
	*ret = (struct facts){ .v = r.interfaces.v, .n = r.interfaces.n };
	return 0;
}

/* ---- network namespaces ---- */

int host_enter_netns(const char *name, struct trouble *t)
{
	_close_ int fd = -1;
	char path[300];

	if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..") || strlen(name) > 255)
		return trouble(t, -EINVAL, "'%.64s' can't be the name of a network namespace", name);
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return trouble(t, -ENOENT, "there is no network namespace '%s'; 'ip netns list' shows those there are",
			       name);
	if (fd < 0)
		return trouble(t, -errno, "can't open network namespace '%s': %s", name, errno_words(-errno));
	if (setns(fd, CLONE_NEWNET)) {
		if (errno == EINVAL)
			return trouble(t, -EINVAL, "'%s' is not a network namespace (any more)", path);
		return trouble(t, -errno, "can't enter network namespace '%s': %s", name, errno_words(-errno));
	}
	return 0;
}
