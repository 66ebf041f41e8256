#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# neighbours.t - who drops everything still finds his neighbours: ARP and IPv6
# neighbour discovery pass.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
ns_pair client host

forget() {
	local name
	for name in client host; do
		ns $name ip neigh flush all
		ns $name ip -6 neigh flush all
	done
}

knows() { # NAME ADDRESS: has resolved the address
	ns "$1" ip neigh show to "$2" | grep -q lladdr
}

apply host 'icmp type echo-request counter accept
	icmpv6 type echo-request counter accept'
forget
ok 'ping' ping client 10.9.0.2
ok 'ping over IPv6' ping client -6 fd09::2
is 'one request was counted' "$(packets host 'icmp type')" 1
is 'one IPv6 request was counted' "$(packets host 'icmpv6 type')" 1

# Everything is dropped, but the neighbour is found.
apply host 'tcp dport 9 accept'
forget
fails 'policy drop: no ping' ping client 10.9.0.2
fails 'policy drop: no ping over IPv6' ping client -6 fd09::2
ok 'policy drop: the neighbour is known' knows client 10.9.0.2
ok 'policy drop: the IPv6 neighbour is known' knows client fd09::2
ok 'policy drop: known from the other side too' knows host fd09::1

# A drop that looks at nothing is as the policy.
apply host 'iifname "eth0" counter drop'
forget
fails 'bare drop: no ping over IPv6' ping client -6 fd09::2
ok 'bare drop: the IPv6 neighbour is known' knows client fd09::2

# A rule that names them does drop them.
apply host 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } drop
	icmpv6 type echo-request accept'
forget
fails 'dropped by name: no ping over IPv6' ping client -6 fd09::2
fails 'dropped by name: the IPv6 neighbour is not known' knows client fd09::2
done_testing
