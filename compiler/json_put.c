/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/json_put.h>

#include <inttypes.h>

#include <compiler/base/buf.h>

/* Before an item. */
static void begin(struct jput *j)
{
	if (j->comma)
		buf_puts(j->out, ", ");
	j->comma = true;
}

static void put_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(out, '\\');
		if ((unsigned char)*text < ' ')
			buf_printf(out, "\\u%04x", (unsigned int)*text);
		else
			buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

void jput_open(struct jput *j, char sign)
{
	begin(j);
	buf_putc(j->out, sign);
	j->comma = false;
}

void jput_close(struct jput *j, char sign)
{
	buf_putc(j->out, sign);
	j->comma = true;
}

void jput_key(struct jput *j, const char *key)
{
	begin(j);
	put_quoted(j->out, key);
	buf_puts(j->out, ": ");
	j->comma = false;
}

void jput_text(struct jput *j, const char *text)
{
	begin(j);
	put_quoted(j->out, text);
}

void jput_number(struct jput *j, int64_t number)
{
	begin(j);
	buf_printf(j->out, "%" PRId64, number);
}

void jput_unsigned(struct jput *j, uint64_t number)
{
	begin(j);
	buf_printf(j->out, "%" PRIu64, number);
}

void jput_word(struct jput *j, const char *word)
{
	begin(j);
	buf_puts(j->out, word);
}

void jput_text_member(struct jput *j, const char *key, const char *text)
{
	jput_key(j, key);
	jput_text(j, text);
}

void jput_number_member(struct jput *j, const char *key, uint64_t number)
{
	jput_key(j, key);
	jput_unsigned(j, number);
}

void jput_true_member(struct jput *j, const char *key)
{
	jput_key(j, key);
	jput_word(j, "true");
}
