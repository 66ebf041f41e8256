#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# examples.t - every example is checked, applied to interfaces of the names it
# uses, listed, and found unchanged; plain ones are fine for nft too.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
need nft nftables
interfaces='eth0 lan0 lan1 wan0 dmz0 qs0'

extended() { # FILE: uses something that nft doesn't have
	grep -vE '^[[:space:]]*#' "$1" | grep -qE '\b(ssh-local|dhcp|tproxy|ct state)\b'
}

nft_checks() {
	ns host nft -c -f "$1"
}

round_trip() { # FILE: what is listed is what was applied
	zfwc_in host list >"$tmp/listed.conf" || return
	[ -s "$tmp/listed.conf" ] || return
	zfwc_in host diff "$tmp/listed.conf" || return
	[ "$(zfwc_in host diff "$1")" = '' ]
}

writes_nothing() {
	[ "$(map_writes host "$1")" = 0 ] || {
		cat "$tmp/stats.out"
		return 1
	}
}

ns_new host cables
n=0
for interface in $interfaces; do
	link host "$interface" cables "c$interface"
	n=$((n + 1))
	addr host "$interface" "10.$n.0.1/24" "fd0$n::1/64"
done

plain=0
for file in "$SRCDIR"/examples/*.conf; do
	name=$(basename "$file")
	ok "$name: check" "$ZFWC" check "$file"
	is "$name: no warning" "$("$ZFWC" check "$file" 2>&1 | grep -i warning)" ''
	ok "$name: apply" zfwc_in host apply "$file"
	ok "$name: list, then diff" round_trip "$file"
	ok "$name: 0 writes the second time" writes_nothing "$file"
	if ! extended "$file"; then
		plain=$((plain + 1))
		ok "$name: nft -c -f" nft_checks "$file"
	fi
	ok "$name: detach" zfwc_in host detach
done
ok 'some example is plain nft' [ $plain -ge 1 ]
printf 'table netdev x {\n\tchain y { ssh-local accept; }\n}\n' >"$tmp/extended.conf"
fails 'nft refuses what it does not know' nft_checks "$tmp/extended.conf"
done_testing
