/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <runtime/filter.h>
#include <runtime/rtnl.h>

#define HANDLE	      0x7a66 /* "zf" */
#define LAST_PRIORITY 64     /* tried */
#define LAST_HANDLE   (HANDLE + 16)

static uint32_t parent_of(enum attach_hook hook)
{
	return TC_H_MAKE(TC_H_CLSACT, hook == ATTACH_IN ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
}

static struct nlmsghdr *begin(struct rtnl_request *q, int type, int flags, uint32_t ifindex, uint32_t parent,
			      struct tcmsg **tc)
{
	struct nlmsghdr *m = rtnl_begin(q, type, flags, sizeof(**tc), tc);

	(*tc)->tcm_family = AF_UNSPEC;
	(*tc)->tcm_ifindex = ifindex;
	(*tc)->tcm_parent = parent;
	return m;
}

/* ---- finding ---- */

struct search {
	uint32_t id;
	struct filter_place place;
};

static uint32_t program_id(const struct nlattr *options)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, options)
		if (mnl_attr_get_type(attr) == TCA_BPF_ID && mnl_attr_get_payload_len(attr) >= sizeof(uint32_t))
			return mnl_attr_get_u32(attr);
	return 0;
}

static int on_filter(const struct nlmsghdr *m, void *ctx)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(m);
	const struct nlattr *v[TCA_OPTIONS + 1];
	struct search *s = ctx;

	if (m->nlmsg_type != RTM_NEWTFILTER)
		return 0;
	s->place.any = true;
	rtnl_attributes(m, sizeof(*tc), v, TCA_OPTIONS);
	if (!s->id || !v[TCA_KIND] || !v[TCA_OPTIONS] || strcmp(mnl_attr_get_str(v[TCA_KIND]), "bpf") ||
	    program_id(v[TCA_OPTIONS]) != s->id)
		return 0;
	s->place.found = true;
	s->place.handle = tc->tcm_handle;
	s->place.priority = TC_H_MAJ(tc->tcm_info) >> 16;
	return 0;
}

static void search_restart(void *ctx)
{
	memset(&((struct search *)ctx)->place, 0, sizeof(struct filter_place));
}

int filter_find(uint32_t ifindex, enum attach_hook hook, uint32_t id, struct filter_place *ret)
{
	struct search s = { .id = id };
	struct rtnl_request q;
	struct tcmsg *tc;
	int r = rtnl_talk(begin(&q, RTM_GETTFILTER, NLM_F_DUMP, ifindex, parent_of(hook), &tc), on_filter,
			  search_restart, &s);

	*ret = s.place;
	/* An interface, or a qdisc, that isn't there has no filters. */
	return r == -ENODEV || r == -EINVAL || r == -ENOENT ? 0 : r;
}

/* ---- changing ---- */

static int set(uint32_t ifindex, enum attach_hook hook, const struct filter_place *at, int program, int flags)
{
	struct rtnl_request q;
	struct tcmsg *tc;
	struct nlmsghdr *m = begin(&q, RTM_NEWTFILTER, NLM_F_CREATE | flags, ifindex, parent_of(hook), &tc);
	struct nlattr *options;

	tc->tcm_handle = at->handle;
	tc->tcm_info = TC_H_MAKE(at->priority << 16, htons(ETH_P_ALL));
	mnl_attr_put_strz(m, TCA_KIND, "bpf");
	options = mnl_attr_nest_start(m, TCA_OPTIONS);
	mnl_attr_put_u32(m, TCA_BPF_FD, program);
	mnl_attr_put_strz(m, TCA_BPF_NAME, "zfwc");
	mnl_attr_put_u32(m, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mnl_attr_nest_end(m, options);
	return rtnl_talk(m, NULL, NULL, NULL);
}

/* A priority belongs to one kind of filter and one protocol (EINVAL for
 * another), and a handle to one filter (EEXIST). */
int filter_add(uint32_t ifindex, enum attach_hook hook, int program)
{
	struct filter_place at = { .handle = HANDLE, .priority = 1 };
	int r;

	for (;;) {
		r = set(ifindex, hook, &at, program, NLM_F_EXCL);
		if (r == -EEXIST && at.handle < LAST_HANDLE)
			at.handle++;
		else if (r == -EINVAL && at.priority < LAST_PRIORITY)
			at.priority++;
		else
			return r;
	}
}

int filter_replace(uint32_t ifindex, enum attach_hook hook, const struct filter_place *at, int program)
{
	return set(ifindex, hook, at, program, 0);
}

int filter_delete(uint32_t ifindex, enum attach_hook hook, const struct filter_place *at)
{
	struct rtnl_request q;
	struct tcmsg *tc;
	struct nlmsghdr *m = begin(&q, RTM_DELTFILTER, 0, ifindex, parent_of(hook), &tc);
	int r;

	tc->tcm_handle = at->handle;
	tc->tcm_info = TC_H_MAKE(at->priority << 16, htons(ETH_P_ALL));
	mnl_attr_put_strz(m, TCA_KIND, "bpf");
	r = rtnl_talk(m, NULL, NULL, NULL);
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

/* ---- the qdisc ---- */

static int change_clsact(int type, int flags, uint32_t ifindex)
{
	struct rtnl_request q;
	struct tcmsg *tc;
	struct nlmsghdr *m = begin(&q, type, flags, ifindex, TC_H_CLSACT, &tc);

	tc->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	mnl_attr_put_strz(m, TCA_KIND, "clsact");
	return rtnl_talk(m, NULL, NULL, NULL);
}

int clsact_make(uint32_t ifindex)
{
	return change_clsact(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex);
}

int clsact_drop_if_empty(uint32_t ifindex)
{
	struct filter_place in = { 0 }, out = { 0 };
	int r;

	r = filter_find(ifindex, ATTACH_IN, 0, &in);
	if (!r)
		r = filter_find(ifindex, ATTACH_OUT, 0, &out);
	if (r || in.any || out.any)
		return r;
	r = change_clsact(RTM_DELQDISC, 0, ifindex);
	return r == -ENOENT || r == -ENODEV || r == -EINVAL ? 0 : r;
}
