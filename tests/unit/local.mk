# SPDX-License-Identifier: GPL-2.0-only
# A unit test is a cmocka program of one file, named here once: what it is linked
# with says how much of zfwc it needs.  What several of them share is in
# libfixtures.a.
EXTRA_DIST += tests/golden tests/nft

if HAVE_CMOCKA
check_LIBRARIES = tests/unit/libfixtures.a
tests_unit_libfixtures_a_SOURCES = \
	tests/unit/compile_fixture.c tests/unit/compile_fixture.h \
	tests/unit/emit_harness.c tests/unit/emit_harness.h \
	tests/unit/evaluate.c tests/unit/evaluate.h \
	tests/unit/evaluate_tree.c \
	tests/unit/frames.c tests/unit/frames.h \
	tests/unit/golden.c tests/unit/golden.h \
	tests/unit/model.c tests/unit/model.h \
	tests/unit/parse_fixture.c tests/unit/parse_fixture.h \
	tests/unit/plane_case.c tests/unit/plane_case.h \
	tests/unit/plane_harness.c tests/unit/plane_harness.h \
	tests/unit/random_ir.c tests/unit/random_ir.h \
	tests/unit/random_rules.c tests/unit/random_rules.h

unit_libs = tests/unit/libfixtures.a $(PURE_LIBS) $(CMOCKA_LIBS)
live_libs = tests/unit/libfixtures.a $(ZFWC_LIBS) $(CMOCKA_LIBS)

# Messages and texts.
unit_tests = tests/unit/test_base tests/unit/test_diag
tests_unit_test_base_LDADD = $(unit_libs)
tests_unit_test_diag_LDADD = $(unit_libs)

# From texts to trees.
unit_tests += tests/unit/test_parse tests/unit/test_parse_golden tests/unit/test_json
tests_unit_test_parse_LDADD = $(unit_libs)
tests_unit_test_parse_golden_LDADD = $(unit_libs)
tests_unit_test_json_LDADD = $(unit_libs)

# Bound trees, rules, listings, warnings.
unit_tests += tests/unit/test_resolve tests/unit/test_script tests/unit/test_addr_set tests/unit/test_lower \
	tests/unit/test_lower_random tests/unit/test_listing tests/unit/test_listing_back \
	tests/unit/test_compile_golden tests/unit/test_check tests/unit/test_check_random
tests_unit_test_resolve_LDADD = $(unit_libs)
tests_unit_test_script_LDADD = $(unit_libs)
tests_unit_test_addr_set_LDADD = $(unit_libs)
tests_unit_test_lower_LDADD = $(unit_libs)
tests_unit_test_lower_random_LDADD = $(unit_libs)
tests_unit_test_listing_LDADD = $(unit_libs)
tests_unit_test_listing_back_LDADD = $(unit_libs)
tests_unit_test_compile_golden_LDADD = $(unit_libs)
tests_unit_test_check_LDADD = $(unit_libs)
tests_unit_test_check_random_LDADD = $(unit_libs)

# Images of maps.
unit_tests += tests/unit/test_image tests/unit/test_labels tests/unit/test_emit tests/unit/test_emit_ops \
	tests/unit/test_emit_random tests/unit/test_emit_changes
tests_unit_test_image_LDADD = $(unit_libs)
tests_unit_test_labels_LDADD = $(unit_libs)
tests_unit_test_emit_LDADD = $(unit_libs)
tests_unit_test_emit_ops_LDADD = $(unit_libs)
tests_unit_test_emit_random_LDADD = $(unit_libs)
tests_unit_test_emit_changes_LDADD = $(unit_libs)

# The programs in the kernel.
unit_tests += tests/unit/test_plane_maps tests/unit/test_plane_headers tests/unit/test_plane_rules \
	tests/unit/test_plane_flows tests/unit/test_plane_ops tests/unit/test_plane_reject tests/unit/test_plane_live \
	tests/unit/test_oracle
tests_unit_test_plane_maps_LDADD = $(live_libs)
tests_unit_test_plane_headers_LDADD = $(live_libs)
tests_unit_test_plane_rules_LDADD = $(live_libs)
tests_unit_test_plane_flows_LDADD = $(live_libs)
tests_unit_test_plane_ops_LDADD = $(live_libs)
tests_unit_test_plane_reject_LDADD = $(live_libs)
tests_unit_test_plane_live_LDADD = $(live_libs)
# The oracle shares no line with what it judges, nor with the other tests.
tests_unit_test_oracle_SOURCES = tests/unit/test_oracle.c tests/unit/oracle.c tests/unit/oracle.h \
	tests/unit/oracle_random.c
tests_unit_test_oracle_LDADD = $(live_libs)

# An instance in the kernel.
live_fixture = tests/unit/live_fixture.c tests/unit/live_fixture.h
unit_tests += tests/unit/test_live tests/unit/test_live_host tests/unit/test_live_killed
tests_unit_test_live_SOURCES = tests/unit/test_live.c $(live_fixture)
tests_unit_test_live_LDADD = $(live_libs)
tests_unit_test_live_host_SOURCES = tests/unit/test_live_host.c $(live_fixture)
tests_unit_test_live_host_LDADD = $(live_libs)
tests_unit_test_live_killed_SOURCES = tests/unit/test_live_killed.c $(live_fixture)
tests_unit_test_live_killed_LDADD = $(live_libs)

# What commands print.
unit_tests += tests/unit/test_event
tests_unit_test_event_LDADD = $(live_libs)

check_PROGRAMS += $(unit_tests)
TESTS_UNIT += $(unit_tests)
else
TESTS_UNIT += --skip=unit-tests,configured-without-libcmocka-dev
endif
