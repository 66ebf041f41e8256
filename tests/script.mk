# SPDX-License-Identifier: GPL-2.0-only
# Tests of commands, variables, hooks and facts.
EXTRA_DIST += tests/script.mk

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_script
TESTS_UNIT += tests/unit/test_script
tests_unit_test_script_SOURCES = tests/unit/test_script.c $(compile_fixture)
tests_unit_test_script_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_script_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
endif
