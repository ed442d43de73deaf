/* SPDX-License-Identifier: MIT */
/* What parse.c and pipeline.c share. */
#ifndef INFRAFLUX_TEMPLATE_PARSE_H
#define INFRAFLUX_TEMPLATE_PARSE_H

#include <stdio.h>
#include <string.h>

#include "template/internal.h"

struct scope { /* the variables of one template: name of slot i */
	struct scope_var {
		str name;
		uint32_t slot;
	} *p;
	size_t n, cap;
	uint32_t max;
};
struct parser {
	struct arena *a;
	struct tmpl_set *set;
	const struct ttmpl *like;
	struct parse_error *error;
	struct lexer lexer;
	struct token pending[4];
	int npending, depth, ranges;
	struct scope *scope;
	struct map made;
	bool failed;
};
void parse_fail(struct parser *p, struct token at, const char *fmt, ...) PRINTF_LIKE(3, 4);
void parse_unexpected(struct parser *p, struct token t, const char *where);
struct token parse_next(struct parser *p);
void parse_back(struct parser *p, struct token t);
struct token parse_word(struct parser *p);
struct token parse_peek_word(struct parser *p);
struct tnode *parse_node(struct parser *p, enum tn_type type, struct token at);
struct tnode *parse_pipeline(struct parser *p, const char *context, enum token_type end);
uint32_t scope_declare(struct parser *p, str name);

#endif
