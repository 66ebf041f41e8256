/* SPDX-License-Identifier: GPL-2.0-only */
/* agree_values.c - dice, and the values that rules and frames are made of. */
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agree.h"

static uint64_t state;

void dice_seed(uint64_t seed)
{
	state = seed;
}

uint32_t draw(uint32_t below)
{
	/* splitmix64 */
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

bool chance(uint32_t percent)
{
	return draw(100) < percent;
}

enum hook hook_named(const char *name)
{
	static const char *const names[HOOKS] = { "ingress", "egress", "prerouting" };
	enum hook hook = HOOK_INGRESS;

	while (hook < HOOKS && strcmp(names[hook], name) != 0)
		hook++;
	return hook;
}

/* ---- of the rules ---- */

#define LEARNT_MAX 4096
#define LINES_MAX  4096
#define TEXT_MAX   (1u << 22)

static struct {
	char *text;
	uint32_t numbers[LEARNT_MAX], v4[LEARNT_MAX];
	uint8_t v6[LEARNT_MAX][16], ether[LEARNT_MAX][6];
	struct counts {
		uint32_t numbers, v4, v6, ether;
	} n;
} learnt;

/* A line of the rules: the values up to its end, and what a packet must be to meet it. */
static struct line {
	struct counts end;
	int family;   /* 4, 6, or 0 */
	int protocol; /* or -1 */
} lines[LINES_MAX];
static uint32_t n_lines;
static const struct line *focus; /* what the frame at hand is about, or NULL */

static const struct {
	const char *word;
	uint32_t number;
} words[] = {
	{ "ssh", 22 },	{ "domain", 53 },    { "http", 80 },	    { "https", 443 },
	{ "ntp", 123 }, { "icmp", 1 },	     { "tcp", 6 },	    { "udp", 17 },
	{ "esp", 50 },	{ "ipv6-icmp", 58 }, { "icmpv6", 58 },	    { "sctp", 132 },
	{ "dccp", 33 }, { "udplite", 136 },  { "echo-request", 8 }, { "echo-reply", 0 },
};

static void learn_number(uint32_t n)
{
	for (uint32_t i = 0; i < 3 && learnt.n.numbers < LEARNT_MAX; i++)
		learnt.numbers[learnt.n.numbers++] = n - 1 + i;
}

/* With a prefix length, its first and last address; and what is beside them. */
static void learn_v4(uint32_t a, unsigned int len)
{
	uint32_t rest = len ? (uint32_t)((UINT64_C(1) << (32 - len)) - 1) : UINT32_MAX;
	const uint32_t some[] = { (a & ~rest) - 1, a & ~rest, a, a | rest, (a | rest) + 1 };

	for (size_t i = 0; i < N_OF(some) && learnt.n.v4 < LEARNT_MAX; i++)
		learnt.v4[learnt.n.v4++] = some[i];
}

static void step6(uint8_t *a, int by)
{
	int carry = by;

	for (int i = 15; i >= 0 && carry; i--) {
		int sum = a[i] + carry;

		a[i] = (uint8_t)sum;
		carry = sum < 0 ? -1 : sum > 255;
	}
}

static void learn_v6(const uint8_t *a, unsigned int len)
{
	for (int which = 0; which < 5 && learnt.n.v6 < LEARNT_MAX; which++) {
		uint8_t *to = learnt.v6[learnt.n.v6++];

		memcpy(to, a, 16);
		for (unsigned int bit = len; bit < 128 && which != 2; bit++) {
			uint8_t mask = (uint8_t)(0x80 >> bit % 8);

			to[bit / 8] = which < 2 ? to[bit / 8] & (uint8_t)~mask : to[bit / 8] | mask;
		}
		if (which == 0 || which == 4)
			step6(to, which ? 1 : -1);
	}
}

static void learn_word(char *word)
{
	char *slash = strchr(word, '/'), *end;
	unsigned int len = slash ? (unsigned int)strtoul(slash + 1, NULL, 10) : 128;
	uint8_t a[16];
	uint32_t v4, n;

	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, word, &v4) == 1) {
		learn_v4(ntohl(v4), len < 32 ? len : 32);
	} else if (strlen(word) == 17 &&
		   sscanf(word, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", a, a + 1, a + 2, a + 3, a + 4, a + 5) == 6) {
		if (learnt.n.ether < LEARNT_MAX)
			memcpy(learnt.ether[learnt.n.ether++], a, 6);
	} else if (inet_pton(AF_INET6, word, a) == 1) {
		learn_v6(a, len < 128 ? len : 128);
	} else if (isdigit((unsigned char)*word)) {
		n = (uint32_t)strtoul(word, &end, 0);
		if (!*end)
			learn_number(n);
	}
	for (size_t i = 0; i < N_OF(words); i++)
		if (!strcmp(words[i].word, word))
			learn_number(words[i].number);
}

