/* SPDX-License-Identifier: GPL-2.0-only */
/* image.h - the contents of the maps of one copy, as sorted elements.
 *
 * The image found in the kernel and the image wanted have the same form, so
 * that the difference is a walk along both. */
#ifndef ZFWC_IMAGE_H
#define ZFWC_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/abi.h>

struct arena;
struct buf;
struct diag;
struct facts;
struct ir;

enum map_id {
#define MAP(id, ...) MAP_##id,
#include <bpf/maps.def>
#undef MAP
	MAP_COUNT
};

enum map_scope { SCOPE_SWITCHED, SCOPE_SHARED, SCOPE_RUNTIME };

struct map_desc {
	const char *name; /* "DST4" */
	const char *type; /* "LPM_TRIE" */
	uint32_t type_nr; /* BPF_MAP_TYPE_LPM_TRIE */
	uint32_t key_size, value_size;
	uint32_t flags;
	enum map_scope scope;
	bool is_array; /* keys are indexes; an element of zeros is the same as none */
	const char *doc;
};
extern const struct map_desc map_descs[MAP_COUNT];

/* Below, at or above zero, in the order that the elements of an image have. */
int map_key_compare(const struct map_desc *m, const void *x, const void *y);

#define ORIGIN_NONE UINT32_MAX

struct map_image {
	size_t n;
	uint8_t *keys;	   /* n * key_size, unique, ascending by memcmp; of arrays ascending as numbers */
	uint8_t *values;   /* n * value_size; keys and values aligned as arena_alloc aligns */
	uint32_t *origins; /* index of an ir rule that wants the element, or ORIGIN_NONE; NULL in a found image */
	uint32_t capacity; /* found: max_entries.  wanted: the least max_entries that will do; of a ring its bytes */
};

/* Of an array, elements of zeros are left out.  Maps of SCOPE_RUNTIME are empty. */
struct image {
	struct map_image maps[MAP_COUNT];
	/* of a wanted image: */
	uint32_t *rule_ids;    /* RULE index by ir rule; 0: no packet can match it, or nothing resumes at the mark */
	uint32_t *counter_ids; /* COUNTER index by ir counter; 0: it is in no rule that a packet can match */
	bool *counter_new;     /* by ir counter: was not in use before; BASE must be set */
	uint32_t *limit_ids;   /* LIMIT index by ir limit, in the same way */
	bool *limit_new;
	uint32_t *timer_ids; /* TIMER index by ir timer */
	bool *timer_new;     /* the time runs from now on */
};

/* What facts.h doesn't decide and the image holds. */
struct emit_options {
	uint32_t mark; /* for struct zf_config */
};

/* Gives the image for 'ir'.  With 'found' (or NULL), everything that stayed the
 * same keeps its numbers, so that map_diff of the two is small: rules keep id,
 * label and counter, tuples and classes their numbers, blocks their cells.
 * Elements of shared maps that 'found' refers to are never reused for other
 * contents.  Errors (limits of abi.h exceeded) are reported at the rule.
 * Returns 0, or -1 with errors in 'd'. */
int emit_image(const struct ir *ir, const struct facts *facts, const struct emit_options *options,
	       const struct image *found, struct diag *d, struct arena *a, struct image *ret);

/* max_entries for a map that must hold 'need' elements: with room to grow, so
 * that a few more rules don't make the maps be built anew. */
uint32_t image_suggest_capacity(enum map_id map, uint32_t need);

/* ---- difference ---- */

enum change_kind { CHANGE_ADD, CHANGE_SET, CHANGE_DELETE };

struct change {
	enum change_kind kind;
	enum map_id map;
	const uint8_t *key, *value; /* value: wanted; NULL for CHANGE_DELETE */
	const uint8_t *old;	    /* found; NULL for CHANGE_ADD */
	uint32_t origin;
};

/* Calls fn once per key that must be added, set or deleted to turn 'found' into
 * 'wanted', in key order.  Keys whose values are equal are not reported.  Of a
 * SHARED map nothing is deleted: what is not referred to is free.  Of an array,
 * deleting is setting to zero, and is reported as CHANGE_DELETE with old.
 * Stops at, and returns, fn's first non-zero result. */
typedef int (*change_fn)(const struct change *c, void *ctx);
int map_diff(enum map_id map, const struct map_image *found, const struct map_image *wanted, change_fn fn, void *ctx);
int image_diff(const struct image *found, const struct image *wanted, change_fn fn, void *ctx);

/* ---- text ---- */

/* One element as "DST4 10.0.0.0/8 = class 3", addresses and flags spelt out, no
 * newline; without " = ..." when value is NULL.  A cell of PORTS doesn't say
 * whether it is a list or a node: what reads well as a list is printed as one. */
void element_print(enum map_id map, const uint8_t *key, const uint8_t *value, struct buf *out);
/* Every element, map by map, a line each, for 'compile --dump=image'. */
void image_dump(const struct image *image, struct buf *out);

#endif
