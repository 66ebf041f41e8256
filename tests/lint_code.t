#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# lint_code.t - static analysis, by two tools.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$SRCDIR" || exit 1

# As the shell would read them in a rule of make; before it may be told that a
# makefile is made anew.
flags=()
eval "flags=($(make -s -C "$BUILDDIR" print-flags | tail -n1))"
mapfile -t files < <(find compiler grammar runtime tests -name '*.c' ! -name '*.bpf.c' | sort)

# Suppressed: missingIncludeSystem, only our own headers are read; uninit..., it
# doesn't see what system calls fill in (both compilers and clang-tidy look for
# those); unknownEvaluationOrder, it misreads compound literals; comparePointers,
# the ends of the embedded object are two symbols.
check_cpp() {
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability,performance \
		--inline-suppr --suppress=missingIncludeSystem --suppress=unmatchedSuppression \
		--suppress=uninitvar --suppress=uninitStructMember --suppress=ctuuninitvar \
		--suppress=unknownEvaluationOrder --suppress=comparePointers \
		--suppress=unknownMacro --suppress=preprocessorErrorDirective \
		-D_GNU_SOURCE -DPACKAGE_VERSION='""' -I"$BUILDDIR" -I"$SRCDIR" "$@"
}

check_tidy() {
	rm -f "$tmp/bad"
	local file
	for file; do
		clang-tidy --quiet "$file" -- "${flags[@]}" 2>/dev/null || echo "$file" >>"$tmp/bad" &
		[ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n
	done
	wait
	! grep . "$tmp/bad" 2>/dev/null || return 1
}

cat >"$tmp/bad.c" <<'END'
#include <stdlib.h>
int main(void)
{
	int *v = malloc(4);
	v[3] = 1;
	free(v);
	return *v == *v;
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
