#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# lint_text.t - what tools say about the source text, without building it.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$SRCDIR" || exit 1

sources() { # NAME-PATTERN...
	local pattern args=()
	for pattern; do
		args+=(${args:+-o} -name "$pattern")
	done
	find compiler grammar bpf runtime tests doc examples m4 .ci configure.ac Makefile.am autogen.sh quickstart README.md \
		-type f \( "${args[@]}" \) | sort
}

shell_scripts() {
	sources '*.t' '*.sh' run quickstart | xargs grep -lE '^#!/bin/(ba)?sh|shellcheck shell=bash'
}

formatted() {
	local file bad=0
	for file in $(sources '*.c' '*.h'); do
		clang-format --dry-run -Werror "$file" 2>/dev/null || {
			echo "$file: not as clang-format -i would have it"
			bad=1
		}
	done
	return $bad
}

licensed() {
	local file bad=0
	for file in $(sources '*.c' '*.h' '*.def' '*.l' '*.y' '*.mk' '*.t' '*.sh' '*.ac' '*.am' '*.m4' run quickstart); do
		head -n3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' || {
			echo "$file: no licence in the first lines"
			bad=1
		}
	done
	return $bad
}

scripts_parse() {
	local file bad=0
	for file in $(shell_scripts); do
		bash -n "$file" || bad=1
	done
	return $bad
}

# SC2317: functions called through 'ok' look unreachable.
scripts_checked() {
	shell_scripts | xargs shellcheck -x --severity=warning --exclude=SC2317
}

manual_clean() {
	mandoc -T lint -W warning doc/*.[1-9]
}

# White space at the end of a line, a merge that went wrong.
tidy_text() {
	! sources '*' | grep -vE '^tests/golden/' | xargs grep -nIE '^(<<<<<<<|>>>>>>>) |[[:space:]]$'
}

# The tools must be able to fail, or the tests above mean nothing.
badly_formatted() {
	printf 'int  x ;\n' >"$tmp/bad.c"
	cp .clang-format "$tmp/"
	clang-format --dry-run -Werror "$tmp/bad.c"
}

ok 'every source file names its licence' licensed
ok 'shell scripts parse' scripts_parse
ok 'no stray text' tidy_text
if command -v clang-format >/dev/null; then
	ok 'sources are formatted' formatted
	fails 'clang-format finds a bad format' badly_formatted
else
	skip 'sources are formatted' 'needs clang-format (Debian package clang-format)'
fi
if command -v shellcheck >/dev/null; then
	ok 'shell scripts are clean' scripts_checked
else
	skip 'shell scripts are clean' 'needs shellcheck (Debian package shellcheck)'
fi
if command -v mandoc >/dev/null; then
	ok 'manual pages are clean' manual_clean
else
	skip 'manual pages are clean' 'needs mandoc (Debian package mandoc)'
fi
done_testing
