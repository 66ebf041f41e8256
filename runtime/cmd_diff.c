/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_diff.c - 'zfwc diff': what apply would change, as rules and, on request,
 * as entries of maps. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <compiler/base/buf.h>
#include <compiler/ir.h>
#include <compiler/listing_diff.h>
#include <runtime/cmd.h>
#include <runtime/cmd_installed.h>
#include <runtime/cmd_session.h>
#include <runtime/diag_json.h>
#include <runtime/live.h>
#include <runtime/options.h>
#include <runtime/routing.h>

/* The two sides.  When nothing is live, that one is empty. */
struct comparison {
	struct session session;
	struct installed live;
	struct facts facts;
	struct compiled compiled;
	struct listing listing;
	struct routing routing;
	struct image image;
	struct buf out;
	uint64_t map_changes;
};

/* ---- both sides ---- */

static int load_wanted(struct comparison *c, const char *path)
{
	struct session *s = &c->session;
	size_t source;

	if (session_read(s, path, &source) || session_facts(s, false, &c->facts))
		return -1;
	if (session_compile(s, source, &c->facts, &c->compiled))
		return -1;
	listing_make(c->compiled.ruleset, &s->sources, &(struct listing_options){ .element_per_line = true }, s->arena,
		     &c->listing);
	stages_done(&s->stages, "listing");
	return 0;
}

static int load_live(struct comparison *c)
{
	struct session *s = &c->session;
	struct trouble t = { 0 };
	int r;

	r = installed_open(s->options, s->arena, &c->live, &t);
	if (!r)
		r = installed_recover(&c->live, s->arena, &t);
	stages_done(&s->stages, "read back");
	return r && r != -ENOENT ? report_trouble(&t) : 0;
}

static int emit_wanted(struct comparison *c)
{
	struct session *s = &c->session;
	struct emit_options options;
	struct trouble t = { 0 };

	if (installed_routing(c->live.live, c->compiled.ir, &c->routing, &t))
		return report_trouble(&t);
	options.mark = c->routing.mark;
	emit_image(c->compiled.ir, &c->facts, &options, c->live.live ? &c->live.found : NULL, &s->diag, s->arena,
		   &c->image);
	stages_done(&s->stages, "emit");
	return session_say(s);
}

/* ---- differences ---- */

/* The egress program is attached for the sake of ct state alone. */
/* 'ct state' needs both directions to know the flows. */
static bool is_attached(const struct live_interface *v, size_t n, const struct ir_attach *at, bool both)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].index == at->index)
			return v[i].ingress == (at->ingress || both) && v[i].egress == (at->egress || both);
	return false;
}

static bool is_wanted(const struct ir *ir, uint32_t index)
{
	for (size_t i = 0; i < ir->n_attach; i++)
		if (ir->attach[i].index == index)
			return true;
	return false;
}

static int diff_interfaces(struct comparison *c)
{
	const struct ir *ir = c->compiled.ir;
	struct live_interface *v = NULL;
	size_t n = 0;
	int r;

	r = c->live.live ? live_interfaces(c->live.live, c->session.arena, &v, &n) : 0;
	if (r)
		return report_error("can't read what the programs are attached to: %s", strerror(-r));
	for (size_t i = 0; i < ir->n_attach; i++)
		if (!is_attached(v, n, &ir->attach[i], ir->uses_ct))
			buf_printf(&c->out, "+ interface %s\n", ir->attach[i].name);
	for (size_t i = 0; i < n; i++)
		if (!is_wanted(ir, v[i].index))
			buf_printf(&c->out, "- interface %s\n", v[i].name[0] ? v[i].name : "(gone)");
	return 0;
}

/* The mark, rule and route that deliver what is intercepted. */
static int diff_routing(struct comparison *c)
{
	const struct ir *was = c->live.compiled.ir;
	struct routing_state found = { 0 };
	struct trouble t = { 0 };

	if (!c->routing.mark) {
		if (was && was->uses_tproxy)
			buf_puts(&c->out, "- routing of intercepted packets\n");
		return 0;
	}
	if (routing_read(&c->routing, &found, &t))
		return report_trouble(&t);
	if (!routing_complete(&found))
		buf_puts(&c->out, "+ routing of intercepted packets\n");
	return 0;
}

static void print_origin(struct comparison *c, uint32_t origin)
{
	const struct ir *ir = c->compiled.ir;
	struct position p;

	if (origin < ir->n_rules && sources_locate(&c->session.sources, ir->rules[origin]->span.at, &p))
		buf_printf(&c->out, "\t# %s:%" PRIu32, p.source->name, p.line);
}

static void print_was(struct comparison *c, const struct change *change)
{
	struct buf old = { .arena = c->session.arena };
	const char *value;

	element_print(change->map, change->key, change->old, &old);
	value = strstr(old.text, " = ");
	buf_printf(&c->out, " (was %s)", value ? value + strlen(" = ") : old.text);
}

static int print_change(const struct change *change, void *ctx)
{
	static const char signs[] = { [CHANGE_ADD] = '+', [CHANGE_SET] = '~', [CHANGE_DELETE] = '-' };
	struct comparison *c = ctx;

	buf_printf(&c->out, "%c ", signs[change->kind]);
	element_print(change->map, change->key, change->kind == CHANGE_DELETE ? change->old : change->value, &c->out);
	if (change->kind == CHANGE_SET)
		print_was(c, change);
	print_origin(c, change->origin);
	buf_putc(&c->out, '\n');
	return 0;
}

static int count_change(const struct change *change, void *ctx)
{
	struct comparison *c = ctx;

	(void)change;
	c->map_changes++;
	return 0;
}

/* Without --maps, entries are worth a line only when nothing else explains them. */
static void diff_maps(struct comparison *c)
{
	bool explained = c->out.len > 0;

	image_diff(&c->live.found, &c->image, count_change, c);
	if (option_given(c->session.options, OPTION(MAPS)))
		image_diff(&c->live.found, &c->image, print_change, c);
	else if (c->map_changes && !explained)
		buf_printf(&c->out, "the rules are the same, but %" PRIu64 " map %s: --maps shows them\n",
			   c->map_changes, c->map_changes == 1 ? "entry differs" : "entries differ");
}

/* ---- the command ---- */

static int compare(struct comparison *c)
{
	struct session *s = &c->session;
	int r;

	c->out.arena = s->arena;
	buf_puts(&c->out, "");
	listing_diff_print(&c->live.listing, &c->listing, s->arena, &c->out);
	r = diff_interfaces(c);
	if (!r)
		r = diff_routing(c);
	if (!r)
		diff_maps(c);
	stages_done(&s->stages, "compare");
	return r;
}

int cmd_diff(const struct options *o, struct arena *a)
{
	struct comparison c = { 0 };
	int r;

	session_start(&c.session, o, a);
	c.session.log = session_log(o, a);
	r = load_wanted(&c, o->args[0]);
	if (!r)
		r = load_live(&c);
	if (!r)
		r = emit_wanted(&c);
	if (!r)
		r = compare(&c);
	installed_close(&c.live);
	if (r) {
		diag_log_print(&c.session.log);
		return DIFF_TROUBLE;
	}
	session_end(&c.session, "changes", &c.out, NULL);
	return c.out.len ? DIFF_DIFFERENT : DIFF_SAME;
}
