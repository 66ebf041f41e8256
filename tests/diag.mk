# SPDX-License-Identifier: GPL-2.0-only
# Tests of messages, and of the checks that warn.
EXTRA_DIST += tests/diag.mk tests/golden/check

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_diag tests/unit/test_check tests/unit/test_check_random
TESTS_UNIT += tests/unit/test_diag tests/unit/test_check tests/unit/test_check_random
tests_unit_test_diag_SOURCES = tests/unit/test_diag.c
tests_unit_test_diag_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_diag_LDADD = libbase.a $(CMOCKA_LIBS)
tests_unit_test_check_SOURCES = tests/unit/test_check.c tests/unit/compile_fixture.c tests/unit/compile_fixture.h \
	tests/unit/random_ir.c tests/unit/random_ir.h
tests_unit_test_check_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_check_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_check_random_SOURCES = tests/unit/test_check_random.c tests/unit/compile_fixture.c \
	tests/unit/compile_fixture.h tests/unit/evaluate.c tests/unit/evaluate.h tests/unit/model.c tests/unit/model.h \
	tests/unit/random_ir.c tests/unit/random_ir.h
tests_unit_test_check_random_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_check_random_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
endif