/* "a-b" is two values, but a name may have a '-' in it too. */
static void learn_range(char *word)
{
	char *dash = isxdigit((unsigned char)*word) ? strchr(word, '-') : NULL;

	if (dash && isxdigit((unsigned char)dash[1])) {
		*dash = '\0';
		learn_word(dash + 1);
	}
	learn_word(word);
}

static void learn_words(char *line)
{
	static const char between[] = " \t,;{}[]\"";
	char *next;

	for (char *word = strtok_r(line, between, &next); word; word = strtok_r(NULL, between, &next))
		learn_range(word);
}

static void learn_line(char *text)
{
	static const struct {
		const char *word;
		int protocol;
	} protocols_of[] = { { "tcp ", 6 },    { "udp ", 17 },	{ "icmp ", 1 },	    { "icmpv6 ", 58 },
			     { "sctp ", 132 }, { "dccp ", 33 }, { "udplite ", 136 } };
	struct line *l = lines + n_lines;

	if (n_lines == LINES_MAX)
		return;
	*l = (struct line){ .family = strstr(text, "ip6 ") ? 6 : strstr(text, "ip ") ? 4 : 0, .protocol = -1 };
	for (size_t i = 0; i < N_OF(protocols_of); i++)
		if (strstr(text, protocols_of[i].word))
			l->protocol = protocols_of[i].protocol;
	learn_words(text);
	l->end = learnt.n;
	n_lines++;
}

void values_learn(const char *file)
{
	FILE *f = fopen(file, "r");
	char *copy, *next;
	size_t n;

	learnt.text = calloc(2, TEXT_MAX);
	if (!f || !learnt.text)
		err(2, "%s", file);
	n = fread(learnt.text, 1, TEXT_MAX - 1, f);
	fclose(f);
	copy = learnt.text + TEXT_MAX;
	memcpy(copy, learnt.text, n);
	for (char *line = strtok_r(copy, "\n", &next); line; line = strtok_r(NULL, "\n", &next))
		learn_line(line);
}

void values_focus(void)
{
	focus = n_lines && chance(70) ? lines + draw(n_lines) : NULL;
}

int focus_family(void)
{
	return focus ? focus->family : 0;
}

int focus_protocol(void)
{
	return focus ? focus->protocol : -1;
}

bool values_have(const char *word)
{
	return learnt.text && strstr(learnt.text, word);
}

static const struct counts nothing;

static const struct counts *focus_begin(void)
{
	return focus && focus > lines ? &focus[-1].end : &nothing;
}

/* Which of 'all' that were learnt, those of the line from 'begin' to 'end' first; 'all'
 * if it shall be none of them. */
static uint32_t learnt_one(uint32_t all, uint32_t begin, uint32_t end)
{
	if (focus && begin < end && chance(80))
		return begin + draw(end - begin);
	return all && chance(focus ? 30 : 60) ? draw(all) : all;
}

#define LEARNT_ONE(what) learnt_one(learnt.n.what, focus_begin()->what, focus ? focus->end.what : 0)

/* ---- any ---- */

static const uint32_t addresses4[] = {
	0,	    1,		0x0a000000, 0x0a000001, 0x0a0000ff, 0x0a000100, 0x0a00ffff, 0x0affffff, 0x0b000000,
	0x7fffffff, 0x80000000, 0xc0000207, 0xc0000208, 0xc00002ff, 0xc0000300, 0xe0000001, 0xfffffffe, 0xffffffff,
};

static const char *const addresses6[] = {
	"::",
	"::1",
	"::ffff:10.0.0.1",
	"fe80::1",
	"fe80::ffff:ffff:ffff:ffff",
	"fd00::",
	"fd00::1",
	"fd00:0:0:1::",
	"fd00:0:0:ffff:ffff:ffff:ffff:ffff",
	"2001:db8::7",
	"2001:db8::8",
	"2001:db8:0:1::",
	"7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	"8000::",
	"ff02::1",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
};

