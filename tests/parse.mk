# SPDX-License-Identifier: GPL-2.0-only
# Tests of compiler/base/ and grammar/.
EXTRA_DIST += tests/parse.mk tests/golden/parse

if HAVE_CMOCKA
parse_fixture = tests/unit/parse_fixture.c tests/unit/parse_fixture.h

check_PROGRAMS += tests/unit/test_base tests/unit/test_parse tests/unit/test_parse_golden
TESTS_UNIT += tests/unit/test_base tests/unit/test_parse tests/unit/test_parse_golden
tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_base_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_LDADD = libbase.a $(CMOCKA_LIBS)
tests_unit_test_parse_SOURCES = tests/unit/test_parse.c $(parse_fixture)
tests_unit_test_parse_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_parse_LDADD = libgrammar.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_parse_golden_SOURCES = tests/unit/test_parse_golden.c $(parse_fixture)
tests_unit_test_parse_golden_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_parse_golden_LDADD = libgrammar.a libbase.a $(CMOCKA_LIBS)
endif
