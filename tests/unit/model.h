/* SPDX-License-Identifier: GPL-2.0-only */
/* model.h - two ways to say what happens to a packet: straight from the IR, and
 * as abi.h says that the program searches the maps.  Both are simple and slow,
 * and share no code with the compiler's stages. */
#ifndef ZFWC_TESTS_MODEL_H
#define ZFWC_TESTS_MODEL_H

#include <compiler/image.h>
#include <compiler/ir.h>

struct model_packet {
	enum ir_family kind;
	uint32_t ifindex;
	u128 dst, src;
	uint8_t proto;
	bool has_l4;
	uint16_t dport, sport; /* 0 without has_l4 */
	bool is_nd;
	uint64_t seed; /* decides which dynamic conditions hold, and what is in the packet otherwise */
};

#define MODEL_TRACE_MAX 4096

/* The rules found for a packet, one after the other, and what they did. */
struct model_trace {
	uint64_t identities[MODEL_TRACE_MAX];
	size_t n;
	bool dropped;
};

void model_judge_ir(const struct ir *ir, const struct model_packet *p, struct model_trace *ret);
void model_judge_image(const struct image *image, const struct model_packet *p, struct model_trace *ret);
bool model_same(const struct model_trace *x, const struct model_trace *y);

/* The value of an element, NULL when there is none. */
const void *model_lookup(const struct image *image, enum map_id map, const void *key);

#endif
