# SPDX-License-Identifier: GPL-2.0-only
libcompiler_a_SOURCES += \
	compiler/addr_set.h \
	compiler/compile.h \
	compiler/facts.h \
	compiler/image.h \
	compiler/ir.h \
	compiler/listing.h
