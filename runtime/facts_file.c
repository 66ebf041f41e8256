/* SPDX-License-Identifier: GPL-2.0-only */
#include <runtime/facts_file.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/facts.h>
#include <runtime/files.h>
#include <runtime/json_make.h>
#include <runtime/trouble.h>

#define MAX_INDEX 0x40000000 /* above are those that the compiler makes up */

/* ---- reading ---- */

struct reader {
	const char *file;
	struct arena *arena;
	struct trouble *t;
};

/* One member of an object, as the callers below want it. */
struct member {
	const char *name;
	int type; /* of jansson; JSON_TRUE is any truth value */
	bool required;
};

static const char *type_word(int type)
{
	switch (type) {
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "a number";
	case JSON_ARRAY:
		return "a list";
	case JSON_OBJECT:
		return "an object";
	default:
		return "true or false";
	}
}

static bool has_type(const json_t *v, int type)
{
	return type == JSON_TRUE ? json_is_boolean(v) : (int)json_typeof(v) == type;
}

static const struct member *find_member(const struct member *members, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(members[i].name, name))
			return &members[i];
	return NULL;
}

/* Nothing in the file is passed over: what isn't known is an error. */
static int check_object(struct reader *r, const json_t *object, const struct member *members, size_t n,
			const char *where)
{
	const struct member *m;
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return trouble(r->t, -EINVAL, "%s: %s isn't an object", r->file, where);
	json_object_foreach((json_t *)object, name, value)
	{
		m = find_member(members, n, name);
		if (!m)
			return trouble(r->t, -EINVAL, "%s: %s has a member '%.40s', which facts don't have", r->file,
				       where, name);
		if (!has_type(value, m->type))
			return trouble(r->t, -EINVAL, "%s: '%s' of %s isn't %s", r->file, name, where,
				       type_word(m->type));
	}
	for (size_t i = 0; i < n; i++)
		if (members[i].required && !json_object_get(object, members[i].name))
			return trouble(r->t, -EINVAL, "%s: %s has no '%s'", r->file, where, members[i].name);
	return 0;
}

static int read_address(struct reader *r, const json_t *v, const char *where, struct fact_address *ret)
{
	static const struct member members[] = {
		{ "address", JSON_STRING, true },
		{ "prefix", JSON_INTEGER, false },
		{ "secondary", JSON_TRUE, false },
		{ "unusable", JSON_TRUE, false },
	};
	const char *text = json_string_value(v);
	json_int_t prefix = 0;

	if (!text) {
		if (check_object(r, v, members, 4, where))
			return -EINVAL;
		prefix = json_integer_value(json_object_get(v, "prefix"));
		text = json_string_value(json_object_get(v, "address"));
		ret->secondary = json_is_true(json_object_get(v, "secondary"));
		ret->unusable = json_is_true(json_object_get(v, "unusable"));
	}
	if (inet_pton(AF_INET, text, ret->addr) == 1)
		ret->family = AF_INET;
	else if (inet_pton(AF_INET6, text, ret->addr) == 1)
		ret->family = AF_INET6;
	else
		return trouble(r->t, -EINVAL, "%s: '%.60s' of %s isn't an address", r->file, text, where);
	if (prefix < 0 || prefix > (ret->family == AF_INET ? 32 : 128))
		return trouble(r->t, -EINVAL, "%s: the prefix of %s is out of range", r->file, where);
	ret->prefix_len = (uint8_t)prefix;
	return 0;
}

static int read_addresses(struct reader *r, const json_t *list, struct fact_interface *ret)
{
	ret->n_addrs = json_array_size(list);
	ret->addrs = arena_make_array(r->arena, ret->n_addrs, struct fact_address);
	for (size_t i = 0; i < ret->n_addrs; i++) {
		const char *where = arena_printf(r->arena, "address %zu of interface '%s'", i + 1, ret->name);

		if (read_address(r, json_array_get(list, i), where, &ret->addrs[i]))
			return -EINVAL;
	}
	return 0;
}

static bool is_name(const char *s)
{
	size_t len = strlen(s);

	return len && len < IFNAMSIZ && !strpbrk(s, "/: \t\n\v\f\r") && strcmp(s, ".") && strcmp(s, "..");
}

