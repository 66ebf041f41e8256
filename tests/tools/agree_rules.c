/* SPDX-License-Identifier: GPL-2.0-only */
/* agree_rules.c - random rulesets.
 *
 * Every rule has at least one counter, and a comment that numbers it.  Elements of
 * named sets stand in commands of a line each, so that a line that nft refuses can
 * be left out. */
#include <stdio.h>
#include <string.h>

#include "agree_fields.h"

#define SETS_MAX    8
#define CHAINS_MAX  5
#define OBJECTS_MAX 2

struct table {
	enum hook hook;
	bool any_ports;
	const char *family;
	int nr;
	struct named sets[SETS_MAX];
	int n_sets, n_chains;
};

static struct shape any_shape(const struct table *t)
{
	static const int families[] = { 0, 0, 4, 4, 4, 6, 6, 6 };
	static const int others[] = { 33, 132, 136 };
	struct shape s = { .hook = t->hook, .table = t->family, .any_ports = t->any_ports, .family = ONE_OF(families) };

	if (!strcmp(t->family, "ip") || !strcmp(t->family, "ip6"))
		s.family = t->family[2] ? 6 : 4;
	if (chance(60))
		s.protocol = chance(45)		      ? 6
			     : chance(50)	      ? 17
			     : s.family && chance(65) ? s.family == 4 ? 1 : 58
						      : ONE_OF(others);
	return s;
}

static void put_parts(const struct named *n)
{
	for (int i = 0; i < n->n_parts; i++)
		printf("%s%s", i ? " . " : "", n->parts[i]->text);
}

/* ---- matches ---- */

static void look_at(struct shape *s, const struct field *f)
{
	s->busy[f->base] = f->base != BASE_META;
	s->busy[BASE_TRANSPORT] |= f->type == TYPE_PROTO;
}

static void look_at_all(struct shape *s, const struct named *n)
{
	for (int i = 0; i < n->n_parts; i++)
		look_at(s, n->parts[i]);
}

/* A named set or map of this kind that the rule may look into, or NULL. */
static const struct named *any_named(const struct table *t, const struct shape *s, bool map, bool verdicts)
{
	for (int tries = 0; tries < 6 && t->n_sets; tries++) {
		const struct named *n = t->sets + draw((uint32_t)t->n_sets);

		if (n->map == map && n->verdicts == verdicts && shape_allows_parts(s, n))
			return n;
	}
	return NULL;
}

static void put_lookup(const struct table *t, struct shape *s)
{
	const struct named *n = chance(70) ? any_named(t, s, false, false) : NULL;
	struct named own = { .interval = chance(50) };

	if (!n)
		any_parts(s, &own);
	put_parts(n ? n : &own);
	printf(" %s", chance(25) ? "!= " : "");
	if (n) {
		printf("@%s ", n->name);
	} else {
		printf("{ ");
		for (uint32_t i = 0, count = 1 + draw(4); i < count; i++) {
			printf("%s", i ? ", " : "");
			put_element(&own);
		}
		printf(" } ");
	}
	look_at_all(s, n ? n : &own);
}

static void put_match(const struct table *t, struct shape *s)
{
	const struct field *f;

	if (chance(20)) {
		put_lookup(t, s);
		return;
	}
	f = any_field(s, false);
	put_match_of(f, t->sets, t->n_sets);
	printf(" ");
	look_at(s, f);
}

/* ---- effects ---- */

static void put_limit(void)
{
	printf("limit rate %s", chance(30) ? "over " : "");
	if (chance(50))
		printf("1/day burst %u packets ", 1 + draw(20));
	else
		printf("1 bytes/day burst %u bytes ", 1 + draw(20000));
}

static void put_mark_map(const struct table *t, const struct shape *s)
{
	const struct named *n = any_named(t, s, true, false);
	struct named own = { .interval = chance(30) };

	if (!n)
		any_parts(s, &own);
	printf("meta mark set ");
	put_parts(n ? n : &own);
	if (n) {
		printf(" map @%s ", n->name);
		return;
	}
	printf(" map { ");
	for (uint32_t i = 0, count = 1 + draw(4); i < count; i++) {
		printf("%s", i ? ", " : "");
		put_element(&own);
		printf(" : 0x%x", any_mark());
	}
	printf(" } ");
}

static void put_mark(const struct table *t, const struct shape *s)
{
	static const char *const operators[] = { "&", "|", "^" };

	if (chance(40))
		printf("meta mark set 0x%x ", any_mark());
	else if (chance(50))
		printf("meta mark set meta mark %s 0x%x ", ONE_OF(operators), any_mark());
	else
		put_mark_map(t, s);
}

/* nft 1.0.6 makes one of matches of neighbouring fields, also across what stands
 * between; and behind 'ether saddr' what says that it is IP is such a neighbour. */
static void part(struct shape *s)
{
	if (s->busy[BASE_LINK])
		s->busy[BASE_NETWORK] = s->busy[BASE_TRANSPORT] = true;
}

