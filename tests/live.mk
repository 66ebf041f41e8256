# SPDX-License-Identifier: GPL-2.0-only
# Tests of an instance in the kernel.
EXTRA_DIST += tests/live.mk

if HAVE_CMOCKA
live_fixture = tests/unit/live_fixture.c tests/unit/live_fixture.h tests/unit/random_ir.c tests/unit/random_ir.h
live_libs = $(ZFWC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_live tests/unit/test_live_host tests/unit/test_live_killed
TESTS_UNIT += tests/unit/test_live tests/unit/test_live_host tests/unit/test_live_killed
tests_unit_test_live_SOURCES = tests/unit/test_live.c $(live_fixture) $(plane_harness)
tests_unit_test_live_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_live_LDADD = $(live_libs)
tests_unit_test_live_host_SOURCES = tests/unit/test_live_host.c $(live_fixture)
tests_unit_test_live_host_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_live_host_LDADD = $(live_libs)
tests_unit_test_live_killed_SOURCES = tests/unit/test_live_killed.c $(live_fixture)
tests_unit_test_live_killed_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_live_killed_LDADD = $(live_libs)
endif
