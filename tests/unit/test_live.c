// SPDX-License-Identifier: GPL-2.0-only
/* An instance in the kernel: what is applied is what is read back, by as few
 * writes as possible, and nothing is lost or left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <compiler/base/arena.h>
#include <runtime/attach.h>
#include <runtime/bpf_sys.h>
#include <runtime/map_write.h>
#include <runtime/pins.h>
#include <runtime/pins_root.h>
#include <runtime/store.h>
#include <tests/unit/frames.h>
#include <tests/unit/live_fixture.h>
#include <tests/unit/plane_harness.h>

static struct fixture f;

static int begin(void **state)
{
	(void)state;
	if (fixture_obstacle())
		return 0;
	fixture_begin(&f, 30, 1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (f.arena)
		fixture_end(&f);
	return 0;
}

static void need_root(void)
{
	if (fixture_obstacle()) {
		print_message("# SKIP %s\n", fixture_obstacle());
		skip();
	}
}

static void edit(unsigned int times)
{
	while (times--)
		rule_list_edit(&f.rules);
}

static unsigned int attached(enum attach_hook hook)
{
	struct attachment *v;
	unsigned int found = 0;
	size_t n, i;

	assert_int_equal(attach_list(&f.live->pins, f.arena, &v, &n, &f.trouble), 0);
	for (i = 0; i < n; i++)
		found += v[i].hook == hook && v[i].active;
	return found;
}

/* ---- apply ---- */

static void first_apply(void **state)
{
	struct live_status s;
	const char *text;
	size_t len;

	(void)state;
	need_root();
	assert_true(live_is_empty(f.live));
	fixture_apply_twice(&f, fixture_ir(&f, 3));
	assert_false(live_is_empty(f.live));
	assert_int_equal(attached(ATTACH_IN), 3);
	assert_int_equal(attached(ATTACH_OUT), 3);
	assert_int_equal(live_status(f.live, &s, &f.trouble), 0);
	assert_int_equal(s.generation, 1);
	assert_int_equal(s.entries[MAP_CONFIG], 1);
	assert_true(s.memory > 4096 && s.memory < 4 << 20);
	assert_true(s.flow_memory > 65536);
	assert_int_equal(live_read_source(f.live, f.arena, &text, &len, &f.trouble), 0);
	assert_memory_equal(text, "text of ", 8);
}

static void edits(void **state)
{
	struct live_status s;
	unsigned int i;

	(void)state;
	need_root();
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	for (i = 0; i < 25; i++) {
		edit(1 + i % 4);
		fixture_apply_twice(&f, fixture_ir(&f, 1 + i % 4));
		assert_int_equal(attached(ATTACH_IN), 1 + i % 4);
	}
	assert_int_equal(live_status(f.live, &s, &f.trouble), 0);
	assert_in_range(s.generation, 20, 26);
}

static void text_alone(void **state)
{
	struct live_status before, after;
	const char *text;
	size_t len;

	(void)state;
	need_root();
	f.source = "one";
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	assert_int_equal(live_status(f.live, &before, &f.trouble), 0);
	f.source = "three";
	assert_int_equal(fixture_apply(&f, fixture_ir(&f, 2)), 0);
	assert_int_equal(f.stats.writes, 1);
	assert_int_equal(live_status(f.live, &after, &f.trouble), 0);
	assert_int_equal(before.generation, after.generation);
	assert_int_equal(live_read_source(f.live, f.arena, &text, &len, &f.trouble), 0);
	assert_int_equal(len, 5);
	assert_memory_equal(text, "three", 5);
}

static void grow(void **state)
{
	uint32_t rules;
	unsigned int i;

	(void)state;
	need_root();
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	rules = f.live->copies[0].capacity[MAP_RULE];
	for (i = 0; i < 300; i++)
		rule_list_insert(&f.rules, random_below(&f.random, f.rules.rules.n), random_rule(&f.rules));
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	assert_true(f.live->copies[0].capacity[MAP_RULE] > rules);
	edit(5);
	fixture_apply_twice(&f, fixture_ir(&f, 2));
}

