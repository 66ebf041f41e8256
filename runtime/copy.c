/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include <compiler/base/arena.h>
#include <runtime/bpf_sys.h>
#include <runtime/copy.h>
#include <runtime/load.h>
#include <runtime/map_read.h>
#include <runtime/owned.h>
#include <runtime/pins.h>
#include <runtime/trouble.h>

#define FRESH "fresh" /* the folder of a copy that is being built */

/* ---- opening ---- */

static bool map_fits(const struct map_desc *d, const struct bpf_map_info *i)
{
	return i->type == d->type_nr && i->key_size == d->key_size && i->value_size == d->value_size;
}

/* A pin that is missing, or of something else (EINVAL: of a program where a map
 * was, or the other way), makes the copy unusable; that this process can't open
 * it for want of something else says nothing about the copy. */
static int lacks(struct copy *c, const char *name, int r)
{
	snprintf(c->missing, sizeof(c->missing), "%s", name);
	c->usable = false;
	return r == -ENOENT || r == -EINVAL ? 0 : r;
}

static int open_map(const struct pins *p, struct copy *c, enum map_id id)
{
	struct bpf_map_info info;
	char name[64];
	int r;

	snprintf(name, sizeof(name), "%s/%s", c->name, map_descs[id].name);
	c->maps[id] = pins_get(p, name);
	r = c->maps[id] < 0 ? c->maps[id] : sys_map_info(c->maps[id], &info);
	if (r || !map_fits(&map_descs[id], &info))
		return lacks(c, name, r);
	c->map_ids[id] = info.id;
	c->capacity[id] = info.max_entries;
	return 0;
}

static int open_program(const struct pins *p, struct copy *c)
{
	char name[64];
	int64_t id;

	snprintf(name, sizeof(name), "%s/program", c->name);
	c->program = pins_get(p, name);
	id = c->program < 0 ? c->program : sys_program_id(c->program);
	if (id < 0)
		return lacks(c, name, (int)id);
	c->program_id = (uint32_t)id;
	return 0;
}

int copy_open(const struct pins *p, struct copy *c, struct trouble *t)
{
	int i, r;

	c->usable = true;
	r = open_program(p, c);
	for (i = 0; !r && i < MAP_COUNT; i++)
		r = open_map(p, c, i);
	return r ? trouble(t, r, "can't open pin '%s': %s", c->missing, errno_words(r)) : 0;
}

void copy_close(struct copy *c)
{
	int i;

	for (i = 0; i < MAP_COUNT; i++)
		owned_close(&c->maps[i]);
	owned_close(&c->program);
	*c = COPY_NONE(c->name);
}

bool copy_shares(const struct copy *x, const struct copy *y)
{
	int i;

	for (i = 0; i < MAP_COUNT; i++)
		if (map_descs[i].scope != SCOPE_SWITCHED && x->map_ids[i] != y->map_ids[i])
			return false;
	return true;
}

/* ---- building ---- */

/* The flow table is large or as good as none, but never too large. */
static bool has_capacity(const struct copy *c, enum map_id id, uint32_t capacity)
{
	return id == MAP_FLOW ? c->capacity[id] == capacity : c->capacity[id] >= capacity;
}

/* SWITCHED maps are the copy's own, the others are those of 'other'. */
static void keep_maps(const struct copy *c, const struct copy *other, const uint32_t capacity[MAP_COUNT],
		      int maps[MAP_COUNT])
{
	int i;

	for (i = 0; i < MAP_COUNT; i++) {
		const struct copy *from = map_descs[i].scope == SCOPE_SWITCHED ? c : other;

		maps[i] = from->usable && has_capacity(from, i, capacity[i]) ? from->maps[i] : -1;
	}
}

static int pin_fresh(const struct pins *p, const char *name, int fd, struct trouble *t)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), FRESH "/%s", name);
	r = pins_put(p, path, fd);
	return r ? trouble(t, r, "can't pin %s: %s", name, errno_words(r)) : 0;
}

static int pin_all(const struct pins *p, const int maps[MAP_COUNT], int program, struct trouble *t)
{
	int i, r;

	r = pins_remove_folder(p, FRESH);
	if (!r)
		r = pins_mkdir(p, FRESH);
	if (r)
		return trouble(t, r, "can't make a folder for pins: %s", errno_words(r));
	for (i = 0; !r && i < MAP_COUNT; i++)
		r = pin_fresh(p, map_descs[i].name, maps[i], t);
	return r ? r : pin_fresh(p, "program", program, t);
}

static int replace_folder(const struct pins *p, const char *name, struct trouble *t)
{
	int r = pins_remove_folder(p, name);

	if (!r)
		r = pins_rename(p, FRESH, name);
	return r ? trouble(t, r, "can't replace the pins in '%s': %s", name, errno_words(r)) : 0;
}

