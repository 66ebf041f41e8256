/* SPDX-License-Identifier: GPL-2.0-only */
/* lower_state.c - what outlives an apply: counters, limits and timers; and logs.
 *
 * Those of statements and of named objects are made first, in text order, with
 * the counters of named sets; a chain that is inlined in several places has them
 * once. */
#include <compiler/lower.h>

#include <compiler/base/arena.h>
#include <compiler/compile.h>
#include <compiler/hash.h>

enum kind_of_state { FOR_COUNTER = 0x636e74, FOR_LIMIT = 0x6c696d, FOR_LOG = 0x6c6f67, FOR_TIMER = 0x746d72 };

static uint64_t state_identity(struct lower *l, uint64_t of, enum kind_of_state kind, uint64_t nth)
{
	return identity_unique(l, hash_u64(hash_u64(of, kind), nth));
}

static uint64_t rule_identity(const struct lower *l, const struct ast_rule *rule)
{
	return hash_u64(identity_of_chain(rule->chain), l->info[rule->number].content);
}

static uint32_t remember(struct table *t, const void *of, size_t number)
{
	*table_at(t, (uintptr_t)of) = (void *)(uintptr_t)(number + 1);
	return (uint32_t)number;
}

/* ---- of rules ---- */

static struct ir_limit limit_of(const struct ast_limit *limit)
{
	static const uint64_t seconds[] = {
		[RATE_SECOND] = 1, [RATE_MINUTE] = 60, [RATE_HOUR] = 3600, [RATE_DAY] = 86400, [RATE_WEEK] = 604800
	};

	return (struct ir_limit){
		.over = limit->over,
		.bytes = limit->bytes,
		.rate = limit->rate,
		.per = seconds[limit->unit] * 1000000000u,
		.burst = limit->burst,
	};
}

static struct ir_log log_of(const struct ast_stmt *s)
{
	return (struct ir_log){
		.prefix = s->log.prefix,
		.level = (uint8_t)(s->log.has_level ? s->log.level : LOG_LEVEL_WARN),
		.has_group = s->log.has_group,
		.group = (uint16_t)s->log.group,
		.snaplen = s->log.has_snaplen ? s->log.snaplen : 0,
	};
}

static void add_counter(struct lower *l, const struct ast_rule *rule, const struct ast_stmt *s)
{
	unsigned int nth = (unsigned int)(l->counters.n - l->info[rule->number].first_counter);

	*vec_push(l->a, &l->counters) = (struct ir_counter){
		.source = rule,
		.nth = nth,
		.packets = s->counter.has_values ? s->counter.packets : 0,
		.bytes = s->counter.has_values ? s->counter.bytes : 0,
		.identity = state_identity(l, rule_identity(l, rule), FOR_COUNTER, nth),
		.span = s->span,
	};
}

static void add_limit(struct lower *l, const struct ast_rule *rule, const struct ast_stmt *s)
{
	size_t nth = l->limits.n - l->info[rule->number].first_limit;
	struct ir_limit *limit = vec_push(l->a, &l->limits);

	*limit = limit_of(&s->limit.limit);
	limit->span = s->span;
	limit->identity = state_identity(l, rule_identity(l, rule), FOR_LIMIT, nth);
}

static void add_log(struct lower *l, const struct ast_rule *rule, const struct ast_stmt *s)
{
	size_t nth = l->logs.n - l->info[rule->number].first_log;
	struct ir_log *log = vec_push(l->a, &l->logs);

	*log = log_of(s);
	log->span = s->span;
	log->identity = state_identity(l, rule_identity(l, rule), FOR_LOG, nth);
}

static void states_of_rule(struct lower *l, const struct ast_rule *rule)
{
	l->info[rule->number] = (struct rule_info){
		.content = content_of_rule(rule),
		.first_counter = (uint32_t)l->counters.n,
		.first_limit = (uint32_t)l->limits.n,
		.first_log = (uint32_t)l->logs.n,
	};
	for (const struct ast_stmt *s = rule->stmts; s; s = s->next) {
		if (s->kind == STMT_COUNTER && !s->counter.object)
			add_counter(l, rule, s);
		else if (s->kind == STMT_LIMIT && !s->limit.object)
			add_limit(l, rule, s);
		else if (s->kind == STMT_LOG)
			add_log(l, rule, s);
	}
}

/* ---- of named objects ---- */

static uint64_t named_identity(const struct ast_table *table, const char *name)
{
	return hash_string(identity_of_table(table), name);
}

