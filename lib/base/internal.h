/* SPDX-License-Identifier: MIT */
/* What the files of base share among themselves. */
#ifndef INFRAFLUX_BASE_INTERNAL_H
#define INFRAFLUX_BASE_INTERNAL_H

#include "base/base.h"

/* option.c: groups are ended by { NULL, NULL }; arguments land in r->args. -1: reported. */
int options_parse(struct run *r, const struct option_group *groups, int argc, char **argv);
void options_help(struct out *o, const struct program *p, const struct option_group *groups);
void options_completion(struct out *o, const struct program *p, const struct option_group *groups, bool zsh);

#endif
