/* SPDX-License-Identifier: GPL-2.0-only */
/* diag_wills.c - codes by name, and what the user wants of them. */
#include <compiler/base/diag.h>

#include <string.h>

#include <compiler/base/arena.h>

enum diag_code diag_code_find(const char *name, size_t len)
{
	unsigned int code = 0;

	while (code < DIAG_CODES && (strlen(diag_codes[code].name) != len || memcmp(diag_codes[code].name, name, len)))
		code++;
	return (enum diag_code)code;
}

enum diag_will diag_will_of(const struct diag_wills *w, enum diag_code code)
{
	if (!w)
		return DIAG_WILL_SHOW;
	if (w->of[code] != DIAG_WILL_UNSAID)
		return w->of[code];
	return w->refuse_all ? DIAG_WILL_REFUSE : DIAG_WILL_SHOW;
}

static const char *no_such_code(const char *name, struct arena *a)
{
	const char *names[DIAG_CODES], *near;
	size_t n = 0;

	for (unsigned int i = 0; i < DIAG_CODES; i++)
		if (diag_codes[i].severity == DIAG_WARNING)
			names[n++] = diag_codes[i].name;
	near = diag_suggest(name, names, n);
	if (near)
		return arena_printf(a, "no warning '%s'; did you mean '%s'?", name, near);
	return arena_printf(a, "no warning '%s'; zfwc-diagnostics(7) lists them", name);
}

static const char *add_code(struct diag_wills *w, const char *name, enum diag_will will, struct arena *a)
{
	enum diag_code code = diag_code_find(name, strlen(name));

	if (code == DIAG_CODES)
		return no_such_code(name, a);
	if (diag_codes[code].severity == DIAG_ERROR)
		return arena_printf(a, "'%s' is an error in any case", name);
	w->of[code] = will;
	return NULL;
}

const char *diag_wills_add(struct diag_wills *w, const char *text, struct arena *a)
{
	bool no = !strncmp(text, "no-", strlen("no-"));

	text += no ? strlen("no-") : 0;
	if (!strcmp(text, "error")) {
		w->refuse_all = !no;
		return NULL;
	}
	if (!strncmp(text, "error=", strlen("error=")))
		return add_code(w, text + strlen("error="), no ? DIAG_WILL_SHOW : DIAG_WILL_REFUSE, a);
	return add_code(w, text, no ? DIAG_WILL_HIDE : DIAG_WILL_SHOW, a);
}
