/* SPDX-License-Identifier: MIT */
/* The API schemas that ship with the suite, CRDs added to them, and the facts of list fields. */
#include "kube/kube.h"

#include <string.h>
#include <zstd.h>

/* Each release is a symbol made from its file: no path is needed at run time. */
#define KUBE_DATA(id, version)                                             \
	__asm__(".pushsection .rodata\n"                                       \
		".global kube_data_" #id ", kube_data_end_" #id "\n"           \
		".hidden kube_data_" #id "\n.hidden kube_data_end_" #id "\n"   \
		"kube_data_" #id ": .incbin \"lib/kube/data/" version ".zst\"\n" \
		"kube_data_end_" #id ": .byte 0\n.popsection\n");              \
	extern const char kube_data_##id[], kube_data_end_##id[];
#include "kube/data/versions.h"
#undef KUBE_DATA

static const struct release {
	const char *version, *data, *end;
} releases[] = {
#define KUBE_DATA(id, version) { version, kube_data_##id, kube_data_end_##id },
#include "kube/data/versions.h"
#undef KUBE_DATA
};

struct definition {
	str name, text;
	struct node *schema; /* NULL until it is asked for */
};
struct crd {
	struct kube_id id; /* group, version, kind */
	struct node *schema;
	struct kube_kind facts;
	bool used;
};
struct kube_schemas {
	struct arena *a;
	struct diag *diag;
	const char *version;
	char *text;	      /* the release, unpacked */
	struct map definitions; /* by name */
	struct map kinds;	      /* "group/version/kind" to definition */
	struct map crds;	      /* the same to struct crd */
	struct node *any;     /* {} */
};
#define OBJECT_META "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

/* "1.37", "v1.37" and "1.37.2" all mean the release 1.37. */
static const struct release *find_release(const char *version)
{
	if (!version || !*version)
		return &releases[0];
	if (*version == 'v')
		version++;
	for (size_t i = 0; i < COUNT(releases); i++) {
		str have = str_of(releases[i].version + 1), want = str_of(version);
		str minor = str_sub(have, 0, (size_t)(strrchr(have.p, '.') - have.p));
		if (str_starts(want, minor) && (want.n == minor.n || want.p[minor.n] == '.'))
			return &releases[i];
	}
	return NULL;
}

static int unknown_version(struct arena *a, struct diag *d, const char *version)
{
	struct buf b = BUF(a);
	for (size_t i = 0; i < COUNT(releases); i++)
		buf_printf(&b, "%s%s", i ? ", " : "", releases[i].version);
	return diag_trouble(d, NOWHERE, "kubernetes-version", "no API schemas of Kubernetes %s: there are those of %.*s",
			    version, STR_ARG(buf_str(&b)));
}

static str next_line(str *text)
{
	ptrdiff_t end = str_chr(*text, '\n');
	size_t n = end < 0 ? text->n : (size_t)end;
	str line = { text->p, n };
	*text = str_sub(*text, n + 1, text->n);
	return line;
}

static void index_release(struct kube_schemas *s, str text)
{
	str line, kinds = text;
	while ((line = next_line(&text)).n)
		;
	while ((line = next_line(&text)).n) {
		size_t tab = (size_t)str_chr(line, '\t');
		struct definition *def = NEW(s->a, struct definition);
		def->name = str_sub(line, 0, tab);
		def->text = str_sub(line, tab + 1, line.n);
		*map_at(s->a, &s->definitions, def->name) = def;
	}
	while ((line = next_line(&kinds)).n) {
		size_t tab = (size_t)str_chr(line, '\t');
		*map_at(s->a, &s->kinds, str_sub(line, 0, tab)) = map_get(&s->definitions, str_sub(line, tab + 1, line.n));
	}
}

struct kube_schemas *kube_schemas_open(struct arena *a, struct diag *d, const char *version)
{
	const struct release *r = find_release(version);
	if (!r) {
		unknown_version(a, d, version);
		return NULL;
	}
	struct kube_schemas *s = NEW(a, struct kube_schemas);
	s->a = a;
	s->diag = d;
	s->version = r->version;
	size_t packed = (size_t)(r->end - r->data);
	unsigned long long size = ZSTD_getFrameContentSize(r->data, packed);
	if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR) {
		diag_trouble(d, NOWHERE, NULL, "the built-in API schemas do not tell their size; `make refresh-schemas` makes them anew");
		return NULL;
	}
	s->text = arena_raw(a, (size_t)size);
	size_t got = ZSTD_decompress(s->text, (size_t)size, r->data, packed);
	if (ZSTD_isError(got)) {
		diag_trouble(d, NOWHERE, NULL, "the built-in API schemas are damaged: %s", ZSTD_getErrorName(got));
		return NULL;
	}
	index_release(s, (str){ s->text, got });
	s->any = node_new(a, NODE_MAP);
	return s;
}

