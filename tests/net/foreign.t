#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# foreign.t - other people's TC programs stay attached and keep running, before
# and behind ours, whatever zfwc does.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
modprobe -q sch_ingress cls_bpf 2>/dev/null

# count HANDLE: what the foreign program HANDLE has counted.
start() { # HANDLE NAME KIND
	mkfifo "$tmp/$1.in" "$tmp/$1.answers"
	ns "$2" "$tools/foreign" "$3" "$tools/count.bpf.o" eth0 <"$tmp/$1.in" >"$tmp/$1.answers" 2>"$tmp/$1.err" &
	spawned+=($!)
	local in out
	exec {in}>"$tmp/$1.in" {out}<"$tmp/$1.answers"
	read -r -t 5 <&"$out" || {
		comment <"$tmp/$1.err"
		return 1
	}
	ins[$1]=$in outs[$1]=$out
}
count() {
	local n
	echo >&"${ins[$1]}"
	read -r -t 5 n <&"${outs[$1]}"
	echo "$n"
}
declare -A ins outs

# How zfwc attaches without being told; tcx came with Linux 6.6.
usual=tcx
[ "$(printf '%s\n' 6.6 "$(uname -r)" | sort -V | head -n1)" = 6.6 ] || usual=clsact

counts() { # WHAT HANDLE: it sees another packet
	local before
	before=$(count "$2")
	ping client 10.9.0.2 >/dev/null
	ok "$1: $2 keeps counting ($before, then $(count "$2"))" [ "$(count "$2")" -gt "$before" ]
}

throughout() { # FOREIGN-KIND OPTION-FOR-APPLY WHAT
	ns_pair client host
	start "before-$1$2" host "$1" || {
		skip "$3" "the kernel has no $1"
		cleanup_ns
		return
	}
	ruleset 'icmp type echo-request counter accept' >"$tmp/one.conf"
	ruleset 'icmp type echo-request counter accept
		tcp dport 80 counter accept' >"$tmp/two.conf"

	# shellcheck disable=SC2086 # no option is no argument
	ok "$3: apply" zfwc_in host apply $2 "$tmp/one.conf"
	counts "$3, applied" "before-$1$2"
	is "$3: our program sees the packets too" "$(packets host 'icmp type')" 1
	start "behind-$1$2" host tcx || true
	[ -z "${ins[behind-$1$2]:-}" ] || counts "$3, attached behind" "behind-$1$2"
	# shellcheck disable=SC2086
	ok "$3: apply a change" zfwc_in host apply $2 "$tmp/two.conf"
	counts "$3, changed" "before-$1$2"
	# shellcheck disable=SC2086
	ok "$3: apply again" zfwc_in host apply $2 "$tmp/two.conf"
	counts "$3, unchanged" "before-$1$2"
	like "$3: status" "$(zfwc_in host status)" "eth0.*$([ -n "$2" ] && echo clsact || echo "$usual")"
	ok "$3: detach" zfwc_in host detach
	counts "$3, detached" "before-$1$2"
	[ -z "${ins[behind-$1$2]:-}" ] || counts "$3, detached" "behind-$1$2"
	cleanup_ns
}

# The names are used again.
cleanup_ns() {
	local name
	for name in "${ns_made[@]}"; do
		ip netns delete "$ns_prefix$name"
	done
	ns_made=()
}

throughout tcx '' "beside tcx, by $usual"
throughout clsact '' "beside clsact, by $usual"
throughout clsact --clsact 'beside clsact, by clsact'
throughout tcx --clsact 'beside tcx, by clsact'

# An interface on which clsact was ours alone gets rid of it.
ns_pair client host
ruleset 'icmp type echo-request accept' >"$tmp/one.conf"
ok 'alone, by clsact: apply' zfwc_in host apply --clsact "$tmp/one.conf"
ok 'alone, by clsact: rules work' ping client 10.9.0.2
fails 'alone, by clsact: and drop' ping client -6 fd09::2
is 'alone, by clsact: again nothing to write' "$(zfwc_in host apply --clsact "$tmp/one.conf" | grep -c '0 map writes')" 1
ok 'alone, by clsact: detach' zfwc_in host detach
is 'alone, by clsact: no filter is left' "$(ns host tc filter show dev eth0 ingress; ns host tc filter show dev eth0 egress)" ''
is 'alone, by clsact: no qdisc is left' "$(ns host tc qdisc show dev eth0 | grep clsact)" ''
done_testing
