/* SPDX-License-Identifier: MIT */
/*
 * What the files of doc share: the index of big maps, the builder that both
 * readers feed, and what a reader is made of.
 */
#ifndef INFRAFLUX_DOC_INTERNAL_H
#define INFRAFLUX_DOC_INTERNAL_H

#include "doc/doc.h"

#include <string.h>

/* ---- node.c: maps ------------------------------------------------------- */
/*
 * An array of entries with room for more than MAP_SMALL is followed by an
 * open-addressing index: map_slots(cap) numbers of entries, counted from 1.
 */
#define MAP_SMALL 16

extern const char key_seed; /* its address differs from run to run: keys made to collide do not */

__extension__ typedef unsigned __int128 uint128;

static inline uint64_t key_mix(uint64_t x, uint64_t y)
{
	uint128 m = (uint128)x * y;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint32_t key_hash(const char *p, size_t n)
{
	const uint64_t k1 = 0xa0761d6478bd642f, k2 = 0xe7037ed1a0b428db;
	uint64_t h = (uint64_t)(uintptr_t)&key_seed * k2 ^ n, w = 0;
	uint32_t x, y;

	for (; n > 8; p += 8, n -= 8) {
		memcpy(&w, p, 8);
		h = key_mix(h ^ w, k1);
	}
	if (n >= 4) {
		memcpy(&x, p, 4);
		memcpy(&y, p + n - 4, 4);
		w = (uint64_t)x << 32 | y;
	} else if (n > 0) {
		w = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n / 2] << 8 | (unsigned char)p[n - 1];
	}
	h = key_mix(h ^ w, k2);
	return (uint32_t)(h ^ h >> 32);
}

/* Room for cap entries (and their index, zeroed), in a. */
struct entry *map_room(struct arena *a, size_t cap);
/* Enters all n entries anew into the index of a map that has one. */
void map_index(struct node *map);
/* Enters entry i; an entry with the same key that is there already is returned instead. */
struct entry *map_enter(struct node *map, size_t i);

/* ---- type.c ------------------------------------------------------------- */
/* A plain scalar's text as it is kept: YAML 1.2's 0777, decimal there, loses its zeros. */
str scalar_keep(struct arena *a, str text, enum kind k, enum yaml_version v);
/* Sign, and value of an integer in any notation; false beyond 64 bits. */
bool int_parse(str s, bool *neg, uint64_t *magnitude);

/* ---- number.c ----------------------------------------------------------- */
/* The key that a scalar makes, as sigs.k8s.io/yaml spells it; a view of text where it can be. */
str scalar_key(struct arena *a, str text, enum kind k, bool truth, enum yaml_version v);
bool number_equal(const struct node *x, const struct node *y);

#endif
