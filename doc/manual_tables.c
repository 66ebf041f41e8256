/* SPDX-License-Identifier: GPL-2.0-only */
/* manual_tables.c - the parts of the manual that the compiler's own tables say.
 *
 *	manual_tables diagnostics	the page zfwc-diagnostics(7)
 *	manual_tables unsupported	sections of zfwc.conf(5)
 *	manual_tables fields tcp	the fields that begin with this word
 *	manual_tables types
 *
 * 'make manual' writes them into doc/; tests/manual.t compares. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <compiler/base/diag.h>
#include <compiler/names.h>
#include <grammar/ast.h>

#define WIDTH 78

/* Text of a paragraph, wrapped; a sentence begins a line. */
static void put_text(const char *s)
{
	size_t column = 0;

	while (*s) {
		size_t len = strcspn(s, " ");

		if (column && column + 1 + len > WIDTH) {
			putchar('\n');
			column = 0;
		} else if (column) {
			putchar(' ');
		}
		if (!column && (*s == '.' || *s == '\''))
			fputs("\\&", stdout);
		for (size_t i = 0; i < len; i++)
			fputs(s[i] == '\\' ? "\\e" : s[i] == '-' ? "\\-" : (char[]){ s[i], '\0' }, stdout);
		column += len + 1;
		s += len + strspn(s + len, " ");
	}
	putchar('\n');
}

static void put_sentence(const char *s)
{
	char text[1024];

	snprintf(text, sizeof(text), "%c%s.", toupper((unsigned char)*s), s + 1);
	put_text(text);
}

/* ---- diagnostics ---- */

static void put_codes(enum diag_severity severity, const char *title)
{
	printf(".Sh %s\n.Bl -tag -width Ds\n", title);
	for (unsigned int i = 0; i < DIAG_CODES; i++) {
		if (diag_codes[i].severity != severity)
			continue;
		printf(".It Ic %s\n", diag_codes[i].name);
		put_sentence(diag_codes[i].cause);
		put_sentence(diag_codes[i].cure);
	}
	puts(".El");
}

static void put_diagnostics(const char *unused)
{
	(void)unused;
	puts(".\\\" SPDX-License-Identifier: GPL-2.0-only\n"
	     ".\\\" Made from compiler/base/codes.def by 'make manual'.\n"
	     ".Dd November 21, 2026\n"
	     ".Dt ZFWC-DIAGNOSTICS 7\n"
	     ".Os\n"
	     ".Sh NAME\n"
	     ".Nm zfwc-diagnostics\n"
	     ".Nd what is wrong with a rules file, by code\n"
	     ".Sh DESCRIPTION\n"
	     "Each message of\n"
	     ".Xr zfwc 8\n"
	     "about a rules file ends in its code, in square brackets.\n"
	     "This page says for each code what it means, and what to do about it.\n"
	     "Codes keep their names and meanings from version to version.\n"
	     ".Bd -literal -offset indent\n"
	     "rules.conf:5:12: error: no set named 'bda' in table 'fw' [unknown-set]\n"
	     "    \tip saddr @bda drop\n"
	     "    \t         ^~~~\n"
	     "rules.conf:2:6: note: did you mean 'bad'?\n"
	     "    \tset bad { type ipv4_addr; }\n"
	     "    \t    ^~~\n"
	     ".Ed\n"
	     ".Pp\n"
	     "Errors stop a file from being applied.\n"
	     "Warnings don't: they are about rules that are right, but probably not what\n"
	     "was meant.\n"
	     ".Fl W Ns Cm no\\- Ns Ar code\n"
	     "hides those of one code,\n"
	     ".Fl W Ns Cm error= Ns Ar code\n"
	     "makes them errors, and\n"
	     ".Fl W Ns Cm error\n"
	     "makes all of them errors.");
	put_codes(DIAG_ERROR, "ERROR CODES");
	put_codes(DIAG_WARNING, "WARNING CODES");
	puts(".Sh SEE ALSO\n"
	     ".Xr zfwc.conf 5 ,\n"
	     ".Xr zfwc 8");
}

/* ---- what nft has and zfwc hasn't ---- */

struct unsupported {
	const char *phrase, *instead;
};

static const struct unsupported unsupported[] = {
#define UNSUPPORTED(phrase, reach, instead) { phrase, instead },
#include <grammar/unsupported.def>
#undef UNSUPPORTED
};
#define N_UNSUPPORTED (sizeof(unsupported) / sizeof(*unsupported))

