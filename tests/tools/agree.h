/* SPDX-License-Identifier: GPL-2.0-only */
/* agree.h - what the parts of nft_agree share. */
#ifndef ZFWC_AGREE_H
#define ZFWC_AGREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define N_OF(array)   (sizeof(array) / sizeof(*(array)))
#define ONE_OF(array) ((array)[draw(N_OF(array))])

/* Where packets meet the chains. */
enum hook { HOOK_INGRESS, HOOK_EGRESS, HOOK_PREROUTING, HOOKS };

/* Of those of a name, HOOKS if there is none. */
enum hook hook_named(const char *name);

/* ---- dice: equal seeds give equal numbers ---- */

void dice_seed(uint64_t seed);
uint32_t draw(uint32_t below);
bool chance(uint32_t percent);

/* ---- values: few, mostly boundaries, so that rules and frames meet ---- */

/* From now on mostly those that the file of rules names, and their neighbours. */
void values_learn(const char *file);
/* What follows is mostly about one of its lines, any. */
void values_focus(void);
/* What packets must be to meet that line: 4, 6 or 0; a protocol or -1. */
int focus_family(void);
int focus_protocol(void);
/* Does a word stand in the file that was learnt? */
bool values_have(const char *word);

uint32_t any_number(unsigned int bits);
uint32_t any_port(void);
uint32_t any_mark(void);
uint8_t any_protocol(void);
uint8_t any_common_protocol(int family); /* TCP, UDP or ICMP */
uint8_t any_icmp_type(int family);
uint8_t any_echo(int family); /* the ICMP type of a request or reply */
void any_ether(uint8_t *to);
/* In network order; family is 4 or 6, 'to' has room for either. */
void any_address(int family, uint8_t *to);

/* ---- rules ---- */

void put_ruleset(enum hook hook);

/* ---- frames ---- */

#define FRAME_MAX 2048

struct frame {
	uint8_t b[FRAME_MAX];
	size_t n;
	uint32_t mark; /* that it leaves the sender with */
	bool exact;    /* nothing may follow the packet */
};

/* The frame, which tells 'number' in its source address if it can. */
void make_frame(struct frame *f, enum hook hook, uint32_t number);

/* ---- sending ---- */

/* Each frame goes out of both interfaces of one of the pairs, "NETNS/IF:NETNS/IF".
 * What comes back must be the same from both; returns how often it wasn't. */
unsigned int send_frames(enum hook hook, unsigned int count, char **names, unsigned int n_pairs);

/* The frames of standard input, a line each, out of the first pair. */
unsigned int send_read(char **names, unsigned int n_pairs);

#endif
