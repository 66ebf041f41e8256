/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include <compiler/base/arena.h>
#include <compiler/ir.h>
#include <runtime/attached.h>
#include <runtime/bpf_sys.h>
#include <runtime/load.h>
#include <runtime/owned.h>
#include <runtime/store.h>
#include <runtime/trouble.h>

static const char *const pin_names[ATTACH_HOOKS] = { "entry", "egress" };

/* ---- the programs ---- */

#define MAPS_MAX 8 /* that an attached program knows; it is one, or two with constants */

/* Whether the program was loaded with the map: pins may have been lost and made
 * anew, and the flow table may have been exchanged for a larger one. */
static bool program_uses(int program, int map)
{
	uint32_t ids[MAPS_MAX] = { 0 }, len = sizeof(struct bpf_prog_info), i;
	struct bpf_prog_info info = { .map_ids = (uintptr_t)ids, .nr_map_ids = MAPS_MAX };
	struct bpf_map_info m;

	if (bpf_obj_get_info_by_fd(program, &info, &len) || sys_map_info(map, &m))
		return false;
	for (i = 0; i < info.nr_map_ids && i < MAPS_MAX; i++)
		if (ids[i] == m.id)
			return true;
	return false;
}

/* The pinned program, or a new one in its place. */
static int ensure_program(struct live *l, enum attach_hook hook, int map, struct attach_programs *ret,
			  struct trouble *t)
{
	_close_ int fd = pins_get(&l->pins, pin_names[hook]);
	int64_t id;
	int r;

	if (fd < 0 || l->meta.attached_object != load_object_number() || !program_uses(fd, map)) {
		owned_close(&fd);
		fd = hook == ATTACH_IN ? load_entry(map, t) : load_egress(map, t);
		if (fd < 0)
			return fd;
		r = pins_put(&l->pins, pin_names[hook], fd);
		if (r)
			return trouble(t, r, "can't pin '%s': %s", pin_names[hook], errno_words(r));
	}
	id = sys_program_id(fd);
	if (id < 0)
		return trouble(t, id, "can't ask for the id of a program: %s", errno_words(id));
	ret->id[hook] = id;
	ret->fd[hook] = TAKE(fd, -1);
	return 0;
}

/* ---- attaching ---- */

static int ensure_hook(struct live *l, const struct ir *ir, enum attach_hook hook,
		       const struct attach_programs *programs, bool force_clsact, struct arena *a, struct attached *ret,
		       struct trouble *t)
{
	size_t i;
	bool added;
	int r = 0;

	for (i = 0; !r && i < ir->n_attach; i++) {
		r = attach_add(&l->pins, ir->attach[i].index, hook, programs, force_clsact, &added, t);
		if (added)
			*vec_push(a, ret) = (struct attached_at){ ir->attach[i].index, hook };
	}
	return r;
}

int attached_ensure(struct live *l, const struct ir *ir, int flow, bool force_clsact, struct arena *a,
		    struct attached *ret, struct trouble *t)
{
	struct attach_programs programs = { .fd = { -1, -1 } };
	int r;

	r = ensure_program(l, ATTACH_IN, l->jump, &programs, t);
	if (!r && ir->uses_ct)
		r = ensure_program(l, ATTACH_OUT, flow, &programs, t);
	/* The way out first: what it records, the way in looks for. */
	if (!r && ir->uses_ct)
		r = ensure_hook(l, ir, ATTACH_OUT, &programs, force_clsact, a, ret, t);
	if (!r)
		r = ensure_hook(l, ir, ATTACH_IN, &programs, force_clsact, a, ret, t);
	owned_close(&programs.fd[ATTACH_IN]);
	owned_close(&programs.fd[ATTACH_OUT]);
	if (r)
		attached_undo(l, ret);
	return r;
}

void attached_undo(struct live *l, struct attached *done)
{
	struct trouble ignored = { 0 }; /* the first failure is the one to report */

	while (done->n) {
		done->n--;
		attach_remove(&l->pins, done->v[done->n].ifindex, done->v[done->n].hook, &ignored);
	}
}

/* ---- detaching ---- */

static bool is_wanted(const struct ir *ir, const struct attachment *at)
{
	size_t i;

	if (!ir || (at->hook == ATTACH_OUT && !ir->uses_ct))
		return false;
	for (i = 0; i < ir->n_attach; i++)
		if (ir->attach[i].index == at->ifindex)
			return true;
	return false;
}

int attached_prune(struct live *l, const struct ir *ir, struct arena *a, struct trouble *t)
{
	struct attachment *v;
	size_t n, i;
	int r;

	r = attach_list(&l->pins, a, &v, &n, t);
	for (i = 0; !r && i < n; i++)
		if (!is_wanted(ir, &v[i]))
			r = attach_remove(&l->pins, v[i].ifindex, v[i].hook, t);
	if (r || (ir && ir->uses_ct))
		return r;
	r = pins_remove(&l->pins, pin_names[ATTACH_OUT]); /* it keeps the flow table */
	return r ? trouble(t, r, "can't remove pin '%s': %s", pin_names[ATTACH_OUT], errno_words(r)) : 0;
}
