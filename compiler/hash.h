/* SPDX-License-Identifier: GPL-2.0-only */
/* hash.h - 64-bit hashes that are the same in every run and on every machine. */
#ifndef ZFWC_HASH_H
#define ZFWC_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Every bit of the result depends on every bit of 'x'. */
static inline uint64_t hash_mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	x ^= x >> 29;
	x *= 0xa0761d6478bd642fu;
	return x ^ x >> 32;
}

/* Adds 'x' to what 'h' stands for; the order of additions matters. */
static inline uint64_t hash_u64(uint64_t h, uint64_t x)
{
	return hash_mix(h * 0x9e3779b97f4a7c15u + x + 1);
}

uint64_t hash_bytes(uint64_t h, const void *bytes, size_t len);
/* NULL and "" differ. */
uint64_t hash_string(uint64_t h, const char *s);

#endif