/* ---- counters ---- */

struct seen {
	uint64_t identity, packets;
};

struct seen_list {
	struct seen v[2000];
	size_t n;
};

static void count_all(struct fixture *x, uint32_t id, uint64_t identity, void *ctx)
{
	struct seen_list *l = ctx;

	fixture_count(x, id, 7 * id);
	l->v[l->n++] = (struct seen){ identity, fixture_packets(x, identity) };
}

/* Counters that are still there have what they had. */
static size_t still_there(const struct seen_list *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++) {
		uint64_t now = fixture_packets(&f, l->v[i].identity);

		if (now == UINT64_MAX)
			continue;
		assert_int_equal(now, l->v[i].packets);
		n++;
	}
	return n;
}

static void counters_last(void **state)
{
	static struct seen_list l;
	uint32_t capacity;
	int i;

	(void)state;
	need_root();
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	capacity = f.live->copies[0].capacity[MAP_COUNTER];
	l.n = 0;
	fixture_counters(&f, count_all, &l);
	assert_true(l.n > 5);
	edit(3);
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	assert_true(still_there(&l) > 2);
	for (i = 0; i < 300; i++)
		rule_list_insert(&f.rules, random_below(&f.random, f.rules.rules.n), random_rule(&f.rules));
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	assert_true(f.live->copies[0].capacity[MAP_COUNTER] > capacity);
	assert_true(still_there(&l) > 2);
}

/* The number of the first limit or timer of the live rules. */
static const struct zf_op *first_op(enum zf_op_kind kind)
{
	struct image *image = arena_make(f.arena, struct image);
	const struct zf_op *ops;
	size_t i;

	if (live_read_image(f.live, f.arena, image, &f.trouble))
		fail_msg("read: %s", f.trouble.text);
	ops = (const struct zf_op *)image->maps[MAP_OPS].values;
	for (i = 0; i < image->maps[MAP_OPS].n; i++)
		if (ops[i].kind == kind)
			return &ops[i];
	fail_msg("no such op");
	return NULL;
}

static const struct zf_op *same_op(const struct zf_op *wanted)
{
	struct image *image = arena_make(f.arena, struct image);
	const struct zf_op *ops;
	size_t i;

	if (live_read_image(f.live, f.arena, image, &f.trouble))
		fail_msg("read: %s", f.trouble.text);
	ops = (const struct zf_op *)image->maps[MAP_OPS].values;
	for (i = 0; i < image->maps[MAP_OPS].n; i++)
		if (ops[i].kind == wanted->kind && ops[i].identity == wanted->identity)
			return &ops[i];
	fail_msg("the op is gone");
	return NULL;
}

static int state_map(enum map_id map)
{
	return f.live->copies[f.live->current].maps[map];
}

/* Limits and timers are what they have come to, also when their maps grow. */
static void states_last(void **state)
{
	struct zf_limit limit = { .empty = 4711 };
	const struct zf_op *limited, *timed;
	struct zf_timer timer;
	uint64_t end;
	int i;

	(void)state;
	need_root();
	for (i = 0; i < 60; i++)
		rule_list_insert(&f.rules, 0, random_rule(&f.rules));
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	limited = first_op(ZF_OP_LIMIT);
	timed = first_op(ZF_OP_ALIVE);
	assert_int_equal(bpf_map_update_elem(state_map(MAP_LIMIT), &limited->number, &limit, BPF_ANY), 0);
	assert_int_equal(bpf_map_lookup_elem(state_map(MAP_TIMER), &timed->number, &timer), 0);
	end = timer.end;
	assert_true(end > 0);
	for (i = 0; i < 1500; i++)
		rule_list_insert(&f.rules, 0, random_rule(&f.rules));
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	assert_true(f.live->copies[0].capacity[MAP_LIMIT] > 64 && f.live->copies[0].capacity[MAP_TIMER] > 64);
	limited = same_op(limited);
	timed = same_op(timed);
	assert_int_equal(bpf_map_lookup_elem(state_map(MAP_LIMIT), &limited->number, &limit), 0);
	assert_int_equal(limit.empty, 4711);
	assert_int_equal(bpf_map_lookup_elem(state_map(MAP_TIMER), &timed->number, &timer), 0);
	assert_int_equal(timer.end, end);
}

