# SPDX-License-Identifier: GPL-2.0-only
EXTRA_DIST += bpf/abi.h bpf/maps.def

BPF_CFLAGS = -O2 -g -Wall -Wextra -Werror -std=gnu17 -mcpu=v3
BPF_COMPILE = $(BPF_CLANG) -target bpf $(BPF_CFLAGS) -I$(top_srcdir) $(LIBBPF_CFLAGS) $(BPF_CPPFLAGS)

# The dependency file makes a changed header rebuild the object.
bpf/%.bpf.o: $(top_srcdir)/bpf/%.bpf.c
	@$(MKDIR_P) bpf
	$(AM_V_GEN)$(BPF_COMPILE) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

-include $(wildcard bpf/*.bpf.d)
CLEANFILES += bpf/*.bpf.o bpf/*.bpf.d
