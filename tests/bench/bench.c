// SPDX-License-Identifier: GPL-2.0-only
/* bench - what a packet costs, with few rules and with many, here and in nft.
 *
 *	bench [rounds]
 *
 * Rules of one /24 and one udp port each; every packet hits one of them, at
 * random, and is dropped by it.  Two measurements, in each of which the systems
 * take turns:
 *
 *  - in the program: BPF_PROG_TEST_RUN, which gives the cost of the program alone;
 *  - live: frames made by an XDP program are passed up the receive path of an
 *    interface (BPF_F_TEST_XDP_LIVE_FRAMES), up to where they are dropped.  What
 *    a run costs at all is measured by short runs and taken off.
 *
 * Everything is in a network namespace that ends with the process. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <errno.h>
#include <libgen.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <arpa/inet.h>

#include <bpf/object.h>
#include <compiler/base/arena.h>
#include <compiler/image.h>
#include <tests/bench/bench.h>
#include <tests/bench/packets.h>

#define BATCH  64
#define BAR    1.6 /* live cost with many rules to that with few, at most */
#define ROUNDS 21
#define FRAME  60

/* Few and many rules: packets that hit them. */
enum { FEW, MANY, SIZES };
static const size_t sizes[SIZES] = { 16, 16384 };

struct traffic {
	struct bench_rule *rules;
	size_t n;
	struct bpf_object *object; /* of bench.bpf.c, with its own table */
	int generate, feed, next;
};

enum kind { EMPTY, ZFWC, NFT, KINDS };
static const char *const kind_names[KINDS] = { "empty program", "zfwc", "nft" };

struct system {
	char device[IFNAMSIZ];
	uint32_t ifindex;
	int program;   /* at its ingress; -1: nft */
	size_t frames; /* of a live run */
	struct bench_series program_ns, live_ns;
};

static struct bench_series live_ratios[KINDS]; /* many to few, round by round: noise that lasts falls out */
static struct traffic traffic[SIZES];
static struct system systems[KINDS][SIZES];
static struct arena *arena;

static void command(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void command(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (system(text))
		errx(1, "failed: %s", text);
}

/* ---- traffic ---- */

static int program_fd(struct bpf_object *o, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(o, name));
}

static void fill_packets(const struct traffic *t)
{
	int fd = bpf_object__find_map_fd_by_name(t->object, "PACKETS");
	struct bench_packets *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	for (size_t i = 0; i < BENCH_PACKETS; i++) {
		const struct bench_rule *r = &t->rules[bench_random() % t->n];

		p->v[i] = (struct bench_packet){ .src = htonl(0x0a000000 | bench_random() >> 8),
						 .dst = htonl(r->net | bench_random() >> 24),
						 .sport = htons(40000),
						 .dport = htons(r->port) };
	}
	munmap(p, sizeof(*p));
}

static void make_traffic(struct traffic *t, size_t n, const char *object)
{
	t->n = n;
	t->rules = calloc(n, sizeof(*t->rules));
	if (!t->rules)
		err(1, "calloc");
	bench_rules(t->rules, n);
	t->object = bpf_object__open_file(object, NULL);
	if (!t->object || bpf_object__load(t->object))
		errx(1, "can't load %s", object);
	t->generate = program_fd(t->object, "generate");
	t->feed = program_fd(t->object, "feed");
	t->next = bpf_object__find_map_fd_by_name(t->object, "NEXT");
	fill_packets(t);
}

static void make_frame(uint8_t frame[FRAME])
{
	struct iphdr *ip = (void *)(frame + ETH_HLEN);
	struct udphdr *udp = (void *)(ip + 1);

	memset(frame, 0, FRAME);
	frame[0] = 2;
	frame[6] = 2;
	frame[12] = ETH_P_IP >> 8;
	*ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP };
	ip->tot_len = htons(FRAME - ETH_HLEN);
	udp->len = htons(FRAME - ETH_HLEN - sizeof(*ip));
}

/* ---- systems ---- */

static void attach(struct system *s)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)s->ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = s->program);

	if (bpf_tc_hook_create(&hook) || bpf_tc_attach(&hook, &opts))
		errx(1, "can't attach a program to %s", s->device);
}

static void fill_maps(struct bpf_object *o, const struct image *image)
{
	for (int i = 0; i < MAP_COUNT; i++) {
		const struct map_image *m = &image->maps[i];
		int fd = bpf_object__find_map_fd_by_name(o, map_descs[i].name);

		for (size_t n = 0; n < m->n; n++)
			if (bpf_map_update_elem(fd, m->keys + n * map_descs[i].key_size,
						m->values + n * map_descs[i].value_size, BPF_ANY))
				err(1, "storing an element of %s", map_descs[i].name);
	}
}

