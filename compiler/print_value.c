/* SPDX-License-Identifier: GPL-2.0-only */
/* print_value.c - constants, sets and what is looked at. */
#include <compiler/print.h>

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/names.h>

/* ---- numbers ---- */

static void put_numeric_classid(struct buf *out, uint64_t number)
{
	buf_printf(out, "%" PRIx64 ":%" PRIx64, number >> 16, number & 0xffff);
}

static void put_classid(struct buf *out, uint64_t number)
{
	if (number == UINT32_MAX)
		buf_puts(out, "root");
	else if (!number)
		buf_puts(out, "none");
	else
		put_numeric_classid(out, number);
}

/* Without looking for a name. */
static void put_plain_number(struct buf *out, uint64_t number, enum ast_type type)
{
	switch (type) {
	case TYPE_MARK:
		buf_printf(out, "0x%08" PRIx64, number);
		break;
	case TYPE_ETHERTYPE:
		buf_printf(out, "0x%04" PRIx64, number);
		break;
	case TYPE_DSCP:
		buf_printf(out, "0x%02" PRIx64, number);
		break;
	case TYPE_ECN:
	case TYPE_CT_STATE:
	case TYPE_TCP_FLAG:
		buf_printf(out, "0x%" PRIx64, number);
		break;
	case TYPE_CLASSID:
		put_classid(out, number);
		break;
	default:
		buf_printf(out, "%" PRIu64, number);
	}
}

static void put_flags(struct printer *p, uint64_t number, enum ast_type type)
{
	bool one = !(number & (number - 1));

	if (!names_all_flags(type, number) || (p->flags == FLAGS_NUMBER && !one)) {
		put_plain_number(p->out, number, type);
		return;
	}
	for (; number; number &= number - 1) {
		buf_puts(p->out, names_print(type, number & -number));
		if (number & (number - 1))
			buf_puts(p->out, p->flags == FLAGS_COMMAS ? "," : " | ");
	}
}

static void put_as_written(struct printer *p, const struct ast_value *v)
{
	struct position at;

	if (p->sources && sources_locate(p->sources, v->span.at, &at))
		buf_write(p->out, at.source->text + (v->span.at - at.source->base), v->span.end - v->span.at);
	else
		buf_printf(p->out, "%" PRIu64, v->number);
}

static void put_number(struct printer *p, const struct ast_value *v, enum ast_type type)
{
	const char *name;

	if (type == TYPE_NONE) {
		put_as_written(p, v);
	} else if (ast_type_kind(type) == KIND_FLAGS) {
		put_flags(p, v->number, type);
	} else {
		name = type == TYPE_BOOLEAN ? NULL : names_print(type, v->number);
		if (name)
			buf_puts(p->out, name);
		else
			put_plain_number(p->out, v->number, type);
	}
}

/* ---- text ---- */

void put_string(struct buf *out, const char *s)
{
	buf_printf(out, "\"%s\"", s);
}

static void put_word(struct printer *p, const struct ast_value *v, enum ast_type type)
{
	int64_t number;

	if (ast_type_kind(type) == KIND_STRING || type == TYPE_IFINDEX)
		put_string(p->out, v->text);
	else if (names_find(names_of_type(type), v->text, &number))
		put_number(p, &(struct ast_value){ .kind = VALUE_NUMBER, .number = (uint64_t)number }, type);
	else
		buf_puts(p->out, v->text);
}

static void put_verdict_value(struct printer *p, const struct ast_value *v)
{
	buf_puts(p->out, ast_verdict_name((enum ast_verdict)v->number));
	if (v->text) { /* chains may have been renamed */
		buf_putc(p->out, ' ');
		ast_put_name(v->target ? v->target->name : v->text, p->out);
	} else if (v->variable && (v->number == VERDICT_JUMP || v->number == VERDICT_GOTO)) {
		buf_printf(p->out, " $%s", v->variable->text);
	}
}

