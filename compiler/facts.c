/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/facts.h>

#include <string.h>

const struct fact_interface *facts_by_name(const struct facts *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].name, name))
			return &f->v[i];
	return NULL;
}