void kube_schemas_close(struct kube_schemas *s)
{
	(void)s; /* all of it lives in the arena */
}

const char *kube_schemas_version(const struct kube_schemas *s)
{
	return s->version;
}

static struct node *load(struct kube_schemas *s, struct definition *def)
{
	if (def && !def->schema) {
		struct read_options json = { .input = FORMAT_JSON };
		if (read_text(s->a, s->diag, &json, "<built-in>", def->text, &def->schema))
			def->schema = s->any;
	}
	return def ? def->schema : NULL;
}

static str kind_key(char *room, size_t size, str group, str version, str kind)
{
	if (group.n + version.n + kind.n + 2 > size)
		return (str){ 0 };
	char *p = room;
	memcpy(p, group.p, group.n), p += group.n, *p++ = '/';
	memcpy(p, version.p, version.n), p += version.n, *p++ = '/';
	memcpy(p, kind.p, kind.n), p += kind.n;
	return (str){ room, (size_t)(p - room) };
}

struct node *kube_schema(struct kube_schemas *s, str group, str version, str kind)
{
	struct kube_kind k;
	return kube_schema_kind(s, group, version, kind, &k);
}

struct node *kube_schema_kind(struct kube_schemas *s, str group, str version, str kind, struct kube_kind *out)
{
	char room[1024];
	str key = kind_key(room, sizeof(room), group, version, kind);
	*out = (struct kube_kind){ 0 };
	struct crd *crd = map_get(&s->crds, key);
	if (crd) {
		crd->used = true;
		*out = crd->facts;
		return crd->schema;
	}
	return load(s, map_get(&s->kinds, key));
}

struct node *kube_schema_ref(struct kube_schemas *s, str ref)
{
	static const char prefix[] = "#/$defs/";
	if (!str_starts(ref, S(prefix)))
		return NULL;
	return load(s, map_get(&s->definitions, str_sub(ref, sizeof(prefix) - 1, ref.n)));
}

size_t kube_schema_list(struct arena *a, const struct kube_schemas *s, str **keys)
{
	size_t n = 0;
	*keys = NEW_ARRAY(a, str, s->kinds.n + s->crds.n + 1);
	for (size_t i = 0; i < s->kinds.n; i++)
		(*keys)[n++] = s->kinds.items[i].key;
	for (size_t i = 0; i < s->crds.n; i++)
		(*keys)[n++] = s->crds.items[i].key;
	return n;
}

/* ---- CustomResourceDefinitions ---------------------------------------- */
static void add_version(struct kube_schemas *s, struct node *spec, struct node *version, str name)
{
	struct node *old = node_get(spec, S("validation")); /* v1beta1: one schema for all versions */
	struct node *holder = node_get(version, S("schema"));
	struct node *schema = node_get(holder ? holder : old, S("openAPIV3Schema"));
	struct crd *crd = NEW(s->a, struct crd);
	crd->id.group = node_get_str(spec, S("group"));
	crd->id.kind = node_get_str(node_get(spec, S("names")), S("kind"));
	crd->id.version = name;
	crd->schema = schema ? schema : s->any;
	struct node *preserve = node_get(spec, S("preserveUnknownFields"));
	crd->facts = (struct kube_kind){
		.crd = true,
		.namespaced = str_eq(node_get_str(spec, S("scope")), S("Namespaced")),
		.preserve = !schema || node_true(preserve),
		.deprecated = node_true(node_get(version, S("deprecated"))),
		.warning = node_get_str(version, S("deprecationWarning")),
		.unserved = node_is(node_get(version, S("served")), NODE_BOOL) && !node_true(node_get(version, S("served"))),
	};
	char room[1024];
	str key = kind_key(room, sizeof(room), crd->id.group, crd->id.version, crd->id.kind);
	if (key.n)
		*map_at(s->a, &s->crds, str_copy(s->a, key)) = crd;
}

