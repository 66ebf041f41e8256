/* SPDX-License-Identifier: GPL-2.0-only */
/* test_check_random.c - what warnings say is true: a rule that no packet gets to is
 * hit by none, a rule that isn't needed can be taken out.  Random rulesets, of the
 * IR and of text, and random packets at their edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/check.h>

#include "compile_fixture.h"
#include "evaluate.h"
#include "random_ir.h"

/* ---- random IR: what is said to be dead can be taken out ---- */

/* Neighbour discovery is of ICMPv6. */
static void make_sane(struct model_packet *p)
{
	p->is_nd &= p->kind == IR_V6;
	if (p->is_nd)
		p->proto = 58;
}

/* In the model it is a coin for each set of states, so one doesn't follow from another. */
static void make_states_equal(struct arena *a, const struct ir *ir)
{
	for (size_t i = 0; i < ir->n_rules; i++) {
		struct ir_op *ops = arena_make_array(a, ir->rules[i]->n_ops, struct ir_op);

		for (size_t j = 0; j < ir->rules[i]->n_ops; j++) {
			ops[j] = ir->rules[i]->ops[j];
			if (ops[j].kind == IR_CT)
				ops[j].ct_states = IR_CT_ESTABLISHED;
		}
		ir->rules[i]->ops = ops;
	}
}

/* The IR in which dead rules match no kind of frame. */
static const struct ir *without_dead(const struct check *c)
{
	struct ir *ir = arena_make(c->a, struct ir);

	*ir = *c->ir;
	ir->rules = arena_make_array(c->a, ir->n_rules, struct ir_rule *);
	for (size_t i = 0; i < ir->n_rules; i++) {
		ir->rules[i] = c->ir->rules[i];
		if (!c->dead[i])
			continue;
		ir->rules[i] = arena_make(c->a, struct ir_rule);
		*ir->rules[i] = *c->ir->rules[i];
		ir->rules[i]->families = 0;
	}
	return ir;
}

static bool is_dead(const struct check *c, uint64_t identity)
{
	for (size_t i = 0; i < c->ir->n_rules; i++)
		if (c->ir->rules[i]->identity == identity)
			return c->dead[i];
	return false;
}

/* A rule whose box a packet is in is looked at; what counts is what it does then. */
static void forget_dead(const struct check *c, struct model_trace *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (!is_dead(c, t->identities[i]))
			t->identities[n++] = t->identities[i];
	t->n = n;
}

static void check_packet(const struct check *c, const struct ir *less, const struct model_packet *p)
{
	struct model_trace all, left;

	model_judge_ir(c->ir, p, &all);
	model_judge_ir(less, p, &left);
	forget_dead(c, &all);
	assert_true(model_same(&all, &left));
}

static size_t check_random_ir(uint64_t seed, const struct shape *shape)
{
	struct random random = { seed };
	struct arena *a = arena_new();
	struct rule_list l;
	struct check c = { .a = a };
	const struct ir *less;
	size_t n_dead = 0;

	rule_list_make(&l, a, &random, shape);
	c.ir = rule_list_ir(&l);
	make_states_equal(a, c.ir);
	c.dead = arena_make_array(a, c.ir->n_rules, bool);
	c.covers = arena_make_array(a, c.ir->n_rules, const struct cover_found *);
	check_reach(&c);
	less = without_dead(&c);
	for (int i = 0; i < 300; i++) {
		struct model_packet p;

		random_packet(&l, &p);
		make_sane(&p);
		check_packet(&c, less, &p);
	}
	for (size_t i = 0; i < c.ir->n_rules; i++)
		n_dead += c.dead[i];
	arena_free(&a);
	return n_dead;
}

static void test_dead_rules_can_be_taken_out(void **state)
{
	static const struct shape shapes[] = {
		{ .n_rules = 20, .n_bases = 2, .v6 = true, .marks = true, .headerless = true },
		{ .n_rules = 60, .n_bases = 3, .marks = true, .many_ports = true },
		{ .n_rules = 300, .n_bases = 4, .v6 = true, .large_sets = true },
		{ .n_rules = 12, .n_bases = 1, .headerless = true },
	};
	size_t n_dead = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++)
		n_dead += check_random_ir(seed, &shapes[seed % 4]);
	print_message("# %zu dead rules\n", n_dead);
	assert_true(n_dead > 500);
}

