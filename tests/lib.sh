# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# lib.sh - what the test scripts share: results as TAP, network namespaces that
# vanish, and rules applied in them.
#
#	. "$(dirname "$0")/../lib.sh"
#	need_root
#	ns_pair client router
#	apply router 'icmp type echo-request accept'
#	ok    'the client gets an answer'   ping client 10.9.0.2
#	fails 'another address is silent'   ping client 10.9.0.3
#	done_testing
#
# Everything made here is named zfwc-net-*, lives below $tmp, or is a process
# started with 'spawn', and is gone when the script ends, however it ends.

set -u
# A sanitizer's finding is told apart from a command that reports failure.
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SRCDIR=${SRCDIR:-$(dirname "$here")}
BUILDDIR=${BUILDDIR:-$SRCDIR/build}
ZFWC=${ZFWC:-$BUILDDIR/zfwc}
tools=$BUILDDIR/tests/tools
test_number=0
test_failures=0
ns_prefix=zfwc-net-$$-
ns_made=()
spawned=()
tmp=$(mktemp -d "${TMPDIR:-/tmp}/zfwc-net-XXXXXX")

cleanup() {
	local status=$? pid name instance
	trap - EXIT INT TERM HUP
	for pid in "${spawned[@]}"; do
		kill "$pid" 2>/dev/null
	done
	for name in "${ns_made[@]}"; do
		for instance in default one two; do
			zfwc_in "$name" --instance "$instance" detach >/dev/null 2>&1
		done
		ip netns pids "$ns_prefix$name" 2>/dev/null | while read -r pid; do kill -9 "$pid" 2>/dev/null; done
		ip netns delete "$ns_prefix$name" 2>/dev/null
	done
	wait 2>/dev/null
	rm -rf "$tmp"
	exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# ---- results ----

comment() {
	sed 's/^/# /'
}

# ok DESCRIPTION COMMAND...: the command succeeds; what it said is shown if not.
# Its output can be looked at afterwards in $tmp/out.
ok() {
	local what=$1 status
	shift
	test_number=$((test_number + 1))
	"$@" >"$tmp/out" 2>&1 </dev/null
	status=$?
	if [ $status = 0 ]; then
		echo "ok $test_number - $what"
		return 0
	fi
	test_failures=$((test_failures + 1))
	echo "not ok $test_number - $what"
	echo "# status $status of: $*"
	comment <"$tmp/out"
	return 1
}

not() {
	! "$@"
}

# fails DESCRIPTION COMMAND...: the command runs and reports failure by itself (not by
# being missing, by a signal, or by a sanitizer).
fails() {
	local what=$1
	shift
	ok "$what" ends_with_error "$@"
}

ends_with_error() {
	local status
	"$@"
	status=$?
	[ $status -ge 1 ] && [ $status -lt 126 ] && [ $status != 99 ]
}

# ends STATUS COMMAND...: the command ends with exactly this status.
ends() {
	local wanted=$1 status
	shift
	"$@"
	status=$?
	[ $status = "$wanted" ] || {
		echo "status $status, not $wanted"
		return 1
	}
}

# is DESCRIPTION GOT WANTED
is() {
	ok "$1" is_same "$2" "$3"
}

is_same() {
	[ "$1" = "$2" ] || {
		printf 'got:\n%s\nwanted:\n%s\n' "$1" "$2"
		return 1
	}
}

# like DESCRIPTION TEXT REGEX: some line of the text matches.
like() {
	ok "$1" is_like "$2" "$3"
}

is_like() {
	grep -qE -- "$2" <<<"$1" || {
		printf 'no line matches %s in:\n%s\n' "$2" "$1"
		return 1
	}
}

done_testing() {
	echo "1..$test_number"
	[ $test_failures = 0 ]
	exit $?
}

skip_all() {
	echo "1..0 # skip $*"
	exit 0
}

skip() { # DESCRIPTION REASON
	test_number=$((test_number + 1))
	echo "ok $test_number - $1 # skip $2"
}

need_root() {
	[ "$(id -u)" = 0 ] || skip_all "needs root: makes network namespaces and loads BPF programs"
	unshare --net true 2>/dev/null || skip_all "the kernel gives no network namespaces here"
}

need() { # COMMAND DEBIAN-PACKAGE
	command -v "$1" >/dev/null || skip_all "needs $1 (Debian package $2)"
}

# ---- namespaces ----

ns_new() { # NAME...
	local name
	for name; do
		ns_made+=("$name")
		ip netns add "$ns_prefix$name" || exit 1
		ns "$name" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
			net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
			net.ipv4.ping_group_range='0 0'
		ns "$name" ip link set lo up
	done
}

# ns NAME COMMAND...: the command, inside the namespace.
ns() {
	local name=$1
	shift
	ip netns exec "$ns_prefix$name" "$@"
}

# link A IF-A B IF-B: a cable between two namespaces.
link() {
	ip link add "$2" netns "$ns_prefix$1" type veth peer name "$4" netns "$ns_prefix$3" || exit 1
	ns "$1" ip link set "$2" up
	ns "$3" ip link set "$4" up
}

addr() { # NAME INTERFACE ADDRESS...
	local name=$1 interface=$2 address
	shift 2
	for address; do
		case $address in
		*:*) ns "$name" ip addr add "$address" dev "$interface" nodad ;;
		*) ns "$name" ip addr add "$address" dev "$interface" ;;
		esac || exit 1
	done
}

