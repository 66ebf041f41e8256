/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/base/utf8.h>

#include <stdint.h>
#include <string.h>

size_t utf8_length(const char *s, size_t len)
{
	static const uint32_t smallest[] = { 0, 0, 0xa0, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)s[0];
	size_t n = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 0;
	uint32_t c;

	if (n <= 1 || n > len)
		return n > len ? 0 : n;
	c = lead & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (!utf8_continues(s[i]))
			return 0;
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

/* Eight bytes as one word; a byte's high bit in the sums below says what that
 * byte is (a borrow or carry only adds to a byte that has it already). */
static bool is_plain_word(uint64_t word)
{
	const uint64_t each = 0x0101010101010101u, high = each * 0x80;
	uint64_t below_space = word - each * ' ', delete = (word ^ each * 0x7f) - each;

	return !((word | below_space | delete) & high);
}

size_t utf8_plain(const char *s, size_t len)
{
	size_t n = 0;
	uint64_t word;

	for (; n + sizeof(word) <= len; n += sizeof(word)) {
		memcpy(&word, s + n, sizeof(word));
		if (!is_plain_word(word))
			break;
	}
	return n;
}
