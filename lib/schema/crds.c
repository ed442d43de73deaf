/* SPDX-License-Identifier: MIT */
/* CustomResourceDefinitions from files and folders. */
#include "schema/schema.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
