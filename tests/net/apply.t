#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# apply.t - apply writes what changed and no more, keeps counters, and is all or
# nothing over interfaces.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
ns_pair client host

is 'nothing is applied: list is empty' "$(zfwc_in host list 2>&1)" ''

# ---- a file of 1 000 rules ----

# rules N: one line each; $1 of them.
rules() {
	local i
	for ((i = 1; i <= $1; i++)); do
		echo "ip daddr 10.$((100 + i / 250)).$((i % 250)).0/24 udp dport $((5000 + i)) counter accept"
	done
}

file() { # of rules on standard input
	echo 'table netdev test {'
	echo '	chain ingress {'
	echo '		type filter hook ingress device "eth0" priority filter; policy accept;'
	sed 's/^/\t\t/'
	echo '	}'
	echo '}'
}

at_most() { # FILE N: map writes
	local n
	n=$(map_writes host "$1")
	echo "$n map writes"
	[ -n "$n" ] && [ "$n" -ge 1 ] && [ "$n" -le "$2" ]
}

# hit RULE: a packet that only this rule counts.
hit() {
	echo x | ns client "$tools/peer" ask -u -w 50 "10.$((100 + $1 / 250)).$(($1 % 250)).9" $((5000 + $1)) >/dev/null 2>&1
	true
}

counted() { # RULE
	packets host "ip daddr 10.$((100 + $1 / 250)).$(($1 % 250)).0/24 udp dport $((5000 + $1)) "
}

rules 1000 | file >"$tmp/before.conf"
rules 1000 | sed '500a\ip daddr 10.200.0.0/16 tcp dport 443 counter drop' | file >"$tmp/inserted.conf"
rules 1000 | sed '500s/accept/drop/' | file >"$tmp/changed.conf"
rules 1000 | sed '500d' | file >"$tmp/deleted.conf"
rules 1000 | sed '1!G;h;$!d' | file >"$tmp/reversed.conf"

ok '1000 rules: apply' zfwc_in host apply "$tmp/before.conf"
is 'applied again: 0 writes' "$(map_writes host "$tmp/before.conf")" 0
is 'diff is empty' "$(zfwc_in host diff "$tmp/before.conf")" ''
for rule in 1 499 500 501 1000; do
	hit $rule
	is "rule $rule counts" "$(counted $rule)" 1
done

zfwc_in host diff "$tmp/inserted.conf" >"$tmp/diff.out"
is 'a rule in the middle: diff ends with 1' $? 1
is 'and shows that rule alone' "$(grep -cE '^[+-]' "$tmp/diff.out")$(grep -c '^+.*10.200.0.0/16' "$tmp/diff.out")" 11
ok 'a rule in the middle: at most 20 writes' at_most "$tmp/inserted.conf" 20
for rule in 1 499 500 501 1000; do
	hit $rule
	is "rule $rule went on counting" "$(counted $rule)" 2
done
is 'the new rule begins at 0' "$(packets host 10.200.0.0/16)" 0
ok 'a rule deleted: at most 20 writes' at_most "$tmp/before.conf" 20
ok 'a rule changed: at most 20 writes' at_most "$tmp/changed.conf" 20
ok 'and back' at_most "$tmp/before.conf" 20
ok 'another one deleted' at_most "$tmp/deleted.conf" 20
hit 501
is 'its neighbour went on counting' "$(counted 501)" 3
ok 'all in another order: apply' zfwc_in host apply "$tmp/reversed.conf"
is 'every counter is where its rule is' "$(counted 1) $(counted 499) $(counted 501) $(counted 1000)" '2 2 3 2'
is 'and then 0 writes' "$(map_writes host "$tmp/reversed.conf")" 0

# ---- list, apply, diff ----

zfwc_in host list >"$tmp/listed.conf"
ok 'what is listed diffs empty' is_same "$(zfwc_in host diff "$tmp/listed.conf" 2>&1)" ''
ok 'what is listed applies' zfwc_in host apply "$tmp/listed.conf"
is 'with 0 writes' "$(map_writes host "$tmp/listed.conf")" 0
zfwc_in host detach >/dev/null
ok 'it applies where there was nothing' zfwc_in host apply "$tmp/listed.conf"
is 'counters go on from what is written' "$(counted 501)" 3
hit 501
is 'and count' "$(counted 501)" 4
is 'list -s has no values' "$(zfwc_in host list -s | grep -c packets)" 0

# ---- several interfaces, all or none ----

link client eth1 host eth1
devices() { # DEVICES BODY
	echo "table netdev test { chain ingress { type filter hook ingress devices = { $1 } priority filter; policy drop; $2; } }"
}
attached() { # INTERFACE...
	zfwc_in host status | grep -oE '\beth[0-9]+\b' | sort -u | tr '\n' ' '
}
devices 'eth0, eth1' 'icmp type echo-request counter accept' >"$tmp/both.conf"
devices 'eth0, eth1, eth9' 'tcp dport 80 counter accept' >"$tmp/missing.conf"
ok 'two interfaces' zfwc_in host apply "$tmp/both.conf"
is 'both are attached' "$(attached)" 'eth0 eth1 '
before=$(zfwc_in host list -s)
fails 'one of three is missing' zfwc_in host apply "$tmp/missing.conf"
like 'it is named, with its place' "$(cat "$tmp/out")" "missing.conf:1:[0-9]+: .*'?eth9'?"
is 'the rules are the old ones' "$(zfwc_in host list -s)" "$before"
ok 'and work' ping client 10.9.0.2
is 'diff of a missing interface ends with 2' "$(zfwc_in host diff "$tmp/missing.conf" >/dev/null 2>&1; echo $?)" 2
devices 'eth1' 'icmp type echo-request counter accept' >"$tmp/one.conf"
ok 'one interface less' zfwc_in host apply "$tmp/one.conf"
is 'it is detached' "$(attached)" 'eth1 '
ok 'and open' ping client -6 fd09::2
done_testing
