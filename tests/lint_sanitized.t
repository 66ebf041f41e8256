#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# lint_sanitized.t - the unit tests run with address and undefined-behaviour
# sanitizers.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[ -x "$SRCDIR/configure" ] || skip_all 'needs ./configure: run ./autogen.sh'

builds() {
	mkdir "$tmp/build" && cd "$tmp/build" &&
		"$SRCDIR/configure" -q CC=gcc CFLAGS='-O1 -g' --enable-werror --enable-sanitizers &&
		make -s -j2 zfwc check-programs
}

# The whole list, and no scripts: those start this one.  What make says when it
# makes a makefile anew stands before the list.
unit_tests() {
	make -s -C "$tmp/build" check TESTS_ONLY="$(make -s -C "$tmp/build" print-unit-tests | tail -n1)"
}

ok 'everything builds with sanitizers' builds
ok 'unit tests run under the sanitizers' unit_tests
done_testing
