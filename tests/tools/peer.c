/* SPDX-License-Identifier: GPL-2.0-only */
/* peer.c - the two ends of a conversation, for tests.
 *
 *	peer serve [-46utr] [-b ADDRESS] PORT	answer every line (UDP: every datagram)
 *	peer ask [-46u] [-s SOURCE] [-w MS] ADDRESS PORT	say standard input, line by line
 *	peer ping [-46] [-s SOURCE] [-w MS] ADDRESS	one echo request
 *
 * The server answers with what it knows of the conversation:
 *
 *	to 203.0.113.7:80 from 10.0.0.2: hello
 *
 * 'to' is the address that the client believes to talk to, also when the
 * packets were intercepted (-t: the socket is transparent; UDP answers then
 * come from that address; -r: it has SO_REUSEPORT).  It prints "ready" once it listens.  The clients
 * print the answers and end with 1 when one stays out for longer than MS (1500).
 * ping needs net.ipv4.ping_group_range to include the user's group. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IPV6_RECVORIGDSTADDR
#define IPV6_RECVORIGDSTADDR 74
#endif

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

struct options {
	int family, type, protocol;
	bool transparent, reuseport;
	const char *source, *bind;
	int wait_ms;
};

static socklen_t address_size(const union address *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
}

static union address address_parse(int family, const char *text, const char *port)
{
	union address a = { .any.sa_family = family };
	void *to = family == AF_INET ? (void *)&a.v4.sin_addr : (void *)&a.v6.sin6_addr;

	if (text && inet_pton(family, text, to) != 1)
		errx(2, "'%s' is not an address of the family", text);
	/* The port lies at the same place in both. */
	a.v4.sin_port = htons(port ? atoi(port) : 0);
	return a;
}

static const char *address_print(const union address *a, bool port, char *out, size_t size)
{
	char text[INET6_ADDRSTRLEN];
	bool v4 = a->any.sa_family == AF_INET;

	inet_ntop(a->any.sa_family, v4 ? (const void *)&a->v4.sin_addr : &a->v6.sin6_addr, text, sizeof(text));
	if (port)
		snprintf(out, size, v4 ? "%s:%u" : "[%s]:%u", text, ntohs(a->v4.sin_port));
	else
		snprintf(out, size, "%s", text);
	return out;
}

static void set_option(int fd, int level, int option)
{
	if (setsockopt(fd, level, option, &(int){ 1 }, sizeof(int)))
		err(1, "setsockopt %d", option);
}

/* A bound socket; a transparent one may be bound to, and hears, any address. */
static int socket_bound(const struct options *o, const union address *at, bool transparent)
{
	bool v4 = at->any.sa_family == AF_INET;
	int fd = socket(at->any.sa_family, o->type | SOCK_CLOEXEC, o->protocol);

	if (fd < 0)
		err(1, "socket");
	set_option(fd, SOL_SOCKET, SO_REUSEADDR);
	if (o->reuseport)
		set_option(fd, SOL_SOCKET, SO_REUSEPORT);
	if (!v4)
		set_option(fd, SOL_IPV6, IPV6_V6ONLY);
	if (transparent)
		set_option(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT);
	if (bind(fd, &at->any, address_size(at)))
		err(1, "bind");
	return fd;
}

static size_t answer_make(const union address *to, const union address *from, const char *said, size_t len, char *out,
			  size_t size)
{
	char to_text[64], from_text[64];

	while (len && (said[len - 1] == '\n' || said[len - 1] == '\r'))
		len--;
	return snprintf(out, size, "to %s from %s: %.*s\n", address_print(to, true, to_text, sizeof(to_text)),
			address_print(from, false, from_text, sizeof(from_text)), (int)len, said);
}

/* ---- serving ---- */

static _Noreturn void serve_connection(int fd)
{
	union address to = { 0 }, from = { 0 };
	socklen_t to_len = sizeof(to), from_len = sizeof(from);
	char line[256], answer[512];
	FILE *in = fdopen(fd, "r");

	if (!in || getsockname(fd, &to.any, &to_len) || getpeername(fd, &from.any, &from_len))
		exit(1);
	while (fgets(line, sizeof(line), in)) {
		size_t len = answer_make(&to, &from, line, strlen(line), answer, sizeof(answer));

		if (write(fd, answer, len) != (ssize_t)len)
			break;
	}
	exit(0);
}

static void serve_tcp(int listener)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			continue;
		if (fork() == 0)
			serve_connection(fd);
		close(fd);
	}
}

/* Where the datagram was sent to, before anything intercepted it. */
static bool original_destination(struct msghdr *msg, union address *ret)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		bool v4 = c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVORIGDSTADDR;
		bool v6 = c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVORIGDSTADDR;

		if (v4 || v6) {
			memcpy(ret, CMSG_DATA(c), v4 ? sizeof(ret->v4) : sizeof(ret->v6));
			return true;
		}
	}
	return false;
}

static void answer_datagram(const struct options *o, int listener, const union address *to, const union address *from,
			    const char *said, size_t said_len)
{
	char answer[512];
	size_t len = answer_make(to, from, said, said_len, answer, sizeof(answer));
	int fd = o->transparent ? socket_bound(o, to, true) : listener;

	if (sendto(fd, answer, len, 0, &from->any, address_size(from)) < 0)
		warn("answering");
	if (fd != listener)
		close(fd);
}

