#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# manual.t - the manual says what the compiler's tables say.
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
done_testing
