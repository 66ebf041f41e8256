# SPDX-License-Identifier: GPL-2.0-only
libruntime_a_SOURCES += \
	runtime/apply.c \
	runtime/attach.c runtime/attach.h \
	runtime/attached.c runtime/attached.h \
	runtime/bpf_sys.c runtime/bpf_sys.h \
	runtime/copy.c runtime/copy.h \
	runtime/counters.c runtime/counters.h \
	runtime/filter.c runtime/filter.h \
	runtime/host.c \
	runtime/live.c runtime/live.h \
	runtime/load.c runtime/load.h \
	runtime/map_read.c runtime/map_read.h \
	runtime/map_write.c runtime/map_write.h \
	runtime/owned.h \
	runtime/pins.c runtime/pins.h \
	runtime/pins_root.c runtime/pins_root.h \
	runtime/routing.c runtime/routing.h \
	runtime/rtnl.c runtime/rtnl.h \
	runtime/states.c runtime/states.h \
	runtime/store.c runtime/store.h \
	runtime/sweep.c runtime/sweep.h \
	runtime/trouble.c runtime/trouble.h
EXTRA_DIST += runtime/README.md

# ---- the program ----
AM_CPPFLAGS += -DDEFAULT_INCLUDE_PATH='"$(sysconfdir)/zfwc"'
sbin_PROGRAMS += zfwc
zfwc_SOURCES = runtime/main.c
zfwc_LDADD = $(ZFWC_LIBS)
libruntime_a_SOURCES += \
	runtime/cmd.c runtime/cmd.h \
	runtime/cmd_apply.c \
	runtime/cmd_check.c \
	runtime/cmd_compile.c \
	runtime/cmd_detach.c \
	runtime/cmd_diff.c \
	runtime/cmd_fmt.c \
	runtime/cmd_installed.c runtime/cmd_installed.h \
	runtime/cmd_list.c \
	runtime/cmd_monitor.c \
	runtime/cmd_numbers.c runtime/cmd_numbers.h \
	runtime/cmd_session.c runtime/cmd_session.h \
	runtime/cmd_status.c runtime/cmd_status.h \
	runtime/diag_json.c runtime/diag_json.h \
	runtime/duration.c runtime/duration.h \
	runtime/event_json.c \
	runtime/event_packet.c runtime/event_packet.h \
	runtime/event_print.c runtime/event_print.h \
	runtime/event_ring.c runtime/event_ring.h \
	runtime/event_text.c runtime/event_text.h \
	runtime/facts_file.c runtime/facts_file.h \
	runtime/files.c runtime/files.h \
	runtime/json.c runtime/json.h \
	runtime/json_make.c runtime/json_make.h \
	runtime/monitor.c runtime/monitor.h \
	runtime/options.c runtime/options.h \
	runtime/report.c runtime/report.h
