/* SPDX-License-Identifier: MIT */
/* Schema documents, their identifiers and anchors, and what references lead to. */
#include "schema/internal.h"

#include <string.h>
#include <sys/stat.h>

enum shape { ONE = 1, LIST = 2, MAP = 4 };
/* Where schemas stand within a schema. */
static const struct { const char *name; uint8_t first, last, shape; } places[] = {
	{ "properties", DRAFT_4, DRAFT_2020, MAP }, { "patternProperties", DRAFT_4, DRAFT_2020, MAP },
	{ "additionalProperties", DRAFT_4, DRAFT_2020, ONE }, { "items", DRAFT_4, DRAFT_2020, ONE | LIST },
	{ "additionalItems", DRAFT_4, DRAFT_2019, ONE }, { "prefixItems", DRAFT_2020, DRAFT_2020, LIST },
	{ "contains", DRAFT_6, DRAFT_2020, ONE }, { "propertyNames", DRAFT_6, DRAFT_2020, ONE },
	{ "definitions", DRAFT_4, DRAFT_2020, MAP }, { "$defs", DRAFT_2019, DRAFT_2020, MAP },
	{ "dependencies", DRAFT_4, DRAFT_2020, MAP }, { "dependentSchemas", DRAFT_2019, DRAFT_2020, MAP },
	{ "allOf", DRAFT_4, DRAFT_2020, LIST }, { "anyOf", DRAFT_4, DRAFT_2020, LIST }, { "oneOf", DRAFT_4, DRAFT_2020, LIST },
	{ "not", DRAFT_4, DRAFT_2020, ONE }, { "if", DRAFT_7, DRAFT_2020, ONE }, { "then", DRAFT_7, DRAFT_2020, ONE },
	{ "else", DRAFT_7, DRAFT_2020, ONE }, { "unevaluatedItems", DRAFT_2019, DRAFT_2020, ONE },
	{ "unevaluatedProperties", DRAFT_2019, DRAFT_2020, ONE }, { "contentSchema", DRAFT_2019, DRAFT_2020, ONE },
};

static str address(struct node *const *slot)
{
	return (str){ (const char *)slot, sizeof(*slot) };
}

struct resource *registry_at(struct schema_set *s, const struct node *n, struct resource *outer)
{
	struct node *key = (struct node *)n;
	struct resource *r = map_get(&s->by_node, address(&key));
	return r ? r : outer;
}

static void scan(struct schema_set *s, struct node *n, struct resource *res);

static void add_anchor(struct schema_set *s, struct resource *res, str name, struct node *n, bool dynamic)
{
	struct anchor *anchor = NEW(s->a, struct anchor);
	*anchor = (struct anchor){ n, dynamic };
	struct anchor **slot = (struct anchor **)map_at(s->a, &res->anchors, name);
	if (*slot && (*slot)->node != n) {
		schema_bad(s, node_pos(n), "the anchor \"%.*s\" stands twice in one schema resource", STR_ARG(name));
		return;
	}
	if (*slot)
		anchor->dynamic |= (*slot)->dynamic;
	*slot = anchor;
}

static unsigned usual_vocabularies(int draft)
{
	return draft >= DRAFT_2019 ? VOCAB_ALL & ~(unsigned)VOCAB_FORMAT_ASSERTION : VOCAB_ALL;
}

