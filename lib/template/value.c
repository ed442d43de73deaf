/* SPDX-License-Identifier: MIT */
/* The values that templates see, made lazily from document trees. */
#include <stdlib.h>
#include <string.h>

#include "template/internal.h"

struct val val_map(struct arena *a)
{
	return (struct val){ .kind = VAL_MAP, .map = NEW(a, struct vmap) };
}

struct val val_list(struct arena *a)
{
	return (struct val){ .kind = VAL_LIST, .list = NEW(a, struct vlist) };
}

struct val val_strings(struct arena *a)
{
	struct val v = val_list(a);

	v.list->strings = true;
	return v;
}

struct val val_object(struct arena *a, const struct vclass *class, void *self)
{
	struct val v = { .kind = VAL_OBJECT, .obj = NEW(a, struct vobj) };

	v.obj->class = class;
	v.obj->self = self;
	return v;
}

static struct val convert(struct arena *a, const struct node *n, bool ints)
{
	struct val v = val_nil();
	int64_t i;

	if (!n)
		return v;
	switch ((enum kind)n->kind) {
	case NODE_NULL:
		break;
	case NODE_BOOL:
		v = val_bool(node_true(n));
		break;
	case NODE_INT:
		v = (ints || (n->flags & NODE_INT64)) && node_to_i64(n, &i) ? val_int64(i) : val_float(node_to_double(n));
		break;
	case NODE_FLOAT:
		v = val_float(node_to_double(n));
		break;
	case NODE_STRING:
		v = val_str(node_text(n));
		break;
	case NODE_SEQ:
		v = val_list(a);
		v.list->node = n;
		v.list->ints = ints;
		break;
	case NODE_MAP:
		v = val_map(a);
		v.map->node = n;
		v.map->ints = ints;
		v.map->live = n->n;
		break;
	}
	v.origin = n;
	return v;
}

struct val val_of_node(struct arena *a, const struct node *n)
{
	return convert(a, n, false);
}

struct val val_of_node_int(struct arena *a, const struct node *n)
{
	return convert(a, n, true);
}

struct val val_plain(struct arena *a, struct val v)
{
	struct val p;

	if (v.kind != VAL_OBJECT || !v.obj->class->plain)
		return v;
	p = v.obj->class->plain(a, v.obj->self);
	if (!p.origin)
		p.origin = v.origin;
	return p;
}

/* ---- lists ---- */

size_t vlist_count(const struct vlist *l)
{
	return l->node ? l->node->n : l->n;
}

static void list_expand(struct arena *a, struct vlist *l)
{
	const struct node *n = l->node;

	if (!n)
		return;
	l->node = NULL;
	l->n = l->cap = n->n;
	l->p = NEW_ARRAY(a, struct val, n->n + 1);
	for (size_t i = 0; i < n->n; i++)
		l->p[i] = convert(a, n->items[i], l->ints);
}

struct val vlist_at(struct arena *a, struct vlist *l, size_t i)
{
	list_expand(a, l);
	return l->p[i];
}

void vlist_push(struct arena *a, struct vlist *l, struct val v)
{
	list_expand(a, l);
	*VEC_ADD(a, l) = v;
}

/* ---- maps ---- */

static void slots_fill(struct arena *a, struct vmap *m)
{
	size_t mask;

	m->nslots = 32;
	while (m->nslots < 2 * m->cap)
		m->nslots *= 2;
	m->slots = NEW_ARRAY(a, uint32_t, m->nslots);
	mask = m->nslots - 1;
	for (size_t i = 0; i < m->n; i++) {
		size_t at = m->p[i].hash & mask;

		while (m->slots[at])
			at = (at + 1) & mask;
		m->slots[at] = (uint32_t)i + 1;
	}
}

