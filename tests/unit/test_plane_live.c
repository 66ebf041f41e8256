// SPDX-License-Identifier: GPL-2.0-only
/* The program on a real interface, with real sockets behind it: interception,
 * which BPF_PROG_TEST_RUN can't do, tags beside the frame, and bytes as nft
 * counts them.
 *
 *	client: c0 10.9.0.1, fd09::1  ----  router: r0 10.9.0.2, fd09::2
 *
 * The program is at the ingress of r0; the client sends everything there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tests/unit/frames.h>
#include <tests/unit/plane_harness.h>

#define MARK	  0x200000
#define FOREIGN4  "203.0.113.5"
#define FOREIGN6  "2001:db8:f::5"
#define CLIENT4	  "10.9.0.1"
#define CLIENT6	  "fd09::1"
#define ROUTER4	  "10.9.0.2"
#define ROUTER6	  "fd09::2"
#define LISTENING 4000
#define SHORT_MS  300	/* long enough for what shall not come */
#define LONG_MS	  10000 /* for what shall */

static struct plane plane;
static struct hand hand;
static int client_ns, router_ns;
static uint32_t ifindex;

static void enter(int ns)
{
	assert_int_equal(setns(ns, CLONE_NEWNET), 0);
}

static void run(const char *command)
{
	if (plane_command("%s", command))
		fail_msg("failed: %s", command);
}

/* ---- the two hosts ---- */

static void make_client(void)
{
	plane_namespace();
	client_ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_true(client_ns >= 0);
}

static void make_router(void)
{
	plane_namespace();
	router_ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_true(router_ns >= 0);
	assert_int_equal(plane_command("ip link add r0 type veth peer name c0 netns /proc/%d/fd/%d", getpid(),
				       client_ns),
			 0);
	run("echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/r0/rp_filter;"
	    "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding;"
	    "ip addr add " ROUTER4 "/24 dev r0 && ip addr add " ROUTER6 "/64 dev r0 nodad && ip link set r0 up");
	run("for f in -4 -6; do ip $f rule add fwmark 0x200000/0x200000 lookup 77 &&"
	    "ip $f route add local default dev lo table 77 || exit 1; done");
	ifindex = if_nametoindex("r0");
}

static int setup_group(void **state)
{
	(void)state;
	make_client();
	make_router();
	enter(client_ns);
	run("ip addr add " CLIENT4 "/24 dev c0 && ip addr add " CLIENT6 "/64 dev c0 nodad && ip link set c0 up &&"
	    "ip route add default via " ROUTER4 " && ip -6 route add default via " ROUTER6);
	enter(router_ns);
	return 0;
}

/* The address family of a test: everything else is the same for both. */
struct side {
	int family;
	const char *client, *router, *foreign;
};
static const struct side v4 = { AF_INET, CLIENT4, ROUTER4, FOREIGN4 };
static const struct side v6 = { AF_INET6, CLIENT6, ROUTER6, FOREIGN6 };

static int setup(void **state)
{
	(void)state;
	memset(&hand, 0, sizeof(hand));
	hand.config.mark = MARK;
	hand.config.flags[ZF_IPV4] = ZF_USES_TPROXY;
	return 0;
}

static void attach(void)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts);
	struct zf_interface i = { .sets = { 1 }, .flags = ZF_HAS_ADDR4 | ZF_HAS_ADDR6 };
	struct zf_local k4 = { .family = ZF_IPV4 }, k6 = { .family = ZF_IPV6 };
	uint32_t local = RTN_LOCAL;

	plane_load(&plane, NULL);
	inet_pton(AF_INET, ROUTER4, i.addr4);
	inet_pton(AF_INET6, ROUTER6, i.addr6);
	memcpy(k4.addr, i.addr4, 4);
	memcpy(k6.addr, i.addr6, 16);
	plane_set(&plane, MAP_INTERFACE, &ifindex, &i);
	plane_set(&plane, MAP_LOCAL, &k4, &local);
	plane_set(&plane, MAP_LOCAL, &k6, &local);
	hand_write(&hand, &plane);
	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	opts.prog_fd = plane.entry;
	assert_int_equal(bpf_tc_attach(&hook, &opts), 0);
}

