/* SPDX-License-Identifier: GPL-2.0-only */
/* facts_file.h - what a host says, as a file: 'status --facts' writes it there,
 * 'check --facts' reads it anywhere else.
 *
 *	{ "interfaces": [ {
 *		"name": "eth0",
 *		"index": 2,
 *		"loopback": false,
 *		"ethernet": true,
 *		"addresses": [ { "address": "192.0.2.1", "prefix": 24, "secondary": false, "unusable": false } ]
 *	} ] }
 *
 * Name and index must be there; an address may be written as a string alone. */
#ifndef ZFWC_FACTS_FILE_H
#define ZFWC_FACTS_FILE_H

struct arena;
struct facts;
struct trouble;

/* "-" is standard input.  Returns 0, or -errno with 't' set. */
int facts_read(const char *path, struct arena *a, struct facts *ret, struct trouble *t);
/* On standard output. */
void facts_print(const struct facts *facts);

#endif
