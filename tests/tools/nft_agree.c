/* SPDX-License-Identifier: GPL-2.0-only */
/* nft_agree.c - random rules and random frames for nft_agree.t.
 *
 *	nft_agree rules SEED HOOK			a ruleset for nft and zfwc
 *	nft_agree send SEED HOOK RULES COUNT PAIR ...	frames for the rules in that file; each goes
 *							out of both interfaces of one pair,
 *							NETNS/INTERFACE:NETNS/INTERFACE
 *	nft_agree read SEED HOOK RULES PAIR		the frames of standard input, hexadecimal, one a line
 *	nft_agree frame SEED HOOK RULES NUMBER PAIRS	one of those, as text: the pair and its bytes
 *
 * HOOK is ingress, egress or prerouting.  Equal seeds give equal output.  Values are
 * drawn from small pools, mostly of boundaries, and frames mostly have those that the
 * rules name, and their neighbours.  What nft and zfwc are known to see differently
 * isn't made; nft_agree.t says what that is, and why.  'send' ends with 1 if what
 * comes back from the two differs. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agree.h"

static void show_frame(enum hook hook, unsigned int number, unsigned int n_pairs)
{
	struct frame f;

	for (unsigned int i = 0; i <= number; i++) {
		unsigned int pair = draw(n_pairs);

		make_frame(&f, hook, i);
		if (i == number)
			printf("pair %u, mark %u:", pair, f.mark);
	}
	for (size_t i = 0; i < f.n; i++)
		printf(" %02x", f.b[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	enum hook hook = argc > 3 ? hook_named(argv[3]) : HOOKS;

	if (hook == HOOKS)
		errx(2, "usage: nft_agree rules SEED HOOK | send SEED HOOK RULES COUNT PAIR ... | "
			"read SEED HOOK RULES PAIR | frame SEED HOOK RULES NUMBER PAIRS");
	dice_seed(strtoull(argv[2], NULL, 0));
	if (argc > 4)
		values_learn(argv[4]);
	if (!strcmp(argv[1], "rules"))
		put_ruleset(hook);
	else if (!strcmp(argv[1], "send") && argc > 6)
		return send_frames(hook, (unsigned int)strtoul(argv[5], NULL, 0), argv + 6, (unsigned int)argc - 6) !=
		       0;
	else if (!strcmp(argv[1], "read") && argc == 6)
		return send_read(argv + 5, 1) != 0;
	else if (!strcmp(argv[1], "frame") && argc == 7)
		show_frame(hook, (unsigned int)strtoul(argv[5], NULL, 0), (unsigned int)strtoul(argv[6], NULL, 0));
	else
		errx(2, "'%s' is no command, or lacks arguments", argv[1]);
	return 0;
}
