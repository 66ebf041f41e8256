#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel.t - what this kernel can't do is told by status; everything else it does.
#
# With Linux 6.6 came tcx links, and sockets with SO_REUSEPORT that can be assigned to.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
ns_pair client router

for port in 4000 4001; do
	spawn tcp$port ns router "$tools/peer" serve -4 -t"$([ $port = 4000 ] && echo r)" $port || exit 1
done

# Addresses that come later would be a difference to what was applied.
# shellcheck disable=SC2317 # called by until_ok
has_link_local() {
	ns router ip -6 addr show dev eth0 scope link | grep -q fe80
}
until_ok has_link_local

# The second rule is for what the first one's listener can't be given.
apply router 'ip daddr 203.0.113.0/24 tcp dport 80 tproxy ip to :4000 counter accept
	ip daddr 203.0.113.0/24 tcp dport 80 tproxy ip to :4001 counter accept
	icmp type echo-request accept'
status=$(zfwc_in router status)
answer=$(ask client 203.0.113.7 80)
is 'intercepted by one of the two' "$answer" 'to 203.0.113.7:80 from 10.9.0.1: hello'
ok 'what is accepted passes' ping client 10.9.0.2
fails 'what is not is dropped' ping client -6 fd09::2

if [ "$(printf '%s\n' 6.6 "$(uname -r)" | sort -V | head -n1)" = 6.6 ]; then
	like 'attached by tcx' "$status" 'eth0  ingress.* by tcx'
	fails 'nothing is missing' grep 'older than' <<<"$status"
	is 'a listener with SO_REUSEPORT is found' "$(packets router ':4001')" 0
else
	like 'attached by clsact' "$status" 'eth0  ingress.* by clsact'
	like 'status says that tcx is missing' "$status" 'older than Linux 6.6: attached by clsact'
	like 'status says who is not found' "$status" 'older than Linux 6.6: tproxy .* SO_REUSEPORT'
	like 'as does its JSON' "$(zfwc_in router -j status)" 'older than Linux 6.6: tproxy'
	# What follows of the connection, the first rule takes again.
	is 'its rule passes the SYN on to the next one' "$(packets router ':4001')" 1
fi
ok 'diff: all is as it should be' zfwc_in router diff "$tmp/rules.conf"
ok 'detach' zfwc_in router detach
fails 'then nothing intercepts' ask client 203.0.113.7 80
ok 'and everything passes' ping client -6 fd09::2
done_testing
