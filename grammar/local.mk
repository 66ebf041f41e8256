# SPDX-License-Identifier: GPL-2.0-only
libgrammar_a_SOURCES += \
	grammar/ast.h \
	grammar/fields.def \
	grammar/parse.h

# grammar/x.l becomes x.lex.c and x.lex.h, grammar/x.y x.tab.c and x.tab.h, in
# the build tree.
grammar/%.lex.c grammar/%.lex.h: $(top_srcdir)/grammar/%.l
	@$(MKDIR_P) grammar
	$(AM_V_GEN)$(FLEX) --outfile=grammar/$*.lex.c --header-file=grammar/$*.lex.h $<

grammar/%.tab.c grammar/%.tab.h: $(top_srcdir)/grammar/%.y
	@$(MKDIR_P) grammar
	$(AM_V_GEN)$(BISON) -Wall -Werror --output=grammar/$*.tab.c --header=grammar/$*.tab.h $<

CLEANFILES += grammar/*.lex.c grammar/*.lex.h grammar/*.tab.c grammar/*.tab.h
