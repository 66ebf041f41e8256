#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# lint_code.t - static analysis, by two tools.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$SRCDIR" || exit 1

flags=$(make -s -C "$BUILDDIR" print-flags)
mapfile -t files < <(find compiler grammar runtime tests -name '*.c' ! -name '*.bpf.c' | sort)

# missingIncludeSystem: only our own headers are read.  The rest of what is
# suppressed are opinions, not findings.
check_cpp() {
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability,performance \
		--inline-suppr --suppress=missingIncludeSystem --suppress=unmatchedSuppression \
		--suppress=unknownMacro --suppress=preprocessorErrorDirective --suppress=normalCheckLevelMaxBranches \
		-D_GNU_SOURCE -DPACKAGE_VERSION='""' -I"$BUILDDIR" -I"$SRCDIR" "$@"
}

check_tidy() {
	# shellcheck disable=SC2086 # the flags are words
	printf '%s\0' "$@" | xargs -0 -n 6 -P 2 sh -c 'flags=$0; exec clang-tidy --quiet "$@" -- $flags 2>/dev/null' "$flags"
}

cat >"$tmp/bad.c" <<'END'
#include <stdlib.h>
int main(void)
{
	int *v = malloc(4);
	v[3] = 1;
	free(v);
	return *v;
}
END
cp .clang-tidy "$tmp/"

if command -v cppcheck >/dev/null; then
	ok 'cppcheck has nothing to say' check_cpp "${files[@]}"
	fails 'cppcheck finds a planted error' check_cpp "$tmp/bad.c"
else
	skip 'cppcheck has nothing to say' 'needs cppcheck (Debian package cppcheck)'
fi
if command -v clang-tidy >/dev/null; then
	ok 'clang-tidy has nothing to say' check_tidy "${files[@]}"
	fails 'clang-tidy finds a planted error' check_tidy "$tmp/bad.c"
else
	skip 'clang-tidy has nothing to say' 'needs clang-tidy (Debian package clang-tidy)'
fi
done_testing
