/* SPDX-License-Identifier: GPL-2.0-only */
/* resolve_named.c - named sets and maps: their types, their elements, and what
 * refers to them. */
#include <compiler/resolve.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/value.h>

/* ---- types ---- */

static struct span type_span(const struct ast_set *set)
{
	return span_known(set->type_span) ? set->type_span : set->name_span;
}

static const char *set_word(const struct ast_set *set)
{
	return set->is_map ? "map" : "set";
}

/* The next part of a type, or "verdict", which is none. */
static bool add_part(struct resolve *r, struct ast_datatype *parts, unsigned int *n, struct ast_datatype t,
		     struct span at)
{
	if (*n == AST_MAX_CONCAT) {
		diag_error(r->d, DIAG_BAD_SET, at, "a concatenation has at most %d parts", AST_MAX_CONCAT);
		return false;
	}
	parts[(*n)++] = t;
	return true;
}

static void unknown_type(struct resolve *r, const struct ast_value *word)
{
	const char *names[TYPE_COUNT], *near;
	size_t n = 0;

	for (enum ast_type t = TYPE_NONE + 1; t < TYPE_COUNT; t++)
		if (*ast_type_name(t))
			names[n++] = ast_type_name(t);
	diag_error(r->d, DIAG_UNKNOWN_TYPE, word->span,
		   "unknown type '%s'; sets of addresses have ipv4_addr or ipv6_addr, of ports inet_service",
		   word->text);
	near = resolve_may_suggest(r) ? diag_suggest(word->text, names, n) : NULL;
	if (near)
		diag_did_you_mean(r->d, word->span, near, SPAN_NONE);
}

static bool type_of_word(struct resolve *r, const struct ast_value *word, struct ast_datatype *ret)
{
	enum ast_type t = ast_type_by_name(word->text);

	if (t != TYPE_NONE) {
		*ret = (struct ast_datatype){ t, (uint16_t)ast_type_bits(t), FIELD_NONE };
		return true;
	}
	if (!strcmp(word->text, "integer") || !strcmp(word->text, "string"))
		diag_error(r->d, DIAG_BAD_SET, word->span,
			   "type '%s' doesn't say how long it is, write 'typeof' and a field", word->text);
	else if (!strcmp(word->text, "verdict"))
		diag_error(r->d, DIAG_BAD_SET, word->span,
			   "verdicts are the data of maps, as in 'type ipv4_addr : verdict'");
	else
		unknown_type(r, word);
	return false;
}

static bool add_word(struct resolve *r, const struct ast_value *word, struct ast_datatype *parts, unsigned int *n)
{
	struct ast_datatype t;

	return type_of_word(r, word, &t) && add_part(r, parts, n, t, word->span);
}

static bool types_of_words(struct resolve *r, const struct ast_value *v, struct ast_datatypes *ret)
{
	struct ast_datatype *parts = arena_make_array(r->a, AST_MAX_CONCAT, struct ast_datatype);
	bool good = true;

	ret->part = parts;
	if (v->kind != VALUE_CONCAT)
		return add_word(r, v, parts, &ret->n);
	for (const struct ast_value *i = v->items; i && good; i = i->next)
		good = add_word(r, i, parts, &ret->n);
	return good;
}

static bool check_length(struct resolve *r, const struct ast_datatypes *t, struct span at)
{
	if (resolve_key_length(t) <= RESOLVE_MAX_KEY)
		return true;
	diag_error(r->d, DIAG_BAD_SET, at, "a concatenation of %u bytes is too long, at most %d are allowed",
		   resolve_key_length(t), RESOLVE_MAX_KEY);
	return false;
}

static bool is_verdict(const struct ast_value *words)
{
	return words && words->kind == VALUE_WORD && !strcmp(words->text, "verdict");
}

static int bind_types(struct resolve *r, struct ast_value *words, struct ast_value *fields, struct span at,
		      struct ast_datatypes *ret)
{
	bool good;

	*ret = (struct ast_datatypes){ 0 };
	if (words)
		good = types_of_words(r, words, ret);
	else
		good = resolve_typeof(r, fields, ret);
	if (!good || !check_length(r, ret, at))
		*ret = (struct ast_datatypes){ 0 };
	return ret->n ? 0 : -1;
}

