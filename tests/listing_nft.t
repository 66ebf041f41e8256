#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# listing_nft.t - listings, and files as 'fmt' writes them, are what 'nft list
# ruleset' prints.
#
# The files of tests/nft/ are loaded by nft in a network namespace of their own.
# So are the cases of tests/golden/ir/ that say so in their first line; CASE.list
# must be what nft lists.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
need nft nftables

listed_by_nft() {
	# shellcheck disable=SC2016
	unshare --net bash -c '
		ip link add eth0 type veth peer name eth1
		nft -f "$1" && nft list ruleset' _ "$1" 2>&1
}

# What the kernel counts, and when elements will expire, is not in the text.
settled() {
	sed 's/counter packets 0 bytes 0/counter/g; s/ expires [0-9a-z]*//g'
}

same_as() {
	diff "$1" <("${@:2}" | settled)
}

for file in "$SRCDIR"/tests/nft/*.nft; do
	name=$(basename "$file" .nft)
	listed_by_nft "$file" | settled >"$tmp/nft"
	ok "$name: listing" same_as "$tmp/nft" "$ZFWC" compile --dump=listing "$file"
	ok "$name: fmt" same_as "$tmp/nft" "$ZFWC" fmt "$file"
done

compared=0
for file in "$SRCDIR"/tests/golden/ir/*.nft; do
	head -n1 "$file" | grep -q '^# nft lists this in the same way' || continue
	compared=$((compared + 1))
	listed_by_nft "$file" | settled >"$tmp/nft"
	ok "$(basename "$file" .nft)" diff "$tmp/nft" "${file%.nft}.list"
done
ok "some are compared" [ "$compared" -ge 3 ]
done_testing