/* Quoted as an argument, and not taken for punctuation. */
static void put_phrase(const char *phrase)
{
	printf("\"\\&");
	for (; *phrase; phrase++)
		fputs(*phrase == '-' ? "\\-" : *phrase == '"' ? "\\(dq" : (char[]){ *phrase, '\0' }, stdout);
	putchar('"');
}

static int first_of_its_kind(size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (!strcmp(unsupported[i].instead, unsupported[at].instead))
			return 0;
	return 1;
}

/* All that have the same answer in one item. */
static void put_item(size_t at)
{
	printf(".It Ic ");
	for (size_t i = at; i < N_UNSUPPORTED; i++) {
		if (strcmp(unsupported[i].instead, unsupported[at].instead))
			continue;
		fputs(i > at ? " , " : "", stdout);
		put_phrase(unsupported[i].phrase);
	}
	putchar('\n');
	put_sentence(unsupported[at].instead);
}

static void put_unsupported(const char *unused)
{
	(void)unused;
	puts(".Sh NOT SUPPORTED\n"
	     "These words and phrases of\n"
	     ".Xr nft 8\n"
	     "are refused, each with a message that says what is written here.\n"
	     ".Bl -tag -width Ds");
	for (size_t i = 0; i < N_UNSUPPORTED; i++)
		if (first_of_its_kind(i))
			put_item(i);
	puts(".El");
}

/* ---- what can be matched ---- */

struct field {
	const char *spelling;
	enum ast_type type;
	unsigned int bits;
	const char *doc;
};

static const struct field fields[] = {
#define FIELD(id, spelling, type, families, protocol, base, offset, bits, doc) { spelling, TYPE_##type, bits, doc },
#include <grammar/fields.def>
#undef FIELD
};

static void put_type_of(const struct field *f)
{
	if (*ast_type_name(f->type))
		printf("Type\n.Cm %s .\n", ast_type_name(f->type));
	else
		printf("Number of %u bits.\n", f->bits);
}

/* Those of one word, "iif", belong to meta. */
static bool is_of_group(const struct field *f, const char *group)
{
	size_t len = strcspn(f->spelling, " ");

	if (!f->spelling[len])
		return !strcmp(group, "meta");
	return len == strlen(group) && !memcmp(f->spelling, group, len);
}

static void put_fields(const char *group)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (!is_of_group(&fields[i], group))
			continue;
		printf(".It Cm ");
		put_phrase(fields[i].spelling);
		putchar('\n');
		put_sentence(fields[i].doc);
		put_type_of(&fields[i]);
	}
	puts(".El");
}

/* ---- types ---- */

/* "TCP" stands beside "tcp". */
static bool is_in_capitals(const char *word)
{
	return word[strcspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")];
}

static void put_words(const struct names *names, bool also_capitals)
{
	bool first = true;

	for (size_t i = 0; i < names->n; i++) {
		if (!names->v[i].word || (!also_capitals && is_in_capitals(names->v[i].word)))
			continue;
		printf("%s\n.Cm ", first ? "Words:" : " ,");
		put_phrase(names->v[i].word);
		first = false;
	}
	if (!first)
		puts(" .");
}

static void put_types(const char *unused)
{
	(void)unused;
	puts(".Bl -tag -width Ds");
	for (enum ast_type t = TYPE_NONE + 1; t < TYPE_COUNT; t++) {
		if (!*ast_type_name(t))
			continue;
		printf(".It Cm %s\n", ast_type_name(t));
		put_sentence(ast_type_what(t));
		if (t == TYPE_PROTO)
			put_text("In capitals they are names of protocols, too.");
		put_words(names_of_type(t), t != TYPE_PROTO);
	}
	puts(".El");
}

static const struct {
	const char *name;
	void (*put)(const char *arg);
} tables[] = {
	{ "diagnostics", put_diagnostics },
	{ "unsupported", put_unsupported },
	{ "fields", put_fields },
	{ "types", put_types },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(tables) / sizeof(*tables); i++) {
		if (strcmp(tables[i].name, argv[1]))
			continue;
		tables[i].put(argc > 2 ? argv[2] : "");
		return fflush(stdout) || ferror(stdout);
	}
	fputs("usage: manual_tables diagnostics|unsupported|fields GROUP|types\n", stderr);
	return 2;
}
