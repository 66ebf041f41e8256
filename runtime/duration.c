/* SPDX-License-Identifier: GPL-2.0-only */
#include <runtime/duration.h>

#include <stddef.h>
#include <string.h>

/* In this order may they stand, each once. */
static const struct unit {
	const char *name;
	uint64_t ms;
} units[] = { { "d", 24 * 3600 * 1000 }, { "h", 3600 * 1000 }, { "m", 60 * 1000 }, { "s", 1000 }, { "ms", 1 } };
#define N_UNITS (sizeof(units) / sizeof(units[0]))
#define SECONDS 3

static const char *read_number(const char *s, uint64_t *ret)
{
	if (*s < '0' || *s > '9')
		return NULL;
	for (*ret = 0; *s >= '0' && *s <= '9'; s++) {
		*ret = *ret * 10 + (uint64_t)(*s - '0');
		if (*ret > DURATION_MAX_MS)
			return NULL;
	}
	return s;
}

/* The unit that begins at *s, from 'first' on; N_UNITS: none. */
static size_t read_unit(const char **s, size_t first)
{
	size_t len = strspn(*s, "dhms");

	for (size_t i = first; i < N_UNITS; i++) {
		if (strlen(units[i].name) != len || strncmp(*s, units[i].name, len) != 0)
			continue;
		*s += len;
		return i;
	}
	return N_UNITS;
}

int duration_read(const char *text, uint64_t *ms)
{
	uint64_t sum = 0, number;
	size_t next = 0, unit;
	const char *s = text;

	do {
		s = read_number(s, &number);
		if (!s)
			return -1;
		unit = !*s && !next ? SECONDS : read_unit(&s, next);
		if (unit == N_UNITS || number > DURATION_MAX_MS / units[unit].ms)
			return -1;
		sum += number * units[unit].ms;
		next = unit + 1;
	} while (*s);
	if (sum > DURATION_MAX_MS)
		return -1;
	*ms = sum;
	return 0;
}
