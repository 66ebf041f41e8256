/* SPDX-License-Identifier: GPL-2.0-only */
#include <tests/unit/live_fixture.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <compiler/base/arena.h>
#include <runtime/counters.h>
#include <runtime/copy.h>
#include <runtime/store.h>

const char *fixture_obstacle(void)
{
	if (geteuid())
		return "needs root: maps, programs and network namespaces are made";
	return NULL;
}

int fixture_command(const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int status;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	status = system(text);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- begin and end ---- */

static void make_namespace(void)
{
	size_t i;

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	/* Counters must stay as tests left them: no packets by the host's own doing. */
	assert_int_equal(fixture_command("ip link set lo up && echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"),
			 0);
	for (i = 1; i < random_facts.n; i++)
		assert_int_equal(fixture_command("ip link add %s index %u type veth peer name p%u index 10%u && "
						 "ip link set %s up && ip link set p%u up",
						 random_facts.v[i].name, random_facts.v[i].index,
						 random_facts.v[i].index, random_facts.v[i].index,
						 random_facts.v[i].name, random_facts.v[i].index),
				 0);
}

void fixture_begin(struct fixture *f, unsigned int n_rules, uint64_t seed)
{
	make_namespace();
	fixture_begin_here(f, n_rules, seed);
}

void fixture_begin_here(struct fixture *f, unsigned int n_rules, uint64_t seed)
{
	struct shape shape = {
		.n_rules = n_rules, .n_bases = 40, .v6 = true, .marks = true, .headerless = true, .ops = true
	};

	*f = (struct fixture){ .arena = arena_new(), .random = { seed } };
	f->sources.arena = f->arena;
	f->diag = (struct diag){ .arena = f->arena, .sources = &f->sources };
	rule_list_make(&f->rules, f->arena, &f->random, &shape);
	fixture_open(f);
}

void fixture_end(struct fixture *f)
{
	struct live_stats stats;

	fixture_open(f);
	if (live_detach(f->live, &stats, &f->trouble))
		fail_msg("detach: %s", f->trouble.text);
	live_close(&f->live);
	arena_free(&f->arena);
}

void fixture_open(struct fixture *f)
{
	struct place place = { .instance = INSTANCE };

	live_close(&f->live);
	if (live_open(&place, LIVE_WRITE, 30, &f->live, &f->trouble))
		fail_msg("open: %s", f->trouble.text);
}

/* ---- applying ---- */

/* Rules that would be left without an interface are limited to the first. */
static const struct ir_interfaces *limited(struct fixture *f, const struct ir_interfaces *all, unsigned int n)
{
	struct ir_interfaces *ret = arena_make(f->arena, struct ir_interfaces);
	uint32_t *v = arena_make_array(f->arena, all->n + 1, uint32_t);
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->v[i] <= n)
			v[ret->n++] = all->v[i];
	if (!ret->n)
		v[ret->n++] = 1;
	ret->v = v;
	for (i = 0; i < ret->n; i++)
		ret->hash = ret->hash * 31 + v[i];
	return ret;
}

struct ir *fixture_ir(struct fixture *f, unsigned int n)
{
	struct ir *ir = rule_list_ir(&f->rules);
	size_t i;

	ir->n_attach = n;
	for (i = 0; i < ir->n_rules; i++)
		if (ir->rules[i]->interfaces)
			ir->rules[i]->interfaces = limited(f, ir->rules[i]->interfaces, n);
	return ir;
}

static const char *text_of(const struct fixture *f, const struct ir *ir)
{
	uint64_t sum = ir->n_attach;
	size_t i;

	for (i = 0; i < ir->n_rules; i++)
		sum = sum * 31 + ir->rules[i]->identity;
	return arena_printf(f->arena, "text of %zu rules, %llx", ir->n_rules, (unsigned long long)sum);
}

int fixture_apply(struct fixture *f, const struct ir *ir)
{
	const char *text = f->source ? f->source : text_of(f, ir);
	struct live_wanted wanted = {
		.ir = ir,
		.facts = &random_facts,
		.source = text,
		.source_len = strlen(text),
		.force_clsact = f->force_clsact,
	};

	f->diag.n = f->diag.errors = 0;
	return live_apply(f->live, &wanted, &f->diag, &f->stats, &f->trouble);
}

