/* SPDX-License-Identifier: GPL-2.0-only */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <grammar/ast.h>

struct dump {
	struct sources *sources;
	struct buf *out;
	unsigned int depth;
};

/* "[12-40]"; of an included file "[its name:12-40]". */
static void put_span(struct dump *d, struct span span)
{
	struct position p;
	uint32_t base;

	if (!sources_locate(d->sources, span.at, &p))
		return;
	base = p.source->base;
	buf_puts(d->out, " [");
	if (span_known(p.source->included_from))
		buf_printf(d->out, "%s:", p.source->name);
	buf_printf(d->out, "%u-%u]", span.at - base, span.end - base);
}

/* A line for a node, from its kind to its place. */
static void node(struct dump *d, struct span span, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void node(struct dump *d, struct span span, const char *fmt, ...)
{
	va_list ap;

	for (unsigned int i = 0; i < d->depth; i++)
		buf_puts(d->out, "  ");
	va_start(ap, fmt);
	buf_puts(d->out, arena_vprintf(d->out->arena, fmt, ap));
	va_end(ap);
	put_span(d, span);
	buf_putc(d->out, '\n');
}

/* ---- values ---- */

static void dump_value(struct dump *d, const struct ast_value *v);

static void dump_items(struct dump *d, const struct ast_value *v)
{
	d->depth++;
	for (; v; v = v->next)
		dump_value(d, v);
	d->depth--;
}

static void dump_addr(struct dump *d, const struct ast_value *v, int family)
{
	char text[INET6_ADDRSTRLEN];

	node(d, v->span, "address %s", inet_ntop(family, v->addr, text, sizeof(text)));
}

static void dump_plain_value(struct dump *d, const struct ast_value *v)
{
	switch (v->kind) {
	case VALUE_NUMBER:
		node(d, v->span, "number %" PRIu64, v->number);
		break;
	case VALUE_WORD:
		node(d, v->span, "word %s", v->text);
		break;
	case VALUE_STRING:
		node(d, v->span, "string \"%s\"", v->text);
		break;
	case VALUE_ADDR4:
		dump_addr(d, v, AF_INET);
		break;
	case VALUE_ADDR6:
		dump_addr(d, v, AF_INET6);
		break;
	case VALUE_SETREF:
		node(d, v->span, "@%s", v->text);
		break;
	case VALUE_VARIABLE:
		node(d, v->span, "$%s #%" PRIu64, v->text, v->number);
		break;
	default:
		break;
	}
}

static void dump_value(struct dump *d, const struct ast_value *v)
{
	switch (v->kind) {
	case VALUE_PREFIX:
		node(d, v->span, "prefix /%u", v->prefix_len);
		dump_items(d, v->left);
		break;
	case VALUE_RANGE:
		node(d, v->span, "range");
		dump_items(d, v->left);
		dump_items(d, v->right);
		break;
	case VALUE_LIST:
		node(d, v->span, "list");
		dump_items(d, v->items);
		break;
	case VALUE_SET:
		node(d, v->span, "set");
		dump_items(d, v->items);
		break;
	default:
		dump_plain_value(d, v);
	}
	if (v->attr && v->attr->comment) {
		d->depth++;
		node(d, SPAN_NONE, "comment \"%s\"", v->attr->comment);
		d->depth--;
	}
}

/* ---- rules ---- */

static void dump_tproxy(struct dump *d, const struct ast_stmt *s)
{
	const char *family = s->tproxy.family == AF_INET ? " ip" : s->tproxy.family == AF_INET6 ? " ip6" : "";

	node(d, s->span, "tproxy%s", family);
	d->depth++;
	if (s->tproxy.addr) {
		node(d, SPAN_NONE, "to");
		dump_items(d, s->tproxy.addr);
	}
	if (s->tproxy.port) {
		node(d, SPAN_NONE, "port");
		dump_items(d, s->tproxy.port);
	}
	d->depth--;
}

static void dump_dhcp(struct dump *d, const struct ast_stmt *s)
{
	static const char *const roles[] = {
		[DHCP_CLIENT] = " client",
		[DHCP_SERVER] = " server",
		[DHCP_RELAY] = " relay",
	};

	node(d, s->span, "dhcp%s", s->dhcp.has_role ? roles[s->dhcp.role] : "");
}

static void dump_stmt(struct dump *d, const struct ast_stmt *s)
{
	const char *op;

	switch (s->kind) {
	case STMT_MATCH:
		op = ast_op_name(s->match.op);
		node(d, s->span, "match %s%s%s", ast_field_name(s->match.field), *op ? " " : "", op);
		dump_items(d, s->match.rhs);
		break;
	case STMT_COUNTER:
		if (s->counter.has_values)
			node(d, s->span, "counter packets %" PRIu64 " bytes %" PRIu64, s->counter.packets,
			     s->counter.bytes);
		else
			node(d, s->span, "counter");
		break;
	case STMT_VERDICT:
		node(d, s->span, "%s%s%s", ast_verdict_name(s->verdict.verdict), s->verdict.chain ? " " : "",
		     s->verdict.chain ? s->verdict.chain : "");
		break;
	case STMT_TPROXY:
		dump_tproxy(d, s);
		break;
	case STMT_SSH_LOCAL:
		node(d, s->span, "ssh-local");
		if (s->ssh_local.ports)
			dump_items(d, s->ssh_local.ports);
		break;
	case STMT_DHCP:
		dump_dhcp(d, s);
		break;
	}
}

static void dump_rule(struct dump *d, const struct ast_rule *r)
{
	node(d, r->span, "rule");
	d->depth++;
	for (const struct ast_stmt *s = r->stmts; s; s = s->next)
		dump_stmt(d, s);
	if (r->comment)
		node(d, r->comment_span, "comment \"%s\"", r->comment);
	d->depth--;
}

/* ---- blocks ---- */

static void dump_define(struct dump *d, const struct ast_define *def)
{
	node(d, def->span, "define %s #%u", def->name, def->order);
	dump_items(d, def->value);
}

static void dump_comment(struct dump *d, const char *comment)
{
	if (comment)
		node(d, SPAN_NONE, "comment \"%s\"", comment);
}

static void dump_set(struct dump *d, const struct ast_set *s)
{
	node(d, s->span, "set %s", s->name);
	d->depth++;
	dump_comment(d, s->comment);
	node(d, s->type_span, "type %s", ast_type_name(s->type));
	if (s->interval || s->constant || s->auto_merge)
		node(d, SPAN_NONE, "flags%s%s%s", s->interval ? " interval" : "", s->constant ? " constant" : "",
		     s->auto_merge ? " auto-merge" : "");
	if (s->elements) {
		node(d, SPAN_NONE, "elements");
		dump_items(d, s->elements);
	}
	d->depth--;
}

static void dump_hook(struct dump *d, const struct ast_chain *c)
{
	static const char *const hooks[] = {
		[HOOK_NONE] = "none",
		[HOOK_INGRESS] = "ingress",
		[HOOK_PREROUTING] = "prerouting",
	};

	node(d, c->hook_span, "hook %s", hooks[c->hook]);
	d->depth++;
	if (c->devices) {
		node(d, SPAN_NONE, "devices");
		dump_items(d, c->devices);
	}
	node(d, c->priority_span, "priority %+" PRId64, c->priority_offset);
	dump_items(d, c->priority_base);
	d->depth--;
}

static void dump_chain(struct dump *d, const struct ast_chain *c)
{
	node(d, c->span, "chain %s", c->name);
	d->depth++;
	dump_comment(d, c->comment);
	if (c->is_base)
		dump_hook(d, c);
	if (c->has_policy)
		node(d, c->policy_span, "policy %s", ast_verdict_name(c->policy));
	for (const struct ast_define *def = c->defines; def; def = def->next)
		dump_define(d, def);
	for (const struct ast_rule *r = c->rules; r; r = r->next)
		dump_rule(d, r);
	d->depth--;
}

static void dump_table(struct dump *d, const struct ast_table *t)
{
	node(d, t->span, "table %s %s", ast_family_name(t->family), t->name);
	d->depth++;
	dump_comment(d, t->comment);
	for (const struct ast_define *def = t->defines; def; def = def->next)
		dump_define(d, def);
	for (const struct ast_set *s = t->sets; s; s = s->next)
		dump_set(d, s);
	for (const struct ast_chain *c = t->chains; c; c = c->next)
		dump_chain(d, c);
	d->depth--;
}

void ast_dump(const struct ast *ast, struct sources *sources, struct buf *out)
{
	struct dump d = { .sources = sources, .out = out };

	for (const struct ast_item *item = ast->items; item; item = item->next) {
		switch (item->kind) {
		case ITEM_TABLE:
			dump_table(&d, item->table);
			break;
		case ITEM_DEFINE:
			dump_define(&d, item->define);
			break;
		case ITEM_COMMAND:
			node(&d, item->span, "flush ruleset");
			break;
		case ITEM_INCLUDE:
			break;
		}
	}
}
