// SPDX-License-Identifier: GPL-2.0-only
/* An apply that is killed behind its n-th system call that changes something,
 * for every n (or every few): the live rules are the old or the new ones, whole, and the next
 * apply converges without help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <compiler/base/arena.h>
#include <runtime/attach.h>
#include <runtime/store.h>
#include <tests/unit/live_fixture.h>

static struct fixture f;

static void need_root(void)
{
	if (fixture_obstacle()) {
		print_message("# SKIP %s\n", fixture_obstacle());
		skip();
	}
}

/* ---- killing ---- */

static bool bpf_changes(uint64_t cmd)
{
	switch (cmd) {
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_DELETE_ELEM:
	case BPF_MAP_UPDATE_BATCH:
	case BPF_MAP_DELETE_BATCH:
	case BPF_OBJ_PIN:
	case BPF_LINK_CREATE:
	case BPF_LINK_UPDATE:
	case BPF_LINK_DETACH:
		return true;
	default: /* what is only held by a descriptor ends with the process */
		return false;
	}
}

static bool changes(const struct __ptrace_syscall_info *i)
{
	switch (i->entry.nr) {
	case SYS_bpf:
		return bpf_changes(i->entry.args[0]);
	case SYS_mkdirat:
	case SYS_unlinkat:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_sendto:
	case SYS_sendmsg:
		return true;
	default:
		return false;
	}
}

/* Runs fn in a child and kills that behind its n-th call that changes
 * something.  True if it came to an end before, then *result is what fn said. */
static bool run_killed(int (*fn)(void *ctx), void *ctx, unsigned int n, int *result)
{
	struct __ptrace_syscall_info info;
	unsigned int seen = 0;
	bool counted = false;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(fn(ctx) ? 1 : 0);
	}
	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (;;) {
		ptrace(PTRACE_SYSCALL, child, 0, 0);
		waitpid(child, &status, 0);
		if (WIFEXITED(status)) {
			*result = WEXITSTATUS(status);
			return true;
		}
		if (WIFSIGNALED(status))
			fail_msg("the child died of signal %d", WTERMSIG(status));
		if (WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info);
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
			counted = changes(&info);
		else if (counted && ++seen == n)
			break;
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return false;
}

/* ---- what the child does ---- */

static int child_apply(void *ctx)
{
	fixture_open(&f);
	return fixture_apply(&f, ctx);
}

static int child_detach(void *ctx)
{
	(void)ctx;
	fixture_open(&f);
	return live_detach(f.live, &f.stats, &f.trouble);
}

/* ---- what must hold ---- */

static void check_attached(unsigned int in, unsigned int in_or)
{
	struct attachment *v;
	unsigned int found = 0;
	size_t n, i;

	assert_int_equal(attach_list(&f.live->pins, f.arena, &v, &n, &f.trouble), 0);
	for (i = 0; i < n; i++)
		found += v[i].hook == ATTACH_IN && v[i].active;
	assert_in_range(found, in, in_or);
}

static void check_whole(const struct ir *old, const struct ir *new)
{
	if (live_is_empty(f.live)) {
		assert_null(old);
		return;
	}
	if (old && !fixture_difference(&f, old))
		return;
	assert_int_equal(fixture_difference(&f, new), 0);
}

struct counted {
	uint64_t identity, packets;
};

static struct counted counted[500];
static size_t n_counted;

static void count(struct fixture *x, uint32_t id, uint64_t identity, void *ctx)
{
	(void)ctx;
	fixture_count(x, id, 10 + id);
	counted[n_counted++] = (struct counted){ identity, fixture_packets(x, identity) };
}

static void check_counters(void)
{
	size_t i, lasting = 0;

	for (i = 0; i < n_counted; i++) {
		uint64_t now = fixture_packets(&f, counted[i].identity);

		if (now == UINT64_MAX)
			continue;
		lasting++;
		assert_int_equal(now, counted[i].packets);
	}
	assert_true(!n_counted || lasting);
}

/* One scenario: from 'old' (NULL: nothing) to 'new', killed at the n-th call.
 * False when it wasn't killed. */
struct scenario {
	unsigned int old_rules, more_rules, edits;
	unsigned int old_interfaces, new_interfaces;
	bool old_ct, new_ct, old_tproxy, new_tproxy;
	bool clsact;
};