# ns_pair A B: both namespaces and eth0 in each; A has 10.9.0.1 and fd09::1 and
# sends everything else to B, which has 10.9.0.2 and fd09::2.
ns_pair() {
	ns_new "$1" "$2"
	link "$1" eth0 "$2" eth0
	addr "$1" eth0 10.9.0.1/24 fd09::1/64
	addr "$2" eth0 10.9.0.2/24 fd09::2/64
	ns "$1" ip route add default via 10.9.0.2
	ns "$1" ip -6 route add default via fd09::2
}

# ---- processes ----

# spawn NAME COMMAND...: in the background, output in $tmp/NAME.out; returns when
# that says "ready" or after two seconds.
spawn() {
	local name=$1 i
	shift
	: >"$tmp/$name.out"
	"$@" >"$tmp/$name.out" 2>&1 </dev/null &
	spawned+=($!)
	for ((i = 0; i < 40; i++)); do
		grep -q ready "$tmp/$name.out" && return 0
		kill -0 ${spawned[-1]} 2>/dev/null || break
		sleep 0.05
	done
	echo "# '$*' didn't say ready:"
	comment <"$tmp/$name.out"
	return 1
}

# Waits until a command succeeds, for at most five seconds.
until_ok() {
	local i
	for ((i = 0; i < 50; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}

peer() { # NAME ARGUMENT...: tests/tools/peer inside the namespace
	local name=$1
	shift
	ns "$name" "$tools/peer" "$@"
}

# ask NAME [OPTION...] ADDRESS PORT: says hello, prints the answer.
ask() {
	local name=$1
	shift
	echo hello | ns "$name" "$tools/peer" ask "$@"
}

ping() { # NAME [OPTION...] ADDRESS
	local name=$1
	shift
	ns "$name" "$tools/peer" ping "$@"
}

# ---- zfwc ----

zfwc_in() { # NAME ARGUMENT...
	local name=$1
	shift
	ns "$name" "$ZFWC" "$@"
}

# ruleset BODY [DEVICE] [POLICY]: a file with one ingress chain, on standard output.
ruleset() {
	cat <<-END
		table netdev test {
			chain ingress {
				type filter hook ingress device "${2:-eth0}" priority filter; policy ${3:-drop};
				$1
			}
		}
	END
}

# apply NAME BODY: makes this the one chain on eth0, with policy drop.  A failure
# ends the test script, nothing later would mean anything.
apply() {
	ruleset "$2" >"$tmp/rules.conf"
	zfwc_in "$1" apply "$tmp/rules.conf" >"$tmp/apply.out" 2>&1 || {
		echo "Bail out! apply failed"
		comment <"$tmp/apply.out"
		exit 1
	}
}

# writes: the number of map writes and deletes that 'apply --stats' reports.
map_writes() { # NAME FILE
	zfwc_in "$1" apply --stats "$2" >"$tmp/stats.out" 2>&1 || {
		cat "$tmp/stats.out"
		return 1
	}
	sed -nE 's/.*\b([0-9]+) map writes?.*/\1/p' "$tmp/stats.out" | head -n1
}

# packets NAME PATTERN: what the counter of the rule that contains PATTERN says.
packets() {
	zfwc_in "$1" list | grep -F -- "$2" | sed -nE 's/.*counter packets ([0-9]+).*/\1/p' | head -n1
}
