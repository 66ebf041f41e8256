# SPDX-License-Identifier: GPL-2.0-only
# Tests of an instance in the kernel.
EXTRA_DIST += tests/live.mk

if HAVE_CMOCKA
live_fixture = tests/unit/live_fixture.c tests/unit/live_fixture.h tests/unit/random_ir.c tests/unit/random_ir.h
live_libs = $(ZFWC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_live
TESTS_UNIT += tests/unit/test_live
tests_unit_test_live_SOURCES = tests/unit/test_live.c $(live_fixture)
tests_unit_test_live_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_live_LDADD = $(live_libs)
endif
