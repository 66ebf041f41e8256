#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# nft_agree.t - zfwc and the kernel's nft do the same with the same packets.
#
#	tests/net/nft_agree.t [--long] [SEED [RULESETS [FRAMES]]]
#
# Random rules of the whole language, but for zfwc's own statements, are loaded by nft
# in one namespace and by zfwc in another; each random frame arrives in both, or leaves
# both.  Then every counter of every rule must show the same packets and bytes, what
# comes through must be the same packets with the same marks, and so must be the
# answers of 'reject'.  AGREE_SEED, AGREE_RULESETS and AGREE_FRAMES, or the arguments,
# choose other rules; AGREE_HOOKS other hooks.  AGREE_KEEP names a file that the rules
# of the last failure are copied to.  --long: ten times as many rulesets.
#
# What isn't generated, since the two differ in it: nft_differs.t has a test of each.
# shellcheck source=tests/lib.sh disable=SC2154
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/net/agree.sh
. "$(dirname "$0")/agree.sh"

times=1
if [ "${1:-}" = --long ]; then
	times=10
	shift
fi
seed=${1:-${AGREE_SEED:-777000}}
rulesets=$((times * ${2:-${AGREE_RULESETS:-200}}))
frames=${3:-${AGREE_FRAMES:-5000}}
read -ra hooks <<<"${AGREE_HOOKS:-ingress ingress ingress egress prerouting}"
n_rules=0 moved=0

agree_namespaces

same() { # SEED HOOK
	local status=0
	"$agree" rules "$1" "$2" >"$tmp/rules.nft" && load_nft && load_zfwc "$1" || return 1
	agree_run "$1" "$2" "$frames" || status=1
	agree_compare || status=1
	n_rules=$((n_rules + $(grep -c 'comment "r' "$tmp/rules.nft")))
	moved=$((moved + $(grep '^r' "$tmp/counters.nft" | grep -vcE ':( <0 0>)+$')))
	return $status
}

one() { # SEED
	local hook=${hooks[$(($1 % ${#hooks[@]}))]}
	echo "hook $hook"
	agree_hook "$hook"
	same "$1" "$hook" && return 0
	[ -z "${AGREE_KEEP:-}" ] || cp "$tmp/rules.nft" "$AGREE_KEEP"
	return 1
}

# Would a difference be seen?  nft looks at the source, zfwc at the destination.
differs() {
	agree_hook ingress
	cat >"$tmp/rules.nft" <<-END
		table netdev t {
			chain c {
				type filter hook ingress devices = { eth0, eth1 } priority 0; policy accept;
				counter comment "r0"
				ip saddr 10.0.0.0/16 counter $1 comment "r1"
			}
		}
	END
	load_nft || return 1
	sed -i 's/saddr/daddr/' "$tmp/rules.nft"
	load_zfwc 2 || return 1
	agree_run 2 ingress "$frames"
	! cmp -s "$tmp/$2.nft" "$tmp/$2.zfwc"
}

for ((i = 0; i < rulesets; i++)); do
	ok "$frames frames, seed $((seed + i))" one $((seed + i))
done
echo "# $rulesets rulesets, $((rulesets * frames)) frames, $test_failures differ;" \
	"$moved of $n_rules rules counted something; left out: $refused lines that nft refuses, $unsupported that zfwc doesn't support"
ok "$moved rules counted something" [ $((4 * moved)) -ge "$n_rules" ]
ok 'other counters are told apart' differs '' counters
ok 'so are other packets that come through' differs drop seen
ok 'and other marks' differs 'meta mark set 5' seen
done_testing
