dnl SPDX-License-Identifier: GPL-2.0-only
dnl zfwc.m4 - checks that collect what is missing, so that one run of configure
dnl names every tool and library together with its Debian package.

AC_DEFUN([ZFWC_INIT_MISSING], [zfwc_missing= zfwc_packages=])

dnl ZFWC_MISSING(WHAT, DEBIAN PACKAGE)
AC_DEFUN([ZFWC_MISSING], [
	zfwc_missing="$zfwc_missing
    $1 (Debian package $2)"
	zfwc_packages="$zfwc_packages $2"
])

AC_DEFUN([ZFWC_REPORT_MISSING], [
	AS_IF([test -n "$zfwc_missing"],
		[AC_MSG_ERROR([missing:$zfwc_missing
  On Debian: apt-get install$zfwc_packages])])
])

dnl AC_PROG_CC ends configure when the compiler doesn't work: so this looks first,
dnl without it, and must be the last check before ZFWC_REPORT_MISSING.
AC_DEFUN([ZFWC_NEED_CC], [
	zfwc_cc=$CC
	AS_IF([test -z "$zfwc_cc"], [AC_CHECK_PROGS([zfwc_cc], [gcc clang cc])])
	AS_IF([test -z "$zfwc_cc"], [ZFWC_MISSING([a C compiler], [gcc libc6-dev])], [
		AC_CACHE_CHECK([whether $zfwc_cc makes programs], [zfwc_cv_cc], [
			AS_ECHO(["#include <stdio.h>
#include <linux/bpf.h>
int main(void) { return 0; }"]) >conftest.c
			AS_IF([$zfwc_cc -o conftest.exe conftest.c >&AS_MESSAGE_LOG_FD 2>&1],
				[zfwc_cv_cc=yes], [zfwc_cv_cc=no])
			rm -f conftest.c conftest.exe
		])
		AS_IF([test $zfwc_cv_cc = no], [ZFWC_MISSING([C library and kernel headers], [libc6-dev])])
	])
])

dnl ZFWC_NEED_TOOL(VARIABLE, PROGRAM, DEBIAN PACKAGE)
AC_DEFUN([ZFWC_NEED_TOOL], [
	AC_PATH_PROG([$1], [$2])
	AS_IF([test -z "$$1"], [ZFWC_MISSING([$2], [$3])])
])

dnl ZFWC_NEED_BISON(VERSION)
AC_DEFUN([ZFWC_NEED_BISON], [
	AC_PATH_PROG([BISON], [bison])
	AS_IF([test -z "$BISON"], [ZFWC_MISSING([bison >= $1], [bison])], [
		AC_CACHE_CHECK([for the version of bison], [zfwc_cv_bison],
			[zfwc_cv_bison=`$BISON --version | sed -n '1s/.* //p'`])
		AS_VERSION_COMPARE([$zfwc_cv_bison], [$1],
			[ZFWC_MISSING([bison >= $1, found $zfwc_cv_bison], [bison])])
	])
])

dnl A clang that compiles for BPF, with BTF, and finds libbpf's and the kernel's
dnl headers.  The kernel's lie in a folder that only the native target searches.
AC_DEFUN([ZFWC_NEED_BPF_CLANG], [
	AC_PATH_PROGS([BPF_CLANG], [clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14])
	BPF_CPPFLAGS=
	AS_IF([test -z "$BPF_CLANG"], [ZFWC_MISSING([clang with the BPF target], [clang])], [
		BPF_CPPFLAGS=`$BPF_CLANG -v -E - </dev/null 2>&1 |
			sed -n '/<...> search starts here:/,/End of search list/s/^ \(\/.*\)/-idirafter \1/p' |
			tr '\n' ' '`
		AC_CACHE_CHECK([whether $BPF_CLANG compiles for BPF], [zfwc_cv_bpf_clang], [
			cat >conftest.bpf.c <<_ZFWC_EOF
#include <linux/bpf.h>
int conftest(struct __sk_buff *skb) { return skb->len; }
_ZFWC_EOF
			AS_IF([$BPF_CLANG -target bpf -mcpu=v3 -O2 -g $BPF_CPPFLAGS -c conftest.bpf.c \
					-o conftest.bpf.o >conftest.err 2>&1 && test -s conftest.bpf.o],
				[zfwc_cv_bpf_clang=yes],
				[zfwc_cv_bpf_clang=no; cat conftest.err >&AS_MESSAGE_LOG_FD])
			rm -f conftest.bpf.c conftest.bpf.o conftest.err
		])
		AS_IF([test $zfwc_cv_bpf_clang = no],
			[ZFWC_MISSING([a clang that compiles for BPF ($BPF_CLANG does not, see config.log)],
				[clang linux-libc-dev])])
	])
	AC_SUBST([BPF_CPPFLAGS])
])

AC_DEFUN([ZFWC_NEED_PKG_CONFIG], [
	PKG_PROG_PKG_CONFIG
	AS_IF([test -z "$PKG_CONFIG"], [ZFWC_MISSING([pkg-config], [pkg-config])])
])

dnl ZFWC_NEED_PACKAGE(PREFIX, MODULE WITH VERSION, DEBIAN PACKAGE)
AC_DEFUN([ZFWC_NEED_PACKAGE], [
	AS_IF([test -z "$PKG_CONFIG"], [ZFWC_MISSING([$2], [$3])], [
		PKG_CHECK_MODULES([$1], [$2],
			[AS_TR_SH(m4_tolower([$1])_version)=`$PKG_CONFIG --modversion "$2"`],
			[ZFWC_MISSING([$2], [$3])])
	])
])
