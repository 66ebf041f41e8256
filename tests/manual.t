#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# manual.t - the manual says what the compiler's tables say, and its examples are
# accepted: by zfwc, and those that use none of its extensions by nft, too.
#
# As root it runs in a network namespace of its own.
if [ -z "${MANUAL_ALONE-}" ] && unshare --net true 2>/dev/null; then
	MANUAL_ALONE=1 exec unshare --net "$0" "$@"
fi
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

program=$BUILDDIR/doc/manual_tables
cp "$SRCDIR"/doc/*.[1-9] "$tmp"
ok 'the pages can be made' "$SRCDIR/doc/update" "$program" "$tmp"
for page in zfwc-diagnostics.7 zfwc.conf.5; do
	ok "$page is up to date ('make manual' makes it so)" diff -u "$SRCDIR/doc/$page" "$tmp/$page"
done

# Every code is one that something reports, or its entry explains nothing.
codes() {
	sed -nE 's/^CODE\(([A-Z0-9_]+),.*/\1/p' "$SRCDIR/compiler/base/codes.def"
}
unused_codes() {
	local code
	for code in $(codes); do
		grep -rqw "DIAG_$code" "$SRCDIR"/compiler "$SRCDIR"/grammar "$SRCDIR"/runtime --include='*.[chly]' ||
			echo "$code"
	done
}
ok 'there are codes' test "$(codes | wc -l)" -gt 50
is 'each code is in use' "$(unused_codes)" ''
ok 'a word of the table is in the manual' grep -q 'flowtable' "$tmp/zfwc.conf.5"
sed -i 's/flowtable/flowtabel/' "$tmp/zfwc.conf.5"
fails 'a drift would be seen' diff -q "$SRCDIR/doc/zfwc.conf.5" "$tmp/zfwc.conf.5"

# ---- examples ----

cd "$tmp" || exit 1

# Blocks of a page below '.\" KIND' as KIND1, KIND2 ...; of 'file ext' as file-ext1.
examples() { # PAGE
	awk '
		/^\.Ed/ { on = 0 }
		on { gsub(/\\e/, "\\"); gsub(/\\-/, "-"); gsub(/\\&/, ""); print > name }
		/^\.\\" (file|rules|table|facts|shell)( ext)?$/ {
			on = 1
			kind = $2 ($3 ? "-" $3 : "")
			name = sprintf("%s%02d.example", kind, ++n)
		}
	' "$SRCDIR/doc/$1"
}

# As a whole file.
completed() {
	case $1 in
	rules-ext*)
		printf 'table inet t {\nchain c {\n\ttype filter hook ingress device "eth0" priority 0; policy drop;\n'
		cat "$1"
		printf '}\n}\n'
		;;
	rules*)
		printf 'table inet t {\nchain c {\n\ttype filter hook prerouting priority 0; policy drop;\n'
		cat "$1"
		printf '}\n}\n'
		;;
	table*)
		printf 'table inet t {\n'
		cat "$1"
		printf '}\n'
		;;
	*) cat "$1" ;;
	esac
}

nft_here=
if [ "$(id -u)" = 0 ] && [ -n "${MANUAL_ALONE-}" ] && command -v nft >/dev/null; then
	nft_here=1
	ip link add eth0 type veth peer name eth1
fi
examples zfwc.conf.5
mkdir include
echo 'define inner = 192.168.1.0/24' >include/zones.conf
n=0
for example in *.example; do
	n=$((n + 1))
	completed "$example" >rules.conf
	ok "zfwc accepts $example" "$ZFWC" check -I include rules.conf
	[[ $example == *-ext* ]] && continue
	if [ -n "$nft_here" ]; then
		ok "nft accepts $example" nft -I include -c -f rules.conf
	else
		skip "nft accepts $example" 'needs root, nft and a network namespace'
	fi
done
ok 'there are examples' test $n -ge 30

# ---- those of zfwc(8) ----

mkdir page8 bin
ln -s "$ZFWC" bin/zfwc
cd page8 || exit 1
examples zfwc.8
for example in file*.example; do
	ok "zfwc accepts $example of zfwc(8)" "$ZFWC" check "$example"
	[ -z "$nft_here" ] || ok "nft accepts $example of zfwc(8)" nft -c -j -f "$example"
done
ruleset 'tcp dport { 22, 80 } counter accept' eth0 >rules.conf
for example in facts*.example; do
	ok "zfwc takes $example of zfwc(8)" "$ZFWC" check --facts "$example" rules.conf
done
n=0
for example in shell*.example; do
	n=$((n + 1))
	if [ -z "$nft_here" ]; then
		skip "$example of zfwc(8) runs" 'needs root and a network namespace'
	elif grep -q jq "$example" && ! command -v jq >/dev/null; then
		skip "$example of zfwc(8) runs" 'needs jq'
	else
		ok "$example of zfwc(8) runs" env PATH="$tmp/bin:$PATH" sh -e "$example"
	fi
done
[ -z "$nft_here" ] || "$ZFWC" detach >/dev/null
ok 'there are shell examples' test $n -ge 5
cd "$tmp" || exit 1

# Every field is in the section of its protocol, with an example.
unused_fields() {
	local field
	sed -nE 's/^FIELD\([A-Z0-9_]+, "([^"]*)".*/\1/p' "$SRCDIR/grammar/fields.def" | while read -r field; do
		[ "$field" = 'fib type' ] || [ "$field" = 'icmpv6 parameter-problem' ] || grep -qw -- "$field" ./*.example || echo "$field"
	done
}
is 'each field has an example' "$(unused_fields)" ''
unexplained_fields() {
	local field
	sed -nE 's/^FIELD\([A-Z0-9_]+, "([^"]*)".*/\1/p' "$SRCDIR/grammar/fields.def" | sed 's/-/\\-/g' | while read -r field; do
		grep -qF -- ".It Cm \"\\&$field\"" "$SRCDIR/doc/zfwc.conf.5" || echo "$field"
	done
}
is 'each field is explained' "$(unexplained_fields)" ''
done_testing
