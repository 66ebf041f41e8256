/* SPDX-License-Identifier: GPL-2.0-only */
/* image_print_rule.c - elements of RULE and OPS as text. */
#include <compiler/image_print.h>

#include <inttypes.h>
#include <stdbool.h>

#include <compiler/base/buf.h>

/* ---- rules ---- */

static void print_resume(const char *title, uint32_t label, struct buf *out)
{
	if (label == ZF_LABEL_NONE)
		buf_printf(out, " %s end", title);
	else
		buf_printf(out, " %s %" PRIu32, title, label);
}

static void print_tproxy(const struct zf_tproxy *t, struct buf *out)
{
	buf_puts(out, " tproxy");
	if (t->family) {
		buf_puts(out, " [");
		print_addr(t->family == 4 ? ZF_IPV4 : ZF_IPV6, t->addr, out);
		buf_puts(out, "]");
	}
	if (t->port)
		buf_printf(out, " :%u", t->port);
}

static void print_states(uint32_t states, struct buf *out)
{
	static const struct bit_name names[] = { { ZF_CT_INVALID, "invalid" },
						 { ZF_CT_ESTABLISHED, "established" },
						 { ZF_CT_RELATED, "related" },
						 { ZF_CT_NEW, "new" },
						 { ZF_CT_UNTRACKED, "untracked" } };

	PRINT_BITS(states, names, out);
}

static void print_verdict(const struct zf_rule *r, struct buf *out)
{
	switch (r->verdict) {
	case ZF_DROP:
		buf_puts(out, " drop");
		break;
	case ZF_RESUME:
		print_resume("resume", r->resume, out);
		break;
	case ZF_REJECT:
		buf_printf(out, " reject icmp %u icmpv6 %u", r->icmp_code, r->icmp6_code);
		break;
	case ZF_RESET:
		buf_puts(out, " reject tcp-reset");
		break;
	default:
		buf_printf(out, " verdict %u", r->verdict);
	}
}

void print_rule(const struct zf_rule *r, struct buf *out)
{
	static const struct bit_name flags[] = { { ZF_COUNT_FIRST, "count-first" },
						 { ZF_LOCAL_ADDRESS, "local-address" },
						 { ZF_SPARES_ND, "spares-nd" } };

	buf_printf(out, " label %" PRIu32 " identity %016llx", r->label, (unsigned long long)r->identity);
	if (r->flags & ZF_MARK) {
		buf_puts(out, " mark");
		return;
	}
	print_states(r->ct_states, out);
	PRINT_BITS(r->flags, flags, out);
	if (r->flags & ZF_TPROXY)
		print_tproxy(&r->tproxy, out);
	if (r->flags & ZF_HAS_OPS)
		buf_printf(out, " op %" PRIu32, r->ops);
	if (r->counter)
		buf_printf(out, " counter %" PRIu32, r->counter);
	print_verdict(r, out);
	if (r->otherwise)
		print_resume("otherwise", r->otherwise, out);
}

/* ---- ops ---- */

static void print_wide(const struct zf_number *x, struct buf *out)
{
	if (x->high)
		buf_printf(out, "0x%llx%016llx", (unsigned long long)x->high, (unsigned long long)x->low);
	else
		buf_printf(out, "0x%llx", (unsigned long long)x->low);
}

static bool is_below(const struct zf_number *x, const struct zf_number *y)
{
	return x->high < y->high || (x->high == y->high && x->low < y->low);
}

static void print_range_of(const struct zf_range *r, struct buf *out)
{
	if (is_below(&r->hi, &r->lo))
		return;
	buf_putc(out, ' ');
	print_wide(&r->lo, out);
	if (!is_below(&r->lo, &r->hi))
		return;
	buf_putc(out, '-');
	print_wide(&r->hi, out);
}

static void print_compare(const struct zf_op *op, struct buf *out)
{
	static const char *const bases[] = { "link", "network", "transport", "meta" };

	buf_printf(out, " %s[%u:%u] & ", bases[op->base & 3], op->at, op->len);
	print_wide(&op->mask, out);
	buf_puts(out, " ^ ");
	print_wide(&op->flip, out);
	if (op->flags & ZF_OP_IN_SET) {
		buf_printf(out, " in set %" PRIu32, op->number);
		return;
	}
	buf_puts(out, " in");
	print_range_of(&op->range, out);
	buf_puts(out, op->flags & ZF_OP_GOES_ON ? " or" : "");
}

static void print_limit_op(const struct zf_op *op, struct buf *out)
{
	buf_printf(out, " limit %" PRIu32 "%s %llu %s in %llu ns, most %llu ns", op->number,
		   op->flags & ZF_OP_OVER ? " over" : "", (unsigned long long)op->limit.rate,
		   op->flags & ZF_OP_BYTES ? "bytes" : "packets", (unsigned long long)op->limit.nsecs,
		   (unsigned long long)op->limit.most);
}

static void print_op_kind(const struct zf_op *op, struct buf *out)
{
	switch (op->kind) {
	case ZF_OP_COMPARE:
		print_compare(op, out);
		break;
	case ZF_OP_MORE:
		print_range_of(&op->more[0], out);
		print_range_of(&op->more[1], out);
		buf_puts(out, op->flags & ZF_OP_GOES_ON ? " or" : "");
		break;
	case ZF_OP_CT:
		print_states(op->states, out);
		break;
	case ZF_OP_LOCAL:
		buf_puts(out, " local-address");
		break;
	case ZF_OP_LIMIT:
		print_limit_op(op, out);
		break;
	case ZF_OP_ALIVE:
		buf_printf(out, " timer %" PRIu32, op->number);
		break;
	case ZF_OP_TPROXY:
		print_tproxy(&op->tproxy, out);
		break;
	case ZF_OP_COUNT:
		buf_printf(out, " counter %" PRIu32, op->number);
		break;
	case ZF_OP_LOG:
		buf_puts(out, " log");
		break;
	case ZF_OP_SET_MARK:
	case ZF_OP_SET_PRIORITY:
		buf_printf(out, " %s & 0x%" PRIx32 " ^ 0x%" PRIx32, op->kind == ZF_OP_SET_MARK ? "mark" : "priority",
			   op->set.and, op->set.xor);
		break;
	default:
		buf_printf(out, " kind %u", op->kind);
	}
}

void print_op(const struct zf_op *op, struct buf *out)
{
	print_op_kind(op, out);
	if (op->next)
		buf_printf(out, ", then %" PRIu32, op->next);
}
