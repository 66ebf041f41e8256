#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# listing_nft.t - listings are what 'nft list ruleset' prints.
#
# The cases of tests/golden/ir/ that say so in their first line are loaded by nft
# in a network namespace of their own; CASE.list must be what it lists.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
need nft nftables

listed_by_nft() {
	# shellcheck disable=SC2016
	unshare --net bash -c '
		ip link add eth0 type veth peer name eth1
		nft -f "$1" && nft list ruleset' _ "$1"
}

compared=0
for file in "$SRCDIR"/tests/golden/ir/*.nft; do
	head -n1 "$file" | grep -q '^# nft lists this in the same way' || continue
	compared=$((compared + 1))
	listed_by_nft "$file" 2>&1 | sed 's/counter packets 0 bytes 0/counter/g' >"$tmp/nft"
	ok "$(basename "$file" .nft)" diff "$tmp/nft" "${file%.nft}.list"
done
ok "some are compared" [ "$compared" -ge 3 ]
done_testing
