/* SPDX-License-Identifier: GPL-2.0-only */
/* fmt_command.c - commands as they are written. */
#include <compiler/fmt_write.h>

#include <inttypes.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

static const char *const verbs[] = {
	[VERB_ADD] = "add",	  [VERB_CREATE] = "create",   [VERB_INSERT] = "insert", [VERB_REPLACE] = "replace",
	[VERB_DELETE] = "delete", [VERB_DESTROY] = "destroy", [VERB_FLUSH] = "flush",	[VERB_RENAME] = "rename",
};

static const char *const targets[] = {
	[TARGET_RULESET] = "ruleset", [TARGET_TABLE] = "table",	    [TARGET_CHAIN] = "chain",
	[TARGET_RULE] = "rule",	      [TARGET_SET] = "set",	    [TARGET_MAP] = "map",
	[TARGET_ELEMENT] = "element", [TARGET_COUNTER] = "counter", [TARGET_LIMIT] = "limit",
};

/* "add rule inet fw in handle 7" */
static const char *head_of(struct formatter *f, const struct ast_command *c)
{
	struct buf b = { .arena = f->w.a };

	buf_printf(&b, "%s %s", verbs[c->verb], targets[c->target]);
	if (c->has_family)
		buf_printf(&b, " %s", ast_family_name(c->family));
	if (c->table)
		buf_printf(&b, " %s", c->table);
	if (c->name)
		buf_printf(&b, " %s", c->name);
	if (c->new_name)
		buf_printf(&b, " %s", c->new_name);
	if (c->has_handle)
		buf_printf(&b, " handle %" PRIu64, c->handle);
	if (c->has_index)
		buf_printf(&b, " index %" PRIu64, c->index);
	return b.text;
}

static void write_elements(struct formatter *f, const struct ast_command *c, const char *head)
{
	const struct ast_set *set = fmt_find_set(f, c->has_family ? c->family : AST_IP, c->table, c->name);
	struct value_types types = { { 0 }, { 0 } };
	struct buf b;
	struct printer *p = write_begin(&f->w, &b);

	if (set)
		types = set_types(set, f->w.a);
	p->flags = FLAGS_OR;
	buf_printf(&b, "%s ", head);
	put_value(p, c->elements, &types);
	write_line(&f->w, LISTING_RULE, b.text, c->span);
}

static bool has_block(const struct formatter *f, const struct ast_command *c)
{
	return *fmt_text_at(f, c->span.end - 1) == '}';
}

void fmt_command(struct formatter *f, const struct ast_command *c)
{
	const char *head = head_of(f, c);
	enum ast_family family = c->has_family ? c->family : AST_IP;

	f->w.printer.family = family;
	if (c->rule)
		fmt_rule(f, c->rule, arena_printf(f->w.a, "%s ", head));
	else if (c->elements)
		write_elements(f, c, head);
	else if (c->block && has_block(f, c))
		fmt_table(f, head, c->block);
	else if (c->chain && has_block(f, c))
		fmt_chain(f, head, c->chain, family);
	else if (c->set && has_block(f, c))
		write_set(&f->w, head, c->set);
	else if (c->object && has_block(f, c))
		write_object(&f->w, head, c->object);
	else
		write_line(&f->w, LISTING_RULE, head, c->span);
}
