/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/hash.h>

#include <endian.h>
#include <string.h>

/* Eight bytes at a time, lowest first whatever the machine's byte order. */
uint64_t hash_bytes(uint64_t h, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t left = len;
	uint64_t word;

	for (; left >= sizeof(word); left -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = hash_u64(h, le64toh(word));
	}
	word = 0;
	for (size_t i = 0; i < left; i++)
		word |= (uint64_t)p[i] << (i * 8);
	return hash_u64(hash_u64(h, word), len);
}

uint64_t hash_string(uint64_t h, const char *s)
{
	return s ? hash_bytes(h, s, strlen(s)) : hash_u64(h, UINT64_MAX);
}
