/* SPDX-License-Identifier: GPL-2.0-only */
/* dhcp_client.c - asks for an address and prints the one that is offered.
 *
 *	dhcp_client [-6] [-w MS] INTERFACE
 *
 * It hears the answer through an ordinary UDP socket, as the firewall's rules
 * decide.  (The usual clients read packet sockets, which see a frame before
 * traffic control does: they would prove nothing.)  Ends with 1 when no answer
 * comes within MS (2000). */
#include <arpa/inet.h>
#include <err.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct message { /* RFC 2131 */
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	uint32_t ciaddr, yiaddr, siaddr, giaddr;
	uint8_t chaddr[16], sname[64], file[128];
	uint8_t cookie[4];
	uint8_t options[60];
} __attribute__((packed));

static const uint8_t transaction[4] = { 0x7a, 0x66, 0x77, 0x63 };

static void read_mac(int fd, const char *interface, uint8_t *mac)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(fd, SIOCGIFHWADDR, &request))
		err(2, "%s", interface);
	memcpy(mac, request.ifr_hwaddr.sa_data, 6);
}

static int client_socket(int family, const struct sockaddr *at, socklen_t len, const char *interface)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, strlen(interface)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &(int){ 1 }, sizeof(int)) || bind(fd, at, len))
		err(2, "socket on %s", interface);
	return fd;
}

static bool heard(int fd, void *answer, size_t size, ssize_t *len, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, wait_ms) != 1)
		return false;
	*len = recv(fd, answer, size, 0);
	return *len > 0;
}

/* DISCOVER, answered by an OFFER. */
static int discover4(const char *interface, int wait_ms)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons(68) };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(67), .sin_addr.s_addr = INADDR_BROADCAST };
	struct message m = { .op = 1, .htype = 1, .hlen = 6, .flags = htons(0x8000), .cookie = { 99, 130, 83, 99 } };
	int fd = client_socket(AF_INET, (struct sockaddr *)&from, sizeof(from), interface);
	char text[INET_ADDRSTRLEN];
	struct message answer;
	ssize_t len;

	read_mac(fd, interface, m.chaddr);
	memcpy(&m.xid, transaction, 4);
	memcpy(m.options, (uint8_t[]){ 53, 1, 1, 255 }, 4);
	if (sendto(fd, &m, sizeof(m), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		err(2, "sending to %s", interface);
	while (heard(fd, &answer, sizeof(answer), &len, wait_ms)) {
		if (len < (ssize_t)offsetof(struct message, options) || answer.op != 2 || answer.xid != m.xid)
			continue;
		puts(inet_ntop(AF_INET, &answer.yiaddr, text, sizeof(text)));
		return 0;
	}
	return 1;
}

/* The address in an IA_NA option of an ADVERTISE, wherever it stands. */
static const uint8_t *advertised(const uint8_t *answer, ssize_t len)
{
	for (ssize_t at = 4; at + 4 <= len;) {
		unsigned int option = answer[at] << 8 | answer[at + 1];
		unsigned int size = answer[at + 2] << 8 | answer[at + 3];

		/* IA_NA: id, two times; inside it IAADDR: option, length, address. */
		if (option == 3 && size >= 12 + 4 + 16 && at + 4 + (ssize_t)size <= len)
			return answer + at + 4 + 12 + 4;
		at += 4 + size;
	}
	return NULL;
}

/* SOLICIT, answered by an ADVERTISE (RFC 8415). */
static int solicit6(const char *interface, int wait_ms)
{
	struct sockaddr_in6 from = { .sin6_family = AF_INET6, .sin6_port = htons(546) };
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
				   .sin6_port = htons(547),
				   .sin6_scope_id = if_nametoindex(interface) };
	uint8_t m[] = { 1,
			transaction[0],
			transaction[1],
			transaction[2],
			0,
			1,
			0,
			10,
			0,
			3,
			0,
			1,
			0,
			0,
			0,
			0,
			0,
			0, /* client id: link-layer address */
			0,
			8,
			0,
			2,
			0,
			0, /* elapsed time */
			0,
			3,
			0,
			12,
			0,
			0,
			0,
			1,
			0,
			0,
			0,
			0,
			0,
			0,
			0,
			0 }; /* IA_NA */
	int fd = client_socket(AF_INET6, (struct sockaddr *)&from, sizeof(from), interface);
	char text[INET6_ADDRSTRLEN];
	uint8_t answer[1500];
	ssize_t len;

	read_mac(fd, interface, m + 12);
	inet_pton(AF_INET6, "ff02::1:2", &to.sin6_addr);
	if (sendto(fd, m, sizeof(m), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		err(2, "sending to %s", interface);
	while (heard(fd, answer, sizeof(answer), &len, wait_ms)) {
		const uint8_t *address = advertised(answer, len);

		if (answer[0] != 2 || !address)
			continue;
		puts(inet_ntop(AF_INET6, address, text, sizeof(text)));
		return 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	int option, wait_ms = 2000;
	bool v6 = false;

	while ((option = getopt(argc, argv, "6w:")) != -1) {
		if (option == '6')
			v6 = true;
		else if (option == 'w')
			wait_ms = atoi(optarg);
		else
			return 2;
	}
	if (optind + 1 != argc)
		errx(2, "usage: dhcp_client [-6] [-w MS] INTERFACE");
	return v6 ? solicit6(argv[optind], wait_ms) : discover4(argv[optind], wait_ms);
}
