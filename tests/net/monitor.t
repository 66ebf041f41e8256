#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# monitor.t - what log statements report is printed, also while rules change.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
need jq jq
ns_pair client server
spawn tcp4 peer server serve -4t 80

# log_file NAME: rules that log; line 4 is an echo, line 5 TCP, line 6 UDP.
log_file() {
	ruleset 'icmp type echo-request log prefix "ping: " level info accept
				icmpv6 type echo-request log prefix "ping6" level notice accept
				tcp dport 23 log prefix "telnet " level alert drop
				udp dport 9 log group 3 snaplen 20 drop
				accept' >"$tmp/$1"
}

# follow NAME OPTION...: a monitor in the background that prints to $tmp/NAME.
follow() {
	local name=$1
	shift
	ip netns exec "${ns_prefix}server" env --default-signal=INT "$ZFWC" monitor "$@" \
		>"$tmp/$name" 2>"$tmp/$name.err" </dev/null &
	monitor=$!
	spawned+=("$monitor")
	until_ok begun "$monitor"
}

# The signals are the last thing that it opens.
begun() { # PID
	readlink "/proc/$1/fd/"* | grep -q signalfd
}

hello() { # COMMAND...: for the packets alone
	"$@" >/dev/null 2>&1
}

lines() { # FILE NUMBER
	[ "$(wc -l <"$tmp/$1")" -ge "$2" ]
}

says() { # STATUS REGEX COMMAND...
	local wanted=$1 regex=$2 got
	shift 2
	got=$(ends "$wanted" "$@" 2>&1) || {
		echo "$got"
		return 1
	}
	is_like "$got" "$regex"
}

# ---- before there is anything ----

ok 'nothing is live' says 2 "no rules are live in instance 'default'" zfwc_in server monitor --timeout 1s
ok 'an instance of another name' says 2 "in instance 'one'" zfwc_in server --instance one monitor
ok 'audit is no level to filter by' says 2 "levels are emerg" zfwc_in server monitor --level audit

# ---- rules that come later ----

apply server 'accept'
follow first --count 1 --timeout 20s
ok 'there is no log statement' until_ok grep -q 'no log statement; waiting' "$tmp/first.err"
ok 'a second monitor is told of the first' says 2 "monitored by process [0-9]+" zfwc_in server monitor
log_file logging.conf
ok 'rules that log' zfwc_in server apply "$tmp/logging.conf"
sleep 1
ok 'a packet' ping client 10.9.0.2
ok 'the monitor ends with it' wait "$monitor"
client_mac=$(ns client cat /sys/class/net/eth0/address)
server_mac=$(ns server cat /sys/class/net/eth0/address)
like 'it was told of' "$(cat "$tmp/first")" \
	"^[-0-9]{10} [:0-9]{8}\.[0-9]{6} info $tmp/logging.conf:4 ping: IN=eth0 OUT= MACSRC=$client_mac MACDST=$server_mac SRC=10\.9\.0\.1 DST=10\.9\.0\.2 LEN=[0-9]+ TTL=64 ID=[0-9]+( DF)? PROTO=ICMP TYPE=8 CODE=0 ID=[0-9]+ SEQ=[0-9]+$"

# ---- all kinds ----

follow kinds
hello ping client 10.9.0.2
hello ping client -6 fd09::2
hello ask client -w 100 10.9.0.2 23
hello ask client -u -w 100 10.9.0.2 9
ok 'four kinds of packets' until_ok lines kinds 4
kill -INT "$monitor"
ok 'an interrupt ends it' wait "$monitor"
like 'IPv6' "$(cat "$tmp/kinds")" 'notice [^ ]*logging.conf:5 ping6 IN=eth0 .* SRC=fd09::1 DST=fd09::2 .* PROTO=ICMPv6 TYPE=128 '
like 'TCP' "$(cat "$tmp/kinds")" 'alert [^ ]*logging.conf:6 telnet IN=eth0 .* PROTO=TCP SPT=[0-9]+ DPT=23 WINDOW=[0-9]+ SYN$'
like 'cut by snaplen' "$(cat "$tmp/kinds")" ' group=3 [^ ]*logging.conf:7 IN=eth0 .* INCOMPLETE \[20 bytes\]$'
is 'nothing was said besides' "$(cat "$tmp/kinds.err")" ''

# ---- choosing ----

hello ping client 10.9.0.2
hello ask client -w 100 10.9.0.2 23
ok 'by level' zfwc_in server monitor --level crit --count 1 --timeout 5s
like 'the more severe ones' "$(cat "$tmp/out")" 'telnet'
hello ping client 10.9.0.2
hello ping client -6 fd09::2
ok 'by prefix' zfwc_in server monitor --prefix ping6 --count 1 --timeout 5s
like 'that one' "$(cat "$tmp/out")" 'fd09::2'
hello ping client 10.9.0.2
ok 'in vain' ends 1 zfwc_in server monitor --new --count 1 --timeout 300ms
hello ping client 10.9.0.2
ok 'time is over without a count' ends 0 zfwc_in server monitor --timeout 300ms
is 'what was there is shown, once' "$(grep -c ' ping: ' "$tmp/out")" 1

# ---- JSON ----

hello ping client 10.9.0.2
hello ask client -w 100 10.9.0.2 23
zfwc_in server monitor -j --count 2 --timeout 5s >"$tmp/json"
is 'one object a line' "$(jq -c '[.level, .prefix, .line, .interface, .direction, .ip.protocol_name]' "$tmp/json")" \
	'["info","ping: ",4,"eth0","in","ICMP"]
