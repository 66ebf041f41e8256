/* SPDX-License-Identifier: GPL-2.0-only */
/* json_write.h - a ruleset as libnftables JSON, libnftables-json(5).
 *
 * It is what 'nft -j list ruleset' of nft 1.0.6 prints after the same rules were
 * loaded, with these additions, in members that nft's reader passes over:
 *
 *	table, chain	"comment"
 *	chain		"dev", which that nft leaves out
 *	set, map	"auto-merge" and "dynamic", the expressions behind 'typeof' as "typeof" and "map-typeof"
 *	rule		"source": {"file": ..., "line": ...}, where it was written
 *
 * The statements 'ssh-local' and 'dhcp' are objects of their own. */
#ifndef ZFWC_JSON_WRITE_H
#define ZFWC_JSON_WRITE_H

struct arena;
struct buf;
struct listing;
struct listing_options;
struct ruleset;

/* 'rs' is bound; NULL: there are no rules.  'options' say what counters hold,
 * NULL: what the text says.  The rules' lines in 'places' say where they were written, NULL: not known. */
void json_write(const struct ruleset *rs, const struct listing_options *options, const struct listing *places,
		struct arena *a, struct buf *out);

#endif
