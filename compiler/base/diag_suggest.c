/* SPDX-License-Identifier: GPL-2.0-only */
/* diag_suggest.c - which word was meant. */
#include <compiler/base/diag.h>

#include <string.h>
#include <strings.h>

/* Edit distance of 'a' and 'b' where swapping two neighbours is one edit.  Both
 * are at most WORD_MAX bytes. */
#define WORD_MAX 64
static unsigned int distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= nb; j++)
		last[j] = (unsigned int)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned int *spare = before;

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned int best = last[j - 1] + (a[i - 1] != b[j - 1]);

			best = last[j] + 1 < best ? last[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[nb];
}

/* "eth7" is no misspelling of "eth0", but another one. */
static bool differ_in_numbers_alone(const char *a, const char *b)
{
	static const char digits[] = "0123456789";

	for (;;) {
		a += strspn(a, digits);
		b += strspn(b, digits);
		if (*a != *b)
			return false;
		if (!*a)
			return true;
		a++;
		b++;
	}
}

/* "port-unreach" is the beginning of "port-unreachable". */
static size_t in_common(const char *a, size_t na, const char *b, size_t nb)
{
	size_t n = na < nb ? na : nb, most = na < nb ? nb : na;

	return n >= 4 && 2 * n >= most && !memcmp(a, b, n) ? n : 0;
}

/* One that begins with the word, or that the word begins with: the longest, and
 * none when two are alike. */
static const char *begun(const char *word, size_t len, const char *const *words, size_t n)
{
	const char *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < n; i++) {
		size_t common = in_common(word, len, words[i], strlen(words[i]));

		if (common > most && !differ_in_numbers_alone(word, words[i]))
			best = words[i];
		else if (common && common == most)
			best = NULL;
		most = common > most ? common : most;
	}
	return best;
}

const char *diag_suggest(const char *word, const char *const *words, size_t n)
{
	size_t len = strlen(word);
	unsigned int limit = len <= 4 ? 1 : 2;
	const char *best = NULL;

	if (len < 2 || len > WORD_MAX - 2)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t other = strlen(words[i]);
		unsigned int edits;

		if (other > len + 2 || len > other + 2 || other < 2)
			continue;
		if (!strcasecmp(word, words[i]) && strcmp(word, words[i]))
			return words[i];
		edits = distance(word, len, words[i], other);
		if (edits && edits <= limit && edits < other && !differ_in_numbers_alone(word, words[i])) {
			best = words[i];
			limit = edits - 1;
		}
	}
	return best ? best : begun(word, len, words, n);
}