static const uint16_t ports[] = { 0,	1,    21,   22,	  23,	53,    79,    80,    81,    443,
				  1023, 1024, 1025, 4095, 4096, 32767, 32768, 61440, 65534, 65535 };
static const uint8_t protocols[] = { 6,	  6,   6,  6,  17, 17, 17, 1,	58, 132, 132, 33,
				     136, 136, 47, 50, 2,  4,  41, 255, 59, 254, 61 };
static const uint8_t icmp_types[] = { 0, 3, 5, 8, 8, 11, 12, 13, 255 };
static const uint8_t icmpv6_types[] = { 1, 2, 3, 4, 128, 128, 129, 133, 135, 136, 143, 255 };
static const uint32_t numbers[] = { 0,	    1,	    2,	    3,	     4,	      5,	  6,	      8,
				    15,	    20,	    40,	    60,	     63,      64,	  65,	      127,
				    128,    254,    255,    256,     1280,    1500,	  0x2000,     0x4000,
				    0x7fff, 0x8000, 0xffff, 0x10000, 0xfffff, 0x7fffffff, 0x80000000, 0xffffffff };
static const uint32_t marks[] = { 0, 1, 2, 7, 0xff, 0x100, 0x80000000, 0xffffffff };

uint32_t any_number(unsigned int bits)
{
	uint32_t all = (uint32_t)((UINT64_C(1) << bits) - 1), which = LEARNT_ONE(numbers);

	if (which < learnt.n.numbers)
		return learnt.numbers[which] & all;
	return (chance(70) ? ONE_OF(numbers) : draw(UINT32_MAX)) & all;
}

uint32_t any_port(void)
{
	uint32_t which = LEARNT_ONE(numbers);

	if (which < learnt.n.numbers)
		return learnt.numbers[which] & 0xffff;
	return chance(85) ? ONE_OF(ports) : draw(65536);
}

uint32_t any_mark(void)
{
	return chance(90) ? ONE_OF(marks) : draw(UINT32_MAX);
}

uint8_t any_protocol(void)
{
	if (focus_protocol() >= 0 && chance(80))
		return (uint8_t)focus_protocol();
	return ONE_OF(protocols);
}

uint8_t any_common_protocol(int family)
{
	static const uint8_t common[] = { 6, 6, 17, 17 };

	return chance(75) ? ONE_OF(common) : family == 4 ? 1 : 58;
}

uint8_t any_icmp_type(int family)
{
	return family == 4 ? ONE_OF(icmp_types) : ONE_OF(icmpv6_types);
}

uint8_t any_echo(int family)
{
	return (uint8_t)((family == 4 ? 8 : 128) + (family == 4 && chance(50) ? -8 : family == 6 && chance(50)));
}

void any_ether(uint8_t *to)
{
	static const uint8_t some[][6] = {
		{ 0 },
		{ 2, 0, 0, 0, 0, 2 },
		{ 2, 0, 0, 0, 0, 3 },
		{ 2, 0, 0, 0, 0, 0xff },
		{ 2, 0, 1 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 1, 0, 0x5e, 0, 0, 1 },
		{ 0x33, 0x33, 0, 0, 0, 1 },
	};

	uint32_t which = LEARNT_ONE(ether);

	memcpy(to, which < learnt.n.ether ? learnt.ether[which] : ONE_OF(some), 6);
}

static uint32_t any_address4(void)
{
	uint32_t a, which = LEARNT_ONE(v4);

	if (which < learnt.n.v4)
		return learnt.v4[which];
	a = ONE_OF(addresses4);
	return chance(80) ? a : chance(50) ? a + draw(4) - 2 : a ^ 1u << draw(32);
}

void any_address(int family, uint8_t *to)
{
	uint32_t a, which;

	if (family == 4) {
		a = htonl(any_address4());
		memcpy(to, &a, sizeof(a));
		return;
	}
	which = LEARNT_ONE(v6);
	if (which < learnt.n.v6) {
		memcpy(to, learnt.v6[which], 16);
		return;
	}
	inet_pton(AF_INET6, ONE_OF(addresses6), to);
	if (chance(20))
		to[draw(16)] ^= (uint8_t)(1u << draw(8));
}
