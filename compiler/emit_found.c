/* SPDX-License-Identifier: GPL-2.0-only */
/* emit_found.c - which elements of the shared maps the image found refers to.
 *
 * From the blocks of PAIR4 and PAIR6 and the lists of CONFIG to cells, from
 * their entries to rules, from those to the marks at which they resume, to ops,
 * and to counters, limits and timers.  What
 * isn't reached is free.  The maps may hold anything, for instance when somebody
 * wrote to them: a reference that leads nowhere is ignored, a cycle ends. */
#include <compiler/emit.h>

#include <string.h>

#include <compiler/base/arena.h>

/* Indexes above belong to no map that we make. */
#define INDEX_MAX (1u << 28)

enum cell_use { USED_AS_LIST = 1, USED_AS_NODE = 2 };

static uint32_t key_at(const struct map_image *m, size_t i)
{
	uint32_t key;

	memcpy(&key, m->keys + i * sizeof(key), sizeof(key));
	return key;
}

static void array_read(struct found_array *f, const struct image *image, enum map_id map, struct arena *a)
{
	const struct map_image *m = &image->maps[map];
	size_t n = m->n;

	while (n && key_at(m, n - 1) >= INDEX_MAX)
		n--;
	*f = (struct found_array){ .map = m, .value_size = map_descs[map].value_size };
	f->n = n ? key_at(m, n - 1) + 1 : 0;
	f->at = arena_make_array(a, f->n, uint32_t);
	f->used = arena_make_array(a, f->n, uint8_t);
	for (size_t i = 0; i < n; i++)
		f->at[key_at(m, i)] = (uint32_t)i + 1;
}

const void *found_get(const struct found_array *f, uint32_t index)
{
	if (index >= f->n || !f->at[index])
		return NULL;
	return f->map->values + (f->at[index] - 1) * f->value_size;
}

static void use_rule(struct found *f, uint32_t id)
{
	const struct zf_rule *r = found_get(&f->rules, id);

	if (r && id != 0 && !(r->flags & ZF_MARK))
		f->rules.used[id] = 1;
}

static void use_list(struct found *f, uint32_t cell)
{
	for (;;) {
		const struct zf_cell *c = found_get(&f->cells, cell);

		if (!c || cell == 0 || f->cells.used[cell] & USED_AS_LIST)
			return;
		f->cells.used[cell] |= USED_AS_LIST;
		for (int i = 0; i < ZF_CELL_ENTRIES; i++)
			use_rule(f, c->entries[i].rule);
		cell = c->next;
	}
}

/* 'levels' more nodes may follow one another. */
static void use_ref(struct found *f, uint32_t ref, unsigned int levels)
{
	uint32_t cell = ref & ~ZF_REF_NODE;
	const struct zf_cell *c;

	if (!(ref & ZF_REF_NODE)) {
		use_list(f, cell);
		return;
	}
	c = found_get(&f->cells, cell);
	if (!c || levels == 0 || f->cells.used[cell] & USED_AS_NODE)
		return;
	f->cells.used[cell] |= USED_AS_NODE;
	for (int i = 0; i < 16; i++)
		use_ref(f, c->slots[i], levels - 1);
}

static void use_blocks(struct found *f, enum map_id map)
{
	const struct map_image *m = &f->image->maps[map];
	struct zf_block b;

	for (size_t i = 0; i < m->n; i++) {
		memcpy(&b, m->values + i * sizeof(b), sizeof(b));
		use_ref(f, b.list, 0);
		use_ref(f, b.dport, 4);
		use_ref(f, b.sport, 4);
	}
}

static void use_config(struct found *f)
{
	const struct map_image *m = &f->image->maps[MAP_CONFIG];
	struct zf_config c;

	if (m->n == 0)
		return;
	memcpy(&c, m->values, sizeof(c));
	use_ref(f, c.other, 0);
	for (int i = 0; i < ZF_FAMILIES; i++)
		use_ref(f, c.bad[i], 0);
}

static void use_mark(struct found *f, uint32_t id)
{
	const struct zf_rule *r = found_get(&f->rules, id);

	if (r && id != 0 && r->flags & ZF_MARK)
		f->rules.used[id] = 1;
}

static void use_state(struct found *f, struct arena *a, enum state_kind kind, uint64_t identity, uint32_t number)
{
	struct found_states *s = &f->states[kind];

	if (number == 0 || number >= INDEX_MAX)
		return;
	*vec_push(a, &s->list) = (struct found_state){ identity, number };
	if (number >= s->n)
		s->n = number + 1;
}

static void use_state_of_op(struct found *f, struct arena *a, const struct zf_op *op)
{
	switch (op->kind) {
	case ZF_OP_COUNT:
		use_state(f, a, STATE_COUNTER, op->identity, op->number);
		break;
	case ZF_OP_LIMIT:
		use_state(f, a, STATE_LIMIT, op->identity, op->number);
		break;
	case ZF_OP_ALIVE:
		use_state(f, a, STATE_TIMER, op->identity, op->number);
		break;
	case ZF_OP_COMPARE:
		if (op->flags & ZF_OP_IN_SET)
			use_state(f, a, STATE_SET, op->identity, op->number);
		break;
	}
}

static void use_ops(struct found *f, struct arena *a, uint32_t id)
{
	const struct zf_op *op;

	for (; id && (op = found_get(&f->ops, id)) && !f->ops.used[id]; id = op->next) {
		f->ops.used[id] = 1;
		use_state_of_op(f, a, op);
	}
}

static void use_rest(struct found *f, struct arena *a)
{
	for (uint32_t id = 1; id < f->rules.n; id++) {
		const struct zf_rule *r = found_get(&f->rules, id);

		if (!r || !f->rules.used[id] || r->flags & ZF_MARK)
			continue;
		use_mark(f, r->resume_mark);
		use_mark(f, r->otherwise_mark);
		use_state(f, a, STATE_COUNTER, r->counter_identity, r->counter);
		if (r->flags & ZF_HAS_OPS)
			use_ops(f, a, r->ops);
	}
	for (int kind = 0; kind < STATE_KINDS; kind++) {
		struct found_states *s = &f->states[kind];

		s->used = arena_make_array(a, s->n, uint8_t);
		for (size_t i = 0; i < s->list.n; i++)
			s->used[s->list.v[i].number] = 1;
	}
}

void found_read(const struct image *image, struct arena *a, struct found *ret)
{
	static const struct image nothing;

	*ret = (struct found){ .image = image ? image : &nothing };
	array_read(&ret->cells, ret->image, MAP_PORTS, a);
	array_read(&ret->rules, ret->image, MAP_RULE, a);
	array_read(&ret->ops, ret->image, MAP_OPS, a);
	use_blocks(ret, MAP_PAIR4);
	use_blocks(ret, MAP_PAIR6);
	use_config(ret);
	use_rest(ret, a);
}

uint32_t free_numbers_take(struct free_numbers *f)
{
	do
		f->last++;
	while (f->last < f->n && f->used[f->last]);
	return f->last;
}
