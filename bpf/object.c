// SPDX-License-Identifier: GPL-2.0-only
/* object.c - puts the compiled programs into the binary: see object.h.
 *
 * The path is one below the folder that make runs in. */
#include <bpf/object.h>

__asm__(".pushsection .rodata\n"
	"	.global zfwc_bpf_object\n"
	"	.global zfwc_bpf_object_end\n"
	"	.balign 16\n"
	"zfwc_bpf_object:\n"
	"	.incbin \"bpf/zfwc.bpf.o\"\n"
	"zfwc_bpf_object_end:\n"
	"	.popsection\n");