static void state_of_named(struct lower *l, const struct ast_object *o)
{
	uint64_t of = named_identity(o->table, o->name);

	if (o->kind == OBJECT_COUNTER) {
		remember(&l->objects, o, l->counters.n);
		*vec_push(l->a, &l->counters) = (struct ir_counter){
			.object = o,
			.packets = o->packets,
			.bytes = o->bytes,
			.identity = state_identity(l, of, FOR_COUNTER, 0),
			.span = o->name_span,
		};
	} else {
		struct ir_limit limit = limit_of(&o->limit);

		remember(&l->objects, o, l->limits.n);
		limit.span = o->name_span;
		limit.identity = state_identity(l, of, FOR_LIMIT, 0);
		*vec_push(l->a, &l->limits) = limit;
	}
}

uint32_t state_of_object(struct lower *l, const struct ast_object *object)
{
	return (uint32_t)((uintptr_t)table_get(&l->objects, (uintptr_t)object) - 1);
}

/* ---- of elements ---- */

static uint64_t timeout_of(const struct ast_set *set, const struct ast_value *item)
{
	return item->attr && item->attr->timeout ? item->attr->timeout : set ? set->timeout : 0;
}

bool element_is_timed(const struct ast_set *set, const struct ast_value *item)
{
	return timeout_of(set, item);
}

bool element_is_counted(const struct ast_set *set, const struct ast_value *item)
{
	return (item->attr && item->attr->has_counter) || (set && set->counter);
}

/* Of an element of a set without a name: of its rule. */
static uint64_t owner_identity(const struct lower *l, const struct ast_rule *rule, const struct ast_set *set)
{
	return set ? named_identity(set->table, set->name) : rule_identity(l, rule);
}

static uint64_t element_identity(uint64_t owner, const struct ast_value *item)
{
	const struct ast_value *key = item->kind == VALUE_MAPPING ? item->left : item;

	return hash_u64(owner, content_of_value(key));
}

static uint32_t element_counter(struct lower *l, uint64_t owner, const struct ast_value *item)
{
	uintptr_t number = (uintptr_t)table_get(&l->objects, (uintptr_t)item);

	if (number)
		return (uint32_t)(number - 1);
	number = remember(&l->objects, item, l->counters.n);
	*vec_push(l->a, &l->counters) = (struct ir_counter){
		.element = item,
		.packets = item->attr ? item->attr->packets : 0,
		.bytes = item->attr ? item->attr->bytes : 0,
		.identity = state_identity(l, element_identity(owner, item), FOR_COUNTER, 0),
		.span = item->span,
	};
	return (uint32_t)number;
}

uint32_t counter_of_element(struct lower *l, const struct ast_rule *rule, const struct ast_set *set,
			    const struct ast_value *item)
{
	return element_counter(l, owner_identity(l, rule, set), item);
}

uint32_t timer_of_element(struct lower *l, const struct ast_rule *rule, const struct ast_set *set,
			  const struct ast_value *item)
{
	uintptr_t number = (uintptr_t)table_get(&l->timed, (uintptr_t)item);
	uint64_t timeout = timeout_of(set, item);

	if (number)
		return (uint32_t)(number - 1);
	number = remember(&l->timed, item, l->timers.n);
	*vec_push(l->a, &l->timers) = (struct ir_timer){
		.timeout_ms = timeout,
		.expires_ms = item->attr && item->attr->expires ? item->attr->expires : timeout,
		.identity = state_identity(l, element_identity(owner_identity(l, rule, set), item), FOR_TIMER, 0),
		.span = item->span,
	};
	return (uint32_t)number;
}

static void counters_of_set(struct lower *l, const struct ast_set *set)
{
	uint64_t owner = named_identity(set->table, set->name);

	for (const struct ast_value *i = set->elements; i; i = i->next)
		if (element_is_counted(set, i))
			element_counter(l, owner, i);
}

void state_make(struct lower *l)
{
	l->info = arena_make_array(l->a, l->rs->n_rules, struct rule_info);
	table_reserve(&l->identities, l->rs->n_rules);
	for (const struct ast_table *t = l->rs->tables; t; t = t->next) {
		for (const struct ast_object *o = t->objects; o; o = o->next)
			state_of_named(l, o);
		for (const struct ast_set *s = t->sets; s; s = s->next)
			counters_of_set(l, s);
		for (const struct ast_chain *c = t->chains; c; c = c->next)
			for (const struct ast_rule *rule = c->rules; rule; rule = rule->next)
				states_of_rule(l, rule);
	}
}
