// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/object.h>
#include <tests/unit/frames.h>
#include <tests/unit/plane_harness.h>

struct map_facts {
	const char *name;
	size_t key_size, value_size;
	int shared_by_cpus;
};

#define MAP(id, type, key, value, flags, scope, doc) \
	{ #id, sizeof(key), sizeof(value), BPF_MAP_TYPE_##type == BPF_MAP_TYPE_PERCPU_ARRAY },
static const struct map_facts facts[MAP_COUNT] = {
#include <bpf/maps.def>
};
#undef MAP

#define BY_HAND 4096 /* elements; as many cells and rules as hand_write ever needs */

const char *plane_obstacle(void)
{
	if (geteuid())
		return "needs root: loads BPF programs";
	return NULL;
}

int plane_command(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	return system(command);
}

void plane_namespace(void)
{
	if (unshare(CLONE_NEWNET))
		fail_msg("unshare: %s", strerror(errno));
	assert_int_equal(plane_command("ip link set lo up"), 0);
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, fmt, ap) : 0;
}

static int program(struct plane *p, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(p->object, name));
}

void plane_load(struct plane *p, const uint32_t capacity[MAP_COUNT])
{
	uint32_t zero = 0;
	int r;

	libbpf_set_print(quiet);
	p->object = bpf_object__open_mem(zfwc_bpf_object, zfwc_bpf_object_size(), NULL);
	assert_non_null(p->object);
	for (int i = 0; i < MAP_COUNT; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(p->object, facts[i].name);
		uint32_t wanted = capacity && capacity[i] ? capacity[i] : i == MAP_CONFIG ? 1 : BY_HAND;

		assert_non_null(map);
		assert_int_equal(bpf_map__set_max_entries(map, wanted), 0);
	}
	r = bpf_object__load(p->object);
	if (r)
		fail_msg("loading the programs: %s", strerror(-r));
	for (int i = 0; i < MAP_COUNT; i++)
		p->maps[i] = bpf_object__find_map_fd_by_name(p->object, facts[i].name);
	p->jump = bpf_object__find_map_fd_by_name(p->object, "JUMP");
	p->entry = program(p, "zfwc_entry");
	p->main = program(p, "zfwc_main");
	p->egress = program(p, "zfwc_egress");
	assert_int_equal(bpf_map_update_elem(p->jump, &zero, &p->main, BPF_ANY), 0);
}

void plane_free(struct plane *p)
{
	bpf_object__close(p->object);
	memset(p, 0, sizeof(*p));
}

void plane_set(struct plane *p, enum map_id map, const void *key, const void *value)
{
	if (bpf_map_update_elem(p->maps[map], key, value, BPF_ANY))
		fail_msg("storing an element of %s: %s", facts[map].name, strerror(errno));
}

void plane_delete(struct plane *p, enum map_id map, const void *key)
{
	if (bpf_map_delete_elem(p->maps[map], key))
		fail_msg("deleting an element of %s: %s", facts[map].name, strerror(errno));
}

void plane_load_image(struct plane *p, const struct image *image)
{
	uint32_t capacity[MAP_COUNT];

	for (int i = 0; i < MAP_COUNT; i++)
		capacity[i] = image->maps[i].capacity;
	plane_load(p, capacity);
	for (int i = 0; i < MAP_COUNT; i++) {
		const struct map_image *m = &image->maps[i];

		for (size_t n = 0; n < m->n; n++)
			plane_set(p, i, m->keys + n * facts[i].key_size, m->values + n * facts[i].value_size);
	}
}

struct zf_counter plane_counter(struct plane *p, uint32_t nr)
{
	int cpus = libbpf_num_possible_cpus();
	struct zf_counter sum = { 0 }, *each = calloc((size_t)cpus, sizeof(*each));

	assert_non_null(each);
	assert_int_equal(bpf_map_lookup_elem(p->maps[MAP_COUNTER], &nr, each), 0);
	for (int i = 0; i < cpus; i++) {
		sum.packets += each[i].packets;
		sum.bytes += each[i].bytes;
	}
	free(each);
	return sum;
}

int plane_run_marked(int program_fd, const struct frame *f, uint32_t ifindex, uint32_t *mark, uint32_t *priority,
		     struct frame *out)
{
	struct __sk_buff ctx = { .ifindex = ifindex, .mark = *mark, .priority = *priority };
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = f->data, .data_size_in = (uint32_t)f->len, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .ctx_out = &ctx, .ctx_size_out = sizeof(ctx), .repeat = 1);

	if (out) {
		o.data_out = out->data;
		o.data_size_out = sizeof(out->data);
	}
	if (bpf_prog_test_run_opts(program_fd, &o))
		fail_msg("BPF_PROG_TEST_RUN of %zu bytes: %s", f->len, strerror(errno));
	if (out)
		out->len = o.data_size_out;
	*mark = ctx.mark;
	*priority = ctx.priority;
	return (int)o.retval;
}