/* A number that is used again doesn't begin where the old counter ended. */
static void counter_begins(void **state)
{
	static struct seen_list l;
	struct ir *ir;
	size_t i, k;

	(void)state;
	need_root();
	for (k = 0; k < 4; k++) {
		ir = fixture_ir(&f, 1);
		for (i = 0; i < ir->n_counters; i++) {
			ir->counters[i].identity += k * 100000;
			ir->counters[i].packets = 1000 * k + i;
		}
		for (i = 0; i < ir->n_rules; i++)
			if (ir_has_op(ir->rules[i], IR_COUNT))
				ir->rules[i]->identity += k * 100000;
		fixture_apply_twice(&f, ir);
		for (i = 0; i < ir->n_counters; i++) {
			uint64_t now = fixture_packets(&f, ir->counters[i].identity);

			assert_true(now == UINT64_MAX || now == 1000 * k + i);
		}
		l.n = 0;
		fixture_counters(&f, count_all, &l);
	}
}

/* ---- repair ---- */

static void drift(void **state)
{
	struct ir *ir;
	struct copy *c;
	struct zf_pair4 pair;
	uint32_t zero = 0;
	static const struct zf_config nothing;

	(void)state;
	need_root();
	ir = fixture_ir(&f, 2);
	fixture_apply_twice(&f, ir);
	c = &f.live->copies[f.live->current];
	assert_int_equal(bpf_map_get_next_key(c->maps[MAP_PAIR4], NULL, &pair), 0);
	assert_int_equal(bpf_map_delete_elem(c->maps[MAP_PAIR4], &pair), 0);
	assert_int_equal(bpf_map_update_elem(c->maps[MAP_CONFIG], &zero, &nothing, BPF_ANY), 0);
	fixture_apply_twice(&f, ir);
}

static void lost_pins(void **state)
{
	struct ir *ir;
	char path[64];

	(void)state;
	need_root();
	ir = fixture_ir(&f, 2);
	fixture_apply_twice(&f, ir);
	snprintf(path, sizeof(path), "%s/PAIR6", f.live->copies[!f.live->current].name);
	assert_int_equal(pins_remove(&f.live->pins, path), 0);
	fixture_open(&f);
	assert_int_equal(fixture_apply(&f, ir), 0);
	fixture_apply_twice(&f, ir);
	snprintf(path, sizeof(path), "%s/PAIR6", f.live->copies[f.live->current].name);
	assert_int_equal(pins_remove(&f.live->pins, path), 0);
	fixture_open(&f);
	assert_int_equal(fixture_apply(&f, ir), -EIO);
	assert_non_null(strstr(f.trouble.text, path));
	assert_non_null(strstr(f.trouble.text, "zfwc detach"));
}

static void other_abi(void **state)
{
	struct ir *ir;
	struct image image;
	struct meta m;
	uint32_t zero = 0;

	(void)state;
	need_root();
	ir = fixture_ir(&f, 2);
	fixture_apply_twice(&f, ir);
	m = f.live->meta;
	m.abi = ZF_ABI + 1;
	assert_int_equal(bpf_map_update_elem(f.live->meta_fd, &zero, &m, BPF_ANY), 0);
	fixture_open(&f);
	assert_int_equal(fixture_apply(&f, ir), -EPROTO);
	assert_non_null(strstr(f.trouble.text, "layout"));
	assert_int_equal(live_read_image(f.live, f.arena, &image, &f.trouble), -EPROTO);
	assert_int_equal(attached(ATTACH_IN), 2);
}

/* ---- failure ---- */

