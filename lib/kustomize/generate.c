/* SPDX-License-Identifier: MIT */
/* ConfigMaps and Secrets made of literals, files and env files; and the hash in their names. */
#include <openssl/sha.h>
#include <string.h>

#include "kustomize/internal.h"

#define LINE 70 /* kustomize breaks long base64 after as many digits */

static str base64(struct arena *a, str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf b = BUF(a), out = BUF(a);

	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t v = (uint32_t)(unsigned char)s.p[i] << 16;
		v |= i + 1 < s.n ? (uint32_t)(unsigned char)s.p[i + 1] << 8 : 0;
		v |= i + 2 < s.n ? (unsigned char)s.p[i + 2] : 0;
		buf_char(&b, digits[v >> 18]);
		buf_char(&b, digits[v >> 12 & 63]);
		buf_char(&b, i + 1 < s.n ? digits[v >> 6 & 63] : '=');
		buf_char(&b, i + 2 < s.n ? digits[v & 63] : '=');
	}
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
	if (file_read(m->l->b->a, m->l->b->diag, layer_path(m->l, path), &text) < 0)
		return -1;
	return put_pair(m, key, text);
}

static int put_env(struct making *m, str path)
{
	str text;

	if (file_read(m->l->b->a, m->l->b->diag, layer_path(m->l, path), &text) < 0)
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

static struct resource *find_like(struct layer *l, const struct past *id)
{
	for (size_t i = 0; i < l->all->n; i++) {
		struct resource *r = l->all->p[i];
		struct past now = current_id(r);
		bool hit = str_eq(now.name, id->name) && str_eq(effective_namespace(&now), effective_namespace(id));
		for (size_t k = 0; k < r->past.n; k++)
			hit |= str_eq(r->past.p[k].name, id->name) && str_eq(effective_namespace(&r->past.p[k]), effective_namespace(id));
		if (hit && str_eq(now.kind, id->kind) && now.group.n == 0)
			return r;
	}
	return NULL;
}

static int absorb(struct layer *l, struct resource *r, const struct node *args)
{
	struct arena *a = l->b->a;
	struct past id = current_id(r);
	str behavior = node_get_str(args, S("behavior"));
	struct resource *old = find_like(l, &id);
	bool merge = str_eq(behavior, S("merge"));

	if (!merge && !str_eq(behavior, S("replace"))) {
		if (old)
			return diag_trouble(l->b->diag, node_pos(args), "kustomize", "%.*s \"%.*s\" is there already; behavior: merge or replace changes it", STR_ARG(id.kind), STR_ARG(id.name));
		return add_resource(l, l->all, r);
	}
	if (!old)
		return diag_trouble(l->b->diag, node_pos(args), "kustomize", "there is no %.*s \"%.*s\" to %.*s", STR_ARG(id.kind), STR_ARG(id.name), STR_ARG(behavior));
	if (!merge) {
		node_remove(old->object, S("data"));
		node_remove(old->object, S("binaryData"));
	}
	merge_maps(a, old->object, r->object, "data");
	merge_maps(a, old->object, r->object, "binaryData");
	merge_maps(a, node_get(old->object, S("metadata")), node_get(r->object, S("metadata")), "labels");
	merge_maps(a, node_get(old->object, S("metadata")), node_get(r->object, S("metadata")), "annotations");
	if (node_get(r->object, S("immutable")))
		node_put(a, old->object, S("immutable"), node_get(r->object, S("immutable")));
	old->hash = old->hash && r->hash;
	return 0;
}

static int generate_one(struct layer *l, const struct node *args, bool secret)
{
	struct arena *a = l->b->a;
	struct resource *r = NEW(a, struct resource);
	const struct node *common = node_get(l->doc, S("generatorOptions")), *own = node_get(args, S("options"));
	struct node *meta = node_at(node_new(a, NODE_MAP), args), *object = node_at(node_new(a, NODE_MAP), args);
	struct making m = { .l = l, .secret = secret, .object = object };
	str name = node_get_str(args, S("name")), ns = node_get_str(args, S("namespace")), type = node_get_str(args, S("type"));

	if (name.n == 0)
		return diag_trouble(l->b->diag, node_pos(args), "kustomize", "a generator needs a name");
	set_text(a, object, "apiVersion", S("v1"), args);
	set_text(a, object, "kind", secret ? S("Secret") : S("ConfigMap"), args);
	node_put(a, object, S("metadata"), meta);
	set_text(a, meta, "name", name, node_get(args, S("name")));
	if (ns.n)
		set_text(a, meta, "namespace", ns, args);
	if (secret)
		set_text(a, object, "type", type.n ? type : S("Opaque"), args);
	if (each_source(&m, node_get(args, S("literals")), put_literal) < 0 || each_source(&m, node_get(args, S("files")), put_file) < 0 ||
	    each_source(&m, node_get(args, S("envs")), put_env) < 0 || each_source(&m, node_get(args, S("env")), put_env) < 0)
		return -1;
	put_notes(l, object, common, "labels");
	put_notes(l, object, common, "annotations");
	put_notes(l, object, own, "labels");
	put_notes(l, object, own, "annotations");
	if (node_true(node_get(common, S("immutable"))) || node_true(node_get(own, S("immutable"))))
		node_put(a, object, S("immutable"), node_bool(a, true));
	r->object = object;
	r->hash = !node_true(node_get(common, S("disableNameSuffixHash"))) && !node_true(node_get(own, S("disableNameSuffixHash")));
	return absorb(l, r, args);
}

int generate_maps(struct layer *l, const struct node *list, bool secret)
{
	if (list && list->kind != NODE_SEQ && list->kind != NODE_NULL)
		return diag_trouble(l->b->diag, node_pos(list), "kustomize", "a list of generators is wanted here");
	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++)
		if (generate_one(l, list->items[i], secret) < 0)
			return -1;
	return 0;
}

