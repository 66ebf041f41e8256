/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/lower.h>

#include <compiler/hash.h>

static uint64_t hash_value(uint64_t h, const struct ast_value *v);

static uint64_t hash_items(uint64_t h, const struct ast_value *items)
{
	for (; items; items = items->next)
		h = hash_value(h, items);
	return hash_u64(h, 0);
}

static uint64_t hash_value(uint64_t h, const struct ast_value *v)
{
	if (!v)
		return hash_u64(h, 0);
	h = hash_u64(h, 1 + (uint64_t)v->kind);
	switch (v->kind) {
	case VALUE_NUMBER:
	case VALUE_CLASSID:
		return hash_u64(h, v->number);
	case VALUE_ADDR4:
		return hash_bytes(h, v->addr, 4);
	case VALUE_MAC:
		return hash_bytes(h, v->addr, 6);
	case VALUE_ADDR6:
		return hash_bytes(h, v->addr, 16);
	case VALUE_PREFIX:
		return hash_u64(hash_value(h, v->left), v->prefix_len);
	case VALUE_FIELD:
		return hash_u64(hash_string(h, ast_field_name(v->field)), v->prefix_len);
	case VALUE_BINARY:
		h = hash_u64(h, v->op);
		__attribute__((fallthrough));
	case VALUE_RANGE:
	case VALUE_MAPPING:
	case VALUE_MASKED:
	case VALUE_MAP:
		return hash_value(hash_value(h, v->left), v->right);
	case VALUE_LIST:
	case VALUE_SET:
	case VALUE_CONCAT:
		return hash_items(h, v->items);
	case VALUE_VERDICT:
		return hash_string(hash_u64(h, v->number), v->target ? v->target->name : NULL);
	case VALUE_CATCHALL:
		return h;
	case VALUE_WORD:
	case VALUE_STRING:
	case VALUE_SETREF:
	case VALUE_VARIABLE:
		return hash_string(h, v->text);
	}
	return h;
}

uint64_t content_of_value(const struct ast_value *v)
{
	return hash_value(0, v);
}

static uint64_t hash_limit(uint64_t h, const struct ast_stmt *s)
{
	const struct ast_limit *limit = &s->limit.limit;

	if (s->limit.name)
		return hash_string(h, s->limit.name);
	h = hash_u64(hash_u64(hash_u64(h, limit->over), limit->bytes), limit->rate);
	return hash_u64(hash_u64(h, limit->burst), limit->unit);
}

static uint64_t hash_log(uint64_t h, const struct ast_stmt *s)
{
	h = hash_u64(hash_string(h, s->log.prefix), s->log.has_level ? 1 + (uint64_t)s->log.level : 0);
	h = hash_u64(h, s->log.has_group ? 1 + (uint64_t)s->log.group : 0);
	h = hash_u64(h, s->log.has_snaplen ? 1 + (uint64_t)s->log.snaplen : 0);
	h = hash_u64(h, s->log.has_queue_threshold ? 1 + (uint64_t)s->log.queue_threshold : 0);
	return hash_u64(h, s->log.flags);
}

static uint64_t hash_statement(uint64_t h, const struct ast_stmt *s)
{
	h = hash_u64(h, s->kind);
	switch (s->kind) {
	case STMT_MATCH:
		return hash_value(hash_u64(hash_value(h, s->match.lhs), s->match.op), s->match.rhs);
	case STMT_VMAP:
		return hash_value(hash_value(h, s->vmap.key), s->vmap.map);
	case STMT_COUNTER: /* the values don't matter */
		return s->counter.name ? hash_string(h, s->counter.name) : h;
	case STMT_LIMIT:
		return hash_limit(h, s);
	case STMT_LOG:
		return hash_log(h, s);
	case STMT_SET:
		return hash_value(hash_string(h, ast_field_name(s->set.field)), s->set.value);
	case STMT_REJECT:
		return hash_value(hash_u64(h, s->reject.with), s->reject.code);
	case STMT_VERDICT:
		return hash_string(hash_u64(h, s->verdict.verdict), s->verdict.target ? s->verdict.target->name : NULL);
	case STMT_TPROXY:
		return hash_value(hash_value(hash_u64(h, (uint64_t)s->tproxy.family), s->tproxy.addr), s->tproxy.port);
	case STMT_SSH_LOCAL:
		return hash_value(h, s->ssh_local.ports);
	case STMT_DHCP:
		return hash_u64(h, s->dhcp.role);
	}
	return h;
}

uint64_t content_of_rule(const struct ast_rule *rule)
{
	uint64_t h = 0;

	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		h = hash_statement(h, s);
	return h;
}

uint64_t identity_of_table(const struct ast_table *table)
{
	return hash_string(hash_string(0, ast_family_name(table->family)), table->name);
}

uint64_t identity_of_chain(const struct ast_chain *chain)
{
	return hash_string(identity_of_table(chain->table), chain->name);
}

/* Equal ones are told apart by counting them, in evaluation order.  0 is never
 * an identity. */
uint64_t identity_unique(struct lower *l, uint64_t wanted)
{
	uint64_t identity = wanted;
	void **slot = table_at(&l->identities, identity);

	for (uintptr_t n = *slot ? (uintptr_t)*slot : 1; *slot || !identity; n++) {
		*table_at(&l->identities, wanted) = (void *)(n + 1);
		identity = hash_u64(wanted, n);
		slot = table_at(&l->identities, identity);
	}
	*slot = (void *)(uintptr_t)1;
	return identity;
}