/* ---- headers ---- */

static void refuse_flags(struct resolve *r, const struct ast_set *set, const char *why)
{
	struct span at = span_known(set->flags_span) ? set->flags_span : type_span(set);

	diag_error(r->d, DIAG_BAD_SET, at, "%s '%s' can't have these flags: %s", set_word(set), set->name, why);
}

static void check_flags(struct resolve *r, const struct ast_set *set)
{
	bool timeout = set->has_timeout_flag || set->timeout;

	if (set->constant && timeout)
		refuse_flags(r, set, "what is constant has no timeouts");
	if (set->dynamic && set->interval)
		refuse_flags(r, set, "packets add single values, not intervals");
	if (set->auto_merge && !set->interval)
		refuse_flags(r, set, "'auto-merge' goes with 'flags interval'");
	if (set->auto_merge && set->is_map)
		refuse_flags(r, set, "elements of a map are never merged");
	if (set->gc_interval && !timeout)
		refuse_flags(r, set, "'gc-interval' goes with 'flags timeout'");
	if (set->type == TYPE_IFINDEX && set->interval)
		diag_error(r->d, DIAG_BAD_SET, type_span(set), "a set of type %s can't have intervals",
			   ast_type_name(set->type));
}

/* Without a type, or without that of a map's data, the parser has said what is wrong. */
void resolve_set_header(struct resolve *r, struct ast_set *set)
{
	set->data = (struct ast_datatypes){ 0 };
	set->key = (struct ast_datatypes){ 0 };
	if ((!set->type_words && !set->type_of) || (set->is_map && !set->data_words && !set->data_type_of))
		return;
	if (bind_types(r, set->type_words, set->type_of, type_span(set), &set->key))
		return;
	set->is_vmap = is_verdict(set->data_words);
	if (set->is_map && !set->is_vmap &&
	    bind_types(r, set->data_words, set->data_type_of, type_span(set), &set->data)) {
		set->key.n = 0;
		return;
	}
	set->type = set->key.n == 1 ? set->key.part[0].type : TYPE_NONE;
	check_flags(r, set);
}

/* ---- elements ---- */

static const struct ast_value *key_of(const struct ast_value *v)
{
	return v->kind == VALUE_MAPPING ? v->left : v;
}

static const char *interval_word(const struct ast_value *key)
{
	return key->kind == VALUE_RANGE ? "range" : key->kind == VALUE_PREFIX ? "prefix" : "range or prefix";
}

/* Before they are bound: 10.0.0.1/32 is a prefix too. */
static bool has_refused_intervals(struct resolve *r, const struct ast_set *set, const struct ast_value *items)
{
	bool found = false;

	if (set->interval)
		return false;
	for (; items; items = items->next) {
		if (!resolve_has_interval(items))
			continue;
		diag_error(r->d, DIAG_NEEDS_INTERVAL, items->span, "a %s needs 'flags interval' in the %s",
			   interval_word(key_of(items)), set_word(set));
		diag_note(r->d, set->name_span, "%s '%s' is declared here", set_word(set), set->name);
		found = true;
	}
	return found;
}

static void check_timeouts(struct resolve *r, const struct ast_set *set, const struct ast_value *v)
{
	bool allowed = set->has_timeout_flag || set->timeout;
	uint64_t timeout = v->attr->timeout ? v->attr->timeout : set->timeout;

	if ((v->attr->timeout || v->attr->expires) && !allowed) {
		diag_error(r->d, DIAG_BAD_SET, v->span, "a timeout needs 'flags timeout' in the %s", set_word(set));
		diag_note(r->d, set->name_span, "%s '%s' is declared here", set_word(set), set->name);
	} else if (v->attr->expires > timeout) {
		diag_error(r->d, DIAG_OUT_OF_RANGE, v->span, "an element can't expire later than its timeout");
	}
}

/* A timeout that is the set's own says nothing, and nft doesn't list it. */
static void drop_default_timeout(struct resolve *r, const struct ast_set *set, struct ast_value *v)
{
	struct ast_attributes *own;

	if (!v->attr->timeout || v->attr->timeout != set->timeout)
		return;
	own = arena_make(r->a, struct ast_attributes); /* what is written may be shared by a variable's uses */
	*own = *v->attr;
	own->timeout = 0;
	v->attr = own;
}

