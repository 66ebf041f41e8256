/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/lower.h>

#include <compiler/hash.h>

static uint64_t hash_value(uint64_t h, const struct ast_value *v)
{
	if (!v)
		return hash_u64(h, 0);
	h = hash_u64(h, 1 + (uint64_t)v->kind);
	switch (v->kind) {
	case VALUE_NUMBER:
		return hash_u64(h, v->number);
	case VALUE_ADDR4:
		return hash_bytes(h, v->addr, 4);
	case VALUE_ADDR6:
		return hash_bytes(h, v->addr, 16);
	case VALUE_PREFIX:
		return hash_u64(hash_value(h, v->left), v->prefix_len);
	case VALUE_RANGE:
		return hash_value(hash_value(h, v->left), v->right);
	case VALUE_LIST:
	case VALUE_SET:
		for (const struct ast_value *i = v->items; i; i = i->next)
			h = hash_value(h, i);
		return hash_u64(h, 0);
	default:
		return hash_string(h, v->text);
	}
}

static uint64_t hash_statement(uint64_t h, const struct ast_stmt *s)
{
	h = hash_u64(h, s->kind);
	switch (s->kind) {
	case STMT_MATCH:
		return hash_value(hash_u64(hash_string(h, ast_field_name(s->match.field)), s->match.op), s->match.rhs);
	case STMT_VERDICT:
		return hash_string(hash_u64(h, s->verdict.verdict), s->verdict.chain);
	case STMT_TPROXY:
		return hash_value(hash_value(hash_u64(h, (uint64_t)s->tproxy.family), s->tproxy.addr), s->tproxy.port);
	case STMT_SSH_LOCAL:
		return hash_value(h, s->ssh_local.ports);
	case STMT_DHCP:
		return hash_u64(h, s->dhcp.role);
	default:
		return h; /* of a counter the values don't matter */
	}
}

uint64_t content_of_rule(const struct ast_rule *rule)
{
	uint64_t h = 0;

	for (const struct ast_stmt *s = rule->stmts; s; s = s->next)
		h = hash_statement(h, s);
	return h;
}

uint64_t identity_of_chain(const struct ast_chain *chain)
{
	uint64_t h = hash_string(0, ast_family_name(chain->table->family));

	return hash_string(hash_string(h, chain->table->name), chain->name);
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
