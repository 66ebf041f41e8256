/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <bpf/object.h>
#include <runtime/load.h>
#include <runtime/owned.h>
#include <runtime/trouble.h>

uint64_t load_object_number(void)
{
	static uint64_t hash;
	const unsigned char *p;

	if (hash)
		return hash;
	hash = 0xcbf29ce484222325u; /* FNV-1a */
	for (p = zfwc_bpf_object; p < zfwc_bpf_object_end; p++)
		hash = (hash ^ *p) * 0x100000001b3u;
	return hash;
}

/* ---- libbpf's own words ---- */

static char last_words[256];

/* libbpf reports in many lines; the last of the verifier's log says why. */
static int hear(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char text[4096], *line, *save = NULL;

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(text, sizeof(text), fmt, ap);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "libbpf:", 7) && strncmp(line, "processed ", 10) && strncmp(line, "-- ", 3))
			snprintf(last_words, sizeof(last_words), "%s", line);
	return 0;
}

static int refused(int r, struct trouble *t)
{
	if (r == -EPERM || r == -ENOMEM || r == -EMFILE)
		return trouble(t, r, "can't load the program into the kernel: %s", errno_words(r));
	return trouble(t, r, "the kernel refused the program (%s)%s%s", errno_words(r), last_words[0] ? ": " : "",
		       last_words);
}

/* ---- the object ---- */

static void object_close(struct bpf_object **o)
{
	if (*o)
		bpf_object__close(*o);
}
#define _object_ __attribute__((cleanup(object_close)))

/* Opens it so that only 'program' would be loaded and no map made. */
static struct bpf_object *object_open(const char *program, struct trouble *t)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "zfwc");
	struct bpf_object *o;
	struct bpf_program *p;
	struct bpf_map *m;

	last_words[0] = 0;
	libbpf_set_print(hear);
	o = bpf_object__open_mem(zfwc_bpf_object, zfwc_bpf_object_size(), &opts);
	if (!o) {
		refused(-errno, t);
		return NULL;
	}
	bpf_object__for_each_program(p, o) {
		bpf_program__set_autoload(p, !strcmp(bpf_program__name(p), program));
		bpf_program__set_type(p, BPF_PROG_TYPE_SCHED_CLS);
	}
	/* Maps of libbpf's own making (constants) have no entry in maps.def and stay. */
	bpf_object__for_each_map(m, o)
		if (!bpf_map__is_internal(m))
			bpf_map__set_autocreate(m, false);
	return o;
}

static int object_use(struct bpf_object *o, const char *name, int fd, struct trouble *t)
{
	struct bpf_map *m = bpf_object__find_map_by_name(o, name);
	int r;

	if (!m)
		return 0;
	r = bpf_map__set_autocreate(m, true);
	if (!r)
		r = bpf_map__reuse_fd(m, fd);
	return r ? refused(r, t) : 0;
}

static int object_program(struct bpf_object *o, const char *name)
{
	int fd = bpf_program__fd(bpf_object__find_program_by_name(o, name));

	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? -errno : fd;
}

/* ---- the programs ---- */

static int load_with(const char *program, int jump, struct trouble *t)
{
	_object_ struct bpf_object *o = object_open(program, t);
	int r;

	if (!o)
		return -EINVAL;
	r = object_use(o, "JUMP", jump, t);
	if (r)
		return r;
	r = bpf_object__load(o);
	return r ? refused(r, t) : object_program(o, program);
}

int load_entry(int jump, struct trouble *t)
{
	return load_with("zfwc_entry", jump, t);
}

int load_egress(int jump, struct trouble *t)
{
	return load_with("zfwc_egress", jump, t);
}

static int map_trouble(int r, enum map_id id, uint32_t capacity, struct trouble *t)
{
	return trouble(t, r, "can't make map %s for %u elements: %s", map_descs[id].name, capacity, errno_words(r));
}

static int use_maps(struct bpf_object *o, const int maps[MAP_COUNT], const uint32_t capacity[MAP_COUNT],
		    struct trouble *t)
{
	int i, r = 0;

	for (i = 0; !r && i < MAP_COUNT; i++) {
		struct bpf_map *m = bpf_object__find_map_by_name(o, map_descs[i].name);

		if (!m)
			return trouble(t, -ENOENT, "the program in this binary has no map %s", map_descs[i].name);
		if (maps[i] >= 0) {
			r = object_use(o, map_descs[i].name, maps[i], t);
			continue;
		}
		r = bpf_map__set_autocreate(m, true);
		if (!r)
			r = bpf_map__set_max_entries(m, capacity[i]);
		if (r)
			map_trouble(r, i, capacity[i], t);
	}
	return r;
}

static int take_maps(struct bpf_object *o, int maps[MAP_COUNT], struct trouble *t)
{
	int i;

	for (i = 0; i < MAP_COUNT; i++) {
		if (maps[i] >= 0)
			continue;
		maps[i] = fcntl(bpf_map__fd(bpf_object__find_map_by_name(o, map_descs[i].name)), F_DUPFD_CLOEXEC, 3);
		if (maps[i] < 0)
			return trouble(t, -errno, "%s", errno_words(-errno));
	}
	return 0;
}

int load_main(int jump, int maps[MAP_COUNT], const uint32_t capacity[MAP_COUNT], struct trouble *t)
{
	_object_ struct bpf_object *o = object_open("zfwc_main", t);
	int r;

	if (!o)
		return -EINVAL;
	r = object_use(o, "JUMP", jump, t);
	if (!r)
		r = use_maps(o, maps, capacity, t);
	if (r)
		return r;
	r = bpf_object__load(o);
	if (r)
		return refused(r, t);
	r = take_maps(o, maps, t);
	return r ? r : object_program(o, "zfwc_main");
}