static int teardown(void **state)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	(void)state;
	enter(router_ns);
	bpf_tc_hook_destroy(&hook);
	if (plane.object)
		plane_free(&plane);
	return 0;
}

/* ---- sockets ---- */

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t address(union address *a, int family, const char *text, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	a->any.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		a->in.sin_port = htons(port);
		assert_int_equal(inet_pton(family, text, &a->in.sin_addr), 1);
		return sizeof(a->in);
	}
	a->in6.sin6_port = htons(port);
	assert_int_equal(inet_pton(family, text, &a->in6.sin6_addr), 1);
	return sizeof(a->in6);
}

/* A socket of namespace 'ns'; its operations time out. */
static int open_socket(int ns, int family, int type)
{
	struct timeval patience = { LONG_MS / 1000, 0 };
	int fd, one = 1;

	enter(ns);
	fd = socket(family, type | SOCK_CLOEXEC, 0);
	enter(router_ns);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return fd;
}

static void bind_to(int fd, int family, const char *text, uint16_t port)
{
	union address a;
	socklen_t len = address(&a, family, text, port);

	if (bind(fd, &a.any, len))
		fail_msg("bind to %s port %u: %s", text, port, strerror(errno));
}

static int connect_to(int fd, int family, const char *text, uint16_t port)
{
	union address a;
	socklen_t len = address(&a, family, text, port);

	return connect(fd, &a.any, len);
}

