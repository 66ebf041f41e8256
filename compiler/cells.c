/* SPDX-License-Identifier: GPL-2.0-only */
/* cells.c - the cells of PORTS, each content once.
 *
 * Cells that the image found refers to are never written: one with the wanted
 * content is used as it is, and new contents go to free cells.  Since what a
 * cell refers to is numbered before the cell itself, an unchanged list or trie
 * is found again from its end to its beginning. */
#include <compiler/emit.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/emit_elements.h>

struct cell_lookup {
	const struct cells *cells;
	const struct zf_cell *cell;
};

static bool same_cell(const void *ctx, uint32_t number)
{
	const struct cell_lookup *l = ctx;

	return memcmp(&l->cells->known.v[number - 1].cell, l->cell, sizeof(*l->cell)) == 0;
}

/* Index in known; a new one is added without an id. */
static size_t known_index(struct cells *c, const struct zf_cell *cell)
{
	struct cell_lookup l = { c, cell };
	uint32_t number = emit_table_add(c->arena, &c->table, hash_words(cell, sizeof(*cell)), same_cell, &l,
					 (uint32_t)c->known.n + 1);

	if (number > c->known.n)
		*vec_push(c->arena, &c->known) = (struct known_cell){ .cell = *cell, .origin = ORIGIN_NONE };
	return number - 1;
}

void cells_init(struct emit *e, struct cells *ret)
{
	const struct found_array *found = &e->found.cells;

	*ret = (struct cells){ .arena = e->a, .numbers = { .used = found->used, .n = found->n } };
	for (uint32_t id = 1; id < found->n; id++) {
		size_t i;

		if (!found->used[id])
			continue;
		i = known_index(ret, found_get(found, id));
		if (!ret->known.v[i].id)
			ret->known.v[i].id = id;
	}
}

uint32_t cells_intern(struct cells *c, const struct zf_cell *cell, uint32_t origin)
{
	size_t i = known_index(c, cell);
	struct known_cell *known = &c->known.v[i];

	if (!known->id)
		known->id = free_numbers_take(&c->numbers);
	if (!known->wanted) {
		known->wanted = true;
		known->origin = origin;
		c->n_wanted++;
	}
	return known->id;
}

void cells_finish(struct cells *c, struct map_image *ret)
{
	struct elements elements = elements_of(MAP_PORTS, c->arena);

	for (size_t i = 0; i < c->known.n; i++) {
		const struct known_cell *known = &c->known.v[i];

		if (known->wanted)
			elements_add(&elements, &known->id, &known->cell, known->origin);
	}
	elements_finish(&elements, ret);
}
