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

static void add_address(struct elements *elements, uint32_t ifindex, const struct fact_address *a)
{
	static const uint32_t present = 1;
	struct zf_local key = { .ifindex = ifindex, .family = a->family == AF_INET ? ZF_IPV4 : ZF_IPV6 };

	memcpy(key.addr, a->addr, a->family == AF_INET ? 4 : 16);
	elements_add(elements, &key, &present, ORIGIN_NONE);
}

/* Several interfaces may have one address, and one of them in several networks. */
static void emit_local(struct emit *e)
{
	struct elements elements = elements_of(MAP_LOCAL, e->a);

	for (size_t i = 0; e->facts && i < e->facts->n; i++) {
		const struct fact_interface *f = &e->facts->v[i];
		bool attached = is_attached(e->ir, f->index);

		for (size_t j = 0; j < f->n_addrs; j++) {
			if (e->ir->uses_local && attached)
				add_address(&elements, f->index, &f->addrs[j]);
			if (e->ir->uses_tproxy)
				add_address(&elements, 0, &f->addrs[j]);
		}
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

static uint32_t counters_needed(const struct emit *e)
{
	uint32_t last = 0;

	for (size_t i = 0; i < e->ir->n_counters; i++)
		if (e->ret->counter_ids[i] > last)
			last = e->ret->counter_ids[i];
	return last + 1;
}

static void size_runtime_maps(struct emit *e)
{
	e->ret->maps[MAP_COUNTER].capacity = e->ret->maps[MAP_BASE].capacity = counters_needed(e);
	e->ret->maps[MAP_FLOW].capacity = e->ir->uses_ct ? ZF_FLOWS : 1;
}

int emit_image(const struct ir *ir, const struct facts *facts, const struct emit_options *options,
	       const struct image *found, struct diag *d, struct arena *a, struct image *ret)
{
	struct emit e = { .ir = ir, .facts = facts, .options = options, .d = d, .a = a, .ret = ret };

	*ret = (struct image){ 0 };
	found_read(found, a, &e.found);
	emit_rules(&e);
	if (emit_interfaces(&e) < 0 || emit_tuples(&e) < 0)
		return -1;
	emit_address_classes(&e);
	if (emit_blocks(&e) < 0)
		return -1;
	emit_local(&e);
	emit_config(&e);
	size_runtime_maps(&e);
	return 0;
}
