#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel.t - what this kernel can't do is told by status; everything else it does.
#
# tcx links came with Linux 6.6.
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

# The second rule is for when the first one's listener couldn't be given the packet.
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
else
	like 'attached by clsact' "$status" 'eth0  ingress.* by clsact'
	like 'status says that tcx is missing' "$status" 'older than Linux 6.6: attached by clsact'
	like 'as does its JSON' "$(zfwc_in router -j status)" 'older than Linux 6.6: attached by clsact'
fi
is 'a listener with SO_REUSEPORT is found' "$(packets router ':4001')" 0
ok 'diff: all is as it should be' zfwc_in router diff "$tmp/rules.conf"
ok 'detach' zfwc_in router detach
fails 'then nothing intercepts' ask client 203.0.113.7 80
ok 'and everything passes' ping client -6 fd09::2
done_testing
