/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <runtime/rtnl.h>

#define DUMP_TRIES 20

struct nlmsghdr *rtnl_begin(struct rtnl_request *q, int type, int flags, size_t size, void *header)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(q->bytes);

	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST | flags;
	if ((flags & NLM_F_DUMP) != NLM_F_DUMP)
		m->nlmsg_flags |= NLM_F_ACK;
	*(void **)header = mnl_nlmsg_put_extra_header(m, size);
	return m;
}

struct talk {
	int (*fn)(const struct nlmsghdr *m, void *ctx);
	void *ctx;
	int r;
};

static int on_message(const struct nlmsghdr *m, void *ctx)
{
	struct talk *t = ctx;

	if (t->fn)
		t->r = t->fn(m, t->ctx);
	if (!t->r)
		return MNL_CB_OK;
	errno = -t->r;
	return MNL_CB_ERROR;
}

static int talk_once(struct mnl_socket *s, const struct nlmsghdr *q, struct talk *t)
{
	static _Alignas(struct nlmsghdr) char answer[64 * 1024];
	unsigned int port = mnl_socket_get_portid(s);
	ssize_t n;
	int more;

	if (mnl_socket_sendto(s, q, q->nlmsg_len) < 0)
		return -errno;
	do {
		n = mnl_socket_recvfrom(s, answer, sizeof(answer));
		if (n < 0)
			return -errno;
		more = mnl_cb_run(answer, n, 0, port, on_message, t);
		if (more < 0)
			return t->r ? t->r : -errno;
	} while (more > 0);
	return 0;
}

/* Strict checking makes the kernel heed the filter of a dump. */
static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int on = 1;

	if (!s)
		return NULL;
	mnl_socket_setsockopt(s, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0) {
		int e = errno;

		mnl_socket_close(s);
		errno = e;
		return NULL;
	}
	return s;
}

int rtnl_talk(const struct nlmsghdr *q, int (*fn)(const struct nlmsghdr *m, void *ctx), void (*restart)(void *ctx),
	      void *ctx)
{
	struct mnl_socket *s;
	int tries, r = -EINTR;

	for (tries = 0; r == -EINTR && tries < DUMP_TRIES; tries++) {
		struct talk t = { fn, ctx, 0 };

		s = open_socket();
		if (!s)
			return -errno;
		if (tries && restart)
			restart(ctx);
		r = talk_once(s, q, &t);
		mnl_socket_close(s);
	}
	return r;
}

void rtnl_attributes(const struct nlmsghdr *m, size_t header, const struct nlattr **v, unsigned int max)
{
	const struct nlattr *attr;

	memset(v, 0, (max + 1) * sizeof(*v));
	mnl_attr_for_each(attr, m, header)
		if (mnl_attr_get_type(attr) <= max)
			v[mnl_attr_get_type(attr)] = attr;
}
