/* SPDX-License-Identifier: GPL-2.0-only */
/* json_make.h - building JSON when short memory ends the program, as it does in
 * the arena: by then nothing is left to be done but to print. */
#ifndef ZFWC_JSON_MAKE_H
#define ZFWC_JSON_MAKE_H

#include <jansson.h>

/* The object, which isn't NULL. */
json_t *json_checked(json_t *object);
/* Bytes that are not UTF-8 become '?'. */
json_t *json_text(const char *s);
/* Each takes 'value' over. */
void json_put(json_t *object, const char *name, json_t *value);
void json_add(json_t *array, json_t *value);
/* One line on standard output; takes 'object' over. */
void json_say(json_t *object);

#endif