static int transparent(const struct side *s, int type, const char *text, uint16_t port)
{
	int fd = open_socket(router_ns, s->family, type), one = 1;

	if (s->family == AF_INET)
		assert_int_equal(setsockopt(fd, SOL_IP, IP_TRANSPARENT, &one, sizeof(one)), 0);
	else
		assert_int_equal(setsockopt(fd, SOL_IPV6, IPV6_TRANSPARENT, &one, sizeof(one)), 0);
	bind_to(fd, s->family, text, port);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static int readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static void assert_local_address(int fd, const struct side *s, uint16_t port)
{
	union address wanted, got;
	socklen_t len = sizeof(got), wanted_len = address(&wanted, s->family, s->foreign, port);

	assert_int_equal(getsockname(fd, &got.any, &len), 0);
	assert_int_equal(len, wanted_len);
	assert_memory_equal(&got, &wanted, s->family == AF_INET ? 8 : 24);
}

static void say(int from, int to, const char *what)
{
	char got[16] = "";

	assert_int_equal(send(from, what, strlen(what), 0), strlen(what));
	assert_int_equal(recv(to, got, sizeof(got), 0), strlen(what));
	assert_string_equal(got, what);
}

/* A connection from the client to the foreign address, which the listener gets. */
struct connection {
	int client, server;
};

static struct connection intercepted(const struct side *s, int listener, uint16_t client_port)
{
	struct connection c = { .client = open_socket(client_ns, s->family, SOCK_STREAM) };

	if (client_port)
		bind_to(c.client, s->family, s->client, client_port);
	if (connect_to(c.client, s->family, s->foreign, 80))
		fail_msg("connect to %s: %s", s->foreign, strerror(errno));
	c.server = accept(listener, NULL, NULL);
	assert_true(c.server >= 0);
	assert_local_address(c.server, s, 80);
	return c;
}

static void connection_close(struct connection *c)
{
	close(c->client);
	close(c->server);
}

/* ---- rules ---- */

#define NEED	      .flags = ZF_NEED_L4
#define RULE_(n, ...) hand_add(&hand, &(struct hand_rule){ .rule.label = (n), __VA_ARGS__ })
#define ACCEPTS	      .rule.verdict = ZF_RESUME, .rule.resume = ZF_LABEL_NONE
#define DROPS	      .rule.verdict = ZF_DROP

static void add_tproxy(uint32_t label, uint8_t proto, uint16_t dport, uint16_t to)
{
	RULE_(label, ACCEPTS, .proto = proto, .dport = dport, NEED, .rule.flags = ZF_TPROXY, .rule.tproxy.port = to,
	      .rule.counter = label);
}

/* Lets rule 'nr', which has this label, do something else from now on. */
static void change_rule(uint32_t nr, struct zf_rule r)
{
	plane_set(&plane, MAP_RULE, &nr, &r);
}

/* Neighbour discovery and what else the hosts say passes. */
static void add_policy(void)
{
	RULE_(90, ACCEPTS, .version = 6, .proto = IPPROTO_ICMPV6);
	RULE_(100, DROPS, .rule.counter = 100);
}

/* ---- TCP ---- */

static void tcp_is_intercepted(const struct side *s)
{
	struct connection c;
	int listener;

	add_tproxy(10, IPPROTO_TCP, 80, LISTENING);
	add_policy();
	attach();
	listener = transparent(s, SOCK_STREAM, s->router, LISTENING); /* the interface's first address */
	c = intercepted(s, listener, 0);
	say(c.client, c.server, "ping");
	say(c.server, c.client, "pong");
	assert_true(plane_counter(&plane, 10).packets >= 3);
	connection_close(&c);
	close(listener);
}

static void test_tcp4(void **state)
{
	(void)state;
	tcp_is_intercepted(&v4);
}

static void test_tcp6(void **state)
{
	(void)state;
	tcp_is_intercepted(&v6);
}

static void to_a_given_address(const struct side *s, const char *loopback, uint8_t version)
{
	struct hand_rule r = { .rule = { .label = 10,
					 .verdict = ZF_RESUME,
					 .resume = ZF_LABEL_NONE,
					 .flags = ZF_TPROXY,
					 .tproxy = { .port = LISTENING, .family = version } },
			       .proto = IPPROTO_TCP,
			       .dport = 80,
			       NEED };
	struct connection c;
	int listener;

	inet_pton(s->family, loopback, r.rule.tproxy.addr);
	hand_add(&hand, &r);
	add_policy();
	attach();
	listener = transparent(s, SOCK_STREAM, loopback, LISTENING);
	c = intercepted(s, listener, 0);
	say(c.client, c.server, "ping");
	connection_close(&c);
	close(listener);
}

static void test_to_loopback4(void **state)
{
	(void)state;
	to_a_given_address(&v4, "127.0.0.1", 4);
}

static void test_to_loopback6(void **state)
{
	(void)state;
	to_a_given_address(&v6, "::1", 6);
}

static void test_address_of_the_other_family_fails(void **state)
{
	int client = open_socket(client_ns, AF_INET, SOCK_DGRAM), server;

	(void)state;
	RULE_(10, ACCEPTS, .proto = IPPROTO_UDP, NEED, .rule.flags = ZF_TPROXY,
	      .rule.tproxy = { .family = 6, .addr = { [15] = 1 } });
	RULE_(20, DROPS, .version = 4, .proto = IPPROTO_UDP, .rule.counter = 2);
	attach();
	server = transparent(&v4, SOCK_DGRAM, "0.0.0.0", 53);
	assert_int_equal(connect_to(client, AF_INET, FOREIGN4, 53), 0);
	assert_int_equal(send(client, "x", 1, 0), 1);
	assert_false(readable(server, SHORT_MS));
	assert_int_equal(plane_counter(&plane, 2).packets, 1);
	close(client);
	close(server);
}

/* Without a port the packet's own; a listener on all addresses will do. */
static void test_own_port(void **state)
{
	struct connection c;
	int listener;

	(void)state;
	add_tproxy(10, IPPROTO_TCP, 80, 0);
	add_policy();
	attach();
	listener = transparent(&v4, SOCK_STREAM, "0.0.0.0", 80);
	c = intercepted(&v4, listener, 0);
	connection_close(&c);
	close(listener);
}

/* Who listens on the packet's own port isn't meant when the rule names another. */
static void test_own_port_is_not_taken(void **state)
{
	struct connection c;
	int listener, decoy;

	(void)state;
	add_tproxy(10, IPPROTO_TCP, 80, LISTENING);
	add_policy();
	attach();
	decoy = transparent(&v4, SOCK_STREAM, "0.0.0.0", 80);
	listener = transparent(&v4, SOCK_STREAM, ROUTER4, LISTENING);
	c = intercepted(&v4, listener, 0);
	assert_false(readable(decoy, 0));
	connection_close(&c);
	close(listener);
	close(decoy);
}

static void test_no_listener_goes_on(void **state)
{
	int client = open_socket(client_ns, AF_INET, SOCK_STREAM);
	int elsewhere;

	(void)state;
	add_tproxy(10, IPPROTO_TCP, 80, LISTENING);
	RULE_(20, ACCEPTS, .proto = IPPROTO_ICMP);
	RULE_(30, DROPS, .version = 4, .rule.counter = 30);
	attach();
	elsewhere = transparent(&v4, SOCK_STREAM, ROUTER4, LISTENING + 1);
	fcntl(client, F_SETFL, O_NONBLOCK);
	assert_int_equal(connect_to(client, AF_INET, FOREIGN4, 80), -1);
	for (int waited = 0; waited < LONG_MS && !plane_counter(&plane, 30).packets; waited += 10)
		usleep(10000);
	assert_true(plane_counter(&plane, 30).packets >= 1);
	assert_int_equal(plane_counter(&plane, 10).packets, 0);
	close(client);
	close(elsewhere);
}

/* An intercepted connection lives on whichever rule accepts its packets, and
 * dies by the rule that drops them. */
static void any_rule_keeps(const struct side *s)
{
	struct connection c;
	int listener;

	add_tproxy(10, IPPROTO_TCP, 80, LISTENING);
	add_policy();
	attach();
	listener = transparent(s, SOCK_STREAM, s->router, LISTENING);
	c = intercepted(s, listener, 0);
	close(listener);
	change_rule(1, (struct zf_rule){ .label = 10, .verdict = ZF_RESUME, .resume = ZF_LABEL_NONE });
	say(c.client, c.server, "ping");
	say(c.server, c.client, "pong");
	change_rule(1, (struct zf_rule){ .label = 10, .verdict = ZF_DROP });
	assert_int_equal(send(c.client, "lost", 4, 0), 4);
	assert_false(readable(c.server, SHORT_MS));
	connection_close(&c);
}

static void test_any_rule_keeps4(void **state)
{
	(void)state;
	any_rule_keeps(&v4);
}

static void test_any_rule_keeps6(void **state)
{
	(void)state;
	any_rule_keeps(&v6);
}

/* The listener may be gone: the rule still matches packets of its connections. */
static void test_connection_outlives_listener(void **state)
{
	struct connection c;
	int listener;

	(void)state;
	add_tproxy(10, IPPROTO_TCP, 80, LISTENING);
	add_policy();
	attach();
	listener = transparent(&v4, SOCK_STREAM, ROUTER4, LISTENING);
	c = intercepted(&v4, listener, 0);
	close(listener);
	say(c.client, c.server, "ping");
	connection_close(&c);
}

/* The same ports once more while the first connection is in TIME_WAIT here. */
static void test_ports_used_anew(void **state)
{
	struct connection c;
	char byte;
	int listener;

	(void)state;
	add_tproxy(10, IPPROTO_TCP, 80, LISTENING);
	add_policy();
	attach();
	listener = transparent(&v4, SOCK_STREAM, ROUTER4, LISTENING);
	c = intercepted(&v4, listener, 50001);
	close(c.server);
	assert_int_equal(recv(c.client, &byte, 1, 0), 0);
	close(c.client);
	usleep(SHORT_MS * 1000);
	c = intercepted(&v4, listener, 50001);
	say(c.client, c.server, "anew");
	connection_close(&c);
	close(listener);
}

/* ---- UDP ---- */

static void udp_is_intercepted(const struct side *s)
{
	int server, conversation, client;
	char got[16];

	add_tproxy(10, IPPROTO_UDP, 53, LISTENING);
	add_policy();
	attach();
	server = transparent(s, SOCK_DGRAM, s->router, LISTENING);
	client = open_socket(client_ns, s->family, SOCK_DGRAM);
	bind_to(client, s->family, s->client, 5353);
	assert_int_equal(connect_to(client, s->family, s->foreign, 53), 0);
	say(client, server, "first");

	/* A proxy answers from the foreign address, by a socket that then has the conversation. */
	conversation = transparent(s, SOCK_DGRAM, s->foreign, 53);
	assert_int_equal(connect_to(conversation, s->family, s->client, 5353), 0);
	say(conversation, client, "answer");
	say(client, conversation, "second");
	assert_int_equal(recv(server, got, sizeof(got), MSG_DONTWAIT), -1);

	/* Also when another rule accepts. */
	change_rule(1, (struct zf_rule){ .label = 10, .verdict = ZF_RESUME, .resume = ZF_LABEL_NONE });
	say(client, conversation, "third");
	close(conversation);
	assert_int_equal(send(client, "x", 1, 0), 1); /* forwarded now: nobody's */
	assert_false(readable(server, SHORT_MS));
	close(client);
	close(server);
}

static void test_udp4(void **state)
{
	(void)state;
	udp_is_intercepted(&v4);
}

static void test_udp6(void **state)
{
	(void)state;
	udp_is_intercepted(&v6);
}

/* ---- ICMP errors for intercepted connections ---- */

static long icmp_errors_received(void)
{
	char line[1024];
	FILE *f = fopen("/proc/thread-self/net/snmp", "r");
	long n = -1;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "Icmp: ", 6) && line[6] >= '0' && line[6] <= '9')
			sscanf(line + 6, "%*d %*d %*d %ld", &n); /* InMsgs InErrors InCsumErrors InDestUnreachs */
	fclose(f);
	return n;
}

