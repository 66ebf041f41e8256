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
 * anew. */
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
static int ensure_program(struct live *l, enum attach_hook hook, struct attach_programs *ret, struct trouble *t)
{
	_close_ int fd = pins_get(&l->pins, pin_names[hook]);
	int64_t id;
	int r;

	if (fd < 0 || l->meta.attached_object != load_object_number() || !program_uses(fd, l->jump)) {
		owned_close(&fd);
		fd = hook == ATTACH_IN ? load_entry(l->jump, t) : load_egress(l->jump, t);
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

/* Flows are seen in both directions, or not known. */
static bool wants_hook(const struct ir *ir, const struct ir_attach *at, enum attach_hook hook)
{
	return ir->uses_ct || (hook == ATTACH_IN ? at->ingress : at->egress);
}

static bool any_wants(const struct ir *ir, enum attach_hook hook)
{
	size_t i;

	for (i = 0; ir && i < ir->n_attach; i++)
		if (wants_hook(ir, &ir->attach[i], hook))
			return true;
	return false;
}

static int ensure_hook(struct live *l, const struct ir *ir, enum attach_hook hook,
		       const struct attach_programs *programs, bool force_clsact, struct arena *a, struct attached *ret,
		       struct trouble *t)
{
	size_t i;
	bool added;
	int r = 0;

	for (i = 0; !r && i < ir->n_attach; i++) {
		if (!wants_hook(ir, &ir->attach[i], hook))
			continue;
		r = attach_add(&l->pins, ir->attach[i].index, hook, programs, force_clsact, &added, t);
		if (added)
			*vec_push(a, ret) = (struct attached_at){ ir->attach[i].index, hook };
	}
	return r;
}

int attached_ensure(struct live *l, const struct ir *ir, bool force_clsact, struct arena *a, struct attached *ret,
		    struct trouble *t)
{
	/* The way out first: what it records, the way in looks for. */
	static const enum attach_hook order[] = { ATTACH_OUT, ATTACH_IN };
	struct attach_programs programs = { .fd = { -1, -1 } };
	int i, r = 0;

	for (i = 0; !r && i < ATTACH_HOOKS; i++)
		if (any_wants(ir, order[i]))
			r = ensure_program(l, order[i], &programs, t);
	for (i = 0; !r && i < ATTACH_HOOKS; i++)
		r = ensure_hook(l, ir, order[i], &programs, force_clsact, a, ret, t);
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

	for (i = 0; ir && i < ir->n_attach; i++)
		if (ir->attach[i].index == at->ifindex)
			return wants_hook(ir, &ir->attach[i], at->hook);
	return false;
}

int attached_prune(struct live *l, const struct ir *ir, struct arena *a, struct trouble *t)
{
	enum attach_hook hook;
	struct attachment *v;
	size_t n, i;
	int r;

	r = attach_list(&l->pins, a, &v, &n, t);
	for (i = 0; !r && i < n; i++)
		if (!is_wanted(ir, &v[i]))
			r = attach_remove(&l->pins, v[i].ifindex, v[i].hook, t);
	for (hook = 0; !r && hook < ATTACH_HOOKS; hook++) {
		if (any_wants(ir, hook))
			continue;
		r = pins_remove(&l->pins, pin_names[hook]);
		if (r)
			trouble(t, r, "can't remove pin '%s': %s", pin_names[hook], errno_words(r));
	}
	return r;
}
