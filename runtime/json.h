/* SPDX-License-Identifier: GPL-2.0-only */
/* json.h - what commands print with -j, one line on standard output.
 *
 * The listing has the objects and names of nft's JSON schema (libnftables-json(5)),
 * except that a rule has its text and its counters instead of "expr". */
#ifndef ZFWC_JSON_H
#define ZFWC_JSON_H

struct arena;
struct listing;
struct listing_options;
struct numbers;
struct ruleset;
struct status_view;

struct json_ruleset {
	const struct ruleset *ruleset;
	const struct listing *listing;	       /* the text of its rules */
	const struct listing_options *options; /* the values of counters */
};

/* 'rs' NULL: nothing is live. */
void json_print_ruleset(const struct json_ruleset *rs, struct arena *a);
/* 'v' NULL: nothing is live. */
void json_print_status(const struct status_view *v, const char *instance);

#endif
