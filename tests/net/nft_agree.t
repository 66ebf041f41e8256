#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# nft_agree.t - zfwc and the kernel's nft count the same packets at the same rules.
#
#	tests/net/nft_agree.t [SEED [RULESETS [FRAMES]]]
#
# Random rules, without zfwc's own statements, are loaded by nft in one namespace
# and by zfwc in another; each random frame arrives in both.  Then every counter
# of every rule must show the same packets and bytes.  AGREE_SEED, AGREE_RULESETS
# and AGREE_FRAMES, or the arguments, choose other rules (AGREE_SEED=$RANDOM ones
# that nobody has seen); the seed of a failure is printed, and its rules are shown.
#
# What isn't generated, since the two differ in it on purpose (see zfwc.conf(5)):
#   ARP			zfwc accepts it before any rule
#   neighbour discovery		(ICMPv6 133-137 with hop limit 255) isn't dropped by policies
#   malformed IP headers	nft drops them in inet chains, and reads addresses from them in
#				netdev chains; for zfwc they match only what looks at no header
#   later fragments of TCP,	some kernels' nft reads ports from their payload (its fast path does,
#   UDP, SCTP and ICMP	its slow path doesn't, seen on 6.18); for zfwc they have none
#   ports cut off by the	nft reads on in what follows the packet in the frame, and a source
#   packet's length		port or a type if only that is there; zfwc wants four bytes
#   two VLAN tags		nft sees through one
#   'meta nfproto' in netdev	nft compares with the family of the hook, so it is always false
#   equal priorities		nft leaves the order open
# shellcheck source=tests/lib.sh disable=SC2154
. "$(dirname "$0")/../lib.sh"
need_root
need nft nftables

agree=$BUILDDIR/tests/tools/nft_agree
seed=${1:-${AGREE_SEED:-777000}}
rulesets=${2:-${AGREE_RULESETS:-60}}
frames=${3:-${AGREE_FRAMES:-8000}}

# Nothing but the test's frames may arrive: no ARP, no IPv6.
ns_new sender nft zfwc
for name in sender nft zfwc; do
	ns $name sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
done
for i in 0 1; do
	link sender n$i nft eth$i
	link sender z$i zfwc eth$i
done
for interface in n0 n1 z0 z1; do
	ns sender ip link set $interface arp off
done

# One line a rule, from a listing with counters: its comment, and its counters in order.
counters() {
	perl -ne 'next unless /\bcounter\b/ && /comment "r(\d+)"/;
		my $nr = $1;
		$rule[$nr] = join(" ", map { "<$_>" } /\bcounter(?: packets (\d+ bytes \d+))?/g);
		END { printf("r%d: %s\n", $_, $rule[$_]) for grep { defined $rule[$_] } 0 .. $#rule }' |
		sed 's/<>/<0 bytes 0>/g; s/ bytes / /g'
}

# The first chain counts all frames: wait until they have arrived.
arrived() { # NAME COMMAND...
	local name=$1 i
	shift
	for ((i = 0; i < 50; i++)); do
		ns "$name" "$@" >"$tmp/list.$name" || return 1
		[ "$(grep -m1 'comment "r0"' "$tmp/list.$name" | sed 's/.*packets \([0-9]*\).*/\1/')" = "$frames" ] && return 0
		sleep 0.05
	done
	echo "not all $frames frames were seen in $name:"
	grep -m1 'comment "r0"' "$tmp/list.$name"
	return 1
}

# zfwc gets the rules in two steps, the second of which fills gaps left by the first.
load() { # SEED RULES-FOR-ZFWC
	ns nft nft flush ruleset && ns nft nft -f "$tmp/rules.nft" || return 1
	grep -v "comment \"r[0-9]*[$(($1 % 10))$(($1 / 10 % 10))]\"" "$2" >"$tmp/some.nft"
	zfwc_in zfwc detach >/dev/null && zfwc_in zfwc apply "$tmp/some.nft" >/dev/null 2>"$tmp/err" &&
		zfwc_in zfwc apply "$2" >/dev/null 2>"$tmp/err" && zfwc_in zfwc diff "$2" 2>"$tmp/err" && return 0
	cat "$tmp/err"
	return 1
}

run() { # SEED RULES-FOR-ZFWC
	load "$1" "$2" || return 1
	ns sender "$agree" send "$1" "$frames" n0:z0 n1:z1 || return 1
	arrived nft nft list ruleset && arrived zfwc "$ZFWC" list || return 1
	counters <"$tmp/list.nft" >"$tmp/counters.nft"
	counters <"$tmp/list.zfwc" >"$tmp/counters.zfwc"
}

one() { # SEED
	"$agree" rules "$1" >"$tmp/rules.nft" && run "$1" "$tmp/rules.nft" || return 1
	cmp -s "$tmp/counters.nft" "$tmp/counters.zfwc" && return 0
	echo "nft (-) and zfwc (+) differ, <packets bytes> of each counter:"
	diff -u "$tmp/counters.nft" "$tmp/counters.zfwc" | sed '1,2d' | grep '^[-+]'
	cat "$tmp/rules.nft"
	return 1
}

differs() { # SEED
	"$agree" rules "$1" >"$tmp/rules.nft"
	sed 's/saddr/daddr/' "$tmp/rules.nft" >"$tmp/other.nft"
	run "$1" "$tmp/other.nft" && ! cmp -s "$tmp/counters.nft" "$tmp/counters.zfwc"
}

for ((i = 0; i < rulesets; i++)); do
	ok "$frames frames, seed $((seed + i))" one $((seed + i))
	moved=$((${moved:-0} + $(grep -vcE ':( <0 0>)+$' "$tmp/counters.nft")))
done
ok "$moved rules counted something" [ "$moved" -ge "$rulesets" ]
ok 'other rules are told apart' differs 2
done_testing
