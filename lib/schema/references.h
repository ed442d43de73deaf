/* SPDX-License-Identifier: MIT */
/* schema: checks across the objects of a run (validate --references); rules have ids ref/…. */
#ifndef INFRAFLUX_SCHEMA_REFERENCES_H
#define INFRAFLUX_SCHEMA_REFERENCES_H

#include "schema/rules.h"

struct references;
struct references *references_new(struct arena *a);
/* Keeps what others may refer to, and what this object refers to; the object itself may go. */
void references_add(struct references *x, const struct rules *r);
size_t references_count(const struct references *x); /* names and selectors that were met */
/* At the end of all inputs. */
void references_end(struct references *x, void (*put)(void *ctx, const struct finding *f), void *ctx);

#endif
