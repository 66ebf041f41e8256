/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_status.c - 'zfwc status': what is attached and installed, how full the
 * maps are, and what isn't as the rules want it. */
#include <runtime/cmd_status.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/facts.h>
#include <compiler/image.h>
#include <compiler/ir.h>
#include <runtime/bpf_sys.h>
#include <runtime/cmd.h>
#include <runtime/cmd_installed.h>
#include <runtime/facts_file.h>
#include <runtime/json.h>
#include <runtime/options.h>
#include <runtime/owned.h>
#include <runtime/report.h>
#include <runtime/trouble.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/* ---- what isn't as it should be ---- */

static const struct fact_interface *fact_by_index(const struct facts *f, uint32_t index)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].index == index)
			return &f->v[i];
	return NULL;
}

static bool has_address(const struct fact_interface *f, uint8_t families)
{
	for (size_t i = 0; i < f->n_addrs; i++)
		if (families & (f->addrs[i].family == AF_INET ? IR_V4 : IR_V6))
			return true;
	return false;
}

static const char *family_words(uint8_t families)
{
	return (families & IR_V4) && (families & IR_V6) ? "" : families & IR_V4 ? "IPv4 " : "IPv6 ";
}

static void note(struct status_view *v, struct arena *a, const char *text)
{
	for (size_t i = 0; i < v->notes.n; i++)
		if (strcmp(v->notes.v[i], text) == 0)
			return;
	*vec_push(a, &v->notes) = text;
}

/* ssh-local fails closed, so it must be told when it can't match. */
static void note_unaddressed(struct status_view *v, const struct installed *in, struct arena *a)
{
	const struct ir *ir = in->compiled.ir;

	for (size_t i = 0; i < ir->n_rules; i++) {
		const struct ir_rule *r = ir->rules[i];

		for (size_t k = 0; ir_has_op(r, IR_LOCAL) && k < r->interfaces->n; k++) {
			const struct fact_interface *f = fact_by_index(&in->facts, r->interfaces->v[k]);

			if (f && !has_address(f, r->families))
				note(v, a,
				     arena_printf(a, "ssh-local matches nothing on %s: the interface has no %saddress",
						  f->name, family_words(r->families)));
		}
	}
}

static void note_gone(struct status_view *v, struct arena *a)
{
	for (size_t i = 0; i < v->n_interfaces; i++)
		if (!v->interfaces[i].name[0])
			note(v, a, arena_printf(a, "interface %" PRIu32 " is gone", v->interfaces[i].index));
}

static void note_routing(struct status_view *v, const struct ir *ir, struct arena *a)
{
	const struct live_status *l = &v->live;

	if (!ir->uses_tproxy)
		return;
	if (!l->rule4 || !l->route4 || (!l->no_ipv6 && (!l->rule6 || !l->route6)))
		note(v, a, "the routing of intercepted packets isn't complete; apply the rules again");
	if (l->lo_down)
		note(v, a, "nothing is intercepted while the interface lo is down: 'ip link set lo up'");
	if (l->src_valid_mark)
		note(v, a, "nothing is intercepted while net.ipv4.conf.all.src_valid_mark is 1: set it to 0");
}

/* What an older kernel can't do.  tcx is what can be asked for; assigning to
 * sockets with SO_REUSEPORT came with the same release. */
static void note_kernel(struct status_view *v, struct arena *a)
{
	if (!sys_has_tcx())
		note(v, a, "this kernel is older than Linux 6.6: attached by clsact filters, for want of tcx links");
}

static void note_reuseport(struct status_view *v, const struct ir *ir, struct arena *a)
{
	if (ir->uses_tproxy && !sys_has_tcx())
		note(v, a,
		     "this kernel is older than Linux 6.6: tproxy doesn't match when the listener has SO_REUSEPORT");
}

static int count_change(const struct change *c, void *ctx)
{
	uint64_t *n = ctx;

	(void)c;
	++*n;
	return 0;
}

static void note_drift(struct status_view *v, const struct installed *in, struct arena *a)
{
	uint64_t n = 0;

	image_diff(&in->found, &in->meant, count_change, &n);
	if (n)
		note(v, a,
		     arena_printf(a,
				  "%" PRIu64 " map %s what the rules and the addresses of the interfaces want now; "
				  "apply the rules again",
				  n, n == 1 ? "entry isn't" : "entries aren't"));
}

/* Rules that can't be recovered are one more thing to tell. */
static void look_at_rules(struct status_view *v, struct installed *in, struct arena *a)
{
	struct trouble t = { 0 };

	if (installed_recover(in, a, &t)) {
		note(v, a, arena_strndup(a, t.text, strlen(t.text)));
		return;
	}
	v->n_rules = in->compiled.ruleset->n_rules;
	note_unaddressed(v, in, a);
	note_routing(v, in->compiled.ir, a);
	note_reuseport(v, in->compiled.ir, a);
	note_drift(v, in, a);
}