static int read_interface(struct reader *r, const json_t *v, size_t number, struct fact_interface *ret)
{
	static const struct member members[] = {
		{ "name", JSON_STRING, true },	  { "index", JSON_INTEGER, true },    { "loopback", JSON_TRUE, false },
		{ "ethernet", JSON_TRUE, false }, { "addresses", JSON_ARRAY, false },
	};
	const char *where = arena_printf(r->arena, "interface %zu", number);
	const char *name;
	json_int_t index;

	if (check_object(r, v, members, 5, where))
		return -EINVAL;
	name = json_string_value(json_object_get(v, "name"));
	index = json_integer_value(json_object_get(v, "index"));
	if (!is_name(name))
		return trouble(r->t, -EINVAL, "%s: '%.60s' of %s can't be the name of an interface", r->file, name,
			       where);
	if (index < 1 || index >= MAX_INDEX)
		return trouble(r->t, -EINVAL, "%s: the index of '%s' is out of range 1-%d", r->file, name,
			       MAX_INDEX - 1);
	*ret = (struct fact_interface){
		.name = arena_strndup(r->arena, name, strlen(name)),
		.index = (uint32_t)index,
		.loopback = json_is_true(json_object_get(v, "loopback")),
		.no_ethernet = json_is_false(json_object_get(v, "ethernet")),
	};
	return read_addresses(r, json_object_get(v, "addresses"), ret);
}

static int by_index(const void *x, const void *y)
{
	const struct fact_interface *a = x, *b = y;

	return a->index < b->index ? -1 : a->index > b->index;
}

static int by_name(const void *x, const void *y)
{
	return strcmp((*(const struct fact_interface *const *)x)->name,
		      (*(const struct fact_interface *const *)y)->name);
}

static int check_unique(struct reader *r, const struct fact_interface *v, size_t n)
{
	const struct fact_interface **names = arena_make_array(r->arena, n, const struct fact_interface *);

	for (size_t i = 0; i < n; i++)
		names[i] = &v[i];
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 1; i < n; i++) {
		if (v[i].index == v[i - 1].index)
			return trouble(r->t, -EINVAL, "%s: '%s' and '%s' have the same index %u", r->file,
				       v[i - 1].name, v[i].name, v[i].index);
		if (!strcmp(names[i]->name, names[i - 1]->name))
			return trouble(r->t, -EINVAL, "%s: there are two interfaces named '%s'", r->file,
				       names[i]->name);
	}
	return 0;
}

static int read_facts(struct reader *r, const json_t *root, struct facts *ret)
{
	static const struct member members[] = { { "interfaces", JSON_ARRAY, true } };
	struct fact_interface *v;
	const json_t *list;
	size_t n;

	if (check_object(r, root, members, 1, "the file"))
		return -EINVAL;
	list = json_object_get(root, "interfaces");
	n = json_array_size(list);
	v = arena_make_array(r->arena, n, struct fact_interface);
	for (size_t i = 0; i < n; i++)
		if (read_interface(r, json_array_get(list, i), i + 1, &v[i]))
			return -EINVAL;
	if (n)
		qsort(v, n, sizeof(*v), by_index);
	if (n && check_unique(r, v, n))
		return -EINVAL;
	*ret = (struct facts){ .v = v, .n = n };
	return 0;
}

int facts_read(const char *path, struct arena *a, struct facts *ret, struct trouble *t)
{
	struct reader r = { .arena = a, .t = t };
	struct file_text file;
	json_error_t error;
	json_t *root;
	int result;

	result = file_read(path, a, &file, t);
	if (result)
		return result;
	r.file = file.name;
	root = json_loadb(file.text, file.len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		return trouble(t, -EINVAL, "%s:%d:%d: not JSON: %s", r.file, error.line, error.column, error.text);
	result = read_facts(&r, root, ret);
	json_decref(root);
	return result;
}

/* ---- printing ---- */

static json_t *address_object(const struct fact_address *a)
{
	json_t *o = json_checked(json_object());
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(a->family, a->addr, text, sizeof(text));
	json_put(o, "address", json_text(text));
	json_put(o, "prefix", json_integer(a->prefix_len));
	json_put(o, "secondary", json_boolean(a->secondary));
	json_put(o, "unusable", json_boolean(a->unusable));
	return o;
}

static json_t *interface_object(const struct fact_interface *f)
{
	json_t *o = json_checked(json_object()), *addresses = json_checked(json_array());

	for (size_t i = 0; i < f->n_addrs; i++)
		json_add(addresses, address_object(&f->addrs[i]));
	json_put(o, "name", json_text(f->name));
	json_put(o, "index", json_integer(f->index));
	json_put(o, "loopback", json_boolean(f->loopback));
	json_put(o, "ethernet", json_boolean(!f->no_ethernet));
	json_put(o, "addresses", addresses);
	return o;
}

void facts_print(const struct facts *facts)
{
	json_t *root = json_checked(json_object()), *list = json_checked(json_array());

	for (size_t i = 0; i < facts->n; i++)
		json_add(list, interface_object(&facts->v[i]));
	json_put(root, "interfaces", list);
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}
