/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include <compiler/base/arena.h>
#include <compiler/base/diag.h>
#include <tests/unit/emit_harness.h>

const struct emit_options emit_test_options = { .mark = 0x5a };

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void emit(const struct ir *ir, const struct image *found, struct arena *a, struct image *ret)
{
	struct sources sources = { .arena = a };
	struct diag d = { .arena = a, .sources = &sources };

	if (emit_image(ir, &random_facts, &emit_test_options, found, &d, a, ret) < 0)
		fail_msg("emit_image: %s", d.n ? d.v[0].text : "failed without a message");
	assert_int_equal(d.errors, 0);
}

/* ---- images as the kernel would have them ---- */

static int count_change(const struct change *c, void *ctx)
{
	struct counting *counting = ctx;

	counting->n++;
	counting->by_map[c->map]++;
	return 0;
}

struct counting count_changes(const struct image *found, const struct image *wanted)
{
	struct counting c = { 0 };

	image_diff(found, wanted, count_change, &c);
	return c;
}

struct applying {
	struct map_image *to;
	size_t i; /* of the map as it was: copied so far */
	const struct map_image *from;
	const struct map_desc *desc;
};

static void append(struct applying *x, const uint8_t *key, const uint8_t *value)
{
	memcpy(x->to->keys + x->to->n * x->desc->key_size, key, x->desc->key_size);
	memcpy(x->to->values + x->to->n * x->desc->value_size, value, x->desc->value_size);
	x->to->n++;
}

static bool key_less(const struct map_desc *m, const uint8_t *x, const uint8_t *y)
{
	uint32_t i, j;

	if (!m->is_array)
		return memcmp(x, y, m->key_size) < 0;
	memcpy(&i, x, sizeof(i));
	memcpy(&j, y, sizeof(j));
	return i < j;
}

/* Copies what stands before 'key'; true when the next element has that key. */
static bool copy_until(struct applying *x, const uint8_t *key)
{
	const struct map_desc *m = x->desc;

	for (; x->i < x->from->n; x->i++) {
		const uint8_t *next = x->from->keys + x->i * m->key_size;

		if (key && !key_less(m, next, key))
			return memcmp(next, key, m->key_size) == 0;
		append(x, next, x->from->values + x->i * m->value_size);
	}
	return false;
}

static int apply_change(const struct change *c, void *ctx)
{
	struct applying *x = ctx;
	bool there = copy_until(x, c->key);

	assert_int_equal(there, c->kind != CHANGE_ADD);
	if (there) {
		assert_memory_equal(c->old, x->from->values + x->i * x->desc->value_size, x->desc->value_size);
		x->i++;
	}
	if (c->kind != CHANGE_DELETE)
		append(x, c->key, c->value);
	return 0;
}

void apply_scope(const struct image *found, const struct image *wanted, enum map_scope scope, struct arena *a,
		 struct image *ret)
{
	for (int i = 0; i < MAP_COUNT; i++) {
		struct map_image *to = &ret->maps[i];
		const struct map_image from = found->maps[i]; /* 'ret' may be 'found' */
		struct applying x = { .to = to, .from = &from, .desc = &map_descs[i] };
		size_t most = from.n + wanted->maps[i].n;

		if (x.desc->scope != scope)
			continue;
		*to = (struct map_image){ .capacity = wanted->maps[i].capacity };
		to->keys = arena_array(a, most, x.desc->key_size);
		to->values = arena_array(a, most, x.desc->value_size);
		map_diff(i, x.from, &wanted->maps[i], apply_change, &x);
		copy_until(&x, NULL);
	}
}

void apply_all(struct image *kernel, const struct image *wanted, struct arena *a)
{
	apply_scope(kernel, wanted, SCOPE_SHARED, a, kernel);
	apply_scope(kernel, wanted, SCOPE_SWITCHED, a, kernel);
}

