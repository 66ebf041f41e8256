/* SPDX-License-Identifier: GPL-2.0-only */
/* fmt_command.c - commands as they are written. */
#include <compiler/fmt_write.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>

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
	struct buf words = { .arena = f->w.a };
	const char *head;
	enum ast_family family = c->has_family ? c->family : AST_IP;

	ast_put_command(c, &words);
	head = words.text;
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
