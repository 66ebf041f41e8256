/* SPDX-License-Identifier: GPL-2.0-only */
#include <runtime/json_make.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *json_checked(json_t *object)
{
	if (object)
		return object;
	fputs("zfwc: out of memory\n", stderr);
	exit(2);
}

json_t *json_text(const char *s)
{
	json_t *text = json_string(s);
	char *ascii;

	if (text)
		return text;
	ascii = strdup(s);
	for (char *p = ascii; p && *p; p++)
		if (*p & 0x80)
			*p = '?';
	text = ascii ? json_string(ascii) : NULL;
	free(ascii);
	return json_checked(text);
}

void json_put(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, json_checked(value)))
		json_checked(NULL);
}

void json_add(json_t *array, json_t *value)
{
	if (json_array_append_new(array, json_checked(value)))
		json_checked(NULL);
}

void json_say(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}