/* `$schema` says the draft; a meta-schema of one's own leads to its own. */
static int dialect(struct schema_set *s, struct node *named, int draft, str *uri, unsigned *vocabularies)
{
	str fragment;
	bool has;
	int known = meta_schema_draft(node_text(named));
	*vocabularies = usual_vocabularies(known ? known : draft);
	uri_split(known ? meta_schema_uri(known) : node_text(named), uri, &fragment, &has);
	if (known)
		return known;
	struct resource *meta = map_get(&s->resources, *uri);
	if (!meta && s->loading < 8) {
		s->loading++;
		meta = registry_load(s, *uri, s->options.draft, named);
		s->loading--;
	}
	if (!meta)
		return draft;
	static const struct { const char *name; unsigned bit; } words[] = {
		{ "core", VOCAB_CORE }, { "applicator", VOCAB_APPLICATOR }, { "unevaluated", VOCAB_UNEVALUATED },
		{ "validation", VOCAB_VALIDATION }, { "format-annotation", VOCAB_FORMAT_ANNOTATION }, { "format", VOCAB_FORMAT_ANNOTATION },
		{ "format-assertion", VOCAB_FORMAT_ASSERTION }, { "content", VOCAB_CONTENT }, { "meta-data", 0 },
	};
	struct node *list = node_get(meta->root, S("$vocabulary"));
	if (!node_is(list, NODE_MAP))
		return meta->draft;
	*vocabularies = VOCAB_CORE | (meta->draft == DRAFT_2019 ? VOCAB_UNEVALUATED : 0);
	for (size_t i = 0; i < list->n; i++) {
		str name = entry_key(&list->entries[i]);
		bool found = false;
		for (size_t k = 0; k < COUNT(words); k++) {
			if (str_starts(name, S("https://json-schema.org/draft/20")) && str_ends(name, str_printf(s->a, "/vocab/%s", words[k].name))) {
				*vocabularies |= words[k].bit;
				found = true;
			}
		}
		if (str_ends(name, S("/vocab/format")) && node_true(list->entries[i].value))
			*vocabularies |= VOCAB_FORMAT_ASSERTION;
		if (!found && node_true(list->entries[i].value))
			schema_bad(s, node_pos(named), "the meta-schema requires a vocabulary that is not known: %.*s", STR_ARG(name));
	}
	return meta->draft;
}

static struct resource *new_resource(struct schema_set *s, struct node *root, str uri, int draft, struct resource *outer)
{
	struct resource *r = NEW(s->a, struct resource), **slot;
	struct node *named = node_get(root, S("$schema"));
	r->uri = uri;
	r->root = root;
	r->outer = outer;
	r->draft = (uint8_t)draft;
	r->meta = outer ? outer->meta : meta_schema_uri(draft);
	r->vocabularies = outer ? outer->vocabularies : usual_vocabularies(draft);
	if (node_is(named, NODE_STRING))
		r->draft = (uint8_t)dialect(s, named, draft, &r->meta, &r->vocabularies);
	struct node **key = NEW(s->a, struct node *);
	*key = root;
	*map_at(s->a, &s->by_node, address(key)) = r;
	slot = (struct resource **)map_at(s->a, &s->resources, uri);
	if (!*slot)
		*slot = r;
	*VEC_ADD(s->a, &s->all) = r;
	return r;
}

/* $id and anchors of one schema object; returns the resource that it is in. */
static struct resource *identify(struct schema_set *s, struct node *n, struct resource *res)
{
	int draft = res->draft;
	struct node *id = node_get(n, draft == DRAFT_4 ? S("id") : S("$id")), *word;
	if (draft <= DRAFT_7 && node_get(n, S("$ref")))
		return res; /* its siblings mean nothing */
	if (node_is(id, NODE_STRING) && n != res->root) {
		str uri, fragment;
		bool has;
		uri_split(node_text(id), &uri, &fragment, &has);
		if (uri.n) {
			str abs = uri_resolve(s->a, res->uri, uri);
			struct resource *had = map_get(&s->resources, abs);
			if (had && had->root != n && !res->built_in && !had->built_in && !node_equal(had->root, n))
				schema_bad(s, node_pos(id), "two schemas have the identifier %.*s", STR_ARG(abs));
			res = new_resource(s, n, abs, draft, res);
			res->built_in = res->outer->built_in;
		}
		if (has && fragment.n && draft <= DRAFT_7)
			add_anchor(s, res, fragment, n, false);
	} else if (node_is(id, NODE_STRING) && draft <= DRAFT_7) {
		str uri, fragment;
		bool has;
		uri_split(node_text(id), &uri, &fragment, &has);
		if (fragment.n)
			add_anchor(s, res, fragment, n, false);
	}
	draft = res->draft;
	if (draft >= DRAFT_2019 && node_is(word = node_get(n, S("$anchor")), NODE_STRING))
		add_anchor(s, res, node_text(word), n, false);
	if (draft >= DRAFT_2020 && node_is(word = node_get(n, S("$dynamicAnchor")), NODE_STRING))
		add_anchor(s, res, node_text(word), n, true);
	if (draft == DRAFT_2019 && n == res->root)
		res->recursive = node_true(node_get(n, S("$recursiveAnchor")));
	return res;
}

