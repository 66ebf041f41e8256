/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/build.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <grammar/parse.tab.h>
#include <grammar/parser.h>

#define MAX_PREFIX 127 /* bytes, as the kernel */

struct ast_stmt *build_log(struct parser *p, struct span at)
{
	return new_stmt(p, at, STMT_LOG);
}

/* An option may be given once. */
static void once(struct parser *p, struct span at, bool given, const char *option)
{
	if (given)
		diag_error(p->diag, DIAG_GIVEN_TWICE, at, "'%s' is given twice", option);
}

struct ast_stmt *build_log_prefix(struct parser *p, struct span at, struct ast_stmt *log,
				  const struct word_text *prefix)
{
	once(p, prefix->span, log->log.prefix, "prefix");
	if (prefix->len > MAX_PREFIX)
		diag_error(p->diag, DIAG_TOO_LONG, prefix->span,
			   "prefix of %zu bytes is too long, at most %d are allowed", prefix->len, MAX_PREFIX);
	log->span = at;
	log->log.prefix = prefix->text;
	log->log.prefix_span = prefix->span;
	log->log.order = ++p->order;
	return log;
}

struct ast_stmt *build_log_level(struct parser *p, struct span at, struct ast_stmt *log, const struct token *level)
{
	const char *names[LOG_LEVEL_AUDIT + 1], *guess;
	struct word_text word = text_of(p, level);

	once(p, level->span, log->log.has_level, "level");
	log->span = at;
	log->log.has_level = true;
	for (enum ast_log_level l = 0; l <= LOG_LEVEL_AUDIT; l++) {
		log->log.level = l;
		names[l] = ast_log_level_name(l);
		if (word_is(&word, names[l]))
			return log;
	}
	guess = diag_suggest(word.text, names, LOG_LEVEL_AUDIT + 1);
	diag_error(
		p->diag, DIAG_UNKNOWN_WORD, level->span,
		"unknown level '%s', expected 'emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug' or 'audit'",
		word.text);
	if (guess)
		diag_did_you_mean(p->diag, level->span, guess, SPAN_NONE);
	return log;
}

struct ast_stmt *build_log_number(struct parser *p, struct span at, struct ast_stmt *log, const struct token *option,
				  const struct token *number)
{
	bool is_group = option->kind == TOK_GROUP, is_snaplen = option->kind == TOK_SNAPLEN;
	bool *has = is_group ? &log->log.has_group : is_snaplen ? &log->log.has_snaplen : &log->log.has_queue_threshold;
	uint32_t *value = is_group ? &log->log.group : is_snaplen ? &log->log.snaplen : &log->log.queue_threshold;
	uint32_t most = is_snaplen ? UINT32_MAX : UINT16_MAX;

	once(p, option->span, *has, text_of(p, option).text);
	if (number->number > most)
		diag_error(p->diag, DIAG_OUT_OF_RANGE, number->span, "%s is out of range 0-%u", text_of(p, option).text,
			   most);
	log->span = at;
	*has = true;
	*value = (uint32_t)number->number;
	return log;
}

struct ast_stmt *build_log_flags(struct span at, struct ast_stmt *log, unsigned int flags)
{
	log->span = at;
	log->log.flags |= flags;
	return log;
}

unsigned int log_flag(struct parser *p, const struct token *protocol, const struct token *flag)
{
	static const struct {
		const char *protocol, *word;
		unsigned int flag;
	} flags[] = {
		{ "tcp", "sequence", LOG_TCP_SEQUENCE },
		{ "tcp", "options", LOG_TCP_OPTIONS },
		{ "ip", "options", LOG_IP_OPTIONS },
		{ NULL, "sequence", LOG_TCP_SEQUENCE }, /* behind "tcp options," */
		{ NULL, "options", LOG_TCP_OPTIONS },
		{ NULL, "skuid", LOG_SKUID },
		{ NULL, "ether", LOG_ETHER },
	};
	static const char *const words[] = { "sequence", "options", "skuid", "ether", "all" };
	const char *guess;
	struct word_text first = protocol ? text_of(p, protocol) : (struct word_text){ .text = "" };
	struct word_text word = text_of(p, flag);

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		bool same = protocol ? flags[i].protocol && word_is(&first, flags[i].protocol) : !flags[i].protocol;

		if (same && word_is(&word, flags[i].word))
			return flags[i].flag;
	}
	guess = diag_suggest(word.text, words, sizeof(words) / sizeof(*words));
	diag_error(p->diag, DIAG_UNKNOWN_WORD, protocol ? span_join(protocol->span, flag->span) : flag->span,
		   "unknown flag, expected 'tcp sequence', 'tcp options', 'ip options', 'skuid', 'ether' or 'all'");
	if (guess)
		diag_did_you_mean(p->diag, flag->span, guess, SPAN_NONE);
	return 0;
}
