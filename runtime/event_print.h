/* SPDX-License-Identifier: GPL-2.0-only */
/* event_print.h - an event of a log statement, for people and for programs.
 *
 * Pure, but for the time zone.  For people it is one line in the words of the
 * kernel's own logging of packets, which those who read firewall logs know:
 *
 *	2026-11-21 09:41:02.000311 warn rules.conf:7 bad: IN=eth0 OUT= MACSRC=... MACDST=...
 *	SRC=10.9.0.1 DST=10.9.0.2 LEN=60 TTL=64 ID=4711 DF PROTO=TCP SPT=51022 DPT=23 WINDOW=64240 SYN
 */
#ifndef ZFWC_EVENT_PRINT_H
#define ZFWC_EVENT_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct buf;
struct zf_event;

#define LOG_LEVELS 9 /* syslog's, then nft's "audit" */

/* A log statement of the live rules. */
struct log_statement {
	uint64_t identity;
	const char *prefix; /* "": none */
	bool has_group;	    /* then there is no level */
	uint16_t group;
	uint8_t level;
	const char *file; /* where it was written; NULL: unknown */
	uint32_t line;
	const char *rule; /* its rule, as listed */
};

struct event_view {
	const struct zf_event *event;
	uint64_t time_ns; /* since 1970 */
	const char *interface;
	const struct log_statement *statement; /* NULL: it isn't among the live rules any more */
};

/* One line, without its end. */
void event_print(const struct event_view *v, struct buf *out);
/* The caller's to give back. */
json_t *event_json(const struct event_view *v);

/* -1: no such level. */
int log_level_find(const char *name);
const char *log_level_name(uint8_t level);

/* "2026-11-21 09:41:02.000311", local time; with 'zone' as RFC 3339 has it. */
void event_print_time(uint64_t time_ns, bool zone, struct buf *out);

#endif
