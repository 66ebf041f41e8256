# SPDX-License-Identifier: GPL-2.0-only
dist_man_MANS += doc/zfwc.8 doc/zfwc.conf.5 doc/zfwc-diagnostics.7
EXTRA_DIST += doc/README.md doc/update

noinst_PROGRAMS += doc/manual_tables
doc_manual_tables_SOURCES = doc/manual_tables.c
doc_manual_tables_LDADD = libbase.a

# Writes what the compiler's tables say into the pages.
manual: doc/manual_tables
	$(top_srcdir)/doc/update $(abs_top_builddir)/doc/manual_tables $(top_srcdir)/doc
.PHONY: manual
