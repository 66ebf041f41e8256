# SPDX-License-Identifier: GPL-2.0-only
libruntime_a_SOURCES += \
	runtime/live.h
