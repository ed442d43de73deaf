/* SPDX-License-Identifier: MIT */
/* ConfigMaps and Secrets made of literals, files and env files; and the hash in their names. */
#include <string.h>

#include "kustomize/internal.h"

#define LINE 70 /* kustomize breaks long base64 after as many digits */

static str base64(struct arena *a, str s)
{
	struct buf b = BUF(a), out = BUF(a);

	buf_base64(&b, s);
	if (b.n < LINE)
		return buf_str(&b);
	for (size_t i = 0; i < b.n; i += LINE) {
		buf_add(&out, str_sub(buf_str(&b), i, i + LINE));
		buf_char(&out, '\n');
	}
	return buf_str(&out);
}

/* ---- sources ------------------------------------------------------------------------------ */
struct making {
	struct layer *l;
	bool secret;
	struct node *object;
	const struct node *at; /* the source under way */
};

static int put_pair(struct making *m, str key, str value)
{
	struct arena *a = m->l->b->a;
	bool text = utf8_valid(value, NULL);
	struct node *map = own_map(a, m->object, m->secret || text ? S("data") : S("binaryData"));

	if (key.n == 0)
		return diag_trouble(m->l->b->diag, node_pos(m->at), "kustomize", "a key is missing: write KEY=VALUE");
	if (node_get(map, key))
		return diag_trouble(m->l->b->diag, node_pos(m->at), "kustomize", "the key \"%.*s\" is given twice", STR_ARG(key));
	node_put(a, map, str_copy(a, key), node_at(node_string(a, m->secret || !text ? base64(a, value) : value), m->at));
	return 0;
}

static str unquoted(str s)
{
	if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
		return str_sub(s, 1, s.n - 1);
	return s;
}

static int put_literal(struct making *m, str s)
{
	ptrdiff_t eq = str_chr(s, '=');

	if (eq <= 0)
		return diag_trouble(m->l->b->diag, node_pos(m->at), "kustomize", "a literal is KEY=VALUE");
	return put_pair(m, str_sub(s, 0, (size_t)eq), unquoted(str_sub(s, (size_t)eq + 1, s.n)));
}

static int put_file(struct making *m, str s)
{
	ptrdiff_t eq = str_chr(s, '=');
	str path = eq < 0 ? s : str_sub(s, (size_t)eq + 1, s.n), key = eq < 0 ? s : str_sub(s, 0, (size_t)eq), text;

	for (ptrdiff_t slash; eq < 0 && (slash = str_chr(key, '/')) >= 0;)
		key = str_sub(key, (size_t)slash + 1, key.n);
	const char *file = layer_file(m->l, m->at, path);
	if (!file || file_read(m->l->b->a, m->l->b->diag, file, &text) < 0)
		return -1;
	return put_pair(m, key, text);
}

