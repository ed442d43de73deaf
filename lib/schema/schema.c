/* SPDX-License-Identifier: MIT */
/* The module's door: sets, compiling, checking. */
#include "schema/internal.h"

#include <stdio.h>
#include <string.h>

struct schema_set *schema_set_new(struct arena *a, struct diag *d, const struct schema_options *o)
{
	struct schema_set *s = NEW(a, struct schema_set);
	s->a = a;
	s->diag = d;
	s->options = *o;
	if (!s->options.draft)
		s->options.draft = DRAFT_2020;
	for (size_t i = 0; i < o->maps.n; i++) {
		const char *eq = strchr(o->maps.p[i], '=');
		if (!eq || eq == o->maps.p[i] || !eq[1]) {
			diag_trouble(d, NOWHERE, "usage", "--map wants PREFIX=DIR, not \"%s\"", o->maps.p[i]);
			return NULL;
		}
	}
	return s;
}

void schema_set_free(struct schema_set *s)
{
	for (size_t i = 0; s && i < s->regexes.n; i++)
		regex_free(s->regexes.p[i]);
	if (s)
		s->regexes.n = 0;
}

static const struct schema *finish(struct schema_set *s, struct node *root, struct resource *res)
{
	struct schema *out = NEW(s->a, struct schema);
	if (s->failed)
		return NULL;
	out->set = s;
	out->node = root;
	out->root = compile_ref(s, root, res);
	return compile_pending(s) ? NULL : out;
}

/* A resource without what is embedded in it and is of another dialect, which has a meta-schema of its own. */
static struct node *own_part(struct schema_set *s, struct node *n, const struct resource *res)
{
	const struct resource *r = n->kind == NODE_MAP ? registry_at(s, n, NULL) : NULL;
	struct node *copy = NULL;
	if (r && n != res->root && !str_eq(r->meta, res->meta))
		return node_new(s->a, NODE_MAP);
	for (size_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++) {
		struct node *old = n->kind == NODE_MAP ? n->entries[i].value : n->items[i], *own = own_part(s, old, res);
		if (own == old)
			continue;
		if (!copy)
			copy = node_clone(s->a, n);
		if (n->kind == NODE_MAP)
			copy->entries[i].value = own;
		else
			copy->items[i] = own;
	}
	return copy ? copy : n;
}

/* A schema is a document too: its meta-schema says what it may hold. */
static int check_meta(struct schema_set *s, struct resource *res)
{
	struct node *doc = res->root;
	res->checked = true;
	for (size_t i = 0; i < s->all.n; i++)
		if (s->all.p[i]->outer && !str_eq(s->all.p[i]->meta, s->all.p[i]->outer->meta))
			doc = own_part(s, res->root, res);
	struct resource *meta = map_get(&s->resources, res->meta);
	if (!meta && !(meta = registry_load(s, res->meta, s->options.draft, res->root)))
		return -1;
	const struct schema *compiled = finish(s, meta->root, meta);
	struct schema_checker *c = compiled ? schema_checker_new(s, s->diag) : NULL;
	const struct schema_error *e;
	size_t n = 0;
	int valid = c ? schema_check(c, compiled, doc, &e, &n) : -1;
	for (size_t i = 0, said = 0; i < n && said < 10; i++) {
		bool again = false; /* meta-schemas since 2019-09 come to a place by several ways */
		for (size_t k = 0; k < i && !again; k++)
			again = str_eq(e[i].message, e[k].message);
		if (!again)
			diag_trouble(s->diag, e[i].pos, "schema", "the schema itself is wrong: %.*s", STR_ARG(e[i].message));
		said += !again;
	}
	if (c)
		schema_checker_free(c);
	return valid == 1 ? 0 : -1;
}

/* Documents, and what is embedded in them in another dialect. */
static int check_all_meta(struct schema_set *s)
{
	for (size_t i = 0; i < s->all.n && !s->options.no_meta; i++) {
		struct resource *r = s->all.p[i];
		bool inner = r->outer && str_eq(r->meta, r->outer->meta);
		if (!r->built_in && !r->checked && !inner && check_meta(s, r))
			return -1;
	}
	return 0;
}

const struct schema *schema_compile(struct schema_set *s, struct node *doc, const char *path)
{
	str uri = path && strcmp(path, "-") != 0 ? uri_of_file(s->a, path) : str_printf(s->a, "schema:///%zu/", s->all.n);
	if (str_starts(uri, S("file:")))
		s->folder = uri_resolve(s->a, uri, S("."));
	const char *slash = path ? strrchr(path, '/') : NULL;
	s->folder_path = slash ? str_copy(s->a, (str){ path, (size_t)(slash - path) + 1 }) : S("");
	s->failed = false;
	s->todo.n = 0;
	if (doc->kind != NODE_MAP && doc->kind != NODE_BOOL) {
		diag_trouble(s->diag, node_pos(doc), "schema", "a schema is a map (or true or false), not %s", kind_name((enum kind)doc->kind));
		return NULL;
	}
	struct resource *res = registry_at(s, doc, NULL);
	if (!res)
		res = registry_add(s, doc, uri, s->options.draft, false);
	if (s->failed || check_all_meta(s))
		return NULL;
	const struct schema *out = finish(s, doc, res);
	return out && !check_all_meta(s) ? out : NULL; /* those that references led to */
}