static void put_effect(const struct table *t, struct shape *s)
{
	uint32_t what = draw(100);

	part(s);
	if (what < 40)
		printf("counter ");
	else if (what < 50)
		printf("counter name \"k%u\" ", draw(OBJECTS_MAX));
	else if (what < 60)
		put_limit();
	else if (what < 66)
		printf("limit name \"l%u\" ", draw(OBJECTS_MAX));
	else if (what < 70)
		printf("log prefix \"x\" ");
	else
		put_mark(t, s);
}

/* ---- verdicts ---- */

static const char *const plain[] = { "accept", "drop", "return", "continue" };

static void put_target(const struct table *t, int chain)
{
	if (chance(50) && chain + 1 < t->n_chains)
		printf("%s c%d", chance(65) ? "jump" : "goto",
		       chain + 1 + (int)draw((uint32_t)(t->n_chains - chain - 1)));
	else
		printf("%s", ONE_OF(plain));
}

static void put_vmap(const struct table *t, struct shape *s, int chain)
{
	const struct named *n = chain < 0 ? any_named(t, s, false, true) : NULL;
	struct named own = { .interval = chance(40) };

	if (!n)
		any_parts(s, &own);
	put_parts(n ? n : &own);
	if (n) {
		printf(" vmap @%s ", n->name);
		return;
	}
	printf(" vmap { ");
	for (uint32_t i = 0, count = 1 + draw(5); i < count; i++) {
		printf("%s", i ? ", " : "");
		put_element(&own);
		printf(" : ");
		put_target(t, chain);
	}
	if (chance(20)) {
		printf(", * : ");
		put_target(t, chain);
	}
	printf(" } ");
}

static void put_reject(const struct shape *s)
{
	static const char *const codes[] = { "net-unreachable", "host-unreachable", "port-unreachable",
					     "admin-prohibited", "host-prohibited" };
	static const char *const codes6[] = { "no-route", "admin-prohibited", "addr-unreachable", "port-unreachable" };
	static const char *const both[] = { "port-unreachable", "admin-prohibited", "no-route", "host-unreachable" };

	printf("reject ");
	if (s->busy[BASE_LINK]) /* what says which IP it is would be made one with that */
		return;
	if (s->protocol == 6 && chance(50))
		printf("with tcp reset ");
	else if (s->family == 4 && chance(50))
		printf("with icmp %s ", ONE_OF(codes));
	else if (s->family == 6 && chance(50))
		printf("with icmpv6 %s ", ONE_OF(codes6));
	else if (chance(50))
		printf("with icmpx %s ", ONE_OF(both));
}

/* In other tables nft asks the routing tables where the answer goes, and from whom. */
static bool answers_at_once(const struct table *t)
{
	return t->hook == HOOK_INGRESS && !strcmp(t->family, "netdev");
}

/* Base chains have few drops and accepts, so that later chains see something. */
static void put_verdict(const struct table *t, struct shape *s, int chain)
{
	uint32_t what = draw(100);

	if (what < 25 && chain + 1 < t->n_chains)
		printf("%s c%d ", chance(65) ? "jump" : "goto",
		       chain + 1 + (int)draw((uint32_t)(t->n_chains - chain - 1)));
	else if (what < 40)
		put_vmap(t, s, chain);
	else if (what < (chain < 0 ? 53 : 70))
		printf("%s ", ONE_OF(plain));
	else if (what < (chain < 0 ? 55 : 75) && answers_at_once(t))
		put_reject(s);
}

static void put_rule(const struct table *t, int chain, int number)
{
	struct shape s = any_shape(t);
	int matches = chance(5) ? 0 : 1 + (int)draw(3);

	printf("\t\t");
	for (int i = 0; i < matches; i++) {
		if (chance(20))
			put_effect(t, &s);
		put_match(t, &s);
	}
	if (chance(20))
		put_effect(t, &s);
	printf("counter ");
	part(&s);
	put_verdict(t, &s, chain);
	printf("comment \"r%d\"\n", number);
}

/* ---- sets ---- */

static bool has_type(const struct named *n)
{
	for (int i = 0; i < n->n_parts; i++)
		if (!*field_type_name(n->parts[i]))
			return false;
	return true;
}

static void put_types(const struct named *n)
{
	if (!has_type(n) || chance(30)) {
		printf("\t\ttypeof ");
		put_parts(n);
	} else {
		printf("\t\ttype ");
		for (int i = 0; i < n->n_parts; i++)
			printf("%s%s", i ? " . " : "", field_type_name(n->parts[i]));
	}
}