static void all_or_none(void **state)
{
	struct ir *ir, *bad;

	(void)state;
	need_root();
	bad = fixture_ir(&f, 4);
	bad->attach[3].index = 4711;
	assert_int_equal(fixture_apply(&f, bad), -ENODEV);
	assert_non_null(strstr(f.trouble.text, "4711"));
	fixture_open(&f);
	assert_true(live_is_empty(f.live));
	assert_int_equal(attached(ATTACH_IN), 0);
	assert_int_not_equal(fixture_command("ip rule | grep -q fwmark"), 0);

	ir = fixture_ir(&f, 2);
	fixture_apply_twice(&f, ir);
	edit(3);
	bad = fixture_ir(&f, 4);
	bad->attach[3].index = 4711;
	assert_int_equal(fixture_apply(&f, bad), -ENODEV);
	assert_int_equal(attached(ATTACH_IN), 2);
	assert_int_equal(fixture_difference(&f, ir), 0);
	fixture_open(&f);
	assert_int_equal(fixture_apply(&f, ir), 0);
	fixture_apply_twice(&f, ir);
}

/* ---- attachment ---- */

static void with_clsact(void **state)
{
	(void)state;
	need_root();
	f.force_clsact = true;
	fixture_apply_twice(&f, fixture_ir(&f, 3));
	assert_int_equal(attached(ATTACH_IN), 3);
	assert_int_equal(attached(ATTACH_OUT), 3);
	assert_int_equal(fixture_command("tc filter show dev two ingress | grep -q zfwc"), 0);
	assert_int_equal(fixture_command("tc filter add dev two ingress pref 7 u32 match u32 0 0 classid 1:1"), 0);
	fixture_apply_twice(&f, fixture_ir(&f, 1));
	assert_int_equal(attached(ATTACH_IN), 1);
	assert_int_equal(fixture_command("tc filter show dev two ingress | grep -q u32"), 0);
	assert_int_not_equal(fixture_command("tc filter show dev two ingress | grep -q zfwc"), 0);
	assert_int_not_equal(fixture_command("tc qdisc show dev three | grep -q clsact"), 0);
}

/* A qdisc and a priority that somebody else has. */
static void beside_others(void **state)
{
	(void)state;
	need_root();
	f.force_clsact = true;
	assert_int_equal(fixture_command(
				 "tc qdisc add dev two clsact && "
				 "tc filter add dev two ingress pref 1 protocol ip u32 match u32 0 0 classid 1:1"),
			 0);
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	assert_int_equal(attached(ATTACH_IN), 2);
	fixture_apply_twice(&f, fixture_ir(&f, 1));
	assert_int_equal(fixture_command("tc filter del dev two ingress pref 1"), 0);
	assert_int_equal(fixture_command("tc qdisc show dev two | grep -q clsact"), 0);
}

static void repairs_attachment(void **state)
{
	struct ir *ir;
	int link;

	(void)state;
	need_root();
	ir = fixture_ir(&f, 2);
	fixture_apply_twice(&f, ir);
	link = pins_get(&f.live->pins, "links/2-in");
	assert_true(link >= 0);
	assert_int_equal(sys_link_detach(link), 0);
	close(link);
	assert_int_equal(attached(ATTACH_IN), 1);
	fixture_apply_twice(&f, ir);
	assert_int_equal(attached(ATTACH_IN), 2);
}

static void interface_goes(void **state)
{
	struct live_interface *v;
	size_t n;

	(void)state;
	need_root();
	fixture_apply_twice(&f, fixture_ir(&f, 3));
	assert_int_equal(fixture_command("ip link del three"), 0);
	assert_int_equal(live_interfaces(f.live, f.arena, &v, &n), 0);
	assert_int_equal(n, 3);
	assert_string_equal(v[1].name, "two");
	assert_true(v[1].ingress && v[1].egress && v[1].tcx);
	assert_string_equal(v[2].name, "");
	assert_false(v[2].ingress);
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	assert_int_equal(live_interfaces(f.live, f.arena, &v, &n), 0);
	assert_int_equal(n, 2);
}

/* ---- ct state ---- */

