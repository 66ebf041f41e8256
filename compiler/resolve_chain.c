/* SPDX-License-Identifier: GPL-2.0-only */
#include <compiler/resolve.h>

#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/names.h>
#include <compiler/value.h>

/* ---- hooks ---- */

static void check_family(struct resolve *r, const struct ast_chain *chain, struct span at)
{
	enum ast_family family = r->table->table->family;

	if (chain->hook == HOOK_INGRESS && (family == AST_IP || family == AST_IP6)) {
		diag_error(r->d, DIAG_BAD_HOOK, at, "hook 'ingress' does not exist in family '%s'",
			   ast_family_name(family));
		diag_note(r->d, at, "use 'hook prerouting', or a table of family 'inet' or 'netdev'");
	} else if (chain->hook == HOOK_EGRESS && family != AST_NETDEV) {
		diag_error(r->d, DIAG_BAD_HOOK, at, "hook 'egress' does not exist in family '%s'",
			   ast_family_name(family));
		diag_note(r->d, at, "use a table of family 'netdev'");
	} else if (chain->hook == HOOK_PREROUTING && family == AST_NETDEV) {
		diag_error(r->d, DIAG_BAD_HOOK, at, "hook 'prerouting' does not exist in family 'netdev'");
		diag_note(r->d, at, "use 'hook ingress device \"...\"', or a table of family 'inet'");
	}
}

static void check_hook(struct resolve *r, const struct ast_chain *chain)
{
	struct span at = span_known(chain->hook_span) ? chain->hook_span : chain->name_span;
	const char *hook = ast_hook_name(chain->hook);

	check_family(r, chain, at);
	if (chain->hook != HOOK_PREROUTING && !chain->devices) {
		diag_error(r->d, DIAG_BAD_HOOK, at, "hook '%s' needs a device", hook);
		diag_note(r->d, at, "write 'hook %s device \"eth0\"' or 'devices = { \"eth0\", \"eth1\" }'", hook);
	} else if (chain->hook == HOOK_PREROUTING && chain->devices) {
		diag_error(r->d, DIAG_BAD_HOOK, chain->devices->span,
			   "hook 'prerouting' takes no device, it sees all interfaces");
		diag_note(r->d, chain->devices->span, "use 'hook ingress', or match 'iifname' in its rules");
	}
	if (chain->offload) {
		diag_error(r->d, DIAG_UNSUPPORTED, chain->offload_span, "flag 'offload' is not supported");
		diag_note(r->d, chain->offload_span, "rules run in the kernel, not in the interface: leave it out");
	}
}

/* ---- devices ---- */

/* Sorted by name; 'again' is what a second declaration adds, which may repeat
 * what the first one has. */
static void insert_device(struct resolve *r, struct ast_value **at, struct ast_value *device, bool again)
{
	int order = 1;

	while (*at && (order = strcmp((*at)->text, device->text)) < 0)
		at = &(*at)->next;
	if (*at && !order) {
		if (again)
			return;
		diag_error(r->d, DIAG_GIVEN_TWICE, device->span, "device '%s' is given twice", device->text);
		diag_note(r->d, (*at)->span, "first given here");
		return;
	}
	device->next = *at;
	*at = device;
}

static void bind_device(struct resolve *r, const struct ast_value *written, struct ast_value **list, bool again)
{
	const struct ast_value *v = resolve_plain(r, written);
	struct ast_value *device;

	if (!v)
		return;
	if (v->kind == VALUE_SET) {
		for (const struct ast_value *i = v->items; i; i = i->next)
			bind_device(r, i, list, again);
		return;
	}
	device = arena_make(r->a, struct ast_value);
	*device = *v;
	device->next = NULL;
	if (!resolve_interface(r, device, TYPE_IFNAME))
		return;
	if (strchr(device->text, '*')) {
		diag_error(r->d, DIAG_BAD_NAME, v->span, "a device can't be a pattern");
		return;
	}
	insert_device(r, list, device, again);
}

/* Makes a set of strings of it. */
static void bind_devices(struct resolve *r, struct ast_chain *chain)
{
	struct ast_value *set;

	if (!chain->devices)
		return;
	set = arena_make(r->a, struct ast_value);
	set->span = chain->devices->span;
	set->kind = VALUE_SET;
	bind_device(r, chain->devices, &set->items, false);
	chain->devices = set;
}

/* ---- priorities ---- */

static void note_priorities(struct resolve *r, const struct names *names, struct span at)
{
	struct buf list = { .arena = r->a };

	for (size_t i = 0; i < names->n; i++)
		buf_printf(&list, "'%s', ", names->v[i].word);
	list.text[list.len - 2] = '\0';
	diag_note(r->d, at, "allowed are %s and numbers", list.text);
}

static int priority_from_word(struct resolve *r, const struct ast_chain *chain, const struct ast_value *v, int64_t *ret)
{
	const struct names *names = names_of_priorities(r->table->table->family, chain->hook);
	const char *near = names_suggest(names, v->text);

	if (names_find(names, v->text, ret))
		return 0;
	diag_error(r->d, DIAG_UNKNOWN_PRIORITY, v->span, "hook '%s' of family '%s' has no priority named '%s'",
		   ast_hook_name(chain->hook), ast_family_name(r->table->table->family), v->text);
	if (near)
		diag_did_you_mean(r->d, v->span, near, v->span);
	else
		note_priorities(r, names, v->span);
	return -1;
}