static void map_expand(struct arena *a, struct vmap *m)
{
	const struct node *n = m->node;

	if (!n)
		return;
	m->node = NULL;
	m->n = m->live = n->n;
	m->cap = n->n + 4;
	m->p = NEW_ARRAY(a, struct vitem, m->cap);
	for (size_t i = 0; i < n->n; i++) {
		str key = entry_key(&n->entries[i]);

		m->p[i] = (struct vitem){ key, str_hash(key), convert(a, n->entries[i].value, m->ints) };
	}
	if (m->n > 8)
		slots_fill(a, m);
}

static struct vitem *find(struct vmap *m, str key, uint32_t hash)
{
	size_t mask, at;

	if (!m->slots) {
		for (size_t i = 0; i < m->n; i++)
			if (m->p[i].hash == hash && m->p[i].key.p && str_eq(m->p[i].key, key))
				return &m->p[i];
		return NULL;
	}
	mask = m->nslots - 1;
	for (at = hash & mask; m->slots[at]; at = (at + 1) & mask) {
		struct vitem *it = &m->p[m->slots[at] - 1];

		if (it->hash == hash && it->key.p && str_eq(it->key, key))
			return it;
	}
	return NULL;
}

size_t vmap_count(const struct vmap *m)
{
	return m->live;
}

const struct vitem *vmap_find(struct arena *a, struct vmap *m, str key, uint32_t hash)
{
	map_expand(a, m);
	return find(m, key, hash);
}

bool vmap_get(struct arena *a, struct vmap *m, str key, struct val *out)
{
	const struct vitem *it = vmap_find(a, m, key, str_hash(key));

	if (it)
		*out = it->value;
	return it != NULL;
}

void vmap_put(struct arena *a, struct vmap *m, str key, struct val v)
{
	uint32_t hash = str_hash(key);
	struct vitem *it = (map_expand(a, m), find(m, key, hash));
	size_t cap = m->cap, at;

	m->sorted = NULL;
	if (it) {
		it->value = v;
		return;
	}
	if (!key.p)
		key.p = "";
	*VEC_ADD(a, m) = (struct vitem){ key, hash, v };
	m->live++;
	if (m->n <= 8)
		return;
	if (!m->slots || cap != m->cap) {
		slots_fill(a, m);
		return;
	}
	for (at = hash & (m->nslots - 1); m->slots[at]; at = (at + 1) & (m->nslots - 1))
		;
	m->slots[at] = (uint32_t)m->n;
}

bool vmap_remove(struct arena *a, struct vmap *m, str key)
{
	struct vitem *it = (map_expand(a, m), find(m, key, str_hash(key)));

	if (!it)
		return false;
	it->key.p = NULL;
	m->live--;
	m->sorted = NULL;
	return true;
}

static int by_key(const void *x, const void *y)
{
	return str_cmp(((const struct vitem *)x)->key, ((const struct vitem *)y)->key);
}

const struct vitem *vmap_sorted(struct arena *a, struct vmap *m, size_t *n)
{
	size_t k = 0;
	bool sorted = true;

	map_expand(a, m);
	*n = m->live;
	if (m->sorted || !m->live)
		return m->sorted;
	m->sorted = NEW_ARRAY(a, struct vitem, m->live);
	for (size_t i = 0; i < m->n; i++)
		if (m->p[i].key.p) {
			if (k && str_cmp(m->sorted[k - 1].key, m->p[i].key) > 0)
				sorted = false;
			m->sorted[k++] = m->p[i];
		}
	if (!sorted)
		qsort(m->sorted, k, sizeof(*m->sorted), by_key);
	return m->sorted;
}

void vmap_set_type(struct vmap *m, const char *type)
{
	m->type = type;
}

struct vmap *arg_map(struct tmpl_call *c, struct val v)
{
	return v.kind == VAL_MAP ? v.map : NEW(c->a, struct vmap);
}

/* ---- names, truth, equality, nodes ---- */