struct addition {
	struct kube_schemas *s;
	size_t found;
};

static int add_object(void *ctx, struct node *object)
{
	struct addition *x = ctx;
	struct kube_schemas *s = x->s;
	struct kube_id id;
	if (!kube_identify(object, &id, NULL) || !str_eq(id.kind, S("CustomResourceDefinition")) ||
	    !str_eq(id.group, S("apiextensions.k8s.io")))
		return 0;
	x->found++;
	struct node *spec = node_get(object, S("spec")), *versions = node_get(spec, S("versions"));
	if (!node_is(versions, NODE_SEQ) && node_get_str(spec, S("version")).n) {
		add_version(s, spec, NULL, node_get_str(spec, S("version")));
		return 0;
	}
	for (size_t i = 0; node_is(versions, NODE_SEQ) && i < versions->n; i++)
		add_version(s, spec, versions->items[i], node_get_str(versions->items[i], S("name")));
	return 0;
}

size_t kube_schemas_crds(const struct kube_schemas *s, size_t *used)
{
	*used = 0;
	for (size_t i = 0; i < s->crds.n; i++)
		*used += ((const struct crd *)s->crds.items[i].value)->used;
	return s->crds.n;
}

int kube_schemas_add_crd(struct kube_schemas *s, struct node *doc, size_t *found)
{
	struct addition x = { s, 0 };
	int bad = kube_flatten(s->a, doc, add_object, &x);

	if (found)
		*found += x.found;
	return bad;
}

/* ---- walking along with a document --------------------------------------- */
static struct kube_cursor settle(struct kube_schemas *s, struct node *schema)
{
	struct node *field = schema;

	for (int hops = 0; schema && hops < 16; hops++) {
		struct node *ref = node_get(schema, S("$ref"));
		if (!ref)
			break;
		schema = kube_schema_ref(s, node_str(ref));
	}
	return (struct kube_cursor){ s, schema, field };
}

struct kube_cursor kube_cursor(struct kube_schemas *s, const struct kube_id *id)
{
	return settle(s, s ? kube_schema(s, id->group, id->version, id->kind) : NULL);
}

struct kube_cursor kube_cursor_key(struct kube_cursor c, str key)
{
	struct node *properties = node_get(c.schema, S("properties"));
	struct node *next = node_get(properties, key);
	/* CRDs say only "object" of the metadata of the object and of embedded ones. */
	if (str_eq(key, S("metadata")) && node_get(next, S("type")) && !node_get(next, S("properties")))
		next = kube_schema_ref(c.schemas, S("#/$defs/" OBJECT_META));
	if (!next)
		next = node_get(c.schema, S("additionalProperties"));
	return settle(c.schemas, node_is(next, NODE_MAP) ? next : NULL);
}

struct kube_cursor kube_cursor_item(struct kube_cursor c)
{
	struct node *items = node_get(c.schema, S("items"));
	return settle(c.schemas, node_is(items, NODE_MAP) ? items : NULL);
}

bool kube_cursor_list(struct arena *a, struct kube_cursor c, struct list_keys *out)
{
	*out = (struct list_keys){ .type = LIST_ATOMIC };
	if (!node_get(c.schema, S("items")))
		return false;
	str type = node_get_str(c.schema, S("x-kubernetes-list-type"));
	str strategy = node_get_str(c.schema, S("x-kubernetes-patch-strategy"));
	struct node *keys = node_get(c.schema, S("x-kubernetes-list-map-keys"));
	out->patch_merge = str_find(strategy, S("merge")) >= 0;
	out->merge_key = node_get_str(c.schema, S("x-kubernetes-patch-merge-key"));
	if (str_eq(type, S("set")))
		out->type = LIST_SET;
	if (str_eq(type, S("map")) && node_is(keys, NODE_SEQ) && keys->n) {
		str *names = NEW_ARRAY(a, str, keys->n);
		for (size_t i = 0; i < keys->n; i++)
			names[i] = node_str(keys->items[i]);
		*out = (struct list_keys){ LIST_MAP, names, keys->n, out->patch_merge, out->merge_key };
	}
	return true;
}

bool kube_cursor_is_quantity(struct kube_cursor c)
{
	return str_eq(node_get_str(c.schema, S("format")), S("quantity"));
}
