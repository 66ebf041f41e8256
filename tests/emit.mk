# SPDX-License-Identifier: GPL-2.0-only
# Tests of images.
EXTRA_DIST += tests/emit.mk

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_image tests/unit/test_emit
TESTS_UNIT += tests/unit/test_image tests/unit/test_emit
tests_unit_test_image_SOURCES = tests/unit/test_image.c
tests_unit_test_image_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_image_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_emit_SOURCES = tests/unit/test_emit.c tests/unit/model.c tests/unit/model.h \
	tests/unit/random_ir.c tests/unit/random_ir.h
tests_unit_test_emit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_emit_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
endif
