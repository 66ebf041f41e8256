# SPDX-License-Identifier: GPL-2.0-only
libcompiler_a_SOURCES += \
	compiler/addr_set.c \
	compiler/addr_set.h \
	compiler/compile.h \
	compiler/facts.h \
	compiler/hash.c \
	compiler/hash.h \
	compiler/image.h \
	compiler/ir.h \
	compiler/listing.h \
	compiler/names.c \
	compiler/names.h \
	compiler/names_protocols.def \
	compiler/names_services.def \
	compiler/table.c \
	compiler/table.h