static void start_zfwc(struct system *s, const struct traffic *t)
{
	struct bpf_object *o = bpf_object__open_mem(zfwc_bpf_object, zfwc_bpf_object_size(), NULL);
	struct image image;
	uint32_t zero = 0;
	int main_program;

	bench_image(bench_text(t->rules, t->n, s->device), s->device, s->ifindex, arena, &image);
	for (int i = 0; i < MAP_COUNT; i++) {
		uint32_t need = image.maps[i].capacity ? image.maps[i].capacity : 1;

		bpf_map__set_max_entries(bpf_object__find_map_by_name(o, map_descs[i].name),
					 image_suggest_capacity(i, need)); /* as apply does */
	}
	if (bpf_object__load(o))
		errx(1, "can't load the programs");
	fill_maps(o, &image);
	main_program = program_fd(o, "zfwc_main");
	if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(o, "JUMP"), &zero, &main_program, BPF_ANY))
		err(1, "storing the program");
	s->program = program_fd(o, "zfwc_entry");
	attach(s);
}

static void start_nft(struct system *s, const struct traffic *t)
{
	FILE *f = popen("nft -f -", "w");

	if (!f)
		err(1, "nft");
	fputs(bench_text(t->rules, t->n, s->device), f);
	if (pclose(f))
		errx(1, "nft refuses the rules");
	s->program = -1;
}

static void make_systems(void)
{
	static const char *const names[KINDS] = { "empty", "zfwc", "nft" };

	for (int k = 0; k < KINDS; k++)
		for (int z = 0; z < SIZES; z++) {
			struct system *s = &systems[k][z];

			snprintf(s->device, sizeof(s->device), "%s%zu", names[k], sizes[z]);
			command("ip link add %s type veth peer name p%d%d && ip link set %s up && ip link set p%d%d up",
				s->device, k, z, s->device, k, z);
			s->ifindex = if_nametoindex(s->device);
			if (bpf_xdp_attach((int)s->ifindex, program_fd(traffic[z].object, "ready"), XDP_FLAGS_DRV_MODE,
					   NULL))
				errx(1, "can't prepare %s for frames", s->device);
			s->frames = 200000;
		}
	for (int z = 0; z < SIZES; z++) {
		systems[EMPTY][z].program = program_fd(traffic[z].object, "empty");
		attach(&systems[EMPTY][z]);
		start_zfwc(&systems[ZFWC][z], &traffic[z]);
		start_nft(&systems[NFT][z], &traffic[z]);
	}
	systems[NFT][FEW].frames = 50000;
	systems[NFT][MANY].frames = 1024; /* up to a millisecond each */
}

/* ---- measurements ---- */

static double in_program(const struct system *s, const struct traffic *t)
{
	struct __sk_buff ctx = { .ifindex = s->ifindex };
	uint8_t frame[FRAME];
	uint32_t zero = 0;
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame, .data_size_in = FRAME, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = 500000);

	make_frame(frame);
	if (bpf_map_update_elem(t->next, &zero, &s->program, BPF_ANY) || bpf_prog_test_run_opts(t->feed, &o))
		err(1, "BPF_PROG_TEST_RUN");
	if (o.retval != 2)
		errx(1, "%s: the last packet wasn't dropped", s->device);
	return o.duration;
}

static double run_frames(const struct system *s, const struct traffic *t, size_t frames)
{
	struct xdp_md ctx = { .data_end = FRAME, .ingress_ifindex = s->ifindex };
	uint8_t frame[FRAME];
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame, .data_size_in = FRAME, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = (int)frames, .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		    .batch_size = BATCH);
	double begin;

	make_frame(frame);
	begin = bench_now();
	if (bpf_prog_test_run_opts(t->generate, &o))
		err(1, "BPF_PROG_TEST_RUN with live frames");
	return bench_now() - begin;
}

static double live(const struct system *s, const struct traffic *t)
{
	double start = run_frames(s, t, BATCH);

	return (run_frames(s, t, s->frames + BATCH) - start) / (double)s->frames * 1e9;
}