static void send_unreachable(uint16_t client_port)
{
	struct packet_spec quoted = {
		.version = 4, .src = FOREIGN4, .dst = CLIENT4, .proto = IPPROTO_TCP, .sport = 80, .dport = client_port
	};
	uint8_t message[8 + 40] = { 3, 4, 0, 0, 0, 0, 1000 >> 8, 1000 & 0xff };
	uint32_t sum = 0;
	struct frame f;
	int raw;

	frame_make(&f, &quoted);
	memcpy(message + 8, f.data + 14, 40);
	for (size_t i = 0; i < sizeof(message); i += 2)
		sum += (uint32_t)message[i] << 8 | message[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	message[2] = (uint8_t)(sum >> 8);
	message[3] = (uint8_t)sum;
	enter(client_ns);
	raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	enter(router_ns);
	assert_int_equal(connect_to(raw, AF_INET, FOREIGN4, 0), 0);
	assert_int_equal(send(raw, message, sizeof(message), 0), sizeof(message));
	close(raw);
	usleep(SHORT_MS * 1000);
}

static void test_icmp_error_is_delivered(void **state)
{
	struct connection c;
	int listener;
	long before;

	(void)state;
	add_tproxy(10, IPPROTO_TCP, 80, LISTENING);
	RULE_(20, ACCEPTS);
	attach();
	listener = transparent(&v4, SOCK_STREAM, ROUTER4, LISTENING);
	c = intercepted(&v4, listener, 50002);
	before = icmp_errors_received();
	assert_true(before >= 0);
	send_unreachable(50003); /* about no connection of ours: forwarded */
	assert_int_equal(icmp_errors_received(), before);
	send_unreachable(50002);
	for (int waited = 0; waited < LONG_MS && icmp_errors_received() == before; waited += 10)
		usleep(10000);
	assert_int_equal(icmp_errors_received(), before + 1);
	connection_close(&c);
	close(listener);
}

/* ---- what the interface adds ---- */

/* A frame as it is, from the client's interface. */
static void send_raw(struct packet_spec s)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = 6, .sll_addr = { 2, 0, 0, 0, 0, 1 } };
	struct frame f;
	int raw;

	frame_make(&f, &s);
	enter(client_ns);
	raw = socket(AF_PACKET, SOCK_RAW, 0);
	to.sll_ifindex = (int)if_nametoindex("c0");
	enter(router_ns);
	assert_int_equal(sendto(raw, f.data, f.len, 0, (struct sockaddr *)&to, sizeof(to)), f.len);
	close(raw);
}

