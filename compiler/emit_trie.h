/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_trie.h - one of the four tries on its way into the image.
 *
 * emit_trie.c makes its elements and their masks from the tuples, emit_classes.c
 * the classes from those.  Private to emit_image(). */
#ifndef ZFWC_EMIT_TRIE_H
#define ZFWC_EMIT_TRIE_H

#include <compiler/emit.h>

#define NO_CLASS UINT32_MAX

/* A prefix adds 'bits' to its mask, or takes them off. */
struct claim {
	u128 addr;
	uint32_t bits; /* index in trie->bits */
	uint32_t rule;
	uint8_t len;
	bool clear;
};

struct element {
	u128 addr;
	uint32_t mask; /* index in trie->masks */
	uint32_t rule;
	union {
		uint32_t found; /* class, or NO_CLASS */
		uint32_t group; /* index in trie->groups, when those are made */
	};
	uint8_t len;
};

/* Elements with one mask that were in one class. */
struct group {
	uint32_t found; /* that class, or NO_CLASS */
	uint32_t mask;
	uint32_t by_set; /* the part of the mask that no element may have in vain */
	uint32_t n;
	uint32_t widened; /* the mask it will have */
	uint32_t class;	  /* NO_CLASS: not yet */
};

struct trie {
	struct emit *e;
	struct emit_family *family;
	enum emit_side side;
	enum map_id map;
	struct {
		struct claim *v;
		size_t n, cap;
	} claims;
	struct {
		struct zf_class *v;
		size_t n, cap;
	} bits;
	struct {
		struct zf_class *v;
		size_t n, cap;
		struct emit_table table;
	} masks;
	struct {
		struct element *v;
		size_t n;
	} elements;
	struct {
		struct group *v;
		size_t n, cap;
		struct emit_table table;
		uint32_t *sorted;
	} groups;
	struct zf_class by_set;	 /* tuples with a set on this side */
	uint32_t *class_of_mask; /* by mask; NO_CLASS: none yet */
};

/* Fills claims, bits, by_set, masks and elements, these in the order of keys. */
void trie_make(struct trie *t);
/* The index in trie->masks of an equal mask. */
uint32_t mask_find_or_add(struct trie *t, const struct zf_class *mask);

#endif
