/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_list.c - 'zfwc list': the live ruleset as text that apply accepts, or as
 * JSON. */
#include <errno.h>
#include <string.h>

#include <compiler/base/arena.h>
#include <compiler/base/buf.h>
#include <compiler/json_write.h>
#include <runtime/cmd.h>
#include <runtime/cmd_installed.h>
#include <runtime/cmd_numbers.h>
#include <runtime/live.h>
#include <runtime/options.h>
#include <runtime/report.h>

struct counters {
	struct live *live;
	struct numbers numbers;
};

static bool read_number(struct counters *c, const void *owner, unsigned int nth, uint64_t *packets, uint64_t *bytes)
{
	const struct number *number = number_find(&c->numbers, owner, nth);

	*packets = *bytes = 0;
	return number && (!number->id || live_read_counter(c->live, number->id, packets, bytes) == 0);
}

static bool read_counter(void *ctx, const struct ast_rule *rule, unsigned int nth, uint64_t *packets, uint64_t *bytes)
{
	return read_number(ctx, rule, nth, packets, bytes);
}

static bool read_named(void *ctx, const struct ast_object *object, uint64_t *packets, uint64_t *bytes)
{
	return read_number(ctx, object, 0, packets, bytes);
}

static bool read_element(void *ctx, const struct ast_value *element, uint64_t *packets, uint64_t *bytes)
{
	return read_number(ctx, element, 0, packets, bytes);
}

/* Without any counter of which the numbers are known, as --stateless wants it. */
static const struct listing_options values = {
	.counter = read_counter,
	.named_counter = read_named,
	.element_counter = read_element,
};

static void list(struct installed *in, const struct options *o, struct arena *a)
{
	struct counters counters = { in->live, { 0 } };
	struct listing_options options = values;
	struct buf text = { .arena = a };
	struct listing listing;

	options.ctx = &counters;
	options.handles = option_given(o, OPTION(HANDLES));
	if (!option_given(o, OPTION(STATELESS)))
		counters.numbers = numbers_of_counters(in, a);
	if (option_given(o, OPTION(JSON))) {
		json_write(in->compiled.ruleset, &options, &in->listing, a, &text);
		report_text(&text);
		return;
	}
	listing_make(in->compiled.ruleset, &in->sources, &options, a, &listing);
	listing_print(&listing, &text);
	report_text(&text);
}

static int show_nothing(const struct options *o, struct arena *a)
{
	static const struct listing_options options = { 0 };
	struct buf text = { .arena = a };

	if (option_given(o, OPTION(JSON)))
		json_write(NULL, &options, NULL, a, &text);
	else
		buf_puts(&text, "");
	report_text(&text);
	return 0;
}

int cmd_list(const struct options *o, struct arena *a)
{
	struct trouble t = { 0 };
	struct installed in;
	int r;

	if (o->n_args && strcmp(o->args[0], "ruleset") != 0) {
		report_error("list: no '%s'; 'zfwc list' and 'zfwc list ruleset' print all rules", o->args[0]);
		return 1;
	}
	r = installed_open(o, a, &in, &t);
	if (r == -ENOENT)
		return show_nothing(o, a);
	if (!r)
		r = installed_recover(&in, a, &t);
	if (!r)
		list(&in, o, a);
	installed_close(&in);
	if (r)
		report_trouble(&t);
	return r ? 1 : 0;
}
