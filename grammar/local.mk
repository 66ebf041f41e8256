# SPDX-License-Identifier: GPL-2.0-only
libgrammar_a_SOURCES += \
	grammar/ast.h \
	grammar/ast_dump.c \
	grammar/ast_dump.h \
	grammar/ast_dump_rule.c \
	grammar/ast_dump_value.c \
	grammar/ast_names.c \
	grammar/ast_walk.c \
	grammar/build.h \
	grammar/build_block.c \
	grammar/build_chain.c \
	grammar/build_command.c \
	grammar/build_expression.c \
	grammar/build_limit.c \
	grammar/build_log.c \
	grammar/build_rule.c \
	grammar/build_set.c \
	grammar/build_value.c \
	grammar/fields.def \
	grammar/json_index.c \
	grammar/json_index.h \
	grammar/json_members.c \
	grammar/json_read.c \
	grammar/json_read.h \
	grammar/json_read_block.c \
	grammar/json_read_key.c \
	grammar/json_read_rule.c \
	grammar/json_read_set.c \
	grammar/json_read_value.c \
	grammar/json_text.c \
	grammar/json_text.h \
	grammar/keywords.def \
	grammar/parse.c \
	grammar/parse.h \
	grammar/parser.h \
	grammar/scan.h \
	grammar/scan_dump.c \
	grammar/stream.c \
	grammar/stream.h \
	grammar/stream_parts.h \
	grammar/stream_place.c \
	grammar/stream_recover.c \
	grammar/syntax_error.c \
	grammar/syntax_habits.c \
	grammar/text.c \
	grammar/text.h \
	grammar/token.h \
	grammar/types.def \
	grammar/unsupported.def \
	grammar/words.c \
	grammar/words.h

# Their options are in the files themselves.
EXTRA_DIST += grammar/README.md grammar/parse.y grammar/scan.l
nodist_libgrammar_a_SOURCES += \
	grammar/parse.tab.c \
	grammar/parse.tab.h \
	grammar/scan.lex.c \
	grammar/scan.lex.h
BUILT_SOURCES += grammar/parse.tab.h
$(libgrammar_a_OBJECTS): grammar/parse.tab.h

# grammar/x.l becomes x.lex.c and x.lex.h, grammar/x.y x.tab.c and x.tab.h, in
# the build tree.
grammar/%.lex.c grammar/%.lex.h: $(top_srcdir)/grammar/%.l
	@$(MKDIR_P) grammar
	$(AM_V_GEN)$(FLEX) --outfile=grammar/$*.lex.c --header-file=grammar/$*.lex.h $<

grammar/%.tab.c grammar/%.tab.h: $(top_srcdir)/grammar/%.y
	@$(MKDIR_P) grammar
	$(AM_V_GEN)$(BISON) -Wall -Werror --output=grammar/$*.tab.c --header=grammar/$*.tab.h $<

CLEANFILES += grammar/*.lex.c grammar/*.lex.h grammar/*.tab.c grammar/*.tab.h
