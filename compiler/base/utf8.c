/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/base/utf8.h>

#include <stdint.h>

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
