#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dhcp.t - dnsmasq and a client that hears through a UDP socket: a lease is
# offered exactly when the statement is there.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
need dnsmasq dnsmasq-base
ns_new client server
link client eth0 server eth0
addr server eth0 10.9.0.2/24 fd09::2/64

serve() { # NAME OPTION...
	local name=$1
	shift
	ns "$name" dnsmasq --conf-file=/dev/null --port=0 --keep-in-foreground --no-ping --user=root \
		--pid-file="$tmp/$name.pid" --dhcp-leasefile="$tmp/$name.leases" --log-facility="$tmp/$name.log" \
		--log-dhcp "$@" >/dev/null 2>&1 &
	spawned+=($!)
	until_ok grep -qE 'DHCP.*(range|relay)' "$tmp/$name.log" || {
		comment <"$tmp/$name.log"
		exit 1
	}
}
serve server --interface=eth0 --bind-interfaces --dhcp-range=10.9.0.100,10.9.0.149 --dhcp-range=fd09::100,fd09::200 \
	--dhcp-range=10.8.0.100,10.8.0.149,255.255.255.0

lease() { # NAME OPTION...
	local name=$1
	shift
	ns "$name" "$tools/dhcp_client" "$@" eth0
}

ok 'no rules: an IPv4 lease is offered' lease client
ok 'no rules: an IPv6 lease is offered' lease client -6

apply server 'dhcp server'
ok 'server: IPv4' lease client
like 'it is of the range' "$(cat "$tmp/out")" '^10\.9\.0\.1[0-4][0-9]$'
ok 'server: IPv6' lease client -6
like 'it is of the range' "$(cat "$tmp/out")" '^fd09::[12]'
apply server 'udp dport 9 accept'
fails 'server without the statement: no IPv4' lease client
fails 'server without the statement: no IPv6' lease client -6
apply server 'dhcp client'
fails 'server with the statement of a client: no IPv4' lease client
fails 'server with the statement of a client: no IPv6' lease client -6
zfwc_in server detach >/dev/null

apply client 'dhcp client counter accept'
ok 'client: IPv4' lease client
ok 'client: IPv6' lease client -6
is 'both answers were counted' "$(packets client dhcp)" 2
apply client 'udp dport 9 accept'
fails 'client without the statement: no IPv4' lease client
fails 'client without the statement: no IPv6' lease client -6
apply client 'dhcp server'
fails 'client with the statement of a server: no IPv4' lease client
apply client 'dhcp'
ok 'client is what dhcp means without a role' lease client

# A relay between another client and the same server.
ns_new relay far
link far eth0 relay eth0
link relay eth1 server eth1
addr relay eth0 10.8.0.1/24
addr relay eth1 10.7.0.1/24
addr server eth1 10.7.0.2/24
ns server ip route add 10.8.0.0/24 via 10.7.0.1
ns relay sysctl -qw net.ipv4.ip_forward=1
kill "${spawned[-1]}"
serve server --interface=eth1 --bind-dynamic --dhcp-range=10.8.0.100,10.8.0.149,255.255.255.0
serve relay --interface=eth0 --interface=eth1 --dhcp-relay=10.8.0.1,10.7.0.2

relay_rules() {
	cat >"$tmp/relay.conf" <<-END
		table netdev test {
			chain ingress {
				type filter hook ingress devices = { eth0, eth1 } priority filter; policy drop;
				$1
			}
		}
	END
	zfwc_in relay apply "$tmp/relay.conf" >/dev/null || exit 1
}

ok 'relay, no rules: a lease is offered' lease far
relay_rules 'dhcp relay counter'
ok 'relay: a lease is offered' lease far
like 'it is of the far range' "$(cat "$tmp/out")" '^10\.8\.0\.1[0-4][0-9]$'
relay_rules 'udp dport 9 accept'
fails 'relay without the statement: nothing' lease far
relay_rules 'dhcp client'
fails 'relay with the statement of a client: nothing' lease far
done_testing
