#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tproxy.t - connections to addresses that nobody has are answered by a local,
# transparent listener, which sees where they were going.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
ns_pair client router

for family in -4 -6; do
	spawn tcp$family ns router "$tools/peer" serve $family -t 4000 || exit 1
	spawn udp$family ns router "$tools/peer" serve $family -tu 4000 || exit 1
done
spawn local4 ns router "$tools/peer" serve -4 -t -b 127.0.0.1 4001 || exit 1
spawn local6 ns router "$tools/peer" serve -6 -t -b ::1 4001 || exit 1
spawn own ns router "$tools/peer" serve -4 -t -b 127.0.0.1 8443 || exit 1

rules='
	ip daddr 203.0.113.0/24 tcp dport 80 counter tproxy ip to :4000 accept
	ip daddr 203.0.113.0/24 udp dport 5000-5999 counter tproxy ip to :4000 accept
	ip6 daddr 2001:db8:7::/48 tcp dport 80 counter tproxy ip6 to :4000 accept
	ip6 daddr 2001:db8:7::/48 udp dport 5000-5999 counter tproxy ip6 to :4000 accept
	ip daddr 203.0.113.0/24 tcp dport 81 tproxy ip to 127.0.0.1:4001 accept
	ip6 daddr 2001:db8:7::/48 tcp dport 81 tproxy ip6 to [::1]:4001 accept
	ip daddr 203.0.113.0/24 tcp dport 8443 tproxy ip to 127.0.0.1 accept
'

# answered WHAT ADDRESS PORT OPTION...: by somebody who says where to.
answered() {
	local what=$1 address=$2 port=$3 from=10.9.0.1 to=$2:$3
	shift 3
	case $address in
	*:*) from=fd09::1 to="[$address]:$port" ;;
	esac
	is "$what" "$(ask client "$@" "$address" "$port" 2>&1)" "to $to from $from: hello"
}

fails 'before: nobody answers TCP for 203.0.113.7' ask client 203.0.113.7 80
apply router "$rules"
answered 'TCP over IPv4' 203.0.113.7 80
answered 'UDP over IPv4' 203.0.113.7 5353 -u
answered 'TCP over IPv6' 2001:db8:7::7 80 -6
answered 'UDP over IPv6' 2001:db8:7:1::7 5353 -6u
answered 'TCP to a listener on 127.0.0.1' 203.0.113.9 81
answered 'TCP to a listener on ::1' 2001:db8:7::9 81 -6
answered 'TCP to the port that the packet has' 203.0.113.9 8443
is 'the packets were counted' "$(packets router 'tcp dport 80 counter' | grep -c '^[1-9]')" 1
fails 'another port is dropped' ask client 203.0.113.7 82
fails 'another destination is dropped' ask client 203.0.112.7 80
fails "the router's own address isn't opened" ask client 10.9.0.2 4000

apply router "${rules//tproxy ip to :4000/}"
fails 'without the statement: no TCP over IPv4' ask client 203.0.113.7 80
fails 'without the statement: no UDP over IPv4' ask client -u 203.0.113.7 5353
answered 'with the other statement: TCP over IPv6' 2001:db8:7::7 80 -6
apply router "${rules//tproxy ip6 to :4000/}"
fails 'without the statement: no TCP over IPv6' ask client -6 2001:db8:7::7 80
fails 'without the statement: no UDP over IPv6' ask client -6u 2001:db8:7:1::7 5353

# Nobody listens: the rule doesn't match, the next one does.
apply router 'ip daddr 203.0.113.0/24 tcp dport 80 counter tproxy ip to :4999 accept
	ip daddr 203.0.113.0/24 tcp dport 80 counter tproxy ip to :4000 accept'
answered 'the first of two listeners is missing, the second answers' 203.0.113.7 80

# A connection outlives the rule that intercepted it.
apply router "$rules"
coproc TALK { ns client "$tools/peer" ask -w 3000 203.0.113.7 80; }
talk_in=${TALK[1]} talk_out=${TALK[0]}

say() {
	local answer=
	echo "$1" >&"$talk_in"
	read -r -t 3 answer <&"$talk_out"
	echo "${answer##*: }"
}

is 'a conversation begins' "$(say one)" one
apply router "ct state established accept
	$rules"
is 'it goes on with ct state established above' "$(say two)" two
answered 'and new ones are still intercepted' 203.0.113.7 80
apply router 'ct state established accept
	ip daddr 203.0.113.0/24 tcp dport 81 tproxy ip to 127.0.0.1:4001 accept'
is 'it goes on when the rule that intercepted it is gone' "$(say three)" three
fails 'but no new one begins' ask client 203.0.113.7 80
apply router 'tcp dport 9 accept'
is 'without any of them it stops' "$(say four)" ''
done_testing
