# SPDX-License-Identifier: GPL-2.0-only
# What a packet costs, beside nft.
EXTRA_DIST += tests/bench/bench.bpf.c tests/bench/front.pl
EXTRA_PROGRAMS = tests/bench/bench
tests_bench_bench_SOURCES = tests/bench/bench.c tests/bench/bench.h tests/bench/image.c tests/bench/packets.h \
	tests/bench/rules.c
tests_bench_bench_LDADD = libruntime.a $(PURE_LIBS) $(LIBBPF_LIBS)
CLEANFILES += $(EXTRA_PROGRAMS) tests/bench/*.bpf.o

tests/bench/%.bpf.o: $(top_srcdir)/tests/bench/%.bpf.c $(top_srcdir)/tests/bench/packets.h
	@$(MKDIR_P) tests/bench
	$(AM_V_GEN)$(BPF_COMPILE) -c $< -o $@

bench: tests/bench/bench tests/bench/bench.bpf.o
	tests/bench/bench
.PHONY: bench