void fixture_apply_twice(struct fixture *f, const struct ir *ir)
{
	if (fixture_apply(f, ir))
		fail_msg("apply: %s", f->trouble.text);
	fixture_open(f);
	if (fixture_apply(f, ir))
		fail_msg("second apply: %s", f->trouble.text);
	assert_int_equal(f->stats.writes, 0);
	assert_int_equal(f->stats.deletes, 0);
	assert_int_equal(fixture_difference(f, ir), 0);
	assert_int_equal(fixture_unlevel(f), 0);
}

/* ---- comparing ---- */

static int count(const struct change *c, void *ctx)
{
	(void)c;
	++*(unsigned int *)ctx;
	return 0;
}

unsigned int fixture_image_difference(struct fixture *f, const struct image *found, const struct ir *ir)
{
	struct emit_options options = { .mark = ir->uses_tproxy ? f->live->meta.mark : 0 };
	struct image wanted;
	unsigned int n = 0;

	assert_int_equal(emit_image(ir, &random_facts, &options, found, &f->diag, f->arena, &wanted), 0);
	image_diff(found, &wanted, count, &n);
	return n;
}

unsigned int fixture_difference(struct fixture *f, const struct ir *ir)
{
	struct image found;

	if (live_read_image(f->live, f->arena, &found, &f->trouble))
		fail_msg("read: %s", f->trouble.text);
	return fixture_image_difference(f, &found, ir);
}

unsigned int fixture_unlevel(struct fixture *f)
{
	struct live_stats stats = { 0 };
	struct image a, b;
	unsigned int n = 0;

	assert_int_equal(store_refresh(f->live, &f->trouble), 0);
	assert_true(f->live->copies[0].usable && f->live->copies[1].usable);
	assert_true(copy_shares(&f->live->copies[0], &f->live->copies[1]));
	assert_int_equal(copy_read_image(&f->live->copies[0], f->arena, &a, &stats, &f->trouble), 0);
	assert_int_equal(copy_read_image(&f->live->copies[1], f->arena, &b, &stats, &f->trouble), 0);
	image_diff(&a, &b, count, &n);
	return n;
}

/* ---- counters ---- */

void fixture_count(struct fixture *f, uint32_t counter, uint64_t packets)
{
	int map = f->live->copies[f->live->current].maps[MAP_COUNTER], cpus = libbpf_num_possible_cpus();
	struct zf_counter *v = calloc((size_t)cpus, sizeof(*v));

	assert_int_equal(bpf_map_lookup_elem(map, &counter, v), 0);
	v[0].packets += packets;
	v[0].bytes += packets * 100;
	assert_int_equal(bpf_map_update_elem(map, &counter, v, BPF_ANY), 0);
	free(v);
}

struct search {
	uint64_t identity;
	uint64_t packets;
};

static void find_counter(struct fixture *f, uint32_t id, uint64_t identity, void *ctx)
{
	struct search *s = ctx;
	uint64_t bytes;

	if (identity == s->identity)
		assert_int_equal(live_read_counter(f->live, id, &s->packets, &bytes), 0);
}

uint64_t fixture_packets(struct fixture *f, uint64_t identity)
{
	struct search s = { identity, UINT64_MAX };

	fixture_counters(f, find_counter, &s);
	return s.packets;
}

struct calls {
	struct fixture *f;
	bool *seen; /* by number */
	void (*fn)(struct fixture *f, uint32_t id, uint64_t identity, void *ctx);
	void *ctx;
};

static int call_once(uint32_t counter, uint64_t identity, void *ctx)
{
	struct calls *c = ctx;

	if (!c->seen[counter])
		c->fn(c->f, counter, identity, c->ctx);
	c->seen[counter] = true;
	return 0;
}

void fixture_counters(struct fixture *f, void (*fn)(struct fixture *f, uint32_t id, uint64_t identity, void *ctx),
		      void *ctx)
{
	struct calls c = { f, NULL, fn, ctx };
	struct image image;

	if (live_read_image(f->live, f->arena, &image, &f->trouble))
		fail_msg("read: %s", f->trouble.text);
	c.seen = arena_make_array(f->arena, image.maps[MAP_COUNTER].capacity, bool);
	counters_each(&image, call_once, &c);
}
