/* SPDX-License-Identifier: MIT */
/* What exec.c and eval.c share. */
#ifndef INFRAFLUX_TEMPLATE_EVAL_H
#define INFRAFLUX_TEMPLATE_EVAL_H

#include "template/internal.h"

struct pos eval_pos(const struct tmpl_exec *x, const struct tnode *n);
int eval_pipe(struct tmpl_exec *x, const struct tnode *pipe, struct val *out);
int exec_enter(struct tmpl_exec *x, const struct tnode *n); /* a level of nesting, left by nesting--; -1: too many, reported */
int exec_step(struct tmpl_exec *x, const struct tnode *n); /* counts; -1: a budget is used up, reported */

#endif