static struct resource *kube_resource(struct schema_set *s, struct node *root, const struct schema_kube *k)
{
	struct resource *r = NEW(s->a, struct resource);
	struct schema_kube *copy = NEW(s->a, struct schema_kube);
	*copy = *k;
	*r = (struct resource){ .uri = { "", 0 }, .root = root, .draft = DRAFT_4, .built_in = !k->crd, .vocabularies = VOCAB_ALL, .kube = copy };
	return r;
}

const struct schema *schema_compile_kube(struct schema_set *s, struct node *schema, const struct schema_kube *k)
{
	s->failed = false;
	s->todo.n = 0;
	if (!s->kube_types) {
		struct schema_kube plain = *k;
		plain.crd = plain.preserve = false;
		s->kube_types = kube_resource(s, NULL, &plain);
		s->kube_string = node_new(s->a, NODE_MAP);
		node_put(s->a, s->kube_string, S("type"), node_string(s->a, S("string")));
		s->kube_kind = node_copy(s->a, s->kube_string);
		node_put(s->a, s->kube_string, S("x-api-format"), node_string(s->a, S("group-version")));
		node_put(s->a, s->kube_string, S("x-api-nonempty"), node_bool(s->a, true));
		node_put(s->a, s->kube_kind, S("x-api-format"), node_string(s->a, S("kind-name")));
	}
	return finish(s, schema, k->crd || k->preserve ? kube_resource(s, schema, k) : s->kube_types);
}

size_t schema_cel_rules(const struct schema_set *s, struct node *const **rules)
{
	*rules = s->cel.p;
	return s->cel.n;
}

/* ---- checking ------------------------------------------------------------------ */
struct schema_checker *schema_checker_new(struct schema_set *s, struct diag *d)
{
	struct arena own = { 0 }; /* the set's is shared by threads */
	struct schema_checker *c = NEW(&own, struct schema_checker);
	c->set = s;
	c->diag = d;
	c->room = regex_room_new(&own);
	c->own = own;
	return c;
}

void schema_checker_free(struct schema_checker *c)
{
	if (!c)
		return;
	struct arena own = c->own;

	regex_room_free(c->room);
	arena_free(&c->a);
	arena_free(&own);
}

void schema_checker_explain(struct schema_checker *c)
{
	c->chain = true;
}

static bool run(struct schema_checker *c, const struct schema *s, struct node *doc, bool collect)
{
	c->collect = collect;
	c->thorough = collect || c->output || c->set->scoped || (c->set->dynamic && s->root->res->built_in);
	c->trouble = false;
	c->steps = c->matching = c->depth = c->inplace = c->explained = 0;
	c->budget = CHECK_STEPS;
	c->scope = NULL;
	c->step = NULL;
	c->schema = s;
	c->doc = doc;
	return check_sub(c, s->root, doc, NULL, NULL);
}

int schema_check(struct schema_checker *c, const struct schema *s, struct node *doc, const struct schema_error **errors, size_t *n)
{
	arena_reset(&c->a);
	c->errors = c->notes = (struct errors){ 0 };
	*n = 0;
	if (run(c, s, doc, false) && !c->trouble)
		return 1;
	c->notes = (struct errors){ 0 };
	if (!c->trouble)
		run(c, s, doc, true);
	if (c->trouble)
		return -1;
	c->collect = true;
	if (!c->errors.n)
		explain(c, s->root, "", "schema", doc, NULL, NULL, c->explained ? "fits none of the alternatives, which are too many to be told" : "does not fit the schema");
	if (!c->output)
		explain_settle(&c->errors);
	*errors = c->errors.p;
	*n = c->errors.n;
	return 0;
}

bool schema_fits(struct schema_checker *c, const struct schema *s, struct node *doc)
{
	arena_reset(&c->a);
	c->silent = true;
	bool ok = run(c, s, doc, false) && !c->trouble;
	c->silent = false;
	return ok;
}

int schema_check_report(struct schema_checker *c, const struct schema *s, struct node *doc, struct findings *f)
{
	size_t before = f ? findings_errors(f) : 0;
	const struct schema_error *e;
	size_t n;
	int valid = schema_check(c, s, doc, &e, &n);
	for (size_t i = 0; i < n; i++) {
		struct finding one = { .severity = SEV_ERROR, .rule = e[i].rule, .pos = e[i].pos, .message = e[i].message, .path = e[i].path };
		if (f)
			findings_put(f, &one);
		else
			diag_finding(c->diag, &one);
	}
	return !valid && f ? findings_errors(f) == before : valid;
}