static void bind_attributes(struct resolve *r, const struct ast_set *set, struct ast_value *items)
{
	for (struct ast_value *v = items; v; v = v->next) {
		if (!v->attr)
			continue;
		check_timeouts(r, set, v);
		drop_default_timeout(r, set, v);
		if (!v->attr->has_counter || set->counter)
			continue;
		diag_error(r->d, DIAG_BAD_SET, v->span, "a counter of an element needs 'counter' in the %s",
			   set_word(set));
		diag_note(r->d, set->name_span, "%s '%s' is declared here", set_word(set), set->name);
	}
}

/* Adds the elements that a block writes to what is known of its set. */
void resolve_set_elements(struct resolve *r, struct known_set *known, struct ast_set *block)
{
	const struct ast_set *set = known->set;
	struct shape shape = { .key = set->key, .map = set->is_map, .data = set->data, .keys_alone = known->keys };
	struct ast_value *items = block->elements;

	block->elements = NULL;
	if (!set->key.n || has_refused_intervals(r, set, items))
		return;
	items = resolve_items(r, items, &shape);
	if (has_refused_intervals(r, set, items)) /* out of variables */
		return;
	bind_attributes(r, set, items);
	for (*known->elements_end = items; *known->elements_end;)
		known->elements_end = &(*known->elements_end)->next;
}

static void check_size(struct resolve *r, const struct ast_set *set)
{
	uint64_t n = 0;

	if (!set->size)
		return;
	for (const struct ast_value *v = set->elements; v; v = v->next)
		if (n++ == set->size) {
			diag_error(r->d, DIAG_BAD_SET, v->span, "more elements than the size of the %s, %llu",
				   set_word(set), (unsigned long long)set->size);
			diag_note(r->d, set->name_span, "%s '%s' is declared here", set_word(set), set->name);
		}
}

void resolve_set_finish(struct resolve *r, struct ast_set *set)
{
	enum set_merge merge = !set->interval			 ? SET_KEEP
			       : set->auto_merge && !set->is_map ? SET_MERGE
								 : SET_REFUSE_OVERLAP;

	if (!set->key.n)
		return;
	set->elements = resolve_sort(r, set->elements, &set->key, merge);
	check_size(r, set);
}

/* ---- references ---- */

static struct ast_value *wrong_set(struct resolve *r, const struct ast_value *v, const struct ast_set *set,
				   const char *why)
{
	diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "%s '%s' %s", set_word(set), set->name, why);
	diag_note(r->d, set->name_span, "%s '%s' is declared here", set_word(set), set->name);
	return NULL;
}

static bool same_data(const struct ast_set *set, const struct shape *shape)
{
	return set->is_map == shape->map &&
	       (!shape->map || (set->is_vmap == !shape->data.n && datatypes_same(&set->data, &shape->data)));
}

static struct ast_value *wrong_data(struct resolve *r, const struct ast_value *v, const struct ast_set *set,
				    const struct shape *shape)
{
	if (!set->is_map)
		return wrong_set(r, v, set, "has no data, this needs a map");
	if (!shape->map)
		return wrong_set(r, v, set, "can't be matched against, this needs a set");
	return wrong_set(r, v, set,
			 arena_printf(r->a, "has data of type %s, this needs %s",
				      set->is_vmap ? "verdict" : datatypes_describe(r->a, &set->data),
				      shape->data.n ? datatypes_describe(r->a, &shape->data) : "verdict"));
}

struct ast_value *resolve_setref(struct resolve *r, struct ast_value *v, const struct shape *shape)
{
	struct known_set *known = resolve_need_set(r, v->text, v->span, shape->map);
	const struct ast_set *set;

	if (!known || !known->set->key.n)
		return NULL;
	set = known->set;
	if (!datatypes_same(&set->key, &shape->key))
		return wrong_set(r, v, set,
				 arena_printf(r->a, "has type %s, this needs %s", datatypes_describe(r->a, &set->key),
					      datatypes_describe(r->a, &shape->key)));
	if (!same_data(set, shape))
		return wrong_data(r, v, set, shape);
	v->set = known->set;
	known->set->used = true;
	return v;
}