static void without_ct(void **state)
{
	struct live_status s;
	struct ir *ir;

	(void)state;
	need_root();
	ir = fixture_ir(&f, 2);
	ir->uses_ct = false;
	fixture_apply_twice(&f, ir);
	assert_int_equal(attached(ATTACH_OUT), 0);
	assert_int_equal(live_status(f.live, &s, &f.trouble), 0);
	assert_int_equal(s.capacity[MAP_FLOW], 1);
	ir->uses_ct = true;
	fixture_apply_twice(&f, ir);
	assert_int_equal(attached(ATTACH_OUT), 2);
	assert_int_equal(live_status(f.live, &s, &f.trouble), 0);
	assert_int_equal(s.capacity[MAP_FLOW], ZF_FLOWS);
	ir->uses_ct = false;
	fixture_apply_twice(&f, ir);
	assert_int_equal(attached(ATTACH_OUT), 0);
	assert_false(pins_exist(&f.live->pins, "egress"));
}

/* ---- another zfwc ---- */

/* The programs are those of another build, with the same maps. */
static void other_programs(void **state)
{
	struct ir *ir;
	struct meta m;
	uint32_t zero = 0, at, before, after, slot;
	int link;

	(void)state;
	need_root();
	ir = fixture_ir(&f, 2);
	fixture_apply_twice(&f, ir);
	m = f.live->meta;
	m.object[0] = m.object[1] = m.attached_object = 1;
	assert_int_equal(bpf_map_update_elem(f.live->meta_fd, &zero, &m, BPF_ANY), 0);
	fixture_open(&f);
	slot = f.live->slot;
	link = pins_get(&f.live->pins, "links/2-in");
	assert_int_equal(sys_link_read(link, &at, &before), 0);
	assert_int_equal(fixture_apply(&f, ir), 0);
	assert_int_not_equal(f.live->slot, slot);
	assert_int_equal(sys_link_read(link, &at, &after), 0);
	assert_int_equal(at, 2);
	assert_int_not_equal(before, after);
	close(link);
	fixture_open(&f);
	fixture_apply_twice(&f, ir);
}

/* ---- the end of a namespace ---- */

static bool has_space(const char *space)
{
	struct trouble t;
	int root = pins_root_open(false, &t);
	bool found;

	assert_true(root >= 0);
	found = !faccessat(root, space, F_OK, 0);
	close(root);
	return found;
}

static void dead_are_swept(void **state)
{
	char dead[sizeof(f.live->pins.space)], alive[sizeof(dead)];

	(void)state;
	need_root();
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	snprintf(dead, sizeof(dead), "%s", f.live->pins.space);
	live_close(&f.live);
	assert_true(has_space(dead));
	arena_free(&f.arena);
	fixture_begin(&f, 10, 2); /* leaves the namespace, which ends */
	fixture_apply_twice(&f, fixture_ir(&f, 2));
	snprintf(alive, sizeof(alive), "%s", f.live->pins.space);
	/* the kernel takes its time */
	for (int i = 0; i < 100 && has_space(dead); i++) {
		usleep(50000);
		fixture_open(&f);
	}
	assert_false(has_space(dead));
	assert_true(has_space(alive));
}

/* ---- several at once ---- */

