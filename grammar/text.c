/* SPDX-License-Identifier: GPL-2.0-only */
#include <grammar/text.h>

#include <string.h>

#include <compiler/base/diag.h>
#include <compiler/base/utf8.h>

#define MAX_TEXT ((size_t)1 << 30)

static bool is_plain(char c)
{
	return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t';
}

static int not_text(struct diag *d, const struct source *src, size_t offset)
{
	unsigned char c = (unsigned char)src->text[offset];
	struct span at = { src->base + (uint32_t)offset, src->base + (uint32_t)offset + 1 };
	struct position p = { .line = 0 };

	sources_locate(d->sources, at.at, &p);
	if (c == '\r' && src->text[offset + 1] == '\n')
		return diag_error(d, DIAG_NOT_TEXT, at,
				  "line %u ends in a carriage return, lines must end in a line feed alone", p.line);
	return diag_error(d, DIAG_NOT_TEXT, at,
			  "byte 0x%02x in line %u is not text, a rules file is plain ASCII or UTF-8", c, p.line);
}

int check_text(struct diag *d, const struct source *src)
{
	size_t i = 0;

	if (src->len > MAX_TEXT)
		return diag_error(d, DIAG_TOO_LARGE, SPAN_NONE, "'%s' is too large, at most 1 GiB is allowed",
				  src->name);
	if (src->len >= 3 && !memcmp(src->text, "\xef\xbb\xbf", 3))
		return diag_error(d, DIAG_NOT_TEXT, (struct span){ src->base, src->base + 3 },
				  "text begins with a byte order mark, save it as UTF-8 without one");
	while ((i += utf8_plain(src->text + i, src->len - i)) < src->len) {
		size_t n = is_plain(src->text[i]) ? 1 : utf8_length(src->text + i, src->len - i);

		if (!n || (n == 1 && !is_plain(src->text[i])))
			return not_text(d, src, i);
		i += n;
	}
	return 0;
}