int plane_run(int program_fd, const struct frame *f, uint32_t ifindex)
{
	uint32_t mark = 0, priority = 0;

	return plane_run_marked(program_fd, f, ifindex, &mark, &priority, NULL);
}

/* ---- images by hand ---- */

struct prefix_text {
	uint8_t addr[16];
	uint8_t len;
};

struct hand_list {
	int pair; /* -1 and below: the lists of config */
	int port; /* -1: not by port */
	uint32_t rules[700];
	size_t n;
};

/* What hand_write works on. */
struct hand_image {
	const struct hand *h;
	struct plane *plane;
	struct {
		struct prefix_text dst, src;
		int family;
		uint32_t tuple;
		uint32_t list, dport;
	} pairs[700];
	int n_pairs;
	struct zf_tuple tuples[2][ZF_TUPLES];
	uint32_t n_tuples[2];
	struct zf_cell cells[BY_HAND];
	uint32_t n_cells;
	struct hand_list lists[700];
	int n_lists;
};

void hand_add(struct hand *h, const struct hand_rule *r)
{
	assert_true(h->n < 700);
	h->rules[h->n] = *r;
	if (!r->rule.otherwise)
		h->rules[h->n].rule.otherwise = r->rule.label + 1;
	h->n++;
}

static struct prefix_text prefix_of(const char *text, int family)
{
	struct prefix_text p = { 0 };
	char addr[64] = { 0 };
	unsigned int len = 0;

	if (!text)
		return p;
	assert_int_equal(sscanf(text, "%60[^/]/%u", addr, &len), 2);
	p.len = (uint8_t)len;
	assert_int_equal(inet_pton(family == ZF_IPV4 ? AF_INET : AF_INET6, addr, p.addr), 1);
	return p;
}

static uint32_t tuple_of(struct hand_image *i, int family, uint8_t dst_len, uint8_t src_len, uint32_t label)
{
	struct zf_tuple *t = i->tuples[family];
	uint32_t n;

	for (n = 0; n < i->n_tuples[family]; n++)
		if (t[n].dst_len == dst_len && t[n].src_len == src_len)
			break;
	if (n == i->n_tuples[family]) {
		t[n] = (struct zf_tuple){
			.min_label = label, .max_label = label, .dst_len = dst_len, .src_len = src_len
		};
		i->n_tuples[family]++;
	}
	if (label < t[n].min_label)
		t[n].min_label = label;
	if (label > t[n].max_label)
		t[n].max_label = label;
	return n;
}

static int pair_of(struct hand_image *i, const struct hand_rule *r, int family)
{
	struct prefix_text dst = prefix_of(r->dst, family), src = prefix_of(r->src, family);
	uint32_t tuple = tuple_of(i, family, dst.len, src.len, r->rule.label);
	int n;

	for (n = 0; n < i->n_pairs; n++)
		if (i->pairs[n].family == family && !memcmp(&i->pairs[n].dst, &dst, sizeof(dst)) &&
		    !memcmp(&i->pairs[n].src, &src, sizeof(src)))
			return n;
	i->pairs[n].dst = dst;
	i->pairs[n].src = src;
	i->pairs[n].family = family;
	i->pairs[n].tuple = tuple;
	return i->n_pairs++;
}

static void list_add(struct hand_image *i, int pair, int port, uint32_t rule)
{
	int n;

	for (n = 0; n < i->n_lists; n++)
		if (i->lists[n].pair == pair && i->lists[n].port == port)
			break;
	if (n == i->n_lists) {
		i->lists[n].pair = pair;
		i->lists[n].port = port;
		i->n_lists++;
	}
	i->lists[n].rules[i->lists[n].n++] = rule;
}

static struct zf_entry entry_of(const struct hand_rule *r, uint32_t nr)
{
	struct zf_entry e = { .proto_hi = 255, .dport_hi = 65535, .sport_hi = 65535 };

	if (r->proto)
		e.proto_lo = e.proto_hi = r->proto;
	if (r->dport) {
		e.dport_lo = r->dport;
		e.dport_hi = r->dport_hi ? r->dport_hi : r->dport;
	}
	if (r->sport) {
		e.sport_lo = r->sport;
		e.sport_hi = r->sport_hi ? r->sport_hi : r->sport;
	}
	e.flags = r->flags;
	e.interfaces = r->interfaces;
	e.label = r->rule.label;
	e.rule = nr;
	return e;
}

static uint32_t cell_new(struct hand_image *i)
{
	assert_true(i->n_cells < BY_HAND);
	return i->n_cells++;
}

