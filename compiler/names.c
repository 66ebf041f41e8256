/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/names.h>

#include <string.h>

#include <compiler/base/diag.h>

#define COUNT(v) (sizeof(v) / sizeof(*(v)))

static const struct name services[] = {
#define SERVICE(name, port) { name, port },
#include <compiler/names_services.def>
#undef SERVICE
};

static const struct name protocols[] = {
#define PROTOCOL(number, name, alias) { name, number }, { alias, number },
#include <compiler/names_protocols.def>
#undef PROTOCOL
};

static const struct name values[] = {
#define NAME(type, word, number) { word, number },
#include <compiler/names_values.def>
#undef NAME
};

/* Which rows are of which type. */
static const enum ast_type types_of_values[] = {
#define NAME(type, word, number) TYPE_##type,
#include <compiler/names_values.def>
#undef NAME
};

static const struct name device_priorities[] = { { "filter", 0 } };

static const struct name inet_ingress_priorities[] = {
	{ "raw", -300 },
	{ "mangle", -150 },
	{ "filter", 0 },
	{ "security", 50 },
};

static const struct name prerouting_priorities[] = {
	{ "raw", -300 }, { "mangle", -150 }, { "dstnat", -100 }, { "filter", 0 }, { "security", 50 },
};

static const struct names none = { NULL, 0, "value" };

static const char *const what[TYPE_COUNT] = {
	[TYPE_NFPROTO] = "family",
	[TYPE_ETHERTYPE] = "Ethernet protocol",
	[TYPE_ICMP_TYPE] = "ICMP type",
	[TYPE_ICMPV6_TYPE] = "ICMPv6 type",
	[TYPE_ICMP_CODE] = "ICMP code",
	[TYPE_ICMPV6_CODE] = "ICMPv6 code",
	[TYPE_ICMPX_CODE] = "ICMP code",
	[TYPE_CT_STATE] = "ct state",
	[TYPE_TCP_FLAG] = "TCP flag",
	[TYPE_PKT_TYPE] = "packet type",
	[TYPE_DSCP] = "DSCP class",
	[TYPE_ECN] = "ECN codepoint",
	[TYPE_FIB_ADDRTYPE] = "address type",
	[TYPE_BOOLEAN] = "truth value",
	[TYPE_CLASSID] = "priority",
};

static struct names rows_of(enum ast_type type)
{
	size_t from = 0, to;

	while (from < COUNT(values) && types_of_values[from] != type)
		from++;
	for (to = from; to < COUNT(values) && types_of_values[to] == type;)
		to++;
	return (struct names){ values + from, to - from, what[type] };
}

const struct names *names_of_type(enum ast_type type)
{
	static struct names by_type[TYPE_COUNT] = {
		[TYPE_PORT] = { services, COUNT(services), "service" },
		[TYPE_PROTO] = { protocols, COUNT(protocols), "protocol" },
	};

	if (!by_type[type].what) /* not asked for yet */
		by_type[type] = what[type] ? rows_of(type) : none;
	return &by_type[type];
}

const struct names *names_of_priorities(enum ast_family family, enum ast_hook hook)
{
	static const struct names device = { device_priorities, COUNT(device_priorities), "priority" };
	static const struct names inet_ingress = { inet_ingress_priorities, COUNT(inet_ingress_priorities),
						   "priority" };
	static const struct names prerouting = { prerouting_priorities, COUNT(prerouting_priorities), "priority" };

	if (hook == HOOK_PREROUTING)
		return &prerouting;
	return family == AST_INET ? &inet_ingress : &device;
}

/* The services are many and sorted by name; the other tables are short. */
static bool find_sorted(const struct names *names, const char *word, int64_t *ret)
{
	size_t lo = 0, hi = names->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(names->v[mid].word, word);

		if (!c) {
			*ret = names->v[mid].number;
			return true;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool names_find(const struct names *names, const char *word, int64_t *ret)
{
	if (names->v == services)
		return find_sorted(names, word, ret);
	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(names->v[i].word, word))
			continue;
		*ret = names->v[i].number;
		return true;
	}
	return false;
}

const char *names_print(enum ast_type type, uint64_t number)
{
	const struct names *names = names_of_type(type);

	if (type == TYPE_PORT)
		return NULL;
	for (size_t i = 0; i < names->n; i++)
		if ((uint64_t)names->v[i].number == number)
			return names->v[i].word;
	return NULL;
}

bool names_all_flags(enum ast_type type, uint64_t flags)
{
	for (uint64_t bits = flags; bits; bits &= bits - 1)
		if (!names_print(type, bits & -bits))
			return false;
	return flags;
}

const char *names_suggest(const struct names *names, const char *word)
{
	const char *words[COUNT(services)];

	for (size_t i = 0; i < names->n; i++)
		words[i] = names->v[i].word;
	return names->n ? diag_suggest(word, words, names->n) : NULL;
}
