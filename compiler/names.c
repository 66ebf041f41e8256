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

static const struct name nfprotos[] = { { "ipv4", 2 }, { "ipv6", 10 } };

static const struct name icmp_types[] = {
	{ "echo-reply", 0 },	       { "destination-unreachable", 3 },
	{ "source-quench", 4 },	       { "redirect", 5 },
	{ "echo-request", 8 },	       { "router-advertisement", 9 },
	{ "router-solicitation", 10 }, { "time-exceeded", 11 },
	{ "parameter-problem", 12 },   { "timestamp-request", 13 },
	{ "timestamp-reply", 14 },     { "info-request", 15 },
	{ "info-reply", 16 },	       { "address-mask-request", 17 },
	{ "address-mask-reply", 18 },
};

static const struct name icmpv6_types[] = {
	{ "destination-unreachable", 1 },  { "packet-too-big", 2 },	    { "time-exceeded", 3 },
	{ "parameter-problem", 4 },	   { "echo-request", 128 },	    { "echo-reply", 129 },
	{ "mld-listener-query", 130 },	   { "mld-listener-report", 131 },  { "mld-listener-done", 132 },
	{ "mld-listener-reduction", 132 }, { "nd-router-solicit", 133 },    { "nd-router-advert", 134 },
	{ "nd-neighbor-solicit", 135 },	   { "nd-neighbor-advert", 136 },   { "nd-redirect", 137 },
	{ "router-renumbering", 138 },	   { "ind-neighbor-solicit", 141 }, { "ind-neighbor-advert", 142 },
	{ "mld2-listener-report", 143 },
};

/* As bits, as the kernel counts them. */
static const struct name ct_states[] = {
	{ "invalid", 1 }, { "established", 2 }, { "related", 4 }, { "new", 8 }, { "untracked", 64 },
};

static const struct name ingress_priorities[] = { { "filter", 0 } };

static const struct name prerouting_priorities[] = {
	{ "raw", -300 }, { "mangle", -150 }, { "dstnat", -100 }, { "filter", 0 }, { "security", 50 },
};

static const struct names none = { NULL, 0, "value" };

const struct names *names_of_type(enum ast_type type)
{
	static const struct names by_type[] = {
		[TYPE_PORT] = { services, COUNT(services), "service" },
		[TYPE_PROTO] = { protocols, COUNT(protocols), "protocol" },
		[TYPE_NFPROTO] = { nfprotos, COUNT(nfprotos), "family" },
		[TYPE_ICMP_TYPE] = { icmp_types, COUNT(icmp_types), "ICMP type" },
		[TYPE_ICMPV6_TYPE] = { icmpv6_types, COUNT(icmpv6_types), "ICMPv6 type" },
		[TYPE_CT_STATE] = { ct_states, COUNT(ct_states), "ct state" },
	};

	return (size_t)type < COUNT(by_type) && by_type[type].n ? &by_type[type] : &none;
}

const struct names *names_of_priorities(enum ast_hook hook)
{
	static const struct names by_hook[] = {
		[HOOK_INGRESS] = { ingress_priorities, COUNT(ingress_priorities), "priority" },
		[HOOK_PREROUTING] = { prerouting_priorities, COUNT(prerouting_priorities), "priority" },
	};

	return (size_t)hook < COUNT(by_hook) && by_hook[hook].n ? &by_hook[hook] : &none;
}

/* The services are many and sorted by name; the other tables are short. */
static bool find_sorted(const struct names *names, const char *word, int32_t *ret)
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

bool names_find(const struct names *names, const char *word, int32_t *ret)
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

const char *names_suggest(const struct names *names, const char *word)
{
	const char *words[COUNT(services)];

	for (size_t i = 0; i < names->n; i++)
		words[i] = names->v[i].word;
	return names->n ? diag_suggest(word, words, names->n) : NULL;
}
