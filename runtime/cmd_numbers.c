/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_numbers.c - by which numbers the maps know counters. */
#include <runtime/cmd_numbers.h>

#include <stdlib.h>

#include <compiler/base/arena.h>
#include <compiler/ir.h>
#include <runtime/cmd_installed.h>

static int compare_places(const struct number *x, const struct number *y)
{
	uintptr_t a = (uintptr_t)x->owner, b = (uintptr_t)y->owner;

	if (a != b)
		return a < b ? -1 : 1;
	return (x->nth > y->nth) - (x->nth < y->nth);
}

static int compare(const void *x, const void *y)
{
	const struct number *a = x, *b = y;
	int r = compare_places(a, b);

	return r ? r : (a->id > b->id) - (a->id < b->id);
}

static int compare_key(const void *key, const void *element)
{
	return compare_places(key, element);
}

static void sort_unique(struct numbers *numbers)
{
	size_t kept = 0;

	if (numbers->n)
		qsort(numbers->v, numbers->n, sizeof(*numbers->v), compare);
	for (size_t i = 0; i < numbers->n; i++)
		if (!kept || compare_places(&numbers->v[kept - 1], &numbers->v[i]))
			numbers->v[kept++] = numbers->v[i];
	numbers->n = kept;
}

static const void *owner_of(const struct ir_counter *c)
{
	if (c->source)
		return c->source;
	return c->object ? (const void *)c->object : c->element;
}

struct numbers numbers_of_counters(const struct installed *i, struct arena *a)
{
	const struct ir *ir = i->compiled.ir;
	struct numbers numbers = { .v = arena_make_array(a, ir->n_counters, struct number) };

	for (size_t k = 0; k < ir->n_counters; k++)
		numbers.v[numbers.n++] = (struct number){ owner_of(&ir->counters[k]), ir->counters[k].nth,
							  i->meant.counter_ids[k] };
	sort_unique(&numbers);
	return numbers;
}

const struct number *number_find(const struct numbers *numbers, const void *owner, unsigned int nth)
{
	struct number key = { owner, nth, 0 };

	return numbers->n ? bsearch(&key, numbers->v, numbers->n, sizeof(key), compare_key) : NULL;
}
