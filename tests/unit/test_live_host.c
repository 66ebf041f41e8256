// SPDX-License-Identifier: GPL-2.0-only
/* Around the maps: where the pins are and who may write, the routing of
 * intercepted packets, and what the host says of its interfaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <compiler/base/arena.h>
#include <compiler/facts.h>
#include <runtime/pins.h>
#include <runtime/routing.h>
#include <tests/unit/live_fixture.h>

static struct trouble t;
static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	if (fixture_obstacle())
		return 0;
	return unshare(CLONE_NEWNET) || fixture_command("ip link set lo up");
}

static int end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void need_root(void)
{
	if (fixture_obstacle()) {
		print_message("# SKIP %s\n", fixture_obstacle());
		skip();
	}
}

static void sh(const char *command)
{
	if (fixture_command("%s", command))
		fail_msg("failed: %s", command);
}

/* What fn says in a child of its own. */
static int in_child(int (*fn)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		_exit(fn());
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- pins ---- */

static struct pins open_pins(const char *instance)
{
	struct pins p = PINS_NONE;

	if (pins_open(instance, LIVE_WRITE, 0, &p, &t))
		fail_msg("%s", t.text);
	return p;
}

static void names(void **state)
{
	static const char *const bad[] = {
		"",	    "a/b", "a b", "a\n",
		"\xc3\xa4", "a~b", "a%b", "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345"
	};
	static const char *const good[] = { "a", "..", ".", "a.b", "A-Z_09" };
	struct pins p;
	size_t i;

	(void)state;
	need_root();
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(pins_open(bad[i], LIVE_WRITE, 0, &p, &t), -EINVAL);
		assert_non_null(strstr(t.text, "instance"));
	}
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		p = open_pins(good[i]);
		assert_int_equal(pins_destroy(&p), 0);
		pins_close(&p);
	}
}

static int sees_pin(void)
{
	struct pins p;
	bool there;

	if (pins_open("zfwc-core-pins", LIVE_READ, 0, &p, &t))
		return 1;
	there = pins_exist(&p, "mark");
	pins_close(&p);
	return there ? 0 : 2;
}

/* As 'ip netns exec' does it: a mount namespace of its own with another /sys. */
static int sees_pin_elsewhere(void)
{
	if (unshare(CLONE_NEWNS) || mount("", "/", "none", MS_SLAVE | MS_REC, NULL) ||
	    mount("zfwc-core-sys", "/sys", "sysfs", 0, NULL))
		return 3;
	umount2("/run/zfwc/bpf", MNT_DETACH); /* as if it had been mounted after the namespace was made */
	return sees_pin();
}

static int makes_pin_elsewhere(void)
{
	struct pins p = PINS_NONE;

	if (unshare(CLONE_NEWNS) || mount("", "/", "none", MS_SLAVE | MS_REC, NULL))
		return 3;
	umount2("/run/zfwc/bpf", MNT_DETACH);
	if (pins_open("zfwc-core-pins", LIVE_WRITE, 0, &p, &t) || pins_mkdir(&p, "mark"))
		return 4;
	return 0;
}

static int sees_nothing(void)
{
	return unshare(CLONE_NEWNET) ? 3 : sees_pin();
}

static void one_place(void **state)
{
	struct pins p;

	(void)state;
	need_root();
	assert_int_equal(in_child(makes_pin_elsewhere), 0);
	assert_int_equal(in_child(sees_pin), 0);
	assert_int_equal(in_child(sees_pin_elsewhere), 0);
	assert_int_equal(in_child(sees_nothing), 1);
	p = open_pins("zfwc-core-pins");
	assert_int_equal(pins_destroy(&p), 0);
	pins_close(&p);
	assert_int_equal(in_child(sees_pin), 1);
}

/* ---- the lock ---- */

static int tries_lock(void)
{
	struct pins p = PINS_NONE;
	char holder[32];

	snprintf(holder, sizeof(holder), "process %d", getppid());
	if (pins_open("zfwc-core-lock", LIVE_WRITE, 0, &p, &t) != -EBUSY)
		return 1;
	return strstr(t.text, holder) ? 0 : 2;
}

static int waits_for_lock(void)
{
	struct pins p = PINS_NONE;

	return pins_open("zfwc-core-lock", LIVE_WRITE, 10, &p, &t) || pins_mkdir(&p, "mine") ? 1 : 0;
}

