# SPDX-License-Identifier: GPL-2.0-only
libruntime_a_SOURCES += \
	runtime/live.h

# ---- the program ----
AM_CPPFLAGS += -DDEFAULT_INCLUDE_PATH='"$(sysconfdir)/zfwc"'
libruntime_a_SOURCES += \
	runtime/cmd.c runtime/cmd.h \
	runtime/cmd_apply.c \
	runtime/cmd_check.c \
	runtime/cmd_compile.c \
	runtime/cmd_detach.c \
	runtime/cmd_installed.c runtime/cmd_installed.h \
	runtime/cmd_list.c \
	runtime/cmd_numbers.c runtime/cmd_numbers.h \
	runtime/cmd_session.c runtime/cmd_session.h \
	runtime/cmd_status.c runtime/cmd_status.h \
	runtime/files.c runtime/files.h \
	runtime/json.c runtime/json.h \
	runtime/options.c runtime/options.h \
	runtime/report.c runtime/report.h
dist_man_MANS += doc/zfwc.8 doc/zfwc.conf.5
