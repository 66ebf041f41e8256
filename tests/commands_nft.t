#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# commands_nft.t - commands leave what nft leaves, numbered as nft numbers it,
# and are refused where nft refuses them.
#
# Every case of tests/nft/commands.cases is loaded by nft in a network namespace
# of its own.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
need nft nftables

cat >"$tmp/before" <<'END'
add table t
add chain t a
add chain t b { type filter hook prerouting priority 0; }
add rule t a accept
add set t s { type ipv4_addr; elements = { 1.1.1.1, 1.1.1.2 }; }
add set t i { type ipv4_addr; flags interval; elements = { 10.0.0.0/24 }; }
add set t g { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/24 }; }
add map t m { type inet_service : verdict; elements = { 22 : accept }; }
add counter t k
add limit t l { rate 5/second; }
END

# Tables are numbered over all namespaces.
without_tables() {
	sed 's/^\(table .* {\) # handle.*/\1/'
}

listed_by_nft() {
	# shellcheck disable=SC2016
	unshare --net bash -c 'nft -f "$1" && nft -a list ruleset' _ "$1" | without_tables
	return "${PIPESTATUS[0]}"
}

listed_by_zfwc() {
	"$ZFWC" compile --dump=listing -a "$1" | without_tables
	return "${PIPESTATUS[0]}"
}

agree() {
	local nft=0 zfwc=0

	listed_by_nft "$1" >"$tmp/nft" 2>"$tmp/nft.err" || nft=1
	listed_by_zfwc "$1" >"$tmp/zfwc" 2>"$tmp/zfwc.err" || zfwc=1
	if [ $nft != $zfwc ]; then
		cat "$1" "$tmp/nft.err" "$tmp/zfwc.err"
		return 1
	fi
	[ $nft = 1 ] || diff "$tmp/nft" "$tmp/zfwc"
}

number=0
one_case() {
	number=$((number + 1))
	cat "$tmp/before" "$tmp/case" >"$tmp/$number.nft"
	ok "$(tr '\n' ';' <"$tmp/case" | sed 's/;$//; s/#/\\#/g')" agree "$tmp/$number.nft"
	: >"$tmp/case"
}

: >"$tmp/case"
while IFS= read -r line; do
	case $line in
	'#'*) ;;
	%%) one_case ;;
	*) printf '%s\n' "$line" >>"$tmp/case" ;;
	esac
done <"$SRCDIR/tests/nft/commands.cases"
one_case
ok "there are many cases" [ $number -gt 80 ]
done_testing
