/* SPDX-License-Identifier: GPL-2.0-only */
/* emit.h - what the parts of emit_image() share.  Private to them.
 *
 *	emit_found.c		which elements of the shared maps the image found refers to
 *	emit_align.c		which rule wanted is which rule found: ids and counters
 *	emit_labels.c		labels of rules
 *	emit_actions.c		what a rule does
 *	emit_values.c		sets of numbers that it compares with
 *	emit_states.c		numbers of counters, limits and timers
 *	emit_interfaces.c	numbers of interface sets
 *	emit_tuples.c		pairs of addresses, and the rules of each
 *	emit_trie.c		elements of the tries
 *	emit_classes.c		classes of those
 *	emit_blocks.c		lists and port tries of each pair
 *	emit_pool.c		elements of the shared maps
 *	emit_elements.c		one map of an image
 *	emit.c			the order of all that, and the small maps
 *
 * Each part numbers what it makes as the image found had it numbered, if it is
 * still there, and takes the lowest free number for what is new. */
#ifndef ZFWC_EMIT_H
#define ZFWC_EMIT_H

#include <compiler/emit_table.h>
#include <compiler/image.h>
#include <compiler/ir.h>

struct facts;

/* ---- emit_found.c ---- */

/* An array map by index. */
struct found_array {
	const struct map_image *map;
	size_t value_size;
	uint32_t n;    /* highest index + 1 */
	uint32_t *at;  /* by index: position in map + 1, 0: none */
	uint8_t *used; /* by index: the image found refers to it */
};

/* What has a number in a map that isn't compared, or, of a set, in many elements. */
enum state_kind { STATE_COUNTER, STATE_LIMIT, STATE_TIMER, STATE_SET, STATE_KINDS };

struct found_state {
	uint64_t identity;
	uint32_t number;
};

struct found_states {
	struct {
		struct found_state *v;
		size_t n, cap;
	} list;
	uint32_t n;    /* highest number + 1 */
	uint8_t *used; /* by number */
};

struct found {
	const struct image *image; /* never NULL */
	struct found_array cells, rules, ops;
	struct found_states states[STATE_KINDS];
};

void found_read(const struct image *image, struct arena *a, struct found *ret);
/* NULL when there is none. */
const void *found_get(const struct found_array *f, uint32_t index);

/* Numbers from 1 that aren't in use, lowest first. */
struct free_numbers {
	const uint8_t *used;
	uint32_t n, last;
};
uint32_t free_numbers_take(struct free_numbers *f);

struct emit;

/* ---- emit_tuples.c ---- */

/* A set of addresses as the rules of an ir use it; equal sets are one. */
struct emit_set {
	const struct addr_set *set;
	size_t n;		 /* prefixes */
	unsigned int n_lens;	 /* different lengths of those; 0 until needed, or when they are many */
	struct prefix *prefixes; /* NULL until they are needed */
	uint32_t fingerprint;	 /* of a set that is a selector, unique among those; else 0 */
};

enum emit_side { EMIT_DST, EMIT_SRC, EMIT_SIDES };

/* One side of a tuple: a prefix length, or membership in a set. */
struct selector {
	struct emit_set *set; /* NULL: a prefix length */
	unsigned int len;
};

struct emit_tuple {
	struct selector side[EMIT_SIDES];
	uint32_t min_label, max_label;
	uint32_t rule;	 /* the first */
	uint32_t number; /* in the maps */
};

struct rule_link {
	uint32_t rule; /* index in ir */
	uint32_t next; /* link + 1; 0: the last one */
};

struct emit_pair {
	u128 addr[EMIT_SIDES];
	uint32_t tuple;	      /* index in tuples */
	uint32_t first, last; /* links + 1, rules ascending */
	uint32_t n;	      /* rules */
	uint64_t hash;	      /* of the rules */
};

/* All of one family. */
struct emit_family {
	enum zf_family family;
	unsigned int width;
	struct {
		struct emit_set **v;
		size_t n, cap;
		struct emit_table table;
	} sets;
	struct {
		struct emit_tuple *v;
		size_t n, cap;
		struct emit_table table;
	} tuples;
	struct {
		struct emit_pair *v;
		size_t n, cap;
		struct emit_table table;
	} pairs;
	struct {
		struct rule_link *v;
		size_t n, cap;
	} links;
};

/* ---- emit_states.c ---- */

/* Numbers of one kind: those found again by identity, and free ones. */
struct state_numbers {
	const struct found_states *found;
	struct emit_table by_identity;
	struct free_numbers free;
};
void state_numbers_init(struct emit *e, enum state_kind kind, struct state_numbers *ret);
/* 0: not found. */
uint32_t state_numbers_find(const struct state_numbers *s, uint64_t identity);

