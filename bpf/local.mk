# SPDX-License-Identifier: GPL-2.0-only
EXTRA_DIST += bpf/README.md bpf/MAPS.md bpf/maps.def bpf/zfwc.bpf.c \
	bpf/abi.h bpf/act.h bpf/classify.h bpf/flow.h bpf/intercept.h bpf/load.h bpf/maps.h bpf/ops.h bpf/parse.h \
	bpf/reject.h bpf/socket.h

# linux/types.h includes asm/types.h, which Debian keeps in a folder per architecture.
BPF_CFLAGS = -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror -std=gnu17 -mcpu=v3
BPF_COMPILE = $(BPF_CLANG) -target bpf $(BPF_CFLAGS) -I$(top_srcdir) $(LIBBPF_CFLAGS) $(BPF_CPPFLAGS)

# The dependency file makes a changed header rebuild the object.
bpf/%.bpf.o: $(top_srcdir)/bpf/%.bpf.c
	@$(MKDIR_P) bpf
	$(AM_V_GEN)$(BPF_COMPILE) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

-include $(wildcard bpf/*.bpf.d)
CLEANFILES += bpf/*.bpf.o bpf/*.bpf.d

# The programs are part of the binary.
libruntime_a_SOURCES += bpf/object.c bpf/object.h
bpf/object.$(OBJEXT): bpf/zfwc.bpf.o
