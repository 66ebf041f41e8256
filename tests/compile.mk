# SPDX-License-Identifier: GPL-2.0-only
# Tests of the compiler up to the IR, and of listings.
EXTRA_DIST += tests/compile.mk tests/golden/ir tests/golden/fmt tests/nft

if HAVE_CMOCKA
compile_fixture = tests/unit/compile_fixture.c tests/unit/compile_fixture.h

check_PROGRAMS += tests/unit/test_addr_set tests/unit/test_lower tests/unit/test_lower_random tests/unit/test_listing tests/unit/test_listing_back tests/unit/test_compile_golden
TESTS_UNIT += tests/unit/test_addr_set tests/unit/test_lower tests/unit/test_lower_random tests/unit/test_listing tests/unit/test_listing_back tests/unit/test_compile_golden
tests_unit_test_addr_set_SOURCES = tests/unit/test_addr_set.c
tests_unit_test_addr_set_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_addr_set_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_lower_SOURCES = tests/unit/test_lower.c tests/unit/evaluate.c tests/unit/evaluate.h \
	tests/unit/evaluate_tree.c $(compile_fixture)
tests_unit_test_lower_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_lower_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_lower_random_SOURCES = tests/unit/test_lower_random.c tests/unit/random_rules.c tests/unit/random_rules.h \
	tests/unit/evaluate.c tests/unit/evaluate.h tests/unit/evaluate_tree.c $(compile_fixture)
tests_unit_test_lower_random_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_lower_random_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_listing_SOURCES = tests/unit/test_listing.c $(compile_fixture)
tests_unit_test_listing_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_listing_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_listing_back_SOURCES = tests/unit/test_listing_back.c $(compile_fixture)
tests_unit_test_listing_back_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_listing_back_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_compile_golden_SOURCES = tests/unit/test_compile_golden.c $(compile_fixture)
tests_unit_test_compile_golden_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compile_golden_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
endif
