# SPDX-License-Identifier: GPL-2.0-only
# Tests of rulesets as JSON.
EXTRA_DIST += tests/json.mk tests/golden/json

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_json
TESTS_UNIT += tests/unit/test_json
tests_unit_test_json_SOURCES = tests/unit/test_json.c
tests_unit_test_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_json_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
endif
