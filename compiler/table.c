/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/table.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/hash.h>

/* Where the key is, or the unused slot where it belongs. */
static struct table_slot *find(const struct table *t, uint64_t key, const char *word)
{
	size_t i = hash_mix(key) & (t->size - 1);

	for (; t->v[i].value; i = (i + 1) & (t->size - 1)) {
		const struct table_slot *s = &t->v[i];

		if (s->key == key && (word && s->word ? !strcmp(s->word, word) : word == s->word))
			break;
	}
	return &t->v[i];
}

static void resize(struct table *t, size_t size)
{
	struct table old = *t;

	t->size = size;
	t->v = arena_make_array(t->arena, t->size, struct table_slot);
	for (size_t i = 0; i < old.size; i++)
		if (old.v[i].value)
			*find(t, old.v[i].key, old.v[i].word) = old.v[i];
}

void table_reserve(struct table *t, size_t n)
{
	size_t size = 16;

	while (size < n * 2)
		size *= 2;
	if (size > t->size)
		resize(t, size);
}

static void **slot_for(struct table *t, uint64_t key, const char *word)
{
	struct table_slot *s;

	if ((t->n + 1) * 2 > t->size)
		table_reserve(t, t->n + 1);
	s = find(t, key, word);
	if (!s->value) {
		s->key = key;
		s->word = word;
		t->n++; /* at most counts a key too often that was asked for and not set */
	}
	return &s->value;
}

void **table_at(struct table *t, uint64_t key)
{
	return slot_for(t, key, NULL);
}

void **table_at_word(struct table *t, const char *word)
{
	return slot_for(t, hash_string(0, word), word);
}

void *table_get(const struct table *t, uint64_t key)
{
	return t->size ? find(t, key, NULL)->value : NULL;
}

void *table_get_word(const struct table *t, const char *word)
{
	return t->size ? find(t, hash_string(0, word), word)->value : NULL;
}