static int put_env(struct making *m, str path)
{
	str text;

	const char *file = layer_file(m->l, m->at, path);

	if (!file || file_read(m->l->b->a, m->l->b->diag, file, &text) < 0)
		return -1;
	if (str_starts(text, S("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.n);
	while (text.n) {
		ptrdiff_t end = str_chr(text, '\n');
		str line = end < 0 ? text : str_sub(text, 0, (size_t)end);
		text = end < 0 ? S("") : str_sub(text, (size_t)end + 1, text.n);
		if (str_ends(line, S("\r")))
			line.n--;
		while (line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
			line = str_sub(line, 1, line.n);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		ptrdiff_t eq = str_chr(line, '=');
		if (eq < 0) /* the value would be the environment's, which is not looked at */
			return diag_trouble(m->l->b->diag, node_pos(m->at), "kustomize", "the line \"%.*s\" of %.*s has no \"=\"", STR_ARG(line), STR_ARG(path));
		if (put_pair(m, str_sub(line, 0, (size_t)eq), str_sub(line, (size_t)eq + 1, line.n)) < 0)
			return -1;
	}
	return 0;
}

static int each_source(struct making *m, const struct node *n, int (*put)(struct making *m, str s))
{
	if (node_is(n, NODE_STRING)) {
		m->at = n;
		return put(m, node_text(n));
	}
	for (uint32_t i = 0; node_is(n, NODE_SEQ) && i < n->n; i++) {
		m->at = n->items[i];
		if (put(m, node_str(n->items[i])) < 0)
			return -1;
	}
	return 0;
}

/* ---- options and behaviour --------------------------------------------------------------------- */
static void put_notes(struct layer *l, struct node *object, const struct node *options, const char *what)
{
	const struct node *from = node_get(options, str_of(what));
	struct arena *a = l->b->a;

	for (uint32_t i = 0; node_is(from, NODE_MAP) && i < from->n; i++) {
		struct node *map = own_map(a, own_map(a, object, S("metadata")), str_of(what));
		node_put(a, map, entry_key(&from->entries[i]), node_copy(a, from->entries[i].value));
	}
}

static void merge_maps(struct arena *a, struct node *into, const struct node *from, const char *field)
{
	const struct node *map = node_get(from, str_of(field));

	for (uint32_t i = 0; node_is(map, NODE_MAP) && i < map->n; i++)
		node_put(a, own_map(a, into, str_of(field)), entry_key(&map->entries[i]), map->entries[i].value);
}

/* The one that is or was called so; *n: how many are. */
static struct resource *find_like(struct layer *l, const struct past *id, size_t *n)
{
	const struct resources *like = called(l->b, l->all, id->name);
	struct resource *found = NULL;

	*n = 0;
	for (size_t i = 0; like && i < like->n; i++) {
		struct resource *r = like->p[i];
		const struct past *now = id_of(l->b, r);
		bool hit = same_id(now, id) && str_eq(now->version, id->version);
		for (size_t k = 0; k < r->past.n && !hit; k++)
			hit = same_id(&r->past.p[k], id) && str_eq(r->past.p[k].version, id->version);
		if (hit && (*n)++ == 0)
			found = r;
	}
	return found;
}

/* Takes what r brings over into old, which keeps its name and place. */
static void take_over(struct layer *l, struct resource *old, const struct resource *r, bool merge)
{
	struct arena *a = l->b->a;
	struct node *object = node_copy(a, r->object), *meta = node_get(object, S("metadata")), *was = node_get(old->object, S("metadata"));
	static const char *const notes[] = { "labels", "annotations" }, *const data[] = { "data", "binaryData" };

	for (size_t i = 0; i < COUNT(notes); i++) {
		struct node *all = node_new(a, NODE_MAP);
		merge_maps(a, all, was, notes[i]);
		merge_maps(a, all, meta, notes[i]);
		if (node_get(all, str_of(notes[i])))
			node_put(a, meta, str_of(notes[i]), node_get(all, str_of(notes[i])));
	}
	for (size_t i = 0; merge && i < COUNT(data); i++) {
		struct node *all = node_new(a, NODE_MAP);
		merge_maps(a, all, old->object, data[i]);
		merge_maps(a, all, object, data[i]);
		if (node_get(all, str_of(data[i])))
			node_put(a, object, str_of(data[i]), node_get(all, str_of(data[i])));
	}
	node_put(a, meta, S("name"), node_get(was, S("name")));
	if (node_get(was, S("namespace")))
		node_put(a, meta, S("namespace"), node_get(was, S("namespace")));
	old->object = object;
	old->hash = old->hash && r->hash;
	if (!merge && r->origin)
		old->origin = r->origin;
	renamed(l->b, old);
}

int absorb(struct layer *l, struct resource *r, const struct node *args)
{
	struct diag *d = l->b->diag;
	const struct past *id = id_of(l->b, r);
	const struct node *behavior = node_get(args, S("behavior"));
	bool merge = str_eq(node_str(behavior), S("merge")), replace = str_eq(node_str(behavior), S("replace"));
	size_t n;
	struct resource *old = find_like(l, id, &n);

	if (n > 1)
		return diag_trouble(d, node_pos(args), "kustomize", "several resources are or were called %.*s \"%.*s\"", STR_ARG(id->kind), STR_ARG(id->name));
	if (!merge && !replace && old)
		return diag_trouble(d, node_pos(args), "kustomize", "%.*s \"%.*s\" is there already; behavior: merge or replace changes it", STR_ARG(id->kind), STR_ARG(id->name));
	if (!merge && !replace)
		return add_resource(l, l->all, r);
	if (!old)
		return diag_trouble(d, node_pos(behavior), "kustomize", "there is no %.*s \"%.*s\" to %.*s", STR_ARG(id->kind), STR_ARG(id->name), STR_ARG(node_str(behavior)));
	take_over(l, old, r, merge);
	return 0;
}

int generate_map(struct layer *l, const struct node *args, const struct node *options, bool secret, const struct origin *o)
{
	struct arena *a = l->b->a;
	struct resource *r = NEW(a, struct resource);
	const struct node *own = node_get(args, S("options")), *of = node_get(args, S("metadata"));
	struct node *meta = node_at(node_new(a, NODE_MAP), args), *object = node_at(node_new(a, NODE_MAP), args);
	struct making m = { .l = l, .secret = secret, .object = object };
	str name = node_get_str(args, S("name")), ns = node_get_str(args, S("namespace")), type = node_get_str(args, S("type"));

	if (name.n == 0)
		name = node_get_str(of, S("name"));
	if (ns.n == 0)
		ns = node_get_str(of, S("namespace"));
	if (name.n == 0)
		return diag_trouble(l->b->diag, node_pos(args), "kustomize", "a generator needs a name");
	set_text(a, object, "apiVersion", S("v1"), args);
	set_text(a, object, "kind", secret ? S("Secret") : S("ConfigMap"), args);
	node_put(a, object, S("metadata"), meta);
	set_text(a, meta, "name", name, args);
	if (ns.n)
		set_text(a, meta, "namespace", ns, args);
	if (secret) {
		set_text(a, object, "type", type.n ? type : S("Opaque"), args);
		own_map(a, object, S("data")); /* kustomize gives Secrets one, and ConfigMaps none */
	}
	if (each_source(&m, node_get(args, S("literals")), put_literal) < 0 || each_source(&m, node_get(args, S("files")), put_file) < 0 ||
	    each_source(&m, node_get(args, S("envs")), put_env) < 0 || each_source(&m, node_get(args, S("env")), put_env) < 0)
		return -1;
	put_notes(l, object, options, "labels");
	put_notes(l, object, options, "annotations");
	put_notes(l, object, own, "labels");
	put_notes(l, object, own, "annotations");
	if (node_true(node_get(options, S("immutable"))) || node_true(node_get(own, S("immutable"))))
		node_put(a, object, S("immutable"), node_bool(a, true));
	r->object = object;
	r->origin = o;
	r->hash = !node_true(node_get(options, S("disableNameSuffixHash"))) && !node_true(node_get(own, S("disableNameSuffixHash")));
	return absorb(l, r, args);
}