const char *val_type_name(struct arena *a, struct val v)
{
	static const char *const ints[] = { "int", "int", "int64", "int32", "uint64", "uint8" };

	(void)a;
	switch ((enum val_kind)v.kind) {
	case VAL_NONE:
	case VAL_NIL:
		return "<nil>";
	case VAL_BOOL:
		return "bool";
	case VAL_INT:
		return v.type < COUNT(ints) ? ints[v.type] : "int";
	case VAL_FLOAT:
		return "float64";
	case VAL_STRING:
		return v.type == VT_BYTES ? "[]uint8" : "string";
	case VAL_LIST:
		return v.list->type ? v.list->type : v.list->strings ? "[]string" : "[]interface {}";
	case VAL_MAP:
		return v.map->type ? v.map->type : v.map->strings ? "map[string]string" : "map[string]interface {}";
	case VAL_OBJECT:
		return v.obj->class->type;
	}
	return "?";
}

const char *val_kind_name(struct val v)
{
	switch ((enum val_kind)v.kind) {
	case VAL_NONE:
	case VAL_NIL:
		return "invalid";
	case VAL_STRING:
		return v.type == VT_BYTES ? "slice" : "string";
	case VAL_LIST:
		return "slice";
	case VAL_MAP:
		return "map";
	case VAL_OBJECT:
		return v.obj->class->kind;
	default:
		return val_type_name(NULL, v);
	}
}

bool val_truth(struct arena *a, struct val v)
{
	switch ((enum val_kind)v.kind) {
	case VAL_NONE:
	case VAL_NIL:
		return false;
	case VAL_BOOL:
		return v.b;
	case VAL_INT:
		return v.i != 0;
	case VAL_FLOAT:
		return v.f != 0;
	case VAL_STRING:
		return v.n != 0;
	case VAL_LIST:
		return vlist_count(v.list) != 0;
	case VAL_MAP:
		return vmap_count(v.map) != 0;
	case VAL_OBJECT:
		if (strcmp(v.obj->class->kind, "struct") == 0 || strcmp(v.obj->class->kind, "ptr") == 0)
			return true;
		v = val_plain(a, v);
		return v.kind == VAL_OBJECT || val_truth(a, v);
	}
	return false;
}

static bool maps_equal(struct arena *a, struct vmap *x, struct vmap *y, int depth)
{
	size_t n;
	const struct vitem *items;

	if (x == y)
		return true;
	if (vmap_count(x) != vmap_count(y) || x->strings != y->strings)
		return false;
	items = vmap_sorted(a, x, &n);
	for (size_t i = 0; i < n; i++) {
		const struct vitem *other = vmap_find(a, y, items[i].key, items[i].hash);

		if (!other || !val_equal(a, items[i].value, other->value, depth))
			return false;
	}
	return true;
}

static bool lists_equal(struct arena *a, struct vlist *x, struct vlist *y, int depth)
{
	size_t n = vlist_count(x);

	if (x == y)
		return true;
	if (n != vlist_count(y) || x->strings != y->strings)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!val_equal(a, vlist_at(a, x, i), vlist_at(a, y, i), depth))
			return false;
	return true;
}

bool val_equal(struct arena *a, struct val x, struct val y, int depth)
{
	if (val_is_nil(x) || val_is_nil(y))
		return val_is_nil(x) && val_is_nil(y);
	if (x.kind != y.kind || depth > TMPL_MAX_NESTING)
		return false;
	switch ((enum val_kind)x.kind) {
	case VAL_BOOL:
		return x.b == y.b;
	case VAL_INT:
		return x.type == y.type && x.i == y.i;
	case VAL_FLOAT:
		return x.f == y.f;
	case VAL_STRING:
		return (x.type == VT_BYTES) == (y.type == VT_BYTES) && str_eq(val_text(x), val_text(y));
	case VAL_LIST:
		return lists_equal(a, x.list, y.list, depth + 1);
	case VAL_MAP:
		return maps_equal(a, x.map, y.map, depth + 1);
	case VAL_OBJECT:
		if (x.obj->class != y.obj->class)
			return false;
		if (x.obj->self == y.obj->self)
			return true;
		return x.obj->class->plain && val_equal(a, val_plain(a, x), val_plain(a, y), depth + 1);
	default:
		return true;
	}
}