["alert","telnet ",6,"eth0","in","TCP"]'
is 'with the packet' "$(jq -c 'select(.ip.dport) | [.ip.saddr, .ip.dport, .ip.flags, .ether.saddr]' "$tmp/json")" \
	"[\"10.9.0.1\",23,[\"SYN\"],\"$client_mac\"]"
is 'and the rule' "$(jq -r 'select(.line == 6).rule' "$tmp/json")" 'tcp dport 23 log prefix "telnet " level alert drop'
ok 'a time that others read' jq -e '.time | test("^[-0-9]{10}T[:0-9]{8}\\.[0-9]{6}[+-][0-9]{2}:[0-9]{2}$")' "$tmp/json"

# ---- rules that change meanwhile ----

follow changing
hello ping client 10.9.0.2
ok 'the old place' until_ok grep -q 'logging.conf:4 ping: ' "$tmp/changing"
{
	echo '# a line more'
	cat "$tmp/logging.conf"
} >"$tmp/moved.conf"
ok 'rules in another place' zfwc_in server apply "$tmp/moved.conf"
sleep 1
hello ping client 10.9.0.2
ok 'the new place' until_ok grep -q 'moved.conf:5 ping: ' "$tmp/changing"
sed 's/ping: /pong: /' "$tmp/moved.conf" >"$tmp/renamed.conf"
ok 'another prefix' zfwc_in server apply "$tmp/renamed.conf"
hello ping client 10.9.0.2
ok 'is known at once' until_ok grep -q 'renamed.conf:5 pong: ' "$tmp/changing"
for i in $(seq 30); do
	zfwc_in server apply "$tmp/$([ $((i % 2)) = 0 ] && echo renamed || echo moved).conf" >/dev/null &
	applying=$!
	hello ping client 10.9.0.2
	wait $applying
done
ok 'none is missed' until_ok lines changing 33
is 'none is without its rule' "$(grep -c ' - - ' "$tmp/changing")" 0
is 'nothing went wrong' "$(cat "$tmp/changing.err")" ''
kill -TERM "$monitor"
ok 'it ends' wait "$monitor"

# ---- too many ----

# flood NUMBER: so many datagrams, as fast as a shell sends them.
flood() {
	ns client bash -c 'exec 3<>/dev/udp/10.9.0.2/9; for ((i = 0; i < $1; i++)); do echo >&3; done' flood "$1"
}

ruleset 'udp dport 9 log prefix "flood" drop
	accept' >"$tmp/flood.conf"
ok 'rules for a flood' zfwc_in server apply "$tmp/flood.conf"
# What fits in the ring stays for who comes later, the rest is counted.
flood 4000
ok 'the first of them are there' zfwc_in server monitor --timeout 500ms
shown=$(grep -c 'PROTO=UDP' "$tmp/out")
lost=$(sed -nE 's/^zfwc: ([0-9]+) events? lost$/\1/p' "$tmp/out" | awk '{ n += $1 } END { print n + 0 }')
ok 'as many as the ring holds' test "$shown" -ge 500
is 'each is shown or lost' "$((shown + lost))" 4000
flood 4000
zfwc_in server monitor -j --timeout 500ms >"$tmp/json"
is 'the same as JSON' "$(jq -s 'map(.lost // 1) | add' "$tmp/json")" 4000
ok 'nothing is left' zfwc_in server monitor --timeout 300ms
is 'and no loss is told of twice' "$(cat "$tmp/out")" ''

# A reader that is there keeps up, or says what it missed.
follow flooded -j
for i in 1 2 3; do
	flood 2000
	sed "s/flood/flood $i/" "$tmp/flood.conf" >"$tmp/other.conf"
	zfwc_in server apply "$tmp/other.conf" >/dev/null
done
sleep 1
kill -INT "$monitor"
ok 'it ends' wait "$monitor"
is 'each is shown or lost, whatever is applied' "$(jq -s 'map(.lost // 1) | add' "$tmp/flooded")" 6000
ok 'losses are told of now and then' test "$(grep -c lost "$tmp/flooded")" -le 10
is 'each event is of a known rule' "$(jq -r '.prefix // empty' "$tmp/flooded" | sed 's/ .*//' | sort -u)" flood

# ---- what leaves ----

cat >"$tmp/egress.conf" <<-END
	table netdev test {
		chain out {
			type filter hook egress device "eth0" priority filter; policy accept;
			tcp sport 80 tcp flags & syn == syn meta mark set 5 log prefix "answer: " level debug accept
		}
	}
END
ok 'rules for what leaves' zfwc_in server apply "$tmp/egress.conf"
hello ask client 10.9.0.2 80
ok 'a packet that leaves' zfwc_in server monitor --count 1 --timeout 5s
like 'its interface and mark' "$(cat "$tmp/out")" \
	" debug [^ ]*egress.conf:4 answer: IN= OUT=eth0 MACSRC=$server_mac MACDST=$client_mac SRC=10.9.0.2 .* SPT=80 .* SYN ACK MARK=0x5$"

# ---- the end of the rules ----

follow last
ok 'detach' zfwc_in server detach
ok 'ends the monitor' ends 2 wait "$monitor"
like 'which says so' "$(cat "$tmp/last.err")" 'have been removed'
done_testing