/* ---- random text ---- */

static void compile_and_check(struct fixture *f, const char *name, const char *text)
{
	fixture_compile(f, name, text, &fixture_facts, NULL);
	f->diag.sources = &f->sources;
	if (f->diag.errors)
		print_message("# %s\n", fixture_messages(f));
	assert_int_equal(f->diag.errors, 0);
	compile_check(&f->compiled, &fixture_facts, &f->diag, f->arena);
}

static const char *one_of(struct random *r, const char *const *v, size_t n)
{
	return v[random_below(r, (uint32_t)n)];
}
#define ONE_OF(r, v) one_of((r), (v), sizeof(v) / sizeof(*(v)))

/* Few values, so that rules have much in common. */
static const char *const sources[] = {
	"",
	"",
	"ip saddr 10.0.0.0/8 ",
	"ip saddr 10.0.0.0/9 ",
	"ip saddr 10.128.0.0/9 ",
	"ip saddr 10.0.0.0-10.127.255.254 ",
	"ip saddr { 10.0.0.1, 10.200.0.0/16 } ",
	"ip saddr 10.0.0.1 ",
	"ip saddr != 10.0.0.0/9 ",
	"ip saddr != 10.0.0.1 ",
	"ip6 saddr 2001:db8::/32 ",
	"ip6 saddr 2001:db8::/33 ",
	"meta nfproto ipv4 ",
	"meta nfproto ipv6 ",
};
static const char *const headers[] = {
	"",
	"",
	"tcp dport 22 ",
	"tcp dport 1-1023 ",
	"tcp dport 0-511 ",
	"tcp dport 512-65535 ",
	"udp dport 53 ",
	"udp sport 53 ",
	"meta l4proto tcp ",
	"meta l4proto { tcp, udp } ",
	"tcp dport { 22, 80-443 } ",
	"meta l4proto udp ",
	"tcp dport != 22 ",
};
static const char *const conditions[] = { "",
					  "",
					  "",
					  "",
					  "ct state established ",
					  "ct state established,related ",
					  "ct state new ",
					  "ct state != established ",
					  "iifname \"eth0\" ",
					  "iifname { \"eth0\", \"eth1\" } ",
					  "iifname \"eth1\" " };
static const char *const verdicts[] = { "accept", "accept", "drop", "drop", "return", "continue" };

/* Of 'counted' lines in four that many have a counter. */
static const char *random_line(struct random *r, struct arena *a, unsigned int counted, bool jumps)
{
	bool counts = random_below(r, 4) < counted;
	const char *verdict = jumps && random_one_in(r, 5) ? "jump other" : ONE_OF(r, verdicts);
	const char *source = ONE_OF(r, sources), *header = ONE_OF(r, headers);

	return arena_printf(a, "%s%s%s%s%s", source, header, ONE_OF(r, conditions), counts ? "counter " : "", verdict);
}

/* A ruleset, and its lines. */
struct random_text {
	const char *lines[40];
	unsigned int n, n_other; /* the last n_other are those of chain 'other' */
	const char *policy, *policy2;
};

static void random_text(struct random *r, struct arena *a, unsigned int counted, struct random_text *t)
{
	t->n = 3 + random_below(r, 12);
	t->n_other = random_below(r, 4);
	t->policy = random_one_in(r, 2) ? "drop" : "accept";
	t->policy2 = random_one_in(r, 2) ? "drop" : "accept";
	for (unsigned int i = 0; i < t->n; i++)
		t->lines[i] = random_line(r, a, counted, i < t->n - t->n_other);
}

