/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <runtime/attach.h>
#include <runtime/bpf_sys.h>
#include <runtime/filter.h>
#include <runtime/owned.h>
#include <runtime/pins.h>
#include <runtime/trouble.h>

static const char *const hook_names[ATTACH_HOOKS] = { "in", "out" };
static const int tcx_types[ATTACH_HOOKS] = { SYS_TCX_INGRESS, SYS_TCX_EGRESS };

/* ---- names of pins ---- */

enum form { FORM_TCX, FORM_CLSACT };

struct pin_name {
	char text[48];
};

static struct pin_name pin_name(uint32_t ifindex, enum attach_hook hook, enum form form)
{
	struct pin_name n;

	snprintf(n.text, sizeof(n.text), "links/%" PRIu32 "-%s%s", ifindex, hook_names[hook],
		 form == FORM_CLSACT ? "-tc" : "");
	return n;
}

static struct pin_name qdisc_name(uint32_t ifindex)
{
	struct pin_name n;

	snprintf(n.text, sizeof(n.text), "links/%" PRIu32 "-qdisc", ifindex);
	return n;
}

/* False for the names of other things. */
static bool parse_name(const char *entry, struct attachment *ret)
{
	char *end;
	unsigned long index = strtoul(entry, &end, 10);
	int hook, form;

	for (hook = 0; hook < ATTACH_HOOKS; hook++)
		for (form = FORM_TCX; form <= FORM_CLSACT; form++)
			if (!strcmp(pin_name(index, hook, form).text + strlen("links/"), entry)) {
				*ret = (struct attachment){ index, hook, form == FORM_TCX, false };
				return true;
			}
	return false;
}

/* ---- what is there ---- */

struct listing {
	struct arena *arena;
	struct attachment *v;
	size_t n, cap;
};

static int list_entry(const char *entry, void *ctx)
{
	struct listing *l = ctx;
	struct attachment at;

	if (parse_name(entry, &at))
		*vec_push(l->arena, l) = at;
	return 0;
}

static int by_place(const void *x, const void *y)
{
	const struct attachment *a = x, *b = y;

	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	return (int)a->hook - (int)b->hook;
}

/* The program that the pinned link runs at its interface; 0: at none. */
static uint32_t tcx_program(const struct pins *p, uint32_t ifindex, enum attach_hook hook)
{
	_close_ int fd = pins_get(p, pin_name(ifindex, hook, FORM_TCX).text);
	uint32_t at, id;

	return fd >= 0 && !sys_link_read(fd, &at, &id) && at == ifindex ? id : 0;
}

static int64_t pinned_program(const struct pins *p, const char *name)
{
	_close_ int fd = pins_get(p, name);

	return fd < 0 ? fd : sys_program_id(fd);
}

/* The same for a filter: the pin is of the program that was attached, unless
 * somebody was killed before he could pin the one he had put in its place. */
static int clsact_filter(const struct pins *p, uint32_t ifindex, enum attach_hook hook, struct filter_place *ret,
			 uint32_t *runs)
{
	int64_t id = pinned_program(p, pin_name(ifindex, hook, FORM_CLSACT).text);
	int r;

	*ret = (struct filter_place){ 0 };
	if (id == -ENOENT)
		return 0;
	r = id < 0 ? (int)id : filter_find(ifindex, hook, id, ret);
	if (!r && !ret->found) {
		id = pinned_program(p, hook == ATTACH_IN ? "entry" : "egress");
		r = id > 0 ? filter_find(ifindex, hook, id, ret) : 0;
	}
	*runs = id > 0 ? id : 0;
	return r;
}

static bool is_active(const struct pins *p, const struct attachment *at)
{
	struct filter_place place;
	uint32_t runs;

	if (at->tcx)
		return tcx_program(p, at->ifindex, at->hook) != 0;
	return !clsact_filter(p, at->ifindex, at->hook, &place, &runs) && place.found;
}

int attach_list(const struct pins *p, struct arena *a, struct attachment **v, size_t *n, struct trouble *t)
{
	struct listing l = { .arena = a };
	size_t i;
	int r = pins_list(p, "links", list_entry, &l);

	if (r)
		return trouble(t, r, "can't read the pinned links: %s", errno_words(r));
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_place);
	for (i = 0; i < l.n; i++)
		l.v[i].active = is_active(p, &l.v[i]);
	*v = l.v;
	*n = l.n;
	return 0;
}

/* ---- tcx ---- */

static int tcx_add(const struct pins *p, uint32_t ifindex, enum attach_hook hook, int program)
{
	_close_ int link = -1;
	int r;

	link = sys_tcx_link(program, ifindex, tcx_types[hook], true);
	if (link < 0)
		return link;
	/* An unpinned link ends with its descriptor: nothing to undo.  The pin of a
	 * dead link must not be in the way: under the name that a replacement has for
	 * a moment nobody would find a living one. */
	r = pins_mkdir(p, "links");
	if (!r)
		r = pins_remove(p, pin_name(ifindex, hook, FORM_TCX).text);
	return r ? r : pins_put(p, pin_name(ifindex, hook, FORM_TCX).text, link);
}

