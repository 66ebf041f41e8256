/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_apply.c - 'zfwc apply': a file becomes the live ruleset. */
#include <stdio.h>

#include <compiler/base/buf.h>
#include <compiler/facts.h>
#include <compiler/image.h>
#include <compiler/ir.h>
#include <compiler/listing.h>
#include <runtime/cmd.h>
#include <runtime/cmd_installed.h>
#include <runtime/cmd_session.h>
#include <runtime/diag_json.h>
#include <runtime/live.h>
#include <runtime/options.h>

#define NAMES_SHOWN 8 /* interfaces in the line that says what was done */

/* What was decided, ready to be written. */
struct applying {
	struct session session;
	struct facts facts;
	struct compiled compiled;
	struct buf source;
	struct live_stats stats;
};

static int prepare(struct applying *p, const char *path)
{
	struct session *s = &p->session;
	struct listing listing;
	size_t source;

	if (session_read(s, path, &source) || session_facts(s, false, &p->facts))
		return -1;
	if (session_compile(s, source, &p->facts, &p->compiled))
		return -1;
	/* Element by element, as diff compares it with what comes next. */
	listing_make(p->compiled.ruleset, &s->sources, &(struct listing_options){ .element_per_line = true }, s->arena,
		     &listing);
	p->source.arena = s->arena;
	installed_pack(&listing, &p->facts, &p->source);
	stages_done(&s->stages, "listing");
	return 0;
}

/* Trouble that a rule caused is shown at the rule. */
static int report_refusal(struct applying *p, const struct trouble *t)
{
	const struct ir *ir = p->compiled.ir;
	struct diag *d = &p->session.diag;

	if (t->text[0] && t->origin < ir->n_rules && span_known(ir->rules[t->origin]->span))
		diag_error(d, DIAG_KERNEL, ir->rules[t->origin]->span, "%s", t->text);
	else if (t->text[0])
		report_trouble(t);
	session_say(&p->session);
	return -1;
}

static int write_live(struct applying *p)
{
	const struct options *o = p->session.options;
	struct place place = { .instance = o->instance };
	struct live_wanted wanted = {
		.ir = p->compiled.ir,
		.facts = &p->facts,
		.source = p->source.text,
		.source_len = p->source.len,
		.force_clsact = option_given(o, OPTION(CLSACT)),
	};
	struct trouble t = { .origin = ORIGIN_NONE };
	struct live *l = NULL;
	int r;

	r = live_open(&place, LIVE_WRITE, LOCK_TIMEOUT_S, &l, &t);
	if (!r)
		r = live_apply(l, &wanted, &p->session.diag, &p->stats, &t);
	live_close(&l);
	return r ? report_refusal(p, &t) : 0;
}

/* The kernel's part measures itself; what it doesn't name is "other". */
static void add_live_stages(struct applying *p)
{
	struct stages *s = &p->session.stages;
	const struct live_stats *l = &p->stats;
	unsigned int other = s->n;

	stages_done(s, "other");
	s->v[other].seconds -= l->read_s + l->emit_s + l->write_s + l->grace_s + l->attach_s;
	stages_add(s, "read back", l->read_s);
	stages_add(s, "emit", l->emit_s);
	stages_add(s, "write", l->write_s);
	stages_add(s, "grace", l->grace_s);
	stages_add(s, "attach", l->attach_s);
}

static void format_interfaces(struct buf *out, const struct ir *ir)
{
	for (size_t i = 0; i < ir->n_attach && i < NAMES_SHOWN; i++)
		buf_printf(out, "%s%s", i ? ", " : "", ir->attach[i].name);
	if (ir->n_attach > NAMES_SHOWN)
		buf_printf(out, " and %zu more", ir->n_attach - NAMES_SHOWN);
	if (!ir->n_attach)
		buf_puts(out, "no interface");
}

static void report_done(struct applying *p, const char *name)
{
	struct buf out = { .arena = p->session.arena };
	uint64_t writes = p->stats.writes + p->stats.deletes;

	if (!writes) {
		buf_printf(&out, "%s: no changes, 0 map writes\n", name);
	} else {
		buf_printf(&out, "applied %s: ", name);
		format_count(&out, p->compiled.ruleset->n_rules, "rule");
		buf_puts(&out, " on ");
		format_interfaces(&out, p->compiled.ir);
		buf_puts(&out, "; ");
		format_count(&out, writes, "map write");
		buf_putc(&out, '\n');
	}
	session_end(&p->session, "done", &out, &p->stats);
}

int cmd_apply(const struct options *o, struct arena *a)
{
	struct applying p = { 0 };

	if (option_given(o, OPTION(DRY_RUN)))
		return cmd_diff(o, a);
	if (option_given(o, OPTION(MAPS))) {
		report_error("apply takes '--maps' only with '--dry-run'");
		return 1;
	}
	session_start(&p.session, o, a);
	p.session.log = session_log(o, a);
	if (prepare(&p, o->args[0]) || write_live(&p)) {
		diag_log_print(&p.session.log);
		return 1;
	}
	add_live_stages(&p);
	report_done(&p, p.session.sources.v[0].name);
	return 0;
}