/* A negative number in a variable is in two's complement. */
static int64_t priority_from_number(uint64_t number)
{
	int64_t n = (int64_t)number;

	return n > INT64_MAX / 2 ? INT64_MAX / 2 : n < INT64_MIN / 2 ? INT64_MIN / 2 : n;
}

static void bind_priority(struct resolve *r, struct ast_chain *chain)
{
	const struct ast_value *v = chain->priority_base ? resolve_plain(r, chain->priority_base) : NULL;
	int64_t base = 0, priority;

	if (chain->priority_base && !v)
		return;
	if (v && (v->kind == VALUE_WORD || v->kind == VALUE_STRING)) {
		if (priority_from_word(r, chain, v, &base))
			return;
	} else if (v && v->kind == VALUE_NUMBER) {
		base = priority_from_number(v->number);
	} else if (v) {
		diag_error(r->d, DIAG_TYPE_MISMATCH, v->span, "expected a priority, found %s", value_describe(v));
		return;
	}
	if (__builtin_add_overflow(base, chain->priority_offset, &priority) || priority < INT32_MIN ||
	    priority > INT32_MAX) {
		diag_error(r->d, DIAG_OUT_OF_RANGE, chain->priority_span, "priority is out of range %d to %d",
			   INT32_MIN, INT32_MAX);
		return;
	}
	chain->priority = (int32_t)priority;
}

/* ---- the header ---- */

static void bind_policy(struct resolve *r, struct ast_chain *chain)
{
	const char *text;

	if (!chain->policy_variable)
		return;
	text = resolve_text(r, chain->policy_variable, "a policy");
	if (!text)
		return;
	if (strcmp(text, "accept") && strcmp(text, "drop")) {
		diag_error(r->d, DIAG_BAD_POLICY, chain->policy_span, "a policy is 'accept' or 'drop', not '%s'", text);
		return;
	}
	chain->policy = text[0] == 'a' ? VERDICT_ACCEPT : VERDICT_DROP;
}

void resolve_base_chain(struct resolve *r, struct ast_chain *chain)
{
	bind_policy(r, chain);
	if (!chain->is_base)
		return;
	bind_devices(r, chain);
	if (chain->hook == HOOK_NONE) /* the parser has said why */
		return;
	check_hook(r, chain);
	bind_priority(r, chain);
}

void resolve_chain_policy(struct resolve *r, const struct ast_chain *chain)
{
	/* In a damaged text it may be the hook that wasn't understood. */
	if (chain->has_policy && !chain->is_base && !r->d->text_damaged)
		diag_error(r->d, DIAG_BAD_POLICY, chain->policy_span,
			   "chain '%s' has no hook, so it can't have a policy", chain->name);
}

static void conflict(struct resolve *r, const struct ast_chain *chain, const struct ast_chain *again, struct span at,
		     const char *what)
{
	diag_error(r->d, DIAG_REDEFINED, span_known(at) ? at : again->name_span, "chain '%s' is declared again with %s",
		   chain->name, what);
	diag_note(r->d, chain->name_span, "first declared here");
}

/* nft adds the devices of the second declaration to those of the first. */
static void add_devices(struct resolve *r, struct ast_chain *chain, const struct ast_chain *again)
{
	if (chain->devices && again->devices)
		bind_device(r, again->devices, &chain->devices->items, true);
}

void resolve_chain_again(struct resolve *r, struct ast_chain *chain, const struct ast_chain *again)
{
	if (again->comment)
		chain->comment = again->comment;
	if (again->is_base && !chain->is_base)
		conflict(r, chain, again, again->hook_span, "a hook");
	else if (again->is_base && again->hook != chain->hook)
		conflict(r, chain, again, again->hook_span, "another hook");
	else if (again->is_base && again->priority != chain->priority)
		conflict(r, chain, again, again->priority_span, "another priority");
	else if (again->is_base)
		add_devices(r, chain, again);
	if (!again->has_policy)
		return;
	if (!chain->is_base) {
		resolve_chain_policy(r, again);
		return;
	}
	chain->has_policy = true;
	chain->policy = again->policy;
}

/* ---- iif and oif ---- */

static void warn_direction(struct resolve *r, const struct ast_chain *chain, const struct ast_stmt *s)
{
	enum ast_field f = s->match.field;
	bool arrival = f == FIELD_META_IIF || f == FIELD_META_IIFNAME;

	if (!arrival && f != FIELD_META_OIF && f != FIELD_META_OIFNAME)
		return;
	if (arrival != (chain->hook == HOOK_EGRESS))
		return;
	diag_warning(r->d, DIAG_NO_DIRECTION, s->span, "'%s' is none in hook '%s': this %s matches", ast_field_name(f),
		     ast_hook_name(chain->hook), s->match.op == OP_NE ? "always" : "never");
}

void resolve_check_direction(struct resolve *r, const struct ast_chain *chain, const struct ast_rule *rule)
{
	for (const struct ast_stmt *s = chain->is_base ? rule->stmts : NULL; s; s = s->next)
		if (s->kind == STMT_MATCH)
			warn_direction(r, chain, s);
}