static bool kill_at(const struct scenario *s, unsigned int n)
{
	struct ir *old = NULL, *new;
	unsigned int i;
	bool ended;
	int result = 0;

	if (n == 1)
		fixture_begin(&f, s->old_rules, 3);
	else
		fixture_begin_here(&f, s->old_rules, 3);
	f.force_clsact = s->clsact;
	n_counted = 0;
	if (s->old_interfaces) {
		old = fixture_ir(&f, s->old_interfaces);
		old->uses_ct = s->old_ct;
		old->uses_tproxy = s->old_tproxy;
		assert_int_equal(fixture_apply(&f, old), 0);
		fixture_open(&f);
		fixture_counters(&f, count, NULL);
	}
	for (i = 0; i < s->more_rules; i++)
		rule_list_insert(&f.rules, random_below(&f.random, f.rules.rules.n), random_rule(&f.rules));
	for (i = 0; i < s->edits; i++)
		rule_list_edit(&f.rules);
	new = fixture_ir(&f, s->new_interfaces);
	new->uses_ct = s->new_ct;
	new->uses_tproxy = s->new_tproxy;

	live_close(&f.live);
	ended = run_killed(child_apply, new, n, &result);
	assert_int_equal(result, 0);
	fixture_open(&f);
	check_whole(old, new);
	if (old)
		check_attached(s->old_interfaces < s->new_interfaces ? s->old_interfaces : s->new_interfaces, 4);
	if (ended) {
		check_attached(s->new_interfaces, s->new_interfaces);
		check_counters();
	}
	if (fixture_apply(&f, new))
		fail_msg("killed at %u, the next apply fails: %s", n, f.trouble.text);
	fixture_open(&f);
	fixture_apply_twice(&f, new);
	check_attached(s->new_interfaces, s->new_interfaces);
	check_counters();
	assert_int_equal(fixture_command("ip rule | grep -c fwmark >/dev/null"), s->new_tproxy ? 0 : 1);
	fixture_end(&f);
	return !ended;
}

/* Every place takes minutes: that is for THOROUGH=1 in the environment. */
static unsigned int stride(unsigned int usual)
{
	return getenv("THOROUGH") ? 1 : usual;
}

static void kill_everywhere(const struct scenario *s, unsigned int usual_stride, unsigned int at_least)
{
	unsigned int n = 1;

	while (kill_at(s, n))
		n += stride(usual_stride);
	print_message("# killed at %u places up to %u\n", n / stride(usual_stride), n - 1);
	assert_true(n > at_least);
}

static void first(void **state)
{
	static const struct scenario s = {
		.old_rules = 12,
		.new_interfaces = 2,
		.new_ct = true,
		.new_tproxy = true,
	};

	(void)state;
	need_root();
	kill_everywhere(&s, 7, 40);
}

static void small_change(void **state)
{
	static const struct scenario s = {
		.old_rules = 12,
		.edits = 3,
		.old_interfaces = 2,
		.new_interfaces = 2,
		.old_ct = true,
		.new_ct = true,
		.old_tproxy = true,
		.new_tproxy = true,
	};

	(void)state;
	need_root();
	kill_everywhere(&s, 2, 8);
}

/* Everything grows and comes into use. */
static void growth(void **state)
{
	static const struct scenario s = {
		.old_rules = 12,
		.more_rules = 250,
		.edits = 5,
		.old_interfaces = 2,
		.new_interfaces = 4,
		.new_ct = true,
		.new_tproxy = true,
	};

	(void)state;
	need_root();
	kill_everywhere(&s, 7, 60);
}

static void retreat(void **state)
{
	static const struct scenario s = {
		.old_rules = 12,
		.edits = 4,
		.old_interfaces = 4,
		.new_interfaces = 1,
		.old_ct = true,
		.old_tproxy = true,
	};

	(void)state;
	need_root();
	kill_everywhere(&s, 7, 40);
}

static void with_clsact(void **state)
{
	static const struct scenario s = {
		.old_rules = 6,
		.edits = 2,
		.old_interfaces = 1,
		.new_interfaces = 3,
		.new_ct = true,
		.clsact = true,
	};

	(void)state;
	need_root();
	kill_everywhere(&s, 7, 20);
}

static void detach(void **state)
{
	unsigned int n;
	bool ended = false;
	int result = 0;

	(void)state;
	need_root();
	for (n = 1; !ended; n += stride(7)) {
		struct ir *ir;

		if (n == 1)
			fixture_begin(&f, 8, 5);
		else
			fixture_begin_here(&f, 8, 5);
		ir = fixture_ir(&f, 2);
		assert_int_equal(fixture_apply(&f, ir), 0);
		live_close(&f.live);
		ended = run_killed(child_detach, NULL, n, &result);
		assert_int_equal(result, 0);
		fixture_open(&f);
		if (n % 2) { /* either way out */
			fixture_apply(&f, ir);
			fixture_open(&f);
			fixture_apply_twice(&f, ir);
		}
		fixture_end(&f);
		assert_int_not_equal(fixture_command("ip rule | grep -q fwmark"), 0);
	}
	assert_true(n > 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first),   cmocka_unit_test(small_change), cmocka_unit_test(growth),
		cmocka_unit_test(retreat), cmocka_unit_test(with_clsact),  cmocka_unit_test(detach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
