#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# state.t - ct state: answers come in, strangers don't, for the host's own
# connections and for forwarded ones.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
ns_pair outside host
ns_new inside
link inside eth0 host eth1
addr inside eth0 10.8.0.1/24 fd08::1/64
addr host eth1 10.8.0.2/24 fd08::2/64
ns inside ip route add default via 10.8.0.2
ns inside ip -6 route add default via fd08::2
ns host sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1

for name in outside host inside; do
	for family in -4 -6; do
		spawn tcp$name ns $name "$tools/peer" serve $family 7000 || exit 1
		spawn udp$name ns $name "$tools/peer" serve $family -u 7000 || exit 1
	done
done

refused() { # FROM OPTION ADDRESS: told so by an ICMP error
	ask "$1" "$2" "$3" 7999 2>&1 | grep -q refused
}

everything() { # VERB WHAT-FOR: what needs answers
	$1 "$2: the host's TCP" ask host 10.9.0.1 7000
	$1 "$2: the host's UDP" ask host -u 10.9.0.1 7000
	$1 "$2: the host's TCP over IPv6" ask host -6 fd09::1 7000
	$1 "$2: the host's UDP over IPv6" ask host -6u fd09::1 7000
	$1 "$2: the host's ping" ping host 10.9.0.1
	$1 "$2: the host's ping over IPv6" ping host -6 fd09::1
	$1 "$2: forwarded TCP" ask inside 10.9.0.1 7000
	$1 "$2: forwarded UDP" ask inside -u 10.9.0.1 7000
	$1 "$2: forwarded TCP over IPv6" ask inside -6 fd09::1 7000
	$1 "$2: forwarded UDP over IPv6" ask inside -6u fd09::1 7000
	$1 "$2: forwarded ping" ping inside 10.9.0.1
	$1 "$2: ICMP error for UDP" refused host -u 10.9.0.1
	$1 "$2: ICMPv6 error for UDP" refused host -6u fd09::1
	$1 "$2: ICMP error for forwarded UDP" refused inside -u 10.9.0.1
}

strangers() {
	fails "$1: no TCP to the host" ask outside 10.9.0.2 7000
	fails "$1: no UDP to the host" ask outside -u 10.9.0.2 7000
	fails "$1: no TCP to the inside" ask outside 10.8.0.1 7000
	fails "$1: no UDP over IPv6 to the inside" ask outside -6u fd08::1 7000
	fails "$1: no ping" ping outside 10.9.0.2
}

apply host 'ct state established,related counter accept'
everything ok 'established,related'
strangers 'established,related'

apply host 'ct state established counter accept'
ok 'established alone: TCP' ask host 10.9.0.1 7000
fails 'established alone: an ICMP error is related' refused host -u 10.9.0.1

# A rule above decides first: there is no short cut.
apply host 'ip saddr 10.9.0.1 tcp sport 7000 drop
	ct state established,related accept'
fails 'a drop above ends an established flow' ask host 10.9.0.1 7000
ok 'and only that' ask host -u 10.9.0.1 7000

apply host 'tcp dport 9 accept'
everything fails 'without the match'
done_testing
