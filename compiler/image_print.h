/* SPDX-License-Identifier: GPL-2.0-only */
/* image_print.h - what the files that print images share.  Internal. */
#ifndef ZFWC_IMAGE_PRINT_H
#define ZFWC_IMAGE_PRINT_H

#include <stddef.h>
#include <stdint.h>

#include <bpf/abi.h>

struct buf;

struct bit_name {
	uint32_t bit;
	const char *name;
};

void print_addr(enum zf_family family, const uint8_t *addr, struct buf *out);
/* The names of the bits that are set, a space before each. */
void print_bits(uint32_t value, const struct bit_name *names, size_t n, struct buf *out);
#define PRINT_BITS(value, names, out) print_bits(value, names, sizeof(names) / sizeof((names)[0]), out)

/* image_print_rule.c */
void print_rule(const struct zf_rule *r, struct buf *out);
void print_op(const struct zf_op *op, struct buf *out);

#endif
