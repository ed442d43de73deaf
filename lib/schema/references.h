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

/* ---- reference_makers.c: what is not given may be made by what is ---- */
struct makers;
struct makers *makers_new(struct arena *a);
void makers_add(struct makers *m, const struct rules *r);
/* Who may make an object, or pods with that label: "the HelmRelease "web""; empty: nobody who is given. */
str makers_of_name(const struct makers *m, str kind, str name, str ns);
str makers_of_pods(const struct makers *m, str key, str value, str ns);
bool makers_see(const struct makers *m, str ns); /* are there objects of this namespace? */

#endif
