/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include <runtime/bpf_sys.h>
#include <runtime/owned.h>
#include <runtime/pins_root.h>
#include <runtime/store.h>
#include <runtime/sweep.h>
#include <runtime/trouble.h>

/* ---- meta ---- */

/* One of another ABI may be longer or shorter than ours. */
static int read_meta(int fd, struct meta *ret)
{
	_free_ uint8_t *value = NULL;
	struct bpf_map_info info;
	uint32_t key = 0;
	int r = sys_map_info(fd, &info);

	if (r)
		return r;
	if (info.type != BPF_MAP_TYPE_ARRAY || info.value_size < sizeof(ret->abi))
		return -EINVAL;
	value = calloc(1, info.value_size);
	if (!value)
		return -ENOMEM;
	r = bpf_map_lookup_elem(fd, &key, value);
	if (!r)
		memcpy(ret, value, info.value_size < sizeof(*ret) ? info.value_size : sizeof(*ret));
	return r;
}

int store_read_meta(const struct pins *p, struct meta *ret)
{
	_close_ int fd = pins_get(p, "meta");

	*ret = (struct meta){ 0 };
	return fd < 0 ? fd : read_meta(fd, ret);
}

int store_write_meta(struct live *l, const struct meta *m, struct live_stats *stats, struct trouble *t)
{
	uint32_t key = 0;
	int r = bpf_map_update_elem(l->meta_fd, &key, m, BPF_ANY);

	if (r)
		return trouble(t, r, "can't write pin 'meta': %s", errno_words(r));
	l->meta = *m;
	stats->writes++;
	return 0;
}

uint64_t store_generation(const struct live *l)
{
	return l->meta.generation + (l->meta.busy && l->slot != l->meta.before);
}

/* ---- slot and copies ---- */

static int read_slot(const struct live *l, uint32_t *ret)
{
	uint32_t key = 0;
	int r;

	*ret = SLOT_EMPTY;
	if (l->jump < 0)
		return 0;
	r = bpf_map_lookup_elem(l->jump, &key, ret);
	return r == -ENOENT ? 0 : r;
}

int live_stamp(const struct live *l, struct live_stamp *ret)
{
	int i;

	*ret = (struct live_stamp){ 0 };
	if (!pins_still_there(&l->pins))
		return -ENOENT;
	for (i = 0; i < 2; i++)
		ret->sources[i] = copy_source_id(&l->pins, &l->copies[i]);
	return read_slot(l, &ret->slot);
}

int store_refresh(struct live *l, struct trouble *t)
{
	int i, r;

	r = l->meta_fd < 0 ? 0 : read_meta(l->meta_fd, &l->meta);
	if (r)
		return trouble(t, r, "can't read pin 'meta': %s", errno_words(r));
	r = read_slot(l, &l->slot);
	if (r)
		return trouble(t, r, "can't read pin 'jump': %s", errno_words(r));
	l->current = -1;
	for (i = 0; i < 2; i++) {
		copy_close(&l->copies[i]);
		r = copy_open(&l->pins, &l->copies[i], t);
		if (r)
			return r;
		if (l->slot != SLOT_EMPTY && l->copies[i].program_id == l->slot)
			l->current = i;
	}
	return 0;
}

int store_check(const struct live *l, struct trouble *t)
{
	const char *name = l->pins.instance;

	if (l->meta_fd < 0)
		return 0;
	if (l->meta.abi != ZF_ABI)
		return trouble(t, -EPROTO,
			       "instance '%s' was made by a zfwc with map layout %u, this one has layout %u; run 'zfwc "
			       "detach' and then apply again",
			       name, l->meta.abi, ZF_ABI);
	if (l->slot != SLOT_EMPTY && l->current < 0)
		return trouble(
			t, -EIO,
			"the pins of instance '%s' are damaged: the live copy's program is not among them; run 'zfwc "
			"detach' and then apply again",
			name);
	if (l->current >= 0 && !l->copies[l->current].usable)
		return trouble(t, -EIO,
			       "the pins of instance '%s' are damaged: '%s' is missing or not what zfwc made; run 'zfwc "
			       "detach' and then apply again",
			       name, l->copies[l->current].missing);
	return 0;
}

