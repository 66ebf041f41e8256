/* SPDX-License-Identifier: GPL-2.0-only */
/* foreign.c - attaches count.bpf.o to an interface and keeps it there.
 *
 *	foreign tcx|clsact OBJECT INTERFACE
 *
 * Prints the packets counted so far for each line of standard input.  With tcx
 * the program goes away with the process; with clsact it stays until somebody
 * removes it: that is how such programs are found on real machines. */
#include <err.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define TCX_INGRESS 46 /* BPF_TCX_INGRESS of linux 6.6 */

/* libbpf 1.1 doesn't know tcx; the structure is that of linux 6.6, cut short. */
static int attach_tcx(int program, unsigned int ifindex)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = program;
	attr.link_create.target_ifindex = ifindex;
	attr.link_create.attach_type = TCX_INGRESS;
	return syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

static int attach_clsact(int program, unsigned int ifindex)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program, .handle = 1, .priority = 7);
	int r = bpf_tc_hook_create(&hook);

	return r && r != -EEXIST ? r : bpf_tc_attach(&hook, &options);
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct bpf_program *program;
	struct bpf_map *map;
	unsigned int ifindex;
	char line[16];
	int r;

	if (argc != 4)
		errx(2, "usage: foreign tcx|clsact OBJECT INTERFACE");
	ifindex = if_nametoindex(argv[3]);
	object = bpf_object__open_file(argv[2], NULL);
	if (!ifindex || !object || bpf_object__load(object))
		errx(1, "can't load '%s' for '%s'", argv[2], argv[3]);
	program = bpf_object__find_program_by_name(object, "count");
	map = bpf_object__find_map_by_name(object, "packets");
	if (strcmp(argv[1], "tcx") == 0)
		r = attach_tcx(bpf_program__fd(program), ifindex);
	else
		r = attach_clsact(bpf_program__fd(program), ifindex);
	if (r)
		errx(1, "attaching by %s: %s", argv[1], strerror(-r));
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		unsigned int key = 0;
		unsigned long long packets = 0;

		if (bpf_map_lookup_elem(bpf_map__fd(map), &key, &packets))
			err(1, "reading the count");
		printf("%llu\n", packets);
		fflush(stdout);
	}
	return 0;
}
