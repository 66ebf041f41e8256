# SPDX-License-Identifier: GPL-2.0-only
# Tests of values, sets and statements.
EXTRA_DIST += tests/resolve.mk

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_resolve
TESTS_UNIT += tests/unit/test_resolve
tests_unit_test_resolve_SOURCES = tests/unit/test_resolve.c $(compile_fixture)
tests_unit_test_resolve_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_resolve_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
endif