/* ---- the hash ------------------------------------------------------------------------------------ */
/* A string as Go's encoding/json writes it. */
static void go_string(struct buf *b, str s)
{
	buf_char(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c == '\n' || c == '\r' || c == '\t')
			buf_add(b, c == '\n' ? S("\\n") : c == '\r' ? S("\\r") : S("\\t"));
		else if (c == '\b' || c == '\f')
			buf_add(b, c == '\b' ? S("\\b") : S("\\f"));
		else if (c < 0x20 || c == '<' || c == '>' || c == '&')
			buf_printf(b, "\\u%04x", c);
		else if (c == 0xe2 && str_starts(str_sub(s, i, s.n), S("\xe2\x80\xa8")))
			buf_add(b, S("\\u2028")), i += 2;
		else if (c == 0xe2 && str_starts(str_sub(s, i, s.n), S("\xe2\x80\xa9")))
			buf_add(b, S("\\u2029")), i += 2;
		else
			buf_char(b, (char)c);
	}
	buf_char(b, '"');
}

static void go_map(struct arena *a, struct buf *b, const struct node *map)
{
	uint32_t *order = NEW_ARRAY(a, uint32_t, map->n + 1u);

	for (uint32_t i = 0; i < map->n; i++) {
		uint32_t k = i;
		for (; k > 0 && str_cmp(entry_key(&map->entries[order[k - 1]]), entry_key(&map->entries[i])) > 0; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
	buf_char(b, '{');
	for (uint32_t i = 0; i < map->n; i++) {
		if (i)
			buf_char(b, ',');
		go_string(b, entry_key(&map->entries[order[i]]));
		buf_char(b, ':');
		if (map->entries[order[i]].value->kind == NODE_STRING)
			go_string(b, node_text(map->entries[order[i]].value));
		else
			buf_add(b, json_text(a, map->entries[order[i]].value));
	}
	buf_char(b, '}');
}

static void go_field(struct arena *a, struct buf *b, const struct node *object, const char *key, bool always)
{
	const struct node *map = node_get(object, str_of(key));

	if (!node_is(map, NODE_MAP) && !always)
		return;
	buf_printf(b, "%s\"%s\":", b->n > 1 ? "," : "", key);
	if (node_is(map, NODE_MAP))
		go_map(a, b, map);
	else
		buf_add(b, S("\"\""));
}

str content_hash(struct arena *a, const struct node *object)
{
	bool secret = str_eq(node_get_str(object, S("kind")), S("Secret"));
	unsigned char sum[SHA256_DIGEST_LENGTH];
	struct buf b = BUF(a), out = BUF(a);

	buf_char(&b, '{');
	if (!secret)
		go_field(a, &b, object, "binaryData", false);
	go_field(a, &b, object, "data", true);
	buf_add(&b, secret ? S(",\"kind\":\"Secret\",\"name\":") : S(",\"kind\":\"ConfigMap\",\"name\":"));
	go_string(&b, S("")); /* kustomize means the name and misses it */
	if (secret) {
		go_field(a, &b, object, "stringData", false);
		buf_add(&b, S(",\"type\":"));
		go_string(&b, node_get_str(object, S("type")));
	}
	buf_char(&b, '}');
	SHA256((const unsigned char *)b.p, b.n, sum);
	for (size_t i = 0; i < 5; i++)
		for (int half = 1; half >= 0; half--) {
			char c = "0123456789abcdef"[half ? sum[i] >> 4 : sum[i] & 15];
			buf_char(&out, c == '0' ? 'g' : c == '1' ? 'h' : c == '3' ? 'k' : c == 'a' ? 'm' : c == 'e' ? 't' : c);
		}
	return buf_str(&out);
}
