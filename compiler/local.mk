# SPDX-License-Identifier: GPL-2.0-only
libcompiler_a_SOURCES += \
	compiler/addr_set.c \
	compiler/addr_set.h \
	compiler/address_classes.c \
	compiler/align.c \
	compiler/blocks.c \
	compiler/cells.c \
	compiler/compile.h \
	compiler/emit.c \
	compiler/emit.h \
	compiler/emit_elements.c \
	compiler/emit_elements.h \
	compiler/emit_table.c \
	compiler/emit_table.h \
	compiler/facts.h \
	compiler/found.c \
	compiler/hash.c \
	compiler/hash.h \
	compiler/image.c \
	compiler/image.h \
	compiler/image_print.c \
	compiler/interface_sets.c \
	compiler/ir.h \
	compiler/labels.c \
	compiler/listing.h \
	compiler/names.c \
	compiler/names.h \
	compiler/names_protocols.def \
	compiler/names_services.def \
	compiler/table.c \
	compiler/table.h \
	compiler/tuples.c
