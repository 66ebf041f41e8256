# SPDX-License-Identifier: GPL-2.0-only
EXTRA_DIST += compiler/base/README.md
libbase_a_SOURCES += \
	compiler/base/arena.c \
	compiler/base/arena.h \
	compiler/base/buf.c \
	compiler/base/buf.h \
	compiler/base/codes.def \
	compiler/base/diag.c \
	compiler/base/diag.h \
	compiler/base/diag_print.c \
	compiler/base/diag_suggest.c \
	compiler/base/diag_wills.c \
	compiler/base/reader.h \
	compiler/base/source.c \
	compiler/base/source.h \
	compiler/base/utf8.c \
	compiler/base/utf8.h
