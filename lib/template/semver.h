/* SPDX-License-Identifier: MIT */
/* Semantic versions and their constraints, as Masterminds' library reads them. */
#ifndef INFRAFLUX_TEMPLATE_SEMVER_H
#define INFRAFLUX_TEMPLATE_SEMVER_H

#include "base/base.h"

struct semver { /* slices of the text */
	uint64_t major, minor, patch;
	str pre, metadata, original;
};
bool semver_parse(str s, struct semver *v); /* "v1.2" is 1.2.0; false: no version */
int semver_compare(const struct semver *x, const struct semver *y);
/* ">=1.20 <2 || ~3.1". 1: v satisfies it; 0: not; -1: it is no constraint. */
int semver_satisfies(str constraint, const struct semver *v);

#endif