static void one_writer(void **state)
{
	struct pins p;
	int status;
	pid_t child;

	(void)state;
	need_root();
	p = open_pins("zfwc-core-lock");
	assert_int_equal(in_child(tries_lock), 0);
	child = fork();
	if (!child) {
		pins_close(&p); /* the lock is of the open file, which fork doubles */
		_exit(waits_for_lock());
	}
	usleep(100000);
	assert_int_equal(waitpid(child, &status, WNOHANG), 0);
	/* The folder that it waits for goes: it must make another one. */
	assert_int_equal(pins_destroy(&p), 0);
	pins_close(&p);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	p = open_pins("zfwc-core-lock");
	assert_true(pins_exist(&p, "mine"));
	assert_int_equal(pins_destroy(&p), 0);
	pins_close(&p);
}

static int without_privilege(void)
{
	struct pins p;

	if (setgid(65534) || setuid(65534))
		return 1;
	if (pins_open("zfwc-core-lock", LIVE_WRITE, 0, &p, &t) >= 0)
		return 2;
	return strstr(t.text, "run as root") ? 0 : 3;
}

static void privilege(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(in_child(without_privilege), 0);
}

/* ---- routing ---- */

static struct routing choose(void)
{
	struct routing r;

	if (routing_choose(&r, &t))
		fail_msg("%s", t.text);
	return r;
}

static void install(const struct routing *r)
{
	if (routing_install(r, &t))
		fail_msg("%s", t.text);
}

static struct routing_state look(const struct routing *r)
{
	struct routing_state s;

	if (routing_read(r, &s, &t))
		fail_msg("%s", t.text);
	return s;
}

static void comes_and_goes(void **state)
{
	struct routing r;
	struct routing_state s;

	(void)state;
	need_root();
	r = choose();
	assert_int_equal(r.mark, 0x04000000);
	assert_int_equal(r.table, 31200);
	assert_int_equal(r.priority, 100);
	install(&r);
	s = look(&r);
	assert_true(s.rule4 && s.rule6 && s.route4 && s.route6 && !s.no_ipv6 && !s.lo_down);
	install(&r);
	assert_int_equal(fixture_command("test $(ip rule show pref 100 | wc -l) = 1"), 0);
	sh("ip rule del pref 100; ip -6 route flush table 31200");
	s = look(&r);
	assert_true(!s.rule4 && s.rule6 && s.route4 && !s.route6);
	install(&r);
	assert_true(routing_complete(&(struct routing_state){ true, true, true, true, false, false, false }));
	s = look(&r);
	assert_true(routing_complete(&s));
	assert_int_equal(routing_remove(&r, &t), 0);
	s = look(&r);
	assert_true(!s.rule4 && !s.rule6 && !s.route4 && !s.route6);
	assert_int_equal(routing_remove(&r, &t), 0);
}

static void free_numbers(void **state)
{
	struct routing r;

	(void)state;
	need_root();
	sh("ip rule add pref 100 fwmark 0x04000000/0x0c000000 lookup 31200 && "
	   "ip -6 rule add pref 101 from all lookup 31201 && "
	   "ip route add blackhole 10.99.0.0/16 table 31202");
	r = choose();
	assert_int_equal(r.mark, 0x10000000);
	assert_int_equal(r.table, 31203);
	assert_int_equal(r.priority, 102);
	install(&r);
	r = choose();
	assert_int_equal(r.mark, 0x20000000);
	assert_int_equal(r.table, 31204);
	assert_int_equal(r.priority, 103);
}

/* Equal in everything but the protocol. */
static void leaves_others_alone(void **state)
{
	struct routing r;

	(void)state;
	need_root();
	r = choose();
	install(&r);
	sh("ip rule add pref 100 fwmark 0x04000000/0x04000000 lookup 31200 protocol static && "
	   "ip route add local default dev lo table 31200 proto static metric 5 && "
	   "ip -6 rule add pref 100 fwmark 0x04000000/0x04000000 lookup 31200 protocol static");
	assert_int_equal(routing_remove(&r, &t), 0);
	sh("test \"$(ip rule show pref 100 | wc -l)\" = 1 && test \"$(ip -6 rule show pref 100 | wc -l)\" = 1 && "
	   "test \"$(ip route show table 31200 | wc -l)\" = 1");
	/* theirs aren't taken for ours */
	assert_false(look(&r).rule4);
	assert_false(look(&r).route4);
}

