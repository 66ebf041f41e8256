# SPDX-License-Identifier: GPL-2.0-only
# Tests of messages, and of the checks that warn.
EXTRA_DIST += tests/diag.mk

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_diag
TESTS_UNIT += tests/unit/test_diag
tests_unit_test_diag_SOURCES = tests/unit/test_diag.c
tests_unit_test_diag_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_diag_LDADD = libbase.a $(CMOCKA_LIBS)
endif
