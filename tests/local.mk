# SPDX-License-Identifier: GPL-2.0-only
# Scripts are found by their names: every *.t below tests/.

EXTRA_DIST += tests/README.md tests/run tests/lib.sh tests/kernels tests/agreement tests/net tests/tools/count.bpf.c $(wildcard $(top_srcdir)/tests/*.t)

# Programs that the scripts in tests/net/ use.
check_PROGRAMS += tests/tools/peer tests/tools/dhcp_client tests/tools/foreign
check_PROGRAMS += tests/tools/nft_agree
tests_tools_nft_agree_SOURCES = tests/tools/nft_agree.c tests/tools/agree.h tests/tools/agree_fields.h \
	tests/tools/agree_values.c tests/tools/agree_fields.c tests/tools/agree_rules.c tests/tools/agree_frames.c \
	tests/tools/agree_send.c
tests_tools_peer_SOURCES = tests/tools/peer.c
tests_tools_dhcp_client_SOURCES = tests/tools/dhcp_client.c
tests_tools_foreign_SOURCES = tests/tools/foreign.c
tests_tools_foreign_LDADD = $(LIBBPF_LIBS)
check_DATA = tests/tools/count.bpf.o
CLEANFILES += tests/tools/*.bpf.o

tests/tools/%.bpf.o: $(top_srcdir)/tests/tools/%.bpf.c
	@$(MKDIR_P) tests/tools
	$(AM_V_GEN)$(BPF_COMPILE) -c $< -o $@

include tests/unit/local.mk
include tests/bench/local.mk
include tests/fuzz/local.mk

check-programs: $(check_PROGRAMS) $(check_DATA)
.PHONY: check-programs

# All tests, or some:  make check TESTS_ONLY='tests/net/dhcp.t tests/unit/test_diff'
check-local:
	$(AM_V_at)BUILDDIR='$(abs_top_builddir)' $(top_srcdir)/tests/run $(if $(TESTS_ONLY),$(TESTS_ONLY),$(TESTS_UNIT) --scripts)
