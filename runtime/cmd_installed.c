/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_installed.c - the live ruleset, found again. */
#include <runtime/cmd_installed.h>

#include <errno.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/ir.h>
#include <runtime/live.h>
#include <runtime/options.h>
#include <runtime/routing.h>
#include <runtime/store.h>
#include <runtime/trouble.h>

const char *instance_name(const struct options *o)
{
	return o->instance ? o->instance : "default";
}

int installed_routing(const struct live *live, const struct ir *ir, struct routing *ret, struct trouble *t)
{
	*ret = (struct routing){ 0 };
	if (!ir->uses_tproxy)
		return 0;
	if (live)
		*ret = store_routing(live);
	return ret->mark ? 0 : routing_choose(ret, t);
}

/* "devices eth0 eth1" in a line of its own, before the rest. */
#define DEVICES "devices"

void installed_pack(const struct listing *l, const struct facts *facts, struct buf *out)
{
	if (facts->n_devices) {
		buf_puts(out, DEVICES);
		for (size_t i = 0; i < facts->n_devices; i++)
			buf_printf(out, " %s", facts->devices[i]);
		buf_putc(out, '\n');
	}
	listing_pack(l, out);
}

static void read_devices(struct facts *facts, const char *line, size_t len, struct arena *a)
{
	char *text = arena_strndup(a, line, len), *rest = NULL;
	struct {
		const char **v;
		size_t n, cap;
	} names = { 0 };

	for (char *name = strtok_r(text, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
		*vec_push(a, &names) = name;
	facts->devices = names.v;
	facts->n_devices = names.n;
}

static int unpack(struct installed *i, const char *blob, size_t len, struct arena *a)
{
	const size_t word = strlen(DEVICES " ");
	const char *end = memchr(blob, '\n', len);

	if (len > word && end && !memcmp(blob, DEVICES " ", word)) {
		read_devices(&i->facts, blob + word, (size_t)(end - blob) - word, a);
		len -= (size_t)(end + 1 - blob);
		blob = end + 1;
	}
	return listing_unpack(blob, len, a, &i->listing);
}

static int read_listing(struct installed *i, struct arena *a, struct trouble *t)
{
	const char *blob;
	size_t len;
	int r;

	r = live_read_source(i->live, a, &blob, &len, t);
	if (r)
		return r;
	if (unpack(i, blob, len, a))
		return trouble(t, -EBADMSG, "the rules stored beside the maps can't be read back; apply a file again");
	return 0;
}

/* What was accepted once is accepted again, unless this is another version. */
static int compile_listing(struct installed *i, struct arena *a, struct trouble *t)
{
	struct compile_options options = { 0 };
	struct buf text = { .arena = a };

	listing_print(&i->listing, &text);
	i->sources.arena = a;
	i->diag = (struct diag){ .arena = a, .sources = &i->sources };
	sources_add(&i->sources, "<live>", text.text, text.len, SPAN_NONE);
	if (compile(0, &i->sources, &i->facts, &options, &i->diag, a, &i->compiled))
		return trouble(t, -EBADMSG,
			       "the live rules are of another version: this one says '%s'; "
			       "apply a file again",
			       i->diag.v[0].text);
	return 0;
}

static int emit_listing(struct installed *i, struct arena *a, struct trouble *t)
{
	struct emit_options options;
	struct routing routing;
	int r;

	r = live_read_image(i->live, a, &i->found, t);
	if (!r)
		r = installed_routing(i->live, i->compiled.ir, &routing, t);
	if (r)
		return r;
	options.mark = routing.mark;
	if (emit_image(i->compiled.ir, &i->facts, &options, &i->found, &i->diag, a, &i->meant))
		return trouble(t, -EBADMSG, "the live rules don't fit the maps they are in; apply a file again");
	return 0;
}

int installed_compile(struct installed *i, struct arena *a, struct trouble *t)
{
	int r = read_listing(i, a, t);

	return r ? r : compile_listing(i, a, t);
}

int installed_recover(struct installed *i, struct arena *a, struct trouble *t)
{
	int r = installed_compile(i, a, t);

	return r ? r : emit_listing(i, a, t);
}

int installed_open(const struct options *o, struct arena *a, struct installed *ret, struct trouble *t)
{
	struct place place = { .instance = o->instance };
	int r;

	*ret = (struct installed){ 0 };
	r = host_facts(a, &ret->facts, t);
	if (r)
		return r;
	ret->facts.assume = true;
	r = live_open(&place, LIVE_READ, 0, &ret->live, t);
	if (!r && live_is_empty(ret->live)) {
		live_close(&ret->live);
		r = -ENOENT;
	}
	return r;
}

void installed_close(struct installed *i)
{
	live_close(&i->live);
}