/* ---- creating ---- */

/* 'value' is in it before anybody can find it; NULL: none. */
static int create_pin(struct live *l, const char *name, int type, uint32_t value_size, const void *value, int *ret,
		      struct trouble *t)
{
	_close_ int fd = bpf_map_create(type, name, sizeof(uint32_t), value_size, 1, NULL);
	uint32_t key = 0;
	int r = fd < 0 ? fd : 0;

	if (!r && value)
		r = bpf_map_update_elem(fd, &key, value, BPF_ANY);
	if (r)
		return trouble(t, r, "can't make a bpf map: %s", errno_words(r));
	r = pins_put(&l->pins, name, fd);
	if (r)
		return trouble(t, r, "can't pin '%s': %s", name, errno_words(r));
	*ret = TAKE(fd, -1);
	return 0;
}

int store_create(struct live *l, struct trouble *t)
{
	struct meta m = { .abi = ZF_ABI, .netns = sweep_this_netns() };
	int r = 0;

	if (l->meta_fd < 0) {
		r = create_pin(l, "meta", BPF_MAP_TYPE_ARRAY, sizeof(m), &m, &l->meta_fd, t);
		if (!r)
			l->meta = m;
	}
	if (!r && l->jump < 0)
		r = create_pin(l, "jump", BPF_MAP_TYPE_PROG_ARRAY, sizeof(uint32_t), NULL, &l->jump, t);
	return r;
}

/* ---- opening ---- */

static int open_pin(struct live *l, const char *name, int *ret, struct trouble *t)
{
	*ret = pins_get(&l->pins, name);
	if (*ret >= 0 || *ret == -ENOENT)
		return 0;
	return trouble(t, *ret, "can't open pin '%s' of instance '%s': %s", name, l->pins.instance, errno_words(*ret));
}

static int open_all(struct live *l, struct trouble *t)
{
	int r;

	r = open_pin(l, "jump", &l->jump, t);
	if (!r)
		r = open_pin(l, "meta", &l->meta_fd, t);
	if (r)
		return r;
	if (l->meta_fd < 0 && l->jump >= 0)
		return trouble(
			t, -EIO,
			"the pins of instance '%s' are damaged: 'meta' is missing; remove what is left of them by "
			"hand: rm -r " PINS_ROOT "/*/%s",
			l->pins.instance, l->pins.name);
	return store_refresh(l, t);
}

int live_open(const struct place *place, enum live_mode mode, unsigned int lock_timeout_s, struct live **ret,
	      struct trouble *t)
{
	struct live *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return trouble(t, -ENOMEM, "out of memory");
	*l = (struct live){
		.pins = PINS_NONE,
		.writes = mode == LIVE_WRITE,
		.jump = -1,
		.meta_fd = -1,
		.copies = { COPY_NONE("a"), COPY_NONE("b") },
		.current = -1,
	};
	r = pins_open(place->instance ? place->instance : "default", mode, lock_timeout_s, &l->pins, t);
	if (!r && l->writes)
		sweep_dead(&l->pins);
	if (!r)
		r = open_all(l, t);
	if (r) {
		live_close(&l);
		return r;
	}
	*ret = l;
	return 0;
}

void live_close(struct live **lp)
{
	struct live *l = *lp;

	if (!l)
		return;
	copy_close(&l->copies[0]);
	copy_close(&l->copies[1]);
	owned_close(&l->jump);
	owned_close(&l->meta_fd);
	pins_close(&l->pins);
	free(l);
	*lp = NULL;
}

bool live_is_empty(const struct live *l)
{
	return l->slot == SLOT_EMPTY;
}
