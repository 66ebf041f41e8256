/* SPDX-License-Identifier: GPL-2.0-only */
/* token.h - one word or sign of the text. */
#ifndef ZFWC_TOKEN_H
#define ZFWC_TOKEN_H

#include <stdint.h>

#include <compiler/base/source.h>
#include <grammar/ast.h>

struct token {
	int kind; /* TOK_... of parse.tab.h */
	struct span span;
	const char *text; /* in the source, not NUL-terminated */
	uint32_t len;
	union {
		uint64_t number;      /* TOK_NUMBER, TOK_CLASSID, TOK_TIME (milliseconds) */
		uint8_t addr[16];     /* TOK_ADDR4, TOK_ADDR6, TOK_MAC */
		enum ast_field field; /* TOK_FIELD */
		const char *message;  /* TOK_BAD: why it is none */
	};
};

#endif
