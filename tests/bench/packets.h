/* SPDX-License-Identifier: GPL-2.0-only */
/* packets.h - the table that the packets of a benchmark come from. */
#ifndef ZFWC_TESTS_BENCH_PACKETS_H
#define ZFWC_TESTS_BENCH_PACKETS_H

#include <linux/types.h>

#define BENCH_PACKETS (1 << 18)

struct bench_packet {
	__be32 src, dst;
	__be16 sport, dport;
};

struct bench_packets {
	struct bench_packet v[BENCH_PACKETS];
};

#endif