static void scan_place(struct schema_set *s, struct node *v, struct resource *res, int shape)
{
	if (node_is(v, NODE_SEQ) && shape & LIST) {
		for (size_t i = 0; i < v->n; i++)
			scan(s, v->items[i], res);
	} else if (node_is(v, NODE_MAP) && shape & MAP) {
		for (size_t i = 0; i < v->n; i++)
			scan(s, v->entries[i].value, res);
	} else if (shape & ONE) {
		scan(s, v, res);
	}
}

static void scan(struct schema_set *s, struct node *n, struct resource *res)
{
	if (!node_is(n, NODE_MAP))
		return;
	res = identify(s, n, res);
	if (res->draft <= DRAFT_7 && node_get(n, S("$ref")) && n != res->root) {
		scan_place(s, node_get(n, S("definitions")), res, MAP);
		return;
	}
	for (size_t i = 0; i < COUNT(places); i++)
		if (res->draft >= places[i].first && res->draft <= places[i].last)
			scan_place(s, node_get(n, str_of(places[i].name)), res, places[i].shape);
}

struct resource *registry_add(struct schema_set *s, struct node *root, str uri, int draft, bool built_in)
{
	unsigned vocabularies;
	struct node *named = node_get(root, S("$schema"));
	str meta;
	int own = node_is(named, NODE_STRING) ? dialect(s, named, draft, &meta, &vocabularies) : draft;
	if (s->failed)
		return NULL;
	struct node *id = node_get(root, own == DRAFT_4 ? S("id") : S("$id"));
	bool ref_hides = own <= DRAFT_7 && node_get(root, S("$ref"));
	str abs = uri, fragment;
	bool has;
	if (node_is(id, NODE_STRING) && !ref_hides)
		uri_split(uri_resolve(s->a, uri, node_text(id)), &abs, &fragment, &has);
	struct resource *r = new_resource(s, root, abs, draft, NULL);
	r->built_in = built_in;
	if (!str_eq(abs, uri)) { /* where it was found is a name too */
		struct resource **slot = (struct resource **)map_at(s->a, &s->resources, uri);
		if (!*slot)
			*slot = r;
	}
	scan(s, root, r);
	return r;
}

/* ---- loading ---------------------------------------------------------------- */
static bool is_file(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* "..", written out or with %2e, would lead out of the folder. */
static bool climbs(str path)
{
	while (path.n) {
		ptrdiff_t slash = str_chr(path, '/');
		str name = str_sub(path, 0, slash < 0 ? path.n : (size_t)slash);
		if (str_eq(name, S("..")))
			return true;
		path = str_sub(path, name.n + (slash >= 0), path.n);
	}
	return false;
}

/* The file that uri names under a --map, or by file:.  *where: where it was looked for. */
static const char *find_file(struct schema_set *s, str uri, str *where)
{
	static const char *const endings[] = { "", ".json", ".yaml", ".yml" };
	str path = { 0 };
	size_t longest = 0;
	for (size_t i = 0; i < s->options.maps.n; i++) {
		str map = str_of(s->options.maps.p[i]);
		ptrdiff_t eq = str_chr(map, '=');
		str prefix = str_sub(map, 0, (size_t)eq);
		if (!str_starts(uri, prefix) || prefix.n < longest)
			continue;
		str rest = uri_unescape(s->a, str_sub(uri, prefix.n, uri.n));
		path = climbs(rest) ? (str){ 0 } : str_printf(s->a, "%s/%.*s", s->options.maps.p[i] + eq + 1, STR_ARG(rest));
		longest = prefix.n;
	}
	if (!longest && s->folder.n && str_starts(uri, s->folder)) { /* beside the schema, or below; nowhere else */
		str rest = uri_unescape(s->a, str_sub(uri, s->folder.n, uri.n));
		path = climbs(rest) ? (str){ 0 } : str_printf(s->a, "%.*s%.*s", STR_ARG(s->folder_path), STR_ARG(rest));
	}
	for (size_t i = 0; path.n && i < COUNT(endings); i++) {
		const char *file = str_printf(s->a, "%.*s%s", STR_ARG(path), endings[i]).p;
		if (strlen(file) == path.n + strlen(endings[i]) && is_file(file))
			return file;
	}
	*where = path;
	return NULL;
}

static void not_found(struct schema_set *s, str uri, str path, struct pos pos)
{
	if (path.n)
		schema_bad(s, pos, "there is no file %.*s (nor with .json, .yaml or .yml), which this refers to", STR_ARG(path));
	else if (str_starts(uri, S("file:")))
		schema_bad(s, pos, "nothing is known of %.*s: references are not fetched, and lead to no file outside of the schema's folder; "
			   "say where it is with --map PREFIX=DIR", STR_ARG(uri));
	else if (s->loading)
		schema_bad(s, pos, "nothing is known of %.*s: the meta-schemas of drafts 4, 6, 7, 2019-09 and 2020-12 are there; say where "
			   "another one is with --map PREFIX=DIR", STR_ARG(uri));
	else
		schema_bad(s, pos, "nothing is known of %.*s: references are not fetched; say where it is with --map PREFIX=DIR", STR_ARG(uri));
}

struct resource *registry_load(struct schema_set *s, str uri, int draft, struct node *why)
{
	struct read_options o = { 0 };
	struct node *root = NULL;
	str text = meta_schema_text(uri);
	if (text.n) {
		o.input = FORMAT_JSON;
		if (read_text(s->a, s->diag, &o, "<meta-schema>", text, &root))
			return NULL;
		return registry_add(s, root, uri, DRAFT_2020, true);
	}
	str path = { 0 };
	const char *file = find_file(s, uri, &path);
	if (!file) {
		not_found(s, uri, path, node_pos(why));
		return NULL;
	}
	if (read_file(s->a, s->diag, &o, file, &root)) {
		s->failed = true;
		return NULL;
	}
	return registry_add(s, root, uri, draft, false);
}

/* ---- references ------------------------------------------------------------- */
static bool is_index(str token)
{
	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] < '0' || token.p[i] > '9')
			return false;
	return token.n == 1 || (token.n > 1 && token.p[0] != '0');
}