/* Fills the ids of ret for what is in a rule that a packet can match. */
void emit_states(struct emit *e);

/* ---- emit_values.c ---- */

/* A set that ops compare with, too large to be told in them. */
struct value_set {
	const struct addr_set *set;
	uint32_t number;
	uint32_t rule; /* the first that uses it */
};

struct value_sets {
	struct {
		struct value_set *v;
		size_t n, cap;
	} sets;
	struct emit_table by_content;
};

#define INLINE_RANGES 9 /* sets of at most so many are told in ops */

/* Numbers the sets of all rules that a packet can match. */
void value_sets_make(struct emit *e);
uint32_t value_set_number(struct emit *e, const struct addr_set *set);
uint64_t value_set_identity(const struct ir_rule *r, const struct ir_op *op);
/* The VALUES map. */
int emit_values(struct emit *e);

/* ---- emit_actions.c ---- */

/* The ops of a rule: the states and the local address are looked at first, then
 * what is in 'rest', then counter and tproxy. */
struct actions {
	uint8_t ct_states; /* 0: no condition */
	bool local;
	const struct ir_op *rest;
	size_t n_rest;
	const struct ir_op *count, *tproxy; /* or NULL */
	bool count_first;		    /* before tproxy */
};
struct actions rule_actions(const struct ir_rule *r);

/* The 'rest' of rule r as a list of ops.  The first one's id; 0, if need be with
 * an error reported. */
struct pool;
void tproxy_make(const struct ir_tproxy *t, struct zf_tproxy *ret);
uint32_t actions_emit(struct emit *e, struct pool *ops, const struct ir_rule *r, const struct actions *a);

/* ---- the run ---- */

struct emit {
	const struct ir *ir;
	const struct facts *facts;
	const struct emit_options *options;
	struct diag *d;
	struct arena *a;
	struct image *ret;
	struct found found;

	bool *wanted;		 /* by ir rule: has an element in RULE */
	struct zf_rule *rules;	 /* by ir rule: that element */
	uint8_t *interface_sets; /* by ir rule: number of its interface set */
	struct value_sets values;
	bool failed; /* a limit was exceeded and reported, before that could be said by what is returned */
	struct emit_family families[ZF_FAMILIES];
	struct zf_config config;
};

/* Rules that a packet can match, and the marks at which those resume: fills
 * wanted, rules, the RULE and OPS maps, and the ids of ret. */
int emit_rules(struct emit *e);
/* Gives labels[i] != 0 for every i, strictly ascending, changing as few of those
 * that aren't 0 as it can.  n < 2^31. */
void labels_fill(uint32_t *labels, size_t n);

/* Fills interface_sets and the INTERFACE map. */
int emit_interfaces(struct emit *e);

/* Fills families, the TUPLE map, and of config what is by family. */
int emit_tuples(struct emit *e);

/* The tries and the CLASS map; call it behind emit_tuples. */
void emit_address_classes(struct emit *e);

/* ---- emit_pool.c ---- */

/* The elements of PORTS or OPS: equal ones are one, be they new or found. */
struct pool_element {
	uint32_t id;
	uint32_t origin;
	bool wanted;
};
struct pool {
	struct arena *arena;
	enum map_id map;
	size_t size; /* of a value */
	struct {
		struct pool_element *v;
		size_t n, cap;
	} known;
	uint8_t *values; /* of those */
	size_t values_cap;
	struct emit_table table;
	struct free_numbers numbers;
	size_t n_wanted;
};

void pool_init(struct emit *e, enum map_id map, const struct found_array *found, struct pool *ret);
/* The id of an element with this content. */
uint32_t pool_intern(struct pool *p, const void *value, uint32_t origin);
void pool_finish(struct pool *p, struct map_image *ret);

/* ---- the run, continued ---- */

/* The PAIR maps and the PORTS map, and the roots of config; behind emit_tuples
 * and emit_interfaces. */
int emit_blocks(struct emit *e);

static inline bool rule_has_family(const struct ir_rule *r, enum zf_family f)
{
	return r->families & (f == ZF_IPV4 ? IR_V4 : IR_V6);
}

static inline const struct addr_set *rule_addrs(const struct ir_rule *r, enum zf_family f, enum emit_side side)
{
	if (side == EMIT_DST)
		return f == ZF_IPV4 ? r->dst4 : r->dst6;
	return f == ZF_IPV4 ? r->src4 : r->src6;
}

/* Those of a set, made on first use. */
const struct prefix *set_prefixes(struct emit *e, struct emit_set *s);

/* Can a frame of family 'f' match? */
bool rule_can_match(const struct ir_rule *r, enum zf_family f);

#endif
