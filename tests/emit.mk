# SPDX-License-Identifier: GPL-2.0-only
# Tests of images.
EXTRA_DIST += tests/emit.mk

if HAVE_CMOCKA
emit_harness = tests/unit/emit_harness.c tests/unit/emit_harness.h tests/unit/model.c tests/unit/model.h \
	tests/unit/random_ir.c tests/unit/random_ir.h

check_PROGRAMS += tests/unit/test_image tests/unit/test_labels tests/unit/test_emit tests/unit/test_emit_ops tests/unit/test_emit_random tests/unit/test_emit_changes
TESTS_UNIT += tests/unit/test_image tests/unit/test_labels tests/unit/test_emit tests/unit/test_emit_ops tests/unit/test_emit_random tests/unit/test_emit_changes
tests_unit_test_image_SOURCES = tests/unit/test_image.c
tests_unit_test_image_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_image_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_labels_SOURCES = tests/unit/test_labels.c
tests_unit_test_labels_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_labels_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_emit_SOURCES = tests/unit/test_emit.c $(emit_harness)
tests_unit_test_emit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_emit_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_emit_ops_SOURCES = tests/unit/test_emit_ops.c $(emit_harness)
tests_unit_test_emit_ops_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_emit_ops_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_emit_random_SOURCES = tests/unit/test_emit_random.c $(emit_harness)
tests_unit_test_emit_random_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_emit_random_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_emit_changes_SOURCES = tests/unit/test_emit_changes.c $(emit_harness)
tests_unit_test_emit_changes_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_emit_changes_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
endif
