/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>

#include <runtime/bpf_sys.h>
#include <runtime/owned.h>

enum { F_BEFORE = 1u << 3, F_AFTER = 1u << 4, LINK_TYPE_TCX = 11 };

/* The head of union bpf_attr for BPF_LINK_CREATE since Linux 6.6. */
struct link_create {
	uint32_t prog_fd, target_ifindex, attach_type, flags;
	uint32_t relative_fd, pad;
	uint64_t expected_revision;
};

/* The head of union bpf_attr for BPF_PROG_QUERY.  The kernel writes the number and
 * the revision of programs whatever size it was told, so they must be there. */
struct prog_query {
	uint32_t target_ifindex, attach_type, query_flags, attach_flags;
	uint64_t prog_ids;
	uint32_t prog_cnt, pad;
	uint64_t prog_attach_flags, link_ids, link_attach_flags, revision;
};

static int sys_bpf(int cmd, void *attr, unsigned int size)
{
	long r = syscall(__NR_bpf, cmd, attr, size);

	return r < 0 ? -errno : (int)r;
}

bool sys_has_tcx(void)
{
	/* Any network namespace has its loopback as interface 1.  A kernel without
	 * tcx doesn't know the attach type: EINVAL. */
	struct prog_query q = { .target_ifindex = 1, .attach_type = SYS_TCX_INGRESS };
	int r = sys_bpf(BPF_PROG_QUERY, &q, sizeof(q));

	return r == 0 || r == -ENOENT;
}

int sys_tcx_link(int program, uint32_t ifindex, int attach_type, bool first)
{
	struct link_create c = {
		.prog_fd = program,
		.target_ifindex = ifindex,
		.attach_type = attach_type,
		.flags = first ? F_BEFORE : F_AFTER,
	};

	return sys_bpf(BPF_LINK_CREATE, &c, sizeof(c));
}

int sys_link_update(int link, int program)
{
	return bpf_link_update(link, program, NULL);
}

int sys_link_detach(int link)
{
	int r = bpf_link_detach(link);

	return r == -ENOLINK ? 0 : r;
}

int sys_link_read(int link, uint32_t *ifindex, uint32_t *program_id)
{
	/* As struct bpf_link_info; newer members than the header's may lie behind. */
	struct {
		uint32_t type, id, prog_id, pad;
		uint32_t ifindex, attach_type;
		uint8_t rest[240];
	} info = { 0 };
	uint32_t len = sizeof(info);
	int r = bpf_obj_get_info_by_fd(link, &info, &len);

	if (r < 0)
		return r;
	if (info.type != LINK_TYPE_TCX)
		return -EINVAL;
	*ifindex = info.ifindex;
	*program_id = info.prog_id;
	return 0;
}

int sys_map_info(int fd, struct bpf_map_info *ret)
{
	uint32_t len = sizeof(*ret);

	memset(ret, 0, sizeof(*ret));
	return bpf_obj_get_info_by_fd(fd, ret, &len);
}

int64_t sys_program_id(int fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	int r = bpf_obj_get_info_by_fd(fd, &info, &len);

	return r < 0 ? r : (int64_t)info.id;
}

uint64_t sys_map_memory(int fd)
{
	char path[64], line[128];
	uint64_t bytes = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %" SCNu64, &bytes) == 1)
			break;
	fclose(f);
	return bytes;
}

int sys_grace_period(void)
{
	_close_ int inner = -1, outer = -1;
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	uint32_t slot = 0;

	inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "zfwc_grace", 4, 4, 1, NULL);
	if (inner < 0)
		return inner;
	opts.inner_map_fd = inner;
	outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "zfwc_grace", 4, 4, 1, &opts);
	if (outer < 0)
		return outer;
	return bpf_map_update_elem(outer, &slot, &inner, BPF_ANY);
}