void assert_canonical(const struct image *image)
{
	for (int i = 0; i < MAP_COUNT; i++) {
		const struct map_desc *m = &map_descs[i];
		const struct map_image *v = &image->maps[i];

		for (size_t j = 1; j < v->n; j++)
			assert_true(key_less(m, v->keys + (j - 1) * m->key_size, v->keys + j * m->key_size));
		if (m->is_array && v->n)
			assert_in_range(*(uint32_t *)(v->keys + (v->n - 1) * 4), 0, v->capacity - 1);
		else if (m->scope == SCOPE_SWITCHED)
			assert_in_range(v->n, 0, v->capacity);
	}
}

void assert_holds(const struct image *kernel, const struct image *wanted)
{
	assert_int_equal(count_changes(kernel, wanted).n, 0);
	for (int i = 0; i < MAP_COUNT; i++)
		if (map_descs[i].scope == SCOPE_SWITCHED)
			assert_int_equal(kernel->maps[i].n, wanted->maps[i].n);
}

/* ---- judging ---- */

static void fail_with_dump(const struct model_packet *p, const struct model_trace *ir, const struct model_trace *image,
			   const char *what)
{
	print_error("%s: kind %d ifindex %u proto %u l4 %d dport %u sport %u nd %d\n", what, p->kind, p->ifindex,
		    p->proto, p->has_l4, p->dport, p->sport, p->is_nd);
	print_error("dst %016llx%016llx src %016llx%016llx\n", (unsigned long long)(p->dst >> 64),
		    (unsigned long long)p->dst, (unsigned long long)(p->src >> 64), (unsigned long long)p->src);
	for (size_t i = 0; i < ir->n || i < image->n; i++)
		print_error("ir %016llx image %016llx\n", i < ir->n ? (unsigned long long)ir->identities[i] : 0,
			    i < image->n ? (unsigned long long)image->identities[i] : 0);
	fail_msg("the image chooses other rules than the IR");
}

void assert_judges(const struct rule_list *l, const struct ir *ir, const struct image *image, unsigned int n,
		   const char *what)
{
	static struct model_trace by_ir, by_image;

	for (unsigned int i = 0; i < n; i++) {
		struct model_packet p;

		random_packet(l, &p);
		model_judge_ir(ir, &p, &by_ir);
		model_judge_image(image, &p, &by_image);
		if (!model_same(&by_ir, &by_image))
			fail_with_dump(&p, &by_ir, &by_image, what);
	}
}

/* ---- rules by hand ---- */

static const struct ir_interfaces all_interfaces = { .n = 4, .v = (const uint32_t[]){ 1, 2, 3, 4 }, .hash = 1 };

struct ir_rule *new_rule(struct rule_list *l)
{
	struct ir_rule *r = arena_make(l->a, struct ir_rule);

	r->families = IR_V4;
	r->interfaces = &all_interfaces;
	r->identity = random_u64(l->random);
	r->verdict = IR_DROP;
	return r;
}

void set_dport(struct arena *a, struct ir_rule *r, uint8_t proto, uint16_t lo, uint16_t hi)
{
	struct ir_range *v = arena_make_array(a, 2, struct ir_range);

	v[0] = (struct ir_range){ proto, proto };
	v[1] = (struct ir_range){ lo, hi };
	r->protos = (struct ir_ranges){ 1, &v[0] };
	r->dports = (struct ir_ranges){ 1, &v[1] };
	r->need_l4 = true;
}

void set_dst4(struct arena *a, struct ir_rule *r, uint32_t addr, unsigned int len)
{
	struct addr_range *v = arena_make(a, struct addr_range);

	*v = (struct addr_range){ addr, addr | (((u128)1 << (32 - len)) - 1) };
	r->dst4 = addr_set_make(a, 32, v, 1);
}

const struct addr_set *hosts(struct arena *a, uint32_t first, size_t n)
{
	struct addr_range *v = arena_make_array(a, n, struct addr_range);

	for (size_t i = 0; i < n; i++)
		v[i].lo = v[i].hi = first + i * 2;
	return addr_set_make(a, 32, v, n);
}
