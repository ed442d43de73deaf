/* SPDX-License-Identifier: MIT */
/* Hash map from str to pointer, in order of insertion (open addressing). */
#include "base/base.h"

#include <string.h>

static struct map_item *find(const struct map *m, str key, uint32_t hash)
{
	if (!m->nslots)
		return NULL;
	for (size_t i = hash & (m->nslots - 1); m->slots[i]; i = (i + 1) & (m->nslots - 1)) {
		struct map_item *item = &m->items[m->slots[i] - 1];
		if (item->hash == hash && str_eq(item->key, key))
			return item;
	}
	return NULL;
}

static void put_slot(struct map *m, uint32_t hash, uint32_t number)
{
	size_t i = hash & (m->nslots - 1);

	while (m->slots[i])
		i = (i + 1) & (m->nslots - 1);
	m->slots[i] = number;
}

void *map_get(const struct map *m, str key)
{
	struct map_item *item = find(m, key, str_hash(key));

	return item ? item->value : NULL;
}

void **map_at(struct arena *a, struct map *m, str key)
{
	uint32_t hash = str_hash(key);
	struct map_item *item = find(m, key, hash);

	if (item)
		return &item->value;
	if ((m->n + 1) * 2 > m->nslots) {
		m->nslots = m->nslots ? m->nslots * 2 : 16;
		m->slots = NEW_ARRAY(a, uint32_t, m->nslots);
		for (size_t i = 0; i < m->n; i++)
			put_slot(m, m->items[i].hash, (uint32_t)i + 1);
	}
	if (m->n == m->cap)
		m->items = vec_grow(a, m->items, &m->cap, sizeof *m->items);
	m->items[m->n] = (struct map_item){ key, NULL, hash };
	put_slot(m, hash, (uint32_t)m->n + 1);
	return &m->items[m->n++].value;
}
