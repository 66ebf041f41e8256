#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# lint_build.t - the tree builds without a warning with both compilers, and what is
# distributed installs.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[ -x "$SRCDIR/configure" ] || skip_all 'needs ./configure: run ./autogen.sh'

missing_named() {
	mkdir -p "$tmp/none" && cd "$tmp/none" || return
	! "$SRCDIR/configure" FLEX= ac_cv_path_FLEX= ac_cv_path_BISON= ac_cv_path_BPF_CLANG= \
		PKG_CONFIG_LIBDIR=/nonexistent >configure.out 2>&1 || return
	grep -A20 missing: configure.out
	local word
	for word in flex bison clang libbpf-dev libelf-dev libmnl-dev libnftnl-dev libjansson-dev; do
		grep -qE "Debian package $word" configure.out || {
			echo "not named: $word"
			return 1
		}
	done
}

archive() {
	local name=zfwc-dist-$$
	make -C "$BUILDDIR" dist-xz distdir=$name >"$tmp/dist.log" 2>&1 || {
		tail -n 20 "$tmp/dist.log"
		return 1
	}
	mv "$BUILDDIR/$name.tar.xz" "$tmp/" && mkdir "$tmp/unpacked" &&
		tar -C "$tmp/unpacked" --strip-components=1 -xf "$tmp/$name.tar.xz"
}

holds_the_tests() {
	diff <(cd "$SRCDIR/tests" && find . -type f | sort) <(cd "$tmp/unpacked/tests" && find . -type f | sort)
}

# From the archive, with the source read-only; only what is installed counts.
archive_builds() {
	chmod -R a-w "$tmp/unpacked"
	mkdir "$tmp/gcc" && cd "$tmp/gcc" &&
		"$tmp/unpacked/configure" -q CC=gcc --enable-werror --prefix=/usr --sysconfdir=/etc && make -s -j2
}

archive_installs() {
	local file
	make -C "$tmp/gcc" install DESTDIR="$tmp/root" || return
	for file in sbin/zfwc share/man/man8/zfwc.8 share/man/man5/zfwc.conf.5 share/doc/zfwc/examples/quickstart.conf; do
		[ -s "$tmp/root/usr/$file" ] || {
			echo "not installed: $file"
			return 1
		}
	done
	"$tmp/root/usr/sbin/zfwc" --version || return
	make -C "$tmp/gcc" uninstall DESTDIR="$tmp/root" && [ -z "$(find "$tmp/root" -type f)" ]
}

ok 'configure names all that is missing in one run' missing_named
ok 'an archive is made' archive
ok 'it holds the tests' holds_the_tests
ok 'gcc builds it without a warning, from a read-only tree' archive_builds
ok 'it installs and uninstalls' archive_installs
chmod -R u+w "$tmp/unpacked"

# Its warnings don't depend on how it optimizes.
clang_builds() {
	mkdir "$tmp/clang" && cd "$tmp/clang" &&
		"$SRCDIR/configure" -q CC=clang CFLAGS=-O0 --enable-werror && make -s -j2 zfwc check-programs
}

if command -v clang >/dev/null; then
	ok 'clang builds without a warning' clang_builds
fi
done_testing