static int tcx_update(const struct pins *p, uint32_t ifindex, enum attach_hook hook, int program)
{
	_close_ int link = pins_get(p, pin_name(ifindex, hook, FORM_TCX).text);

	return link < 0 ? link : sys_link_update(link, program);
}

/* ---- clsact ---- */

/* The pins come first: killed behind them, the next one knows where to look. */
static int clsact_add(const struct pins *p, uint32_t ifindex, enum attach_hook hook, int program)
{
	bool had_mark = pins_exist(p, qdisc_name(ifindex).text);
	int r = pins_mkdir(p, "links");

	if (!r)
		r = pins_put(p, pin_name(ifindex, hook, FORM_CLSACT).text, program);
	if (!r && !had_mark)
		r = pins_put(p, qdisc_name(ifindex).text, program);
	if (r)
		return r;
	r = clsact_make(ifindex);
	if (r == -EEXIST) {
		r = had_mark ? 0 : pins_remove(p, qdisc_name(ifindex).text);
	}
	return r ? r : filter_add(ifindex, hook, program);
}

static int clsact_update(const struct pins *p, uint32_t ifindex, enum attach_hook hook, const struct filter_place *at,
			 int program)
{
	int r = filter_replace(ifindex, hook, at, program);

	return r ? r : pins_put(p, pin_name(ifindex, hook, FORM_CLSACT).text, program);
}

static int clsact_remove(const struct pins *p, uint32_t ifindex, enum attach_hook hook)
{
	struct filter_place at;
	uint32_t runs;
	int r = clsact_filter(p, ifindex, hook, &at, &runs);

	if (!r && at.found)
		r = filter_delete(ifindex, hook, &at);
	if (!r)
		r = pins_remove(p, pin_name(ifindex, hook, FORM_CLSACT).text);
	if (r || !pins_exist(p, qdisc_name(ifindex).text) || pins_exist(p, pin_name(ifindex, !hook, FORM_CLSACT).text))
		return r;
	r = clsact_drop_if_empty(ifindex);
	return r ? r : pins_remove(p, qdisc_name(ifindex).text);
}

/* ---- both ---- */

static int attach_trouble(int r, uint32_t ifindex, enum attach_hook hook, struct trouble *t)
{
	char name[IF_NAMESIZE] = "";

	if (!if_indextoname(ifindex, name))
		return trouble(t, r, "can't attach to interface %" PRIu32 ": the interface is gone", ifindex);
	return trouble(t, r, "can't attach to the %s of interface '%s': %s", hook == ATTACH_IN ? "ingress" : "egress",
		       name, errno_words(r));
}

int attach_add(const struct pins *p, uint32_t ifindex, enum attach_hook hook, const struct attach_programs *programs,
	       bool force_clsact, bool *added, struct trouble *t)
{
	uint32_t wanted = programs->id[hook], runs = tcx_program(p, ifindex, hook);
	struct filter_place at;
	int r;

	*added = false;
	if (runs) {
		r = runs == wanted ? 0 : tcx_update(p, ifindex, hook, programs->fd[hook]);
		return r ? attach_trouble(r, ifindex, hook, t) : 0;
	}
	r = clsact_filter(p, ifindex, hook, &at, &runs);
	if (r)
		return attach_trouble(r, ifindex, hook, t);
	if (at.found) {
		r = runs == wanted ? 0 : clsact_update(p, ifindex, hook, &at, programs->fd[hook]);
		return r ? attach_trouble(r, ifindex, hook, t) : 0;
	}
	*added = true;
	if (!force_clsact && sys_has_tcx())
		r = tcx_add(p, ifindex, hook, programs->fd[hook]);
	else
		r = clsact_add(p, ifindex, hook, programs->fd[hook]);
	return r ? attach_trouble(r, ifindex, hook, t) : 0;
}

int attach_remove(const struct pins *p, uint32_t ifindex, enum attach_hook hook, struct trouble *t)
{
	_close_ int link = pins_get(p, pin_name(ifindex, hook, FORM_TCX).text);
	int r;

	/* Removing the pin isn't enough: another process may hold the link open. */
	r = link < 0 ? 0 : sys_link_detach(link);
	if (!r)
		r = pins_remove(p, pin_name(ifindex, hook, FORM_TCX).text);
	if (!r)
		r = clsact_remove(p, ifindex, hook);
	if (r)
		return trouble(t, r, "can't detach from interface %" PRIu32 ": %s", ifindex, errno_words(r));
	return 0;
}