/* Without the rule of one line: it is left blank. */
static const char *text_of(const struct random_text *t, struct arena *a, unsigned int without)
{
	struct buf b = { .arena = a };
	unsigned int i = 0, n_first = t->n - t->n_other, n_mid = n_first - n_first / 3;

	buf_printf(
		&b,
		"table inet t {\nchain first { type filter hook ingress devices = { eth0, eth1 } priority 0; policy %s;\n",
		t->policy);
	for (; i < n_mid; i++)
		buf_printf(&b, "%s\n", i == without ? "" : t->lines[i]);
	buf_printf(&b, "}\nchain second { type filter hook ingress device eth0 priority 1; policy %s;\n", t->policy2);
	for (; i < n_first; i++)
		buf_printf(&b, "%s\n", i == without ? "" : t->lines[i]);
	buf_puts(&b, "}\nchain other {\n");
	for (; i < t->n; i++)
		buf_printf(&b, "%s\n", i == without ? "" : t->lines[i]);
	buf_puts(&b, "}\n}\n");
	return b.text;
}

/* Which line of random_text a line of the file is. */
static unsigned int line_of(const struct random_text *t, unsigned int line)
{
	unsigned int n_first = t->n - t->n_other, n_mid = n_first - n_first / 3;

	line -= 3;
	if (line >= n_mid)
		line -= 2;
	if (line >= n_first)
		line -= 2;
	return line;
}

static struct packet random_text_packet(struct random *r)
{
	static const u128 v4[] = { 0x09ffffff, 0x0a000000, 0x0a000001, 0x0a000002, 0x0a7ffffe, 0x0a7fffff,
				   0x0a800000, 0x0ac80000, 0x0ac8ffff, 0x0affffff, 0x0b000000 };
	static const u128 v6[] = { (u128)0x20010db8u << 96, ((u128)0x20010db880000000u << 64),
				   (u128)0x20010db9u << 96 };
	static const uint16_t ports[] = { 0, 21, 22, 23, 53, 79, 80, 443, 444, 511, 512, 1023, 1024, 40000, 65535 };
	static const uint8_t protos[] = { 6, 6, 17, 17, 1, 58 };
	struct packet p = { .family = random_one_in(r, 8) ? IR_BAD4 : random_one_in(r, 3) ? IR_V6 : IR_V4 };
	bool v4_packet = p.family == IR_V4;

	p.src = v4_packet ? v4[random_below(r, 11)] : v6[random_below(r, 3)];
	p.dst = v4_packet ? v4[random_below(r, 11)] : v6[random_below(r, 3)];
	p.proto = protos[random_below(r, 6)];
	p.has_l4 = !random_one_in(r, 6);
	p.sport = ports[random_below(r, 15)];
	p.dport = ports[random_below(r, 15)];
	p.interface = 2 + random_below(r, 2);
	p.ct_state = (uint8_t)(random_one_in(r, 2)   ? IR_CT_ESTABLISHED
			       : random_one_in(r, 2) ? IR_CT_RELATED
						     : IR_CT_NEW);
	p.neighbour_discovery = p.family == IR_V6 && p.proto == 58 && random_one_in(r, 2);
	return p;
}

/* The lines that have a warning of one of these codes. */
static uint64_t lines_with(struct fixture *f, const struct random_text *t, enum diag_code x, enum diag_code y)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < f->diag.n; i++) {
		const struct diag_message *m = &f->diag.v[i];
		struct position p;

		if (m->severity != DIAG_WARNING || (m->code != x && m->code != y))
			continue;
		assert_true(sources_locate(&f->sources, m->span.at, &p));
		assert_true(line_of(t, p.line) < t->n);
		lines |= 1ull << line_of(t, p.line);
	}
	return lines;
}

/* Every rule counts: those with a warning never do. */
static unsigned int check_text_reach(uint64_t seed)
{
	struct random random = { seed };
	struct arena *a = arena_new();
	struct random_text t = { 0 };
	struct fixture f;
	uint64_t lines;
	unsigned int n;

	random_text(&random, a, 4, &t);
	compile_and_check(&f, "t.nft", text_of(&t, a, UINT32_MAX));
	lines = lines_with(&f, &t, DIAG_SHADOWED, DIAG_UNREACHABLE);
	for (int i = 0; i < 400 && lines; i++) {
		struct packet p = random_text_packet(&random);
		struct outcome o = evaluate_ir(f.compiled.ir, &p);

		for (size_t c = 0; c < f.compiled.ir->n_counters; c++) {
			struct position at;

			sources_locate(&f.sources, f.compiled.ir->counters[c].span.at, &at);
			if (lines >> line_of(&t, at.line) & 1 && o.counts[c])
				print_message("# seed %llu:\n%s\n%s\n", (unsigned long long)seed,
					      text_of(&t, a, UINT32_MAX), fixture_messages(&f));
			assert_false(lines >> line_of(&t, at.line) & 1 && o.counts[c]);
		}
	}
	n = (unsigned int)__builtin_popcountll(lines);
	fixture_free(&f);
	arena_free(&a);
	return n;
}