static void obstacles(void **state)
{
	struct routing r;
	struct routing_state s;

	(void)state;
	need_root();
	r = choose();
	sh("ip link set lo down");
	assert_int_equal(routing_install(&r, &t), -ENETDOWN);
	assert_non_null(strstr(t.text, "ip link set lo up"));
	sh("ip link set lo up; echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6");
	install(&r);
	s = look(&r);
	assert_true(s.no_ipv6 && s.rule4 && s.route4 && !s.route6 && routing_complete(&s));
	assert_int_equal(routing_remove(&r, &t), 0);
}

/* ---- facts ---- */

static const struct fact_address *find(const struct fact_interface *i, const char *text)
{
	uint8_t addr[16] = { 0 };
	uint8_t family = strchr(text, ':') ? AF_INET6 : AF_INET;
	size_t k;

	assert_int_equal(inet_pton(family, text, addr), 1);
	for (k = 0; k < i->n_addrs; k++)
		if (i->addrs[k].family == family && !memcmp(i->addrs[k].addr, addr, 16))
			return &i->addrs[k];
	return NULL;
}

static void facts(void **state)
{
	const struct fact_interface *i;
	struct facts v;

	(void)state;
	need_root();
	sh("ip link add zc0 index 7 type veth peer name zc1 index 5 && ip link set zc0 up && "
	   "ip addr add 10.7.0.1/24 dev zc0 && ip addr add 10.7.0.2/24 dev zc0 && ip addr add 10.8.0.1 peer 10.8.0.9 dev zc0 && "
	   "ip addr add 2001:db8::7/64 dev zc0 nodad && ip addr add 2001:db8::8/64 dev zc0 nodad preferred_lft 0");
	assert_int_equal(host_facts(arena, &v, &t), 0);
	assert_int_equal(v.n, 3);
	assert_false(v.assume);
	assert_string_equal(v.v[0].name, "lo");
	assert_true(v.v[0].loopback && !v.v[0].no_ethernet);
	assert_string_equal(v.v[1].name, "zc1");
	i = &v.v[2];
	assert_string_equal(i->name, "zc0");
	assert_int_equal(i->index, 7);
	assert_false(i->no_ethernet);
	assert_false(find(i, "10.7.0.1")->secondary);
	assert_true(find(i, "10.7.0.2")->secondary);
	assert_non_null(find(i, "10.8.0.1"));
	assert_null(find(i, "10.8.0.9"));
	assert_false(find(i, "2001:db8::7")->unusable);
	assert_true(find(i, "2001:db8::8")->unusable);
	/* not there in every kernel */
	if (fixture_command("ip tuntap add zctun mode tun 2>/dev/null"))
		return;
	assert_int_equal(host_facts(arena, &v, &t), 0);
	assert_true(facts_by_name(&v, "zctun")->no_ethernet);
}

static int enters_missing(void)
{
	return host_enter_netns("zfwc-core-no-such", &t) == -ENOENT && strstr(t.text, "zfwc-core-no-such") ? 0 : 1;
}

static int enters_bad(void)
{
	return host_enter_netns("../../etc/passwd", &t) == -EINVAL && host_enter_netns("", &t) == -EINVAL ? 0 : 1;
}

static int enters(void)
{
	struct facts v;

	if (host_enter_netns("zfwc-core-ns", &t) || host_facts(arena, &v, &t))
		return 1;
	return v.n == 2 && !strcmp(v.v[1].name, "zcv0") ? 0 : 2;
}

static void namespaces(void **state)
{
	int r;

	(void)state;
	need_root();
	assert_int_equal(in_child(enters_missing), 0);
	assert_int_equal(in_child(enters_bad), 0);
	fixture_command("ip netns del zfwc-core-ns 2>/dev/null");
	sh("ip netns add zfwc-core-ns && ip link add zcv0 netns zfwc-core-ns type veth peer name zcv1");
	r = in_child(enters);
	sh("ip netns del zfwc-core-ns");
	assert_int_equal(r, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names, begin, end),
		cmocka_unit_test_setup_teardown(one_place, begin, end),
		cmocka_unit_test_setup_teardown(one_writer, begin, end),
		cmocka_unit_test_setup_teardown(privilege, begin, end),
		cmocka_unit_test_setup_teardown(comes_and_goes, begin, end),
		cmocka_unit_test_setup_teardown(free_numbers, begin, end),
		cmocka_unit_test_setup_teardown(leaves_others_alone, begin, end),
		cmocka_unit_test_setup_teardown(obstacles, begin, end),
		cmocka_unit_test_setup_teardown(facts, begin, end),
		cmocka_unit_test_setup_teardown(namespaces, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