static void put_set_block(struct table *t, int nr)
{
	struct named *n = t->sets + nr;
	struct shape s = any_shape(t);
	uint32_t what = draw(100);

	*n = (struct named){ .map = what < 20, .verdicts = what >= 80, .interval = chance(60) };
	snprintf(n->name, sizeof(n->name), "s%d", nr);
	any_parts(&s, n);
	if (n->n_parts == 1 && n->parts[0]->type == TYPE_IFNAME)
		n->interval = false;
	printf("\t%s %s {\n", n->map || n->verdicts ? "map" : "set", n->name);
	put_types(n);
	printf("%s\n%s",
	       n->map	     ? " : mark"
	       : n->verdicts ? " : verdict"
			     : "",
	       n->interval ? "\t\tflags interval\n" : "");
	if (chance(20))
		printf("\t\tcounter\n");
	else if (n->interval && n->n_parts == 1 && !n->map && !n->verdicts)
		printf("\t\tauto-merge\n");
	printf("\t}\n");
	t->n_sets++;
}

static void put_elements(const struct table *t)
{
	for (int nr = 0; nr < t->n_sets; nr++) {
		const struct named *n = t->sets + nr;

		for (uint32_t i = 0, count = draw(chance(20) ? 30 : 6); i < count; i++) {
			printf("add element %s t%d %s { ", t->family, t->nr, n->name);
			put_element(n);
			if (n->map)
				printf(" : 0x%x", any_mark());
			if (n->verdicts) {
				printf(" : ");
				put_target(t, -1);
			}
			printf(" }\n");
		}
	}
}

static void put_objects(void)
{
	for (int i = 0; i < OBJECTS_MAX; i++) {
		printf("\tcounter k%d {\n\t\tpackets 0 bytes 0\n\t}\n", i);
		printf("\tlimit l%d {\n\t\trate %s1/day burst %u packets\n\t}\n", i, chance(30) ? "over " : "",
		       1 + draw(9));
	}
}

/* ---- chains and tables ---- */

static void put_hook(enum hook hook, bool all, int priority, bool drop)
{
	static const char *const devices[] = { "device \"eth0\"", "device \"eth1\"", "devices = { eth0, eth1 }",
					       "devices = { eth0, eth1 }" };
	static const char *const names[HOOKS] = { "ingress", "egress", "prerouting" };

	printf("\t\ttype filter hook %s %s priority %d; policy %s;\n", names[hook],
	       hook == HOOK_PREROUTING ? ""
	       : all		       ? devices[2]
				       : ONE_OF(devices),
	       priority, drop ? "drop" : "accept");
}

static const char *any_family(enum hook hook)
{
	static const char *const routed[] = { "ip", "ip6", "inet", "inet" };

	return hook == HOOK_EGRESS	 ? "netdev"
	       : hook == HOOK_PREROUTING ? ONE_OF(routed)
	       : chance(50)		 ? "inet"
					 : "netdev";
}

static void put_table(enum hook hook, bool any_ports, int nr, int *number)
{
	struct table t = { .hook = hook,
			   .any_ports = any_ports,
			   .family = any_family(hook),
			   .nr = nr,
			   .n_chains = (int)draw(CHAINS_MAX) };
	bool drops = strcmp(t.family, "netdev") != 0 || hook == HOOK_EGRESS;

	printf("table %s t%d {\n", t.family, nr);
	put_objects();
	for (int c = t.n_chains - 1; c >= 0; c--)
		printf("\tchain c%d {\n\t}\n", c);
	for (int i = 0, n = 3 + (int)draw(SETS_MAX - 3); i < n; i++)
		put_set_block(&t, i);
	for (int c = t.n_chains - 1; c >= 0; c--) {
		printf("\tchain c%d {\n", c);
		for (int i = 0, n = (int)draw(8); i < n; i++)
			put_rule(&t, c, (*number)++);
		printf("\t}\n");
	}
	for (int b = 0, n_base = 1 + (int)draw(2); b < n_base; b++) {
		printf("\tchain base%d {\n", b);
		put_hook(hook, false, (int)draw(70) * 4 + 2 * nr + b - 140, drops && chance(15));
		for (int i = 0, n = 1 + (int)draw(chance(10) ? 60 : 16); i < n; i++)
			put_rule(&t, -1, (*number)++);
		printf("\t}\n");
	}
	printf("}\n");
	put_elements(&t);
}

/* All packets are counted first, and those that are left last, by their marks. */
static void put_ends(enum hook hook)
{
	static const uint32_t marks[] = { 0, 1, 2, 7, 0xff, 0x100, 0x80000000, 0xffffffff, 3, 6, 0x101, 0x1ff };
	const char *family = hook == HOOK_PREROUTING ? "inet" : "netdev";

	printf("table %s whole {\n\tchain first {\n", family);
	put_hook(hook, true, -190, false);
	printf("\t\tcounter comment \"r0\"\n\t}\n\tchain last {\n");
	put_hook(hook, true, 190, false);
	for (size_t i = 0; i < N_OF(marks); i++)
		printf("\t\tmeta mark 0x%x counter comment \"r%zu\"\n", marks[i], 1 + i);
	printf("\t\tcounter comment \"r%zu\"\n\t}\n}\n", 1 + N_OF(marks));
}

void put_ruleset(enum hook hook)
{
	bool any_ports = chance(30);
	int number = 20;

	put_ends(hook);
	for (int i = 0, n = 1 + (int)draw(2); i < n; i++)
		put_table(hook, any_ports, i, &number);
}
