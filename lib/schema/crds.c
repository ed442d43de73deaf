/* SPDX-License-Identifier: MIT */
/* CustomResourceDefinitions from files and folders, and what their objects are to the API server. */
#include "schema/schema.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- nulls that the API server drops --------------------------------------- */
static bool holds_null(const struct node *n)
{
	for (uint32_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++)
		if (holds_null(n->kind == NODE_MAP ? n->entries[i].value : n->items[i]))
			return true;
	return n->kind == NODE_NULL;
}

static struct node *field_schema(const struct node *schema, str key)
{
	struct node *s = node_get(node_get(schema, S("properties")), key);

	return s ? s : node_get(schema, S("additionalProperties"));
}

struct node *crd_without_nulls(struct arena *a, struct node *n, const struct node *schema)
{
	if (!node_is(schema, NODE_MAP) || n->kind < NODE_SEQ || !holds_null(n))
		return n;
	struct node *out = node_at(node_new(a, (enum kind)n->kind), n);
	for (uint32_t i = 0; n->kind == NODE_SEQ && i < n->n; i++)
		node_push(a, out, crd_without_nulls(a, n->items[i], node_get(schema, S("items"))));
	for (uint32_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		struct entry *e = &n->entries[i], *made;
		struct node *s = field_schema(schema, entry_key(e));
		if (e->value->kind == NODE_NULL && node_is(s, NODE_MAP) && !node_true(node_get(s, S("nullable"))))
			continue;
		made = node_put(a, out, entry_key(e), crd_without_nulls(a, e->value, s));
		made->line = e->line;
		made->col = e->col;
	}
	return out;
}

struct load {
	struct arena *a;
	struct diag *diag;
	struct kube_schemas *kube;
	const struct read_options *read;
	bool found;
};

static int is_crd(void *ctx, struct node *object)
{
	*(bool *)ctx |= str_eq(node_get_str(object, S("kind")), S("CustomResourceDefinition"));
	return 0;
}

static int add_file(struct load *w, const char *path)
{
	struct read_options read = { .yaml = w->read->yaml };
	struct reader *in = reader_open(w->a, w->diag, &read, path);
	struct node *doc;
	int got = -1;

	while (in && (got = reader_next(in, w->a, &doc)) > 0)
		if (kube_flatten(w->a, doc, is_crd, &w->found) || kube_schemas_add_crd(w->kube, w->diag, doc))
			return -1;
	if (in)
		reader_close(in);
	return got;
}

static bool is_manifest(const char *name)
{
	str s = str_of(name);

	return name[0] != '.' && (str_ends(s, S(".yaml")) || str_ends(s, S(".yml")) || str_ends(s, S(".json")));
}

static int add_path(struct load *w, const char *path, int depth)
{
	struct dirent **names;
	struct stat st;
	int bad = 0;

	if (strcmp(path, "-") == 0 || stat(path, &st) || !S_ISDIR(st.st_mode))
		return add_file(w, path);
	int n = scandir(path, &names, NULL, alphasort);
	if (n < 0)
		return diag_sys(w->diag, "read", path);
	for (int i = 0; i < n; i++) {
		const char *child = str_printf(w->a, "%s/%s", path, names[i]->d_name).p;
		if (!bad && names[i]->d_name[0] != '.' && !stat(child, &st)) {
			if (S_ISDIR(st.st_mode) && depth < 32)
				bad = add_path(w, child, depth + 1);
			else if (is_manifest(names[i]->d_name))
				bad = add_file(w, child);
		}
		free(names[i]);
	}
	free(names);
	return bad;
}

int objects_add_crds(struct arena *a, struct diag *d, struct kube_schemas *k, const struct read_options *read, const char *path)
{
	struct load w = { a, d, k, read, false };

	if (add_path(&w, path, 0))
		return -1;
	if (!w.found)
		diag_at(d, SEV_WARNING, IN_FILE(file_label(path)), "nothing-matched", "there is no CustomResourceDefinition in this");
	return 0;
}
