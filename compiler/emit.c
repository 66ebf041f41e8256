/* SPDX-License-Identifier: GPL-2.0-only */
/* emit.c - from the IR to the contents of all maps. */
#include <compiler/emit.h>

#include <string.h>
#include <sys/socket.h>

#include <compiler/base/arena.h>
#include <compiler/emit_elements.h>
#include <compiler/facts.h>

static bool is_attached(const struct ir *ir, uint32_t index)
{
	for (size_t i = 0; i < ir->n_attach; i++)
		if (ir->attach[i].index == index)
			return true;
	return false;
}

static void add_address(struct elements *elements, uint32_t ifindex, const struct fact_address *a, uint32_t type)
{
	struct zf_local key = { .ifindex = ifindex, .family = a->family == AF_INET ? ZF_IPV4 : ZF_IPV6 };

	memcpy(key.addr, a->addr, a->family == AF_INET ? 4 : 16);
	elements_add(elements, &key, &type, ORIGIN_NONE);
}

/* The last address of an IPv4 network; those of two have none to spare. */
static void add_broadcast(struct elements *elements, uint32_t ifindex, const struct fact_address *a)
{
	struct fact_address last = *a;

	if (a->family != AF_INET || a->prefix_len == 0 || a->prefix_len >= 31)
		return;
	for (unsigned int bit = a->prefix_len; bit < 32; bit++)
		last.addr[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	add_address(elements, ifindex, &last, ZF_BROADCAST);
}

/* What the rules ask of addresses: is it one of the arrival interface, one of
 * any, or that of all hosts in a network? */
struct address_needs {
	bool of_interface, of_any, broadcast;
};

static void needs_of_load(const struct ir_load *l, struct address_needs *n)
{
	if (l->base != IR_META)
		return;
	switch (l->at) {
	case IR_META_SOCKET_TRANSPARENT:
		n->of_any = true;
		break;
	case IR_META_FIB_DADDR:
	case IR_META_FIB_SADDR:
		n->of_any = n->broadcast = true;
		break;
	case IR_META_FIB_DADDR_IIF:
	case IR_META_FIB_SADDR_IIF:
		n->of_interface = n->broadcast = true;
		break;
	}
}

static struct address_needs address_needs(const struct emit *e)
{
	struct address_needs n = { .of_interface = e->ir->uses_local, .of_any = e->ir->uses_tproxy };

	for (size_t i = 0; i < e->ir->n_rules; i++) {
		const struct ir_rule *r = e->ir->rules[i];

		for (size_t k = 0; k < r->n_ops; k++)
			if (r->ops[k].kind == IR_COMPARE)
				needs_of_load(&r->ops[k].compare.load, &n);
		if (r->kind == IR_RULE && r->verdict == IR_REJECT) /* broadcasts aren't answered */
			n.of_any = n.broadcast = true;
	}
	return n;
}

static void add_addresses(struct elements *elements, uint32_t ifindex, const struct fact_interface *f, bool broadcast)
{
	for (size_t i = 0; i < f->n_addrs; i++)
		add_address(elements, ifindex, &f->addrs[i], ZF_LOCAL);
	for (size_t i = 0; broadcast && i < f->n_addrs; i++)
		add_broadcast(elements, ifindex, &f->addrs[i]);
}

/* Several interfaces may have one address, and one of them in several networks. */
static void emit_local(struct emit *e)
{
	struct elements elements = elements_of(MAP_LOCAL, e->a);
	struct address_needs n = address_needs(e);

	for (size_t i = 0; e->facts && i < e->facts->n; i++) {
		const struct fact_interface *f = &e->facts->v[i];

		if (n.of_interface && is_attached(e->ir, f->index))
			add_addresses(&elements, f->index, f, n.broadcast);
		if (n.of_any)
			add_addresses(&elements, 0, f, n.broadcast);
	}
	elements_finish(&elements, &e->ret->maps[MAP_LOCAL]);
}

static void emit_config(struct emit *e)
{
	struct elements elements = elements_of(MAP_CONFIG, e->a);
	uint32_t index = 0;

	e->config.flags[ZF_IPV4] |= (e->ir->uses_ct ? ZF_USES_CT : 0) | (e->ir->uses_tproxy ? ZF_USES_TPROXY : 0);
	e->config.mark = e->options ? e->options->mark : 0;
	elements_add(&elements, &index, &e->config, ORIGIN_NONE);
	elements_finish(&elements, &e->ret->maps[MAP_CONFIG]);
}

static uint32_t highest(const uint32_t *ids, size_t n)
{
	uint32_t last = 0;

	for (size_t i = 0; i < n; i++)
		if (ids[i] > last)
			last = ids[i];
	return last;
}

static bool logs(const struct ir *ir)
{
	for (size_t i = 0; i < ir->n_rules; i++)
		if (ir_has_op(ir->rules[i], IR_LOG))
			return true;
	return false;
}

#define SMALLEST_RING 65536 /* a multiple of every size of page */

static void size_runtime_maps(struct emit *e)
{
	struct map_image *maps = e->ret->maps;

	maps[MAP_COUNTER].capacity = maps[MAP_BASE].capacity = highest(e->ret->counter_ids, e->ir->n_counters) + 1;
	maps[MAP_LIMIT].capacity = highest(e->ret->limit_ids, e->ir->n_limits) + 1;
	maps[MAP_TIMER].capacity = highest(e->ret->timer_ids, e->ir->n_timers) + 1;
	maps[MAP_LOG].capacity = logs(e->ir) ? ZF_LOG_RING : SMALLEST_RING;
	maps[MAP_FLOW].capacity = e->ir->uses_ct ? ZF_FLOWS : 1;
}

int emit_image(const struct ir *ir, const struct facts *facts, const struct emit_options *options,
	       const struct image *found, struct diag *d, struct arena *a, struct image *ret)
{
	struct emit e = { .ir = ir, .facts = facts, .options = options, .d = d, .a = a, .ret = ret };

	*ret = (struct image){ 0 };
	found_read(found, a, &e.found);
	if (emit_rules(&e) < 0 || emit_interfaces(&e) < 0 || emit_tuples(&e) < 0)
		return -1;
	emit_address_classes(&e);
	if (emit_blocks(&e) < 0)
		return -1;
	emit_local(&e);
	emit_config(&e);
	size_runtime_maps(&e);
	return 0;
}