static void serve_udp(const struct options *o, int listener)
{
	bool v4 = o->family == AF_INET;

	set_option(listener, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_RECVORIGDSTADDR : IPV6_RECVORIGDSTADDR);
	for (;;) {
		char said[256], control[256];
		union address to = { 0 }, from = { 0 };
		struct iovec iov = { said, sizeof(said) };
		struct msghdr msg = { .msg_name = &from,
				      .msg_namelen = sizeof(from),
				      .msg_iov = &iov,
				      .msg_iovlen = 1,
				      .msg_control = control,
				      .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(listener, &msg, 0);

		if (n >= 0 && original_destination(&msg, &to))
			answer_datagram(o, listener, &to, &from, said, n);
	}
}

static int serve(const struct options *o, const char *port)
{
	union address at = address_parse(o->family, o->bind, port);
	int fd = socket_bound(o, &at, o->transparent);

	if (o->type == SOCK_STREAM && listen(fd, 64))
		err(1, "listen");
	puts("ready");
	fflush(stdout);
	if (o->type == SOCK_STREAM)
		serve_tcp(fd);
	else
		serve_udp(o, fd);
	return 0;
}

/* ---- asking ---- */

static bool connect_in_time(int fd, const union address *to, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof(error);

	if (connect(fd, &to->any, address_size(to)) == 0)
		return true;
	if (errno != EINPROGRESS) {
		warn("connect");
		return false;
	}
	if (poll(&p, 1, wait_ms) != 1) {
		warnx("connect: no answer");
		return false;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error)
		warnx("connect: %s", strerror(error));
	return !error;
}

static bool say(int fd, const char *line, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char answer[512];
	ssize_t n;

	if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0 || poll(&p, 1, wait_ms) != 1) {
		warnx("no answer");
		return false;
	}
	n = recv(fd, answer, sizeof(answer) - 1, 0);
	if (n <= 0) {
		warnx("closed: %s", n ? strerror(errno) : "end of stream");
		return false;
	}
	answer[n] = 0;
	fputs(answer, stdout);
	fflush(stdout);
	return true;
}

static int ask(const struct options *o, const char *address, const char *port)
{
	union address to = address_parse(o->family, address, port);
	union address from = address_parse(o->family, o->source, NULL);
	struct options nonblocking = *o;
	char line[256];
	int fd;

	nonblocking.type |= SOCK_NONBLOCK;
	fd = socket_bound(&nonblocking, &from, false);
	if (!connect_in_time(fd, &to, o->wait_ms))
		return 1;
	while (fgets(line, sizeof(line), stdin)) {
		if (!say(fd, line, o->wait_ms))
			return 1;
	}
	return 0;
}

/* An echo request has the same form in both families; the kernel fills in the
 * identifier and the checksum. */
static int ping(struct options o, const char *address)
{
	union address to = address_parse(o.family, address, NULL);
	union address from = address_parse(o.family, o.source, NULL);
	unsigned char message[16] = { o.family == AF_INET ? 8 : 128, [7] = 1 };
	struct pollfd p = { .events = POLLIN };

	o.type = SOCK_DGRAM;
	o.protocol = o.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	p.fd = socket_bound(&o, &from, false);
	if (connect(p.fd, &to.any, address_size(&to)) || send(p.fd, message, sizeof(message), 0) < 0)
		err(1, "ping");
	if (poll(&p, 1, o.wait_ms) != 1 || recv(p.fd, message, sizeof(message), 0) != sizeof(message)) {
		warnx("ping: no answer");
		return 1;
	}
	printf("%s answers\n", address);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { .family = AF_INET, .type = SOCK_STREAM, .wait_ms = 1500 };
	const char *command = argc > 1 ? argv[1] : "";
	int option;

	optind = 2;
	while ((option = getopt(argc, argv, "46utrb:s:w:")) != -1) {
		switch (option) {
		case '4':
			o.family = AF_INET;
			break;
		case '6':
			o.family = AF_INET6;
			break;
		case 'u':
			o.type = SOCK_DGRAM;
			break;
		case 't':
			o.transparent = true;
			break;
		case 'r':
			o.reuseport = true;
			break;
		case 'b':
			o.bind = optarg;
			break;
		case 's':
			o.source = optarg;
			break;
		case 'w':
			o.wait_ms = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	if (strcmp(command, "serve") == 0 && optind + 1 == argc)
		return serve(&o, argv[optind]);
	if (strcmp(command, "ask") == 0 && optind + 2 == argc)
		return ask(&o, argv[optind], argv[optind + 1]);
	if (strcmp(command, "ping") == 0 && optind + 1 == argc)
		return ping(o, argv[optind]);
	errx(2, "usage: peer serve [-46utr] [-b ADDRESS] PORT | peer ask [-46u] [-s SOURCE] [-w MS] ADDRESS PORT | "
		"peer ping [-46] [-s SOURCE] [-w MS] ADDRESS");
}