static void test_shadowed_rules_never_count(void **state)
{
	unsigned int n = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 1000; seed++)
		n += check_text_reach(seed);
	print_message("# %u shadowed rules\n", n);
	assert_true(n > 500);
}

/* By line of the file. */
static void counts_of(struct fixture *f, const struct outcome *o, uint32_t counts[64])
{
	memset(counts, 0, 64 * sizeof(*counts));
	for (size_t c = 0; c < f->compiled.ir->n_counters; c++) {
		struct position at;

		assert_true(sources_locate(&f->sources, f->compiled.ir->counters[c].span.at, &at) && at.line < 64);
		counts[at.line] += o->counts[c];
	}
}

static bool same_outcome(struct fixture *f, struct fixture *less, const struct packet *p)
{
	struct outcome x = evaluate_ir(f->compiled.ir, p), y = evaluate_ir(less->compiled.ir, p);
	uint32_t counts[2][64];

	counts_of(f, &x, counts[0]);
	counts_of(less, &y, counts[1]);
	return x.accepted == y.accepted && !memcmp(counts[0], counts[1], sizeof(counts[0]));
}

static void check_without(struct random *random, struct fixture *f, const struct random_text *t, unsigned int line)
{
	struct fixture less;

	fixture_compile(&less, "less.nft", text_of(t, f->arena, line), &fixture_facts, NULL);
	less.diag.sources = &less.sources;
	assert_int_equal(less.diag.errors, 0);
	for (int i = 0; i < 300; i++) {
		struct packet p = random_text_packet(random);
		bool same = same_outcome(f, &less, &p);

		if (!same)
			print_message("# without line %u:\n%s\n%s\n", line, text_of(t, f->arena, UINT32_MAX),
				      fixture_messages(f));
		assert_true(same);
	}
	fixture_free(&less);
}

/* A dead jump can be taken out of its rule; that is all of the rule when it doesn't count. */
static uint64_t lines_of_dead_jumps(struct fixture *f, const struct random_text *t)
{
	uint64_t lines = lines_with(f, t, DIAG_DEAD_JUMP, DIAG_DEAD_JUMP);

	for (unsigned int i = 0; i < t->n; i++)
		if (strstr(t->lines[i], "counter"))
			lines &= ~(1ull << i);
	return lines;
}

static unsigned int check_text_redundant(uint64_t seed)
{
	struct random random = { seed };
	struct arena *a = arena_new();
	struct random_text t = { 0 };
	struct fixture f;
	uint64_t lines;
	unsigned int n = 0;

	random_text(&random, a, 1, &t);
	compile_and_check(&f, "t.nft", text_of(&t, a, UINT32_MAX));
	lines = lines_with(&f, &t, DIAG_REDUNDANT, DIAG_SHADOWED) |
		lines_with(&f, &t, DIAG_UNREACHABLE, DIAG_UNREACHABLE) | lines_of_dead_jumps(&f, &t);
	for (unsigned int i = 0; i < t.n; i++)
		if (lines >> i & 1) {
			check_without(&random, &f, &t, i);
			n++;
		}
	fixture_free(&f);
	arena_free(&a);
	return n;
}

static void test_redundant_rules_change_nothing(void **state)
{
	unsigned int n = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 600; seed++)
		n += check_text_redundant(seed);
	print_message("# %u rules taken out\n", n);
	assert_true(n > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dead_rules_can_be_taken_out),
		cmocka_unit_test(test_shadowed_rules_never_count),
		cmocka_unit_test(test_redundant_rules_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
