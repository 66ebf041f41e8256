/* SPDX-License-Identifier: GPL-2.0-only */
/* agree_send.c - frames go out of two interfaces, and what comes back is compared. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "agree.h"

#define PAIRS_MAX  8
#define AT_ONCE	   64
#define ANSWER_MAX 512
#define SHOWN	   3

struct answer {
	size_t n;
	uint8_t b[ANSWER_MAX]; /* the beginning */
};

/* One interface, and what came back. */
struct side {
	int fd;
	uint32_t mark;
	struct answer *answers;
	size_t n, cap;
};

struct pair {
	struct side sides[2];
};

static void enter(const char *netns)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(2, "%s", path);
	close(fd);
}

static void open_side(struct side *s, char *name)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	char *interface = strchr(name, '/');
	int big = 1 << 23, yes = 1;

	if (!interface)
		errx(2, "'%s' is no NETNS/INTERFACE", name);
	*interface++ = '\0';
	enter(name);
	at.sll_ifindex = (int)if_nametoindex(interface);
	s->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || !at.sll_ifindex || setsockopt(s->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes)) ||
	    setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big)) ||
	    bind(s->fd, (struct sockaddr *)&at, sizeof(at)))
		err(2, "%s", interface);
}

static void open_pair(struct pair *p, char *names)
{
	char *second = strchr(names, ':');

	if (!second)
		errx(2, "'%s' is no pair of interfaces", names);
	*second++ = '\0';
	*p = (struct pair){ 0 };
	open_side(p->sides, names);
	open_side(p->sides + 1, second);
}

static void transmit(struct side *s, const struct frame *f)
{
	if (s->mark != f->mark && setsockopt(s->fd, SOL_SOCKET, SO_MARK, &f->mark, sizeof(f->mark)))
		err(2, "SO_MARK");
	s->mark = f->mark;
	while (send(s->fd, f->b, f->n, 0) != (ssize_t)f->n)
		if (errno != ENOBUFS) /* the frame was dropped on its way out */
			err(2, "send");
		else
			break;
}

/* ---- what comes back ---- */

/* What the kernel left to the network card: the checksum of a reset is that of the
 * addresses alone. */
static void complete(struct answer *a)
{
	uint8_t *ip = a->b + ETH_HLEN, *tcp = ip + 20;
	uint32_t ends = 6 + 20, all;

	if (a->n != ETH_HLEN + 40 || ip[0] != 0x45 || ip[9] != 6)
		return;
	for (int i = 12; i < 20; i += 2)
		ends += (uint32_t)ip[i] << 8 | ip[i + 1];
	ends = (ends & 0xffff) + (ends >> 16);
	if (((uint32_t)tcp[16] << 8 | tcp[17]) != ends)
		return;
	for (all = 0; tcp < ip + 40; tcp += 2)
		all += (uint32_t)tcp[0] << 8 | tcp[1];
	while (all >> 16)
		all = (all & 0xffff) + (all >> 16);
	ip[20 + 16] = (uint8_t)(~all >> 8);
	ip[20 + 17] = (uint8_t)~all;
}

static void collect(struct side *s)
{
	uint8_t b[FRAME_MAX];
	struct answer *a;
	ssize_t n;

	while ((n = recv(s->fd, b, sizeof(b), MSG_DONTWAIT)) > 0) {
		if (s->n == s->cap) {
			s->cap = s->cap ? 2 * s->cap : 64;
			s->answers = realloc(s->answers, s->cap * sizeof(*s->answers));
			if (!s->answers)
				err(2, NULL);
		}
		a = s->answers + s->n++;
		memset(a, 0, sizeof(*a));
		a->n = (size_t)n;
		memcpy(a->b, b, a->n < sizeof(a->b) ? a->n : sizeof(a->b));
		complete(a);
	}
}

static int order(const void *x, const void *y)
{
	const struct answer *a = x, *b = y;
	int by_content = memcmp(a->b, b->b, sizeof(a->b));

	return by_content ? by_content : (a->n > b->n) - (a->n < b->n);
}

static void show(const char *what, const struct answer *a)
{
	printf("answer %s %zu:", what, a->n);
	for (size_t i = 0; i < a->n && i < sizeof(a->b); i++)
		printf(" %02x", a->b[i]);
	printf("\n");
}

/* Answers that only one side got, of both sides' together. */
static unsigned int compare(struct pair *p)
{
	struct side *s = p->sides;
	unsigned int different = 0;
	size_t at[2] = { 0, 0 };

	for (int i = 0; i < 2; i++) {
		collect(s + i);
		if (s[i].n)
			qsort(s[i].answers, s[i].n, sizeof(*s[i].answers), order);
	}
	while (at[0] < s[0].n || at[1] < s[1].n) {
		int which = at[0] == s[0].n   ? 1
			    : at[1] == s[1].n ? -1
					      : order(s[0].answers + at[0], s[1].answers + at[1]);

		if (which && different++ < SHOWN)
			show(which < 0 ? "-" : "+", s[which > 0].answers + at[which > 0]);
		at[0] += which <= 0;
		at[1] += which >= 0;
	}
	if (different)
		printf("%zu answers, and %zu; %u differ\n", s[0].n, s[1].n, different);
	return different;
}

/* On one CPU, frames and answers keep their order. */
static void stay_here(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((size_t)sched_getcpu(), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(2, "sched_setaffinity");
}

/* The frame that stands in a line: hexadecimal digits, blanks between. */
static bool read_frame(struct frame *f)
{
	char line[4 * FRAME_MAX];
	unsigned int byte;
	int used;

	*f = (struct frame){ .n = 0 };
	if (!fgets(line, sizeof(line), stdin))
		return false;
	for (char *at = line; f->n < FRAME_MAX && sscanf(at, "%2x%n", &byte, &used) == 1; at += used)
		f->b[f->n++] = (uint8_t)byte;
	return true;
}

static void collect_all(struct pair *pairs, unsigned int n)
{
	for (unsigned int i = 0; i < 2 * n; i++)
		collect(&pairs[i / 2].sides[i % 2]);
}

static void open_pairs(struct pair *pairs, char **names, unsigned int n)
{
	if (n > PAIRS_MAX)
		errx(2, "too many pairs");
	for (unsigned int i = 0; i < n; i++)
		open_pair(pairs + i, names[i]);
	stay_here();
}

/* Gives answers time to arrive. */
static unsigned int compare_all(struct pair *pairs, unsigned int n)
{
	unsigned int different = 0;

	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	for (unsigned int i = 0; i < n; i++)
		different += compare(pairs + i);
	return different;
}

unsigned int send_read(char **names, unsigned int n_pairs)
{
	struct pair pairs[PAIRS_MAX];
	struct frame f;

	open_pairs(pairs, names, n_pairs);
	while (read_frame(&f))
		for (int i = 0; i < 2; i++)
			transmit(&pairs->sides[i], &f);
	return compare_all(pairs, n_pairs);
}

unsigned int send_frames(enum hook hook, unsigned int count, char **names, unsigned int n_pairs)
{
	struct pair pairs[PAIRS_MAX];

	open_pairs(pairs, names, n_pairs);
	for (unsigned int i = 0; i < count; i++) {
		struct pair *p = pairs + draw(n_pairs);
		struct frame f;

		make_frame(&f, hook, i);
		transmit(p->sides, &f);
		transmit(p->sides + 1, &f);
		if (i % AT_ONCE == AT_ONCE - 1) { /* the queue of received frames is short */
			nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
			collect_all(pairs, n_pairs);
		}
	}
	return compare_all(pairs, n_pairs);
}