/* The receive path takes the outer tag out of the frame and puts it beside. */
static void send_a_few(void)
{
	struct packet_spec s = { .version = 4, .src = CLIENT4, .dst = ROUTER4, .proto = IPPROTO_UDP, .dport = 9 };

	s.payload_len = 4;
	send_raw(s);
	s.payload_len = 100;
	send_raw(s);
	s.tags[0] = 0x8100;
	send_raw(s);
	s.tags[0] = 0x88a8;
	s.payload_len = 1000;
	send_raw(s);
	s.version = 6;
	s.src = CLIENT6;
	s.dst = ROUTER6;
	send_raw(s);
	s.tags[0] = 0;
	send_raw(s);
	usleep(SHORT_MS * 1000);
}

static void nft_counter(const char *chain, struct zf_counter *c)
{
	unsigned long long packets = 0, bytes = 0;
	char command[128], line[256], *at;
	FILE *f;

	snprintf(command, sizeof(command), "nft list chain netdev t %s", chain);
	f = popen(command, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if ((at = strstr(line, "counter packets")))
			assert_int_equal(sscanf(at, "counter packets %llu bytes %llu", &packets, &bytes), 2);
	pclose(f);
	c->packets = packets;
	c->bytes = bytes;
}

static void test_tags_beside_the_frame_and_bytes_as_nft(void **state)
{
	struct zf_counter ours, nfts;

	(void)state;
	if (plane_command("command -v nft >/dev/null")) {
		print_message("nft isn't installed\n");
		skip();
	}
	RULE_(10, ACCEPTS, .proto = IPPROTO_UDP, .dport = 9, NEED, .rule.counter = 1);
	RULE_(20, ACCEPTS);
	attach();
	run("nft add table netdev t && nft 'add chain netdev t every { type filter hook ingress device r0 priority 0; }' &&"
	    "nft 'add chain netdev t count' && nft 'add rule netdev t count counter' &&"
	    "nft 'add rule netdev t every ip protocol udp udp dport 9 goto count' &&"
	    "nft 'add rule netdev t every ip6 nexthdr udp udp dport 9 goto count'");
	send_a_few();
	for (int waited = 0; waited < LONG_MS && plane_counter(&plane, 1).packets < 6; waited += 10)
		usleep(10000);
	ours = plane_counter(&plane, 1);
	nft_counter("count", &nfts);
	run("nft delete table netdev t");
	assert_int_equal(ours.packets, 6);
	assert_int_equal(ours.bytes, 28 + 4 + 2 * (28 + 100) + 28 + 1000 + 2 * (48 + 1000));
	assert_int_equal(ours.packets, nfts.packets);
	assert_int_equal(ours.bytes, nfts.bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_tcp4),
		TEST(test_tcp6),
		TEST(test_to_loopback4),
		TEST(test_to_loopback6),
		TEST(test_address_of_the_other_family_fails),
		TEST(test_own_port),
		TEST(test_own_port_is_not_taken),
		TEST(test_no_listener_goes_on),
		TEST(test_any_rule_keeps4),
		TEST(test_any_rule_keeps6),
		TEST(test_connection_outlives_listener),
		TEST(test_ports_used_anew),
		TEST(test_udp4),
		TEST(test_udp6),
		TEST(test_icmp_error_is_delivered),
		TEST(test_tags_beside_the_frame_and_bytes_as_nft),
	};
	const char *obstacle = plane_obstacle();

	if (obstacle) {
		printf("1..0 # skip %s\n", obstacle);
		return 0;
	}
	return cmocka_run_group_tests_name("plane_live", tests, setup_group, NULL);
}