static uint64_t netns_cookie(void)
{
	_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	if (fd >= 0)
		getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len);
	return cookie;
}

static int gather(struct status_view *v, struct installed *in, struct arena *a, struct trouble *t)
{
	int r;

	v->netns = netns_cookie();
	r = live_status(in->live, &v->live, t);
	if (r)
		return r;
	r = live_interfaces(in->live, a, &v->interfaces, &v->n_interfaces);
	if (r)
		return trouble(t, r, "can't read what the programs are attached to: %s", strerror(-r));
	note_gone(v, a);
	note_kernel(v, a);
	look_at_rules(v, in, a);
	return 0;
}

/* ---- text ---- */

static void print_interfaces(const struct status_view *v)
{
	for (size_t i = 0; i < v->n_interfaces; i++) {
		const struct live_interface *f = &v->interfaces[i];
		const char *where = f->ingress && f->egress ? "ingress, egress"
				    : f->ingress	    ? "ingress"
				    : f->egress		    ? "egress"
							    : "nothing";

		if (f->name[0])
			printf("%-12s %s  %s by %s\n", i ? "" : "interfaces", f->name, where,
			       f->tcx ? "tcx" : "clsact");
		else
			printf("%-12s (interface %" PRIu32 " is gone)\n", i ? "" : "interfaces", f->index);
	}
	if (!v->n_interfaces)
		printf("%-12s none\n", "interfaces");
}

static const char *families(bool v4, bool v6)
{
	return v4 && v6 ? "IPv4, IPv6" : v4 ? "IPv4" : v6 ? "IPv6" : "missing";
}

static void print_routing(const struct live_status *l)
{
	if (!l->mark) {
		printf("%-12s none\n", "routing");
		return;
	}
	printf("%-12s rule %" PRIu32 ": fwmark 0x%" PRIx32 " lookup %" PRIu32 " (%s)\n", "routing", l->rule_priority,
	       l->mark, l->table, families(l->rule4, l->rule6));
	printf("%-12s route in table %" PRIu32 ": local default dev lo (%s)\n", "", l->table,
	       families(l->route4, l->route6));
}

static void print_memory(const struct status_view *v, struct arena *a)
{
	struct buf text = { .arena = a };

	format_size(&text, v->live.memory);
	buf_puts(&text, " of rules, ");
	format_size(&text, v->live.flow_memory);
	buf_puts(&text, " of flows");
	printf("%-12s %s\n", "memory", text.text);
}

static void print_maps(const struct live_status *l)
{
	printf("%-12s %-10s %10s %10s\n", "maps", "", "entries", "capacity");
	for (int m = 0; m < MAP_COUNT; m++)
		printf("%-12s %-10s %10" PRIu32 " %10" PRIu32 "\n", "", map_descs[m].name, l->entries[m],
		       l->capacity[m]);
}

static void print_status(const struct status_view *v, struct arena *a)
{
	printf("%-12s %s\n", "instance", v->instance);
	printf("%-12s %" PRIx64 "\n", "netns", v->netns);
	printf("%-12s %" PRIu64 "\n", "generation", v->live.generation);
	printf("%-12s %zu\n", "rules", v->n_rules);
	print_interfaces(v);
	print_routing(&v->live);
	print_memory(v, a);
	printf("%-12s %" PRIu32 "\n", "flows", v->live.flows);
	print_maps(&v->live);
	for (size_t i = 0; i < v->notes.n; i++)
		printf("%-12s %s\n", i ? "" : "note", v->notes.v[i]);
}

/* ---- the command ---- */

static int show_nothing(const struct options *o)
{
	if (option_given(o, OPTION(JSON)))
		json_print_status(NULL, instance_name(o));
	else
		printf("no rules are live in instance '%s'\n", instance_name(o));
	return 0;
}

static int show_facts(struct arena *a)
{
	struct trouble t = { 0 };
	struct facts facts;

	if (host_facts(a, &facts, &t)) {
		report_trouble(&t);
		return 1;
	}
	facts_print(&facts);
	return 0;
}

int cmd_status(const struct options *o, struct arena *a)
{
	struct status_view v = { .instance = instance_name(o) };
	struct trouble t = { 0 };
	struct installed in;
	int r;

	if (option_given(o, OPTION(SHOW_FACTS)))
		return show_facts(a);
	r = installed_open(o, a, &in, &t);
	if (r == -ENOENT)
		return show_nothing(o);
	if (!r)
		r = gather(&v, &in, a, &t);
	installed_close(&in);
	if (r)
		report_trouble(&t);
	else if (option_given(o, OPTION(JSON)))
		json_print_status(&v, v.instance);
	else
		print_status(&v, a);
	return r ? 1 : 0;
}