static int wait_for(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int apply_in_turn(const struct ir *ir)
{
	struct place place = { .instance = INSTANCE };

	f.live = NULL;
	if (live_open(&place, LIVE_WRITE, 30, &f.live, &f.trouble))
		return 1;
	return fixture_apply(&f, ir) ? 2 : 0;
}

static void writers_take_turns(void **state)
{
	struct ir *ir[4];
	pid_t child[4];
	unsigned int i, in_force = 0;

	(void)state;
	need_root();
	live_close(&f.live);
	for (i = 0; i < 4; i++) {
		ir[i] = fixture_ir(&f, 2);
		edit(5);
		child[i] = fork();
		if (!child[i])
			_exit(apply_in_turn(ir[i]));
	}
	for (i = 0; i < 4; i++)
		assert_int_equal(wait_for(child[i]), 0);
	fixture_open(&f);
	for (i = 0; i < 4; i++)
		in_force += !fixture_difference(&f, ir[i]);
	assert_int_equal(in_force, 1);
	assert_int_equal(fixture_unlevel(&f), 0);
}

static int apply_often(struct ir *const ir[2])
{
	unsigned int i;

	for (i = 0; i < 40; i++)
		if (fixture_apply(&f, ir[i % 2]))
			return 1;
	return 0;
}

static void reader_sees_whole_rules(void **state)
{
	struct place place = { .instance = INSTANCE };
	struct ir *ir[2];
	unsigned int seen[2] = { 0 };
	struct image image;
	int status;
	pid_t child;

	(void)state;
	need_root();
	ir[0] = fixture_ir(&f, 2);
	edit(10);
	ir[1] = fixture_ir(&f, 2);
	assert_int_equal(fixture_apply(&f, ir[1]), 0);
	child = fork();
	if (!child)
		_exit(apply_often(ir));
	live_close(&f.live);
	do {
		assert_int_equal(live_open(&place, LIVE_READ, 0, &f.live, &f.trouble), 0);
		assert_int_equal(live_read_image(f.live, f.arena, &image, &f.trouble), 0);
		if (!fixture_image_difference(&f, &image, ir[0]))
			seen[0]++;
		else if (!fixture_image_difference(&f, &image, ir[1]))
			seen[1]++;
		else
			fail_msg("neither the old nor the new rules");
		live_close(&f.live);
	} while (waitpid(child, &status, WNOHANG) == 0);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(seen[0] > 1 && seen[1] > 1);
}

/* ---- packets ---- */

/* 10.0.0.0/8 in 'n' parts, each dropped by a rule of its own. */
static struct ir *in_parts(unsigned int n, uint64_t identity)
{
	static const uint32_t lo = 1;
	static const struct ir_interfaces interfaces = { 1, &lo, 1 };
	struct ir *ir = fixture_ir(&f, 1);
	u128 size = ((u128)1 << 24) / n;

	ir->n_counters = 0;
	ir->uses_ct = ir->uses_tproxy = ir->uses_local = false;
	ir->n_rules = n;
	ir->rules = arena_make_array(f.arena, n, struct ir_rule *);
	for (unsigned int i = 0; i < n; i++) {
		struct addr_range *range = arena_make(f.arena, struct addr_range);

		*range = (struct addr_range){ 0x0a000000 + i * size, 0x0a000000 + (i + 1) * size - 1 };
		ir->rules[i] = arena_make(f.arena, struct ir_rule);
		*ir->rules[i] = (struct ir_rule){
			.families = IR_V4,
			.dst4 = addr_set_make(f.arena, 32, range, 1),
			.interfaces = &interfaces,
			.verdict = IR_DROP,
			.identity = identity + i,
			.index = i,
		};
	}
	return ir;
}

static int flip(struct ir *const ir[2])
{
	for (int i = 0; i < 60; i++)
		if (fixture_apply(&f, ir[i % 2]) || !f.stats.writes)
			return 1;
	return 0;
}

/* Whatever rules are in force, all of 10.0.0.0/8 is dropped and nothing else:
 * a packet that meets a mix of them would pass, or be dropped elsewhere. */
static void no_packet_meets_a_mix(void **state)
{
	struct packet_spec spec = { .version = 4, .src = "192.0.2.1", .proto = 17, .sport = 1, .dport = 2 };
	struct random random = { 99 };
	unsigned long packets = 0;
	struct frame frame;
	struct ir *ir[2];
	pid_t child;
	int entry, status;

	(void)state;
	need_root();
	ir[0] = in_parts(64, 1000);
	ir[1] = in_parts(2, 2000);
	assert_int_equal(fixture_apply(&f, ir[1]), 0);
	entry = pins_get(&f.live->pins, "entry");
	assert_true(entry >= 0);
	child = fork();
	if (!child)
		_exit(flip(ir));
	do {
		for (int i = 0; i < 200; i++, packets++) {
			uint32_t r = (uint32_t)random_u64(&random);
			uint8_t net = r & 1 ? 10 : 11;

			memcpy(spec.dst_bytes,
			       (uint8_t[]){ net, (uint8_t)(r >> 8), (uint8_t)(r >> 16), (uint8_t)(r >> 24) }, 4);
			frame_make(&frame, &spec);
			assert_int_equal(plane_run(entry, &frame, 1), net == 10 ? DROP : PASS);
		}
	} while (waitpid(child, &status, WNOHANG) == 0);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(packets > 10000);
	close(entry);
}

/* ---- refusal ---- */

static void full_map(void **state)
{
	struct zf_pair4 keys[6] = { { .tuple = 1 }, { .tuple = 2 }, { .tuple = 3 },
				    { .tuple = 4 }, { .tuple = 5 }, { .tuple = 6 } };
	struct zf_block values[6] = { { .list = 1 } };
	uint32_t origins[6] = { 10, 11, 12, 13, 14, 15 };
	struct map_image wanted = { .n = 6, .keys = (uint8_t *)keys, .values = (uint8_t *)values, .origins = origins };
	struct map_image none = { 0 };
	struct live_stats stats = { 0 };
	int map;

	(void)state;
	need_root();
	map = bpf_map_create(BPF_MAP_TYPE_HASH, "full", sizeof(keys[0]), sizeof(values[0]), 4, NULL);
	assert_true(map >= 0);
	assert_int_equal(map_write(MAP_PAIR4, map, 4, &none, &wanted, &stats, &f.trouble), -E2BIG);
	assert_in_range(f.trouble.origin, 14, 15);
	assert_non_null(strstr(f.trouble.text, "map PAIR4 is full (4 elements)"));
	wanted.n = 4;
	assert_int_equal(map_write(MAP_PAIR4, map, 4, &none, &wanted, &stats, &f.trouble), 0);
	assert_int_equal(stats.writes, 4);
	assert_int_equal(map_write(MAP_PAIR4, map, 4, &wanted, &none, &stats, &f.trouble), 0);
	assert_int_equal(stats.deletes, 4);
	close(map);
}

/* ---- detach ---- */

static void detach_leaves_nothing(void **state)
{
	struct place place = { .instance = INSTANCE };
	struct live *l = NULL;

	(void)state;
	need_root();
	fixture_apply_twice(&f, fixture_ir(&f, 3));
	assert_int_equal(live_detach(f.live, &f.stats, &f.trouble), 0);
	live_close(&f.live);
	assert_int_equal(live_open(&place, LIVE_READ, 0, &l, &f.trouble), -ENOENT);
	assert_int_not_equal(fixture_command("ip rule | grep -q fwmark"), 0);
	assert_int_not_equal(fixture_command("bpftool net show dev two | grep -q zfwc"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(first_apply, begin, end),
		cmocka_unit_test_setup_teardown(edits, begin, end),
		cmocka_unit_test_setup_teardown(text_alone, begin, end),
		cmocka_unit_test_setup_teardown(grow, begin, end),
		cmocka_unit_test_setup_teardown(counters_last, begin, end),
		cmocka_unit_test_setup_teardown(states_last, begin, end),
		cmocka_unit_test_setup_teardown(counter_begins, begin, end),
		cmocka_unit_test_setup_teardown(drift, begin, end),
		cmocka_unit_test_setup_teardown(lost_pins, begin, end),
		cmocka_unit_test_setup_teardown(other_abi, begin, end),
		cmocka_unit_test_setup_teardown(all_or_none, begin, end),
		cmocka_unit_test_setup_teardown(with_clsact, begin, end),
		cmocka_unit_test_setup_teardown(beside_others, begin, end),
		cmocka_unit_test_setup_teardown(repairs_attachment, begin, end),
		cmocka_unit_test_setup_teardown(interface_goes, begin, end),
		cmocka_unit_test_setup_teardown(without_ct, begin, end),
		cmocka_unit_test_setup_teardown(other_programs, begin, end),
		cmocka_unit_test_setup_teardown(dead_are_swept, begin, end),
		cmocka_unit_test_setup_teardown(writers_take_turns, begin, end),
		cmocka_unit_test_setup_teardown(reader_sees_whole_rules, begin, end),
		cmocka_unit_test_setup_teardown(no_packet_meets_a_mix, begin, end),
		cmocka_unit_test_setup_teardown(full_map, begin, end),
		cmocka_unit_test_setup_teardown(detach_leaves_nothing, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
