# SPDX-License-Identifier: GPL-2.0-only
# The fuzz targets: built by tests/fuzz.t in a tree configured with clang and
# -fsanitize=fuzzer-no-link, and by nothing else.
EXTRA_DIST += tests/fuzz/regressions tests/fuzz/README.md

fuzz_shared = tests/fuzz/fuzz.c tests/fuzz/fuzz.h tests/fuzz/spans.c tests/fuzz/spans.h
FUZZ_TARGETS = tests/fuzz/fuzz_ast tests/fuzz/fuzz_ir tests/fuzz/fuzz_fmt tests/fuzz/fuzz_json
EXTRA_PROGRAMS += $(FUZZ_TARGETS)
tests_fuzz_fuzz_ast_SOURCES = tests/fuzz/fuzz_ast.c $(fuzz_shared)
tests_fuzz_fuzz_ast_LDADD = $(PURE_LIBS)
tests_fuzz_fuzz_ast_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_ir_SOURCES = tests/fuzz/fuzz_ir.c $(fuzz_shared)
tests_fuzz_fuzz_ir_LDADD = $(PURE_LIBS)
tests_fuzz_fuzz_ir_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_fmt_SOURCES = tests/fuzz/fuzz_fmt.c $(fuzz_shared)
tests_fuzz_fuzz_fmt_LDADD = $(PURE_LIBS)
tests_fuzz_fuzz_fmt_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(fuzz_shared)
tests_fuzz_fuzz_json_LDADD = $(PURE_LIBS)
tests_fuzz_fuzz_json_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

fuzz-targets: $(FUZZ_TARGETS)
.PHONY: fuzz-targets