int copy_build(const struct pins *p, struct copy *c, int jump, const struct copy *other,
	       const uint32_t capacity[MAP_COUNT], struct trouble *t)
{
	int maps[MAP_COUNT], kept[MAP_COUNT], i, r;
	_close_ int program = -1;

	keep_maps(c, other, capacity, kept);
	memcpy(maps, kept, sizeof(maps));
	r = program = load_main(jump, maps, capacity, t);
	if (r >= 0)
		r = pin_all(p, maps, program, t);
	for (i = 0; i < MAP_COUNT; i++)
		if (maps[i] != kept[i])
			owned_close(&maps[i]);
	if (r)
		return r;
	copy_close(c);
	r = replace_folder(p, c->name, t);
	if (r)
		return r;
	r = copy_open(p, c, t);
	if (r)
		return r;
	return c->usable ? 0 : trouble(t, -EIO, "pin '%s' was lost while it was being made", c->missing);
}

/* ---- reading ---- */

int copy_read_image(const struct copy *c, struct arena *a, struct image *ret, struct live_stats *stats,
		    struct trouble *t)
{
	struct image image = { 0 };
	int i, r;

	for (i = 0; i < MAP_COUNT; i++) {
		image.maps[i].capacity = c->capacity[i];
		if (map_descs[i].scope == SCOPE_RUNTIME)
			continue;
		r = map_read(i, c->maps[i], c->capacity[i], a, &image.maps[i]);
		if (r)
			return trouble(t, r, "can't read map %s: %s", map_descs[i].name, errno_words(r));
		stats->reads += image.maps[i].n;
	}
	*ret = image;
	return 0;
}

/* ---- source text ---- */

struct source_head {
	uint64_t len; /* of the text behind it */
};

static void source_name(const struct copy *c, char *ret, size_t size)
{
	snprintf(ret, size, "%s/source", c->name);
}

int copy_read_source(const struct pins *p, const struct copy *c, struct arena *a, const char **text, size_t *len,
		     struct trouble *t)
{
	_close_ int fd = -1;
	struct bpf_map_info info;
	struct source_head head;
	char name[64], *value;
	uint32_t key = 0;
	int r;

	*text = "";
	*len = 0;
	source_name(c, name, sizeof(name));
	fd = pins_get(p, name);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return trouble(t, fd, "can't open pin '%s': %s", name, errno_words(fd));
	r = sys_map_info(fd, &info);
	if (!r && info.value_size < sizeof(head))
		r = -EINVAL;
	if (r)
		return trouble(t, r, "pin '%s' isn't what zfwc made", name);
	value = arena_alloc(a, info.value_size);
	r = bpf_map_lookup_elem(fd, &key, value);
	if (r)
		return trouble(t, r, "can't read pin '%s': %s", name, errno_words(r));
	memcpy(&head, value, sizeof(head));
	if (head.len > info.value_size - sizeof(head))
		return trouble(t, -EINVAL, "pin '%s' isn't what zfwc made", name);
	*text = value + sizeof(head);
	*len = head.len;
	return 0;
}

uint32_t copy_source_id(const struct pins *p, const struct copy *c)
{
	_close_ int fd = -1;
	struct bpf_map_info info;
	char name[64];

	source_name(c, name, sizeof(name));
	fd = pins_get(p, name);
	return fd < 0 || sys_map_info(fd, &info) ? 0 : info.id;
}

int copy_make_source(const char *text, size_t len, struct trouble *t)
{
	struct source_head head = { len };
	_close_ int fd = -1;
	_free_ char *value = NULL;
	size_t size = sizeof(head) + len;
	uint32_t key = 0;
	int r;

	if (size > INT32_MAX)
		return trouble(t, -E2BIG, "the ruleset's text is too long to keep (%zu bytes)", len);
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "source", sizeof(key), size, 1, NULL);
	if (fd < 0)
		return trouble(t, fd, "can't make a map for the ruleset's text: %s", errno_words(fd));
	value = malloc(size);
	if (!value)
		return trouble(t, -ENOMEM, "out of memory");
	memcpy(value, &head, sizeof(head));
	memcpy(value + sizeof(head), text, len);
	r = bpf_map_update_elem(fd, &key, value, BPF_ANY);
	if (r)
		return trouble(t, r, "can't keep the ruleset's text: %s", errno_words(r));
	return TAKE(fd, -1);
}

int copy_pin_source(const struct pins *p, const struct copy *c, int source, struct trouble *t)
{
	char name[64];
	int r;

	source_name(c, name, sizeof(name));
	r = pins_put(p, name, source);
	return r ? trouble(t, r, "can't pin '%s': %s", name, errno_words(r)) : 0;
}
