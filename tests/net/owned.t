#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# owned.t - zfwc makes the routing that interception needs, leaves everybody
# else's alone, and leaves nothing behind.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
ns_pair client host
spawn tcp4 ns host "$tools/peer" serve -4 -t 4000 || exit 1
spawn tcp6 ns host "$tools/peer" serve -6 -t 4000 || exit 1

# Another interceptor's set-up, as its manual tells people to make it.
ns host ip rule add fwmark 0x1/0x1 lookup 100
ns host ip route add local default dev lo table 100
ns host ip -6 rule add fwmark 0x1/0x1 lookup 100
ns host ip -6 route add local default dev lo table 100
ns host ip rule add from 10.9.0.77 lookup 200 priority 7

network() { # everything that somebody may have set up
	local family
	for family in -4 -6; do
		ns host ip $family rule
		ns host ip $family route show table all | grep -v '^broadcast\|^multicast\|^ff00\|expires\|anycast' | sort
	done
	ns host nft list ruleset
	ns host tc qdisc show
	ns host ip -o link | sed 's/ *link-netns.*//'
}

# Of the namespace, whose number 'status' told.  In a container they may be in
# the mount namespace of a process further up.
pins() {
	local folder
	for folder in /proc/[0-9]*/root/run/zfwc/bpf/"$number"; do
		ls "$folder" 2>/dev/null && return
	done
}

rules='ip daddr 203.0.113.0/24 tcp dport 80 tproxy ip to :4000 accept
	ip6 daddr 2001:db8:7::/48 tcp dport 80 tproxy ip6 to :4000 accept'

network >"$tmp/before"
apply host "$rules"
network >"$tmp/applied"
ok 'interception works' ask client 203.0.113.7 80
ok 'interception works over IPv6' ask client -6 2001:db8:7::7 80
is 'nothing of the others is missing' "$(comm -23 <(sort "$tmp/before") <(sort "$tmp/applied"))" ''
is 'two rules and two routes are new' "$(comm -13 <(sort "$tmp/before") <(sort "$tmp/applied") | grep -c .)" 4
number=$(zfwc_in host status | sed -n 's/^netns *//p')
is 'there are pins' "$(pins)" default
like 'status tells of the routing' "$(zfwc_in host status)" 'mark'
is "the mark isn't the others'" "$(comm -13 <(sort "$tmp/before") <(sort "$tmp/applied") | grep -c 'fwmark 0x1[/ ]')" 0

apply host "$rules
	udp dport 53 accept"
is 'a change adds no other routing' "$(network | sort)" "$(sort "$tmp/applied")"

# Somebody removes our rule: the next apply puts it back.
ours=$(comm -13 <(grep fwmark "$tmp/before" | sort) <(grep fwmark "$tmp/applied" | sort) | head -n1 | cut -d: -f1)
ns host ip rule del priority "$ours"
fails 'without our rule nothing is delivered' ask client 203.0.113.7 80
zfwc_in host apply "$tmp/rules.conf" >/dev/null
ok 'apply repairs it' ask client 203.0.113.7 80

# Rules that don't intercept need no routing.
apply host 'icmp type echo-request accept'
is 'without tproxy the routing is gone' "$(network | sort)" "$(sort "$tmp/before")"
apply host "$rules"
ok 'and it comes back' ask client 203.0.113.7 80

ok 'detach' zfwc_in host detach
is 'the network is as it was' "$(network)" "$(cat "$tmp/before")"
is 'no pins are left' "$(pins)" ''
is 'no program is left' "$(ns host bpftool net 2>/dev/null | grep eth0)" ''
ok 'detach again is fine' zfwc_in host detach
done_testing