static void one_round(bool keep)
{
	for (int k = 0; k < KINDS; k++) {
		double program[SIZES] = { 0 }, frame[SIZES];

		for (int z = 0; z < SIZES; z++) {
			const struct system *s = &systems[k][z];

			if (s->program >= 0)
				program[z] = in_program(s, &traffic[z]);
			frame[z] = live(s, &traffic[z]);
		}
		for (int z = 0; z < SIZES && keep; z++) { /* the first round warms up */
			bench_note(&systems[k][z].program_ns, program[z]);
			bench_note(&systems[k][z].live_ns, frame[z]);
		}
		if (keep)
			bench_note(&live_ratios[k], frame[MANY] / frame[FEW]);
	}
}

/* ---- report ---- */

static void print_output(const char *title, const char *cmd)
{
	char line[256] = "?";
	FILE *f = popen(cmd, "r");

	if (f && fgets(line, sizeof(line), f))
		line[strcspn(line, "\n")] = 0;
	if (f)
		pclose(f);
	printf("  %-12s %s\n", title, line);
}

static void print_machine(int rounds)
{
	struct utsname u;

	uname(&u);
	printf("machine\n");
	printf("  %-12s %s %s\n", "kernel", u.release, u.machine);
	print_output("processor", "sed -n 's/^model name.*: //p' /proc/cpuinfo");
	printf("  %-12s %ld\n", "processors", sysconf(_SC_NPROCESSORS_ONLN));
	print_output("nft", "nft --version");
	printf("  %-12s %d, systems in turns; medians\n", "rounds", rounds);
}

static void print_row(const char *name, struct bench_summary few, struct bench_summary many, double ratio)
{
	printf("  %-16s %8.0f %8.0f %8.0f   %8.0f %8.0f %8.0f   %6.2f\n", name, few.median, few.min, few.p90,
	       many.median, many.min, many.p90, ratio);
}

static void print_head(const char *title)
{
	printf("\n%s\n  %-16s %8zu %8s %8s   %8zu %8s %8s   %6s\n", title, "rules", sizes[FEW], "min", "p90",
	       sizes[MANY], "min", "p90", "ratio");
}

static void print_in_program(void)
{
	struct bench_summary s[KINDS][SIZES];

	print_head("in the program (BPF_PROG_TEST_RUN), ns per packet, table of packets included");
	for (int k = 0; k < NFT; k++) {
		for (int z = 0; z < SIZES; z++)
			s[k][z] = bench_summary(&systems[k][z].program_ns);
		print_row(kind_names[k], s[k][FEW], s[k][MANY], s[k][MANY].median / s[k][FEW].median);
	}
	printf("  %-16s %8.0f %26.0f\n", "zfwc - empty", s[ZFWC][FEW].median - s[EMPTY][FEW].median,
	       s[ZFWC][MANY].median - s[EMPTY][MANY].median);
}

/* Returns the ratio that the bar is about. */
static double print_live(void)
{
	struct bench_summary s[KINDS][SIZES];
	double ratio[KINDS];

	print_head("live receive path up to the drop, ns per packet; ratio: median of the rounds'");
	for (int k = 0; k < KINDS; k++) {
		for (int z = 0; z < SIZES; z++)
			s[k][z] = bench_summary(&systems[k][z].live_ns);
		ratio[k] = bench_summary(&live_ratios[k]).median;
		print_row(kind_names[k], s[k][FEW], s[k][MANY], ratio[k]);
	}
	printf("  nft costs %.1f times what zfwc does with %zu rules, %.0f times with %zu\n",
	       s[NFT][FEW].median / s[ZFWC][FEW].median, sizes[FEW], s[NFT][MANY].median / s[ZFWC][MANY].median,
	       sizes[MANY]);
	return ratio[ZFWC];
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
	char path[4096];
	double ratio;

	if (geteuid())
		errx(1, "needs root: makes a network namespace and loads programs");
	if (rounds < 1 || rounds > BENCH_ROUNDS_MAX)
		errx(1, "rounds: 1 to %d", BENCH_ROUNDS_MAX);
	snprintf(path, sizeof(path), "%s/bench.bpf.o", dirname(strdup(argv[0])));
	if (unshare(CLONE_NEWNET))
		err(1, "unshare");
	arena = arena_new();
	for (int z = 0; z < SIZES; z++)
		make_traffic(&traffic[z], sizes[z], path);
	make_systems();
	for (int i = 0; i <= rounds; i++)
		one_round(i > 0);
	print_machine(rounds);
	print_in_program();
	ratio = print_live();
	printf("\nlive, %zu rules to %zu: %.2f, the bar is %.1f: %s\n", sizes[MANY], sizes[FEW], ratio, BAR,
	       ratio <= BAR ? "met" : "MISSED");
	arena_free(&arena);
	return ratio > BAR;
}
