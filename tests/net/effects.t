#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# effects.t - what rules do besides letting through and dropping: answers, marks,
# limits, elements that time out, rules for what leaves; and that a change of one
# is a small change.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
need nft nftables
ns_pair client server
spawn tcp4 peer server serve -4t 80
spawn tcp6 peer server serve -6t 80
spawn udp4 peer server serve -4u 53

why() { # ASK-OPTION...: what the client is told
	ask client "$@" 2>&1
}

try_apply() { # NAME FILE: as apply, of a whole file
	zfwc_in "$1" apply "$2" >"$tmp/apply.out" 2>&1 || {
		echo "Bail out! apply failed"
		comment <"$tmp/apply.out"
		exit 1
	}
}

# ---- reject ----

apply server 'tcp dport 80 accept
	tcp dport 81 reject with tcp reset
	tcp dport 82 reject with icmpx admin-prohibited
	tcp dport 83 counter reject
	udp dport 84 reject
	icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept'
for to in '-4 10.9.0.2' '-6 fd09::2'; do
	version=${to% *} address=${to#* }
	ok "$address: an accepted port answers" ask client "$version" "$address" 80
	like "$address: a reset" "$(why "$version" "$address" 81)" 'refused'
	like "$address: prohibited" "$(why "$version" "$address" 82)" 'No route to host|Permission denied'
	like "$address: port unreachable" "$(why "$version" "$address" 83)" 'refused'
	like "$address: a datagram" "$(why "$version" -u "$address" 84)" 'refused'
	like "$address: silence" "$(why "$version" -w 300 "$address" 85)" 'no answer'
done
ok 'rejected packets are counted' test "$(packets server 'dport 83')" -ge 2

# ---- limits ----

apply server 'icmp type echo-request limit rate 3/hour burst 2 packets counter accept
	icmp type echo-request counter drop'
got=0
for _ in 1 2 3 4 5 6; do
	ping client -w 300 10.9.0.2 >/dev/null 2>&1 && got=$((got + 1))
done
is 'so many packets as the burst has' "$got" 2
is 'counted behind the limit' "$(packets server 'limit rate')" 2
# The bucket is what it was behind an apply of other rules.
apply server 'udp dport 9 accept
	icmp type echo-request limit rate 3/hour burst 2 packets counter accept
	icmp type echo-request counter drop'
fails 'a limit survives an apply' ping client -w 300 10.9.0.2
apply server 'icmp type echo-request limit rate 3/hour burst 3 packets counter accept'
ok 'another limit is full' ping client -w 300 10.9.0.2

# ---- marks ----

ns server nft 'table ip later { chain c { type filter hook prerouting priority -300; meta mark 7 drop; }; }'
apply server 'icmp type echo-request ip ttl 64 accept
	icmp type echo-request meta mark set 7 accept'
ok 'without the mark it is answered' ping client 10.9.0.2
apply server 'icmp type echo-request meta mark set 7 accept'
fails 'the mark is seen by what comes later' ping client -w 300 10.9.0.2
apply server 'icmp type echo-request meta mark set 7 meta mark set meta mark ^ 7 accept'
ok 'and so is a changed one' ping client 10.9.0.2
ns server nft delete table ip later

# ---- headers ----

apply server 'icmp type echo-request ip ttl != 64 accept'
fails 'another ttl' ping client -w 300 10.9.0.2
apply server "icmp type echo-request ether saddr != 02:00:00:00:00:99 ip ttl 60-70 meta length 1-1500 accept"
ok 'what the headers say' ping client 10.9.0.2
apply server 'tcp dport 80 tcp flags & (syn | ack) == syn drop
	tcp dport 80 accept'
fails 'no connection can begin' ask client -w 300 10.9.0.2 80
apply server 'fib daddr type local tcp dport 80 accept'
ok 'an address of this host' ask client 10.9.0.2 80
apply server 'fib daddr type { broadcast, multicast } tcp dport 80 accept'
fails 'no address of this host' ask client -w 300 10.9.0.2 80

# ---- states ----

apply server 'ct state invalid drop
	ct state new tcp dport 80 accept
	ct state established accept'
ok 'new, then established' ask client 10.9.0.2 80
apply server 'ct state new drop
	tcp dport 80 accept'
fails 'new ones are dropped' ask client -w 300 10.9.0.2 80

# ---- what leaves ----

egress() { # BODY: of the one chain for what leaves eth0
	cat >"$tmp/egress.conf" <<-END
		table netdev test {
			chain out {
				type filter hook egress device "eth0" priority filter; policy accept;
				$1
			}
		}
	END
	try_apply server "$tmp/egress.conf"
}
egress 'icmp type echo-reply counter drop'
fails 'an answer that may not leave' ping client -w 300 10.9.0.2
is 'it is counted' "$(packets server echo-reply)" 1
ok 'others may' ask client 10.9.0.2 80
egress 'tcp sport 80 ct state established counter accept
	tcp sport 80 drop'
ok 'answers of a connection leave' ask client 10.9.0.2 80
ok 'they are counted' test "$(packets server established)" -ge 3
egress 'tcp sport 80 ct state new accept
	tcp sport 80 drop'
fails 'they are not new' ask client -w 300 10.9.0.2 80
egress 'udp dport 9 drop'
is 'without states only the way out is watched' "$(zfwc_in server status -j | tr -d ' \n' | grep -o '"ingress":[a-z]*,"egress":[a-z]*')" \
	'"ingress":false,"egress":true'
ok 'detach' zfwc_in server detach
ok 'all is as before' ping client 10.9.0.2

# ---- a change is a small change ----

{
	echo 'table netdev test { chain ingress { type filter hook ingress device "eth0" priority 0; policy accept;'
	for ((i = 1; i <= 500; i++)); do
		echo "tcp dport $i ip ttl $((i % 200)) limit rate $i/second counter log prefix \"p$i\" drop"
	done
	echo '} }'
} >"$tmp/many.conf"
try_apply server "$tmp/many.conf"
is 'applied again: nothing is written' "$(map_writes server "$tmp/many.conf")" 0
sed -i 's/tcp dport 250 ip ttl 50 /tcp dport 250 ip ttl 51 /' "$tmp/many.conf"
writes=$(map_writes server "$tmp/many.conf")
ok "one rule of 500 with another condition: $writes writes" test "$writes" -le 24
is 'and then none' "$(map_writes server "$tmp/many.conf")" 0

# ---- elements that time out ----

cat >"$tmp/timeout.conf" <<-'END'
	table netdev test {
		set s {
			type ipv4_addr
			flags timeout
			elements = { 10.9.0.1 timeout 3s }
		}
		chain ingress {
			type filter hook ingress device "eth0" priority filter; policy drop;
			ip saddr @s accept
		}
	}
END
try_apply server "$tmp/timeout.conf"
ok 'while the element is alive' ping client 10.9.0.2
try_apply server "$tmp/timeout.conf"
sleep 3
fails 'not any more' ping client -w 300 10.9.0.2
try_apply server "$tmp/timeout.conf"
fails 'an apply of the same does not bring it back' ping client -w 300 10.9.0.2
done_testing