void put_time(struct buf *out, uint64_t milliseconds)
{
	static const struct {
		const char *name;
		uint64_t length;
	} units[] = { { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (milliseconds >= units[i].length)
			buf_printf(out, "%" PRIu64 "%s", milliseconds / units[i].length, units[i].name);
		milliseconds %= units[i].length;
	}
}

/* ---- addresses ---- */

static void put_address(struct buf *out, int family, const uint8_t *addr)
{
	char text[INET6_ADDRSTRLEN];

	buf_puts(out, inet_ntop(family, addr, text, sizeof(text)));
}

static void put_mac(struct buf *out, const uint8_t *addr)
{
	buf_printf(out, "%02x:%02x:%02x:%02x:%02x:%02x", addr[0], addr[1], addr[2], addr[3], addr[4], addr[5]);
}

/* nft shows the ends of a range as numbers, whatever names they have; but for 'none'
 * and 'root', and can't read those. */
static void put_end_of_range(struct printer *p, const struct ast_value *v, const struct value_types *types)
{
	if (v->kind == VALUE_NUMBER && only_type(&types->key) == TYPE_CLASSID)
		put_numeric_classid(p->out, v->number);
	else if (v->kind == VALUE_NUMBER && only_type(&types->key) != TYPE_NONE)
		put_plain_number(p->out, v->number, only_type(&types->key));
	else
		put_value(p, v, types);
}

static void put_range(struct printer *p, const struct ast_value *v, const struct value_types *types)
{
	put_end_of_range(p, v->left, types);
	buf_putc(p->out, '-');
	put_end_of_range(p, v->right, types);
}

/* ---- several ---- */

static void put_items(struct printer *p, const struct ast_value *items, const struct value_types *types,
		      const char *between)
{
	for (const struct ast_value *i = items; i; i = i->next) {
		put_element(p, i, types);
		if (i->next)
			buf_puts(p->out, between);
	}
}

static void put_set(struct printer *p, const struct ast_value *set, const struct value_types *types)
{
	enum flags_style flags = p->flags;

	p->flags = FLAGS_OR;
	if (!set->items) {
		buf_puts(p->out, "{ }");
	} else if (!p->set || !p->set(p, set, types)) {
		buf_puts(p->out, "{ ");
		put_items(p, set->items, types, ", ");
		buf_puts(p->out, " }");
	}
	p->flags = flags;
}

static void put_concatenation(struct printer *p, const struct ast_value *v, const struct value_types *types)
{
	enum flags_style flags = p->flags;
	size_t nth = 0;

	p->flags = FLAGS_OR;
	for (const struct ast_value *i = v->items; i; i = i->next, nth++) {
		struct value_types part = { { 0 }, { 0 } };

		if (nth < types->key.n)
			part.key = (struct ast_datatypes){ 1, &types->key.part[nth] };
		put_value(p, i, &part);
		if (i->next)
			buf_puts(p->out, " . ");
	}
	p->flags = flags;
}

static void put_element_counter(struct printer *p, const struct ast_value *element, const struct ast_attributes *attr)
{
	uint64_t packets = attr->packets, bytes = attr->bytes;
	bool known = packets || bytes;

	if (!attr->has_counter && !p->counting)
		return;
	buf_puts(p->out, " counter");
	if (p->element_counter)
		known = p->element_counter(p->ctx, element, &packets, &bytes);
	if (known)
		buf_printf(p->out, " packets %" PRIu64 " bytes %" PRIu64, packets, bytes);
}

static void put_attributes(struct printer *p, const struct ast_value *element, const struct ast_attributes *attr)
{
	put_element_counter(p, element, attr);
	if (attr->timeout) {
		buf_puts(p->out, " timeout ");
		put_time(p->out, attr->timeout);
	}
	if (attr->expires) {
		buf_puts(p->out, " expires ");
		put_time(p->out, attr->expires);
	}
	if (attr->comment) {
		buf_puts(p->out, " comment ");
		put_string(p->out, attr->comment);
	}
}

void put_element(struct printer *p, const struct ast_value *v, const struct value_types *types)
{
	static const struct ast_attributes none;
	struct value_types data = { types->data, { 0 } };
	const struct ast_value *key = v->kind == VALUE_MAPPING ? v->left : v;

	put_value(p, key, types);
	put_attributes(p, v, v->attr ? v->attr : key->attr ? key->attr : &none);
	if (v->kind != VALUE_MAPPING)
		return;
	buf_puts(p->out, " : ");
	put_value(p, v->right, &data);
}

/* ---- of the packet ---- */

static void put_field(struct printer *p, const struct ast_value *v)
{
	static const char *const fib[] = { "saddr", "daddr", "mark", "iif", "oif" };
	const char *between = "";

	if (v->field != FIELD_FIB_TYPE) {
		buf_puts(p->out, ast_field_name(v->field));
		return;
	}
	buf_puts(p->out, "fib ");
	for (unsigned int i = 0; i < sizeof(fib) / sizeof(fib[0]); i++) {
		if (!(v->prefix_len & (1u << i)))
			continue;
		buf_printf(p->out, "%s%s", between, fib[i]);
		between = " . ";
	}
	buf_puts(p->out, " type");
}

/* Operators that bind tighter come first. */
static unsigned int precedence(enum ast_binary op)
{
	static const unsigned int of[] = {
		[BINARY_LSHIFT] = 1, [BINARY_RSHIFT] = 1, [BINARY_AND] = 2, [BINARY_XOR] = 3, [BINARY_OR] = 4,
	};

	return of[op];
}

/* What an operand binds like: flags are printed as "a | b". */
static unsigned int operand_precedence(const struct ast_value *v, const struct value_types *types)
{
	if (v->kind == VALUE_BINARY)
		return precedence(v->op);
	if (v->kind == VALUE_NUMBER && ast_type_kind(only_type(&types->key)) == KIND_FLAGS &&
	    names_all_flags(only_type(&types->key), v->number) && v->number & (v->number - 1))
		return precedence(BINARY_OR);
	return 0;
}

static void put_operand(struct printer *p, const struct ast_value *v, const struct value_types *types,
			unsigned int highest)
{
	bool parentheses = operand_precedence(v, types) > highest;

	if (parentheses)
		buf_putc(p->out, '(');
	put_value(p, v, types);
	if (parentheses)
		buf_putc(p->out, ')');
}

static void put_binary(struct printer *p, const struct ast_value *v, const struct value_types *types)
{
	static const struct ast_datatype integer = { TYPE_INTEGER, 32, FIELD_NONE };
	static const struct value_types distance = { { 1, &integer }, { 0 } };
	bool shift = v->op == BINARY_LSHIFT || v->op == BINARY_RSHIFT;
	enum flags_style flags = p->flags;

	p->flags = FLAGS_OR;
	put_operand(p, v->left, types, precedence(v->op));
	buf_printf(p->out, " %s ", ast_binary_name(v->op));
	/* Operators of one precedence are read from the left. */
	put_operand(p, v->right, shift ? &distance : types, precedence(v->op) - (v->right->kind == VALUE_BINARY));
	p->flags = flags;
}

static void put_map(struct printer *p, const struct ast_value *v, const struct value_types *types)
{
	struct value_types of_map = { expression_types(v->left, p->out->arena), types->key };

	put_expression(p, v->left);
	buf_puts(p->out, " map ");
	put_value(p, v->right, &of_map);
}

static void put_masked(struct printer *p, const struct ast_value *v, const struct value_types *types)
{
	put_value(p, v->left, types);
	buf_puts(p->out, " / ");
	put_value(p, v->right, types);
}

static void put_prefix(struct printer *p, const struct ast_value *v, const struct value_types *types)
{
	put_value(p, v->left, types);
	buf_printf(p->out, "/%u", v->prefix_len);
}

/* ---- any ---- */

static void put_constant(struct printer *p, const struct ast_value *v, enum ast_type type)
{
	switch (v->kind) {
	case VALUE_NUMBER:
		put_number(p, v, type);
		break;
	case VALUE_CLASSID:
		put_classid(p->out, v->number);
		break;
	case VALUE_WORD:
		put_word(p, v, type);
		break;
	case VALUE_STRING:
		put_string(p->out, v->text);
		break;
	case VALUE_ADDR4:
		put_address(p->out, AF_INET, v->addr);
		break;
	case VALUE_ADDR6:
		put_address(p->out, AF_INET6, v->addr);
		break;
	case VALUE_MAC:
		put_mac(p->out, v->addr);
		break;
	case VALUE_VERDICT:
		put_verdict_value(p, v);
		break;
	case VALUE_SETREF:
		buf_printf(p->out, "@%s", v->text);
		break;
	case VALUE_VARIABLE:
		buf_printf(p->out, "$%s", v->text);
		break;
	default: /* VALUE_CATCHALL */
		buf_putc(p->out, '*');
	}
}

void put_value(struct printer *p, const struct ast_value *v, const struct value_types *types)
{
	switch (v->kind) {
	case VALUE_PREFIX:
		put_prefix(p, v, types);
		break;
	case VALUE_RANGE:
		put_range(p, v, types);
		break;
	case VALUE_LIST:
		put_items(p, v->items, types, ",");
		break;
	case VALUE_SET:
		put_set(p, v, types);
		break;
	case VALUE_CONCAT:
		put_concatenation(p, v, types);
		break;
	case VALUE_MAPPING:
		put_element(p, v, types);
		break;
	case VALUE_MASKED:
		put_masked(p, v, types);
		break;
	case VALUE_FIELD:
		put_field(p, v);
		break;
	case VALUE_BINARY:
		put_binary(p, v, types);
		break;
	case VALUE_MAP:
		put_map(p, v, types);
		break;
	default:
		put_constant(p, v, only_type(&types->key));
	}
}

void put_expression(struct printer *p, const struct ast_value *e)
{
	struct value_types types = { expression_types(e, p->out->arena), { 0 } };

	put_value(p, e, &types);
}