/* Rules in order of their labels; the first cell takes what isn't divisible. */
static uint32_t list_write(struct hand_image *i, const struct hand_list *l)
{
	uint32_t first = cell_new(i), cell = first;
	size_t room = l->n % ZF_CELL_ENTRIES ? l->n % ZF_CELL_ENTRIES : ZF_CELL_ENTRIES, slot = 0;

	for (size_t n = 0; n < l->n; n++) {
		if (slot == room) {
			i->cells[cell].next = i->n_cells;
			cell = cell_new(i);
			room = ZF_CELL_ENTRIES;
			slot = 0;
		}
		i->cells[cell].entries[slot++] = entry_of(&i->h->rules[l->rules[n]], l->rules[n] + 1);
	}
	return first;
}

/* Hangs a list below the nodes for a port, four bits a level. */
static void node_write(struct hand_image *i, uint32_t *root, uint32_t port, uint32_t list)
{
	uint32_t *slot = root;

	for (int shift = 12; shift >= 0; shift -= 4) {
		if (!*slot)
			*slot = ZF_REF_NODE | cell_new(i);
		slot = &i->cells[*slot & ~ZF_REF_NODE].slots[port >> shift & 15];
	}
	*slot = list;
}

static void hand_place(struct hand_image *i)
{
	for (uint32_t n = 0; n < i->h->n; n++) {
		const struct hand_rule *r = &i->h->rules[n];
		int port = i->h->by_port && r->dport && !r->dport_hi ? r->dport : -1;

		if (r->rule.flags & ZF_MARK)
			continue;
		if (r->version > 6) {
			list_add(i, -(int)r->version, -1, n);
			continue;
		}
		if (r->version != 6)
			list_add(i, pair_of(i, r, ZF_IPV4), port, n);
		if (r->version != 4)
			list_add(i, pair_of(i, r, ZF_IPV6), port, n);
	}
}

static void hand_lists(struct hand_image *i, struct zf_config *config)
{
	for (int n = 0; n < i->n_lists; n++) {
		const struct hand_list *l = &i->lists[n];
		uint32_t first = list_write(i, l);

		if (l->pair == -HAND_BAD4)
			config->bad[ZF_IPV4] = first;
		else if (l->pair == -HAND_BAD6)
			config->bad[ZF_IPV6] = first;
		else if (l->pair == -HAND_OTHER)
			config->other = first;
		else if (l->port >= 0)
			node_write(i, &i->pairs[l->pair].dport, (uint32_t)l->port, first);
		else
			i->pairs[l->pair].list = first;
	}
}

static void hand_pairs(struct hand_image *i)
{
	for (int n = 0; n < i->n_pairs; n++) {
		struct zf_block block = { .list = i->pairs[n].list, .dport = i->pairs[n].dport };
		struct zf_pair4 k4 = { .tuple = i->pairs[n].tuple };
		struct zf_pair6 k6 = { .tuple = i->pairs[n].tuple };

		memcpy(k4.dst, i->pairs[n].dst.addr, 4);
		memcpy(k4.src, i->pairs[n].src.addr, 4);
		memcpy(k6.dst, i->pairs[n].dst.addr, 16);
		memcpy(k6.src, i->pairs[n].src.addr, 16);
		if (i->pairs[n].family == ZF_IPV4)
			plane_set(i->plane, MAP_PAIR4, &k4, &block);
		else
			plane_set(i->plane, MAP_PAIR6, &k6, &block);
	}
}

void hand_write(const struct hand *h, struct plane *p)
{
	struct hand_image *i = calloc(1, sizeof(*i));
	struct zf_config config = h->config;
	uint32_t zero = 0;

	assert_non_null(i);
	i->h = h;
	i->plane = p;
	i->n_cells = 1;
	hand_place(i);
	hand_lists(i, &config);
	hand_pairs(i);
	for (uint32_t f = 0; f < 2; f++) {
		config.words[f] = ZF_TUPLE_WORDS;
		for (uint32_t t = 0; t < i->n_tuples[f]; t++) {
			uint32_t index = t + f * ZF_TUPLES;

			config.any_dst[f][t / 64] |= 1ull << t % 64;
			config.any_src[f][t / 64] |= 1ull << t % 64;
			plane_set(p, MAP_TUPLE, &index, &i->tuples[f][t]);
		}
	}
	for (uint32_t c = 1; c < i->n_cells; c++)
		plane_set(p, MAP_PORTS, &c, &i->cells[c]);
	for (uint32_t r = 0; r < h->n; r++) {
		uint32_t nr = r + 1;

		plane_set(p, MAP_RULE, &nr, &h->rules[r].rule);
	}
	plane_set(p, MAP_CONFIG, &zero, &config);
	free(i);
}
