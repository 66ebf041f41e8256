# SPDX-License-Identifier: GPL-2.0-only
dist_man_MANS += doc/zfwc.8 doc/zfwc.conf.5 doc/zfwc-diagnostics.7
EXTRA_DIST += doc/README.md doc/update

noinst_PROGRAMS += doc/manual_tables
doc_manual_tables_SOURCES = doc/manual_tables.c
doc_manual_tables_LDADD = $(PURE_LIBS)

# Writes what the compiler's tables say into the pages.
manual: doc/manual_tables
	$(top_srcdir)/doc/update $(abs_top_builddir)/doc/manual_tables $(top_srcdir)/doc
.PHONY: manual

vimfilesdir = $(datadir)/vim/vimfiles
vimsyntaxdir = $(vimfilesdir)/syntax
dist_vimsyntax_DATA = doc/editors/vim/syntax/zfwc.vim
vimftdetectdir = $(vimfilesdir)/ftdetect
dist_vimftdetect_DATA = doc/editors/vim/ftdetect/zfwc.vim
vimftplugindir = $(vimfilesdir)/ftplugin
dist_vimftplugin_DATA = doc/editors/vim/ftplugin/zfwc.vim
completionsdir = $(datadir)/bash-completion/completions
dist_completions_DATA = doc/completion/zfwc
