/* SPDX-License-Identifier: GPL-2.0-only */
/* plane_harness.h - the data plane in a test's hands: its programs loaded, its
 * maps filled by hand or from an image, frames sent through it.
 *
 * A failure of the system is a failure of the test (cmocka assertion). */
#ifndef ZFWC_TESTS_PLANE_HARNESS_H
#define ZFWC_TESTS_PLANE_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#include <bpf/abi.h>
#include <compiler/image.h>

#define PASS (-1) /* TC_ACT_UNSPEC */
#define DROP 2	  /* TC_ACT_SHOT */

struct frame;
struct bpf_object;

struct plane {
	struct bpf_object *object;
	int maps[MAP_COUNT];
	int jump;
	int entry, main, egress; /* programs; JUMP leads from entry to main */
};

/* Why tests can't load programs here, or NULL. */
const char *plane_obstacle(void);
/* Moves the process to a network namespace of its own, with lo up. */
void plane_namespace(void);
/* Runs a command of the shell's; returns what it ends with. */
int plane_command(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Loads the programs; 'capacity' has a number of elements per map, 0 for enough for a test by hand. */
void plane_load(struct plane *p, const uint32_t capacity[MAP_COUNT]);
void plane_load_image(struct plane *p, const struct image *image);
void plane_free(struct plane *p);

void plane_set(struct plane *p, enum map_id map, const void *key, const void *value);
void plane_delete(struct plane *p, enum map_id map, const void *key);
/* Sum over all CPUs. */
struct zf_counter plane_counter(struct plane *p, uint32_t nr);

/* What a program answers to a frame that arrives at interface 'ifindex'. */
int plane_run(int program, const struct frame *f, uint32_t ifindex);
/* The same; 'mark' and 'priority' of the packet before and after, and in 'out'
 * the frame as the program left it. */
int plane_run_marked(int program, const struct frame *f, uint32_t ifindex, uint32_t *mark, uint32_t *priority,
		     struct frame *out);

/* ---- images by hand ----
 *
 * One rule is one entry in one pair; prefix lengths make tuples as needed; the
 * tuples of a hand are looked at for every address. */
struct hand_rule {
	unsigned int version;			   /* 4, 6, or 0 for both; BAD_LIST, OTHER_LIST */
	const char *dst, *src;			   /* "10.0.0.0/8"; NULL: any */
	uint8_t proto;				   /* 0: any */
	uint16_t dport, dport_hi, sport, sport_hi; /* 0: any; hi 0: this one */
	uint8_t flags;				   /* enum zf_entry_flag */
	uint8_t interfaces;
	struct zf_rule rule; /* label included; otherwise 0: the next label */
};

#define HAND_BAD4  104
#define HAND_BAD6  106
#define HAND_OTHER 107

struct hand {
	struct zf_config config;
	struct hand_rule rules[700];
	size_t n;
	int by_port; /* place rules with one dport below nodes of the trie over ports */
};

/* Adds a rule, in the order of labels; its number in RULE is the order of adding, from 1. */
void hand_add(struct hand *h, const struct hand_rule *r);
void hand_write(const struct hand *h, struct plane *p);

#endif
