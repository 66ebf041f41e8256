#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# fmt.t - 'zfwc fmt': its layout, and that it keeps what files mean.
#
# For each tests/golden/fmt/CASE.nft: CASE.fmt is what comes out.  With
# GOLDEN_UPDATE set in the environment the files are rewritten instead.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$tmp" || exit 1

golden() {
	local out=${1%.nft}.fmt
	"$ZFWC" fmt "$1" >formatted || return
	if [ -n "${GOLDEN_UPDATE-}" ]; then
		cp formatted "$out"
	fi
	diff "$out" formatted
}

# A second time nothing changes.
settles() {
	"$ZFWC" fmt "$1" >once && "$ZFWC" fmt once | diff once -
}

# Bound, it is what it was, but for the order that names are declared in.
keeps_meaning() {
	"$ZFWC" compile --dump=listing "$1" >before 2>/dev/null && "$ZFWC" fmt "$1" >once &&
		"$ZFWC" compile --dump=listing once 2>/dev/null | diff before -
}

for file in "$SRCDIR"/tests/golden/fmt/*.nft; do
	name=$(basename "$file" .nft)
	ok "$name" golden "$file"
	ok "$name: a second time" settles "$file"
	grep -q 'include' "$file" || ok "$name: means the same" keeps_meaning "$file"
done

tried=0
for file in "$SRCDIR"/examples/*.conf "$SRCDIR"/tests/golden/ir/*.nft "$SRCDIR"/tests/nft/*.nft; do
	"$ZFWC" fmt "$file" >/dev/null 2>&1 || continue
	tried=$((tried + 1))
	ok "$(basename "$file"): a second time" settles "$file"
	ok "$(basename "$file"): means the same" keeps_meaning "$file"
done
ok "most files can be formatted" [ "$tried" -ge 20 ]

# ---- the command ----

printf 'table ip t { chain c { tcp dport ssh accept; } }\n' >crooked.conf
printf 'table ip t {\n\tchain c {\n\t\ttcp dport 22 accept\n\t}\n}\n' >straight.conf
chmod 640 crooked.conf
cp crooked.conf original.conf
ok "standard input" diff straight.conf <("$ZFWC" fmt - <crooked.conf)
ok "--check finds what would change" ends 1 "$ZFWC" fmt --check straight.conf crooked.conf
is "and names it" "$(cat "$tmp/out")" crooked.conf
ok "it changes nothing" cmp crooked.conf original.conf
ok "--check is content with what is straight" ends 0 "$ZFWC" fmt --check straight.conf
ln -s crooked.conf link.conf
ok "-w rewrites" "$ZFWC" fmt -w link.conf straight.conf
ok "the file" cmp crooked.conf straight.conf
is "its mode stays" "$(stat -c %a crooked.conf)" 640
ok "so does a link to it" [ -L link.conf ]
ok "nothing is left over" not compgen -G "*.conf.*"

printf 'table ip t { chain c { tcp dport 99999 accept; } }\n' >wrong.conf
cp wrong.conf original.conf
ok "errors are reported" ends 1 "$ZFWC" fmt -w wrong.conf
like "with their place" "$(cat "$tmp/out")" '^wrong.conf:1:34: error: '
ok "and nothing is written" cmp wrong.conf original.conf
is "nor printed" "$("$ZFWC" fmt wrong.conf 2>/dev/null)" ""
# shellcheck disable=SC2016
printf 'table ip t { chain c { tcp dport $x accept; } }\n' >unknown.conf
ok "an unknown variable is an error" ends 1 "$ZFWC" fmt unknown.conf
ok "which -D may define" "$ZFWC" fmt -D x=22 unknown.conf
fails "-w can't rewrite standard input" "$ZFWC" fmt -w -
fails "several files need -w or --check" "$ZFWC" fmt straight.conf crooked.conf
fails "-w and --check exclude each other" "$ZFWC" fmt -w --check straight.conf
done_testing