static struct node *follow(struct schema_set *s, struct resource **res, str pointer)
{
	struct node *n = (*res)->root;
	while (n && pointer.n) {
		pointer = str_sub(pointer, 1, pointer.n);
		ptrdiff_t end = str_chr(pointer, '/');
		str raw = str_sub(pointer, 0, end < 0 ? pointer.n : (size_t)end);
		pointer = str_sub(pointer, raw.n, pointer.n);
		struct buf b = BUF(s->a);
		for (size_t i = 0; i < raw.n; i++) {
			bool tilde = raw.p[i] == '~' && i + 1 < raw.n && (raw.p[i + 1] == '0' || raw.p[i + 1] == '1');
			buf_char(&b, tilde ? (raw.p[i + 1] == '0' ? '~' : '/') : raw.p[i]);
			i += tilde;
		}
		str token = buf_str(&b);
		int64_t index;
		if (n->kind == NODE_MAP)
			n = node_get(n, token);
		else if (n->kind == NODE_SEQ && is_index(token) && str_to_i64(token, &index) && (uint64_t)index < n->n)
			n = n->items[index];
		else
			n = NULL;
		if (n)
			*res = registry_at(s, n, *res);
	}
	return n;
}

int registry_resolve(struct schema_set *s, struct resource *from, struct node *ref, struct reference *out)
{
	*out = (struct reference){ .res = from };
	if (from->kube && from->kube->ref) {
		out->node = from->kube->ref(from->kube->ctx, node_text(ref));
		if (out->node)
			return 0;
	}
	str uri, fragment;
	bool has;
	uri_split(uri_resolve(s->a, from->uri, node_text(ref)), &uri, &fragment, &has);
	struct resource *res = str_eq(uri, from->uri) ? from : map_get(&s->resources, uri);
	if (!res && !(res = registry_load(s, uri, from->draft, ref)))
		return -1;
	fragment = uri_unescape(s->a, fragment);
	out->res = res;
	if (!fragment.n || fragment.p[0] == '/') {
		out->node = follow(s, &out->res, fragment);
	} else if ((out->anchor = map_get(&res->anchors, fragment))) {
		out->node = out->anchor->node;
		out->res = registry_at(s, out->node, res);
	}
	if (!out->node)
		return schema_bad(s, node_pos(ref), "$ref to \"%.*s\": there is no such place in the schema", STR_ARG(node_text(ref)));
	return 0;
}
