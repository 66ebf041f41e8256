#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# nft_examples.t - the files of examples/, and nft: the same packets come through, and
# are counted at the same rules.
#
# Rules that nft doesn't have on the hook (zfwc's own statements, 'tproxy' and 'ct state'
# at ingress) are left out; the frames are made for what is left, see nft_agree.t.
# shellcheck source=tests/lib.sh disable=SC2154
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/net/agree.sh
. "$(dirname "$0")/agree.sh"

frames=${1:-20000}
agree_namespaces eth0 lan0 lan1 wan0 dmz0 qs0

hook_of() { # FILE
	grep -oE 'hook (ingress|egress|prerouting)' "$1" | head -n1 | cut -d' ' -f2
}

# An example, behind a chain that counts all packets.
with_first() { # FILE HOOK
	cat <<-END
		table netdev whole {
			chain first {
				type filter hook $2 $(devices) priority -500; policy accept;
				counter comment "r0"
			}
		}
	END
	cat "$1"
}

same() { # FILE
	local hook status=0
	hook=$(hook_of "$1")
	with_first "$1" "$hook" >"$tmp/rules.nft"
	agree_hook "$hook"
	load_nft && load_zfwc 1 || return 1
	agree_run 5 "$hook" "$frames" || status=1
	agree_compare || status=1
	return $status
}

compared=0
for file in "$SRCDIR"/examples/*.conf; do
	ok "$(basename "$file")" same "$file"
	compared=$((compared + $(grep -cvE ':( <0 0>)+$' "$tmp/counters.nft")))
done
ok "$compared counters of them counted something" [ "$compared" -ge 15 ]
done_testing
