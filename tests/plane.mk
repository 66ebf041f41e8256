# SPDX-License-Identifier: GPL-2.0-only
# Tests of the programs in the kernel, and the benchmark.
EXTRA_DIST += tests/plane.mk

if HAVE_CMOCKA
plane_harness = tests/unit/plane_harness.c tests/unit/plane_harness.h tests/unit/frames.c tests/unit/frames.h
plane_libs = libruntime.a $(PURE_LIBS) $(LIBBPF_LIBS) $(CMOCKA_LIBS)

plane_case = tests/unit/plane_case.c tests/unit/plane_case.h $(plane_harness)
plane_tests = tests/unit/test_plane_maps tests/unit/test_plane_headers tests/unit/test_plane_rules \
	tests/unit/test_plane_flows tests/unit/test_plane_ops tests/unit/test_plane_reject tests/unit/test_plane_live \
	tests/unit/test_oracle
check_PROGRAMS += $(plane_tests)
TESTS_UNIT += $(plane_tests)
tests_unit_test_plane_maps_SOURCES = tests/unit/test_plane_maps.c
tests_unit_test_plane_maps_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_plane_maps_LDADD = $(plane_libs)
tests_unit_test_plane_headers_SOURCES = tests/unit/test_plane_headers.c $(plane_case)
tests_unit_test_plane_headers_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_plane_headers_LDADD = $(plane_libs)
tests_unit_test_plane_rules_SOURCES = tests/unit/test_plane_rules.c $(plane_case)
tests_unit_test_plane_rules_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_plane_rules_LDADD = $(plane_libs)
tests_unit_test_plane_flows_SOURCES = tests/unit/test_plane_flows.c $(plane_case)
tests_unit_test_plane_flows_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_plane_flows_LDADD = $(plane_libs)
tests_unit_test_plane_ops_SOURCES = tests/unit/test_plane_ops.c $(plane_case)
tests_unit_test_plane_ops_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_plane_ops_LDADD = $(plane_libs)
tests_unit_test_plane_reject_SOURCES = tests/unit/test_plane_reject.c $(plane_case)
tests_unit_test_plane_reject_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_plane_reject_LDADD = $(plane_libs)
tests_unit_test_plane_live_SOURCES = tests/unit/test_plane_live.c $(plane_harness)
tests_unit_test_plane_live_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_plane_live_LDADD = $(plane_libs)
tests_unit_test_oracle_SOURCES = tests/unit/test_oracle.c tests/unit/oracle.c tests/unit/oracle.h \
	tests/unit/oracle_random.c $(plane_harness)
tests_unit_test_oracle_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_oracle_LDADD = $(plane_libs)
endif

# What a packet costs, beside nft.
EXTRA_DIST += tests/bench/bench.bpf.c
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
